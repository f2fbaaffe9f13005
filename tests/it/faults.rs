//! What the disk and other people do to a campaign: damaged journals, read-only folders, no space.

use crate::{
    crash,
    support::{Project, Ran},
};
use std::{fs, path::Path, process::Command};

const PASSES: &str = "actions:\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: a.waited_s < slo.wait_s";

#[test]
fn a_damaged_journal_is_an_error_that_names_the_line() {
    let project = Project::new();
    project.step(0, PASSES);
    project.jalon(&["run"]).exits(0);
    let path = project.run_dir().join("journal.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    let mut altered = 0;
    for (at, line) in whole.lines().enumerate().filter(|(_, line)| line.contains("\"attempt\":1")) {
        fs::write(&path, whole.replacen(line, &line.replace("\"attempt\":1", "\"attempt\":2"), 1)).unwrap();
        let named = format!("journal.jsonl:{}: ", at + 1);
        for command in ["status", "resume", "verify"] {
            project.jalon(&[command]).exits(9).says(&[&named, "altered"]);
        }
        altered += 1;
    }
    assert!(altered > 3, "{whole}");
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
    for step in 0..12 {
        project.step(step, PASSES);
    }
    // 16 KiB: the files of the plan fit and the journal does not.
    with_little_space(&project, 16, "run").exits(10).says(&["cannot write the journal", "free some space"]);
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
fn a_disk_that_fails_at_any_record_stops_the_run_with_nothing_lost_and_no_fault_in_place() {
    let project = crash::scenario();
    let first = project.jalon(&["run"]).exits(7);
    let lines = crash::lines(&project);
    crash::to_the_end(&project, first);
    let expected = crash::end_state(&project);
    let no_space = (28, "No space left on device");
    let broken = (5, "Input/output error");
    // In the middle of each record, by turns full and broken.
    for (index, length) in lines.iter().enumerate() {
        let (number, words) = if index % 2 == 0 { no_space } else { broken };
        let place = format!("{number}@{index}+{}", length / 2);
        let project = crash::scenario();
        let output = project.command(&["run"]).env("JALON_TEST_FAULT", &place).output().unwrap();
        let ran = Ran::of(output).exits(10).says(&[
            "cannot write the journal",
            "journal.jsonl",
            words,
            "free some space",
        ]);
        assert!(!project.path().join("broken").exists(), "{place}: a fault was left in place");
        crash::what_was_told_is_recorded(&project, &ran);
        let before = crash::journal_bytes(&project);
        crash::to_the_end(&project, ran);
        assert_eq!(crash::end_state(&project), expected, "{place}");
        assert!(crash::journal_bytes(&project).starts_with(&before), "{place}: a record is lost");
        project.jalon(&["verify"]).exits(0);
    }
    crash::tell(&format!("disk faults: {} records whose writing failed", lines.len()));
}

/// A file system of its own over a folder of the campaign, taken away with the test. `None`, said loudly, where this
/// user may mount none.
struct Mount(std::path::PathBuf);

impl Mount {
    fn over(folder: &Path, options: &str, test: &str) -> Option<Self> {
        fs::create_dir_all(folder).unwrap();
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder).output();
        if !done.is_ok_and(|o| o.status.success()) {
            crash::tell(&format!("\nNOT RUN: {test}: no file system can be mounted here; run it as root"));
            return None;
        }
        Some(Self(folder.to_owned()))
    }

    fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        assert!(Command::new("mount").args(["-o", &options]).arg(&self.0).status().unwrap().success());
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Takes all but `pages` pages of 4 KiB of the file system of `folder`.
fn fill(folder: &Path, pages: usize) {
    use std::io::Write;
    let mut file = fs::File::create(folder.join("filler")).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
    let length = file.metadata().unwrap().len();
    file.set_len(length.saturating_sub(4096 * pages as u64)).unwrap();
}

#[test]
fn a_full_file_system_stops_the_run_wherever_it_fills_up_and_it_goes_on_when_there_is_space() {
    let test = "a_full_file_system_stops_the_run_wherever_it_fills_up_and_it_goes_on_when_there_is_space";
    let project = crash::scenario();
    let first = project.jalon(&["run"]).exits(7);
    crash::to_the_end(&project, first);
    let expected = crash::end_state(&project);
    let mut stopped = 0;
    for pages in 0..12 {
        let project = crash::scenario();
        let artifacts = project.path().join("artifacts");
        let Some(mount) = Mount::over(&artifacts, "size=256k", test) else { return };
        fill(&artifacts, pages);
        let mut ran = project.jalon(&["run"]);
        assert!(matches!(ran.code, Some(7 | 10)), "{pages} pages free: {ran:#?}");
        if ran.code == Some(10) {
            stopped += 1;
            ran = ran.says(&["No space left on device", "artifacts", "free some space"]);
        }
        assert!(!project.path().join("broken").exists(), "{pages} pages free: a fault was left in place");
        crash::what_was_told_is_recorded(&project, &ran);
        let before = crash::journal_bytes(&project);
        fs::remove_file(artifacts.join("filler")).unwrap();
        crash::to_the_end(&project, ran);
        assert_eq!(crash::end_state(&project), expected, "{pages} pages free");
        assert!(crash::journal_bytes(&project).starts_with(&before), "{pages} pages free: a record is lost");
        project.jalon(&["verify"]).exits(0);
        drop(mount);
    }
    assert!(stopped >= 4, "the file system was full in {stopped} runs only");
    crash::tell(&format!("disk faults: the file system was full at {stopped} places"));
}

#[test]
fn a_file_system_that_is_read_only_is_a_disk_error_and_reading_still_works() {
    let test = "a_file_system_that_is_read_only_is_a_disk_error_and_reading_still_works";
    let project = Project::new();
    project
        .step(0, PASSES)
        .step(1, "actions:\n  - manual: {id: m, question: Ready?}\ncriteria:\n  - expect: m.yes");
    let Some(mount) = Mount::over(&project.path().join("artifacts"), "size=1m", test) else { return };
    project.jalon(&["run"]).exits(7);
    mount.remount("ro");
    for command in [&["run"][..], &["resume"], &["approve", "1", "--action", "m"]] {
        project.jalon(command).exits(10).says(&[
            "Read-only file system",
            "artifacts",
            "correct the permissions",
        ]);
    }
    for command in [&["status"][..], &["verify"], &["report", "--print"], &["runs"]] {
        project.jalon(command).exits(0);
    }
    mount.remount("rw");
    project.jalon(&["approve", "1", "--action", "m"]).exits(0);
    project.jalon(&["resume"]).exits(0);
}

/// A run of the scenario that has come to its end.
fn ended() -> Project {
    let project = crash::scenario();
    let first = project.jalon(&["run"]).exits(7);
    crash::to_the_end(&project, first);
    project
}

#[test]
fn a_flipped_bit_in_any_record_is_named() {
    let project = ended();
    let path = project.run_dir().join("journal.jsonl");
    let good = fs::read(&path).unwrap();
    let lines = crash::lines(&project);
    let mut start = 0;
    for (index, length) in lines.iter().enumerate() {
        let mut bad = good.clone();
        bad[start + length / 2] ^= 1;
        fs::write(&path, &bad).unwrap();
        for command in ["verify", "resume"] {
            project
                .jalon(&[command])
                .exits(9)
                .says(&[&format!("journal.jsonl:{}: ", index + 1), "restore the file"]);
        }
        assert_eq!(fs::read(&path).unwrap(), bad, "a damaged journal is left as it is");
        start += length;
    }
    crash::tell(&format!("disk faults: a flipped bit in each of {} records", lines.len()));
}

#[test]
fn a_journal_with_a_hole_is_damaged_and_one_that_is_cut_loses_its_evidence_visibly() {
    let project = ended();
    let path = project.run_dir().join("journal.jsonl");
    let good = fs::read(&path).unwrap();
    let lines = crash::lines(&project);
    // A record out of the middle.
    let from: usize = lines[..9].iter().sum();
    let hole = [&good[..from], &good[from + lines[9]..]].concat();
    fs::write(&path, hole).unwrap();
    project.jalon(&["resume"]).exits(9).says(&["journal.jsonl:10: ", "does not follow"]);
    // Zeros in the place of a block, as a file system may leave them.
    let mut zeros = good.clone();
    zeros[from..from + 64].fill(0);
    fs::write(&path, zeros).unwrap();
    project.jalon(&["verify"]).exits(9).says(&["journal.jsonl:10: "]);
    // Cut between two records: a whole chain that ends early. Its artifacts are there and no record names them.
    fs::write(&path, &good[..lines[..3].iter().sum()]).unwrap();
    for command in ["verify", "resume"] {
        project.jalon(&[command]).exits(9).says(&["its end is cut off", "out of `artifacts`"]);
    }
    // Without its head it is no better.
    fs::remove_file(path.with_extension("head")).unwrap();
    for command in ["verify", "resume"] {
        project.jalon(&[command]).exits(9).says(&["journal.head", "it is missing"]);
    }
}

#[test]
fn an_artifact_that_is_gone_or_changed_is_found_and_its_step_runs_again() {
    for remove in [true, false] {
        let project = ended();
        let file = project.run_dir().join("00/1/mark/stdout.txt");
        match remove {
            true => fs::remove_file(&file).unwrap(),
            false => fs::write(&file, "43\n").unwrap(),
        }
        let ran = project.jalon(&["verify"]).exits(9);
        assert!(ran.stdout.contains("altered: artifact 00/1/mark/stdout.txt"), "{ran:#?}");
        let told = project.jalon(&["resume", "--explain"]).exits(0).stdout;
        assert!(told.contains("step  0  runs again: artifact 00/1/mark/stdout.txt"), "{told}");
        assert!(told.contains("step  1  runs again: step 0, which it needs, runs again"), "{told}");
        crash::to_the_end(&project, project.jalon(&["resume"]));
        assert!(project.states().iter().all(|s| s == "passed"));
    }
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
