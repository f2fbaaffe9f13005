//! [`Member`]: one process of a lab, as the options alone determine it.

use super::Options;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a process is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A ZooKeeper node.
    Zookeeper,
    /// A Kafka broker.
    Broker,
    /// A Kafka Connect worker.
    Connect,
    /// The schema registry.
    Registry,
    /// Prometheus.
    Prometheus,
    /// The machine's exporter.
    Exporter,
    /// The coordinator of Trogdor, Kafka's distributed test engine.
    TrogdorCoordinator,
    /// An agent of Trogdor, whose Java clients put load on a cluster.
    TrogdorAgent,
}

/// Which cluster a process belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The cluster that is replicated.
    Source,
    /// The cluster that is replicated to.
    Target,
}

/// One process of a lab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Member {
    /// Name within the lab, `source-broker-2`.
    pub(super) name: String,
    /// What it is.
    pub(super) role: Role,
    /// Its cluster, where it has one.
    pub(super) side: Option<Side>,
    /// The broker's id.
    pub(super) number: u16,
    /// Where it serves.
    pub(super) port: u16,
    /// Where it serves metrics at `/metrics`.
    pub(super) metrics_port: Option<u16>,
    /// Whether it belongs to a secure lab.
    #[serde(default)]
    pub(super) secure: bool,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zookeeper => "zookeeper",
            Self::Broker => "broker",
            Self::Connect => "connect",
            Self::Registry => "registry",
            Self::Prometheus => "prometheus",
            Self::Exporter => "exporter",
            Self::TrogdorCoordinator => "trogdor-coordinator",
            Self::TrogdorAgent => "trogdor-agent",
        })
    }
}

impl Side {
    /// The name of the cluster.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Target => "target",
        }
    }
}

impl Member {
    /// Where it is reached: `host:port`, or a URL for what speaks HTTP.
    pub(super) fn address(&self) -> String {
        let port = self.port;
        match self.role {
            Role::Zookeeper | Role::Broker => format!("127.0.0.1:{port}"),
            Role::Connect if self.secure => format!("https://127.0.0.1:{port}"),
            Role::Connect | Role::Prometheus | Role::TrogdorCoordinator | Role::TrogdorAgent => {
                format!("http://127.0.0.1:{port}")
            }
            Role::Registry => format!("http://127.0.0.1:{port}/apis/ccompat/v7"),
            Role::Exporter => format!("http://127.0.0.1:{port}/metrics"),
        }
    }

    /// The URL of its metrics.
    pub(super) fn metrics(&self) -> Option<String> {
        self.metrics_port.map(|port| format!("http://127.0.0.1:{port}/metrics"))
    }

    /// All places where it can be reached, the service itself first.
    pub(super) fn endpoints(&self) -> Vec<String> {
        let metrics = self.metrics().filter(|url| *url != self.address());
        [self.address()].into_iter().chain(metrics).collect()
    }

    /// The ports that it listens on.
    pub(super) fn ports(&self) -> Vec<u16> {
        let metrics = self.metrics_port.filter(|port| *port != self.port);
        [self.port].into_iter().chain(metrics).collect()
    }
}

/// The processes of a lab, in the order in which they depend on one another.
pub(super) fn members(options: &Options) -> Vec<Member> {
    let port = |usual, packed| options.port(usual, packed);
    let exporter = |usual, packed| options.prometheus.then(|| options.port(usual, packed));
    let mut all = vec![];
    let clusters =
        [(Side::Source, options.source_brokers, 0_u16), (Side::Target, options.target_brokers, 1_u16)];
    for (side, _, nth) in clusters.iter().filter(|(_, brokers, _)| *brokers > 0) {
        all.push(Member {
            name: format!("{}-zookeeper", side.name()),
            role: Role::Zookeeper,
            side: Some(*side),
            number: 1,
            port: port(12_181 + 10_000 * nth, *nth),
            metrics_port: exporter(17_070 + 10 * nth, 40 + 10 * nth),
            secure: options.secure,
        });
    }
    for (side, brokers, nth) in clusters {
        for number in 1..=brokers {
            all.push(Member {
                name: format!("{}-broker-{number}", side.name()),
                role: Role::Broker,
                side: Some(side),
                number,
                port: port(19_091 + 10_000 * nth + number, 9 + 10 * nth + number),
                metrics_port: exporter(17_070 + 10 * nth + number, 40 + 10 * nth + number),
                secure: options.secure,
            });
        }
    }
    let mut single = |name: &str, role, port, metrics_port| {
        let secure = options.secure;
        all.push(Member { name: name.to_owned(), role, side: None, number: 1, port, metrics_port, secure });
    };
    if options.trogdor {
        single("trogdor", Role::TrogdorCoordinator, port(18_889, 35), None);
        single("trogdor-agent-1", Role::TrogdorAgent, port(18_887, 36), None);
        single("trogdor-agent-2", Role::TrogdorAgent, port(18_888, 37), None);
    }
    if options.connect {
        single("connect", Role::Connect, port(18_083, 30), exporter(17_090, 60));
    }
    if options.registry {
        // Health and metrics of the registry are on its management port, wanted or not.
        single("registry", Role::Registry, port(18_182, 33), Some(port(18_192, 34)));
    }
    if options.prometheus {
        single("prometheus", Role::Prometheus, port(19_090, 31), Some(port(19_090, 31)));
        single("node-exporter", Role::Exporter, port(19_100, 32), Some(port(19_100, 32)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Cache;
    use std::collections::BTreeSet;

    fn full() -> Options {
        Options::new("/lab", Cache::at("/cache"))
    }

    #[test]
    fn the_usual_lab_has_the_usual_ports() {
        let of = |name: &str| members(&full()).into_iter().find(|m| m.name == name).unwrap().endpoints();
        assert_eq!(of("source-zookeeper"), ["127.0.0.1:12181", "http://127.0.0.1:17070/metrics"]);
        assert_eq!(of("target-zookeeper"), ["127.0.0.1:22181", "http://127.0.0.1:17080/metrics"]);
        assert_eq!(of("source-broker-3"), ["127.0.0.1:19094", "http://127.0.0.1:17073/metrics"]);
        assert_eq!(of("target-broker-1"), ["127.0.0.1:29092", "http://127.0.0.1:17081/metrics"]);
        assert_eq!(of("connect"), ["http://127.0.0.1:18083", "http://127.0.0.1:17090/metrics"]);
        assert_eq!(of("registry")[0], "http://127.0.0.1:18182/apis/ccompat/v7");
        assert_eq!(of("prometheus")[0], "http://127.0.0.1:19090");
        assert_eq!(of("node-exporter"), ["http://127.0.0.1:19100/metrics"]);
    }

    #[test]
    fn no_two_processes_share_a_port_or_a_name() {
        for port_base in [None, Some(31_000)] {
            let largest =
                Options { source_brokers: 8, target_brokers: 8, trogdor: true, port_base, ..full() };
            let all = members(&largest);
            let ports: Vec<u16> = all.iter().flat_map(Member::ports).collect();
            assert_eq!(ports.iter().collect::<BTreeSet<_>>().len(), ports.len(), "{ports:?}");
            assert_eq!(all.iter().map(|m| &m.name).collect::<BTreeSet<_>>().len(), all.len());
            if let Some(base) = port_base {
                assert!(ports.iter().all(|p| (base..base + 61).contains(p)), "{ports:?}");
            }
        }
    }

    #[test]
    fn what_is_left_out_is_not_there() {
        let small = Options {
            source_brokers: 1,
            target_brokers: 0,
            connect: false,
            registry: false,
            prometheus: false,
            ..full()
        };
        let names: Vec<_> = members(&small).into_iter().map(|m| (m.name, m.metrics_port)).collect();
        assert_eq!(names, [("source-zookeeper".into(), None), ("source-broker-1".into(), None)]);
    }
}
