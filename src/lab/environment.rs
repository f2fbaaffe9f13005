//! [`environment`]: the lab as an environment that a campaign can run in.

use super::{LabError, release::Release, service::Member, state::State};
use crate::clients::{Endpoint, Environment, Exporter};
use std::{collections::BTreeMap, path::Path};
use url::Url;

/// The lab in `folder` as an environment of that name. `program` is how this program is called for the lab, up to the
/// word `fault`; the environment's commands are made of it (`stop-source-broker-2`).
pub fn environment(folder: &Path, name: &str, program: &[String]) -> Result<Environment, LabError> {
    let not_up = || LabError::NotUp { folder: folder.to_owned() };
    let state = State::read(folder)?.filter(|state| !state.processes.is_empty()).ok_or_else(not_up)?;
    let members: Vec<&Member> = state.processes.iter().map(|p| &p.member).collect();
    let folder = std::path::absolute(folder).map_err(LabError::io("find", folder))?;
    let flags = flags(&members);
    let mut environment = Environment {
        name: name.to_owned(),
        description: format!("The lab on this machine, started by `jalon lab up{flags}`."),
        production: false,
        clusters: BTreeMap::new(),
        connect: None,
        schema_registry: None,
        schema_registries: BTreeMap::new(),
        prometheus: None,
        grafana: None,
        trogdor: None,
        exporters: members
            .iter()
            .filter_map(|m| Some((m.name.clone(), Exporter(Endpoint::at(Url::parse(&m.metrics()?).ok()?)))))
            .collect(),
        commands: commands(&members, program),
        kafka_tools: None,
        ..Environment::default()
    };
    for process in &state.processes {
        let service = process.member.service();
        service.enter(&process.member, &process.argv, &folder, &mut environment);
    }
    Ok(environment)
}

/// The lab as the text of an environment file, without what is empty.
pub fn environment_text(folder: &Path, name: &str, program: &[String]) -> Result<String, LabError> {
    let environment = environment(folder, name, program)?;
    let unprintable = |cause: String| LabError::io("print", folder)(std::io::Error::other(cause));
    let mut value = serde_json::to_value(&environment).map_err(|e| unprintable(e.to_string()))?;
    remove_empty(&mut value);
    serde_yaml::to_string(&value).map_err(|e| unprintable(e.to_string()))
}

/// Takes out what says nothing: null, false, and empty texts, lists and maps.
fn remove_empty(value: &mut serde_json::Value) {
    if let serde_json::Value::Object(map) = value {
        map.values_mut().for_each(remove_empty);
        map.retain(|_, v| match v {
            serde_json::Value::Null | serde_json::Value::Bool(false) => false,
            serde_json::Value::String(text) => !text.is_empty(),
            serde_json::Value::Array(list) => !list.is_empty(),
            serde_json::Value::Object(map) => !map.is_empty(),
            _ => true,
        });
    }
}

/// The flags of `jalon lab up` that a reader should know of.
fn flags(members: &[&Member]) -> String {
    let kafka = members.iter().map(|m| m.kafka).find(|kafka| *kafka != Release::default());
    let kraft = members.iter().any(|m| m.kraft) && kafka.is_none();
    let secure = members.iter().any(|m| m.secure);
    let kafka = kafka.map_or_else(String::new, |kafka| format!(" --kafka {kafka}"));
    let flag = |given: bool, flag: &'static str| if given { flag } else { "" };
    format!("{kafka}{}{}", flag(kraft, " --kraft"), flag(secure, " --secure"))
}

/// The faults of every process that a campaign may want to lose.
fn commands(members: &[&Member], program: &[String]) -> BTreeMap<String, Vec<String>> {
    members
        .iter()
        .flat_map(|m| m.kind().faults.iter().map(move |fault| (fault, &m.name)))
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
        service::CommandLine,
        services::members,
        state::{Lab, Process},
    };

    #[tokio::test]
    async fn the_environment_names_every_service_and_fault() {
        let root = tempfile::tempdir().unwrap();
        assert!(matches!(environment(root.path(), "lab", &[]), Err(LabError::NotUp { .. })));
        let options = Options::new(root.path(), Cache::at("/cache"));
        let mut lab = Lab::create(root.path()).await.unwrap();
        let argv = ["/java", "-Xmx1g", "-cp", "/libs/*", "m"].map(str::to_owned).to_vec();
        let command = CommandLine { main: "m".into(), argv };
        lab.begin(members(&options).into_iter().map(|m| Process::new(m, command.clone())).collect()).unwrap();

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
        assert_eq!(environment.exporters["connect"].0.url.as_str(), "http://127.0.0.1:17090/metrics");
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
        let mut options = Options { secure: true, ..Options::new(root.path(), Cache::at("/cache")) };
        options.switches.insert("trogdor");
        let mut lab = Lab::create(root.path()).await.unwrap();
        let command = CommandLine { main: "m".into(), argv: vec![] };
        lab.begin(members(&options).into_iter().map(|m| Process::new(m, command.clone())).collect()).unwrap();

        let environment = environment(root.path(), "lab", &[]).unwrap();
        let password = format!("file:{}", root.path().join("secrets/campaign.password").display());
        let ca = root.path().join("secrets/ca.pem");
        for side in ["source", "target"] {
            let properties = &environment.clusters[side].properties;
            assert_eq!(properties["security.protocol"], "SASL_SSL");
            assert_eq!(properties["sasl.password"], password);
            assert_eq!(properties["ssl.truststore.location"], ca.display().to_string());
        }
        let connect = &environment.connect.as_ref().unwrap().all()[0];
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
