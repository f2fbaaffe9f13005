//! Reading a run with `status`, `show` and `report`: while it lives, after a crash, when it is damaged.

use crate::support::Project;
use std::{
    fs, thread,
    time::{Duration, Instant},
};

const LONG: &str = "actions:\n  - wait: {id: long, for: 1m}\ncriteria:\n  - expect: long.waited_s > 0";
const FAILS: &str = "actions:\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: a.waited_s > slo.wait_s";

#[test]
fn a_run_is_read_while_it_lives_and_after_it_was_killed() {
    let project = Project::new();
    project.step(0, LONG);
    let mut running = project.command(&["run"]).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while !project.jalon(&["status"]).stdout.contains("in progress: long") {
        assert!(Instant::now() < deadline, "{:?}", project.jalon(&["status"]));
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(project.status()["state"], "running");
    assert!(project.jalon(&["report", "--print"]).exits(0).stdout.contains("action long is in progress"));
    assert!(project.jalon(&["show", "0"]).exits(0).stdout.contains("running"));
    running.kill().unwrap();
    running.wait().unwrap();
    let status = project.status();
    assert_eq!(
        (&status["state"], &status["steps"][0]["state"]),
        (&"interrupted".into(), &"interrupted".into())
    );
    assert_eq!(status["next"], serde_json::json!(["jalon resume"]));
    assert!(project.jalon(&["report", "--print"]).exits(0).stdout.contains("the run ended during long"));
}

#[test]
fn a_failed_run_is_reported_in_both_languages_and_forms() {
    let project = Project::new();
    project.step(0, FAILS);
    project.jalon(&["run"]).exits(1);
    let status = project.jalon(&["status"]).exits(0).stdout;
    assert!(status.contains("fail: a.waited_s > slo.wait_s") && status.contains("limit 5 s"), "{status}");
    assert!(status.contains("jalon retry 0"), "{status}");
    for (language, word) in [("en", "Executive summary"), ("fr", "Résumé exécutif")] {
        let out = format!("out/{language}");
        let ran =
            project.jalon(&["report", "--lang", language, "--format", "md,json", "--out", &out]).exits(0);
        let paths: Vec<&str> = ran.stdout.lines().collect();
        assert_eq!(paths.len(), 3, "{ran:?}");
        assert!(paths[0].ends_with(&format!(".{language}.md")), "{ran:?}");
        assert!(paths[1].ends_with(&format!("-annexes.{language}.md")), "{ran:?}");
        assert!(fs::read_to_string(project.path().join(paths[0])).unwrap().contains(word));
        let json = fs::read_to_string(project.path().join(paths[2])).unwrap();
        let model: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(model["criteria"][0]["rows"][0]["verdict_code"], "fail");
    }
    project.jalon(&["report"]).exits(0);
    project.jalon(&["verify"]).exits(0);
    // Nothing of that day: the report says so, and where there is something.
    project.jalon(&["report", "--day", "2001-01-01"]).exits(0).says(&["days on record"]);
    project.jalon(&["report", "--from", "2001-01-02", "--day", "2001-01-01"]).exits(2).says(&["--from"]);
    project.jalon(&["report", "--all", "--print"]).exits(0);
    project.jalon(&["show", "7"]).exits(2).says(&["no step 7"]);
    project.jalon(&["show", "0", "--attempt", "2"]).exits(2).says(&["its attempts: 1"]);
}

#[test]
fn a_damaged_run_is_not_reported() {
    let project = Project::new();
    project.step(0, FAILS);
    project.jalon(&["run"]).exits(1);
    let path = project.run_dir().join("journal.jsonl");
    let text = fs::read_to_string(&path).unwrap().replacen("\"attempt\":1", "\"attempt\":2", 1);
    fs::write(&path, text).unwrap();
    for args in [&["report"][..], &["show", "0"], &["status", "--json"]] {
        project.jalon(args).exits(9).says(&["journal.jsonl:", "altered"]);
    }
}

#[test]
fn a_report_is_made_without_the_campaign_file() {
    let project = Project::new();
    project.step(0, FAILS);
    project.jalon(&["run"]).exits(1);
    fs::remove_file(project.path().join("plan/campaign.yaml")).unwrap();
    let report = project.jalon(&["report", "--print"]).exits(0).stdout;
    assert!(report.contains("plan/campaign.yaml: No such file"), "{report}");
}
