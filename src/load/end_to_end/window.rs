//! [`Window`]: one second of an end-to-end load, and its line in `windows.csv`.

use crate::load::{latency::Latency, window::write_latency};
use std::{
    io::{self, Write},
    time::Duration,
};

/// One second: what was acknowledged in it and what arrived in it, which need not be the same records.
#[derive(Debug)]
pub struct Window<'a> {
    /// When it began, since the start.
    pub start: Duration,
    /// Length of the window, a second except for the last one.
    pub length: Duration,
    /// Records that the cluster acknowledged in it, warm-up included.
    pub delivered: u64,
    /// Records that failed in it.
    pub failed: u64,
    /// Records that arrived in it, warm-up and repeats not counted.
    pub arrived: u64,
    /// Bytes of the values of those records.
    pub bytes: u64,
    /// Latency from the intended send time to the arrival.
    pub intended: &'a Latency,
    /// Latency from the send call to the arrival.
    pub send: &'a Latency,
    /// Records that have arrived since the start, warm-up included.
    pub arrived_in_all: u64,
}

/// Writes the header of `windows.csv`.
pub fn csv_header(out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "start_s,length_s,acknowledged,failed,arrived,arrived_per_s,mb_per_s,\
         latency_ms_p50,latency_ms_p95,latency_ms_p99,latency_ms_max,\
         send_latency_ms_p50,send_latency_ms_p95,send_latency_ms_p99,send_latency_ms_max"
    )
}

/// Writes one window's line; latencies of a window without an arrival are empty.
#[expect(clippy::cast_precision_loss, reason = "shown to a few digits")]
pub fn csv_line(out: &mut impl Write, window: &Window<'_>) -> io::Result<()> {
    let seconds = window.length.as_secs_f64().max(1e-6);
    write!(
        out,
        "{:.3},{:.3},{},{},{},{:.1},{:.3}",
        window.start.as_secs_f64(),
        window.length.as_secs_f64(),
        window.delivered,
        window.failed,
        window.arrived,
        window.arrived as f64 / seconds,
        window.bytes as f64 / 1_048_576.0 / seconds,
    )?;
    write_latency(out, window.intended)?;
    write_latency(out, window.send)?;
    writeln!(out)
}
