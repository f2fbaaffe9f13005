//! Latency as HDR histograms: [`Latency`] for one kind of latency, [`HistogramLog`] for the artifact that keeps every window.

use hdrhistogram::{
    Histogram,
    serialization::{
        V2DeflateSerializer,
        interval_log::{IntervalLogWriter, IntervalLogWriterBuilder, Tag},
    },
};
use std::{
    io,
    time::{Duration, SystemTime},
};

/// The longest latency that is told apart, in microseconds: one hour. Longer ones are counted and recorded as this.
pub const BOUND_US: u64 = 3_600_000_000;

const MICROS_PER_MILLI: f64 = 1000.0;

/// Latencies in microseconds with three significant digits; its memory does not grow with the length of a test.
#[derive(Debug, Clone)]
pub struct Latency {
    histogram: Histogram<u64>,
    over_bound: u64,
    sum_us: u128,
    max_us: u64,
}

/// Average, extremes and percentiles in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Arithmetic mean of the exact values.
    pub avg: f64,
    /// Longest latency, exact, in milliseconds.
    pub max: f64,
    /// Median, in milliseconds.
    pub p50: f64,
    /// 95th percentile, in milliseconds.
    pub p95: f64,
    /// 99th percentile, in milliseconds.
    pub p99: f64,
    /// 99.9th percentile, in milliseconds.
    pub p999: f64,
}

impl Default for Latency {
    fn default() -> Self {
        Self {
            histogram: Histogram::new_with_bounds(1, BOUND_US, 3)
                .expect("three digits below one hour are bounds that the histogram takes"),
            over_bound: 0,
            sum_us: 0,
            max_us: 0,
        }
    }
}

impl Latency {
    /// Counts one latency, in microseconds.
    pub fn record(&mut self, micros: u64) {
        self.histogram.saturating_record(micros.min(BOUND_US));
        self.over_bound += u64::from(micros > BOUND_US);
        self.sum_us += u128::from(micros);
        self.max_us = self.max_us.max(micros);
    }

    /// Takes over all that `other` counted.
    pub fn add(&mut self, other: &Self) {
        self.histogram.add(&other.histogram).expect("every histogram here has the same bounds");
        self.over_bound += other.over_bound;
        self.sum_us += other.sum_us;
        self.max_us = self.max_us.max(other.max_us);
    }

    /// Forgets everything, keeping the memory.
    pub fn clear(&mut self) {
        self.histogram.reset();
        (self.over_bound, self.sum_us, self.max_us) = (0, 0, 0);
    }

    /// Returns how many latencies were counted.
    pub fn len(&self) -> u64 {
        self.histogram.len()
    }

    /// Whether none was counted.
    pub fn is_empty(&self) -> bool {
        self.histogram.is_empty()
    }

    /// How many were longer than [`BOUND_US`]: the percentiles take each for one hour.
    pub fn over_bound(&self) -> u64 {
        self.over_bound
    }

    /// The figures in milliseconds, or `None` where nothing was counted.
    #[expect(clippy::cast_precision_loss, reason = "shown to a few digits")]
    pub fn summary(&self) -> Option<Summary> {
        let count = self.histogram.len();
        let quantile = |q: f64| {
            // A bucket's upper end may lie above the longest latency that was seen; no percentile does.
            self.histogram.value_at_quantile(q).min(self.max_us) as f64 / MICROS_PER_MILLI
        };
        (count > 0).then(|| Summary {
            avg: self.sum_us as f64 / count as f64 / MICROS_PER_MILLI,
            max: self.max_us as f64 / MICROS_PER_MILLI,
            p50: quantile(0.5),
            p95: quantile(0.95),
            p99: quantile(0.99),
            p999: quantile(0.999),
        })
    }
}

/// An interval log as HdrHistogram's own tools read it (V2, deflate), values in microseconds, maxima in milliseconds.
pub struct HistogramLog<'a, W: io::Write> {
    log: IntervalLogWriter<'a, 'a, W, V2DeflateSerializer>,
}

impl<'a, W: io::Write> HistogramLog<'a, W> {
    /// Begins the log of a load that started at `start`.
    pub fn begin(
        out: &'a mut W,
        serializer: &'a mut V2DeflateSerializer,
        start: SystemTime,
    ) -> io::Result<Self> {
        let log = IntervalLogWriterBuilder::new()
            .add_comment("[Histogram log format version 1.3]")
            .add_comment("[values in microseconds]")
            .with_start_time(start)
            .with_base_time(start)
            .with_max_value_divisor(MICROS_PER_MILLI)
            .begin_log_with(out, serializer)?;
        Ok(Self { log })
    }

    /// Adds one window, `start` after the start of the load; an empty window adds nothing.
    pub fn interval(
        &mut self,
        tag: &'static str,
        latency: &Latency,
        start: Duration,
        length: Duration,
    ) -> io::Result<()> {
        if latency.is_empty() {
            return Ok(());
        }
        self.log
            .write_histogram(&latency.histogram, start, length, Tag::new(tag))
            .map_err(|error| io::Error::other(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

    #[test]
    fn percentiles_are_those_of_the_values() {
        let mut latency = Latency::default();
        for micros in 1..=100_000 {
            latency.record(micros);
        }
        let summary = latency.summary().unwrap();
        for (found, expected) in
            [(summary.p50, 50.0), (summary.p95, 95.0), (summary.p99, 99.0), (summary.p999, 99.9)]
        {
            assert!((found - expected).abs() / expected < 0.001, "{found} for {expected}");
        }
        assert_eq!(summary.max, 100.0);
        assert_eq!(summary.avg, 50.0005);
        assert_eq!(Latency::default().summary(), None);
    }

    #[test]
    fn no_percentile_is_above_the_maximum() {
        let mut latency = Latency::default();
        latency.record(20_449_001);
        let summary = latency.summary().unwrap();
        assert_eq!((summary.p50, summary.max), (20_449.001, 20_449.001));
    }

    #[test]
    fn what_is_over_the_bound_is_counted_and_keeps_its_maximum() {
        let mut latency = Latency::default();
        latency.record(BOUND_US + 1);
        latency.record(5);
        assert_eq!((latency.len(), latency.over_bound()), (2, 1));
        assert_eq!(latency.summary().unwrap().max, (BOUND_US + 1) as f64 / 1000.0);
        latency.clear();
        assert_eq!((latency.len(), latency.over_bound()), (0, 0));
    }

    #[test]
    fn the_log_reads_back_with_its_tags() {
        let (mut out, mut serializer) = (Vec::new(), V2DeflateSerializer::new());
        let mut log = HistogramLog::begin(&mut out, &mut serializer, SystemTime::UNIX_EPOCH).unwrap();
        let mut latency = Latency::default();
        latency.record(50_000);
        let second = Duration::from_secs(1);
        log.interval("intended", &latency, Duration::ZERO, second).unwrap();
        log.interval("send", &latency, Duration::ZERO, second).unwrap();
        log.interval("send", &Latency::default(), second, second).unwrap();
        let tags: Vec<_> = IntervalLogIterator::new(&out)
            .filter_map(|entry| match entry.unwrap() {
                LogEntry::Interval(interval) => Some((interval.tag().unwrap().as_str(), interval.max())),
                _ => None,
            })
            .collect();
        // The maximum of the format is the upper end of its bucket.
        assert_eq!(tags.iter().map(|t| t.0).collect::<Vec<_>>(), ["intended", "send"]);
        assert!(tags.iter().all(|t| (t.1 - 50.0).abs() < 0.05), "{tags:?}");
    }
}
