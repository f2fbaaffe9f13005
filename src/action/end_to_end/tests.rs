//! Both halves against mock clusters.

use super::*;
use crate::{
    action::load_client::testing::{context, environment},
    load::MockCluster,
    record::Value,
};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

fn action(params: serde_json::Value) -> EndToEnd {
    let mut all = serde_json::json!({
        "cluster": "source", "topic": "t", "record_size": 100, "rate": "1000/s", "within": "10s"
    });
    for (key, value) in params.as_object().unwrap() {
        all[key] = value.clone();
    }
    serde_json::from_value(all).unwrap()
}

fn count(evidence: &Evidence, name: &str) -> f64 {
    evidence.get(name).unwrap().as_f64().unwrap_or(-1.0)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_record_of_this_run_is_timed_and_no_other_counts() {
    let mock = MockCluster::new(1).unwrap();
    mock.create_topic("t", 3, 1).unwrap();
    let servers = mock.bootstrap_servers();
    let root = tempfile::tempdir().unwrap();
    let (cx, _progress) = context(root.path(), environment(&[("source", &servers)]));
    // Those of an earlier run are there already and are not even read.
    action(serde_json::json!({"records": 500})).run(&cx).await.unwrap();
    let other = tokio::task::spawn_blocking(move || {
        std::thread::sleep(Duration::from_millis(700));
        let mut config = crate::load::ClientConfig::new();
        config.set("bootstrap.servers", servers);
        let producer: BaseProducer = config.create().unwrap();
        for _ in 0..7 {
            producer.send(BaseRecord::<str, str>::to("t").payload("of another program")).ok().unwrap();
        }
        producer.flush(Duration::from_secs(10)).unwrap();
    });
    let root = tempfile::tempdir().unwrap();
    let (cx, mut progress) = context(root.path(), environment(&[("source", &mock.bootstrap_servers())]));
    let evidence = action(serde_json::json!({"records": 2500, "warm_up": 100})).run(&cx).await.unwrap();
    other.await.unwrap();
    for output in EndToEnd::OUTPUTS {
        let value = evidence.get(output.name).unwrap_or_else(|| panic!("no {}", output.name));
        assert!(!matches!(value, Value::Missing(_)), "{}: {value}", output.name);
    }
    for (name, expected) in [
        ("records_sent", 2500.0),
        ("records_arrived", 2500.0),
        ("lost", 0.0),
        ("duplicated", 0.0),
        ("corrupt", 0.0),
        ("others", 7.0),
        ("errors", 0.0),
    ] {
        assert_eq!(count(&evidence, name), expected, "{name}: {evidence:?}");
    }
    assert_eq!(evidence.get("complete"), Some(&Value::Flag(true)));
    assert!(count(&evidence, "achieved_ratio") > 0.97, "{evidence:?}");
    // A record arrives after its send call, which comes after its intended time.
    assert!(
        count(&evidence, "latency_ms.avg") + 0.5 >= count(&evidence, "send_latency_ms.avg"),
        "{evidence:?}"
    );
    let windows = std::fs::read_to_string(root.path().join("s/1/a/windows.csv")).unwrap();
    let arrived: u64 =
        windows.lines().skip(1).map(|l| l.split(',').nth(4).unwrap().parse::<u64>().unwrap()).sum();
    let columns = windows.lines().next().unwrap().split(',').count();
    assert_eq!(arrived, 2500, "{windows}");
    assert!(windows.lines().all(|line| line.split(',').count() == columns), "{windows}");
    let last = std::iter::from_fn(|| progress.try_recv().ok()).last().unwrap();
    assert_eq!((last.done, last.total), (2600, Some(2600)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_a_round_trip_is_in_the_latency() {
    let mock = MockCluster::new(1).unwrap();
    mock.create_topic("t", 1, 1).unwrap();
    mock.broker_round_trip_time(1, Duration::from_millis(100)).unwrap();
    // At five a second no record waits for another, neither in the sender nor behind a fetch, of which the mock answers
    // each with one batch. So it is acknowledged after one round trip, and arrives with the next fetch: after one round
    // trip to two, and the 10 ms that a fetch may be held.
    let truth = |ack: f64, arrival: f64| (100.0..115.0).contains(&ack) && (100.0..250.0).contains(&arrival);
    let mut seen = Vec::new();
    // On a busy machine one of these may be later; that of three is not.
    while seen.len() < 3 && !seen.last().is_some_and(|(ack, arrival)| truth(*ack, *arrival)) {
        let root = tempfile::tempdir().unwrap();
        let (cx, _progress) = context(root.path(), environment(&[("source", &mock.bootstrap_servers())]));
        // The warm-up outlasts the start of the producer, whose first answers take several round trips.
        let action = action(serde_json::json!({
            "records": 20, "rate": "5/s", "warm_up": 10, "consumer": {"fetch.max.wait.ms": 10},
        }));
        let evidence = action.run(&cx).await.unwrap();
        for name in ["ack_latency_ms.p50", "latency_ms.p50", "send_latency_ms.p50"] {
            assert!(count(&evidence, name) >= 100.0, "{name}: {evidence:?}");
        }
        assert_eq!(count(&evidence, "lost"), 0.0);
        seen.push((count(&evidence, "ack_latency_ms.p50"), count(&evidence, "latency_ms.p50")));
    }
    assert!(seen.last().is_some_and(|(ack, arrival)| truth(*ack, *arrival)), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_never_comes_ends_with_what_is_missing() {
    let (source, target) = (MockCluster::new(1).unwrap(), MockCluster::new(1).unwrap());
    source.create_topic("t", 1, 1).unwrap();
    let root = tempfile::tempdir().unwrap();
    let clusters = [("source", source.bootstrap_servers()), ("target", target.bootstrap_servers())];
    let clusters: Vec<_> = clusters.iter().map(|(name, servers)| (*name, servers.as_str())).collect();
    let (cx, _progress) = context(root.path(), environment(&clusters));
    let copied = || action(serde_json::json!({"records": 300, "target": "target", "within": "1s"}));
    let failure = copied().run(&cx).await.unwrap_err();
    assert!(failure.error.to_string().contains("topic `source.t` not found"), "{}", failure.error);
    target.create_topic("source.t", 1, 1).unwrap();
    let evidence = copied().run(&cx).await.unwrap();
    assert_eq!((count(&evidence, "lost"), count(&evidence, "records_arrived")), (300.0, 0.0));
    assert_eq!(evidence.get("complete"), Some(&Value::Flag(false)));
    assert!(matches!(evidence.get("latency_ms.p99"), Some(Value::Missing(_))));
    assert!(evidence.remarks.iter().any(|r| r.starts_with("300 records had not arrived")), "{evidence:?}");
    let result = std::fs::read_to_string(root.path().join("s/1/a/end-to-end.json")).unwrap();
    let result: serde_json::Value = serde_json::from_str(&result).unwrap();
    assert_eq!(result["missing"], serde_json::json!([{"first": 0, "last": 299}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_ends_both_halves() {
    let mock = MockCluster::new(1).unwrap();
    mock.create_topic("t", 1, 1).unwrap();
    let root = tempfile::tempdir().unwrap();
    let (cx, mut progress) = context(root.path(), environment(&[("source", &mock.bootstrap_servers())]));
    let cancel = cx.cancel.clone();
    tokio::spawn(async move {
        while let Some(update) = progress.recv().await {
            // Some have come back, however busy the machine is.
            if update.done > 0 {
                tokio::time::sleep(Duration::from_secs(1)).await;
                cancel.cancel();
            }
        }
    });
    let start = std::time::Instant::now();
    let failure = action(serde_json::json!({"duration": "1h"})).run(&cx).await.unwrap_err();
    assert!(matches!(failure.error, ActionError::Cancelled), "{}", failure.error);
    assert!(count(&failure.evidence, "records_arrived") > 0.0);
    assert!(start.elapsed() < Duration::from_secs(60));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused_with_a_hint() {
    let mock = MockCluster::new(1).unwrap();
    mock.create_topic("t", 1, 1).unwrap();
    let root = tempfile::tempdir().unwrap();
    let (cx, _progress) = context(root.path(), environment(&[("source", &mock.bootstrap_servers())]));
    for (params, expected) in [
        (serde_json::json!({}), "no end"),
        (serde_json::json!({"records": 0}), "would do nothing"),
        (serde_json::json!({"records": 1, "record_size": 31}), "no room"),
        (serde_json::json!({"records": 1, "topic": "nowhere"}), "topic `nowhere` not found"),
        (serde_json::json!({"records": 1, "target": "nowhere"}), "defines no cluster `nowhere`"),
        (serde_json::json!({"records": 1, "consumer": {"acks": 1}}), "a property of producers"),
    ] {
        let failure = action(params.clone()).run(&cx).await.unwrap_err();
        let ActionError::Misconfigured { message, hint } = &failure.error else {
            panic!("{params}: {}", failure.error)
        };
        assert!(message.contains(expected) && !hint.is_empty(), "{params}: {message}; {hint}");
    }
}
