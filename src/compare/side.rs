//! [`Run`]: one of the two runs, and [`Side`]: one load of it.

use super::model::{Place, RunSide};
use crate::record::{
    ActionId, RunId, RunState, StepId, Value,
    state::{ActionStatus, AttemptStatus},
};
use std::path::Path;

/// A run, and what of it is compared.
#[derive(Debug, Clone)]
pub struct Run<'a> {
    /// Name of the run.
    pub run: &'a RunId,
    /// Folder of the run below `artifacts`.
    pub dir: &'a Path,
    /// What its journal holds.
    pub state: &'a RunState,
    /// An attempt of each step that is compared.
    pub attempts: Vec<(StepId, &'a AttemptStatus)>,
    /// The one action that is compared, where one is.
    pub action: Option<ActionId>,
}

impl<'a> Run<'a> {
    /// The loads that are compared.
    pub(super) fn loads(&self) -> Vec<Side<'a>> {
        let of = |(step, attempt): &(StepId, &'a AttemptStatus)| {
            let (step, attempt) = (*step, *attempt);
            let loads = attempt.actions.iter().filter(|a| is_load(a));
            let side = move |action| Side { run: self.run, dir: self.dir, step, attempt, action };
            loads.map(side).collect::<Vec<_>>()
        };
        let wanted = |side: &Side<'_>| self.action.as_ref().is_none_or(|a| *a == side.action.action);
        self.attempts.iter().flat_map(of).filter(wanted).collect()
    }

    /// What the comparison says of it.
    pub(super) fn outline(&self) -> RunSide {
        let plan = self.state.header.as_ref().map(|h| &h.plan);
        RunSide {
            run: self.run.clone(),
            environment: plan.map(|p| p.environment.clone()),
            profile: plan.map(|p| p.profile.clone()),
            started: self.state.started,
        }
    }
}

/// Whether an action puts load on a cluster and measures it second by second.
pub fn is_load(action: &ActionStatus) -> bool {
    action.declared.is_measured_load()
}

/// One load of a run, with what it is compared by.
#[derive(Debug, Clone)]
pub struct Side<'a> {
    /// Name of the run, its folder below `artifacts/`.
    pub run: &'a RunId,
    /// Folder of the run below `artifacts`.
    pub dir: &'a Path,
    /// Number of the step that has the load.
    pub step: StepId,
    /// Attempt at the step whose load is compared, with its watches and judgements.
    pub attempt: &'a AttemptStatus,
    /// Action that made the load; `is_load` holds for it.
    pub action: &'a ActionStatus,
}

impl Side<'_> {
    pub(super) fn place(&self) -> Place {
        Place {
            step: self.step,
            attempt: self.attempt.attempt,
            verdict: self.attempt.verdict,
            action: self.action.action.clone(),
            kind: self.action.kind.clone(),
        }
    }

    /// The cluster and the topic that it works on.
    pub(super) fn topic(&self) -> Option<(String, String)> {
        let param = |name: &str| Some(self.action.params.get(name)?.as_str()?.to_owned());
        Some((param("cluster")?, param("topic")?))
    }

    pub(super) fn flag(&self, output: &str) -> bool {
        self.action.evidence().and_then(|e| e.get(output)) == Some(&Value::Flag(true))
    }

    pub(super) fn number(&self, output: &str) -> Option<f64> {
        self.action.evidence()?.get(output)?.as_f64()
    }

    pub(super) fn is_unlimited(&self) -> bool {
        self.action.params.get("rate").and_then(|rate| rate.as_str()) == Some("unlimited")
    }

    /// Whether the cluster, or the client, did not take the records as fast as they were due.
    pub(super) fn fell_behind(&self) -> bool {
        self.flag("saturated") && self.number("achieved_ratio").is_some_and(|ratio| ratio < 0.99)
    }
}
