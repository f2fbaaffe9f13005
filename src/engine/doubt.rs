//! What only an operator may have done again: actions in doubt, which had started and not finished when their run ended,
//! and finished ones whose step runs again.

use super::{Engine, Error, messages, resume::EffectAgain};
use crate::{
    action::{Action, OnInterrupt},
    plan::Step,
    record::{
        ActionId, Event, Said, Speaks,
        state::{ActionStatus, AttemptStatus},
    },
};
use std::sync::Arc;

impl Engine<'_> {
    /// Whether the step may be carried out again: an operator says so of every action that must not be repeated without
    /// a question. A question that nobody answers is put on record.
    pub(super) async fn settle_doubts(&mut self, step: &Step) -> Result<bool, Error> {
        let mut settled = true;
        for (action, question) in self.questions(step) {
            self.recorder.sync()?;
            let answer = self.operator.ask(&question).await;
            let step = step.id;
            settled &= answer.as_ref().is_some_and(|answer| answer.yes);
            self.recorder.commit([match answer {
                Some(answer) => Event::AnswerGiven { step, action, answer },
                None => Event::QuestionAsked { step, action, question },
            }])?;
        }
        Ok(settled)
    }

    /// The actions that must not be done again without a question, each with its question.
    fn questions(&self, step: &Step) -> Vec<(ActionId, Said)> {
        let Some(status) = self.recorder.state().steps.get(&step.id) else { return Vec::new() };
        let Some(attempt) = status.latest_at_work() else { return Vec::new() };
        let mut questions: Vec<(ActionId, Said)> = in_doubt(attempt)
            .map(|a| (a.action.clone(), messages::again_in_doubt(a.action.as_str(), step.id.0)))
            .collect();
        let decided = self.decisions.get(&step.id).into_iter().flat_map(|decision| &decision.actions);
        for decision in decided.filter(|d| d.effect == Some(EffectAgain::Asked)) {
            if !questions.iter().any(|(action, _)| *action == decision.action) {
                let (action, why) = (decision.action.clone(), decision.why.said());
                let question = messages::again_finished(action.as_str(), step.id.0, why);
                questions.push((action, question));
            }
        }
        questions.retain(|(action, _)| {
            status.answers_since(attempt, action).last().is_none_or(|answer| !answer.yes)
        });
        questions
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
