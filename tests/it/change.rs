//! `change(…)` in criteria: a load compared with that of the run before, on a cluster whose delay is known.

use crate::support::Project;
use rdkafka::{mocking::MockCluster, producer::DefaultProducerContext};
use std::time::Duration;

fn step(project: &Project, properties: &str) {
    project.step(
        1,
        &format!(
            "actions:\n  - produce: {{id: nominal, cluster: source, topic: load, rate: 200/s, duration: 12s, warm_up: 100, \
             record_size: 100, properties: {{{properties}}}}}\ncriteria:\n  - expect: change(nominal.latency_ms.p50) < 10\n    \
             first_run: pass\n    severity: warn\n  - expect: change(nominal.throughput.records_per_s) > -80\n    first_run: pass\n    \
             severity: warn"
        ),
    );
}

fn reasons(project: &Project) -> Vec<(String, String)> {
    let judged = |record: &serde_json::Value| {
        let judgement = &record["event"]["judgement"];
        let text = |key: &str| judgement[key].as_str().map(str::to_owned);
        Some((text("verdict")?, text("reason")?))
    };
    project.journal().iter().filter_map(judged).collect()
}

#[test]
fn a_slower_cluster_is_found_out_and_another_client_is_no_before_and_after() {
    let mock: MockCluster<'static, DefaultProducerContext> = MockCluster::new(1).unwrap();
    mock.create_topic("load", 1, 1).unwrap();
    mock.broker_round_trip_time(1, Duration::from_millis(40)).unwrap();
    let project = Project::new();
    let servers = mock.bootstrap_servers();
    project.file(
        "plan/environments/lab.yaml",
        &format!("name: lab\nclusters:\n  source: {{bootstrap_servers: \"{servers}\"}}\n"),
    );
    step(&project, "linger.ms: 0");
    project.jalon(&["run"]).exits(0);
    let first = reasons(&project);
    assert!(
        first.iter().all(|(verdict, why)| verdict == "pass" && why.contains("no earlier run")),
        "{first:?}"
    );

    mock.broker_round_trip_time(1, Duration::from_millis(120)).unwrap();
    let ran = project.jalon(&["run"]).exits(0).says(&["nominal.latency_ms.p50 changed by +"]);
    let second = reasons(&project);
    let [(p50, why), (rate, unchanged)] = second.as_slice() else { panic!("{second:?}") };
    assert!(p50 == "warn" && why.starts_with("does not hold; nominal.latency_ms.p50 changed by +"), "{why}");
    assert!(why.contains("; compared with run ") && !why.contains("no detectable"), "{why}");
    assert!(
        rate == "pass" && unchanged.starts_with("holds; nominal.throughput.records_per_s changed by "),
        "{unchanged}"
    );
    assert!(ran.stderr.contains("change(nominal.latency_ms.p50) < 10 · observed "), "{ran:?}");

    step(&project, "linger.ms: 1");
    // Warnings that cannot be judged stay warnings.
    project.jalon(&["run"]).exits(0).says(&["not judged"]);
    let third = reasons(&project);
    let told = "not the same load from the same client: client: linger.ms: 0 → 1";
    assert!(
        third.iter().all(|(v, why)| v == "warn" && why.contains("not judged") && why.contains(told)),
        "{third:?}"
    );
}
