//! Kafka Connect, one worker with the plugins of MirrorMaker 2.

use super::kafka;
use crate::{
    clients::{Environment, Flow, http},
    lab::{
        probe::ASK_LIMIT,
        secrets::{self, CAMPAIGN},
        service::{
            Archive, CommandLine, Fault, Kind, Layer, Log, Member, Options, Probe, Runs, Scrape, Secrets,
            Service, Setup, Side, Switch, Tools,
        },
    },
    record::Said,
};
use std::{fmt::Write, path::Path};
use tokio::time::timeout;

static NO_CONNECT: Switch = Switch::new("no-connect", "Do not start Kafka Connect");

/// The log-in module of its API, for Java's own property.
const JAAS: &str = "secrets/connect-jaas.conf";

/// The users of its API.
const USERS: &str = "secrets/connect-users.properties";

static KIND: Kind = Kind {
    name: "connect",
    about: "A Kafka Connect worker.",
    layer: Layer::Clients,
    switch: Some(&NO_CONNECT),
    runtime: Some(Runs::Kafka),
    needs: &[],
    // Every second, for the latencies of MirrorMaker 2. It stands beside the cluster that it writes to.
    scrape: Some(Scrape { job: "connect", cluster: Some("target"), every: Some("1s") }),
    faults: &Fault::ALL,
};

pub(super) struct Connect;

#[async_trait::async_trait]
impl Service for Connect {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn members(&self, options: &Options) -> Vec<Member> {
        if options.given(&NO_CONNECT) {
            return vec![];
        }
        let worker = Member::single(&Self, "connect", options.port(18_083, 30), options);
        vec![Member { metrics_port: kafka::metrics_port(options, 17_090, 60), ..worker }]
    }

    fn files(&self, member: &Member, setup: &Setup) -> Vec<(String, String)> {
        let settings = settings(member, setup) + &setup.secrets.map(log_in).unwrap_or_default();
        let mut files = kafka::files(member, settings, include_str!("conf/jmx-connect.yml"));
        if let Some(secrets) = setup.secrets {
            let module = "org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule";
            let jaas = format!("KafkaConnect {{\n  {module} required\n  file=\"{USERS}\";\n}};\n");
            files.push((JAAS.to_owned(), jaas));
            files.push((USERS.to_owned(), format!("{CAMPAIGN}={}\n", secrets.campaign)));
        }
        files
    }

    fn command(&self, member: &Member, tools: &Tools, archive: &Archive) -> CommandLine {
        let jaas = format!("-Djava.security.auth.login.config={JAAS}");
        let mut options = vec!["-Xms128m", "-Xmx256m"];
        if member.secure {
            options.push(&jaas);
        }
        let main = "org.apache.kafka.connect.cli.ConnectDistributed";
        kafka::command(member, tools, archive, &options, main, kafka::properties(member))
    }

    fn address(&self, member: &Member) -> String {
        format!("{}://{}", if member.secure { "https" } else { "http" }, member.socket())
    }

    async fn is_ready(&self, member: &Member, probe: &Probe, _: &Log) -> bool {
        if !member.secure {
            return probe.succeeds(member.port, "/connectors").await;
        }
        let ask = async {
            let endpoint = member.endpoint(probe.folder())?;
            let client = http::Client::open(Said::verbatim("Connect"), &endpoint).await.ok()?;
            Some(client.get("/connectors").await.is_ok_and(|answer| answer.status == 200))
        };
        timeout(ASK_LIMIT, ask).await.ok().flatten().unwrap_or(false)
    }

    fn enter(&self, member: &Member, _: &[String], folder: &Path, environment: &mut Environment) {
        environment.connect = member.endpoint(folder).map(Into::into);
        // The brokers have entered before; a lab of one cluster copies nothing.
        if member.secure && environment.clusters.contains_key("target") {
            // Connect keeps what its connectors are set to, so that the password stays in a file.
            let log_in = Some(secrets::agent_properties(folder));
            let flow =
                Flow { source_properties: log_in.clone(), target_properties: log_in, ..Flow::default() };
            environment.mirror.insert("source->target".to_owned(), flow);
        }
    }
}

fn settings(member: &Member, setup: &Setup) -> String {
    // It keeps its own topics in the cluster that it writes to.
    let side = if setup.options.target_brokers > 0 { Side::Target } else { Side::Source };
    let replicas = kafka::replicas(side, setup.options);
    format!(
        "bootstrap.servers={}\n\
         listeners={}\n\
         rest.advertised.host.name=127.0.0.1\n\
         rest.advertised.port={}\n\
         config.storage.replication.factor={replicas}\n\
         offset.storage.replication.factor={replicas}\n\
         status.storage.replication.factor={replicas}\n{}",
        setup.sockets(Layer::Brokers, side),
        member.address(),
        member.port,
        include_str!("conf/connect.properties"),
    )
}

/// What a worker of a secure lab says besides: its own log-in and that of the clients of its connectors, TLS and Basic
/// authentication of its API, whose server cannot read a PEM trust store and needs none. Settings of connectors may take
/// secrets from files.
fn log_in(secrets: &Secrets) -> String {
    let mut text = String::new();
    for prefix in ["", "producer.", "consumer.", "admin."] {
        let _ = write!(
            text,
            "{prefix}security.protocol=SASL_SSL\n\
             {prefix}sasl.mechanism={}\n\
             {prefix}sasl.jaas.config={}\n{}",
            secrets::MECHANISM,
            secrets.admin_jaas(),
            secrets::trust_store(prefix),
        );
    }
    text + "rest.advertised.listener=https\n"
        + &secrets.key_store("listeners.https.")
        + "listeners.https.ssl.client.auth=none\n\
           rest.extension.classes=org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension\n\
           config.providers=file\n\
           config.providers.file.class=org.apache.kafka.common.config.provider.FileConfigProvider\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{Cache, services::tests::file};

    #[test]
    fn connect_works_on_the_source_where_there_is_no_target() {
        let options = Options::new("/lab", Cache::at("/cache"));
        let text = file(&options, "conf/connect.properties");
        assert!(text.contains("bootstrap.servers=127.0.0.1:29092\n"), "{text}");
        let alone = Options { target_brokers: 0, ..options };
        let text = file(&alone, "conf/connect.properties");
        assert!(text.contains("bootstrap.servers=127.0.0.1:19092,127.0.0.1:19093,127.0.0.1:19094\n"));
        assert!(text.contains("offset.storage.replication.factor=3\n"));
    }
}
