//! [`Reader`]: one side of a comparison. Each partition has a queue of its own, so that one of which nothing is taken for
//! a while stands in no other's way, and no more is fetched of it.

use crate::load::{
    client::{self, LoadError, Member, Voice},
    consumer::batch::Batches,
    content::{Print, Printer, Time},
    payload::{Reading, Stamp},
    silence,
};
use crate::record::Said;
use rdkafka::{
    ClientConfig, Offset, Timestamp, TopicPartitionList,
    consumer::Consumer,
    error::{KafkaError, RDKafkaErrorCode as Code},
};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// How long a broker may take to say where a partition begins and ends.
const MARKS: Duration = Duration::from_secs(15);
/// What one side may hold of records that nobody has taken yet, in KiB, all partitions together.
const HELD_KIB: usize = 16 * 1024;

/// A topic on one cluster.
#[derive(Debug, Clone)]
pub struct Side {
    /// Settings of a consumer, secrets in clear.
    pub config: ClientConfig,
    /// Name of the topic on that cluster, such as `source.load` for a copy of `load`.
    pub topic: String,
}

/// One partition on its way from the first to the last offset.
pub(super) struct Progress {
    /// The first offset that there was when it was opened.
    pub(super) begin: i64,
    /// The offset behind the last record when it was opened; of committed records, where only those are read.
    pub(super) end: i64,
    /// The offset to be read next.
    pub(super) next: i64,
    /// Whether the end has been reached, and no record since.
    pub(super) at_end: bool,
    /// Whether the end has been reached once: what comes now was waited for.
    pub(super) awaited: bool,
    queue: Option<Batches>,
}

/// A record as it was read.
pub(super) struct Arrival {
    pub(super) print: Print,
    pub(super) stamp: Option<Stamp>,
    pub(super) timestamp: Timestamp,
}

/// Reads one side.
pub(super) struct Reader {
    // The queues go before the consumer.
    pub(super) partitions: BTreeMap<i32, Progress>,
    consumer: Member,
    topic: String,
    printer: Printer,
    pub(super) last_sign: Instant,
}

impl Reader {
    pub(super) fn open_if_there(side: &Side, cancel: &CancellationToken) -> Result<Option<Self>, LoadError> {
        match Self::open(side, cancel) {
            Ok(reader) => Ok(Some(reader)),
            Err(LoadError::UnknownTopic(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn open(side: &Side, cancel: &CancellationToken) -> Result<Self, LoadError> {
        let numbers = client::partitions(&side.config, &side.topic, cancel)?;
        let mut config = side.config.clone();
        // librdkafka wants a group's name to assign partitions; nothing is joined and nothing committed.
        if config.get("group.id").is_none() {
            config.set("group.id", "jalon-replication");
        }
        config
            .set("enable.auto.commit", "false")
            .set("enable.partition.eof", "true")
            .set("auto.offset.reset", "earliest");
        // With queues of their own, what may be held counts for each partition.
        if config.get("queued.max.messages.kbytes").is_none() {
            let each = (HELD_KIB / numbers.len().max(1)).clamp(64, HELD_KIB);
            config.set("queued.max.messages.kbytes", each.to_string());
        }
        let address = config.get("bootstrap.servers").unwrap_or_default().to_owned();
        let consumer = Member::new(&config, Voice::default())?;
        let fault = |e: KafkaError| {
            silence::of(&consumer, &address, consumer.context().last_or(Said::verbatim(e.to_string())))
        };
        let mut partitions = BTreeMap::new();
        let mut list = TopicPartitionList::new();
        for number in numbers {
            if cancel.is_cancelled() {
                return Err(LoadError::Cancelled);
            }
            let (begin, end) = consumer.fetch_watermarks(&side.topic, number, MARKS).map_err(fault)?;
            list.add_partition_offset(&side.topic, number, Offset::Offset(begin)).map_err(fault)?;
            let queue = Batches::of_partition(&consumer, &side.topic, number);
            let progress = Progress { begin, end, next: begin, at_end: false, awaited: false, queue };
            partitions.insert(number, progress);
        }
        consumer.assign(&list).map_err(fault)?;
        let (topic, printer) = (side.topic.clone(), Printer::default());
        Ok(Self { partitions, consumer, topic, printer, last_sign: Instant::now() })
    }

    pub(super) fn at_end(&self) -> bool {
        self.partitions.values().all(|p| p.at_end)
    }

    /// Where the partitions begin and end now.
    pub(super) fn marks(&self, number: i32) -> Option<(i64, i64)> {
        self.consumer.fetch_watermarks(&self.topic, number, MARKS).ok()
    }

    /// Serves what the client says beside records.
    pub(super) fn serve(&self) -> Result<(), LoadError> {
        while let Some(said) = self.consumer.poll(Duration::ZERO) {
            if let Err(error) = said {
                refusal(&error)?;
            }
        }
        Ok(())
    }

    /// Takes what is there of a partition, at most `limit` records; how many there were.
    pub(super) fn take(
        &mut self,
        number: i32,
        limit: usize,
        arrived: &mut dyn FnMut(&Progress, Arrival),
    ) -> Result<usize, LoadError> {
        let Some(progress) = self.partitions.get_mut(&number) else { return Ok(0) };
        let Some(mut queue) = progress.queue.take() else { return Ok(0) };
        let mut taken = 0;
        let mut refused = Ok(());
        for message in queue.take(limit, Duration::ZERO) {
            self.last_sign = Instant::now();
            match message.record() {
                Ok(record) => {
                    taken += 1;
                    progress.at_end = false;
                    progress.next = progress.next.max(record.offset + 1);
                    let value = record.has_value.then_some(record.value);
                    let (stamp, corrupt) = match Stamp::read(record.value) {
                        Reading::Whole(stamp) => (Some(stamp), false),
                        reading => (None, reading == Reading::Corrupt),
                    };
                    let time = match record.timestamp {
                        Timestamp::NotAvailable => Time::None,
                        Timestamp::CreateTime(at) => Time::Created(at),
                        Timestamp::LogAppendTime(at) => Time::Appended(at),
                    };
                    let known = (stamp.map(|stamp| (stamp.token, stamp.sequence)), corrupt);
                    let print = self.printer.print_read(
                        record.offset,
                        record.key,
                        value,
                        message.headers(),
                        time,
                        known,
                    );
                    arrived(progress, Arrival { print, stamp, timestamp: record.timestamp });
                }
                Err(Code::PartitionEOF) => {
                    (progress.at_end, progress.awaited) = (true, true);
                    // The last offsets may be a transaction's marker, which no consumer sees.
                    progress.next = progress.next.max(progress.end);
                }
                Err(code) => {
                    refused = refused.and(refusal(&KafkaError::MessageConsumption(code)));
                }
            }
        }
        progress.queue = Some(queue);
        refused.map(|()| taken)
    }
}

/// An error that will not go away. Anything else passes or ends in silence.
fn refusal(error: &KafkaError) -> Result<(), LoadError> {
    let code = error.rdkafka_error_code().unwrap_or(Code::Unknown);
    // The group is a name only.
    if client::is_refusal(code) && code != Code::GroupAuthorizationFailed {
        return Err(LoadError::Refused(Said::verbatim(error.to_string())));
    }
    tracing::debug!(%error, "reading for the comparison");
    Ok(())
}
