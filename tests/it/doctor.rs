//! `jalon doctor`: faults that are planted, all of them named at once; and nothing on a platform that is well.

use crate::support::{
    Project, Ran,
    lab::{Lab, has_kafka},
    tls,
};
use serde_json::{Value as Json, json};
use std::{fs, os::unix::fs::PermissionsExt, time::Duration};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, path, query_param},
};

fn findings(project: &Project, exit: i32) -> Vec<Json> {
    let ran = project.jalon(&["doctor", "--json"]).exits(exit);
    let told: Json = serde_json::from_str(&ran.stdout).unwrap();
    told["findings"].as_array().unwrap().clone()
}

/// Whether one of the findings is of that level and part, and has those words in what it says or advises.
fn has(findings: &[Json], level: &str, part: &str, words: &[&str]) -> bool {
    findings.iter().any(|finding| {
        let text = format!(
            "{} {}",
            finding["what"].as_str().unwrap(),
            finding["remedy"].as_str().unwrap_or_default()
        );
        finding["level"] == level && finding["part"] == part && words.iter().all(|word| text.contains(word))
    })
}

fn date(seconds: i64) -> String {
    let at = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

async fn answers(server: &MockServer, at: &str, body: &Json) {
    Mock::given(path(at))
        .respond_with(ResponseTemplate::new(200).set_body_json(body))
        .with_priority(1)
        .mount(server)
        .await;
}

/// A platform of doubles: an exporter with a renamed metric, a Prometheus with other jobs and labels and a clock that is
/// an hour off, a Connect without MirrorMaker 2, a registry behind a log-in.
async fn sick() -> (MockServer, String) {
    sick_with(&json!({})).await
}

/// The same, with these connectors.
async fn sick_with(connectors: &Json) -> (MockServer, String) {
    let server = MockServer::start().await;
    let success = |data: Json| json!({"status": "success", "data": data});
    let page = "# TYPE kafka_server_ReplicaManager_UnderReplicatedPartitions gauge\nkafka_server_ReplicaManager_UnderReplicatedPartitions 0\n";
    Mock::given(path("/exporter"))
        .respond_with(ResponseTemplate::new(200).set_body_raw(page, "text/plain"))
        .mount(&server)
        .await;
    answers(&server, "/connect", &json!({"version": "3.7.2"})).await;
    answers(
        &server,
        "/connect/connector-plugins",
        &json!([{"class": "org.apache.kafka.connect.file.FileStreamSinkConnector", "type": "sink"}]),
    )
    .await;
    answers(&server, "/connect/connectors", connectors).await;
    let targets = json!({"activeTargets": [{"labels": {"job": "brokers"}, "scrapeUrl": "http://b1/metrics", "health": "up"}]});
    let late = ResponseTemplate::new(200).set_body_json(success(targets)).insert_header("date", date(-3600));
    Mock::given(path("/prometheus/api/v1/targets")).respond_with(late).mount(&server).await;
    answers(&server, "/prometheus/api/v1/label/__name__/values", &success(json!(["urp", "node_load1"])))
        .await;
    answers(&server, "/prometheus/api/v1/label/cluster/values", &success(json!(["prod-a", "prod-b"]))).await;
    answers(&server, "/prometheus/api/v1/query", &success(json!({"resultType": "vector", "result": []})))
        .await;
    Mock::given(path("/registry/subjects")).respond_with(ResponseTemplate::new(401)).mount(&server).await;
    Mock::given(any())
        .and(query_param("none", "none"))
        .respond_with(ResponseTemplate::new(404))
        .mount(&server)
        .await;
    let base = server.uri();
    let environment = format!(
        "name: lab\nclusters:\n  source: {{bootstrap_servers: \"127.0.0.1:1\"}}\nconnect: {{url: {base}/connect}}\n\
         prometheus: {{url: {base}/prometheus}}\nschema_registry: {{url: {base}/registry}}\n\
         exporters: {{broker: \"{base}/exporter\", gone: \"http://127.0.0.1:1/metrics\"}}\ncommands: {{stop: [./stop.sh]}}\n"
    );
    (server, environment)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_planted_fault_is_named_at_once_with_its_remedy() {
    let (_server, environment) = sick().await;
    let project = Project::new();
    project.file("plan/environments/lab.yaml", &environment).file("stop.sh", "#!/bin/sh\n").step(
        0,
        "actions:\n  - scrape: {id: page, exporter: broker, metrics: [kafka_server_replicamanager_underreplicatedpartitions]}\n  \
         - prometheus: {id: urp, query: 'sum(urp{cluster=\"source\"})'}\n  - prometheus: {id: load, query: 'node_load15'}\n  \
         - prometheus: {id: jobs, targets: kafka}\n  \
         - connector: {id: mirror, name: mm2, state: running, config: {connector.class: org.apache.kafka.connect.mirror.MirrorSourceConnector}}\n  \
         - shell: {id: stop, argv: {command: stop}, on_interrupt: rerun}\ncriteria:\n  - expect: page.missing == 0 && urp.value == 0 && load.value < 5 && jobs.targets_down == 0\n  - expect: mirror.tasks_failed == 0 && stop.exit_code == 0",
    );
    let found = findings(&project, 4);
    for (level, part, words) in [
        ("fault", "cluster source", &["127.0.0.1:1", "nothing listens there", "bootstrap_servers"][..]),
        (
            "fault",
            "exporter broker",
            &["kafka_server_replicamanager_under", "the nearest is `kafka_server_ReplicaManager_Under"],
        ),
        ("fault", "exporter gone", &["nothing listens there"]),
        ("fault", "Prometheus", &["`urp` has no `cluster=\"source\"`; it has prod-a, prod-b"]),
        ("fault", "Prometheus", &["no metric `node_load15`", "`node_load1`"]),
        ("warning", "Prometheus", &["no target of a job `kafka`; there are brokers"]),
        ("fault", "Prometheus", &["its clock is 1 h", "behind", "NTP"]),
        (
            "fault",
            "Connect",
            &["no plugin `org.apache.kafka.connect.mirror.MirrorSourceConnector`", "plugin.path"],
        ),
        ("fault", "schema registry", &["401", "`user` and `password`"]),
        ("fault", "this machine", &["`./stop.sh` is not executable", "chmod +x"]),
    ] {
        assert!(has(&found, level, part, words), "no {level} of {part} with {words:?} in {found:#?}");
    }
    assert!(found.iter().all(|f| f["level"] != "fault" || f["remedy"].is_string()), "{found:#?}");
    let of_page = found.iter().find(|f| f["part"] == "exporter broker").unwrap();
    assert_eq!(of_page["steps"], json!([0]));

    // What is mended is gone from the list; the text says the same.
    let script = project.path().join("stop.sh");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let told = project.jalon(&["doctor"]).exits(4).stdout;
    assert!(told.contains("Would make a run fail") && !told.contains("stop.sh"), "{told}");
    assert!(told.lines().all(|line| line.chars().count() <= 80), "{told}");
    project.jalon(&["doctor", "--step", "7"]).exits(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_begins_with_a_look_and_makes_nothing_where_it_would_fail() {
    let (_server, environment) = sick().await;
    let project = Project::new();
    project
        .file("plan/environments/lab.yaml", &environment)
        .step(0, "actions:\n  - wait: {id: pause, for: 10ms}\ncriteria:\n  - expect: pause.waited_s < 5")
        .step(
            1,
            "actions:\n  - cluster: {id: nodes, cluster: source}\n  - scrape: {id: page, exporter: gone, metrics: [a]}\n  \
             - http: {id: subjects, service: schema_registry, path: /subjects}\n  - shell: {id: stop, argv: {command: stop}, on_interrupt: rerun}\n  \
             - prometheus: {id: urp, query: 'sum(urp)'}\ncriteria:\n  - expect: nodes.brokers >= 1 && page.missing == 0 && subjects.status == 200 && stop.exit_code == 0 && urp.value == 0",
        );
    let looked =
        |args: &[&str]| Ran::of(project.command(args).env_remove("JALON_NO_DOCTOR").output().unwrap());
    let began = std::time::Instant::now();
    let told = looked(&["run"]).exits(4).stderr;
    assert!(began.elapsed() < Duration::from_secs(7), "{:?}", began.elapsed());
    assert!(!project.has_run(), "{told}");
    for part in ["cluster source: 127.0.0.1:1", "exporter gone:", "schema registry:", "this machine:"] {
        assert_eq!(told.matches(part).count(), 1, "{part} in {told}");
    }
    // Prometheus answers; what its answers lack is for the whole doctor to say.
    assert!(
        !told.contains("Prometheus") && told.contains("(step 1)") && told.contains("--no-doctor"),
        "{told}"
    );
    assert!(!told.contains("lab:"), "no command of it is the lab's: {told}");

    // A step that uses nothing of it is not in the way; and who does not want to look says so.
    looked(&["run", "--until", "0"]).exits(0);
    looked(&["run", "--no-doctor"]);
    assert_eq!(project.states().len(), 2);
    assert!(project.has_run());
}

/// Fifteen faults, on a real secure cluster where a lab can have them and on doubles where it cannot, are fifteen
/// findings of one call, each with its remedy. The user may not write `orders` nor read in the group `barred`, and
/// `orders` is there with records.
pub(crate) fn fifteen_faults_are_told_at_once(environment: &str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (server, doubles) = runtime.block_on(async {
        let status = json!({"name": "old", "connector": {"state": "RUNNING", "worker_id": "127.0.0.1:1"}, "tasks": [], "type": "source"});
        let old = json!({"old": {"info": {"name": "old", "config": {}, "tasks": [], "type": "source"}, "status": status}});
        let (server, doubles) = sick_with(&old).await;
        let node = "# TYPE node_filesystem_avail_bytes gauge\nnode_filesystem_avail_bytes{device=\"/dev/vda\",fstype=\"ext4\",mountpoint=\"/\"} 1e+08\n";
        Mock::given(path("/node"))
            .respond_with(ResponseTemplate::new(200).set_body_raw(node, "text/plain"))
            .with_priority(1)
            .mount(&server)
            .await;
        (server, doubles)
    });
    // The real cluster, and Connect's real certificate under an authority that did not sign it.
    let secure: serde_json::Value = serde_yaml::from_str(environment).unwrap();
    let mut planted: serde_json::Value = serde_yaml::from_str(&doubles).unwrap();
    planted["clusters"] = secure["clusters"].clone();
    planted["clusters"]["source"]["brokers"] = json!(3);
    planted["grafana"] = json!({"url": secure["connect"]["url"], "ca_file": "other-ca.pem"});
    planted["exporters"]["expired"] = json!(format!("https://{}/metrics", tls::server(-10)));
    planted["exporters"]["node"] = json!(format!("{}/node", server.uri()));
    let project = Project::new();
    project
        .file("other-ca.pem", include_str!("support/other-ca.pem"))
        .file("plan/environments/lab.yaml", &serde_yaml::to_string(&planted).unwrap())
        .file("stop.sh", "#!/bin/sh\n")
        .step(
            0,
            "actions:\n  - topic: {id: made, cluster: source, name: copies, partitions: 1, replication_factor: 3, ensure: present}\n  \
             - topic: {id: there, cluster: source, name: orders, partitions: 1, ensure: present}\n  \
             - produce: {id: load, cluster: source, topic: orders, records: 1000000, record_size: 10 KiB, rate: 1000/s}\n  \
             - consume: {id: read, cluster: source, topic: orders, group: barred, records: 10, idle_timeout: 20s}\n  \
             - scrape: {id: page, exporter: broker, metrics: [kafka_server_replicamanager_underreplicatedpartitions]}\n  \
             - prometheus: {id: urp, query: 'sum(urp{cluster=\"source\"})'}\n  - prometheus: {id: jobs, targets: kafka}\n  \
             - connector: {id: mirror, name: mm2, state: running, config: {connector.class: org.apache.kafka.connect.mirror.MirrorSourceConnector}}\n  \
             - shell: {id: stop, argv: {command: stop}, on_interrupt: rerun}\ncriteria:\n  - expect: page.missing == 0 && urp.value == 0 && jobs.targets_down == 0 && mirror.tasks_failed == 0 && stop.exit_code == 0\n  - expect: made.partitions == 1 && there.partitions == 1 && load.errors == 0 && read.records == 10",
        );
    let found = findings(&project, 4);
    for (level, part, words) in [
        ("fault", "cluster source", &["may not Write topic `orders`", "kafka-acls.sh", "User:campaign"][..]),
        ("fault", "cluster source", &["may not Read group `barred`", "--group barred"]),
        ("fault", "cluster source", &["asks for 3 replicas of 1 broker", "replication_factor"]),
        ("fault", "cluster source", &["1 broker answers", "says 3"]),
        ("warning", "cluster source", &["`orders` is there already"]),
        ("fault", "Grafana", &["certificate", "ca_file"]),
        ("fault", "exporter expired", &["expired 10 days ago", "renew"]),
        ("fault", "exporter gone", &["nothing listens there"]),
        ("fault", "exporter broker", &["the nearest is `kafka_server_ReplicaManager_Under"]),
        ("fault", "Prometheus", &["its clock is 1 h", "NTP"]),
        ("warning", "Prometheus", &["no target of a job `kafka`"]),
        ("fault", "Connect", &["no plugin `org.apache.kafka.connect.mirror.MirrorSourceConnector`"]),
        ("fault", "Connect", &["worker 127.0.0.1:1"]),
        ("fault", "disks", &["`node`", "smaller profile"]),
        ("fault", "this machine", &["`./stop.sh` is not executable"]),
        ("fault", "schema registry", &["401"]),
    ] {
        assert!(has(&found, level, part, words), "no {level} of {part} with {words:?} in {found:#?}");
    }
    let wrong = found.iter().filter(|f| f["level"] != "fine");
    assert!(wrong.clone().count() >= 15 && wrong.clone().all(|f| f["remedy"].is_string()), "{found:#?}");
    let of_expired = wrong.filter(|f| f["part"] == "exporter expired").count();
    assert_eq!(of_expired, 1, "what the client says of it is the same fault: {found:#?}");
}

/// `jalon init` finds the exporters and the flow of a platform that runs, under the names that the plan has for them.
fn discovered(lab: &Lab, environment: &str) {
    let known: serde_json::Value = serde_yaml::from_str(environment).unwrap();
    let text = |of: &serde_json::Value| of.as_str().unwrap().to_owned();
    let [source, target] =
        ["source", "target"].map(|side| text(&known["clusters"][side]["bootstrap_servers"]));
    let (connect, prometheus) = (text(&known["connect"]["url"]), text(&known["prometheus"]["url"]));
    let config = json!({
        "connector.class": "org.apache.kafka.connect.mirror.MirrorSourceConnector",
        "source.cluster.alias": "east", "target.cluster.alias": "west", "topics": "orders.*",
        "source.cluster.bootstrap.servers": source, "target.cluster.bootstrap.servers": target,
        "replication.policy.class": "org.apache.kafka.connect.mirror.IdentityReplicationPolicy",
    });
    let connector = format!("{}/connectors/east-west", connect.trim_end_matches('/'));
    let put = reqwest_of(|client| client.put(format!("{connector}/config")).json(&config));
    assert!(put.is_success(), "{put}");
    let args = [
        "init",
        "mine",
        "--source-bootstrap",
        &source,
        "--target-bootstrap",
        &target,
        "--connect",
        &connect,
        "--from-prometheus",
        &prometheus,
    ];
    lab.project.jalon(&args).exits(0).prints(&[
        "Found",
        "exporters by the targets of Prometheus",
        "east to west",
    ]);
    let written =
        fs::read_to_string(lab.project.path().join("mine/plan/environments/platform.yaml")).unwrap();
    let written: serde_json::Value = serde_yaml::from_str(&written).unwrap();
    for name in ["source-broker-1", "target-broker-1", "source-zookeeper", "target-zookeeper", "connect"] {
        assert_eq!(written["exporters"][name], known["exporters"][name], "{name} in {written:#}");
    }
    let flow = &written["mirror"]["source->target"];
    assert_eq!(
        flow,
        &json!({"source_alias": "east", "target_alias": "west", "policy": "identity"}),
        "{written:#}"
    );
    assert!(reqwest_of(|client| client.delete(&connector)).is_success());
}

/// The status of the answer to a request.
fn reqwest_of(request: impl FnOnce(&reqwest::Client) -> reqwest::RequestBuilder) -> reqwest::StatusCode {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async { request(&reqwest::Client::new()).send().await.unwrap().status() })
}

#[test]
fn a_real_platform_is_well_until_something_is_planted() {
    if !has_kafka("a_real_platform_is_well_until_something_is_planted") {
        return;
    }
    let lab = Lab::new();
    let base = format!("--port-base={}", lab.base);
    lab.lab(&["up", "--brokers=1", "--no-registry", "--within=4m", base.as_str()]).exits(0);
    let project = &lab.project;
    let environment = lab.lab(&["environment"]).exits(0).stdout;
    project.file("plan/environments/lab.yaml", &environment);
    let step = |partitions: u32, factor: u32| {
        format!(
            "actions:\n  - topic: {{id: made, cluster: source, name: doctor.made, partitions: {partitions}, replication_factor: {factor}, ensure: present}}\n  \
             - produce: {{id: load, cluster: source, topic: doctor.made, records: 100, record_size: 100 B, rate: 1000/s}}\n  \
             - consume: {{id: read, cluster: source, topic: doctor.made, group: doctor.group, records: 100, idle_timeout: 20s}}\n  \
             - scrape: {{id: page, exporter: source-broker-1, metrics: [kafka_server_replicamanager_underreplicatedpartitions]}}\n\
             criteria:\n  - expect: made.partitions > 0 && load.errors == 0 && read.records == 100 && page.missing == 0"
        )
    };
    project.step(0, &step(2, 1));
    let found = findings(project, 0);
    assert!(found.iter().all(|f| f["level"] == "fine"), "{found:#?}");
    assert!(has(&found, "fine", "cluster source", &["Kafka 3.7", "ZooKeeper", "1 broker"]), "{found:#?}");

    discovered(&lab, &environment);

    // The environment says another port than the lab has.
    let (here, there) = (format!(":{}", lab.base + 31), format!(":{}", lab.base + 59));
    project.file("plan/environments/lab.yaml", &environment.replace(&here, &there));
    let found = findings(project, 4);
    assert!(has(&found, "fault", "lab", &["listens at port", "jalon lab environment >"]), "{found:#?}");
    let looked = Ran::of(project.command(&["run"]).env_remove("JALON_NO_DOCTOR").output().unwrap());
    looked.exits(4).says(&["has 1 fault", "lab: exporter prometheus", &here[1..], &there[1..]]);
    project.file("plan/environments/lab.yaml", &environment);

    // Its own topic is there with records, another count of partitions is asked for, and more replicas than brokers.
    project.jalon(&["run"]).exits(0);
    assert!(has(
        &findings(project, 0),
        "warning",
        "cluster source",
        &["`doctor.made` is there already, with about 100 records"]
    ));
    project.step(0, &step(5, 3));
    let changed = environment.replace("    brokers: 1", "    brokers: 4");
    project.file("plan/environments/lab.yaml", &changed);
    lab.lab(&["fault", "stop", "connect"]).exits(0);
    std::thread::sleep(Duration::from_secs(1));
    let found = findings(project, 4);
    for (part, words) in [
        ("cluster source", &["asks for 3 replicas of 1 broker"][..]),
        ("cluster source", &["there with 2 partitions, and the plan asks for 5"]),
        ("cluster source", &["1 broker answers", "says 4"]),
        ("Connect", &["nothing listens there"]),
    ] {
        assert!(has(&found, "fault", part, words), "no fault of {part} with {words:?} in {found:#?}");
    }
    lab.lab(&["down"]).exits(0);
}
