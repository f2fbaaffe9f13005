//! The schema registry: Apicurio, with the API of Confluent's.

use crate::{
    clients::Environment,
    lab::{
        fetch::Item,
        java::{Java, Runtime},
        secrets::CAMPAIGN,
        service::{
            Archive, CommandLine, Fault, Kind, Layer, Log, Member, Options, Probe, Runs, Scrape, Service,
            Setup, Switch, Tools,
        },
    },
};
use std::path::Path;

static NO_REGISTRY: Switch = Switch::new("no-registry", "Do not start the schema registry");

/// Its classes are made for Java 21.
static RUNTIME: Runtime = Runtime {
    java: Java {
        what: "the schema registry",
        versions: 21..=u32::MAX,
        needed: "21 or newer",
        package: "openjdk-21-jre-headless",
        download: true,
    },
    item: Item {
        folder: "apicurio-registry-3.3.3",
        what: "Apicurio Registry 3.3.3, 160 MB",
        proof: "quarkus-run.jar",
        pom: None,
        commands: &["mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:unpack \
              -Dartifact=io.apicurio:apicurio-registry-app:3.3.3:tar.gz:all -DoutputDirectory=. \
              -DmarkersDirectory=.markers"],
    },
    jars: "",
    agent: None,
};

/// Schemas are kept in a file, so that they survive a restart of the process; the hosts must be given, or it binds to every
/// address.
const OPTIONS: [&str; 8] = [
    "-Xmx256m",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
    "-Dquarkus.http.host=127.0.0.1",
    "-Dquarkus.management.host=127.0.0.1",
    "-Dapicurio.datasource.url=jdbc:h2:file:./data/registry/h2",
    "-Dapicurio.datasource.jdbc.initial-size=2",
    "-Dapicurio.datasource.jdbc.min-size=2",
];

/// Its user, in the terms of its configuration.
const USERS: &str = "secrets/registry.properties";

static KIND: Kind = Kind {
    name: "registry",
    about: "The schema registry.",
    layer: Layer::Clients,
    switch: Some(&NO_REGISTRY),
    runtime: Some(Runs::Own(&RUNTIME)),
    needs: &[],
    scrape: Some(Scrape { job: "registry", cluster: None, every: None }),
    faults: &Fault::ALL,
};

pub(super) struct Registry;

#[async_trait::async_trait]
impl Service for Registry {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    /// Its health and metrics are on its management port, which it opens in any case.
    fn members(&self, options: &Options) -> Vec<Member> {
        if options.given(&NO_REGISTRY) {
            return vec![];
        }
        let registry = Member::single(&Self, "registry", options.port(18_182, 33), options);
        vec![Member { metrics_port: Some(options.port(18_192, 34)), ..registry }]
    }

    fn files(&self, _: &Member, setup: &Setup) -> Vec<(String, String)> {
        let text = setup.secrets.map(|secrets| {
            format!(
                "quarkus.security.users.embedded.enabled=true\n\
                 quarkus.security.users.embedded.plain-text=true\n\
                 quarkus.security.users.embedded.users.{CAMPAIGN}={}\n\
                 quarkus.security.users.embedded.roles.{CAMPAIGN}=sr-admin\n",
                secrets.campaign
            )
        });
        text.map(|text| (USERS.to_owned(), text)).into_iter().collect()
    }

    /// Its own launcher loads classes in a way that no archive can serve, so that its jars are given as one class path:
    /// the changed classes first, as the launcher does.
    fn command(&self, member: &Member, tools: &Tools, archive: &Archive) -> CommandLine {
        const MAIN: &str = "io.quarkus.runner.GeneratedMain";
        let folder = tools.jars(&RUNTIME);
        let jars = [
            "quarkus/transformed-bytecode.jar",
            "quarkus/generated-bytecode.jar",
            "app/*",
            "lib/boot/*",
            "lib/main/*",
        ]
        .map(|jars| folder.join(jars).display().to_string());
        let mut argv = archive.java(&RUNTIME, tools, &OPTIONS);
        argv.push(format!("-Dquarkus.http.port={}", member.port));
        argv.push(format!("-Dquarkus.management.port={}", member.metrics_port.unwrap_or_default()));
        if member.secure {
            // It warns that this cannot be changed at run time, and changes it.
            argv.push("-Dquarkus.http.auth.basic=true".to_owned());
            argv.push(format!("-Dquarkus.config.locations={USERS}"));
        }
        argv.extend(["-cp".to_owned(), jars.join(":"), MAIN.to_owned()]);
        CommandLine { main: MAIN.to_owned(), argv }
    }

    fn address(&self, member: &Member) -> String {
        format!("http://{}/apis/ccompat/v7", member.socket())
    }

    async fn is_ready(&self, member: &Member, probe: &Probe, _: &Log) -> bool {
        probe.succeeds(member.metrics_port.unwrap_or(member.port), "/health/ready").await
    }

    fn enter(&self, member: &Member, _: &[String], folder: &Path, environment: &mut Environment) {
        environment.schema_registry = member.endpoint(folder);
    }
}
