//! [`Past`]: other runs that a run compares with, the last good one of each step and the one that was named.

use super::{HistoryError, choose};
use crate::{
    plan::{Plan, Step, scope::OTHER_RUNS},
    record::{ActionId, Evidence, RunId, RunState, Said, StepId, messages},
    store::RunDir,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

/// Other runs that a run compares with.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// For each step the last run in this environment, of the same parameters, in which it passed.
    pub previous: BTreeMap<StepId, Remembered>,
    /// The run that was named, by the steps that passed in it.
    pub baseline: BTreeMap<StepId, Remembered>,
}

/// What one step of another run brought.
#[derive(Debug, Clone)]
pub struct Remembered {
    /// Name of the run that the step passed in.
    pub run: RunId,
    /// What a reader must know when figures are compared with it; empty where nothing.
    pub note: Said,
    /// What each action and watch of the step's passed attempt measured, by name.
    pub evidence: BTreeMap<ActionId, Evidence>,
    /// Folder of the run below `artifacts`.
    pub dir: PathBuf,
    /// What the run's journal holds.
    pub state: Arc<RunState>,
}

impl Past {
    /// What `plan` compares with, for the run `current` of it.
    pub fn of(
        campaign: &Path,
        plan: &Plan,
        current: &RunId,
        baseline: Option<&RunId>,
    ) -> Result<Self, HistoryError> {
        let mut past = Self::default();
        let wanted = steps_with(plan, OTHER_RUNS[1]);
        if !wanted.is_empty() {
            past.read_previous(&choose::list(campaign)?, plan, current, &wanted);
        }
        if let Some(name) = baseline {
            past.read_baseline(&choose::list(campaign)?, plan, name)?;
        }
        Ok(past)
    }

    /// The last run of each step that passed in this environment. A run with other sizes or objectives is none to compare
    /// with.
    fn read_previous(&mut self, runs: &[RunDir], plan: &Plan, current: &RunId, wanted: &BTreeSet<StepId>) {
        for run in runs.iter().rev().filter(|r| r.run != *current) {
            // A run that cannot be read has no say; `jalon verify` tells why.
            let Ok((_, state)) = choose::read(run) else { continue };
            let same = state.header.as_ref().is_some_and(|h| {
                h.plan.environment == plan.environment.name
                    && h.plan.parameters_fingerprint == plan.parameters_fingerprint
            });
            let state = Arc::new(state);
            for step in wanted.iter().filter(|_| same) {
                if let Some(seen) = remembered(run, &state, *step, Said::default()) {
                    self.previous.entry(*step).or_insert(seen);
                }
            }
        }
    }

    /// The run that was named, whatever it ran with: what differs is said with every figure.
    fn read_baseline(&mut self, runs: &[RunDir], plan: &Plan, name: &RunId) -> Result<(), HistoryError> {
        let run = runs.iter().find(|r| r.run == *name).ok_or_else(|| HistoryError::UnknownBaseline {
            name: name.clone(),
            known: runs.iter().map(|r| r.run.clone()).collect(),
        })?;
        let state = Arc::new(choose::read(run)?.1);
        let note = differences(plan, &state);
        for step in plan.graph.steps() {
            if let Some(seen) = remembered(run, &state, step.id, note.clone()) {
                self.baseline.insert(step.id, seen);
            }
        }
        Ok(())
    }
}

/// Steps whose criteria or parameters compare with another run.
fn steps_with(plan: &Plan, name: &str) -> BTreeSet<StepId> {
    let text = format!("{name}.");
    let compares = |step: &&Step| {
        let changes = || step.criteria.iter().flat_map(|c| c.expression.changes()).any(|c| c.run == name);
        let written = || serde_json::to_string(&step.front).is_ok_and(|front| front.contains(&text));
        step.source.text.contains(&text) && written() || changes()
    };
    plan.graph.steps().filter(compares).map(|s| s.id).collect()
}

fn remembered(run: &RunDir, state: &Arc<RunState>, step: StepId, note: Said) -> Option<Remembered> {
    let attempt = state.steps.get(&step)?.passed()?;
    Some(Remembered {
        run: run.run.clone(),
        note,
        evidence: attempt.evidence().collect(),
        dir: run.path.clone(),
        state: Arc::clone(state),
    })
}

/// In what a run differs from today's plan, in a few words; empty where in nothing.
fn differences(plan: &Plan, state: &RunState) -> Said {
    let Some(header) = &state.header else { return Said::default() };
    let mut found = Vec::new();
    if header.plan.environment != plan.environment.name {
        found.push(in_environment(&header.plan.environment));
    }
    if header.plan.profile != plan.profile {
        found.push(with_profile(&header.plan.profile));
    } else if header.plan.parameters_fingerprint != plan.parameters_fingerprint {
        found.push(with_other_parameters());
    }
    match found.is_empty() {
        true => Said::default(),
        false => Said::all(found),
    }
}

messages! {
    area "history";
    in_environment(name) => "in the environment {name}" / "dans l'environnement {name}";
    with_other_parameters() => "with other parameters" / "avec d'autres paramètres";
    with_profile(name) => "with the profile {name}" / "avec le profil {name}";
}
