//! Notices: who is told what while a run goes on, by a real receiver on loopback.

use crate::support::Project;
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

const PASSES: &str = "actions:\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: a.waited_s < slo.wait_s";
const FAILS: &str = "actions:\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: a.waited_s > slo.wait_s";

/// Requests as they came: path and headers, and the body.
type Received = Arc<Mutex<Vec<(String, String)>>>;

/// A receiver that answers each request with the next of `answers`, and the last one for ever.
fn receiver(answers: &'static [&'static str]) -> (u16, Received) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let received = Received::default();
    let all = Arc::clone(&received);
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let mut stream = BufReader::new(stream.unwrap());
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).unwrap();
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
                head.push_str(&line);
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            all.lock().unwrap().push((head, String::from_utf8(body).unwrap()));
            let answer = answers.get(number).or(answers.last()).unwrap();
            let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.get_mut().write_all(answer.as_bytes()).unwrap();
        }
    });
    (port, received)
}

/// A campaign that tells `notify` of what happens.
fn campaign(notify: &str) -> Project {
    let project = Project::new();
    let campaign = fs::read_to_string(project.path().join("plan/campaign.yaml")).unwrap();
    project.file("plan/campaign.yaml", &format!("{campaign}notify:\n{notify}"));
    project
}

/// The notices on record.
fn on_record(project: &Project) -> Vec<Value> {
    let events = project.journal().into_iter().map(|record| record["event"].clone());
    events.filter(|event| event["type"] == "notice-sent").collect()
}

#[test]
fn a_failed_step_and_the_end_of_the_run_are_told_and_put_on_record() {
    let (port, received) = receiver(&["200 OK"]);
    let project = campaign(&format!(
        "  - {{name: ops, url: 'http://127.0.0.1:{port}/hook', on: [failure, run-end], headers: {{X-Team: kafka}}}}\n"
    ));
    project.step(0, PASSES).step(1, FAILS);
    project.jalon(&["run"]).exits(1);
    let received = received.lock().unwrap();
    let notices: Vec<Value> = received.iter().map(|(_, body)| serde_json::from_str(body).unwrap()).collect();
    assert_eq!(notices.len(), 2, "a step that passed was not asked for: {notices:#?}");
    let head = received[0].0.to_ascii_lowercase();
    assert!(head.starts_with("post /hook ") && head.contains("x-team: kafka"), "{head}");
    assert!(head.contains("content-type: application/json"), "{head}");
    let failed = &notices[0];
    assert_eq!((&failed["occasion"], &failed["mood"]), (&"failure".into(), &"bad".into()), "{failed}");
    assert_eq!(failed["headline"], "test: step 1 (Step 1): failed");
    assert_eq!((&failed["step"]["number"], &failed["step"]["state"]), (&1.into(), &"failed".into()));
    let criterion = &failed["criteria"][0];
    assert_eq!(criterion["text"], "a.waited_s > slo.wait_s");
    assert_eq!((&criterion["verdict"], &criterion["limit"]), (&"fail".into(), &"5 s".into()), "{criterion}");
    assert_eq!(notices[1]["occasion"], "run-end");
    assert!(notices[1]["headline"].as_str().unwrap().ends_with("ended: failed"), "{}", notices[1]);
    assert_eq!(notices[1]["lines"][0], "passed: 0");
    let told = on_record(&project);
    assert_eq!(told.len(), 2, "{told:#?}");
    let of = told.iter().map(|event| event["record"].clone()).collect::<Vec<_>>();
    assert_eq!(of, [failed["record"].clone(), notices[1]["record"].clone()]);
    assert!(
        told.iter().all(|event| event["to"] == "ops" && event["tries"] == 1 && event["failure"].is_null())
    );
    project.jalon(&["verify"]).exits(0);
    assert_eq!(project.status()["state"], "failed");
}

#[test]
fn a_receiver_that_fails_is_tried_again_and_fails_no_run() {
    let (port, received) = receiver(&["503 Service Unavailable", "200 OK", "404 Not Found"]);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = silent.local_addr().unwrap().port();
    drop(silent);
    let secret = "T000AAAA/B000BBBB/secretsecretsecret";
    let project = campaign(
        "  - {name: busy, url: 'env:HOOK', on: [step-end, run-end]}\n  - {name: gone, url: 'env:GONE', on: [run-end]}\n",
    );
    project.step(0, PASSES);
    let mut command = project.command(&["run"]);
    command.env("HOOK", format!("http://127.0.0.1:{port}/services/{secret}"));
    command.env("GONE", format!("http://127.0.0.1:{closed}/services/{secret}"));
    let ran = crate::support::Ran::of(command.output().unwrap()).exits(0);
    assert_eq!(
        received.lock().unwrap().len(),
        3,
        "one try more for the first, one alone for what is refused"
    );
    let told = on_record(&project);
    let of = |to: &str| told.iter().filter(|event| event["to"] == to).collect::<Vec<_>>();
    assert_eq!(of("busy")[0]["tries"], 2, "{told:#?}");
    assert_eq!((&of("busy")[1]["tries"], &of("busy")[1]["failure"]), (&1.into(), &"it answered 404".into()));
    assert_eq!(of("gone")[0]["tries"], 3, "{told:#?}");
    assert!(of("gone")[0]["failure"].as_str().unwrap().contains("refused"), "{told:#?}");
    let journal = fs::read_to_string(project.run_dir().join("journal.jsonl")).unwrap();
    for shown in [&journal, &ran.stdout, &ran.stderr] {
        assert!(!shown.contains("secretsecretsecret"), "{shown}");
    }
    project.jalon(&["log"]).exits(0).prints(&["gone could not be told of record"]);
    project.jalon(&["log", "--lang", "fr"]).exits(0).prints(&["gone n'a pas pu être averti"]);
}

#[test]
fn a_receiver_that_does_not_answer_delays_no_step() {
    // Takes connections and never answers.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let project = campaign(&format!("  - {{name: slow, url: 'http://127.0.0.1:{port}/', on: [step-end]}}\n"));
    for step in 0..5 {
        project.step(step, PASSES);
    }
    let started = Instant::now();
    project.jalon(&["run"]).exits(0);
    let took = started.elapsed();
    assert!(
        (Duration::from_secs(20)..Duration::from_secs(35)).contains(&took),
        "the end waits, once: {took:?}"
    );
    let steps: Vec<f64> = project.status()["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            let at = |key: &str| step[key].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
            at("ended").duration_since(at("started")).as_secs_f64()
        })
        .collect();
    assert!(steps.iter().all(|took| *took < 5.0), "{steps:?}");
    let told = on_record(&project);
    assert_eq!(told.len(), 5, "each has an end: {told:#?}");
    assert!(told.iter().all(|event| !event["failure"].is_null()), "{told:#?}");
    drop(listener);
}

#[test]
fn a_question_and_an_approval_are_told_with_what_to_type_in_french() {
    let (port, received) = receiver(&["200 OK"]);
    let project = campaign(&format!(
        "  - {{name: ops, url: 'http://127.0.0.1:{port}/', on: [waiting], lang: fr, form: slack}}\n"
    ));
    project
        .step(0, &format!("{PASSES}\napprove: {{role: 'chef <!channel>', question: 'On y va & comment ?'}}"));
    project.jalon(&["run"]).exits(7);
    let received = received.lock().unwrap();
    let body: Value = serde_json::from_str(&received[0].1).unwrap();
    let text = body["text"].as_str().unwrap();
    assert!(text.contains("l'étape 0 attend chef &lt;!channel&gt;"), "calls everybody: {text}");
    assert!(text.contains("pour approuver : jalon approve 0 --run"), "{text}");
}

#[test]
fn a_question_that_nobody_was_there_to_answer_is_told_with_what_to_type() {
    let (port, received) = receiver(&["200 OK"]);
    let project = campaign(&format!("  - {{name: ops, url: 'http://127.0.0.1:{port}/', on: [waiting]}}\n"));
    project.step(0, "actions:\n  - manual: {id: seen, question: Is it up?}\ncriteria:\n  - expect: seen.yes");
    project.jalon(&["run"]).exits(7);
    let received = received.lock().unwrap();
    assert_eq!(received.len(), 1, "{received:?}");
    let notice: Value = serde_json::from_str(&received[0].1).unwrap();
    assert!(notice["headline"].as_str().unwrap().contains("Is it up?"), "{notice}");
    assert!(notice["lines"][0].as_str().unwrap().contains("jalon approve 0 --action seen"), "{notice}");
}

#[test]
fn a_program_gets_a_mail_a_card_or_what_a_template_makes() {
    let project = campaign(
        "  - {name: mail, command: [sh, -c, 'cat >> mail.txt'], form: mail, on: [run-end], lang: fr}\n  \
           - {name: card, command: [sh, -c, 'cat > card.json'], form: teams, on: [failure]}\n  \
           - {name: chat, command: [sh, -c, 'cat > chat.json'], form: mattermost, on: [failure]}\n  \
           - {name: own, command: [sh, -c, 'cat > own.txt'], on: [failure], template: '{{ step.number }} is {{ step.state }} in {{ run }}'}\n  \
           - {name: none, command: [no-such-program], on: [failure]}\n",
    );
    project.step(0, FAILS);
    project.jalon(&["run"]).exits(1);
    let read = |name: &str| fs::read_to_string(project.path().join(name)).unwrap();
    let mail = read("mail.txt");
    assert!(
        mail.starts_with("Subject: =?UTF-8?B?") && mail.contains("\r\n\r\ntest : l'exécution "),
        "{mail}"
    );
    let card: Value = serde_json::from_str(&read("card.json")).unwrap();
    let content = &card["attachments"][0]["content"];
    assert_eq!(
        (&content["type"], &content["body"][0]["color"]),
        (&"AdaptiveCard".into(), &"Attention".into())
    );
    let chat: Value = serde_json::from_str(&read("chat.json")).unwrap();
    assert!(chat["text"].as_str().unwrap().contains("a.waited\\_s"), "{chat}");
    assert!(read("own.txt").starts_with("0 is failed in "), "{}", read("own.txt"));
    let told = on_record(&project);
    let none = told.iter().find(|event| event["to"] == "none").unwrap();
    assert!(none["tries"] == 1 && none["failure"].as_str().unwrap().contains("no-such-program"), "{none}");
}

#[test]
fn a_mistake_in_whom_to_tell_is_found_by_check() {
    for (notify, told) in [
        ("  - {name: a, url: 'slack.example'}\n", "begins with http:// or https://"),
        ("  - {name: a}\n", "needs `url` or `command`"),
        ("  - {name: a, url: 'env:X', command: [cat]}\n", "both `url` and `command`"),
        ("  - {name: a, url: 'env:X', on: [step-ends]}\n", "step-end"),
        ("  - {name: a, url: 'env:X', template: '{{ step'}\n", "template"),
        ("  - {name: a, url: 'env:X'}\n  - {name: a, url: 'env:Y'}\n", "two entries of `notify`"),
    ] {
        let project = campaign(notify);
        project.step(0, PASSES);
        project.jalon(&["check"]).exits(3).says(&[told, "campaign.yaml"]);
    }
}
