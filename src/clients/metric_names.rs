//! Metric names by profile: what a plan means by `under_replicated_partitions`, in the words of the exporters that are
//! there. JMX exporters name the same bean differently, by their rule files.

use super::Environment;
use std::collections::BTreeSet;

/// What an expression has in the place of the cluster's name.
const CLUSTER: &str = "$cluster";

/// A rule file that is common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// Its name in an environment file.
    pub name: &'static str,
    /// The rules whose names it has, in words.
    pub about: &'static str,
    /// How it names `domain`, `type` and `name` of a bean.
    naming: Naming,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// `kafka_server_replicamanager_underreplicatedpartitions`: JMX exporter's example files with `lowercaseOutputName`.
    Lower,
    /// `kafka_server_ReplicaManager_UnderReplicatedPartitions`: the same without it.
    Mixed,
    /// `cp_kafka_server_replicamanager_underreplicatedpartitions`: Confluent's Helm charts.
    Confluent,
    /// `kafka_server_ReplicaManager_Value{name="UnderReplicatedPartitions"}`: the exporter without rules.
    Default,
}

/// Every profile, the one that is taken where nothing is said first.
pub const PROFILES: [Profile; 4] = [
    Profile {
        name: "jmx-lower-case",
        about: "the JMX exporter's example rules with `lowercaseOutputName: true`; the lab, Strimzi",
        naming: Naming::Lower,
    },
    Profile { name: "jmx-mixed-case", about: "the same rules without it", naming: Naming::Mixed },
    Profile {
        name: "confluent-helm",
        about: "Confluent's Helm charts (`cp_` in front)",
        naming: Naming::Confluent,
    },
    Profile {
        name: "jmx-default",
        about: "the JMX exporter with `rules: [{pattern: \".*\"}]`",
        naming: Naming::Default,
    },
];

/// A figure that a plan can ask for by its own name.
#[derive(Debug, Clone, Copy)]
pub struct Logical {
    /// Name by which plans ask for it, such as `offline_partitions`.
    pub name: &'static str,
    /// What the figure counts, in one English sentence, with the unit where it has one.
    pub about: &'static str,
    /// How its series are put together.
    aggregate: &'static str,
    /// Domain, type and name of the bean; and labels that a rule gives it.
    bean: (&'static str, &'static str, &'static str, &'static str),
}

const fn gauge(
    name: &'static str,
    about: &'static str,
    aggregate: &'static str,
    bean: (&'static str, &'static str, &'static str),
) -> Logical {
    Logical { name, about, aggregate, bean: (bean.0, bean.1, bean.2, "") }
}

/// Every figure with a name, sorted.
pub const LOGICAL: [Logical; 8] = [
    gauge(
        "active_controllers",
        "Active controllers; 1 is right.",
        "sum",
        ("kafka.controller", "KafkaController", "ActiveControllerCount"),
    ),
    gauge(
        "offline_partitions",
        "Partitions without a leader.",
        "max",
        ("kafka.controller", "KafkaController", "OfflinePartitionsCount"),
    ),
    gauge(
        "partitions",
        "Partitions with a replica, of all brokers.",
        "sum",
        ("kafka.server", "ReplicaManager", "PartitionCount"),
    ),
    Logical {
        name: "produce_time_p99_ms",
        about: "99th percentile of the time of produce requests, of the slowest broker, in ms.",
        aggregate: "max",
        bean: ("kafka.network", "RequestMetrics", "TotalTimeMs", "request=\"Produce\",quantile=\"0.99\""),
    },
    gauge(
        "request_queue",
        "Requests that wait, of the broker with most.",
        "max",
        ("kafka.network", "RequestChannel", "RequestQueueSize"),
    ),
    gauge(
        "unclean_elections",
        "Times a replica out of sync became leader.",
        "sum",
        ("kafka.controller", "ControllerStats", "UncleanLeaderElectionsPerSec"),
    ),
    gauge(
        "under_min_isr_partitions",
        "Partitions with fewer replicas in sync than `min.insync.replicas`.",
        "sum",
        ("kafka.server", "ReplicaManager", "UnderMinIsrPartitionCount"),
    ),
    gauge(
        "under_replicated_partitions",
        "Partitions with a replica out of sync.",
        "sum",
        ("kafka.server", "ReplicaManager", "UnderReplicatedPartitions"),
    ),
];

/// How busy the processors of the machines are.
pub const CPU_PERCENT: &str = "cpu_percent";
/// How long ago the target was scraped that was scraped longest ago.
pub const SCRAPE_AGE: &str = "scrape_age_s";

/// Figures that every rule file names alike, sorted: of Prometheus, of the node exporter, and of MirrorMaker 2 as the lab and Strimzi
/// name it.
const EVERYWHERE: [(&str, &str); 4] = [
    (CPU_PERCENT, "100 * (1 - avg(rate(node_cpu_seconds_total{mode=\"idle\"}[1m])))"),
    (
        "disk_free_percent",
        "100 * min(node_filesystem_avail_bytes{fstype!~\"tmpfs|overlay|squashfs|ramfs\"} / \
         node_filesystem_size_bytes{fstype!~\"tmpfs|overlay|squashfs|ramfs\"})",
    ),
    // A connector that has copied nothing yet shows NaN, which no series is equal to.
    (
        "mirror_latency_ms",
        "max(kafka_connect_mirror_mirrorsourceconnector_replication_latency_ms == \
         kafka_connect_mirror_mirrorsourceconnector_replication_latency_ms)",
    ),
    (SCRAPE_AGE, "max(time() - timestamp(up))"),
];

/// The profile of that name.
pub fn profile(name: &str) -> Option<&'static Profile> {
    PROFILES.iter().find(|profile| profile.name == name)
}

impl Logical {
    /// The metric, with the labels that single it out.
    fn selector(&self, naming: Naming) -> (String, String) {
        let (domain, kind, name, labels) = self.bean;
        let domain = domain.replace('.', "_");
        // Rates are counters: the rules of the first three count them.
        let (stem, counted) = match name.strip_suffix("PerSec") {
            Some(stem) => (stem, "_total"),
            None => (name, ""),
        };
        let plain = format!("{domain}_{kind}_{stem}{counted}");
        match naming {
            Naming::Lower => (plain.to_lowercase(), labels.to_owned()),
            Naming::Mixed => (plain, labels.to_owned()),
            Naming::Confluent => (format!("cp_{}", plain.to_lowercase()), labels.to_owned()),
            Naming::Default => {
                let value = match (counted, labels.contains("quantile")) {
                    (_, true) => "99thPercentile",
                    ("_total", _) => "Count",
                    _ => "Value",
                };
                let request = labels.split(',').find(|label| label.starts_with("request="));
                let more = request.map(|label| format!(",{label}")).unwrap_or_default();
                (format!("{domain}_{kind}_{value}"), format!("name=\"{name}\"{more}"))
            }
        }
    }

    fn expression(&self, naming: Naming) -> String {
        let (metric, labels) = self.selector(naming);
        let more = if labels.is_empty() { String::new() } else { format!(",{labels}") };
        format!("{}({metric}{{cluster=~\"{CLUSTER}\"{more}}})", self.aggregate)
    }
}

/// The PromQL of a figure in an environment, for one cluster or all; none where the name is unknown.
pub fn expression(environment: &Environment, name: &str, cluster: Option<&str>) -> Option<String> {
    let own = environment.metrics.get(name).cloned();
    let naming = environment.metrics_profile.as_deref().and_then(profile).unwrap_or(&PROFILES[0]).naming;
    let of_brokers = || LOGICAL.iter().find(|logical| logical.name == name).map(|l| l.expression(naming));
    let everywhere =
        || EVERYWHERE.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned());
    Some(own.or_else(of_brokers).or_else(everywhere)?.replace(CLUSTER, cluster.unwrap_or(".*")))
}

/// Every name that a plan can use in an environment.
pub fn names(environment: &Environment) -> BTreeSet<&str> {
    let shipped = LOGICAL.iter().map(|logical| logical.name).chain(EVERYWHERE.iter().map(|(name, _)| *name));
    shipped.chain(environment.metrics.keys().map(String::as_str)).collect()
}

/// How many of the figures each profile would find among these metric names, the best first.
pub fn fitting(there: &[String]) -> Vec<(&'static Profile, usize)> {
    let count = |profile: &Profile| {
        LOGICAL.iter().filter(|logical| there.contains(&logical.selector(profile.naming).0)).count()
    };
    let mut all: Vec<_> = PROFILES.iter().map(|profile| (profile, count(profile))).collect();
    all.sort_by_key(|(_, found)| std::cmp::Reverse(*found));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::promql;

    #[test]
    fn every_profile_has_promql_for_every_figure() {
        for profile in PROFILES {
            let environment =
                Environment { metrics_profile: Some(profile.name.to_owned()), ..Environment::default() };
            for logical in LOGICAL {
                let text = expression(&environment, logical.name, Some("source")).unwrap();
                assert!(promql::check(&text).is_ok(), "{text}");
                assert!(text.contains("cluster=~\"source\""), "{text}");
            }
        }
        assert!(LOGICAL.is_sorted_by_key(|logical| logical.name));
        for (name, text) in EVERYWHERE {
            assert!(promql::check(text).is_ok(), "{name}");
            assert_eq!(expression(&Environment::default(), name, Some("source")).unwrap(), text);
        }
    }

    #[test]
    fn names_are_those_of_the_rule_files() {
        let text = |profile: &str, name: &str| {
            let environment =
                Environment { metrics_profile: Some(profile.to_owned()), ..Environment::default() };
            expression(&environment, name, None).unwrap()
        };
        assert_eq!(
            text("jmx-lower-case", "under_replicated_partitions"),
            "sum(kafka_server_replicamanager_underreplicatedpartitions{cluster=~\".*\"})"
        );
        assert_eq!(
            text("jmx-default", "produce_time_p99_ms"),
            "max(kafka_network_RequestMetrics_99thPercentile{cluster=~\".*\",name=\"TotalTimeMs\",request=\"Produce\"})"
        );
        assert!(
            text("jmx-mixed-case", "unclean_elections")
                .contains("kafka_controller_ControllerStats_UncleanLeaderElections_total")
        );
    }

    #[test]
    fn an_environments_own_expression_wins_and_the_fitting_profile_is_found() {
        let own = [("partitions".to_owned(), "sum(mine{c=\"$cluster\"})".to_owned())].into();
        let environment = Environment { metrics: own, ..Environment::default() };
        assert_eq!(expression(&environment, "partitions", Some("a")).unwrap(), "sum(mine{c=\"a\"})");
        assert_eq!(expression(&environment, "nothing", None), None);
        let there = ["kafka_server_ReplicaManager_UnderReplicatedPartitions".to_owned(), "up".to_owned()];
        assert_eq!(fitting(&there)[0].0.name, "jmx-mixed-case");
    }
}
