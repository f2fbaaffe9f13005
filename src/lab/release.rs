//! [`Release`]: the releases of Kafka that a lab can run, each with the Java that it needs and its jars.

use super::{
    fetch::Item,
    java::{Java, Runtime},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A release of Kafka that a lab can run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Release {
    /// 3.7.2, with ZooKeeper or KRaft. It needs Java 11 to 23.
    #[default]
    #[serde(rename = "3.7.2")]
    V3_7_2,
    /// 4.3.1, the newest one, which has KRaft alone. It needs Java 17 or newer.
    #[serde(rename = "4.3.1")]
    V4_3_1,
}

impl Release {
    /// All of them, the oldest first.
    pub const ALL: [Self; 2] = [Self::V3_7_2, Self::V4_3_1];

    /// Returns the version of the release, such as `3.7.2`.
    pub fn version(self) -> &'static str {
        match self {
            Self::V3_7_2 => "3.7.2",
            Self::V4_3_1 => "4.3.1",
        }
    }

    /// Whether it has no ZooKeeper any more.
    pub fn is_kraft_only(self) -> bool {
        self == Self::V4_3_1
    }

    /// What it runs from.
    pub(super) fn runtime(self) -> &'static Runtime {
        match self {
            Self::V3_7_2 => &KAFKA_3,
            Self::V4_3_1 => &KAFKA_4,
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.version())
    }
}

/// The jars of both are copied by Maven.
const COPY: &[&str] = &[
    "mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies -DoutputDirectory=libs",
];

/// What serves the metrics of both.
const EXPORTER: Item = Item {
    folder: "jmx-exporter-1.0.1",
    what: "the JMX exporter, 3 MB",
    proof: "jmx_prometheus_javaagent-1.0.1.jar",
    pom: None,
    commands: &["mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
          -Dartifact=io.prometheus.jmx:jmx_prometheus_javaagent:1.0.1 -DoutputDirectory=."],
};

/// Kafka, ZooKeeper, Connect, MirrorMaker 2 and the tools, for one class path `libs/*`. The JMX exporter stays out of it,
/// for it would change it. From 24 on, Java has no security manager, whose calls this Kafka still makes.
static KAFKA_3: Runtime = Runtime {
    java: Java {
        what: "Kafka 3.7",
        versions: 11..=23,
        needed: "11 to 23",
        package: "openjdk-17-jre-headless",
        download: false,
    },
    item: Item {
        folder: "kafka-3.7.2",
        what: "Kafka 3.7.2 with Connect and MirrorMaker 2, 55 MB",
        proof: "libs/kafka_2.13-3.7.2.jar",
        pom: Some(include_str!("services/conf/pom.xml")),
        commands: COPY,
    },
    jars: "libs",
    agent: Some(EXPORTER),
};

/// The same without ZooKeeper. Brokers, Connect and the tools need Java 17 (KIP-1013).
static KAFKA_4: Runtime = Runtime {
    java: Java {
        what: "Kafka 4.3",
        versions: 17..=u32::MAX,
        needed: "17 or newer",
        package: "openjdk-17-jre-headless",
        download: false,
    },
    item: Item {
        folder: "kafka-4.3.1",
        what: "Kafka 4.3.1 with Connect and MirrorMaker 2, 55 MB",
        proof: "libs/kafka_2.13-4.3.1.jar",
        pom: Some(include_str!("services/conf/pom-4.xml")),
        commands: COPY,
    },
    jars: "libs",
    agent: Some(EXPORTER),
};
