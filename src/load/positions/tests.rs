//! Where groups would go on, with two mock clusters.

use super::*;
use crate::load::{Header, MockCluster, OwnedHeaders, payload::Stamp};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

const TOPIC: &str = "orders";

/// A record as it is sent to both clusters.
#[derive(Clone)]
struct Sent {
    value: Vec<u8>,
    timestamp: i64,
}

fn stamped(sequence: u64) -> Sent {
    let mut value = vec![b'.'; 40];
    Stamp { token: 7, sequence, created_us: 0 }.write(&mut value);
    Sent { value, timestamp: 1_700_000_000_000 + i64::try_from(sequence).unwrap() }
}

fn plain(number: u64) -> Sent {
    let timestamp = 1_700_000_000_000 + i64::try_from(number).unwrap();
    Sent { value: format!("order {number}").into_bytes(), timestamp }
}

struct Clusters {
    source: MockCluster<'static, rdkafka::producer::DefaultProducerContext>,
    target: MockCluster<'static, rdkafka::producer::DefaultProducerContext>,
}

fn clusters() -> Clusters {
    let new = || {
        let mock = MockCluster::new(1).unwrap();
        mock.create_topic(TOPIC, 1, 1).unwrap();
        mock
    };
    Clusters { source: new(), target: new() }
}

fn config(servers: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", servers);
    config
}

fn send(servers: &str, records: &[Sent]) {
    let producer: BaseProducer = config(servers).set("linger.ms", "0").create().unwrap();
    for record in records {
        let headers = OwnedHeaders::new().insert(Header { key: "h", value: Some("1") });
        let record = BaseRecord::<(), _>::to(TOPIC)
            .payload(&record.value)
            .timestamp(record.timestamp)
            .headers(headers);
        producer.send(record).unwrap();
        producer.poll(Duration::ZERO);
    }
    producer.flush(Duration::from_secs(10)).unwrap();
}

impl Clusters {
    /// The places of these offsets of the source.
    fn find(&self, ends: (i64, i64), syncs: &[(i64, i64)], wanted: &[i64]) -> Vec<Place> {
        let pair = Pair {
            target_topic: TOPIC.to_owned(),
            source: (0, ends.0),
            target: (0, ends.1),
            syncs: syncs.to_vec(),
            wanted: wanted.iter().copied().collect(),
            shown: BTreeSet::new(),
        };
        let sides = Sides {
            source: config(&self.source.bootstrap_servers()),
            target: config(&self.target.bootstrap_servers()),
        };
        let key = (TOPIC.to_owned(), 0);
        let pairs = Pairs::from([(key.clone(), pair)]);
        let found = find(&sides, &pairs, &CancellationToken::new()).unwrap();
        wanted.iter().map(|at| found[&key].places[at]).collect()
    }
}

fn at(offset: i64) -> Place {
    Place::Copied { first: offset, last: offset, certain: true }
}

#[test]
fn a_copy_that_lacks_its_beginning_and_is_late_is_followed() {
    for record in [stamped, plain] {
        let clusters = clusters();
        let all: Vec<_> = (0..200).map(record).collect();
        send(&clusters.source.bootstrap_servers(), &all);
        // The first 30 were gone before they were copied, and the last 20 are not there yet.
        send(&clusters.target.bootstrap_servers(), &all[30..180]);
        let wanted = [40, 179, 180, 190, 200];
        let expected = [at(10), at(149), Place::NotYet(150), Place::NotYet(150), Place::NotYet(150)];
        assert_eq!(clusters.find((200, 150), &[(30, 0)], &wanted), expected);
    }
}

#[test]
fn a_group_at_the_end_goes_on_behind_the_last_copy() {
    let clusters = clusters();
    let all: Vec<_> = (0..50).map(plain).collect();
    send(&clusters.source.bootstrap_servers(), &all);
    send(&clusters.target.bootstrap_servers(), &all);
    // Something else follows there.
    send(&clusters.target.bootstrap_servers(), &[plain(1000)]);
    let nothing_unread = Place::Copied { first: 50, last: 51, certain: true };
    assert_eq!(clusters.find((50, 51), &[(0, 0)], &[50]), [nothing_unread]);
    assert_eq!(clusters.find((50, 50), &[(0, 0)], &[50]), [Place::NotYet(50)]);
}

#[test]
fn what_was_copied_twice_lies_from_its_first_to_its_last_copy() {
    let clusters = clusters();
    let all: Vec<_> = (0..50).map(stamped).collect();
    send(&clusters.source.bootstrap_servers(), &all);
    send(&clusters.target.bootstrap_servers(), &all[..30]);
    send(&clusters.target.bootstrap_servers(), &all[25..]);
    let twice = Place::Copied { first: 27, last: 32, certain: true };
    assert_eq!(clusters.find((50, 55), &[(0, 0)], &[27, 40]), [twice, at(45)]);
}

#[test]
fn a_lost_record_and_equal_ones_are_not_guessed() {
    let clusters = clusters();
    let mut all: Vec<_> = (0..60).map(plain).collect();
    all[11] = all[10].clone();
    send(&clusters.source.bootstrap_servers(), &all);
    let copied: Vec<_> = all.iter().enumerate().filter(|(n, _)| *n != 40).map(|(_, r)| r.clone()).collect();
    send(&clusters.target.bootstrap_servers(), &copied);
    let found = clusters.find((60, 59), &[(0, 0)], &[10, 40, 50]);
    assert_eq!(found[0], Place::Copied { first: 10, last: 11, certain: false });
    assert_eq!(found[1], Place::Unknown(Why::NotFound));
    assert_eq!(found[2], at(49));
}

#[test]
fn a_record_far_from_its_expected_place_is_found_by_its_time() {
    let clusters = clusters();
    let all: Vec<_> = (0..3000).map(stamped).collect();
    send(&clusters.source.bootstrap_servers(), &all);
    send(&clusters.target.bootstrap_servers(), &all[2000..]);
    // The mock answers a time with an end alone, as it keeps none, so the search begins where the log does.
    let found = clusters.find((3000, 1000), &[(0, 0)], &[2500]);
    assert!(found[0] == at(500) || found[0] == Place::Unknown(Why::NotFound), "{found:?}");
}
