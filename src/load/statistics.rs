//! [`Statistics`]: what librdkafka says about itself every second, kept as lines of JSON, and the few figures of it that
//! matter to a load.
//!
//! Names and meanings: librdkafka 2.12.1, `STATISTICS.md`. Averages there are of one interval; here they are weighted by
//! their counts. `batchsize` is the size of a batch as it is sent, compressed and with its headers.

use serde::Deserialize;
use std::{
    collections::BTreeMap,
    io::{self, Write},
    time::Duration,
};

/// The most bytes of raw statistics that are kept.
const KEPT: u64 = 32 << 20;

/// Everything that a client said.
#[derive(Debug, Default)]
pub struct Statistics {
    /// Round-trip times of requests to brokers, in milliseconds.
    pub rtt: Figure,
    /// How long records waited in the client before they were sent, in milliseconds.
    pub queue: Figure,
    /// Bytes of a batch on the wire.
    pub batch_bytes: Figure,
    /// Number of records in a batch.
    pub batch_records: Figure,
    /// How long brokers asked the client to wait (quotas), in milliseconds.
    pub throttle: Figure,
    /// Requests that were sent again, by client and broker.
    retries: BTreeMap<(u32, String), u64>,
    /// Records on their way to brokers, by client.
    in_flight: BTreeMap<u32, u64>,
}

/// Average and maximum over all intervals.
#[derive(Debug, Default, Clone, Copy)]
pub struct Figure {
    sum: f64,
    count: f64,
    max: f64,
}

impl Figure {
    /// The average of all; `None` where nothing was measured.
    pub fn avg(&self) -> Option<f64> {
        (self.count > 0.0).then(|| self.sum / self.count)
    }

    /// Returns the greatest of all reports; `None` before the first.
    pub fn max(&self) -> Option<f64> {
        (self.count > 0.0).then_some(self.max)
    }

    fn add(&mut self, average: &Average, unit: f64) {
        if average.cnt > 0.0 {
            self.sum += average.sum / unit;
            self.count += average.cnt;
            self.max = self.max.max(average.max / unit);
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Average {
    max: f64,
    sum: f64,
    cnt: f64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Said {
    brokers: BTreeMap<String, Broker>,
    topics: BTreeMap<String, Topic>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Broker {
    nodeid: i64,
    txretries: u64,
    waitresp_msg_cnt: u64,
    rtt: Average,
    int_latency: Average,
    throttle: Average,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Topic {
    batchsize: Average,
    batchcnt: Average,
}

impl Statistics {
    /// Takes what client number `client` said.
    pub(super) fn take(&mut self, client: u32, json: &[u8]) {
        let Ok(said) = serde_json::from_slice::<Said>(json) else { return };
        let mut in_flight = 0;
        for (name, broker) in said.brokers {
            // The bootstrap entries and the coordinator stand beside the brokers that they became.
            if broker.nodeid < 0 {
                continue;
            }
            in_flight += broker.waitresp_msg_cnt;
            self.rtt.add(&broker.rtt, 1000.0);
            self.queue.add(&broker.int_latency, 1000.0);
            self.throttle.add(&broker.throttle, 1.0);
            self.retries.insert((client, name), broker.txretries);
        }
        self.in_flight.insert(client, in_flight);
        for topic in said.topics.values() {
            self.batch_bytes.add(&topic.batchsize, 1.0);
            self.batch_records.add(&topic.batchcnt, 1.0);
        }
    }

    /// Requests that were sent again.
    pub fn retries(&self) -> Option<u64> {
        (!self.in_flight.is_empty()).then(|| self.retries.values().sum())
    }

    /// Records on their way to brokers when the clients spoke last.
    pub fn in_flight(&self) -> Option<u64> {
        (!self.in_flight.is_empty()).then(|| self.in_flight.values().sum())
    }

    /// Bytes on the wire for each byte of `record_bytes`-sized records: below 1 where compression made them smaller.
    pub fn compression_ratio(&self, record_bytes: f64) -> Option<f64> {
        let records = self.batch_records.sum * record_bytes;
        (records > 0.0).then(|| self.batch_bytes.sum / records)
    }
}

/// Writes raw statistics as lines: each one in the first minute, then one of ten, and none beyond `KEPT` bytes.
#[derive(Debug)]
pub struct StatisticsLog<W: Write> {
    out: W,
    bytes: u64,
    lines: u64,
    left_out: u64,
}

impl<W: Write> StatisticsLog<W> {
    /// Begins the log.
    pub fn begin(out: W) -> Self {
        Self { out, bytes: 0, lines: 0, left_out: 0 }
    }

    /// Takes what a client said at this time after the start.
    pub fn write(&mut self, at: Duration, json: &str) -> io::Result<()> {
        self.lines += 1;
        let thinned = at > Duration::from_secs(60) && !self.lines.is_multiple_of(10);
        if thinned || self.bytes + json.len() as u64 > KEPT {
            self.left_out += 1;
            return Ok(());
        }
        self.bytes += json.len() as u64 + 1;
        writeln!(self.out, "{json}")
    }

    /// Gives the writer back, and how many lines were left out.
    pub fn into_inner(self) -> (W, u64) {
        (self.out, self.left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_are_weighted_and_bootstrap_entries_left_out() {
        let mut statistics = Statistics::default();
        let said = |sum: u32, cnt: u32, retries: u32| {
            serde_json::json!({
                "brokers": {
                    "h:1/1": {"nodeid": 1, "txretries": retries, "waitresp_msg_cnt": 5,
                              "rtt": {"sum": sum, "cnt": cnt, "max": 9000}},
                    "h:1/bootstrap": {"nodeid": -1, "txretries": 99, "rtt": {"sum": 1, "cnt": 1, "max": 99_000}},
                },
                "topics": {"t": {"batchsize": {"sum": 3000, "cnt": 2, "max": 2000},
                                 "batchcnt": {"sum": 40, "cnt": 2, "max": 30}}},
            })
            .to_string()
        };
        statistics.take(0, said(10_000, 10, 1).as_bytes());
        statistics.take(0, said(90_000, 30, 3).as_bytes());
        statistics.take(1, said(0, 0, 2).as_bytes());
        statistics.take(1, b"no JSON");
        assert_eq!((statistics.rtt.avg(), statistics.rtt.max()), (Some(2.5), Some(9.0)));
        assert_eq!((statistics.retries(), statistics.in_flight()), (Some(5), Some(10)));
        assert_eq!(statistics.batch_records.avg(), Some(20.0));
        assert_eq!(statistics.compression_ratio(100.0), Some(9000.0 / 12_000.0));
        assert_eq!(Statistics::default().retries(), None);
    }

    #[test]
    fn the_log_is_bounded() {
        let mut log = StatisticsLog::begin(Vec::new());
        let line = "x".repeat(1 << 20);
        for second in 0..400 {
            log.write(Duration::from_secs(second), &line).unwrap();
        }
        let (out, left_out) = log.into_inner();
        assert!(out.len() as u64 <= KEPT + 64 && left_out > 350, "{} {left_out}", out.len());
    }
}
