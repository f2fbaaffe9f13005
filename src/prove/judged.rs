//! What a run came to, criterion by criterion, as a trial keeps it.

use crate::record::{RunState, Severity, StepId, Verdict, event::Judgement};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One criterion, or a step as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Judged {
    /// Number of the step that was judged.
    pub step: StepId,
    /// The criterion as it is written; none for what the step as a whole came to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criterion: Option<String>,
    /// Its place in the step, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// How much its failure weighs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Verdict of the criterion or the step.
    pub verdict: Verdict,
    /// Why the verdict is what it is, in a sentence.
    pub reason: String,
}

/// Everything that the latest attempts of a run were judged by, steps and their criteria in order.
pub(super) fn all(state: &RunState) -> Vec<Judged> {
    let mut judged = Vec::new();
    for (step, status) in &state.steps {
        let Some(attempt) = status.latest() else { continue };
        judged.extend(attempt.judgements.iter().map(|judgement| Judged {
            step: *step,
            criterion: Some(judgement.text.clone()),
            index: Some(judgement.index),
            severity: Some(judgement.severity),
            verdict: of(judgement),
            reason: judgement.reason.to_string(),
        }));
        if let Some(verdict) = attempt.verdict {
            judged.push(Judged {
                step: *step,
                criterion: None,
                index: None,
                severity: None,
                verdict,
                reason: attempt.reason.to_string(),
            });
        }
    }
    judged
}

/// What a criterion came to. One that only warns, and had nothing to judge, has noticed nothing.
fn of(judgement: &Judgement) -> Verdict {
    match judgement.verdict {
        Verdict::Warn if !judgement.is_judged() => Verdict::Inconclusive,
        verdict => verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Said, said::Entry};

    /// By its name; the criteria have the words.
    static NOT_JUDGED: Entry = Entry { id: "criterion.not_judged", en: "", fr: "", args: &[] };

    #[test]
    fn a_warning_for_want_of_evidence_is_no_warning() {
        let judgement = |verdict, reason| Judgement {
            index: 0,
            text: String::new(),
            severity: Severity::Warn,
            verdict,
            observed: None,
            limit: None,
            reason,
        };
        let of = |verdict, reason| super::of(&judgement(verdict, reason));
        assert_eq!(of(Verdict::Warn, Said::new(&NOT_JUDGED, [])), Verdict::Inconclusive);
        assert_eq!(of(Verdict::Warn, Said::verbatim("does not hold")), Verdict::Warn);
        assert_eq!(of(Verdict::Pass, Said::default()), Verdict::Pass);
    }
}
