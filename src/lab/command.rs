//! The command line of each process.

use super::{
    conf,
    members::{Member, Role},
    tools::Tools,
};
use std::path::{Path, PathBuf};

/// What a Java process does with class archives.
#[derive(Debug, Clone, Copy)]
pub(super) enum Archives<'a> {
    /// Starts from the archive in this folder, where there is one.
    Use(&'a Path),
    /// Writes one into this folder when it ends. Java refuses that to a process with an agent.
    Make(&'a Path),
}

/// A command line, and the word in it that tells what runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    /// Main class, jar or program.
    pub(super) main: String,
    /// Program and arguments, to be run in the lab's folder.
    pub(super) argv: Vec<String>,
}

/// The command line of a process.
pub(super) fn command(member: &Member, tools: &Tools, archives: Archives<'_>) -> Command {
    match member.role {
        Role::Zookeeper => kafka(
            member,
            tools,
            archives,
            ["-Xms64m", "-Xmx128m"],
            "org.apache.zookeeper.server.quorum.QuorumPeerMain",
        ),
        Role::Broker => kafka(member, tools, archives, ["-Xms128m", "-Xmx256m"], "kafka.Kafka"),
        Role::Connect => kafka(
            member,
            tools,
            archives,
            ["-Xms128m", "-Xmx256m"],
            "org.apache.kafka.connect.cli.ConnectDistributed",
        ),
        Role::Registry => registry(member, tools),
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
        Role::Exporter => program(
            tools.monitoring.as_ref().map(|(_, node)| node),
            "prometheus-node-exporter",
            vec![format!("--web.listen-address=127.0.0.1:{}", member.port), "--log.level=warn".to_owned()],
        ),
    }
}

/// The class archive of a role within a folder; brokers share one, as all processes of a main class do.
pub(super) fn archive(folder: &Path, role: Role) -> PathBuf {
    folder.join(format!("{role}.jsa"))
}

/// A program of Kafka's jars. The `*` of the class path is Java's own and must reach it unexpanded.
fn kafka(member: &Member, tools: &Tools, archives: Archives<'_>, heap: [&str; 2], main: &str) -> Command {
    let mut argv = vec![tools.java.display().to_string()];
    argv.extend(heap.map(str::to_owned));
    // The first compiler alone and the serial collector: half the CPU time and less memory for a short-lived lab.
    // Java archives classes for one collector only, so that the flags must not differ between making and using.
    argv.extend(
        [
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xlog:cds=off",
            "-Xlog:cds+dynamic=off",
            "-Djava.awt.headless=true",
            "-Duser.language=en",
            "-Duser.country=US",
            "-Dlog4j.configuration=file:conf/log4j.properties",
        ]
        .map(str::to_owned),
    );
    match archives {
        Archives::Use(folder) => {
            // A file that is missing would cost Java its own archive as well.
            let archive = archive(folder, member.role);
            if archive.exists() {
                argv.push(format!("-XX:SharedArchiveFile={}", archive.display()));
            }
            if let (Some(agent), Some(port)) = (&tools.agent, member.metrics_port) {
                argv.push(format!(
                    "-javaagent:{}=127.0.0.1:{port}:conf/jmx-{}.yml",
                    agent.display(),
                    member.role
                ));
            }
        }
        Archives::Make(folder) => {
            argv.push(format!("-XX:ArchiveClassesAtExit={}", archive(folder, member.role).display()));
        }
    }
    argv.extend(["-cp".to_owned(), format!("{}/*", tools.libs.display()), main.to_owned()]);
    argv.push(conf::path(member));
    Command { main: main.to_owned(), argv }
}

/// The registry. Schemas are kept in a file, so that they survive a restart of the process; its management port must be
/// given, or it binds to every address.
fn registry(member: &Member, tools: &Tools) -> Command {
    let (java, jar) = tools.registry.clone().unwrap_or_default();
    let mut argv = vec![java.display().to_string()];
    argv.extend(["-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"].map(str::to_owned));
    argv.push("-Dquarkus.http.host=127.0.0.1".to_owned());
    argv.push(format!("-Dquarkus.http.port={}", member.port));
    argv.push("-Dquarkus.management.host=127.0.0.1".to_owned());
    argv.push(format!("-Dquarkus.management.port={}", member.metrics_port.unwrap_or_default()));
    argv.push("-Dapicurio.datasource.url=jdbc:h2:file:./data/registry/h2".to_owned());
    argv.push("-Dapicurio.datasource.jdbc.initial-size=2".to_owned());
    argv.push("-Dapicurio.datasource.jdbc.min-size=2".to_owned());
    argv.extend(["-jar".to_owned(), jar.display().to_string()]);
    Command { main: "quarkus-run.jar".to_owned(), argv }
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
        };
        let broker = members(&Options::new("/lab", Cache::at("/cache")))
            .into_iter()
            .find(|m| m.name == "source-broker-2")
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let used = command(&broker, &tools, Archives::Use(folder.path()));
        assert!(!used.argv.iter().any(|a| a.contains("SharedArchiveFile")), "there is none yet");
        std::fs::write(folder.path().join("broker.jsa"), "").unwrap();
        let used = command(&broker, &tools, Archives::Use(folder.path()));
        assert_eq!(used.main, "kafka.Kafka");
        assert!(
            used.argv.contains(&"-javaagent:/cache/agent.jar=127.0.0.1:17072:conf/jmx-broker.yml".into())
        );
        assert!(
            used.argv.iter().any(|a| a.starts_with("-XX:SharedArchiveFile=") && a.ends_with("/broker.jsa"))
        );
        assert_eq!(
            used.argv[used.argv.len() - 3..],
            ["/cache/libs/*", "kafka.Kafka", "conf/source-broker-2.properties"]
        );
        let made = command(&broker, &tools, Archives::Make(Path::new("/cds")));
        assert!(made.argv.contains(&"-XX:ArchiveClassesAtExit=/cds/broker.jsa".into()));
        assert!(!made.argv.iter().any(|a| a.contains("javaagent")));
    }
}
