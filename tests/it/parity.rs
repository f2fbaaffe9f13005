//! `parity`, `connector` and `lag` on a real platform whose target, connector and topics are broken on purpose.

use crate::support::{
    Project,
    lab::{Lab, has_kafka},
};
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, AlterConfig, ResourceSpecifier},
    client::DefaultClientContext,
};
use std::fs;

/// A broker on each side and Connect.
const LAB: [&str; 5] = ["up", "--brokers=1", "--no-registry", "--no-prometheus", "--within=4m"];

/// Neither topics nor settings are looked at again while the test runs, so that what is broken stays so.
const MIRROR: &str = "mirror: 'source->target', role: source, config: {tasks.max: 2, topics: 'par\\..*', replication.factor: 1, \
    offset-syncs.topic.replication.factor: 1, refresh.topics.interval.seconds: 3600, sync.topic.configs.interval.seconds: 3600, \
    sync.topic.acls.enabled: false";

const LOOKS: &str = "  - parity: {id: parity, source: source, target: target, connector: par-source}
  - connector: {id: look, name: par-source}
";

fn whole() -> String {
    format!(
        "actions:
  - topic: {{id: a, cluster: source, name: par.a, partitions: 2, replication_factor: 1, config: {{retention.ms: 604800000}}}}
  - topic: {{id: b, cluster: source, name: par.b, partitions: 1, replication_factor: 1}}
  - connector: {{id: made, name: par-source, state: running, within: 120s, {MIRROR}}}}}
  - produce: {{id: load, cluster: source, topic: par.a, records: 400, record_size: 100 B, rate: 2000/s}}
  - lag: {{id: drain, source: source, target: target, topics: [par.a, par.b], connector: par-source, until_drained: 60s}}
{LOOKS}criteria:
  - expect: made.settings_changed > 5 && made.settings_differ == 0
  - expect: drain.drained && drain.lag_records == 0 && drain.lag_s == 0 && drain.missing_partitions == 0
  - expect: parity.topics == 2 && parity.differences == 0 && parity.config_sync && parity.configs_compared > 40
  - expect: look.tasks_expected == 2 && look.tasks_running == 2
  - expect: look.partitions_expected == 3 && look.partitions_assigned == 3 && look.partitions_unassigned == 0
  - expect: look.overlapping == 0 && !look.exactly_once"
    )
}

/// The test has deleted a topic of the target and changed the settings of another.
fn broken() -> String {
    format!(
        "watch:
  - lag: {{id: watch, source: source, target: target, topics: [par.a], stalled_after: 3s, every: 1s}}
actions:
  - topic: {{id: more, cluster: source, name: par.a, partitions: 4, grow: true}}
  - topic: {{id: gone, cluster: target, name: source.par.b, ensure: absent}}
  - produce: {{id: load, cluster: source, topic: par.a, records: 2000, record_size: 100 B, rate: 250/s}}
{LOOKS}criteria:
  - expect: parity.topics_missing == 1 && parity.partitions_differ == 1
  - expect: parity.configs_differ == 1
  - expect: look.partitions_unassigned == 2 && look.tasks_running == look.tasks_expected
  - expect: watch.missing_partitions.max == 2 && watch.stalled_partitions.max == 2
  - expect: watch.lag_records.last > 100 && watch.lag_s.max > 4"
    )
}

fn unsynced() -> String {
    format!(
        "actions:
  - connector: {{id: changed, name: par-source, state: running, within: 120s, {MIRROR}, sync.topic.configs.enabled: false}}}}
{LOOKS}criteria:
  - expect: changed.settings_changed == 1 && changed.settings_differ == 0
  - expect: '!parity.config_sync && parity.configs_expected >= 1 && parity.configs_differ == 0'"
    )
}

const OFFSETS: &str = "actions:
  - connector: {id: stopped, name: par-source, state: stopped, within: 60s, offsets: {alter: [{partition: {cluster: source, topic: par.a, partition: 0}, offset: {offset: 1}}]}}
  - connector: {id: again, name: par-source, state: stopped, within: 60s, offsets: {reset: true}}
criteria:
  - expect: stopped.offsets_changed == 1 && again.offsets_changed >= 2 && again.state == 'STOPPED'";

const PAUSED: &str = "actions:
  - connector: {id: born, name: par-paused, state: paused, within: 60s, mirror: 'source->target', role: heartbeat, config: {tasks.max: 1, heartbeats.topic.replication.factor: 1}}
  - connector: {id: away, name: par-paused, state: absent}
criteria:
  - expect: born.state == 'PAUSED' && born.tasks_running == 0";

fn invalid() -> String {
    format!(
        "actions:
  - connector: {{id: wrong, name: par-source, state: running, within: 30s, {MIRROR}, emit.heartbeats.interval.seconds: often, refresh.groups.interval.seconds: seldom}}}}
criteria:
  - expect: wrong.tasks_failed == 0"
    )
}

const NO_PLUGIN: &str = "actions:
  - connector: {id: wrong, name: par-nobody, state: running, within: 30s, config: {connector.class: org.x.MirrorSourceConnector, tasks.max: 1}}
criteria:
  - expect: wrong.tasks_failed == 0";

fn task_failed() -> String {
    format!(
        "actions:
  - connector: {{id: failing, name: par-source, state: running, within: 60s, {MIRROR}, consumer.max.poll.records: many}}}}
criteria:
  - expect: failing.tasks_failed == 0"
    )
}

/// Has the topic of the target delete after a day.
fn retention_of_a_day(environment: &str) {
    let environment: jalon::clients::Environment = serde_yaml::from_str(environment).unwrap();
    let client: AdminClient<DefaultClientContext> = ClientConfig::new()
        .set("bootstrap.servers", &environment.clusters["target"].bootstrap_servers)
        .create()
        .unwrap();
    let change = AlterConfig::new(ResourceSpecifier::Topic("source.par.a")).set("retention.ms", "86400000");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(client.alter_configs([&change], &AdminOptions::new())).unwrap();
    assert!(answer.iter().all(Result::is_ok), "{answer:?}");
}

#[test]
fn what_is_broken_on_purpose_is_noticed_by_parity_connector_and_lag() {
    if !has_kafka("what_is_broken_on_purpose_is_noticed_by_parity_connector_and_lag") {
        return;
    }
    let lab = Lab::new();
    let base = format!("--port-base={}", lab.base);
    lab.lab(&[&LAB[..], &[base.as_str()]].concat()).exits(0);
    let environment = lab.lab(&["environment"]).exits(0).stdout;
    let run = |step: &str| {
        let project = Project::new();
        project.file("plan/environments/lab.yaml", &environment).step(0, step);
        let ran = project.jalon(&["run"]);
        (project, ran)
    };
    let (_project, ran) = run(&whole());
    ran.exits(0);
    retention_of_a_day(&environment);
    let (project, ran) = run(&broken());
    ran.exits(0);
    let table = fs::read_to_string(project.run_dir().join("00/1/parity/parity.csv")).unwrap();
    assert!(table.contains("the target deletes after 1 day, the source after 7 days"), "{table}");
    let journal = fs::read_to_string(project.run_dir().join("journal.jsonl")).unwrap();
    assert!(
        journal.contains("nothing is copied of `par.a-2`, `par.a-3` although the source grows"),
        "{journal}"
    );
    let (_project, ran) = run(&unsynced());
    ran.exits(0);
    let (project, ran) = run(OFFSETS);
    ran.exits(0);
    let before = fs::read_to_string(project.run_dir().join("00/1/stopped/offsets-before.json")).unwrap();
    assert!(before.contains("par.a"), "{before}");
    let (_project, ran) = run(PAUSED);
    ran.exits(0);
    let (_project, ran) = run(&invalid());
    let words = format!("{}{}", ran.stdout, ran.stderr);
    assert!(
        words.contains("emit.heartbeats.interval.seconds") || words.contains("refresh.groups"),
        "{words}"
    );
    let (_project, ran) = run(NO_PLUGIN);
    let words = format!("{}{}", ran.stdout, ran.stderr);
    assert!(words.contains("no plugin of the worker has the class `org.x.MirrorSourceConnector`"), "{words}");
    let (_project, ran) = run(&task_failed());
    let words = format!("{}{}", ran.stdout, ran.stderr);
    assert!(words.contains("task 0 failed") || words.contains("task 1 failed"), "{words}");
}
