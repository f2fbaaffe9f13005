//! The client against clusters that answer, that refuse and that are not there.

use super::*;
use rdkafka::mocking::MockCluster;

fn cluster(bootstrap_servers: String, properties: &[(&str, &str)]) -> Cluster {
    Cluster {
        bootstrap_servers,
        brokers: None,
        properties: properties.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        site: None,
        zookeeper: Vec::new(),
    }
}

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

#[tokio::test]
async fn topology_and_offsets_are_read() {
    let kafka = MockCluster::new(3).unwrap();
    kafka.create_topic("orders", 4, 2).unwrap();
    let admin = Admin::new(&cluster(kafka.bootstrap_servers(), &[])).await.unwrap();
    let topology = admin.topology().await.unwrap();
    assert_eq!(topology.brokers.iter().map(|b| b.id).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(topology.cluster_id.is_some());
    let topic = topology.topic("orders").unwrap();
    assert_eq!((topic.partitions.len(), topic.replication_factor(), topic.is_whole()), (4, 2, true));
    let all: Vec<_> = (0..4).map(|p| ("orders".to_owned(), p)).collect();
    let ends = admin.end_offsets(&all).await.unwrap();
    assert_eq!(ends.len(), 4);
    assert!(ends.values().all(|end| *end == 0), "{ends:?}");
    // Looking at a topic does not make it.
    assert!(admin.end_offsets(&[("nope".to_owned(), 0)]).await.is_err());
    assert!(admin.topology().await.unwrap().topic("nope").is_none());
}

#[tokio::test]
async fn a_hundred_samples_share_one_client() {
    let kafka = MockCluster::new(1).unwrap();
    let place = cluster(kafka.bootstrap_servers(), &[]);
    let first = Admin::of(&place).await.unwrap();
    first.topology().await.unwrap();
    let before = threads();
    for _ in 0..100 {
        let admin = Admin::of(&place).await.unwrap();
        assert!(Arc::ptr_eq(&first, &admin));
        admin.topology().await.unwrap();
    }
    // Other tests run beside this one; a leak would be of a hundred.
    assert!(threads() < before + 50, "{} threads, {before} before", threads());
}

#[tokio::test]
async fn an_unreachable_cluster_is_named_with_the_cause() {
    // The listener is gone at once, so that nobody answers there.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let kafka = MockCluster::new(1).unwrap();
    for (bootstrap, properties, expected) in [
        (closed.to_string(), &[][..], "Connection refused"),
        (kafka.bootstrap_servers(), &[("security.protocol", "SSL")][..], "SSL"),
    ] {
        let mut admin = Admin::new(&cluster(bootstrap.clone(), properties)).await.unwrap();
        admin.limit = Duration::from_secs(2);
        let error = admin.topology().await.unwrap_err();
        assert!(matches!(error, AdminError::Unreachable { .. }), "{error:?}");
        let text = error.to_string();
        assert!(text.contains(&bootstrap) && text.contains(expected), "{text}");
        let started = Instant::now();
        drop(admin);
        assert!(started.elapsed() < Duration::from_millis(500), "dropping it took {:?}", started.elapsed());
    }
}
