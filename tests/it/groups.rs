//! Groups that go to the other cluster, on a lab with MirrorMaker 2: clean, and with each mistake planted.

use crate::support::{
    Project,
    lab::{Lab, has_kafka},
};
use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    consumer::{BaseConsumer, CommitMode, Consumer},
    producer::{BaseProducer, BaseRecord, Producer},
};
use serde_json::Value;
use std::time::{Duration, Instant};

const PLATFORM: [&str; 6] =
    ["up", "--brokers=1", "--target-brokers=1", "--no-registry", "--no-prometheus", "--within=4m"];

/// Three groups that read on the source, and one that the checkpoint connector does not know.
const SETUP: &str = "\
actions:
  - topic: {id: t, cluster: source, name: mm2.t, partitions: 1, replication_factor: 1, ensure: present}
  - topic: {id: f, cluster: source, name: mm2.f, partitions: 2, replication_factor: 1, ensure: present}
  - connector:
      id: mirror
      name: mm2-source
      state: running
      tasks: 1
      within: 90s
      mirror: source->target
      role: source
      config: {tasks.max: 1, topics: 'mm2\\..*', replication.factor: 1, offset-syncs.topic.replication.factor: 1, refresh.topics.interval.seconds: 1, sync.topic.acls.enabled: false, offset.lag.max: 0}
  - connector:
      id: beats
      name: mm2-heartbeat
      state: running
      tasks: 1
      within: 90s
      mirror: source->target
      role: heartbeat
      config: {tasks.max: 1, heartbeats.topic.replication.factor: 1, emit.heartbeats.interval.seconds: 1}
  - connector:
      id: checkpoint
      name: mm2-checkpoint
      state: running
      tasks: 0
      within: 90s
      mirror: source->target
      role: checkpoint
      config: {tasks.max: 1, groups: 'g-.*', checkpoints.topic.replication.factor: 1, offset-syncs.topic.replication.factor: 1, refresh.groups.interval.seconds: 1, emit.checkpoints.interval.seconds: 1, sync.group.offsets.enabled: true, sync.group.offsets.interval.seconds: 1}
  - produce: {id: load, cluster: source, topic: mm2.t, records: 1000, record_size: 100 B, rate: 2000/s, sequence: true, properties: {acks: all}}
  - parallel:
      - replication: {id: copied, source: source, target: target, topic: mm2.t, within: 60s}
      - consume: {id: end, cluster: source, topic: mm2.t, group: g-end, records: 1000, idle_timeout: 5s}
      - consume: {id: ahead, cluster: source, topic: mm2.t, group: g-ahead, records: 600, idle_timeout: 5s}
      - consume: {id: rewound, cluster: source, topic: mm2.t, group: g-rewound, records: 600, idle_timeout: 5s}
      - consume: {id: unknown, cluster: source, topic: mm2.t, group: unknown, records: 600, idle_timeout: 5s}
criteria:
  - expect: copied.lost == 0 && end.records == 1000 && ahead.records == 600
";

const LOOKS: &str = "\
actions:
  - offsets: {id: all, source: source, target: target, groups: ['g-.*']}
  - offsets: {id: ahead, source: source, target: target, groups: [g-ahead]}
  - offsets: {id: rewound, source: source, target: target, groups: [g-rewound]}
  - offsets: {id: end, source: source, target: target, groups: [g-end]}
  - offsets: {id: unknown, source: source, target: target, groups: [unknown]}
  - heartbeat: {id: beat, source: source, target: target, window: 4s}
criteria:
  - expect: all.groups == 3
";

const DRILLS: &str = "\
actions:
  - failover: {id: drill, source: source, target: target, topic: mm2.f, group: g-f, drills: 2, after: 2s, wait: 2s, seed: 1, ready_within: 40s}
criteria:
  - expect: drill.skipped_records == 0 && drill.fail_back.skipped_records == 0 && drill.not_arrived_records == 0
  - expect: drill.looping_topics == 0 && drill.returned_records == 0 && drill.partitions_without_translation == 0
";

/// Outputs of an action in its last attempt: numbers, or the reason why there is none.
struct Seen(Value);

impl Seen {
    fn of(project: &Project, action: &str) -> Self {
        let journal = project.journal();
        let finished = journal
            .iter()
            .rev()
            .find(|r| r["event"]["type"] == "action-finished" && r["event"]["action"] == action);
        Self(
            finished.unwrap_or_else(|| panic!("`{action}` did not finish"))["event"]["result"]["done"]
                .clone(),
        )
    }

    fn number(&self, output: &str) -> f64 {
        let value = &self.0["values"][output]["value"];
        value["number"][0].as_f64().unwrap_or_else(|| panic!("{output}: {value} in {:#}", self.0))
    }

    fn is_missing(&self, output: &str) -> bool {
        !self.0["values"][output]["value"]["missing"].is_null()
    }

    fn remarks(&self) -> String {
        self.0["remarks"].to_string()
    }
}

fn client(lab: &Lab, offset: u16) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", format!("127.0.0.1:{}", lab.base + offset));
    config
}

/// Puts a group without members at an offset of the copy.
fn put(lab: &Lab, group: &str, offset: i64) {
    let consumer: BaseConsumer = client(lab, 20).set("group.id", group).create().unwrap();
    let mut list = TopicPartitionList::new();
    list.add_partition_offset("source.mm2.t", 0, Offset::Offset(offset)).unwrap();
    consumer.commit(&list, CommitMode::Sync).unwrap();
}

/// Writes a heartbeat of another flow.
fn beat_of_another_flow(lab: &Lab) {
    let producer: BaseProducer = client(lab, 20).create().unwrap();
    let mut key = Vec::new();
    for alias in ["elsewhere", "target"] {
        key.extend(u16::try_from(alias.len()).unwrap().to_be_bytes());
        key.extend(alias.as_bytes());
    }
    let mut value = 0_i16.to_be_bytes().to_vec();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    // By a clock that is fast, so that it is in the window however long the step takes to look.
    let now = now + Duration::from_secs(15);
    value.extend(i64::try_from(now.as_millis()).unwrap().to_be_bytes());
    producer.send(BaseRecord::to("heartbeats").key(&key).payload(&value)).unwrap();
    producer.flush(Duration::from_secs(20)).unwrap();
}

fn connector(lab: &Lab, name: &str, action: &str) {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", lab.base + 30)).unwrap();
    let head = "HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    write!(stream, "PUT /connectors/{name}/{action} {head}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 2"), "{answer}");
}

#[test]
fn groups_that_would_skip_are_found_and_drills_count_what_they_do() {
    if !has_kafka("groups_that_would_skip_are_found_and_drills_count_what_they_do") {
        return;
    }
    let lab = Lab::new();
    let base = format!("--port-base={}", lab.base);
    lab.lab(&[&PLATFORM[..], &[&base]].concat()).exits(0);
    let environment = lab.lab(&["environment"]).exits(0).stdout;
    // A campaign of its own each time: a campaign has one run at a time.
    let run = |step: &str| {
        let project = Project::new();
        project.file("plan/environments/lab.yaml", &environment).step(0, step);
        let ran = project.jalon(&["run"]);
        (project, ran)
    };
    run(SETUP).1.exits(0);

    // Clean: once every group is translated.
    let began = Instant::now();
    let project = loop {
        let (project, _) = run(LOOKS);
        let all = Seen::of(&project, "all");
        if all.number("partitions_without_translation") == 0.0 {
            break project;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{}", all.remarks());
    };
    let clean = Seen::of(&project, "all");
    assert_eq!(clean.number("would_skip_records"), 0.0);
    assert_eq!(clean.number("partitions_not_judged"), 0.0);
    assert_eq!(clean.number("groups_active_on_target"), 0.0);
    assert_eq!(Seen::of(&project, "end").number("would_repeat_records"), 0.0);
    let unknown = Seen::of(&project, "unknown");
    assert_eq!(unknown.number("groups_without_translation"), 1.0);
    assert!(unknown.is_missing("would_skip_records"), "{:#}", unknown.0);
    assert!(unknown.remarks().contains("does its `groups` match"), "{}", unknown.remarks());
    let beat = Seen::of(&project, "beat");
    assert!(beat.number("count") >= 2.0 && beat.number("newest_age_s") < 3.0, "{:#}", beat.0);
    assert!(beat.is_missing("replicated.count"));

    // What a failover does, before anything is planted.
    let (project, ran) = run(DRILLS);
    ran.exits(0);
    let drill = Seen::of(&project, "drill");
    assert!(drill.number("acknowledged_records") > 1000.0, "{:#}", drill.0);
    assert!(drill.number("time_to_first_record_s.max") > 0.0);
    assert!((drill.number("skip_share_upper") - 0.776).abs() < 0.001, "{:#}", drill.0);

    // Planted, with the connectors silent so that nothing puts it right again.
    // Paused, the checkpoint connector goes on writing the offsets of groups (Kafka 3.7): its scheduler is not paused.
    connector(&lab, "mm2-checkpoint", "stop");
    connector(&lab, "mm2-heartbeat", "pause");
    std::thread::sleep(Duration::from_secs(5));
    put(&lab, "g-ahead", 700);
    put(&lab, "g-rewound", 0);
    put(&lab, "g-end", 1050);
    beat_of_another_flow(&lab);
    let (project, _) = run(LOOKS);
    let ahead = Seen::of(&project, "ahead");
    assert_eq!((ahead.number("would_skip_records"), ahead.number("would_repeat_records")), (100.0, 0.0));
    assert!(ahead.remarks().contains("would miss 100 records of `mm2.t-0`"), "{}", ahead.remarks());
    let rewound = Seen::of(&project, "rewound");
    assert_eq!((rewound.number("would_skip_records"), rewound.number("would_repeat_records")), (0.0, 600.0));
    let end = Seen::of(&project, "end");
    assert_eq!((end.number("checkpoints_beyond_end"), end.number("would_skip_records")), (1.0, 50.0));
    assert!(end.number("checkpoint_age_s") > clean.number("checkpoint_age_s"), "{:#}", end.0);
    let beat = Seen::of(&project, "beat");
    assert_eq!((beat.number("count"), beat.number("other_flows")), (0.0, 1.0), "{:#}", beat.0);
    assert!(beat.number("newest_age_s") > 4.0 && beat.number("max_gap_s") > 4.0, "{:#}", beat.0);
    assert!(beat.remarks().contains("elsewhere->target"), "{}", beat.remarks());
}
