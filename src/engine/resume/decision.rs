//! What happens to a step and to each of its actions when a run goes on, as data and as sentences.

use super::reason::{Reason, Unlike};
use crate::record::{
    ActionId, Attempt, Said, Speaks, StepId, StepState, changes::ValueChange, display_by_said, messages,
};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// What happens to one step when its run goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// Its criteria are judged again on the evidence of its actions, which are kept.
    JudgedAgain,
    /// Its outcome stands, and nothing of it runs.
    Kept,
    /// It is done, for the first time or after an attempt that came to no good end.
    Runs,
    /// It has an outcome, and is done again all the same.
    RunsAgain,
}

/// What happens to one step, why, and what that means for each of its actions.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StepDecision {
    /// Number of the step in the plan.
    pub step: StepId,
    /// State of the step before the run continues.
    pub state: StepState,
    /// What happens to the step when the run continues.
    pub fate: Fate,
    /// Reasons of the decision, as `--explain` shows them.
    pub why: Vec<Reason>,
    /// The attempt that it rests on, where there is one.
    pub attempt: Option<Attempt>,
    /// Its actions, where an earlier attempt had begun.
    pub actions: Vec<ActionDecision>,
}

/// Every decision, by step.
pub type Decisions = BTreeMap<StepId, StepDecision>;

impl StepDecision {
    /// The reasons in one sentence.
    pub fn sentence(&self) -> Said {
        Said::all(self.why.iter().map(Speaks::said))
    }

    /// The attempt that an action is kept from.
    pub fn kept(&self, action: &ActionId) -> Option<Attempt> {
        self.actions.iter().find(|a| a.action == *action)?.kept
    }
}

/// Whether an operator asks for a step that is done again for these reasons: by its number, or with the step that it needs
/// and everything behind that one.
pub(super) fn is_wanted(why: &[Reason], decisions: &Decisions) -> bool {
    why.iter().any(|reason| match reason {
        Reason::Asked { .. } => true,
        Reason::Need { step } => decisions.get(step).is_some_and(|d| is_wanted(&d.why, decisions)),
        _ => false,
    })
}

/// What happens to one action.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ActionDecision {
    /// Name of the action in the step.
    pub action: ActionId,
    /// Kind of the action, such as `produce`.
    pub kind: &'static str,
    /// The attempt that did the work, where it is kept.
    pub kept: Option<Attempt>,
    /// Why it is kept or done again.
    pub why: ActionReason,
    /// What it did to the platform in an earlier attempt and does again, if anything.
    pub effect: Option<EffectAgain>,
}

/// How an effect that an earlier attempt had comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EffectAgain {
    /// An operator is asked first.
    Asked,
    /// Without a question: its kind may be repeated, or an operator asked for it.
    Repeated,
}

/// What is done about an action that had started and not finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InDoubt {
    /// An operator says whether it may be done again.
    Ask,
    /// It runs again in the new attempt.
    Rerun,
    /// What it did to the platform is undone, before anything else.
    UndoFirst,
    /// It reads the real state and changes only what differs.
    Verify,
}

/// Why an action is kept or done again.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum ActionReason {
    /// An action before it is done again.
    After {
        /// Name of the action that is done again.
        action: ActionId,
    },
    /// The operator asks for it.
    Asked,
    /// An artifact of it is not what was stored.
    Evidence(Unlike),
    /// It could not be carried out.
    Failed {
        /// Message of the failure.
        message: Said,
    },
    /// It came to its end, and its kind and parameters are unchanged.
    Finished,
    /// It had started and not finished.
    InDoubt {
        /// What its kind asks for in that case.
        then: InDoubt,
    },
    /// It is of another kind now.
    Kind {
        /// The kind that it was of.
        old: String,
    },
    /// A criterion that looks at it did not hold.
    NotHeld {
        /// The criterion, as written in the step file.
        criterion: String,
    },
    /// The earlier attempt did not reach it.
    NotReached,
    /// Its parameters changed.
    Params {
        /// Each parameter that changed, with both values.
        changes: Vec<ValueChange>,
    },
    /// It prepares what an action uses that is done again.
    Prepares {
        /// Name of the action that uses what it prepares.
        action: ActionId,
        /// The topic or connector that both work on.
        what: String,
    },
    /// A secret in its parameters cannot be compared, and its step file changed.
    Secret,
    /// Its parameters cannot be known.
    Unknown {
        /// Why the parameters cannot be resolved before the step runs.
        message: Said,
    },
    /// The watches of the step must look on from the first action to the last.
    Watched,
    /// Nothing of the step is kept.
    WholeStep,
}

impl Speaks for ActionReason {
    fn said(&self) -> Said {
        match self {
            Self::After { action } => after(action.as_str()),
            Self::Asked => asked_for(),
            Self::Evidence(unlike) => unlike.said(),
            Self::Failed { message } => message.clone(),
            Self::Unknown { message } => message.clone(),
            Self::Finished => finished(),
            Self::InDoubt { then: InDoubt::Ask } => doubt_asks(),
            Self::InDoubt { then: InDoubt::Rerun } => doubt(),
            Self::InDoubt { then: InDoubt::UndoFirst } => doubt_undoes(),
            Self::InDoubt { then: InDoubt::Verify } => doubt_verifies(),
            Self::Kind { old } => other_kind(old),
            Self::NotHeld { criterion } => not_held_by(criterion),
            Self::NotReached => not_reached(),
            Self::Params { changes } => Said::all(changes.iter().map(Speaks::said)),
            Self::Prepares { action, what } => prepares(what, action.as_str()),
            Self::Secret => secret(),
            Self::Watched => watched(),
            Self::WholeStep => whole_step(),
        }
    }
}

display_by_said!(ActionReason);

messages! {
    area "action again";
    after(action) => "after `{action}`, which runs again" / "après `{action}`, qui est refaite";
    asked_for() => "it was asked for" / "c'est demandé";
    doubt() => "it had started and not finished" / "elle avait commencé sans se terminer";
    doubt_asks() => "it had started and not finished; an operator is asked first" / "elle avait commencé sans se terminer ; un opérateur est d'abord interrogé";
    doubt_undoes() => "it had started and not finished; what it did is undone first" / "elle avait commencé sans se terminer ; ce qu'elle a fait est d'abord annulé";
    doubt_verifies() => "it had started and not finished; it reads the real state first" / "elle avait commencé sans se terminer ; elle lit d'abord l'état réel";
    finished() => "it finished, its kind and parameters are unchanged" / "elle est terminée, son genre et ses paramètres sont inchangés";
    not_held_by(criterion) => "did not hold: {criterion}" / "non respecté : {criterion}";
    not_reached() => "the earlier attempt did not reach it" / "la tentative précédente ne l'a pas atteinte";
    other_kind(old) => "it was of the kind `{old}`" / "elle était du genre `{old}`";
    prepares(what, action) => "it prepares {what}, which `{action}` uses again" / "elle prépare {what}, que `{action}` utilise de nouveau";
    secret() => "a secret in its parameters cannot be compared" / "un secret de ses paramètres ne peut pas être comparé";
    watched() => "the watches must sample from the first action to the last" / "les surveillances doivent couvrir de la première action à la dernière";
    whole_step() => "nothing of the step is kept" / "rien de l'étape n'est conservé";
}
