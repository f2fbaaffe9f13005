//! What the criteria and parameters of a step see: the plan, the steps before it, and other runs.

use crate::{
    history::{Past, Remembered},
    plan::{Plan, Scope, Step, scope::Compared},
    record::{RunState, StepId},
};
use std::collections::BTreeSet;

/// What `step` sees before it starts.
pub(super) fn of(plan: &Plan, state: &RunState, past: &Past, step: &Step) -> Scope {
    let compared = |seen: &Remembered| Compared {
        run: seen.run.to_string(),
        note: seen.note.clone(),
        evidence: seen.evidence.clone(),
    };
    let mut scope = Scope {
        fixed: plan.fixed.clone(),
        previous: past.previous.get(&step.id).map(compared),
        baseline: past.baseline.get(&step.id).map(compared),
        ..Scope::default()
    };
    for before in named_by(plan, step) {
        if let (Some(baseline), Some(seen)) = (&mut scope.baseline, past.baseline.get(&before)) {
            for (action, evidence) in &seen.evidence {
                baseline.evidence.entry(action.clone()).or_insert_with(|| evidence.clone());
            }
        }
        let Some(status) = state.steps.get(&before) else { continue };
        if let Some(attempt) = status.passed().or_else(|| status.latest()) {
            scope.evidence.extend(attempt.evidence());
        }
    }
    scope
}

/// Those of the steps before `step` that have an action or a watch whose name stands in its file, in whatever place:
/// no other evidence can matter to it.
fn named_by(plan: &Plan, step: &Step) -> BTreeSet<StepId> {
    let words = step.source.text.as_bytes().split(|c| !c.is_ascii_alphanumeric() && *c != b'_');
    let names = words.filter(|word| word.first().is_some_and(|first| !first.is_ascii_digit()));
    let named: BTreeSet<StepId> = names.flat_map(|word| plan.graph.owners(word)).copied().collect();
    match named.iter().all(|id| *id == step.id) {
        true => BTreeSet::new(),
        false => plan.graph.before(step.id).intersection(&named).copied().collect(),
    }
}
