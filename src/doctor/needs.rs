//! [`Needs`]: what the actions of a plan need, each need once with the steps that have it.

use crate::{
    action::{Action, Need},
    plan::{ActionSpec, Condition, Plan, Scope, template},
    record::StepId,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What the actions of a plan need.
#[derive(Debug)]
pub(super) struct Needs(BTreeMap<Need, BTreeSet<StepId>>);

impl Needs {
    /// Those of the plan, or of one step of it. What the environment excludes is not needed.
    pub(super) fn of(plan: &Plan, only: Option<StepId>) -> Self {
        let names = template::Names::new(&serde_json::Map::clone(&plan.fixed).into());
        let scope = Scope { fixed: Arc::clone(&plan.fixed), ..Scope::default() };
        // Only the run can tell where a condition asks for what an earlier step found.
        let applies = |when: Option<&Condition>| when.is_none_or(|when| when.holds(&scope).unwrap_or(true));
        let mut needs: BTreeMap<Need, BTreeSet<StepId>> = BTreeMap::new();
        for step in plan.graph.steps().filter(|step| only.is_none_or(|only| step.id == only)) {
            if !applies(step.when.as_ref()) {
                continue;
            }
            let actions = step.groups.iter().chain(&step.clean_up).flatten();
            let watched = step.watches.iter().map(|watch| &watch.spec);
            for spec in actions.chain(watched).filter(|spec| applies(spec.when.as_ref())) {
                for need in resolved(spec, &names).needs(&plan.environment) {
                    if need.is_known() {
                        needs.entry(need).or_default().insert(step.id);
                    }
                }
            }
        }
        Self(needs)
    }

    /// Each need with the steps that have it.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Need, &BTreeSet<StepId>)> {
        self.0.iter()
    }
}

/// The action with what the plan alone tells; as it is written where only the run can tell more.
fn resolved(spec: &ActionSpec, names: &template::Names) -> Arc<dyn Action> {
    let known = template::resolve(&spec.params, names).ok();
    let action = known.and_then(|params| (spec.kind.parse)(&params).ok());
    action.unwrap_or_else(|| Arc::clone(&spec.action))
}
