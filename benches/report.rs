//! How long `jalon report` takes over a large day: 11 steps, 40 loads, a million windows.
//! `cargo bench --bench report`, or with WINDOWS=N another number of windows, or with FOLDER=DIR in a folder that stays.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "a measurement, not a part of the program"
)]

use jalon::{
    record::{
        Artifact, Attempt, Event, Evidence, Localized, Said, Severity, StepId, Unit, Value, Verdict,
        event::{
            ActionResult, CriterionOutline, FORMAT, Judgement, Operand, Outcome, PlanOutline, RunHeader,
            StepOutline,
        },
    },
    store::ArtifactDir,
    support::fingerprint,
};
use jiff::Timestamp;
use serde_json::json;
use std::{collections::BTreeMap, fmt::Write, fs, io, path::Path, process::Command, time::Instant};

const STEPS: u32 = 11;
const LOADS: u32 = 40;
const CRITERION: &str = "load.latency_ms.p99 < slo.producer_p99_ms";

fn main() {
    let windows: u32 = std::env::var("WINDOWS").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    // With FOLDER the day stays there, to look at its report.
    let kept = std::env::var_os("FOLDER").map(std::path::PathBuf::from);
    let folder = tempfile::tempdir().unwrap();
    let folder = kept.as_deref().unwrap_or(folder.path());
    let run = folder.join("artifacts/20251218-080000-lab");
    fs::create_dir_all(&run).unwrap();
    let bytes = campaign(&run, windows / LOADS);
    println!("{STEPS} steps, {LOADS} loads, {windows} windows, {} MiB of artifacts", bytes >> 20);
    for forms in ["md,html", "docx", "json", "junit"] {
        println!("jalon report --format {forms}: {}", of(5, || report(folder, forms)));
    }
}

/// Least, median and greatest time of `n` runs, and the greatest memory.
fn of(n: usize, once: impl Fn() -> (f64, u64)) -> String {
    let all: Vec<(f64, u64)> = (0..n).map(|_| once()).collect();
    let mut times: Vec<f64> = all.iter().map(|(time, _)| *time).collect();
    times.sort_by(f64::total_cmp);
    let memory = all.iter().map(|(_, memory)| *memory).max().unwrap();
    format!(
        "{:.0} / {:.0} / {:.0} ms (least, median, greatest of {n}), {} MiB at most",
        times[0],
        times[n / 2],
        times[n - 1],
        memory >> 10
    )
}

/// Milliseconds, and KiB of memory at most.
fn report(campaign: &Path, forms: &str) -> (f64, u64) {
    let memory = campaign.join("memory");
    let started = Instant::now();
    let output = Command::new("/usr/bin/time")
        .args(["-f", "%M", "-o"])
        .arg(&memory)
        .arg(env!("CARGO_BIN_EXE_jalon"))
        .arg("-C")
        .arg(campaign)
        .args(["report", "--lang", "fr", "--format", forms])
        .output();
    let output = output.unwrap_or_else(|_| {
        Command::new(env!("CARGO_BIN_EXE_jalon"))
            .arg("-C")
            .arg(campaign)
            .args(["report", "--lang", "fr", "--format", forms])
            .output()
            .unwrap()
    });
    let took = started.elapsed().as_secs_f64() * 1000.0;
    assert!(output.status.success(), "{output:?}");
    let memory = fs::read_to_string(memory).unwrap_or_default().trim().parse().unwrap_or(0);
    (took, memory)
}

/// A run in which every load left windows and histograms; how many bytes.
fn campaign(run: &Path, windows: u32) -> u64 {
    let english = |text: &str| Localized(BTreeMap::from([("en".to_owned(), text.to_owned())]));
    let outline = |step: u32| StepOutline {
        step: StepId(step),
        title: english(&format!("Step number {step}")),
        objective: english("What it is for."),
        needs: step.checked_sub(1).map(StepId).into_iter().collect(),
        estimate_s: Some(2700),
        fingerprint: String::new(),
        criteria: vec![CriterionOutline {
            text: CRITERION.to_owned(),
            severity: Severity::Critical,
            must: false,
            guard: false,
        }],
        artifacts: Vec::new(),
        approve: None,
        file: String::new(),
        basis: None,
    };
    let header = RunHeader {
        format: FORMAT,
        jalon: "0.1.0".to_owned(),
        run: "20251218-080000-lab".into(),
        operator: "bench@here".to_owned(),
        plan: PlanOutline {
            campaign: "bench".to_owned(),
            environment: "lab".to_owned(),
            environment_fingerprint: String::new(),
            production: false,
            profile: "nominal".to_owned(),
            profile_note: Localized::default(),
            vars: BTreeMap::new(),
            parameters_fingerprint: String::new(),
            slo: BTreeMap::new(),
            steps: (0..STEPS).map(|step| outline(step).into()).collect(),
            environment_basis: None,
            kept: None,
        },
        selection: None,
        baseline: None,
    };
    let mut journal = fs::File::create(run.join("journal.jsonl")).unwrap();
    let (mut seq, mut prev) = (0, String::new());
    let mut now: Timestamp = "2025-12-18T08:00:00Z".parse().unwrap();
    let mut tell = |event: Event| {
        now += jiff::SignedDuration::from_secs(20);
        seq += 1;
        // The program writes records with the time of day only; these are of another day.
        let event = serde_json::to_string(&event).unwrap();
        let line = format!(r#"{{"seq":{seq},"at":"{now}","event":{event},"prev":"{prev}""#);
        prev = fingerprint::of_bytes(format!("{line}}}"));
        io::Write::write_all(&mut journal, format!("{line},\"hash\":\"{prev}\"}}\n").as_bytes()).unwrap();
    };
    tell(Event::RunStarted(Box::new(header)));
    let mut bytes = 0;
    for step in 0..STEPS {
        let (step_id, attempt) = (StepId(step), Attempt::FIRST);
        tell(Event::StepStarted { step: step_id, attempt });
        for load in (0..LOADS).filter(|load| load % STEPS == step) {
            let action = format!("load_{load}");
            tell(Event::ActionStarted {
                step: step_id,
                attempt,
                action: action.as_str().into(),
                kind: "produce".to_owned(),
                declared: jalon::action::kind("produce").map(jalon::action::KindInfo::promised),
                description: Said::verbatim(format!(
                    "produce 1,800,000 records of 1 KiB to perf.topic_{load}"
                )),
                params: json!({"cluster": "source", "topic": format!("perf.topic_{load}"), "record_size": "1024 B",
                    "rate": "1000/s", "driver": "native", "properties": {"acks": "all", "linger.ms": load}}),
                undo: None,
                scenario: None,
            });
            let dir = ArtifactDir::new(run, format!("{step:02}/1/{action}"));
            for (name, text) in [("windows.csv", csv(windows, load)), ("latency.hlog", hlog(windows))] {
                let artifact: Artifact = dir.write(name, "text/csv", text.as_bytes()).unwrap();
                bytes += artifact.bytes;
                tell(Event::ArtifactStored {
                    step: step_id,
                    attempt,
                    action: action.as_str().into(),
                    artifact,
                });
            }
            tell(Event::ActionFinished {
                step: step_id,
                attempt,
                action: action.as_str().into(),
                result: ActionResult::Done(evidence(load)),
            });
        }
        tell(Event::CriterionJudged {
            step: step_id,
            attempt,
            judgement: Judgement {
                index: 0,
                text: CRITERION.to_owned(),
                severity: Severity::Critical,
                verdict: Verdict::Pass,
                observed: Some(Operand {
                    text: "load.latency_ms.p99".to_owned(),
                    value: Value::number(41.5, Unit::Milliseconds),
                }),
                limit: Some(Operand {
                    text: "slo.producer_p99_ms".to_owned(),
                    value: Value::number(100.0, Unit::Milliseconds),
                }),
                reason: Said::verbatim("holds"),
            },
        });
        tell(Event::StepFinished {
            step: step_id,
            attempt,
            verdict: Verdict::Pass,
            reason: Said::verbatim("every criterion holds"),
        });
    }
    tell(Event::RunFinished { outcome: Outcome::Passed });
    bytes
}

fn evidence(load: u32) -> Evidence {
    let mut evidence = Evidence::default();
    evidence.put("records_sent", Value::count(1_800_000));
    let rate = Value::number(999.71 + f64::from(load), Unit::RecordsPerSecond);
    evidence.put_from("throughput.records_per_s", rate, "windows.csv");
    for (stat, value) in
        [("avg", 12.345), ("max", 1050.68), ("p50", 9.0), ("p95", 41.5), ("p99", 99.999), ("p999", 412.7)]
    {
        let value = Value::number(value + f64::from(load), Unit::Milliseconds);
        evidence.put_from(format!("latency_ms.{stat}"), value, "latency.hlog");
    }
    evidence.remark(Said::verbatim("the first 1000 records are left out as warm-up"));
    evidence
}

fn csv(windows: u32, load: u32) -> String {
    let mut out = "start_s,length_s,asked,records,records_per_s,mb_per_s,failed,warm_up,queued,in_flight,backlog,\
        blocked_ms,latency_ms_p50,latency_ms_p95,latency_ms_p99,latency_ms_max,send_latency_ms_p50,send_latency_ms_p95,\
        send_latency_ms_p99,send_latency_ms_max\n"
        .to_owned();
    for second in 0..windows {
        let jitter = f64::from((second * 7919 + load) % 97) / 10.0;
        let _ = writeln!(
            out,
            "{second}.000,1.000,1000,{},{:.1},0.976,0,{},4,12,0,0.000,{:.3},{:.3},{:.3},{:.3},{:.3},{:.3},{:.3},{:.3}",
            995 + second % 11,
            995.0 + f64::from(second % 11),
            u32::from(second < 30) * 1000,
            9.0 + jitter,
            20.0 + jitter,
            40.0 + jitter,
            80.0 + 3.0 * jitter,
            8.0 + jitter,
            19.0 + jitter,
            39.0 + jitter,
            79.0 + 3.0 * jitter
        );
    }
    out
}

/// Lines as long as those of histograms; the report checks them against their fingerprint and reads no more of them.
fn hlog(windows: u32) -> String {
    let line = "H".repeat(190);
    (0..windows)
        .flat_map(|second| {
            ["intended", "send"].map(|tag| format!("Tag={tag},{second}.000,1.000,80.000,{line}\n"))
        })
        .collect()
}
