//! Coordinators that move, load and stay silent while the rest of the cluster answers.

use super::*;
use crate::clients::environment::Cluster;
use rdkafka::{
    bindings::rd_kafka_resp_err_t as Err,
    mocking::{MockCluster, MockCoordinator},
    types::RDKafkaApiKey as Api,
};

type Mock<'c> = MockCluster<'c, rdkafka::producer::DefaultProducerContext>;

async fn admin(kafka: &Mock<'_>) -> Admin {
    let cluster = Cluster {
        bootstrap_servers: kafka.bootstrap_servers(),
        brokers: None,
        properties: BTreeMap::new(),
        site: None,
        zookeeper: Vec::new(),
    };
    Admin::new(&cluster).await.unwrap()
}

fn within(seconds: u64) -> Instant {
    Instant::now() + Duration::from_secs(seconds)
}

fn of_topic() -> Vec<(String, i32)> {
    vec![("orders".to_owned(), 0)]
}

#[tokio::test]
async fn a_coordinator_that_moves_is_asked_again() {
    let kafka = MockCluster::new(2).unwrap();
    kafka.create_topic("orders", 1, 1).unwrap();
    let admin = admin(&kafka).await;
    let at = BTreeMap::from([(("orders".to_owned(), 0), 7)]);
    admin.patient(within(30)).commit("billing", &at).await.unwrap();
    for (api, code) in [
        (Api::OffsetFetch, Err::RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS),
        (Api::OffsetFetch, Err::RD_KAFKA_RESP_ERR_NOT_COORDINATOR),
        (Api::FindCoordinator, Err::RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE),
    ] {
        kafka.request_errors(api, &[code; 4]);
        let seen = admin.patient(within(30)).committed("billing", &of_topic()).await;
        assert_eq!(seen.unwrap(), at, "{api:?} {code:?}");
        kafka.clear_request_errors(api);
        kafka.request_errors(api, &[code; 4]);
        let seen = admin.patient(within(30)).group_offsets(vec!["billing".to_owned()]).await.unwrap();
        // The double has no answer to the question for all partitions but an empty one.
        assert!(seen["billing"].is_ok(), "{api:?} {code:?}: {seen:?}");
        kafka.clear_request_errors(api);
    }
}

#[tokio::test]
async fn a_coordinator_that_stays_away_is_named_and_the_cluster_is_not() {
    let kafka = MockCluster::new(2).unwrap();
    kafka.create_topic("orders", 1, 1).unwrap();
    kafka.create_topic("__consumer_offsets", 1, 1).unwrap();
    kafka.partition_leader("__consumer_offsets", 0, Some(2)).unwrap();
    let admin = admin(&kafka).await;
    let code = Err::RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS;
    kafka.request_errors(Api::OffsetFetch, &[code; 1000]);
    for asked in ["committed", "group_offsets"] {
        let patient = admin.patient(within(2));
        let error = match asked {
            "committed" => patient.committed("billing", &of_topic()).await.map(drop),
            _ => patient.group_offsets(vec!["billing".to_owned()]).await.map(drop),
        };
        let error = error.unwrap_err();
        assert!(matches!(error, AdminError::Silent(_)), "{asked}: {error:?}");
        let expected = "the coordinator of group `billing` (broker 2) did not answer within ";
        assert!(error.to_string().starts_with(expected), "{asked}: {error}");
    }
    kafka.clear_request_errors(Api::OffsetFetch);
}

#[tokio::test]
async fn a_frozen_coordinator_is_not_an_unreachable_cluster() {
    let kafka = MockCluster::new(2).unwrap();
    kafka.create_topic("orders", 1, 1).unwrap();
    let admin = admin(&kafka).await;
    admin.topology().await.unwrap();
    kafka.coordinator(MockCoordinator::Group("billing".to_owned()), 2).unwrap();
    kafka.broker_down(2).unwrap();
    let error = admin.patient(within(1)).committed("billing", &of_topic()).await.unwrap_err();
    assert!(error.to_string().starts_with("the coordinator of group `billing`"), "{error}");
    let groups = vec!["billing".to_owned()];
    let error = admin.patient(within(1)).group_offsets(groups).await.unwrap_err();
    assert!(error.to_string().starts_with("the coordinator of group `billing`"), "{error}");

    // Nobody is left: then it is the cluster.
    kafka.broker_down(1).unwrap();
    let error = admin.patient(within(60)).committed("billing", &of_topic()).await.unwrap_err();
    assert!(matches!(error, AdminError::Unreachable { .. }), "{error:?}");
}

#[test]
fn the_coordinator_leads_the_partition_of_the_group() {
    let leaders: BTreeMap<i32, i32> = (0..50).map(|partition| (partition, partition % 3)).collect();
    // "billing".hashCode() is -109829509, and `Utils.abs` makes it positive.
    assert_eq!(leader("billing", &leaders), Some((9, 0)));
    // The hash of this one is -2147483648, which has no positive.
    assert_eq!(leader("polygenelubricants", &leaders), Some((0, 0)));
    assert_eq!(leader("billing", &BTreeMap::new()), None);
}
