//! What the tests share: a campaign in a temporary folder, and the binary run on it.

pub(crate) mod lab;
pub(crate) mod tls;

use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// A campaign in a temporary folder.
pub(crate) struct Project {
    dir: tempfile::TempDir,
}

/// What a run of the binary gave.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

const CAMPAIGN: &str = "\
name: test
default_environment: lab
default_profile: smoke
slo: {wait_s: 5, p99_ms: 100}
profiles:
  smoke: {pause: 10ms, records: 100}
";

impl Project {
    /// A campaign with an empty environment `lab` and no step.
    pub(crate) fn new() -> Self {
        let project = Self { dir: tempfile::tempdir().unwrap() };
        project.file("plan/campaign.yaml", CAMPAIGN).file("plan/environments/lab.yaml", "name: lab\n");
        fs::create_dir_all(project.path().join("steps")).unwrap();
        project
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Writes a file of the campaign.
    pub(crate) fn file(&self, path: &str, text: &str) -> &Self {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Writes a step file from the keys of its front matter, `step` and `title` apart.
    pub(crate) fn step(&self, number: u32, front: &str) -> &Self {
        let text = format!("---\nstep: {number}\ntitle: Step {number}\n{front}\n---\n\n# Procedure\n");
        self.file(&format!("steps/{number:02}-step.md"), &text)
    }

    /// The binary with arguments, in the campaign's folder.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jalon"));
        command.args(args).current_dir(self.path()).stdin(Stdio::null());
        for key in [
            "JALON_ENV",
            "JALON_LANG",
            "JALON_LOG",
            "JALON_PROFILE",
            "NO_COLOR",
            "JALON_TEST_KILL_AFTER",
            "JALON_TEST_FAULT",
        ] {
            command.env_remove(key);
        }
        // Most tests have no platform, or one that is broken on purpose. Those of the look before a run take it away.
        command.env("JALON_NO_DOCTOR", "1");
        command
    }

    /// Runs the binary to its end.
    pub(crate) fn jalon(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).output().unwrap())
    }

    /// The folder of the newest run.
    pub(crate) fn run_dir(&self) -> PathBuf {
        self.runs().pop().expect("the test started a run")
    }

    /// Whether there is a run.
    pub(crate) fn has_run(&self) -> bool {
        !self.runs().is_empty()
    }

    fn runs(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path().join("artifacts")).into_iter().flatten();
        let mut runs: Vec<PathBuf> = entries
            .map(|e| e.unwrap().path())
            .filter(|p| p.join("journal.jsonl").exists() && !p.ends_with("notes") && !p.ends_with("imports"))
            .collect();
        runs.sort();
        runs
    }

    /// The journal's whole lines as JSON.
    pub(crate) fn journal(&self) -> Vec<serde_json::Value> {
        let text = fs::read_to_string(self.run_dir().join("journal.jsonl")).unwrap();
        let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        whole.map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// `jalon status --json`.
    pub(crate) fn status(&self) -> serde_json::Value {
        let ran = self.jalon(&["status", "--json"]);
        serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {ran:?}"))
    }

    /// The states of the steps, in order.
    pub(crate) fn states(&self) -> Vec<String> {
        self.status()["steps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s["state"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// Writes a journal anew with other words, and computes every hash and its head again, as somebody would who wants it to look
/// whole.
pub(crate) fn write_anew(run: &Path, words: &str, others: &str) {
    let path = run.join("journal.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let (mut written, mut prev, mut last) = (String::new(), "journal.head".to_owned(), 0);
    for line in text.lines() {
        let (event, _) = line.rsplit_once(",\"prev\":").unwrap();
        let body = format!("{},\"prev\":\"{prev}\"", event.replace(words, others));
        prev = Sha256::digest(format!("{body}}}")).iter().map(|byte| format!("{byte:02x}")).collect();
        written.push_str(&format!("{body},\"hash\":\"{prev}\"}}\n"));
        last += 1;
    }
    assert_ne!(written, text, "there is no `{words}`");
    fs::write(&path, written).unwrap();
    let beside = run.with_file_name(format!(".{}.head", run.file_name().unwrap().display()));
    for head in [run.join("journal.head"), beside] {
        fs::write(head, format!("{{\"seq\":{last:<20},\"hash\":\"{prev}\"}}\n")).unwrap();
    }
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Fails the test unless the exit code is `code`.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Fails the test unless standard output has every one of `parts`.
    #[track_caller]
    pub(crate) fn prints(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.stdout.contains(part), "standard output does not say {part:?}: {self:#?}");
        }
        self
    }

    /// Fails the test unless stderr has every one of `parts`.
    #[track_caller]
    pub(crate) fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.stderr.contains(part), "stderr does not say {part:?}: {self:#?}");
        }
        self
    }
}

/// Snapshots of what a person sees, times, names of runs and folders left out.
pub(crate) fn quiet(assert: impl FnOnce()) {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    for (found, shown) in [
        (r"/[^\s`]*/\.tmp[A-Za-z0-9]+", "[folder]"),
        (r"20\d{6}-\d{6}-lab", "[run]"),
        (r"\d{4}-\d{2}-\d{2}", "[day]"),
        (r"\b\d{2}:\d{2}:\d{2}\b", "[time]"),
        (r"\b[\w.-]+@[\w.-]+\b", "[who]"),
        (r"\b\d+([.,]\d+)? ?(\u{202f})?(µs|ms|s|min)\b( \d+ s)?", "[t]"),
        (r"\[t\] +", "[t] "),
        (r"(samples.csv [^,]*), [^,]*(,[^,]*)?, sha", "$1, [size], sha"),
        (r"[0-9a-f]{12}…", "[hash]…"),
        (r"samples \d+", "samples [n]"),
        (r"missed \d+", "missed [n]"),
        (r"\b\d+ (sur|of) \d+ (échantillons|samples)", "[n] $2"),
        (r"process \d+", "process [pid]"),
    ] {
        settings.add_filter(found, shown);
    }
    settings.bind(assert);
}
