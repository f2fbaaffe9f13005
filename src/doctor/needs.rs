//! [`Needs`]: what the actions of a plan need, each need once with the steps that have it.

use crate::{
    action::{self, Action, Need, Use},
    plan::{ActionSpec, Condition, Plan, Scope, template},
    record::StepId,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What the actions of a plan need.
#[derive(Debug, Default)]
pub(super) struct Needs {
    needs: BTreeMap<Need, BTreeSet<StepId>>,
    uses: BTreeMap<Use, BTreeSet<StepId>>,
}

impl Needs {
    /// Those of the steps that are `meant`. What the environment excludes is not needed.
    pub(super) fn of(plan: &Plan, meant: impl Fn(StepId) -> bool) -> Self {
        let names = template::Names::new(&serde_json::Map::clone(&plan.fixed).into());
        let scope = Scope { fixed: Arc::clone(&plan.fixed), ..Scope::default() };
        // Only the run can tell where a condition asks for what an earlier step found.
        let applies = |when: Option<&Condition>| when.is_none_or(|when| when.holds(&scope).unwrap_or(true));
        let mut all = Self::default();
        for step in plan.graph.steps().filter(|step| meant(step.id)) {
            if !applies(step.when.as_ref()) {
                continue;
            }
            let actions = step.groups.iter().chain(&step.clean_up).flatten();
            let watched = step.watches.iter().map(|watch| &watch.spec);
            for spec in actions.chain(watched).filter(|spec| applies(spec.when.as_ref())) {
                let action = resolved(spec, &names);
                for need in action.needs(&plan.environment).into_iter().filter(Need::is_known) {
                    all.needs.entry(need).or_default().insert(step.id);
                }
                for used in action::uses(&*action) {
                    all.uses.entry(used).or_default().insert(step.id);
                }
            }
        }
        all
    }

    /// The steps that use the service under that key of the environment.
    pub(super) fn users(&self, key: &str, name: Option<&str>) -> Option<&BTreeSet<StepId>> {
        self.uses
            .iter()
            .find(|(used, _)| used.key == key && used.name.as_deref() == name)
            .map(|(_, steps)| steps)
    }

    /// The steps that ask the ZooKeeper nodes of that cluster.
    pub(super) fn zookeeper(&self, cluster: &str) -> BTreeSet<StepId> {
        self.needs.get(&Need::ZooKeeper(cluster.to_owned())).cloned().unwrap_or_default()
    }

    /// How many replicas the plan asks for, for a topic.
    pub(super) fn replication_factor(&self, cluster: &str, topic: &str) -> Option<u32> {
        self.needs.keys().find_map(|need| match need {
            Need::Topic { cluster: c, topic: t, replication_factor, .. } if c == cluster && t == topic => {
                *replication_factor
            }
            _ => None,
        })
    }

    /// Each need with the steps that have it.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Need, &BTreeSet<StepId>)> {
        self.needs.iter()
    }
}

/// The action with what the plan alone tells; as it is written where only the run can tell more.
fn resolved(spec: &ActionSpec, names: &template::Names) -> Arc<dyn Action> {
    let known = template::resolve(&spec.params, names).ok();
    let action = known.and_then(|params| (spec.kind.parse)(&params).ok());
    action.unwrap_or_else(|| Arc::clone(&spec.action))
}
