//! What is shown never contradicts what was judged, and one cause is told once.

use super::{
    super::*,
    report::{bytes, rendered},
    story::*,
};
use crate::record::{
    Event, Evidence, Record, StepId, Unit, Value, Verdict,
    event::{ActionResult, Answer, Cause, Note, NoteKind},
};
use jiff::{civil::date, tz::TimeZone};
use serde_json::json;
use std::io::Read;

/// A load from end to end that sent `ratio` of its rate; its records arrived at 199.6 a second.
fn way(ratio: f64) -> Evidence {
    let mut evidence = Evidence::default();
    evidence.put("records_asked", Value::count(6000));
    evidence.put("records_sent", Value::count(6000));
    evidence.put_from("achieved_ratio", Value::number(ratio, Unit::Ratio), "windows.csv");
    evidence.put_from(
        "throughput.records_per_s",
        Value::number(199.6, Unit::RecordsPerSecond),
        "windows.csv",
    );
    evidence.put_from("throughput.mb_per_s", Value::number(0.195, Unit::MbPerSecond), "windows.csv");
    evidence.put("duration_s", Value::number(90.0, Unit::Seconds));
    for stat in ["avg", "max", "p50", "p95", "p99", "p999"] {
        evidence.put_from(format!("latency_ms.{stat}"), ms(40.0), "windows.csv");
    }
    evidence
}

/// A run of one load from end to end, of which a criterion asks at least `least` of its rate.
fn end_to_end(ratio: f64, least: f64) -> Vec<Record> {
    let text = "stream.achieved_ratio >= profile.rate_ratio";
    let mut story = Story::new(vec![step(8, "Stream", &[], &[text])]);
    let params = json!({"cluster": "source", "topic": "t", "target": "target", "record_size": "1 KiB", "rate": "200/s"});
    story.begin(8, 1).act((8, 1), "stream", "end-to-end", params);
    story.store((8, 1), "stream", "windows.csv").done((8, 1), "stream", way(ratio));
    let (a, b) = (Value::number(ratio, Unit::Ratio), Value::number(least, Unit::None));
    let verdict = if ratio >= least { Verdict::Pass } else { Verdict::Fail };
    let reason = if ratio >= least { "holds" } else { "does not hold" };
    story.judge((8, 1), 0, Judged { text, verdict, sides: Some((a, b)), reason });
    story.end((8, 1), verdict, "every criterion holds");
    story.records
}

fn summary(made: &Report) -> String {
    made.model.summary.iter().map(|line| line.statement.text.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_rate_is_reached_by_the_figure_that_criteria_judge() {
    // The records arrive at 99.8 % of the rate; they were sent at less.
    let made = report(&end_to_end(0.9748, 0.9), Language::En);
    let load = &made.model.scenarios[0];
    assert_eq!((load.held, load.achieved.as_ref().unwrap().text.as_str()), (Some(false), "97.5 %"));
    let told = summary(&made);
    assert!(told.contains("195 records/s achieved (97.5 % of the target), 200 records/s arrived"), "{told}");
    assert!(!told.contains("reached within"), "{told}");
    assert!(made.model.risks.iter().any(|risk| risk.statement.text.contains("(97.5 %)")));
    let document = Document::of(&made.model, &made.pictures);
    assert_eq!(honesty::check(&made.model, &document).problems, Vec::<String>::new());

    let made = report(&end_to_end(0.995, 0.9), Language::En);
    assert_eq!(made.model.scenarios[0].held, Some(true));
    assert!(summary(&made).contains("target rate reached within 1 % (199 records/s)"), "{}", summary(&made));
}

#[test]
fn a_rate_that_a_criterion_refused_is_not_reached() {
    let made = report(&end_to_end(0.9948, 0.995), Language::En);
    let load = &made.model.scenarios[0];
    assert_eq!((load.held, load.achieved.as_ref().unwrap().text.as_str()), (Some(false), "99.48 %"));
    assert!(!summary(&made).contains("reached within"), "{}", summary(&made));
}

#[test]
fn rates_of_records_sent_and_of_arrivals_have_names_of_their_own() {
    let made = report(&end_to_end(0.9748, 0.9), Language::Fr);
    let figures = &made.model.scenarios[0].figures;
    let labelled = |label: &str| figures.iter().find(|f| f.label == label).map(|f| f.figure.text.clone());
    assert_eq!(labelled("débit obtenu").as_deref(), Some("194,96\u{202f}enr./s"));
    assert_eq!(labelled("débit d'arrivée").as_deref(), Some("199,6\u{202f}enr./s"));
    let text = rendered(&made, "md");
    assert!(text.contains("195 (97,5\u{202f}%)"), "{text}");
    assert!(text.contains("débit d'arrivée 200\u{202f}enr./s"), "{text}");
    // Excel has a column for each.
    let mut book = zip::ZipArchive::new(std::io::Cursor::new(bytes(&made, "xlsx"))).unwrap();
    let mut strings = String::new();
    book.by_name("xl/sharedStrings.xml").unwrap().read_to_string(&mut strings).unwrap();
    for head in ["Débit obtenu (enr./s)", "Débit d'arrivée (enr./s)"] {
        assert!(strings.contains(head), "{head}");
    }
}

#[test]
fn what_is_judged_of_samples_shows_alike_among_the_samples() {
    let text = "always zk.avg_latency_ms >= 99.99";
    let mut story = Story::new(vec![step(2, "Watch", &[], &[text])]);
    let mut seen = Evidence::default();
    for (name, value) in [("min", 99.989), ("avg", 99.995), ("max", 100.0)] {
        seen.put(format!("avg_latency_ms.{name}"), ms(value));
    }
    story.begin(2, 1).tell(Event::WatchFinished {
        step: StepId(2),
        attempt: crate::record::Attempt(1),
        watch: "zk".into(),
        kind: "zookeeper".to_owned(),
        declared: crate::action::kind("zookeeper").map(crate::action::KindInfo::promised),
        evidence: seen,
    });
    let sides = Some((ms(99.989), Value::number(99.99, Unit::Milliseconds)));
    story.judge((2, 1), 0, Judged { text, verdict: Verdict::Fail, sides, reason: "does not hold" });
    // The operand is named as the criterion names it.
    for record in &mut story.records {
        if let Event::CriterionJudged { judgement, .. } = &mut record.event {
            judgement.observed.as_mut().unwrap().text = "zk.avg_latency_ms".to_owned();
        }
    }
    story.end((2, 1), Verdict::Fail, &format!("fail: {text}"));
    let made = report(&story.records, Language::En);
    assert_eq!(made.model.watches[0].min.as_ref().unwrap().text, "99.989 ms");
    let row = &made.model.criteria[0].rows[0];
    assert_eq!(row.observed.as_ref().unwrap().text, "99.989 ms");
    assert_eq!(row.limit.as_ref().unwrap().text, "99.99 ms");
}

#[test]
fn a_criterion_that_passed_is_not_shown_as_not_measured() {
    let text = "always worker.up (for 15 s)";
    let mut story = Story::new(vec![step(9, "Watch", &[], &[text])]);
    story.begin(9, 1);
    story.judge((9, 1), 0, Judged { text, verdict: Verdict::Pass, sides: None, reason: "held" });
    story.end((9, 1), Verdict::Pass, "every criterion holds");
    let made = report(&story.records, Language::Fr);
    let row = &made.model.criteria[0].rows[0];
    assert_eq!((row.observed.as_ref(), row.verdict_code), (None, Some("pass")));
    assert!(row.reason.starts_with("respecté dans 10 échantillons sur 44"), "{}", row.reason);
    let text = rendered(&made, "md");
    let line = text.lines().find(|line| line.contains("always worker.up") && line.starts_with('|')).unwrap();
    assert!(
        line.contains("| – |") && line.contains("10 échantillons") && !line.contains("non mesuré"),
        "{line}"
    );
}

/// A step whose first action failed, with `later` criteria of actions that did not begin.
fn broken_at_the_start(later: usize) -> Vec<Record> {
    let texts: Vec<String> = (0..later).map(|at| format!("later_{at}.errors == 0")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut story = Story::new(vec![step(7, "Round", &[], &texts)]);
    story.begin(7, 1).act((7, 1), "topics", "topic", json!({})).finish(
        (7, 1),
        "topics",
        ActionResult::Failed {
            cause: Cause::Unreachable,
            message: does_not_answer("http://127.0.0.1:9404", "connection refused"),
            evidence: Evidence::default(),
        },
    );
    for (index, text) in texts.iter().enumerate() {
        let reason = format!("later_{index} has no evidence");
        let judged = Judged { text, verdict: Verdict::Inconclusive, sides: None, reason: &reason };
        story.judge((7, 1), index, judged);
    }
    story.end((7, 1), Verdict::Error, "`topics` http://127.0.0.1:9404 does not answer");
    story.records
}

#[test]
fn one_cause_is_one_line() {
    for language in Language::ALL {
        let made = report(&broken_at_the_start(9), language);
        let told = match language {
            Language::En => "9 criteria of the step could not be judged: its later actions did not begin",
            Language::Fr => {
                "9 critères de l'étape n'ont pas pu être jugés : ses actions suivantes n'ont pas commencé"
            }
        };
        let of_step: Vec<&str> = made
            .model
            .to_validate
            .iter()
            .filter(|s| s.text.contains("Round"))
            .map(|s| s.text.as_str())
            .collect();
        assert_eq!(of_step.len(), 1, "{of_step:?}");
        assert!(of_step[0].contains("127.0.0.1:9404") && of_step[0].ends_with(told), "{of_step:?}");
        let risks: Vec<&str> = made.model.risks.iter().map(|risk| risk.statement.text.as_str()).collect();
        assert_eq!(risks.iter().filter(|text| text.contains(told)).count(), 1, "{risks:?}");
        assert!(!risks.iter().any(|text| text.contains("later_")), "{risks:?}");
    }
}

#[test]
fn what_people_decided_has_a_part_of_its_own() {
    let mut story = story();
    story.tell(Event::ApprovalGiven {
        step: StepId(4),
        answer: Answer { yes: true, by: "lea".to_owned(), comment: "go on".to_owned() },
    });
    let made = report(&story.records, Language::Fr);
    let of = |list: fn(&crate::report::model::PeriodRow) -> &Vec<crate::report::model::Statement>| {
        made.model.periods.iter().flat_map(list).map(|s| s.text.clone()).collect::<Vec<_>>()
    };
    let (observed, decided) = (of(|p| &p.observed), of(|p| &p.decisions));
    for text in ["two records of a test topic", "no registry here", "go on", "keep linger.ms at 0"] {
        assert!(decided.iter().any(|told| told.contains(text)), "{text}: {decided:?}");
        assert!(!observed.iter().any(|told| told.contains(text)), "{text}: {observed:?}");
    }
    assert!(
        decided.iter().any(|told| told.starts_with("Dérogation, étape 4, jusqu'au 31/12/2025")),
        "{decided:?}"
    );
    assert!(rendered(&made, "md").contains("</a>Décisions\n"));
}

#[test]
fn a_decision_noted_for_the_day_is_a_decision() {
    let note = Record {
        seq: 1,
        at: "2025-12-18T12:00:00Z".parse().unwrap(),
        event: Event::NoteAdded(Note::new(NoteKind::Decision, "ana", "no upgrade this week")),
    };
    let made = Report::new(&Input {
        runs: &[],
        imports: &[],
        changes: &[],
        against: None,
        environment: None,
        outline: None,
        campaign: None,
        notes: &[note],
        language: Language::En,
        from: date(2025, 12, 18),
        day: date(2025, 12, 18),
        zone: TimeZone::UTC,
        now: "2025-12-18T18:00:00Z".parse().unwrap(),
        made: "2025-12-18T18:00:00Z".parse().unwrap(),
        remarks: Vec::new(),
    });
    let period = &made.model.periods[0];
    assert_eq!((period.observed.len(), period.decisions.len()), (0, 1));
}

#[test]
fn a_summary_is_short_and_has_one_idea_a_sentence() {
    for language in Language::ALL {
        for records in [story().records, end_to_end(0.9748, 0.9), broken_at_the_start(9)] {
            let made = report(&records, language);
            let leads = made.model.summary.iter().filter(|line| !line.title.is_empty());
            let mut told = std::collections::BTreeMap::<&str, usize>::new();
            leads.for_each(|line| *told.entry(line.lead).or_default() += 1);
            assert_eq!(told.len(), 4, "done, results, risks, priorities");
            assert!(told.values().all(|sentences| *sentences <= 7), "{told:?}");
            for line in &made.model.summary {
                let text = line.statement.text.as_str();
                assert!(text.split_whitespace().count() <= 40, "{text}");
            }
        }
    }
}

#[test]
fn a_day_on_which_nothing_ran_claims_no_step_and_no_criterion() {
    let made = Report::new(&Input {
        runs: &[],
        imports: &[],
        changes: &[],
        against: None,
        environment: None,
        outline: None,
        campaign: None,
        notes: &[],
        language: Language::Fr,
        from: date(2025, 12, 18),
        day: date(2025, 12, 18),
        zone: TimeZone::UTC,
        now: "2025-12-18T18:00:00Z".parse().unwrap(),
        made: "2025-12-18T18:00:00Z".parse().unwrap(),
        remarks: Vec::new(),
    });
    let told = summary(&made);
    assert!(told.contains("Rien n'a été jugé") && !told.contains("réussies"), "{told}");
}
