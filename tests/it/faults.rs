//! What the disk and other people do to a campaign: damaged journals, read-only folders, no space.

use crate::support::{Project, Ran};
use std::fs;

const PASSES: &str = "actions:\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: a.waited_s < slo.wait_s";

#[test]
fn a_damaged_journal_is_an_error_that_names_the_line() {
    let project = Project::new();
    project.step(0, PASSES);
    project.jalon(&["run"]).exits(0);
    let path = project.run_dir().join("journal.jsonl");
    let text = fs::read_to_string(&path).unwrap().replacen("\"attempt\":1", "\"attempt\":2", 1);
    fs::write(&path, text).unwrap();
    for command in ["status", "resume", "verify"] {
        project.jalon(&[command]).exits(9).says(&["journal.jsonl:", "altered"]);
    }
}

#[test]
fn a_torn_last_record_is_set_aside_and_told() {
    let project = Project::new();
    project.step(0, PASSES);
    project.jalon(&["run"]).exits(0);
    let path = project.run_dir().join("journal.jsonl");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 7]).unwrap();
    project.jalon(&["resume"]).exits(0).says(&["cut short by a crash"]);
    assert_eq!(
        fs::read_dir(project.run_dir())
            .unwrap()
            .filter(|e| { e.as_ref().unwrap().file_name().to_string_lossy().contains("torn") })
            .count(),
        1
    );
}

/// A file-size limit, its signal ignored, is a full disk to the process: writing fails in the middle of a record.
fn with_little_space(project: &Project, blocks: u32, args: &str) -> Ran {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec {} {args}", env!("CARGO_BIN_EXE_jalon"));
    Ran::of(
        std::process::Command::new("bash")
            .args(["-c", &script])
            .current_dir(project.path())
            .output()
            .unwrap(),
    )
}

#[test]
fn a_full_disk_stops_the_run_and_what_was_recorded_is_safe() {
    let project = Project::new();
    for step in 0..6 {
        project.step(step, PASSES);
    }
    // 8 KiB: the journal does not fit.
    with_little_space(&project, 8, "run").exits(10).says(&["cannot write the journal", "free some space"]);
    let before = fs::read(project.run_dir().join("journal.jsonl")).unwrap();
    assert!(!before.is_empty());
    project.jalon(&["resume"]).exits(0);
    assert!(
        fs::read(project.run_dir().join("journal.jsonl"))
            .unwrap()
            .starts_with(&before[..before.iter().rposition(|b| *b == b'\n').unwrap()])
    );
}

#[test]
fn a_folder_that_cannot_be_written_is_a_disk_error() {
    let project = Project::new();
    project.step(0, PASSES);
    project.file("artifacts", "a file in the way");
    project.jalon(&["run"]).exits(10).says(&["artifacts"]);
}

#[test]
fn a_folder_without_a_campaign_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_jalon"))
        .arg("check")
        .current_dir(folder.path())
        .output()
        .unwrap();
    Ran::of(output).exits(2).says(&["plan/campaign.yaml", "-C DIR"]);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let project = Project::new();
    project.step(0, PASSES);
    project.jalon(&["run"]).exits(0);
    let script = format!("{} actions | head -1; exit ${{PIPESTATUS[0]}}", env!("CARGO_BIN_EXE_jalon"));
    let output = std::process::Command::new("bash")
        .args(["-c", &script])
        .current_dir(project.path())
        .output()
        .unwrap();
    Ran::of(output).exits(0);
}
