//! What the load generator itself costs: `cargo bench --bench load`, against librdkafka's mock cluster in this process.
//!
//! Prints nanoseconds and allocations of this program's own for a record. librdkafka's allocations are C's and are not
//! counted; the mock cluster is C too.

#![expect(unsafe_code, reason = "an allocator")]
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a bench")]

use jalon::load::{
    ClientConfig,
    keys::Keys,
    latency::Latency,
    pacing::Pacing,
    payload::{Content, Payload},
    producer::{Load, Spec},
};
use rdkafka::mocking::MockCluster;
use std::{
    alloc::{GlobalAlloc, Layout, System},
    hint::black_box,
    num::NonZeroU32,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: it hands everything to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Relaxed);
        // SAFETY: the caller's promises are those that the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn spec(
    mock: &MockCluster<'_, rdkafka::producer::DefaultProducerContext>,
    size: usize,
    records: u64,
) -> Spec {
    let mut config = ClientConfig::new();
    for (name, value) in [
        ("linger.ms", "5"),
        ("batch.size", "1000000"),
        ("batch.num.messages", "1000000"),
        ("queue.buffering.max.kbytes", "32768"),
        ("queue.buffering.max.messages", "0"),
    ] {
        config.set(name, value);
    }
    config.set("bootstrap.servers", mock.bootstrap_servers());
    Spec {
        catch_up: false,
        clients: NonZeroU32::MIN,
        config,
        content: Content::Zeros,
        duration: None,
        headers: Vec::new(),
        keys: Keys::None,
        pacing: Pacing::Unlimited,
        record_size: size,
        records: Some(records),
        token: None,
        topic: "load".to_owned(),
        transaction: None,
        warm_up: 0,
    }
}

/// Processor time of this process in seconds: user and system.
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    ticks / 100.0
}

fn per_record(what: &str, records: u64, work: impl FnOnce()) {
    let (began, allocations) = (Instant::now(), ALLOCATIONS.load(Relaxed));
    work();
    let nanos = began.elapsed().as_nanos() as f64 / records as f64;
    let allocations = ALLOCATIONS.load(Relaxed) - allocations;
    println!("{what:<46} {nanos:8.1} ns  {allocations} allocations for {records}");
}

fn main() {
    const MANY: u64 = 5_000_000;
    println!("for a record:");
    per_record("recording both latencies", MANY, || {
        let (mut intended, mut send) = (Latency::default(), Latency::default());
        for i in 0..MANY {
            let micros = black_box(500 + i * 7919 % 20_000);
            send.record(micros);
            intended.record(micros + 3);
        }
        black_box((intended.len(), send.len()));
    });
    for (name, pacing) in [
        ("intended time, rate", "100000/s".parse().unwrap()),
        (
            "intended time, ramp",
            Pacing::Ramp {
                from: "1000/s".parse().unwrap(),
                to: "100000/s".parse().unwrap(),
                over: std::time::Duration::from_secs(600),
            },
        ),
    ] {
        let schedule = pacing.schedule(1024, 0);
        per_record(name, MANY, || {
            for i in 0..MANY {
                black_box(schedule.at(black_box(i)));
            }
        });
    }
    for (name, content) in [
        ("1 KiB of random bytes", Content::Random),
        ("1 KiB of letters", Content::Letters),
        ("1 KiB that compresses by 60 %", Content::Compressible(0.6)),
    ] {
        let mut payload = Payload::new(content, 1024, 1);
        per_record(name, MANY / 10, || {
            for _ in 0..MANY / 10 {
                black_box(payload.fill());
            }
        });
    }

    println!("\na load against the mock cluster (which shares the processors):");
    for (size, records) in [(100, 3_000_000), (1024, 1_000_000)] {
        let mock = MockCluster::new(1).unwrap();
        mock.create_topic("load", 1, 1).unwrap();
        // The second run has twice the records: what the first one allocates, the second must not allocate twice.
        for records in [records, 2 * records] {
            let load = Load::connect(spec(&mock, size, records), &CancellationToken::new()).unwrap();
            let (allocations, cpu, began) = (ALLOCATIONS.load(Relaxed), cpu_s(), Instant::now());
            let outcome = load.run(&mut |_| Ok(()), &CancellationToken::new()).unwrap();
            assert_eq!(outcome.delivered, records);
            let (seconds, cpu) = (began.elapsed().as_secs_f64(), cpu_s() - cpu);
            println!(
                "{records} records of {size} B: {:.0}/s, {:.0} per CPU second (client and mock), {} allocations",
                records as f64 / seconds,
                records as f64 / cpu,
                ALLOCATIONS.load(Relaxed) - allocations,
            );
        }
    }
}
