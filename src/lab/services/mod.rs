//! The register of services: one module line and one register line a service.
//!
//! The register stands in the order of the layers, from the ground up, for that is the order in which `jalon lab status`
//! shows the processes and in which they enter the environment.

mod broker;
mod connect;
pub(super) mod kafka;
mod kraft;
mod node_exporter;
mod prometheus;
mod registry;
mod trogdor;
mod zookeeper;

use super::{
    LabError, Options,
    options::Switch,
    service::{Kind, Member, Role, Service},
    tools::Need,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use serde_json::json;
use std::borrow::Cow;

/// Every service.
static SERVICES: &[&dyn Service] = &[
    &zookeeper::Zookeeper,
    &broker::Broker,
    &trogdor::COORDINATOR,
    &trogdor::AGENT,
    &connect::Connect,
    &registry::Registry,
    &prometheus::Prometheus,
    &node_exporter::NodeExporter,
];

/// The processes of a lab, each before what depends on it.
pub(super) fn members(options: &Options) -> Vec<Member> {
    SERVICES.iter().flat_map(|service| service.members(options)).collect()
}

/// What must be installed or downloaded before these processes can start.
pub(super) fn needs(members: &[Member]) -> Vec<Need> {
    let mut needs = vec![];
    for member in members {
        let Kind { needs: others, .. } = *member.kind();
        if let Some(runtime) = member.runtime() {
            let agent = runtime.agent.as_ref().filter(|_| member.metrics_port.is_some());
            needs.extend([Need::Java(&runtime.java), Need::Item(&runtime.item)]);
            needs.extend(agent.map(Need::Item));
        }
        needs.extend_from_slice(others);
    }
    needs
}

/// The flags of `jalon lab up` that add processes or leave them out, in the order of their names.
pub fn switches() -> Vec<&'static Switch> {
    let mut all: Vec<_> = SERVICES.iter().filter_map(|service| service.kind().switch).collect();
    all.sort_by_key(|switch| switch.flag);
    all.dedup();
    all
}

/// Refuses a flag whose processes do not go with the release of Kafka.
pub(super) fn check(options: &Options) -> Result<(), LabError> {
    let refused = |switch: &&'static Switch| switch.before_4 && options.given(switch);
    match switches().into_iter().find(refused).filter(|_| options.kafka.is_kraft_only()) {
        Some(Switch { flag, .. }) => Err(LabError::NotWith { flag, kafka: options.kafka.version() }),
        None => Ok(()),
    }
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let service = SERVICES.iter().find(|service| service.kind().name == name);
        service
            .map(|service| Self::of(*service))
            .ok_or_else(|| de::Error::custom(format!("unknown role `{name}`")))
    }
}

impl JsonSchema for Role {
    fn schema_name() -> Cow<'static, str> {
        "Role".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let each = |service: &&dyn Service| json!({"description": service.kind().about, "type": "string", "const": service.kind().name});
        let all: Vec<_> = SERVICES.iter().map(each).collect();
        json_schema!({"description": "What a process is.", "oneOf": all})
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::lab::{
        Cache,
        secrets::Secrets,
        service::{Layer, Setup},
    };
    use std::collections::BTreeSet;

    fn usual() -> Options {
        Options::new("/lab", Cache::at("/cache"))
    }

    /// The process of that name.
    pub(in crate::lab) fn member(options: &Options, name: &str) -> Member {
        members(options).into_iter().find(|m| m.name == name).unwrap()
    }

    /// What a file of the lab says.
    pub(in crate::lab) fn file(options: &Options, path: &str) -> String {
        let word = |text: &str| text.to_owned();
        let secrets =
            Secrets { admin: word("admin-pw"), campaign: word("campaign-pw"), store: word("store-pw") };
        let members = members(options);
        let setup = Setup { options, members: &members, secrets: options.secure.then_some(&secrets) };
        let mut files = members.iter().flat_map(|m| m.service().files(m, &setup));
        files.find(|file| file.0 == path).unwrap().1
    }

    #[test]
    fn services_are_unique_and_stand_on_what_is_listed_before() {
        assert!(SERVICES.is_sorted_by_key(|service| service.kind().layer));
        let names: BTreeSet<_> = SERVICES.iter().map(|service| service.kind().name).collect();
        assert_eq!(names.len(), SERVICES.len());
        assert!(names.iter().all(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
        let ends: BTreeSet<_> = Layer::ENDS.into_iter().collect();
        assert!(
            SERVICES.iter().all(|service| ends.contains(&service.kind().layer)),
            "each ends with its layer"
        );
    }

    #[test]
    fn the_usual_lab_has_the_usual_ports() {
        let of = |name: &str| member(&usual(), name).endpoints();
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
    fn the_usual_lab_is_listed_from_the_ground_up() {
        let names: Vec<_> = members(&usual()).into_iter().map(|m| m.name).collect();
        assert_eq!(
            names,
            [
                "source-zookeeper",
                "target-zookeeper",
                "source-broker-1",
                "source-broker-2",
                "source-broker-3",
                "target-broker-1",
                "connect",
                "registry",
                "prometheus",
                "node-exporter"
            ]
        );
    }

    #[test]
    fn no_two_processes_share_a_port_or_a_name() {
        for port_base in [None, Some(31_000)] {
            let largest = Options { source_brokers: 8, target_brokers: 8, port_base, ..usual() };
            // With and without its switch, for one of them adds a process.
            let either = |service: &&dyn Service| {
                let switched =
                    service.kind().switch.map(|switch| service.members(&largest.clone().with(switch)));
                let usual = service.members(&largest);
                if usual.is_empty() { switched.unwrap() } else { usual }
            };
            let all: Vec<Member> = SERVICES.iter().flat_map(either).collect();
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
        let mut small = Options { source_brokers: 1, target_brokers: 0, ..usual() };
        small.switches = switches().iter().map(|s| s.flag).filter(|flag| flag.starts_with("no-")).collect();
        let names: Vec<_> = members(&small).into_iter().map(|m| (m.name, m.metrics_port)).collect();
        assert_eq!(names, [("source-zookeeper".into(), None), ("source-broker-1".into(), None)]);
    }

    #[test]
    fn a_secure_lab_lets_nobody_in_in_clear() {
        let options = Options { secure: true, ..usual() };
        for name in ["source-broker-1", "target-broker-1", "connect"] {
            let text = file(&options, &format!("conf/{name}.properties"));
            assert!(!text.contains("PLAINTEXT") && !text.contains("http://"), "{text}");
            assert!(text.contains("admin-pw") && text.contains("store-pw"), "{text}");
            assert!(!text.contains("campaign-pw"), "{text}");
            let names: Vec<_> =
                text.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
            let once: BTreeSet<_> = names.iter().collect();
            assert_eq!(once.len(), names.len(), "a setting is there twice: {text}");
        }
    }

    #[test]
    fn a_role_is_read_by_its_name() {
        for service in SERVICES {
            let role = serde_json::to_value(Role::of(*service)).unwrap();
            assert_eq!(role, service.kind().name);
            assert_eq!(serde_json::from_value::<Role>(role).unwrap(), Role::of(*service));
        }
        let error = serde_json::from_value::<Role>(json!("zoo")).unwrap_err().to_string();
        assert_eq!(error, "unknown role `zoo`");
    }
}
