//! The command line of each process.

use super::{
    conf,
    members::{Member, Role},
    secrets,
    tools::Tools,
};
use std::path::PathBuf;

/// What a Java process does with a class archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Archive {
    /// Nothing: its classes are loaded from the jars.
    None,
    /// Starts from this one.
    Use(PathBuf),
    /// Writes this one when it ends. Java refuses that to a process with an agent.
    Make(PathBuf),
}

/// The first compiler alone and the serial collector: half the CPU time and less memory for a short-lived lab. Java makes
/// class archives for one collector only, so that these must not differ between making and using one.
const LIGHT: [&str; 4] =
    ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xlog:cds=off", "-Xlog:cds+dynamic=off"];

/// A command line, and the word in it that tells what runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    /// Main class, jar or program.
    pub(super) main: String,
    /// Program and arguments, to be run in the lab's folder.
    pub(super) argv: Vec<String>,
}

impl Archive {
    /// The option that tells Java.
    fn option(&self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Use(path) => Some(format!("-XX:SharedArchiveFile={}", path.display())),
            Self::Make(path) => Some(format!("-XX:ArchiveClassesAtExit={}", path.display())),
        }
    }
}

/// The command line of a process.
pub(super) fn command(member: &Member, tools: &Tools, archive: &Archive) -> Command {
    match member.role {
        Role::Zookeeper => kafka(
            member,
            tools,
            archive,
            ["-Xms64m", "-Xmx128m"],
            "org.apache.zookeeper.server.quorum.QuorumPeerMain",
        ),
        Role::Broker => kafka(member, tools, archive, ["-Xms128m", "-Xmx256m"], "kafka.Kafka"),
        Role::Connect => kafka(
            member,
            tools,
            archive,
            ["-Xms128m", "-Xmx256m"],
            "org.apache.kafka.connect.cli.ConnectDistributed",
        ),
        Role::Registry => registry(member, tools, archive),
        Role::Prometheus => program(
            tools.monitoring.as_ref().map(|(prometheus, _)| prometheus),
            "prometheus",
            vec![
                format!("--config.file={}", conf::path(member)),
                "--storage.tsdb.path=data/prometheus".to_owned(),
                format!("--web.listen-address=127.0.0.1:{}", member.port),
                "--log.level=warn".to_owned(),
            ],
        ),
        Role::TrogdorCoordinator | Role::TrogdorAgent => trogdor(member, tools, archive),
        Role::Exporter => program(
            tools.monitoring.as_ref().map(|(_, node)| node),
            "prometheus-node-exporter",
            vec![format!("--web.listen-address=127.0.0.1:{}", member.port), "--log.level=warn".to_owned()],
        ),
    }
}

/// A program of Kafka's jars. The `*` of the class path is Java's own and must reach it unexpanded.
fn kafka(member: &Member, tools: &Tools, archive: &Archive, heap: [&str; 2], main: &str) -> Command {
    let mut argv = vec![tools.java.display().to_string()];
    argv.extend(heap.map(str::to_owned));
    argv.extend(LIGHT.map(str::to_owned));
    argv.extend(
        [
            "-Djava.awt.headless=true",
            "-Duser.language=en",
            "-Duser.country=US",
            "-Dlog4j.configuration=file:conf/log4j.properties",
        ]
        .map(str::to_owned),
    );
    argv.extend(archive.option());
    if let (Some(agent), Some(port), false) =
        (&tools.agent, member.metrics_port, matches!(archive, Archive::Make(_)))
    {
        let role = member.role;
        argv.push(format!("-javaagent:{}=127.0.0.1:{port}:conf/jmx-{role}.yml", agent.display()));
    }
    if member.secure && member.role == Role::Connect {
        argv.push(format!("-Djava.security.auth.login.config={}", secrets::CONNECT_JAAS));
    }
    argv.extend(["-cp".to_owned(), format!("{}/*", tools.libs.display()), main.to_owned()]);
    argv.push(conf::path(member));
    Command { main: main.to_owned(), argv }
}

/// Coordinator or agent of Trogdor. Their own programs serve on every address of the machine, without a log-in, and run
/// whatever command they are sent; so they are put together by Jetty's configuration, which binds them to 127.0.0.1.
fn trogdor(member: &Member, tools: &Tools, archive: &Archive) -> Command {
    let jar = tools.jetty_xml.clone().unwrap_or_default();
    let heap =
        if member.role == Role::TrogdorAgent { ["-Xms32m", "-Xmx256m"] } else { ["-Xms32m", "-Xmx128m"] };
    let mut command = kafka(member, tools, archive, heap, "org.eclipse.jetty.xml.XmlConfiguration");
    if let Some(at) = command.argv.iter().position(|word| word == "-cp") {
        command.argv[at + 1] = format!("{}:{}", command.argv[at + 1], jar.display());
    }
    command
}

/// A short-lived tool of Kafka's jars.
pub(super) fn tool(tools: &Tools, archive: &Archive, main: &str, arguments: Vec<String>) -> Vec<String> {
    let mut argv = vec![tools.java.display().to_string(), "-Xmx128m".to_owned()];
    argv.extend(LIGHT.map(str::to_owned));
    argv.push("-Dlog4j.configuration=file:conf/log4j.properties".to_owned());
    argv.extend(archive.option());
    argv.extend(["-cp".to_owned(), format!("{}/*", tools.libs.display()), main.to_owned()]);
    argv.extend(arguments);
    argv
}

/// The registry. Schemas are kept in a file, so that they survive a restart of the process; its management port must be
/// given, or it binds to every address. Its own launcher loads classes in a way that no archive can serve, so that its
/// jars are given as one class path: the changed classes first, as the launcher does.
fn registry(member: &Member, tools: &Tools, archive: &Archive) -> Command {
    const MAIN: &str = "io.quarkus.runner.GeneratedMain";
    let (java, folder) = tools.registry.clone().unwrap_or_default();
    let jars: Vec<String> = [
        "quarkus/transformed-bytecode.jar",
        "quarkus/generated-bytecode.jar",
        "app/*",
        "lib/boot/*",
        "lib/main/*",
    ]
    .iter()
    .map(|jars| folder.join(jars).display().to_string())
    .collect();
    let mut argv = vec![java.display().to_string(), "-Xmx256m".to_owned()];
    argv.extend(LIGHT.map(str::to_owned));
    argv.push("--add-opens=java.base/java.lang=ALL-UNNAMED".to_owned());
    argv.push("--enable-native-access=ALL-UNNAMED".to_owned());
    argv.extend(archive.option());
    argv.push("-Dquarkus.http.host=127.0.0.1".to_owned());
    argv.push(format!("-Dquarkus.http.port={}", member.port));
    argv.push("-Dquarkus.management.host=127.0.0.1".to_owned());
    argv.push(format!("-Dquarkus.management.port={}", member.metrics_port.unwrap_or_default()));
    argv.push("-Dapicurio.datasource.url=jdbc:h2:file:./data/registry/h2".to_owned());
    argv.push("-Dapicurio.datasource.jdbc.initial-size=2".to_owned());
    argv.push("-Dapicurio.datasource.jdbc.min-size=2".to_owned());
    if member.secure {
        // It warns that this cannot be changed at run time, and changes it.
        argv.push("-Dquarkus.http.auth.basic=true".to_owned());
        argv.push(format!("-Dquarkus.config.locations={}", secrets::REGISTRY));
    }
    argv.extend(["-cp".to_owned(), jars.join(":"), MAIN.to_owned()]);
    Command { main: MAIN.to_owned(), argv }
}

/// A program of the machine.
fn program(path: Option<&PathBuf>, name: &str, arguments: Vec<String>) -> Command {
    let program = path.map_or_else(|| name.to_owned(), |path| path.display().to_string());
    Command { main: name.to_owned(), argv: [program].into_iter().chain(arguments).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{Cache, Options, members::members};

    #[test]
    fn an_archive_is_made_without_the_agent_and_used_with_it() {
        let tools = Tools {
            java: "/jdk/bin/java".into(),
            libs: "/cache/libs".into(),
            agent: Some("/cache/agent.jar".into()),
            registry: None,
            monitoring: None,
            jetty_xml: None,
        };
        let broker = members(&Options::new("/lab", Cache::at("/cache")))
            .into_iter()
            .find(|m| m.name == "source-broker-2")
            .unwrap();
        let used = command(&broker, &tools, &Archive::Use("/cds/broker.jsa".into()));
        assert_eq!(used.main, "kafka.Kafka");
        assert!(
            used.argv.contains(&"-javaagent:/cache/agent.jar=127.0.0.1:17072:conf/jmx-broker.yml".into())
        );
        assert!(used.argv.contains(&"-XX:SharedArchiveFile=/cds/broker.jsa".into()));
        assert_eq!(
            used.argv[used.argv.len() - 3..],
            ["/cache/libs/*", "kafka.Kafka", "conf/source-broker-2.properties"]
        );
        let made = command(&broker, &tools, &Archive::Make("/cds/broker.jsa".into()));
        assert!(made.argv.contains(&"-XX:ArchiveClassesAtExit=/cds/broker.jsa".into()));
        assert!(!made.argv.iter().any(|a| a.contains("javaagent")));
    }
}
