//! The artifact `latency.hlog`, read back by the reference implementation of HdrHistogram, which is in Java.

use crate::support::Project;
use rdkafka::{mocking::MockCluster, producer::DefaultProducerContext};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// The reference implementation, fetched where these tests may; otherwise says that the test did not run.
fn reference(test: &str) -> Option<PathBuf> {
    const VERSION: &str = "2.2.2";
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let jar = folder.join(format!("HdrHistogram-{VERSION}.jar"));
    if jar.exists() {
        return Some(jar);
    }
    if std::env::var_os("JALON_LAB_TESTS").is_none_or(|v| v != "1") {
        // Past the test harness, which swallows what a passing test prints.
        let _ = writeln!(
            std::io::stderr(),
            "\nNOT RUN: {test}: HdrHistogram's jar is not there; JALON_LAB_TESTS=1 fetches it"
        );
        return None;
    }
    // Under its name only when it is whole.
    let unfinished = tempfile::tempdir_in(folder).unwrap();
    let mut fetch = Command::new("mvn")
        .args(["-q", "-B", "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"])
        .arg(format!("-Dartifact=org.hdrhistogram:HdrHistogram:{VERSION}"))
        .arg("-DoutputDirectory=.")
        .current_dir(unfinished.path())
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = fetch.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > Duration::from_secs(300) {
            fetch.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    assert!(status.success(), "mvn could not fetch HdrHistogram: {status}");
    fs::rename(unfinished.path().join(jar.file_name().unwrap()), &jar).unwrap();
    Some(jar)
}

/// What the reference implementation reads of one tag, in microseconds.
#[derive(Debug)]
struct Read {
    /// Records of each interval.
    intervals: Vec<u64>,
    total: u64,
    /// By percentile.
    values: BTreeMap<&'static str, f64>,
}

fn read(jar: &Path, log: &Path, tag: &str) -> Read {
    let out = log.with_extension(tag);
    let ran = Command::new("java")
        .arg("-cp")
        .arg(jar)
        .args(["org.HdrHistogram.HistogramLogProcessor", "-csv", "-outputValueUnitRatio", "1", "-tag", tag])
        .arg("-i")
        .arg(log)
        .arg("-o")
        .arg(&out)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
    let rows = |path: &Path| -> Vec<Vec<String>> {
        let text = fs::read_to_string(path).unwrap();
        let lines = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit()));
        lines.map(|line| line.split(',').map(str::to_owned).collect()).collect()
    };
    let number = |text: &String| text.parse::<f64>().unwrap_or_else(|e| panic!("{text}: {e}"));
    // A line an interval: time, then count, P50, P90 and maximum of it, then count, P50, P90, P99, P99.9 … of all so far.
    let lines = rows(&out);
    let last = lines.last().unwrap_or_else(|| panic!("no interval is tagged {tag}: {log:?}"));
    let mut values =
        BTreeMap::from([("p50", number(&last[6])), ("p99", number(&last[8])), ("p999", number(&last[9]))]);
    // The distribution has a line for P95.
    let mut distribution = out.into_os_string();
    distribution.push(".hgrm");
    let distribution = rows(Path::new(&distribution));
    let p95 = distribution.iter().find(|row| number(&row[1]) == 0.95).unwrap();
    values.insert("p95", number(&p95[0]));
    Read {
        intervals: lines.iter().map(|row| row[1].parse().unwrap()).collect(),
        total: last[5].parse().unwrap(),
        values,
    }
}

#[test]
fn the_reference_implementation_reads_what_was_measured() {
    let Some(jar) = reference("the_reference_implementation_reads_what_was_measured") else { return };
    let project = Project::new();
    let mock: MockCluster<'static, DefaultProducerContext> = MockCluster::new(1).unwrap();
    mock.create_topic("load", 1, 1).unwrap();
    mock.broker_round_trip_time(1, Duration::from_millis(50)).unwrap();
    // Fifty records in 50 ms: half of what is asked for, so that the latencies from the intended time spread far.
    let ran = project
        .jalon(&[
            "perf",
            "produce",
            "--bootstrap-server",
            &mock.bootstrap_servers(),
            "--topic",
            "load",
            "--num-records",
            "4000",
            "--record-size",
            "100",
            "--throughput",
            "2000",
            "--json",
            "--out",
            "kept",
            "--producer-props",
            "queue.buffering.max.messages=50",
        ])
        .exits(0);
    let said: Value = serde_json::from_str(&ran.stdout).unwrap();
    let number = |name: &str| said["outputs"][name]["number"][0].as_f64().unwrap();
    let folder = project.path().join("kept");
    let windows = fs::read_to_string(folder.join("windows.csv")).unwrap();
    let mut rows = windows.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let column = rows.next().unwrap().iter().position(|name| *name == "records").unwrap();
    let delivered: Vec<u64> = rows.map(|row| row[column].parse().unwrap()).filter(|n| *n > 0).collect();
    assert!(number("latency_ms.p99") > 2.0 * number("send_latency_ms.p99"), "{said:#}");
    for (tag, prefix) in [("intended", "latency_ms"), ("send", "send_latency_ms")] {
        let read = read(&jar, &folder.join("latency.hlog"), tag);
        assert_eq!((read.total, &read.intervals), (4000, &delivered), "{tag}");
        let max = number(&format!("{prefix}.max"));
        for (name, theirs_us) in &read.values {
            let ours = number(&format!("{prefix}.{name}"));
            // Ours knows the longest one exactly; the format keeps the upper end of its bucket.
            let same =
                (ours * 1000.0 - theirs_us).abs() < 0.0015 || (ours == max && ours * 1000.0 <= *theirs_us);
            assert!(same, "{tag} {name}: {ours} ms here, {theirs_us} µs there");
        }
    }
}
