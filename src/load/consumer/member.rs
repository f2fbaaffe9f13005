//! One member of the group: reads on a thread of its own until the group is to stop.

use super::{
    clock::{Clock, now_us},
    feed::{Feed, Listener},
    fetches::{Report, Total},
    rebalances::Rebalances,
};
use crate::load::{
    client::{LoadError, is_refusal},
    latency::Latency,
};
use rdkafka::{
    ClientConfig, Offset,
    consumer::Consumer,
    error::{KafkaError, RDKafkaErrorCode as Code},
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

/// Records that a member takes at a time, at most.
const BATCH: u64 = 1000;
/// How long it waits for a record before it looks at its events again: what a rebalance is noticed late, at most.
const PATIENCE: Duration = Duration::from_millis(10);
/// How long it waits for an event while it has no partition.
const ASIDE: Duration = Duration::from_millis(50);
/// How long the brokers may take to say where their partitions end.
const ENDS: Duration = Duration::from_secs(3);

/// What the members of a group share.
pub(super) struct Shared {
    pub(super) start: Instant,
    pub(super) rebalances: Arc<Rebalances>,
    stop: AtomicBool,
    /// Whether to ask the brokers at the end how far the group is behind.
    ask_ends: AtomicBool,
    /// Records that nobody has set out to read yet; `None` where nothing limits them.
    left: Option<AtomicU64>,
    read: AtomicU64,
    /// When the first and the last record came, in microseconds since the start.
    first_us: AtomicU64,
    last_us: AtomicU64,
    /// The wall clock at the first assignment, in milliseconds since 1970.
    assigned_ms: OnceLock<i64>,
    refusal: Mutex<Option<String>>,
}

const NEVER: u64 = u64::MAX;

impl Shared {
    pub(super) fn new(records: Option<u64>) -> Self {
        let start = Instant::now();
        Self {
            start,
            rebalances: Arc::new(Rebalances::since(start)),
            stop: AtomicBool::new(false),
            ask_ends: AtomicBool::new(false),
            left: records.map(AtomicU64::new),
            read: AtomicU64::new(0),
            first_us: AtomicU64::new(NEVER),
            last_us: AtomicU64::new(NEVER),
            assigned_ms: OnceLock::new(),
            refusal: Mutex::new(None),
        }
    }

    /// Ends the reading; `ask_ends`: the brokers are asked first how far the group is behind.
    pub(super) fn stop(&self, ask_ends: bool) {
        self.ask_ends.store(ask_ends, Relaxed);
        self.stop.store(true, Relaxed);
    }

    /// How many records were read.
    pub(super) fn read(&self) -> u64 {
        self.read.load(Relaxed)
    }

    /// When the first record came, since the start.
    pub(super) fn first(&self) -> Option<Duration> {
        let at = self.first_us.load(Relaxed);
        (at != NEVER).then(|| Duration::from_micros(at))
    }

    /// When the last record came, since the start.
    pub(super) fn last(&self) -> Option<Duration> {
        let at = self.last_us.load(Relaxed);
        (at != NEVER).then(|| Duration::from_micros(at))
    }

    /// What the cluster said no with.
    pub(super) fn refusal(&self) -> Option<String> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn refuse(&self, why: String) {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
    }

    /// Sets some of the records that are left aside for one member, so that the group reads no more than it is to.
    fn reserve(&self) -> u64 {
        let Some(left) = &self.left else { return BATCH };
        let taken = left.fetch_update(Relaxed, Relaxed, |left| Some(left - left.min(BATCH)));
        taken.unwrap_or_default().min(BATCH)
    }

    /// Gives back what was not read of it.
    fn settle(&self, reserved: u64, records: u64) {
        if let Some(left) = &self.left {
            left.fetch_add(reserved - records, Relaxed);
        }
        self.read.fetch_add(records, Relaxed);
    }

    fn came(&self) {
        let now = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(NEVER - 1);
        let _ = self.first_us.compare_exchange(NEVER, now, Relaxed, Relaxed);
        let _ =
            self.last_us.fetch_update(Relaxed, Relaxed, |last| (last == NEVER || last < now).then_some(now));
    }

    /// The wall clock at the group's first assignment.
    fn assigned_ms(&self, now_us: i64) -> i64 {
        *self.assigned_ms.get_or_init(|| {
            let ago =
                self.rebalances.first().map_or(Duration::ZERO, |at| self.start.elapsed().saturating_sub(at));
            now_us / 1000 - i64::try_from(ago.as_millis()).unwrap_or(0)
        })
    }
}

/// What a member has read since somebody took it.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) records: u64,
    pub(super) bytes: u64,
    pub(super) old: u64,
    pub(super) clock: Clock,
    pub(super) end_to_end: Latency,
    pub(super) reports: Vec<Report>,
}

impl Tally {
    pub(super) fn add(&mut self, other: &Self) {
        self.records += other.records;
        self.bytes += other.bytes;
        self.old += other.old;
        self.clock.add(&other.clock);
        self.end_to_end.add(&other.end_to_end);
    }

    pub(super) fn clear(&mut self) {
        self.end_to_end.clear();
        self.reports.clear();
        (self.records, self.bytes, self.old, self.clock) = (0, 0, 0, Clock::default());
    }
}

/// What the member and whoever closes the windows hand each other. The member locks it once a batch, and nearly always
/// finds it free.
pub(super) type Slot = Mutex<Tally>;

pub(super) fn locked(slot: &Slot) -> MutexGuard<'_, Tally> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What came of one member.
#[derive(Debug, Default)]
pub struct Read {
    /// Number of records that the member read.
    pub records: u64,
    /// Bytes of the values of those records.
    pub bytes: u64,
    /// Partitions that it had at the end.
    pub holds: usize,
    /// Errors of the client, by kind, with how often each came.
    pub errors: BTreeMap<String, u64>,
    /// Its client's statistics, summed up.
    pub fetches: Total,
    /// The last of them as they came, JSON; empty where there was none.
    pub statistics: String,
    /// Records behind the end of each partition that it had at the end; `None` where that could not be told.
    pub lag: BTreeMap<i32, Option<u64>>,
}

/// Reads until the group stops. Returns at most some seconds later, whatever the brokers do.
pub(super) fn read(
    config: &ClientConfig,
    topic: &str,
    number: usize,
    shared: &Shared,
    slot: &Slot,
) -> Result<Read, LoadError> {
    let listener = Listener::new(topic, number, shared.start, shared.rebalances.clone());
    let mut feed = Feed::open(config, listener)?;
    feed.subscribe(topic)?;
    let mut own = Read::default();
    while !shared.stop.load(Relaxed) {
        let aside = feed.listener().holds() == 0;
        if let Err(error) = feed.serve(if aside { ASIDE } else { Duration::ZERO }) {
            own.note(&error, shared);
        }
        let fresh = std::mem::take(&mut feed.listener().fetches().fresh);
        if !fresh.is_empty() {
            locked(slot).reports.extend(fresh);
        }
        if aside {
            continue;
        }
        let reserved = shared.reserve();
        if reserved == 0 {
            // Another member has set out to read the last ones.
            thread::sleep(Duration::from_millis(1));
            continue;
        }
        let records = own.take(&mut feed, reserved, shared, slot);
        shared.settle(reserved, records);
    }
    own.holds = feed.listener().holds();
    if shared.ask_ends.load(Relaxed) {
        own.lag = ends(&feed, topic);
    }
    for (kind, times) in feed.listener().voice.counts() {
        *own.errors.entry(kind).or_default() += times;
    }
    let mut fetches = feed.listener().fetches();
    own.fetches = fetches.total.clone();
    own.statistics = std::mem::take(&mut fetches.last);
    locked(slot).reports.append(&mut fetches.fresh);
    drop(fetches);
    Ok(own)
}

impl Read {
    /// Takes one batch; how many records it had.
    fn take(&mut self, feed: &mut Feed, reserved: u64, shared: &Shared, slot: &Slot) -> u64 {
        let mut error = None;
        let batch = feed.take(usize::try_from(reserved).unwrap_or(usize::MAX), PATIENCE);
        if batch.len() == 0 {
            return 0;
        }
        // One look at the clocks for all of them: they were handed over at one moment.
        let arrived_us = now_us();
        let assigned_ms = shared.assigned_ms(arrived_us);
        let mut tally = locked(slot);
        let (mut records, mut bytes) = (0, 0);
        for message in batch {
            let record = match message.record() {
                Ok(record) => record,
                Err(code) => {
                    error = Some(code);
                    continue;
                }
            };
            records += 1;
            bytes += record.value.len() as u64;
            match tally.clock.count(record.timestamp) {
                Some(stamped_ms) if stamped_ms >= assigned_ms => {
                    if let Some(micros) = tally.clock.difference(arrived_us - stamped_ms * 1000) {
                        tally.end_to_end.record(micros);
                    }
                }
                _ => tally.old += 1,
            }
        }
        tally.records += records;
        tally.bytes += bytes;
        drop(tally);
        self.records += records;
        self.bytes += bytes;
        if records > 0 {
            shared.came();
        }
        if let Some(code) = error {
            self.note(&KafkaError::MessageConsumption(code), shared);
        }
        records
    }

    /// Counts an error, and ends the group where no waiting will help.
    fn note(&mut self, error: &KafkaError, shared: &Shared) {
        let code = error.rdkafka_error_code().unwrap_or(Code::Unknown);
        // Broker and connection errors come through the context too, which counts them.
        if !matches!(error, KafkaError::Global(_)) {
            *self.errors.entry(format!("{code:?}")).or_default() += 1;
        }
        if is_refusal(code) || matches!(error, KafkaError::MessageConsumptionFatal(_)) {
            shared.refuse(error.to_string());
        }
    }
}

/// How many records lie behind what was read of each partition; `None` where it cannot be told.
fn ends(feed: &Feed, topic: &str) -> BTreeMap<i32, Option<u64>> {
    let deadline = Instant::now() + ENDS;
    let consumer = feed.consumer();
    let Ok(positions) = consumer.position() else { return BTreeMap::new() };
    let mut answers = true;
    let mut found = BTreeMap::new();
    for position in positions.elements() {
        let number = position.partition();
        // Nothing was read of it yet: what is fetched next is where it stands.
        let read = match position.offset() {
            Offset::Offset(offset) => Some(offset),
            _ => feed.listener().fetches().next.get(&number).copied(),
        };
        let left = deadline.saturating_duration_since(Instant::now());
        let marks = (answers && !left.is_zero()).then(|| consumer.fetch_watermarks(topic, number, left));
        let lag = match marks {
            Some(Ok((low, high))) => match read {
                Some(read) => Some(u64::try_from(high.saturating_sub(read)).unwrap_or(0)),
                None => (low == high).then_some(0),
            },
            // One that does not answer would use up the time of the others as well.
            _ => {
                answers = false;
                None
            }
        };
        found.insert(number, lag);
    }
    found
}
