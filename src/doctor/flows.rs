//! Topics on a target cluster that look like copies before anything copies: a figure over them would count what is old.

use super::finding::Finding;
use crate::{
    clients::{
        Cluster, Workers,
        connect::{Connect, Listed},
        kafka::Admin,
    },
    record::StepId,
    support::text,
};
use std::collections::BTreeSet;

/// How many topics are named.
const NAMED: usize = 3;

/// What was found of topics that begin with `prefix`, where no connector of Connect copies with that alias yet.
pub(super) async fn examine(
    part: &str,
    cluster: &Cluster,
    connect: Option<&Workers>,
    (prefix, alias): (&str, &str),
    steps: &BTreeSet<StepId>,
) -> Vec<Finding> {
    if let Some(workers) = connect
        && copies(workers, alias).await
    {
        return Vec::new();
    }
    let Some((topics, records)) = held(cluster, prefix).await else { return Vec::new() };
    if topics.is_empty() {
        return Vec::new();
    }
    let mut names: Vec<String> = topics.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    if topics.len() > NAMED {
        names.push(format!("{} more", topics.len() - NAMED));
    }
    let what = format!(
        "the prefix `{prefix}` is in use: {} {} about {records} records, and no connector copies yet",
        names.join(", "),
        if topics.len() == 1 { "has" } else { "have" },
    );
    let remedy = "delete them if they are of an earlier run, or give the flow another `source_alias`";
    vec![Finding::warning(part, what).remedy(remedy).steps(steps)]
}

/// Whether Connect has a connector that copies from a cluster of that alias.
async fn copies(workers: &Workers, alias: &str) -> bool {
    let listed = async { Connect::open(workers).await?.connectors().await };
    let is_copying = |listed: &Listed| {
        let config = &listed.info.config;
        let is = |key: &str, end: &str| config.get(key).is_some_and(|value| value.ends_with(end));
        is("connector.class", "MirrorSourceConnector") && is("source.cluster.alias", alias)
    };
    listed.await.is_ok_and(|(connectors, _)| connectors.values().any(is_copying))
}

/// The topics that begin with the prefix and hold records, and how many records in all.
async fn held(cluster: &Cluster, prefix: &str) -> Option<(Vec<String>, i64)> {
    let admin = Admin::new(cluster).await.ok()?;
    let topology = admin.topology().await.ok()?;
    // What MirrorMaker 2 writes for itself says nothing of a flow's records.
    let own = |name: &str| name.ends_with(".internal") || name.ends_with("heartbeats");
    let of_flow = topology.topics.iter().filter(|t| t.name.starts_with(prefix) && !own(&t.name));
    let partitions: Vec<(String, i32)> =
        of_flow.flat_map(|topic| topic.partitions.iter().map(|p| (topic.name.clone(), p.id))).collect();
    let (first, last) = tokio::join!(admin.begin_offsets(&partitions), admin.end_offsets(&partitions));
    let (first, last) = (first.ok()?, last.ok()?);
    let (mut topics, mut records) = (BTreeSet::new(), 0);
    for (partition, end) in last {
        let held = end - first.get(&partition).copied().unwrap_or(0);
        if held > 0 {
            records += held;
            topics.insert(text::cut(&partition.0, 80));
        }
    }
    Some((topics.into_iter().collect(), records))
}
