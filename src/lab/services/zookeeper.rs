//! ZooKeeper, one node for each cluster.

use super::{broker, kafka};
use crate::{
    clients::Environment,
    lab::{
        probe::ASK_LIMIT,
        secrets::{ADMIN, CAMPAIGN, scram_file},
        service::{
            Archive, CommandLine, Fault, Kind, Layer, Log, Member, Options, Probe, Role, Runs, Scrape,
            Service, Setup, Side, Tools,
        },
    },
};
use std::path::Path;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

static KIND: Kind = Kind {
    name: "zookeeper",
    about: "A ZooKeeper node.",
    layer: Layer::Coordination,
    switch: None,
    runtime: Some(Runs::Kafka),
    needs: &[],
    scrape: Some(Scrape { job: "zookeeper", cluster: None, every: None }),
    faults: &Fault::ALL,
};

pub(super) struct Zookeeper;

#[async_trait::async_trait]
impl Service for Zookeeper {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn members(&self, options: &Options) -> Vec<Member> {
        let node = |(side, nth): (Side, u16)| Member {
            name: format!("{}-zookeeper", side.name()),
            role: Role::of(&Self),
            side: Some(side),
            number: 1,
            port: options.port(12_181 + 10_000 * nth, nth),
            metrics_port: kafka::metrics_port(options, 17_070 + 10 * nth, 40 + 10 * nth),
            secure: options.secure,
            kafka: options.kafka,
            kraft: false,
            controller_port: None,
        };
        let clusters = Side::ALL.into_iter().zip(0..);
        clusters.filter(|(side, _)| !options.kraft && kafka::brokers(*side, options) > 0).map(node).collect()
    }

    fn files(&self, member: &Member, _: &Setup) -> Vec<(String, String)> {
        let settings = format!(
            "dataDir=data/{}\nclientPort={}\n{}",
            member.name,
            member.port,
            include_str!("conf/zookeeper.properties")
        );
        kafka::files(member, settings, include_str!("conf/jmx-zookeeper.yml"))
    }

    fn broker_settings(&self, side: Side, setup: &Setup) -> String {
        let nodes = setup.sockets(Layer::Coordination, side);
        let mut text = format!("zookeeper.connect={nodes}\nzookeeper.session.timeout.ms=6000\n");
        if setup.secrets.is_some() {
            text += "authorizer.class.name=kafka.security.authorizer.AclAuthorizer\n";
        }
        text
    }

    fn command(&self, member: &Member, tools: &Tools, archive: &Archive) -> CommandLine {
        kafka::command(
            member,
            tools,
            archive,
            &["-Xms64m", "-Xmx128m"],
            "org.apache.zookeeper.server.quorum.QuorumPeerMain",
            kafka::properties(member),
        )
    }

    fn address(&self, member: &Member) -> String {
        member.socket()
    }

    /// It says which mode it serves in; before that it answers that it does not serve.
    async fn is_ready(&self, member: &Member, probe: &Probe, _: &Log) -> bool {
        let ask = async {
            let mut stream = probe.connect(member.port).await?;
            stream.write_all(b"srvr").await.ok()?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.ok()?;
            Some(answer.contains("Mode: "))
        };
        timeout(ASK_LIMIT, ask).await.ok().flatten().unwrap_or(false)
    }

    /// Brokers log in to one another, so that they cannot start without their users, which ZooKeeper keeps. The
    /// passwords are in files.
    fn users(&self, member: &Member, tools: &Tools) -> Vec<CommandLine> {
        if !member.secure {
            return vec![];
        }
        let zookeeper = member.socket();
        let archive = Archive::usable(broker::NAME, member.runtime(), tools);
        let scram = |user| {
            let arguments = format!(
                "--zookeeper {zookeeper} --alter --entity-type users --entity-name {user} --add-config-file {}",
                scram_file(user)
            );
            kafka::tool(member, tools, &archive, "kafka.admin.ConfigCommand", &arguments)
        };
        let acls = format!(
            "--authorizer-properties zookeeper.connect={zookeeper} --add --allow-principal User:{CAMPAIGN} --operation \
             All --topic * --group * --transactional-id * --cluster"
        );
        let acls = kafka::tool(member, tools, &archive, "kafka.admin.AclCommand", &acls);
        vec![scram(ADMIN), scram(CAMPAIGN), acls]
    }

    fn enter(&self, member: &Member, _: &[String], folder: &Path, environment: &mut Environment) {
        if let Some(cluster) = kafka::cluster(member, folder, environment) {
            cluster.zookeeper.push(member.socket());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{Cache, probe::tests::server, services::tests::member};

    #[tokio::test]
    async fn a_node_that_does_not_serve_yet_is_not_ready() {
        let options = Options::new("/lab", Cache::at("/cache"));
        let node = member(&options, "source-zookeeper");
        let ready = async |answer| {
            let node = Member { port: server(answer).await, ..node.clone() };
            Zookeeper.is_ready(&node, &Probe::new(Path::new("/lab")), &Log::whole("/nowhere".into())).await
        };
        assert!(ready("Zookeeper version: 3.8.4\nMode: standalone\n").await);
        assert!(!ready("This ZooKeeper instance is not currently serving requests\n").await);
    }
}
