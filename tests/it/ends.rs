//! How a run ends that nobody meant to end: signals, kills, a record that is taken away. No fault, no child and no "passed"
//! is left behind.

use crate::support::{Project, Ran};
use std::{
    fs,
    path::Path,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

/// A fault of four seconds' injection and a second process in its group.
const SLOW_FAULT: &str = "actions:
  - fault:
      id: f
      inject: [sh, -c, 'touch broken; (sleep 4; touch later) & sleep 60']
      undo: [sh, -c, 'rm -f broken; touch undone']
      hold: 1ms
  - wait: {id: w, for: 1ms}
criteria:
  - expect: w.waited_s < slo.wait_s";

fn begin(project: &Project, args: &[&str]) -> Child {
    let mut command = project.command(args);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap()
}

fn until(what: &str, mut there: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !there() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what} did not come");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn signal(child: &Child, name: &str) {
    let status = std::process::Command::new("kill").args(["-s", name, &child.id().to_string()]).status();
    assert!(status.unwrap().success());
}

fn end(child: Child) -> Ran {
    Ran::of(child.wait_with_output().unwrap())
}

/// Processes whose command line holds `text`.
fn living(text: &str) -> usize {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter(|e| fs::read_to_string(e.path().join("cmdline")).is_ok_and(|line| line.contains(text)))
        .count()
}

#[test]
fn every_way_of_asking_it_to_end_undoes_what_it_did_and_leaves_no_child() {
    for name in [
        "HUP", "INT", "QUIT", "TERM", "ALRM", "USR1", "XCPU", "ABRT", "IO", "PROF", "PWR", "STKFLT",
        "VTALRM", "SYS", "RTMIN",
    ] {
        let project = Project::new();
        project.step(0, SLOW_FAULT);
        let run = begin(&project, &["run"]);
        until("the fault", || project.path().join("broken").exists());
        signal(&run, name);
        let ran = end(run).exits(5);
        assert!(!project.path().join("broken").exists(), "{name}: {ran:?}");
        assert!(project.path().join("undone").exists(), "{name}: {ran:?}");
        project.jalon(&["status"]).prints(&["jalon resume"]);
    }
}

/// The bars are drawn on a terminal that is gone by then.
#[test]
fn a_closed_terminal_ends_the_run_like_a_signal() {
    let project = Project::new();
    project.step(0, SLOW_FAULT);
    let run = format!("{} run", env!("CARGO_BIN_EXE_jalon"));
    let mut terminal = std::process::Command::new("script");
    terminal.args(["-qfc", &run, "/dev/null"]).current_dir(project.path()).env("JALON_NO_DOCTOR", "1");
    terminal.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
    let mut terminal = terminal.spawn().unwrap();
    until("the fault", || project.path().join("broken").exists());
    std::thread::sleep(Duration::from_millis(500));
    terminal.kill().unwrap();
    terminal.wait().unwrap();
    until("the undo", || project.path().join("undone").exists());
    let journal = project.run_dir().join("journal.jsonl");
    until("the end of the run", || fs::read_to_string(&journal).unwrap().contains("run-finished"));
    assert!(!project.path().join("broken").exists());
}

#[test]
fn a_signal_that_was_to_be_ignored_is_ignored() {
    let project = Project::new();
    project.step(0, "actions:\n  - wait: {id: w, for: 2s}\ncriteria:\n  - expect: w.waited_s > 1");
    let script = format!("trap '' HUP; exec {} run", env!("CARGO_BIN_EXE_jalon"));
    let mut command = std::process::Command::new("sh");
    command.args(["-c", &script]).current_dir(project.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let run = command.spawn().unwrap();
    until("the run", || project.path().join("artifacts").exists());
    std::thread::sleep(Duration::from_millis(500));
    signal(&run, "HUP");
    end(run).exits(0);
}

#[test]
fn a_fault_that_a_killed_run_left_is_named_until_it_is_undone() {
    let project = Project::new();
    project.step(0, SLOW_FAULT);
    let run = begin(&project, &["run"]);
    until("the fault", || project.path().join("broken").exists());
    project.jalon(&["status", "--json"]).exits(0).prints(&["\"left_in_place\": []"]);
    signal(&run, "KILL");
    run.wait_with_output().unwrap();
    let name = project.run_dir().file_name().unwrap().to_str().unwrap().to_owned();
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = words(&project.jalon(&["status"]).exits(0).stdout);
    for part in ["of step 0 is still in place, since 20", "`jalon resume` undoes it first"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let french = words(&project.jalon(&["status", "--lang", "fr"]).exits(0).stdout);
    assert!(french.contains("est toujours en place, depuis le 20"), "{french}");
    let json: serde_json::Value =
        serde_json::from_str(&project.jalon(&["status", "--json"]).exits(0).stdout).unwrap();
    assert_eq!(json["left_in_place"][0]["undo"], "jalon resume", "{json}");
    assert_eq!(json["next"][0], "jalon resume", "{json}");
    let doctor = words(&project.jalon(&["doctor"]).exits(4).stdout);
    for part in
        ["of step 0 is still in place, since 20", &format!("`jalon resume --run {name}` undoes it first")]
    {
        assert!(doctor.contains(part), "{part}: {doctor}");
    }
    end(begin(&project, &["resume"]));
    assert!(project.path().join("undone").exists());
    project.jalon(&["status", "--json"]).exits(0).prints(&["\"left_in_place\": []"]);
    let doctor = project.jalon(&["doctor"]).stdout;
    assert!(!doctor.contains("still in place"), "{doctor}");
}

#[test]
fn what_a_killed_run_left_is_ended_before_anything_is_undone() {
    let project = Project::new();
    project.step(0, SLOW_FAULT);
    let run = begin(&project, &["run"]);
    until("the fault", || project.path().join("broken").exists());
    signal(&run, "KILL");
    run.wait_with_output().unwrap();
    // The child itself goes with the run; what it had started does not.
    fs::write(project.path().join("later-not-yet"), "").unwrap();
    let resumed = begin(&project, &["resume"]);
    until("the undo", || project.path().join("undone").exists());
    signal(&resumed, "TERM");
    end(resumed);
    std::thread::sleep(Duration::from_millis(4500));
    assert!(!project.path().join("later").exists(), "the orphan went on after the undo");
    let notes = project.journal().into_iter().filter(|r| r["event"]["type"] == "note-added");
    let told: Vec<String> = notes.map(|r| r["event"]["text"].to_string()).collect();
    assert!(told.iter().any(|text| text.contains("had left") && text.contains("sleep")), "{told:?}");
}

const HARMLESS: &str =
    "actions:\n  - wait: {id: w, for: 1ms}\ncriteria:\n  - expect: w.waited_s < slo.wait_s";

/// A run that was killed with its fault in place, and the folder of that run.
fn killed_in(project: &Project, fault: &str) -> std::path::PathBuf {
    project.step(0, fault);
    let run = begin(project, &["run"]);
    until("the fault", || project.path().join("broken").exists());
    signal(&run, "KILL");
    run.wait_with_output().unwrap();
    project.step(0, HARMLESS);
    // Names of runs are as exact as a second.
    std::thread::sleep(Duration::from_millis(1100));
    project.run_dir()
}

#[test]
fn a_new_run_first_takes_back_what_killed_ones_left() {
    let project = Project::new();
    let old = killed_in(&project, SLOW_FAULT);
    let name = old.file_name().unwrap().to_str().unwrap().to_owned();
    // A run between them changes nothing, and one that is done is not read.
    project.jalon(&["run"]).exits(0).says(&["earlier run", &name, "`f` of step 0", "undone"]);
    assert!(!project.path().join("broken").exists() && project.path().join("undone").exists());
    std::thread::sleep(Duration::from_millis(4500));
    assert!(!project.path().join("later").exists(), "the orphan went on after the undo");
    let text = fs::read_to_string(old.join("journal.jsonl")).unwrap();
    assert!(
        text.contains("action-undone") && text.lines().last().unwrap().contains("run-finished"),
        "{text}"
    );
    project.jalon(&["verify", "--run", &name]).exits(0);
    let again = project.jalon(&["run"]).exits(0);
    assert!(!again.stderr.contains("earlier run"), "{again:?}");
    // Another run that goes on does the same.
    fs::remove_file(project.path().join("undone")).unwrap();
    let other = project.run_dir();
    killed_in(&project, SLOW_FAULT);
    project.jalon(&["resume", "--run", other.file_name().unwrap().to_str().unwrap()]).exits(0);
    assert!(project.path().join("undone").exists());
}

#[test]
fn a_new_run_waits_for_what_cannot_be_taken_back_or_known() {
    let project = Project::new();
    let fault = SLOW_FAULT.replace("rm -f broken; touch undone", "test -e may");
    let old = killed_in(&project, &fault);
    let name = old.file_name().unwrap().to_str().unwrap().to_owned();
    let refused = |code, words: &[&str]| {
        project.jalon(&["run"]).exits(code).says(words).says(&[&name]);
        assert_eq!(project.run_dir(), old, "a run was made");
    };
    refused(4, &["could not be undone", "undo it by hand", "jalon resume --run"]);
    let journal = old.join("journal.jsonl");
    let good = fs::read(&journal).unwrap();
    let mut bad = good.clone();
    bad[good.len() / 2] ^= 1;
    fs::write(&journal, bad).unwrap();
    refused(9, &["the journal is damaged", "left on the platform", "out of `artifacts`"]);
    fs::write(&journal, good).unwrap();
    fs::write(project.path().join("may"), "").unwrap();
    project.jalon(&["run"]).exits(0).says(&["undone"]);
    project.jalon(&["verify", "--run", &name]).exits(0);
}

#[test]
fn no_second_run_begins_where_the_locks_were_taken_away() {
    let project = Project::new();
    project.step(0, &HARMLESS.replace("1ms", "3s"));
    let run = begin(&project, &["run"]);
    until("the run", || project.path().join("artifacts/.lab.lock").exists() && project.has_run());
    until("the first record", || !project.journal().is_empty());
    fs::remove_file(project.path().join("artifacts/.lab.lock")).unwrap();
    fs::remove_file(project.run_dir().join("lock")).unwrap();
    for command in ["run", "resume"] {
        project.jalon(&[command]).exits(8).says(&["in use by another process"]);
    }
    end(run).exits(0);
}

#[test]
fn the_child_of_a_killed_run_dies_with_it() {
    let project = Project::new();
    let mark = format!("sleep 6{}", std::process::id());
    project.step(
        0,
        &format!("actions:\n  - shell: {{id: s, argv: [sh, -c, 'exec {mark}'], on_interrupt: rerun}}\n  - wait: {{id: w, for: 1ms}}\ncriteria:\n  - expect: w.waited_s < slo.wait_s"),
    );
    let mark = mark.replace(' ', "\0");
    let run = begin(&project, &["run"]);
    until("the child", || living(&mark) > 0);
    signal(&run, "KILL");
    run.wait_with_output().unwrap();
    until("the end of the child", || living(&mark) == 0);
}

/// A fault of the program itself, or what somebody sends it as one, ends it like a kill: nothing can be undone in it, its
/// children go with it, and what is in place is named and undone by `resume`.
#[test]
fn a_fault_of_the_program_leaves_no_child_and_is_resumed_like_a_kill() {
    for (index, name) in ["FPE", "ILL", "SEGV", "BUS"].into_iter().enumerate() {
        let project = Project::new();
        let mark = format!("sleep 7{index}{}", std::process::id());
        project.step(0, &SLOW_FAULT.replace("(sleep 4; touch later) & sleep 60", &format!("exec {mark}")));
        let run = begin(&project, &["run"]);
        until("the fault", || project.path().join("broken").exists());
        let mark = mark.replace(' ', "\0");
        until("the child", || living(&mark) > 0);
        signal(&run, name);
        std::thread::sleep(Duration::from_millis(200));
        // The first one that comes from outside is taken for the overflow of a stack, and found to be none.
        signal(&run, name);
        assert_eq!(end(run).code, None, "{name}");
        until("the end of the child", || living(&mark) == 0);
        project.jalon(&["status"]).prints(&["is still in place", "`jalon resume` undoes it first"]);
        let resumed = begin(&project, &["resume"]);
        until("the undo", || project.path().join("undone").exists());
        signal(&resumed, "TERM");
        end(resumed);
    }
}

/// `a` has its effect and ends; then the run is killed.
fn killed_behind(project: &Project, actions: &str) {
    project.step(0, actions);
    let run = begin(project, &["run"]);
    until("the effect", || marks(project) == 1);
    // Its end is on record.
    until("the record", || {
        project
            .journal()
            .iter()
            .any(|r| r["event"]["type"] == "action-finished" && r["event"]["action"] == "a")
    });
    signal(&run, "KILL");
    run.wait_with_output().unwrap();
}

fn marks(project: &Project) -> usize {
    fs::read_to_string(project.path().join("marks")).unwrap_or_default().lines().count()
}

const EFFECT: &str = "shell: {id: a, argv: [sh, -c, 'echo a >> marks']}";

#[test]
fn a_finished_effect_is_repeated_only_after_a_question() {
    let judged = "criteria:\n  - expect: w.waited_s < 100";
    for actions in [
        format!("actions:\n  - parallel:\n      - {EFFECT}\n      - wait: {{id: w, for: 2s}}\n{judged}"),
        format!(
            "watch:\n  - scrape: {{id: look, url: 'http://127.0.0.1:9/metrics', every: 1s}}\nactions:\n  - {EFFECT}\n  - wait: {{id: w, for: 2s}}\n{judged}"
        ),
    ] {
        let project = Project::new();
        killed_behind(&project, &actions);
        project
            .jalon(&["resume", "--explain"])
            .exits(0)
            .prints(&["once more only if an operator says so", "`a` of step 0"]);
        for _ in 0..2 {
            project
                .jalon(&["resume"])
                .exits(7)
                .says(&["question: `a` of step 0 had finished", "jalon approve 0 --action a"]);
            project.jalon(&["status"]).prints(&["waits for an answer", "jalon approve 0 --action a"]);
        }
        assert_eq!(marks(&project), 1, "it was repeated without a question");
        project.jalon(&["approve", "0", "--action", "a"]).exits(0);
        project.jalon(&["resume"]).exits(0);
        assert_eq!(marks(&project), 2);
    }
}

/// Whatever cut it short: its effect is there all the same.
#[test]
fn an_effect_that_was_cut_short_or_failed_is_repeated_only_after_a_question() {
    let rest = "  - wait: {id: w, for: 1ms}\ncriteria:\n  - expect: w.waited_s < 100";
    let slow = "shell: {id: a, argv: [sh, -c, 'echo a >> marks; sleep 30']}";
    for (effect, stopped, code) in [
        (slow, true, 5),
        ("shell: {id: a, argv: [sh, -c, 'echo a >> marks; exit 3']}", false, 4),
        ("shell: {id: a, timeout: 1s, argv: [sh, -c, 'echo a >> marks; sleep 30']}", false, 4),
    ] {
        let project = Project::new();
        project.step(0, &format!("actions:\n  - {effect}\n{rest}"));
        let run = begin(&project, &["run"]);
        until("the effect", || marks(&project) == 1);
        if stopped {
            signal(&run, "TERM");
        }
        let ran = end(run);
        assert_eq!(ran.code, Some(code), "{ran:?}");
        project.jalon(&["resume"]).exits(7).says(&["question: `a` of step 0"]);
        assert_eq!(marks(&project), 1, "it was repeated without a question");
    }
}

/// What `resume` would do, on one line.
fn explained(project: &Project) -> String {
    let told = project.jalon(&["resume", "--explain"]).exits(0).stdout;
    told.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn an_effect_that_got_another_name_is_repeated_only_after_a_question() {
    let judged = "criteria:\n  - expect: w.waited_s < 100";
    for (renumbered, expected) in [(false, "`b` of step 0"), (true, "`b` of step 1")] {
        let project = Project::new();
        killed_behind(&project, &format!("actions:\n  - {EFFECT}\n  - wait: {{id: w, for: 2s}}\n{judged}"));
        let renamed = format!(
            "actions:\n  - {}\n  - wait: {{id: w, for: 1ms}}\n{judged}",
            EFFECT.replace("id: a", "id: b")
        );
        if renumbered {
            project.step(0, HARMLESS);
            project.step(1, &renamed);
        } else {
            project.step(0, &renamed);
        }
        project.jalon(&["resume", "--explain"]).exits(0).prints(&[
            "question:",
            expected,
            "`a` of step 0 did",
        ]);
        project.jalon(&["resume"]).exits(7).says(&["question:", expected, "`a` of step 0 did"]);
        assert_eq!(marks(&project), 1, "it was repeated without a question");
        let step = if renumbered { "1" } else { "0" };
        project.jalon(&["approve", step, "--action", "b"]).exits(0);
        project.jalon(&["resume"]).exits(0);
        assert_eq!(marks(&project), 2);
    }
}

#[test]
fn an_effect_that_got_another_name_and_other_words_is_repeated_only_after_a_question() {
    let judged = "criteria:\n  - expect: w.waited_s < 100";
    let project = Project::new();
    killed_behind(&project, &format!("actions:\n  - {EFFECT}\n  - wait: {{id: w, for: 2s}}\n{judged}"));
    let reworded = "shell: {id: b, argv: [sh, -c, 'echo again >> marks']}";
    project.step(0, &format!("actions:\n  - {reworded}\n  - wait: {{id: w, for: 1ms}}\n{judged}"));
    let asked = ["question: `b` of step 0 may do again what `a` of that step did"];
    project
        .jalon(&["resume", "--explain"])
        .exits(0)
        .prints(&asked)
        .prints(&["once more only if an operator says so: `b` of step 0"]);
    project.jalon(&["resume"]).exits(7).says(&asked);
    assert_eq!(marks(&project), 1, "it was repeated without a question");
    project.jalon(&["approve", "0", "--action", "b", "--no"]).exits(0);
    let told = explained(&project);
    assert!(told.contains("must not be done again, an operator said: `b` of step 0"), "{told}");
    project.jalon(&["resume"]).exits(4).says(&["`b` must not be done again"]);
    assert_eq!(marks(&project), 1, "it was repeated in spite of a no");
    project.jalon(&["retry", "0"]).exits(0);
    assert_eq!(marks(&project), 2);
}

#[test]
fn what_the_plan_has_more_of_is_not_what_it_had() {
    let judged = "criteria:\n  - expect: w.waited_s < 100";
    let project = Project::new();
    killed_behind(&project, &format!("actions:\n  - {EFFECT}\n  - wait: {{id: w, for: 2s}}\n{judged}"));
    // `c` does what `a` did, so that `b` is new; and nothing is asked of a step that has `a` still.
    let more = "shell: {id: b, argv: [sh, -c, 'echo b >> others']}";
    let renamed = EFFECT.replace("id: a", "id: c");
    project.step(0, &format!("actions:\n  - {more}\n  - {renamed}\n  - wait: {{id: w, for: 1ms}}\n{judged}"));
    let told = explained(&project);
    assert!(told.contains("`c` of step 0 does what `a` of step 0 did"), "{told}");
    assert!(!told.contains("`b` of step 0"), "{told}");
}

#[test]
fn a_no_ends_the_step_and_asking_for_it_is_a_yes() {
    let project = Project::new();
    project.step(
        0,
        "actions:\n  - shell: {id: a, argv: [sh, -c, 'echo a >> marks; sleep 3']}\n  - wait: {id: w, for: 1ms}\ncriteria:\n  - expect: w.waited_s < 100",
    );
    let run = begin(&project, &["run"]);
    until("the effect", || marks(&project) == 1);
    signal(&run, "KILL");
    run.wait_with_output().unwrap();
    project.jalon(&["resume"]).exits(7);
    project.jalon(&["approve", "0", "--action", "a", "--no", "--by", "ana"]).exits(0);
    for _ in 0..2 {
        project.jalon(&["resume"]).exits(4);
        assert_eq!((project.states(), marks(&project)), (vec!["error".to_owned()], 1));
    }
    project.jalon(&["status"]).prints(&["must not be done again", "jalon retry 0", "jalon waive 0"]);
    project.jalon(&["retry", "0"]).exits(0);
    assert_eq!(marks(&project), 2);
}

#[test]
fn an_action_in_doubt_is_asked_about_with_its_question() {
    let project = Project::new();
    project.step(
        0,
        "actions:\n  - shell: {id: a, argv: [sh, -c, 'echo a >> marks; sleep 3']}\n  - wait: {id: w, for: 1ms}\ncriteria:\n  - expect: w.waited_s < 100",
    );
    let run = begin(&project, &["run"]);
    until("the effect", || marks(&project) == 1);
    signal(&run, "KILL");
    run.wait_with_output().unwrap();
    project.jalon(&["resume"]).exits(7).says(&["how far it came is unknown", "jalon approve 0 --action a"]);
    project.jalon(&["status"]).prints(&["jalon approve 0 --action a"]);
    project.jalon(&["approve", "0"]).exits(0);
    project.jalon(&["resume"]).exits(0);
    assert_eq!(marks(&project), 2);
}

#[test]
fn a_record_that_is_taken_away_ends_the_run_and_undoes_what_it_did() {
    let away: [fn(&Path); 9] = [
        |run| {
            let text = fs::read_to_string(run.join("journal.jsonl")).unwrap();
            fs::write(run.join("journal.jsonl"), text.replace("\"hold\":\"3s\"", "\"hold\":\"1s\"")).unwrap();
        },
        |run| fs::remove_file(run.join("journal.head")).unwrap(),
        |run| fs::write(run.join("journal.head"), "{}").unwrap(),
        |run| {
            fs::OpenOptions::new().write(true).open(run.join("journal.jsonl")).unwrap().set_len(10).unwrap()
        },
        |run| fs::hard_link(run.join("journal.jsonl"), run.join("second")).unwrap(),
        |run| while fs::remove_dir_all(run).is_err() {},
        |run| fs::rename(run, run.with_extension("old")).unwrap(),
        |run| fs::remove_file(run.join("journal.jsonl")).unwrap(),
        |run| {
            let journal = run.join("journal.jsonl");
            fs::copy(&journal, run.join("copy")).unwrap();
            fs::rename(run.join("copy"), journal).unwrap();
        },
    ];
    for take in away {
        let project = Project::new();
        project.step(
            0,
            "actions:\n  - fault: {id: f, inject: [touch, broken], undo: [rm, -f, broken], hold: 3s}\n  - wait: {id: w, for: 2s}\ncriteria:\n  - expect: w.waited_s < 100",
        );
        let run = begin(&project, &["run"]);
        until("the fault", || project.path().join("broken").exists());
        take(&project.run_dir());
        end(run).exits(9).says(&["removed, replaced or altered", "put the run's folder back"]);
        assert!(!project.path().join("broken").exists());
    }
}

#[test]
fn evidence_that_is_altered_ends_the_run_without_a_pass() {
    type Change = fn(&Path);
    let changes: [(&str, Change); 4] = [
        ("00/1/s/stdout.txt", |run| fs::remove_dir_all(run.join("00/1/s")).unwrap()),
        ("00/1/s/stdout.txt", |run| fs::write(run.join("00/1/s/stdout.txt"), "EVIDENCE\n").unwrap()),
        ("groups", |run| fs::remove_file(run.join("groups")).unwrap()),
        ("groups", |run| fs::write(run.join("groups"), "").unwrap()),
    ];
    for (what, change) in changes {
        let project = Project::new();
        project.step(
            0,
            "actions:\n  - shell: {id: s, argv: [echo, evidence], on_interrupt: rerun}\n  - wait: {id: w, for: 2s}\ncriteria:\n  - expect: w.waited_s < 100",
        );
        let run = begin(&project, &["run"]);
        let artifact = || project.run_dir().join("00/1/s/stdout.txt");
        until("the artifact", || project.has_run() && artifact().exists());
        std::thread::sleep(Duration::from_millis(300));
        change(&project.run_dir());
        end(run).exits(9).says(&["evidence was removed or altered", what]);
        project.jalon(&["resume"]).exits(0);
    }
}
