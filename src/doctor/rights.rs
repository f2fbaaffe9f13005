//! Rights: what the plan's actions need to do with topics and groups, against what the brokers say that this user may.

use super::{finding::Finding, needs::Needs};
use crate::{
    action::Need,
    clients::{
        Cluster,
        kafka::{
            Admin, Topology,
            rights::{Operation, Rights},
        },
    },
    record::StepId,
};
use std::collections::{BTreeMap, BTreeSet};

/// Operations that are wanted on a name, each with the steps that want it.
type Wanted<'n> = BTreeMap<&'n str, BTreeMap<Operation, BTreeSet<StepId>>>;

/// What this user may not do with the topics that are there and the groups of the plan. Topics that are to be made are
/// tried by asking for them.
pub(super) async fn examine(
    part: &str,
    (name, cluster): (&str, &Cluster),
    admin: &Admin,
    topology: &Topology,
    needs: &Needs,
    found: &mut Vec<Finding>,
) {
    let user = match cluster.properties.get("sasl.username") {
        Some(user) if !user.contains(':') => format!("User:{user}"),
        _ => "its principal".to_owned(),
    };
    let mut topics = wanted(name, needs, false);
    topics.retain(|topic, _| topology.topic(topic).is_some_and(|topic| topic.error.is_none()));
    if !topics.is_empty() {
        let names: Vec<&str> = topics.keys().copied().collect();
        if let Ok(rights) = admin.rights_on_topics(&names).await {
            lacking(part, ("topic", "--topic"), &user, &topics, &rights, found);
        }
    }
    let groups = wanted(name, needs, true);
    // Where no group has committed yet, asking for one would have the brokers make the topic of all offsets.
    if !groups.is_empty() && topology.topic("__consumer_offsets").is_some() {
        let names: Vec<&str> = groups.keys().copied().collect();
        if let Ok(rights) = admin.rights_in_groups(&names).await {
            lacking(part, ("group", "--group"), &user, &groups, &rights, found);
        }
    }
}

/// The operations that actions need on topics of a cluster, or on groups.
fn wanted<'n>(name: &str, needs: &'n Needs, groups: bool) -> Wanted<'n> {
    let mut wanted = Wanted::new();
    for (need, steps) in needs.iter() {
        let (cluster, of, operations) = match need {
            Need::Group { cluster, group } if groups => (cluster, group, &[Operation::Read][..]),
            Need::Topic { cluster, topic, .. } if !groups => {
                (cluster, topic, &[Operation::Describe, Operation::DescribeConfigs][..])
            }
            Need::Write { cluster, topic, .. } if !groups => (cluster, topic, &[Operation::Write][..]),
            Need::Read { cluster, topic } if !groups => (cluster, topic, &[Operation::Read][..]),
            Need::Delete { cluster, topic } if !groups => (cluster, topic, &[Operation::Delete][..]),
            _ => continue,
        };
        if cluster == name {
            for operation in operations {
                wanted.entry(of).or_default().entry(*operation).or_default().extend(steps);
            }
        }
    }
    wanted
}

/// What is missing, one finding for all names that lack the same.
fn lacking(
    part: &str,
    (what, flag): (&str, &str),
    user: &str,
    wanted: &Wanted<'_>,
    rights: &Rights,
    found: &mut Vec<Finding>,
) {
    let mut alike: BTreeMap<Vec<Operation>, (Vec<&str>, BTreeSet<StepId>)> = BTreeMap::new();
    for (name, operations) in wanted {
        // Who may not even describe a name may do nothing with it; a name that is not there yet shows no rights.
        let missing: Vec<Operation> = match rights.get(*name) {
            Some(Ok(Some(allowed))) => operations.keys().copied().filter(|o| !allowed.contains(o)).collect(),
            Some(Err(error)) if error.is_unauthorized() => operations.keys().copied().collect(),
            _ => continue,
        };
        let steps = missing.iter().filter_map(|operation| operations.get(operation)).flatten().copied();
        if !missing.is_empty() {
            let steps: Vec<StepId> = steps.collect();
            let entry = alike.entry(missing).or_default();
            entry.0.push(name);
            entry.1.extend(steps);
        }
    }
    for (operations, (names, steps)) in alike {
        let operations: Vec<String> = operations.iter().map(ToString::to_string).collect();
        let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let finding = format!("this user may not {} {what} {}", operations.join(", "), quoted.join(", "));
        let flags: Vec<String> = operations.iter().map(|o| format!("--operation {o}")).collect();
        let remedy = format!(
            "allow it: kafka-acls.sh --add --allow-principal {user} {} {flag} {}",
            flags.join(" "),
            names[0]
        );
        found.push(Finding::fault(part, finding).remedy(remedy).steps(&steps));
    }
}
