//! The sending threads of a load: [`send`] gives one client its share of the records, each at its time.

use super::{
    delivery::{Deliveries, Ticket, micros},
    keys::KeyMaker,
    latency::Latency,
    pacing::Schedule,
    payload::{Payload, Stamp},
    producer::{CATCH_UP_PACE, STALL, Spec},
};
use rdkafka::{
    error::{KafkaError, RDKafkaErrorCode as Code},
    message::{Header, OwnedHeaders},
    producer::{BaseProducer, BaseRecord, Producer},
};
use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Records that are due at the end of the time may still be sent for this long.
const GRACE: Duration = Duration::from_millis(250);

/// What is to be sent and when, worked out before the start.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) catch_up: bool,
    pub(super) schedule: Schedule,
    /// Records of the warm-up, which come first.
    pub(super) warm_up: u64,
    /// All records, the warm-up included; `None` where only the clock ends the load.
    pub(super) total: Option<u64>,
    /// When the first record after the warm-up is due; `None` at an unlimited rate.
    from_us: Option<u64>,
    /// The length of the measured load, where it has one.
    length_us: Option<u64>,
}

impl Plan {
    pub(super) fn new(spec: &Spec) -> Self {
        let warm_up = spec.warm_up;
        let schedule = spec.pacing.schedule(spec.record_size as u64, warm_up);
        let from = schedule.at(warm_up);
        let end = match (spec.duration, from) {
            (Some(duration), Some(from)) => {
                Some(from.saturating_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)))
            }
            // A shape that ends by itself is the length, where none is given.
            (None, Some(_)) if spec.records.is_none() => schedule.end(),
            _ => None,
        };
        let by_count = spec.records.map(|records| records.saturating_add(warm_up));
        let by_time = end.and_then(|end| schedule.before(end)).map(|records| records.max(warm_up));
        let total = match (by_count, by_time) {
            // Nobody knows how many an unlimited rate makes of a time.
            (Some(_), None) if spec.duration.is_some() => None,
            (a, b) => a.into_iter().chain(b).min(),
        };
        let length = end.zip(from).map(|(end, from)| (end - from) / 1000).or(spec.duration.map(micros));
        Self {
            catch_up: spec.catch_up,
            schedule,
            warm_up,
            total,
            from_us: from.map(|nanos| nanos / 1000),
            length_us: length,
        }
    }

    /// How many records should have been sent when `nanos` nanoseconds have passed.
    pub(super) fn due(&self, nanos: u64) -> Option<u64> {
        let due = self.schedule.before(nanos.saturating_add(1))?;
        Some(due.min(self.total.unwrap_or(u64::MAX)))
    }
}

/// What all threads see.
#[derive(Debug)]
pub(super) struct Shared {
    start: Instant,
    stop: AtomicBool,
    /// Records that the clients took or refused, warm-up included.
    pub(super) tried: AtomicU64,
    /// How long the clients' queues were full, all clients together.
    pub(super) blocked_us: AtomicU64,
    /// What of it was in the warm-up.
    pub(super) blocked_before_us: AtomicU64,
    /// The latest that a measured record was sent after its intended time.
    pub(super) late_us: AtomicU64,
    /// When the first record after the warm-up was to be sent.
    pub(super) measured_from_us: AtomicU64,
    /// When the last record was handed over.
    pub(super) sent_until_us: AtomicU64,
}

impl Shared {
    pub(super) fn new(start: Instant, plan: &Plan) -> Self {
        Self {
            start,
            stop: AtomicBool::new(false),
            tried: AtomicU64::new(0),
            blocked_us: AtomicU64::new(0),
            blocked_before_us: AtomicU64::new(0),
            late_us: AtomicU64::new(0),
            measured_from_us: AtomicU64::new(plan.from_us.unwrap_or(u64::MAX)),
            sent_until_us: AtomicU64::new(0),
        }
    }

    fn now_us(&self) -> u64 {
        micros(self.start.elapsed())
    }

    pub(super) fn stop(&self) {
        self.stop.store(true, Relaxed);
    }

    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Relaxed)
    }
}

/// When records are sent that a stall made late: along a line that begins where the stall ended and goes through the
/// schedule at [`CATCH_UP_PACE`] times its pace, until it meets it.
#[derive(Debug, Default)]
struct Recovery {
    /// An intended time, and when that record was sent.
    from: Option<(u64, u64)>,
}

impl Recovery {
    /// When to send a record that was intended for `intended_us`.
    fn due(&mut self, intended_us: u64) -> u64 {
        let Some((intended, sent)) = self.from else { return intended_us };
        let due = sent + intended_us.saturating_sub(intended) / CATCH_UP_PACE;
        if due <= intended_us {
            self.from = None;
            return intended_us;
        }
        due
    }

    /// A record that was due at `due_us` is sent now: later than that by more than [`STALL`], there was one.
    fn sent(&mut self, intended_us: u64, due_us: u64, now_us: u64) {
        if now_us > due_us + micros(STALL) {
            self.from = Some((intended_us, now_us));
        }
    }
}

/// Sends the share of client number `client`. Returns how late the generator itself was.
pub(super) fn send(
    spec: &Spec,
    plan: &Plan,
    client: usize,
    producer: &BaseProducer<Deliveries>,
    shared: &Shared,
) -> Latency {
    let number = client as u64;
    let token = spec.token.map(|token| token.wrapping_add(number));
    let seed = spec.token.unwrap_or(0).wrapping_add(number);
    let mut payload = Payload::new(spec.content.clone(), spec.record_size, seed);
    let mut keys = KeyMaker::new(spec.keys, seed);
    let headers = headers(spec);
    let mut lag = Latency::default();
    let mut recovery = Recovery::default();
    // Whether it is behind because the client's queue was full, and not by its own fault.
    let mut held_up = false;
    let end_of = |from_us: u64| {
        plan.length_us.map_or(micros(Ticket::LONGEST), |length| from_us.saturating_add(length))
    };
    let mut end_us = plan.from_us.map_or(u64::MAX, end_of);
    let clients = u64::from(spec.clients.get());
    let mut sequence = 0;
    let mut index = number;
    while index < plan.total.unwrap_or(u64::MAX) {
        let value = payload.fill();
        let intended_us = plan.schedule.at(index).map(|nanos| nanos / 1000);
        let warm_up = index < plan.warm_up;
        let due_us = intended_us.map(|intended| recovery.due(intended));
        held_up &= !due_us.is_some_and(|t| wait_until(t, shared));
        let sent_us = shared.now_us();
        if intended_us.is_none() && !warm_up && end_us == u64::MAX {
            shared.measured_from_us.fetch_min(sent_us, Relaxed);
            end_us = end_of(sent_us);
        }
        // An unlimited load ends on time; a paced one still sends what was due before the end.
        let deadline_us = end_us.saturating_add(intended_us.map_or(0, |_| micros(GRACE)));
        if shared.stopped() || sent_us >= deadline_us {
            break;
        }
        let wait_us = sent_us.saturating_sub(intended_us.unwrap_or(sent_us));
        if let (Some(intended), Some(due)) = (intended_us, due_us) {
            if !held_up && !warm_up {
                lag.record(sent_us.saturating_sub(due));
            }
            if !warm_up {
                shared.late_us.fetch_max(wait_us, Relaxed);
            }
            if !plan.catch_up {
                recovery.sent(intended, due, sent_us);
            }
        }
        if let Some(token) = token {
            let created_us = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, micros);
            Stamp { token, sequence, created_us }.write(value);
        }
        let opaque = Ticket { sent_us, wait_us, warm_up }.pack();
        let mut record = BaseRecord::with_opaque_to(&spec.topic, opaque).payload(&*value);
        if let Some(key) = keys.next(index) {
            record = record.key(key);
        }
        if let Some(headers) = &headers {
            record = record.headers(headers.clone());
        }
        match hand_over(producer, record, deadline_us, warm_up, shared) {
            Ok(blocked) => held_up |= blocked,
            Err(Some(code)) => producer.client().context().fail(code, warm_up),
            Err(None) => break,
        }
        shared.tried.fetch_add(1, Relaxed);
        shared.sent_until_us.fetch_max(shared.now_us(), Relaxed);
        index += clients;
        sequence += 1;
    }
    lag
}

/// The headers that every record gets a copy of.
fn headers(spec: &Spec) -> Option<OwnedHeaders> {
    let add = |headers: OwnedHeaders, (name, value): &(String, String)| {
        headers.insert(Header { key: name, value: Some(value) })
    };
    let empty = OwnedHeaders::new_with_capacity(spec.headers.len());
    (!spec.headers.is_empty()).then(|| spec.headers.iter().fold(empty, add))
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
    warm_up: bool,
    shared: &Shared,
) -> Result<bool, Option<Code>> {
    let block = |us: u64| {
        shared.blocked_us.fetch_add(us, Relaxed);
        if warm_up {
            shared.blocked_before_us.fetch_add(us, Relaxed);
        }
    };
    let mut full_since = None;
    loop {
        let now_us = shared.now_us();
        let taken = match producer.send(record) {
            Err((KafkaError::MessageProduction(Code::QueueFull), back)) => {
                record = back;
                block(now_us - full_since.replace(now_us).unwrap_or(now_us));
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
            block((now_us - since).max(1));
        }
        return taken;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The send times of records intended every millisecond, where the one at `stalled_at` could be sent `stall` later.
    fn sent_with(stalled_at: u64, stall: u64, records: u64) -> Vec<u64> {
        let mut recovery = Recovery::default();
        let mut now = 0;
        (0..records)
            .map(|index| {
                let intended = index * 1000;
                let due = recovery.due(intended);
                now = now.max(due);
                if index == stalled_at {
                    now += stall;
                }
                recovery.sent(intended, due, now);
                now
            })
            .collect()
    }

    #[test]
    fn after_a_stall_records_come_at_twice_the_pace_until_the_schedule_is_met() {
        let sent = sent_with(100, 1_000_000, 3000);
        assert_eq!(sent[100], 1_100_000);
        assert!(sent[101..2100].windows(2).all(|pair| pair[1] - pair[0] == 500), "{:?}", &sent[100..110]);
        for x in [0, 500, 1000, 1999] {
            assert_eq!(sent[100 + x] - (100 + x as u64) * 1000, 1_000_000 - x as u64 * 500, "S - x / 2");
        }
        assert_eq!(sent[2100..], (2100..3000).map(|i| i * 1000).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_late_by_less_than_a_stall_is_sent_at_once() {
        let sent = sent_with(100, 40_000, 200);
        assert!(sent[100..=140].iter().all(|t| *t == 140_000));
        assert_eq!(sent[141], 141_000);
    }
}
