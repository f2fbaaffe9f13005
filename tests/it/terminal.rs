//! Gates at a terminal: a person is asked and answers there, or leaves it open.

use crate::support::Project;
use std::{
    io::{Read, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

const WAITS: &str = "actions:\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: a.waited_s < slo.wait_s\napprove: {role: lead, question: Go on?}";

/// The binary at a pseudo-terminal of its own.
struct Terminal {
    child: Child,
    keys: ChildStdin,
    screen: Arc<Mutex<String>>,
}

impl Terminal {
    /// `script` of util-linux gives a terminal; it is on every system that the tests run on.
    fn with(project: &Project, args: &str) -> Self {
        // `exec`, because a shell that stays in between gets Ctrl-C too, and some then end with its code and not ours.
        let line = format!("exec {} {args}", env!("CARGO_BIN_EXE_jalon"));
        let mut child = Command::new("script")
            .args(["-qec", &line, "/dev/null"])
            .current_dir(project.path())
            .env_remove("JALON_ENV")
            .env_remove("JALON_PROFILE")
            .env("TERM", "xterm")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`script` of util-linux is there");
        let (keys, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let screen = Arc::new(Mutex::new(String::new()));
        let shown = Arc::clone(&screen);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = output.read(&mut buffer) {
                shown.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..n]));
            }
        });
        Self { child, keys, screen }
    }

    fn shows(&self, text: &str) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !self.screen.lock().unwrap().contains(text) {
            assert!(Instant::now() < deadline, "no {text:?} in {}", self.screen.lock().unwrap());
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn types(&mut self, text: &str) {
        self.keys.write_all(text.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    fn exits(mut self, code: i32) {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert_eq!(status.code(), Some(code), "{}", self.screen.lock().unwrap());
                return;
            }
            if Instant::now() > deadline {
                let _ = self.child.kill();
                panic!("it never ended: {}", self.screen.lock().unwrap());
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

fn approval(project: &Project) -> serde_json::Value {
    let given = project.journal().into_iter().find(|r| r["event"]["type"] == "approval-given");
    given.map(|r| r["event"]["answer"].clone()).unwrap_or_default()
}

#[test]
fn a_person_approves_at_the_terminal() {
    let project = Project::new();
    project.step(0, WAITS);
    let mut terminal = Terminal::with(&project, "run");
    terminal.shows("step 0: Go on? (lead)");
    terminal.types("perhaps\n");
    terminal.shows("`yes` or `no`:");
    terminal.types("yes looks fine\n");
    terminal.exits(0);
    let answer = approval(&project);
    assert_eq!((&answer["yes"], &answer["comment"]), (&true.into(), &"looks fine".into()));
    assert!(answer["by"].as_str().unwrap().contains('@'), "{answer}");
    assert_eq!(project.states(), ["passed"]);
}

#[test]
fn a_person_refuses_at_the_terminal() {
    let project = Project::new();
    project.step(0, WAITS);
    let mut terminal = Terminal::with(&project, "run");
    terminal.shows("Go on?");
    terminal.types("non\n");
    terminal.exits(1);
    assert_eq!(project.states(), ["failed"]);
}

#[test]
fn a_question_at_the_terminal_can_be_left_open_and_answered_from_elsewhere() {
    let project = Project::new();
    project.step(0, WAITS);
    let mut terminal = Terminal::with(&project, "run");
    terminal.shows("Go on?");
    project.jalon(&["approve", "0"]).exits(8).says(&["is in progress", "answer at its terminal"]);
    project.jalon(&["note", "observation", "Nobody is at the desk", "--step", "0"]).exits(0);
    terminal.types("\u{3}");
    terminal.exits(5);
    assert_eq!(project.states(), ["awaiting-approval"]);
    project.jalon(&["approve", "0", "--by", "ada"]).exits(0);
    project.jalon(&["resume"]).exits(0);
    assert_eq!(approval(&project)["by"], "ada");
}

#[test]
fn a_question_of_an_action_is_answered_at_the_terminal_too() {
    let project = Project::new();
    project.step(
        0,
        "actions:\n  - manual: {id: seen, question: Did you see it?}\ncriteria:\n  - expect: seen.yes",
    );
    let mut terminal = Terminal::with(&project, "run");
    terminal.shows("Did you see it?");
    terminal.types("\u{3}");
    terminal.exits(5);
    let mut terminal = Terminal::with(&project, "resume");
    terminal.shows("Did you see it?");
    terminal.types("yes\n");
    terminal.exits(0);
    assert_eq!(project.states(), ["passed"]);
}

#[test]
fn an_explanation_has_colours_only_where_a_person_sees_them() {
    let project = Project::new();
    project.step(0, WAITS);
    project.jalon(&["run"]).exits(7);
    project.step(0, &WAITS.replace("1ms", "2ms"));
    let terminal = Terminal::with(&project, "resume --explain");
    terminal.shows("\u{1b}[32m+");
    terminal.exits(0);
    assert!(!project.jalon(&["resume", "--explain"]).exits(0).stdout.contains('\u{1b}'));
}

#[test]
fn init_asks_again_where_an_answer_cannot_be_meant() {
    let project = Project::new();
    let mut terminal = Terminal::with(&project, "init mine --no-probe");
    for (question, wrong, why, right) in [
        (
            "Brokers of the source cluster",
            "nonsense",
            "`nonsense` is not a broker of the source cluster",
            "a:9092",
        ),
        ("Brokers of the target cluster", "", "a campaign needs the target cluster", "b:9092,c:9092"),
        ("Address of Kafka Connect", "connect", "`connect` is not an address", ""),
        ("Address of Prometheus", "ftp://p", "an address begins with `http://`", "http://p:9090"),
    ] {
        terminal.shows(question);
        terminal.types(&format!("{wrong}\n"));
        terminal.shows(why);
        terminal.types(&format!("{right}\n"));
    }
    terminal.exits(0);
    let path = project.path().join("mine/plan/environments/platform.yaml");
    let written = std::fs::read_to_string(path).unwrap();
    for part in ["a:9092", "b:9092,c:9092", "# connect:", "url: http://p:9090/"] {
        assert!(written.contains(part), "no {part} in {written}");
    }
}

#[test]
fn lines_of_an_import_are_classified_in_a_dialogue() {
    let project = Project::new();
    project.file("notes.txt", "Risque : un seul broker\n\nYohan et Mireille en parlent entre eux\n\nMireille en reparle avec Yohan au repas\n");
    project.jalon(&["import", "notes.txt", "--day", "2026-03-02"]).exits(0);
    let mut terminal = Terminal::with(&project, "note --classify --by ana");
    terminal.shows("[1/3] 2026-03-02-1:1  Risque : un seul broker");
    terminal.shows("Enter risk");
    terminal.types("\r");
    terminal.shows("[2/3]");
    // A key that means nothing is passed over; one key is an answer.
    terminal.types("xo");
    terminal.shows("[3/3]");
    terminal.types("q");
    terminal.shows("2 lines classified, 1 left");
    terminal.exits(0);
    let listed = project.jalon(&["note", "--list"]).exits(0).stdout;
    assert!(listed.contains("risk") && listed.contains("observation"), "{listed}");
    let open = project.jalon(&["note", "--unclassified"]).exits(0).stdout;
    assert!(open.contains("au repas") && !open.contains("entre eux"), "{open}");
}
