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
    record::{
        ActionRole, Evidence, Said, Speaks, Unit, Value, messages,
        platform::{self, Kept},
    },
    support::redact,
};
use serde::Deserialize;
use serde_json::json;
use std::{collections::BTreeMap, time::Duration};

/// Parameters of `snapshot`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Snapshot {}

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
                "artifacts": [platform::brokers_file(name), platform::topics_file(name)],
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
            Ok(value) => evidence.put_from("connectors", value, platform::CONNECTORS),
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
    let brokers = topology.brokers.iter().map(|broker| {
        let settings = of(&settings, &Entity::Broker(broker.id));
        let rack = config_entry::value(settings, "broker.rack").map(str::to_owned);
        let (id, host, port) = (broker.id, broker.host.clone(), broker.port);
        platform::Broker { id, host, port, rack, settings: settings.iter().map(Setting::kept).collect() }
    });
    let version = version.ok().map(|of| platform::Version::Found { text: of.text, how: of.how.to_string() });
    keep(
        cx,
        &Kept::Brokers(platform::Brokers {
            cluster: name.to_owned(),
            cluster_id: topology.cluster_id.clone(),
            controller: topology.controller,
            version,
            brokers: brokers.collect(),
        }),
    )?;
    let topics = topology.topics.iter().map(|topic| platform::Topic {
        name: topic.name.clone(),
        error: topic.error.clone(),
        replication_factor: Some(topic.replication_factor()),
        partitions: topic.partitions.iter().map(|partition| json!(partition)).collect(),
        settings: of(&settings, &Entity::Topic(topic.name.clone())).iter().map(Setting::kept).collect(),
    });
    keep(cx, &Kept::Topics(platform::Topics { cluster: name.to_owned(), topics: topics.collect() }))?;
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
    let list = listed.iter().map(|(name, connector)| platform::Connector {
        name: name.clone(),
        state: connector.status.connector.state.clone(),
        tasks: connector.status.tasks.len(),
        settings: connector.info.config.iter().map(|(name, value)| plain(name, value)).collect(),
    });
    keep(cx, &Kept::Connectors(platform::Connectors { connectors: list.collect() }))?;
    Ok(Value::count(listed.len() as u64))
}

/// Stores one file of the snapshot.
fn keep(cx: &ActionContext, kept: &Kept) -> Result<(), ActionError> {
    cx.artifacts.write_json(&kept.file(), kept)?;
    Ok(())
}

/// One setting of a connector, masked where its name or its value is that of a secret.
fn plain(name: &str, value: &str) -> platform::Setting {
    let value = redact::mask_setting(name, value).into_owned();
    platform::Setting { name: name.to_owned(), value: Some(value), origin: BTreeMap::new() }
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
        let kept = artifact(&cx, platform::CONNECTORS);
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
