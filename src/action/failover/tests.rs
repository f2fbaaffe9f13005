//! `failover` with two mock clusters and a copier in the place of MirrorMaker 2.

use super::*;
use crate::{
    action::load_client::testing::{context, environment},
    load::MockCluster,
};
use rdkafka::{
    Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, CommitMode, Consumer},
    producer::{BaseProducer, BaseRecord, Producer},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Copies `t` of the source to `source.t` of the target and writes the group's offsets there, this many records too far.
fn copier(
    source: String,
    target: String,
    too_far: i64,
    stop: Arc<AtomicBool>,
) -> std::thread::JoinHandle<()> {
    let config = |servers: &str, group: &str| {
        let mut config = rdkafka::ClientConfig::new();
        config.set("bootstrap.servers", servers).set("group.id", group).set("enable.auto.commit", "false");
        config
    };
    std::thread::spawn(move || {
        let reader: BaseConsumer = config(&source, "copier").create().unwrap();
        let writer: BaseProducer = config(&target, "")
            .remove("group.id")
            .remove("enable.auto.commit")
            .set("linger.ms", "0")
            .create()
            .unwrap();
        let here: BaseConsumer = config(&source, "g").create().unwrap();
        let there: BaseConsumer = config(&target, "g").create().unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition_offset("t", 0, Offset::Beginning).unwrap();
        reader.assign(&list).unwrap();
        let mut written = -1;
        let mut turn = 0_u32;
        while !stop.load(Ordering::Acquire) {
            while let Some(Ok(message)) = reader.poll(Duration::from_millis(20)) {
                let record = BaseRecord::<(), [u8]>::to("source.t").partition(0);
                writer.send(record.payload(message.payload().unwrap())).unwrap();
                writer.poll(Duration::ZERO);
            }
            turn += 1;
            if !turn.is_multiple_of(10) {
                continue;
            }
            let mut asked = TopicPartitionList::new();
            asked.add_partition("t", 0);
            let Ok(answer) = here.committed_offsets(asked, Duration::from_secs(2)) else { continue };
            let Some(Offset::Offset(offset)) = answer.find_partition("t", 0).map(|p| p.offset()) else {
                continue;
            };
            if offset != written {
                written = offset;
                let mut list = TopicPartitionList::new();
                list.add_partition_offset("source.t", 0, Offset::Offset(offset + too_far)).unwrap();
                let _ = there.commit(&list, CommitMode::Sync);
            }
        }
        let _ = writer.flush(Duration::from_secs(5));
    })
}

async fn drill(too_far: i64) -> (Evidence, String) {
    let (source, target) = (MockCluster::new(1).unwrap(), MockCluster::new(1).unwrap());
    source.create_topic("t", 1, 1).unwrap();
    target.create_topic("source.t", 1, 1).unwrap();
    let clusters = [("source", &*source.bootstrap_servers()), ("target", &*target.bootstrap_servers())];
    let stop = Arc::new(AtomicBool::new(false));
    let copier = copier(clusters[0].1.to_owned(), clusters[1].1.to_owned(), too_far, Arc::clone(&stop));
    let root = tempfile::tempdir().unwrap();
    let (cx, _progress) = context(root.path(), environment(&clusters));
    let failover: Failover = serde_json::from_value(serde_json::json!({
        "source": "source", "target": "target", "topic": "t", "group": "g", "after": "1s", "rate": 200,
        "commit_every": "300ms", "ready_within": "10s", "within": "15s", "record_size": 100,
    }))
    .unwrap();
    let evidence = failover.run(&cx).await.unwrap();
    stop.store(true, Ordering::Release);
    copier.join().unwrap();
    let table = std::fs::read_to_string(root.path().join("s/1/a/drills.csv")).unwrap();
    (evidence, table)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_finds_its_offsets_skips_nothing_and_every_output_is_there() {
    let (evidence, table) = drill(0).await;
    for output in Failover::OUTPUTS {
        assert!(evidence.get(output.name).is_some(), "no {}", output.name);
    }
    assert_eq!(super::super::kind("failover").unwrap().outside(&evidence), None);
    assert_eq!(evidence.get("skipped_records"), Some(&Value::count(0)), "{table}{evidence:?}");
    assert_eq!(evidence.get("fail_back.skipped_records"), Some(&Value::count(0)), "{table}");
    assert_eq!(evidence.get("not_arrived_records"), Some(&Value::count(0)), "{table}");
    assert!(evidence.get("acknowledged_records").unwrap().as_f64().unwrap() > 100.0, "{table}");
    assert!(evidence.remarks.iter().any(|r| r.contains("0 of 1 drill skipped")), "{:?}", evidence.remarks);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_translation_that_points_too_far_is_a_skip() {
    // More than what is read between two commits.
    let (evidence, table) = drill(300).await;
    assert!(evidence.get("skipped_records").unwrap().as_f64().unwrap() > 0.0, "{table}{evidence:?}");
    assert_eq!(evidence.get("skipped_drills"), Some(&Value::count(1)));
    assert!(evidence.remarks.iter().any(|r| r.starts_with("drill 1 skipped")), "{:?}", evidence.remarks);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_is_not_copied_is_named_with_what_to_check() {
    let (source, target) = (MockCluster::new(1).unwrap(), MockCluster::new(1).unwrap());
    source.create_topic("t", 1, 1).unwrap();
    let clusters = [("source", &*source.bootstrap_servers()), ("target", &*target.bootstrap_servers())];
    let root = tempfile::tempdir().unwrap();
    let (cx, _progress) = context(root.path(), environment(&clusters));
    let failover = serde_json::json!({"source": "source", "target": "target", "topic": "t", "group": "g", "ready_within": "1s"});
    let failover: Failover = serde_json::from_value(failover).unwrap();
    let failure = failover.run(&cx).await.unwrap_err();
    let ActionError::Misconfigured { message, hint } = &failure.error else { panic!("{}", failure.error) };
    assert!(message.contains("`source.t` did not appear on cluster `target`"), "{message}");
    assert!(hint.contains("`topics`"), "{hint}");
}
