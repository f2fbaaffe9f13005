//! The commonest errors as a person sees them, in one snapshot, so that their words are reviewed as words. Those of
//! plans are in `plan_errors`.

use crate::support::{Project, quiet};
use std::{fmt::Write, fs};

/// A campaign with one run that passed.
fn with_a_run() -> Project {
    let project = Project::new();
    project.step(0, "actions:\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: a.waited_s < slo.wait_s");
    project.jalon(&["run"]).exits(0);
    project
}

fn errors() -> String {
    let mut out = String::new();
    let mut show = |project: &Project, what: &str, args: &[&str]| {
        let ran = project.jalon(args);
        let _ = writeln!(
            out,
            "# {what}\n$ jalon {}\n{}[exit {}]\n",
            args.join(" "),
            ran.stderr,
            ran.code.unwrap_or(-1)
        );
    };

    let nothing = Project::new();
    fs::remove_dir_all(nothing.path().join("plan")).unwrap();
    show(&nothing, "no campaign here", &["check"]);
    show(&nothing, "no such folder", &["-C", "nowhere", "check"]);
    show(&nothing, "unknown command", &["rnu"]);
    show(&nothing, "unknown option", &["run", "--dry"]);
    show(&nothing, "a value is missing", &["run", "--only"]);
    show(&nothing, "a value of the wrong type", &["run", "--only", "first"]);
    show(&nothing, "another word for a subcommand", &["lab", "start"]);
    show(
        &nothing,
        "another word for an option",
        &["waive", "0", "--reason", "known", "--expires", "2026-01-01"],
    );
    show(&nothing, "options that exclude each other", &["run", "--only", "1", "--until", "2"]);
    show(&nothing, "unknown language", &["status", "--lang", "de"]);
    show(&nothing, "unknown kind", &["actions", "produc"]);
    show(&nothing, "unknown schema", &["schema", "stp"]);

    let empty = Project::new();
    show(&empty, "a campaign without steps", &["run"]);
    show(&empty, "no run yet: status", &["status"]);
    show(&empty, "no run yet: resume", &["resume"]);

    let project = with_a_run();
    show(&project, "unknown run", &["status", "--run", "20250101-000000-lab"]);
    show(&project, "unknown environment", &["run", "--env", "lba"]);
    show(&project, "unknown profile", &["run", "--profile", "nominl"]);
    show(&project, "unknown step", &["run", "--only", "7"]);
    show(&project, "a variable without a value", &["run", "--var", "partitions"]);
    show(&project, "a step by its name", &["retry", "step"]);
    show(&project, "the log of an unknown step", &["log", "--step", "42"]);
    show(&project, "unknown step to show", &["show", "7"]);
    show(&project, "unknown action to show", &["show", "0/b"]);
    show(&project, "unknown attempt to show", &["show", "0/3"]);
    show(&project, "approve what waits for nobody", &["approve", "0"]);
    show(&project, "waive what passed", &["waive", "0", "--reason", "known"]);
    show(&project, "skip what passed", &["skip", "0", "--reason", "known"]);
    show(&project, "a waiver without a reason", &["waive", "0"]);
    show(&project, "retry of an unknown action", &["retry", "0", "--from", "b"]);
    show(&project, "a time that cannot be read", &["log", "--since", "yesterday"]);
    show(&project, "a file to import that does not exist", &["import", "notes.txt"]);
    show(&project, "a note without text", &["note", "risk"]);
    show(&project, "an unknown form of the report", &["report", "--format", "odt"]);
    show(&project, "a baseline that does not exist", &["run", "--baseline", "20250101-000000-lab"]);
    show(&project, "compare with nothing before", &["compare"]);
    show(&project, "a bundle that does not exist", &["unbundle", "day1.tar.gz", "--into", "day1"]);
    show(&project, "perf without a cluster", &["perf", "produce", "--topic", "t", "--records", "10"]);
    show(
        &project,
        "perf against a port where nothing listens",
        &["perf", "produce", "--bootstrap-server", "127.0.0.1:1", "--topic", "t", "--records", "10"],
    );
    show(
        &project,
        "perf with an unknown property",
        &[
            "perf",
            "produce",
            "--bootstrap-server",
            "127.0.0.1:1",
            "--topic",
            "t",
            "--records",
            "1",
            "--producer-props",
            "akcs=all",
        ],
    );

    project.file("plan/environments/lab.yaml", "name: lab\nclusters: [a, b]\n");
    show(&project, "an environment of the wrong shape", &["run"]);
    project.file("plan/environments/lab.yaml", "name: lab\nproduction: true\n");
    show(&project, "production without a word", &["run"]);

    let broken = with_a_run();
    let journal = broken.run_dir().join("journal.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    fs::write(&journal, text.replacen("\"seq\":2", "\"seq\":3", 1)).unwrap();
    show(&broken, "a damaged journal", &["status"]);
    show(&broken, "a damaged journal: verify", &["verify"]);

    let waiting = Project::new();
    waiting.step(0, "actions:\n  - manual: {id: m, question: \"Seen?\"}\ncriteria:\n  - expect: m.yes");
    waiting.step(1, "needs: [0]\nactions:\n  - shell: {id: s, argv: [no-such-program]}\ncriteria:\n  - expect: s.exit_code == 0");
    show(&waiting, "a question and nobody to answer it", &["run"]);
    waiting.jalon(&["approve", "0", "--action", "m"]).exits(0);
    show(&waiting, "a program that does not exist", &["resume"]);
    let held = fs::OpenOptions::new().create(true).append(true).open(waiting.run_dir().join("lock")).unwrap();
    held.lock().unwrap();
    show(&waiting, "a run that another process writes", &["retry", "1"]);
    out
}

#[test]
fn the_commonest_errors_are_as_they_were_read() {
    let all = errors();
    assert!(all.matches("[exit ").count() >= 40 && !all.contains("[exit 0]"), "{all}");
    quiet(|| insta::assert_snapshot!(all));
}
