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
        // Long enough to be compared: a minute and more.
        records: Some(100_000),
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

/// What the summary says, without its evidence.
fn summary(made: &Report) -> String {
    made.model.summary.iter().map(|line| line.statement.text.clone()).collect::<Vec<_>>().join("\n")
}

/// An import of the text as somebody pasted it.
fn pasted(text: &str) -> [ImportInput; 1] {
    let day = Some(date(2025, 12, 18));
    let (reading, _) = crate::perf_output::read(text.as_bytes(), day).unwrap();
    [imported(Ok(reading))]
}

#[test]
fn a_total_that_contradicts_itself_is_judged_by_nothing() {
    let text = "Soir\n$ kafka-producer-perf-test --topic t1 --num-records 100000 --record-size 1000 --throughput 5000 \
                --producer.config c.properties\n25000 records sent, 5000.0 records/sec (4.77 MB/sec), 10.0 ms avg latency, \
                100.0 ms max latency.\n25000 records sent, 5000.0 records/sec (4.77 MB/sec), 11.0 ms avg latency, 300.0 ms max \
                latency.\n100000 records sent, 9000.000000 records/sec (4.77 MB/sec), 10.70 ms avg latency, 200.00 ms max latency, \
                12 ms 50th, 30 ms 95th, 25 ms 99th, 150 ms 99.9th.\n";
    let made = Report::new(&with(&[], &pasted(text), &[]));
    let of = &made.model.scenarios[0];
    assert!(of.contradictions.len() >= 4 && of.held.is_none(), "{:?}", of.contradictions);
    let told = format!("total contradictoire ({})", of.contradictions.len());
    let summary = summary(&made);
    assert!(summary.contains(&told) && !summary.contains("tenu à"), "{summary}");
    assert!(!summary.contains("aucun risque"), "{summary}");
    assert!(made.model.risks.iter().any(|risk| risk.kind == model::RiskKind::Contradictory));
    assert!(made.model.next_steps[0].action.starts_with("Refaire A"), "{:?}", made.model.next_steps);
    let form = markdown(&made);
    assert!(form.contains(&format!("1. Total contradictoire ({})", of.contradictions.len())), "{form}");
    let honesty = honesty::check(&made.model, &Document::of(&made.model, &made.pictures));
    assert_eq!(honesty.problems, Vec::<String>::new());
}

#[test]
fn both_documents_compare_the_same_pairs() {
    let of = |topic: &str, size, records| record::Scenario {
        topic: Some(topic.to_owned()),
        records: Some(records),
        ..by_hand(1000.0, size, Some(40.0))
    };
    let pairs = |scenarios: Vec<record::Scenario>| {
        let imports = [imported(Ok(Reading { scenarios, ..read() }))];
        let analysis = Report::new(&with(&[], &imports, &[])).model.analysis;
        let factors =
            analysis.comparisons.iter().flat_map(|c| &c.conclusions).filter(|s| s.text.contains('×'));
        (analysis.pairs.len(), factors.count(), analysis)
    };
    let (annex, body, _) = pairs(vec![of("t", 1024, 100_000), of("t", 2048, 100_000)]);
    assert_eq!((annex, body), (1, 1));
    let (annex, body, _) = pairs(vec![of("t", 1024, 100_000), of("u", 2048, 100_000)]);
    assert_eq!((annex, body), (0, 0), "on another topic");
    let (annex, body, analysis) = pairs(vec![of("t", 1024, 100_000), of("t", 2048, 18_000)]);
    assert_eq!((annex, body), (0, 0), "too short");
    let told = &analysis.comparisons[0].conclusions[0].text;
    assert!(told.contains("B (18 s") && !told.contains("A ("), "{told}");
}

#[test]
fn a_short_load_is_one_where_its_latency_is_told() {
    let short = record::Scenario { records: Some(18_000), ..by_hand(1000.0, 1024, Some(885.0)) };
    let imports = [imported(Ok(Reading { scenarios: vec![short], ..read() }))];
    let summary = summary(&Report::new(&with(&[], &imports, &[])));
    assert!(summary.contains("(18 s de charge seulement)"), "{summary}");
}

#[test]
fn each_sort_of_load_has_its_sentence() {
    let mut campaign = campaign();
    campaign.slo = [("producer_p99_ms".to_owned(), 100.0)].into();
    let timed = record::Scenario {
        tool: Some(Tool::EndToEnd),
        p50_ms: Some(4.0),
        p99_ms: Some(11.0),
        ..record::Scenario::default()
    };
    let told = |scenarios| {
        let imports = [imported(Ok(Reading { scenarios, ..read() }))];
        summary(&Report::new(&Input { campaign: Some(&campaign), ..with(&[], &imports, &[]) }))
    };
    let summary = told(vec![timed]);
    assert!(summary.contains("De bout en bout : P99 d'au plus 11\u{202f}ms (A)"), "{summary}");
    let summary = told(vec![by_hand(-1.0, 1024, Some(260.0))]);
    assert!(
        summary.contains("Sans plafond, P99 sous l'objectif de 100\u{202f}ms pour 0 charge sur 1"),
        "{summary}"
    );
    let fast = record::Scenario { achieved_records_per_s: Some(1800.0), ..by_hand(1000.0, 1024, Some(40.0)) };
    let summary = told(vec![fast]);
    assert!(summary.contains("débit visé dépassé de plus de 1\u{202f}%"), "{summary}");
}

#[test]
fn the_annexes_have_what_the_notes_say() {
    let made = Report::new(&with(&[], &[imported(Ok(read()))], &[]));
    let has = |list: &[model::Statement], text: &str| list.iter().any(|s| s.text.contains(text));
    assert!(has(&made.model.observed, "ZooKeeper 14 ms"), "{:?}", made.model.observed);
    assert!(has(&made.model.to_validate, "plus de disque"), "{:?}", made.model.to_validate);
}

#[test]
fn what_a_mail_quotes_is_no_note_of_its_author() {
    let text = "Hi all,\n\n> Did you manage to run the uncapped test?\nYes, twice, and p99 went to 90 ms.\n\
                > What about the ISR shrink on k2?\nRisk: nobody is on call during the weekend.\n";
    let made = Report::new(&Input { language: Language::En, ..with(&[], &pasted(text), &[]) });
    assert!(made.model.next_steps.iter().all(|row| !row.action.contains('?')), "{:?}", made.model.next_steps);
    assert!(made.model.periods.iter().all(|p| p.to_validate.is_empty()), "{:?}", made.model.periods);
    assert!(made.model.unclassified.iter().all(|s| !s.text.contains("Did you")));
    assert!(made.model.lines.iter().any(|line| line.kind == "quoted" && line.text.contains("Did you")));
    // A text of which every line is quoted is that text.
    let made =
        Report::new(&with(&[], &pasted("> Il faut relancer le connecteur\n> On garde acks=all\n"), &[]));
    assert!(made.model.lines.iter().all(|line| line.kind != "cité"), "{:?}", made.model.lines);
}

#[test]
fn a_certificate_that_expires_is_a_risk_and_something_to_do() {
    let note = Note::new(NoteKind::Security, "ana", "le certificat de cible-1 expire dans 3 jours");
    let missing = Note::new(NoteKind::Observation, "ana", "pas d'accès à Grafana depuis le bastion");
    let notes: Vec<Record> = [note, missing]
        .into_iter()
        .zip(1..)
        .map(|(note, seq)| Record { seq, at: AT.parse().unwrap(), event: Event::NoteAdded(note) })
        .collect();
    let made = Report::new(&with(&[], &[], &notes));
    assert!(made.model.risks.iter().any(|risk| risk.kind == model::RiskKind::Certificate));
    let row = &made.model.security_rows[0];
    assert!(row.found != "–" && row.left == "renouveler le certificat", "{row:?}");
    assert!(made.model.next_steps.iter().any(|next| next.action == row.left));
    assert_eq!(made.model.monitoring_rows[0].missing, "pas d'accès à Grafana depuis le bastion");
}

#[test]
fn a_report_without_annexes_leads_to_none() {
    let records = story().records;
    let kept = Kept::default();
    let runs = [RunInput { run: "r", records: &records, live: false, kept: &kept }];
    let made = Report::new(&with(&runs, &[], &[]));
    let document = Document::without_annexes(&made.model, &made.pictures);
    let mut bytes = Vec::new();
    renderer("md").unwrap().render(&made.model, &document, &Templates::default(), &mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert!(!text.contains("Annexe "), "{text}");
    assert!(markdown(&made).contains("Voir Annexe"));
}

#[test]
fn a_waiver_ends_with_its_day_and_one_mark_ends_a_sentence() {
    let mut records = story().records;
    let seq = records.last().unwrap().seq + 1;
    let event = Event::StepWaived {
        step: StepId(7),
        by: "ada@vm".to_owned(),
        reason: "est-il RUNNING ?".to_owned(),
        until: Some("2026-12-03T00:00:00Z".parse().unwrap()),
    };
    records.push(Record { seq, at: AT.parse().unwrap(), event });
    let kept = Kept::default();
    let runs = [RunInput { run: "r", records: &records, live: false, kept: &kept }];
    let made = Report::new(&with(&runs, &[], &[]));
    let form = markdown(&made);
    assert!(form.contains("02/12/2026 inclus") && !form.contains("03/12/2026"), "{form}");
    assert!(!summary(&made).contains("?."), "{}", summary(&made));
}

#[test]
fn a_workbook_has_no_marks_of_commands_and_no_numbers_of_windows_as_times() {
    let window =
        "5000 records sent, 1000.0 records/sec (0.98 MB/sec), 9.0 ms avg latency, 90.0 ms max latency.\n";
    let text = format!(
        "$ kafka-producer-perf-test --topic t --num-records 50000 --record-size 1024 --throughput 1000\n{}",
        window.repeat(10)
    );
    let made = Report::new(&with(&[], &pasted(&text), &[]));
    let file = super::forms::parts(&super::report::bytes(&made, "xlsx"));
    let part = |name: &str| String::from_utf8(file[name].clone()).unwrap();
    let strings = part("xl/sharedStrings.xml");
    assert!(!strings.contains('`') && strings.contains("kafka-producer-perf-test"), "{strings}");
    let sheets = file.keys().filter(|name| name.starts_with("xl/worksheets/sheet")).map(|name| part(name));
    let numbered = sheets.filter(|sheet| sheet.contains("<c r=\"C2\"") && sheet.contains("<c r=\"F2\""));
    let over_time: Vec<String> = numbered.filter(|sheet| sheet.contains("<v>1000</v>")).collect();
    assert!(over_time.iter().any(|sheet| !sheet.contains("<c r=\"B2\"")), "{over_time:?}");
}

#[test]
fn what_checks_of_certificates_and_pages_saw_stands_where_it_is_looked_for() {
    let text = "certs.days >= 30";
    let mut story = Story::new(vec![step(0, "Readiness", &[], &[text])]);
    let mut seen = record::Evidence::default();
    seen.put("samples", record::Value::count(5));
    seen.put("missed", record::Value::count(0));
    story.begin(0, 1).act((0, 1), "certs", "certificates", serde_json::json!({"url": "https://localhost"}));
    story.tell(Event::WatchFinished {
        step: StepId(0),
        attempt: record::Attempt(1),
        watch: "w".into(),
        kind: "scrape".to_owned(),
        declared: crate::action::kind("scrape").map(crate::action::KindInfo::promised),
        evidence: seen,
    });
    let sides = Some((record::Value::count(3), record::Value::count(30)));
    let verdict = record::Verdict::Warn;
    story.judge((0, 1), 0, Judged { text, verdict, sides, reason: "does not hold" });
    story.end((0, 1), verdict, "warn");
    let made = report(&story.records, Language::En);
    let row = &made.model.security_rows[0];
    assert!(row.found.contains("observed 3") && row.left == "renew the certificate", "{row:?}");
    assert!(made.model.next_steps.iter().any(|next| next.action == row.left));
    let missing = &made.model.monitoring_rows[0].missing;
    assert!(missing.contains("watch w (scrape) of step 0, Readiness read no metric"), "{missing}");
}
