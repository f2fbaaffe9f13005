//! [`Window`]: one second of a producing load, and its line in `windows.csv`.

use super::latency::Latency;
use std::{
    io::{self, Write},
    time::Duration,
};

/// One second of a load, as `windows.csv` has it.
#[derive(Debug)]
pub struct Window<'a> {
    /// When it began, since the start of the load.
    pub start: Duration,
    /// Length of the window, a second except for the last one.
    pub length: Duration,
    /// Records that were to be sent in it, warm-up included; `None` at an unlimited rate.
    pub asked: Option<u64>,
    /// Records delivered in it, warm-up not counted.
    pub delivered: u64,
    /// Bytes of the values of those records.
    pub bytes: u64,
    /// Records that failed in it, warm-up included.
    pub failed: u64,
    /// Records of the warm-up delivered in it.
    pub warm_up: u64,
    /// Records in the client at its end, not answered yet.
    pub queued: u64,
    /// What of it was on its way to brokers, as the clients said last; `None` where they said nothing yet.
    pub in_flight: Option<u64>,
    /// Records that should have been sent by its end and are not answered yet.
    pub backlog: u64,
    /// How long the client's queue was full in it.
    pub blocked: Duration,
    /// Latency from the intended send time.
    pub intended: &'a Latency,
    /// Latency from the send call.
    pub send: &'a Latency,
    /// Records answered since the start.
    pub answered: u64,
    /// Records to be sent in all, where known.
    pub total: Option<u64>,
    /// What the clients' library said of itself in it, as JSON.
    pub statistics: &'a [String],
}

/// Writes windows as CSV: a header, then a line a window.
pub struct WindowsCsv<W: Write>(W);

impl<W: Write> WindowsCsv<W> {
    /// Starts the file by writing its header.
    pub fn begin(mut out: W) -> io::Result<Self> {
        writeln!(
            out,
            "start_s,length_s,asked,records,records_per_s,mb_per_s,failed,warm_up,queued,in_flight,backlog,blocked_ms,\
             latency_ms_p50,latency_ms_p95,latency_ms_p99,latency_ms_max,\
             send_latency_ms_p50,send_latency_ms_p95,send_latency_ms_p99,send_latency_ms_max"
        )?;
        Ok(Self(out))
    }

    /// Writes one window; latencies of a window without a delivery are empty.
    #[expect(clippy::cast_precision_loss, reason = "shown to a few digits")]
    pub fn write(&mut self, window: &Window<'_>) -> io::Result<()> {
        let seconds = window.length.as_secs_f64().max(1e-6);
        write!(
            self.0,
            "{:.3},{:.3},{},{},{:.1},{:.3},{},{},{},{},{},{:.3}",
            window.start.as_secs_f64(),
            window.length.as_secs_f64(),
            or_empty(window.asked),
            window.delivered,
            window.delivered as f64 / seconds,
            window.bytes as f64 / 1_048_576.0 / seconds,
            window.failed,
            window.warm_up,
            window.queued,
            or_empty(window.in_flight),
            window.backlog,
            window.blocked.as_secs_f64() * 1e3,
        )?;
        write_latency(&mut self.0, window.intended)?;
        write_latency(&mut self.0, window.send)?;
        writeln!(self.0)
    }

    /// Returns the writer, for who must sync or close it.
    pub fn into_inner(self) -> W {
        self.0
    }
}

fn or_empty(number: Option<u64>) -> String {
    number.map_or_else(String::new, |n| n.to_string())
}

/// Four columns: p50, p95, p99 and maximum in milliseconds, empty where nothing was measured.
pub(super) fn write_latency(out: &mut impl Write, latency: &Latency) -> io::Result<()> {
    match latency.summary() {
        Some(s) => write!(out, ",{:.3},{:.3},{:.3},{:.3}", s.p50, s.p95, s.p99, s.max),
        None => write!(out, ",,,,"),
    }
}
