//! The producing half of the load generator: [`Load`] sends records at a [`Pacing`] from a thread of its own, while the
//! calling thread serves the deliveries and closes a [`Window`] every second.
//!
//! Two latencies are kept. The *intended* one runs from the time at which the schedule wanted the record sent; the
//! *send* one from the first call of the client's send, waiting for room in its queue included, which is what
//! `kafka-producer-perf-test` measures (there `send()` blocks). When the system stalls and the generator with it, only
//! the first tells. At an unlimited rate nothing is intended, and both are the same.
//!
//! After a stall (the client's queue was full, or this machine did not let the generator run) records are overdue.
//! Their intended times stay, so that the stall is in every latency; what can be chosen is how they are sent:
//!
//! - by default the schedule is taken up where it stopped and gone through at [`CATCH_UP_PACE`] times its own pace,
//!   until it is caught up. A stall of `S` is then over after another `S`, in which the cluster gets no more than twice
//!   the asked rate, and the record that was to be sent `x` after the stall began waits `S - x / 2`. Records that are
//!   late by less than [`STALL`] are sent at once: no system sleeps more exactly.
//! - with [`Spec::catch_up`] all of them are sent as fast as the client takes them, as an application does whose work
//!   piled up: the record waits `S - x`, and the cluster gets a burst at the moment at which it recovers.
//!
//! Nothing is left out and nothing is made up: each latency is that of a record that was sent and acknowledged, and
//! records that were due and could not be sent before the end are counted as [`Outcome::unsent`].

use super::{
    client::{self, Error},
    delivery::Deliveries,
    keys::Keys,
    latency::Latency,
    outcome::{Books, Ended, Facts, Outcome},
    pacing::Pacing,
    payload::Content,
    sender::{self, Plan, Shared},
    window::Window,
};
use rdkafka::{
    ClientConfig,
    producer::{BaseProducer, Producer},
};
use std::{
    io,
    num::NonZeroU32,
    thread,
    time::{Duration, Instant, SystemTime},
};
use tokio_util::sync::CancellationToken;

/// How long a window lasts.
const WINDOW: Duration = Duration::from_secs(1);
/// How often the deliveries' thread looks at the clock, at least.
const TURN: Duration = Duration::from_millis(20);
/// What the client may take beyond `delivery.timeout.ms` to give a record up.
const MARGIN: Duration = Duration::from_secs(5);
/// A record that is later than this is overdue because of a stall.
pub const STALL: Duration = Duration::from_millis(50);
/// How much faster than asked overdue records are sent.
pub const CATCH_UP_PACE: u64 = 2;

/// What to send.
#[derive(Debug, Clone)]
pub struct Spec {
    /// Whether records that a stall made late are sent as fast as the client takes them.
    pub catch_up: bool,
    /// How many clients send it, each with threads of its own: of n clients, the first one sends records 0, n, 2n …
    pub clients: NonZeroU32,
    /// The client's settings, secrets in clear.
    pub config: ClientConfig,
    /// What fills the records.
    pub content: Content,
    /// Time after which nothing more is sent, counted from the end of the warm-up. A ramp and steps have an end of
    /// their own, which counts where neither this nor `records` is given.
    pub duration: Option<Duration>,
    /// What the records' keys are.
    pub keys: Keys,
    /// Headers of every record.
    pub headers: Vec<(String, String)>,
    /// How fast.
    pub pacing: Pacing,
    /// Bytes of a record's value; the mean of [`Content::Records`].
    pub record_size: usize,
    /// How many records, the warm-up not counted.
    pub records: Option<u64>,
    /// The token of the stamps, where records are stamped; the second client has the next one, and so on.
    pub token: Option<u64>,
    /// Where to.
    pub topic: String,
    /// Records sent before those that are measured.
    pub warm_up: u64,
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
        let headers = spec.headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
        let size =
            (spec.content.largest().unwrap_or(spec.record_size) + headers) as u64 + spec.keys.longest();
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
        let deliveries = Deliveries::new(start);
        let producers = (0..spec.clients.get())
            .map(|_| spec.config.create_with_context(deliveries.clone()))
            .collect::<Result<Vec<BaseProducer<Deliveries>>, _>>()
            .map_err(|e| Error::Client(e.to_string()))?;
        let plan = Plan::new(spec);
        let shared = Shared::new(start, &plan);
        let mut books = Books::new(&plan);
        let queued =
            || producers.iter().map(|p| u64::try_from(p.in_flight_count()).unwrap_or(0)).sum::<u64>();

        let (ended, lag) = thread::scope(|scope| {
            let _stop = StopOnDrop(&shared);
            let mut senders = Vec::with_capacity(producers.len());
            for (client, producer) in producers.iter().enumerate() {
                let (plan, shared) = (&plan, &shared);
                if client > 0 {
                    let serve = move || {
                        while !shared.stopped() {
                            producer.poll(TURN);
                        }
                    };
                    thread::Builder::new().name("deliveries".to_owned()).spawn_scoped(scope, serve)?;
                }
                let send = move || sender::send(spec, plan, client, producer, shared);
                senders.push(thread::Builder::new().name("load".to_owned()).spawn_scoped(scope, send)?);
            }
            let mut answered_by = None;
            let ended = loop {
                producers[0].poll(TURN);
                books.look(start.elapsed(), queued(), &deliveries, &shared);
                if start.elapsed() >= books.window_start + WINDOW {
                    books.close_window(start.elapsed(), queued(), &deliveries, &shared, sink)?;
                }
                if let Some(ended) = verdict(&producers, &deliveries, delivery_timeout, start, cancel) {
                    break ended;
                }
                if senders.iter().all(thread::ScopedJoinHandle::is_finished) {
                    let deadline =
                        *answered_by.get_or_insert_with(|| Instant::now() + delivery_timeout + MARGIN);
                    if queued() == 0 || Instant::now() >= deadline {
                        break Ended::Finished;
                    }
                }
            };
            shared.stop();
            let mut lag = Latency::default();
            for sender in senders {
                lag.add(&sender.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            Ok::<_, Error>((ended, lag))
        })?;
        let queued = queued();
        books.close_window(start.elapsed(), queued, &deliveries, &shared, sink)?;
        Ok(books.outcome(&deliveries, &shared, Facts { ended, lag, queued, started }))
    }
}

/// Ends the other threads, whatever ends this one.
struct StopOnDrop<'a>(&'a Shared);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// Whether the load must end before everything is sent.
fn verdict(
    producers: &[BaseProducer<Deliveries>],
    deliveries: &Deliveries,
    delivery_timeout: Duration,
    start: Instant,
    cancel: &CancellationToken,
) -> Option<Ended> {
    if cancel.is_cancelled() {
        return Some(Ended::Cancelled);
    }
    let answers = deliveries.answers();
    if let Some(refusal) = &answers.refusal {
        return Some(Ended::Refused(refusal.clone()));
    }
    let silent = start.elapsed().saturating_sub(answers.last_delivery.unwrap_or_default());
    if answers.failed_since > 0 && silent > delivery_timeout + MARGIN.min(delivery_timeout) {
        let said = answers.failures.values().max_by_key(|f| f.last).map(|f| f.says.clone());
        return Some(Ended::Unreachable(deliveries.voice.last_or(said.unwrap_or_default())));
    }
    drop(answers);
    let fatal = producers.iter().find_map(|producer| producer.client().fatal_error());
    fatal.map(|(code, says)| Ended::Refused(format!("{code}: {says}")))
}

#[cfg(test)]
mod tests;
