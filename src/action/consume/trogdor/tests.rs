//! Statuses as agents of Kafka 3.7.2 told them, and shares whose truth is known by arithmetic.

use super::*;
use crate::clients::trogdor::Task;

fn consume(params: &str) -> Consume {
    serde_yaml::from_str(&format!("{{cluster: s, topic: t, driver: trogdor, {params}}}")).unwrap()
}

#[test]
fn what_trogdor_cannot_do_is_refused_with_the_reason() {
    for (params, expected) in [
        ("from: earliest", "loses the figures"),
        ("records: 0", "would do nothing"),
        ("records: 9, from: latest", "already"),
        ("records: 9, members: 3", "no group"),
        ("records: 9, idle_timeout: 1s", "5s or more"),
        ("records: 9, properties: {enable.auto.commit: false}", "commit"),
    ] {
        let ActionError::Misconfigured { message, hint } = consume(params).trogdor_load().unwrap_err() else {
            panic!("{params}")
        };
        assert!(format!("{message}; {hint}").contains(expected), "{params}: {message}; {hint}");
    }
    assert_eq!(consume("records: 9").trogdor_load().unwrap().records, 9);
}

fn part(partition: i32, unread: u64) -> Part {
    Part { partition, start: 100, unread }
}

#[test]
fn every_agent_is_given_records_that_are_in_its_partitions() {
    let agents = ["a", "b"].map(str::to_owned);
    let parts = vec![part(0, 3527), part(1, 5270), part(2, 4504), part(3, 0)];
    for records in [1, 2, 7, 9_999, 13_301] {
        let shares = shares(records, parts.clone(), &agents).unwrap();
        assert_eq!(shares.values().map(|share| share.records).sum::<u64>(), records);
        for share in shares.values() {
            let unread: u64 = share.parts.iter().map(|part| part.unread).sum();
            assert!(share.records > 0 && share.records <= unread, "{shares:?}");
            assert!(share.parts.iter().all(|part| part.unread > 0));
        }
    }
    assert_eq!(shares(13_302, parts, &agents), Err(13_301));
    assert_eq!(shares(5, vec![part(0, 5)], &agents).unwrap().len(), 1, "one partition, one agent");
}

fn figures(statuses: &[(&str, Json)]) -> Evidence {
    let specs = statuses.iter().map(|(agent, _)| ((*agent).to_owned(), json!({}))).collect();
    let outcomes = statuses
        .iter()
        .map(|(agent, status)| {
            let task =
                json!({"state": "DONE", "startedMs": 1, "doneMs": 2, "cancelled": true, "status": status});
            let raw = task.to_string().into_bytes();
            ((*agent).to_owned(), (serde_json::from_value::<Task>(task).unwrap(), raw))
        })
        .collect();
    let mut growth = Growth::from(0);
    for s in 0..=20_u64 {
        growth.see(Duration::from_secs(s), (s * 1000).min(20_000));
    }
    evidence(&specs, &outcomes, &growth)
}

/// As recorded, of an agent that read two topics.
fn recorded(consumer: &str) -> Json {
    json!({consumer: {"assignedPartitions": ["trog1-2", "trog2-2"], "totalMessagesReceived": 10_000,
        "totalBytesReceived": 5_160_000, "averageMessageSizeBytes": 516, "averageLatencyMs": 10.25,
        "p50LatencyMs": 2, "p95LatencyMs": 8, "p99LatencyMs": 159}})
}

#[test]
fn what_the_agents_read_adds_up_and_the_time_between_batches_is_no_latency() {
    let evidence = figures(&[("a", recorded("consumer.x-0")), ("b", recorded("consumer.y-0"))]);
    assert_eq!(evidence.get("records"), Some(&Value::count(20_000)));
    let rate = evidence.get("throughput.records_per_s").unwrap().as_f64().unwrap();
    let mb = evidence.get("throughput.mb_per_s").unwrap().as_f64().unwrap();
    assert!((rate - 1000.0).abs() < 1e-9 && (mb - 516_000.0 / 1_048_576.0).abs() < 1e-9, "{rate} {mb}");
    assert!(
        matches!(evidence.get("end_to_end_ms.p99"), Some(Value::Missing(why)) if why.contains("batches"))
    );
    for output in Consume::OUTPUTS {
        assert!(evidence.get(output.name).is_some(), "no {}", output.name);
    }
}

#[test]
fn the_figures_of_a_consumer_that_was_stopped_early_are_missing() {
    let evidence = figures(&[("a", recorded("consumer.x-0")), ("b", Json::Null)]);
    assert!(matches!(evidence.get("records"), Some(Value::Missing(why)) if why.contains("loses them")));
    assert!(matches!(evidence.get("throughput.mb_per_s"), Some(Value::Missing(_))));
    assert!(evidence.remarks.iter().any(|r| r.contains("committed offsets cover 20000")), "{evidence:?}");
}
