//! `jalon compare`: journals of two runs with the artifacts of their loads, made by the writers of the program itself.

use crate::support::{Project, Ran};
use jalon::{
    load::{
        latency::{HistogramLog, Latency},
        window::{Window, WindowsCsv},
    },
    record::{Evidence, RunId, Unit, Value},
    store::{ArtifactDir, Recorder, Runs},
};
use serde_json::{Value as Json, json};
use std::time::{Duration, SystemTime};

/// One load that is to be in a run.
struct Load {
    windows: u64,
    /// Of every window, in milliseconds.
    latency_ms: f64,
    warm_up: u64,
    params: Json,
    properties: Json,
    achieved: f64,
    /// Broker settings of the snapshot; none kept where null.
    brokers: Json,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            windows: 90,
            latency_ms: 10.0,
            warm_up: 0,
            params: json!({"cluster": "source", "topic": "perf", "rate": "100/s", "record_size": "1024 B"}),
            properties: json!({"acks": "-1", "linger.ms": "0", "client.id": "rdkafka"}),
            achieved: 1.0,
            brokers: json!([{"id": 1, "settings": [{"name": "num.io.threads", "value": "8"}]}]),
        }
    }
}

/// Writes the run `name` with that load in step 3. Latencies wander in the same way with another `seed` for each run.
fn run(project: &Project, name: &str, seed: u64, load: &Load) {
    let dir = Runs::of_campaign(project.path()).get(&RunId::from(name));
    std::fs::create_dir_all(&dir.path).unwrap();
    let mut recorder = Recorder::open(&dir, "test", false).unwrap().recorder;
    let artifacts = ArtifactDir::new(&dir.path, "03/1/nominal");
    let start = SystemTime::UNIX_EPOCH;
    let mut csv = WindowsCsv::begin(artifacts.create("windows.csv", "text/csv").unwrap()).unwrap();
    let mut hlog = artifacts.create("latency.hlog", "text/plain").unwrap();
    let mut serializer = hdrhistogram::serialization::V2DeflateSerializer::new();
    let mut log = HistogramLog::begin(&mut hlog, &mut serializer, start).unwrap();
    let (mut state, mut all) = (seed, Latency::default());
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / (1_u64 << 31) as f64 - 0.5
    };
    let mut level = 0.0;
    for second in 0..load.windows {
        level = 0.5 * level + 0.1 * random();
        let mut latency = Latency::default();
        let is_warm = second < load.warm_up;
        for _ in 0..100 {
            // A load that warms up is ten times slower: it would show.
            let factor = if is_warm { 10.0 } else { 1.0 };
            let ms: f64 = factor * load.latency_ms * (1.0 + level + 0.3 * random());
            latency.record((ms * 1000.0) as u64);
        }
        let window = Window {
            start: Duration::from_secs(second),
            length: Duration::from_secs(1),
            asked: None,
            in_flight: None,
            statistics: &[],
            delivered: if is_warm { 0 } else { (100.0 * load.achieved) as u64 },
            bytes: 102_400,
            failed: 0,
            warm_up: if is_warm { 100 } else { 0 },
            queued: 0,
            backlog: 0,
            blocked: Duration::ZERO,
            intended: &latency,
            send: &latency,
            answered: 0,
            total: None,
        };
        csv.write(&window).unwrap();
        log.interval("intended", &latency, window.start, window.length).unwrap();
        log.interval("send", &latency, window.start, window.length).unwrap();
        if !is_warm {
            all.add(&latency);
        }
    }
    csv.into_inner().finish().unwrap();
    hlog.finish().unwrap();
    let settings = json!({"client": "librdkafka 2.12.1", "load": {"rate": load.params["rate"]}, "properties": load.properties});
    artifacts.write_json("settings.json", &settings).unwrap();
    let mut evidence = Evidence::default();
    let summary = all.summary().unwrap();
    for output in ["latency_ms", "send_latency_ms"] {
        for (name, value) in
            [("avg", summary.avg), ("p50", summary.p50), ("p95", summary.p95), ("p99", summary.p99)]
        {
            evidence.put(format!("{output}.{name}").as_str(), Value::number(value, Unit::Milliseconds));
        }
    }
    evidence.put("throughput.records_per_s", Value::number(100.0 * load.achieved, Unit::RecordsPerSecond));
    evidence.put("achieved_ratio", Value::number(load.achieved, Unit::Ratio));
    evidence.put("saturated", Value::Flag(load.achieved < 0.99));

    let mut events = vec![header(name)];
    if !load.brokers.is_null() {
        let snapshot = ArtifactDir::new(&dir.path, "snapshot/1");
        let brokers = json!({"cluster": "source", "version": {"text": "3.7.2"}, "brokers": load.brokers});
        snapshot.write_json("brokers-source.json", &brokers).unwrap();
        events.push(json!({"type": "snapshot-taken", "artifacts": snapshot.take_stored()}));
    }
    let place = json!({"step": 3, "attempt": 1});
    let of = |kind: &str, more: Json| {
        let mut event = json!({"type": kind});
        for part in [&place, &more] {
            event.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
        }
        event
    };
    events.push(of("step-started", json!({})));
    events.push(of(
        "action-started",
        json!({"action": "nominal", "kind": "produce", "description": "produce", "params": load.params}),
    ));
    for artifact in artifacts.take_stored() {
        events.push(of("artifact-stored", json!({"action": "nominal", "artifact": artifact})));
    }
    events.push(of("action-finished", json!({"action": "nominal", "result": {"done": evidence}})));
    events.push(of("step-finished", json!({"verdict": "pass", "reason": "every criterion holds"})));
    events.push(json!({"type": "run-finished", "outcome": "passed"}));
    let events = events.into_iter().map(|event| serde_json::from_value(event).unwrap());
    recorder.commit(events).unwrap();
}

fn header(name: &str) -> Json {
    let step = json!({
        "step": 3, "title": {"en": "Baseline"}, "objective": {}, "needs": [], "fingerprint": "f", "criteria": [],
    });
    json!({
        "type": "run-started", "format": 1, "jalon": "0.1.0", "run": name, "operator": "ada@host",
        "plan": {
            "campaign": "test", "environment": "lab", "environment_fingerprint": "e", "profile": "smoke",
            "parameters_fingerprint": "p", "steps": [step],
        },
    })
}

fn json_of(project: &Project, args: &[&str]) -> Json {
    let ran = project.jalon(&[&["compare"], args, &["--json"]].concat()).exits(0);
    serde_json::from_str(&ran.stdout).unwrap()
}

fn figure<'j>(json: &'j Json, name: &str) -> &'j Json {
    let figures = json["scenarios"][0]["figures"].as_array().unwrap();
    figures.iter().find(|f| f["name"] == name).unwrap_or_else(|| panic!("no {name}: {json:#}"))
}

#[track_caller]
fn shows(ran: &Ran, parts: &[&str]) {
    let flat = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in parts {
        assert!(flat.contains(part), "stdout does not show {part:?}: {}", ran.stdout);
    }
    let wide: Vec<&str> = ran.stdout.lines().filter(|l| l.chars().count() > 80).collect();
    assert!(wide.is_empty(), "{wide:#?}");
    assert!(!ran.stdout.contains('\u{1b}'), "colours without a terminal");
}

const A: &str = "20250101-000000-lab";
const B: &str = "20250102-000000-lab";

#[test]
fn the_same_load_has_no_detectable_difference_and_a_slower_one_has() {
    let project = Project::new();
    run(&project, A, 1, &Load { warm_up: 5, ..Load::default() });
    run(&project, B, 2, &Load::default());
    let json = json_of(&project, &[A, B]);
    for name in ["throughput.records_per_s", "latency_ms.avg", "latency_ms.p50", "latency_ms.p99"] {
        assert_eq!(figure(&json, name)["finding"], "no-detectable-difference", "{json:#}");
    }
    assert_eq!((&json["scenarios"][0]["windows"], &json["differs"]), (&json!([85, 90]), &json!([])));
    assert_eq!(json, json_of(&project, &[B]), "the run before it, and the same drawings");
    let ran = project.jalon(&["compare", A, B]).exits(0);
    shows(
        &ran,
        &[
            "What else differed",
            "latency p99, ms",
            "not detectable",
            "5 and 0 windows of warm-up are excluded",
        ],
    );
    shows(&ran, &["no detectable difference", "the rate was capped and reached in both"]);
    let french = project.jalon(&["compare", A, B, "--lang", "fr"]).exits(0);
    shows(&french, &["Ce qui différait aussi", "grandeur", "non décelable", "le débit était plafonné"]);
    assert!(!french.stdout.contains("windows of"), "{}", french.stdout);

    let c = "20250103-000000-lab";
    let brokers = json!([{"id": 1, "settings": [{"name": "num.io.threads", "value": "2"}]}]);
    run(&project, c, 3, &Load { latency_ms: 13.0, brokers, ..Load::default() });
    let json = json_of(&project, &[c]);
    assert_eq!(json["before"]["run"], B);
    let p99 = figure(&json, "latency_ms.p99");
    assert_eq!(p99["finding"], "higher");
    let of = |key: &str| p99["change_percent"][key].as_f64().unwrap();
    assert!(of("low") > 10.0 && of("low") < of("estimate") && of("high") < 60.0, "{p99}");
    let (before, after) = (p99["before"].as_f64().unwrap(), p99["after"].as_f64().unwrap());
    assert!((of("estimate") - (after - before) / before * 100.0).abs() < 1e-6, "{p99}");
    assert_eq!(
        json["differs"],
        json!([{"what": "broker", "name": "num.io.threads (1 of source)", "before": "8", "after": "2"}])
    );
    // Stated first, then the figures.
    let shown = project.jalon(&["compare", B, c]).exits(0).stdout;
    assert!(shown.find("num.io.threads").unwrap() < shown.find("latency p99").unwrap(), "{shown}");
    // By its parts, and by steps, attempts and actions.
    let one = json_of(&project, &[&format!("{B}/3/1/nominal"), &format!("{c}/3/nominal")]);
    assert_eq!(one["scenarios"], json["scenarios"]);
    project.jalon(&["compare", A]).exits(2).says(&["no run before", "jalon compare RUN RUN"]);
    project.jalon(&["compare", "nope"]).exits(2).says(&["run `nope` not found"]);
    project.jalon(&["compare", &format!("{A}/7"), B]).exits(2).says(&["has no step 7"]);
    project.jalon(&["compare", &format!("{A}/x"), B]).exits(2).says(&["3/1/nominal"]);
}

#[test]
fn another_load_or_client_is_never_a_before_and_after() {
    let project = Project::new();
    run(&project, A, 1, &Load::default());
    let mut params = Load::default().params;
    params["rate"] = "200/s".into();
    params["topic"] = "other".into();
    let properties = json!({"acks": "-1", "linger.ms": "5", "client.id": "other"});
    run(
        &project,
        B,
        2,
        &Load { latency_ms: 20.0, params, properties, brokers: Json::Null, ..Load::default() },
    );
    let json = json_of(&project, &[A, B]);
    let scenario = &json["scenarios"][0];
    assert_eq!(scenario["comparable"], false);
    let differs: Vec<String> = scenario["differs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| format!("{} {}", d["what"].as_str().unwrap(), d["name"].as_str().unwrap()))
        .collect();
    assert_eq!(differs, ["load rate", "connection topic", "client linger.ms"]);
    for figure in scenario["figures"].as_array().unwrap() {
        assert!(figure["before"].is_number() && figure["after"].is_number(), "{figure}");
        assert!(figure["change"].is_null() && figure["finding"] == "not-compared", "{figure}");
    }
    let ran = project.jalon(&["compare", A, B]).exits(0);
    shows(
        &ran,
        &["not comparable", "load or client differ", "load: rate: 100/s → 200/s", "client: linger.ms: 0 → 5"],
    );
    shows(&ran, &["has no snapshot"]);
    assert!(!ran.stdout.contains('%'), "{}", ran.stdout);
}

#[test]
fn what_cannot_be_told_is_said() {
    let project = Project::new();
    run(&project, A, 1, &Load { windows: 8, ..Load::default() });
    run(&project, B, 2, &Load { achieved: 0.8, ..Load::default() });
    let json = json_of(&project, &[A, B]);
    let why = |json: &Json, name: &str| figure(json, name)["why"].as_str().unwrap_or_default().to_owned();
    assert!(why(&json, "throughput.records_per_s").contains("8 windows"), "{json:#}");
    let c = "20250103-000000-lab";
    run(&project, c, 3, &Load::default());
    let json = json_of(&project, &[c, B]);
    assert_eq!(figure(&json, "throughput.records_per_s")["finding"], "lower");
    assert!(why(&json, "latency_ms.p99").contains("fell behind its rate"), "{json:#}");
    let ran = project.jalon(&["compare", c, B]).exits(0);
    shows(&ran, &["not compared", "fell behind its rate", "the client's queue was full at times in"]);
    // Evidence that was altered is not used.
    let csv = project.path().join(format!("artifacts/{c}/03/1/nominal/windows.csv"));
    let text = std::fs::read_to_string(&csv).unwrap().replacen("100.0", "900.0", 1);
    std::fs::write(&csv, text).unwrap();
    let json = json_of(&project, &[c, B]);
    assert!(why(&json, "throughput.records_per_s").contains("changed after it was stored"), "{json:#}");
}

#[test]
fn what_is_printed_is_what_is_documented() {
    let project = Project::new();
    run(&project, A, 1, &Load::default());
    run(&project, B, 2, &Load { latency_ms: 12.0, ..Load::default() });
    let documented = project.jalon(&["schema", "--output", "compare"]).exits(0).stdout;
    let schema: Json = serde_json::from_str(&documented).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let json = json_of(&project, &[A, B]);
    let mistakes: Vec<String> =
        validator.iter_errors(&json).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(mistakes.is_empty(), "{mistakes:#?}");
}
