//! The record: attempts side by side.

use crate::support::{Project, Ran};

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
