//! Asks an operator about what only an operator may have done again, before the step that would do it.

use super::{Engine, EngineError, messages, resume, settled::Settled, step::applies};
use crate::{
    plan::Step,
    record::{Event, Said, StepId, Verdict},
};

impl Engine<'_> {
    /// Whether the step may be carried out again: an operator says so of every action that must not be repeated without
    /// a question. A question that nobody answers is put on record; a step with an action that must not be repeated ends
    /// in an error.
    pub(super) async fn settle_doubts(&mut self, step: &Step) -> Result<Settled, EngineError> {
        let mut settled = Settled::Yes;
        let open = resume::Questions::of(self.plan, self.recorder.state(), &self.decisions).before(step);
        for resume::Question { action, question, answer } in open {
            // What does not apply will not be done, whatever the answer.
            let spec = step.actions().find(|spec| spec.id == action);
            if let Some(spec) = spec.filter(|spec| spec.when.is_some())
                && matches!(applies(spec, &self.scope(step)), Ok(Some(_)))
            {
                continue;
            }
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
}
