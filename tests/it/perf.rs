//! `jalon perf` on a cluster in this process, through the real binary.

use crate::support::{Project, Ran};
use rdkafka::{mocking::MockCluster, producer::DefaultProducerContext};
use serde_json::Value;
use std::{
    fs,
    process::{Command, Stdio},
    time::Duration,
};
use unicode_width::UnicodeWidthStr;

type Mock = MockCluster<'static, DefaultProducerContext>;

fn mock() -> Mock {
    let mock = MockCluster::new(1).unwrap();
    mock.create_topic("load", 3, 1).unwrap();
    mock
}

fn perf(project: &Project, mock: &Mock, args: &[&str]) -> Ran {
    let servers = mock.bootstrap_servers();
    let cluster = ["--bootstrap-server", &servers, "--topic", "load"];
    project.jalon(&[&["perf", args[0]][..], &cluster, &args[1..]].concat())
}

#[test]
fn the_line_of_kafkas_tool_does_what_it_does_there() {
    let (project, mock) = (Project::new(), mock());
    let servers = format!("bootstrap.servers={}", mock.bootstrap_servers());
    let ran = project
        .jalon(&[
            "perf",
            "produce",
            "--topic",
            "load",
            "--num-records",
            "2000",
            "--record-size",
            "100",
            "--throughput",
            "1000",
            "--producer-props",
            &servers,
            "acks=1",
            "linger.ms=5",
            "--out",
            "kept",
        ])
        .exits(0);
    let last = ran.stdout.lines().last().unwrap();
    assert!(last.starts_with("2000 records sent, ") && last.ends_with(" ms 99.9th."), "{ran:?}");
    let wide: Vec<&str> = ran.stdout.lines().rev().skip(1).filter(|line| line.width() > 80).collect();
    assert!(wide.is_empty() && !ran.stdout.contains('\u{1b}'), "{wide:?} {ran:?}");
    assert!(ran.stderr.is_empty(), "nobody watches: {ran:?}");
    for file in ["windows.csv", "latency.hlog", "settings.json", "spread.csv", "stats.jsonl"] {
        assert!(project.path().join("kept").join(file).exists(), "{file}");
    }
    let settings = fs::read_to_string(project.path().join("kept/settings.json")).unwrap();
    assert!(settings.contains("\"acks\": \"1\""), "{settings}");
    project
        .jalon(&[
            "perf",
            "produce",
            "--topic",
            "load",
            "--num-records",
            "1",
            "--producer-props",
            &servers,
            "--out",
            "kept",
        ])
        .exits(2)
        .says(&["has the windows of a load already"]);
}

#[test]
fn what_is_printed_as_json_is_as_documented_for_every_load() {
    let (project, mock) = (Project::new(), mock());
    let schema: Value =
        serde_json::from_str(&project.jalon(&["schema", "--output", "perf"]).exits(0).stdout).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    fs::write(project.path().join("pieces.txt"), "one|two|three\n").unwrap();
    for args in [
        &[
            "produce",
            "--records",
            "500",
            "--rate",
            "1000/s",
            "--json",
            "--payload-file",
            "pieces.txt",
            "--payload-delimiter",
            "|",
        ][..],
        &["consume", "--messages", "500", "--timeout", "20000", "--fetch-size", "65536", "--json"],
        &[
            "capacity",
            "--holds",
            "errors == 0",
            "--from",
            "50/s",
            "--to",
            "60/s",
            "--for",
            "1s",
            "--confirmations",
            "1",
            "--json",
        ],
        &["end-to-end", "--num-records", "200", "--rate", "200/s", "--producer-acks", "1", "--json"],
    ] {
        let ran = perf(&project, &mock, args).exits(0);
        let json: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {ran:?}"));
        let mistakes: Vec<String> = validator.iter_errors(&json).map(|e| e.to_string()).collect();
        assert!(mistakes.is_empty(), "{args:?}: {mistakes:?} {json:#}");
        assert_eq!((&json["kind"], &json["complete"]), (&args[0].into(), &true.into()));
    }
}

/// Every option of Kafka's tools, 3.7 to 4.2, that goes with the others; what is without effect there is so here.
#[test]
fn the_options_of_kafkas_tools_are_those_of_here() {
    let (project, mock) = (Project::new(), mock());
    fs::write(project.path().join("client.properties"), "linger.ms=5\n").unwrap();
    let ran = perf(
        &project,
        &mock,
        &[
            "produce",
            "--num-records",
            "300",
            "--warmup-records",
            "100",
            "--record-size",
            "100",
            "--throughput",
            "1000",
            "--reporting-interval",
            "1000",
            "--print-metrics",
            "--transactional-id",
            "perf",
            "--transaction-duration-ms",
            "100",
            "--command-config",
            "client.properties",
            "--command-property",
            "acks=all",
        ],
    )
    .exits(0);
    // The warm-up is of the records asked for.
    assert!(ran.stdout.lines().last().unwrap().starts_with("200 records sent, "), "{ran:?}");
    let ran = perf(
        &project,
        &mock,
        &[
            "consume",
            "--messages",
            "200",
            "--threads",
            "10",
            "--num-fetch-threads",
            "1",
            "--fetch-size",
            "1048576",
            "--socket-buffer-size",
            "2097152",
            "--reporting-interval",
            "1000",
            "--show-detailed-stats",
            "--hide-header",
            "--date-format",
            "HH:mm",
            "--timeout",
            "20000",
            "--group",
            "perf",
            "--print-metrics",
            "--consumer.config",
            "client.properties",
            "--out",
            "read",
        ],
    )
    .exits(0);
    let members = fs::read_to_string(project.path().join("read/members.csv")).unwrap();
    assert_eq!(members.lines().count(), 2, "`--threads` makes no members: {members} {ran:?}");
}

/// Lines of Kafka's tools whose options are abbreviated, or have no names.
#[test]
fn a_line_of_kafkas_tools_works_as_it_is() {
    let (project, mock) = (Project::new(), mock());
    let servers = mock.bootstrap_servers();
    let jalon = |args: &[&str]| project.jalon(&[&["perf"][..], args].concat());
    let props = format!("bootstrap.servers={servers}");
    let produced = jalon(&[
        "produce",
        "--to",
        "load",
        "--num",
        "200",
        "--record",
        "100",
        "--through=1000",
        "--producer-p",
        &props,
        "acks=1",
    ]);
    assert!(produced.exits(0).stdout.lines().last().unwrap().starts_with("200 records sent, "));
    jalon(&["consume", "--boot", &servers, "--include", "^load$", "--mess", "200", "--timeout", "20000"])
        .exits(0);
    jalon(&["consume", "--boot", &servers, "--include", "lo.*", "--mess", "200"])
        .exits(2)
        .says(&["once for each topic"]);
    jalon(&["end-to-end", &servers, "load", "100", "1", "100"]).exits(0);
    let named = [
        "end-to-end",
        "--boot",
        &servers,
        "--topic",
        "load",
        "--num-rec",
        "100",
        "--record-size",
        "100",
        "--record-key-size",
        "16",
        "--num-headers",
        "3",
        "--record-header-key-size",
        "8",
        "--record-header-size",
        "20",
        "--out",
        "way",
    ];
    jalon(&named).exits(0);
    let settings = fs::read_to_string(project.path().join("way/settings.json")).unwrap();
    assert!(settings.contains("keys of 16 bytes") && settings.contains("\"headers\": 3"), "{settings}");
    jalon(&[&named[..10], &["129"]].concat()).exits(2).says(&["1 to 128 bytes"]);
}

#[test]
fn ctrl_c_ends_the_load_and_shows_what_was_seen() {
    let (project, mock) = (Project::new(), mock());
    let servers = mock.bootstrap_servers();
    let child = project
        .command(&[
            "perf",
            "produce",
            "--bootstrap-server",
            &servers,
            "--topic",
            "load",
            "--rate",
            "500/s",
            "--duration",
            "1h",
            "--out",
            "kept",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let windows = project.path().join("kept/windows.csv.partial");
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while !windows.exists() {
        assert!(std::time::Instant::now() < deadline, "the load did not begin");
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_secs(2));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let ran =
        Ran::of(child.wait_with_output().unwrap()).exits(5).says(&["stopping", "stopped before its end"]);
    assert!(ran.stdout.contains(" delivered, 0 failed; stopped before its end"), "{ran:?}");
    assert!(
        ran.stdout.contains("from the intended time") && ran.stdout.contains("records sent, "),
        "{ran:?}"
    );
    assert!(project.path().join("kept/windows.csv").exists());
}

#[test]
fn a_load_that_cannot_be_is_told_in_the_words_of_the_command_line() {
    let (project, mock) = (Project::new(), mock());
    for (args, says) in [
        (&["produce"][..], "`--num-records N`"),
        (&["produce", "--records", "0"], "one record or more"),
        (&["produce", "--records", "1", "--record-size", "0"], "`--record-size`"),
        (&["produce", "--records", "1", "--rate", "fast"], "`1000/s`"),
        (&["produce", "--num-records", "10", "--warmup-records", "10"], "none would be measured"),
        (&["produce", "--num-records", "10", "--payload-monotonic"], "`--keys sequential`"),
        (&["consume", "--messages", "1", "--include", "lo.*"], "once for each topic"),
        (&["produce", "--num-records", "10", "--throughput", "0"], "`--throughput -1`"),
        (&["produce", "--records", "1", "--rate", "{rmap: {}}"], "unknown pacing `rmap`"),
        (&["produce", "--records", "1", "--producer-props", "lingr.ms=5"], "did you mean `linger.ms`?"),
        (&["produce", "--records", "1", "--producer-props", "linger.ms"], "NAME=VALUE"),
        (
            &[
                "consume",
                "--messages",
                "1",
                "--fetch-size",
                "1",
                "--consumer-props",
                "max.partition.fetch.bytes=1",
            ],
            "set the same value",
        ),
        (&["end-to-end", "--records", "1", "--record-size", "31"], "32"),
        (&["capacity", "--holds", "p99 < 100", "--from", "1000/s"], "did you mean `latency_ms.p99`?"),
    ] {
        perf(&project, &mock, args).exits(2).says(&[says]);
    }
    project
        .jalon(&["perf", "produce", "--topic", "t", "--records", "1"])
        .exits(2)
        .says(&["no cluster was named"]);
    let servers = mock.bootstrap_servers();
    let no_topic =
        ["perf", "consume", "--bootstrap-server", &servers, "--topic", "nowhere", "--messages", "1"];
    project.jalon(&no_topic).exits(2).says(&["topic `nowhere` not found", "kafka-topics.sh --create"]);
    let nobody = ["perf", "produce", "--bootstrap-server", "127.0.0.1:9", "--topic", "t", "--records", "1"];
    project.jalon(&nobody).exits(4).says(&["127.0.0.1:9 is unreachable"]);
}

#[test]
fn a_cluster_of_the_campaign_and_a_file_of_properties_will_do() {
    let (project, mock) = (Project::new(), mock());
    let servers = mock.bootstrap_servers();
    let environment = format!("name: lab\nclusters:\n  source: {{bootstrap_servers: \"{servers}\"}}\n");
    project.file("plan/environments/lab.yaml", &environment);
    let production = environment.replace("name: lab", "name: real\nproduction: true");
    project.file("plan/environments/real.yaml", &production);
    project.step(1, "actions: [{wait: {for: 1s}}]\ncriteria: [{expect: wait.waited_s > 0}]");
    let load = ["--topic", "load", "--records", "100", "--rate", "1000/s"];
    project.jalon(&[&["perf", "produce", "--env", "lab"][..], &load].concat()).exits(0);
    project
        .jalon(&[&["perf", "produce", "--env", "real"][..], &load].concat())
        .exits(2)
        .says(&["`real` is a production environment"]);
    project.file("client.properties", &format!("bootstrap.servers={servers}\nacks=1\nlingr.ms=5\n"));
    let ran =
        project.jalon(&[&["perf", "produce", "--producer.config", "client.properties"][..], &load].concat());
    assert!(ran.stdout.contains("unknown Kafka client property `lingr.ms`"), "{ran:?}");
    ran.exits(0);
}
