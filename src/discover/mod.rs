//! What a platform tells of itself before it has an environment file: which services answer ([`probe`]), exporters from the
//! targets of Prometheus, replication flows from MirrorMaker 2's connectors; and the file that follows ([`draft`]).

pub mod draft;
pub mod probe;

use crate::{
    clients::{
        Endpoint,
        connect::{Connect, Listed, is_class},
        mirror_flow::{CHECKPOINT_CLASS, SOURCE_CLASS},
        prometheus::{Prometheus, Target},
    },
    support::redact,
};
use draft::{Draft, FoundFlow, Side};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::time::timeout;
use url::{Host, Url};

/// How long one service may take.
const LIMIT: Duration = Duration::from_secs(10);

/// Adds to the draft what Prometheus and Connect report, each only if it has answered already.
pub async fn all(draft: &mut Draft, has_answered: impl Fn(&str) -> bool) {
    let prometheus = draft.prometheus.clone().filter(|_| has_answered("Prometheus"));
    let connect = draft.connect.clone().filter(|_| has_answered("Kafka Connect"));
    let targets = async {
        let server = Prometheus::open(&Endpoint::at(prometheus?)).await.ok()?;
        Some(server.targets().await.ok()?.result)
    };
    let connectors = async {
        let worker = Connect::at(&Endpoint::at(connect?)).await.ok()?;
        Some(worker.connectors().await.ok()?.0)
    };
    let (targets, connectors) = tokio::join!(timeout(LIMIT, targets), timeout(LIMIT, connectors));
    if let Ok(Some(targets)) = targets {
        (draft.exporters, draft.targets) = exporters(draft, &targets);
    }
    if let Ok(Some(connectors)) = connectors
        && draft.flows.is_empty()
    {
        draft.flows = flows(draft, &connectors);
    }
}

/// The targets under the names that the plan has for exporters, and the others with their jobs.
fn exporters(draft: &Draft, targets: &[Target]) -> (BTreeMap<String, String>, Vec<(String, String)>) {
    let (mut named, mut others) = (BTreeMap::new(), Vec::new());
    let mut sorted: Vec<&Target> = targets.iter().collect();
    sorted.sort_by(|a, b| (a.job(), &a.scrape_url).cmp(&(b.job(), &b.scrape_url)));
    sorted.dedup_by(|a, b| a.scrape_url == b.scrape_url);
    for target in sorted {
        // An address with a secret must not get into a file of the plan.
        let url = redact::mask(&target.scrape_url).into_owned();
        if url != target.scrape_url {
            others.push((target.job().to_owned(), url));
            continue;
        }
        match name_of(draft, target).and_then(|name| free(&name, &named)) {
            Some(name) => drop(named.insert(name, url)),
            None => others.push((target.job().to_owned(), url)),
        }
    }
    (named, others)
}

/// A name that is not taken yet: brokers are counted, of anything else the plan has one.
fn free(name: &str, taken: &BTreeMap<String, String>) -> Option<String> {
    match name.strip_suffix("-broker") {
        Some(_) => (1..).map(|n| format!("{name}-{n}")).find(|name| !taken.contains_key(name)),
        None => (!taken.contains_key(name)).then(|| name.to_owned()),
    }
}

fn name_of(draft: &Draft, target: &Target) -> Option<String> {
    let job = target.job().to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| job.contains(word));
    if has(&["connect", "mirror", "mm2"]) {
        return Some("connect".to_owned());
    }
    if has(&["node"]) {
        return Some("node-exporter".to_owned());
    }
    let host = host(&target.scrape_url);
    let side = side_of(draft, target, host.as_deref());
    if has(&["zookeeper", "zk"]) {
        return side.map(|side| format!("{side}-zookeeper"));
    }
    if !has(&["kafka", "broker"]) {
        return None;
    }
    let side = side?;
    let of = if side == "source" { &draft.source } else { &draft.target };
    let mut ids = of.hosts.iter().filter(|(_, at)| Some(at) == host.as_ref()).map(|(id, _)| *id);
    // Brokers that share a host are numbered instead.
    match (ids.next(), ids.next()) {
        (Some(id), None) => Some(format!("{side}-broker-{id}")),
        _ => Some(format!("{side}-broker")),
    }
}

/// The cluster that a target belongs to: as a label says, else by its host.
fn side_of(draft: &Draft, target: &Target, host: Option<&str>) -> Option<&'static str> {
    let said = ["cluster", "kafka_cluster", "env", "role"].iter().find_map(|label| target.labels.get(*label));
    let by_label = said.and_then(|said| ["source", "target"].into_iter().find(|side| said.contains(side)));
    let has = |side: &Side| host.is_some_and(|host| side.hosts.iter().any(|(_, at)| at == host));
    by_label.or_else(|| match (has(&draft.source), has(&draft.target)) {
        (true, false) => Some("source"),
        (false, true) => Some("target"),
        _ => None,
    })
}

fn host(url: &str) -> Option<String> {
    Some(match Url::parse(url).ok()?.host()? {
        Host::Domain(name) => name.to_owned(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    })
}

/// What MirrorMaker 2's connectors copy, a flow for each pair of aliases.
fn flows(draft: &Draft, connectors: &BTreeMap<String, Listed>) -> Vec<FoundFlow> {
    let mut found: BTreeMap<(String, String), FoundFlow> = BTreeMap::new();
    for (name, listed) in connectors {
        let config = &listed.info.config;
        let get = |key: &str| config.get(key).cloned().unwrap_or_default();
        let (of, to) = (get("source.cluster.alias"), get("target.cluster.alias"));
        let class = get("connector.class");
        let is = |known: &str| is_class(known, &class);
        if !is(SOURCE_CLASS) && !is(CHECKPOINT_CLASS) || of.is_empty() || to.is_empty() {
            continue;
        }
        let flow = found.entry((of.clone(), to.clone())).or_insert_with(|| FoundFlow {
            reversed: is_reversed(draft, &get("source.cluster.bootstrap.servers")),
            source_alias: of,
            target_alias: to,
            ..FoundFlow::default()
        });
        flow.connectors.push(name.clone());
        for (key, into) in [
            ("topics", &mut flow.topics),
            ("groups", &mut flow.groups),
            ("replication.policy.class", &mut flow.policy),
            ("replication.policy.separator", &mut flow.separator),
        ] {
            // Each connector has its own of them.
            let own = match key {
                "topics" => is(SOURCE_CLASS),
                "groups" => is(CHECKPOINT_CLASS),
                _ => true,
            };
            if own && into.is_empty() {
                *into = get(key);
            }
        }
    }
    found.into_values().collect()
}

/// Whether a connector reads from what is the target here.
fn is_reversed(draft: &Draft, bootstrap: &str) -> bool {
    let servers = |text: &str| -> BTreeSet<String> { text.split(',').map(|s| s.trim().to_owned()).collect() };
    let read = servers(bootstrap);
    let of = |side: &Side| servers(&side.bootstrap).intersection(&read).count();
    of(&draft.target) > of(&draft.source)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(job: &str, url: &str, labels: &[(&str, &str)]) -> Target {
        let labels: BTreeMap<&str, &str> = labels.iter().copied().chain([("job", job)]).collect();
        let json = serde_json::json!({"labels": labels, "scrapeUrl": url, "health": "up"});
        serde_json::from_value(json).unwrap()
    }

    fn draft() -> Draft {
        let side = |name: &str| Side {
            bootstrap: format!("{name}1:9092"),
            hosts: vec![(1, format!("{name}1")), (2, format!("{name}2"))],
            ..Side::default()
        };
        Draft { source: side("s"), target: side("t"), ..Draft::default() }
    }

    #[test]
    fn targets_are_named_as_the_plan_names_exporters() {
        let targets = [
            target("kafka", "http://s2:7071/metrics", &[]),
            target("kafka", "http://t1:7071/metrics", &[]),
            target("kafka-brokers", "http://10.0.0.9:7071/metrics", &[("cluster", "source")]),
            target("zookeeper", "http://z:7070/metrics", &[("cluster", "target")]),
            target("mm2-connect", "http://c:7071/metrics", &[]),
            target("mm2-connect", "http://d:7071/metrics", &[]),
            target("node", "http://s1:9100/metrics", &[]),
            target("kafka", "http://unknown:7071/metrics", &[]),
            target("prometheus", "http://localhost:9090/metrics", &[]),
            target("kafka", "http://ana:hunter2@s1:7071/metrics", &[]),
        ];
        let (named, others) = exporters(&draft(), &targets);
        let named: Vec<(&str, &str)> =
            named.iter().map(|(name, url)| (name.as_str(), url.as_str())).collect();
        assert_eq!(
            named,
            [
                ("connect", "http://c:7071/metrics"),
                ("node-exporter", "http://s1:9100/metrics"),
                ("source-broker-1", "http://10.0.0.9:7071/metrics"),
                ("source-broker-2", "http://s2:7071/metrics"),
                ("target-broker-1", "http://t1:7071/metrics"),
                ("target-zookeeper", "http://z:7070/metrics"),
            ]
        );
        let others: Vec<&str> = others.iter().map(|(_, url)| url.as_str()).collect();
        assert_eq!(
            others,
            [
                "http://ana:***@s1:7071/metrics",
                "http://unknown:7071/metrics",
                "http://d:7071/metrics",
                "http://localhost:9090/metrics",
            ]
        );
    }

    #[test]
    fn a_flow_is_what_its_connectors_say() {
        let listed = |name: &str, class: &str, more: serde_json::Value| {
            let mut config = serde_json::json!({
                "connector.class": format!("org.apache.kafka.connect.mirror.{class}"),
                "source.cluster.alias": "east", "target.cluster.alias": "west",
                "source.cluster.bootstrap.servers": "t1:9092",
            });
            config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let status = serde_json::json!({"name": name, "connector": {"state": "RUNNING", "worker_id": "w"}, "tasks": [], "type": "source"});
            let listed = serde_json::json!({"info": {"name": name, "config": config}, "status": status});
            (name.to_owned(), serde_json::from_value(listed).unwrap())
        };
        let connectors = BTreeMap::from([
            listed(
                "c",
                "MirrorCheckpointConnector",
                serde_json::json!({"groups": "g.*", "topics": "of-no-use"}),
            ),
            listed(
                "s",
                "MirrorSourceConnector",
                serde_json::json!({
                    "topics": "orders.*",
                    "replication.policy.class": "org.apache.kafka.connect.mirror.IdentityReplicationPolicy",
                }),
            ),
            listed("x", "SomethingElse", serde_json::json!({})),
        ]);
        let found = flows(&draft(), &connectors);
        let [flow] = found.as_slice() else { panic!("{found:?}") };
        assert!(flow.reversed, "it reads from the target");
        assert_eq!((flow.source_alias.as_str(), flow.target_alias.as_str()), ("east", "west"));
        assert_eq!((flow.topics.as_str(), flow.groups.as_str()), ("orders.*", "g.*"));
        assert!(flow.policy.ends_with("IdentityReplicationPolicy"));
        assert_eq!(flow.connectors, ["c", "s"]);
    }
}
