//! The verifier that needs no jalon: it finds nothing in a sound record, and each damage in one that is not.

use crate::support::{Project, Ran, write_anew};
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

const STEP: &str = "\
actions:
  - wait: {id: a, for: 1ms}
  - shell: {id: s, argv: [echo, 'n=7 m=x'], capture: {num: {regex: 'n=(\\d+)'}, txt: {regex: 'm=(\\w+)'}}, on_interrupt: rerun}
criteria:
  - expect: a.waited_s < slo.wait_s
  - expect: s.num in [5, 7]
  - expect: s.txt == \"x\"
  - expect: s.num > 10
    severity: warn";
const FAILS: &str =
    "needs: [0]\nactions:\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: a.waited_s > slo.wait_s";

/// Runs the verifier in the campaign's folder.
fn verify(project: &Project, args: &[&str]) -> Ran {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify/verify.py");
    let mut command = Command::new("python3");
    command.arg(script).args(args).current_dir(project.path()).stdin(Stdio::null());
    Ran::of(command.output().unwrap())
}

/// A campaign with a run that failed, a waiver, a report, a key and a seal.
fn campaign() -> Project {
    let project = Project::new();
    project.step(0, STEP).step(1, FAILS);
    project.jalon(&["run"]).exits(1);
    project.jalon(&["waive", "1", "--reason", "known", "--by", "Ada"]).exits(0);
    project.jalon(&["report", "--format", "json", "--out", "reports"]).exits(0);
    project.jalon(&["seal", "--new-key", "ada.pem"]).exits(0);
    project
}

/// The path of the only report.
fn report(project: &Project) -> String {
    let found = fs::read_dir(project.path().join("reports")).unwrap().map(|entry| entry.unwrap().path());
    let report = found.into_iter().find(|path| path.extension().is_some_and(|e| e == "json")).unwrap();
    report.display().to_string()
}

#[test]
fn a_sound_record_is_found_sound_with_what_was_checked() {
    let project = campaign();
    let ran = verify(&project, &[".", "--report", &report(&project)]).exits(0);
    ran.prints(&["verdicts: 5 checked\n", "steps: 2 checked", "artifacts: 2 checked", "figures: "]);
    project.jalon(&["seal", "--key", "ada.pem"]).exits(0);
    project.jalon(&["bundle", "--out", "day.tar.gz"]).exits(0);
    verify(&project, &["day.tar.gz", "--key", "ada.pem.pub"]).exits(0).prints(&["seals: 1 checked\n"]);
    verify(&project, &["day.tar.gz"]).exits(0).prints(&["seals: 0 checked, 1 cannot be told"]);
    verify(&project, &["plan"]).exits(2);
}

#[test]
fn each_damage_is_found_in_a_journal_whose_hashes_were_computed_again() {
    for (words, others, told) in [
        (
            "\"verdict\":\"fail\",\"observed\"",
            "\"verdict\":\"pass\",\"observed\"",
            "comes to fail and is recorded as pass",
        ),
        (
            "\"verdict\":\"warn\",\"observed\"",
            "\"verdict\":\"pass\",\"observed\"",
            "comes to warn and is recorded as pass",
        ),
        (
            "\"observed\":{\"text\":\"s.txt\",\"value\":{\"text\":\"x\"}",
            "\"observed\":{\"text\":\"s.txt\",\"value\":{\"text\":\"y\"}",
            "comes to fail",
        ),
        (
            "\"num\":{\"value\":{\"number\":[7.0",
            "\"num\":{\"value\":{\"number\":[17.0",
            "is not the value that its action gave",
        ),
        (
            "\"attempt\":1,\"verdict\":\"fail\",\"reason\"",
            "\"attempt\":1,\"verdict\":\"pass\",\"reason\"",
            "ended with `pass`",
        ),
        ("\"outcome\":\"failed\"", "\"outcome\":\"passed\"", "the run ended as passed"),
        ("\"bytes\":8", "\"bytes\":9", "stdout.txt: altered"),
    ] {
        let project = campaign();
        write_anew(&project.run_dir(), words, others);
        verify(&project, &["."]).exits(9).prints(&["DIFFERS", told]);
    }
}

#[test]
fn each_damage_of_a_file_is_found() {
    type Damage = fn(&Path, &str);
    let lines = |path: &Path| -> Vec<String> {
        fs::read_to_string(path).unwrap().lines().map(|line| format!("{line}\n")).collect()
    };
    let damages: [(Damage, &str); 10] = [
        (|run, _| fs::write(run.join("00/1/s/stdout.txt"), "n=8 m=x\n").unwrap(), "stdout.txt: altered"),
        (|run, _| fs::remove_file(run.join("00/1/s/stdout.txt")).unwrap(), "missing, or no regular file"),
        (|run, _| fs::remove_file(run.join("journal.head")).unwrap(), "head is missing"),
        (|run, _| fs::rename(run, run.with_file_name("20200101-000000-lab")).unwrap(), "the record of"),
        (|run, _| fs::remove_file(run.join("journal.jsonl")).unwrap(), "gone, and there is a head"),
        (|run, _| fs::write(run.join("journal.jsonl"), "").unwrap(), "ends at record 0"),
        (|run, _| fs::write(run.join("journal.jsonl"), b"\xff\n").unwrap(), "cannot be understood"),
        (|run, _| fs::write(run.join("00/1/s/more.txt"), "x").unwrap(), "added to finished work"),
        (
            |_, report| {
                let text = fs::read_to_string(report).unwrap();
                let text = text
                    .replace("\"exact\":5.0", "\"exact\":6.0")
                    .replace("\"exact\": 5.0", "\"exact\": 6.0");
                fs::write(report, text).unwrap();
            },
            "is not in record",
        ),
        (
            |run, _| {
                let seal = fs::read_dir(run.join("seals")).unwrap().next().unwrap().unwrap().path();
                let text = fs::read_to_string(&seal).unwrap();
                let at = text.find("\"sig\"").unwrap() + 10;
                let other = if &text[at..=at] == "A" { "B" } else { "A" };
                fs::write(&seal, format!("{}{other}{}", &text[..at], &text[at + 1..])).unwrap();
            },
            "not signed by",
        ),
    ];
    for (damage, told) in damages {
        let project = campaign();
        project.jalon(&["seal", "--key", "ada.pem"]).exits(0);
        let report = report(&project);
        damage(&project.run_dir(), &report);
        verify(&project, &[".", "--report", &report, "--key", "ada.pem.pub"])
            .exits(9)
            .prints(&["DIFFERS", told]);
    }
    for cut in [|lines: &mut Vec<String>| drop(lines.pop()), |lines: &mut Vec<String>| lines.swap(3, 4)] {
        let project = campaign();
        let path = project.run_dir().join("journal.jsonl");
        let mut all = lines(&path);
        cut(&mut all);
        fs::write(&path, all.concat()).unwrap();
        verify(&project, &["."]).exits(9).prints(&["DIFFERS", "journal.jsonl"]);
    }
}
