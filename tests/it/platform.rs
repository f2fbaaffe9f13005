//! A whole small campaign on a real platform: Kafka, Connect with MirrorMaker 2, Prometheus, in a lab of the test's own.

use crate::support::{
    Project, Ran,
    lab::{Lab, has_kafka},
};
use std::{fs, process::Stdio, time::Duration};

/// Everything but the registry, with one broker on each side.
const PLATFORM: [&str; 4] = ["up", "--brokers=1", "--no-registry", "--within=4m"];

const LOOKS: &str = r#"
watch:
  - cluster: {id: kafka, cluster: source, every: 500ms}
actions:
  - cluster: {id: source, cluster: source}
  - cluster: {id: target, cluster: target}
  - zookeeper: {id: zk, ensemble: source}
  - connect: {id: workers}
  - prometheus: {id: up, targets: 'kafka|connect'}
  - scrape: {id: exporter, exporter: source-broker-1, metrics: [kafka_server_replicamanager_underreplicatedpartitions]}
  - http: {id: root, service: connect, path: /, capture: {version: /version}}
  - config-audit:
      id: audit
      cluster: source
      brokers:
        - {setting: auto.create.topics.enable, expected: false, why: a misspelt topic must not come into being}
        - {setting: num.io.threads, expected: 999, why: the audit must find something}
criteria:
  - expect: source.brokers == 1 && target.brokers == 1
  - expect: source.offline_partitions == 0
  - expect: zk.nodes_up == 1
  - expect: workers.up && workers.mm2_plugins == 3
  - expect: exporter.valid && exporter.missing == 0
  - expect: root.status == 200 && root.version.startsWith('3.7')
  - expect: audit.settings_checked == 2 && audit.deviations == 1
  - always: kafka.offline_partitions == 0
artifacts: [audit/audit.csv, exporter/page.txt, kafka/samples.csv]"#;

const LOADS: &str = r#"
needs: [0]
actions:
  - topic: {id: made, cluster: source, name: mm2.orders, partitions: 3, replication_factor: 1, ensure: present}
  - produce: {id: load, cluster: source, topic: mm2.orders, records: 1000, record_size: 1 KiB, rate: 500/s, sequence: true, properties: {acks: all}}
  - consume: {id: read, cluster: source, topic: mm2.orders, members: 2, records: 1000, idle_timeout: 20s}
criteria:
  - expect: made.partitions == 3
  - expect: load.records_sent == 1000 && load.errors == 0
  - expect: load.latency_ms.p50 > 0 && load.latency_ms.p50 <= load.latency_ms.p99
  - expect: read.records == 1000 && read.lag_records == 0 && read.members_active >= 1
artifacts: [load/windows.csv, load/latency.hlog]"#;

const MIRRORS: &str = r#"
needs: [1]
actions:
  - connector:
      id: mirror
      name: mm2-source
      state: running
      tasks: 1
      within: 120s
      config:
        connector.class: org.apache.kafka.connect.mirror.MirrorSourceConnector
        tasks.max: 1
        source.cluster.alias: source
        target.cluster.alias: target
        source.cluster.bootstrap.servers: "{{ environment.clusters.source.bootstrap_servers }}"
        target.cluster.bootstrap.servers: "{{ environment.clusters.target.bootstrap_servers }}"
        key.converter: org.apache.kafka.connect.converters.ByteArrayConverter
        value.converter: org.apache.kafka.connect.converters.ByteArrayConverter
        header.converter: org.apache.kafka.connect.converters.ByteArrayConverter
        topics: 'mm2\..*'
        replication.factor: 1
        offset-syncs.topic.replication.factor: 1
        refresh.topics.interval.seconds: 2
        sync.topic.acls.enabled: false
  - replication: {id: copy, source: source, target: target, topic: mm2.orders, within: 60s}
criteria:
  - expect: mirror.tasks_running == 1 && mirror.tasks_failed == 0
  - expect: copy.complete && copy.records_expected == 1000 && copy.lost == 0 && copy.corrupt == 0"#;

const STREAMS: &str = r#"
needs: [2]
watch:
  - lag: {id: lag, source: source, target: target, topics: [mm2.orders], every: 1s}
actions:
  - produce: {id: stream, cluster: source, topic: mm2.orders, records: 3000, record_size: 1 KiB, rate: 500/s, sequence: true, properties: {acks: all}}
  - end-to-end: {id: way, cluster: source, topic: mm2.orders, target: target, records: 1000, record_size: 1 KiB, rate: 500/s, warm_up: 100, within: 30s}
  - end-to-end: {id: near, cluster: source, topic: mm2.orders, records: 500, record_size: 1 KiB, rate: 500/s, warm_up: 100}
  - replication: {id: copied, source: source, target: target, topic: mm2.orders, within: 30s}
criteria:
  - expect: stream.records_sent == 3000
  - expect: way.complete && way.records_arrived == 1000 && way.lost == 0 && way.duplicated == 0
  - expect: near.complete && near.records_arrived == 500 && near.others == 0
  - expect: near.latency_ms.p50 > 0 && way.latency_ms.p50 > 0 && way.ack_latency_ms.p50 > 0
  - expect: copied.complete && copied.lost == 0"#;

/// A load, and behind it an action that the run is killed in.
const KEEPS: &str = r#"
needs: [0]
actions:
  - topic: {id: kept_topic, cluster: source, name: kept.effects, partitions: 1, replication_factor: 1, ensure: present}
  - produce: {id: sent, cluster: source, topic: kept.effects, records: 200, record_size: 100 B, rate: 1000/s, properties: {acks: all}}
  - wait: {id: pause, for: PAUSE}
criteria:
  - expect: sent.records_sent == 200 && pause.waited_s > 0"#;

/// The states of the steps and the number of attempts of the last one.
fn stands(project: &Project) -> (Vec<String>, u64) {
    let status = project.status();
    let steps = status["steps"].as_array().unwrap();
    let states = steps.iter().map(|s| s["state"].as_str().unwrap().to_owned()).collect();
    (states, steps.last().unwrap()["attempt"].as_u64().unwrap_or(0))
}

/// Waits until the journal says that an action of the step's latest attempt has started.
fn wait_for_start(project: &Project, action: &str, attempt: u64) {
    for _ in 0..600 {
        let started = project.journal().iter().any(|r| {
            let e = &r["event"];
            e["type"] == "action-started" && e["action"] == action && e["attempt"] == attempt
        });
        if started {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("`{action}` never started in attempt {attempt}");
}

#[test]
fn a_campaign_runs_on_a_real_platform_and_survives_what_happens_to_it() {
    if !has_kafka("a_campaign_runs_on_a_real_platform_and_survives_what_happens_to_it") {
        return;
    }
    let lab = Lab::new();
    let base = format!("--port-base={}", lab.base);
    lab.lab(&[&PLATFORM[..], &[base.as_str()]].concat()).exits(0);
    let project = &lab.project;
    let environment = lab.lab(&["environment"]).exits(0).stdout;
    project.file("plan/environments/lab.yaml", &environment);
    for (number, front) in [LOOKS, LOADS, MIRRORS, STREAMS].into_iter().enumerate() {
        project.step(u32::try_from(number).unwrap(), front.trim_start());
    }

    // Every kind of look, of load and of copy.
    project.jalon(&["run", "--until", "2"]).exits(0);
    assert_eq!(stands(project).0, ["passed", "passed", "passed", "ready"]);
    let snapshot = project.run_dir().join("snapshot/1");
    assert!(fs::read_dir(&snapshot).unwrap().count() >= 3, "no configuration was kept");

    // The target broker goes away: the step does not pass, and says why.
    lab.lab(&["fault", "stop", "target-broker-1"]).exits(0);
    let ran = project.jalon(&["resume", "--all"]);
    assert!(matches!(ran.code, Some(1 | 4)), "{ran:#?}");
    assert!(ran.stderr.contains("target"), "{ran:#?}");
    let (states, attempts) = stands(project);
    assert!(["failed", "error"].contains(&states[3].as_str()), "{states:?}");
    assert_eq!(attempts, 1);

    // It comes back; the retry is killed in the middle of its load; the run goes on all the same.
    lab.lab(&["fault", "start", "target-broker-1"]).exits(0);
    let mut retry = project.command(&["retry", "3"]).stderr(Stdio::null()).spawn().unwrap();
    wait_for_start(project, "stream", 2);
    std::thread::sleep(Duration::from_secs(1));
    retry.kill().unwrap();
    retry.wait().unwrap();
    assert_eq!(stands(project).0[3], "interrupted");
    project.jalon(&["resume"]).exits(0);
    assert_eq!(stands(project), (vec!["passed".to_owned(); 4], 3));
    for attempt in 1..=3 {
        assert!(
            project.run_dir().join(format!("03/{attempt}/stream")).is_dir(),
            "attempt {attempt} left nothing"
        );
    }

    // Records that were sent are not sent again by a resumed run, only where that is asked for.
    let sent = || lab.records("kept.effects");
    project.step(4, KEEPS.trim_start().replace("PAUSE", "5m").as_str());
    let mut resumed = project.command(&["resume"]).stderr(Stdio::null()).spawn().unwrap();
    wait_for_start(project, "pause", 1);
    resumed.kill().unwrap();
    resumed.wait().unwrap();
    assert_eq!(sent(), Some(200));
    project.step(4, KEEPS.trim_start().replace("PAUSE", "50ms").as_str());
    let told = project.jalon(&["resume", "--explain"]).exits(0).stdout;
    assert!(told.contains("sent           kept from attempt 1"), "{told}");
    project.jalon(&["resume"]).exits(0);
    assert_eq!(sent(), Some(200), "what was explained as kept was sent again");
    project.jalon(&["retry", "4", "--from", "pause"]).exits(0);
    assert_eq!(sent(), Some(200));
    project.jalon(&["retry", "4", "--whole-step"]).exits(0);
    assert_eq!(sent(), Some(400));

    // What was kept is what was written, and a report can be made of it.
    project.jalon(&["verify"]).exits(0);
    let report = project.jalon(&["report", "--print", "--lang", "en"]).exits(0).stdout;
    for part in ["mm2.orders", "P99", "load/windows.csv"] {
        assert!(report.contains(part), "the report has no {part}:\n{report}");
    }
}

/// Steps whose services are not there, and the address that the message must name.
const NOBODY: &[(&str, &str)] = &[
    ("cluster: {id: a, cluster: source}", "127.0.0.1:1"),
    ("connector: {id: a, name: mm2-source}", "127.0.0.1:2"),
    ("prometheus: {id: a, query: up}", "127.0.0.1:3"),
    ("produce: {id: a, cluster: source, topic: t, records: 10, record_size: 10, rate: 10/s}", "127.0.0.1:1"),
];

#[test]
fn a_service_that_does_not_answer_is_named_with_its_address() {
    for (action, address) in NOBODY {
        let project = Project::new();
        project.file(
            "plan/environments/lab.yaml",
            "name: lab\nclusters: {source: {bootstrap_servers: '127.0.0.1:1'}}\nconnect: {url: 'http://127.0.0.1:2'}\nprometheus: {url: 'http://127.0.0.1:3'}\n",
        );
        let output = if action.starts_with("connector") {
            "a.tasks > 0"
        } else if action.starts_with("prom") {
            "a.value >= 0"
        } else if action.starts_with("produce") {
            "a.errors == 0"
        } else {
            "a.brokers > 0"
        };
        project.step(0, &format!("actions:\n  - {action}\ncriteria:\n  - expect: {output}"));
        let ran: Ran = project.jalon(&["run"]).exits(4);
        assert!(ran.stderr.contains(address), "{action}: {ran:#?}");
    }
}

#[test]
fn a_watch_sees_that_a_service_is_down() {
    let project = Project::new();
    project.file("plan/environments/lab.yaml", "name: lab\nconnect: {url: 'http://127.0.0.1:2'}\n");
    project.step(
        0,
        "watch:\n  - connect: {id: w, every: 200ms}\nactions:\n  - wait: {id: a, for: 1s}\ncriteria:\n  - always: w.up\n  - expect: w.connectors.max < 100",
    );
    project.jalon(&["run"]).exits(1);
    let status = project.status();
    let verdicts: Vec<&str> = status["steps"][0]["criteria"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(verdicts, ["fail", "inconclusive"]);
}

/// A web server that has a page for every question.
fn web_server() -> u16 {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut stream = stream;
                let _ = stream.set_read_timeout(Some(Duration::from_secs(30)));
                let _ = stream.read(&mut [0; 4096]);
                let page = "<html>welcome</html>";
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
                    page.len()
                );
            });
        }
    });
    port
}

#[test]
fn a_wrong_port_is_named_with_what_answers_there() {
    let port = web_server();
    for (service, action, output) in [
        ("prometheus: {url: 'http://127.0.0.1:PORT'}", "prometheus: {id: a, query: up}", "a.value >= 0"),
        (
            "clusters: {source: {bootstrap_servers: '127.0.0.1:PORT'}}",
            "cluster: {id: a, cluster: source}",
            "a.brokers > 0",
        ),
    ] {
        let project = Project::new();
        let service = service.replace("PORT", &port.to_string());
        project.file("plan/environments/lab.yaml", &format!("name: lab\n{service}\n"));
        project.step(0, &format!("actions:\n  - {action}\ncriteria:\n  - expect: {output}"));
        project.jalon(&["run"]).exits(4).says(&[&format!("127.0.0.1:{port}"), "jalon retry 0"]);
    }
}
