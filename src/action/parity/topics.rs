//! Which topics are on both sides, with how many partitions and replicas.

use super::{
    flow::Flows,
    item::{Item, Items, Verdict, What},
};
use crate::{
    clients::{
        kafka::{Topic, Topology},
        mirror_flow,
    },
    record::{Said, messages},
};
use std::collections::BTreeMap;

/// A topic that is on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    /// Its name on the source.
    pub(super) source: String,
    /// Its name on the target.
    pub(super) target: String,
}

/// Compares what metadata tells; gives the topics that are on both sides.
pub(super) fn compare(flows: &Flows, here: &Topology, there: &Topology, items: &mut Items) -> Vec<Pair> {
    let on_target: BTreeMap<&str, &Topic> =
        there.topics.iter().filter(|t| t.error.is_none()).map(|t| (t.name.as_str(), t)).collect();
    let mut pairs = Vec::new();
    for topic in here.topics.iter().filter(|t| t.error.is_none()) {
        if !flows.own.copies(&topic.name) {
            uncovered(flows, topic, items);
            continue;
        }
        // A policy of somebody else's: the copy's name is not known.
        let Some(remote) = flows.remote(&topic.name) else { continue };
        match on_target.get(remote.as_str()) {
            None => items.push(Item {
                what: What::Topic,
                name: topic.name.clone(),
                setting: String::new(),
                source: topic.name.clone(),
                target: String::new(),
                verdict: Verdict::Differs,
                consequence: missing(&remote),
                weight: 100,
            }),
            Some(copy) => {
                items.equal(What::Topic, 1);
                partitions(topic, copy, items);
                replicas(flows, topic, copy, there.brokers.len(), items);
                pairs.push(Pair { source: topic.name.clone(), target: remote });
            }
        }
    }
    orphans(flows, here, there, items);
    pairs
}

/// A topic that this flow does not copy.
fn uncovered(flows: &Flows, topic: &Topic, items: &mut Items) {
    // Kafka's and MirrorMaker 2's own, and what came from the other side, are not meant to be copied.
    let left_alone = mirror_flow::is_internal(&topic.name) || mirror_flow::is_excluded_topic(&topic.name);
    if left_alone || flows.covers(&topic.name) || flows.own.is_cycle(&topic.name) {
        return;
    }
    let (verdict, consequence) = match flows.ignored_topics.has(&topic.name) {
        true => (Verdict::Expected, ignored()),
        false => (Verdict::Differs, not_covered()),
    };
    items.push(Item {
        what: What::TopicUncovered,
        name: topic.name.clone(),
        setting: String::new(),
        source: topic.partitions.len().to_string(),
        target: String::new(),
        verdict,
        consequence,
        weight: 60,
    });
}

fn partitions(topic: &Topic, copy: &Topic, items: &mut Items) {
    let (source, target) = (topic.partitions.len(), copy.partitions.len());
    let (consequence, weight) = match source.cmp(&target) {
        std::cmp::Ordering::Equal => {
            items.equal(What::Partitions, 1);
            return;
        }
        std::cmp::Ordering::Greater => (fewer(source, target), 95),
        std::cmp::Ordering::Less => (more(source, target), 75),
    };
    items.push(Item {
        what: What::Partitions,
        name: topic.name.clone(),
        setting: "partitions".to_owned(),
        source: source.to_string(),
        target: target.to_string(),
        verdict: Verdict::Differs,
        consequence,
        weight,
    });
}

fn replicas(flows: &Flows, topic: &Topic, copy: &Topic, brokers: usize, items: &mut Items) {
    let (source, target) = (topic.replication_factor(), copy.replication_factor());
    if source == target {
        items.equal(What::ReplicationFactor, 1);
        return;
    }
    let (verdict, consequence) = if target > source {
        (Verdict::Expected, more_replicas(source, target))
    } else if target >= brokers {
        (Verdict::Expected, few_brokers(source, target, brokers))
    } else {
        let asked: Said = match flows.own.replication_factor {
            Some(factor) => factor_asked(factor),
            None => factor_default(),
        };
        (Verdict::Differs, fewer_replicas(source, target, asked))
    };
    items.push(Item {
        what: What::ReplicationFactor,
        name: topic.name.clone(),
        setting: "replication.factor".to_owned(),
        source: source.to_string(),
        target: target.to_string(),
        verdict,
        consequence,
        weight: 70,
    });
}

/// Topics on the target that the flow would have made and that the source does not have.
fn orphans(flows: &Flows, here: &Topology, there: &Topology, items: &mut Items) {
    let known: std::collections::BTreeSet<&str> = here.topics.iter().map(|t| t.name.as_str()).collect();
    for copy in there.topics.iter().filter(|t| t.error.is_none()) {
        let Some(upstream) = flows.upstream(&copy.name) else { continue };
        if known.contains(upstream) || !flows.own.copies(upstream) || upstream.ends_with("heartbeats") {
            continue;
        }
        items.push(Item {
            what: What::Orphan,
            name: upstream.to_owned(),
            setting: String::new(),
            source: String::new(),
            target: copy.name.clone(),
            verdict: Verdict::Differs,
            consequence: orphaned(),
            weight: 40,
        });
    }
}

messages! {
    area "parity-topics";
    factor_asked(factor) => "the flow's `replication.factor` is {factor}" / "le `replication.factor` du flux est {factor}";
    factor_default() => "the flow leaves `replication.factor` to the brokers" / "le flux laisse `replication.factor` aux brokers";
    few_brokers(source, target, brokers) => "{target} {target|replica|replicas} instead of {source}: the target has {brokers} {brokers|broker|brokers}" / "{target} {target|réplica|réplicas} au lieu de {source} : la cible a {brokers} {brokers|broker|brokers}";
    fewer(source, target) => "the copy has {target} {target|partition|partitions}, the source {source}: records of the partitions above are not copied, and the order by key changes after a failover" / "la copie a {target} {target|partition|partitions}, la source {source} : les enregistrements des partitions au-delà ne sont pas copiés, et l'ordre par clé change après une bascule";
    fewer_replicas(source, target, asked) => "the copy has {target} {target|replica|replicas}, the source {source} ({asked}): the target loses records with fewer lost brokers" / "la copie a {target} {target|réplica|réplicas}, la source {source} ({asked}) : la cible perd des enregistrements avec moins de brokers perdus";
    ignored() => "ignored by the step" / "ignoré par l'étape";
    missing(remote) => "topic `{remote}` is not on the target, or hidden from this user: nothing of it survives a failover" / "le topic `{remote}` n'est pas sur la cible, ou caché à cet utilisateur : rien n'en survit à une bascule";
    more(source, target) => "the copy has {target} partitions, the source {source}: keys go to other partitions after a failover" / "la copie a {target} partitions, la source {source} : les clés vont dans d'autres partitions après une bascule";
    more_replicas(source, target) => "the copy has {target} replicas, the source {source}" / "la copie a {target} réplicas, la source {source}";
    not_covered() => "no flow copies this topic: nothing of it survives a failover" / "aucun flux ne copie ce topic : rien n'en survit à une bascule";
    orphaned() => "the topic no longer exists on the source: it was deleted or renamed there, and the copy stays" / "la source n'a plus ce topic : il y a été supprimé ou renommé, et la copie reste";
}
