//! The properties of Kafka's own clients, asked of their classes: none is unknown here.

use crate::support::{
    Project,
    lab::{Lab, has_kafka},
};
use jalon::{
    clients::{
        Environment,
        kafka::{Defaults, PropertyError, Role, client_config_with, settings::belongs},
    },
    lab::Cache,
};
use std::{collections::BTreeMap, process::Command};

/// The documented properties of a class of configuration, each with its default value.
fn documented(class: &str) -> BTreeMap<String, String> {
    let libs = Cache::of_user().unwrap().folder().join("kafka-3.7.2/libs/*");
    // Its `main` prints the documentation.
    let ran =
        Command::new("java").arg("-cp").arg(libs).arg(format!("org.apache.kafka.clients.{class}")).output();
    let html = String::from_utf8(ran.unwrap().stdout).unwrap();
    let between = |text: &str, start: &str, end: &str| -> Option<String> {
        let from = text.find(start)? + start.len();
        Some(text[from..][..text[from..].find(end)?].to_owned())
    };
    html.split("<h4>")
        .filter_map(|entry| {
            let name = between(entry, "<a id=\"", "\"")?;
            // Beside large numbers stands what they are, in brackets.
            let default = between(entry, "<th>Default:</th><td>", "</td>")?;
            Some((name, default.split(" (").next().unwrap_or_default().to_owned()))
        })
        .collect()
}

#[test]
fn every_property_of_kafkas_clients_is_used_left_out_or_refused_with_a_reason() {
    if !has_kafka("every_property_of_kafkas_clients_is_used_left_out_or_refused_with_a_reason") {
        return;
    }
    let lab = Lab::new();
    lab.lab(&["fetch", "--no-target", "--no-connect", "--no-registry", "--no-prometheus"]).exits(0);
    let environment = "name: lab\nclusters: {source: {bootstrap_servers: \"127.0.0.1:9092\"}}\n";
    let environment: Environment = serde_yaml::from_str(environment).unwrap();
    let cluster = &environment.clusters["source"];
    // Those of an administrator are given for all clients of a cluster: there it is enough that they are known.
    let administrators = documented("admin.AdminClientConfig");
    assert!(administrators.len() > 60, "{administrators:?}");
    for name in administrators.keys() {
        belongs(name, Role::Admin).unwrap();
    }
    let (mut used, mut left_out, mut refused) = (0, 0, 0);
    for (class, role, known) in [
        ("producer.ProducerConfig", Role::Producer, "linger.ms"),
        ("consumer.ConsumerConfig", Role::Consumer, "fetch.min.bytes"),
    ] {
        let properties = documented(class);
        assert!(properties.len() > 60 && properties.contains_key(known), "{class}: {properties:?}");
        let config =
            |given: &BTreeMap<String, String>| client_config_with(cluster, role, given, Defaults::Librdkafka);
        let bare = config(&BTreeMap::new()).unwrap();
        for (name, default) in properties {
            let value = match default.as_str() {
                // What librdkafka cannot be given: none at all.
                "" | "null" => "1".to_owned(),
                value => value.to_owned(),
            };
            match config(&BTreeMap::from([(name.clone(), value.clone())])) {
                Ok(settings) if settings.config.config_map() != bare.config.config_map() => used += 1,
                Ok(settings) => {
                    let said = settings.remarks.join("; ");
                    // A log-in is made of several properties; alone, some change nothing.
                    let login = ["sasl.jaas.config", "sasl.mechanism", "security.protocol"]
                        .contains(&name.as_str())
                        || name.starts_with("ssl.");
                    let own = ["client.id", "allow.auto.create.topics"].contains(&name.as_str());
                    assert!(login || own || said.contains(&name), "{class}: {name}={value} vanishes: {said}");
                    left_out += 1;
                }
                Err(
                    PropertyError::Malformed { property, why } | PropertyError::Refused { property, why },
                ) => {
                    assert!(!why.is_empty() && !property.is_empty(), "{class}: {name}");
                    refused += 1;
                }
                Err(other) => panic!("{class}: {name}={value}: {other}"),
            }
        }
    }
    assert!(
        used > 60 && left_out > 20 && refused > 20,
        "{used} used, {left_out} left out, {refused} refused"
    );
}

#[test]
fn what_kafkas_clients_refuse_together_is_a_mistake_of_the_plan_at_its_line() {
    let project = Project::new();
    project.file(
        "plan/environments/lab.yaml",
        "name: lab\nclusters: {source: {bootstrap_servers: \"127.0.0.1:1\", properties: {request.timeout.ms: \"40000\"}}}\n",
    );
    let produce =
        "produce: {id: load, cluster: source, topic: t, records: 10, record_size: 100 B, rate: 100/s";
    let consume = "consume: {id: load, cluster: source, topic: t, records: 10";
    for (action, more, told) in [
        (
            produce,
            "properties: {acks: 1, enable.idempotence: true}",
            "`enable.idempotence`: it is not possible",
        ),
        (produce, "properties: {delivery.timeout.ms: 35000}", "(40000)"),
        (produce, "properties: {acks: 1}, transaction: {records: 5}", "transactions need idempotence"),
        (consume, "properties: {session.timeout.ms: 3000}", "refuses a heartbeat that is not shorter"),
        (consume, "properties: {partition.assignment.strategy: \"\"}", "the value is empty"),
    ] {
        project
            .step(0, &format!("actions:\n  - {action}, {more}}}\ncriteria:\n  - expect: load.records > 0"));
        project.jalon(&["check"]).exits(3).says(&[told, "steps/00-step.md:5:"]);
    }
    project.step(0, &format!("actions:\n  - {produce}, properties: {{delivery.timeout.ms: 45000}}}}\ncriteria:\n  - expect: load.records > 0"));
    let ran = project.jalon(&["check"]);
    assert!(!ran.stderr.contains("delivery.timeout.ms"), "{ran:?}");
}
