//! [`Shown`]: what a run holds of one step, and the words that all of its views share.

use crate::{
    record::{
        Language, RunId, RunState, Said, StepId, StepState,
        state::{AttemptStatus, StepStatus},
    },
    report,
};
use jiff::Timestamp;

/// What a run holds of one step.
pub(super) struct Shown<'a> {
    pub(super) run: &'a RunId,
    pub(super) state: &'a RunState,
    pub(super) status: &'a StepStatus,
    /// The state of the step as shown.
    pub(super) word: StepState,
    pub(super) now: Timestamp,
    /// The language of everything but names and the plan's own texts.
    pub(super) language: Language,
}

impl Shown<'_> {
    /// The step's number, as a path begins.
    pub(super) fn id(&self) -> StepId {
        self.status.outline.step
    }

    /// The word of an attempt: its verdict, or how it stands without one.
    pub(super) fn word(&self, attempt: &AttemptStatus) -> &'static str {
        let latest = self.status.latest().is_some_and(|l| l.attempt == attempt.attempt);
        let without = if latest { self.word } else { StepState::Interrupted };
        attempt.verdict.map_or_else(|| self.language.state(without), |v| self.language.verdict(v))
    }

    /// A moment where the reader is, to the second.
    pub(super) fn moment(&self, at: Timestamp) -> String {
        self.language.moment(at, &jiff::tz::TimeZone::system())
    }

    /// A sentence in lines that fit, all but the first further to the right.
    pub(super) fn lines(&self, said: &Said, indent: usize) -> String {
        report::wrap(&said.in_language(self.language), report::WIDTH, indent)
    }
}
