//! Loss, duplication and reordering that are known, found by the verification.

use super::*;
use crate::load::{
    keys::Keys,
    pacing::Pacing,
    payload::{Content, Stamp},
    producer::{self, Load},
};
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    message::{Header, OwnedHeaders},
    mocking::MockCluster,
    producer::{BaseProducer, BaseRecord, Producer},
};
use std::thread;

type Mock = MockCluster<'static, rdkafka::producer::DefaultProducerContext>;

fn mock(topic: &str) -> Mock {
    let mock = MockCluster::new(1).unwrap();
    mock.create_topic(topic, 2, 1).unwrap();
    mock
}

fn config(servers: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", servers).set("linger.ms", "0");
    config
}

fn spec(source: &Mock, target: &Mock, within: Duration) -> Spec {
    Spec {
        source: Side { config: config(&source.bootstrap_servers()), topic: "load".to_owned() },
        target: Side { config: config(&target.bootstrap_servers()), topic: "source.load".to_owned() },
        within,
        records: None,
        compacted: (false, false),
    }
}

fn load(servers: &str, records: u64, pacing: Pacing) {
    let spec = producer::Spec {
        catch_up: false,
        clients: std::num::NonZeroU32::MIN,
        config: config(servers),
        content: Content::Random,
        duration: None,
        headers: vec![("h".to_owned(), "one".to_owned())],
        keys: Keys::Sequential,
        pacing,
        record_size: 64,
        records: Some(records),
        token: Some(77),
        topic: "load".to_owned(),
        transaction: None,
        warm_up: 0,
    };
    let cancel = CancellationToken::new();
    let outcome = Load::connect(spec, &cancel).unwrap().run(&mut |_| Ok(()), &cancel).unwrap();
    assert_eq!(outcome.delivered, records);
}

/// Does what MirrorMaker 2 does, and to the record with the number what `with` makes of it.
fn mirror(source: &str, target: &str, records: usize, with: impl Fn(u64, Vec<u8>) -> Vec<Vec<u8>>) {
    let consumer: BaseConsumer = config(source).set("group.id", "mirror").create().unwrap();
    let mut list = TopicPartitionList::new();
    for partition in 0..2 {
        list.add_partition_offset("load", partition, Offset::Beginning).unwrap();
    }
    consumer.assign(&list).unwrap();
    let producer: BaseProducer = config(target).create().unwrap();
    let mut left = records;
    while left > 0 {
        let Some(Ok(message)) = consumer.poll(Duration::from_millis(100)) else { continue };
        left -= 1;
        let value = message.payload().unwrap().to_vec();
        let crate::load::payload::Reading::Whole(stamp) = Stamp::read(&value) else { panic!("no stamp") };
        for value in with(stamp.sequence, value) {
            let header = Header { key: "h", value: Some("one") };
            let record: BaseRecord<'_, [u8], [u8]> = BaseRecord::to("source.load")
                .key(message.key().unwrap())
                .payload(&value[..])
                .partition(message.partition())
                .headers(OwnedHeaders::new().insert(header))
                .timestamp(message.timestamp().to_millis().unwrap());
            producer.send(record).unwrap();
        }
        producer.poll(Duration::ZERO);
    }
    producer.flush(Duration::from_secs(10)).unwrap();
}

fn compare(spec: &Spec) -> Outcome {
    run(spec, &mut |_| {}, &CancellationToken::new()).unwrap()
}

#[test]
fn a_faithful_copy_is_complete() {
    let (source, target) = (mock("load"), mock("source.load"));
    load(&source.bootstrap_servers(), 5000, Pacing::Unlimited);
    mirror(&source.bootstrap_servers(), &target.bootstrap_servers(), 5000, |_, value| vec![value]);
    let outcome = compare(&spec(&source, &target, Duration::from_secs(20)));
    assert_eq!(outcome.ended, ComparisonEnd::Complete);
    let (total, c) = (&outcome.total, &outcome.total.counts);
    assert_eq!((total.expected, total.lost, c.duplicated, c.reordered, c.values), (5000, 0, 0, 0, 0));
    assert_eq!((c.paired, c.keys, c.headers, c.timestamps, c.moved, c.unexpected), (5000, 0, 0, 0, 0, 0));
    assert!(outcome.lanes.values().all(|lane| lane.first.is_none()));
    assert_eq!(outcome.catch_up, Some(Duration::ZERO), "all of it was there before");
    assert!(outcome.latency.is_empty(), "nobody can tell when they came");
    assert_eq!(outcome.lanes.len(), 2);
}

#[test]
fn what_happens_on_the_way_is_found() {
    let (source, target) = (mock("load"), mock("source.load"));
    load(&source.bootstrap_servers(), 3000, Pacing::Unlimited);
    mirror(&source.bootstrap_servers(), &target.bootstrap_servers(), 3000, |sequence, mut value| {
        match sequence {
            10..=12 => vec![],
            20 | 21 => vec![value.clone(), value],
            30 => {
                value[50] ^= 1;
                vec![value]
            }
            _ => vec![value],
        }
    });
    // All but lost and broken ones are there, the last ones too: it need not wait for an hour.
    let outcome = compare(&spec(&source, &target, Duration::from_secs(3600)));
    let (total, c) = (&outcome.total, &outcome.total.counts);
    assert_eq!((total.expected, total.lost, c.lost), (3000, 4, 3));
    assert_eq!((c.duplicated, c.reordered, c.values, c.unexpected), (2, 0, 1, 0));
    assert_eq!(total.lost_ranges, [(77, 10, 12), (77, 30, 30)]);
    assert_eq!((outcome.ended, outcome.catch_up), (ComparisonEnd::Complete, None));
}

#[test]
fn records_that_are_waited_for_have_a_latency() {
    let (source, target) = (mock("load"), mock("source.load"));
    let spec = Spec { records: Some(1500), ..spec(&source, &target, Duration::from_secs(20)) };
    let (from, to) = (source.bootstrap_servers(), target.bootstrap_servers());
    let outcome = thread::scope(|scope| {
        let compared = scope.spawn(|| compare(&spec));
        scope.spawn(|| {
            thread::sleep(Duration::from_secs(2));
            load(&from, 1500, "500/s".parse().unwrap());
        });
        scope.spawn(|| mirror(&from, &to, 1500, |_, value| vec![value]));
        compared.join().unwrap()
    });
    assert_eq!(
        (outcome.ended, outcome.total.expected, outcome.total.lost),
        (ComparisonEnd::Complete, 1500, 0)
    );
    assert!(outcome.latency.len() > 1400, "{}", outcome.latency.len());
    let latency = outcome.latency.summary().unwrap();
    assert!(latency.p50 > 0.0 && latency.p50 < 1000.0, "{latency:?}");
    assert!(outcome.catch_up.unwrap() < Duration::from_secs(5));
}

#[test]
fn time_is_bounded_where_nothing_arrives() {
    let (source, target) = (mock("load"), mock("source.load"));
    load(&source.bootstrap_servers(), 100, Pacing::Unlimited);
    let began = Instant::now();
    let outcome = compare(&spec(&source, &target, Duration::from_secs(2)));
    assert_eq!((outcome.ended, outcome.total.lost), (ComparisonEnd::TooLate, 100));
    assert!(began.elapsed() < Duration::from_secs(10));
    let short = Spec { records: Some(200), ..spec(&source, &target, Duration::from_secs(2)) };
    assert_eq!(compare(&short).ended, ComparisonEnd::SourceShort);
}
