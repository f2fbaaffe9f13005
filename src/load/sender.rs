//! The sending threads of a load: [`send`] gives one client its share of the records, each at its time.

use super::{
    delivery::{Ticket, micros},
    keys::KeyMaker,
    latency::Latency,
    pacing::schedule::Schedule,
    payload::{Payload, Stamp},
    producer::spec::{CATCH_UP_PACE, STALL, Spec},
    raw::{BATCH, Client, Record},
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

    /// When a load ends whose first measured record is due at `from_us`.
    fn end_us(&self, from_us: u64) -> u64 {
        self.length_us.map_or(micros(Ticket::LONGEST), |length| from_us.saturating_add(length))
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
    /// Whether records are due when they are intended.
    fn is_over(&self) -> bool {
        self.from.is_none()
    }

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
/// Records whose values are in stock and that are due at the same time are given to the client together: it then reads
/// the clock and takes its locks once for all. For a record nothing is allocated.
pub(super) fn send(spec: &Spec, plan: &Plan, number: usize, client: &Client, shared: &Shared) -> Sent {
    let mut sender = Sender::new(spec, plan, number, client, shared);
    let total = plan.total.unwrap_or(u64::MAX);
    let clients = u64::from(spec.clients.get());
    let mut ready = Vec::with_capacity(BATCH);
    let mut next = number as u64;
    while next < total || !ready.is_empty() {
        if ready.is_empty() {
            ready.push(sender.make(next));
            next += clients;
        }
        let Some(turn) = sender.await_turn(&mut ready[0]) else { break };
        let mut together = 1;
        while together < sender.most && sender.recovery.is_over() {
            if together == ready.len() {
                if next >= total {
                    break;
                }
                ready.push(sender.make(next));
                next += clients;
            }
            if !sender.goes_along(&mut ready[together], turn) {
                break;
            }
            together += 1;
        }
        let Some(done) = sender.give(&ready[..together], turn) else { break };
        ready.drain(..done);
    }
    sender.end()
}

/// One sending thread.
struct Sender<'a> {
    spec: &'a Spec,
    plan: &'a Plan,
    client: &'a Client,
    shared: &'a Shared,
    progress: &'a Progress,
    /// How many records may go together.
    most: usize,
    keys: KeyMaker,
    /// The value of the one record that is ready, where none are in stock.
    made: Option<Made>,
    transaction: Option<Open>,
    recovery: Recovery,
    /// Whether it is behind because the client's queue was full, and not by its own fault.
    held_up: bool,
    /// When nothing more is sent, in microseconds since the start.
    end_us: u64,
    blocked_us: u64,
    /// Records taken or refused.
    tried: u64,
    sent: Sent,
}

/// What makes the values and headers of records that are not in stock.
struct Made {
    payload: Payload,
    token: Option<u64>,
    headers: Option<OwnedHeaders>,
}

/// When records are given.
#[derive(Clone, Copy)]
struct Turn {
    now_us: u64,
    /// When the first one was due.
    due_us: Option<u64>,
    /// When waiting for room in the client's queue ends.
    deadline_us: u64,
    /// Whether the client's queue was full before.
    held_up: bool,
    warm_up: bool,
}

impl<'a> Sender<'a> {
    fn new(spec: &'a Spec, plan: &'a Plan, number: usize, client: &'a Client, shared: &'a Shared) -> Self {
        let seed = spec.token.unwrap_or(0).wrapping_add(number as u64);
        let made = (!client.has_stock()).then(|| Made {
            payload: Payload::new(spec.content.clone(), spec.record_size, seed),
            token: spec.token.map(|token| token.wrapping_add(number as u64)),
            headers: headers(spec),
        });
        Self {
            spec,
            plan,
            client,
            shared,
            progress: &shared.progress[number],
            most: if made.is_none() && spec.transaction.is_none() { BATCH } else { 1 },
            keys: KeyMaker::new(spec.keys, seed),
            made,
            transaction: spec.transaction.map(Open::new),
            recovery: Recovery::default(),
            held_up: false,
            end_us: plan.from_us.map_or(u64::MAX, |from_us| plan.end_us(from_us)),
            blocked_us: 0,
            tried: 0,
            sent: Sent::default(),
        }
    }

    /// Makes record `index` ready.
    fn make(&mut self, index: u64) -> Record {
        if let Some(made) = &mut self.made {
            made.payload.fill();
        }
        Record { index, key: self.keys.next(index), ticket: Ticket::default() }
    }

    /// Waits until it is the record's turn, and marks it with the time; `None` when the load ends before.
    fn await_turn(&mut self, record: &mut Record) -> Option<Turn> {
        let intended_us = self.plan.at_us(record.index);
        let warm_up = record.index < self.plan.warm_up;
        let due_us = intended_us.map(|intended| self.recovery.due(intended));
        let (now_us, waited) = wait_until(due_us.unwrap_or(0), self.shared);
        self.held_up &= !waited;
        if intended_us.is_none() && !warm_up && self.end_us == u64::MAX {
            self.progress.measured_from_us.store(now_us, Relaxed);
            self.end_us = self.plan.end_us(now_us);
        }
        // An unlimited load ends on time; a paced one still sends what was due before the end.
        let deadline_us = self.end_us.saturating_add(intended_us.map_or(0, |_| micros(GRACE)));
        if self.shared.stopped() || now_us >= deadline_us {
            return None;
        }
        if let (Some(intended), Some(due)) = (intended_us, due_us)
            && !self.plan.catch_up
        {
            self.recovery.sent(intended, due, now_us);
        }
        record.ticket = Ticket {
            sent_us: now_us,
            wait_us: now_us.saturating_sub(intended_us.unwrap_or(now_us)),
            warm_up,
        };
        Some(Turn { now_us, due_us, deadline_us, held_up: self.held_up, warm_up })
    }

    /// Whether this record is due as well, and marks it then.
    fn goes_along(&self, record: &mut Record, turn: Turn) -> bool {
        let intended_us = self.plan.at_us(record.index).unwrap_or(turn.now_us);
        let warm_up = record.index < self.plan.warm_up;
        if warm_up != turn.warm_up || intended_us > turn.now_us {
            return false;
        }
        record.ticket = Ticket { sent_us: turn.now_us, wait_us: turn.now_us - intended_us, warm_up };
        true
    }

    /// Gives the records to the client, and waits for room in its queue for the first one that finds none. How many
    /// the client took or refused; those behind have not been tried. `None` when the load ends before there is room.
    fn give(&mut self, records: &[Record], turn: Turn) -> Option<usize> {
        if let Some(Made { payload, token: Some(token), .. }) = &mut self.made {
            let created_us = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, micros);
            Stamp { token: *token, sequence: self.tried, created_us }.write(payload.value_mut());
        }
        let shared = self.shared;
        if let Some(open) = &mut self.transaction
            && let Err(code) = open.before_record(self.client, &|| shared.stopped())
        {
            self.client.deliveries().fail(code, turn.warm_up);
            return None;
        }
        let mut done = self.hand_over(records);
        let mut now_us = turn.now_us;
        if let Some(refused) = records.get(done..=done) {
            self.held_up = true;
            let mut taken = false;
            loop {
                let since_us = now_us;
                now_us = shared.now_us().max(since_us + 1);
                self.blocked(now_us - since_us, turn.warm_up);
                if taken {
                    done += 1;
                    break;
                }
                if shared.stopped() || now_us >= turn.deadline_us {
                    // What came due while the full queue held it up is asked for and not sent.
                    self.count(&records[..done], now_us, turn);
                    return None;
                }
                thread::sleep(Duration::from_micros(500));
                taken = self.hand_over(refused) > 0;
            }
        }
        self.count(&records[..done], now_us, turn);
        Some(done)
    }

    fn blocked(&mut self, us: u64, warm_up: bool) {
        self.blocked_us += us;
        self.progress.blocked_us.store(self.blocked_us, Relaxed);
        if warm_up {
            self.sent.blocked_in_warm_up_us = self.blocked_us;
        }
    }

    /// Counts records that were tried, the last one until `now_us`.
    fn count(&mut self, records: &[Record], now_us: u64, turn: Turn) {
        self.progress.sent_until_us.store(now_us, Relaxed);
        if let Some(due_us) = turn.due_us.filter(|_| !turn.warm_up) {
            for (i, record) in records.iter().enumerate() {
                let wait_us = record.ticket.wait_us;
                self.sent.late_us = self.sent.late_us.max(wait_us);
                if !turn.held_up {
                    // The first one alone can be due later than intended, after a stall.
                    self.sent.lag.record(if i == 0 { turn.now_us.saturating_sub(due_us) } else { wait_us });
                }
            }
        }
        self.tried += records.len() as u64;
        self.progress.tried.store(self.tried, Relaxed);
    }

    /// Hands records over until the client has no room: how many it took or refused for another reason.
    fn hand_over(&self, records: &[Record]) -> usize {
        let refused = |code, record: &Record| self.client.deliveries().fail(code, record.ticket.warm_up);
        let Some(made) = &self.made else { return self.client.send_stock(records, &refused) };
        let record = &records[0];
        let (key, ticket) = (record.key.as_deref(), record.ticket.pack());
        let value = made.payload.value();
        let taken = match &made.headers {
            None => self.client.send(value, key, ticket),
            Some(headers) => self.client.send_with(value, key, headers, &self.spec.topic, ticket),
        };
        match taken {
            Err(Code::QueueFull) => 0,
            Err(code) => {
                refused(code, record);
                1
            }
            Ok(()) => 1,
        }
    }

    fn end(mut self) -> Sent {
        if let Some(mut open) = self.transaction {
            let shared = self.shared;
            if let Err(code) = open.end(self.client, &|| shared.stopped()) {
                self.client.deliveries().fail(code, false);
            }
            (self.sent.commits, self.sent.aborted) = (open.commits, open.aborted);
        }
        self.sent
    }
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
