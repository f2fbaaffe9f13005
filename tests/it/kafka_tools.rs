//! The drivers `kafka-tools`: Kafka's own performance tools, run from a step on a real broker.

use crate::support::lab::{Lab, has_kafka};
use serde_json::Value;
use std::fs;

const LOADS: &str = r#"
actions:
  - topic: {id: made, cluster: source, name: tools.orders, partitions: 2, replication_factor: 1, ensure: present}
  - produce:
      id: load
      cluster: source
      topic: tools.orders
      driver: kafka-tools
      records: 14000
      record_size: 100 B
      rate: 2000/s
      payload: letters
      properties: {acks: all, linger.ms: 5}
  - consume: {id: read, cluster: source, topic: tools.orders, driver: kafka-tools, records: 14000, idle_timeout: 20s}
criteria:
  - expect: load.records_sent == 14000 && load.records_failed == 0
  - expect: load.send_latency_ms.p50 <= load.send_latency_ms.p99 && load.send_latency_ms.max > 0
  - expect: load.achieved_ratio > 0.5 && load.throughput.mb_per_s > 0
  - expect: load.saturated == false || load.saturated == true
  - expect: read.records >= 14000 && read.throughput.records_per_s > 0 && read.join_ms > 0
artifacts: [load/windows.csv, load/stdout.txt, load/settings.json, read/stdout.txt]"#;

const REFUSED: &str = r#"
actions:
  - produce: {id: load, cluster: source, topic: not.there, driver: kafka-tools, records: 10, record_size: 10, rate: 10/s}
criteria:
  - expect: load.records_sent == 10"#;

#[test]
fn kafkas_own_tools_are_run_from_a_step() {
    if !has_kafka("kafkas_own_tools_are_run_from_a_step") {
        return;
    }
    let lab = Lab::new();
    lab.up().exits(0);
    let project = &lab.project;
    let environment = lab.lab(&["environment"]).exits(0).stdout;
    assert!(environment.contains("class_path:"), "{environment}");
    project.file("plan/environments/lab.yaml", &environment);
    project.step(0, LOADS.trim_start());
    project.step(1, REFUSED.trim_start());
    project.jalon(&["run", "--until", "0"]).exits(0);
    let shown: Value = serde_json::from_str(&project.jalon(&["show", "0", "--json"]).stdout).unwrap();
    let load = &shown["attempt"]["actions"][1];
    let remarks = load["remarks"].to_string();
    assert!(remarks.contains("kafka-producer-perf-test of Kafka 3.7.2"), "{remarks}");
    assert!(!remarks.contains("not understood"), "{remarks}");
    assert!(load["values"]["latency_ms.p99"].to_string().contains("when a record was due"), "{load:#}");
    let folder = project.run_dir().join("00/1/load");
    let windows = fs::read_to_string(folder.join("windows.csv")).unwrap();
    assert!(windows.lines().count() >= 2 && windows.starts_with("start_s,"), "{windows}");
    let printed = fs::read_to_string(folder.join("stdout.txt")).unwrap();
    assert!(printed.contains("14000 records sent") && printed.contains("Metric Name"), "{printed}");

    // The tool would wait a minute for a topic that is not there, or make it.
    let ran = project.jalon(&["resume", "--all"]);
    assert_ne!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("not.there") || ran.stdout.contains("not.there"), "{ran:?}");
    assert_eq!(lab.records("not.there"), None);
}
