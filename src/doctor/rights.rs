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
    record::{Arg, Said, StepId, messages},
};
use std::collections::{BTreeMap, BTreeSet};

/// Operations that are wanted on a name, each with the steps that want it.
type Wanted<'n> = BTreeMap<&'n str, BTreeMap<Operation, BTreeSet<StepId>>>;

/// What this user may not do with the topics that are there and the groups of the plan. Topics that are to be made are
/// tried by asking for them.
pub(super) async fn examine(
    part: &Said,
    (name, cluster): (&str, &Cluster),
    admin: &Admin,
    topology: &Topology,
    needs: &Needs,
    found: &mut Vec<Finding>,
) {
    let user = match cluster.properties.get("sasl.username") {
        Some(user) if !user.contains(':') => Said::verbatim(format!("User:{user}")),
        _ => its_principal(),
    };
    let mut topics = wanted(name, needs, false);
    topics.retain(|topic, _| topology.topic(topic).is_some_and(|topic| topic.error.is_none()));
    if !topics.is_empty() {
        let names: Vec<&str> = topics.keys().copied().collect();
        if let Ok(rights) = admin.rights_on_topics(&names).await {
            lacking(part, Named::Topics, &user, &topics, &rights, found);
        }
    }
    let groups = wanted(name, needs, true);
    // Where no group has committed yet, asking for one would have the brokers make the topic of all offsets.
    if !groups.is_empty() && topology.topic("__consumer_offsets").is_some() {
        let names: Vec<&str> = groups.keys().copied().collect();
        if let Ok(rights) = admin.rights_in_groups(&names).await {
            lacking(part, Named::Groups, &user, &groups, &rights, found);
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

/// What the names are of.
#[derive(Debug, Clone, Copy)]
enum Named {
    /// Topics.
    Topics,
    /// Groups.
    Groups,
}

impl Named {
    /// That this user may not do that with those.
    fn forbidden(self, operations: Arg, names: Arg) -> Said {
        match self {
            Self::Topics => no_right_on_topics(operations, names),
            Self::Groups => no_right_on_groups(operations, names),
        }
    }

    /// The option of `kafka-acls.sh`.
    fn option(self) -> &'static str {
        match self {
            Self::Topics => "--topic",
            Self::Groups => "--group",
        }
    }
}

/// What is missing, one finding for all names that lack the same.
fn lacking(
    part: &Said,
    named: Named,
    user: &Said,
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
        let quoted = Arg::list(names.iter().map(|name| Arg::text(format!("`{name}`"))));
        let what = named.forbidden(Arg::list(operations.iter().map(Arg::text)), quoted);
        let options: Vec<String> = operations.iter().map(|o| format!("--operation {o}")).collect();
        let remedy = allow(user, options.join(" "), named.option(), names[0]);
        found.push(Finding::fault(part, what).remedy(remedy).steps(&steps));
    }
}

messages! {
    area "doctor-rights";
    allow(user, operations, option, name) => "allow it: kafka-acls.sh --add --allow-principal {user} {operations} {option} {name}" / "le permettre : kafka-acls.sh --add --allow-principal {user} {operations} {option} {name}";
    its_principal() => "its principal" / "son principal";
    no_right_on_groups(operations, groups) => "this user may not {operations} group {groups}" / "cet utilisateur n'a pas le droit {operations} sur le groupe {groups}";
    no_right_on_topics(operations, topics) => "this user may not {operations} topic {topics}" / "cet utilisateur n'a pas le droit {operations} sur le topic {topics}";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Language;

    #[test]
    fn a_right_that_is_missing_is_said_in_both_languages() {
        let (part, step) = (Said::verbatim("cluster a"), BTreeSet::from([StepId(3)]));
        let wants = || BTreeMap::from([(Operation::Read, step.clone()), (Operation::Write, step.clone())]);
        let wanted = Wanted::from([("orders", wants()), ("copies", wants())]);
        let reads = || Ok(Some(BTreeSet::from([Operation::Read])));
        let rights = Rights::from([("orders".to_owned(), reads()), ("copies".to_owned(), reads())]);
        let mut found = Vec::new();
        lacking(&part, Named::Topics, &its_principal(), &wanted, &rights, &mut found);
        let [one] = &found[..] else { panic!("{found:?}") };
        let remedy = one.remedy.as_ref().unwrap();
        assert_eq!(one.what, "this user may not Write topic `copies`, `orders`");
        assert_eq!(
            *remedy,
            "allow it: kafka-acls.sh --add --allow-principal its principal --operation Write --topic copies"
        );
        assert_eq!(
            one.what.in_language(Language::Fr),
            "cet utilisateur n'a pas le droit Write sur le topic `copies`, `orders`"
        );
        assert_eq!(
            remedy.in_language(Language::Fr),
            "le permettre : kafka-acls.sh --add --allow-principal son principal --operation Write --topic copies"
        );
    }
}
