//! What the services that run from Kafka's jars share: the downloads, command lines, files and ports of metrics.

use super::prometheus::NO_PROMETHEUS;
use crate::{
    clients::{Cluster, Environment},
    lab::{
        fetch::Item,
        java::{Java, Runtime},
        secrets,
        service::{Archive, CommandLine, Member, Options, Side, Tools},
    },
};
use std::path::Path;

/// How a process writes its log.
const LOG: &str = "-Dlog4j.configuration=file:conf/log4j.properties";

/// The version of Kafka.
pub(super) const VERSION: &str = "3.7.2";

/// Kafka, ZooKeeper, Connect, MirrorMaker 2 and the tools, for one class path `libs/*`. The JMX exporter stays out of it,
/// for it would change it. From 24 on, Java has no security manager, whose calls this Kafka still makes.
pub(in crate::lab) static RUNTIME: Runtime = Runtime {
    java: Java {
        what: "Kafka 3.7",
        versions: 11..=23,
        needed: "11 to 23",
        package: "openjdk-17-jre-headless",
        download: false,
    },
    item: Item {
        folder: "kafka-3.7.2",
        what: "Kafka 3.7.2 with Connect and MirrorMaker 2, 55 MB",
        proof: "libs/kafka_2.13-3.7.2.jar",
        pom: Some(include_str!("conf/pom.xml")),
        commands: &[
            "mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies -DoutputDirectory=libs",
        ],
    },
    jars: "libs",
    agent: Some(Item {
        folder: "jmx-exporter-1.0.1",
        what: "the JMX exporter, 3 MB",
        proof: "jmx_prometheus_javaagent-1.0.1.jar",
        pom: None,
        commands: &["mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
              -Dartifact=io.prometheus.jmx:jmx_prometheus_javaagent:1.0.1 -DoutputDirectory=."],
    }),
};

/// The port of the JMX exporter, in a lab with monitoring.
pub(super) fn metrics_port(options: &Options, usual: u16, packed: u16) -> Option<u16> {
    (!options.given(&NO_PROMETHEUS)).then(|| options.port(usual, packed))
}

/// The path of the settings of a process.
pub(super) fn properties(member: &Member) -> String {
    format!("conf/{}.properties", member.name)
}

/// The files that each of them reads: its settings, the rules of its metrics, and how it writes its log.
pub(super) fn files(member: &Member, settings: String, rules: &str) -> Vec<(String, String)> {
    vec![
        (properties(member), settings),
        (format!("conf/jmx-{}.yml", member.kind().name), rules.to_owned()),
        logging(),
    ]
}

/// How a process writes its log.
pub(super) fn logging() -> (String, String) {
    ("conf/log4j.properties".to_owned(), include_str!("conf/log4j.properties").to_owned())
}

/// The command line of a process: its main class reads the file `conf`. `options` are Java's, beside those that all
/// have. The `*` of the class path is Java's own and must reach it unexpanded.
pub(super) fn command(
    member: &Member,
    tools: &Tools,
    archive: &Archive,
    options: &[&str],
    main: &str,
    conf: String,
) -> CommandLine {
    let mut argv = archive.java(&RUNTIME, tools, options);
    argv.extend(
        ["-Djava.awt.headless=true", "-Duser.language=en", "-Duser.country=US", LOG].map(str::to_owned),
    );
    if let (Some(agent), Some(port), false) =
        (&RUNTIME.agent, member.metrics_port, matches!(archive, Archive::Make(_)))
    {
        let (agent, name) = (tools.file(agent), member.kind().name);
        argv.push(format!("-javaagent:{}=127.0.0.1:{port}:conf/jmx-{name}.yml", agent.display()));
    }
    argv.extend(["-cp".to_owned(), class_path(tools), main.to_owned(), conf]);
    CommandLine { main: main.to_owned(), argv }
}

/// The command line of a short-lived tool, whose arguments are separated by spaces.
pub(super) fn tool(tools: &Tools, archive: &Archive, main: &str, arguments: &str) -> CommandLine {
    let mut argv = archive.java(&RUNTIME, tools, &["-Xmx128m", LOG]);
    argv.extend(["-cp".to_owned(), class_path(tools), main.to_owned()]);
    argv.extend(arguments.split(' ').map(str::to_owned));
    CommandLine { main: main.to_owned(), argv }
}

fn class_path(tools: &Tools) -> String {
    format!("{}/*", tools.jars(&RUNTIME).display())
}

/// How many brokers a cluster has.
pub(super) fn brokers(side: Side, options: &Options) -> u16 {
    match side {
        Side::Source => options.source_brokers,
        Side::Target => options.target_brokers,
    }
}

/// How many replicas a topic of a cluster has.
pub(super) fn replicas(side: Side, options: &Options) -> u16 {
    brokers(side, options).clamp(1, 3)
}

/// The cluster of a process in the environment, entered where it is not there yet.
pub(super) fn cluster<'a>(
    member: &Member,
    folder: &Path,
    environment: &'a mut Environment,
) -> Option<&'a mut Cluster> {
    let name = member.side?.name().to_owned();
    Some(environment.clusters.entry(name).or_insert_with(|| Cluster {
        bootstrap_servers: String::new(),
        brokers: None,
        properties: match member.secure {
            true => secrets::client_properties(folder),
            false => [].into(),
        },
        site: None,
        zookeeper: vec![],
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{Cache, services::tests::member, tools::tests::none};

    #[test]
    fn an_archive_is_made_without_the_agent_and_used_with_it() {
        let cache = Cache::at("/cache");
        let (options, tools) = (Options::new("/lab", cache.clone()), none(&cache));
        let broker = member(&options, "source-broker-2");
        let command = |archive| broker.service().command(&broker, &tools, &archive);
        let used = command(Archive::Use("/cds/broker.jsa".into()));
        assert_eq!(used.main, "kafka.Kafka");
        let agent = "-javaagent:/cache/jmx-exporter-1.0.1/jmx_prometheus_javaagent-1.0.1.jar=127.0.0.1:17072:\
                     conf/jmx-broker.yml";
        assert!(used.argv.contains(&agent.into()), "{:?}", used.argv);
        assert!(used.argv.contains(&"-XX:SharedArchiveFile=/cds/broker.jsa".into()));
        assert_eq!(
            used.argv[used.argv.len() - 3..],
            ["/cache/kafka-3.7.2/libs/*", "kafka.Kafka", "conf/source-broker-2.properties"]
        );
        let made = command(Archive::Make("/cds/broker.jsa".into()));
        assert!(made.argv.contains(&"-XX:ArchiveClassesAtExit=/cds/broker.jsa".into()));
        assert!(!made.argv.iter().any(|a| a.contains("javaagent")));
    }
}
