//! Reads the topics that MirrorMaker 2 writes for itself: heartbeats, checkpoints and offset syncs.
//!
//! What is read is bounded by the offsets that the caller takes first; of a log that goes on growing no more is read.

use super::{
    client::LoadError,
    excerpt::{self, Range, Ranges},
};
use crate::clients::mirror::{Checkpoint, Heartbeat, OffsetSync};
use rdkafka::{ClientConfig, Message};
use std::collections::BTreeMap;
use tokio_util::sync::CancellationToken;

/// Pairs of an offset of the source and that of its copy, by topic and partition.
pub type SyncedOffsets = BTreeMap<(String, i32), Vec<(i64, i64)>>;

/// Offset syncs that are kept of one partition: the newest ones.
const KEPT: usize = 20_000;

/// An internal topic, with the first offset and the end of each partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Name of the topic.
    pub topic: String,
    /// First offset and end of each partition.
    pub partitions: BTreeMap<i32, (i64, i64)>,
}

/// The newest checkpoint of a group and a partition of a topic of the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Newest {
    /// The group's offset on the source that was translated.
    pub upstream: i64,
    /// Offset on the target that it is translated to.
    pub downstream: i64,
    /// When it was written, in milliseconds since 1970 by the clock of worker or broker; -1 where nobody says.
    pub written_ms: i64,
}

/// Checkpoints by group, then by the target's topic and partition.
pub type Checkpoints = BTreeMap<String, BTreeMap<(String, i32), Newest>>;

/// A log that was read, and how many of its records could not be understood.
#[derive(Debug, Default)]
pub struct Read<T> {
    /// What its records say, taken together.
    pub found: T,
    /// Records of another form.
    pub malformed: u64,
}

impl Log {
    /// Everything that is in it now.
    fn whole(&self) -> Ranges {
        self.partitions
            .iter()
            .map(|(number, (begin, end))| {
                ((self.topic.clone(), *number), vec![Range { from: *begin, until: *end, at_most: u64::MAX }])
            })
            .collect()
    }
}

/// The newest checkpoint of each group and partition.
pub fn checkpoints(
    config: &ClientConfig,
    log: &Log,
    cancel: &CancellationToken,
) -> Result<Read<Checkpoints>, LoadError> {
    let mut read = Read::<Checkpoints>::default();
    excerpt::read(config, log.whole(), cancel, &mut |message| {
        // A record without a value takes the checkpoint away; MirrorMaker 2 writes none.
        let Some(value) = message.payload() else { return };
        match Checkpoint::read(message.key().unwrap_or_default(), value) {
            Ok(found) => {
                let newest = Newest {
                    upstream: found.upstream,
                    downstream: found.downstream,
                    written_ms: message.timestamp().to_millis().unwrap_or(-1),
                };
                read.found.entry(found.group).or_default().insert((found.topic, found.partition), newest);
            }
            Err(error) => {
                tracing::debug!(%error, offset = message.offset(), "invalid checkpoint");
                read.malformed += 1;
            }
        }
    })?;
    Ok(read)
}

/// Pairs of offsets of the same record on source and target, by the source's topic and partition, sorted.
///
/// A sync whose source offset is below the one before it takes those back: the topic was created again.
pub fn syncs(
    config: &ClientConfig,
    log: &Log,
    cancel: &CancellationToken,
) -> Result<Read<SyncedOffsets>, LoadError> {
    let mut read = Read::<SyncedOffsets>::default();
    excerpt::read(config, log.whole(), cancel, &mut |message| {
        let Some(value) = message.payload() else { return };
        match OffsetSync::read(message.key().unwrap_or_default(), value) {
            Ok(sync) => {
                let pairs = read.found.entry((sync.topic, sync.partition)).or_default();
                match pairs.last().copied() {
                    Some((upstream, _)) if upstream > sync.upstream => pairs.clear(),
                    Some((upstream, _)) if upstream == sync.upstream => _ = pairs.pop(),
                    _ => {}
                }
                if pairs.len() >= KEPT {
                    pairs.drain(..KEPT / 2);
                }
                pairs.push((sync.upstream, sync.downstream));
            }
            Err(error) => {
                tracing::debug!(%error, offset = message.offset(), "invalid offset sync");
                read.malformed += 1;
            }
        }
    })?;
    Ok(read)
}

/// A heartbeat, and when it was written to this topic, in milliseconds since 1970; -1 where nobody says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beat {
    /// The heartbeat: its flow, and when it was emitted.
    pub heartbeat: Heartbeat,
    /// Timestamp of the record.
    pub written_ms: i64,
}

/// The heartbeats of a log, as they lie in it.
pub fn heartbeats(
    config: &ClientConfig,
    log: &Log,
    cancel: &CancellationToken,
) -> Result<Read<Vec<Beat>>, LoadError> {
    let mut read = Read::<Vec<Beat>>::default();
    excerpt::read(config, log.whole(), cancel, &mut |message| {
        let Some(value) = message.payload() else { return };
        match Heartbeat::read(message.key().unwrap_or_default(), value) {
            Ok(heartbeat) => {
                let written_ms = message.timestamp().to_millis().unwrap_or(-1);
                read.found.push(Beat { heartbeat, written_ms });
            }
            Err(error) => {
                tracing::debug!(%error, offset = message.offset(), "invalid heartbeat");
                read.malformed += 1;
            }
        }
    })?;
    Ok(read)
}
