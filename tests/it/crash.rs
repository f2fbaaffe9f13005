//! The process is killed after every record of a scenario; resumed, it comes to the same end, and nothing is lost.

use crate::support::{Project, Ran};
use std::{collections::BTreeMap, fs, os::unix::process::ExitStatusExt};

/// A scenario with effects outside the journal, a fault with its undo, a question and an approval.
fn scenario() -> Project {
    let project = Project::new();
    project
        .step(
            0,
            "actions:
  - shell: {id: mark, argv: [sh, -c, 'echo mark >> marks; echo 42'], capture: {number: {regex: '(\\d+)'}}, on_interrupt: rerun}
  - wait: {id: settle, for: 20ms}
criteria:
  - expect: mark.number == 42
artifacts: [mark/stdout.txt]",
        )
        .step(
            1,
            "needs: [0]
actions:
  - parallel:
      - fault: {id: outage, inject: [sh, -c, 'test ! -e broken && touch broken'], undo: [rm, -f, broken], hold: 50ms}
      - wait: {id: load, for: 80ms}
criteria:
  - expect: outage.held_s >= 0.05",
        )
        .step(
            2,
            "needs: [1]
actions:
  - shell: {id: careful, argv: [sh, -c, 'echo careful >> marks']}
  - manual: {id: seen, question: Did you see it?}
criteria:
  - expect: seen.yes
approve: {role: lead, question: May it go on?}",
        )
        .step(3, "needs: [2]\nactions:\n  - wait: {id: end, for: 10ms}\ncriteria:\n  - expect: end.waited_s < slo.wait_s");
    project
}

/// Goes on with the run until it passes, giving every answer that it waits for.
fn to_the_end(project: &Project, mut last: Ran) -> Ran {
    for _ in 0..12 {
        match last.code {
            Some(0) => return last,
            Some(7) => {
                project.jalon(&["approve", "2", "--by", "ada"]).exits(0);
            }
            Some(code) => assert_eq!(code, 5, "{last:#?}"),
            None => {}
        }
        last = project.jalon(&["resume"]);
    }
    panic!("the run came to no end: {last:#?}");
}

/// What must be equal however often the run was killed: states, verdicts, and the names of the outputs.
fn end_state(project: &Project) -> BTreeMap<String, String> {
    assert!(!project.path().join("broken").exists(), "a fault was left in place");
    let status = project.status();
    let mut end = BTreeMap::new();
    for step in status["steps"].as_array().unwrap() {
        let verdicts: Vec<_> =
            step["criteria"].as_array().unwrap().iter().map(|c| c["verdict"].to_string()).collect();
        end.insert(step["step"].to_string(), format!("{} {verdicts:?}", step["state"]));
    }
    end
}

fn kill_after(at: &str) -> (Project, Ran) {
    let project = scenario();
    let output = project.command(&["run"]).env("JALON_TEST_KILL_AFTER", at).output().unwrap();
    assert_eq!(output.status.signal(), Some(9), "record {at} was never written: {output:?}");
    (project, Ran::of(output))
}

/// Nothing that was durable before the kill may be missing or changed behind it.
fn journal_bytes(project: &Project) -> Vec<u8> {
    let bytes = fs::read(project.run_dir().join("journal.jsonl")).unwrap();
    let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    bytes[..whole].to_vec()
}

#[test]
fn a_run_killed_after_any_record_comes_to_the_same_end() {
    let project = scenario();
    let first = project.jalon(&["run"]).exits(7);
    let records = project.journal().len();
    to_the_end(&project, first);
    let expected = end_state(&project);
    assert!(expected.values().all(|state| state.contains("passed")), "{expected:?}");
    // The last record of the first command is its own end: a kill behind it is no crash.
    let points: Vec<String> =
        (1..records).flat_map(|n| [n.to_string(), format!("{n}+1"), format!("{n}+150")]).collect();
    println!("{} kill points", points.len());
    for point in points {
        let (project, killed) = kill_after(&point);
        let before = journal_bytes(&project);
        to_the_end(&project, killed);
        assert_eq!(end_state(&project), expected, "killed after record {point}");
        assert!(
            journal_bytes(&project).starts_with(&before),
            "killed after record {point}: an acknowledged record is lost"
        );
        project.jalon(&["verify"]).exits(0);
    }
}

#[test]
fn a_resume_killed_after_any_record_comes_to_the_same_end() {
    let (project, _) = kill_after("12");
    let mut point = 13;
    loop {
        let output =
            project.command(&["resume"]).env("JALON_TEST_KILL_AFTER", point.to_string()).output().unwrap();
        if output.status.signal() != Some(9) {
            to_the_end(&project, Ran::of(output));
            break;
        }
        point = project.journal().len() + 2;
        assert!(point < 400, "every resume must come further than the one before");
        if point % 5 == 0 {
            // From here the run may come to its end.
            let ran = project.jalon(&["resume"]);
            to_the_end(&project, ran);
            break;
        }
    }
    assert!(end_state(&project).values().all(|state| state.contains("passed")));
}

#[test]
fn a_fault_that_a_crash_left_is_undone_before_anything_else() {
    let project = scenario();
    let intent = {
        project.jalon(&["run"]).exits(7);
        project
            .journal()
            .iter()
            .position(|r| r["event"]["type"] == "action-started" && r["event"]["kind"] == "fault")
            .unwrap()
            + 1
    };
    let (project, _) = kill_after(&intent.to_string());
    // As if the process had died just behind the injection.
    fs::write(project.path().join("broken"), "").unwrap();
    project.jalon(&["resume"]).exits(7);
    let after: Vec<String> = project.journal()[intent..]
        .iter()
        .map(|r| r["event"]["type"].as_str().unwrap().to_owned())
        .filter(|t| !["run-resumed", "snapshot-taken"].contains(&t.as_str()))
        .collect();
    assert_eq!(after[0], "action-undone", "{after:?}");
    assert!(!project.path().join("broken").exists());
}

#[test]
fn an_action_in_doubt_that_must_not_be_repeated_waits_for_an_operator() {
    let project = scenario();
    project.jalon(&["run"]).exits(7);
    let intent = project
        .journal()
        .iter()
        .position(|r| r["event"]["type"] == "action-started" && r["event"]["action"] == "careful")
        .unwrap()
        + 1;
    let (project, _) = kill_after(&intent.to_string());
    project.jalon(&["resume"]).exits(7).says(&["jalon approve 2"]);
    assert_eq!(
        fs::read_to_string(project.path().join("marks")).unwrap(),
        "mark\n",
        "it was repeated without a word"
    );
    project.jalon(&["approve", "2", "--action", "careful"]).exits(0);
    project.jalon(&["resume"]).exits(7);
    assert_eq!(fs::read_to_string(project.path().join("marks")).unwrap(), "mark\ncareful\n");
}
