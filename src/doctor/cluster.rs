//! A Kafka cluster: whether it answers, what it is, and whether the topics and groups of the plan fit on it.

use super::{finding::Finding, needs::Needs, rights};
use crate::{
    action::Need,
    clients::{
        Cluster,
        kafka::{
            Admin, Members, admin, advice, blames_certificate,
            config_entry::{Entity, Setting, value},
            topology::{Topic, Topology},
        },
        zookeeper,
    },
    record::StepId,
    support::text,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};
use tokio::{net::TcpStream, time::timeout};

/// How long a broker may take to take a connection.
const CONNECT: Duration = Duration::from_secs(3);

/// How long the coordinator of a group may move.
const MOVING: Duration = Duration::from_secs(10);

/// What was found of the cluster called `name`.
pub(super) async fn examine(part: &str, name: &str, cluster: &Cluster, needs: &Needs) -> Vec<Finding> {
    // librdkafka takes long to say why it reaches nobody.
    if let Some(silence) = unreachable(part, &cluster.bootstrap_servers).await {
        return vec![silence];
    }
    let admin = match Admin::new(cluster).await {
        Ok(admin) => admin,
        Err(error) => return vec![unusable(part, &error)],
    };
    let topology = match admin.topology().await {
        Ok(topology) => topology,
        Err(error) => return vec![silence(part, cluster, &error)],
    };
    let mut found = Vec::new();
    brokers(part, cluster, &topology, &mut found);
    settings(part, &admin, &topology, needs, name, &mut found).await;
    topics(part, name, &admin, &topology, needs, &mut found).await;
    groups(part, name, &admin, needs, &mut found).await;
    rights::examine(part, (name, cluster), &admin, &topology, needs, &mut found).await;
    found
}

/// What keeps a run from working with the cluster, as far as it shows within `limit`: who does not answer or refuses the
/// log-in, and brokers that are missing.
pub(super) async fn quick(part: &str, cluster: &Cluster, limit: Duration) -> Vec<Finding> {
    if let Some(silence) = unreachable(part, &cluster.bootstrap_servers).await {
        return vec![silence];
    }
    // The run goes on with the same client, which is connected then.
    let admin = match Admin::of(cluster).await {
        Ok(admin) => admin,
        Err(error) => return vec![unusable(part, &error)],
    };
    let mut found = Vec::new();
    match admin.topology_within(limit).await {
        Ok(topology) => brokers(part, cluster, &topology, &mut found),
        Err(error) => found.push(silence(part, cluster, &error)),
    }
    found
}

/// Why there is no client.
fn unusable(part: &str, error: &admin::AdminError) -> Finding {
    let hint = match error {
        admin::AdminError::Settings(error) => error.hint(),
        _ => None,
    };
    Finding::fault(part, error.to_string()).remedy(match hint {
        Some(hint) => hint.to_string(),
        None => "correct the cluster's `properties` in the environment's file".to_owned(),
    })
}

/// Why none of the bootstrap servers can be reached; none where one can.
async fn unreachable(part: &str, servers: &str) -> Option<Finding> {
    let mut causes = Vec::new();
    for server in servers.split(',').map(str::trim).filter(|server| !server.is_empty()) {
        match timeout(CONNECT, TcpStream::connect(server)).await {
            Ok(Ok(_)) => return None,
            Ok(Err(error)) => causes.push(format!("{server}: {}", zookeeper::in_words(&error))),
            Err(_) => causes.push(format!("{server}: no answer within {} s", CONNECT.as_secs())),
        }
    }
    let remedy = "check `bootstrap_servers` and the network path: name, port, firewall";
    Some(Finding::fault(part, causes.join("; ")).remedy(remedy).silent())
}

/// Why nobody answers.
fn silence(part: &str, cluster: &Cluster, error: &admin::AdminError) -> Finding {
    let cause = match error {
        admin::AdminError::Unreachable { cause, .. } => cause.to_string(),
        other => other.to_string(),
    };
    let finding = Finding::fault(part, format!("{}: {cause}", cluster.bootstrap_servers)).silent();
    let finding = if blames_certificate(&cause) { finding.blaming_certificate() } else { finding };
    match advice(&cause) {
        Some(advice) => finding.remedy(advice.to_string()),
        None => finding.remedy("check `bootstrap_servers` and the network path: name, port, firewall"),
    }
}

fn brokers(part: &str, cluster: &Cluster, topology: &Topology, found: &mut Vec<Finding>) {
    let there = topology.brokers.len();
    let verb = if there == 1 { "answers" } else { "answer" };
    if let Some(declared) = cluster.brokers.filter(|declared| *declared as usize != there) {
        let what =
            format!("{} {verb}, and the environment's file says {declared}", text::plural(there, "broker"));
        let remedy = "start the missing ones, or correct `brokers`: steps compute with it";
        found.push(Finding::fault(part, what).remedy(remedy));
    }
    for (what, partitions) in
        [("without a leader", topology.offline()), ("under-replicated", topology.under_replicated())]
    {
        if !partitions.is_empty() {
            let what = format!("{} {what}", text::plural(partitions.len(), "partition"));
            let remedy =
                "wait until the brokers have caught up: a campaign that starts now measures the recovery";
            found.push(Finding::warning(part, what).remedy(remedy));
        }
    }
}

async fn settings(
    part: &str,
    admin: &Admin,
    topology: &Topology,
    needs: &Needs,
    name: &str,
    found: &mut Vec<Finding>,
) {
    let wanted: BTreeSet<StepId> = needs
        .iter()
        .filter(|(need, _)| **need == Need::Settings(name.to_owned()))
        .flat_map(|(_, steps)| steps.iter().copied())
        .collect();
    let Some(first) = topology.brokers.first() else { return };
    let entity = Entity::Broker(first.id);
    let told =
        admin.configs(std::slice::from_ref(&entity)).await.ok().and_then(|mut told| told.remove(&entity));
    let count = text::plural(topology.brokers.len(), "broker");
    let Some(told) = told else {
        let what = format!("{count}; this user may not read their settings");
        let remedy = "allow DescribeConfigs on the cluster: version, mode and audits are unknown without";
        let finding =
            if wanted.is_empty() { Finding::warning(part, what) } else { Finding::fault(part, what) };
        found.push(finding.remedy(remedy).steps(&wanted));
        return;
    };
    let version = match admin.version(first.id).await {
        Ok(Ok(version)) => format!("Kafka {}", version.text),
        _ => "Kafka, version unknown".to_owned(),
    };
    let mode = if value(&told, "process.roles").is_some_and(|roles| !roles.is_empty()) {
        "KRaft"
    } else {
        "ZooKeeper"
    };
    found.push(Finding::fine(part, format!("{version} with {mode}, {count}")));
    creates_by_itself(part, &told, found);
}

fn creates_by_itself(part: &str, settings: &[Setting], found: &mut Vec<Finding>) {
    if value(settings, "auto.create.topics.enable") == Some("true") {
        let remedy = "set it to false on every broker";
        let what = "auto.create.topics.enable is true: a misspelt topic is created instead of refused";
        found.push(Finding::warning(part, what).remedy(remedy));
    }
}

async fn topics(
    part: &str,
    name: &str,
    admin: &Admin,
    topology: &Topology,
    needs: &Needs,
    found: &mut Vec<Finding>,
) {
    let known: BTreeMap<&str, &Topic> = topology.topics.iter().map(|t| (t.name.as_str(), t)).collect();
    let mut new = Vec::new();
    for (need, steps) in needs.iter() {
        let Need::Topic { cluster, topic, partitions, replication_factor } = need else { continue };
        if cluster != name {
            continue;
        }
        let brokers = topology.brokers.len();
        if let Some(factor) = replication_factor.filter(|factor| *factor as usize > brokers) {
            let what =
                format!("topic `{topic}` asks for {factor} replicas of {}", text::plural(brokers, "broker"));
            let remedy = "lower `replication_factor` in the profile or the step";
            found.push(Finding::fault(part, what).remedy(remedy).steps(steps));
        }
        match known.get(topic.as_str()) {
            None => new.push((topic, steps)),
            Some(there) => {
                found.extend(differs(part, there, *partitions, admin).await.map(|f| f.steps(steps)))
            }
        }
    }
    found.extend(may_not_make(part, admin, &new).await);
    for (need, steps) in needs.iter() {
        let (Need::Write { cluster, topic, .. } | Need::Read { cluster, topic }) = need else { continue };
        if cluster == name
            && let Some(error) = known.get(topic.as_str()).and_then(|topic| topic.error.as_ref())
        {
            let remedy = "allow Describe, Read and Write on it to this user";
            found.push(Finding::fault(part, format!("topic `{topic}`: {error}")).remedy(remedy).steps(steps));
        }
    }
}

/// That this user may not make topics of the plan, one finding for all that have the same cause.
async fn may_not_make(part: &str, admin: &Admin, new: &[(&String, &BTreeSet<StepId>)]) -> Vec<Finding> {
    let names: Vec<&str> = new.iter().map(|(topic, _)| topic.as_str()).collect();
    let remedy = "allow Create on the cluster, or on the topics of the plan, to this user";
    let answers = match admin.may_create(&names).await {
        Ok(answers) => answers,
        Err(error) => return vec![Finding::fault(part, error.to_string()).remedy(remedy)],
    };
    let mut alike: BTreeMap<String, (Vec<String>, BTreeSet<StepId>)> = BTreeMap::new();
    for (name, answer) in answers {
        let Err(admin::AdminError::Refused { cause, .. }) = answer else { continue };
        let (names, steps) = alike.entry(cause.to_string()).or_default();
        steps.extend(new.iter().filter(|(topic, _)| **topic == name).flat_map(|(_, steps)| *steps));
        names.push(format!("`{name}`"));
    }
    let finding = |(cause, (names, steps)): (String, (Vec<String>, BTreeSet<StepId>))| {
        let what = format!("Kafka would refuse to create topic {}: {cause}", names.join(", "));
        Finding::fault(part, what).remedy(remedy).steps(&steps)
    };
    alike.into_iter().map(finding).collect()
}

/// What is to be known of a topic that the plan makes and that is there already.
async fn differs(part: &str, there: &Topic, wanted: Option<u32>, admin: &Admin) -> Option<Finding> {
    let has = there.partitions.len();
    if let Some(wanted) = wanted.filter(|wanted| *wanted as usize != has) {
        let what =
            format!("topic `{}` is there with {has} partitions, and the plan asks for {wanted}", there.name);
        let remedy = "delete it if it is a leftover, or give the plan's topic another name";
        return Some(Finding::fault(part, what).remedy(remedy));
    }
    let partitions: Vec<(String, i32)> =
        there.partitions.iter().map(|p| (there.name.clone(), p.id)).collect();
    let (first, last) = tokio::join!(admin.begin_offsets(&partitions), admin.end_offsets(&partitions));
    let sum = |offsets: &admin::Offsets| offsets.values().map(|o| (*o).max(0)).sum::<i64>();
    let records = sum(&last.ok()?) - sum(&first.ok()?);
    let remedy = "ignore this if it belongs to an earlier run of this plan; otherwise give the plan's topic another name";
    let what = format!("topic `{}` is there already, with about {records} records", there.name);
    (records > 0).then(|| Finding::warning(part, what).remedy(remedy))
}

async fn groups(part: &str, name: &str, admin: &Admin, needs: &Needs, found: &mut Vec<Finding>) {
    for (need, steps) in needs.iter() {
        let Need::Group { cluster, group } = need else { continue };
        if cluster != name {
            continue;
        }
        let finding = match admin.patient(Instant::now() + MOVING).group(group).await {
            Ok(Some(Members { members, .. })) if members > 0 => {
                let what = format!("group `{group}` has {}", text::plural(members, "member"));
                Finding::fault(part, what).remedy("stop its consumers, or give the plan's group another name")
            }
            Ok(_) => continue,
            // What may not be done with it is said of all groups together.
            Err(error) if error.is_unauthorized() => continue,
            Err(error) => Finding::fault(part, format!("group `{group}`: {error}"))
                .remedy("allow Describe and Read on the group to this user"),
        };
        found.push(finding.steps(steps));
    }
}
