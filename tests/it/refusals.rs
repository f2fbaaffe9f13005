//! What a load meets on a real cluster that does not take it: each ends by itself, says why, and keeps what was seen.

use crate::support::{
    Project,
    lab::{Lab, has_kafka},
};
use serde_json::Value;
use std::{
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// A campaign of one step on the cluster of this environment.
fn campaign(environment: &str, step: &str) -> Project {
    let project = Project::new();
    project.file("plan/environments/lab.yaml", environment).step(0, step.trim());
    project
}

/// One action of the step as `jalon show` has it.
fn shown(project: &Project, action: &str) -> Value {
    let ran = project.jalon(&["show", "0", "--json"]).exits(0);
    let shown: Value = serde_json::from_str(&ran.stdout).unwrap();
    let actions = shown["attempt"]["actions"].as_array().unwrap().iter();
    actions.clone().find(|a| a["id"] == action).unwrap_or_else(|| panic!("{shown:#}")).clone()
}

fn number(action: &Value, name: &str) -> f64 {
    action["values"][name]["value"]["number"][0].as_f64().unwrap_or_else(|| panic!("{name}: {action:#}"))
}

/// Runs one of Kafka's own tools.
fn tool(lab: &Lab, main: &str, arguments: &str) {
    let libs = jalon::lab::Cache::of_user().unwrap().folder().join("kafka-3.7.2/libs/*");
    let server = format!("127.0.0.1:{}", lab.base + 10);
    let mut command = Command::new("java");
    command.args(["-Xmx128m", "-cp"]).arg(libs).arg(main).args(["--bootstrap-server", &server]);
    let ran = command.args(arguments.split(' ')).output().unwrap();
    assert!(ran.status.success(), "{arguments}: {ran:?}");
}

const UNKNOWN: &str = "
actions:
  - produce: {id: load, cluster: source, topic: nowhere, records: 10, record_size: 100 B, rate: 10/s}
criteria:
  - expect: load.records_sent == 10";

const UNREAD: &str = "
actions:
  - consume: {id: read, cluster: source, topic: nowhere, records: 10, idle_timeout: 20s}
criteria:
  - expect: read.records == 10";

const TOO_LARGE: &str = "
actions:
  - topic: {id: made, cluster: source, name: narrow, partitions: 1, replication_factor: 1, ensure: present, config: {max.message.bytes: \"1000\"}}
  - produce: {id: load, cluster: source, topic: narrow, duration: 10m, record_size: 5000 B, rate: 100/s}
criteria:
  - expect: load.records_sent > 0";

const QUOTA: &str = "
actions:
  - topic: {id: made, cluster: source, name: rationed, partitions: 1, replication_factor: 1, ensure: present}
  - produce: {id: load, cluster: source, topic: rationed, records: 4000, record_size: 1000 B, rate: 1000/s, properties: {queue.buffering.max.messages: 100}}
  - consume: {id: read, cluster: source, topic: rationed, records: 4000, idle_timeout: 30s}
criteria:
  - expect: load.records_sent == 4000 && load.errors == 0
  - expect: load.throttled_ms.max > 0 && load.saturated && load.achieved_ratio < 0.8
  - expect: read.records == 4000 && read.throttled_ms.max > 0";

/// Long, so that it does not end before what it meets.
const LONG: &str = "
actions:
  - topic: {id: made, cluster: source, name: orders, partitions: 1, replication_factor: 1, ensure: present}
  - produce: {id: load, cluster: source, topic: orders, duration: 10m, record_size: 100 B, rate: 200/s, properties: {delivery.timeout.ms: 3000, request.timeout.ms: 2000}}
criteria:
  - expect: load.records_failed == 0";

#[test]
fn a_load_that_a_cluster_does_not_take_ends_by_itself_and_says_why() {
    if !has_kafka("a_load_that_a_cluster_does_not_take_ends_by_itself_and_says_why") {
        return;
    }
    let lab = Lab::new();
    lab.up().exits(0);
    let environment = lab.lab(&["environment"]).exits(0).stdout;

    for (step, word) in [(UNKNOWN, "produce"), (UNREAD, "consume")] {
        let ran = campaign(&environment, step).jalon(&["run"]);
        assert!(ran.code == Some(4), "{word}: {ran:#?}");
        ran.says(&["topic `nowhere` not found", "`topic` action"]);
    }
    assert_eq!(lab.records("nowhere"), None, "looking at a topic does not make it");

    let project = campaign(&environment, TOO_LARGE);
    project.jalon(&["run"]).exits(4).says(&["refuses records for `narrow`", "large", "`max.message.bytes`"]);
    let load = shown(&project, "load");
    assert_eq!(number(&load, "records_sent"), 0.0, "{load:#}");
    assert!(number(&load, "records_failed") > 0.0, "{load:#}");
    assert!(project.run_dir().join("00/1/load/errors.csv").exists());

    let quotas = "producer_byte_rate=300000,consumer_byte_rate=300000";
    let clients = "--entity-type clients --entity-default";
    tool(&lab, "kafka.admin.ConfigCommand", &format!("--alter --add-config {quotas} {clients}"));
    let project = campaign(&environment, QUOTA);
    project.jalon(&["run"]).exits(0);
    for (action, figure) in
        [("load", "the rate and the latencies are the quota's"), ("read", "is the quota's")]
    {
        let remarks = shown(&project, action)["remarks"].to_string();
        assert!(remarks.contains("a quota limits it") && remarks.contains(figure), "{remarks}");
    }
    let names = "producer_byte_rate,consumer_byte_rate";
    tool(&lab, "kafka.admin.ConfigCommand", &format!("--alter --delete-config {names} {clients}"));

    // A broker that is silent, and one that is gone.
    for (fault, mend) in [("freeze", "thaw"), ("kill", "start")] {
        let project = campaign(&environment, LONG);
        let run = project.command(&["run"]).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let begun = Instant::now();
        // The name of the run is not known before it is there.
        let windows = || -> Option<PathBuf> {
            let path = project.has_run().then(|| project.run_dir())?.join("00/1/load/windows.csv.partial");
            path.exists().then_some(path)
        };
        while windows().is_none() {
            assert!(begun.elapsed() < Duration::from_secs(30), "the load did not begin");
            thread::sleep(Duration::from_millis(50));
        }
        thread::sleep(Duration::from_secs(3));
        lab.lab(&["fault", fault, "source-broker-1"]).exits(0);
        let gone = Instant::now();
        let output = run.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{fault}: {said}");
        assert!(gone.elapsed() < Duration::from_secs(60), "{fault}: {:?}", gone.elapsed());
        lab.lab(&["fault", mend, "source-broker-1"]).exits(0);
        let load = shown(&project, "load");
        assert!(
            number(&load, "records_sent") > 100.0 && number(&load, "records_failed") > 100.0,
            "{fault}: {load:#}"
        );
        assert!(number(&load, "latency_ms.p50") > 0.0, "{fault}: {load:#}");
        let remarks = load["remarks"].to_string();
        assert!(remarks.contains("longer than `delivery.timeout.ms`"), "{fault}: {remarks}");
        assert!(project.run_dir().join("00/1/load/errors.csv").exists());
        project.jalon(&["verify"]).exits(0);
    }
}
