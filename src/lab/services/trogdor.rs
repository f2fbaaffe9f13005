//! Trogdor, Kafka's distributed test engine: a coordinator, and two agents whose Java clients put load on a cluster.
//!
//! Its own programs serve on every address of the machine, without a log-in, and run whatever command they are sent; so
//! they are put together by Jetty's configuration, which binds them to 127.0.0.1.

use super::kafka;
use crate::{
    clients::{Environment, environment},
    lab::{
        fetch::Item,
        options::Switch,
        secrets,
        service::{
            Archive, CommandLine, Fault, Kind, Layer, Log, Member, Need, Options, Probe, Role, Runs, Service,
            Setup, Tools,
        },
    },
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, path::Path};
use url::Url;

static TROGDOR: Switch = Switch {
    flag: "trogdor",
    help: "Also start a coordinator and two agents of Trogdor, for the driver `trogdor`",
    // Jetty's configuration below is of the Jetty of 3.7.
    before_4: true,
};

/// What starts it on 127.0.0.1 alone, of the version of Jetty that belongs to Kafka 3.7.2.
static JETTY_XML: Item = Item {
    folder: "jetty-xml-9.4.56",
    what: "Jetty's starter for Trogdor, 0.1 MB",
    proof: "jetty-xml-9.4.56.v20240826.jar",
    pom: None,
    commands: &["mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
          -Dartifact=org.eclipse.jetty:jetty-xml:9.4.56.v20240826 -DoutputDirectory=."],
};

/// The coordinator.
pub(super) static COORDINATOR: Trogdor = Trogdor {
    kind: Kind {
        name: "trogdor-coordinator",
        about: "The coordinator of Trogdor, Kafka's distributed test engine.",
        ..BOTH
    },
    heap: ["-Xms32m", "-Xmx128m"],
    template: include_str!("conf/trogdor-coordinator.xml"),
    status: "/coordinator/status",
};

/// The agents.
pub(super) static AGENT: Trogdor = Trogdor {
    kind: Kind {
        name: "trogdor-agent",
        about: "An agent of Trogdor, whose Java clients put load on a cluster.",
        ..BOTH
    },
    heap: ["-Xms32m", "-Xmx256m"],
    template: include_str!("conf/trogdor-agent.xml"),
    status: "/agent/status",
};

/// What is the same for both.
const BOTH: Kind = Kind {
    name: "",
    about: "",
    layer: Layer::Clients,
    switch: Some(&TROGDOR),
    runtime: Some(Runs::Kafka),
    needs: &[Need::Item(&JETTY_XML)],
    scrape: None,
    faults: &Fault::ALL,
};

/// The service: coordinator or agents.
pub(super) struct Trogdor {
    kind: Kind,
    heap: [&'static str; 2],
    /// How Jetty puts a process together.
    template: &'static str,
    /// The path of its API that says whether it serves.
    status: &'static str,
}

#[async_trait::async_trait]
impl Service for Trogdor {
    fn kind(&self) -> &'static Kind {
        if self.is_agent() { &AGENT.kind } else { &COORDINATOR.kind }
    }

    fn members(&self, options: &Options) -> Vec<Member> {
        let agent = |n: u16| {
            let port = options.port(18_886 + n, 35 + n);
            Member::single(&AGENT, &format!("trogdor-agent-{n}"), port, options)
        };
        match (options.given(&TROGDOR), self.is_agent()) {
            (false, _) => vec![],
            (true, false) => vec![Member::single(&COORDINATOR, "trogdor", options.port(18_889, 35), options)],
            (true, true) => vec![agent(1), agent(2)],
        }
    }

    fn files(&self, member: &Member, setup: &Setup) -> Vec<(String, String)> {
        let text = self.template.replace("NAME", &member.name).replace("PORT", &member.port.to_string());
        vec![
            (conf(member), text),
            ("conf/trogdor.json".to_owned(), nodes(setup.members)),
            kafka::logging(member),
        ]
    }

    fn command(&self, member: &Member, tools: &Tools, archive: &Archive) -> CommandLine {
        let main = "org.eclipse.jetty.xml.XmlConfiguration";
        let mut command = kafka::command(member, tools, archive, &self.heap, main, conf(member));
        if let Some(at) = command.argv.iter().position(|word| word == "-cp") {
            command.argv[at + 1] += &format!(":{}", tools.file(&JETTY_XML).display());
        }
        command
    }

    async fn is_ready(&self, member: &Member, probe: &Probe, _: &Log) -> bool {
        probe.succeeds(member.port, self.status).await
    }

    /// The coordinator, with how the clients of the agents log in to the clusters of a secure lab; then its agents.
    fn enter(&self, member: &Member, _: &[String], folder: &Path, environment: &mut Environment) {
        let Ok(url) = Url::parse(&member.address()) else { return };
        if let (true, Some(trogdor)) = (self.is_agent(), &mut environment.trogdor) {
            trogdor.agents.insert(member.name.clone(), url);
            return;
        }
        let log_in = |cluster: &String| (cluster.clone(), secrets::agent_properties(folder));
        let clusters = environment.clusters.keys().filter(|_| member.secure);
        environment.trogdor = Some(environment::Trogdor {
            url,
            agents: BTreeMap::new(),
            version: Some(member.kafka.version().to_owned()),
            properties: clusters.map(log_in).collect(),
        });
    }
}

impl Trogdor {
    fn is_agent(&self) -> bool {
        self.kind.name == AGENT.kind.name
    }
}

fn conf(member: &Member) -> String {
    format!("conf/{}.xml", member.name)
}

/// Where the coordinator finds its agents, and each of them itself.
fn nodes(members: &[Member]) -> String {
    let nodes: Map<String, Value> = members
        .iter()
        .filter_map(|member| {
            let port = match member.role {
                role if role == Role::of(&COORDINATOR) => "trogdor.coordinator.port",
                role if role == Role::of(&AGENT) => "trogdor.agent.port",
                _ => return None,
            };
            let mut node = json!({"hostname": "127.0.0.1", "trogdor.agent.port": 0});
            node[port] = member.port.into();
            Some((member.name.clone(), node))
        })
        .collect();
    let platform = "org.apache.kafka.trogdor.basic.BasicPlatform";
    format!("{:#}\n", json!({"platform": platform, "nodes": nodes}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{Cache, services::tests::file};

    #[test]
    fn trogdor_is_bound_to_this_machine_and_finds_its_agents() {
        let options = Options::new("/lab", Cache::at("/cache")).with(&TROGDOR);
        let nodes: Value = serde_json::from_str(&file(&options, "conf/trogdor.json")).unwrap();
        let nodes = nodes["nodes"].as_object().unwrap();
        assert_eq!(nodes.len(), 3);
        assert_eq!(nodes["trogdor-agent-2"]["trogdor.agent.port"], 18_888);
        assert_eq!(nodes["trogdor"]["trogdor.coordinator.port"], 18_889);
        assert_eq!(nodes["trogdor"]["trogdor.agent.port"], 0, "the coordinator is no agent");
        for (name, port) in [("trogdor", "18889"), ("trogdor-agent-1", "18887")] {
            let text = file(&options, &format!("conf/{name}.xml"));
            assert!(text.contains(&format!("<Arg type=\"int\">{port}</Arg>")), "{text}");
            assert!(text.contains(&format!("<Arg>{name}</Arg>")), "{text}");
            assert!(text.contains("<Set name=\"host\">127.0.0.1</Set>"), "{text}");
        }
    }
}
