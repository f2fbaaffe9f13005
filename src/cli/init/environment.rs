//! The environment file of a new campaign: what was answered, and what is still to be said.

use std::{collections::BTreeMap, fmt::Write};
use url::Url;

/// One cluster, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct Side {
    pub(super) bootstrap: String,
    pub(super) brokers: Brokers,
    pub(super) properties: BTreeMap<String, String>,
    pub(super) zookeeper: Vec<String>,
}

/// How many brokers a cluster has, and who says so. Steps compute with it, so that it cannot be left open.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Brokers {
    /// As many as there are bootstrap servers, for want of better.
    #[default]
    Supposed,
    /// The cluster said so.
    Seen(usize),
}

/// Everything that the file says.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) production: bool,
    pub(super) source: Side,
    pub(super) target: Side,
    pub(super) connect: Option<Url>,
    pub(super) registry: Option<Url>,
    pub(super) prometheus: Option<Url>,
}

impl Draft {
    /// The file.
    pub(super) fn yaml(&self) -> String {
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
                None => write!(out, "# Not known yet:\n# {key}:\n#   url: {example}\n"),
            };
        }
        out.push_str(EXPORTERS);
        out
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
# Not known yet: the metrics endpoints that step 1 scrapes, and how step 9 stops and starts a broker and a Connect
# worker from outside. A step says which name it misses. `production-example.yaml` has all of them.
exporters: {}
#  source-broker-1: http://source-broker-1.example.com:7071/metrics
commands: {}
#  stop-source-broker-2: [ssh, source-broker-2.example.com, sudo, systemctl, stop, kafka]
#  start-source-broker-2: [ssh, source-broker-2.example.com, sudo, systemctl, start, kafka]
";

/// A text as YAML, in quotes unless it can be nothing but a text.
pub(super) fn scalar(text: &str) -> String {
    let words = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_./:-".contains(c))
        && !text.ends_with(':')
        && !words.contains(&text.to_ascii_lowercase().as_str());
    if plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}
