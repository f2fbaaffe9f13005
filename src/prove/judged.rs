//! What a run came to, criterion by criterion, as a trial keeps it.

use crate::record::{RunState, Severity, StepId, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One criterion, or a step as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Judged {
    /// The step.
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
    /// What it came to.
    pub verdict: Verdict,
    /// Why, in a sentence.
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
            verdict: judgement.verdict,
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
