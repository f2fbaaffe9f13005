//! Topics on a target cluster that look like copies before anything copies: a figure over them would count what is old.

use super::finding::Finding;
use crate::{
    clients::{
        Cluster, Workers,
        connect::{Connect, Listed},
        kafka::Admin,
    },
    record::{Arg, Said, StepId, messages},
    support::text,
};
use std::collections::BTreeSet;

/// How many topics are named.
const NAMED: usize = 3;

/// What was found of topics that begin with `prefix`, where no connector of Connect copies with that alias yet.
pub(super) async fn examine(
    part: &Said,
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
    let what = in_use(prefix, named(&topics), topics.len(), records);
    vec![Finding::warning(part, what).remedy(delete_old()).steps(steps)]
}

/// The first of the topics, and how many more there are.
fn named(topics: &[String]) -> Arg {
    let mut names: Vec<Arg> = topics.iter().take(NAMED).map(|name| Arg::text(format!("`{name}`"))).collect();
    let unnamed = topics.len().saturating_sub(NAMED);
    if unnamed > 0 {
        names.push(more(unnamed).into());
    }
    Arg::list(names)
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

messages! {
    area "doctor-flows";
    delete_old() => "delete them if they are of an earlier run, or give the flow another `source_alias`" / "les supprimer s'ils viennent d'une exécution précédente, ou donner un autre `source_alias` au flux";
    in_use(prefix, names, topics, records) => "the prefix `{prefix}` is in use: {names} {topics|has|have} about {records} {records|record|records}, and no connector copies yet" / "le préfixe `{prefix}` est déjà utilisé : {names} {topics|a|ont} environ {records} {records|enregistrement|enregistrements}, et aucun connecteur ne copie encore";
    more(count) => "{count} more" / "{count} de plus";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Language;

    #[test]
    fn topics_of_a_prefix_are_named_up_to_a_few() {
        let topics: Vec<String> = (1..=5).map(|n| format!("a.{n}")).collect();
        let said = in_use("a.", named(&topics), topics.len(), 1200_i64);
        assert_eq!(
            said,
            "the prefix `a.` is in use: `a.1`, `a.2`, `a.3`, 2 more have about 1200 records, and no connector copies yet"
        );
        assert_eq!(
            said.in_language(Language::Fr),
            "le préfixe `a.` est déjà utilisé : `a.1`, `a.2`, `a.3`, 2 de plus ont environ 1\u{202f}200 enregistrements, et aucun connecteur ne copie encore"
        );
        let one = in_use("a.", named(&topics[..1]), 1_usize, 7_i64);
        assert_eq!(one, "the prefix `a.` is in use: `a.1` has about 7 records, and no connector copies yet");
    }
}
