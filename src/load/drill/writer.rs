//! [`Writer`]: sends stamped records at a steady rate until it is told to stop, and keeps what the source acknowledged.

use crate::{
    clients::kafka::{Logged, make},
    load::{client::LoadError, payload::Stamp},
};
use rdkafka::{
    ClientConfig, ClientContext, Message,
    producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer},
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant, SystemTime},
};

/// How often due records are sent.
const TURN: Duration = Duration::from_millis(5);
/// How long records under way may take once nothing more is sent.
const FLUSH: Duration = Duration::from_secs(20);

/// The records that a drill sends to the source.
#[derive(Debug, Clone)]
pub struct Flow {
    /// Settings of the producer, secrets in clear.
    pub config: ClientConfig,
    /// Name of the topic on the source cluster.
    pub topic: String,
    /// Its partitions; each gets every n-th record.
    pub partitions: Vec<i32>,
    /// Rate in records per second.
    pub rate: u64,
    /// Bytes of a value, at least those of a stamp.
    pub record_size: usize,
    /// The token of the stamps.
    pub token: u64,
}

/// An acknowledged record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledged {
    /// Time of the send call.
    pub sent: Instant,
    /// When the acknowledgement came.
    pub at: Instant,
}

/// Acknowledged records by their sequence numbers.
pub type Ledger = BTreeMap<u64, Acknowledged>;

#[derive(Debug, Default)]
struct Books {
    acknowledged: Mutex<Ledger>,
    failed: Mutex<Option<String>>,
}

#[derive(Debug, Clone, Default)]
struct Hears(Arc<Books>);

impl ClientContext for Hears {}

impl ProducerContext for Hears {
    type DeliveryOpaque = Box<(u64, Instant)>;

    fn delivery(&self, result: &DeliveryResult<'_>, opaque: Self::DeliveryOpaque) {
        let (sequence, sent) = *opaque;
        match result {
            Ok(message) => {
                tracing::trace!(sequence, offset = message.offset(), "acknowledged");
                let mut ledger = self.0.acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
                ledger.insert(sequence, Acknowledged { sent, at: Instant::now() });
            }
            Err((error, _)) => {
                let mut failed = self.0.failed.lock().unwrap_or_else(PoisonError::into_inner);
                failed.get_or_insert_with(|| error.to_string());
            }
        }
    }
}

/// A producer with a thread of its own.
pub(super) struct Writer {
    books: Arc<Books>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<u64>>,
}

impl Writer {
    pub(super) fn start(flow: Flow) -> Result<Self, LoadError> {
        let hears = Hears::default();
        let books = Arc::clone(&hears.0);
        let producer: Logged<ThreadedProducer<Hears>> = make(&flow.config, hears)?;
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let thread = thread::Builder::new().name("drill-writer".to_owned()).spawn(move || {
            let sent = write(&producer, &flow, &told);
            // What the source does not acknowledge in time is not in the ledger: nobody was promised it.
            let _ = producer.flush(FLUSH);
            sent
        })?;
        Ok(Self { books, stop, thread: Some(thread) })
    }

    /// How many records are acknowledged by now.
    pub(super) fn acknowledged(&self) -> u64 {
        self.books.acknowledged.lock().unwrap_or_else(PoisonError::into_inner).len() as u64
    }

    /// Stops, waits for the acknowledgements and gives the ledger, the number of records that were sent, and what the first
    /// one that failed said.
    pub(super) fn finish(mut self) -> (Ledger, u64, Option<String>) {
        self.stop.store(true, Ordering::Release);
        let sent = self.thread.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        let ledger =
            std::mem::take(&mut *self.books.acknowledged.lock().unwrap_or_else(PoisonError::into_inner));
        let failed = self.books.failed.lock().unwrap_or_else(PoisonError::into_inner).take();
        (ledger, sent, failed)
    }

    /// Sends nothing more; acknowledgements may still come.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Release);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Sends until it is told to stop; how many.
fn write(producer: &ThreadedProducer<Hears>, flow: &Flow, stop: &AtomicBool) -> u64 {
    let start = Instant::now();
    let mut sent: u64 = 0;
    let mut value = vec![b'.'; flow.record_size.max(Stamp::LEN)];
    while !stop.load(Ordering::Acquire) {
        let due = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX).saturating_mul(flow.rate)
            / 1_000_000;
        while sent < due && !stop.load(Ordering::Acquire) {
            let created_us = SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .map_or(0, |since| u64::try_from(since.as_micros()).unwrap_or(u64::MAX));
            Stamp { token: flow.token, sequence: sent, created_us }.write(&mut value);
            let index = usize::try_from(sent % flow.partitions.len().max(1) as u64).unwrap_or(0);
            let partition = flow.partitions.get(index).copied().unwrap_or(0);
            let record: BaseRecord<'_, (), [u8], _> =
                BaseRecord::with_opaque_to(&flow.topic, Box::new((sent, Instant::now())))
                    .partition(partition)
                    .payload(&value);
            if producer.send(record).is_err() {
                // The client's queue is full: the source is slow or gone.
                break;
            }
            sent += 1;
        }
        thread::sleep(TURN);
    }
    sent
}
