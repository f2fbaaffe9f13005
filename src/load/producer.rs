//! The producing half of the load generator: [`Load`] sends records at a [`Pacing`] from a thread of its own, while the
//! calling thread serves the deliveries and closes a [`Window`] every second.
//!
//! Two latencies are kept. The *intended* one runs from the time at which the schedule wanted the record sent; the
//! *send* one from the first call of the client's send, waiting for room in its queue included, which is what
//! `kafka-producer-perf-test` measures (there `send()` blocks). When the system stalls and the generator with it, only
//! the first tells. At an unlimited rate nothing is intended, and both are the same.

use super::{
    client::{self, Error},
    delivery::{Deliveries, Ticket, micros},
    latency::Latency,
    outcome::{Books, Ended, Facts, Outcome},
    pacing::{Pacing, Schedule},
    payload::{Content, Payload, Stamp},
    window::Window,
};
use rdkafka::{
    ClientConfig,
    error::{KafkaError, RDKafkaErrorCode as Code},
    producer::{BaseProducer, BaseRecord, Producer},
};
use std::{
    fmt::Write,
    io,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio_util::sync::CancellationToken;

/// How long a window lasts.
const WINDOW: Duration = Duration::from_secs(1);
/// How often the deliveries' thread looks at the clock, at least.
const TURN: Duration = Duration::from_millis(20);
/// What the client may take beyond `delivery.timeout.ms` to give a record up.
const MARGIN: Duration = Duration::from_secs(5);
/// Records that are due at the end of the time may still be sent for this long.
const GRACE: Duration = Duration::from_millis(250);

/// What to send.
#[derive(Debug, Clone)]
pub struct Spec {
    /// The client's settings, secrets in clear.
    pub config: ClientConfig,
    /// What fills the records.
    pub content: Content,
    /// Time after which nothing more is sent, counted from the end of the warm-up.
    pub duration: Option<Duration>,
    /// What the records' keys are.
    pub keys: Keys,
    /// How fast.
    pub pacing: Pacing,
    /// Bytes of a record's value.
    pub record_size: usize,
    /// How many records, the warm-up not counted.
    pub records: Option<u64>,
    /// The token of the stamps, where records are stamped.
    pub token: Option<u64>,
    /// Where to.
    pub topic: String,
    /// Records sent before those that are measured.
    pub warm_up: u64,
}

/// What the records' keys are.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Keys {
    /// No keys: the client spreads the records.
    #[default]
    None,
    /// The record's number as text.
    Sequential,
}

/// A load that the cluster is ready for.
#[derive(Debug)]
pub struct Load {
    spec: Spec,
    delivery_timeout: Duration,
}

impl Load {
    /// Looks whether the cluster answers, has the topic, and can take records of this size. Blocks for some seconds
    /// where no broker answers.
    pub fn connect(spec: Spec, cancel: &CancellationToken) -> Result<Self, Error> {
        let native = spec.config.create_native_config().map_err(|e| Error::Client(e.to_string()))?;
        let number =
            |name: &str| native.get(name).ok().and_then(|t| t.trim_matches('\0').parse::<u64>().ok());
        // The longest key is a number of 20 digits.
        let size = spec.record_size as u64 + if spec.keys == Keys::Sequential { 20 } else { 0 };
        if let Some(limit) = number("message.max.bytes").filter(|limit| size > *limit) {
            return Err(Error::TooLarge { size, limit });
        }
        // 0 is librdkafka's word for never, which a test must not wait for.
        let delivery_timeout =
            Duration::from_millis(number("delivery.timeout.ms").filter(|ms| *ms > 0).unwrap_or(300_000));
        client::partitions(&spec.config, &spec.topic, cancel)?;
        Ok(Self { spec, delivery_timeout })
    }

    /// Sends the load and returns when every record is answered, or cannot be any more. `sink` hears every window.
    ///
    /// Blocks: at most the load's length plus `delivery.timeout.ms` and a few seconds.
    pub fn run(
        &self,
        sink: &mut dyn FnMut(&Window<'_>) -> io::Result<()>,
        cancel: &CancellationToken,
    ) -> Result<Outcome, Error> {
        let (spec, delivery_timeout) = (&self.spec, self.delivery_timeout);
        let started = SystemTime::now();
        let start = Instant::now();
        let producer: BaseProducer<Deliveries> = spec
            .config
            .create_with_context(Deliveries::new(start))
            .map_err(|e| Error::Client(e.to_string()))?;
        let schedule = spec.pacing.schedule(spec.record_size as u64);
        let shared = Shared::new(start);
        let mut books = Books::new(spec, schedule);

        let (ended, lag) = thread::scope(|scope| {
            let sender = thread::Builder::new()
                .name("load".to_owned())
                .spawn_scoped(scope, || send(spec, schedule, &producer, &shared))?;
            let mut answered_by = None;
            let ended = loop {
                producer.poll(TURN);
                let queued = u64::try_from(producer.in_flight_count()).unwrap_or(0);
                books.look(start.elapsed(), queued, &producer, &shared);
                if start.elapsed() >= books.window_start + WINDOW
                    && let Err(error) = books.close_window(start.elapsed(), queued, &producer, &shared, sink)
                {
                    shared.stop.store(true, Relaxed);
                    return Err(error.into());
                }
                if let Some(ended) = verdict(&producer, delivery_timeout, start, cancel) {
                    break ended;
                }
                if sender.is_finished() {
                    let deadline =
                        *answered_by.get_or_insert_with(|| Instant::now() + delivery_timeout + MARGIN);
                    if queued == 0 || Instant::now() >= deadline {
                        break Ended::Finished;
                    }
                }
            };
            shared.stop.store(true, Relaxed);
            let lag = sender.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Ok::<_, Error>((ended, lag))
        })?;
        let queued = u64::try_from(producer.in_flight_count()).unwrap_or(0);
        books.close_window(start.elapsed(), queued, &producer, &shared, sink)?;
        Ok(books.outcome(spec, schedule, &producer, &shared, Facts { ended, lag, queued, started }))
    }
}

/// What both threads see.
#[derive(Debug)]
pub(super) struct Shared {
    start: Instant,
    stop: AtomicBool,
    /// Records that the client took or refused, warm-up included.
    pub(super) tried: AtomicU64,
    pub(super) blocked_us: AtomicU64,
    /// What of it was in the warm-up.
    pub(super) blocked_before_us: AtomicU64,
    /// When the first record after the warm-up was to be sent.
    pub(super) measured_from_us: AtomicU64,
    /// When the last record was handed over.
    pub(super) sent_until_us: AtomicU64,
}

impl Shared {
    fn new(start: Instant) -> Self {
        Self {
            start,
            stop: AtomicBool::new(false),
            tried: AtomicU64::new(0),
            blocked_us: AtomicU64::new(0),
            blocked_before_us: AtomicU64::new(0),
            measured_from_us: AtomicU64::new(u64::MAX),
            sent_until_us: AtomicU64::new(0),
        }
    }

    fn now_us(&self) -> u64 {
        micros(self.start.elapsed())
    }

    fn stopped(&self) -> bool {
        self.stop.load(Relaxed)
    }
}

/// The sending thread. Returns how late the generator itself was.
fn send(spec: &Spec, schedule: Schedule, producer: &BaseProducer<Deliveries>, shared: &Shared) -> Latency {
    let mut payload = Payload::new(spec.content, spec.record_size, spec.token.unwrap_or(0));
    let mut key = String::with_capacity(20);
    let mut lag = Latency::default();
    // Whether it is behind because the client's queue was full, and not by its own fault.
    let mut held_up = false;
    let total = spec.records.map(|records| records.saturating_add(spec.warm_up));
    let mut end_us = micros(Ticket::LONGEST);
    for index in 0..total.unwrap_or(u64::MAX) {
        let value = payload.fill();
        let intended_us = schedule.at(index).map(|nanos| nanos / 1000);
        if index == spec.warm_up {
            let from = intended_us.unwrap_or_else(|| shared.now_us());
            shared.blocked_before_us.store(shared.blocked_us.load(Relaxed), Relaxed);
            shared.measured_from_us.store(from, Relaxed);
            if let Some(duration) = spec.duration {
                end_us = end_us.min(from.saturating_add(micros(duration)));
            }
        }
        if intended_us.is_some_and(|t| t >= end_us) {
            break;
        }
        let waited = intended_us.is_some_and(|t| wait_until(t, shared));
        let sent_us = shared.now_us();
        // An unlimited load ends on time; a paced one still sends what was due before the end.
        if shared.stopped() || sent_us >= end_us + intended_us.map_or(0, |_| micros(GRACE)) {
            break;
        }
        let wait_us = sent_us - intended_us.unwrap_or(sent_us).min(sent_us);
        held_up &= !waited;
        let warm_up = index < spec.warm_up;
        if intended_us.is_some() && !held_up && !warm_up {
            lag.record(wait_us);
        }
        if let Some(token) = spec.token {
            let created_us = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, micros);
            Stamp { token, sequence: index, created_us }.write(value);
        }
        let opaque = Ticket { sent_us, wait_us, warm_up }.pack();
        let mut record = BaseRecord::with_opaque_to(&spec.topic, opaque).payload(&*value);
        if spec.keys == Keys::Sequential {
            key.clear();
            let _ = write!(key, "{index}");
            record = record.key(key.as_bytes());
        }
        let deadline_us = end_us.saturating_add(micros(GRACE));
        match hand_over(producer, record, deadline_us, shared) {
            Ok(blocked) => held_up |= blocked,
            Err(Some(code)) => producer.client().context().fail(code, warm_up),
            Err(None) => break,
        }
        shared.tried.fetch_add(1, Relaxed);
        shared.sent_until_us.store(shared.now_us(), Relaxed);
    }
    lag
}

/// Sleeps until `us` microseconds after the start, or until the load is stopped; whether there was any time to sleep.
fn wait_until(us: u64, shared: &Shared) -> bool {
    let mut waited = false;
    while !shared.stopped() {
        let left = us.saturating_sub(shared.now_us());
        if left == 0 {
            break;
        }
        waited = true;
        thread::sleep(Duration::from_micros(left.min(50_000)));
    }
    waited
}

/// Gives a record to the client, waiting while its queue is full; whether it was. `Err(None)`: stopped or out of time.
fn hand_over(
    producer: &BaseProducer<Deliveries>,
    mut record: BaseRecord<'_, [u8], [u8], usize>,
    deadline_us: u64,
    shared: &Shared,
) -> Result<bool, Option<Code>> {
    let mut full_since = None;
    loop {
        let now_us = shared.now_us();
        let taken = match producer.send(record) {
            Err((KafkaError::MessageProduction(Code::QueueFull), back)) => {
                record = back;
                let since = full_since.replace(now_us).unwrap_or(now_us);
                shared.blocked_us.fetch_add(now_us - since, Relaxed);
                if shared.stopped() || now_us >= deadline_us {
                    return Err(None);
                }
                thread::sleep(Duration::from_micros(500));
                continue;
            }
            Err((error, _)) => Err(Some(error.rdkafka_error_code().unwrap_or(Code::Unknown))),
            Ok(()) => Ok(full_since.is_some()),
        };
        if let Some(since) = full_since {
            shared.blocked_us.fetch_add((now_us - since).max(1), Relaxed);
        }
        return taken;
    }
}

/// Whether the load must end before everything is sent.
fn verdict(
    producer: &BaseProducer<Deliveries>,
    delivery_timeout: Duration,
    start: Instant,
    cancel: &CancellationToken,
) -> Option<Ended> {
    if cancel.is_cancelled() {
        return Some(Ended::Cancelled);
    }
    let context = producer.client().context();
    let answers = context.answers();
    if let Some(refusal) = &answers.refusal {
        return Some(Ended::Refused(refusal.clone()));
    }
    let silent = start.elapsed().saturating_sub(answers.last_delivery.unwrap_or_default());
    if answers.failed_since > 0 && silent > delivery_timeout + MARGIN.min(delivery_timeout) {
        let said = answers.failures.values().max_by_key(|f| f.last).map(|f| f.says.clone());
        return Some(Ended::Unreachable(context.voice.last_or(said.unwrap_or_default())));
    }
    drop(answers);
    producer.client().fatal_error().map(|(code, says)| Ended::Refused(format!("{code}: {says}")))
}

#[cfg(test)]
mod tests;
