//! What a report holds beside one run: several runs, work done by hand, changes to the platform, what was noted.

use super::{super::*, story::*};
use crate::{
    compare::{Differing, What},
    record::{
        self, Event, Import, Reading, Record, StepId, Tool,
        event::{Note, NoteKind, NoteLine},
    },
};
use jiff::{civil::date, tz::TimeZone};

const AT: &str = "2025-12-18T18:00:00Z";

fn imported(reading: Result<Reading, String>) -> ImportInput {
    ImportInput {
        seq: 1,
        at: AT.parse().unwrap(),
        import: Import {
            id: "2025-12-18-1".to_owned(),
            day: date(2025, 12, 18),
            step: Some(StepId(3)),
            by: "ana@bench".to_owned(),
            file: "notes <b>.txt".to_owned(),
            sha256: "0".repeat(64),
            source: artifact("2025-12-18-1/source.txt"),
            reading: artifact("2025-12-18-1/reading.json"),
            scenarios: reading.as_ref().map(|r| r.scenarios.clone()).unwrap_or_default(),
            notes: 2,
            not_understood: 1,
        },
        reading,
    }
}

fn by_hand(rate: f64, size: u64, p99: Option<f64>) -> record::Scenario {
    record::Scenario {
        name: "produce t".to_owned(),
        command: Some(format!("kafka-producer-perf-test --record-size {size} --throughput {rate}")),
        topic: Some("t".to_owned()),
        records: Some(1000),
        record_size_bytes: Some(size),
        target_rate: Some(rate),
        achieved_records_per_s: Some(999.5),
        mb_per_s: Some(0.98),
        avg_ms: Some(1050.68),
        p99_ms: p99,
        ..record::Scenario::default()
    }
}

fn read() -> Reading {
    let line = |line, text: &str| record::Line { line, indent: 0, text: text.to_owned() };
    Reading {
        scenarios: vec![by_hand(1000.0, 1024, Some(40.0)), by_hand(-1.0, 1024, Some(400.0))],
        notes: vec![line(3, "ZooKeeper 14 ms <script>"), line(5, "Risque : plus de disque")],
        not_understood: vec![line(9, "???")],
        not_listed: None,
        masked_lines: None,
    }
}

fn with<'a>(runs: &'a [RunInput<'a>], imports: &'a [ImportInput], notes: &'a [Record]) -> Input<'a> {
    Input {
        runs,
        imports,
        changes: &[],
        against: None,
        environment: None,
        outline: None,
        campaign: None,
        notes,
        language: Language::Fr,
        from: date(2025, 12, 18),
        day: date(2025, 12, 18),
        zone: TimeZone::UTC,
        now: AT.parse().unwrap(),
        made: AT.parse().unwrap(),
        remarks: Vec::new(),
    }
}

fn markdown(made: &Report) -> String {
    let mut bytes = Vec::new();
    renderer("md")
        .unwrap()
        .render(&made.model, &Document::of(&made.model, &made.pictures), &Templates::default(), &mut bytes)
        .unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn work_done_by_hand_alone_makes_a_report() {
    let imports = [imported(Ok(read()))];
    let outline = outline(vec![
        step(0, "Reach the platform", &[], &["a == 1"]),
        step(3, "Baseline", &[0], &["b == 1"]),
    ]);
    let made = Report::new(&Input { outline: Some(&outline), ..with(&[], &imports, &[]) });
    assert_eq!(made.model.plan.len(), 2, "the plan is shown, and nothing of it has begun");
    assert!(made.model.plan.iter().all(|p| p.attempts == 0));
    assert_eq!(made.model.scenarios.len(), 2);
    let p99 = &made.model.scenarios[0].latencies[0].figures[4];
    assert_eq!((p99.text.as_str(), p99.evidence.as_ref().unwrap().id.as_str()), ("40\u{202f}ms", "I1"));
    let p999 = &made.model.scenarios[0].latencies[0].figures[5];
    assert!(p999.exact.is_null() && p999.text.contains("non mesuré"));
    assert_eq!(made.model.scenarios[1].target_rate.as_deref(), Some("illimité"));
    assert_eq!(
        made.model.unclassified.len(),
        1,
        "that a line was not understood: the notes say what they are"
    );
    let kinds: Vec<&str> = made.model.lines.iter().map(|line| line.kind.as_str()).collect();
    assert_eq!(kinds, ["constat", "Risque"]);
    let pair = &made.model.analysis.pairs[0];
    assert_eq!((pair.parameter.as_str(), pair.figures.len()), ("rate", 4));
    let factor = pair.figures.iter().find(|f| f.label == "P99").unwrap().factor.as_ref().unwrap();
    assert_eq!((factor.exact.as_f64(), factor.text.as_str()), (Some(10.0), "×10,0"));
    let markdown = markdown(&made);
    assert!(!markdown.contains("<script>"), "{markdown}");
    assert!(markdown.contains("1\u{202f}050,68\u{202f}ms"), "{markdown}");
}

#[test]
fn what_people_call_a_problem_is_a_risk_and_sizes_of_two_tools_are_not_compared() {
    let line = |line, text: &str| record::Line { line, indent: 0, text: text.to_owned() };
    let of = |tool, size| record::Scenario { tool: Some(tool), ..by_hand(1000.0, size, Some(40.0)) };
    let reading = |tools: [Tool; 2]| Reading {
        scenarios: vec![of(tools[0], 1024), of(tools[1], 10_240)],
        notes: vec![
            line(3, "Problèmes :"),
            line(4, "- le worker 2 a redémarré deux fois"),
            line(5, "Constats :"),
            line(6, "- lag de 12 000 messages"),
        ],
        ..read()
    };
    let imports = [imported(Ok(reading([Tool::Producer, Tool::EndToEnd])))];
    let made = Report::new(&with(&[], &imports, &[]));
    let noted = made.model.risks.iter().filter(|risk| risk.kind == model::RiskKind::Noted);
    let noted: Vec<&str> = noted.map(|risk| risk.statement.text.as_str()).collect();
    assert_eq!(noted, ["le worker 2 a redémarré deux fois"]);
    let sizes = |made: &Report| made.model.analysis.comparisons.iter().any(|of| of.what == "size");
    assert!(!sizes(&made));
    let imports = [imported(Ok(reading([Tool::Producer; 2])))];
    assert!(sizes(&Report::new(&with(&[], &imports, &[]))));
}

#[test]
fn an_import_that_was_altered_shows_no_figure() {
    let imports = [imported(Err("2025-12-18-1/reading.json was changed after it was stored".to_owned()))];
    let made = Report::new(&with(&[], &imports, &[]));
    assert!(made.model.scenarios.is_empty() && made.model.unclassified.is_empty());
    assert!(made.model.imports[0].problem.as_ref().unwrap().contains("was changed"));
    assert!(markdown(&made).contains("was changed"));
}

#[test]
fn a_line_is_open_until_somebody_says_what_it_is_and_a_note_until_it_is_amended() {
    let imports = [imported(Ok(read()))];
    let at = |seq, note| Record { seq, at: AT.parse().unwrap(), event: Event::NoteAdded(note) };
    let line = Some(NoteLine { import: "2025-12-18-1".to_owned(), line: 3 });
    let check = Some("mntr".to_owned());
    let notes = [
        at(1, Note { line, check, ..Note::new(NoteKind::Hypothesis, "ana", "slow disk") }),
        at(2, Note::new(NoteKind::Security, "ana", "TLS everywhere")),
        at(3, Note { amends: Some(2), ..Note::new(NoteKind::Security, "ana", "TLS on the brokers") }),
        at(
            4,
            Note { day: Some(date(2025, 12, 17)), ..Note::new(NoteKind::Dashboard, "ana", "of another day") },
        ),
    ];
    let made = Report::new(&with(&[], &imports, &notes));
    assert_eq!(made.model.unclassified.len(), 1);
    assert!(
        made.model.to_validate[0].text.contains("slow disk (à vérifier : mntr)"),
        "{:?}",
        made.model.to_validate
    );
    assert_eq!(made.model.security.len(), 1);
    assert_eq!(made.model.security[0].text, "TLS on the brokers");
    assert!(made.model.dashboards.is_empty());
}

#[test]
fn of_several_runs_each_figure_says_which_run_it_is_of() {
    let (first, second) = (story().records, story().records);
    let kept = Kept::default();
    let runs = [
        RunInput { run: "first", records: &first, live: false, kept: &kept },
        RunInput { run: "second", records: &second, live: false, kept: &kept },
    ];
    let made = Report::new(&with(&runs, &[], &[]));
    assert_eq!(made.model.runs.iter().map(|r| r.superseded).collect::<Vec<_>>(), [true, false]);
    let (of_first, of_second): (Vec<_>, Vec<_>) = made.model.scenarios.iter().partition(|s| s.run == Some(1));
    assert_eq!(of_first.len(), of_second.len());
    assert!(of_second.iter().all(|s| s.name.starts_with("exécution 2, ")));
    let ids: std::collections::BTreeSet<&str> = made.model.evidence.iter().map(|e| e.id.as_str()).collect();
    assert_eq!(ids.len(), made.model.evidence.len(), "no two artifacts have one name");
    let folders: Vec<&str> = made.model.evidence.iter().map(|e| e.folder.as_str()).collect();
    assert!(folders.contains(&"first") && folders.contains(&"second"));
    // What the first one left open is not to be done twice; what it left on the platform is.
    let undo = made.model.actions.iter().filter(|a| a.text.contains("Annuler ce que stop")).count();
    assert_eq!(undo, 2);
    let retry = made.model.actions.iter().filter(|a| a.text.contains("jalon retry 7")).count();
    assert_eq!(retry, 1);
    let form = markdown(&made);
    assert!(form.contains("J2."), "{form}");
}

#[test]
fn a_change_of_the_platform_has_its_reason_where_somebody_noted_one() {
    let differing = |name: &str| Differing {
        what: What::Broker,
        name: name.into(),
        before: Some("8".into()),
        after: Some("16".into()),
    };
    let seen = |run: &str| (run.to_owned(), AT.parse().unwrap());
    let change =
        |name: &str| PlatformChange { differing: differing(name), before: seen("a"), after: seen("b") };
    let changes = [change("num.io.threads (all of source)"), change("num.network.threads (all of source)")];
    let about = Some("num.io.threads".to_owned());
    let note = Note { about, ..Note::new(NoteKind::Decision, "lea", "4 vCPU") };
    let notes = [Record { seq: 1, at: AT.parse().unwrap(), event: Event::NoteAdded(note) }];
    let made = Report::new(&Input { changes: &changes, ..with(&[], &[], &notes) });
    assert_eq!(made.model.changes[0].why[0].text, "4 vCPU");
    assert!(made.model.changes[1].why.is_empty());
    assert!(markdown(&made).contains("num.network.threads"));
}

#[test]
fn what_changed_since_the_days_before_is_told() {
    let mut records = story().records;
    // The second attempt at step 3 and all behind it is of the day after.
    let second = records.iter().rposition(|r| matches!(r.event, Event::StepReset { .. })).unwrap();
    for record in &mut records[..second] {
        record.at -= jiff::SignedDuration::from_hours(24);
    }
    let kept = Kept::default();
    let runs = [RunInput { run: "r", records: &records, live: false, kept: &kept }];
    let made = Report::new(&with(&runs, &[], &[]));
    let of_3 = made.model.since.iter().find(|s| s.step == 3).unwrap();
    assert_eq!((of_3.before_code, of_3.after_code), ("error", "passed"));
    assert!(made.model.since.iter().all(|s| s.step != 0), "it had passed the day before");
    assert!(made.model.attempts.iter().all(|a| (a.step, a.attempt) != (3, 1)), "that day's report has it");
    assert!(made.model.work.iter().all(|w| w.step != 0));
}

#[test]
fn every_figure_of_every_report_leads_to_evidence_of_that_value() {
    let records = story().records;
    let kept = Kept::default();
    let runs = [
        RunInput { run: "first", records: &records, live: false, kept: &kept },
        RunInput { run: "second", records: &records, live: false, kept: &kept },
    ];
    let imports = [imported(Ok(read()))];
    for language in Language::ALL {
        for runs in [&runs[..], &runs[..1], &[]] {
            let made = Report::new(&Input { language, ..with(runs, &imports, &[]) });
            let honesty = honesty::check(&made.model, &Document::of(&made.model, &made.pictures));
            assert_eq!(honesty.problems, Vec::<String>::new());
            assert!(honesty.figures.len() > 20, "{}", honesty.figures.len());
        }
    }
    // And a figure that says something else is found.
    let mut made = Report::new(&with(&[], &imports, &[]));
    made.model.scenarios[0].latencies[0].figures[4].text = "41\u{202f}ms".to_owned();
    made.model.scenarios[0].latencies[0].figures[0].evidence = None;
    let problems = honesty::check(&made.model, &Document::of(&made.model, &made.pictures)).problems;
    assert!(problems.iter().any(|p| p.contains("is shown for 40")), "{problems:?}");
    assert!(problems.iter().any(|p| p.contains("has no evidence")), "{problems:?}");
}
