//! How long `jalon status` takes over a long journal: `cargo bench --bench journal`, or with EVENTS=N another length.
//!
//! The shipped plan leaves some 2,000 records where each step of the profile `nominal` is tried once; the length here is
//! that of a run in which every one of them was tried ten times.
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
    store::{Recorder, RunDir},
};
use std::{collections::BTreeMap, fs, path::Path, process::Command, time::Instant};

const STEPS: u32 = 11;

fn main() {
    let count: usize = std::env::var("EVENTS").ok().and_then(|n| n.parse().ok()).unwrap_or(20_000);
    let folder = tempfile::tempdir().unwrap();
    let name = "20250101-000000-lab";
    let run = folder.path().join("artifacts").join(name);
    let written = Instant::now();
    write(&RunDir { run: name.into(), path: run.clone() }, count);
    let bytes = fs::metadata(run.join("journal.jsonl")).unwrap().len();
    println!("{count} records, {} MiB, written in {:.1} s", bytes >> 20, written.elapsed().as_secs_f64());
    println!("jalon status: {}", of(9, || status(folder.path(), &["status", "--json"])));
    println!("jalon verify: {}", of(3, || status(folder.path(), &["verify"])));
}

/// Least, median and greatest time of `n` runs, and the greatest memory.
fn of(n: usize, once: impl Fn() -> f64) -> String {
    let mut times: Vec<f64> = (0..n).map(|_| once()).collect();
    times.sort_by(f64::total_cmp);
    format!("{:.0} / {:.0} / {:.0} ms (least, median, greatest of {n})", times[0], times[n / 2], times[n - 1])
}

fn status(campaign: &Path, args: &[&str]) -> f64 {
    let started = Instant::now();
    let output =
        Command::new(env!("CARGO_BIN_EXE_jalon")).arg("-C").arg(campaign).args(args).output().unwrap();
    let took = started.elapsed().as_secs_f64() * 1000.0;
    // The artifacts are not there: `verify` says so when it has read the journal.
    assert!(output.status.success() || args[0] == "verify", "{output:?}");
    took
}

fn write(run: &RunDir, count: usize) {
    let mut recorder = Recorder::open(run, "bench", false).unwrap().recorder;
    let mut events = vec![Event::RunStarted(Box::new(header()))];
    let mut written = 0;
    for number in 0.. {
        attempt(&mut events, StepId(number % STEPS), Attempt(number / STEPS + 1));
        if written + events.len() + 1 >= count {
            events.truncate(count - written - 1);
            events.push(Event::RunFinished { outcome: Outcome::Passed });
            recorder.commit(events).unwrap();
            return;
        }
        if events.len() > 20_000 {
            written += events.len();
            recorder.commit(std::mem::take(&mut events)).unwrap();
        }
    }
}

/// The records of one attempt, as a load test leaves them.
fn attempt(events: &mut Vec<Event>, step: StepId, attempt: Attempt) {
    events.push(Event::StepStarted { step, attempt });
    for name in ["topic", "nominal", "consumed"] {
        let action = jalon::record::ActionId::from(name);
        events.push(Event::ActionStarted {
            step,
            attempt,
            action: action.clone(),
            kind: "produce".into(),
            declared: jalon::action::kind("produce").map(jalon::action::KindInfo::promised),
            description: Said::verbatim(format!("send 1,800,000 records of 1,024 B to perf.{name} at 1,000 records/s")),
            params: serde_json::json!({"cluster": "source", "topic": "perf.nominal", "records": 1_800_000, "record_size": "1024 B", "rate": "1000/s"}),
            undo: None,
            scenario: None,
        });
        for file in ["windows.csv", "latency.hlog"] {
            let path = format!("{}/{attempt}/{name}/{file}", step.padded());
            let artifact =
                Artifact { path, sha256: "ab".repeat(32), bytes: 48_213, media_type: "text/csv".into() };
            events.push(Event::ArtifactStored { step, attempt, action: action.clone(), artifact });
        }
        let mut evidence = Evidence::default();
        for (at, output) in
            ["latency_ms.avg", "latency_ms.p50", "latency_ms.p99", "latency_ms.max"].iter().enumerate()
        {
            #[expect(clippy::cast_precision_loss, reason = "a small number")]
            let value = Value::number(1.234_567 * (at as f64 + 1.0), Unit::Milliseconds);
            evidence.put_from(*output, value, "latency.hlog");
        }
        events.push(Event::ActionFinished { step, attempt, action, result: ActionResult::Done(evidence) });
    }
    for index in 0..3 {
        let operand = |text: &str, value| {
            Some(Operand { text: text.into(), value: Value::number(value, Unit::Milliseconds) })
        };
        let judgement = Judgement {
            index,
            text: format!("nominal.latency_ms.p99 < slo.p99_{index}_ms"),
            severity: Severity::Critical,
            verdict: Verdict::Pass,
            observed: operand("nominal.latency_ms.p99", 3.703_701),
            limit: operand("slo.p99_ms", 100.0),
            reason: Said::verbatim("holds"),
        };
        events.push(Event::CriterionJudged { step, attempt, judgement });
    }
    events.push(Event::StepFinished {
        step,
        attempt,
        verdict: Verdict::Pass,
        reason: Said::verbatim("every criterion holds"),
    });
}

fn header() -> RunHeader {
    let text = |text: String| Localized(BTreeMap::from([("en".to_owned(), text)]));
    let steps = (0..STEPS).map(|number| StepOutline {
        step: StepId(number),
        title: text(format!("Step {number}")),
        objective: text("A long run".to_owned()),
        needs: Vec::new(),
        estimate_s: None,
        fingerprint: "cd".repeat(32),
        criteria: (0..3)
            .map(|index| CriterionOutline {
                text: format!("nominal.latency_ms.p99 < slo.p99_{index}_ms"),
                severity: Severity::Critical,
                must: false,
                guard: false,
            })
            .collect(),
        artifacts: Vec::new(),
        approve: None,
        basis: None,
        file: String::new(),
    });
    RunHeader {
        format: FORMAT,
        jalon: env!("CARGO_PKG_VERSION").into(),
        run: "20250101-000000-lab".into(),
        operator: "bench@here".into(),
        plan: PlanOutline {
            campaign: "bench".into(),
            environment: "lab".into(),
            environment_fingerprint: "ef".repeat(32),
            production: false,
            profile: "smoke".into(),
            profile_note: Localized::default(),
            vars: BTreeMap::new(),
            parameters_fingerprint: "01".repeat(32),
            slo: BTreeMap::new(),
            steps: steps.map(Into::into).collect(),
            environment_basis: None,
            kept: None,
        },
        selection: None,
        baseline: None,
    }
}
