//! What was done before an action, for those that look back at the evidence of others.

use crate::{
    action::Earlier,
    plan::Plan,
    record::{Attempt, RunState, StepId, state::AttemptStatus},
};
use std::sync::Arc;

/// The actions of the steps before `step`, each of the attempt that counts, and those of this attempt; the nearest last.
pub(super) fn of(plan: &Plan, state: &RunState, step: StepId, attempt: Attempt) -> Arc<[Earlier]> {
    let mut earlier = Vec::new();
    let mut add = |step: StepId, attempt: &AttemptStatus| {
        earlier.extend(attempt.actions.iter().map(|action| Earlier {
            step,
            action: action.action.clone(),
            artifacts: action.artifacts.clone(),
            ended: action.result.is_some(),
        }));
    };
    for before in plan.graph.before(step) {
        let status = state.steps.get(&before);
        if let Some(attempt) = status.and_then(|status| status.passed().or_else(|| status.latest())) {
            add(before, attempt);
        }
    }
    let mut own = state.steps.get(&step).into_iter().flat_map(|status| &status.attempts);
    if let Some(own) = own.rfind(|a| a.attempt == attempt) {
        add(step, own);
    }
    earlier.into()
}
