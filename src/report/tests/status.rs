//! The whole status, from events.

use super::{super::*, story::*};
use crate::record::{
    Attempt, Event, Evidence, StepId, StepState, Value, Verdict,
    event::{ActionResult, Answer, Approve, Cause, Outcome},
};
use jiff::SignedDuration;
use serde_json::json;
use unicode_width::UnicodeWidthStr;

fn look(language: Language, live: bool) -> Look<'static> {
    let now = start() + SignedDuration::from_mins(20);
    Look { run: "20251218-080000-lab", live, language, zone: jiff::tz::TimeZone::UTC, now, name_run: false }
}

/// Without the codes of colours.
fn plain(text: &str) -> String {
    regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap().replace_all(text, "").into_owned()
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
        reason: title.into(),
        until: None,
    });
    all.push((StepState::Waived, waived));
    let mut skipped = new();
    skipped.tell(Event::StepSkipped { step: StepId(1), by: title.to_owned(), reason: title.into() });
    all.push((StepState::Skipped, skipped));
    let mut locked = new();
    locked.tell(Event::StepReset { step: StepId(2), reason: title.into(), judge_again: false });
    all.push((StepState::Ready, locked));
    let mut asked = new();
    asked.begin(1, 1).act((1, 1), "q", "manual", json!({})).finish(
        (1, 1),
        "q",
        ActionResult::Failed {
            cause: Cause::NeedsAnswer,
            message: title.into(),
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
    assert_eq!(model.steps[0].reason, "t", "as the action says it, once");
    let mut answered = asked;
    answered.tell(Event::AnswerGiven {
        step: StepId(1),
        action: "q".into(),
        answer: Answer { yes: true, by: "ana".to_owned(), comment: String::new() },
    });
    let model = StatusModel::new(&answered.state(), &look(Language::En, false));
    assert_eq!(model.next, ["jalon resume"]);
}

#[test]
fn a_narrowed_run_goes_on_beyond_its_end_only_where_that_is_said() {
    let mut story = Story::new(vec![step(0, "a", &[], &[]), step(1, "b", &[0], &[])]);
    if let Event::RunStarted(header) = &mut story.records[0].event {
        header.selection = Some("--until 0".to_owned());
    }
    let next = |story: &Story| StatusModel::new(&story.state(), &look(Language::En, false)).next;
    assert_eq!(next(&story), ["jalon resume"], "step 0 is open");
    story.begin(0, 1).end((0, 1), Verdict::Pass, "every criterion holds");
    story.tell(Event::RunFinished { outcome: Outcome::Passed });
    assert_eq!(next(&story), ["jalon resume --all"]);
}

#[test]
fn a_waiver_that_has_expired_is_no_good_end_any_more() {
    for (verdict, came_to) in
        [(Verdict::Fail, "failed"), (Verdict::Inconclusive, "inconclusive"), (Verdict::Error, "error")]
    {
        let mut story = Story::new(vec![step(0, "a", &[], &["x.y < 1"])]);
        story.begin(0, 1).end((0, 1), verdict, "does not hold");
        let until = Some(start() + SignedDuration::from_mins(30));
        let (by, reason) = ("ana".to_owned(), "known".to_owned());
        story.tell(Event::StepWaived { step: StepId(0), by, reason, until });
        story.tell(Event::RunFinished { outcome: Outcome::PassedWithExceptions });
        let mut look = look(Language::En, false);
        assert_eq!(StatusModel::new(&story.state(), &look).state, "passed-with-exceptions");
        look.now += SignedDuration::from_mins(20);
        assert_eq!(StatusModel::new(&story.state(), &look).state, came_to);
    }
}

#[test]
fn the_status_for_other_peoples_papers() {
    let model = StatusModel::new(&story().state(), &look(Language::Fr, false));
    insta::assert_snapshot!(csv(&model).replace("\r\n", "\n"));
    let mail = mail(&model);
    assert!(mail.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && !mail.contains("<script"));
    assert_eq!(mail.matches("<tr").count(), 8, "a head and seven steps");
    assert!(mail.contains("background:#d1e7dd;color:#0c4a2e;font-weight:bold\">réussie</td>"));
    let file = docx_table(&model).unwrap();
    assert_eq!(file, docx_table(&model).unwrap());
    assert!(file.starts_with(b"PK"));
}

#[test]
fn a_title_is_no_formula_of_a_spreadsheet() {
    let mut model = StatusModel::new(&story().state(), &look(Language::En, false));
    model.steps[0].title = "=HYPERLINK(\"http://x\", \"y\")".to_owned();
    assert!(csv(&model).contains(r#"0,"'=HYPERLINK(""http://x"", ""y"")",passed"#), "{}", csv(&model));
}
