//! The record: attempts side by side, runs over time, the journal in words, a run in one file, a lock that was left.

use crate::support::{Project, Ran};
use std::{fs, path::PathBuf};

/// A step whose first attempt fails and whose second passes.
fn retried() -> Project {
    let project = Project::new();
    let step = "actions:\n  - shell: {id: s, argv: [cat, n], capture: {n: {regex: '(\\d+)'}}}\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: s.n < slo.wait_s";
    project.step(0, step).file("n", "42");
    project.jalon(&["run"]).exits(1);
    project.file("n", "3").jalon(&["retry", "0"]).exits(0);
    project
}

/// Fails the test unless stdout has every one of `parts` and no line over 80 columns.
#[track_caller]
fn shows(ran: &Ran, parts: &[&str]) {
    for part in parts {
        assert!(ran.stdout.contains(part), "stdout does not show {part:?}: {ran:#?}");
    }
    let wide: Vec<&str> = ran.stdout.lines().filter(|l| l.chars().count() > 80).collect();
    assert!(wide.is_empty(), "{wide:#?}");
}

#[test]
fn attempts_stand_side_by_side_and_a_path_leads_to_each_thing() {
    let project = retried();
    let ran = project.jalon(&["show", "0"]).exits(0);
    shows(
        &ran,
        &["attempt 1             attempt 2", "observed    42                    3", "jalon show 0/2"],
    );
    shows(&project.jalon(&["show", "0/1"]).exits(0), &["attempt 1 of 2", "observed 42, limit 5", "action a"]);
    let ran = project.jalon(&["show", "0/s"]).exits(0);
    shows(&ran, &["(shell)  step 0, attempt 2 of 2", "argv: [\"cat\",\"n\"]", "from stdout.txt", "sha256 "]);
    shows(&project.jalon(&["show", "0/1/s"]).exits(0), &["attempt 1 of 2", "00/1/s/stdout.txt · 2 B"]);
    let json: serde_json::Value =
        serde_json::from_str(&project.jalon(&["show", "0", "--json"]).exits(0).stdout).unwrap();
    assert_eq!((&json["attempts"], &json["compared"][0]["verdict"]), (&2.into(), &"fail".into()));
    assert_eq!(json["compared"][1]["criteria"][0]["observed"], 3.0);
    let json: serde_json::Value =
        serde_json::from_str(&project.jalon(&["show", "0/1/s", "--json"]).exits(0).stdout).unwrap();
    assert_eq!((&json["attempt"], &json["action"]["kind"]), (&1.into(), &"shell".into()));
    project.jalon(&["show", "0/ss"]).exits(2).says(&["did you mean `jalon show 0/s`?"]);
    project.jalon(&["show", "0/1/nominal"]).exits(2).says(&["there are: s, a"]);
    project.jalon(&["show", "0/7"]).exits(2).says(&["its attempts: 1, 2"]);
    project.jalon(&["show", "zero"]).exits(2).says(&["3/1/nominal"]);
}

#[test]
fn the_history_compares_what_can_be_compared_and_a_damaged_run_hides_no_other() {
    let project = retried();
    let name = |run: PathBuf| run.file_name().unwrap().to_str().unwrap().to_owned();
    let first = name(project.run_dir());
    project.file("n", "4").jalon(&["run"]).exits(0);
    let second = name(project.run_dir());
    let campaign = fs::read_to_string(project.path().join("plan/campaign.yaml")).unwrap();
    project.file("plan/campaign.yaml", &(campaign + "vars: {x: 0}\n"));
    project.jalon(&["run", "--var", "x=1"]).exits(0);
    let ran = project.jalon(&["history"]).exits(0);
    shows(&ran, &[&format!("{first} "), "  lab          smoke", "passed 0"]);
    let ran = project.jalon(&["history", "0"]).exits(0);
    shows(&ran, &["s.n < slo.wait_s", "-92.9 %", "+33.3 %", "not comparable"]);
    let rows =
        |args: &[&str]| -> serde_json::Value { serde_json::from_str(&project.jalon(args).stdout).unwrap() };
    let json = rows(&["history", "0", "--json", "--last", "2"]);
    assert_eq!(json["rows"][0]["criteria"][0]["change"], 1.0);
    assert_eq!((&json["rows"][1]["comparable"], json["rows"].as_array().unwrap().len()), (&false.into(), 2));
    assert_eq!(rows(&["history", "--env", "nowhere", "--json"]), serde_json::json!([]));
    let journal = project.path().join("artifacts").join(&second).join("journal.jsonl");
    let text = fs::read_to_string(&journal).unwrap().replacen("\"attempt\":1", "\"attempt\":9", 1);
    fs::write(&journal, text).unwrap();
    let runs = rows(&["history", "--json"]);
    let outcomes: Vec<&str> =
        runs.as_array().unwrap().iter().map(|r| r["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["passed", "damaged", "passed"]);
    shows(&project.jalon(&["history"]).exits(9), &["damaged", "was altered"]);
    shows(&project.jalon(&["history", "0"]).exits(9), &[&format!("{second} is damaged and left out")]);
    project.jalon(&["runs"]).exits(9);
    project.jalon(&["history", "5"]).exits(9);
}

#[test]
fn the_journal_is_read_in_words_and_as_it_stands() {
    let project = retried();
    let log = project.jalon(&["log"]).exits(0).stdout;
    assert!(log.contains("#3 step 0 attempt 1: shell s started: run `cat n`"), "{log}");
    assert!(log.contains("fail: s.n < slo.wait_s: observed 42, limit 5"), "{log}");
    assert!(log.lines().last().unwrap().ends_with("the run ended: passed"), "{log}");
    let raw = project.jalon(&["log", "--json"]).exits(0).stdout;
    assert_eq!(raw, fs::read_to_string(project.run_dir().join("journal.jsonl")).unwrap());
    project.jalon(&["log", "--step", "7"]).exits(2).says(&["no step 7"]);
    assert_eq!(project.jalon(&["log", "--since", "0s"]).exits(0).stdout, "");
    assert_eq!(project.jalon(&["log", "--since", "1h"]).exits(0).stdout, log);
    project.jalon(&["log", "--since", "soon"]).exits(2).says(&["10m"]);
}

#[test]
fn a_followed_log_ends_with_the_run() {
    let project = Project::new();
    project.step(0, "actions:\n  - wait: {id: a, for: 1s}\ncriteria:\n  - expect: a.waited_s < slo.wait_s");
    let mut run = project.command(&["run"]).spawn().unwrap();
    while !project.jalon(&["log"]).stdout.contains("#1 run") {}
    let log = project.jalon(&["log", "--follow"]).exits(0).stdout;
    assert!(log.contains("wait a finished in 1"), "{log}");
    assert!(log.lines().last().unwrap().ends_with("the run ended: passed"), "{log}");
    assert!(run.wait().unwrap().success());
}

/// A run that waits for an approval in its first step, and has a second one.
fn waiting() -> Project {
    let project = Project::new();
    let shell = "actions:\n  - shell: {id: s, argv: [echo, '42'], capture: {n: {regex: '(\\d+)'}}}\ncriteria:\n  - expect: s.n > slo.wait_s";
    project.step(0, &format!("{shell}\napprove: {{role: lead, question: Go on?}}"));
    project.step(1, &format!("needs: [0]\n{shell}"));
    project.jalon(&["run"]).exits(7);
    project.jalon(&["note", "risk", "the rack is full"]).exits(0);
    project
}

#[test]
fn another_machine_verifies_reports_and_resumes_a_bundle() {
    let project = waiting();
    project.file("plan/secrets/key.pem", "hunter22").file("steps/.draft.md", "not yet");
    let ran = project.jalon(&["bundle", "--out", "a.tar.gz", "--json"]).exits(0);
    let packed: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(packed["left_out"], serde_json::json!(["plan/secrets", "steps/.draft.md"]));
    shows(&project.jalon(&["bundle", "--out", "b.tar.gz"]).exits(0), &["left out", "plan/secrets"]);
    let bytes = |name: &str| fs::read(project.path().join(name)).unwrap();
    assert_eq!(bytes("a.tar.gz"), bytes("b.tar.gz"), "the same run makes the same bytes");
    let other = tempfile::tempdir().unwrap();
    let into = other.path().join("campaign");
    let into = into.to_str().unwrap();
    let ran = project.jalon(&["unbundle", "a.tar.gz", "--into", into, "--json"]).exits(0);
    let unpacked: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&unpacked["was_there"], &unpacked["head"]), (&false.into(), &packed["head"]));
    let there = |args: &[&str]| project.jalon(&[&["-C", into], args].concat());
    there(&["verify"]).exits(0);
    assert!(there(&["report", "--print"]).exits(0).stdout.contains("the rack is full"));
    shows(&project.jalon(&["unbundle", "a.tar.gz", "--into", into]).exits(0), &["is already there"]);
    there(&["approve", "0", "--by", "ada"]).exits(0);
    there(&["resume"]).exits(0);
    assert!(there(&["status"]).exits(0).stdout.contains("passed"));
    project.jalon(&["unbundle", "a.tar.gz", "--into", into]).exits(2).says(&["journal.jsonl", "--into"]);
    there(&["verify"]).exits(0);
    let mut listed: Vec<_> = fs::read_dir(into).unwrap().map(|e| e.unwrap().file_name()).collect();
    listed.sort();
    assert_eq!(listed, [".jalon", "artifacts", "plan", "steps"], "nothing else is left behind");
    project.jalon(&["unbundle", "nothing.tar.gz"]).exits(2);
}

#[test]
fn a_bundle_with_a_changed_or_missing_byte_is_refused() {
    let project = waiting();
    project.jalon(&["bundle", "--out", "a.tar.gz"]).exits(0);
    let good = fs::read(project.path().join("a.tar.gz")).unwrap();
    let refused = |bytes: &[u8], what: &str| {
        fs::write(project.path().join("bad.tar.gz"), bytes).unwrap();
        let ran = project.jalon(&["unbundle", "bad.tar.gz", "--into", "elsewhere"]);
        assert_eq!(ran.code, Some(9), "{what}: {ran:#?}");
        assert!(ran.stderr.contains("bad.tar.gz: the bundle is damaged"), "{ran:?}");
        assert!(!project.path().join("elsewhere").exists(), "{what}");
    };
    // Every byte is tried by the tests of `store::bundle`; here, that it comes out as it must.
    for at in (0..good.len()).step_by(good.len() / 12) {
        let mut bad = good.clone();
        bad[at] ^= 1;
        refused(&bad, &format!("byte {at} of {}", good.len()));
    }
    for length in [0, 9, 60, good.len() / 2, good.len() - 1] {
        refused(&good[..length], &format!("cut to {length}"));
    }
    refused(&[&good[..], b"x"].concat(), "one byte more");
}

#[test]
fn a_bundle_is_made_while_the_run_goes_on_and_never_of_altered_evidence() {
    let project = Project::new();
    project.step(0, "actions:\n  - shell: {id: s, argv: [echo, x]}\n  - wait: {id: a, for: 60s}\ncriteria:\n  - expect: a.waited_s > 1");
    let mut run = project.command(&["run"]).spawn().unwrap();
    let begun = || project.jalon(&["log"]).stdout.contains("wait a started");
    assert!((0..600).any(|_| begun()), "the wait never started: {}", project.jalon(&["log"]).stdout);
    shows(
        &project.jalon(&["bundle", "--out", "a.tar.gz"]).exits(0),
        &["the run is in progress: it is packed up to"],
    );
    run.kill().unwrap();
    run.wait().unwrap();
    project.jalon(&["unbundle", "a.tar.gz", "--into", "elsewhere"]).exits(0);
    project.jalon(&["-C", "elsewhere", "verify"]).exits(0);
    assert!(
        !fs::exists(
            project
                .path()
                .join("elsewhere/artifacts")
                .join(project.run_dir().file_name().unwrap())
                .join("lock")
        )
        .unwrap()
    );
    fs::write(project.run_dir().join("00/1/s/stdout.txt"), "y").unwrap();
    project.jalon(&["bundle", "--out", "b.tar.gz"]).exits(9).says(&["00/1/s/stdout.txt", "jalon verify"]);
    assert!(!project.path().join("b.tar.gz").exists());
}

#[test]
fn reading_a_plan_that_came_with_a_bundle_runs_no_program_of_it() {
    let project = Project::new();
    let trace = project.path().join("ran");
    let environment = format!(
        "name: lab\nprometheus: {{url: 'http://127.0.0.1:1', headers: {{X-Token: 'command:touch {}'}}}}\n",
        trace.display()
    );
    project.file("plan/environments/lab.yaml", &environment);
    project.step(0, "actions:\n  - wait: {for: 1ms}\ncriteria: [{expect: wait.waited_s > 0}]");
    project.jalon(&["run"]).exits(0);
    project.jalon(&["bundle", "--out", "a.tar.gz"]).exits(0);
    project.jalon(&["unbundle", "a.tar.gz", "--into", "elsewhere"]).exits(0);
    let _ = fs::remove_file(&trace);
    for args in [
        &["report", "--print"][..],
        &["check"],
        &["note", "observation", "x"],
        &["resume", "--explain"],
        &["status"],
    ] {
        project.jalon(&[&["-C", "elsewhere"], args].concat()).exits(0);
        assert!(!trace.exists(), "jalon {}", args.join(" "));
    }
    // Of one's own plan it is known before anything is shown.
    project.jalon(&["check"]).exits(0);
    assert!(trace.exists());
}

#[test]
fn what_another_machine_locked_is_taken_over_only_on_demand_and_recorded() {
    let project = waiting();
    let left =
        r#"{"pid":4242,"host":"elsewhere","boot_id":"x","since":"2025-01-01T00:00:00Z","what":"jalon run"}"#;
    let run_lock = project.run_dir().join("lock");
    assert_eq!(fs::read_to_string(&run_lock).unwrap(), "", "a run that ends gives its lock back");
    fs::write(&run_lock, left).unwrap();
    project.jalon(&["approve", "0"]).exits(8).says(&["process 4242 on elsewhere", "--take-over"]);
    project.jalon(&["resume"]).exits(8).says(&["--take-over"]);
    project.jalon(&["approve", "0", "--by", "ada", "--take-over"]).exits(0).says(&["took over the lock of"]);
    let note = project.journal().into_iter().find(|r| r["event"]["kind"] == "decision").unwrap();
    assert!(note["event"]["text"].as_str().unwrap().contains("process 4242 on elsewhere"), "{note}");
    fs::write(project.path().join("artifacts/.lab.lock"), left).unwrap();
    project.jalon(&["resume"]).exits(8).says(&[".lab.lock"]);
    project.jalon(&["resume", "--take-over"]).exits(0);
    project.jalon(&["verify"]).exits(0);
    let records = project.journal().len();
    project.jalon(&["resume"]).exits(0);
    assert!(project.journal()[records..].iter().all(|r| r["event"]["type"] != "note-added"));
}
