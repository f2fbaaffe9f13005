//! [`Topology`]: brokers, topics and partitions of a cluster at one moment, and what is wrong with them.

use serde::Serialize;
use std::{collections::BTreeMap, time::Duration};

/// One answer to a metadata request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Topology {
    /// Brokers that are alive, by id.
    pub brokers: Vec<Broker>,
    /// Kafka's own id of the cluster, where it tells.
    pub cluster_id: Option<String>,
    /// Broker that is the controller; on KRaft, the broker that forwards to it.
    pub controller: Option<i32>,
    /// Topics by name, internal ones included.
    pub topics: Vec<Topic>,
    /// How long the request that was answered took; the first one of a client includes the connection and the log-in.
    #[serde(skip)]
    pub took: Duration,
}

/// A broker that is alive, with its advertised address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Broker {
    /// `broker.id` or `node.id`.
    pub id: i32,
    /// Advertised host, of the listener that the client used.
    pub host: String,
    /// Port that the broker advertises.
    pub port: i32,
}

/// A topic with its partitions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Topic {
    /// Name of the topic, as the broker returns it.
    pub name: String,
    /// Why the broker told nothing of it (being deleted, not authorised).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Partitions in the order of their numbers.
    pub partitions: Vec<Partition>,
}

/// One partition. Replicas are broker ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Partition {
    /// Number of the partition, from 0.
    pub id: i32,
    /// The leader; `None` is an offline partition.
    pub leader: Option<i32>,
    /// Assigned replicas, the preferred leader first.
    pub replicas: Vec<i32>,
    /// Ids of the brokers whose replicas are in sync.
    pub isr: Vec<i32>,
}

impl Partition {
    /// Whether it has a leader and every replica is in sync.
    pub fn is_whole(&self) -> bool {
        self.leader.is_some() && !self.is_under_replicated()
    }

    /// Whether a replica is out of sync.
    pub fn is_under_replicated(&self) -> bool {
        self.isr.len() < self.replicas.len()
    }
}

impl Topic {
    /// Replicas of each partition; the fewest, where a reassignment has left them unequal. 0 without partitions.
    pub fn replication_factor(&self) -> usize {
        self.partitions.iter().map(|p| p.replicas.len()).min().unwrap_or(0)
    }

    /// Whether there is at least one partition and every one has a leader and all replicas in sync.
    pub fn is_whole(&self) -> bool {
        self.error.is_none() && !self.partitions.is_empty() && self.partitions.iter().all(Partition::is_whole)
    }
}

impl Topology {
    /// The topic of that name.
    pub fn topic(&self, name: &str) -> Option<&Topic> {
        self.topics.iter().find(|t| t.name == name)
    }

    /// Every partition, with its topic.
    pub fn partitions(&self) -> impl Iterator<Item = (&Topic, &Partition)> {
        self.topics.iter().flat_map(|t| t.partitions.iter().map(move |p| (t, p)))
    }

    /// Partitions that no broker leads: they can be neither written nor read.
    pub fn offline(&self) -> Vec<String> {
        self.named(|_, p| p.leader.is_none())
    }

    /// Partitions with a replica out of sync, offline ones included.
    pub fn under_replicated(&self) -> Vec<String> {
        self.named(|_, p| p.is_under_replicated())
    }

    /// Partitions with fewer replicas in sync than their topic's `min.insync.replicas` in `least`: writes with
    /// `acks=all` are refused there. Topics that are not in `least` are not counted.
    pub fn under_min_isr(&self, least: &BTreeMap<String, usize>) -> Vec<String> {
        self.named(|topic, p| least.get(&topic.name).is_some_and(|least| p.isr.len() < *least))
    }

    fn named(&self, chosen: impl Fn(&Topic, &Partition) -> bool) -> Vec<String> {
        self.partitions().filter(|(t, p)| chosen(t, p)).map(|(t, p)| format!("{}-{}", t.name, p.id)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(id: i32, leader: i32, replicas: &[i32], isr: &[i32]) -> Partition {
        Partition {
            id,
            leader: (leader >= 0).then_some(leader),
            replicas: replicas.to_vec(),
            isr: isr.to_vec(),
        }
    }

    #[test]
    fn what_is_wrong_is_named_by_partition() {
        let topic = Topic {
            name: "orders".to_owned(),
            error: None,
            partitions: vec![
                partition(0, 1, &[1, 2, 3], &[1, 2, 3]),
                partition(1, 2, &[2, 3, 1], &[2, 1]),
                partition(2, 1, &[3, 1, 2], &[1]),
                partition(3, -1, &[3], &[3]),
            ],
        };
        assert!(!topic.is_whole());
        assert_eq!(topic.replication_factor(), 1);
        let topology = Topology {
            brokers: Vec::new(),
            cluster_id: None,
            controller: None,
            topics: vec![topic],
            took: Duration::ZERO,
        };
        assert_eq!(topology.under_replicated(), ["orders-1", "orders-2"]);
        assert_eq!(topology.offline(), ["orders-3"]);
        let least = BTreeMap::from([("orders".to_owned(), 2)]);
        assert_eq!(topology.under_min_isr(&least), ["orders-2", "orders-3"]);
        assert!(topology.under_min_isr(&BTreeMap::new()).is_empty());
    }
}
