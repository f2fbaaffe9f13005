//! The environment file of a new campaign: what was answered, and what is still to be said.

use crate::{clients::mirror_flow::Policy, support::text};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};
use url::Url;

/// One cluster, as far as it is known.
#[derive(Debug, Default)]
pub struct Side {
    /// Bootstrap servers, separated by commas.
    pub bootstrap: String,
    /// How many brokers it has.
    pub brokers: Brokers,
    /// Properties of its clients; secrets are references.
    pub properties: BTreeMap<String, String>,
    /// Nodes of its ZooKeeper ensemble; empty on KRaft.
    pub zookeeper: Vec<String>,
    /// Id and advertised host of each broker; empty if the cluster did not answer.
    pub hosts: Vec<(i32, String)>,
}

/// A flow that MirrorMaker 2 carries out already, as connectors of Kafka Connect or by itself.
#[derive(Debug, Default)]
pub struct FoundFlow {
    /// It goes from what is the target here to the source.
    pub reversed: bool,
    /// Alias of the cluster that is copied from.
    pub source_alias: String,
    /// Alias of the cluster that is copied to.
    pub target_alias: String,
    /// `topics` of the source connector; empty where it is not set.
    pub topics: String,
    /// `groups` of the checkpoint connector.
    pub groups: String,
    /// `replication.policy.class`.
    pub policy: String,
    /// `replication.policy.separator`.
    pub separator: String,
    /// The names of the connectors; the file's, where MirrorMaker 2 runs by itself.
    pub connectors: Vec<String>,
    /// Its other settings, where MirrorMaker 2 runs by itself and nothing else tells them.
    pub config: Option<BTreeMap<String, String>>,
}

/// How many brokers a cluster has, and who says so. Steps compute with it, so that it cannot be left open.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Brokers {
    /// As many as there are bootstrap servers, for want of better.
    #[default]
    Supposed,
    /// The cluster said so.
    Seen(usize),
}

/// Everything that the file says.
#[derive(Debug, Default)]
pub struct Draft {
    /// Name of the environment.
    pub name: String,
    /// Whether faults need a second consent there.
    pub production: bool,
    /// The cluster that is copied from.
    pub source: Side,
    /// The cluster that is copied to.
    pub target: Side,
    /// Address of Kafka Connect.
    pub connect: Option<Url>,
    /// Address of the schema registry.
    pub registry: Option<Url>,
    /// Address of Prometheus.
    pub prometheus: Option<Url>,
    /// Addresses of exporters under the names that the plan has for them.
    pub exporters: BTreeMap<String, String>,
    /// Job and address of every other target of Prometheus.
    pub targets: Vec<(String, String)>,
    /// Flows that MirrorMaker 2 carries out already.
    pub flows: Vec<FoundFlow>,
}

impl Draft {
    /// Returns the text of the environment file.
    pub fn yaml(&self) -> String {
        let mut out = String::from(
            "# Where things are. Written by `jalon init`; yours to edit. `jalon schema environment` has every key.\n\
             # Secrets are references and nothing else: `env:NAME`, `file:PATH`, `command:…`; paths are from the\n\
             # campaign's folder.\n",
        );
        let _ = write!(out, "name: {}\nproduction: {}\nclusters:\n", scalar(&self.name), self.production,);
        for (name, side) in [("source", &self.source), ("target", &self.target)] {
            side.write(name, &mut out);
        }
        for (key, url, example) in [
            ("connect", &self.connect, "https://connect-1.example.com:8083"),
            ("schema_registry", &self.registry, "https://registry.example.com"),
            ("prometheus", &self.prometheus, "https://prometheus.example.com"),
        ] {
            let _ = match url {
                Some(url) => write!(
                    out,
                    "{key}:\n  url: {}\n  # user: jalon\n  # password: env:NAME\n  # ca_file: secrets/ca.pem\n",
                    scalar(url.as_str())
                ),
                None if key == "connect" && self.flows.iter().any(|flow| flow.config.is_some()) => {
                    out.push_str(
                        "# MirrorMaker 2 runs by itself, without Kafka Connect's REST API: no `connect`.\n",
                    );
                    Ok(())
                }
                None => write!(out, "# Not known yet:\n# {key}:\n#   url: {example}\n"),
            };
        }
        self.write_flows(&mut out);
        self.write_exporters(&mut out);
        out.push_str(COMMANDS);
        out
    }

    fn write_flows(&self, out: &mut String) {
        if self.flows.is_empty() {
            return;
        }
        out.push_str(match self.flows.iter().any(|flow| flow.config.is_some()) {
            true => {
                "# As the file of MirrorMaker 2 said when this was written; it runs by itself, and the plan has no connectors to put.\n\
                 # Its `topics` must match `mm2\\..*`, and its `groups` `jalon-.*`: steps 7 to 10 look at the copies of those.\nmirror:\n"
            }
            false => {
                "# As the connectors of Kafka Connect said when this was written. The plan's connectors copy topics of their own\n\
                 # under these aliases and this policy.\nmirror:\n"
            }
        });
        let mut named = BTreeSet::new();
        for flow in &self.flows {
            let key = if flow.reversed { "target->source" } else { "source->target" };
            // A second flow in the same direction is written as a comment.
            let mark = if named.insert(key) { "" } else { "#" };
            let policy = match Policy::named(&flow.policy, &flow.separator) {
                Policy::Default { .. } => String::new(),
                Policy::Identity => "identity".to_owned(),
                Policy::Other(class) => class,
            };
            let _ = writeln!(out, "{mark}  {key}:      # {}", text::one_line(&flow.connectors.join(", ")));
            for (name, value) in [
                ("source_alias", &flow.source_alias),
                ("target_alias", &flow.target_alias),
                ("policy", &policy),
                ("separator", &flow.separator),
            ] {
                if !value.is_empty() {
                    let _ = writeln!(out, "{mark}    {name}: {}", scalar(value));
                }
            }
            for (name, value) in [("topics", &flow.topics), ("groups", &flow.groups)] {
                let _ = match &flow.config {
                    _ if value.is_empty() => Ok(()),
                    Some(_) => writeln!(out, "{mark}    {name}: {}", scalar(value)),
                    None => writeln!(out, "#    {name}: {}      copied by them now", scalar(value)),
                };
            }
            if let Some(config) = flow.config.as_ref().filter(|config| !config.is_empty()) {
                let _ = writeln!(out, "{mark}    config:");
                for (name, value) in config {
                    let _ = writeln!(out, "{mark}      {name}: {}", scalar(value));
                }
            }
        }
    }

    fn write_exporters(&self, out: &mut String) {
        if self.exporters.is_empty() {
            out.push_str(EXPORTERS);
        } else {
            out.push_str(
                "# The metrics endpoints that step 1 scrapes: the targets of Prometheus when this was written, named by their jobs,\n\
                 # labels and hosts. Check the names.\nexporters:\n",
            );
            for (name, url) in &self.exporters {
                let _ = writeln!(out, "  {name}: {}", scalar(url));
            }
        }
        for (job, url) in &self.targets {
            let _ = writeln!(out, "#  job {}: {}", text::one_line(job), scalar(url));
        }
    }
}

impl Side {
    fn write(&self, name: &str, out: &mut String) {
        let _ = writeln!(out, "  {name}:\n    bootstrap_servers: {}", scalar(&self.bootstrap));
        let _ = match self.brokers {
            Brokers::Seen(n) => writeln!(
                out,
                "    # As the cluster said when this was written; step 0 compares.\n    brokers: {n}"
            ),
            Brokers::Supposed => writeln!(
                out,
                "    # Not known yet, and taken to be as many as bootstrap servers are named: correct it. Step 0 compares.\n    \
                 brokers: {}",
                self.bootstrap.split(',').filter(|s| !s.trim().is_empty()).count()
            ),
        };
        if !self.properties.is_empty() {
            out.push_str("    properties:\n");
            for (name, value) in &self.properties {
                let _ = writeln!(out, "      {name}: {}", scalar(value));
            }
        }
        match self.zookeeper.is_empty() {
            true => out.push_str("    # zookeeper: [host:2181]      where the cluster has one\n"),
            false => {
                let nodes: Vec<String> = self.zookeeper.iter().map(|node| scalar(node)).collect();
                let _ = writeln!(out, "    zookeeper: [{}]", nodes.join(", "));
            }
        }
    }
}

const EXPORTERS: &str = "\
# Not known yet: the metrics endpoints that step 1 scrapes. A step says which name it misses. `production-example.yaml` has
# all of them.
exporters: {}
#  source-broker-1: http://source-broker-1.example.com:7071/metrics
";

const COMMANDS: &str = "\
# Not known yet: how step 9 stops and starts a broker and a Connect worker from outside.
commands: {}
#  stop-source-broker-2: [ssh, source-broker-2.example.com, sudo, systemctl, stop, kafka]
#  start-source-broker-2: [ssh, source-broker-2.example.com, sudo, systemctl, start, kafka]
";

/// A text as YAML, in quotes unless it can be nothing but a text.
pub fn scalar(text: &str) -> String {
    let words = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_./:-".contains(c))
        && !text.ends_with(':')
        && !words.contains(&text.to_ascii_lowercase().as_str());
    if plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}
