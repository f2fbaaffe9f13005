//! Groups against a mock cluster: what they read, and that they end.

use super::*;
use crate::load::{
    keys::Keys,
    pacing::Pacing,
    payload::Content,
    producer::{self, Load},
};
use rdkafka::{
    ClientConfig,
    mocking::MockCluster,
    types::{RDKafkaApiKey, RDKafkaRespErr},
};
use std::time::Instant;

fn fill(mock_servers: &str, records: u64) {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", mock_servers).set("linger.ms", "0");
    let spec = producer::Spec {
        catch_up: false,
        clients: std::num::NonZeroU32::MIN,
        config,
        content: Content::Random,
        duration: None,
        headers: Vec::new(),
        keys: Keys::Sequential,
        pacing: Pacing::Unlimited,
        record_size: 100,
        records: Some(records),
        token: None,
        topic: "t".to_owned(),
        transaction: None,
        warm_up: 0,
    };
    let cancel = CancellationToken::new();
    assert_eq!(
        Load::connect(spec, &cancel).unwrap().run(&mut |_| Ok(()), &cancel).unwrap().delivered,
        records
    );
}

fn spec(servers: &str) -> Spec {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", servers)
        .set("group.id", "g")
        .set("auto.offset.reset", "earliest")
        .set("statistics.interval.ms", "100");
    Spec {
        config,
        duration: None,
        idle_timeout: Duration::from_secs(5),
        members: 1,
        records: None,
        topic: "t".to_owned(),
    }
}

fn run(spec: Spec) -> Outcome {
    let cancel = CancellationToken::new();
    Reader::connect(spec, &cancel).unwrap().run(&mut |_| Ok(()), &cancel).unwrap()
}

#[test]
fn every_record_is_read_once_and_its_bytes_counted() {
    let mock = MockCluster::new(2).unwrap();
    mock.create_topic("t", 3, 1).unwrap();
    fill(&mock.bootstrap_servers(), 30_000);
    let outcome = run(Spec { idle_timeout: Duration::from_secs(6), ..spec(&mock.bootstrap_servers()) });
    assert_eq!((outcome.records, outcome.bytes, outcome.old), (30_000, 3_000_000, 30_000));
    assert_eq!((outcome.ended, outcome.lag), (ReadEnd::Idle, Ok(0)));
    assert_eq!(outcome.clock.create_time, 30_000);
    assert!(outcome.fetches.reports > 0 && outcome.fetches.requests > 0, "{:?}", outcome.fetches);
    assert_eq!(outcome.fetches.records, 30_000, "the client's own count");
}

#[test]
fn a_group_that_is_not_allowed_ends_at_once() {
    let mock = MockCluster::new(1).unwrap();
    mock.create_topic("t", 1, 1).unwrap();
    let no = [RDKafkaRespErr::RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED; 20];
    mock.request_errors(RDKafkaApiKey::JoinGroup, &no);
    mock.request_errors(RDKafkaApiKey::FindCoordinator, &no);
    let start = Instant::now();
    let outcome = run(Spec { idle_timeout: Duration::from_secs(60), ..spec(&mock.bootstrap_servers()) });
    assert!(matches!(&outcome.ended, ReadEnd::Refused(why) if why.contains("Group")), "{:?}", outcome.ended);
    assert!(start.elapsed() < Duration::from_secs(30));
    assert!(outcome.lag.is_err());
}

#[test]
fn brokers_that_freeze_end_it_within_its_bounds() {
    let mock = MockCluster::new(1).unwrap();
    mock.create_topic("t", 2, 1).unwrap();
    fill(&mock.bootstrap_servers(), 1000);
    // One member: of two, the mock leaves aside the one that comes late.
    let spec = Spec { idle_timeout: Duration::from_secs(6), ..spec(&mock.bootstrap_servers()) };
    let cancel = CancellationToken::new();
    let reader = Reader::connect(spec, &cancel).unwrap();
    let start = Instant::now();
    let outcome = reader
        .run(
            &mut |window| {
                if window.read == 1000 {
                    mock.broker_round_trip_time(1, Duration::from_secs(600)).unwrap();
                }
                Ok(())
            },
            &cancel,
        )
        .unwrap();
    assert_eq!((outcome.records, outcome.ended), (1000, ReadEnd::Idle));
    let why = outcome.lag.unwrap_err();
    assert!(why.contains("did not answer"), "{why}");
    // Joining, idle time, the last question, and leaving: 10 + 6 + 3 + 5 seconds.
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}
