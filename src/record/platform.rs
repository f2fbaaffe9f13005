//! What a run keeps of a platform's configuration: the documents of the `snapshot` action, written and read as the same types.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One file of a snapshot.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Kept {
    /// The brokers of a cluster.
    Brokers(Brokers),
    /// The connectors of Kafka Connect.
    Connectors(Connectors),
    /// The topics of a cluster.
    Topics(Topics),
}

/// The file of the connectors.
pub const CONNECTORS: &str = "connectors.json";
const BROKERS: &str = "brokers-";
const TOPICS: &str = "topics-";

/// The file of a cluster's brokers.
pub fn brokers_file(cluster: &str) -> String {
    format!("{BROKERS}{cluster}.json")
}

/// The file of a cluster's topics.
pub fn topics_file(cluster: &str) -> String {
    format!("{TOPICS}{cluster}.json")
}

impl Kept {
    /// Name of the file.
    pub fn file(&self) -> String {
        match self {
            Self::Brokers(of) => brokers_file(&of.cluster),
            Self::Connectors(_) => CONNECTORS.to_owned(),
            Self::Topics(of) => topics_file(&of.cluster),
        }
    }

    /// Reads a file of that name; `None` where a snapshot has others of that name.
    ///
    /// # Errors
    /// If the bytes are not what such a file holds.
    pub fn read(file: &str, bytes: &[u8]) -> serde_json::Result<Option<Self>> {
        Ok(Some(match file {
            CONNECTORS => Self::Connectors(serde_json::from_slice(bytes)?),
            file if file.starts_with(BROKERS) => Self::Brokers(serde_json::from_slice(bytes)?),
            file if file.starts_with(TOPICS) => Self::Topics(serde_json::from_slice(bytes)?),
            _ => return Ok(None),
        }))
    }
}

/// The brokers of a cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Brokers {
    /// Name of the cluster in the environment.
    pub cluster: String,
    /// The id that the cluster has given itself.
    #[serde(default)]
    pub cluster_id: Option<String>,
    /// Id of the controller.
    #[serde(default)]
    pub controller: Option<i32>,
    /// Version of Kafka; none where it could not be found out.
    #[serde(default)]
    pub version: Option<Version>,
    /// The brokers, in no order.
    #[serde(default)]
    pub brokers: Vec<Broker>,
}

/// A version of Kafka.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Version {
    /// With how it was found out.
    Found {
        /// The version, such as `3.7`.
        text: String,
        /// How it was found out, in a sentence.
        #[serde(default)]
        how: String,
    },
    /// The version alone, as the first snapshots have it.
    Text(String),
}

impl Version {
    /// The version, such as `3.7`.
    pub fn text(&self) -> &str {
        match self {
            Self::Found { text, .. } | Self::Text(text) => text,
        }
    }
}

/// One broker.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Broker {
    /// `broker.id` or `node.id`.
    pub id: i32,
    /// Advertised host.
    #[serde(default)]
    pub host: String,
    /// Advertised port.
    #[serde(default)]
    pub port: i32,
    /// `broker.rack`.
    #[serde(default)]
    pub rack: Option<String>,
    /// All settings, secrets masked.
    #[serde(default)]
    pub settings: Vec<Setting>,
}

/// The topics of a cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Topics {
    /// Name of the cluster in the environment.
    pub cluster: String,
    /// The topics, internal ones too.
    #[serde(default)]
    pub topics: Vec<Topic>,
}

/// One topic.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Topic {
    /// Name of the topic.
    pub name: String,
    /// Why the broker told nothing of it.
    #[serde(default)]
    pub error: Option<String>,
    /// Replicas of a partition; none where the topic has none.
    #[serde(default)]
    pub replication_factor: Option<usize>,
    /// The partitions with leader and replicas.
    #[serde(default)]
    pub partitions: Vec<serde_json::Value>,
    /// All settings.
    #[serde(default)]
    pub settings: Vec<Setting>,
}

/// The connectors of Kafka Connect.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Connectors {
    /// The connectors by name.
    #[serde(default)]
    pub connectors: Vec<Connector>,
}

/// One connector.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Connector {
    /// Name of the connector.
    pub name: String,
    /// State that Connect shows, such as `RUNNING`.
    #[serde(default)]
    pub state: String,
    /// How many tasks it has.
    #[serde(default)]
    pub tasks: usize,
    /// All settings, secrets masked.
    #[serde(default)]
    pub settings: Vec<Setting>,
}

/// A setting of a broker, a topic or a connector.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Setting {
    /// Name of the setting.
    pub name: String,
    /// Its value; none where it has none.
    #[serde(default)]
    pub value: Option<String>,
    /// Where the value comes from, and whether it is kept secret; nothing of a connector.
    #[serde(flatten)]
    pub origin: BTreeMap<String, serde_json::Value>,
}

/// The values of settings by name.
pub fn values(settings: &[Setting]) -> BTreeMap<&str, &str> {
    settings.iter().filter_map(|of| Some((of.name.as_str(), of.value.as_deref()?))).collect()
}
