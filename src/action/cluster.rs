//! `cluster`: brokers, topics and partitions of a Kafka cluster, and what is wrong with them.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, Mistake, OnInterrupt, Output,
    kafka_access::{Access, some_of},
    mistakes, output, text_output,
};
use crate::{
    clients::{Environment, kafka::Topology},
    record::{ActionRole, Evidence, Said, Speaks, Unit, Value, messages},
};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// Parameters of `cluster`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Cluster {
    /// Name of the cluster in the environment.
    cluster: String,
}

impl Kind for Cluster {
    const SUMMARY: &'static str =
        "Reads the state of a Kafka cluster: brokers, controller, partitions that are not healthy.";
    const EXAMPLE: &'static str = "cluster: {id: source, cluster: source}";
    const ROLE: ActionRole = ActionRole::Check;
    const OUTPUTS: &'static [Output] = &[
        output("brokers", Unit::Count, "Brokers that are alive."),
        output(
            "brokers_missing",
            Unit::Count,
            "Brokers that the environment file counts and that are not alive; missing where it counts none.",
        ),
        text_output("cluster_id", "Kafka's own id of the cluster."),
        output(
            "controller_id",
            Unit::None,
            "Broker that is the controller; on KRaft, one that forwards to it.",
        ),
        output(
            "metadata_ms",
            Unit::Milliseconds,
            "How long the metadata request took; the first includes the log-in.",
        ),
        output("not_preferred_leaders", Unit::Count, "Partitions led by another than their first replica."),
        output(
            "offline_partitions",
            Unit::Count,
            "Partitions without a leader: they cannot be written or read.",
        ),
        output("partitions", Unit::Count, "Partitions of all topics, internal ones included."),
        output("topics", Unit::Count, "Topics, internal ones included."),
        output(
            "under_min_isr",
            Unit::Count,
            "Partitions with fewer replicas in sync than `min.insync.replicas`.",
        ),
        output(
            "under_replicated",
            Unit::Count,
            "Partitions with a replica out of sync, offline ones included.",
        ),
        text_output("version", "Version of Kafka; a remark says how it was found."),
    ];
}

#[async_trait::async_trait]
impl Action for Cluster {
    fn describe(&self) -> Said {
        look_at(&self.cluster)
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        mistakes::clusters(environment, &[("cluster", &self.cluster)])
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let access = Access::to(cx, &self.cluster).await?;
        let topology = access.ask(cx, access.admin.topology()).await?;
        let names: Vec<_> = topology.topics.iter().map(|t| t.name.clone()).collect();
        // What this user may not see makes one value missing, and not the whole look.
        let min_isr = reason(access.ask(cx, access.admin.min_isr(&names)).await)?;
        let version = match topology.brokers.first() {
            Some(broker) => reason(access.ask(cx, access.admin.version(broker.id)).await)?.and_then(|v| v),
            None => Err(no_broker()),
        };
        let artifact = format!("cluster-{}.json", self.cluster);
        if !cx.sampling {
            cx.artifacts.write_json(
                &artifact,
                &json!({
                    "cluster": self.cluster,
                    "metadata_ms": topology.took.as_secs_f64() * 1000.0,
                    "min_insync_replicas": min_isr.as_ref().ok(),
                    "topology": topology,
                    "version": version.as_ref().ok(),
                }),
            )?;
        }

        let mut evidence =
            evidence(&topology, &min_isr, cx.environment.cluster(&self.cluster).ok().and_then(|c| c.brokers));
        match version {
            Ok(version) => {
                evidence
                    .put("version", Value::text(Said::verbatim(version.text)))
                    .remark(how_known(version.how));
            }
            Err(why) => {
                evidence.put("version", Value::missing(why));
            }
        }
        if !cx.sampling {
            evidence.values.values_mut().for_each(|measured| measured.from = Some(artifact.clone()));
        }
        Ok(evidence)
    }
}

/// A refusal as the reason of a missing value; a mistake in the plan and a request to stop stay errors.
fn reason<T>(answer: Result<T, ActionError>) -> Result<Result<T, Said>, ActionError> {
    match answer {
        Ok(value) => Ok(Ok(value)),
        // The cluster has just told its topology: what is out of reach is one broker, such as a dead controller.
        Err(error @ (ActionError::Failed(_) | ActionError::Unreachable { .. })) => Ok(Err(error.said())),
        Err(error) => Err(error),
    }
}

fn evidence(
    topology: &Topology,
    min_isr: &Result<BTreeMap<String, usize>, Said>,
    counted: Option<u32>,
) -> Evidence {
    let (offline, under_replicated) = (topology.offline(), topology.under_replicated());
    let not_preferred = topology
        .partitions()
        .filter(|(_, p)| p.leader.is_some() && p.leader != p.replicas.first().copied())
        .count();
    let mut evidence = Evidence::default();
    for (name, n) in [
        ("brokers", topology.brokers.len()),
        ("not_preferred_leaders", not_preferred),
        ("offline_partitions", offline.len()),
        ("partitions", topology.partitions().count()),
        ("topics", topology.topics.len()),
        ("under_replicated", under_replicated.len()),
    ] {
        evidence.put(name, Value::count(n as u64));
    }
    evidence
        .put("metadata_ms", Value::number(topology.took.as_secs_f64() * 1000.0, Unit::Milliseconds))
        .put(
            "cluster_id",
            topology
                .cluster_id
                .clone()
                .map_or_else(|| Value::missing(no_id()), |id| Value::text(Said::verbatim(id))),
        )
        .put(
            "controller_id",
            topology.controller.map_or_else(
                || Value::missing(no_controller()),
                |id| Value::number(f64::from(id), Unit::None),
            ),
        );
    match counted.map(|n| n as usize) {
        Some(n) => {
            let missing = n.saturating_sub(topology.brokers.len());
            evidence.put("brokers_missing", Value::count(missing as u64));
            if topology.brokers.len() != n {
                evidence.remark(other_number(n, topology.brokers.len()));
            }
        }
        None => {
            evidence.put("brokers_missing", Value::missing(not_counted()));
        }
    }
    match min_isr {
        Ok(least) if least.is_empty() && !topology.topics.is_empty() => {
            evidence.put("under_min_isr", Value::missing(min_isr_hidden()));
        }
        Ok(least) => {
            let unknown: Vec<_> = topology
                .topics
                .iter()
                .map(|t| &t.name)
                .filter(|t| !least.contains_key(*t))
                .cloned()
                .collect();
            if !unknown.is_empty() {
                evidence.remark(some_min_isr_hidden(some_of(&unknown)));
            }
            let under = topology.under_min_isr(least);
            evidence.put("under_min_isr", Value::count(under.len() as u64));
            if !under.is_empty() {
                evidence.remark(under_min_isr(some_of(&under)));
            }
        }
        Err(why) => {
            evidence.put("under_min_isr", Value::missing(why.clone()));
        }
    }
    if !offline.is_empty() {
        evidence.remark(are_offline(some_of(&offline)));
    }
    if !under_replicated.is_empty() {
        evidence.remark(are_under_replicated(some_of(&under_replicated)));
    }
    if topology.topics.is_empty() {
        evidence.remark(no_topic());
    }
    for topic in topology.topics.iter().filter(|t| t.error.is_some()) {
        let why = topic.error.as_deref().unwrap_or_default();
        evidence.remark(topic_silent(&topic.name, why));
    }
    evidence
}

messages! {
    area "cluster";
    are_offline(partitions) => "offline: {partitions}" / "hors ligne : {partitions}";
    are_under_replicated(partitions) => "under-replicated: {partitions}" / "sous-répliquées : {partitions}";
    how_known(how) => "version {how}" / "version {how}";
    look_at(cluster) => "read the state of cluster `{cluster}`" / "examiner le cluster `{cluster}`";
    min_isr_hidden() => "could not read `min.insync.replicas` of any topic: DescribeConfigs permission missing" / "`min.insync.replicas` illisible sur tous les topics : droit DescribeConfigs manquant";
    no_broker() => "no broker is alive" / "aucun broker n'est en vie";
    no_controller() => "no broker is the controller" / "aucun broker n'est le contrôleur";
    no_id() => "the cluster gives none" / "le cluster n'en donne aucun";
    no_topic() => "no topic is visible: there is none, or this user may see none (Kafka does not tell which)" / "aucun topic n'est visible : il n'y en a pas, ou cet utilisateur n'en voit aucun (Kafka ne dit pas lequel des deux)";
    not_counted() => "the environment file does not say how many brokers the cluster has" / "le fichier d'environnement ne dit pas combien de brokers a le cluster";
    other_number(counted, alive) => "the environment file counts {counted} {counted|broker|brokers}, and {alive} {alive|is|are} alive" / "le fichier d'environnement compte {counted} {counted|broker|brokers}, et {alive} {alive|est|sont} en vie";
    some_min_isr_hidden(topics) => "`min.insync.replicas` of {topics} could not be read: they are not counted in `under_min_isr`" / "`min.insync.replicas` de {topics} illisible : non compté dans `under_min_isr`";
    topic_silent(topic, why) => "could not describe topic `{topic}`: {why}" / "impossible de décrire le topic `{topic}` : {why}";
    under_min_isr(partitions) => "under `min.insync.replicas`: {partitions}" / "sous `min.insync.replicas` : {partitions}";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::kafka::{Broker, Partition, Topic};
    use std::time::Duration;

    fn topology() -> Topology {
        let partition =
            |id, leader, isr: &[i32]| Partition { id, leader, replicas: vec![1, 2, 3], isr: isr.to_vec() };
        Topology {
            brokers: [1, 2].map(|id| Broker { id, host: "h".to_owned(), port: 9092 }).to_vec(),
            cluster_id: Some("abc".to_owned()),
            controller: Some(2),
            topics: vec![Topic {
                name: "orders".to_owned(),
                error: None,
                partitions: vec![
                    partition(0, Some(1), &[1, 2, 3]),
                    partition(1, Some(2), &[2]),
                    partition(2, None, &[3]),
                ],
            }],
            took: Duration::from_millis(12),
        }
    }

    #[test]
    fn what_is_wrong_is_counted_and_named() {
        let evidence = evidence(&topology(), &Ok(BTreeMap::from([("orders".to_owned(), 2)])), Some(3));
        for (name, expected) in [
            ("brokers", 2.0),
            ("brokers_missing", 1.0),
            ("controller_id", 2.0),
            ("partitions", 3.0),
            ("under_replicated", 2.0),
            ("under_min_isr", 2.0),
            ("offline_partitions", 1.0),
            ("not_preferred_leaders", 1.0),
            ("metadata_ms", 12.0),
        ] {
            assert_eq!(evidence.get(name).and_then(Value::as_f64), Some(expected), "{name}");
        }
        let remarks = evidence.remarks.join("\n");
        for expected in ["offline: `orders-2`", "counts 3 brokers, and 2 are alive", "`orders-1`"] {
            assert!(remarks.contains(expected), "{remarks}");
        }
    }

    #[test]
    fn what_may_not_be_seen_is_missing_and_not_zero() {
        let evidence = evidence(&topology(), &Err("not authorised".into()), None);
        for name in ["under_min_isr", "brokers_missing"] {
            assert!(matches!(evidence.get(name), Some(Value::Missing(_))), "{name}");
        }
    }
}
