//! What a resumed run keeps and what it does again: it is explained first, and then done as it was explained.

use crate::support::Project;
use serde_json::Value;
use std::{collections::BTreeMap, fs};

/// A shell action that leaves a line in `marks`, so that its effects can be counted.
fn marks(id: &str, more: &str) -> String {
    format!(
        "  - shell: {{id: {id}, argv: [sh, -c, 'echo {id} >> marks; echo 42'], capture: {{n: {{regex: '(\\d+)'}}}}, on_interrupt: rerun{more}}}\n"
    )
}

/// How often an action had its effect.
fn effects(project: &Project, id: &str) -> usize {
    let text = fs::read_to_string(project.path().join("marks")).unwrap_or_default();
    text.lines().filter(|line| *line == id).count()
}

fn explained(project: &Project, args: &[&str]) -> Value {
    let ran = project.jalon(&[args, &["--explain", "--json"]].concat()).exits(0);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {ran:?}"))
}

/// Explains, goes on, and checks that what was explained is what was done. Answers with the explanation.
#[track_caller]
fn goes_on_as_explained(project: &Project, args: &[&str], code: i32) -> Value {
    let said = explained(project, args);
    let records = project.journal().len();
    assert_eq!(records, project.journal().len(), "an explanation wrote something");
    project.jalon(args).exits(code);
    let after: Vec<Value> = project.journal().drain(records..).map(|r| r["event"].clone()).collect();
    for step in said["steps"].as_array().unwrap() {
        let of_step = |kind: &str| {
            after.iter().filter(|e| e["type"] == kind && e["step"] == step["step"]).collect::<Vec<_>>()
        };
        let number = &step["step"];
        let begun = !of_step("step-started").is_empty();
        match step["fate"].as_str().unwrap() {
            _ if !step["selected"].as_bool().unwrap() => {
                assert!(!begun, "step {number} was not selected: {after:#?}");
            }
            "kept" => assert!(!begun, "step {number} was to be kept: {after:#?}"),
            "judged-again" => {
                assert!(begun && of_step("action-started").is_empty(), "step {number} was only to be judged");
            }
            _ => {}
        }
        let kept: BTreeMap<String, bool> = step["actions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|a| (a["action"].as_str().unwrap().to_owned(), !a["kept"].is_null()))
            .collect();
        for event in of_step("action-kept") {
            assert!(kept[event["action"].as_str().unwrap()], "step {number}: {event}");
        }
        for event in of_step("action-started") {
            let action = event["action"].as_str().unwrap();
            assert!(!kept.get(action).copied().unwrap_or(false), "step {number}: {event}");
        }
        if begun {
            let count = kept.values().filter(|k| **k).count();
            assert_eq!(of_step("action-kept").len(), count, "step {number}: {step:#}");
        }
    }
    said
}

fn fates(said: &Value) -> Vec<&str> {
    said["steps"].as_array().unwrap().iter().map(|s| s["fate"].as_str().unwrap()).collect()
}

/// The codes of the reasons of a step's actions.
fn why(said: &Value, step: usize) -> Vec<&str> {
    said["steps"][step]["actions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["why"]["code"].as_str().unwrap())
        .collect()
}

const CAMPAIGN: &str = "name: test
default_environment: lab
default_profile: smoke
slo: {wait_s: 5, count: 100}
profiles:
  smoke: {records: 3000, pause: 5ms}
";

/// Three steps: the first uses `profile.records`, the second `profile.pause`, the third fails and needs both.
fn three() -> Project {
    let project = Project::new();
    project.file("plan/campaign.yaml", CAMPAIGN);
    project.step(
        0,
        &format!(
            "actions:\n{}criteria:\n  - expect: a.n < slo.count",
            marks("a", ", env: {R: 'r{{ profile.records }}'}")
        ),
    );
    project.step(1, &format!("actions:\n{}  - wait: {{id: w, for: \"{{{{ profile.pause }}}}\"}}\ncriteria:\n  - expect: b.n == 42", marks("b", "")));
    project.step(
        2,
        &format!(
            "needs: [0, 1]\nactions:\n{}{}criteria:\n  - expect: c.n == 42\n  - expect: d.n == 7",
            marks("c", ""),
            marks("d", "")
        ),
    );
    project
}

#[test]
fn only_the_steps_that_use_a_changed_value_run_again() {
    let project = three();
    project.jalon(&["run"]).exits(1);
    project.file("plan/campaign.yaml", &CAMPAIGN.replace("3000", "5000"));
    let text = project.jalon(&["resume", "--explain"]).exits(0).stdout;
    assert!(text.contains("step  0  runs again: profile.records: 3000 → 5000"), "{text}");
    assert!(text.contains("env.R: r3000 → r5000"), "{text}");
    assert!(text.lines().all(|l| l.chars().count() <= 80) && !text.contains('\u{1b}'), "{text}");
    let said = goes_on_as_explained(&project, &["resume"], 1);
    assert_eq!(fates(&said), ["runs-again", "kept", "runs"]);
    assert_eq!((effects(&project, "a"), effects(&project, "b")), (2, 1));
    assert_eq!(said["steps"][0]["why"][0]["old"], 3000);
    assert_eq!(said["steps"][2]["why"][1], serde_json::json!({"code": "need", "step": 0}));
}

#[test]
fn an_explanation_goes_as_far_as_the_run() {
    let project = three();
    project.jalon(&["run", "--until", "1"]).exits(0);
    project.file("plan/campaign.yaml", &CAMPAIGN.replace("3000", "5000"));
    let explained = project.jalon(&["resume", "--explain"]).exits(0);
    let explained = explained.says(&["started with --until 1, and goes no further"]);
    let told = explained.prints(&["1 step kept, 1 done again, 1 not selected", "step  2  not selected:"]);
    assert!(!told.stdout.contains("to run"), "{told:?}");
    let said = goes_on_as_explained(&project, &["resume"], 0);
    assert_eq!((&said["selection"], &said["steps"][2]["selected"]), (&"--until 1".into(), &false.into()));
    project.file("plan/campaign.yaml", &CAMPAIGN.replace("5ms", "7ms"));
    let narrowed = ["resume", "--until", "0"];
    let explained = project.jalon(&[&narrowed[..], &["--explain"]].concat()).exits(0);
    explained.prints(&["step  0  runs again", "step  1  set back, not selected: ", "step  2  not selected"]);
    goes_on_as_explained(&project, &narrowed, 0);
    let refused = ["not among those that the run was started for: --until 0"];
    project.jalon(&["retry", "2", "--explain"]).exits(2).says(&refused);
    project.jalon(&["retry", "2"]).exits(2).says(&refused);
    let all = project.jalon(&["resume", "--all", "--explain"]).exits(0);
    assert!(!all.stdout.contains("not selected"), "{all:?}");
}

#[test]
fn a_title_an_estimate_and_prose_are_no_reason_to_run_again() {
    let project = three();
    project.jalon(&["run"]).exits(1);
    let path = project.path().join("steps/01-step.md");
    let text = fs::read_to_string(&path).unwrap().replace("title: Step 1", "title: Another\nestimate: 5m");
    fs::write(&path, text + "More of it, such as profile.records.\n").unwrap();
    project.file("plan/environments/lab.yaml", "# a comment\nname: lab\ndescription: My laptop\n");
    assert_eq!(fates(&goes_on_as_explained(&project, &["resume"], 1)), ["kept", "kept", "runs"]);
    project.file("plan/environments/lab.yaml", "name: lab\nconnect: {url: 'http://127.0.0.1:2'}\n");
    let text = project.jalon(&["resume", "--explain"]).exits(0).stdout;
    assert!(text.contains("the environment file changed") && text.contains("| +connect:"), "{text}");
    assert!(text.contains("plan/environments/lab.yaml: as above"), "{text}");
    assert_eq!(fates(&goes_on_as_explained(&project, &["resume"], 1)), ["runs-again", "runs-again", "runs"]);
}

#[test]
fn a_changed_file_is_shown_line_by_line() {
    let project = three();
    project.jalon(&["run"]).exits(1);
    let path = project.path().join("steps/01-step.md");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("echo 42", "echo 43").replace("b.n == 42", "b.n == 43")).unwrap();
    let text = project.jalon(&["resume", "--explain"]).exits(0).stdout;
    for part in [
        "step  1  runs again: its file changed",
        "steps/01-step.md",
        "| -  - shell: {id: b",
        "| +  - shell: {id: b",
        "argv: ",
    ] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    let said = goes_on_as_explained(&project, &["resume"], 1);
    assert_eq!(fates(&said), ["kept", "runs-again", "runs"]);
    assert_eq!((effects(&project, "a"), effects(&project, "b"), effects(&project, "c")), (1, 2, 2));
    project.jalon(&["verify"]).exits(0);
}

/// A server of one metric.
fn page() -> u16 {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: 4\r\nConnection: close\r\n\r\nm 7\n"
            );
        }
    });
    port
}

#[test]
fn changed_criteria_are_judged_on_the_evidence_that_there_is() {
    let project = Project::new();
    project.file(
        "plan/environments/lab.yaml",
        &format!("name: lab\nexporters: {{page: 'http://127.0.0.1:{}/'}}\n", page()),
    );
    let step = |limit: &str, always: &str| {
        format!(
            "watch:\n  - scrape: {{id: look, exporter: page, metrics: [m], every: 100ms}}\nactions:\n{}  - wait: {{id: w, for: 450ms}}\ncriteria:\n  - expect: a.n < {limit}\n  - always: look.up && look.present == {always}\n    for: 200ms\n  - expect: look.present.max == 1\nartifacts: [a/stdout.txt, look/samples.csv]",
            marks("a", "")
        )
    };
    project.step(0, &step("40", "1"));
    project.jalon(&["run"]).exits(1);
    let verdicts = || {
        let status = project.status();
        let criteria = status["steps"][0]["criteria"].as_array().unwrap().clone();
        criteria.iter().map(|c| c["verdict"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(verdicts(), ["fail", "pass", "pass"]);
    project.step(0, &step("50", "1"));
    let said = goes_on_as_explained(&project, &["resume"], 0);
    assert_eq!(fates(&said), ["judged-again"]);
    assert_eq!(verdicts(), ["pass", "pass", "pass"]);
    // A step that passed loses that when it is judged worse, and the samples are judged again too.
    project.step(0, &step("50", "2"));
    assert_eq!(fates(&goes_on_as_explained(&project, &["resume"], 1)), ["judged-again"]);
    assert_eq!(verdicts(), ["pass", "fail", "pass"]);
    assert_eq!(project.status()["steps"][0]["attempt"], 3);
    assert_eq!(effects(&project, "a"), 1, "the action was carried out again");
    project.jalon(&["verify"]).exits(0);
    project.jalon(&["report", "--print"]).exits(0);
    project.jalon(&["show", "0"]).exits(0);
    // Without the samples there is nothing to judge.
    fs::remove_file(project.run_dir().join("00/1/look/samples.csv")).unwrap();
    project.step(0, &step("50", "1"));
    assert_eq!(fates(&goes_on_as_explained(&project, &["resume"], 0)), ["runs"]);
    assert_eq!(effects(&project, "a"), 2);
}

#[test]
fn a_failed_step_measures_again_what_did_not_hold_and_what_follows() {
    let project = three();
    project.jalon(&["run"]).exits(1);
    let said = goes_on_as_explained(&project, &["resume"], 1);
    assert_eq!(why(&said, 2), ["finished", "not-held"]);
    assert_eq!((effects(&project, "c"), effects(&project, "d")), (1, 2));
    let said = goes_on_as_explained(&project, &["retry", "2"], 1);
    assert_eq!(why(&said, 2), ["finished", "not-held"]);
    let said = goes_on_as_explained(&project, &["retry", "2", "--whole-step"], 1);
    assert_eq!(why(&said, 2), ["whole-step", "not-held"]);
    assert_eq!((effects(&project, "c"), effects(&project, "d")), (2, 4));
    let said = goes_on_as_explained(&project, &["retry", "2", "--from", "c"], 1);
    assert_eq!(why(&said, 2), ["asked", "after"]);
    assert_eq!((effects(&project, "c"), effects(&project, "d")), (3, 5));
    project.jalon(&["retry", "2", "--from", "cc"]).exits(2).says(&["no action `cc`", "did you mean `c`?"]);
    project.jalon(&["retry", "2", "--from", "c", "--whole-step"]).exits(2);
    project.jalon(&["retry", "7"]).exits(2).says(&["no step 7"]);
    let retried = project.journal().into_iter().rev().find(|r| r["event"]["type"] == "step-reset").unwrap();
    assert!(retried["event"]["reason"].as_str().unwrap().starts_with("retried by "), "{retried}");
}

#[test]
fn a_step_that_passed_is_retried_whole_or_from_an_action() {
    let project = three();
    project
        .step(1, &format!("actions:\n{}{}criteria:\n  - expect: b.n == 42", marks("b", ""), marks("e", "")));
    project.jalon(&["run"]).exits(1);
    let said = goes_on_as_explained(&project, &["retry", "1", "--from", "e"], 1);
    assert_eq!(
        (fates(&said), why(&said, 1)),
        (vec!["kept", "runs-again", "runs"], vec!["finished", "asked"])
    );
    assert_eq!((effects(&project, "b"), effects(&project, "e")), (1, 2));
    let said = goes_on_as_explained(&project, &["retry", "1"], 1);
    assert_eq!(why(&said, 1), ["whole-step", "whole-step"]);
    assert_eq!((effects(&project, "b"), effects(&project, "e")), (2, 3));
}

#[test]
fn a_run_goes_on_from_a_step_with_all_that_depends_on_it() {
    let project = three();
    let third = fs::read_to_string(project.path().join("steps/02-step.md")).unwrap();
    project.file("steps/02-step.md", &third.replace("d.n == 7", "d.n == 42"));
    project.jalon(&["run"]).exits(0);
    let said = goes_on_as_explained(&project, &["resume", "--from", "1"], 0);
    assert_eq!(fates(&said), ["kept", "runs-again", "runs-again"]);
    assert_eq!(["a", "b", "c", "d"].map(|id| effects(&project, id)), [1, 2, 2, 2]);
    project.jalon(&["resume", "--from", "9"]).exits(2).says(&["no step 9"]);
}

#[test]
fn what_a_crash_left_in_doubt_is_told_by_its_kind() {
    let project = Project::new();
    let more = "  - shell: {id: ask, argv: [sh, -c, 'echo ask >> marks; sleep 60']}\n";
    project.step(
        0,
        &format!(
            "actions:\n{}{more}  - wait: {{id: w, for: 1ms}}\ncriteria:\n  - expect: a.n == 42",
            marks("a", "")
        ),
    );
    let mut run = project.command(&["run"]).spawn().unwrap();
    while effects(&project, "ask") == 0 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    run.kill().unwrap();
    run.wait().unwrap();
    let said = explained(&project, &["resume"]);
    assert_eq!(why(&said, 0), ["finished", "in-doubt", "not-reached"]);
    assert_eq!(said["steps"][0]["actions"][1]["why"]["then"], "ask");
    project.jalon(&["resume"]).exits(7).says(&["jalon approve 0"]);
    assert_eq!((effects(&project, "a"), effects(&project, "ask")), (1, 1), "it was repeated without a word");
    // The action is mended, and the operator says that it may be done.
    project.step(
        0,
        &format!(
            "actions:\n{}{}  - wait: {{id: w, for: 1ms}}\ncriteria:\n  - expect: a.n == 42",
            marks("a", ""),
            more.replace("; sleep 60", "")
        ),
    );
    project.jalon(&["approve", "0", "--action", "ask", "--by", "ada"]).exits(0);
    let said = goes_on_as_explained(&project, &["resume"], 0);
    assert_eq!(said["steps"][0]["why"][1]["code"], "file");
    assert_eq!((effects(&project, "a"), effects(&project, "ask")), (1, 2));
}

const BEFORE: &str = "  - shell: {id: before, argv: [echo, x], on_interrupt: rerun}\n";
const OTHER: &str = "actions:\n  - shell: {id: other, argv: [sh, -c, 'echo other >> marks']}\ncriteria:\n  - expect: other.exit_code == 0";

/// A step with these actions, judged by the first one named.
fn judged(actions: &str, by: &str) -> String {
    format!("actions:\n{actions}criteria:\n  - expect: {by}.exit_code == 0")
}

/// An action that has the effect `hit`, in words of its own.
fn hits(id: &str, more: &str) -> String {
    format!("  - shell: {{id: {id}, argv: [sh, -c, 'echo hit >> marks; {more}']}}\n")
}

/// A run that was killed in `inj` of step 1; step 2 has an action of the same kind that had not begun.
fn killed_in_step_1() -> Project {
    let project = Project::new();
    project.step(1, &judged(&(BEFORE.to_owned() + &hits("inj", "sleep 60")), "inj"));
    project.step(2, OTHER);
    let mut run = project.command(&["run"]).spawn().unwrap();
    while effects(&project, "hit") == 0 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    run.kill().unwrap();
    run.wait().unwrap();
    project
}

/// What `resume --explain` says, in one line.
fn told(project: &Project) -> String {
    let text = project.jalon(&["resume", "--explain"]).exits(0).stdout;
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_moved_to_another_step_in_other_words_is_asked_about_before_it_is_done() {
    let before = judged(BEFORE, "before");
    let with_other = judged(&(BEFORE.to_owned() + &hits("again", "true")), "again");
    let alone = judged(&hits("again", "true"), "again");
    // Whether step 1 stays, and the step that has the effect now: a new one, and one in front.
    for (stays, step, has) in [(false, 5, &with_other), (true, 3, &alone), (true, 0, &alone)] {
        let project = killed_in_step_1();
        if stays {
            project.step(1, &before);
        } else {
            fs::remove_file(project.path().join("steps/01-step.md")).unwrap();
        }
        project.step(step, has);
        let said = explained(&project, &["resume"]);
        let asked: Vec<(u64, &str)> = said["steps"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|s| s["questions"].as_array().unwrap().iter().map(move |q| (s, q)))
            .map(|(s, q)| (s["step"].as_u64().unwrap(), q["action"].as_str().unwrap()))
            .collect();
        assert!(asked.contains(&(u64::from(step), "again")), "{asked:?}");
        assert!(!asked.iter().any(|(_, action)| *action == "other"), "it was there before: {asked:?}");
        let text = told(&project);
        let question = format!("`again` of step {step} may do again what `inj` of step 1 did");
        assert!(text.contains(&question), "{text}");
        for _ in 0..2 {
            project.jalon(&["resume"]).exits(7);
            assert_eq!(effects(&project, "hit"), 1, "step {step}: it was repeated without a question");
        }
    }
}

#[test]
fn an_answer_about_what_moved_counts_for_what_it_became() {
    for (no, hit) in [(true, 1), (false, 2)] {
        let project = killed_in_step_1();
        project.step(1, &judged(BEFORE, "before"));
        project.step(3, &judged(&hits("again", "true"), "again"));
        let answer = ["approve", "1", "--action", "inj", "--by", "ada", "--no"];
        project.jalon(&answer[..if no { 7 } else { 6 }]).exits(0);
        let ran = project.jalon(&["resume"]).exits(if no { 4 } else { 0 });
        if no {
            ran.says(&["`again` must not be done again, says ada"]);
        }
        project.jalon(&["resume"]).exits(if no { 4 } else { 0 });
        assert_eq!(effects(&project, "hit"), hit, "no: {no}");
    }
}

#[test]
fn a_run_goes_on_without_a_step_that_left_the_plan_once_it_is_skipped() {
    let project = killed_in_step_1();
    fs::remove_file(project.path().join("steps/01-step.md")).unwrap();
    let said = explained(&project, &["resume"]);
    assert_eq!(said["left"][0]["step"], 1);
    assert_eq!(said["left"][0]["in_doubt"][0], "inj");
    let told = told(&project);
    assert!(told.contains("unknown: `inj` of step 1. hint:"), "{told}");
    project.jalon(&["resume"]).exits(5).says(&["jalon skip 1 --reason"]);
    assert_eq!((effects(&project, "hit"), effects(&project, "other")), (1, 1));
    project.jalon(&["status"]).prints(&["jalon skip 1 --reason", "jalon resume"]);
    project.jalon(&["skip", "1", "--reason", "checked by hand", "--by", "ada"]).exits(0);
    project.jalon(&["resume"]).exits(11);
    assert_eq!((effects(&project, "hit"), effects(&project, "other")), (1, 1));
}

#[test]
fn evidence_that_was_changed_is_named_with_its_hashes() {
    let project = three();
    project.jalon(&["run"]).exits(1);
    fs::write(project.run_dir().join("02/1/c/stdout.txt"), "forged").unwrap();
    let said = goes_on_as_explained(&project, &["resume"], 1);
    let unlike = &said["steps"][2]["actions"][0]["why"];
    assert_eq!((&unlike["code"], &unlike["path"]), (&"evidence".into(), &"02/1/c/stdout.txt".into()));
    assert!(unlike["expected"] != unlike["found"] && unlike["found"].is_string(), "{unlike}");
    fs::remove_file(project.run_dir().join("00/1/a/stdout.txt")).unwrap();
    let said = goes_on_as_explained(&project, &["resume"], 1);
    assert_eq!(fates(&said), ["runs-again", "kept", "runs"]);
    assert!(
        said["steps"][0]["sentence"].as_str().unwrap().contains("00/1/a/stdout.txt is missing"),
        "{said:#}"
    );
}

#[test]
fn a_waiver_that_expired_is_named() {
    let project = three();
    project.jalon(&["run"]).exits(1);
    let soon = (jiff::Timestamp::now() + jiff::SignedDuration::from_secs(1)).to_string();
    project.jalon(&["waive", "2", "--reason", "known", "--by", "ada", "--until", &soon]).exits(0);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let said = explained(&project, &["resume"]);
    assert!(said["steps"][2]["sentence"].as_str().unwrap().contains("the waiver of ada expired"), "{said:#}");
    project.jalon(&["waive", "2", "--reason", "known", "--by", "ada"]).exits(0);
    assert_eq!(fates(&goes_on_as_explained(&project, &["resume"], 11)), ["kept", "kept", "kept"]);
}

/// A waiver is of a verdict on one criterion: it used to let another criterion, and other work, pass unjudged.
#[test]
fn a_waiver_ends_where_what_it_was_given_for_changes() {
    let project = Project::new();
    let step = |bound: &str, second: &str| {
        let criteria = format!("criteria:\n  - expect: w.waited_s < {bound}{second}");
        project.step(0, &format!("actions:\n  - wait: {{id: w, for: 10ms}}\n{criteria}"));
    };
    step("0.005", "");
    project.jalon(&["run"]).exits(1);
    project.jalon(&["waive", "0", "--reason", "known", "--by", "ada"]).exits(0);
    project.jalon(&["resume"]).exits(11).says(&["kept: waived by ada: known"]);
    step("0.005", "\n  - expect: w.waited_s > 99");
    let told = "the waiver of ada was given before the step changed";
    project.jalon(&["resume", "--explain"]).prints(&[told, "judged again"]);
    project.jalon(&["resume"]).exits(1).says(&[told, "w.waited_s > 99"]);
    assert_eq!(project.states(), ["failed"]);
}

#[test]
fn a_dry_run_says_everything_and_makes_nothing() {
    let project = three();
    project.file("plan/environments/lab.yaml", "name: lab\nproduction: true\n");
    let fault = "allow_destructive: true\nactions:\n  - fault: {id: outage, inject: ['true'], undo: ['true'], hold: 10ms}\n  - wait: {id: w, for: \"{{ d.n }}ms\"}\ncriteria:\n  - expect: w.waited_s > 0\n    must: true\n  - expect: outage.held_s > 0\n    severity: warn\nartifacts: [outage/inject.txt]\nneeds: [2]\nestimate: 5m\napprove: {role: lead, question: Go on?}";
    project.step(3, fault);
    let before: Vec<_> = fs::read_dir(project.path()).unwrap().map(|e| e.unwrap().path()).collect();
    let text = project.jalon(&["run", "--dry-run", "--from", "2"]).exits(0).stdout;
    for part in [
        "2 steps, estimated 5 min (1 step without",
        "needs `--confirm lab`",
        "skipped",
        "do     outage:",
        "undone at",
        "known when it runs: for, from d.n",
        "judge  w.waited_s > 0 (must)",
        "judge  outage.held_s > 0 (warn)",
        "gate   lead is asked: Go on?",
    ] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    assert!(text.lines().all(|l| l.chars().count() <= 80) && !text.contains('\u{1b}'), "{text}");
    let said: Value =
        serde_json::from_str(&project.jalon(&["run", "--dry-run", "--json"]).exits(0).stdout).unwrap();
    assert_eq!(said["needs_confirm"], "lab");
    assert_eq!(said["steps"][3]["groups"][1][0]["known_later"]["for"][0], "d.n");
    let after: Vec<_> = fs::read_dir(project.path()).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(before, after, "a dry run left something");
    project.step(3, "actions: []");
    project.jalon(&["run", "--dry-run"]).exits(3);
}

#[test]
fn a_step_compares_with_a_run_that_was_named() {
    let project = Project::new();
    let step = "actions:\n  - shell: {id: s, argv: [cat, figure], capture: {n: {regex: '(\\d+)'}}}\ncriteria:\n  - expect: s.n <= 2 * baseline.s.n\n    first_run: warn\n  - expect: s.n <= 3 * previous.s.n\n    first_run: pass";
    project.file("plan/campaign.yaml", CAMPAIGN).file("figure", "10").step(0, step);
    let judged = || project.status()["steps"][0]["criteria"].as_array().unwrap().clone();
    project.jalon(&["run"]).exits(0);
    let first = project.run_dir().file_name().unwrap().to_string_lossy().into_owned();
    let seen = judged();
    assert_eq!((&seen[0]["verdict"], &seen[1]["verdict"]), (&"warn".into(), &"pass".into()));
    assert!(seen[0]["reason"].as_str().unwrap().contains("--baseline RUN"), "{seen:?}");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    project.file("figure", "25");
    project.jalon(&["run", "--baseline", &first]).exits(1);
    let seen = judged();
    assert_eq!((&seen[0]["verdict"], &seen[1]["verdict"]), (&"fail".into(), &"pass".into()));
    assert_eq!(seen[0]["reason"], format!("does not hold; compared with run {first}"));
    assert_eq!(project.journal()[0]["event"]["baseline"], first);
    let judgement = project.journal().into_iter().find(|r| r["event"]["type"] == "criterion-judged").unwrap();
    assert_eq!(judgement["event"]["judgement"]["limit"]["value"]["number"][0], 20.0);
    let report = project.jalon(&["report", "--print", "--lang", "fr"]).exits(0).stdout;
    assert!(report.contains(&format!("comparé à l'exécution {first}")), "{report}");
    // A resumed run goes on with the same baseline; another profile is said.
    project.file("plan/campaign.yaml", &CAMPAIGN.replace("slo: {wait_s: 5", "slo: {wait_s: 6"));
    project.jalon(&["retry", "0"]).exits(1);
    let reason = judged()[0]["reason"].as_str().unwrap().to_owned();
    assert!(reason.ends_with(&format!("compared with run {first} (with other parameters)")), "{reason}");
    project.jalon(&["run", "--baseline", "20200101-lab"]).exits(2).says(&["not found"]);
    project.file("plan/campaign.yaml", &format!("{CAMPAIGN}baseline: {first}\n"));
    let text = project.jalon(&["run", "--dry-run"]).exits(0).stdout;
    assert!(text.contains(&format!("`baseline` is the run {first}")), "{text}");
    project.step(0, &step.replace("baseline.s.n", "baselin.s.n"));
    project.jalon(&["check"]).exits(3).says(&["did you mean `baseline`?"]);
}

#[test]
fn a_secret_that_cannot_be_compared_is_no_reason_to_keep() {
    let project = Project::new();
    let step = |secret: &str| {
        let a = marks("a", &format!(", env: {{PASSWORD: {secret}}}"));
        format!(
            "actions:\n{a}  - shell: {{id: gone, argv: [no-such-program]}}\ncriteria:\n  - expect: a.n == 42"
        )
    };
    project.step(0, &step("$first-one"));
    project.jalon(&["run"]).exits(4);
    assert_eq!(why(&goes_on_as_explained(&project, &["resume"], 4), 0), ["finished", "failed"]);
    project.step(0, &step("$second-one"));
    let text = project.jalon(&["resume", "--explain"]).exits(0).stdout;
    assert!(!text.contains("first-one") && !text.contains("second-one"), "{text}");
    assert_eq!(why(&goes_on_as_explained(&project, &["resume"], 4), 0), ["secret", "failed"]);
    assert_eq!(effects(&project, "a"), 2);
}

#[test]
fn a_crash_on_the_way_makes_nothing_run_again_that_was_kept() {
    let project = three();
    project.jalon(&["run"]).exits(1);
    let third = fs::read_to_string(project.path().join("steps/02-step.md")).unwrap();
    project.file("steps/02-step.md", &third.replace("d.n == 7", "d.n == 42"));
    // After the plan was journalled, after the step was set back, and after the new attempt began.
    for _ in 0..3 {
        let at = (project.journal().len() + 2).to_string();
        let killed = project.command(&["resume"]).env("JALON_TEST_KILL_AFTER", at).output().unwrap();
        assert_eq!(killed.status.code(), None, "{killed:?}");
    }
    for more in 3..=6 {
        let at = (project.journal().len() + more).to_string();
        project.command(&["resume"]).env("JALON_TEST_KILL_AFTER", at).output().unwrap();
    }
    let state = &project.states()[2];
    if state != "passed" {
        assert_eq!(fates(&goes_on_as_explained(&project, &["resume"], 0))[2], "judged-again", "{state}");
    }
    assert_eq!(project.states(), ["passed"; 3]);
    assert_eq!(["a", "b", "c", "d"].map(|id| effects(&project, id)), [1; 4]);
}

#[test]
fn a_run_that_has_passed_is_not_gone_on_with() {
    let project = Project::new();
    project.step(0, "actions:\n  - wait: {id: w, for: 1ms}\ncriteria:\n  - expect: w.waited_s < 99");
    project.jalon(&["run"]).exits(0);
    let journal = project.run_dir().join("journal.jsonl");
    let before = fs::read(&journal).unwrap();
    project.jalon(&["resume"]).exits(0).says(&["nothing to resume", "jalon retry STEP", "jalon report"]);
    project.jalon(&["resume", "--lang", "fr"]).exits(0).says(&["rien à reprendre"]);
    assert_eq!(fs::read(&journal).unwrap(), before, "nothing was done");
    project.jalon(&["retry", "0"]).exits(0);
    assert!(fs::read(&journal).unwrap().len() > before.len());
    // What changed is done again.
    project.step(0, "actions:\n  - wait: {id: w, for: 2ms}\ncriteria:\n  - expect: w.waited_s < 99");
    assert!(!project.jalon(&["resume"]).exits(0).stderr.contains("nothing to resume"));
}

#[test]
fn the_only_environment_and_the_only_profile_are_meant() {
    let project = Project::new();
    project.file("plan/campaign.yaml", "name: c\nprofiles: {only: {pause: 1ms}}\n");
    fs::remove_dir_all(project.path().join("plan/environments")).unwrap();
    project.file("plan/environments/here.yaml", "name: here\n");
    let step =
        "actions:\n  - wait: {id: w, for: '{{ profile.pause }}'}\ncriteria:\n  - expect: w.waited_s < 99";
    project.step(0, step);
    project.jalon(&["check"]).exits(0);
    project.jalon(&["run"]).exits(0);
    project.jalon(&["status"]).prints(&["here", "only"]);
    project.file("plan/environments/there.yaml", "name: there\n");
    project.jalon(&["check"]).exits(3).says(&["several environments", "default_environment: here"]);
    project.jalon(&["check", "--env", "there"]).exits(3);
}
