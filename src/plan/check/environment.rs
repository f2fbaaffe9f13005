//! What a type cannot say of an environment's file: flows between clusters that are there, policies, profiles of metrics,
//! addresses that can be reached.

use super::reach;
use crate::{
    clients::{
        Environment,
        metric_names::{PROFILES, profile},
    },
    plan::{
        source::{Problem, Source},
        yaml::Node,
    },
    support::text,
};

/// Names of the file that lead nowhere, and values that are none of those that are known.
pub(in crate::plan) fn environment(
    environment: &Environment,
    source: &Source,
    node: &Node,
    problems: &mut Vec<Problem>,
) {
    for (path, message, hint) in reach::useless(environment) {
        problems.push(source.problem(node.locate(&path, None), "wrong-value", message).hint(hint));
    }
    // A problem of a value, or of a key below it.
    let mut add = |path: &[&str], key: Option<&str>, message: String, hint: String| {
        let path: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
        problems.push(source.problem(node.locate(&path, key), "unknown-name", message).hint(hint));
    };
    let known: Vec<&str> = environment.clusters.keys().map(String::as_str).collect();
    for (flow, of) in &environment.mirror {
        match flow.split_once("->").map(|(from, to)| (from.trim(), to.trim())) {
            Some((from, to)) => {
                for cluster in [from, to].into_iter().filter(|cluster| !known.contains(cluster)) {
                    let hint = match text::did_you_mean(cluster, known.iter().copied()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("`clusters` has {}", known.join(", ")),
                    };
                    add(
                        &["mirror"],
                        Some(flow),
                        format!("flow `{flow}` is of an unknown cluster `{cluster}`"),
                        hint,
                    );
                }
            }
            None => {
                let hint = "write the names of two clusters, `source->target`".to_owned();
                add(&["mirror"], Some(flow), format!("`{flow}` is not a flow"), hint);
            }
        }
        // A class has a package.
        if let Some(policy) = of.policy.as_deref()
            && !["default", "identity"].contains(&policy)
            && !policy.contains('.')
        {
            let hint = match text::did_you_mean(policy, ["default", "identity"]) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "write `default`, `identity`, or the whole name of a class".to_owned(),
            };
            add(&["mirror", flow, "policy"], None, format!("unknown policy `{policy}`"), hint);
        }
    }
    if let Some(name) = environment.metrics_profile.as_deref().filter(|name| profile(name).is_none()) {
        let names = || PROFILES.iter().map(|profile| profile.name);
        let hint = match text::did_you_mean(name, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known are {}", names().collect::<Vec<_>>().join(", ")),
        };
        add(&["metrics_profile"], None, format!("unknown profile of metrics `{name}`"), hint);
    }
}
