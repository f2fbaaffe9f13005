//! Takes back what actions did to the platform and did not take back themselves, before anything else happens.

use super::{Engine, Error, execute};
use crate::record::{ActionId, Attempt, Event, StepId, Undo, event::ActionResult};

impl Engine<'_> {
    /// Undoes every change that stands, of any step and attempt; one that cannot be undone stops the run.
    pub(super) async fn undo_what_stands(&mut self) -> Result<(), Error> {
        let standing: Vec<(StepId, Attempt, ActionId, Undo)> = self
            .recorder
            .state()
            .steps
            .iter()
            .flat_map(|(id, status)| status.attempts.iter().map(|a| (*id, a)))
            .flat_map(|(id, attempt)| {
                attempt
                    .to_undo()
                    .filter_map(move |a| Some((id, attempt.attempt, a.action.clone(), a.undo.clone()?)))
            })
            .collect();
        // The latest change is taken back first.
        for (step, attempt, action, undo) in standing.into_iter().rev() {
            let failure = self.undo(step, attempt, &action, &undo).await;
            self.recorder.commit([Event::ActionUndone {
                step,
                attempt,
                action: action.clone(),
                failure: failure.clone(),
            }])?;
            if let Some(cause) = failure {
                return Err(Error::NotUndone { step, action, cause });
            }
        }
        Ok(())
    }

    /// Runs one undo; the answer is why it failed.
    async fn undo(&self, step: StepId, attempt: Attempt, action: &ActionId, undo: &Undo) -> Option<String> {
        let Some(kind) = crate::action::kind(&undo.kind) else {
            return Some(format!("there is no action kind `{}`", undo.kind));
        };
        let parsed = match (kind.parse)(&undo.params) {
            Ok(parsed) => parsed,
            Err(error) => return Some(error.to_string()),
        };
        let folder = format!("{}-undo", crate::store::RunDir::action(step, attempt, action));
        let cx = self.context(step, attempt, action.clone(), &folder);
        let limit = parsed.time_limit();
        // A stop that was asked for does not stop an undo: it has a token of its own.
        match execute::execute(parsed, cx, limit, super::Stop::default()).await.result {
            ActionResult::Done(_) => None,
            ActionResult::Failed { message, .. } => Some(message),
        }
    }
}
