//! [`Need`]: what an action needs of the platform before it can do its work.

/// What an action needs of the platform. `jalon doctor` tries each before a run; a name may still hold an expression.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Settings of the brokers and topics of a cluster are read.
    Settings(String),
    /// A program is started: its name and arguments.
    Program(Vec<String>),
    /// A consumer group reads from a cluster.
    Group {
        /// Cluster of the environment that the group reads from.
        cluster: String,
        /// Id of the consumer group.
        group: String,
    },
    /// A connector copies from one cluster to another under a prefix.
    Flow {
        /// Name of the target cluster.
        target: String,
        /// Alias of the source cluster.
        alias: String,
        /// What the names of the copies begin with.
        prefix: String,
    },
    /// An exporter's page has metrics.
    Metrics {
        /// Name of the exporter in the environment.
        exporter: String,
        /// Names of the metrics that its page must have.
        names: Vec<String>,
    },
    /// Connect can run a connector of that class.
    Plugin(String),
    /// Prometheus has series for a PromQL expression.
    Query(String),
    /// Prometheus scrapes targets whose job matches a pattern.
    Jobs(String),
    /// A topic is made, or is there already as it is asked for.
    Topic {
        /// Cluster of the environment that has the topic.
        cluster: String,
        /// Name of the topic, perhaps with an expression.
        topic: String,
        /// Its partitions, where they are known.
        partitions: Option<u32>,
        /// Its replication factor, where it is known.
        replication_factor: Option<u32>,
    },
    /// Records are written to a topic.
    Write {
        /// Cluster of the environment that is written to.
        cluster: String,
        /// Name of the topic that is written to.
        topic: String,
        /// How many bytes of values, where that is known.
        bytes: Option<u64>,
    },
    /// Records of a topic are read.
    Read {
        /// Cluster of the environment that is read from.
        cluster: String,
        /// Name of the topic that is read.
        topic: String,
    },
    /// A topic is deleted where it is there.
    Delete {
        /// Cluster of the environment that has the topic.
        cluster: String,
        /// Name of the topic that is deleted.
        topic: String,
    },
    /// The ZooKeeper nodes of a cluster are asked.
    ZooKeeper(String),
}

impl Need {
    /// Whether every name in it is known before the run.
    pub fn is_known(&self) -> bool {
        let texts: Vec<&str> = match self {
            Self::Settings(text)
            | Self::Plugin(text)
            | Self::Query(text)
            | Self::Jobs(text)
            | Self::ZooKeeper(text) => vec![text],
            Self::Program(words) => words.iter().map(String::as_str).collect(),
            Self::Metrics { exporter, names } => names.iter().chain([exporter]).map(String::as_str).collect(),
            Self::Flow { target, alias, prefix } => vec![target, alias, prefix],
            Self::Group { cluster, group: name }
            | Self::Topic { cluster, topic: name, .. }
            | Self::Delete { cluster, topic: name }
            | Self::Write { cluster, topic: name, .. }
            | Self::Read { cluster, topic: name } => vec![cluster, name],
        };
        !texts.iter().any(|text| text.contains("{{"))
    }
}
