//! The producing half of the load generator: [`Load`] sends records at a [`Pacing`](super::pacing::Pacing) by one client or several. Each has a
//! thread that sends and one that counts the answers; the calling thread closes a [`Window`] of all every second.
//!
//! One [`Load`] is one phase. Whoever looks for a limit runs several, each with a `Spec` of its own, and ends one early
//! by its cancellation token: what was seen until then is in the [`Outcome`].
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

pub(super) mod spec;

pub use spec::{CATCH_UP_PACE, STALL, Spec};

use super::{
    client::{self, LoadError, Voice},
    delivery::{Deliveries, Failure, micros},
    outcome::{Books, Facts, Outcome, SendEnd},
    payload::stock::Stock,
    raw::Client,
    sender::{self, Plan, Shared},
    transaction,
    window::Window,
};
use crate::record::Said;
use rdkafka::producer::Producer;
use std::{
    io,
    sync::Arc,
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
/// A load that the cluster is ready for.
#[derive(Debug)]
pub struct Load {
    spec: Spec,
    delivery_timeout: Duration,
    partitions: usize,
    /// Whether values are made before the load.
    stocked: bool,
}

impl Load {
    /// Looks whether the cluster answers, has the topic, and can take records of this size. Blocks for some seconds
    /// where no broker answers.
    pub fn connect(spec: Spec, cancel: &CancellationToken) -> Result<Self, LoadError> {
        let native = spec.config.create_native_config().map_err(|e| LoadError::Client(e.to_string()))?;
        let number =
            |name: &str| native.get(name).ok().and_then(|t| t.trim_matches('\0').parse::<u64>().ok());
        let headers = spec.headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
        let size =
            (spec.content.largest().unwrap_or(spec.record_size) + headers) as u64 + spec.keys.longest();
        if let Some(limit) = number("message.max.bytes").filter(|limit| size > *limit) {
            return Err(LoadError::TooLarge { size, limit });
        }
        // 0 is librdkafka's word for never, which a test must not wait for.
        let delivery_timeout =
            Duration::from_millis(number("delivery.timeout.ms").filter(|ms| *ms > 0).unwrap_or(300_000));
        let partitions = client::partitions(&spec.config, &spec.topic, cancel)?.len();
        // Made values that come again would compress where a batch has them twice; headers are given one by one.
        let compressed =
            native.get("compression.codec").is_ok_and(|codec| codec.trim_matches('\0') != "none");
        let stocked =
            spec.token.is_none() && spec.headers.is_empty() && (spec.content.repeats() || !compressed);
        Ok(Self { spec, delivery_timeout, partitions, stocked })
    }

    /// Sends the load and returns when every record is answered, or cannot be any more. `sink` hears every window.
    ///
    /// Blocks: at most the load's length plus `delivery.timeout.ms` and a few seconds.
    pub fn run(
        &self,
        sink: &mut dyn FnMut(&Window<'_>) -> io::Result<()>,
        cancel: &CancellationToken,
    ) -> Result<Outcome, LoadError> {
        let (spec, delivery_timeout) = (&self.spec, self.delivery_timeout);
        let started = SystemTime::now();
        let start = Instant::now();
        let voice = Arc::new(Voice::default());
        let stock = self.stocked.then(|| Arc::new(Stock::new(&spec.content, spec.record_size, 0)));
        let clients = (0..spec.clients.get())
            .map(|number| {
                let mut deliveries = Deliveries::new(start, self.partitions, Arc::clone(&voice));
                if let Some(token) = spec.token {
                    let token = token.wrapping_add(u64::from(number));
                    deliveries = deliveries.promising(token, spec.transaction.is_some());
                }
                Client::new(&spec.client_config(number), &spec.topic, deliveries, stock.clone())
            })
            .collect::<Result<Vec<_>, _>>()?;
        if spec.transaction.is_some() {
            transaction::prepare(&clients, cancel)?;
        }
        // Preparing transactions takes its time.
        let plan = Plan::new(spec, micros(start.elapsed()));
        let shared = Shared::new(start, &plan, clients.len());
        let mut books = Books::new(&plan, &clients, &voice);

        let (ended, sent) = thread::scope(|scope| {
            let _stop = StopOnDrop(&shared);
            let mut senders = Vec::with_capacity(clients.len());
            for (number, client) in clients.iter().enumerate() {
                let (plan, shared) = (&plan, &shared);
                let serve = move || {
                    while !shared.served() {
                        client.serve(TURN);
                    }
                };
                thread::Builder::new().name("deliveries".to_owned()).spawn_scoped(scope, serve)?;
                let send = move || sender::send(spec, plan, number, client, shared);
                senders.push(thread::Builder::new().name("load".to_owned()).spawn_scoped(scope, send)?);
            }
            let mut answered_by = None;
            let ended = loop {
                thread::sleep(TURN);
                let sent_all = senders.iter().all(thread::ScopedJoinHandle::is_finished);
                books.look(&shared);
                if start.elapsed() >= books.window_start + WINDOW {
                    books.close_window(&shared, sink)?;
                }
                if let Some(ended) = verdict(&clients, &voice, delivery_timeout, start, cancel) {
                    break ended;
                }
                if sent_all {
                    let deadline =
                        *answered_by.get_or_insert_with(|| Instant::now() + delivery_timeout + MARGIN);
                    if books.queued() == 0 || Instant::now() >= deadline {
                        break SendEnd::Finished;
                    }
                }
            };
            shared.stop();
            let mut sent = sender::Sent::default();
            for sender in senders {
                sent.add(&sender.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            Ok::<_, LoadError>((ended, sent))
        })?;
        books.close_window(&shared, sink)?;
        Ok(books.outcome(&shared, Facts { ended, sent, started }))
    }
}

/// Ends the other threads, whatever ends this one.
struct StopOnDrop<'a>(&'a Shared);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.stop();
        self.0.serve_no_more();
    }
}

/// Whether the load must end before everything is sent.
fn verdict(
    clients: &[Client],
    voice: &Voice,
    delivery_timeout: Duration,
    start: Instant,
    cancel: &CancellationToken,
) -> Option<SendEnd> {
    if cancel.is_cancelled() {
        return Some(SendEnd::Cancelled);
    }
    let mut last = Duration::ZERO;
    let mut failed_since = 0;
    let mut said: Option<Failure> = None;
    for client in clients {
        let answers = client.deliveries().answers();
        if let Some(refusal) = &answers.refusal {
            return Some(SendEnd::Refused(refusal.clone()));
        }
        last = last.max(answers.last_delivery.unwrap_or_default());
        failed_since += answers.failed_since;
        said = answers.failures.values().cloned().chain(said).max_by_key(|f| f.last);
    }
    let silent = start.elapsed().saturating_sub(last);
    if failed_since > 0 && silent > delivery_timeout + MARGIN.min(delivery_timeout) {
        let says = said.map(|failure| failure.says).unwrap_or_default();
        return Some(SendEnd::Unreachable(voice.last_or(Said::verbatim(says))));
    }
    let fatal = clients.iter().find_map(|client| client.producer().client().fatal_error());
    fatal.map(|(code, says)| SendEnd::Refused(format!("{code}: {says}")))
}

#[cfg(test)]
mod tests;
