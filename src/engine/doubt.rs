//! What only an operator may have done again: actions in doubt, which had started and not finished when their run ended,
//! and finished ones whose step runs again.

use super::{
    Engine, EngineError, journalled, messages,
    resume::{self, ActionReason, EffectAgain},
    settled::Settled,
};
use crate::{
    action::OnInterrupt,
    plan::{ActionSpec, Step, template},
    record::{
        ActionId, Answer, Event, Said, Speaks, StepId, Verdict,
        state::{ActionStatus, AttemptStatus},
    },
    support::redact,
};

impl Engine<'_> {
    /// Whether the step may be carried out again: an operator says so of every action that must not be repeated without
    /// a question. A question that nobody answers is put on record; a step with an action that must not be repeated ends
    /// in an error.
    pub(super) async fn settle_doubts(&mut self, step: &Step) -> Result<Settled, EngineError> {
        let mut settled = Settled::Yes;
        for (action, question, answer) in self.questions(step) {
            self.recorder.sync()?;
            let id = step.id;
            let answer = match answer {
                Some(answer) => answer,
                None => match self.operator.ask(&question).await {
                    Some(answer) => {
                        let (action, answer) = (action.clone(), answer.clone());
                        self.recorder.commit([Event::AnswerGiven {
                            step: id,
                            action,
                            answer: answer.clone(),
                        }])?;
                        answer
                    }
                    None => {
                        self.recorder.commit([Event::QuestionAsked { step: id, action, question }])?;
                        settled = Settled::Waiting;
                        continue;
                    }
                },
            };
            if !answer.yes {
                let reason = messages::again_refused(action.as_str(), &answer.by);
                return self.end_refused(id, reason).map(|()| Settled::Refused);
            }
        }
        Ok(settled)
    }

    /// Ends a step because an action of it must not be done again; once.
    fn end_refused(&mut self, step: StepId, reason: Said) -> Result<(), EngineError> {
        let told = self.recorder.state().steps.get(&step).and_then(|s| s.latest()).map(|a| &a.reason);
        if told != Some(&reason) {
            let attempt = self.next_attempt(step);
            self.recorder.commit([
                Event::StepStarted { step, attempt },
                Event::StepFinished { step, attempt, verdict: Verdict::Error, reason },
            ])?;
        }
        Ok(())
    }

    /// The actions that must not be done again without a question, each with its question and what was answered, unless
    /// that was yes. Where an operator asks for the step, that is the answer.
    fn questions(&self, step: &Step) -> Vec<(ActionId, Said, Option<Answer>)> {
        let decision = self.decisions.get(&step.id);
        if decision.is_some_and(|decision| resume::is_wanted(&decision.why, &self.decisions)) {
            return Vec::new();
        }
        let Some(status) = self.recorder.state().steps.get(&step.id) else { return Vec::new() };
        let renamed = self.renamed(step).into_iter().map(|(action, question)| {
            let answer = status.answers.get(&action).and_then(|given| given.last());
            (action, question, answer.map(|(_, answer)| answer.clone()))
        });
        // The attempt that did something; a refusal stands behind it.
        let at_work = status.attempts.iter().rev().find(|a| !a.is_idle() && !a.actions.is_empty());
        let again = at_work.into_iter().flat_map(|attempt| {
            self.again(step, attempt).into_iter().map(|(action, question)| {
                let answer = status.answers_since(attempt, &action).last().cloned();
                (action, question, answer)
            })
        });
        let open = renamed.chain(again);
        open.filter(|(.., answer)| answer.as_ref().is_none_or(|answer| !answer.yes)).collect()
    }

    /// What `attempt` did and must not be done again without a question, each with the question.
    fn again(&self, step: &Step, attempt: &AttemptStatus) -> Vec<(ActionId, Said)> {
        let decision = self.decisions.get(&step.id);
        let mut questions: Vec<(ActionId, Said)> = in_doubt(attempt)
            .map(|a| (a.action.clone(), messages::again_in_doubt(a.action.as_str(), step.id.0)))
            .collect();
        let decided =
            decision.into_iter().flat_map(|decision| decision.actions.iter().map(move |a| (decision, a)));
        for (step_decision, decision) in decided.filter(|(_, d)| d.effect == Some(EffectAgain::Asked)) {
            if !questions.iter().any(|(action, _)| *action == decision.action) {
                let why = match decision.why {
                    ActionReason::WholeStep => step_decision.sentence(),
                    _ => decision.why.said(),
                };
                let action = decision.action.clone();
                let question = match decision.why {
                    ActionReason::Failed { .. } => messages::again_failed(action.as_str(), step.id.0, why),
                    _ => messages::again_finished(action.as_str(), step.id.0, why),
                };
                questions.push((action, question));
            }
        }
        questions
    }

    /// Actions that this run did under another name, or in a step of another number, which the plan has no more: to give
    /// a thing a new name does not undo it.
    fn renamed(&self, step: &Step) -> Vec<(ActionId, Said)> {
        let state = self.recorder.state();
        let own = state.steps.get(&step.id);
        let was_here = |id: &ActionId| own.is_some_and(|s| s.attempts.iter().any(|a| a.action(id).is_some()));
        let in_plan = |step: StepId, id: &ActionId| {
            self.plan.graph.step(step).is_some_and(|step| step.actions().any(|spec| spec.id == *id))
        };
        let asks = |spec: &&ActionSpec| spec.action.on_interrupt() == OnInterrupt::Ask;
        let new: Vec<&ActionSpec> = step.actions().filter(asks).filter(|s| !was_here(&s.id)).collect();
        let mut found = Vec::new();
        if new.is_empty() {
            return found;
        }
        let names = template::Names::new(&serde_json::Map::clone(&self.plan.fixed).into());
        for spec in new {
            let Ok(mut params) = template::resolve(&spec.params, &names) else { continue };
            redact::mask_record(&mut params);
            let done = state.steps.iter().flat_map(|(id, status)| {
                status.attempts.iter().flat_map(move |attempt| attempt.actions.iter().map(move |a| (*id, a)))
            });
            let twin = done.into_iter().find(|(id, done)| {
                done.kind == spec.kind.name
                    && done.params == params
                    && done.undo.is_none()
                    && !in_plan(*id, &done.action)
                    && journalled::action(done).is_some_and(|a| a.on_interrupt() == OnInterrupt::Ask)
            });
            if let Some((id, done)) = twin {
                let (old, new) = (done.action.as_str(), spec.id.as_str());
                found.push((spec.id.clone(), messages::again_renamed(new, step.id.0, old, id.0)));
            }
        }
        found
    }
}

/// Actions that had started and not finished, and that only an operator may repeat.
fn in_doubt(attempt: &AttemptStatus) -> impl Iterator<Item = &ActionStatus> {
    attempt.actions.iter().filter(|status| {
        status.result.is_none()
            && status.undo.is_none()
            && journalled::action(status).is_none_or(|action| action.on_interrupt() == OnInterrupt::Ask)
    })
}
