//! The whole report and the whole status, from events.

use super::*;
use crate::{
    plan::Campaign,
    record::{
        Artifact, Attempt, Event, Evidence, Localized, Record, RunState, Severity, StepId, StepState, Unit,
        Value, Verdict,
        event::{
            ActionResult, Answer, Approve, Cause, CriterionOutline, FORMAT, Judgement, Note, NoteKind,
            Operand, Outcome, PlanOutline, RunHeader, StepOutline, Undo,
        },
    },
};
use jiff::{SignedDuration, Timestamp, civil::date, tz::TimeZone};
use serde_json::json;
use std::collections::BTreeMap;
use unicode_width::UnicodeWidthStr;

/// A journal in the making; ten seconds pass between two records.
struct Story {
    records: Vec<Record>,
}

fn start() -> Timestamp {
    "2025-12-18T08:00:00Z".parse().unwrap()
}

fn both(en: &str, fr: &str) -> Localized {
    Localized(BTreeMap::from([("en".to_owned(), en.to_owned()), ("fr".to_owned(), fr.to_owned())]))
}

fn step(number: u32, title: &str, needs: &[u32], criteria: &[&str]) -> StepOutline {
    StepOutline {
        step: StepId(number),
        title: both(title, &format!("{title} (fr)")),
        objective: both("What it is for.", "À quoi elle sert."),
        needs: needs.iter().map(|n| StepId(*n)).collect(),
        estimate_s: Some(2700),
        fingerprint: String::new(),
        criteria: criteria
            .iter()
            .map(|text| CriterionOutline {
                text: (*text).to_owned(),
                severity: if text.starts_with("zk") { Severity::Warn } else { Severity::Critical },
                must: false,
            })
            .collect(),
        artifacts: Vec::new(),
        approve: None,
    }
}

fn outline(steps: Vec<StepOutline>) -> PlanOutline {
    PlanOutline {
        campaign: "mm2".to_owned(),
        environment: "lab".to_owned(),
        environment_fingerprint: String::new(),
        production: false,
        profile: "nominal".to_owned(),
        parameters_fingerprint: String::new(),
        slo: BTreeMap::new(),
        steps,
    }
}

impl Story {
    fn new(steps: Vec<StepOutline>) -> Self {
        let header = RunHeader {
            format: FORMAT,
            jalon: "0.1.0".to_owned(),
            run: "20251218-080000-lab".into(),
            operator: "ana@bench".to_owned(),
            plan: outline(steps),
            selection: None,
        };
        let mut story = Self { records: Vec::new() };
        story.tell(Event::RunStarted(Box::new(header)));
        story
    }

    fn tell(&mut self, event: Event) -> &mut Self {
        let seq = self.records.len() as u64 + 1;
        let at = start() + SignedDuration::from_secs(10 * i64::try_from(seq - 1).unwrap());
        self.records.push(Record { seq, at, event });
        self
    }

    fn begin(&mut self, step: u32, attempt: u32) -> &mut Self {
        self.tell(Event::StepStarted { step: StepId(step), attempt: Attempt(attempt) })
    }

    fn act(&mut self, place: (u32, u32), action: &str, kind: &str, params: serde_json::Value) -> &mut Self {
        let undo = (kind == "fault").then(|| Undo { kind: "shell".to_owned(), params: json!({}) });
        self.tell(Event::ActionStarted {
            step: StepId(place.0),
            attempt: Attempt(place.1),
            action: action.into(),
            kind: kind.to_owned(),
            description: format!("{kind} of {action}"),
            params,
            undo,
        })
    }

    fn store(&mut self, place: (u32, u32), action: &str, file: &str) -> &mut Self {
        self.tell(Event::ArtifactStored {
            step: StepId(place.0),
            attempt: Attempt(place.1),
            action: action.into(),
            artifact: artifact(&format!("{:02}/{}/{action}/{file}", place.0, place.1)),
        })
    }

    fn done(&mut self, place: (u32, u32), action: &str, evidence: Evidence) -> &mut Self {
        self.finish(place, action, ActionResult::Done(evidence))
    }

    fn finish(&mut self, place: (u32, u32), action: &str, result: ActionResult) -> &mut Self {
        self.tell(Event::ActionFinished {
            step: StepId(place.0),
            attempt: Attempt(place.1),
            action: action.into(),
            result,
        })
    }

    fn judge(&mut self, place: (u32, u32), index: usize, judged: Judged<'_>) -> &mut Self {
        let Judged { text, verdict, sides, reason } = judged;
        let operand = |text: &str, value: Value| Operand { text: text.trim().to_owned(), value };
        let written = text.split(['<', '=', '>']).collect::<Vec<_>>();
        let (observed, limit) =
            sides.map(|(a, b)| (operand(written[0], a), operand(written[written.len() - 1], b))).unzip();
        self.tell(Event::CriterionJudged {
            step: StepId(place.0),
            attempt: Attempt(place.1),
            judgement: Judgement {
                index,
                text: text.to_owned(),
                severity: Severity::Critical,
                verdict,
                observed,
                limit,
                reason: reason.to_owned(),
            },
        })
    }

    fn end(&mut self, place: (u32, u32), verdict: Verdict, reason: &str) -> &mut Self {
        self.tell(Event::StepFinished {
            step: StepId(place.0),
            attempt: Attempt(place.1),
            verdict,
            reason: reason.to_owned(),
        })
    }

    fn state(&self) -> RunState {
        RunState::replay(&self.records)
    }
}

struct Judged<'a> {
    text: &'a str,
    verdict: Verdict,
    sides: Option<(Value, Value)>,
    reason: &'a str,
}

fn artifact(path: &str) -> Artifact {
    Artifact {
        path: path.to_owned(),
        sha256: crate::support::fingerprint::of_bytes(path),
        bytes: 5_400_000,
        media_type: "text/csv".to_owned(),
    }
}

fn ms(value: f64) -> Value {
    Value::number(value, Unit::Milliseconds)
}

fn load() -> Evidence {
    let mut evidence = Evidence::default();
    evidence.put("records_asked", Value::count(1_800_000));
    evidence.put("records_sent", Value::count(1_800_000));
    evidence.put("records_failed", Value::count(0));
    evidence.put("achieved_ratio", Value::number(0.9997, Unit::Ratio));
    evidence.put_from(
        "throughput.records_per_s",
        Value::number(999.71, Unit::RecordsPerSecond),
        "windows.csv",
    );
    evidence.put_from("throughput.mb_per_s", Value::number(0.976_28, Unit::MbPerSecond), "windows.csv");
    evidence.put("saturated", Value::Flag(false));
    evidence.put("errors", Value::count(0));
    for (stat, value) in
        [("avg", 12.345), ("max", 1050.68), ("p50", 9.0), ("p95", 41.5), ("p99", 99.999_999), ("p999", 412.7)]
    {
        evidence.put_from(format!("latency_ms.{stat}"), ms(value), "latency.hlog");
    }
    evidence.put("send_latency_ms.p99", Value::Missing("the client keeps none".to_owned()));
    evidence.remark("the first 1000 records are left out as warm-up");
    evidence
}

fn watched() -> Evidence {
    let mut evidence = Evidence::default();
    evidence.put("samples", Value::count(12));
    evidence.put("missed", Value::count(1));
    for (name, value) in
        [("avg_latency_ms.min", 3.0), ("avg_latency_ms.avg", 5.25), ("avg_latency_ms.max", 14.0)]
    {
        evidence.put_from(name, ms(value), "samples.csv");
    }
    evidence.remark("1 of 12 samples saw nothing: connection refused");
    evidence
}

/// A run in which everything happens that a report must show.
fn story() -> Story {
    let p99 = "nominal.latency_ms.p99 < slo.producer_p99_ms";
    let zk = "zk.avg_latency_ms.max < slo.zookeeper_latency_ms";
    let lost = "check.lost == 0";
    let lag = "lag.max < 1000";
    let mut steps = vec![
        step(0, "Reach the platform", &[], &["cluster.brokers >= 3"]),
        step(3, "Producer <script>alert(1)</script> | baseline", &[0], &[p99, zk]),
        step(4, "Replication", &[3], &[lost, lag]),
        step(5, "Stop a broker", &[4], &["after.under_replicated == 0"]),
        step(6, "Schema registry", &[0], &["http.status == 200"]),
        step(7, "Monitoring", &[0], &["scrape.up == true"]),
        step(10, "Synthesis", &[5], &["sum.yes == true"]),
    ];
    steps[1].artifacts = vec!["nominal/windows.csv".to_owned(), "nominal/latency.hlog".to_owned()];
    steps[2].approve = Some(Approve { role: "lead".to_owned(), question: "Go on with faults?".to_owned() });
    let mut story = Story::new(steps);
    story.tell(Event::SnapshotTaken {
        artifacts: vec![artifact("snapshot/1/brokers.json")],
        remarks: vec!["connectors: connection refused".to_owned()],
    });
    let mut seen = Evidence::default();
    seen.put("brokers", Value::count(3));
    story.begin(0, 1).act((0, 1), "cluster", "cluster", json!({"cluster": "source"})).done(
        (0, 1),
        "cluster",
        seen,
    );
    story.judge(
        (0, 1),
        0,
        Judged {
            text: "cluster.brokers >= 3",
            verdict: Verdict::Pass,
            sides: Some((Value::count(3), Value::count(3))),
            reason: "holds",
        },
    );
    story.end((0, 1), Verdict::Pass, "every criterion holds");
    let params = json!({"cluster": "source", "topic": "perf.nominal", "record_size": "1024 B", "rate": "1000/s",
        "driver": "native", "properties": {"acks": "all", "linger.ms": 0}});
    story.begin(3, 1).act((3, 1), "nominal", "produce", params.clone()).finish(
        (3, 1),
        "nominal",
        ActionResult::Failed {
            cause: Cause::TimedOut,
            message: "took longer than 45 min".to_owned(),
            evidence: Evidence::default(),
        },
    );
    story.end((3, 1), Verdict::Error, "`nominal` took longer than 45 min");
    story.tell(Event::StepReset { step: StepId(3), reason: "retried by ana@bench".to_owned() });
    story.begin(3, 2).act((3, 2), "nominal", "produce", params);
    story.store((3, 2), "nominal", "windows.csv").store((3, 2), "nominal", "latency.hlog");
    story.done((3, 2), "nominal", load()).store((3, 2), "zk", "samples.csv");
    story.tell(Event::WatchFinished {
        step: StepId(3),
        attempt: Attempt(2),
        watch: "zk".into(),
        kind: "zookeeper".to_owned(),
        evidence: watched(),
    });
    story.judge(
        (3, 2),
        0,
        Judged {
            text: p99,
            verdict: Verdict::Pass,
            sides: Some((ms(99.999_999), ms(100.0))),
            reason: "holds",
        },
    );
    story.judge(
        (3, 2),
        1,
        Judged {
            text: zk,
            verdict: Verdict::Warn,
            sides: Some((ms(14.0), ms(10.0))),
            reason: "does not hold",
        },
    );
    story.end((3, 2), Verdict::Warn, &format!("warn: {zk}"));
    let mut arrived = Evidence::default();
    arrived.put_from("records_expected", Value::count(1_800_000), "check.json");
    arrived.put_from("lost", Value::count(2), "check.json");
    arrived.put_from("latency_ms.p99", ms(1_234.5), "check.json");
    let params = json!({"source": "source", "target": "target", "topic": "perf.nominal", "within": "2m"});
    story.begin(4, 1).act((4, 1), "check", "replication", params).store((4, 1), "check", "check.json");
    story.done((4, 1), "check", arrived);
    story.judge(
        (4, 1),
        0,
        Judged {
            text: lost,
            verdict: Verdict::Fail,
            sides: Some((Value::count(2), Value::count(0))),
            reason: "does not hold",
        },
    );
    story.judge(
        (4, 1),
        1,
        Judged { text: lag, verdict: Verdict::Inconclusive, sides: None, reason: "`lag` brought no sample" },
    );
    story.end((4, 1), Verdict::Fail, &format!("fail: {lost}"));
    story.tell(Event::StepWaived {
        step: StepId(4),
        by: "lea".to_owned(),
        reason: "two records of a test topic".to_owned(),
        until: Some("2025-12-31T18:00:00Z".parse().unwrap()),
    });
    story.tell(Event::StepSkipped {
        step: StepId(6),
        by: "ana".to_owned(),
        reason: "no registry here".to_owned(),
    });
    story.begin(7, 1).act((7, 1), "scrape", "scrape", json!({})).finish(
        (7, 1),
        "scrape",
        ActionResult::Failed {
            cause: Cause::Unreachable,
            message: "http://127.0.0.1:9404 does not answer: connection refused".to_owned(),
            evidence: Evidence::default(),
        },
    );
    story.end((7, 1), Verdict::Error, "`scrape` http://127.0.0.1:9404 does not answer");
    story.begin(5, 1).act((5, 1), "stop", "fault", json!({"inject": ["kill"]}));
    story
}

fn campaign() -> Campaign {
    serde_json::from_value(json!({
        "name": "mm2",
        "title": {"en": "Kafka and MirrorMaker 2", "fr": "Kafka et MirrorMaker 2"},
        "default_environment": "lab",
        "default_profile": "nominal",
        "profiles": {"nominal": {}},
        "facts": {
            "ram": {"label": {"en": "RAM per broker", "fr": "RAM par broker"}, "value": 16.5, "source": "platform team"},
            "disk": {"label": {"en": "Disk per broker", "fr": "Disque par broker"}},
        },
    }))
    .unwrap()
}

fn notes() -> Vec<Record> {
    let note = |seq, at: &str, kind, text: &str, step: Option<u32>| Record {
        seq,
        at: at.parse().unwrap(),
        event: Event::NoteAdded(Note {
            kind,
            by: "ana".to_owned(),
            text: text.to_owned(),
            step: step.map(StepId),
        }),
    };
    vec![
        note(1, "2025-12-17T12:00:00Z", NoteKind::Observation, "of the day before", None),
        note(2, "2025-12-18T12:00:00Z", NoteKind::Observation, "ZooKeeper slow on `north` nodes", Some(3)),
        note(
            3,
            "2025-12-18T12:01:00Z",
            NoteKind::Hypothesis,
            "a full disk | to be checked with iostat",
            None,
        ),
        note(4, "2025-12-18T12:02:00Z", NoteKind::Risk, "no spare broker", None),
        note(5, "2025-12-18T12:03:00Z", NoteKind::Action, "ask for a disk", None),
        note(6, "2025-12-18T12:04:00Z", NoteKind::Decision, "keep linger.ms at 0", Some(3)),
    ]
}

fn report(records: &[Record], language: Language) -> ReportModel {
    ReportModel::new(&Input {
        run: "20251218-080000-lab",
        records,
        live: false,
        campaign: Some(&campaign()),
        notes: &notes(),
        language,
        day: date(2025, 12, 18),
        zone: TimeZone::get("Europe/Paris").unwrap(),
        now: "2025-12-18T20:00:00Z".parse().unwrap(),
        remarks: Vec::new(),
    })
}

fn rendered(model: &ReportModel, name: &str) -> String {
    let mut bytes = Vec::new();
    renderer(name).unwrap().render(model, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn look(language: Language, live: bool) -> Look<'static> {
    let now = start() + SignedDuration::from_mins(20);
    Look { run: "20251218-080000-lab", live, language, now, name_run: false }
}

/// Without the codes of colours.
fn plain(text: &str) -> String {
    regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap().replace_all(text, "").into_owned()
}

#[test]
fn the_report_in_english() {
    insta::assert_snapshot!(rendered(&report(&story().records, Language::En), "md"));
}

#[test]
fn the_report_in_french() {
    insta::assert_snapshot!(rendered(&report(&story().records, Language::Fr), "md"));
}

#[test]
fn the_report_as_json_has_exact_values_and_their_places() {
    let model: serde_json::Value =
        serde_json::from_str(&rendered(&report(&story().records, Language::Fr), "json")).unwrap();
    let p99 = &model["scenarios"][1]["latencies"][0]["figures"][4];
    assert_eq!(p99["exact"], 99.999_999);
    assert_eq!(p99["text"], "99,999999\u{202f}ms");
    assert_eq!(p99["evidence"]["artifact"], "03/2/nominal/latency.hlog");
    assert_eq!(p99["evidence"]["sha256"].as_str().unwrap().len(), 64);
    let missing = &model["scenarios"][1]["latencies"][1]["figures"][4];
    assert_eq!(missing["exact"], serde_json::Value::Null);
    assert!(missing["text"].as_str().unwrap().contains("non mesuré"));
    let judged = &model["criteria"][1]["rows"][0];
    assert_eq!(judged["observed"]["text"], "99,999999\u{202f}ms");
    assert_eq!(judged["limit"]["text"], "100\u{202f}ms");
    assert!(judged["evidence"]["record"].is_u64());
}

#[test]
fn a_report_can_always_be_made() {
    let whole = story().records;
    for cut in 0..=whole.len() {
        for language in [Language::ALL[cut % 2]] {
            for (live, campaign) in [(true, None), (false, Some(&campaign()))] {
                let model = ReportModel::new(&Input {
                    run: "r",
                    records: &whole[..cut],
                    live,
                    campaign,
                    notes: &[],
                    language,
                    day: date(2025, 12, 18),
                    zone: TimeZone::UTC,
                    now: start(),
                    remarks: vec!["plan/campaign.yaml: not there".to_owned()],
                });
                for form in RENDERERS {
                    assert!(!rendered(&model, form.name()).is_empty());
                }
                assert_eq!(model.plan.len(), if cut == 0 { 0 } else { 7 }, "no step is missing");
                let lines = model.summary.len();
                assert!(cut < 2 || (4..=12).contains(&lines), "{lines} lines after {cut} records");
            }
        }
    }
}

#[test]
fn a_cut_off_fault_is_the_first_thing_to_do() {
    let model = report(&story().records, Language::En);
    assert!(model.faults[0].stands);
    assert!(model.actions[0].text.contains("Take back what stop did"), "{:?}", model.actions[0]);
    assert!(model.unfinished.iter().any(|s| s.text.contains("Stop a broker") && s.text.contains("stop")));
    assert!(model.unfinished.iter().any(|s| s.text.contains("hung") && s.text.contains("nominal")));
    assert!(
        model.unfinished.iter().any(|s| s.text.contains("Synthesis") && s.text.contains("did not begin"))
    );
}

#[test]
fn markup_in_titles_and_notes_reads_as_itself() {
    let markdown = rendered(&report(&story().records, Language::En), "md");
    assert!(!markdown.contains("<script"), "the only HTML is none");
    for line in markdown.lines().filter(|l| l.starts_with('|')) {
        assert!(line.ends_with('|'), "{line}");
    }
    assert!(markdown.contains("&lt;script&gt;alert(1)&lt;/script&gt; \\| baseline"));
    // Every row of a table has as many cells as its head.
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    let mut head = None;
    for line in markdown.lines() {
        match (line.starts_with('|'), head) {
            (true, None) => head = Some(cells(line)),
            (true, Some(wanted)) => assert_eq!(cells(line), wanted, "{line}"),
            (false, _) => head = None,
        }
    }
}

#[test]
fn the_status_for_a_person() {
    let model = StatusModel::new(&story().state(), &look(Language::En, false));
    insta::assert_snapshot!(plain(&text(&model)));
}

#[test]
fn the_status_for_a_person_in_french() {
    let model = StatusModel::new(&story().state(), &look(Language::Fr, true));
    insta::assert_snapshot!(plain(&text(&model)));
}

#[test]
fn the_status_as_table_and_diagram() {
    let model = StatusModel::new(&story().state(), &look(Language::En, false));
    insta::assert_snapshot!(format!("{}\n{}", table(&model), model.diagram));
}

#[test]
fn the_status_for_a_script() {
    let model = StatusModel::new(&story().state(), &look(Language::En, false));
    let json = serde_json::to_value(&model).unwrap();
    let keys = |value: &serde_json::Value| {
        value.as_object().unwrap().keys().cloned().collect::<std::collections::BTreeSet<_>>()
    };
    let contract = |names: &[&str], value: &serde_json::Value| {
        let keys = keys(value);
        names.iter().for_each(|name| assert!(keys.contains(*name), "{name}"));
    };
    contract(&["run", "environment", "profile", "started", "state", "steps"], &json);
    let step = &json["steps"][1];
    contract(&["step", "title", "state", "attempt", "attempts", "started", "ended", "criteria"], step);
    let criterion = &step["criteria"][0];
    contract(&["expect", "severity", "verdict", "observed", "limit", "reason"], criterion);
    assert_eq!(criterion["observed"], 99.999_999);
    assert_eq!(criterion["verdict"], "pass");
    assert_eq!(step["attempt"], 2);
    assert_eq!(json["state"], "interrupted");
    assert_eq!(json["steps"][3]["state"], "interrupted", "a dead run runs nothing");
    let live = serde_json::to_value(StatusModel::new(&story().state(), &look(Language::En, true))).unwrap();
    assert_eq!((&live["state"], &live["steps"][3]["state"]), (&json!("running"), &json!("running")));
    assert_eq!(live["steps"][3]["doing"], json!(["stop"]));
}

/// Runs in which step 1 is in every state in turn.
fn every_state(title: &str) -> Vec<(StepState, Story)> {
    let long = format!("{}.value < 1", "x".repeat(150));
    let new = || {
        let mut steps = vec![step(1, title, &[], &[&long]), step(2, title, &[1], &[&long])];
        for step in &mut steps {
            step.title = both(title, title);
        }
        Story::new(steps)
    };
    let why = |verdict| Judged {
        text: &long,
        verdict,
        sides: Some((Value::text("y".repeat(200)), ms(1e15))),
        reason: "does not hold because of something that takes many, many words to be told in full",
    };
    let ended = |verdict| {
        let mut story = new();
        story.begin(1, 123).judge((1, 123), 0, why(verdict)).end((1, 123), verdict, &"why ".repeat(60));
        story
    };
    let mut all = vec![
        (StepState::Ready, new()),
        (StepState::Passed, ended(Verdict::Pass)),
        (StepState::Passed, ended(Verdict::Warn)),
        (StepState::Failed, ended(Verdict::Fail)),
        (StepState::Inconclusive, ended(Verdict::Inconclusive)),
        (StepState::Error, ended(Verdict::Error)),
    ];
    let mut running = new();
    running.begin(1, 1).act((1, 1), &"action".repeat(30), "wait", json!({}));
    all.push((StepState::Running, running));
    let mut interrupted = new();
    interrupted.begin(1, 1).act((1, 1), &"action".repeat(30), "wait", json!({}));
    interrupted.tell(Event::RunFinished { outcome: Outcome::Interrupted });
    all.push((StepState::Interrupted, interrupted));
    let mut waiting = new();
    waiting.begin(1, 1).tell(Event::ApprovalRequested {
        step: StepId(1),
        attempt: Attempt(1),
        approve: Approve { role: "lead".to_owned(), question: title.to_owned() },
    });
    all.push((StepState::AwaitingApproval, waiting));
    let mut waived = ended(Verdict::Fail);
    waived.tell(Event::StepWaived {
        step: StepId(1),
        by: title.to_owned(),
        reason: title.to_owned(),
        until: None,
    });
    all.push((StepState::Waived, waived));
    let mut skipped = new();
    skipped.tell(Event::StepSkipped { step: StepId(1), by: title.to_owned(), reason: title.to_owned() });
    all.push((StepState::Skipped, skipped));
    let mut locked = new();
    locked.tell(Event::StepReset { step: StepId(2), reason: title.to_owned() });
    all.push((StepState::Ready, locked));
    let mut asked = new();
    asked.begin(1, 1).act((1, 1), "q", "manual", json!({})).finish(
        (1, 1),
        "q",
        ActionResult::Failed {
            cause: Cause::NeedsAnswer,
            message: title.to_owned(),
            evidence: Evidence::default(),
        },
    );
    all.push((StepState::Running, asked));
    all
}

#[test]
fn the_status_fits_80_columns_in_every_state() {
    for title in
        ["t".repeat(200), "long words ".repeat(20), "🚀漢字".repeat(70), "a\nb\t\u{1b}[31mc".repeat(40)]
    {
        for (wanted, story) in every_state(&title) {
            for language in Language::ALL {
                for live in [true, false] {
                    let mut look = look(language, live);
                    look.name_run = true;
                    let model = StatusModel::new(&story.state(), &look);
                    if live || wanted != StepState::Running {
                        assert_eq!(model.steps[0].state, wanted);
                    } else {
                        assert_eq!(model.steps[0].state, StepState::Interrupted);
                    }
                    for line in plain(&text(&model)).lines() {
                        assert!(line.width() <= WIDTH, "{wanted}, {} columns: {line}", line.width());
                        assert_eq!(line.trim_end(), line, "{wanted}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_to_do_next_follows_from_the_state() {
    let title = "t";
    let next = |wanted: StepState, live: bool| {
        let story = every_state(title).into_iter().find(|(s, _)| *s == wanted).unwrap().1;
        StatusModel::new(&story.state(), &look(Language::En, live)).next
    };
    assert_eq!(next(StepState::Running, true), ["jalon show 1"]);
    assert_eq!(next(StepState::Running, false), ["jalon resume"]);
    assert_eq!(next(StepState::AwaitingApproval, false), ["jalon approve 1", "jalon resume"]);
    assert_eq!(next(StepState::Failed, false)[..2], ["jalon show 1", "jalon retry 1"]);
    assert_eq!(next(StepState::Ready, false), ["jalon resume"]);
    let (_, asked) = every_state(title).pop().unwrap();
    let model = StatusModel::new(&asked.state(), &look(Language::En, false));
    assert_eq!(model.next, ["jalon approve 1 --action q", "jalon resume"]);
    let mut answered = asked;
    answered.tell(Event::AnswerGiven {
        step: StepId(1),
        action: "q".into(),
        answer: Answer { yes: true, by: "ana".to_owned(), comment: String::new() },
    });
    let model = StatusModel::new(&answered.state(), &look(Language::En, false));
    assert_eq!(model.next, ["jalon resume"]);
}
