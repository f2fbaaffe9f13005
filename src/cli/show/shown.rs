//! [`Shown`]: what a run holds of one step, and the words that all of its views share.

use crate::{
    cli::output::LANGUAGE,
    record::{
        RunId, RunState, StepId, StepState,
        state::{AttemptStatus, StepStatus},
    },
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
}

/// The word of an attempt: its verdict, or how it stands without one.
pub(super) fn word(shown: &Shown<'_>, attempt: &AttemptStatus) -> &'static str {
    let latest = shown.status.latest().is_some_and(|l| l.attempt == attempt.attempt);
    let without = if latest { shown.word } else { StepState::Interrupted };
    attempt.verdict.map_or_else(|| LANGUAGE.state(without), |v| LANGUAGE.verdict(v))
}

/// A moment where the reader is, to the second.
pub(super) fn moment(at: Timestamp) -> String {
    LANGUAGE.moment(at, &jiff::tz::TimeZone::system())
}

/// The step's number, as a path begins.
pub(super) fn id(shown: &Shown<'_>) -> StepId {
    shown.status.outline.step
}
