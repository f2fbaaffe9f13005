//! The comparison on canned topologies and settings, and the kind against clusters and a Connect that answer.

use super::{super::test_context::*, *};
use crate::{
    clients::kafka::{Acl, Broker, Origin, Partition, Setting, Topic, Topology},
    load::MockCluster,
    record::Value,
};
use flow::Flows;
use item::{Verdict, What};
use serde_json::json;
use topics::Pair;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

fn topology(brokers: i32, topics: &[(&str, usize, i32)]) -> Topology {
    let partition = |id: usize, replicas: i32| Partition {
        id: i32::try_from(id).unwrap(),
        leader: Some(1),
        replicas: (1..=replicas).collect(),
        isr: (1..=replicas).collect(),
    };
    Topology {
        brokers: (1..=brokers).map(|id| Broker { id, host: "h".to_owned(), port: 1 }).collect(),
        cluster_id: None,
        controller: None,
        topics: topics
            .iter()
            .map(|(name, partitions, replicas)| Topic {
                name: (*name).to_owned(),
                error: None,
                partitions: (0..*partitions).map(|id| partition(id, *replicas)).collect(),
            })
            .collect(),
        took: Duration::ZERO,
    }
}

fn setting(name: &str, value: &str, source: Origin) -> Setting {
    Setting { name: name.to_owned(), value: Some(value.to_owned()), source, sensitive: false }
}

fn pair() -> Pair {
    Pair { source: "orders".to_owned(), target: "source.orders".to_owned() }
}

/// The verdict of one setting that differs.
fn verdict(flows: &Flows, name: &str, here: (&str, Origin), there: (&str, Origin)) -> (Verdict, String) {
    let mut items = Items::default();
    let (own, copy) = ([setting(name, here.0, here.1)], [setting(name, there.0, there.1)]);
    configs::topic(flows, &pair(), &own, &copy, &mut items);
    let item = &items.found()[0];
    (item.verdict, item.consequence.to_string())
}

#[test]
fn topics_partitions_and_replicas_are_compared() {
    let flows = Flows::of(&[("topics", "orders.*,new")]);
    let here =
        topology(3, &[("orders", 3, 3), ("orders.b", 2, 3), ("new", 1, 1), ("other", 1, 1), ("__x", 1, 1)]);
    let there = topology(
        3,
        &[("source.orders", 2, 3), ("source.orders.b", 2, 1), ("source.orders.gone", 1, 1), ("own", 1, 1)],
    );
    let mut items = Items::default();
    let pairs = topics::compare(&flows, &here, &there, &mut items);
    assert_eq!(pairs.len(), 2);
    let evidence = evidence::evidence(&items, &flows, &Unread::default());
    for (name, count) in [
        ("topics", "3"),
        ("topics_missing", "1"),
        ("topics_uncovered", "1"),
        ("topics_orphaned", "1"),
        ("partitions_differ", "1"),
        ("replication_factor_differs", "1"),
        ("differences", "5"),
    ] {
        assert_eq!(shown(&evidence, name), count, "{name}");
    }
    let remarks = evidence.remarks.join("\n");
    assert!(remarks.contains("records of the partitions above are not copied"), "{remarks}");
    assert!(remarks.contains("the flow's `replication.factor` is 2"), "{remarks}");
}

#[test]
fn fewer_replicas_are_expected_where_the_target_has_no_more_brokers() {
    let flows = Flows::of(&[]);
    let mut items = Items::default();
    let (here, there) = (topology(3, &[("orders", 1, 3)]), topology(1, &[("source.orders", 1, 1)]));
    topics::compare(&flows, &here, &there, &mut items);
    assert_eq!(items.count(What::ReplicationFactor, Verdict::Expected), 1);
}

#[test]
fn a_setting_differs_unless_the_flow_makes_it_so() {
    use Origin::{Default, DynamicTopic, StaticBroker};
    use Verdict::{Differs, Expected};
    let flows = Flows::of(&[]);
    let week = ("604800000", DynamicTopic);
    let day = ("86400000", DynamicTopic);
    for (name, here, there, expected, words) in [
        ("retention.ms", week, day, Differs, "the target deletes after 1 day, the source after 7 days"),
        ("retention.ms", ("604800000", Default), day, Differs, "set on the target's topic only"),
        (
            "retention.ms",
            ("604800000", Default),
            ("86400000", StaticBroker),
            Expected,
            "use.defaults.from: target",
        ),
        ("retention.ms", ("604800000", StaticBroker), ("86400000", Default), Expected, "server.properties"),
        ("min.insync.replicas", ("2", DynamicTopic), ("1", Default), Expected, "config.properties.exclude"),
        ("segment.bytes", ("1", DynamicTopic), ("2", Default), Expected, "ignored by the step"),
    ] {
        let (verdict, said) = verdict(&flows, name, here, there);
        assert_eq!(verdict, expected, "{name}: {said}");
        assert!(said.contains(words), "{said}");
    }
    let off = Flows::of(&[("sync.topic.configs.enabled", "false")]);
    assert_eq!(verdict(&off, "retention.ms", week, day).0, Expected);
    let from_source = Flows::of(&[("use.defaults.from", "source")]);
    let (here, there) = (("604800000", Default), ("86400000", Default));
    assert_eq!(verdict(&from_source, "retention.ms", here, there).0, Differs);
    let mut items = Items::default();
    let list = |value| [setting("cleanup.policy", value, DynamicTopic)];
    configs::topic(&flows, &pair(), &list("compact,delete"), &list("delete, compact"), &mut items);
    assert_eq!((items.found().len(), items.total(What::Config)), (0, 1));
}

#[test]
fn acls_are_compared_as_mirror_maker_copies_them() {
    let acl = |name: &str, principal: &str, operation: &str, allows| Acl {
        name: name.to_owned(),
        prefixed: false,
        principal: principal.to_owned(),
        host: "*".to_owned(),
        operation: operation.to_owned(),
        allows,
    };
    let here = [
        acl("orders", "User:a", "READ", true),
        acl("orders", "User:b", "ALL", true),
        acl("orders", "User:c", "WRITE", true),
        acl("orders", "User:d", "READ", true),
        acl("elsewhere", "User:a", "READ", true),
    ];
    let there = [acl("source.orders", "User:a", "READ", true), acl("source.orders", "User:b", "READ", true)];
    let mut items = Items::default();
    acls::entries(&Flows::of(&[]), &[pair()], &here, &there, &mut items);
    let count = |verdict| items.count(What::Acl, verdict);
    assert_eq!((count(Verdict::Equal), count(Verdict::Differs), count(Verdict::Expected)), (2, 1, 1));
    assert!(items.found().iter().any(|i| i.consequence.contains("`User:d` has no READ on `source.orders`")));
}

#[test]
fn groups_are_covered_excluded_or_left_out() {
    let flows = Flows::of(&[("groups", "billing.*")]);
    let groups = ["billing", "console-consumer-1", "stock"].map(str::to_owned);
    let mut items = Items::default();
    groups::sort(&flows, &groups, &mut items);
    let count = |verdict| items.count(What::Group, verdict);
    assert_eq!((count(Verdict::Equal), count(Verdict::Differs), count(Verdict::Expected)), (1, 1, 1));
}

#[test]
fn ten_thousand_topics_are_compared_in_seconds() {
    let names: Vec<(String, String)> =
        (0..10_000).map(|n| (format!("t{n}"), format!("source.t{n}"))).collect();
    let here: Vec<_> = names.iter().map(|(own, _)| (own.as_str(), 1, 1)).collect();
    let there: Vec<_> = names.iter().map(|(_, copy)| (copy.as_str(), 1, 1)).collect();
    let (flows, mut items) = (Flows::of(&[]), Items::default());
    let started = std::time::Instant::now();
    let pairs = topics::compare(&flows, &topology(1, &here), &topology(1, &there), &mut items);
    let settings = |value: &str| -> Vec<_> {
        (0..33).map(|n| setting(&format!("setting.{n}"), value, Origin::DynamicTopic)).collect()
    };
    let (own, copy) = (settings("1"), settings("1"));
    for pair in &pairs {
        configs::topic(&flows, pair, &own, &copy, &mut items);
    }
    assert_eq!(items.total(What::Config), 330_000);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

async fn registry(subjects: &[(&str, &str, &str)]) -> MockServer {
    let server = MockServer::start().await;
    let answer = |body: serde_json::Value| ResponseTemplate::new(200).set_body_json(body);
    let names: Vec<_> = subjects.iter().map(|(name, ..)| *name).collect();
    Mock::given(path("/subjects")).respond_with(answer(json!(names))).mount(&server).await;
    for (name, schema, level) in subjects {
        let newest = json!({"id": 1, "version": 1, "schema": schema});
        Mock::given(path(format!("/subjects/{name}/versions/latest")))
            .respond_with(answer(newest))
            .mount(&server)
            .await;
        Mock::given(path(format!("/config/{name}")))
            .respond_with(answer(json!({"compatibilityLevel": level})))
            .mount(&server)
            .await;
    }
    server
}

#[tokio::test]
async fn what_cannot_be_read_is_missing_and_the_rest_is_compared() {
    let kafka = MockCluster::new(1).unwrap();
    for topic in ["mm2.a", "mm2.b", "source.mm2.a"] {
        kafka.create_topic(topic, 2, 1).unwrap();
    }
    let connect = MockServer::start().await;
    let connector = |class: &str, more: serde_json::Value| {
        let mut config = json!({
            "connector.class": format!("org.apache.kafka.connect.mirror.{class}"),
            "source.cluster.alias": "source", "target.cluster.alias": "target",
            "source.cluster.bootstrap.servers": kafka.bootstrap_servers(),
        });
        config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"info": {"name": "x", "config": config},
            "status": {"name": "x", "connector": {"state": "RUNNING", "worker_id": "w:1"}, "tasks": []}})
    };
    let all = json!({
        "mm2-source": connector("MirrorSourceConnector", json!({"topics": "mm2\\..*", "sync.topic.configs.enabled": "false"})),
        "mm2-checkpoint": connector("MirrorCheckpointConnector", json!({"groups": "billing"})),
    });
    Mock::given(path("/connectors"))
        .respond_with(ResponseTemplate::new(200).set_body_json(all))
        .mount(&connect)
        .await;
    let source =
        registry(&[("a", "1", "FULL"), ("b", "1", "FULL"), ("c", "1", "FULL"), ("d", "1", "FULL")]).await;
    let target = registry(&[("a", "1", "FULL"), ("b", "2", "FULL"), ("c", "1", "NONE")]).await;
    let at = kafka.bootstrap_servers();
    let (_folder, cx) = context(&format!(
        "clusters: {{source: {{bootstrap_servers: '{at}'}}, target: {{bootstrap_servers: '{at}'}}}}\n\
         connect: {{url: '{}'}}\nschema_registries: {{source: {{url: '{}'}}, target: {{url: '{}'}}}}",
        connect.uri(),
        source.uri(),
        target.uri()
    ));
    let params = "{source: source, target: target, connector: mm2-source}";
    let evidence = action("parity", params).run(&cx).await.unwrap();
    keeps_its_promises("parity", &evidence);
    for (name, value) in [
        ("topics", "2"),
        ("topics_missing", "1"),
        ("partitions_differ", "0"),
        ("config_sync", "no"),
        ("subjects", "4"),
        ("subjects_missing", "1"),
        ("subjects_differ", "2"),
    ] {
        assert_eq!(shown(&evidence, name), value, "{name}");
    }
    // The double of Kafka has neither of these requests.
    for name in ["configs_differ", "acls_missing", "quotas_differ"] {
        assert!(matches!(evidence.get(name), Some(Value::Missing(_))), "{name}");
    }
    let remarks = evidence.remarks.join("\n");
    assert!(remarks.contains("taken from the settings of connector `mm2-source`"), "{remarks}");
    assert!(remarks.contains("topic `source.mm2.b` is not on the target"), "{remarks}");
    assert!(remarks.contains("settings of topics were not compared"), "{remarks}");
    assert!(artifact(&cx, "parity.csv").contains("topic,mm2.b,,mm2.b,,differs,"));
    let wrong = "{source: source, target: target, connector: mm2-sauce}";
    let error = action("parity", wrong).run(&cx).await.unwrap_err().error.to_string();
    assert!(
        error.contains(
            "connector `mm2-sauce` does not exist on Connect, which has `mm2-checkpoint`, `mm2-source`"
        ),
        "{error}"
    );
}
