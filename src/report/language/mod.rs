//! The words of reports in each [`Language`].

pub(super) mod reasons;
mod words;

pub use crate::record::Language;
pub(super) use words::Word;

use crate::record::{StepState, Verdict, event::Outcome};

impl Language {
    /// The word or sentence of that key.
    pub fn word(self, key: Word) -> &'static str {
        words::get(self, key)
    }

    /// The sentence of that key with its `{name}` places filled.
    pub fn fill(self, key: Word, places: &[(&str, &str)]) -> String {
        let mut rest = self.word(key);
        let mut filled = String::new();
        // One pass, so that a value that holds `{name}` itself is left alone.
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, after)) = after.split_once('}') else { break };
            filled.push_str(places.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value));
            rest = after;
        }
        filled + rest
    }

    /// The word of a step's state.
    pub fn state(self, state: StepState) -> &'static str {
        match self {
            Self::En => state.word(),
            Self::Fr => self.word(match state {
                StepState::Locked => Word::StateLocked,
                StepState::Ready => Word::StateReady,
                StepState::Running => Word::StateRunning,
                StepState::AwaitingApproval => Word::StateAwaitingApproval,
                StepState::Passed => Word::StatePassed,
                StepState::Failed => Word::StateFailed,
                StepState::Inconclusive => Word::StateInconclusive,
                StepState::Error => Word::StateError,
                StepState::Interrupted => Word::StateInterrupted,
                StepState::Waived => Word::StateWaived,
                StepState::Skipped => Word::StateSkipped,
                StepState::NotApplicable => Word::StateNotApplicable,
            }),
        }
    }

    /// The word of a verdict.
    pub fn verdict(self, verdict: Verdict) -> &'static str {
        match self {
            Self::En => verdict.word(),
            Self::Fr => self.word(match verdict {
                Verdict::Pass => Word::VerdictPass,
                Verdict::Warn => Word::VerdictWarn,
                Verdict::Inconclusive => Word::VerdictInconclusive,
                Verdict::Fail => Word::VerdictFail,
                Verdict::Error => Word::VerdictError,
            }),
        }
    }

    /// The word of a run's outcome; `None` is a run that goes on.
    pub fn outcome(self, outcome: Option<Outcome>) -> &'static str {
        self.word(match outcome {
            None => Word::RunRunning,
            Some(Outcome::Passed) => Word::RunPassed,
            Some(Outcome::PassedWithExceptions) => Word::RunPassedWithExceptions,
            Some(Outcome::Failed) => Word::RunFailed,
            Some(Outcome::Inconclusive) => Word::RunInconclusive,
            Some(Outcome::Error) => Word::RunError,
            Some(Outcome::Unreachable) => Word::RunUnreachable,
            Some(Outcome::Waiting) => Word::RunWaiting,
            Some(Outcome::Interrupted) => Word::RunInterrupted,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_with_braces_is_left_alone() {
        let filled = Language::En.fill(Word::Kept, &[("action", "{from} {x}"), ("from", "2")]);
        assert!(filled.contains("{from} {x}"), "{filled}");
    }
}
