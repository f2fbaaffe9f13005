//! What the cluster answered: [`Deliveries`] counts it for one client, [`Ticket`] brings a record's times to it in the
//! pointer that librdkafka carries along. Nothing is allocated for a record.

use super::{
    bits::Bits,
    client::{Voice, is_refusal},
    latency::Latency,
};
use rdkafka::{
    ClientContext,
    config::RDKafkaLogLevel,
    error::{KafkaError, RDKafkaErrorCode as Code},
    message::DeliveryResult,
    producer::ProducerContext,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// When a record was sent, how much later than intended, and whether it belongs to the warm-up.
///
/// Packed into 64 bits: one for the warm-up, 41 for the send time in microseconds since the start (25 days), 22 for
/// the wait as a floating number of 17 significant bits, which is finer than the histograms' three digits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) sent_us: u64,
    pub(super) wait_us: u64,
    pub(super) warm_up: bool,
}

const SENT_BITS: u32 = 41;
const MANTISSA_BITS: u32 = 17;
const _: () = assert!(usize::BITS == 64, "a ticket needs pointers of 64 bits");

impl Ticket {
    /// The longest load whose times fit.
    pub(super) const LONGEST: Duration = Duration::from_micros(1 << SENT_BITS);

    pub(super) fn pack(self) -> usize {
        let shift = (u64::BITS - self.wait_us.leading_zeros()).saturating_sub(MANTISSA_BITS).min(31);
        let mantissa = (self.wait_us >> shift).min((1 << MANTISSA_BITS) - 1);
        let wait = u64::from(shift) << MANTISSA_BITS | mantissa;
        let sent = self.sent_us & ((1 << SENT_BITS) - 1);
        usize::try_from(u64::from(self.warm_up) << 63 | sent << 22 | wait).expect("pointers have 64 bits")
    }

    pub(super) fn unpack(packed: usize) -> Self {
        let packed = packed as u64;
        let wait = packed & ((1 << 22) - 1);
        Self {
            sent_us: packed >> 22 & ((1 << SENT_BITS) - 1),
            wait_us: (wait & ((1 << MANTISSA_BITS) - 1)) << (wait >> MANTISSA_BITS),
            warm_up: packed >> 63 == 1,
        }
    }
}

/// What became of one record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer {
    /// Why it was not delivered.
    pub(super) error: Option<Code>,
    /// What was given with it.
    pub(super) opaque: usize,
    /// Bytes of its value.
    pub(super) bytes: u64,
    pub(super) partition: i32,
    /// The broker that answered; -1 where none did.
    pub(super) broker: i32,
    /// Token and number of its stamp, where it has one.
    pub(super) stamp: Option<(u64, u64)>,
}

/// What was answered in one window, or in all.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) delivered: u64,
    pub(super) bytes: u64,
    pub(super) failed: u64,
    pub(super) warm_up_delivered: u64,
    pub(super) warm_up_failed: u64,
    pub(super) intended: Latency,
    pub(super) send: Latency,
}

impl Tally {
    pub(super) fn add(&mut self, other: &Self) {
        self.delivered += other.delivered;
        self.bytes += other.bytes;
        self.failed += other.failed;
        self.warm_up_delivered += other.warm_up_delivered;
        self.warm_up_failed += other.warm_up_failed;
        self.intended.add(&other.intended);
        self.send.add(&other.send);
    }

    pub(super) fn clear(&mut self) {
        self.intended.clear();
        self.send.clear();
        (self.delivered, self.bytes, self.failed) = (0, 0, 0);
        (self.warm_up_delivered, self.warm_up_failed) = (0, 0);
    }

    pub(super) fn answered(&self) -> u64 {
        self.delivered + self.failed + self.warm_up_delivered + self.warm_up_failed
    }
}

/// One kind of failure, with how often it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What it says, in the client's words.
    pub says: String,
    /// How many records failed so.
    pub records: u64,
    /// When the first did, since the start.
    pub first: Duration,
    /// When the last did, since the start.
    pub last: Duration,
}

impl Failure {
    pub(super) fn add(&mut self, other: &Self) {
        self.records += other.records;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}

/// What was answered for one partition, or by one broker; the warm-up included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// Number of records that were acknowledged.
    pub delivered: u64,
    /// Bytes of the values of those records.
    pub bytes: u64,
    /// Number of records that failed.
    pub failed: u64,
}

impl Share {
    pub(super) fn add(&mut self, other: Self) {
        self.delivered += other.delivered;
        self.bytes += other.bytes;
        self.failed += other.failed;
    }

    fn note(&mut self, bytes: u64, failed: bool) {
        match failed {
            true => self.failed += 1,
            false => (self.delivered, self.bytes) = (self.delivered + 1, self.bytes + bytes),
        }
    }
}

/// What one client was promised: the numbers of the stamped records that the cluster said it has.
#[derive(Debug, Default)]
pub(super) struct Promised {
    /// The token of its stamps.
    pub(super) token: u64,
    /// What is promised for good.
    pub(super) kept: Bits,
    /// What was answered within the transaction that is open.
    open: Bits,
    transactional: bool,
    /// Up to which number transactions have ended, and whether the last one was committed.
    ended: (u64, bool),
}

impl Promised {
    fn answered(&mut self, sequence: u64) {
        let (until, committed) = self.ended;
        let kept = match self.transactional {
            false => &mut self.kept,
            // An answer that is counted when its transaction has just ended.
            true if sequence < until && committed => &mut self.kept,
            true if sequence < until => return,
            true => &mut self.open,
        };
        kept.insert(sequence);
    }

    fn end(&mut self, until: u64, committed: bool) {
        if committed {
            self.kept.extend(&self.open);
        }
        self.open.clear();
        self.ended = (until, committed);
    }
}

/// What one client was answered.
#[derive(Debug, Default)]
pub(super) struct Answers {
    pub(super) window: Tally,
    pub(super) failures: BTreeMap<String, Failure>,
    /// When the last record was delivered, since the start.
    pub(super) last_delivery: Option<Duration>,
    /// Records that failed since the last one that was delivered.
    pub(super) failed_since: u64,
    /// What the cluster said no with, while it has not said yes to anything.
    pub(super) refusal: Option<String>,
    /// By number; those of no partition last.
    pub(super) partitions: Vec<Share>,
    /// By id.
    pub(super) brokers: BTreeMap<i32, Share>,
    /// What it was promised, where its records are stamped.
    pub(super) promised: Option<Promised>,
    /// What the client said of itself and nobody has read yet.
    pub(super) statistics: Vec<String>,
}

/// More statistics than this wait for nobody: a sink that writes slowly must not cost memory.
const WAITING: usize = 64;

/// The context of one client's producer; clones share it.
#[derive(Debug, Clone)]
pub(super) struct Deliveries {
    start: Instant,
    answers: Arc<Mutex<Answers>>,
    pub(super) voice: Arc<Voice>,
}

impl Deliveries {
    /// Of a load that began at `start` and whose topic has so many partitions.
    pub(super) fn new(start: Instant, partitions: usize, voice: Arc<Voice>) -> Self {
        let answers = Answers { partitions: vec![Share::default(); partitions], ..Answers::default() };
        Self { start, answers: Arc::new(Mutex::new(answers)), voice }
    }

    /// With records whose stamps have this token; in transactions, a record is promised when its own is committed.
    pub(super) fn promising(self, token: u64, transactional: bool) -> Self {
        self.answers().promised = Some(Promised { token, transactional, ..Promised::default() });
        self
    }

    /// A transaction has ended, with all records below this number that belong to none before.
    pub(super) fn transaction_ended(&self, until: u64, committed: bool) {
        if let Some(promised) = &mut self.answers().promised {
            promised.end(until, committed);
        }
    }

    /// The lock is taken by the serving thread once for each batch of answers, and by others for errors and windows.
    pub(super) fn answers(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the window: its figures are added to `tally`, and the next one begins.
    pub(super) fn take_window(&self, tally: &mut Tally) {
        let mut answers = self.answers();
        tally.add(&answers.window);
        answers.window.clear();
    }

    /// Counts the answers of one batch. All have the time at which the batch was taken: they came together.
    pub(super) fn answered(&self, batch: &mut dyn Iterator<Item = Answer>) {
        let now = self.start.elapsed();
        let now_us = micros(now);
        let answers = &mut *self.answers();
        // Most batches are of one partition and one broker: they are looked up where they change.
        let mut broker = (i32::MIN, Share::default());
        for answer in batch {
            let ticket = Ticket::unpack(answer.opaque);
            if answer.broker != broker.0 {
                answers.add_broker(broker);
                broker = (answer.broker, Share::default());
            }
            broker.1.note(answer.bytes, answer.error.is_some());
            if let Some(share) =
                usize::try_from(answer.partition).ok().and_then(|p| answers.partitions.get_mut(p))
            {
                share.note(answer.bytes, answer.error.is_some());
            }
            match answer.error {
                None => {
                    if let (Some(promised), Some((token, sequence))) = (&mut answers.promised, answer.stamp)
                        && token == promised.token
                    {
                        promised.answered(sequence);
                    }
                    answers.delivered(ticket, answer.bytes, now, now_us);
                }
                Some(code) => answers.fail(code, ticket.warm_up, now),
            }
        }
        answers.add_broker(broker);
    }

    /// Counts a record that the client did not take.
    pub(super) fn fail(&self, code: Code, warm_up: bool) {
        let now = self.start.elapsed();
        self.answers().fail(code, warm_up, now);
    }
}

impl Answers {
    fn add_broker(&mut self, (id, share): (i32, Share)) {
        if share != Share::default() {
            self.brokers.entry(id).or_default().add(share);
        }
    }

    fn delivered(&mut self, ticket: Ticket, bytes: u64, now: Duration, now_us: u64) {
        self.last_delivery = Some(now);
        self.failed_since = 0;
        if ticket.warm_up {
            self.window.warm_up_delivered += 1;
            return;
        }
        let send = now_us.saturating_sub(ticket.sent_us);
        self.window.delivered += 1;
        self.window.bytes += bytes;
        self.window.send.record(send);
        self.window.intended.record(send + ticket.wait_us);
    }

    fn fail(&mut self, code: Code, warm_up: bool, now: Duration) {
        match warm_up {
            true => self.window.warm_up_failed += 1,
            false => self.window.failed += 1,
        }
        self.failed_since += 1;
        if is_refusal(code) && self.last_delivery.is_none() {
            self.refusal.get_or_insert_with(|| code.to_string());
        }
        let failure = self.failures.entry(format!("{code:?}")).or_insert_with(|| Failure {
            says: code.to_string(),
            records: 0,
            first: now,
            last: now,
        });
        failure.records += 1;
        failure.last = now;
    }
}

impl ClientContext for Deliveries {
    fn error(&self, error: KafkaError, reason: &str) {
        self.voice.error(error, reason);
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.voice.log(level, facility, message);
    }

    fn stats_raw(&self, json: &[u8]) {
        let mut answers = self.answers();
        if answers.statistics.len() < WAITING {
            answers.statistics.push(String::from_utf8_lossy(json).into_owned());
        }
    }
}

/// Answers that come while the producer is being closed, when nobody counts any more.
impl ProducerContext for Deliveries {
    type DeliveryOpaque = usize;

    fn delivery(&self, _: &DeliveryResult<'_>, _: usize) {}
}

/// Whole microseconds; a load ends long before they overflow.
pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_ticket_comes_back(sent_us in 0u64..1 << 41, wait_us in 0u64..1 << 40, warm_up: bool) {
            let back = Ticket::unpack(Ticket { sent_us, wait_us, warm_up }.pack());
            prop_assert_eq!((back.sent_us, back.warm_up), (sent_us, warm_up));
            prop_assert!(back.wait_us <= wait_us && wait_us - back.wait_us <= wait_us >> 16);
            if wait_us < 1 << 17 {
                prop_assert_eq!(back.wait_us, wait_us);
            }
        }
    }

    #[test]
    fn what_an_aborted_transaction_held_is_not_promised() {
        let mut promised = Promised { transactional: true, ..Promised::default() };
        (0..10).for_each(|n| promised.answered(n));
        assert!(promised.kept.is_empty());
        promised.end(10, true);
        (10..19).for_each(|n| promised.answered(n));
        promised.end(20, false);
        promised.answered(19);
        (20..30).for_each(|n| promised.answered(n));
        promised.end(30, true);
        assert_eq!(promised.kept.ranges(), [(0, 9), (20, 29)]);
    }

    #[test]
    fn the_longest_wait_does_not_overflow_its_bits() {
        let back = Ticket::unpack(Ticket { sent_us: 0, wait_us: u64::MAX, warm_up: false }.pack());
        assert!(!back.warm_up && back.sent_us == 0 && back.wait_us > 1 << 47);
    }
}
