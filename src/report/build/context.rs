//! [`Build`]: what the builders of a run's sections share.

use super::{
    input::{Input, RunInput},
    trace::Trace,
};
use crate::{
    record::{
        ActionId, Attempt, RunState, StepId, StepState,
        state::{AttemptStatus, StepStatus},
    },
    report::{
        language::{Language, Word},
        status::shown_state,
    },
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// What the builders of a run's sections share.
pub(super) struct Build<'a> {
    pub(super) input: &'a Input<'a>,
    pub(super) run: RunInput<'a>,
    /// Its place among several runs.
    pub(super) number: Option<usize>,
    /// Steps that it answers for: no later run of the same environment and profile carried them out.
    pub(super) counted: BTreeSet<StepId>,
    /// Whether it answers for anything.
    pub(super) current: bool,
    pub(super) language: Language,
    pub(super) state: &'a RunState,
    pub(super) trace: Trace<'a>,
}

impl Build<'_> {
    /// Whether the figures of an attempt count: it is the last one of its step that came to an end, over all runs, or the
    /// last one where none did.
    pub(super) fn is_counted(&self, step: StepId, attempt: Attempt) -> bool {
        let Some(status) = self.state.steps.get(&step).filter(|_| self.counted.contains(&step)) else {
            return false;
        };
        let ended = status.attempts.iter().rev().find(|a| a.verdict.is_some());
        ended.or_else(|| status.latest()).is_some_and(|last| attempt >= last.attempt)
    }

    /// State of a step as shown.
    pub(super) fn shown(&self, step: StepId) -> StepState {
        shown_state(self.state, step, self.input.now, self.run.live)
    }

    /// A moment as shown.
    pub(super) fn moment(&self, at: Timestamp) -> String {
        self.language.moment(at, &self.input.zone)
    }

    /// Until when something counts: where that is the end of a day, the day.
    pub(super) fn until(&self, at: Timestamp) -> String {
        let there = at.to_zoned(self.input.zone.clone());
        match there.start_of_day().is_ok_and(|start| start == there).then(|| there.date().yesterday().ok()) {
            Some(Some(day)) => self.language.fill(Word::DayInclusive, &[("day", &self.language.day(day))]),
            _ => self.moment(at),
        }
    }

    /// `step 3, Title`, with the run before it where the report is of several.
    pub(super) fn name(&self, status: &StepStatus) -> String {
        let title = status.outline.title.get(self.language.code());
        let name = self
            .language
            .fill(Word::StepNamed, &[("step", &status.outline.step.to_string()), ("title", title)]);
        match self.number {
            None => name,
            Some(number) => format!("{} {number}, {name}", self.language.word(Word::Run)),
        }
    }

    /// A step, with the run before it where the report is of several.
    pub(super) fn place(&self, step: StepId) -> String {
        match self.number {
            None => format!("{} {step}", self.language.word(Word::Step)),
            Some(number) => format!(
                "{} {number}, {} {step}",
                self.language.word(Word::Run),
                self.language.word(Word::Step)
            ),
        }
    }

    /// How the report calls an action: `3.1 nominal`, with the run before it where the report is of several.
    pub(super) fn called(&self, step: StepId, attempt: Attempt, action: &ActionId) -> String {
        match self.number {
            None => format!("{step}.{attempt} {action}"),
            Some(number) => format!("{} {number}, {step}.{attempt} {action}", self.language.word(Word::Run)),
        }
    }

    /// The same in a title: `7 · orders`.
    pub(super) fn titled(&self, step: StepId, action: &ActionId) -> String {
        match self.number {
            None => format!("{step} · {action}"),
            Some(number) => format!("{number}: {step} · {action}"),
        }
    }

    /// Whether something was done at an attempt in the time of the report.
    pub(super) fn is_of_the_time(&self, attempt: &AttemptStatus) -> bool {
        attempt.ended.is_none_or(|ended| self.input.date(ended) >= self.input.from)
    }

    /// How long an attempt took, or has taken where it is in progress; when an interrupted one stopped is not known.
    pub(super) fn took(&self, step: StepId, attempt: &AttemptStatus, latest: bool) -> Option<String> {
        let running = latest && self.shown(step) == StepState::Running;
        let end = attempt.ended.or_else(|| running.then_some(self.input.now))?;
        Some(self.language.between(attempt.started, end))
    }
}
