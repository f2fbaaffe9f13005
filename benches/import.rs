//! How fast `jalon import` reads a file that is nearly all windows, and how much memory that takes:
//! `cargo bench --bench import`, or with MIB=N another length.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "a measurement, not a part of the program"
)]

use jalon::perf_output;
use std::{fmt::Write as _, fs, io::Write as _, process::Command, time::Instant};

fn main() {
    let mib: usize = std::env::var("MIB").ok().and_then(|n| n.parse().ok()).unwrap_or(1024);
    let mut block = String::from(
        "[root@bench ~]# kafka-producer-perf-test --topic t --num-records 100000 --record-size 1024 --throughput 1000\n",
    );
    for n in 0..10_000_u32 {
        let (records, rate, avg) =
            (4900 + n % 200, 980.0 + f64::from(n % 400) / 10.0, 10.0 + f64::from(n % 900) / 10.0);
        let mb = rate / 1024.0;
        let _ = writeln!(
            block,
            "{records} records sent, {rate:.1} records/sec ({mb:.2} MB/sec), {avg:.1} ms avg latency, {:.1} ms max latency.",
            avg * 9.0
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    let mut file = fs::File::create(&path).unwrap();
    let blocks = (mib << 20) / block.len();
    (0..blocks).for_each(|_| file.write_all(block.as_bytes()).unwrap());
    drop(file);
    let bytes = fs::metadata(&path).unwrap().len();
    println!("{} MiB, {} lines, {blocks} runs", bytes >> 20, blocks * 10_001);
    let mut rates: Vec<f64> = (0..5)
        .map(|_| {
            let started = Instant::now();
            let mut windows = 0;
            let mut reader = perf_output::Reader::new(None);
            perf_output::Lines::new(fs::File::open(&path).unwrap())
                .for_each(|line| {
                    windows += usize::from(reader.line(line).is_some());
                    Ok(())
                })
                .unwrap();
            assert_eq!((windows, reader.finish().0.scenarios.len()), (blocks * 10_000, blocks));
            bytes as f64 / 1e6 / started.elapsed().as_secs_f64()
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    println!("read: {:.0} / {:.0} / {:.0} MB/s (least, median, greatest of 5)", rates[0], rates[2], rates[4]);
    // One run of very many windows: what is listed has an end, so the memory has one too.
    let (head, windows) = block.split_once('\n').unwrap();
    let mut file = fs::File::create(&path).unwrap();
    writeln!(file, "{head}").unwrap();
    (0..blocks).for_each(|_| file.write_all(windows.as_bytes()).unwrap());
    let args = ["import", path.to_str().unwrap(), "--day", "2026-03-02", "--dry-run", "--json"];
    let started = Instant::now();
    let output =
        Command::new("/usr/bin/time").args(["-f", "%M", env!("CARGO_BIN_EXE_jalon")]).args(args).output();
    match output {
        Ok(output) => {
            let kib = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            println!(
                "jalon import --dry-run of one run: {:.2} s, at most {kib} KiB",
                started.elapsed().as_secs_f64()
            );
        }
        Err(e) => println!("memory: not measured: /usr/bin/time: {e}"),
    }
}
