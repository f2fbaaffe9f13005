//! Kafka's brokers, on ZooKeeper or as their own controllers (KRaft).

use super::{kafka, kraft};
use crate::{
    clients::{
        Cluster, Environment, KafkaTools,
        kafka::{Admin, Topology},
    },
    lab::{
        secrets,
        service::{
            Archive, CommandLine, Fault, Kind, Layer, Log, Member, Options, Probe, Role, Runs, Scrape,
            Secrets, Service, Setup, Side, Tools,
        },
    },
};
use std::{collections::BTreeMap, fs, path::Path, time::Duration};
use tokio::time::{Instant, sleep};

/// The name of the service.
pub(super) const NAME: &str = "broker";

/// What a broker writes into its log once it serves.
const STARTED: [&str; 2] = ["started (kafka.server.KafkaServer)", "started (kafka.server.KafkaRaftServer)"];

/// What a broker writes into its log when ZooKeeper still holds the session of the one before it. It goes away with the
/// session, so that a later start succeeds.
const OLD_SESSION: &str = "NodeExistsException";

/// How long a broker may take to learn what it serves. Afterwards it is taken for ready all the same: what it still
/// lacks may be waiting for another broker, or is of a topic that was deleted while it was away.
const JOIN_LIMIT: Duration = Duration::from_secs(10);

/// How often it is asked.
const ASK_EVERY: Duration = Duration::from_millis(100);

static KIND: Kind = Kind {
    name: NAME,
    about: "A Kafka broker.",
    layer: Layer::Brokers,
    switch: None,
    runtime: Some(Runs::Kafka),
    needs: &[],
    scrape: Some(Scrape { job: "kafka", cluster: None, every: None }),
    faults: &Fault::ALL,
};

pub(super) struct Broker;

#[async_trait::async_trait]
impl Service for Broker {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn members(&self, options: &Options) -> Vec<Member> {
        let broker = |side: Side, nth: u16, number: u16| Member {
            name: format!("{}-broker-{number}", side.name()),
            role: Role::of(&Self),
            side: Some(side),
            number,
            port: options.port(19_091 + 10_000 * nth + number, 9 + 10 * nth + number),
            metrics_port: kafka::metrics_port(options, 17_070 + 10 * nth + number, 40 + 10 * nth + number),
            secure: options.secure,
            kafka: options.kafka,
            kraft: options.kraft,
            controller_port: kraft::port(nth, number, kafka::brokers(side, options), options),
        };
        let cluster = |(side, nth)| (1..=kafka::brokers(side, options)).map(move |n| broker(side, nth, n));
        Side::ALL.into_iter().zip(0..).flat_map(cluster).collect()
    }

    fn files(&self, member: &Member, setup: &Setup) -> Vec<(String, String)> {
        let mut files = kafka::files(member, settings(member, setup), include_str!("conf/jmx-broker.yml"));
        files.extend(kraft::files(member, setup));
        files
    }

    fn command(&self, member: &Member, tools: &Tools, archive: &Archive) -> CommandLine {
        let (heap, conf) = (["-Xms128m", "-Xmx256m"], kafka::properties(member));
        kafka::command(member, tools, archive, &heap, "kafka.Kafka", conf)
    }

    fn address(&self, member: &Member) -> String {
        member.socket()
    }

    /// The port opens shortly before the log line comes.
    async fn is_ready(&self, member: &Member, probe: &Probe, log: &Log) -> bool {
        probe.connect(member.port).await.is_some() && STARTED.iter().any(|line| log.text().contains(line))
    }

    /// A broker says that it has started before it knows its topics: waits until it knows `peers` brokers, itself among
    /// them, and a leader for every partition in its data.
    async fn join(&self, member: &Member, probe: &Probe, peers: usize) {
        let deadline = Instant::now() + JOIN_LIMIT;
        let folder = probe.folder();
        let properties = if member.secure { secrets::client_properties(folder) } else { BTreeMap::new() };
        let cluster = Cluster {
            bootstrap_servers: member.socket(),
            brokers: None,
            properties,
            site: None,
            zookeeper: vec![],
        };
        let Ok(admin) = Admin::new(&cluster).await else { return };
        let held = partitions(&folder.join("data").join(&member.name));
        while Instant::now() < deadline {
            if admin.topology().await.is_ok_and(|topology| knows(&topology, member, peers, &held)) {
                return;
            }
            sleep(ASK_EVERY).await;
        }
    }

    fn preparation(&self, member: &Member, tools: &Tools) -> Option<CommandLine> {
        kraft::preparation(member, tools)
    }

    /// Without ZooKeeper the users are in the data of the brokers from the start; their rights are not.
    fn users(&self, member: &Member, tools: &Tools) -> Vec<CommandLine> {
        kraft::rights(member, tools).into_iter().collect()
    }

    fn retry(&self, log: &Log) -> Option<&'static str> {
        log.text().contains(OLD_SESSION).then_some("ZooKeeper still holds its old session")
    }

    /// Kafka's tools are among the jars of its brokers.
    fn enter(&self, member: &Member, argv: &[String], folder: &Path, environment: &mut Environment) {
        if let Some(cluster) = kafka::cluster(member, folder, environment) {
            if !cluster.bootstrap_servers.is_empty() {
                cluster.bootstrap_servers.push(',');
            }
            cluster.bootstrap_servers += &member.socket();
            cluster.brokers = Some(cluster.brokers.unwrap_or(0) + 1);
        }
        let class_path = argv.iter().skip_while(|word| *word != "-cp").nth(1);
        if let (None, Some(class_path)) = (&environment.kafka_tools, class_path) {
            let java = argv.first().map(Into::into);
            environment.kafka_tools =
                Some(KafkaTools { bin: None, class_path: Some(class_path.clone()), java });
        }
    }
}

fn settings(member: &Member, setup: &Setup) -> String {
    let Member { name, number, .. } = member;
    let side = member.side.unwrap_or(Side::Source);
    let replicas = kafka::replicas(side, setup.options);
    let (protocol, socket) = (if member.secure { "SASL_SSL" } else { "PLAINTEXT" }, member.socket());
    let own = match setup.options.kraft {
        true => kraft::settings(member, side, setup, protocol),
        false => format!("broker.id={number}\nlisteners={protocol}://{socket}\n"),
    };
    let mut text = format!(
        "{own}\
         advertised.listeners={protocol}://{socket}\n\
         log.dirs=data/{name}\n\
         default.replication.factor={replicas}\n\
         min.insync.replicas={in_sync}\n\
         offsets.topic.replication.factor={replicas}\n\
         transaction.state.log.replication.factor={replicas}\n\
         transaction.state.log.min.isr={in_sync}\n{}",
        include_str!("conf/broker.properties"),
        in_sync = (replicas - 1).max(1),
    );
    let fellows = setup.members.iter().filter(|m| m.side.is_none_or(|s| s == side));
    let mut services: Vec<&dyn Service> = fellows.map(Member::service).collect();
    services.dedup_by_key(|service| service.kind().name);
    text.extend(services.iter().map(|service| service.broker_settings(side, setup)));
    text + &setup.secrets.map(log_in).unwrap_or_default()
}

/// What a broker of a secure lab says besides: its log-in at the others and its certificate, and that nobody may do what
/// no ACL allows.
fn log_in(secrets: &Secrets) -> String {
    format!(
        "security.inter.broker.protocol=SASL_SSL\n\
         sasl.mechanism.inter.broker.protocol={mechanism}\n\
         sasl.enabled.mechanisms={mechanism}\n\
         listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={jaas}\n\
         {key_store}{trust_store}\
         super.users=User:{admin}\n\
         allow.everyone.if.no.acl.found=false\n",
        mechanism = secrets::MECHANISM,
        jaas = secrets.admin_jaas(),
        key_store = secrets.key_store(""),
        trust_store = secrets::trust_store(""),
        admin = secrets::ADMIN,
    )
}

/// Whether the answer of a broker lists what it should.
fn knows(topology: &Topology, member: &Member, peers: usize, held: &[(String, i32)]) -> bool {
    let itself = topology.brokers.iter().any(|b| b.id == i32::from(member.number));
    let led = |(topic, partition): &(String, i32)| {
        topology
            .topic(topic)
            .is_some_and(|t| t.partitions.iter().any(|p| p.id == *partition && p.leader.is_some()))
    };
    itself && topology.brokers.len() >= peers && held.iter().all(led)
}

/// The partitions in a broker's folder. A topic that is being deleted has a hash and a word behind its name.
fn partitions(data: &Path) -> Vec<(String, i32)> {
    fs::read_dir(data)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let (topic, partition) = name.rsplit_once('-')?;
            Some((topic.to_owned(), partition.parse().ok()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clients::kafka::{Broker as Listed, Partition, Topic},
        lab::{
            Cache,
            probe::tests::server,
            services::tests::{file, member},
        },
    };

    #[test]
    fn replicas_follow_the_number_of_brokers() {
        let lab = |source_brokers| Options { source_brokers, ..Options::new("/lab", Cache::at("/cache")) };
        for (brokers, replicas, in_sync) in [(1, 1, 1), (2, 2, 1), (3, 3, 2), (5, 3, 2)] {
            let text = file(&lab(brokers), "conf/source-broker-1.properties");
            assert!(text.contains(&format!("\ndefault.replication.factor={replicas}\n")), "{text}");
            assert!(text.contains(&format!("\nmin.insync.replicas={in_sync}\n")), "{text}");
        }
        let text = file(&lab(3), "conf/target-broker-1.properties");
        assert!(text.contains("zookeeper.connect=127.0.0.1:22181\n"), "{text}");
    }

    #[tokio::test]
    async fn a_broker_is_ready_only_by_the_log_of_this_start() {
        let port = server("").await;
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("broker.log");
        let before = "[KafkaServer id=1] started (kafka.server.KafkaServer)\n";
        fs::write(&path, format!("{before}KeeperErrorCode = NodeExists NodeExistsException\n")).unwrap();
        let options = Options::new("/lab", Cache::at("/cache"));
        let (probe, broker) =
            (Probe::new(root.path()), Member { port, ..member(&options, "source-broker-1") });
        assert!(Broker.is_ready(&broker, &probe, &Log::whole(path.clone())).await);
        let again = Log { path, start: before.len() as u64 };
        assert!(!Broker.is_ready(&broker, &probe, &again).await);
        assert!(Broker.retry(&again).is_some());
        assert_eq!(Broker.retry(&Log { start: u64::MAX, ..again }), None);
    }

    #[test]
    fn a_broker_that_does_not_know_its_topics_yet_does_not_serve() {
        let member = &member(&Options::new("/lab", Cache::at("/cache")), "source-broker-2");
        let partition = |id, leader| Partition { id, leader, replicas: vec![2], isr: vec![2] };
        let mut topology = Topology {
            brokers: [1, 2].map(|id| Listed { id, host: "h".into(), port: 1 }).into(),
            cluster_id: None,
            controller: None,
            topics: vec![],
            took: Duration::ZERO,
        };
        let held = [("perf-nominal".to_owned(), 0)];
        assert!(knows(&topology, member, 2, &[]));
        assert!(!knows(&topology, member, 3, &[]));
        assert!(!knows(&topology, member, 2, &held));
        topology.topics =
            vec![Topic { name: "perf-nominal".into(), error: None, partitions: vec![partition(0, None)] }];
        assert!(!knows(&topology, member, 2, &held));
        topology.topics[0].partitions[0].leader = Some(1);
        assert!(knows(&topology, member, 2, &held));
        topology.brokers.truncate(1);
        assert!(!knows(&topology, member, 1, &held), "it does not list itself");
    }

    #[test]
    fn the_folders_of_partitions_are_told_from_others() {
        let root = tempfile::tempdir().unwrap();
        for name in ["perf-nominal-0", "orders-12", "gone-0.5f3a-delete", "lost+found"] {
            fs::create_dir(root.path().join(name)).unwrap();
        }
        fs::write(root.path().join("file-1"), "").unwrap();
        let mut found = partitions(root.path());
        found.sort();
        assert_eq!(found, [("orders".to_owned(), 12), ("perf-nominal".to_owned(), 0)]);
    }
}
