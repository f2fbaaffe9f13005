//! `replication` on a real broker: copies with faults that are known, each found as what it is. No MirrorMaker 2 is needed:
//! this test writes the copies itself, on the same cluster.

use crate::support::lab::{Lab, has_kafka};
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer},
    message::{Header, Headers, OwnedHeaders},
    producer::{BaseProducer, BaseRecord, Producer},
};
use std::{fmt::Write, time::Duration};

const LIMIT: Duration = Duration::from_secs(20);
const PARTITIONS: i32 = 2;

#[derive(Debug, Clone)]
struct Record {
    partition: i32,
    key: Option<Vec<u8>>,
    value: Vec<u8>,
    header: String,
    at: i64,
}

impl Record {
    fn of(number: i64) -> Self {
        Self {
            partition: i32::try_from(number % 2).unwrap(),
            key: Some(format!("k{}", number % 5).into_bytes()),
            value: format!("value {number}").into_bytes(),
            header: "one".to_owned(),
            at: 1_700_000_000_000 + number,
        }
    }
}

/// A hundred records in two partitions.
fn hundred() -> Vec<Record> {
    (0..100).map(Record::of).collect()
}

fn send(producer: &BaseProducer, topic: &str, records: &[Record]) {
    for record in records {
        let headers = OwnedHeaders::new().insert(Header { key: "h", value: Some(record.header.as_str()) });
        let mut sent: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(topic)
            .payload(record.value.as_slice())
            .partition(record.partition)
            .timestamp(record.at)
            .headers(headers);
        if let Some(key) = &record.key {
            sent = sent.key(key);
        }
        producer.send(sent).map_err(|(error, _)| error).unwrap();
    }
    producer.flush(LIMIT).unwrap();
}

fn read(config: &ClientConfig, topic: &str, records: usize) -> Vec<Record> {
    let consumer: BaseConsumer = config.clone().set("group.id", "reads").create().unwrap();
    let mut list = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        list.add_partition_offset(topic, partition, Offset::Beginning).unwrap();
    }
    consumer.assign(&list).unwrap();
    let mut found = Vec::new();
    while found.len() < records {
        let message = consumer.poll(LIMIT).expect("a record").unwrap();
        let header = message.headers().map(|headers| headers.get(0).value.unwrap().to_vec());
        found.push(Record {
            partition: message.partition(),
            key: message.key().map(<[u8]>::to_vec),
            value: message.payload().unwrap().to_vec(),
            header: String::from_utf8(header.unwrap()).unwrap(),
            at: message.timestamp().to_millis().unwrap(),
        });
    }
    found
}

/// A topic, what the copy makes of its records, and what must be found: all other figures are 0.
type Case = (&'static str, fn(Vec<Record>) -> Vec<Record>, &'static [(&'static str, u64)]);

const CASES: &[Case] = &[
    ("good", |records| records, &[]),
    (
        "drop",
        |mut records| {
            records.drain(40..43);
            records
        },
        &[("lost", 3), ("partitions_incomplete", 2)],
    ),
    (
        "double",
        |mut records| {
            let again = records[10..14].to_vec();
            records.splice(20..20, again);
            records
        },
        &[("duplicated", 4)],
    ),
    (
        "swap",
        |mut records| {
            records.swap(50, 52);
            records
        },
        &[("reordered", 1)],
    ),
    (
        "key",
        |mut records| {
            records[7].key = Some(b"another".to_vec());
            records[9].key = None;
            records
        },
        &[("keys_changed", 2)],
    ),
    (
        "value",
        |mut records| {
            records[7].value = b"another".to_vec();
            records
        },
        &[("corrupt", 1), ("lost", 1), ("partitions_incomplete", 1)],
    ),
    (
        "header",
        |mut records| {
            records[7].header = "two".to_owned();
            records
        },
        &[("headers_changed", 1)],
    ),
    (
        "time",
        |mut records| {
            records[7].at += 1;
            records
        },
        &[("timestamps_changed", 1)],
    ),
    (
        "partition",
        |mut records| {
            records[8].partition = 1;
            records
        },
        &[("moved", 1)],
    ),
    (
        "phantom",
        |mut records| {
            records.insert(
                60,
                Record { value: b"nobody's".to_vec(), at: 5, header: "x".to_owned(), ..Record::of(6) },
            );
            records
        },
        &[("unexpected", 1)],
    ),
    (
        "recreated",
        |mut records| {
            records.insert(
                0,
                Record { value: b"of before".to_vec(), at: 5, header: "x".to_owned(), ..Record::of(0) },
            );
            records
        },
        &[("unexpected", 1), ("partitions_recreated", 1)],
    ),
];

/// What is compared: of a good copy each of them is 0.
const FIGURES: &[&str] = &[
    "lost",
    "duplicated",
    "reordered",
    "corrupt",
    "unexpected",
    "moved",
    "keys_changed",
    "headers_changed",
    "timestamps_changed",
    "uncommitted_copied",
    "partitions_incomplete",
    "partitions_missing",
    "partitions_recreated",
    "purged_uncopied",
    "not_comparable",
];

fn criteria(text: &mut String, id: &str, found: &[(&str, u64)]) {
    for figure in FIGURES {
        let value = found.iter().find(|(name, _)| name == figure).map_or(0, |(_, value)| *value);
        let _ = writeln!(text, "  - expect: {id}.{figure} == {value}");
    }
}

#[tokio::test]
async fn each_fault_of_a_copy_is_found_as_what_it_is() {
    if !has_kafka("each_fault_of_a_copy_is_found_as_what_it_is") {
        return;
    }
    let lab = Lab::new();
    lab.up().exits(0);
    let admin: AdminClient<DefaultClientContext> = lab.client().create().unwrap();
    let special = ["stamped", "aborted", "purged"];
    let topics: Vec<String> =
        CASES.iter().map(|(name, ..)| *name).chain(special).map(str::to_owned).collect();
    let all: Vec<String> = topics.iter().flat_map(|name| [name.clone(), format!("source.{name}")]).collect();
    // Their records are of 2023, which no default retention would keep for long.
    let new = all
        .iter()
        .map(|name| NewTopic::new(name, PARTITIONS, TopicReplication::Fixed(1)).set("retention.ms", "-1"));
    let new: Vec<NewTopic<'_>> = new.collect();
    for made in admin.create_topics(&new, &AdminOptions::new()).await.unwrap() {
        made.unwrap();
    }
    let producer: BaseProducer = lab.client().create().unwrap();
    for (name, copy, _) in CASES {
        send(&producer, name, &hundred());
        send(&producer, &format!("source.{name}"), &copy(hundred()));
    }

    // Twenty records of an aborted transaction between the others; the copy has them all.
    let transactional: BaseProducer =
        lab.client().set("transactional.id", "t").set("transaction.timeout.ms", "20000").create().unwrap();
    transactional.init_transactions(LIMIT).unwrap();
    let (first, rest) = (hundred()[..40].to_vec(), hundred()[40..].to_vec());
    let aborted: Vec<Record> = (200..220).map(Record::of).collect();
    for (records, commit) in [(&first, true), (&aborted, false), (&rest, true)] {
        transactional.begin_transaction().unwrap();
        send(&transactional, "aborted", records);
        match commit {
            true => transactional.commit_transaction(LIMIT).unwrap(),
            false => transactional.abort_transaction(LIMIT).unwrap(),
        }
    }
    send(&producer, "source.aborted", &[first, aborted, rest].concat());

    // The source loses its first twenty records of each partition, of which the copy has eight.
    send(&producer, "purged", &hundred());
    let copied = hundred().into_iter().enumerate().filter(|(n, _)| *n < 16 || *n >= 40).map(|(_, r)| r);
    send(&producer, "source.purged", &copied.collect::<Vec<_>>());
    let mut before = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        before.add_partition_offset("purged", partition, Offset::Offset(20)).unwrap();
    }
    admin.delete_records(&before, &AdminOptions::new()).await.unwrap();

    let servers = format!("127.0.0.1:{}", lab.base + 10);
    let environment = format!(
        "name: lab\nclusters:\n  source: {{bootstrap_servers: \"{servers}\"}}\n  target: {{bootstrap_servers: \"{servers}\"}}\n"
    );
    let project = &lab.project;
    project.file("plan/environments/lab.yaml", &environment);
    project.step(
        1,
        "actions:\n  - produce: {id: load, cluster: source, topic: stamped, records: 200, record_size: 100, rate: unlimited, \
         sequence: true, keys: sequential, headers: {h: one}}\ncriteria:\n  - expect: load.records_sent == 200",
    );
    let mut actions = String::new();
    let mut judged = String::new();
    let cases = CASES.iter().map(|(name, _, found)| (*name, *found));
    let special: [(&str, &[(&str, u64)]); 2] =
        [("aborted", &[("uncommitted_copied", 20)]), ("purged", &[("purged_uncopied", 24)])];
    for (name, found) in cases.chain(special) {
        let _ = writeln!(
            actions,
            "  - replication: {{id: r_{name}, source: source, target: target, topic: {name}, within: 1s}}"
        );
        criteria(&mut judged, &format!("r_{name}"), found);
    }
    let _ = writeln!(
        actions,
        "  - replication: {{id: r_stamped, source: source, target: target, topic: stamped, promised: [load], within: 1s}}"
    );
    // The copy lacks the stamped record 5, and the source has lost those before the fourth of each partition, which were
    // not copied either.
    judged += "  - expect: r_stamped.records_promised == 200\n  - expect: r_stamped.lost == 1\n";
    judged += "  - expect: r_stamped.lost_on_source == 8\n  - expect: r_stamped.lost_of_acknowledged == 9\n";
    judged += "  - expect: r_stamped.moved == 1\n  - expect: r_stamped.purged_uncopied == 8\n";
    project.step(2, &format!("needs: [1]\nactions:\n{actions}criteria:\n{judged}"));
    project.jalon(&["check"]).exits(0);

    project.jalon(&["run", "--until", "1"]).exits(0);
    let mut stamped = read(&lab.client(), "stamped", 200);
    // What comes into partition 0 from the other one stands behind its own: before them, it would look like one of those
    // that the source has deleted.
    stamped.sort_by_key(|record| record.partition);
    let mut of_each = [0; 2];
    let mut copy = Vec::new();
    for record in &stamped {
        let number = &mut of_each[usize::try_from(record.partition).unwrap()];
        *number += 1;
        match *number {
            1..=4 => {}
            6 if record.partition == 0 => {}
            9 if record.partition == 1 => copy.push(Record { partition: 0, ..record.clone() }),
            _ => copy.push(record.clone()),
        }
    }
    send(&producer, "source.stamped", &copy);
    let mut before = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        before.add_partition_offset("stamped", partition, Offset::Offset(4)).unwrap();
    }
    admin.delete_records(&before, &AdminOptions::new()).await.unwrap();

    let ran = project.jalon(&["resume", "--all"]);
    let states = project.states();
    assert_eq!(states, ["passed", "passed"], "{ran:#?}");
    let csv = std::fs::read_to_string(project.run_dir().join("02/1/r_key/partitions.csv"));
    let csv = csv.unwrap_or_else(|_| {
        panic!("{:?}", std::fs::read_dir(project.run_dir()).unwrap().collect::<Vec<_>>())
    });
    assert!(csv.lines().any(|line| line.starts_with("1,0,50,50,") && line.ends_with(",3,1/3,key")), "{csv}");
}
