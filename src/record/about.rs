//! Which step, which attempt and which files an [`Event`] is about.

use super::{Artifact, Attempt, Event, StepId};

impl Event {
    /// The step that it is about.
    pub fn step(&self) -> Option<StepId> {
        match self {
            Self::ActionFinished { step, .. }
            | Self::ActionKept { step, .. }
            | Self::ActionPassedOver { step, .. }
            | Self::ActionRetried { step, .. }
            | Self::ActionStarted { step, .. }
            | Self::ActionUndone { step, .. }
            | Self::AnswerGiven { step, .. }
            | Self::ApprovalGiven { step, .. }
            | Self::ApprovalRequested { step, .. }
            | Self::ArtifactStored { step, .. }
            | Self::CriterionJudged { step, .. }
            | Self::CriterionPassedOver { step, .. }
            | Self::DecisionSigned { step, .. }
            | Self::QuestionAsked { step, .. }
            | Self::StepFinished { step, .. }
            | Self::StepNotApplicable { step, .. }
            | Self::StepReset { step, .. }
            | Self::StepSkipped { step, .. }
            | Self::StepStarted { step, .. }
            | Self::StepWaived { step, .. }
            | Self::WatchFinished { step, .. }
            | Self::WatchKept { step, .. } => Some(*step),
            Self::ImportAdded(import) => import.step,
            Self::NoteAdded(note) => note.step,
            Self::ImportWithdrawn(_)
            | Self::NoticeSent { .. }
            | Self::RunFinished { .. }
            | Self::RunResumed { .. }
            | Self::RunStarted(_)
            | Self::SnapshotTaken { .. } => None,
        }
    }

    /// The files in the run's folder that it names: those that must be there from then on.
    pub fn artifacts(&self) -> Vec<&Artifact> {
        match self {
            Self::ArtifactStored { artifact, .. } => vec![artifact],
            Self::ImportAdded(import) => vec![&import.source, &import.reading],
            Self::SnapshotTaken { artifacts, .. } => artifacts.iter().collect(),
            Self::RunResumed { plan, .. } => plan.kept.iter().collect(),
            Self::RunStarted(header) => header.plan.kept.iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The attempt that it is about.
    pub fn attempt(&self) -> Option<Attempt> {
        match self {
            Self::ActionFinished { attempt, .. }
            | Self::ActionKept { attempt, .. }
            | Self::ActionPassedOver { attempt, .. }
            | Self::ActionRetried { attempt, .. }
            | Self::ActionStarted { attempt, .. }
            | Self::ActionUndone { attempt, .. }
            | Self::ApprovalRequested { attempt, .. }
            | Self::ArtifactStored { attempt, .. }
            | Self::CriterionJudged { attempt, .. }
            | Self::CriterionPassedOver { attempt, .. }
            | Self::StepFinished { attempt, .. }
            | Self::StepStarted { attempt, .. }
            | Self::WatchFinished { attempt, .. }
            | Self::WatchKept { attempt, .. } => Some(*attempt),
            _ => None,
        }
    }

    /// Whether a person decided it, who may have signed it.
    pub fn is_decision(&self) -> bool {
        matches!(
            self,
            Self::AnswerGiven { .. }
                | Self::ApprovalGiven { .. }
                | Self::StepSkipped { .. }
                | Self::StepWaived { .. }
        )
    }
}
