//! Runs from events, for the tests of the report and of the status.

use super::super::*;
use crate::engine::messages as engine;
use crate::plan::criterion::messages as criterion;
use crate::plan::scope;
use crate::{
    plan::Campaign,
    record::{
        Artifact, Attempt, Event, Evidence, Localized, Record, RunState, Said, Severity, StepId, Unit, Value,
        Verdict,
        event::{
            ActionResult, Approve, Cause, CriterionOutline, FORMAT, Judgement, Note, NoteKind, Operand,
            PlanOutline, RunHeader, StepOutline, Undo,
        },
    },
};
use jiff::{SignedDuration, Timestamp, civil::date, tz::TimeZone};
use serde_json::json;
use std::collections::BTreeMap;

crate::record::messages! {
    area "test of the report";
    does_not_answer(url, cause) => "{url} does not answer: {cause}" / "{url} ne répond pas : {cause}";
    took_longer(limit) => "took longer than {limit}" / "a pris plus de {limit}";
}

/// A journal in the making; ten seconds pass between two records.
pub(super) struct Story {
    pub(super) records: Vec<Record>,
}

pub(super) fn start() -> Timestamp {
    "2025-12-18T08:00:00Z".parse().unwrap()
}

pub(super) fn both(en: &str, fr: &str) -> Localized {
    Localized(BTreeMap::from([("en".to_owned(), en.to_owned()), ("fr".to_owned(), fr.to_owned())]))
}

pub(super) fn step(number: u32, title: &str, needs: &[u32], criteria: &[&str]) -> StepOutline {
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
                guard: false,
            })
            .collect(),
        artifacts: Vec::new(),
        approve: None,
        file: String::new(),
        basis: None,
    }
}

pub(super) fn outline(steps: Vec<StepOutline>) -> PlanOutline {
    PlanOutline {
        campaign: "mm2".to_owned(),
        environment: "lab".to_owned(),
        environment_fingerprint: String::new(),
        production: false,
        profile: "nominal".to_owned(),
        profile_note: Localized(
            [("en".to_owned(), "These figures mean nothing for a platform.".to_owned())].into(),
        ),
        vars: BTreeMap::new(),
        parameters_fingerprint: String::new(),
        slo: BTreeMap::new(),
        steps: steps.into_iter().map(Into::into).collect(),
        environment_basis: None,
        kept: None,
    }
}

/// The engine's own sentence of that text, where it has one.
fn says(text: &str) -> Said {
    let one = |text: &str| match text.split_once(": ") {
        Some(("warn", criterion)) => engine::warn(criterion),
        Some(("fail", criterion)) => engine::fail(criterion),
        _ => match text {
            "every criterion holds" => engine::every_criterion_holds(),
            "holds" => criterion::holds(),
            "does not hold" => criterion::does_not_hold(),
            "`lag` brought no sample" => criterion::no_sample("lag"),
            "held" => criterion::held(10_u64, std::time::Duration::from_secs(44)),
            other => match other.strip_suffix(" has no evidence") {
                Some(action) => scope::no_evidence(action, scope::in_this_run()),
                None => other.into(),
            },
        },
    };
    Said::all(text.split("; ").map(one))
}

impl Story {
    pub(super) fn new(steps: Vec<StepOutline>) -> Self {
        let header = RunHeader {
            format: FORMAT,
            jalon: "0.1.0".to_owned(),
            run: "20251218-080000-lab".into(),
            operator: "ana@bench".to_owned(),
            plan: outline(steps),
            selection: None,
            baseline: None,
        };
        let mut story = Self { records: Vec::new() };
        story.tell(Event::RunStarted(Box::new(header)));
        story
    }

    pub(super) fn tell(&mut self, event: Event) -> &mut Self {
        let seq = self.records.len() as u64 + 1;
        let at = start() + SignedDuration::from_secs(10 * i64::try_from(seq - 1).unwrap());
        self.records.push(Record { seq, at, event });
        self
    }

    pub(super) fn begin(&mut self, step: u32, attempt: u32) -> &mut Self {
        self.tell(Event::StepStarted { step: StepId(step), attempt: Attempt(attempt) })
    }

    pub(super) fn act(
        &mut self,
        place: (u32, u32),
        action: &str,
        kind: &str,
        params: serde_json::Value,
    ) -> &mut Self {
        let undo = (kind == "fault").then(|| Undo { kind: "shell".to_owned(), params: json!({}) });
        self.tell(Event::ActionStarted {
            step: StepId(place.0),
            attempt: Attempt(place.1),
            action: action.into(),
            kind: kind.to_owned(),
            declared: crate::action::kind(kind).map(crate::action::KindInfo::promised),
            description: format!("{kind} of {action}").into(),
            params,
            undo,
            scenario: None,
        })
    }

    pub(super) fn store(&mut self, place: (u32, u32), action: &str, file: &str) -> &mut Self {
        self.tell(Event::ArtifactStored {
            step: StepId(place.0),
            attempt: Attempt(place.1),
            action: action.into(),
            artifact: artifact(&format!("{:02}/{}/{action}/{file}", place.0, place.1)),
        })
    }

    pub(super) fn done(&mut self, place: (u32, u32), action: &str, evidence: Evidence) -> &mut Self {
        self.finish(place, action, ActionResult::Done(evidence))
    }

    pub(super) fn finish(&mut self, place: (u32, u32), action: &str, result: ActionResult) -> &mut Self {
        self.tell(Event::ActionFinished {
            step: StepId(place.0),
            attempt: Attempt(place.1),
            action: action.into(),
            result,
        })
    }

    pub(super) fn judge(&mut self, place: (u32, u32), index: usize, judged: Judged<'_>) -> &mut Self {
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
                reason: says(reason),
            },
        })
    }

    pub(super) fn end(&mut self, place: (u32, u32), verdict: Verdict, reason: &str) -> &mut Self {
        self.tell(Event::StepFinished {
            step: StepId(place.0),
            attempt: Attempt(place.1),
            verdict,
            reason: says(reason),
        })
    }

    pub(super) fn state(&self) -> RunState {
        RunState::replay(&self.records)
    }
}

pub(super) struct Judged<'a> {
    pub(super) text: &'a str,
    pub(super) verdict: Verdict,
    pub(super) sides: Option<(Value, Value)>,
    pub(super) reason: &'a str,
}

pub(super) fn artifact(path: &str) -> Artifact {
    Artifact {
        path: path.to_owned(),
        sha256: crate::support::fingerprint::of_bytes(path),
        bytes: 5_400_000,
        media_type: "text/csv".to_owned(),
    }
}

pub(super) fn ms(value: f64) -> Value {
    Value::number(value, Unit::Milliseconds)
}

pub(super) fn load() -> Evidence {
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
    evidence.put("send_latency_ms.p99", Value::missing("the client keeps none".to_owned()));
    evidence.remark("the first 1000 records are left out as warm-up");
    evidence
}

pub(super) fn watched() -> Evidence {
    let mut evidence = Evidence::default();
    evidence.put("samples", Value::count(12));
    evidence.put("missed", Value::count(1));
    for (name, value) in
        [("avg_latency_ms.min", 3.0), ("avg_latency_ms.avg", 5.25), ("avg_latency_ms.max", 14.0)]
    {
        evidence.put_from(name, ms(value), "samples.csv");
    }
    evidence.remark(criterion::samples_empty(
        1_u64,
        12_u64,
        std::time::Duration::from_secs(35),
        "connection refused",
    ));
    evidence
}

/// A run in which everything happens that a report must show.
pub(super) fn story() -> Story {
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
        remarks: vec!["connectors: connection refused".into()],
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
            message: took_longer(std::time::Duration::from_secs(45 * 60)),
            evidence: Evidence::default(),
        },
    );
    story.end((3, 1), Verdict::Error, "`nominal` took longer than 45 min");
    story.tell(Event::StepReset {
        step: StepId(3),
        reason: crate::engine::resume::retried("ana@bench"),
        judge_again: false,
    });
    story.begin(3, 2).act((3, 2), "nominal", "produce", params);
    story.store((3, 2), "nominal", "windows.csv").store((3, 2), "nominal", "latency.hlog");
    story.done((3, 2), "nominal", load()).store((3, 2), "zk", "samples.csv");
    story.tell(Event::WatchFinished {
        step: StepId(3),
        attempt: Attempt(2),
        watch: "zk".into(),
        kind: "zookeeper".to_owned(),
        declared: crate::action::kind("zookeeper").map(crate::action::KindInfo::promised),
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
        reason: "no registry here".into(),
    });
    story.begin(7, 1).act((7, 1), "scrape", "scrape", json!({})).finish(
        (7, 1),
        "scrape",
        ActionResult::Failed {
            cause: Cause::Unreachable,
            message: does_not_answer("http://127.0.0.1:9404", "connection refused"),
            evidence: Evidence::default(),
        },
    );
    story.end((7, 1), Verdict::Error, "`scrape` http://127.0.0.1:9404 does not answer");
    story.begin(5, 1).act((5, 1), "stop", "fault", json!({"inject": ["kill"]}));
    story
}

pub(super) fn campaign() -> Campaign {
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

pub(super) fn notes() -> Vec<Record> {
    let note = |seq, at: &str, kind, text: &str, step: Option<u32>| Record {
        seq,
        at: at.parse().unwrap(),
        event: Event::NoteAdded(Note { step: step.map(StepId), ..Note::new(kind, "ana", text) }),
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

pub(super) fn report(records: &[Record], language: Language) -> Report {
    report_with(records, language, &Kept::default())
}

pub(super) fn report_with(records: &[Record], language: Language, kept: &Kept) -> Report {
    Report::new(&Input {
        runs: &[RunInput { run: "20251218-080000-lab", records, live: false, kept }],
        imports: &[],
        changes: &[],
        against: None,
        environment: None,
        outline: None,
        campaign: Some(&campaign()),
        notes: &notes(),
        language,
        from: date(2025, 12, 18),
        day: date(2025, 12, 18),
        zone: TimeZone::get("Europe/Paris").unwrap(),
        now: "2025-12-18T20:00:00Z".parse().unwrap(),
        made: "2025-12-18T20:00:00Z".parse().unwrap(),
        remarks: Vec::new(),
    })
}
