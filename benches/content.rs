//! What the comparison of two topics by content costs: `cargo bench --bench content`, of records that are made in this
//! process. `JALON_RECORDS` says how many (default ten million on each side).
//!
//! Prints records a second of processor time, both sides counted, making them included, and the memory that it took. One
//! record in a hundred comes late on the copy, by up to a hundred others.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a bench")]

use jalon::load::content::{Account, Printer, Side, Time};
use std::{collections::BTreeSet, fs, time::Instant};

/// The most memory that this process had, in KiB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Processor time of this process, in seconds; the system counts in hundredths.
fn processor() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let behind = stat.rsplit_once(')').unwrap().1;
    let ticks = |at: usize| behind.split_whitespace().nth(at).unwrap().parse::<f64>().unwrap();
    (ticks(11) + ticks(12)) / 100.0
}

fn main() {
    let asked = std::env::var("JALON_RECORDS").ok().and_then(|text| text.parse().ok());
    let records: u64 = asked.unwrap_or(10_000_000);
    let before = peak();
    let printer = Printer::default();
    let mut account = Account::new(1);
    let mut value = vec![7_u8; 1024];
    let mut of = |n: u64| {
        value[100..108].copy_from_slice(&n.to_be_bytes());
        let key = n.to_be_bytes();
        let headers = std::iter::once((&b"h"[..], Some(&b"value"[..])));
        let at = n.cast_signed();
        printer.print(at, Some(&key), Some(&value), headers, Time::Created(at))
    };
    let mut late = None;
    let (began, used) = (Instant::now(), processor());
    for n in 0..records {
        account.take(Side::Source, 0, of(n));
        if n % 100 == 50 {
            late = Some((n, n + 1 + n % 97));
            continue;
        }
        account.take(Side::Target, 0, of(n));
        if let Some((held, due)) = late
            && n >= due.min(held + 99)
        {
            account.take(Side::Target, 0, of(held));
            late = None;
        }
    }
    if let Some((held, _)) = late {
        account.take(Side::Target, 0, of(held));
    }
    account.close();
    let (total, ..) = account.conclude(&BTreeSet::new());
    let (took, used) = (began.elapsed().as_secs_f64(), processor() - used);
    assert_eq!((total.counts.lost, total.counts.unexpected), (0, 0));
    println!(
        "{records} records of 1 KiB on each side, {} of them late: {:.0} records/s, {:.0} per CPU second; {} KiB",
        total.counts.reordered,
        2.0 * records as f64 / took,
        2.0 * records as f64 / used,
        peak() - before
    );
}
