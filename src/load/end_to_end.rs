//! From the producer to the consumer in one process and by one clock: [`Run`] sends stamped records to a topic and
//! reads them from it, or from its copy on another cluster, and keeps how long each was on its way.
//!
//! A record counts when it bears the token of this run, so that neither an earlier attempt's records nor another
//! program's are taken for its own. The reader stands at the ends of all partitions, and has heard from each broker that
//! it does, before the first record is sent. It reads without a group: there is no rebalance among the times.

use super::{
    client::{self, LoadError, is_refusal},
    consumer::feed::{Feed, Listener},
    outcome,
    pacing::schedule::Schedule,
    producer::{self, Load},
    silence,
};
use crate::record::Said;
use arrivals::{Arrivals, Tally};
use rdkafka::{
    ClientConfig, Offset, TopicPartitionList, consumer::Consumer, error::RDKafkaErrorCode as Code,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

mod arrivals;
mod window;

pub use arrivals::Found;
pub use window::{Window, csv_header, csv_line};

/// How long a broker may take to say where a partition ends, and the reader to stand there.
const READY: Duration = Duration::from_secs(15);
/// How long a window lasts while only the reader works.
const WINDOW: Duration = Duration::from_secs(1);
/// How long the reader waits for a record before it looks whether it is to stop.
const PATIENCE: Duration = Duration::from_millis(10);
/// Records that are read at a time, at most.
const BATCH: usize = 1000;

/// What to send, where to read it, and how long to wait.
#[derive(Debug, Clone)]
pub struct Spec {
    /// What to send. It must have a token, and one client.
    pub send: producer::Spec,
    /// Settings of the reader's client, secrets in clear.
    pub reader: ClientConfig,
    /// The topic that is read, on the reader's cluster.
    pub topic: String,
    /// How long the topic may take to appear, and the last records to arrive.
    pub within: Duration,
}

/// How the reading of a round trip ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoundTripEnd {
    /// The caller asked for the end.
    Cancelled,
    /// Every record arrived, and the topic was read to its end.
    Complete,
    /// The time limit passed before every record arrived.
    TooLate,
}

/// The result of a round trip, sending and reading.
#[derive(Debug)]
pub struct Outcome {
    /// From the end of sending to the last arrival; `None` where some records are missing.
    pub catch_up: Option<Duration>,
    /// Why the reading ended.
    pub ended: RoundTripEnd,
    /// Errors of the reader by kind.
    pub errors: BTreeMap<String, u64>,
    /// Records that arrived, with their latencies.
    pub found: Found,
    /// What the reader's cluster said no with.
    pub refused: Option<String>,
    /// What came of the sending.
    pub sent: outcome::Outcome,
}

/// A producer and a reader that both know their clusters.
pub struct Run {
    spec: Spec,
    load: Load,
    feed: Feed,
}

impl Run {
    /// Stands at the end of the topic that is read, behind a load that is ready. `waits` hears once that this topic is
    /// not there yet.
    ///
    /// Blocks: at most `within` for the topic, and some seconds where a broker does not answer.
    pub fn connect(
        spec: Spec,
        load: Load,
        waits: &mut dyn FnMut(),
        cancel: &CancellationToken,
    ) -> Result<Self, LoadError> {
        let deadline = Instant::now() + spec.within;
        let mut told = false;
        let numbers = loop {
            match client::partitions(&spec.reader, &spec.topic, cancel) {
                Err(LoadError::UnknownTopic(_)) if Instant::now() < deadline => {
                    if !told {
                        waits();
                        told = true;
                    }
                    thread::sleep(Duration::from_millis(200));
                }
                found => break found?,
            }
        };
        let mut config = spec.reader.clone();
        // librdkafka wants a group's name to assign partitions; nothing is joined and nothing committed.
        if config.get("group.id").is_none() {
            config.set("group.id", "jalon-end-to-end");
        }
        config.set("enable.auto.commit", "false").set("enable.partition.eof", "true");
        let address = config.get("bootstrap.servers").unwrap_or_default().to_owned();
        let mut feed = Feed::open(&config, Listener::alone(&spec.topic))?;
        let mut list = TopicPartitionList::new();
        for number in &numbers {
            let marks = feed.consumer().fetch_watermarks(&spec.topic, *number, READY);
            let (_, end) = marks.map_err(|error| {
                let cause = feed.listener().voice.last_or(Said::verbatim(error.to_string()));
                silence::of(feed.consumer(), &address, cause)
            })?;
            list.add_partition_offset(&spec.topic, *number, Offset::Offset(end))
                .map_err(|e| LoadError::Client(e.to_string()))?;
        }
        feed.assign(&list).map_err(|e| LoadError::Client(e.to_string()))?;
        let partitions: BTreeSet<i32> = numbers.into_iter().collect();
        stands(&mut feed, &partitions, &address, cancel)?;
        Ok(Self { spec, load, feed })
    }

    /// Sends the load and reads until all of it has arrived. `sink` hears every window.
    ///
    /// Blocks: as long as the load does, and at most `within` and a few seconds more.
    pub fn run(
        self,
        sink: &mut dyn FnMut(&Window<'_>) -> io::Result<()>,
        cancel: &CancellationToken,
    ) -> Result<Outcome, LoadError> {
        let Self { spec, load, mut feed } = self;
        let schedule = spec.send.pacing.schedule(spec.send.record_size as u64, spec.send.warm_up);
        let shared = Shared::default();
        let mut books = Books::default();
        // The load's own start follows within microseconds, and its intended times are counted from it.
        let start = Instant::now();
        let mut arrivals = Arrivals::new(spec.send.token.unwrap_or_default(), spec.send.warm_up, start);
        let (sent, over, ended, reader) = thread::scope(|scope| {
            let (shared, schedule) = (&shared, &schedule);
            let reader = thread::Builder::new().name("reader".to_owned()).spawn_scoped(scope, move || {
                let done = read(&mut feed, &mut arrivals, schedule, shared);
                (arrivals, done)
            })?;
            // However this ends, the reader does too.
            let stop = StopOnDrop(shared);
            let sent = load.run(&mut |window| books.close(start, Some(window), shared, sink), cancel)?;
            let over = start.elapsed();
            let ended = loop {
                if cancel.is_cancelled() {
                    break RoundTripEnd::Cancelled;
                }
                let acknowledged = sent.delivered + sent.warm_up.0;
                if shared.arrived.load(Relaxed) >= acknowledged && shared.at_end.load(Relaxed) {
                    break RoundTripEnd::Complete;
                }
                if start.elapsed().saturating_sub(over) >= spec.within || reader.is_finished() {
                    break RoundTripEnd::TooLate;
                }
                thread::sleep(PATIENCE);
                if start.elapsed() >= books.window_start + WINDOW {
                    books.close(start, None, shared, sink)?;
                }
            };
            drop(stop);
            let reader = reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Ok::<_, LoadError>((sent, over, ended, reader))
        })?;
        books.close(start, None, &shared, sink)?;
        let (arrivals, Done { errors, refused }) = reader;
        let found = arrivals.found(books.total, &sent);
        let complete = found.lost == Some(0) && ended == RoundTripEnd::Complete;
        let catch_up = complete.then(|| found.last.map_or(Duration::ZERO, |last| last.saturating_sub(over)));
        Ok(Outcome { catch_up, ended, errors, found, refused, sent })
    }
}

/// What the reader and the sender see.
#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    /// Records of this run that arrived, each counted once, warm-up included.
    arrived: AtomicU64,
    /// Whether every partition was read to its end.
    at_end: AtomicBool,
    slot: Mutex<Tally>,
}

impl Shared {
    fn slot(&self) -> MutexGuard<'_, Tally> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct StopOnDrop<'a>(&'a Shared);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.stop.store(true, Relaxed);
    }
}

/// Waits until the reader has reached the end of every partition, which proves that its fetches are answered. Another
/// program's records do as well.
fn stands(
    feed: &mut Feed,
    partitions: &BTreeSet<i32>,
    address: &str,
    cancel: &CancellationToken,
) -> Result<(), LoadError> {
    let mut missing = partitions.clone();
    let deadline = Instant::now() + READY;
    while !missing.is_empty() {
        if cancel.is_cancelled() {
            return Err(LoadError::Cancelled);
        }
        let _ = feed.serve(Duration::ZERO);
        let mut refusal = None;
        for message in feed.take(BATCH, PATIENCE) {
            match message.record() {
                Ok(_) | Err(Code::PartitionEOF) => drop(missing.remove(&message.partition())),
                Err(code) if is_refusal(code) => refusal = Some(code),
                Err(_) => {}
            }
        }
        if let Some(code) = refusal {
            return Err(LoadError::Refused(Said::verbatim(code.to_string())));
        }
        if Instant::now() >= deadline {
            let unread = partitions_unread(missing.len(), READY);
            return Err(silence::of(feed.consumer(), address, feed.listener().voice.last_or(unread)));
        }
    }
    Ok(())
}

/// What came of the reader beside the records.
struct Done {
    errors: BTreeMap<String, u64>,
    refused: Option<String>,
}

fn read(feed: &mut Feed, arrivals: &mut Arrivals, schedule: &Schedule, shared: &Shared) -> Done {
    let mut done = Done { errors: BTreeMap::new(), refused: None };
    // Partitions with records since their end was reached.
    let mut open = BTreeSet::new();
    shared.at_end.store(true, Relaxed);
    while !shared.stop.load(Relaxed) && done.refused.is_none() {
        if let Err(error) = feed.serve(Duration::ZERO) {
            done.note(error.rdkafka_error_code().unwrap_or(Code::Unknown));
        }
        let batch = feed.take(BATCH, PATIENCE);
        if batch.len() == 0 {
            continue;
        }
        let now = arrivals.now();
        let mut slot = shared.slot();
        for message in batch {
            match message.record() {
                Ok(record) => {
                    open.insert(record.partition);
                    arrivals.take(&record, now, schedule, &mut slot);
                }
                Err(Code::PartitionEOF) => drop(open.remove(&message.partition())),
                Err(code) => done.note(code),
            }
        }
        drop(slot);
        shared.at_end.store(open.is_empty(), Relaxed);
        shared.arrived.store(arrivals.arrived(), Relaxed);
    }
    for (kind, times) in feed.listener().voice.counts() {
        *done.errors.entry(kind).or_default() += times;
    }
    done
}

impl Done {
    fn note(&mut self, code: Code) {
        *self.errors.entry(format!("{code:?}")).or_default() += 1;
        if is_refusal(code) {
            self.refused.get_or_insert_with(|| code.to_string());
        }
    }
}

/// The account of what arrived.
#[derive(Default)]
struct Books {
    window_start: Duration,
    window: Tally,
    total: Tally,
}

impl Books {
    fn close(
        &mut self,
        start: Instant,
        sent: Option<&super::window::Window<'_>>,
        shared: &Shared,
        sink: &mut dyn FnMut(&Window<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.window.clear();
        std::mem::swap(&mut *shared.slot(), &mut self.window);
        self.total.add(&self.window);
        let now = start.elapsed();
        sink(&Window {
            start: self.window_start,
            length: now.saturating_sub(self.window_start),
            delivered: sent.map_or(0, |w| w.delivered + w.warm_up),
            failed: sent.map_or(0, |w| w.failed),
            arrived: self.window.arrived,
            bytes: self.window.bytes,
            intended: &self.window.intended,
            send: &self.window.send,
            arrived_in_all: shared.arrived.load(Relaxed),
        })?;
        self.window_start = now;
        Ok(())
    }
}

crate::record::messages! {
    area "load end-to-end";
    partitions_unread(partitions, limit) => "{partitions} {partitions|partition|partitions} could not be read within {limit}" / "{partitions} {partitions|partition n'a|partitions n'ont} pas pu être {partitions|lue|lues} en {limit}";
}
