//! Actions in doubt: they had started and not finished when their run ended. Their kind decides what follows.

use super::{Engine, Error};
use crate::{
    action::{Action, OnInterrupt},
    plan::Step,
    record::{
        ActionId, Event,
        state::{ActionStatus, AttemptStatus},
    },
};
use std::sync::Arc;

impl Engine<'_> {
    /// Whether the step may be carried out again: every action in doubt can be repeated, or an operator says so.
    pub(super) async fn settle_doubts(&mut self, step: &Step) -> Result<bool, Error> {
        let Some(status) = self.recorder.state().steps.get(&step.id) else { return Ok(true) };
        let Some(attempt) = status.latest() else { return Ok(true) };
        let open: Vec<ActionId> = in_doubt(attempt)
            .filter(|a| status.answers_since(attempt, &a.action).last().is_none_or(|answer| !answer.yes))
            .map(|a| a.action.clone())
            .collect();
        for action in open {
            self.recorder.sync()?;
            let question = format!(
                "`{action}` of step {} had started when the run ended, and nobody knows how far it came; may it be done again?",
                step.id
            );
            let Some(answer) = self.operator.ask(&question).await else { return Ok(false) };
            let yes = answer.yes;
            self.recorder.commit([Event::AnswerGiven { step: step.id, action, answer }])?;
            if !yes {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Actions that had started and not finished, and that only an operator may repeat.
fn in_doubt(attempt: &AttemptStatus) -> impl Iterator<Item = &ActionStatus> {
    attempt.actions.iter().filter(|status| {
        status.result.is_none()
            && status.undo.is_none()
            && parsed(status).is_none_or(|action| action.on_interrupt() == OnInterrupt::Ask)
    })
}

/// The action as it was journalled.
pub(super) fn parsed(status: &ActionStatus) -> Option<Arc<dyn Action>> {
    crate::action::kind(&status.kind).and_then(|kind| (kind.parse)(&status.params).ok())
}
