//! A search on a cluster whose limit is known by arithmetic.

use super::*;
use crate::{
    action::load_client::testing::{context, environment},
    load::MockCluster,
    record::Value,
};

fn capacity(params: serde_json::Value) -> Capacity {
    let mut all = serde_json::json!({
        "cluster": "source", "topic": "load", "record_size": 100, "for": "1s", "warm_up": "2s", "pause": "0.1s",
        "holds": "errors == 0 && latency_ms.p99 < 500", "from": "50/s", "precision": "10 %", "confirmations": 1,
    });
    for (key, value) in params.as_object().unwrap() {
        all[key] = value.clone();
    }
    serde_json::from_value(all).unwrap()
}

fn number(evidence: &Evidence, name: &str) -> f64 {
    let value = evidence.get(name).unwrap_or_else(|| panic!("no `{name}`"));
    value.as_f64().unwrap_or_else(|| panic!("`{name}`: {value}"))
}

fn keeps_its_promises(evidence: &Evidence) {
    for output in Capacity::OUTPUTS {
        assert!(evidence.get(output.name).is_some(), "no `{}`", output.name);
    }
}

fn why(evidence: &Evidence, name: &str) -> String {
    match evidence.get(name) {
        Some(Value::Missing(why)) => why.to_string(),
        other => panic!("`{name}`: {other:?}"),
    }
}

#[test]
fn a_driver_that_cannot_see_what_waits_is_refused_with_the_reason() {
    let clusters = environment(&[("source", "127.0.0.1:1")]);
    for driver in ["kafka-tools", "trogdor"] {
        let mistakes = capacity(serde_json::json!({"driver": driver})).mistakes(&clusters);
        let found = mistakes.iter().find(|m| m.path == ["driver"]).unwrap_or_else(|| panic!("{mistakes:?}"));
        assert!(
            found.message.contains("from the send call") && found.hint.contains("`produce`"),
            "{found:?}"
        );
    }
    let native = capacity(serde_json::json!({"driver": "native"})).mistakes(&clusters);
    assert!(native.iter().all(|m| m.path != ["driver"]), "{native:?}");
}

/// One request at a time, ten records in each, 50 ms until it is answered: 200 records a second and no more.
#[tokio::test(flavor = "multi_thread")]
async fn the_limit_of_one_request_at_a_time_is_found() {
    let mock = MockCluster::new(1).unwrap();
    mock.create_topic("load", 1, 1).unwrap();
    mock.broker_round_trip_time(1, Duration::from_millis(50)).unwrap();
    let root = tempfile::tempdir().unwrap();
    let (cx, mut progress) = context(root.path(), environment(&[("source", &mock.bootstrap_servers())]));
    let properties = serde_json::json!({
        "max.in.flight.requests.per.connection": 1, "batch.num.messages": 10, "linger.ms": 0,
        "enable.idempotence": false,
    });
    let evidence = capacity(serde_json::json!({"properties": properties})).run(&cx).await.unwrap();
    keeps_its_promises(&evidence);
    let (rate, upper) = (number(&evidence, "rate.records_per_s"), number(&evidence, "upper.records_per_s"));
    let limited_by = evidence.get("limited_by").unwrap().to_string();
    // A machine that is busy with other work limits the load before the broker does, and the search says so.
    let least = if limited_by.contains("generator itself") { 50.0 } else { 140.0 };
    assert!((least..=210.0).contains(&rate) && rate < upper && upper < 300.0, "{rate} {upper} {evidence:?}");
    assert_eq!(evidence.get("confirmed"), Some(&Value::Flag(true)));
    assert_eq!(evidence.get("at_least"), Some(&Value::Flag(false)));
    assert!((number(&evidence, "rate.mb_per_s") - rate * 100.0 / 1_048_576.0).abs() < 1e-6);
    assert!(number(&evidence, "latency_ms.p50") > 40.0, "{evidence:?}");
    assert!(limited_by.contains("not reached") || limited_by.contains("latency_ms.p99"), "{limited_by}");

    let probes = number(&evidence, "probes") as usize;
    let csv = std::fs::read_to_string(root.path().join("s/1/a/probes.csv")).unwrap();
    assert_eq!(csv.lines().count(), probes + 1, "{csv}");
    let stored: Vec<String> = cx.artifacts.take_stored().into_iter().map(|a| a.path).collect();
    for kept in ["windows.csv", "latency.hlog", "settings.json"] {
        let of_kind = stored.iter().filter(|path| path.ends_with(&format!("/{kept}"))).count();
        assert_eq!(of_kind, probes, "{kept}: {stored:?}");
    }
    assert!(stored.contains(&"s/1/a/probes.csv".to_owned()), "{stored:?}");
    let from = &evidence.values[&"latency_ms.p99".into()].from;
    let from = from.as_ref().unwrap();
    assert!(stored.contains(&format!("s/1/a/{from}")), "{from} of {stored:?}");
    let said = std::iter::from_fn(|| progress.try_recv().ok()).map(|update| update.message);
    assert!(said.into_iter().any(|message| message.starts_with("probe 1 at 50/s held")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_outside_the_bounds_is_said_and_no_number_is_made_up() {
    let mock = MockCluster::new(1).unwrap();
    mock.create_topic("load", 1, 1).unwrap();
    mock.broker_round_trip_time(1, Duration::from_millis(50)).unwrap();
    let root = tempfile::tempdir().unwrap();
    let (cx, _progress) = context(root.path(), environment(&[("source", &mock.bootstrap_servers())]));
    let too_strict = serde_json::json!({"holds": "latency_ms.p99 < 20"});
    let evidence = capacity(too_strict).run(&cx).await.unwrap();
    keeps_its_promises(&evidence);
    assert_eq!(
        why(&evidence, "rate.records_per_s"),
        "not even 50 records/s, the lowest rate of interest, held"
    );
    assert_eq!(number(&evidence, "upper.records_per_s"), 50.0);
    let limited_by = evidence.get("limited_by").unwrap().to_string();
    assert!(limited_by.starts_with("`latency_ms.p99` was "), "{limited_by}");
    assert!(limited_by.ends_with(" ms, limit 20"), "{limited_by}");
    assert_eq!(number(&evidence, "probes"), 2.0, "it was tried twice");

    // A producer that starts takes many round trips: what that delays must be over before the measured load.
    let lowest = serde_json::json!({"from": "10/s", "to": "20/s", "for": "3s"});
    let evidence = capacity(lowest).run(&cx).await.unwrap();
    keeps_its_promises(&evidence);
    assert_eq!(evidence.get("at_least"), Some(&Value::Flag(true)), "{evidence:#?}");
    assert_eq!(number(&evidence, "rate.records_per_s"), 20.0);
    assert_eq!(why(&evidence, "upper.records_per_s"), "every rate that was tried held");
    assert!(evidence.remarks.iter().any(|r| r.contains("the limit is at least that")), "{evidence:?}");

    let evidence = capacity(serde_json::json!({"within": "1s", "warm_up": "3s"})).run(&cx).await.unwrap();
    assert!(why(&evidence, "rate.records_per_s").contains("the time for the search (1 s) was over"));
    assert_eq!(number(&evidence, "lower.records_per_s"), 50.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_keeps_what_was_found_until_then() {
    let mock = MockCluster::new(1).unwrap();
    mock.create_topic("load", 1, 1).unwrap();
    let root = tempfile::tempdir().unwrap();
    let (cx, mut progress) = context(root.path(), environment(&[("source", &mock.bootstrap_servers())]));
    let cancel = cx.cancel.clone();
    tokio::spawn(async move {
        while let Some(update) = progress.recv().await {
            if update.message.starts_with("probe 2 at 100/s: ") {
                cancel.cancel();
            }
        }
    });
    let failure = capacity(serde_json::json!({"for": "2s", "warm_up": 0})).run(&cx).await.unwrap_err();
    assert!(matches!(failure.error, ActionError::Cancelled), "{}", failure.error);
    let evidence = failure.evidence;
    assert_eq!(number(&evidence, "lower.records_per_s"), 50.0);
    assert!(why(&evidence, "rate.records_per_s").contains("was stopped before it was confirmed"));
    assert!(evidence.remarks.iter().any(|r| r.contains("probe 2, 100/s, was not finished")), "{evidence:?}");
    let stored: Vec<String> = cx.artifacts.take_stored().into_iter().map(|a| a.path).collect();
    assert!(stored.contains(&"s/1/a/probe-02/windows.csv".to_owned()), "{stored:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused_before_anything_is_sent() {
    let mock = MockCluster::new(1).unwrap();
    mock.create_topic("load", 1, 1).unwrap();
    let root = tempfile::tempdir().unwrap();
    let environment = environment(&[("source", &mock.bootstrap_servers())]);
    let (cx, _progress) = context(root.path(), environment.clone());
    for (params, path, expected) in [
        (serde_json::json!({"holds": "p99 < 100"}), "holds", "`p99` is not an output"),
        (serde_json::json!({"from": "2000/s", "to": "1000/s"}), "", "below `from`"),
        (serde_json::json!({"from": "1/h"}), "", "less than one record"),
        (serde_json::json!({"precision": 0}), "", "a precision of 0 %"),
        (serde_json::json!({"for": "0.5s"}), "", "less than a second"),
        (serde_json::json!({"from": "1 MB/s", "record_size": null}), "", "size of the records"),
    ] {
        let action = capacity(params.clone());
        let mistakes = action.mistakes(&environment);
        assert_eq!(mistakes.len(), 1, "{params}: {mistakes:?}");
        assert_eq!(mistakes[0].path.join("."), path, "{params}");
        assert!(mistakes[0].message.contains(expected), "{params}: {mistakes:?}");
        let failure = action.run(&cx).await.unwrap_err();
        assert!(failure.error.to_string().contains(expected), "{params}: {}", failure.error);
    }
    let failure = capacity(serde_json::json!({"topic": "nowhere"})).run(&cx).await.unwrap_err();
    assert!(failure.error.to_string().contains("topic `nowhere` not found"), "{}", failure.error);
    let big = capacity(serde_json::json!({"record_size": "2 MiB"})).mistakes(&environment);
    assert_eq!(big[0].path, ["record_size"]);
    assert!(
        capacity(serde_json::json!({"holds": "latency_ms.p99 < {{ slo.x }}"}))
            .mistakes(&environment)
            .is_empty()
    );
    let length = capacity(serde_json::json!({"to": "800/s", "confirmations": 2, "precision": "5 %"}));
    assert_eq!(length.expected(), Some(Duration::from_millis(3100) * 16));
}
