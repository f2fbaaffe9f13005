//! [`read`]: reads chosen ranges of offsets of many partitions with one consumer, each record once.
//!
//! Ranges that lie near each other are read through; the consumer moves on where the next one is far. It joins no
//! group and commits nothing.

use super::{
    client::{LoadError, Member, Voice},
    silence,
};
use crate::record::Said;
use crate::record::messages;
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::Consumer,
    error::{KafkaError, RDKafkaErrorCode as Code},
    message::BorrowedMessage,
};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// How long a cluster may be silent, neither bringing a record nor saying that there is none.
const SILENCE: Duration = Duration::from_secs(20);
/// Records between two ranges that are read and not jumped over: a jump costs a round trip.
const NEAR: i64 = 2000;

/// A range of offsets of one partition, bounded on every side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    /// The first offset.
    pub from: i64,
    /// The offset behind the last one. Beyond the partition's end nothing is waited for.
    pub until: i64,
    /// How many records at most: the first ones.
    pub at_most: u64,
}

/// Ranges by topic and partition.
pub type Ranges = BTreeMap<(String, i32), Vec<Range>>;

/// One partition on its way through its ranges.
struct Reading {
    /// Sorted by their first offsets.
    ranges: Vec<(Range, u64)>,
    /// Ranges before this one are over.
    first: usize,
    /// The offset that comes next.
    next: i64,
    moving: bool,
}

impl Reading {
    fn is_over(&self) -> bool {
        self.first == self.ranges.len()
    }

    /// Whether records of it are still awaited where the consumer is.
    fn is_under_way(&self) -> bool {
        !self.is_over() && !self.moving
    }

    /// Notes a record; whether one of the ranges has it.
    fn note(&mut self, offset: i64) -> bool {
        self.next = offset + 1;
        let mut wanted = false;
        for (range, taken) in &mut self.ranges[self.first..] {
            if range.from > offset {
                break;
            }
            if offset < range.until && *taken < range.at_most {
                *taken += 1;
                wanted = true;
            }
        }
        self.skip();
        wanted
    }

    /// Leaves the ranges behind that are over.
    fn skip(&mut self) {
        let next = self.next;
        let over = |(range, taken): &(Range, u64)| range.until <= next || *taken >= range.at_most;
        while self.ranges.get(self.first).is_some_and(over) {
            self.first += 1;
        }
        self.moving = self.ranges.get(self.first).is_some_and(|(range, _)| range.from > next + NEAR);
    }
}

/// Reads the ranges and gives each record in one of them to `sink`, in the order of its partition. Returns the number
/// of records that the cluster sent, those between the ranges included.
///
/// Blocks: as long as the cluster brings records, and at most `SILENCE` where it brings none.
pub fn read(
    config: &ClientConfig,
    ranges: Ranges,
    cancel: &CancellationToken,
    sink: &mut dyn FnMut(&BorrowedMessage<'_>),
) -> Result<u64, LoadError> {
    let mut topics: BTreeMap<String, BTreeMap<i32, Reading>> = BTreeMap::new();
    for ((topic, partition), mut ranges) in ranges {
        ranges.retain(|range| range.from < range.until && range.at_most > 0);
        ranges.sort_unstable();
        let Some(first) = ranges.first() else { continue };
        let next = first.from;
        let ranges = ranges.into_iter().map(|range| (range, 0)).collect();
        let reading = Reading { ranges, first: 0, next, moving: true };
        topics.entry(topic).or_default().insert(partition, reading);
    }
    if topics.is_empty() {
        return Ok(0);
    }
    let consumer = open(config)?;
    let address = config.get("bootstrap.servers").unwrap_or_default();
    let fault =
        |cause: String| silence::of(&consumer, address, consumer.context().last_or(Said::verbatim(cause)));
    let mut sent = 0;
    // The end of a partition is told without its topic, so one topic has its turn after the other.
    for (topic, mut partitions) in topics {
        while partitions.values().any(|reading| !reading.is_over()) {
            let mut list = TopicPartitionList::new();
            for (number, reading) in partitions.iter_mut().filter(|(_, reading)| !reading.is_over()) {
                let from = reading.ranges[reading.first].0.from.max(reading.next);
                (reading.moving, reading.next) = (false, from);
                list.add_partition_offset(&topic, *number, Offset::Offset(from))
                    .map_err(|e| LoadError::Client(e.to_string()))?;
            }
            consumer.assign(&list).map_err(|e| LoadError::Client(e.to_string()))?;
            let mut under_way = list.count();
            let mut last_sign = Instant::now();
            while under_way > 0 {
                if cancel.is_cancelled() {
                    return Err(LoadError::Cancelled);
                }
                match consumer.poll(Duration::from_millis(100)) {
                    None if last_sign.elapsed() > SILENCE => {
                        return Err(fault(silent(SILENCE).to_string()));
                    }
                    None => {}
                    Some(Err(KafkaError::PartitionEOF(number))) => {
                        last_sign = Instant::now();
                        if let Some(reading) = partitions.get_mut(&number).filter(|r| r.is_under_way()) {
                            reading.first = reading.ranges.len();
                            under_way -= 1;
                        }
                    }
                    Some(Err(error)) => {
                        let code = error.rdkafka_error_code().unwrap_or(Code::Unknown);
                        if super::client::is_refusal(code) && code != Code::GroupAuthorizationFailed {
                            return Err(LoadError::Refused(Said::verbatim(error.to_string())));
                        }
                        tracing::debug!(%error, "reading an excerpt");
                    }
                    Some(Ok(message)) => {
                        last_sign = Instant::now();
                        sent += 1;
                        let reading = partitions.get_mut(&message.partition()).filter(|r| r.is_under_way());
                        let Some(reading) = reading else { continue };
                        if reading.note(message.offset()) {
                            sink(&message);
                        }
                        under_way -= usize::from(!reading.is_under_way());
                    }
                }
            }
        }
    }
    Ok(sent)
}

fn open(config: &ClientConfig) -> Result<Member, LoadError> {
    let mut config = config.clone();
    // librdkafka wants a group's name to assign partitions; nothing is joined and nothing committed.
    if config.get("group.id").is_none() {
        config.set("group.id", "jalon-excerpt");
    }
    config
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .set("auto.offset.reset", "earliest")
        .set("allow.auto.create.topics", "false")
        // At the end of a partition a broker holds its answer back for this long.
        .set("fetch.wait.max.ms", "10")
        // Many short excerpts: what is fetched beyond one is thrown away.
        .set("fetch.message.max.bytes", "262144")
        .set("queued.min.messages", "2000")
        .set("queued.max.messages.kbytes", "65536");
    Member::new(&config, Voice::default())
}

messages! {
    area "load excerpt";
    silent(limit) => "it sent neither a record nor a sign for {limit}" / "il n'a envoyé ni enregistrement ni signe pendant {limit}";
}
