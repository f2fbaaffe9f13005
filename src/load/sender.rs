//! The sending threads of a load: [`send`] gives one client its share of the records, each at its time.

use super::{
    delivery::{Ticket, micros},
    keys::KeyMaker,
    latency::Latency,
    pacing::Schedule,
    payload::{Payload, Stamp},
    producer::{CATCH_UP_PACE, STALL, Spec},
    raw::Client,
    transaction::Open,
};
use rdkafka::{
    error::RDKafkaErrorCode as Code,
    message::{Header, OwnedHeaders},
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
    /// When the schedule begins.
    offset_us: u64,
    /// When the first record after the warm-up is due; `None` at an unlimited rate.
    from_us: Option<u64>,
    /// The length of the measured load, where it has one.
    length_us: Option<u64>,
}

impl Plan {
    /// The schedule begins `offset_us` after the start of the load's clock.
    pub(super) fn new(spec: &Spec, offset_us: u64) -> Self {
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
            offset_us,
            from_us: from.map(|nanos| nanos / 1000 + offset_us),
            length_us: length,
        }
    }

    /// How many records should have been sent when this time has passed.
    pub(super) fn due(&self, now_us: u64) -> Option<u64> {
        let nanos = now_us.saturating_sub(self.offset_us).saturating_mul(1000);
        let due = self.schedule.before(nanos.saturating_add(1))?;
        Some(due.min(self.total.unwrap_or(u64::MAX)))
    }
}

/// What one sending thread tells the others: it alone writes, so that nobody waits for a line of memory.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct Progress {
    /// Records that the client took or refused, warm-up included.
    tried: AtomicU64,
    /// How long the client's queue was full.
    blocked_us: AtomicU64,
    /// When the last record was handed over.
    sent_until_us: AtomicU64,
    /// When the first record after the warm-up was to be sent.
    measured_from_us: AtomicU64,
}

/// What all threads see.
#[derive(Debug)]
pub(super) struct Shared {
    start: Instant,
    stop: AtomicBool,
    served: AtomicBool,
    progress: Vec<Progress>,
}

impl Shared {
    pub(super) fn new(start: Instant, plan: &Plan, clients: usize) -> Self {
        let from = || AtomicU64::new(plan.from_us.unwrap_or(u64::MAX));
        let progress = (0..clients).map(|_| Progress { measured_from_us: from(), ..Progress::default() });
        Self {
            start,
            stop: AtomicBool::new(false),
            served: AtomicBool::new(false),
            progress: progress.collect(),
        }
    }

    pub(super) fn now_us(&self) -> u64 {
        micros(self.start.elapsed())
    }

    pub(super) fn stop(&self) {
        self.stop.store(true, Relaxed);
    }

    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Relaxed)
    }

    /// Whether the answers need nobody to count them any more: every sender has ended.
    pub(super) fn served(&self) -> bool {
        self.served.load(Relaxed)
    }

    pub(super) fn serve_no_more(&self) {
        self.served.store(true, Relaxed);
    }

    fn sum(&self, of: impl Fn(&Progress) -> &AtomicU64) -> u64 {
        self.progress.iter().map(|p| of(p).load(Relaxed)).sum()
    }

    /// Records that the clients took or refused, warm-up included.
    pub(super) fn tried(&self) -> u64 {
        self.sum(|p| &p.tried)
    }

    /// How long the clients' queues were full, all clients together.
    pub(super) fn blocked_us(&self) -> u64 {
        self.sum(|p| &p.blocked_us)
    }

    /// When the last record was handed over.
    pub(super) fn sent_until_us(&self) -> u64 {
        self.progress.iter().map(|p| p.sent_until_us.load(Relaxed)).max().unwrap_or(0)
    }

    /// When the first record after the warm-up was to be sent.
    pub(super) fn measured_from_us(&self) -> u64 {
        self.progress.iter().map(|p| p.measured_from_us.load(Relaxed)).min().unwrap_or(u64::MAX)
    }
}

/// What a sending thread knows at its end.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// How late the generator itself was, its queue being free.
    pub(super) lag: Latency,
    /// The latest that a measured record was sent after its intended time.
    pub(super) late_us: u64,
    /// How long the client's queue was full during the warm-up.
    pub(super) blocked_in_warm_up_us: u64,
    /// What commits took, and how many transactions were aborted.
    pub(super) commits: Latency,
    pub(super) aborted: u64,
}

impl Sent {
    pub(super) fn add(&mut self, other: &Self) {
        self.lag.add(&other.lag);
        self.late_us = self.late_us.max(other.late_us);
        self.blocked_in_warm_up_us += other.blocked_in_warm_up_us;
        self.commits.add(&other.commits);
        self.aborted += other.aborted;
    }
}

impl Plan {
    /// When record `index` is due, in microseconds since the start.
    pub(super) fn at_us(&self, index: u64) -> Option<u64> {
        self.schedule.at(index).map(|nanos| nanos / 1000 + self.offset_us)
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

/// Sends the share of client `number`, and says at the end how that went.
///
/// For a record it reads the clock once and allocates nothing.
pub(super) fn send(spec: &Spec, plan: &Plan, number: usize, client: &Client, shared: &Shared) -> Sent {
    let progress = &shared.progress[number];
    let number = number as u64;
    let token = spec.token.map(|token| token.wrapping_add(number));
    let seed = spec.token.unwrap_or(0).wrapping_add(number);
    let mut payload = Payload::new(spec.content.clone(), spec.record_size, seed);
    let mut keys = KeyMaker::new(spec.keys, seed);
    let headers = headers(spec);
    let mut sent = Sent::default();
    let mut recovery = Recovery::default();
    let mut transaction = spec.transaction.map(Open::new);
    let stopped = || shared.stopped();
    // Whether it is behind because the client's queue was full, and not by its own fault.
    let mut held_up = false;
    let end_of = |from_us: u64| {
        plan.length_us.map_or(micros(Ticket::LONGEST), |length| from_us.saturating_add(length))
    };
    let mut end_us = plan.from_us.map_or(u64::MAX, end_of);
    let clients = u64::from(spec.clients.get());
    let (mut sequence, mut blocked_us) = (0, 0);
    let mut index = number;
    while index < plan.total.unwrap_or(u64::MAX) {
        let value = payload.fill();
        let intended_us = plan.at_us(index);
        let warm_up = index < plan.warm_up;
        let due_us = intended_us.map(|intended| recovery.due(intended));
        let (sent_us, waited) = wait_until(due_us.unwrap_or(0), shared);
        held_up &= !waited;
        if intended_us.is_none() && !warm_up && end_us == u64::MAX {
            progress.measured_from_us.store(sent_us, Relaxed);
            end_us = end_of(sent_us);
        }
        // An unlimited load ends on time; a paced one still sends what was due before the end.
        let deadline_us = end_us.saturating_add(intended_us.map_or(0, |_| micros(GRACE)));
        if shared.stopped() || sent_us >= deadline_us {
            break;
        }
        let wait_us = sent_us.saturating_sub(intended_us.unwrap_or(sent_us));
        if let (Some(intended), Some(due)) = (intended_us, due_us) {
            if !warm_up {
                sent.late_us = sent.late_us.max(wait_us);
                if !held_up {
                    sent.lag.record(sent_us.saturating_sub(due));
                }
            }
            if !plan.catch_up {
                recovery.sent(intended, due, sent_us);
            }
        }
        if let Some(token) = token {
            let created_us = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, micros);
            Stamp { token, sequence, created_us }.write(value);
        }
        if let Some(open) = &mut transaction
            && let Err(code) = open.before_record(client, &stopped)
        {
            client.deliveries().fail(code, warm_up);
            break;
        }
        let opaque = Ticket { sent_us, wait_us, warm_up }.pack();
        let key = keys.next(index);
        let give = || match &headers {
            None => client.send(value, key, opaque),
            Some(headers) => client.send_with(value, key, headers, &spec.topic, opaque),
        };
        let (taken, blocked) = hand_over(give, sent_us, deadline_us, shared);
        if blocked > 0 {
            held_up = true;
            blocked_us += blocked;
            progress.blocked_us.store(blocked_us, Relaxed);
            if warm_up {
                sent.blocked_in_warm_up_us = blocked_us;
            }
        }
        match taken {
            Ok(()) => {}
            Err(Code::QueueFull) => {
                // What came due while the full queue held it up is asked for and not sent.
                progress.sent_until_us.store(sent_us + blocked, Relaxed);
                break;
            }
            Err(code) => client.deliveries().fail(code, warm_up),
        }
        progress.sent_until_us.store(sent_us + blocked, Relaxed);
        index += clients;
        sequence += 1;
        progress.tried.store(sequence, Relaxed);
    }
    if let Some(mut open) = transaction {
        if let Err(code) = open.end(client, &stopped) {
            client.deliveries().fail(code, false);
        }
        (sent.commits, sent.aborted) = (open.commits, open.aborted);
    }
    sent
}

/// The headers that every record gets a copy of.
fn headers(spec: &Spec) -> Option<OwnedHeaders> {
    let add = |headers: OwnedHeaders, (name, value): &(String, String)| {
        headers.insert(Header { key: name, value: Some(value) })
    };
    let empty = OwnedHeaders::new_with_capacity(spec.headers.len());
    (!spec.headers.is_empty()).then(|| spec.headers.iter().fold(empty, add))
}

/// Sleeps until `us` microseconds after the start, or until the load is stopped; the time then, and whether there was
/// any time to sleep.
fn wait_until(us: u64, shared: &Shared) -> (u64, bool) {
    let mut waited = false;
    loop {
        let now_us = shared.now_us();
        if now_us >= us || shared.stopped() {
            return (now_us, waited);
        }
        waited = true;
        thread::sleep(Duration::from_micros((us - now_us).min(50_000)));
    }
}

/// Gives a record to the client, waiting while its queue is full, and for how long it was (at least a microsecond).
/// Still full at the end: stopped or out of time.
fn hand_over(
    give: impl Fn() -> Result<(), Code>,
    since_us: u64,
    deadline_us: u64,
    shared: &Shared,
) -> (Result<(), Code>, u64) {
    let mut blocked_us = 0;
    loop {
        let taken = give();
        if blocked_us > 0 || taken == Err(Code::QueueFull) {
            blocked_us = (shared.now_us() - since_us).max(1);
        }
        if taken != Err(Code::QueueFull) || shared.stopped() || since_us + blocked_us >= deadline_us {
            return (taken, blocked_us);
        }
        thread::sleep(Duration::from_micros(500));
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
