//! Other runs that a run compares with: the last good one of each step, and the one that was named.

use super::{Error, open};
use crate::{
    engine::{Past, Remembered},
    plan::{Plan, scope::OTHER_RUNS},
    record::{RunId, RunState, StepId},
    store::{RunDir, Runs},
    support::text,
};
use std::{collections::BTreeSet, path::Path, sync::Arc};

/// What the plan compares with.
pub(super) fn past(
    dir: &Path,
    plan: &Plan,
    current: &RunId,
    baseline: Option<&RunId>,
) -> Result<Past, Error> {
    let mut past = Past::default();
    let wanted = steps_with(plan, OTHER_RUNS[1]);
    if !wanted.is_empty() {
        previous(dir, plan, current, &wanted, &mut past);
    }
    if let Some(name) = baseline {
        named(dir, plan, name, &mut past)?;
    }
    Ok(past)
}

/// Steps whose criteria or parameters compare with another run.
fn steps_with(plan: &Plan, name: &str) -> BTreeSet<StepId> {
    let text = format!("{name}.");
    let compares = |step: &&crate::plan::Step| {
        let changes = || step.criteria.iter().flat_map(|c| c.expression.changes()).any(|c| c.run == name);
        let written = || serde_json::to_string(&step.front).is_ok_and(|front| front.contains(&text));
        step.source.text.contains(&text) && written() || changes()
    };
    plan.graph.steps().filter(compares).map(|s| s.id).collect()
}

/// The last run of each step that passed in this environment. A run with other sizes or objectives is none to compare with.
fn previous(dir: &Path, plan: &Plan, current: &RunId, wanted: &BTreeSet<StepId>, past: &mut Past) {
    for run in Runs::of_campaign(dir).list().unwrap_or_default().iter().rev().filter(|r| r.run != *current) {
        // A run that cannot be read has no say; `jalon verify` tells why.
        let Ok((_, state)) = open::read(run) else { continue };
        let same = state.header.as_ref().is_some_and(|h| {
            h.plan.environment == plan.environment.name
                && h.plan.parameters_fingerprint == plan.parameters_fingerprint
        });
        let state = Arc::new(state);
        for step in wanted.iter().filter(|_| same) {
            if let Some(seen) = remembered(run, &state, *step, String::new()) {
                past.previous.entry(*step).or_insert(seen);
            }
        }
    }
}

/// The run that was named, whatever it ran with: what differs is said with every figure.
fn named(dir: &Path, plan: &Plan, name: &RunId, past: &mut Past) -> Result<(), Error> {
    let runs = Runs::of_campaign(dir);
    let known = runs.list().unwrap_or_default();
    let Some(run) = known.iter().find(|r| r.run == *name) else {
        let newest: Vec<&str> = known.iter().rev().take(5).map(|r| r.run.as_str()).collect();
        let hint = match text::did_you_mean(name.as_str(), known.iter().map(|r| r.run.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None if newest.is_empty() => "there is no run yet".to_owned(),
            None => format!("newest runs: {}", newest.join(", ")),
        };
        return Err(Error::Usage {
            message: format!("the baseline `{name}` is no run of this campaign"),
            hint,
        });
    };
    let state = Arc::new(open::read(run)?.1);
    let note = differences(plan, &state);
    for step in plan.graph.steps() {
        if let Some(seen) = remembered(run, &state, step.id, note.clone()) {
            past.baseline.insert(step.id, seen);
        }
    }
    Ok(())
}

fn remembered(run: &RunDir, state: &Arc<RunState>, step: StepId, note: String) -> Option<Remembered> {
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
fn differences(plan: &Plan, state: &RunState) -> String {
    let Some(header) = &state.header else { return String::new() };
    let mut found = Vec::new();
    if header.plan.environment != plan.environment.name {
        found.push(format!("in the environment {}", header.plan.environment));
    }
    if header.plan.profile != plan.profile {
        found.push(format!("with the profile {}", header.plan.profile));
    } else if header.plan.parameters_fingerprint != plan.parameters_fingerprint {
        found.push("with other parameters".to_owned());
    }
    found.join(", ")
}
