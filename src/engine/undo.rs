//! Undoes what actions did to the platform and did not undo themselves, before anything else happens.

use super::{Engine, EngineError, execute, messages};
use crate::record::{
    ActionId, Artifact, Attempt, Event, Said, StepId, Undo,
    event::{ActionResult, Note, NoteKind},
};

impl Engine<'_> {
    /// Ends the processes that a killed run left: what they do would come after the undo.
    pub(super) async fn end_what_lives(&mut self) -> Result<(), EngineError> {
        let names = self.recorder.children().end_what_is_left().await;
        if !names.is_empty() {
            let text = messages::ended_what_was_left(names.join(", "));
            let note = Note::new(NoteKind::Observation, Note::JALON, text);
            self.recorder.commit([Event::NoteAdded(note)])?;
        }
        Ok(())
    }

    /// Undoes every change that stands, of any attempt of one step or of all; one that cannot be undone stops the run.
    pub(super) async fn undo_what_stands(&mut self, only: Option<StepId>) -> Result<(), EngineError> {
        let standing = self.standing(only);
        if !standing.is_empty() {
            self.recorder.sync()?;
        }
        // The latest change is undone first.
        for (step, attempt, action, undo) in standing.into_iter().rev() {
            let (failure, artifacts) = self.undo(step, attempt, &action, &undo, true).await;
            let stored = artifacts.into_iter().map(|artifact| Event::ArtifactStored {
                step,
                attempt,
                action: action.clone(),
                artifact,
            });
            let undone =
                Event::ActionUndone { step, attempt, action: action.clone(), failure: failure.clone() };
            self.recorder.commit(stored.chain([undone]))?;
            if let Some(cause) = failure {
                return Err(EngineError::NotUndone { step, action, cause });
            }
        }
        Ok(())
    }

    fn standing(&self, only: Option<StepId>) -> Vec<(StepId, Attempt, ActionId, Undo)> {
        let standing = self.recorder.state().to_undo();
        standing
            .filter(|(step, ..)| only.is_none_or(|only| only == *step))
            .filter_map(|(step, attempt, a)| Some((step, attempt, a.action.clone(), a.undo.clone()?)))
            .collect()
    }

    /// Takes back what stands when the journal can no longer be written: a disk that is full must not leave a platform
    /// broken. It is not recorded, so a resume does it again. The answer is what could not be undone, and why.
    pub(super) async fn undo_unrecorded(&self) -> Vec<Said> {
        let mut left = Vec::new();
        for (step, attempt, action, undo) in self.standing(None).into_iter().rev() {
            if let (Some(cause), _) = self.undo(step, attempt, &action, &undo, false).await {
                left.push(messages::not_undone_either(action.as_str(), step.0, cause));
            }
        }
        left
    }

    /// A folder for an undo. What an earlier try left on record stays as it is.
    fn undo_folder(&self, step: StepId, attempt: Attempt, action: &ActionId) -> String {
        let first = format!("{}-undo", crate::store::RunDir::action(step, attempt, action));
        let status = self.recorder.state().steps.get(&step);
        let attempt = status.and_then(|s| s.attempts.iter().find(|a| a.attempt == attempt));
        let stored = attempt.and_then(|a| a.action(action)).map_or(&[][..], |a| a.artifacts.as_slice());
        let free = |folder: &String| !stored.iter().any(|a| a.path.starts_with(&format!("{folder}/")));
        let more = (2..=stored.len() + 1).map(|number| format!("{first}-{number}"));
        std::iter::once(first.clone()).chain(more).find(free).unwrap_or(first)
    }

    /// Runs one undo, with or without artifacts; the answer is why it failed, and what it stored.
    async fn undo(
        &self,
        step: StepId,
        attempt: Attempt,
        action: &ActionId,
        undo: &Undo,
        keep: bool,
    ) -> (Option<Said>, Vec<Artifact>) {
        let none = Vec::new();
        let Some(kind) = crate::action::kind(&undo.kind) else {
            return (Some(messages::unknown_kind(&undo.kind)), none);
        };
        let parsed = match (kind.parse)(&undo.params) {
            Ok(parsed) => parsed,
            Err(error) => return (Some(messages::parameters_refused(&error)), none),
        };
        let folder = self.undo_folder(step, attempt, action);
        let mut cx = self.context(step, attempt, action.clone(), &folder);
        cx.sampling = !keep;
        let limit = parsed.time_limit();
        // A stop that was asked for does not stop an undo: it has a token of its own.
        let executed = execute::execute(parsed, cx, limit, super::Stop::default()).await;
        match executed.result {
            ActionResult::Done(_) => (None, executed.artifacts),
            ActionResult::Failed { message, .. } => (Some(message), executed.artifacts),
        }
    }
}
