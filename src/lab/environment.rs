//! [`environment`]: the lab as an environment that a campaign can run in.

use super::{
    Error, Fault,
    fetch::KAFKA_VERSION,
    members::{Member, Role, Side},
    secrets,
    state::{Process, State},
};
use crate::clients::{Cluster, Environment, KafkaTools, environment::Trogdor};
use std::{collections::BTreeMap, path::Path};
use url::Url;

/// The lab in `folder` as an environment of that name. `program` is how this program is called for the lab, up to the
/// word `fault`; the environment's commands are made of it (`stop-source-broker-2`).
pub fn environment(folder: &Path, name: &str, program: &[String]) -> Result<Environment, Error> {
    let not_up = || Error::NotUp { folder: folder.to_owned() };
    let state = State::read(folder)?.filter(|state| !state.processes.is_empty()).ok_or_else(not_up)?;
    let members: Vec<&Member> = state.processes.iter().map(|p| &p.member).collect();
    let folder = std::path::absolute(folder).map_err(Error::io("find", folder))?;
    let service = |role| members.iter().find(|m| m.role == role).and_then(|m| secrets::endpoint(m, &folder));
    let secure = members.iter().any(|m| m.secure);
    Ok(Environment {
        name: name.to_owned(),
        description: format!(
            "The lab on this machine, started by `jalon lab up{}`.",
            if secure { " --secure" } else { "" }
        ),
        production: false,
        clusters: [Side::Source, Side::Target]
            .into_iter()
            .filter_map(|side| Some((side.name().to_owned(), cluster(&members, side, &folder)?)))
            .collect(),
        connect: service(Role::Connect),
        schema_registry: service(Role::Registry),
        prometheus: service(Role::Prometheus),
        grafana: None,
        trogdor: trogdor(&members, &folder),
        exporters: members
            .iter()
            .filter_map(|m| Some((m.name.clone(), Url::parse(&m.metrics()?).ok()?)))
            .collect(),
        commands: commands(&members, program),
        kafka_tools: tools(&state.processes),
    })
}

fn cluster(members: &[&Member], side: Side, folder: &Path) -> Option<Cluster> {
    let of = |role| -> Vec<String> {
        members.iter().filter(|m| m.role == role && m.side == Some(side)).map(|m| m.address()).collect()
    };
    let brokers = of(Role::Broker);
    if brokers.is_empty() {
        return None;
    }
    let secure = members.iter().any(|m| m.secure);
    Some(Cluster {
        bootstrap_servers: brokers.join(","),
        brokers: u32::try_from(brokers.len()).ok(),
        properties: if secure { secrets::client_properties(folder) } else { BTreeMap::new() },
        zookeeper: of(Role::Zookeeper),
    })
}

/// Trogdor with its agents, and how their clients log in to the clusters of a secure lab.
fn trogdor(members: &[&Member], folder: &Path) -> Option<Trogdor> {
    let url = |m: &&Member| Url::parse(&m.address()).ok();
    let coordinator = members.iter().find(|m| m.role == Role::TrogdorCoordinator)?;
    let agents = members.iter().filter(|m| m.role == Role::TrogdorAgent);
    let log_in = |side: Side| {
        let any = members.iter().any(|m| m.side == Some(side));
        (coordinator.secure && any).then(|| (side.name().to_owned(), secrets::agent_properties(folder)))
    };
    Some(Trogdor {
        url: url(coordinator)?,
        agents: agents.filter_map(|m| Some((m.name.clone(), url(m)?))).collect(),
        version: Some(KAFKA_VERSION.to_owned()),
        properties: [Side::Source, Side::Target].into_iter().filter_map(log_in).collect(),
    })
}

/// Kafka's tools are among the jars of its brokers.
fn tools(processes: &[Process]) -> Option<KafkaTools> {
    let argv = &processes.iter().find(|p| p.member.role == Role::Broker)?.argv;
    let at = argv.iter().position(|word| word == "-cp")?;
    Some(KafkaTools {
        bin: None,
        class_path: Some(argv.get(at + 1)?.clone()),
        java: argv.first().map(Into::into),
    })
}

/// Every fault for every process that a campaign may want to lose.
fn commands(members: &[&Member], program: &[String]) -> BTreeMap<String, Vec<String>> {
    members
        .iter()
        .filter(|m| !matches!(m.role, Role::Prometheus | Role::Exporter))
        .flat_map(|m| Fault::ALL.map(|fault| (fault, &m.name)))
        .map(|(fault, name)| {
            let words = ["fault".to_owned(), fault.word().to_owned(), name.clone()];
            (format!("{fault}-{name}"), program.iter().cloned().chain(words).collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::SecretRef;
    use crate::lab::{
        Cache, Options,
        members::members,
        state::{Lab, Process},
    };

    #[tokio::test]
    async fn the_environment_names_every_service_and_fault() {
        let root = tempfile::tempdir().unwrap();
        assert!(matches!(environment(root.path(), "lab", &[]), Err(Error::NotUp { .. })));
        let options = Options::new(root.path(), Cache::at("/cache"));
        let mut lab = Lab::create(root.path()).await.unwrap();
        let argv = ["/java", "-Xmx1g", "-cp", "/libs/*", "m"].map(str::to_owned);
        lab.begin(
            members(&options).into_iter().map(|m| Process::new(m, "m".into(), argv.to_vec())).collect(),
        )
        .unwrap();

        let program = ["/bin/jalon", "lab"].map(str::to_owned);
        let environment = environment(root.path(), "lab", &program).unwrap();
        let source = &environment.clusters["source"];
        assert_eq!(source.bootstrap_servers, "127.0.0.1:19092,127.0.0.1:19093,127.0.0.1:19094");
        assert_eq!(
            (source.brokers, source.zookeeper.as_slice()),
            (Some(3), &["127.0.0.1:12181".to_owned()][..])
        );
        assert_eq!(environment.clusters["target"].zookeeper, ["127.0.0.1:22181"]);
        let registry = environment.schema_registry.as_ref().unwrap();
        assert_eq!(registry.url.as_str(), "http://127.0.0.1:18182/apis/ccompat/v7");
        assert_eq!(environment.exporters["connect"].as_str(), "http://127.0.0.1:17090/metrics");
        assert_eq!(environment.exporters.len(), 10);
        let stop = &environment.commands["stop-target-broker-1"];
        assert_eq!(*stop, ["/bin/jalon", "lab", "fault", "stop", "target-broker-1"].map(str::to_owned));

        assert!(environment.clusters["source"].properties.is_empty());
        assert_eq!(environment.trogdor, None, "only where it is asked for");
        let tools = environment.kafka_tools.as_ref().unwrap();
        assert_eq!(
            (tools.class_path.as_deref(), tools.java.as_deref()),
            (Some("/libs/*"), Some(Path::new("/java")))
        );

        let text = serde_yaml::to_string(&environment).unwrap();
        assert_eq!(serde_yaml::from_str::<Environment>(&text).unwrap(), environment);
    }

    #[tokio::test]
    async fn the_environment_of_a_secure_lab_refers_to_its_secrets() {
        let root = tempfile::tempdir().unwrap();
        let options =
            Options { secure: true, trogdor: true, ..Options::new(root.path(), Cache::at("/cache")) };
        let mut lab = Lab::create(root.path()).await.unwrap();
        lab.begin(members(&options).into_iter().map(|m| Process::new(m, "m".into(), vec![])).collect())
            .unwrap();

        let environment = environment(root.path(), "lab", &[]).unwrap();
        let password = format!("file:{}", root.path().join("secrets/campaign.password").display());
        let ca = root.path().join("secrets/ca.pem");
        for side in ["source", "target"] {
            let properties = &environment.clusters[side].properties;
            assert_eq!(properties["security.protocol"], "SASL_SSL");
            assert_eq!(properties["sasl.password"], password);
            assert_eq!(properties["ssl.truststore.location"], ca.display().to_string());
        }
        let connect = environment.connect.as_ref().unwrap();
        assert_eq!((connect.url.scheme(), connect.ca_file.as_ref()), ("https", Some(&ca)));
        assert_eq!(
            (connect.user.as_deref(), &connect.password),
            (Some("campaign"), &SecretRef::parse(&password))
        );
        let registry = environment.schema_registry.as_ref().unwrap();
        assert_eq!((registry.url.scheme(), &registry.password), ("http", &connect.password));
        assert_eq!(environment.prometheus.as_ref().unwrap().user, None);
        let trogdor = environment.trogdor.as_ref().unwrap();
        assert_eq!(trogdor.url.as_str(), "http://127.0.0.1:18889/");
        assert_eq!(trogdor.agents.keys().collect::<Vec<_>>(), ["trogdor-agent-1", "trogdor-agent-2"]);
        for properties in [&trogdor.properties["source"], &trogdor.properties["target"]] {
            let jaas =
                format!("${{file:{}:jaas}}", root.path().join("secrets/connector.properties").display());
            assert_eq!(properties["sasl.jaas.config"], jaas);
            assert!(!properties.contains_key("sasl.password"), "it would go over the network in clear");
        }

        let text = serde_yaml::to_string(&environment).unwrap();
        assert_eq!(serde_yaml::from_str::<Environment>(&text).unwrap(), environment);
    }
}
