//! `Fetches`: what librdkafka's statistics say about one member's fetches. Its `STATISTICS.md` names the fields.

use serde::Deserialize;
use std::{
    collections::BTreeMap,
    io::{self, Write},
    time::Duration,
};

/// One report of the client, about the time since the one before.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// When it came, since the subscription.
    pub at: Duration,
    /// Number of the group's member that the report is of, from 1.
    pub member: usize,
    /// Fetch requests that were sent.
    pub requests: u64,
    /// Bytes of the brokers' answers.
    pub bytes: u64,
    /// Records in them.
    pub records: u64,
    /// Round trips of the client's requests.
    pub round_trip: RoundTrip,
    /// The longest time that a broker asked the client to wait: a quota.
    pub throttled_ms: u64,
    /// Records that are in the client and not handed over yet.
    pub queued_records: u64,
    /// Size of those records in bytes.
    pub queued_bytes: u64,
    /// Records behind the ends of the partitions, of those where the client knows.
    pub lag: u64,
}

/// Round trips in microseconds, the broker's waiting for records included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RoundTrip {
    /// How many.
    pub count: u64,
    /// Sum of all of them, in microseconds.
    pub sum_us: u64,
    /// The shortest; 0 where there was none.
    pub min_us: u64,
    /// The longest.
    pub max_us: u64,
    /// The 99th percentile of the broker with the greatest one.
    pub p99_us: u64,
}

/// What all reports of a member, or of a group, come to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Total {
    /// How many reports there were.
    pub reports: u64,
    /// Fetch requests that were sent.
    pub requests: u64,
    /// Bytes of the brokers' answers.
    pub bytes: u64,
    /// Records in them.
    pub records: u64,
    /// Round trips; the percentile is the greatest of the reports.
    pub round_trip: RoundTrip,
    /// The longest time that a broker asked a client to wait: a quota.
    pub throttled_ms: u64,
}

impl Total {
    fn add(&mut self, report: &Report) {
        self.reports += 1;
        self.requests += report.requests;
        self.bytes += report.bytes;
        self.records += report.records;
        self.round_trip.add(&report.round_trip);
        self.throttled_ms = self.throttled_ms.max(report.throttled_ms);
    }

    /// Takes over those of another member.
    pub(super) fn merge(&mut self, other: &Self) {
        self.reports += other.reports;
        self.requests += other.requests;
        self.bytes += other.bytes;
        self.records += other.records;
        self.round_trip.add(&other.round_trip);
        self.throttled_ms = self.throttled_ms.max(other.throttled_ms);
    }
}

impl RoundTrip {
    fn add(&mut self, other: &Self) {
        if other.count > 0 {
            self.min_us = if self.count == 0 { other.min_us } else { self.min_us.min(other.min_us) };
        }
        self.count += other.count;
        self.sum_us += other.sum_us;
        self.max_us = self.max_us.max(other.max_us);
        self.p99_us = self.p99_us.max(other.p99_us);
    }
}

/// A member's reports: the sums so far, those that nobody has taken yet, and the last one as it came.
#[derive(Debug, Default)]
pub(super) struct Fetches {
    cumulative: (u64, u64, u64),
    pub(super) total: Total,
    pub(super) fresh: Vec<Report>,
    pub(super) last: String,
    /// The offsets that are fetched next, of the partitions that are fetched.
    pub(super) next: BTreeMap<i32, i64>,
}

/// The fields that are looked at. What a version does not have counts as 0.
#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Said {
    brokers: BTreeMap<String, Broker>,
    topics: BTreeMap<String, Topic>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Broker {
    rxbytes: u64,
    req: BTreeMap<String, i64>,
    rtt: Window,
    throttle: Window,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Window {
    cnt: u64,
    sum: u64,
    min: u64,
    max: u64,
    p99: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Topic {
    partitions: BTreeMap<String, Partition>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Partition {
    partition: i32,
    rxmsgs: u64,
    fetchq_cnt: u64,
    fetchq_size: u64,
    fetch_state: String,
    next_offset: i64,
    consumer_lag: i64,
}

impl Fetches {
    /// Takes a report. One that cannot be read is kept as it came and counts for nothing.
    pub(super) fn take(&mut self, member: usize, at: Duration, topic: &str, json: &[u8]) {
        json_text(&mut self.last, json);
        let said: Said = match serde_json::from_slice(json) {
            Ok(said) => said,
            Err(error) => {
                tracing::debug!(%error, "the client's statistics cannot be read");
                return;
            }
        };
        let mut report = Report { at, member, ..Report::default() };
        let (mut requests, mut bytes, mut records) = (0, 0, 0);
        for broker in said.brokers.values() {
            bytes += broker.rxbytes;
            requests += broker.req.get("Fetch").map_or(0, |n| u64::try_from(*n).unwrap_or(0));
            let Window { cnt: count, sum: sum_us, min: min_us, max: max_us, p99: p99_us } = broker.rtt;
            report.throttled_ms = report.throttled_ms.max(broker.throttle.max);
            report.round_trip.add(&RoundTrip { count, sum_us, min_us, max_us, p99_us });
        }
        // -1 stands for what belongs to no partition.
        let partitions = said.topics.get(topic).into_iter().flat_map(|t| t.partitions.values());
        for partition in partitions.filter(|p| p.partition >= 0) {
            records += partition.rxmsgs;
            report.queued_records += partition.fetchq_cnt;
            report.queued_bytes += partition.fetchq_size;
            report.lag += u64::try_from(partition.consumer_lag).unwrap_or(0);
            if partition.fetch_state == "active" && partition.next_offset >= 0 {
                self.next.insert(partition.partition, partition.next_offset);
            }
        }
        let before = std::mem::replace(&mut self.cumulative, (requests, bytes, records));
        // A broker that the client has forgotten takes its sums along.
        report.requests = requests.saturating_sub(before.0);
        report.bytes = bytes.saturating_sub(before.1);
        report.records = records.saturating_sub(before.2);
        self.total.add(&report);
        self.fresh.push(report);
    }
}

/// The text in the memory of the one before.
fn json_text(last: &mut String, json: &[u8]) {
    last.clear();
    last.push_str(&String::from_utf8_lossy(json));
}

/// Writes the header of `fetches.csv`.
pub fn csv_header(out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "at_s,member,requests,bytes,records,round_trips,round_trip_ms_avg,round_trip_ms_p99,round_trip_ms_max,\
         queued_records,queued_bytes,lag_records,throttled_ms_max"
    )
}

/// Writes one report's line; the round trips are empty where there was none.
#[expect(clippy::cast_precision_loss, reason = "shown to a few digits")]
pub fn csv_line(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let Report { at, member, requests, bytes, records, round_trip: trip, .. } = report;
    write!(out, "{:.3},{member},{requests},{bytes},{records},{},", at.as_secs_f64(), trip.count)?;
    match trip.count {
        0 => write!(out, ",,")?,
        count => {
            let ms = |us: u64| us as f64 / 1e3;
            write!(
                out,
                "{:.3},{:.3},{:.3}",
                ms(trip.sum_us) / count as f64,
                ms(trip.p99_us),
                ms(trip.max_us)
            )?;
        }
    }
    let Report { queued_records, queued_bytes, lag, throttled_ms, .. } = report;
    writeln!(out, ",{queued_records},{queued_bytes},{lag},{throttled_ms}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(fetches: u64, rxbytes: u64, rxmsgs: u64, cnt: u64) -> Vec<u8> {
        serde_json::json!({
            "name": "rdkafka#consumer-1", "brokers": {
                "b/1": {"rxbytes": rxbytes, "req": {"Fetch": fetches, "Metadata": 3},
                    "rtt": {"cnt": cnt, "sum": 1000 * cnt, "min": 400, "max": 1800, "avg": 1000, "p99": 1700},
                    "throttle": {"cnt": 2, "sum": 300, "min": 0, "max": 300, "p99": 300}},
                "b/2": {"rxbytes": 10, "req": {}, "rtt": {"cnt": 0, "sum": 0, "min": 0, "max": 0, "p99": 0}}},
            "topics": {"t": {"partitions": {
                "0": {"partition": 0, "rxmsgs": rxmsgs, "fetchq_cnt": 5, "fetchq_size": 500, "fetch_state": "active",
                    "next_offset": 42, "consumer_lag": 7},
                "1": {"partition": 1, "fetch_state": "none", "next_offset": -1001, "consumer_lag": -1},
                "-1": {"partition": -1, "rxmsgs": 99}}}}
        })
        .to_string()
        .into_bytes()
    }

    #[test]
    fn reports_are_differences_and_the_total_is_their_sum() {
        let mut fetches = Fetches::default();
        fetches.take(1, Duration::from_secs(1), "t", &said(10, 90, 100, 4));
        fetches.take(1, Duration::from_secs(2), "t", &said(15, 190, 300, 2));
        fetches.take(1, Duration::from_secs(3), "t", b"{not json");
        let reports: Vec<_> = fetches.fresh.iter().map(|r| (r.requests, r.bytes, r.records, r.lag)).collect();
        assert_eq!(reports, [(10, 100, 100, 7), (5, 100, 200, 7)]);
        assert_eq!((fetches.total.requests, fetches.total.records), (15, 300));
        assert_eq!(fetches.total.throttled_ms, 300);
        let trip = fetches.total.round_trip;
        assert_eq!(
            (trip.count, trip.sum_us, trip.min_us, trip.max_us, trip.p99_us),
            (6, 6000, 400, 1800, 1700)
        );
        assert_eq!(fetches.next, BTreeMap::from([(0, 42)]));
        assert_eq!(fetches.last, "{not json", "what came is kept");
        let mut csv = Vec::new();
        csv_header(&mut csv).unwrap();
        csv_line(&mut csv, &fetches.fresh[0]).unwrap();
        csv_line(&mut csv, &Report::default()).unwrap();
        let csv = String::from_utf8(csv).unwrap();
        assert!(
            csv.lines().nth(1).unwrap().starts_with("1.000,1,10,100,100,4,1.000,1.700,1.800,5,500,7,300"),
            "{csv}"
        );
        assert!(csv.lines().all(|line| line.split(',').count() == 13), "{csv}");
    }
}
