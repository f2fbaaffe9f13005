//! The driver `trogdor` on a real coordinator with two agents, in a lab of the test's own.

use crate::support::lab::{Lab, SMALL, has_kafka};
use jalon::clients::{Environment, trogdor::Trogdor};
use std::{fs, process::Stdio, time::Duration};

const LOADS: &str = r#"
actions:
  - topic: {id: made, cluster: source, name: dist, partitions: 3, replication_factor: 1, ensure: present}
  - trogdor: {id: engine}
  - produce: {id: load, cluster: source, topic: dist, records: 5000, record_size: 100 B, rate: 1000/s, driver: trogdor, properties: {acks: all}}
  - consume: {id: read, cluster: source, topic: dist, records: 5000, driver: trogdor}
  - end-to-end: {id: trip, cluster: source, topic: dist, records: 6000, record_size: 100 B, rate: 1000/s, driver: trogdor}
criteria:
  - expect: made.partitions == 3 && engine.agents_up == 2 && engine.tasks_active == 0
  - expect: load.records_sent == 5000 && load.records_failed == 0
  - expect: load.throughput.records_per_s > 0 && load.send_latency_ms.p50 <= load.send_latency_ms.p99
  - expect: read.records == 5000
  - expect: trip.complete && trip.lost == 0 && trip.duplicated == 0 && trip.records_arrived == 6000
  - expect: trip.throughput.records_per_s > 0 && trip.achieved_ratio > 0.8
artifacts: [load/agents.json, load/offsets.csv, read/agents.json, trip/agents.json, trip/offsets.csv]"#;

/// A load that goes on for long enough to be left behind.
const LONG: &str = r#"
needs: [0]
actions:
  - produce: {id: long, cluster: source, topic: dist, duration: 10m, record_size: 100 B, rate: 100/s, driver: trogdor}
criteria:
  - expect: long.records_sent > 0"#;

const LOOK: &str = r#"
needs: [0]
actions:
  - trogdor: {id: engine}
criteria:
  - expect: engine.agents_up == 2 && engine.tasks_active == 0"#;

const WRONG: &str = r#"
needs: [0]
actions:
  - produce: {id: wrong, cluster: source, topic: dist, records: 100, record_size: 100 B, rate: 100/s, driver: trogdor, properties: {max.block.ms: several}}
criteria:
  - expect: wrong.records_sent == 100"#;

/// Every address that a port is listened to at, as the kernel writes it.
fn addresses(port: u16) -> Vec<String> {
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .flat_map(|table| {
            let text = fs::read_to_string(table).unwrap_or_default();
            let lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines
        })
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_ascii_whitespace().collect();
            let (address, at) = fields.get(1)?.rsplit_once(':')?;
            let listens = *fields.get(3)? == "0A" && u16::from_str_radix(at, 16) == Ok(port);
            listens.then(|| address.to_owned())
        })
        .collect()
}

async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{what} did not come about");
}

#[tokio::test]
async fn agents_send_and_read_and_no_load_is_left_behind() {
    if !has_kafka("agents_send_and_read_and_no_load_is_left_behind") {
        return;
    }
    let lab = Lab::new();
    let base = format!("--port-base={}", lab.base);
    lab.lab(&[&["up", base.as_str(), "--trogdor"], &SMALL[..]].concat()).exits(0);
    for port in [35, 36, 37].map(|packed| lab.base + packed) {
        let at = addresses(port);
        assert!(
            !at.is_empty() && at.iter().all(|a| a.ends_with("0100007F")),
            "port {port} is served at {at:?}, and Trogdor runs whatever it is sent"
        );
    }
    let project = &lab.project;
    let text = lab.lab(&["environment"]).exits(0).stdout;
    project.file("plan/environments/lab.yaml", &text);
    let environment: Environment = serde_yaml::from_str(&text).unwrap();
    let trogdor = Trogdor::open(environment.trogdor.as_ref().unwrap()).await.unwrap();
    let ends = || (0..3).map(|partition| lab.end("dist", partition)).sum::<i64>();

    // Two agents send and read, then each what it sent itself and not what was there; what they told is kept, and the
    // coordinator has forgotten the tasks.
    project.step(0, LOADS.trim_start());
    let ran = project.jalon(&["run"]);
    assert_eq!(ran.code, Some(0), "{ran:#?}\n{}", project.status());
    assert_eq!(ends(), 11_000);
    assert!(trogdor.tasks().await.unwrap().is_empty());
    for (action, figure, expected) in
        [("load", "totalSent", 2500), ("trip", "totalUniqueSent", 3000), ("trip", "totalReceived", 3000)]
    {
        let told = fs::read_to_string(project.run_dir().join(format!("00/1/{action}/agents.json"))).unwrap();
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        for agent in ["trogdor-agent-1", "trogdor-agent-2"] {
            assert_eq!(told[agent]["status"][figure], expected, "{told:#}");
        }
    }

    // A crash leaves the load running; a resumed run ends it before anything else.
    project.step(1, LONG.trim_start());
    let mut run = project.command(&["resume"]).stderr(Stdio::null()).spawn().unwrap();
    eventually("the growth of the topic", async || ends() > 11_000).await;
    run.kill().unwrap();
    run.wait().unwrap();
    assert_eq!(trogdor.tasks().await.unwrap().len(), 2, "the crash of jalon is none of Trogdor");
    project.step(1, LOOK.trim_start());
    project.jalon(&["resume"]).exits(0);
    assert!(trogdor.tasks().await.unwrap().is_empty());
    let after = ends();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(ends(), after, "a load goes on");

    // Ctrl-C stops and removes the tasks before jalon ends.
    project.step(1, LONG.trim_start());
    let run = project.command(&["retry", "1"]).stderr(Stdio::null()).spawn().unwrap();
    eventually("the growth of the topic", async || ends() > after).await;
    let id = run.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(run.wait_with_output().unwrap().status.code(), Some(5));
    assert!(trogdor.tasks().await.unwrap().is_empty());

    // What the agents' client refuses is told in its words.
    project.step(1, WRONG.trim_start());
    project.jalon(&["retry", "1"]).exits(4).says(&["trogdor-agent-1", "several"]);

    // An agent that is lost in the middle ends the load, although its coordinator does not notice.
    project.step(1, LONG.trim_start());
    let before = ends();
    let run = project.command(&["retry", "1"]).stderr(Stdio::piped()).spawn().unwrap();
    eventually("the growth of the topic", async || ends() > before).await;
    lab.lab(&["fault", "kill", "trogdor-agent-2"]).exits(0);
    let output = run.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(4) && said.contains("agent `trogdor-agent-2`"), "{said}");
    assert!(trogdor.tasks().await.unwrap().is_empty());

    // Without a coordinator there is no load, and nothing to undo either.
    lab.lab(&["fault", "stop", "trogdor"]).exits(0);
    let address = format!("127.0.0.1:{}", lab.base + 35);
    project.jalon(&["retry", "1"]).exits(4).says(&["coordinator", &address]);
}
