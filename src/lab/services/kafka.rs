//! What the services that run from Kafka's jars share: the downloads, command lines, files and ports of metrics.

use super::prometheus::NO_PROMETHEUS;
use crate::{
    clients::{Cluster, Environment},
    lab::{
        release::Release,
        secrets,
        service::{Archive, CommandLine, Member, Options, Side, Tools},
    },
};
use std::path::Path;

/// The rules of the JMX exporter for what the plan asks for, by the names of their files.
pub const JMX_RULES: [(&str, &str); 3] = [
    ("jmx-broker.yml", include_str!("conf/jmx-broker.yml")),
    ("jmx-connect.yml", include_str!("conf/jmx-connect.yml")),
    ("jmx-zookeeper.yml", include_str!("conf/jmx-zookeeper.yml")),
];

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
        logging(member),
    ]
}

/// How a process writes its log.
pub(super) fn logging(member: &Member) -> (String, String) {
    let (path, text) = match member.kafka {
        Release::V3_7_2 => ("conf/log4j.properties", include_str!("conf/log4j.properties")),
        Release::V4_3_1 => ("conf/log4j2.properties", include_str!("conf/log4j2.properties")),
    };
    (path.to_owned(), text.to_owned())
}

/// The option that says where that stands.
fn log_option(kafka: Release) -> &'static str {
    match kafka {
        Release::V3_7_2 => "-Dlog4j.configuration=file:conf/log4j.properties",
        Release::V4_3_1 => "-Dlog4j2.configurationFile=file:conf/log4j2.properties",
    }
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
    let runtime = member.kafka.runtime();
    let mut argv = archive.java(runtime, tools, options);
    let log = log_option(member.kafka);
    argv.extend(
        ["-Djava.awt.headless=true", "-Duser.language=en", "-Duser.country=US", log].map(str::to_owned),
    );
    if let (Some(agent), Some(port), false) =
        (&runtime.agent, member.metrics_port, matches!(archive, Archive::Make(_)))
    {
        let (agent, name) = (tools.file(agent), member.kind().name);
        argv.push(format!("-javaagent:{}=127.0.0.1:{port}:conf/jmx-{name}.yml", agent.display()));
    }
    argv.extend(["-cp".to_owned(), class_path(member.kafka, tools), main.to_owned(), conf]);
    CommandLine { main: main.to_owned(), argv }
}

/// The command line of a short-lived tool of the release of `member`, whose arguments are separated by spaces. One that
/// begins with `@` is a file which holds main class and arguments, for what no command line may show.
pub(super) fn tool(
    member: &Member,
    tools: &Tools,
    archive: &Archive,
    main: &str,
    arguments: &str,
) -> CommandLine {
    let runtime = member.kafka.runtime();
    let mut argv = archive.java(runtime, tools, &["-Xmx128m", log_option(member.kafka)]);
    argv.extend(["-cp".to_owned(), class_path(member.kafka, tools)]);
    argv.extend((!arguments.starts_with('@')).then(|| main.to_owned()));
    argv.extend(arguments.split(' ').map(str::to_owned));
    CommandLine { main: main.to_owned(), argv }
}

fn class_path(kafka: Release, tools: &Tools) -> String {
    format!("{}/*", tools.jars(kafka.runtime()).display())
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
