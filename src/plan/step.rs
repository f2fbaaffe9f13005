//! [`Step`]: one checked step of the plan.

use super::{
    criterion::Criterion,
    matrix::cell::Cell,
    scope::{Lack, Scope},
    source::{Source, Span},
    yaml::Node,
};
use crate::{
    action::{Action, KindInfo},
    expression::{Expression, Outcome},
    record::{
        ActionId, Localized, Said, Severity, StepId,
        event::{Approve, Scenario, StepOutline},
        messages,
    },
};
use serde_json::Value;
use std::{fmt, sync::Arc, time::Duration};

/// A step: only `Plan::compile` makes one.
#[derive(Debug)]
pub struct Step {
    /// Number of the step in the plan.
    pub id: StepId,
    /// Title, by language, as plans and reports show it.
    pub title: Localized,
    /// Why the step is there, by language; empty where the step file does not say.
    pub objective: Localized,
    /// The steps that must have passed before.
    pub needs: Vec<StepId>,
    /// It applies only where this holds.
    pub when: Option<Condition>,
    /// How long it should take in the plan's profile.
    pub estimate: Option<Duration>,
    /// How long its actions may take together.
    pub timeout: Option<Duration>,
    /// Whether it may destroy something on a production platform.
    pub allow_destructive: bool,
    /// Probes that look on while it runs.
    pub watches: Vec<Watch>,
    /// Actions in order; those of one group run together.
    pub groups: Vec<Vec<ActionSpec>>,
    /// Actions that come last, whatever happened before.
    pub clean_up: Vec<Vec<ActionSpec>>,
    /// Criteria of the step, in the order of the step file.
    pub criteria: Vec<Criterion>,
    /// Artifacts that it must leave, as `action/file`.
    pub artifacts: Vec<String>,
    /// The person's go-ahead that it waits for.
    pub approve: Option<Approve>,
    /// The procedure, as Markdown.
    pub prose: String,
    /// The step file, for the place of a mistake.
    pub source: Source,
    /// SHA-256 of its front matter.
    pub fingerprint: String,
    /// Front matter of the step file, as parsed.
    pub front: Node,
}

/// One action as the plan has it, its expressions not yet resolved.
#[derive(Clone)]
pub struct ActionSpec {
    /// Name of the action, unique in its step.
    pub id: ActionId,
    /// Kind in the register, found by the key in the step file.
    pub kind: &'static KindInfo,
    /// Its parameters as written.
    pub params: Value,
    /// Its parameters, typed, as far as they are known.
    pub action: Arc<dyn Action>,
    /// The limit that the step file sets, for each try.
    pub timeout: Option<Duration>,
    /// It is passed over where this does not hold.
    pub when: Option<Condition>,
    /// How often it is tried at most.
    pub attempts: u32,
    /// How long it waits before the second try; twice as long before each further one.
    pub backoff: Duration,
    /// Its cell of the matrix that it comes from.
    pub cell: Option<Arc<Cell>>,
    /// Its place in the step file.
    pub span: Span,
}

/// Whether something applies to a platform: `when:`.
#[derive(Debug, Clone)]
pub struct Condition {
    /// The expression that must be true.
    pub expression: Arc<Expression>,
    /// Its place in the step file.
    pub span: Span,
}

/// A probe that is sampled while the step runs.
#[derive(Debug, Clone)]
pub struct Watch {
    /// The action that is run for each sample.
    pub spec: ActionSpec,
    /// Period at which the probe is sampled.
    pub every: Duration,
}

impl fmt::Debug for ActionSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActionSpec")
            .field("id", &self.id)
            .field("kind", &self.kind.name)
            .finish_non_exhaustive()
    }
}

impl Condition {
    /// Whether it holds, or why that cannot be told.
    pub fn holds(&self, scope: &Scope) -> Result<bool, Said> {
        match scope.judge(&self.expression) {
            Ok((Outcome::Flag(holds), _)) => Ok(holds),
            Ok((other, _)) => Err(not_yes_or_no(format!("{other:?}"))),
            Err(Lack::Nothing(reason) | Lack::NoOther(reason)) => Err(reason),
        }
    }
}

messages! {
    area "when";
    not_yes_or_no(value) => "the result is not a boolean: {value}" / "le résultat n'est pas un booléen : {value}";
}

impl ActionSpec {
    /// Which scenario of which matrix it is.
    pub fn scenario(&self) -> Option<&Scenario> {
        self.cell.as_ref().map(|cell| &cell.scenario)
    }
}

impl Step {
    /// Every action, group after group, those that clean up at the end.
    pub fn actions(&self) -> impl Iterator<Item = &ActionSpec> {
        self.groups.iter().chain(&self.clean_up).flatten()
    }

    /// Whether an action or a watch of it has that id.
    pub fn has(&self, id: &ActionId) -> bool {
        self.actions().chain(self.watches.iter().map(|w| &w.spec)).any(|spec| spec.id == *id)
    }

    /// What the journal keeps of it.
    pub fn outline(&self) -> StepOutline {
        StepOutline {
            step: self.id,
            title: self.title.clone(),
            objective: self.objective.clone(),
            needs: self.needs.clone(),
            estimate_s: self.estimate.map(|e| e.as_secs()),
            fingerprint: self.fingerprint.clone(),
            criteria: self.criteria.iter().map(Criterion::outline).collect(),
            artifacts: self.artifacts.clone(),
            approve: self.approve.clone(),
            file: self.source.path.display().to_string(),
            basis: None,
        }
    }

    /// Whether a failed criterion of it forbids a waiver.
    pub fn has_must(&self) -> bool {
        self.criteria.iter().any(|c| c.must && c.severity == Severity::Critical)
    }
}
