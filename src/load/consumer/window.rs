//! [`Window`]: one second of reading, and its line in `windows.csv`.

use super::fetches::Report;
use crate::load::{latency::Latency, window::write_latency};
use std::{
    io::{self, Write},
    time::Duration,
};

/// One second of reading, of all members.
#[derive(Debug)]
pub struct Window<'a> {
    /// When it began, since the subscription.
    pub start: Duration,
    /// Length of the window, a second except for the last one.
    pub length: Duration,
    /// Number of records read in the window.
    pub records: u64,
    /// Bytes of the values of those records.
    pub bytes: u64,
    /// End-to-end latency of these records; empty where none is younger than the assignment.
    pub end_to_end: &'a Latency,
    /// Records read since the start.
    pub read: u64,
    /// The clients' statistics that came in it.
    pub reports: &'a [Report],
}

/// Writes the header of `windows.csv`.
pub fn csv_header(out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "start_s,length_s,records,records_per_s,mb_per_s,\
         end_to_end_ms_p50,end_to_end_ms_p95,end_to_end_ms_p99,end_to_end_ms_max"
    )
}

/// Writes one window's line; latencies of a window without a young record are empty.
#[expect(clippy::cast_precision_loss, reason = "shown to a few digits")]
pub fn csv_line(out: &mut impl Write, window: &Window<'_>) -> io::Result<()> {
    let seconds = window.length.as_secs_f64().max(1e-6);
    write!(
        out,
        "{:.3},{:.3},{},{:.1},{:.3}",
        window.start.as_secs_f64(),
        window.length.as_secs_f64(),
        window.records,
        window.records as f64 / seconds,
        window.bytes as f64 / 1_048_576.0 / seconds,
    )?;
    write_latency(out, window.end_to_end)?;
    writeln!(out)
}
