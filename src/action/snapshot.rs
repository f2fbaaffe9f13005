//! `snapshot`: keeps the whole configuration of every cluster and of the connectors, as it is now.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, OnInterrupt, Output,
    kafka_access::{Access, some_of},
    output,
};
use crate::{
    clients::kafka::{Entity, Setting, Topology, configs},
    record::{Evidence, Unit, Value},
};
use serde::Deserialize;
use serde_json::json;
use std::{collections::BTreeMap, time::Duration};

/// Parameters of `snapshot`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Snapshot {}

impl Kind for Snapshot {
    const SUMMARY: &'static str =
        "Keeps the whole configuration of brokers, topics and connectors, secrets masked.";
    const EXAMPLE: &'static str = "snapshot: {id: configuration}";
    const OUTPUTS: &'static [Output] = &[
        output("brokers", Unit::Count, "Brokers of all clusters of the environment."),
        output("connectors", Unit::Count, "Connectors; missing where they could not be read."),
        output("topics", Unit::Count, "Topics of all clusters, internal ones included."),
    ];
}

#[async_trait::async_trait]
impl Action for Snapshot {
    fn describe(&self) -> String {
        "keep the whole configuration of brokers, topics and connectors".to_owned()
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn time_limit(&self) -> Duration {
        Duration::from_secs(300)
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let mut evidence = Evidence::default();
        let (mut brokers, mut topics) = (0, 0);
        let mut clusters = Vec::new();
        for name in cx.environment.clusters.keys() {
            let topology = match take(cx, name, &mut evidence).await {
                Ok(topology) => topology,
                Err(error) => return Err(error.with(evidence)),
            };
            brokers += topology.brokers.len();
            topics += topology.topics.len();
            clusters.push(json!({
                "cluster": name, "brokers": topology.brokers.len(), "topics": topology.topics.len(),
                "artifacts": [format!("brokers-{name}.json"), format!("topics-{name}.json")],
            }));
        }
        let summary = "snapshot.json";
        cx.artifacts.write_json(summary, &json!({ "clusters": clusters }))?;
        evidence
            .put_from("brokers", Value::count(brokers as u64), summary)
            .put_from("topics", Value::count(topics as u64), summary)
            .put("connectors", connectors(cx));
        Ok(evidence)
    }
}

/// Stores what one cluster tells.
async fn take(cx: &ActionContext, name: &str, evidence: &mut Evidence) -> Result<Topology, ActionError> {
    let access = Access::to(cx, name).await?;
    let topology = access.ask(cx, access.admin.topology()).await?;
    let brokers = topology.brokers.iter().map(|b| Entity::Broker(b.id));
    let topics = topology.topics.iter().map(|t| Entity::Topic(t.name.clone()));
    let asked: Vec<_> = brokers.chain(topics).collect();
    let settings = access.ask(cx, access.admin.configs(&asked)).await?;
    let silent = configs::silent(&asked, &settings);
    if !silent.is_empty() {
        evidence.remark(format!(
            "in cluster `{name}`, {} told no settings: gone, or hidden from this user",
            some_of(&silent)
        ));
    }

    let version = match topology.brokers.first() {
        Some(broker) => configs::version_of(broker.id, of(&settings, &Entity::Broker(broker.id))),
        None => Err("no broker is alive".to_owned()),
    };
    match &version {
        Ok(version) => {
            evidence.remark(format!("cluster `{name}` runs Kafka {}, {}", version.text, version.how))
        }
        Err(why) => evidence.remark(format!("the version of cluster `{name}` is not known: {why}")),
    };
    cx.artifacts.write_json(
        &format!("brokers-{name}.json"),
        &json!({
            "cluster": name,
            "cluster_id": topology.cluster_id,
            "controller": topology.controller,
            "version": version.ok(),
            "brokers": topology.brokers.iter().map(|broker| {
                let settings = of(&settings, &Entity::Broker(broker.id));
                json!({
                    "id": broker.id, "host": broker.host, "port": broker.port,
                    "rack": configs::value(settings, "broker.rack"), "settings": settings,
                })
            }).collect::<Vec<_>>(),
        }),
    )?;
    cx.artifacts.write_json(
        &format!("topics-{name}.json"),
        &json!({
            "cluster": name,
            "topics": topology.topics.iter().map(|topic| {
                let settings = of(&settings, &Entity::Topic(topic.name.clone()));
                json!({
                    "name": topic.name, "error": topic.error, "replication_factor": topic.replication_factor(),
                    "partitions": topic.partitions, "settings": settings,
                })
            }).collect::<Vec<_>>(),
        }),
    )?;
    Ok(topology)
}

fn of<'a>(settings: &'a BTreeMap<Entity, Vec<Setting>>, entity: &Entity) -> &'a [Setting] {
    settings.get(entity).map_or(&[], Vec::as_slice)
}

/// How many connectors there are, with their configuration stored.
fn connectors(cx: &ActionContext) -> Value {
    Value::Missing(match &cx.environment.connect {
        Some(_) => "the configuration of connectors is not read yet".to_owned(),
        None => "the environment defines no `connect`".to_owned(),
    })
}
