//! The windows of a run, taken in one by one: listed up to a limit, summed and checked without one.

use crate::record::Window;

/// How many windows of a run are listed: six days of five seconds each.
pub(super) const LISTED: usize = 100_000;

/// Bytes of a MB as the tools count it.
pub(super) const MB: f64 = 1_048_576.0;

/// What the command says that a window can contradict.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// Seconds from one window to the next.
    pub interval_s: f64,
    pub record_size: Option<u64>,
    pub target: Option<f64>,
}

/// How often something was seen, and in which line first.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Occurrences {
    pub times: u64,
    pub first: u64,
}

impl Occurrences {
    fn add(&mut self, line: u64) {
        if self.times == 0 {
            self.first = line;
        }
        self.times += 1;
    }
}

/// All windows of a run.
#[derive(Debug, Clone, Default)]
pub(super) struct Windows {
    pub listed: Vec<Window>,
    pub count: u64,
    pub records: u64,
    /// What records and rates make together.
    pub seconds: f64,
    /// Sum of the latencies, from the averages.
    pub latency_ms: f64,
    pub max_ms: f64,
    pub longest_s: f64,
    pub stalled: Occurrences,
    pub short: Occurrences,
    pub size: Occurrences,
    pub above_target: Occurrences,
    pub average: Occurrences,
}

impl Windows {
    /// The same windows, as a command that asks for that would have them; more than are listed stay as they are.
    pub(super) fn of(&self, asked: Asked) -> Self {
        if self.count > LISTED as u64 {
            return self.clone();
        }
        let mut windows = Self::default();
        for window in &self.listed {
            windows.add(*window, asked);
        }
        windows
    }

    pub(super) fn add(&mut self, window: Window, asked: Asked) {
        let (rate, records) = (window.records_per_s, window.records as f64);
        self.count += 1;
        self.records += window.records;
        if rate > 0.0 {
            let seconds = records / rate;
            // The rate is rounded to a tenth.
            let error = seconds * 0.05 / rate;
            self.seconds += seconds;
            self.longest_s = self.longest_s.max(seconds);
            if seconds - error > asked.interval_s * 1.5 {
                self.stalled.add(window.line);
            } else if seconds + error < asked.interval_s * 0.9 {
                self.short.add(window.line);
            }
        }
        if let (Some(avg), Some(max)) = (window.avg_ms, window.max_ms) {
            self.latency_ms += avg * records;
            self.max_ms = self.max_ms.max(max);
            if avg > max + 0.1 {
                self.average.add(window.line);
            }
        }
        if let Some(size) = asked.record_size
            && !fits(rate, 0.05, window.mb_per_s, size)
        {
            self.size.add(window.line);
        }
        if asked.target.is_some_and(|target| target > 0.0 && rate > target * 1.2 + 1.0) {
            self.above_target.add(window.line);
        }
        if self.listed.len() < LISTED {
            self.listed.push(window);
        }
    }
}

/// Whether a rate of records of that size makes these MB per second, given how both are rounded.
pub(super) fn fits(rate: f64, rounding: f64, mb_per_s: f64, size: u64) -> bool {
    let per_record = size as f64 / MB;
    let expected = rate * per_record;
    (mb_per_s - expected).abs() <= 0.006 + rounding * per_record + expected * 0.002
}
