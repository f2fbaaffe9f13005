//! The live page: what it shows of a run, who may open it, what people decide on it, and what it takes from clients
//! that mean no good.

mod browser;
mod hostile;

use crate::support::Project;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    os::unix::fs::PermissionsExt,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const WRITE: &str = "write-token-of-the-tests";
const READ: &str = "read-token-of-the-tests";
const PASSES: &str = "actions:\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: a.waited_s < slo.wait_s";

/// A page that is served, ended with this value.
struct Served {
    child: Child,
    address: SocketAddr,
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// An answer.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    fn has(&self, header: &str) -> bool {
        self.head.to_lowercase().contains(&header.to_lowercase())
    }
}

/// Writes the tokens where the page reads them.
fn tokens(project: &Project) {
    for (name, token) in [("write-token", WRITE), ("read-token", READ)] {
        project.file(name, token);
        let owner = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(project.path().join(name), owner).unwrap();
    }
}

impl Served {
    fn begin(project: &Project, command: &[&str]) -> Self {
        Self::at(project, command, "127.0.0.1:0")
    }

    fn at(project: &Project, command: &[&str], address: &str) -> Self {
        tokens(project);
        let more = ["--listen", address, "--token-file", "write-token", "--read-token-file", "read-token"];
        let mut command: Command = project.command(&[command, &more].concat());
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.split_once("http://")?.1.split_once('/')?.0.parse().ok())
            .expect("the page told no address");
        // What it says further must not fill the pipe.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Self { child, address }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// Sends these bytes and reads to the end.
    fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = self.connect();
        // A server that refuses what it has not read yet may have closed already.
        drop(stream.write_all(request));
        let mut bytes = Vec::new();
        drop(stream.read_to_end(&mut bytes));
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        if !headers.iter().any(|(name, _)| *name == "Host") {
            request.push_str(&format!("Host: {}\r\n", self.address));
        }
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        self.raw(format!("{request}\r\n{body}").as_bytes())
    }

    fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[("Authorization", &format!("Bearer {READ}"))], "")
    }

    fn decide(&self, token: &str, wish: &Value) -> Answer {
        self.ask("POST", "/api/decide", &[("Authorization", &format!("Bearer {token}"))], &wish.to_string())
    }

    /// Reads server-sent events until `wanted` has what it looks for.
    fn events<T>(&self, path: &str, since: Option<&str>, mut wanted: impl FnMut(&Event) -> Option<T>) -> T {
        let mut stream = self.connect();
        let since = since.map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
        let host = self.address;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {READ}\r\n{since}\r\n")
            .unwrap();
        let (mut event, begun) = (Event::default(), Instant::now());
        for line in BufReader::new(stream).lines() {
            assert!(begun.elapsed() < Duration::from_secs(60), "nothing came that was wanted");
            let line = line.expect("the stream ended");
            match line.split_once(": ") {
                Some(("id", id)) => event.id = id.to_owned(),
                Some(("event", name)) => event.name = name.to_owned(),
                Some(("data", data)) => event.data = serde_json::from_str(data).unwrap(),
                _ if line.trim().is_empty() && !event.name.is_empty() => {
                    if let Some(found) = wanted(&event) {
                        return found;
                    }
                    event = Event::default();
                }
                _ => {}
            }
        }
        panic!("the stream ended before what was wanted came");
    }
}

/// One server-sent event.
#[derive(Debug, Clone, Default)]
struct Event {
    id: String,
    name: String,
    data: Value,
}

fn name(project: &Project) -> String {
    project.run_dir().file_name().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn it_follows_a_run_of_another_process_and_goes_on_after_a_cut() {
    let project = Project::new();
    project
        .step(0, "actions:\n  - wait: {id: a, for: 700ms}\ncriteria:\n  - expect: a.waited_s < slo.wait_s");
    let page = Served::begin(&project, &["serve"]);
    let run = std::thread::scope(|scope| {
        let looking = scope.spawn(|| {
            let (mut states, mut ids, mut latest) = (Vec::new(), Vec::new(), Duration::ZERO);
            page.events("/api/stream", None, |event| {
                match event.name.as_str() {
                    "step" => states.push(event.data["state"].as_str().unwrap().to_owned()),
                    "record" => {
                        ids.push(event.id.clone());
                        let at: Timestamp = event.data["at"].as_str().unwrap().parse().unwrap();
                        let late = Timestamp::now().duration_since(at);
                        latest = latest.max(late.try_into().unwrap_or_default());
                    }
                    "run" if event.data["state"] == "ended" => {
                        assert_eq!(event.data["outcome_words"], "passed");
                        return Some(());
                    }
                    _ => {}
                }
                None
            });
            states.dedup();
            println!("the latest record came {latest:?} behind its time");
            // With nothing else to do it takes a tenth of that.
            assert!(latest < Duration::from_secs(2), "a record came {latest:?} behind its time");
            (states, ids)
        });
        // The page is open before there is a run.
        std::thread::sleep(Duration::from_millis(300));
        project.jalon(&["run"]).exits(0);
        looking.join().unwrap()
    });
    let (states, ids) = run;
    assert!(states.contains(&"running".to_owned()), "{states:?}");
    assert_eq!(states.last().map(String::as_str), Some("passed"));
    let records = project.journal().len();
    let name = name(&project);
    assert_eq!(ids.first(), Some(&format!("{name}:1")));
    // Behind a cut it goes on with the record that was not seen.
    let mut seen = Vec::new();
    page.events("/api/stream", Some(&format!("{name}:3")), |event| {
        if event.name == "opening" {
            assert_eq!(event.data["since"], 3);
        }
        if event.name == "record" {
            seen.push(event.data["seq"].as_u64().unwrap());
        }
        (seen.last() == Some(&(records as u64))).then_some(())
    });
    assert_eq!(seen, (4..=records as u64).collect::<Vec<_>>());
    // What it had of another run is nothing to go on from.
    let first = page
        .events("/api/stream", Some("another:3"), |e| (e.name == "record").then(|| e.data["seq"].clone()));
    assert_eq!(first, 1);
    // Another run begins: the page goes over to it.
    std::thread::scope(|scope| {
        let looking = scope.spawn(|| {
            page.events("/api/stream", None, |event| {
                (event.name == "opening" && event.data["run"] != name.as_str()).then_some(())
            });
        });
        std::thread::sleep(Duration::from_millis(1100));
        project.jalon(&["run"]).exits(0);
        looking.join().unwrap();
    });
    assert_eq!(page.get("/api/runs").json().as_array().unwrap().len(), 2);
    let french = page.get(&format!("/api/journal?run={name}&lang=fr&before=3"));
    assert_eq!(french.json().as_array().unwrap().len(), 2);
    assert!(french.body.contains("commence"), "{}", french.body);
}

#[test]
fn a_restarted_page_goes_on_where_the_browser_was() {
    let project = Project::new();
    project.step(0, PASSES);
    project.jalon(&["run"]).exits(0);
    let page = Served::begin(&project, &["serve"]);
    let address = page.address.to_string();
    let id = page
        .events("/api/stream", None, |e| (e.name == "record" && e.data["seq"] == 4).then(|| e.id.clone()));
    drop(page);
    let page = Served::at(&project, &["serve"], &address);
    let next = page.events("/api/stream", Some(&id), |e| (e.name == "record").then(|| e.data["seq"].clone()));
    assert_eq!(next, 5);
}

#[test]
fn every_verdict_stands_beside_what_was_observed_and_its_limit() {
    let project = Project::new();
    project.step(0, "actions:\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: a.waited_s > slo.wait_s");
    project.step(1, "actions:\n  - shell: {id: s, argv: [echo, '<img src=x onerror=alert(1)>'], capture: {n: {regex: 'n=(\\d+)'}}}\ncriteria:\n  - expect: s.n < 10");
    project.jalon(&["run"]).exits(1);
    let page = Served::begin(&project, &["serve"]);
    let mut steps = Vec::new();
    page.events("/api/stream", None, |event| {
        if event.name == "step" {
            steps.push(event.data.clone());
        }
        (steps.len() == 2).then_some(())
    });
    let failed = &steps[0]["criteria"][0];
    assert_eq!((failed["verdict"].as_str(), failed["limit"].as_str()), (Some("fail"), Some("5 s")));
    assert!(failed["observed"].as_str().unwrap().ends_with(" s"), "{failed}");
    let missing = &steps[1]["criteria"][0];
    assert_eq!(missing["verdict"], "inconclusive");
    assert_eq!(
        missing["observed"].as_str().filter(|o| o.contains('0')),
        None,
        "a figure that nobody measured: {missing}"
    );
    let metrics = page.get("/metrics");
    assert!(metrics.has("content-type: text/plain; version=0.0.4"));
    let run = name(&project);
    for line in [
        format!("jalon_steps{{run=\"{run}\",state=\"failed\"}} 1"),
        format!("jalon_run_outcome{{run=\"{run}\",outcome=\"failed\"}} 1"),
        format!(
            "jalon_criterion_limit{{run=\"{run}\",step=\"0\",index=\"0\",criterion=\"a.waited_s > slo.wait_s\"}} 5"
        ),
        "# TYPE jalon_steps gauge".to_owned(),
    ] {
        assert!(metrics.body.lines().any(|l| l == line), "{line} is not in\n{}", metrics.body);
    }
    let unseen = format!("jalon_criterion_observed{{run=\"{run}\",step=\"1\"");
    assert!(!metrics.body.contains(&unseen), "a figure that nobody measured");
    // The same for the node exporter.
    project.jalon(&["export", "prometheus", "--out", "x/run.prom"]).exits(0);
    let textfile = std::fs::read_to_string(project.path().join("x/run.prom")).unwrap();
    assert_eq!(textfile, metrics.body);
    let report = page.get(&format!("/report?run={run}"));
    assert_eq!(report.status, 200);
    assert!(
        report.has("content-security-policy: default-src 'none'") && report.has("sandbox"),
        "{}",
        report.head
    );
    assert!(report.body.contains("a.waited_s"), "the report says nothing");
}

#[test]
fn a_person_with_the_token_decides_by_name_and_nobody_else_does() {
    let project = Project::new();
    project
        .step(0, &format!("{PASSES}\napprove: {{role: lead, question: Go on?}}"))
        .step(1, "actions:\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: a.waited_s > slo.wait_s");
    project.jalon(&["run"]).exits(7);
    let page = Served::begin(&project, &["serve"]);
    let run = name(&project);
    let approve = |by: &str| json!({"what": "approve", "run": run, "step": 0, "action": null, "yes": true, "by": by, "comment": "seen"});
    assert_eq!(page.decide(READ, &approve("ada")).status, 403);
    assert_eq!(page.decide("wrong-token-of-somebody", &approve("ada")).status, 401);
    let cookie = format!("jalon-{}={WRITE}", page.address.port());
    let origin = format!("http://{}", page.address);
    let by_cookie = [("Cookie", cookie.as_str()), ("Origin", origin.as_str())];
    assert_eq!(page.ask("POST", "/api/decide", &by_cookie, &approve("ada").to_string()).status, 401);
    assert_eq!(page.decide(WRITE, &approve("  ")).status, 422);
    assert_eq!(project.states()[0], "awaiting-approval");
    let done = page.decide(WRITE, &approve("ada"));
    assert_eq!(done.status, 200, "{done:?}");
    assert!(done.body.contains(&format!("jalon resume --run {run}")));
    project.jalon(&["resume"]).exits(1);
    assert_eq!(project.states(), ["passed", "failed"]);
    assert_eq!(page.decide(WRITE, &approve("ada")).status, 422, "a step that passed was approved");
    let waive = json!({"what": "waive", "run": run, "step": 1, "by": "grace", "reason": "known", "until": "2020-01-01"});
    let refused = page.decide(WRITE, &waive);
    assert!(refused.status == 422 && refused.body.contains("past"), "{refused:?}");
    let waive = json!({"what": "waive", "run": run, "step": 1, "by": "grace", "reason": "known limit"});
    assert_eq!(page.decide(WRITE, &waive).status, 200);
    let note = json!({"what": "note", "run": run, "step": 1, "kind": "risk", "by": "ada", "text": "<script>alert(1)</script>"});
    assert_eq!(page.decide(WRITE, &note).status, 200);
    assert_eq!(page.get("/api/notes").json()[0]["text"], "<script>alert(1)</script>");
    let by: Vec<Value> = project
        .journal()
        .iter()
        .filter_map(|r| r["event"]["answer"]["by"].as_str().or(r["event"]["by"].as_str()).map(Value::from))
        .collect();
    assert_eq!(by, ["ada", "grace"]);
    let text = std::fs::read_to_string(project.run_dir().join("journal.jsonl")).unwrap();
    assert!(!text.contains(WRITE) && !text.contains(READ), "a token is on record");
    project.jalon(&["verify"]).exits(0);
    project.jalon(&["resume"]).exits(11);
}

#[test]
fn a_run_in_this_process_is_answered_on_its_page() {
    let project = Project::new();
    project.step(0, &format!("{PASSES}\napprove: {{role: lead, question: Go on?}}"));
    let mut page = Served::begin(&project, &["run", "--serve"]);
    let id = page.events("/api/stream", None, |event| {
        let question = &event.data["questions"][0];
        (event.name == "run" && question["question"].as_str().is_some_and(|q| q.contains("Go on?")))
            .then(|| question["id"].clone())
    });
    // Its lock is held: what is meant for a run that has stopped is refused, kindly.
    let approve = json!({"what": "approve", "run": name(&project), "step": 0, "action": null, "yes": true, "by": "ada"});
    let busy = page.decide(WRITE, &approve);
    assert!(busy.status == 409 && busy.body.contains("in progress"), "{busy:?}");
    let answer = json!({"what": "answer", "id": id, "yes": true, "by": "ada", "comment": "from the page"});
    assert_eq!(page.decide(WRITE, &answer).status, 200);
    assert_eq!(page.child.wait().unwrap().code(), Some(0));
    let given = project.journal().into_iter().find(|r| r["event"]["type"] == "approval-given").unwrap();
    assert_eq!(given["event"]["answer"]["by"], "ada");
}

#[test]
fn a_resumed_run_is_answered_on_its_page() {
    let project = Project::new();
    project.step(0, "actions:\n  - manual: {id: seen, question: Is it up?}\ncriteria:\n  - expect: seen.yes");
    project.jalon(&["run"]).exits(7);
    project.jalon(&["resume", "--listen", "127.0.0.1:0"]).exits(2).says(&["need `--serve`"]);
    let mut page = Served::begin(&project, &["resume", "--serve"]);
    let id = page.events("/api/stream", None, |event| {
        let question = &event.data["questions"][0];
        (event.name == "run" && question["question"].as_str().is_some_and(|q| q.contains("Is it up?")))
            .then(|| question["id"].clone())
    });
    let answer = json!({"what": "answer", "id": id, "yes": true, "by": "ada", "comment": ""});
    assert_eq!(page.decide(WRITE, &answer).status, 200);
    assert_eq!(page.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_run_whose_page_nobody_opens_asks_nobody() {
    let project = Project::new();
    project.step(0, &format!("{PASSES}\napprove: {{role: lead, question: Go on?}}"));
    let mut page = Served::begin(&project, &["run", "--serve"]);
    assert_eq!(page.child.wait().unwrap().code(), Some(7));
}

#[test]
fn an_address_that_others_reach_is_refused_before_anything_is_done() {
    let project = Project::new();
    project.step(0, PASSES);
    for command in [&["serve"][..], &["run", "--serve"]] {
        let ran = project.jalon(&[command, &["--listen", "0.0.0.0:0"]].concat());
        ran.exits(2).says(&["not a loopback address", "--behind-proxy HOST"]);
    }
    project.jalon(&["run", "--listen", "127.0.0.1:0"]).exits(2).says(&["need `--serve`"]);
    tokens(&project);
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(project.path().join("write-token"), open).unwrap();
    project
        .jalon(&["serve", "--token-file", "write-token"])
        .exits(2)
        .says(&["readable by other users", "chmod 600"]);
    assert!(!project.has_run());
}
