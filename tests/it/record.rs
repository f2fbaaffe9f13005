//! The record: attempts side by side, runs over time.

use crate::support::{Project, Ran};
use std::fs;

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
    let first = project.run_dir();
    fs::rename(&first, first.with_file_name("20250101-000000-lab")).unwrap();
    project.file("n", "4").jalon(&["run"]).exits(0);
    let second = project.run_dir();
    fs::rename(&second, second.with_file_name("20250102-000000-lab")).unwrap();
    project.jalon(&["run", "--var", "x=1"]).exits(0);
    let ran = project.jalon(&["history"]).exits(0);
    shows(&ran, &["20250101-000000-lab  lab          smoke", "passed 0"]);
    let ran = project.jalon(&["history", "0"]).exits(0);
    shows(&ran, &["s.n < slo.wait_s", "-92.9 %", "+33.3 %", "not comparable"]);
    let rows = |args: &[&str]| -> serde_json::Value {
        serde_json::from_str(&project.jalon(args).exits(0).stdout).unwrap()
    };
    let json = rows(&["history", "0", "--json", "--last", "2"]);
    assert_eq!(json["rows"][0]["criteria"][0]["change"], 1.0);
    assert_eq!((&json["rows"][1]["comparable"], json["rows"].as_array().unwrap().len()), (&false.into(), 2));
    assert_eq!(rows(&["history", "--env", "nowhere", "--json"]), serde_json::json!([]));
    let journal = project.path().join("artifacts/20250102-000000-lab/journal.jsonl");
    let text = fs::read_to_string(&journal).unwrap().replacen("\"attempt\":1", "\"attempt\":9", 1);
    fs::write(&journal, text).unwrap();
    let runs = rows(&["history", "--json"]);
    let outcomes: Vec<&str> =
        runs.as_array().unwrap().iter().map(|r| r["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["passed", "damaged", "passed"]);
    shows(&project.jalon(&["history"]).exits(0), &["damaged", "was altered"]);
    shows(&project.jalon(&["history", "0"]).exits(0), &["20250102-000000-lab is damaged and left out"]);
    project.jalon(&["runs"]).exits(0);
    project.jalon(&["history", "5"]).exits(0);
}
