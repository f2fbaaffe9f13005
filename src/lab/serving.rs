//! Whether a broker that has started takes part in its cluster: it says so before it knows its topics.

use super::{members::Member, secrets};
use crate::clients::{
    Cluster,
    kafka::{Admin, Topology},
};
use std::{collections::BTreeMap, fs, path::Path, time::Duration};
use tokio::time::{Instant, sleep};

/// How long a broker may take to learn what it serves. Afterwards it is taken for ready all the same: what it still
/// lacks may be waiting for another broker, or is of a topic that was deleted while it was away.
const LIMIT: Duration = Duration::from_secs(10);

/// How often it is asked.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// Waits until a broker of the lab in `folder` knows `brokers` brokers, itself among them, and a leader for every
/// partition in its data.
pub(super) async fn wait(member: &Member, brokers: usize, folder: &Path) {
    let deadline = Instant::now() + LIMIT;
    let properties = if member.secure { secrets::client_properties(folder) } else { BTreeMap::new() };
    let cluster =
        Cluster { bootstrap_servers: member.address(), brokers: None, properties, zookeeper: vec![] };
    let Ok(admin) = Admin::new(&cluster).await else { return };
    let held = partitions(&folder.join("data").join(&member.name));
    while Instant::now() < deadline {
        if admin.topology().await.is_ok_and(|topology| knows(&topology, member, brokers, &held)) {
            return;
        }
        sleep(ASK_EVERY).await;
    }
}

/// Whether the answer of a broker lists what it should.
fn knows(topology: &Topology, member: &Member, brokers: usize, held: &[(String, i32)]) -> bool {
    let itself = topology.brokers.iter().any(|b| b.id == i32::from(member.number));
    let led = |(topic, partition): &(String, i32)| {
        topology
            .topic(topic)
            .is_some_and(|t| t.partitions.iter().any(|p| p.id == *partition && p.leader.is_some()))
    };
    itself && topology.brokers.len() >= brokers && held.iter().all(led)
}

/// The partitions in a broker's folder. A topic that is being deleted has a hash and a word behind its name.
fn partitions(data: &Path) -> Vec<(String, i32)> {
    fs::read_dir(data)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let (topic, partition) = name.rsplit_once('-')?;
            Some((topic.to_owned(), partition.parse().ok()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clients::kafka::{Broker, Partition, Topic},
        lab::{Cache, Options, members::members},
    };

    #[test]
    fn a_broker_that_does_not_know_its_topics_yet_does_not_serve() {
        let all = members(&Options::new("/lab", Cache::at("/cache")));
        let member = all.iter().find(|m| m.name == "source-broker-2").unwrap();
        let partition = |id, leader| Partition { id, leader, replicas: vec![2], isr: vec![2] };
        let mut topology = Topology {
            brokers: [1, 2].map(|id| Broker { id, host: "h".into(), port: 1 }).into(),
            cluster_id: None,
            controller: None,
            topics: vec![],
            took: Duration::ZERO,
        };
        let held = [("perf-nominal".to_owned(), 0)];
        assert!(knows(&topology, member, 2, &[]));
        assert!(!knows(&topology, member, 3, &[]));
        assert!(!knows(&topology, member, 2, &held));
        topology.topics =
            vec![Topic { name: "perf-nominal".into(), error: None, partitions: vec![partition(0, None)] }];
        assert!(!knows(&topology, member, 2, &held));
        topology.topics[0].partitions[0].leader = Some(1);
        assert!(knows(&topology, member, 2, &held));
        topology.brokers.truncate(1);
        assert!(!knows(&topology, member, 1, &held), "it does not list itself");
    }

    #[test]
    fn the_folders_of_partitions_are_told_from_others() {
        let root = tempfile::tempdir().unwrap();
        for name in ["perf-nominal-0", "orders-12", "gone-0.5f3a-delete", "lost+found"] {
            fs::create_dir(root.path().join(name)).unwrap();
        }
        fs::write(root.path().join("file-1"), "").unwrap();
        let mut found = partitions(root.path());
        found.sort();
        assert_eq!(found, [("orders".to_owned(), 12), ("perf-nominal".to_owned(), 0)]);
    }
}
