//! Gates: what unlocks a step, what people may decide, and what the exit code says.

use crate::support::Project;
use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::Duration,
};

const PASSES: &str = "actions:\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: a.waited_s < slo.wait_s";
const FAILS: &str = "actions:\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: a.waited_s > slo.wait_s";

fn needing(need: u32, front: &str) -> String {
    format!("needs: [{need}]\n{front}")
}

#[test]
fn every_step_passes_and_the_run_ends_with_0() {
    let project = Project::new();
    project.step(0, PASSES).step(1, &needing(0, PASSES));
    project.jalon(&["run"]).exits(0);
    assert_eq!(project.states(), ["passed", "passed"]);
    project.jalon(&["verify"]).exits(0);
}

#[test]
fn a_failed_step_locks_what_needs_it() {
    let project = Project::new();
    project.step(0, FAILS).step(1, &needing(0, PASSES)).step(2, PASSES);
    project.jalon(&["run"]).exits(1).says(&["a.waited_s > slo.wait_s", "limit 5 s", "jalon retry 0"]);
    assert_eq!(project.states(), ["failed", "locked", "passed"]);
}

#[test]
fn a_warning_lets_the_step_pass_and_stays_visible() {
    let project = Project::new();
    project.step(0, &format!("{FAILS}\n    severity: warn")).step(1, &needing(0, PASSES));
    project.jalon(&["run"]).exits(0).says(&["warn"]);
    assert_eq!(project.status()["steps"][0]["criteria"][0]["verdict"], "warn");
}

#[test]
fn data_that_is_missing_is_inconclusive_and_never_a_pass() {
    let project = Project::new();
    project.step(
        0,
        "actions:\n  - shell: {id: s, argv: [echo, nothing], capture: {n: {regex: '(\\d+)'}}}\ncriteria:\n  - expect: s.n < 10",
    );
    project.jalon(&["run"]).exits(6);
    assert_eq!(project.states(), ["inconclusive"]);
}

#[test]
fn an_action_that_cannot_be_carried_out_is_an_error() {
    let project = Project::new();
    project.step(
        0,
        "actions:\n  - shell: {id: s, argv: [no-such-program]}\ncriteria:\n  - expect: s.exit_code == 0",
    );
    project.jalon(&["run"]).exits(4).says(&["no-such-program"]);
    assert_eq!(project.states(), ["error"]);
}

#[test]
fn a_retry_is_a_new_attempt_beside_the_old_one() {
    let project = Project::new();
    let step = "actions:\n  - shell: {id: s, argv: [test, -e, ready], exit_codes: [0, 1]}\ncriteria:\n  - expect: s.exit_code == 0";
    project.step(0, step).step(1, &needing(0, PASSES));
    project.jalon(&["run"]).exits(1);
    project.file("ready", "");
    project.jalon(&["retry", "0"]).exits(0);
    assert_eq!(project.states(), ["passed", "passed"]);
    assert_eq!(project.status()["steps"][0]["attempt"], 2);
    for attempt in [1, 2] {
        assert!(project.run_dir().join(format!("00/{attempt}/s")).is_dir(), "attempt {attempt} left nothing");
    }
}

#[test]
fn a_resumed_run_keeps_what_passed_and_does_again_what_changed() {
    let project = Project::new();
    let counted = "actions:\n  - shell: {id: s, argv: [sh, -c, 'echo x >> count'], on_interrupt: rerun}\ncriteria:\n  - expect: s.exit_code == 0";
    project.step(0, counted).step(1, &needing(0, FAILS));
    project.jalon(&["run"]).exits(1);
    let count = || std::fs::read_to_string(project.path().join("count")).unwrap().lines().count();
    project.jalon(&["resume"]).exits(1).says(&["step  0  kept"]);
    assert_eq!(count(), 1, "a step that was kept was carried out again");
    project.step(0, &format!("estimate: 1m\n{counted}"));
    project.jalon(&["resume"]).exits(1).says(&["step  0  kept"]);
    project.step(0, &counted.replace("on_interrupt: rerun", "on_interrupt: ask"));
    project.jalon(&["resume"]).exits(1).says(&["step  0  runs again: its file changed"]);
    assert_eq!(count(), 2);
    std::fs::write(project.run_dir().join("00/2/s/stdout.txt"), "forged").unwrap();
    project.jalon(&["verify"]).exits(9);
    // It says now that it must not be repeated without a question.
    let question = "`s` of step 0 had finished, and would be done again (artifact 00/2/s/stdout.txt changed";
    project.jalon(&["resume"]).exits(7).says(&["changed after it was stored", question]);
    assert_eq!(count(), 2);
    project.jalon(&["approve", "0", "--action", "s"]).exits(0);
    project.jalon(&["resume"]).exits(1);
    assert_eq!(count(), 3);
}

#[test]
fn a_resumed_run_keeps_the_variables_of_its_command_line() {
    let project = Project::new();
    let step = "actions:\n  - wait: {id: a, for: \"{{ vars.pause }}\"}\ncriteria:\n  - expect: a.waited_s < slo.wait_s";
    project.step(0, step).step(1, &needing(0, FAILS));
    project.jalon(&["run"]).exits(3).says(&["`vars` has no `pause`"]);
    // One that nothing asks for would be without effect.
    project
        .jalon(&["run", "--var", "paus=1ms"])
        .exits(2)
        .says(&["unknown variable `paus`", "has no variable"]);
    project.jalon(&["run", "--var", "pause=20ms"]).exits(1);
    project.jalon(&["resume"]).exits(1).says(&["step  0  kept"]);
    let params = project.journal().into_iter().find(|r| r["event"]["type"] == "action-started").unwrap();
    assert_eq!(params["event"]["params"]["for"], "20ms");
}

#[test]
fn a_waiver_has_a_name_and_a_reason_and_unlocks() {
    let project = Project::new();
    project.step(0, FAILS).step(1, &needing(0, PASSES));
    project.jalon(&["run"]).exits(1);
    project.jalon(&["waive", "1", "--reason", "x"]).exits(2).says(&["no verdict to waive"]);
    project.jalon(&["waive", "0", "--reason", "known limit", "--by", "ada"]).exits(0);
    project.jalon(&["resume"]).exits(11).says(&["passed with exceptions", "step 0 waived"]);
    assert_eq!(project.states(), ["waived", "passed"]);
    let shown = project.jalon(&["status"]).exits(0).stdout;
    assert!(shown.contains("passed with exceptions") && shown.contains("waived"), "{shown}");
    let status = project.jalon(&["status", "--json"]).exits(0).stdout;
    assert!(status.contains("\"state\": \"passed-with-exceptions\""), "{status}");
    project.jalon(&["report"]).exits(0);
}

#[test]
fn the_last_line_names_the_worst_first_and_what_failed_beside_an_error() {
    let project = Project::new();
    let criteria = "criteria:
  - expect: w.waited_s > 50
  - expect: w.waited_s > 40
    must: true
  - expect: w.waited_s > 30
    severity: warn
  - expect: s.n > 1";
    let step = |argv: &str| {
        format!(
            "actions:\n  - wait: {{id: w, for: 1ms}}\n  - shell: {{id: s, argv: {argv}, capture: {{n: {{regex: 'n=(.*)'}}}}, on_interrupt: rerun}}\n{criteria}"
        )
    };
    project.step(0, &step("[echo, nothing]"));
    project.jalon(&["run"]).exits(1);
    let last = |project: &Project| {
        let finished =
            project.journal().into_iter().rfind(|r| r["event"]["type"] == "step-finished").unwrap();
        finished["event"]["reason"].as_str().unwrap().to_owned()
    };
    assert_eq!(last(&project), "fail: w.waited_s > 40; fail: w.waited_s > 50; inconclusive: s.n > 1");
    project.step(0, &step("[sh, -c, 'exit 7']"));
    project.jalon(&["retry", "0"]).exits(4);
    let told = last(&project);
    assert!(
        told.starts_with("fail: w.waited_s > 40; `s`") && told.ends_with("; fail: w.waited_s > 50"),
        "{told}"
    );
}

#[test]
fn what_only_warns_and_cannot_be_judged_stops_nothing() {
    let project = Project::new();
    let shell = "shell: {id: s, argv: [echo, nothing], capture: {n: {regex: 'n=(.*)'}}, on_interrupt: rerun}";
    project.step(
        0,
        &format!("actions:\n  - {shell}\n  - wait: {{id: w, for: 1ms}}\ncriteria:\n  - expect: w.waited_s < 5\n  - expect: s.n > 1\n    severity: warn"),
    );
    project.step(1, &needing(0, PASSES));
    project.jalon(&["run"]).exits(0).says(&["not judged   s.n > 1", "not judged: "]);
    assert_eq!(project.states(), ["passed", "passed"]);
    project.jalon(&["status"]).prints(&["warn: s.n > 1", "not judged: "]);
}

#[test]
fn an_expired_waiver_locks_again_and_a_must_cannot_be_waived() {
    let project = Project::new();
    project.step(0, FAILS).step(1, &needing(0, PASSES));
    project.jalon(&["run"]).exits(1);
    project.jalon(&["waive", "0", "--reason", "x", "--until", "2020-01-01"]).exits(2).says(&["in the past"]);
    let until = waive_for(&project, 0, 1);
    std::thread::sleep(Duration::from_millis(1100));
    project.jalon(&["resume"]).exits(1).says(&["the waiver of ada expired at", &until]);
    assert_eq!(project.states(), ["failed", "locked"]);
    let project = Project::new();
    project.step(0, &format!("{FAILS}\n    must: true"));
    project.jalon(&["run"]).exits(1);
    project.jalon(&["waive", "0", "--reason", "x"]).exits(2).says(&["must: true"]);
}

/// Waives a step for some seconds; the answer is until when.
fn waive_for(project: &Project, step: u32, seconds: i64) -> String {
    let until = (jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds)).to_string();
    let args = ["waive", &step.to_string(), "--reason", "known", "--by", "ada", "--until", &until];
    project.jalon(&args).exits(0);
    until
}

#[test]
fn a_waiver_that_expires_while_the_run_goes_on_locks_what_has_not_begun() {
    let project = Project::new();
    let counted = FAILS.replace(
        "  - wait:",
        "  - shell: {id: s, argv: [sh, -c, 'echo x >> count'], on_interrupt: rerun}\n  - wait:",
    );
    project.step(0, &counted);
    project.step(1, "actions:\n  - wait: {id: long, for: 3s}\ncriteria:\n  - expect: long.waited_s > 5\n    severity: warn");
    project.step(2, &format!("needs: [0, 1]\n{PASSES}"));
    project.jalon(&["run", "--until", "0"]).exits(1);
    waive_for(&project, 0, 2);
    project.jalon(&["resume", "--all"]).exits(1).says(&["step  0  kept: waived by ada: known"]);
    assert_eq!(project.states(), ["failed", "passed", "locked"]);
    let count = std::fs::read_to_string(project.path().join("count")).unwrap();
    assert_eq!(count, "x\n", "a step that was to be kept was done again");
}

#[test]
fn a_step_with_a_must_or_an_approval_is_not_skipped_before_it_ran_either() {
    let project = Project::new();
    project
        .step(0, FAILS)
        .step(1, &format!("{}\n    must: true", needing(0, PASSES)))
        .step(2, &format!("{}\napprove: {{role: lead, question: Go on?}}", needing(0, PASSES)))
        .step(3, &needing(0, PASSES));
    project.jalon(&["run"]).exits(1);
    assert_eq!(project.states(), ["failed", "locked", "locked", "locked"]);
    project.jalon(&["skip", "1", "--reason", "no time"]).exits(2).says(&["cannot be skipped", "must: true"]);
    project
        .jalon(&["skip", "2", "--reason", "no time"])
        .exits(2)
        .says(&["cannot be skipped", "approval of lead"]);
    project.jalon(&["skip", "3", "--reason", "no time"]).exits(0);
    assert_eq!(project.states(), ["failed", "locked", "locked", "skipped"]);
}

#[test]
fn a_run_with_a_skipped_step_is_not_simply_passed() {
    let project = Project::new();
    project.step(0, FAILS).step(1, PASSES).step(2, &needing(0, PASSES));
    project.jalon(&["run"]).exits(1);
    project.jalon(&["skip", "2", "--reason", "not today"]).exits(0);
    project.jalon(&["resume"]).exits(1);
    project.jalon(&["waive", "0", "--reason", "known"]).exits(0);
    project.jalon(&["resume"]).exits(11).says(&["step 0 waived, step 2 skipped"]);
}

#[test]
fn what_has_no_number_where_one_was_meant_passes_nothing() {
    let project = Project::new();
    let captured = |output: &str| {
        format!(
            "actions:\n  - shell:\n      id: s\n      argv: [sh, -c, 'echo \"n=[{output}]\"']\n      \
             on_interrupt: rerun\n      capture:\n        n: {{regex: 'n=\\[(.*)\\]'}}\ncriteria:\n"
        )
    };
    let criteria =
        ["s.n != 5", "!(s.n == 5)", "!(s.n in [5, 6])", "1 / (s.exit_code) > 5", "[s.n].all(x, x != 5)"];
    let criteria: String = criteria.iter().map(|text| format!("  - expect: '{text}'\n")).collect();
    for (step, output) in [(0, ""), (1, "n/a"), (2, "true"), (3, "5 ms")] {
        project.step(step, &(captured(output) + &criteria));
    }
    project.jalon(&["run"]).exits(6);
    assert_eq!(project.states(), ["inconclusive"; 4]);
    for record in project.journal().iter().filter(|r| r["event"]["type"] == "criterion-judged") {
        let judgement = &record["event"]["judgement"];
        assert_eq!(judgement["verdict"], "inconclusive", "{judgement:#}");
        let reason = judgement["reason"].as_str().unwrap();
        assert!(
            reason.contains("`s.n` is")
                || reason.contains("`s.exit_code` is the number 0")
                || reason.contains("`x` is"),
            "{reason}"
        );
    }
}

#[test]
fn a_step_is_passed_over_only_where_no_gate_is_gone_round() {
    let project = Project::new();
    project
        .step(0, PASSES)
        .step(1, FAILS)
        .step(2, &format!("{FAILS}\n    must: true\n  - expect: a.waited_s < slo.wait_s"))
        .step(3, &format!("{PASSES}\napprove: {{role: lead, question: Go on?}}"))
        .step(4, &needing(3, PASSES));
    project.jalon(&["run"]).exits(7);
    for (step, hint) in [("0", "is passed"), ("1", "jalon waive"), ("2", "is failed"), ("3", "jalon approve")]
    {
        project.jalon(&["skip", step, "--reason", "no time"]).exits(2).says(&[hint]);
    }
    project.jalon(&["waive", "0", "--reason", "x"]).exits(2).says(&["no verdict to waive", "it is passed"]);
    project.jalon(&["waive", "3", "--reason", "x"]).exits(2).says(&["is awaiting-approval"]);
    project.jalon(&["skip", "4", "--reason", " "]).exits(2).says(&["the reason is empty"]);
    project.jalon(&["waive", "1", "--reason", ""]).exits(2).says(&["the reason is empty"]);
    project.jalon(&["skip", "4", "--reason", "not today", "--by", "ada"]).exits(0);
    assert_eq!(project.states()[4], "skipped");
    let skipped = project.journal().into_iter().rev().find(|r| r["event"]["type"] == "step-skipped").unwrap();
    assert_eq!((&skipped["event"]["by"], &skipped["event"]["reason"]), (&"ada".into(), &"not today".into()));
    project.jalon(&["approve", "0"]).exits(2).says(&["does not wait for an approval"]);
}

#[test]
fn what_must_hold_and_does_not_is_named_first_whatever_else_goes_wrong() {
    let project = Project::new();
    let actions = "actions:\n  - wait: {id: a, for: 10ms}\n";
    let criteria = "criteria:\n  - expect: a.waited_s == 0\n    severity: warn\n  - expect: a.waited_s > slo.wait_s\n  \
                    - expect: a.waited_s > 2 * slo.wait_s\n    must: true\n";
    project.step(
        0,
        &format!("{actions}  - shell: {{id: s, argv: [/no/such/program], on_interrupt: rerun}}\n{criteria}"),
    );
    project.step(1, &format!("{actions}{criteria}"));
    project.jalon(&["run"]);
    let journal = project.journal();
    let ended: Vec<&str> = journal
        .iter()
        .filter(|r| r["event"]["type"] == "step-finished")
        .map(|r| r["event"]["reason"].as_str().unwrap())
        .collect();
    let [with_error, alone] = ended.as_slice() else { panic!("{ended:?}") };
    assert!(with_error.starts_with("fail: a.waited_s > 2 * slo.wait_s; `s`: "), "{with_error}");
    assert!(with_error.ends_with("; fail: a.waited_s > slo.wait_s"), "{with_error}");
    assert!(alone.starts_with("fail: a.waited_s > 2 * slo.wait_s; fail: a.waited_s > slo.wait_s"), "{alone}");
}

#[test]
fn an_approval_works_without_a_terminal() {
    let project = Project::new();
    project
        .step(0, &format!("{PASSES}\napprove: {{role: lead, question: Go on?}}"))
        .step(1, &needing(0, PASSES));
    project.jalon(&["run"]).exits(7).says(&["jalon approve 0"]);
    assert_eq!(project.states(), ["awaiting-approval", "locked"]);
    project.jalon(&["approve", "0", "--by", "ada", "--comment", "fine"]).exits(0);
    project.jalon(&["resume"]).exits(0);
    let given = project.journal().into_iter().find(|r| r["event"]["type"] == "approval-given").unwrap();
    assert_eq!(given["event"]["answer"], serde_json::json!({"yes": true, "by": "ada", "comment": "fine"}));
}

#[test]
fn a_refused_approval_fails_the_step() {
    let project = Project::new();
    project.step(0, &format!("{PASSES}\napprove: {{role: lead, question: Go on?}}"));
    project.jalon(&["run"]).exits(7);
    project.jalon(&["approve", "0", "--no"]).exits(0);
    project.jalon(&["resume"]).exits(1);
}

#[test]
fn steps_that_were_not_asked_for_are_skipped_and_shown() {
    let project = Project::new();
    project.step(0, FAILS).step(1, &needing(0, PASSES)).step(2, &needing(1, PASSES));
    project.jalon(&["run", "--only", "1"]).exits(0);
    assert_eq!(project.states(), ["skipped", "passed", "ready"]);
    project.jalon(&["run", "--only", "9"]).exits(2).says(&["no step 9"]);
}

#[test]
fn a_production_environment_wants_its_name() {
    let project = Project::new();
    project.file("plan/environments/lab.yaml", "name: lab\nproduction: true\n").step(0, PASSES);
    project.jalon(&["run"]).exits(2).says(&["production", "--confirm lab"]);
    project.jalon(&["run", "--confirm", "lba"]).exits(2);
    project.jalon(&["run", "--confirm", "lab"]).exits(0);
}

#[test]
fn unknown_names_on_the_command_line_are_usage_errors() {
    let project = Project::new();
    project.step(0, PASSES);
    project.jalon(&["run", "--env", "lap"]).exits(2).says(&["`lap`", "did you mean `lab`"]);
    project.jalon(&["run", "--profile", "nominal"]).exits(2).says(&["`nominal`", "smoke"]);
    project.jalon(&["status"]).exits(2).says(&["no run"]);
    project.jalon(&["frobnicate"]).exits(2);
}

/// Starts a run that waits for long, and returns once its first action has started.
fn long_run(project: &Project) -> std::process::Child {
    project.step(0, "actions:\n  - wait: {id: a, for: 60s}\ncriteria:\n  - expect: a.waited_s > 1");
    let mut child = project.command(&["run"]).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    while !lines.next().expect("the run started").unwrap().contains("step 0") {}
    std::thread::spawn(move || lines.for_each(drop));
    std::thread::sleep(Duration::from_millis(200));
    child
}

fn signal(child: &std::process::Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn a_second_runner_is_refused_and_the_first_one_is_named() {
    let project = Project::new();
    let mut first = long_run(&project);
    project.jalon(&["run"]).exits(8).says(&[&format!("process {}", first.id())]);
    project.jalon(&["resume"]).exits(8);
    for decision in [&["skip", "0", "--reason", "x"][..], &["approve", "0"], &["waive", "0", "--reason", "x"]]
    {
        project.jalon(decision).exits(8).says(&["is in progress", "at its terminal", "jalon note"]);
    }
    assert_eq!(project.states(), ["running"], "status needs no lock");
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(project.states(), ["interrupted"]);
}

#[test]
fn an_interrupt_ends_the_run_gracefully_and_it_can_be_resumed() {
    let project = Project::new();
    let mut child = long_run(&project);
    signal(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(5));
    assert_eq!(project.states(), ["interrupted"]);
    assert_eq!(project.journal().last().unwrap()["event"]["type"], "run-finished");
    project.step(0, "actions:\n  - wait: {id: a, for: 10ms}\ncriteria:\n  - expect: a.waited_s > 0.001");
    project.jalon(&["resume"]).exits(0);
    assert_eq!(project.status()["steps"][0]["attempt"], 2);
}

#[test]
fn notes_can_be_written_while_a_run_is_in_progress() {
    let project = Project::new();
    let mut child = long_run(&project);
    project.jalon(&["note", "hypothesis", "The GC pauses the broker", "--step", "0"]).exits(0);
    child.kill().unwrap();
    child.wait().unwrap();
}
