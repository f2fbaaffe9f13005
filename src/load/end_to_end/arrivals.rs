//! [`Arrivals`]: the records of one run as they arrive, and [`Found`], what they come to.

use crate::load::{
    consumer::{batch::Record, clock::now_us},
    latency::Latency,
    outcome,
    pacing::schedule::Schedule,
    payload::{Reading, Stamp},
    sequences::{self, Counts},
};
use rdkafka::Timestamp;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// What arrived in one window, or in all; without the warm-up and without repeats.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) arrived: u64,
    pub(super) bytes: u64,
    pub(super) intended: Latency,
    pub(super) send: Latency,
}

impl Tally {
    pub(super) fn add(&mut self, other: &Self) {
        self.arrived += other.arrived;
        self.bytes += other.bytes;
        self.intended.add(&other.intended);
        self.send.add(&other.send);
    }

    pub(super) fn clear(&mut self) {
        self.intended.clear();
        self.send.clear();
        (self.arrived, self.bytes) = (0, 0);
    }
}

/// The moment at which records were handed over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    /// Since the start.
    since: Duration,
    /// Microseconds since 1970.
    us: i64,
}

/// What is known of the records so far.
pub(super) struct Arrivals {
    token: u64,
    warm_up: u64,
    start: Instant,
    seen: sequences::Found,
    others: u64,
    corrupt: u64,
    first: Option<Duration>,
    last: Option<Duration>,
    negative: u64,
    clock: Option<(i64, i64)>,
}

/// What arrived, compared with what was sent.
#[derive(Debug)]
pub struct Found {
    /// Records that arrived, each counted once, warm-up included.
    pub arrived: u64,
    /// Bytes of the values of those behind the warm-up.
    pub bytes: u64,
    /// How far this machine's clock is ahead of the broker's, at least and at most, in microseconds, where brokers stamp
    /// the records as they append them.
    pub clock: Option<(i64, i64)>,
    /// Records whose bytes are not those that were sent.
    pub corrupt: u64,
    /// Number of records that arrived more than once.
    pub duplicated: u64,
    /// When the first record behind the warm-up arrived, since the start.
    pub first: Option<Duration>,
    /// Latency from the intended send time to the arrival.
    pub intended: Latency,
    /// When the last record arrived that had not been there before, since the start.
    pub last: Option<Duration>,
    /// Acknowledged records that did not arrive; `None` where failed ones may stand in for them.
    pub lost: Option<u64>,
    /// Where the numbers are that did not arrive: first and last, at most a thousand ranges, failed records included.
    pub missing: Vec<(u64, u64)>,
    /// Records that arrived before they were sent, by the wall clock, which was set meanwhile.
    pub negative: u64,
    /// Records of other programs, or of other runs.
    pub others: u64,
    /// What was read of each partition.
    pub partitions: BTreeMap<i32, Counts>,
    /// Records that came after a later one of their partition.
    pub reordered: u64,
    /// Latency from the send call to the arrival.
    pub send: Latency,
}

impl Arrivals {
    pub(super) fn new(token: u64, warm_up: u64, start: Instant) -> Self {
        Self {
            token,
            warm_up,
            start,
            seen: sequences::Found::default(),
            others: 0,
            corrupt: 0,
            first: None,
            last: None,
            negative: 0,
            clock: None,
        }
    }

    pub(super) fn now(&self) -> Now {
        Now { since: self.start.elapsed(), us: now_us() }
    }

    pub(super) fn arrived(&self) -> u64 {
        self.seen.whole()
    }

    /// Takes a record that was handed over at `now`.
    pub(super) fn take(&mut self, record: &Record<'_>, now: Now, schedule: &Schedule, tally: &mut Tally) {
        let stamp = match Stamp::read(record.value) {
            Reading::Whole(stamp) if stamp.token == self.token => stamp,
            Reading::Whole(_) | Reading::Foreign => {
                self.others += 1;
                return;
            }
            Reading::Corrupt => {
                self.corrupt += 1;
                return;
            }
        };
        if !self.seen.note_stamp(record.partition, stamp) {
            return;
        }
        self.last = Some(now.since);
        let created_us = i64::try_from(stamp.created_us).unwrap_or(i64::MAX);
        if let Timestamp::LogAppendTime(ms) = record.timestamp {
            // Sent before it was appended, which was less than a millisecond after the timestamp; arrived after it.
            let (least, most) = (created_us - (ms + 1) * 1000, now.us - ms * 1000);
            let (low, high) = self.clock.unwrap_or((i64::MIN, i64::MAX));
            self.clock = Some((low.max(least), high.min(most)));
        }
        if stamp.sequence < self.warm_up {
            return;
        }
        self.first = self.first.or(self.last);
        tally.arrived += 1;
        tally.bytes += record.value.len() as u64;
        let send = u64::try_from(now.us - created_us).ok();
        match send {
            Some(micros) => tally.send.record(micros),
            None => self.negative += 1,
        }
        let since_us = u64::try_from(now.since.as_micros()).unwrap_or(u64::MAX);
        match (schedule.at(stamp.sequence), send) {
            (Some(nanos), _) => tally.intended.record(since_us.saturating_sub(nanos / 1000)),
            (None, Some(micros)) => tally.intended.record(micros),
            (None, None) => {}
        }
    }

    /// Compares what arrived with what was sent.
    pub(super) fn found(self, total: Tally, sent: &outcome::Outcome) -> Found {
        let arrived = self.seen.whole();
        let acknowledged = sent.delivered + sent.warm_up.0;
        let in_doubt = sent.failed + sent.warm_up.1 + sent.unanswered;
        let short = acknowledged.saturating_sub(arrived);
        let sum = |count: fn(&Counts) -> u64| self.seen.partitions().values().map(count).sum::<u64>();
        Found {
            arrived,
            bytes: total.bytes,
            clock: self.clock,
            corrupt: self.corrupt,
            duplicated: sum(|c| c.repeated),
            first: self.first,
            intended: total.intended,
            last: self.last,
            lost: (in_doubt == 0 || short > 0).then_some(short),
            missing: self.seen.missing(self.token, acknowledged + in_doubt),
            negative: self.negative,
            others: self.others,
            partitions: self.seen.partitions().clone(),
            reordered: sum(|c| c.reordered),
            send: total.send,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::pacing::Pacing;

    #[test]
    fn only_this_runs_records_count_and_each_once() {
        let mut arrivals = Arrivals::new(7, 1, Instant::now());
        let pacing: Pacing = "1000/s".parse().unwrap();
        let schedule = pacing.schedule(64, 1);
        let mut tally = Tally::default();
        let mut take = |token, sequence: u64, spoil: bool, at_ms: u64| {
            let mut value = vec![0; 64];
            Stamp { token, sequence, created_us: 1_000_000_000 + sequence * 1000 + 200 }.write(&mut value);
            value[40] ^= u8::from(spoil);
            let timestamp = Timestamp::LogAppendTime(1_000_000 + i64::try_from(sequence).unwrap());
            let record =
                Record { partition: 0, key: None, offset: 0, value: &value, has_value: true, timestamp };
            let now = Now {
                since: Duration::from_millis(at_ms),
                us: 1_000_000_000 + i64::try_from(at_ms).unwrap() * 1000,
            };
            arrivals.take(&record, now, &schedule, &mut tally);
        };
        take(7, 0, false, 50);
        take(7, 1, false, 51);
        take(7, 3, false, 53);
        take(7, 2, false, 53);
        take(7, 3, false, 60);
        take(8, 4, false, 60);
        take(7, 5, true, 60);
        let (intended, send) = (tally.intended.summary().unwrap(), tally.send.summary().unwrap());
        assert_eq!((tally.arrived, tally.bytes), (3, 192), "the warm-up is not measured");
        assert_eq!((intended.max, intended.avg), (51.0, (50.0 + 50.0 + 51.0) / 3.0));
        assert!((send.max - 50.8).abs() < 0.06, "{send:?}");
        assert_eq!((arrivals.others, arrivals.corrupt, arrivals.arrived()), (1, 1, 4));
        // Appended within a millisecond after the timestamp, which was 0.2 ms before the send: the clocks cannot be equal
        // to less than that.
        assert_eq!(arrivals.clock, Some((-800, 50_000)));
        let counts = arrivals.seen.partitions()[&0];
        assert_eq!((counts.repeated, counts.reordered), (1, 1));
        assert_eq!(arrivals.seen.missing(7, 6), [(4, 5)]);
    }
}
