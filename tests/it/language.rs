//! What a step file can say beside actions in order: conditions, matrices, guards, tries, time limits, clean-up.

use crate::support::Project;
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// A Prometheus that answers every query with one value, or with an error where the value is 999.
fn prometheus(value: &Arc<AtomicU64>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let value = Arc::clone(value);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            while lines.next().is_some_and(|l| l.is_ok_and(|l| !l.is_empty())) {}
            let now = jiff::Timestamp::now().as_second();
            let (status, body) = match value.load(Ordering::SeqCst) {
                999 => ("503 Service Unavailable", String::new()),
                n => (
                    "200 OK",
                    format!(
                        r#"{{"status":"success","data":{{"resultType":"vector","result":[{{"metric":{{}},"value":[{now},"{n}"]}}]}}}}"#
                    ),
                ),
            };
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    format!("http://{address}")
}

/// A campaign whose environment has such a Prometheus.
fn watched(value: u64) -> (Project, Arc<AtomicU64>) {
    let value = Arc::new(AtomicU64::new(value));
    let project = Project::new();
    let environment = format!("name: lab\nprometheus: {{url: \"{}\"}}\n", prometheus(&value));
    project.file("plan/environments/lab.yaml", &environment);
    (project, value)
}

const WATCH: &str = "watch:\n  - prometheus: {id: offline, query: up, every: 100ms}\n";

fn events(project: &Project, kind: &str) -> Vec<serde_json::Value> {
    let journal = project.journal();
    journal.iter().map(|r| r["event"].clone()).filter(|e| e["type"] == kind).collect()
}

#[test]
fn a_breached_guard_stops_the_step_undoes_the_fault_and_cleans_up() {
    let (project, value) = watched(0);
    project.step(
        0,
        &format!(
            "{WATCH}actions:
  - parallel:
      - fault: {{id: outage, inject: [touch, broken], undo: [rm, -f, broken], hold: 60s}}
      - wait: {{id: load, for: 60s}}
always:
  - shell: {{id: sweep, argv: [touch, swept], on_interrupt: rerun}}
criteria:
  - guard: offline.value == 0
    for: 300ms
  - expect: outage.held_s >= 1"
        ),
    );
    let breaks = thread::spawn(move || {
        thread::sleep(Duration::from_millis(1500));
        value.store(3, Ordering::SeqCst);
    });
    let started = Instant::now();
    project.jalon(&["run"]).exits(1).says(&["stopped by its guard: guard offline.value == 0"]);
    breaks.join().unwrap();
    assert!(started.elapsed() < Duration::from_secs(30), "the step went on for {:?}", started.elapsed());
    assert!(!project.path().join("broken").exists(), "the fault was left in place");
    assert!(project.path().join("swept").exists(), "nothing was cleaned up");
    let criteria = &project.status()["steps"][0]["criteria"];
    assert_eq!(criteria[0]["verdict"], "fail");
    assert_eq!(criteria[0]["observed"], 3.0);
}

#[test]
fn a_guard_that_sees_nothing_any_more_stops_the_step_too() {
    let (project, _value) = watched(999);
    project.step(
        0,
        &format!(
            "{WATCH}actions:\n  - wait: {{id: load, for: 60s}}\ncriteria:\n  - guard: offline.value == 0"
        ),
    );
    let started = Instant::now();
    project.jalon(&["run"]).exits(6).says(&["its guard had no sample for"]);
    assert!(started.elapsed() < Duration::from_secs(30));
    assert_eq!(project.states(), ["inconclusive"]);
}

#[test]
fn a_step_that_does_not_apply_unlocks_and_is_shown_apart() {
    let project = Project::new();
    project.file(
        "plan/campaign.yaml",
        "name: test\ndefault_environment: lab\ndefault_profile: smoke\nslo: {wait_s: 5}\nprofiles: {smoke: {pause: 1ms}}\n\
         facts:\n  metadata: {label: {en: Metadata}, value: kraft, source: the test}\n  rack: {label: {en: Rack}}\n",
    );
    project
        .step(
            0,
            "when: facts.metadata == 'zookeeper'\nactions:\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: a.waited_s < slo.wait_s",
        )
        .step(
            1,
            "needs: [0]\nactions:\n  - wait: {id: b, for: 1ms}\ncriteria:\n  - expect: b.waited_s < slo.wait_s",
        )
        .step(
            2,
            "when: facts.rack == 'a'\nactions:\n  - wait: {id: c, for: 1ms}\ncriteria:\n  - expect: c.waited_s < slo.wait_s",
        );
    project.jalon(&["run"]).exits(6);
    assert_eq!(project.states(), ["not-applicable", "passed", "inconclusive"]);
    let status = project.status();
    assert_eq!(status["steps"][0]["reason"], "facts.metadata == 'zookeeper' does not hold");
    let reason = status["steps"][2]["reason"].as_str().unwrap();
    assert!(reason.contains("`facts.rack` is not supplied"), "{reason}");
    let shown = project.jalon(&["status"]);
    assert!(shown.stdout.contains("not-applicable"), "{shown:?}");
}

#[test]
fn what_does_not_apply_inside_a_step_is_passed_over_and_never_a_pass() {
    let (project, _value) = watched(0);
    project.step(
        0,
        "watch:
  - prometheus: {id: offline, query: up, every: 100ms, when: has(environment.connect)}
actions:
  - wait: {id: a, for: 1ms}
  - wait: {id: b, for: 1ms, when: a.waited_s > 100}
criteria:
  - expect: a.waited_s < slo.wait_s
  - expect: b.waited_s < slo.wait_s
  - guard: offline.value == 0
  - expect: offline.max == 0
artifacts: [offline/samples.csv]",
    );
    project.jalon(&["run"]).exits(0).says(&["skipped: not applicable: a.waited_s > 100 does not hold"]);
    let over = events(&project, "criterion-passed-over");
    assert_eq!(over.iter().map(|e| e["index"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
    let project = Project::new();
    project.step(
        0,
        "actions:\n  - wait: {id: a, for: 1ms}\n  - wait: {id: b, for: 1ms, when: vars.x == 1}\ncriteria:\n  - expect: a.waited_s < 5 && b.waited_s < 5",
    );
    project.jalon(&["run", "--var", "x=2"]).exits(6);
    let project = Project::new();
    project.step(
        0,
        "actions:\n  - wait: {id: b, for: 1ms, when: vars.x == 1}\ncriteria:\n  - expect: b.waited_s < 5",
    );
    project.jalon(&["run", "--var", "x=2"]).exits(6).says(&["no criterion applied"]);
}

#[test]
fn a_matrix_runs_every_scenario_and_stops_where_its_rule_holds() {
    let project = Project::new();
    project.step(
        0,
        "actions:
  - shell:
      id: load
      matrix: {size: [1 KiB, 10 KiB], rate: [10, 20, 30, 40], exclude: [{size: 1 KiB, rate: 40}], stop_when: load.number >= 20}
      argv: [echo, '{{ matrix.rate }}', 'size={{ matrix.size }}']
      capture: {number: {regex: '^(\\d+)'}}
criteria:
  - expect: load.number < 100
artifacts: [load/stdout.txt]",
    );
    project.jalon(&["run"]).exits(0);
    let started = events(&project, "action-started");
    let ids: Vec<_> = started.iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(ids, ["load_1kib_10", "load_1kib_20", "load_10kib_10", "load_10kib_20"]);
    assert_eq!(
        started[1]["scenario"],
        serde_json::json!({"matrix": "load", "values": {"size": "1 KiB", "rate": 20}})
    );
    assert_eq!(started[1]["params"]["argv"], serde_json::json!(["echo", 20, "size=1 KiB"]));
    assert_eq!(events(&project, "action-passed-over").len(), 3);
    assert_eq!(events(&project, "criterion-judged").len(), 4);
    assert_eq!(events(&project, "criterion-passed-over").len(), 3);
    let stdout = project.run_dir().join("00/1/load_10kib_20/stdout.txt");
    assert_eq!(fs::read_to_string(stdout).unwrap(), "20 size=10 KiB\n");
}

#[test]
fn an_action_that_only_looks_is_tried_again() {
    let (project, value) = watched(999);
    project.step(
        0,
        "actions:\n  - prometheus: {id: look, query: up, attempts: 5, backoff: 400ms}\ncriteria:\n  - expect: look.value == 7",
    );
    // It is mended when the first try has failed, however slow this machine is.
    let log = || project.command(&["log", "--json"]).output().unwrap().stdout;
    let failed_once = || String::from_utf8_lossy(&log()).contains("action-retried");
    thread::scope(|scope| {
        scope.spawn(|| {
            let deadline = Instant::now() + Duration::from_secs(60);
            while !failed_once() && Instant::now() < deadline {
                thread::sleep(Duration::from_millis(20));
            }
            value.store(7, Ordering::SeqCst);
        });
        project.jalon(&["run"]).exits(0).says(&["try 1 failed"]);
    });
    let tried = events(&project, "action-retried").len();
    assert!((1..5).contains(&tried), "{tried} tries");
    project.jalon(&["verify"]).exits(0);
}

#[test]
fn a_step_has_a_time_limit_and_cleans_up_behind_it() {
    let project = Project::new();
    project.step(
        0,
        "timeout: 300ms
actions:
  - shell: {id: long, argv: [sleep, '60'], on_interrupt: rerun}
always:
  - shell: {id: first, argv: [sh, -c, exit 3], on_interrupt: rerun}
  - shell: {id: second, argv: [touch, swept], on_interrupt: rerun}
criteria:
  - expect: long.duration_s < 100",
    );
    project
        .jalon(&["run"])
        .exits(4)
        .says(&["the step did not end within 300 ms", "the clean-up failed: `first`"]);
    assert!(project.path().join("swept").exists());
    let project = Project::new();
    project.step(
        0,
        "actions:\n  - wait: {id: a, for: 1ms}\nalways:\n  - shell: {id: sweep, argv: ['false'], on_interrupt: rerun}\ncriteria:\n  - expect: a.waited_s < 5",
    );
    project.jalon(&["run"]).exits(4);
    assert_eq!(project.states(), ["error"], "a platform that was not cleaned up is no pass");
}

#[test]
fn a_production_platform_is_broken_only_where_the_step_allows_it() {
    let project = Project::new();
    project.file("plan/environments/lab.yaml", "name: lab\nproduction: true\n");
    let step = "actions:\n  - fault: {id: f, inject: [touch, broken], undo: [rm, broken], hold: 1ms}\ncriteria:\n  - expect: f.held_s < 5";
    project.step(0, step);
    project.jalon(&["run", "--confirm", "lab"]).exits(3).says(&[
        "`f` breaks something on purpose, and `lab` is a production environment",
        "allow_destructive: true",
    ]);
    project.step(0, &format!("allow_destructive: true\n{step}"));
    project.jalon(&["run"]).exits(2).says(&["--confirm lab"]);
    project.jalon(&["run", "--confirm", "lab"]).exits(0);
}

#[test]
fn a_second_try_is_refused_where_it_would_hide_the_first() {
    let project = Project::new();
    project.step(
        0,
        "actions:\n  - fault: {id: f, inject: [a], undo: [b], hold: 1s, attempts: 2}\ncriteria:\n  - expect: f.held_s < 5",
    );
    project.jalon(&["check"]).exits(3).says(&["`fault` does not support `attempts`"]);
}
