//! `snapshot`: keeps the whole configuration of every cluster and of the connectors, as it is now.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, OnInterrupt, Output,
    kafka_access::{Access, some_of},
    output,
    service::{self, unless_cancelled},
};
use crate::{
    clients::{
        connect,
        kafka::{Entity, Setting, Topology, config_entry},
    },
    record::{ActionRole, Evidence, Said, Speaks, Unit, Value, messages},
    support::redact,
};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::{collections::BTreeMap, time::Duration};

/// Parameters of `snapshot`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Snapshot {}

const CONNECTORS: &str = "connectors.json";

impl Kind for Snapshot {
    const SUMMARY: &'static str =
        "Keeps the whole configuration of brokers, topics and connectors, secrets masked.";
    const EXAMPLE: &'static str = "snapshot: {id: configuration}";
    const ROLE: ActionRole = ActionRole::Check;
    const WATCH: bool = false;
    const OUTPUTS: &'static [Output] = &[
        output("brokers", Unit::Count, "Brokers of all clusters of the environment."),
        output("connectors", Unit::Count, "Connectors; missing where they could not be read."),
        output("topics", Unit::Count, "Topics of all clusters, internal ones included."),
    ];
}

#[async_trait::async_trait]
impl Action for Snapshot {
    fn describe(&self) -> Said {
        keep_all()
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
        evidence.put_from("brokers", Value::count(brokers as u64), summary).put_from(
            "topics",
            Value::count(topics as u64),
            summary,
        );
        match connectors(cx, &mut evidence).await {
            Ok(value @ Value::Missing(_)) => evidence.put("connectors", value),
            Ok(value) => evidence.put_from("connectors", value, CONNECTORS),
            Err(error) => return Err(error.with(evidence)),
        };
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
    let silent = config_entry::silent(&asked, &settings);
    if !silent.is_empty() {
        evidence.remark(silent_ones(name, some_of(&silent)));
    }

    let version = match topology.brokers.first() {
        Some(broker) => config_entry::version_of(broker.id, of(&settings, &Entity::Broker(broker.id))),
        None => Err(no_broker()),
    };
    match &version {
        Ok(version) => evidence.remark(runs(name, &version.text, &version.how)),
        Err(why) => evidence.remark(version_unknown(name, why)),
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
                    "rack": config_entry::value(settings, "broker.rack"), "settings": settings,
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

/// Stores what Connect tells of its connectors, and how many there are. A platform without them is no failure.
async fn connectors(cx: &ActionContext, evidence: &mut Evidence) -> Result<Value, ActionError> {
    let Some(endpoint) = &cx.environment.connect else {
        return Ok(Value::missing(no_connect()));
    };
    let list = async {
        let connect = service::connect(cx, endpoint).await?;
        let (listed, _) = connect.connectors().await?;
        connect.learn_passwords(listed.values().map(|connector| &connector.info.config)).await;
        Ok::<_, connect::ConnectError>((listed, connect.moved()))
    };
    let (listed, moved) = match unless_cancelled(cx, list).await {
        Ok(listed) => listed,
        Err(error @ (ActionError::Cancelled | ActionError::Misconfigured { .. })) => return Err(error),
        Err(error) => return Ok(Value::missing(error.said())),
    };
    evidence.remarks.extend(moved);
    let list: Vec<_> = listed
        .iter()
        .map(|(name, connector)| {
            json!({
                "name": name, "state": connector.status.connector.state, "tasks": connector.status.tasks.len(),
                "settings": connector.info.config.iter().map(|(name, value)| plain(name, value)).collect::<Vec<_>>(),
            })
        })
        .collect();
    cx.artifacts.write_json(CONNECTORS, &json!({ "connectors": list }))?;
    Ok(Value::count(list.len() as u64))
}

/// One setting in the form of the brokers' ones, masked where its name or its value is that of a secret.
fn plain(name: &str, value: &str) -> Json {
    json!({"name": name, "value": redact::mask_setting(name, value)})
}

messages! {
    area "snapshot";
    keep_all() => "keep the whole configuration of brokers, topics and connectors" / "relever toute la configuration des brokers, des topics et des connecteurs";
    no_broker() => "no broker is alive" / "aucun broker n'est en vie";
    no_connect() => "the environment defines no `connect`" / "l'environnement ne définit pas de `connect`";
    runs(cluster, version, how) => "cluster `{cluster}` runs Kafka {version}, {how}" / "le cluster `{cluster}` est en Kafka {version}, {how}";
    silent_ones(cluster, entities) => "could not read the configuration of {entities} on cluster `{cluster}`: deleted, or DescribeConfigs permission missing" / "configuration de {entities} illisible sur le cluster `{cluster}` : suppression, ou droit DescribeConfigs manquant";
    version_unknown(cluster, why) => "the version of cluster `{cluster}` is not known: {why}" / "la version du cluster `{cluster}` n'est pas connue : {why}";
}

#[cfg(test)]
mod tests {
    use super::{super::test_context::*, *};
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

    #[tokio::test]
    async fn connectors_are_kept_without_their_secrets() {
        let server = MockServer::start().await;
        let config = json!({
            "connector.class": "org.apache.kafka.connect.mirror.MirrorSourceConnector",
            "source.cluster.sasl.jaas.config": "x.ScramLoginModule required username=\"u\" password=\"in-clear-text\";",
            "source.cluster.ssl.truststore.password": "in-clear-text",
            "topics": "orders",
            "aws.secret.access.key": "in-clear-text", "basic.auth.user.info": "u:in-clear-text",
            "private.key": "in-clear-text", "x.credentials": "in-clear-text", "client.secret.x": "in-clear-text",
            "oauth.token": "in-clear-text", "my.api.key": "in-clear-text", "x.passphrase": "in-clear-text",
            "magic.word": "told-by-its-type",
        });
        let status =
            json!({"name": "mm2", "connector": {"state": "RUNNING", "worker_id": "h:1"}, "tasks": []});
        let body = json!({"mm2": {"info": {"name": "mm2", "config": config}, "status": status}});
        Mock::given(path("/connectors"))
            .respond_with(ResponseTemplate::new(200).set_body_json(body))
            .mount(&server)
            .await;
        Mock::given(path("/connector-plugins/org.apache.kafka.connect.mirror.MirrorSourceConnector/config"))
            .respond_with(ResponseTemplate::new(200).set_body_json(json!([
                {"name": "magic.word", "type": "PASSWORD"}, {"name": "topics", "type": "LIST"},
            ])))
            .mount(&server)
            .await;
        let (_folder, cx) = context(&format!("connect: {{url: \"{}\"}}", server.uri()));
        let evidence = action("snapshot", "{}").run(&cx).await.unwrap();
        keeps_its_promises("snapshot", &evidence);
        assert_eq!(shown(&evidence, "connectors"), "1");
        let kept = artifact(&cx, CONNECTORS);
        assert!(!kept.contains("in-clear-text") && !kept.contains("told-by-its-type"), "{kept}");
        assert!(kept.contains("\"orders\""), "{kept}");
    }

    #[tokio::test]
    async fn a_platform_without_connect_is_kept_too() {
        let (_folder, cx) = context("clusters: {}");
        let evidence = action("snapshot", "{}").run(&cx).await.unwrap();
        assert!(shown(&evidence, "connectors").contains("defines no `connect`"));
    }
}
