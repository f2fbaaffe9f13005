//! What follows from looks: lag, standing partitions, what repeats hide; and the kind against a cluster that answers.

use super::{
    super::test_context::*,
    look::{Sight, SourcePartition, committed},
    memory::{Line, Times},
    *,
};
use crate::{
    clients::{connect::Places, kafka::FirstRecord},
    load::MockCluster,
};

const TIMES: Times = Times { stalled_after: Duration::from_secs(10) };

fn seen(partition: i32, end: i64, copy_end: Option<i64>) -> SourcePartition {
    SourcePartition { topic: "orders".to_owned(), partition, end, copy_end, ..SourcePartition::default() }
}

fn sight(partitions: Vec<SourcePartition>) -> Sight {
    Sight { partitions, ..Sight::default() }
}

fn lags(lines: &[Line]) -> Vec<i64> {
    lines.iter().map(|line| line.lag).collect()
}

fn text(cx: &ActionContext, sight: &Sight, lines: &[Line]) -> (Evidence, String) {
    let evidence = evidence::of(cx, sight, lines).unwrap();
    let remarks = evidence.remarks.join("\n");
    (evidence, remarks)
}

#[test]
fn lag_is_counted_by_partition_and_being_ahead_is_told() {
    let (_folder, cx) = context("clusters: {}");
    let mut sight = sight(vec![
        seen(0, 100, Some(90)),
        seen(1, 50, Some(50)),
        seen(2, 10, Some(15)),
        SourcePartition { begin: 20, ..seen(3, 30, None) },
    ]);
    let lines = Memory::default().take(&sight, Instant::now(), &TIMES);
    assert_eq!(lags(&lines), [10, 0, 0, 10]);
    sight.oldest =
        Some([(("orders".to_owned(), 0), FirstRecord { offset: 90, timestamp_ms: Some(1_000) })].into());
    sight.now_ms = 43_000;
    let (evidence, remarks) = text(&cx, &sight, &lines);
    for (name, value) in [
        ("lag_records", "20"),
        ("max_partition_lag_records", "10"),
        ("ahead_records", "5"),
        ("missing_partitions", "1"),
        ("lag_s", "42 s"),
        ("partitions", "4"),
    ] {
        assert_eq!(shown(&evidence, name), value, "{name}");
    }
    assert!(remarks.contains("5 records ahead of the source in `orders-2`"), "{remarks}");
    assert!(remarks.contains("does not have `orders-3`"), "{remarks}");
    assert!(artifact(&cx, "lag.csv").contains("orders,3,,20,30,,,,10,0,,false\n"));
    for name in ["stalled_partitions", "max_task_lag_records", "deleted_records", "methods_differ_records"] {
        assert!(matches!(evidence.get(name), Some(crate::record::Value::Missing(_))), "{name}");
    }
}

#[test]
fn records_copied_twice_do_not_hide_a_gap_from_a_watch() {
    let mut memory = Memory::default();
    let start = Instant::now();
    let at = |s| start + Duration::from_secs(s);
    // 40 records were copied twice before; then the connector stands still while 100 come.
    let looks = [(100, 140), (150, 140), (200, 140)];
    let seen: Vec<_> = looks
        .iter()
        .enumerate()
        .map(|(n, (end, copy))| {
            lags(&memory.take(&sight(vec![seen(0, *end, Some(*copy))]), at(n as u64), &TIMES))
        })
        .collect();
    assert_eq!(seen, [[0], [50], [100]]);
}

#[test]
fn a_partition_that_stands_while_its_source_grows_is_named() {
    let (_folder, cx) = context("clusters: {}");
    let mut memory = Memory::default();
    let start = Instant::now();
    let mut last = Vec::new();
    for second in 0..15_u64 {
        let end = 100 + 10 * i64::try_from(second).unwrap();
        // The first moves, the second stands, the third stands and gets nothing, the fourth is not on the target.
        let all = [(0, end, Some(end - 5)), (1, end, Some(100)), (2, 100, Some(99)), (3, end, None)];
        let sight = sight(all.into_iter().map(|(p, end, copy)| seen(p, end, copy)).collect());
        last = memory.take(&sight, start + Duration::from_secs(second), &TIMES);
        let stalled = last.iter().filter(|line| line.stalled).count();
        assert_eq!(stalled, if second < 11 { 0 } else { 2 }, "after {second} s");
    }
    let (evidence, remarks) = text(&cx, &sight(Vec::new()), &last);
    assert_eq!(shown(&evidence, "stalled_partitions"), "2");
    assert!(remarks.contains("nothing is copied of `orders-1`, `orders-3`"), "{remarks}");
}

#[test]
fn offsets_of_a_connector_know_deleted_records_and_tasks() {
    let (_folder, cx) = context("clusters: {}");
    let of = |partition, begin, committed, task| SourcePartition {
        begin,
        committed,
        task,
        ..seen(partition, 100, Some(60))
    };
    let sight = Sight {
        by_connect: true,
        has_committed: true,
        has_tasks: true,
        ..sight(vec![of(0, 0, Some(90), Some(0)), of(1, 70, Some(50), Some(1)), of(2, 0, Some(120), None)])
    };
    let lines = Memory::default().take(&sight, Instant::now(), &TIMES);
    assert_eq!(lags(&lines), [10, 30, 0]);
    let (evidence, remarks) = text(&cx, &sight, &lines);
    assert_eq!(shown(&evidence, "deleted_records"), "20");
    assert_eq!(shown(&evidence, "max_task_lag_records"), "30");
    // 40 by end offsets against 10, 40 against 30, 40 against -20.
    assert_eq!(shown(&evidence, "methods_differ_records"), "100");
    assert!(remarks.contains("deleted 20 records of `orders-1`"), "{remarks}");
    assert!(remarks.contains("behind the end of `orders-2`"), "{remarks}");
    assert!(remarks.contains("no task of the connector copies `orders-2`"), "{remarks}");
    assert_eq!(artifact(&cx, "lag-tasks.csv"), "task,partitions,lag\nnone,1,0\n0,1,10\n1,1,30\n");
}

#[test]
fn a_committed_offset_is_that_of_the_last_record() {
    let places: Places = serde_json::from_str(
        r#"{"offsets":[
            {"partition":{"cluster":"source","partition":1,"topic":"orders"},"offset":{"offset":3292}},
            {"partition":{"sourceClusterAlias":"x"},"offset":{"offset":0}}
        ]}"#,
    )
    .unwrap();
    assert_eq!(committed(&places), [(("orders".to_owned(), 1), 3293)].into());
}

#[tokio::test]
async fn what_is_not_said_is_asked_for() {
    let (_folder, mut cx) = context("clusters: {}");
    let error = action("lag", "{source: a, target: b, topics: []}").run(&cx).await.unwrap_err().error;
    assert!(error.to_string().contains("`topics` is empty"), "{error}");
    cx.sampling = true;
    let watch = action("lag", "{source: a, target: b, topics: [x], until_drained: 1s}");
    let error = watch.run(&cx).await.unwrap_err().error;
    assert!(error.to_string().contains("cannot wait"), "{error}");
}

#[tokio::test]
async fn the_age_of_the_oldest_record_that_waits_is_read_and_an_absent_copy_counts_whole() {
    use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
    let kafka = MockCluster::new(1).unwrap();
    kafka.create_topic("orders", 1, 1).unwrap();
    let producer: BaseProducer =
        rdkafka::ClientConfig::new().set("bootstrap.servers", kafka.bootstrap_servers()).create().unwrap();
    let written = jiff::Timestamp::now().as_millisecond() - 100_000;
    for n in 0..5 {
        let record =
            BaseRecord::<(), str>::to("orders").partition(0).payload("x").timestamp(written + n * 1000);
        producer.send(record).unwrap();
    }
    producer.flush(Duration::from_secs(10)).unwrap();
    let at = kafka.bootstrap_servers();
    let (_folder, cx) = context(&format!(
        "clusters: {{source: {{bootstrap_servers: '{at}'}}, target: {{bootstrap_servers: '{at}'}}}}"
    ));
    let params = "{source: source, target: target, topics: [orders]}";
    let evidence = action("lag", params).run(&cx).await.unwrap();
    keeps_its_promises("lag", &evidence);
    assert_eq!(["lag_records", "missing_partitions"].map(|n| shown(&evidence, n)), ["5", "1"]);
    let age = evidence.get("lag_s").and_then(crate::record::Value::as_f64).unwrap();
    assert!((100.0..110.0).contains(&age), "{age}");
    let remarks = evidence.remarks.join("\n");
    assert!(remarks.contains("`source.orders` not on cluster `target`"), "{remarks}");
    // The same name on both sides: nothing is behind, and a drain ends at once.
    let params = "{source: source, target: target, topics: [orders], prefix: '', until_drained: 5s}";
    let evidence = action("lag", params).run(&cx).await.unwrap();
    keeps_its_promises("lag", &evidence);
    assert_eq!(["lag_records", "lag_s", "drained"].map(|n| shown(&evidence, n)), ["0", "0 s", "yes"]);
}
