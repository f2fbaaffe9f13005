//! The configuration files of a lab's processes, written into its folder.

use super::{
    Error, Options,
    members::{Member, Role, Side},
    secrets::{self, Secrets},
};
use std::{fmt::Write, fs, path::Path};

/// The files that are the same in every lab.
const COMMON: [(&str, &str); 4] = [
    ("jmx-broker.yml", include_str!("conf/jmx-broker.yml")),
    ("jmx-connect.yml", include_str!("conf/jmx-connect.yml")),
    ("jmx-zookeeper.yml", include_str!("conf/jmx-zookeeper.yml")),
    ("log4j.properties", include_str!("conf/log4j.properties")),
];

/// The configuration file of a process, below the lab's folder.
pub(super) fn path(member: &Member) -> String {
    match member.role {
        Role::Prometheus => format!("conf/{}.yml", member.name),
        Role::TrogdorCoordinator | Role::TrogdorAgent => format!("conf/{}.xml", member.name),
        _ => format!("conf/{}.properties", member.name),
    }
}

/// Writes all of them; `secrets` are those of a secure lab. Only their owner can read them.
pub(super) fn write_all(
    folder: &Path,
    options: &Options,
    members: &[Member],
    secrets: Option<&Secrets>,
) -> Result<(), Error> {
    let conf = folder.join("conf");
    fs::create_dir_all(&conf).map_err(Error::io("make", &conf))?;
    let own =
        members.iter().filter_map(|m| Some((folder.join(path(m)), text(m, options, members, secrets)?)));
    let common = COMMON.iter().map(|(name, text)| (conf.join(name), (*text).to_owned()));
    let trogdor = options.trogdor.then(|| (conf.join(TROGDOR), trogdor_nodes(members)));
    for (path, text) in common.chain(own).chain(trogdor) {
        secrets::write(&path, &text)?;
    }
    Ok(())
}

/// What the file of a process says; `None` for a process without a file.
fn text(member: &Member, options: &Options, members: &[Member], secrets: Option<&Secrets>) -> Option<String> {
    match member.role {
        Role::Zookeeper => Some(format!(
            "dataDir=data/{}\nclientPort={}\n{}",
            member.name,
            member.port,
            include_str!("conf/zookeeper.properties")
        )),
        Role::Broker => {
            Some(broker(member, options, members) + &secrets.map(secure_broker).unwrap_or_default())
        }
        Role::Connect => {
            Some(connect(member, options, members) + &secrets.map(secure_connect).unwrap_or_default())
        }
        Role::Prometheus => Some(prometheus(members)),
        Role::TrogdorCoordinator | Role::TrogdorAgent => Some(trogdor(member)),
        Role::Registry | Role::Exporter => None,
    }
}

/// Where Trogdor's coordinator finds its agents, and each of them itself.
const TROGDOR: &str = "trogdor.json";

fn trogdor_nodes(members: &[Member]) -> String {
    let nodes: serde_json::Map<String, serde_json::Value> = members
        .iter()
        .filter_map(|m| {
            let port = match m.role {
                Role::TrogdorCoordinator => "trogdor.coordinator.port",
                Role::TrogdorAgent => "trogdor.agent.port",
                _ => return None,
            };
            let mut node = serde_json::json!({"hostname": "127.0.0.1", "trogdor.agent.port": 0});
            node[port] = m.port.into();
            Some((m.name.clone(), node))
        })
        .collect();
    format!(
        "{:#}\n",
        serde_json::json!({"platform": "org.apache.kafka.trogdor.basic.BasicPlatform", "nodes": nodes})
    )
}

/// How Jetty puts a process of Trogdor together.
fn trogdor(member: &Member) -> String {
    let text = match member.role {
        Role::TrogdorAgent => include_str!("conf/trogdor-agent.xml"),
        _ => include_str!("conf/trogdor-coordinator.xml"),
    };
    text.replace("NAME", &member.name).replace("PORT", &member.port.to_string())
}

fn broker(member: &Member, options: &Options, members: &[Member]) -> String {
    let replicas = replicas(member.side, options);
    let Member { name, number, port, .. } = member;
    let protocol = if member.secure { "SASL_SSL" } else { "PLAINTEXT" };
    format!(
        "broker.id={number}\n\
         listeners={protocol}://127.0.0.1:{port}\n\
         advertised.listeners={protocol}://127.0.0.1:{port}\n\
         zookeeper.connect={}\n\
         log.dirs=data/{name}\n\
         default.replication.factor={replicas}\n\
         min.insync.replicas={in_sync}\n\
         offsets.topic.replication.factor={replicas}\n\
         transaction.state.log.replication.factor={replicas}\n\
         transaction.state.log.min.isr={in_sync}\n{}",
        addresses(members, Role::Zookeeper, member.side),
        include_str!("conf/broker.properties"),
        in_sync = (replicas - 1).max(1),
    )
}

fn connect(member: &Member, options: &Options, members: &[Member]) -> String {
    let side = connect_side(options);
    let replicas = replicas(Some(side), options);
    let (address, port) = (member.address(), member.port);
    format!(
        "bootstrap.servers={}\n\
         listeners={address}\n\
         rest.advertised.host.name=127.0.0.1\n\
         rest.advertised.port={port}\n\
         config.storage.replication.factor={replicas}\n\
         offset.storage.replication.factor={replicas}\n\
         status.storage.replication.factor={replicas}\n{}",
        addresses(members, Role::Broker, Some(side)),
        include_str!("conf/connect.properties"),
    )
}

/// What a secure broker says besides: its log-in at the others, its certificate, and an authorizer that allows nothing
/// by itself.
fn secure_broker(secrets: &Secrets) -> String {
    format!(
        "security.inter.broker.protocol=SASL_SSL\n\
         sasl.mechanism.inter.broker.protocol={mechanism}\n\
         sasl.enabled.mechanisms={mechanism}\n\
         listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={jaas}\n\
         {key_store}{trust_store}\
         authorizer.class.name=kafka.security.authorizer.AclAuthorizer\n\
         super.users=User:{admin}\n\
         allow.everyone.if.no.acl.found=false\n",
        mechanism = secrets::MECHANISM,
        jaas = secrets.admin_jaas(),
        key_store = key_store("", secrets),
        trust_store = trust_store(""),
        admin = secrets::ADMIN,
    )
}

/// What a secure Connect worker says besides: its own log-in and that of the clients of its connectors, TLS and Basic
/// authentication of its API, whose server cannot read a PEM trust store and needs none. Settings of connectors may take
/// secrets from files.
fn secure_connect(secrets: &Secrets) -> String {
    let mut text = String::new();
    for prefix in ["", "producer.", "consumer.", "admin."] {
        let _ = write!(
            text,
            "{prefix}security.protocol=SASL_SSL\n\
             {prefix}sasl.mechanism={}\n\
             {prefix}sasl.jaas.config={}\n{}",
            secrets::MECHANISM,
            secrets.admin_jaas(),
            trust_store(prefix),
        );
    }
    text + "rest.advertised.listener=https\n"
        + &key_store("listeners.https.", secrets)
        + "listeners.https.ssl.client.auth=none\n\
           rest.extension.classes=org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension\n\
           config.providers=file\n\
           config.providers.file.class=org.apache.kafka.common.config.provider.FileConfigProvider\n"
}

fn key_store(prefix: &str, secrets: &Secrets) -> String {
    format!(
        "{prefix}ssl.keystore.type=PKCS12\n\
         {prefix}ssl.keystore.location={}\n\
         {prefix}ssl.keystore.password={password}\n\
         {prefix}ssl.key.password={password}\n",
        secrets::KEY_STORE,
        password = secrets.store,
    )
}

fn trust_store(prefix: &str) -> String {
    format!("{prefix}ssl.truststore.type=PEM\n{prefix}ssl.truststore.location={}\n", secrets::CA)
}

/// The exporters by job, each with the name of its process; Connect every second, for the latencies of MirrorMaker 2.
fn prometheus(members: &[Member]) -> String {
    let mut text = "# The lab's Prometheus.\n\
                    global: {scrape_interval: 5s, scrape_timeout: 4s, evaluation_interval: 5s}\n\
                    scrape_configs:\n"
        .to_owned();
    for (job, role, often) in [
        ("kafka", Role::Broker, ""),
        ("zookeeper", Role::Zookeeper, ""),
        ("connect", Role::Connect, "  scrape_interval: 1s\n  scrape_timeout: 1s\n"),
        ("registry", Role::Registry, ""),
        ("node", Role::Exporter, ""),
        ("prometheus", Role::Prometheus, ""),
    ] {
        let mut targets = String::new();
        for member in members.iter().filter(|m| m.role == role) {
            let Some(port) = member.metrics_port else { continue };
            // The worker of MirrorMaker 2 stands beside the cluster that it writes to.
            let cluster = match (member.side, role) {
                (Some(side), _) => format!("cluster: {}, ", side.name()),
                (None, Role::Connect) => "cluster: target, ".to_owned(),
                (None, _) => String::new(),
            };
            let _ = writeln!(
                targets,
                "  - {{targets: ['127.0.0.1:{port}'], labels: {{{cluster}process: {}}}}}",
                member.name
            );
        }
        if !targets.is_empty() {
            let _ = write!(text, "- job_name: {job}\n{often}  static_configs:\n{targets}");
        }
    }
    text
}

/// `host:port,host:port` of the processes of a role in a cluster.
fn addresses(members: &[Member], role: Role, side: Option<Side>) -> String {
    let each: Vec<_> =
        members.iter().filter(|m| m.role == role && m.side == side).map(Member::address).collect();
    each.join(",")
}

/// The cluster that Connect keeps its own topics in.
fn connect_side(options: &Options) -> Side {
    if options.target_brokers > 0 { Side::Target } else { Side::Source }
}

/// How many replicas a topic of a cluster has.
fn replicas(side: Option<Side>, options: &Options) -> u16 {
    let brokers = if side == Some(Side::Target) { options.target_brokers } else { options.source_brokers };
    brokers.clamp(1, 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{Cache, members::members};

    fn file(options: &Options, name: &str) -> String {
        let all = members(options);
        text(all.iter().find(|m| m.name == name).unwrap(), options, &all, None).unwrap()
    }

    #[test]
    fn replicas_follow_the_number_of_brokers() {
        let lab = |source_brokers| Options { source_brokers, ..Options::new("/lab", Cache::at("/cache")) };
        for (brokers, replicas, in_sync) in [(1, 1, 1), (2, 2, 1), (3, 3, 2), (5, 3, 2)] {
            let text = file(&lab(brokers), "source-broker-1");
            assert!(text.contains(&format!("\ndefault.replication.factor={replicas}\n")), "{text}");
            assert!(text.contains(&format!("\nmin.insync.replicas={in_sync}\n")), "{text}");
        }
        assert!(file(&lab(3), "target-broker-1").contains("zookeeper.connect=127.0.0.1:22181\n"));
    }

    #[test]
    fn connect_works_on_the_source_where_there_is_no_target() {
        let options = Options::new("/lab", Cache::at("/cache"));
        assert!(file(&options, "connect").contains("bootstrap.servers=127.0.0.1:29092\n"));
        let alone = Options { target_brokers: 0, ..options };
        let text = file(&alone, "connect");
        assert!(text.contains("bootstrap.servers=127.0.0.1:19092,127.0.0.1:19093,127.0.0.1:19094\n"));
        assert!(text.contains("offset.storage.replication.factor=3\n"));
    }

    #[test]
    fn a_secure_lab_lets_nobody_in_in_clear() {
        let word = |text: &str| text.to_owned();
        let secrets =
            Secrets { admin: word("admin-pw"), campaign: word("campaign-pw"), store: word("store-pw") };
        let options = Options { secure: true, ..Options::new("/lab", Cache::at("/cache")) };
        let all = members(&options);
        for member in all.iter().filter(|m| matches!(m.role, Role::Broker | Role::Connect)) {
            let text = text(member, &options, &all, Some(&secrets)).unwrap();
            assert!(!text.contains("PLAINTEXT") && !text.contains("http://"), "{text}");
            assert!(text.contains("admin-pw") && text.contains("store-pw"), "{text}");
            assert!(!text.contains("campaign-pw"), "{text}");
            let names: Vec<_> =
                text.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
            let once: std::collections::BTreeSet<_> = names.iter().collect();
            assert_eq!(once.len(), names.len(), "a setting is there twice: {text}");
        }
    }

    #[test]
    fn prometheus_scrapes_every_process_once() {
        let options = Options::new("/lab", Cache::at("/cache"));
        let text = file(&options, "prometheus");
        for member in members(&options) {
            let label = format!("process: {}}}", member.name);
            assert_eq!(text.matches(&label).count(), 1, "{}\n{text}", member.name);
        }
        serde_yaml::from_str::<serde_json::Value>(&text).unwrap();
    }

    #[test]
    fn trogdor_is_bound_to_this_machine_and_finds_its_agents() {
        let options = Options { trogdor: true, ..Options::new("/lab", Cache::at("/cache")) };
        let nodes: serde_json::Value = serde_json::from_str(&trogdor_nodes(&members(&options))).unwrap();
        let nodes = nodes["nodes"].as_object().unwrap();
        assert_eq!(nodes.len(), 3);
        assert_eq!(nodes["trogdor-agent-2"]["trogdor.agent.port"], 18_888);
        assert_eq!(nodes["trogdor"]["trogdor.coordinator.port"], 18_889);
        assert_eq!(nodes["trogdor"]["trogdor.agent.port"], 0, "the coordinator is no agent");
        for (name, port) in [("trogdor", "18889"), ("trogdor-agent-1", "18887")] {
            let text = file(&options, name);
            assert!(text.contains(&format!("<Arg type=\"int\">{port}</Arg>")), "{text}");
            assert!(text.contains(&format!("<Arg>{name}</Arg>")), "{text}");
            assert!(text.contains("<Set name=\"host\">127.0.0.1</Set>"), "{text}");
        }
    }
}
