//! Statuses as agents of Kafka 3.7.2 told them, and figures whose truth is known by arithmetic.

use super::*;
use crate::clients::trogdor::Task;

fn produce(params: &str) -> Produce {
    let all = format!("{{cluster: s, topic: t, record_size: 100, driver: trogdor, {params}}}");
    serde_yaml::from_str(&all).unwrap()
}

fn refusal(params: &str) -> String {
    match produce(params).trogdor_load().unwrap_err() {
        ActionError::Misconfigured { message, hint } => format!("{message}; {hint}"),
        other => panic!("{params}: {other}"),
    }
}

#[test]
fn what_trogdor_cannot_do_is_refused_with_the_reason() {
    for (params, expected) in [
        ("rate: 1000/s", "no end"),
        ("records: 0, rate: 1000/s", "would do nothing"),
        ("records: 9, rate: 1005/s", "steps of 10 records/s, and cannot send 1005 records/s; ask for 1010/s"),
        ("records: 9, rate: 4/s", "ask for 10/s"),
        ("records: 9, rate: 1000/s, warm_up: 5", "no warm-up"),
        ("records: 9, rate: 1000/s, clients: 2", "its agents"),
        ("records: 9, rate: 1000/s, catch_up: true", "does not catch up"),
        ("records: 9, rate: {burst: {records: 500, every: 1s}}", "one rate for the whole load"),
        ("records: 9, rate: 1000/s, sequence: true", "does not stamp"),
        ("records: 9, rate: 1000/s, keys: sequential", "keys"),
        ("records: 9, rate: 1000/s, payload: letters", "random bytes or zeros"),
        ("records: 9, rate: 1000/s, headers: {a: b}", "no headers"),
    ] {
        let refusal = refusal(params);
        assert!(refusal.contains(expected), "{params}: {refusal}");
    }
    let load = |params| produce(params).trogdor_load().unwrap();
    assert_eq!(load("duration: 3s, rate: 1000/s").records, Some(3000), "it ends by itself");
    assert_eq!(load("duration: 3s, rate: 1000/s, records: 10").records, Some(10));
    let unlimited = load("duration: 3s, rate: unlimited");
    assert_eq!((unlimited.records, unlimited.rate), (None, None));
    assert_eq!(unlimited.duration, Some(Duration::from_secs(3)));
    assert_eq!(load("records: 9, rate: 10000 KB/s").rate, Some(102_400), "bytes by the size of a record");
}

/// What became of agents that told these statuses.
fn outcomes(statuses: &[(&str, Json)]) -> (BTreeMap<String, Json>, Outcomes) {
    let specs = statuses.iter().map(|(agent, _)| ((*agent).to_owned(), json!({}))).collect();
    let outcomes = statuses
        .iter()
        .map(|(agent, status)| {
            let task =
                json!({"state": "DONE", "startedMs": 1, "doneMs": 2, "cancelled": false, "status": status});
            let raw = task.to_string().into_bytes();
            ((*agent).to_owned(), (serde_json::from_value::<Task>(task).unwrap(), raw))
        })
        .collect();
    (specs, outcomes)
}

fn told(sent: u64, avg: f64, p50: u32, p95: u32, p99: u32) -> Json {
    json!({"totalSent": sent, "averageLatencyMs": avg, "p50LatencyMs": p50, "p95LatencyMs": p95, "p99LatencyMs": p99,
        "transactionsCommitted": 0})
}

/// 20,000 records at 1000/s, seen every half second.
fn growth() -> Growth {
    let mut growth = Growth::from(500);
    for i in 0..=42_u64 {
        growth.see(Duration::from_millis(i * 500), 500 + (i * 500).min(20_000));
    }
    growth
}

fn load() -> Load {
    Load { records: Some(20_000), duration: None, rate: Some(1000), size: 1024, zeros: false }
}

fn figures(statuses: &[(&str, Json)], grown: Option<u64>) -> Evidence {
    let (specs, outcomes) = outcomes(statuses);
    evidence(&load(), &specs, &outcomes, grown, &growth())
}

fn number(evidence: &Evidence, name: &str) -> f64 {
    evidence.get(name).unwrap().as_f64().unwrap_or_else(|| panic!("{name}: {}", evidence.get(name).unwrap()))
}

fn missing(evidence: &Evidence, name: &str) -> String {
    match evidence.get(name).unwrap() {
        Value::Missing(why) => why.to_string(),
        other => panic!("{name}: {other}"),
    }
}

#[test]
fn counts_add_up_averages_are_weighted_and_percentiles_are_an_upper_bound() {
    let evidence =
        figures(&[("a", told(15_000, 10.0, 8, 20, 40)), ("b", told(5000, 30.0, 12, 18, 90))], Some(20_000));
    assert_eq!(number(&evidence, "records_sent"), 20_000.0);
    assert_eq!(number(&evidence, "records_failed"), 0.0);
    assert_eq!(number(&evidence, "send_latency_ms.avg"), 15.0);
    assert_eq!(number(&evidence, "send_latency_ms.p50"), 12.0);
    assert_eq!(number(&evidence, "send_latency_ms.p95"), 20.0);
    assert_eq!(number(&evidence, "send_latency_ms.p99"), 90.0);
    assert!((number(&evidence, "throughput.records_per_s") - 1000.0).abs() < 1e-9);
    assert!((number(&evidence, "achieved_ratio") - 1.0).abs() < 1e-9);
    assert!(evidence.remarks.iter().any(|r| r.contains("does not exceed")), "{:?}", evidence.remarks);
    for name in ["send_latency_ms.max", "send_latency_ms.p999", "latency_ms.p99", "saturated", "backlog_max"]
    {
        assert!(missing(&evidence, name).contains("Trogdor"), "{name}");
    }
    for output in Produce::OUTPUTS {
        assert!(evidence.get(output.name).is_some(), "no {}", output.name);
    }
}

#[test]
fn what_one_agent_told_is_taken_as_it_is() {
    // As recorded: 10,000 records at 1000/s.
    let evidence = figures(&[("node0", told(10_000, 12.1922, 10, 22, 71))], Some(10_000));
    assert_eq!(number(&evidence, "send_latency_ms.avg"), 12.1922);
    assert_eq!(number(&evidence, "send_latency_ms.p99"), 71.0);
    assert!(!evidence.remarks.iter().any(|r| r.contains("merged")), "{:?}", evidence.remarks);
}

#[test]
fn what_failed_is_told_from_what_arrived_by_the_topic() {
    let agents = [("a", told(10_000, 12.0, 10, 22, 71))];
    let lost = figures(&agents, Some(9_954));
    assert_eq!((number(&lost, "records_sent"), number(&lost, "records_failed")), (9954.0, 46.0));
    assert_eq!(number(&lost, "errors"), 46.0);
    let strange = figures(&agents, Some(10_001));
    assert!(missing(&strange, "records_sent").contains("someone else wrote"));
    let blind = figures(&agents, None);
    assert!(missing(&blind, "records_failed").contains("end offsets"));
}

#[test]
fn figures_that_are_none_are_missing() {
    let clipped = figures(&[("a", told(10_000, 4000.0, 10, 22, 10_000))], Some(10_000));
    assert!(missing(&clipped, "send_latency_ms.p99").contains("10 s or more"));
    assert!(missing(&clipped, "send_latency_ms.avg").contains("count as 10 s"));
    assert_eq!(number(&clipped, "send_latency_ms.p95"), 22.0);
    // The record of rank floor(50 × 0.99) is there; of one record that of rank 0 is asked, and told as 0 ms.
    let single = figures(&[("a", told(1, 9.0, 0, 0, 0))], Some(1));
    assert!(missing(&single, "send_latency_ms.p99").contains("too few"));
    let none = figures(&[("a", told(0, 0.0, 0, 0, 0))], Some(0));
    assert!(missing(&none, "send_latency_ms.p50").contains("no record"));
    // It was stopped in its first 30 s, or its agent was lost.
    let silent = figures(&[("a", json!("Created 1 topic(s)")), ("b", told(10, 1.0, 1, 1, 1))], Some(20));
    assert!(missing(&silent, "send_latency_ms.avg").contains("reported no figures"));
    assert!(missing(&silent, "records_sent").contains("reported no figures"));
    assert!(silent.remarks.iter().any(|r| r == "the topic grew by 20 records"), "{:?}", silent.remarks);
}
