//! [`Environment`]: where the platform's services are and how to log in to them.

use super::{endpoint::Endpoint, workers::Workers};
use crate::record::{Said, Speaks, display_by_said, messages};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use url::Url;

/// One file of `plan/environments/`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Name, equal to the file's.
    pub name: String,
    /// One line for the report.
    #[serde(default)]
    pub description: String,
    /// A production platform: a run needs `--confirm NAME`.
    #[serde(default)]
    pub production: bool,
    /// Kafka clusters by the name that steps use (`source`, `target`).
    #[serde(default)]
    pub clusters: BTreeMap<String, Cluster>,
    /// Kafka Connect's REST API: a URL, or `{url: …}` with the keys that `schema_registry` has too. A list names several
    /// workers of the cluster (`[http://a:8083, http://b:8083]`), tried in turn when one does not answer; an entry that is
    /// a URL alone has the log-in of the first one.
    #[serde(default)]
    pub connect: Option<Workers>,
    /// Schema registry, path of the Confluent-compatible API included.
    #[serde(default)]
    pub schema_registry: Option<Endpoint>,
    /// Schema registries by the name of their cluster, where both sides have one; `parity` compares them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub schema_registries: BTreeMap<String, Endpoint>,
    /// Prometheus, which queries and targets are asked of.
    #[serde(default)]
    pub prometheus: Option<Endpoint>,
    /// Grafana, whose dashboards are checked.
    #[serde(default)]
    pub grafana: Option<Endpoint>,
    /// Trogdor, Kafka's distributed test engine, for loads with `driver: trogdor`.
    #[serde(default)]
    pub trogdor: Option<Trogdor>,
    /// Metrics endpoints by name (`source-broker-1: http://…/metrics`); with `{url: …}` the keys of a service are allowed.
    #[serde(default)]
    pub exporters: BTreeMap<String, Exporter>,
    /// Commands that act on the platform from outside Kafka (stop a broker), by name; `fault` actions use them.
    #[serde(default)]
    pub commands: BTreeMap<String, Vec<String>>,
    /// What MirrorMaker 2 copies from one cluster to another, by the names of both: `source->target`. `connector` actions
    /// with `mirror` take their settings from here; a flow that is not here has the clusters' names and log-ins.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub mirror: BTreeMap<String, Flow>,
    /// PromQL for the metric names that steps use (`metric: under_replicated_partitions`); `$cluster` is replaced by the
    /// cluster's name. Other names follow `metrics_profile`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, String>,
    /// How the exporters name metrics: `jmx-lower-case` (where left out), `jmx-mixed-case`, `confluent-helm` or `jmx-default`.
    /// `jalon doctor` says which one fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics_profile: Option<String>,
    /// Kafka's own command line tools on this machine, for the driver `kafka-tools` of a load.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kafka_tools: Option<KafkaTools>,
}

/// What MirrorMaker 2's connectors of a flow are set to, whatever the step.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// Alias of the source cluster; default: its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_alias: Option<String>,
    /// Alias of the target cluster; default: its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_alias: Option<String>,
    /// Topics that are copied, as MirrorMaker 2's `topics`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topics: Option<String>,
    /// Groups whose offsets are copied, as MirrorMaker 2's `groups`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<String>,
    /// How topics are called on the target: `default`, `identity`, or a class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Separator between the source alias and the topic name; default `.`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
    /// How the connectors log in to the source, under Java's names, in place of the cluster's own properties. Connect
    /// keeps them: `${file:PATH:KEY}` lets a worker take a secret from a file of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_properties: Option<BTreeMap<String, String>>,
    /// The same for the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_properties: Option<BTreeMap<String, String>>,
    /// Further settings of every connector of the flow.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub config: BTreeMap<String, serde_json::Value>,
}

/// Where Kafka's own tools are: the scripts of a distribution, or its jars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KafkaTools {
    /// The folder of a distribution's scripts (`/opt/kafka/bin`), from the campaign's folder where it is relative.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bin: Option<PathBuf>,
    /// Instead of `bin`: a class path that holds the tools (`/opt/kafka/libs/*`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_path: Option<String>,
    /// With `class_path`: the Java that runs them; the one on the PATH otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub java: Option<PathBuf>,
}

/// One Kafka cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// `host:port` list, separated by commas, as in Kafka's own property.
    pub bootstrap_servers: String,
    /// How many brokers belong to it, where known.
    #[serde(default)]
    pub brokers: Option<u32>,
    /// Data centre of the cluster, shown in the architecture diagram of the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// Client properties under Kafka's (Java) names; a value may be a secret reference.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
    /// `host:port` of each ZooKeeper node; empty on a KRaft cluster.
    #[serde(default)]
    pub zookeeper: Vec<String>,
}

/// A page of metrics: its address, or a whole endpoint where it asks for a log-in or has a certificate of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Exporter(pub Endpoint);

impl<'de> Deserialize<'de> for Exporter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(url) => {
                Url::parse(&url).map(|url| Self(Endpoint::at(url))).map_err(de::Error::custom)
            }
            other => serde_json::from_value(other).map(Self).map_err(de::Error::custom),
        }
    }
}

impl Serialize for Exporter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 == Endpoint::at(self.0.url.clone()) {
            true => self.0.url.serialize(serializer),
            false => self.0.serialize(serializer),
        }
    }
}

impl schemars::JsonSchema for Exporter {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "exporter".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let (url, endpoint) = (generator.subschema_for::<Url>(), generator.subschema_for::<Endpoint>());
        schemars::json_schema!({"anyOf": [url, endpoint]})
    }
}

/// A coordinator of Trogdor and its agents. Neither asks for a log-in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trogdor {
    /// URL of the coordinator.
    pub url: Url,
    /// URL of each agent, by the name of its node in the coordinator's own configuration; a load is spread over all.
    pub agents: BTreeMap<String, Url>,
    /// Kafka version of the agents' clients. Trogdor does not report it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Properties of the agents' Java clients, by cluster, in place of the cluster's own. Who reaches the coordinator
    /// reads them, so that a secret is refused: `${file:PATH:KEY}` lets the agent take it from a file on its machine.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub properties: BTreeMap<String, BTreeMap<String, String>>,
}

/// Puts `folder` before every relative path of a file below `value`, which stands under `key`.
fn rebase(key: &str, value: &mut serde_json::Value, folder: &Path) {
    use serde_json::Value;
    match value {
        Value::Object(map) => map.iter_mut().for_each(|(key, inner)| rebase(key, inner, folder)),
        Value::Array(items) => items.iter_mut().for_each(|item| rebase(key, item, folder)),
        Value::String(text) => {
            let is_file =
                ["ca_file", "certificate_file", "key_file"].contains(&key) || key.ends_with(".location");
            let (sort, path) = match text.strip_prefix("file:") {
                Some(path) => ("file:", path),
                None if is_file => ("", text.as_str()),
                None => return,
            };
            if Path::new(path).is_relative() {
                *text = format!("{sort}{}", folder.join(path).display());
            }
        }
        _ => {}
    }
}

impl Environment {
    /// The same with the relative paths of its files from `folder`. Those of `mirror` are of Connect's workers, and those of
    /// `commands` of the commands.
    pub fn below(&self, folder: &Path) -> Self {
        let Ok(mut json) = serde_json::to_value(self) else { return self.clone() };
        let parts = json.as_object_mut().into_iter().flatten();
        for (key, part) in parts.filter(|(key, _)| !["commands", "mirror"].contains(&key.as_str())) {
            rebase(key, part, folder);
        }
        match serde_json::from_value(json) {
            Ok(environment) => Self { name: self.name.clone(), ..environment },
            Err(_) => self.clone(),
        }
    }

    /// Whether it is a lab on this machine: one of its commands is jalon's own, `jalon lab fault`.
    pub fn is_lab(&self) -> bool {
        let is_jalon =
            |program: &String| program.rsplit('/').next().is_some_and(|name| name.starts_with("jalon"));
        self.commands.values().any(|argv| {
            argv.first().is_some_and(is_jalon)
                && ["lab", "fault"].iter().all(|word| argv.iter().any(|a| a == word))
        })
    }

    /// The cluster of that name, or an error that lists the names there are.
    pub fn cluster(&self, name: &str) -> Result<&Cluster, Unknown> {
        self.clusters.get(name).ok_or_else(|| Unknown {
            what: format!("cluster `{name}`"),
            environment: self.name.clone(),
            known: self.clusters.keys().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", "),
        })
    }

    /// The endpoint, or an error that says which key of the environment file to fill in.
    pub fn endpoint<'a, T>(&self, key: &str, endpoint: &'a Option<T>) -> Result<&'a T, Unknown> {
        endpoint.as_ref().ok_or_else(|| Unknown {
            what: format!("`{key}`"),
            environment: self.name.clone(),
            known: String::new(),
        })
    }
}

/// The environment has no such thing.
#[derive(Debug, thiserror::Error)]
pub struct Unknown {
    /// What was asked for.
    pub what: String,
    /// Name of the environment that was searched, as its file in `plan/environments` has it.
    pub environment: String,
    /// The names that it does define.
    pub known: String,
}

impl Speaks for Unknown {
    fn said(&self) -> Said {
        not_defined(&self.environment, &self.what)
    }
}

display_by_said!(Unknown);

messages! {
    area "environment";
    not_defined(environment, what) => "environment `{environment}` defines no {what}" / "l'environnement `{environment}` ne définit pas de {what}";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_from_the_campaigns_folder_but_for_those_of_others() {
        let json = serde_json::json!({
            "name": "own",
            "clusters": {"source": {"bootstrap_servers": "a:1", "properties": {
                "ssl.truststore.location": "secrets/ca.pem",
                "ssl.keystore.location": "/etc/own.pem",
                "ssl.keystore.password": "file:secrets/password",
            }}},
            "prometheus": {"url": "http://a:1", "ca_file": "secrets/ca.pem", "password": "env:NAME"},
            "commands": {"stop": ["file:run.sh"]},
            "mirror": {"source->target": {"source_properties": {"ssl.truststore.location": "of/the/worker"}}},
        });
        let environment: Environment = serde_json::from_value(json).unwrap();
        let below = serde_json::to_value(environment.below(Path::new("/campaign"))).unwrap();
        let properties = &below["clusters"]["source"]["properties"];
        assert_eq!(properties["ssl.truststore.location"], "/campaign/secrets/ca.pem");
        assert_eq!(properties["ssl.keystore.location"], "/etc/own.pem");
        assert_eq!(properties["ssl.keystore.password"], "file:/campaign/secrets/password");
        assert_eq!(below["prometheus"]["ca_file"], "/campaign/secrets/ca.pem");
        assert_eq!(below["prometheus"]["password"], "env:NAME");
        assert_eq!(below["commands"], serde_json::to_value(&environment.commands).unwrap());
        assert_eq!(below["mirror"], serde_json::to_value(&environment.mirror).unwrap());
    }
}
