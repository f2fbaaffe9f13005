//! The process is killed after every record of a scenario, and inside every record; resumed, it comes to the same end,
//! and nothing is lost. `crash_platform.rs` does it on a real platform.

use crate::support::{Project, Ran};
use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    os::unix::process::ExitStatusExt,
    sync::atomic::{AtomicUsize, Ordering},
};

/// A scenario with effects outside the journal, a fault with its undo, a question and an approval.
pub(crate) fn scenario() -> Project {
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
      - fault:
          id: outage
          inject: [sh, -c, 'test ! -e broken && touch broken && echo inject >> faults']
          undo: [sh, -c, 'rm -f broken; echo undo >> faults']
          hold: 50ms
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

/// Goes on with the run until it passes, giving every answer that it waits for. A crash is told by no exit code.
pub(crate) fn to_the_end(project: &Project, mut last: Ran) -> Ran {
    for _ in 0..12 {
        match last.code {
            Some(0) => return last,
            Some(7) => {
                project.jalon(&["approve", "2", "--by", "ada"]).exits(0);
            }
            // Connect refuses while connectors of other campaigns come and go; the next try finds it ready.
            Some(4) if last.stderr.contains("a rebalance is expected") => {}
            Some(code) => assert!([5, 10].contains(&code), "{last:#?}"),
            None => {}
        }
        last = match project.has_run() {
            true => project.jalon(&["resume"]),
            // Not even the first record was written: there is nothing to go on with.
            false => project.jalon(&["run"]),
        };
        if last.stderr.contains("ended before its first record") {
            last = project.jalon(&["run"]);
        }
    }
    panic!("the run came to no end: {last:#?}");
}

/// What must be equal however often the run was killed: states, verdicts, and the names of the outputs.
pub(crate) fn end_state(project: &Project) -> BTreeMap<String, String> {
    effects_are_sound(project);
    let status = project.status();
    let mut end = BTreeMap::new();
    for step in status["steps"].as_array().unwrap() {
        let verdicts: Vec<_> =
            step["criteria"].as_array().unwrap().iter().map(|c| c["verdict"].to_string()).collect();
        end.insert(step["step"].to_string(), format!("{} {verdicts:?}", step["state"]));
    }
    end
}

/// No fault stands, none was set on top of another, and nothing was done more often than it was announced or less often
/// than it was recorded.
fn effects_are_sound(project: &Project) {
    assert!(!project.path().join("broken").exists(), "a fault was left in place");
    let read = |name: &str| fs::read_to_string(project.path().join(name)).unwrap_or_default();
    let mut broken = false;
    for line in read("faults").lines() {
        assert!(!(broken && line == "inject"), "a fault was applied twice:\n{}", read("faults"));
        broken = line == "inject";
    }
    assert!(!broken, "the last word on the fault is its injection");
    let count = |kind: &str, action: &str| {
        project
            .journal()
            .iter()
            .filter(|r| r["event"]["type"] == kind && r["event"]["action"] == action)
            .count()
    };
    for (action, done) in [
        ("mark", read("marks").lines().filter(|l| *l == "mark").count()),
        ("careful", read("marks").lines().filter(|l| *l == "careful").count()),
        ("outage", read("faults").lines().filter(|l| *l == "inject").count()),
    ] {
        let bounds = count("action-finished", action).max(1)..=count("action-started", action);
        assert!(bounds.contains(&done), "`{action}` was done {done} times and recorded {bounds:?}");
    }
}

/// Nothing that a person was told may be missing from the journal.
pub(crate) fn what_was_told_is_recorded(project: &Project, told: &Ran) {
    if !project.has_run() {
        assert!(!told.stderr.contains("step "), "{told:#?}");
        return;
    }
    let records = project.journal();
    for line in told.stderr.lines() {
        let word = line.split_whitespace().next().unwrap_or_default();
        let action = line.starts_with(&format!("  {word:<14} ")) && line.ends_with(')');
        let found = records.iter().any(|r| {
            let e = &r["event"];
            match line.strip_prefix("step ") {
                Some(rest) => {
                    let number: Option<u64> = rest.split_whitespace().next().and_then(|n| n.parse().ok());
                    e["type"] == "step-started" && e["step"].as_u64() == number
                }
                None => e["type"] == "action-finished" && e["action"] == word,
            }
        });
        let is_step = line.starts_with("step ") && !line.contains("kept:") && !line.contains("runs");
        assert!(found || !(action || is_step), "told and not recorded: {line}\n{told:#?}");
    }
}

fn kill_after(at: &str) -> (Project, Ran) {
    let project = scenario();
    let output = project.command(&["run"]).env("JALON_TEST_KILL_AFTER", at).output().unwrap();
    assert_eq!(output.status.signal(), Some(9), "record {at} was never written: {output:?}");
    (project, Ran::of(output))
}

/// Nothing that was durable before the kill may be missing or changed behind it.
pub(crate) fn journal_bytes(project: &Project) -> Vec<u8> {
    if !project.has_run() {
        return Vec::new();
    }
    let bytes = fs::read(project.run_dir().join("journal.jsonl")).unwrap();
    let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    bytes[..whole].to_vec()
}

/// Where to kill a run whose journal has those lines: in the first byte of a record, in its middle, one byte before its
/// end, and at its end. Behind the last record of a command it has ended by itself.
pub(crate) fn points(lines: &[usize]) -> Vec<String> {
    let inside = |(before, length): (usize, &usize)| {
        let number = before + 1;
        [format!("{before}+1"), format!("{before}+{}", length / 2), format!("{number}-1"), number.to_string()]
    };
    let mut points: Vec<String> = lines.iter().enumerate().flat_map(inside).collect();
    points.pop();
    points
}

/// Lengths of the journal's lines.
pub(crate) fn lines(project: &Project) -> Vec<usize> {
    journal_bytes(project).split_inclusive(|b| *b == b'\n').map(<[u8]>::len).collect()
}

/// Says how many there were, also where the test harness swallows what a passing test prints.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Does `check` at every point, some of them at the same time.
fn everywhere(points: &[String], check: impl Fn(&str) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(point) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                    check(point);
                }
            });
        }
    });
}

#[test]
fn a_run_killed_at_any_record_comes_to_the_same_end() {
    let project = scenario();
    let first = project.jalon(&["run"]).exits(7);
    let lines = lines(&project);
    to_the_end(&project, first);
    let expected = end_state(&project);
    assert!(expected.values().all(|state| state.contains("passed")), "{expected:?}");
    let points = points(&lines);
    tell(&format!("crash harness: {} kill points in {} records of a run", points.len(), lines.len()));
    everywhere(&points, |point| {
        let (project, killed) = kill_after(point);
        what_was_told_is_recorded(&project, &killed);
        let before = journal_bytes(&project);
        to_the_end(&project, killed);
        assert_eq!(end_state(&project), expected, "killed at {point}");
        assert!(
            journal_bytes(&project).starts_with(&before),
            "killed at {point}: an acknowledged record is lost"
        );
        project.jalon(&["verify"]).exits(0);
    });
}

#[test]
fn a_resume_killed_at_any_record_comes_to_the_same_end() {
    // Killed while the fault stands, so that every resume begins with its undo.
    let project = scenario();
    project.jalon(&["run"]).exits(7);
    let intent = 1 + position(&project, |e| e["type"] == "action-started" && e["kind"] == "fault");
    let (project, killed) = kill_after(&intent.to_string());
    let first = lines(&project).len();
    assert_eq!(first, intent);
    let resumed = project.jalon(&["resume"]).exits(7);
    let lines = lines(&project);
    drop((resumed, killed));
    let points: Vec<String> = points(&lines).split_off(first * 4);
    tell(&format!(
        "crash harness: {} kill points in {} records of a resume",
        points.len(),
        lines.len() - first
    ));
    everywhere(&points, |point| {
        let (project, _) = kill_after(&intent.to_string());
        fs::write(project.path().join("broken"), "").unwrap();
        fs::write(project.path().join("faults"), "inject\n").unwrap();
        let output = project.command(&["resume"]).env("JALON_TEST_KILL_AFTER", point).output().unwrap();
        assert_eq!(output.status.signal(), Some(9), "{point}: {output:?}");
        let killed = Ran::of(output);
        what_was_told_is_recorded(&project, &killed);
        let before = journal_bytes(&project);
        to_the_end(&project, killed);
        assert!(end_state(&project).values().all(|state| state.contains("passed")), "killed at {point}");
        assert!(journal_bytes(&project).starts_with(&before), "killed at {point}");
        project.jalon(&["verify"]).exits(0);
    });
}

/// The place of the first event of the journal for which `wanted` holds.
fn position(project: &Project, wanted: impl Fn(&serde_json::Value) -> bool) -> usize {
    project.journal().iter().position(|r| wanted(&r["event"])).unwrap()
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
        .filter(|t| !["artifact-stored", "note-added", "run-resumed"].contains(&t.as_str()))
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
