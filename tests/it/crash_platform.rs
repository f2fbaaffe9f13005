//! The crash harness on a real platform: loads, changes of a connector, a broker that is frozen, an approval. The process
//! is killed at every record of the run's journal and inside every third; what Kafka and Connect then hold must be what was
//! meant. `crash.rs` kills inside every record, without a platform.

use crate::{
    crash::{journal_bytes, lines, tell, to_the_end, what_was_told_is_recorded},
    support::{
        Project, Ran,
        lab::{Lab, has_kafka},
    },
};
use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::process::ExitStatusExt,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

/// One broker and a Connect worker, whose heartbeat connector needs no second cluster.
const PLATFORM: [&str; 6] =
    ["up", "--brokers=1", "--no-target", "--no-registry", "--no-prometheus", "--within=4m"];

const LOADS: &str = "
actions:
  - topic: {id: made, cluster: source, name: NAME, partitions: 1, replication_factor: 1, ensure: present}
  - produce: {id: load, cluster: source, topic: NAME, records: 200, record_size: 100 B, rate: 1000/s, warm_up: 0, sequence: true, properties: {acks: all}}
criteria:
  - expect: made.partitions == 1
  - expect: load.records_sent == 200 && load.errors == 0
artifacts: [load/windows.csv]";

const CONNECTS: &str = "
needs: [NEED]
actions:
  - connector:
      id: beats
      name: NAME
      state: running
      tasks: 1
      within: 60s
      config:
        connector.class: org.apache.kafka.connect.mirror.MirrorHeartbeatConnector
        tasks.max: 1
        source.cluster.alias: source
        target.cluster.alias: target
        source.cluster.bootstrap.servers: '{{ environment.clusters.source.bootstrap_servers }}'
        target.cluster.bootstrap.servers: '{{ environment.clusters.source.bootstrap_servers }}'
        heartbeats.topic.replication.factor: 1
        emit.heartbeats.interval.seconds: INTERVAL
criteria:
  - expect: beats.tasks_running == 1 && beats.tasks_failed == 0";

const BREAKS: &str = "
needs: [1]
actions:
  - parallel:
      - fault:
          id: freeze
          inject: [sh, -c, 'echo inject >> faults && FAULT freeze source-broker-1']
          undo: [sh, -c, 'echo undo >> faults; FAULT thaw source-broker-1']
          hold: 200ms
      - produce: {id: under, cluster: source, topic: NAME, records: 200, record_size: 100 B, rate: 1000/s, warm_up: 0, sequence: true, properties: {acks: all}}
criteria:
  - expect: freeze.held_s >= 0.2
  - expect: under.records_sent == 200 && under.errors == 0
approve: {role: lead, question: May it go on?}";

/// A campaign of its own on the lab; topic and connector have the name of the kill point.
fn campaign(lab: &Lab, environment: &str, name: &str) -> Project {
    let project = Project::new();
    project.file("plan/environments/lab.yaml", environment);
    let folder = lab.project.path().join(".jalon/lab");
    let fault = format!("{} lab --folder {} fault", env!("CARGO_BIN_EXE_jalon"), folder.display());
    let text = |front: &str, need: &str, interval: &str| {
        let front = front.replace("NAME", name).replace("NEED", need).replace("INTERVAL", interval);
        front.replace("FAULT", &fault).trim_start().to_owned()
    };
    project
        .step(0, &text(LOADS, "", ""))
        .step(1, &text(CONNECTS, "0", "7"))
        .step(2, &text(BREAKS, "", ""))
        .step(3, &text(CONNECTS, "2", "9").replace("id: beats", "id: slower").replace("beats.t", "slower.t"));
    project
}

/// One request to Connect, again while it is busy with other connectors; the answer with its head.
fn connect(lab: &Lab, method: &str, path: &str) -> String {
    let mut answer = String::new();
    for _ in 0..60 {
        let mut stream = TcpStream::connect(("127.0.0.1", lab.base + 30)).unwrap();
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        answer.clear();
        stream.read_to_string(&mut answer).unwrap();
        if answer.starts_with("HTTP/1.1 2") {
            break;
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    answer
}

/// How often an event of that type names that action.
fn count(project: &Project, kind: &str, action: &str) -> i64 {
    let found = project
        .journal()
        .into_iter()
        .filter(|r| r["event"]["type"] == kind && r["event"]["action"] == action);
    i64::try_from(found.count()).unwrap()
}

/// What Kafka, Connect and the fault's marks say is what the journal says.
fn platform_is_as_recorded(lab: &Lab, project: &Project, name: &str) {
    assert_eq!(project.states(), ["passed"; 4], "{name}");
    let all = |kind: &str| count(project, kind, "load") + count(project, kind, "under");
    let records = lab.records(name).unwrap();
    let bounds = 200 * all("action-finished").max(2)..=200 * all("action-started");
    assert!(bounds.contains(&records), "{name}: {records} records on the topic, {bounds:?} in the journal");

    let faults = fs::read_to_string(project.path().join("faults")).unwrap();
    let mut broken = false;
    for line in faults.lines() {
        assert!(!(broken && line == "inject"), "{name}: the fault was applied twice:\n{faults}");
        broken = line == "inject";
    }
    assert!(!broken, "{name}: the fault was left in place:\n{faults}");
    let injected = i64::try_from(faults.matches("inject").count()).unwrap();
    let bounds =
        count(project, "action-finished", "freeze").max(1)..=count(project, "action-started", "freeze");
    assert!(bounds.contains(&injected), "{name}: injected {injected} times, {bounds:?} in the journal");

    let config = connect(lab, "GET", &format!("/connectors/{name}/config"));
    assert!(config.contains("\"emit.heartbeats.interval.seconds\":\"9\""), "{name}: {config}");
}

#[test]
fn a_run_on_a_real_platform_killed_at_any_record_comes_to_the_same_end() {
    if !has_kafka("a_run_on_a_real_platform_killed_at_any_record_comes_to_the_same_end") {
        return;
    }
    let lab = Lab::new();
    let base = format!("--port-base={}", lab.base);
    lab.lab(&[&PLATFORM[..], &[base.as_str()]].concat()).exits(0);
    let environment = lab.lab(&["environment"]).exits(0).stdout;

    // Unharmed, to know the records of both commands: the run and, behind the approval, its resume.
    let whole = campaign(&lab, &environment, "whole");
    let first = whole.jalon(&["run"]).exits(7);
    let of_run = lines(&whole);
    to_the_end(&whole, first);
    let of_both = lines(&whole);
    platform_is_as_recorded(&lab, &whole, "whole");

    // At the end of each record; in every third also, by turns in its first byte, in its middle and before its last one.
    let mut points = Vec::new();
    for (index, length) in of_both.iter().enumerate() {
        if index % 3 == 0 {
            let inside = [1, length / 2, length - 1][index / 3 % 3];
            points.push(format!("{index}+{inside}"));
        }
        points.push((index + 1).to_string());
    }
    // Behind the last record of a command it has ended by itself; what `approve` writes comes between the two.
    points.pop();
    points.retain(|p| *p != of_run.len().to_string() && !p.starts_with(&format!("{}+", of_run.len())));
    points.retain(|p| *p != (of_run.len() + 1).to_string());

    let begun = Instant::now();
    let (next, killed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(point) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                    killed.fetch_add(usize::from(at(&lab, &environment, point)), Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(lab.states().0, "up", "a process of the platform was left frozen");
    let killed = killed.into_inner();
    tell(&format!(
        "crash harness: {killed} kill points of {} on a real platform, in {} records, within {} s",
        points.len(),
        of_both.len(),
        begun.elapsed().as_secs()
    ));
    // Not every point comes about: what runs side by side writes its records in another order each time.
    assert!(killed * 3 >= points.len() * 2, "too few of the points came about: {killed} of {}", points.len());
}

/// Kills one campaign at `point` and takes it to its end. Whether it was killed: results of two actions that run together
/// come in either order, so that a journal may be a record shorter than the one that was measured.
fn at(lab: &Lab, environment: &str, point: &str) -> bool {
    let name = format!("k-{}", point.replace('+', "-"));
    let project = campaign(lab, environment, &name);
    let mut killed = false;
    let mut last = None;
    for command in ["run", "resume"] {
        let output = project.command(&[command]).env("JALON_TEST_KILL_AFTER", point).output().unwrap();
        killed = output.status.signal() == Some(9);
        let ran = Ran::of(output);
        what_was_told_is_recorded(&project, &ran);
        let waits = ran.code == Some(7);
        last = Some(ran);
        if !waits {
            break;
        }
        project.jalon(&["approve", "2", "--by", "ada"]).exits(0);
    }
    let before = journal_bytes(&project);
    to_the_end(&project, last.unwrap());
    assert!(
        journal_bytes(&project).starts_with(&before),
        "killed at {point}: an acknowledged record is lost"
    );
    platform_is_as_recorded(lab, &project, &name);
    project.jalon(&["verify"]).exits(0);
    connect(lab, "DELETE", &format!("/connectors/{name}"));
    killed
}
