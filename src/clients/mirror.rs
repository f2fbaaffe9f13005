//! MirrorMaker 2's own records and names: heartbeats, checkpoints and offset syncs decoded, and what its topics are
//! called.
//!
//! Layouts as in Kafka's `connect/mirror` and `connect/mirror-client` (`Heartbeat`, `Checkpoint`, `OffsetSync`; the same
//! from 2.4 to trunk): Kafka's protocol types, big-endian, strings with a length of two bytes. Values of heartbeats and
//! checkpoints begin with a version, which is 0; those of offset syncs have none. Names as in `ReplicationPolicy`,
//! `DefaultReplicationPolicy` and `IdentityReplicationPolicy`.

use super::{
    environment::Environment,
    mirror_flow::{self, Policy},
};

/// Version of the values that are understood.
const VERSION: i16 = 0;

/// A sign of life that `MirrorHeartbeatConnector` wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heartbeat {
    /// Alias of the cluster that records are copied from.
    pub source: String,
    /// Alias of the cluster that they are copied to.
    pub target: String,
    /// When it was made, in milliseconds since 1970 by the worker's clock.
    pub timestamp_ms: i64,
}

/// A translated offset of a group that `MirrorCheckpointConnector` wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Id of the consumer group.
    pub group: String,
    /// The topic, by its name on the target.
    pub topic: String,
    /// The partition, the same on both clusters.
    pub partition: i32,
    /// The offset that the group had committed on the source: that of the next record to read.
    pub upstream: i64,
    /// The same on the target, or an earlier one.
    pub downstream: i64,
    /// What the group committed beside the offset.
    pub metadata: String,
}

/// A pair of offsets of one record on both clusters, which `MirrorSourceConnector` wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetSync {
    /// The topic, by its name on the source.
    pub topic: String,
    /// The partition, the same on both clusters.
    pub partition: i32,
    /// The record's offset on the source.
    pub upstream: i64,
    /// Its offset on the target.
    pub downstream: i64,
}

/// Why bytes are not such a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The bytes end before the last field.
    #[error("the record is shorter than its fields")]
    Short,
    /// A text is not UTF-8.
    #[error("a text in it is not UTF-8")]
    Text,
    /// A text that must be there is null.
    #[error("a text in it is null")]
    Null,
    /// The value has a version that is not known.
    #[error("its value has version {0}; 0 is known")]
    Version(i16),
}

impl Heartbeat {
    /// Reads key and value of a record of a `heartbeats` topic.
    pub fn read(key: &[u8], value: &[u8]) -> Result<Self, Malformed> {
        let mut key = Fields(key);
        let (source, target) = (key.text()?, key.text()?);
        let mut value = Fields(value);
        value.version()?;
        Ok(Self { source, target, timestamp_ms: value.i64()? })
    }
}

impl Checkpoint {
    /// Reads key and value of a record of a `checkpoints.internal` topic.
    pub fn read(key: &[u8], value: &[u8]) -> Result<Self, Malformed> {
        let mut key = Fields(key);
        let (group, topic, partition) = (key.text()?, key.text()?, key.i32()?);
        let mut value = Fields(value);
        value.version()?;
        let (upstream, downstream, metadata) = (value.i64()?, value.i64()?, value.text()?);
        Ok(Self { group, topic, partition, upstream, downstream, metadata })
    }
}

impl OffsetSync {
    /// Reads key and value of a record of an `mm2-offset-syncs` topic.
    pub fn read(key: &[u8], value: &[u8]) -> Result<Self, Malformed> {
        let mut key = Fields(key);
        let (topic, partition) = (key.text()?, key.i32()?);
        let mut value = Fields(value);
        let (upstream, downstream) = (value.i64()?, value.i64()?);
        Ok(Self { topic, partition, upstream, downstream })
    }
}

/// The bytes of a record that are not read yet. Bytes behind the last field are left alone, as Kafka leaves them.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed::Short)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.take(N)?.try_into().map_err(|_| Malformed::Short)
    }

    fn i16(&mut self) -> Result<i16, Malformed> {
        self.array().map(i16::from_be_bytes)
    }

    fn i32(&mut self) -> Result<i32, Malformed> {
        self.array().map(i32::from_be_bytes)
    }

    fn i64(&mut self) -> Result<i64, Malformed> {
        self.array().map(i64::from_be_bytes)
    }

    /// A text: at most 32,767 bytes, as its length has 15 bits.
    fn text(&mut self) -> Result<String, Malformed> {
        let length = usize::try_from(self.i16()?).map_err(|_| Malformed::Null)?;
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| Malformed::Text)
    }

    fn version(&mut self) -> Result<(), Malformed> {
        match self.i16()? {
            VERSION => Ok(()),
            other => Err(Malformed::Version(other)),
        }
    }
}

/// The names of a flow from one cluster to another, as MirrorMaker 2 makes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// Alias of the source cluster.
    pub source: String,
    /// Alias of the target cluster.
    pub target: String,
    /// What stands between the alias and a topic's name.
    pub separator: String,
    /// The same within the names of MirrorMaker 2's internal topics.
    pub internal_separator: String,
    /// How topics are called on the target.
    pub policy: Policy,
}

/// The topic that heartbeats are written to.
pub const HEARTBEATS: &str = "heartbeats";

impl Names {
    /// The names of the flow from cluster `source` to cluster `target`, as the environment's `mirror` says or by default.
    pub fn of(environment: &Environment, source: &str, target: &str) -> Self {
        let declared = environment.mirror.iter().find(|(flow, _)| {
            flow.split_once("->").is_some_and(|(from, to)| from.trim() == source && to.trim() == target)
        });
        let flow = declared.map(|(_, flow)| flow.clone()).unwrap_or_default();
        let set = |name: &str| {
            let value = flow.config.get(name)?;
            Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        };
        let policy = flow.policy.clone().or_else(|| set("replication.policy.class")).unwrap_or_default();
        let separator = flow
            .separator
            .clone()
            .or_else(|| set("replication.policy.separator"))
            .unwrap_or_else(|| ".".to_owned());
        let plain =
            set("replication.policy.internal.topic.separator.enabled").is_some_and(|on| on == "false");
        Self {
            source: flow.source_alias.clone().unwrap_or_else(|| source.to_owned()),
            target: flow.target_alias.clone().unwrap_or_else(|| target.to_owned()),
            internal_separator: if plain { ".".to_owned() } else { separator.clone() },
            policy: Policy::named(&policy, &separator),
            separator,
        }
    }

    /// The prefix of a replicated topic's name on the target; `None` with a replication policy that is not MirrorMaker 2's.
    pub fn prefix(&self) -> Option<String> {
        match &self.policy {
            Policy::Default { .. } => Some(self.alias_prefix()),
            Policy::Identity => Some(String::new()),
            Policy::Other(_) => None,
        }
    }

    /// The same with the default policy: alias and separator.
    pub fn alias_prefix(&self) -> String {
        format!("{}{}", self.source, self.separator)
    }

    /// The topic of the target that has the source's heartbeats; the identity policy names it like the default one.
    pub fn replicated_heartbeats(&self) -> String {
        format!("{}{HEARTBEATS}", self.alias_prefix())
    }

    /// The topic of the target that has the checkpoints.
    pub fn checkpoints(&self) -> String {
        format!("{}{sep}checkpoints{sep}internal", self.source, sep = self.internal_separator)
    }

    /// The topic with the offset syncs, where it lies on the source: the default of `offset-syncs.topic.location`.
    pub fn syncs_on_source(&self) -> String {
        format!("mm2-offset-syncs{sep}{}{sep}internal", self.target, sep = self.internal_separator)
    }

    /// The topic with the offset syncs, where it lies on the target.
    pub fn syncs_on_target(&self) -> String {
        format!("mm2-offset-syncs{sep}{}{sep}internal", self.source, sep = self.internal_separator)
    }

    /// Whether it is a topic that nobody would copy: Kafka's, Connect's or MirrorMaker 2's own, heartbeats among them, or
    /// one that is left out by default.
    pub fn is_left_alone(&self, topic: &str) -> bool {
        mirror_flow::is_internal(topic)
            || mirror_flow::is_excluded_topic(topic)
            || topic.starts_with("mm2-offset-syncs")
            || topic.ends_with(&format!("{sep}checkpoints{sep}internal", sep = self.internal_separator))
            || topic == HEARTBEATS
            || topic.ends_with(&format!("{}{HEARTBEATS}", self.separator))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(bytes: &mut Vec<u8>, text: &str) {
        bytes.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
        bytes.extend(text.as_bytes());
    }

    fn key(texts: &[&str], partition: Option<i32>) -> Vec<u8> {
        let mut bytes = Vec::new();
        texts.iter().for_each(|t| text(&mut bytes, t));
        bytes.extend(partition.map(i32::to_be_bytes).into_iter().flatten());
        bytes
    }

    proptest! {
        #[test]
        fn what_kafka_writes_is_read_back_and_no_part_of_it_is(
            group in "\\PC{0,40}", topic in "[a-z.]{0,40}", partition: i32, up: i64, down: i64, metadata in "\\PC{0,20}",
        ) {
            let checkpoint_key = key(&[&group, &topic], Some(partition));
            let mut value = 0_i16.to_be_bytes().to_vec();
            value.extend(up.to_be_bytes());
            value.extend(down.to_be_bytes());
            text(&mut value, &metadata);
            let expected = Checkpoint {
                group: group.clone(), topic: topic.clone(), partition, upstream: up, downstream: down, metadata,
            };
            prop_assert_eq!(Checkpoint::read(&checkpoint_key, &value), Ok(expected));
            for end in 0..value.len() {
                prop_assert_eq!(Checkpoint::read(&checkpoint_key, &value[..end]), Err(Malformed::Short));
            }
            for end in 0..checkpoint_key.len() {
                // A text that is cut within a letter is cut short all the same.
                prop_assert_eq!(Checkpoint::read(&checkpoint_key[..end], &value), Err(Malformed::Short));
            }

            let mut pair = up.to_be_bytes().to_vec();
            pair.extend(down.to_be_bytes());
            let expected = OffsetSync { topic: topic.clone(), partition, upstream: up, downstream: down };
            prop_assert_eq!(OffsetSync::read(&key(&[&topic], Some(partition)), &pair), Ok(expected));

            let mut value = 0_i16.to_be_bytes().to_vec();
            value.extend(up.to_be_bytes());
            let expected = Heartbeat { source: group.clone(), target: topic.clone(), timestamp_ms: up };
            prop_assert_eq!(Heartbeat::read(&key(&[&group, &topic], None), &value), Ok(expected));
            value[1] = 7;
            prop_assert_eq!(Heartbeat::read(&key(&[&group, &topic], None), &value), Err(Malformed::Version(7)));
        }

        #[test]
        fn no_bytes_make_it_fail_otherwise_than_by_an_error(key: Vec<u8>, value: Vec<u8>) {
            let _ = (Heartbeat::read(&key, &value), Checkpoint::read(&key, &value), OffsetSync::read(&key, &value));
        }
    }

    #[test]
    fn a_null_text_and_one_that_is_not_utf_8_are_told_apart() {
        let pair = [0; 16];
        assert_eq!(OffsetSync::read(&[0xff, 0xff, 0, 0, 0, 0], &pair), Err(Malformed::Null));
        assert_eq!(OffsetSync::read(&[0, 1, 0xff, 0, 0, 0, 0], &pair), Err(Malformed::Text));
    }

    #[test]
    fn names_follow_the_environment() {
        let environment = |mirror: &str| -> Environment {
            serde_yaml::from_str(&format!(
                "name: test\nclusters: {{east: {{bootstrap_servers: \"s:1\"}}, west: {{bootstrap_servers: \"t:1\"}}}}\n{mirror}"
            ))
            .unwrap()
        };
        let names = Names::of(&environment(""), "east", "west");
        assert_eq!(names.prefix().as_deref(), Some("east."));
        assert_eq!(names.checkpoints(), "east.checkpoints.internal");
        assert_eq!(names.syncs_on_source(), "mm2-offset-syncs.west.internal");
        assert_eq!(names.syncs_on_target(), "mm2-offset-syncs.east.internal");
        let mirror =
            "mirror: {east->west: {source_alias: A, target_alias: B, policy: identity, separator: _}}";
        let names = Names::of(&environment(mirror), "east", "west");
        assert_eq!(
            (names.prefix(), names.replicated_heartbeats()),
            (Some(String::new()), "A_heartbeats".to_owned())
        );
        let own = Names::of(&environment("mirror: {east->west: {policy: com.x.OwnPolicy}}"), "east", "west");
        assert_eq!((own.prefix(), own.alias_prefix()), (None, "east.".to_owned()));
        assert_eq!(names.checkpoints(), "A_checkpoints_internal");
        assert_eq!(names.syncs_on_source(), "mm2-offset-syncs_B_internal");
        assert!(names.is_left_alone("x.checkpoints.internal") && names.is_left_alone("A_heartbeats"));
        assert!(names.is_left_alone("A_checkpoints_internal") && names.is_left_alone("x.replica"));
        assert!(!names.is_left_alone("orders.internal.v2"));
    }
}
