//! The ports of a lab that is down: whether something else has taken them.

use super::finding::Finding;
use crate::{
    clients::{Environment, Workers},
    lab::{self, LabState},
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use url::Url;

/// What was found. `root` is the campaign's folder, below which the lab is unless a command says where.
pub(super) fn examine(root: &Path, environment: &Environment) -> Vec<Finding> {
    if !environment.is_lab()
        || lab::status(&folder(root, environment)).is_ok_and(|s| s.state != LabState::Down)
    {
        return Vec::new();
    }
    let taken = lab::taken(&addresses(environment));
    let finding = |said: String| {
        Finding::fault("lab", said)
            .remedy("end that process, or start the lab elsewhere with `jalon lab up --port-base PORT`")
    };
    taken.into_iter().map(finding).collect()
}

/// The folder that its commands name, else the usual one.
fn folder(root: &Path, environment: &Environment) -> PathBuf {
    let named = environment.commands.values().find_map(|argv| {
        let at = argv.iter().position(|word| word == "--folder")?;
        argv.get(at + 1)
    });
    named.map_or_else(|| root.join(".jalon/lab"), PathBuf::from)
}

/// The ports of this machine that the environment names, with what is to be there.
fn addresses(environment: &Environment) -> BTreeMap<u16, String> {
    let mut ports = BTreeMap::new();
    for (name, cluster) in &environment.clusters {
        let servers =
            cluster.bootstrap_servers.split(',').chain(cluster.zookeeper.iter().map(String::as_str));
        for server in servers {
            if let Some(("127.0.0.1" | "localhost", port)) = server.trim().rsplit_once(':')
                && let Ok(port) = port.parse()
            {
                ports.insert(port, format!("cluster {name}"));
            }
        }
    }
    let mut add = |name: &str, url: &Url| {
        if let (Some("127.0.0.1" | "localhost"), Some(port)) = (url.host_str(), url.port()) {
            ports.insert(port, name.to_owned());
        }
    };
    for (name, endpoint) in
        [("schema registry", &environment.schema_registry), ("Prometheus", &environment.prometheus)]
    {
        if let Some(endpoint) = endpoint {
            add(name, &endpoint.url);
        }
    }
    for worker in environment.connect.iter().flat_map(Workers::all) {
        add("Connect", &worker.url);
    }
    for (name, exporter) in &environment.exporters {
        add(&format!("exporter {name}"), &exporter.0.url);
    }
    ports
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn a_port_of_a_lab_that_is_down_is_told_with_its_holder() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let text = format!(
            "name: mine\nclusters: {{source: {{bootstrap_servers: \"127.0.0.1:{port}\"}}}}\n\
             commands: {{stop: [jalon, lab, --folder, /nowhere, fault, stop, source-broker-1]}}\n"
        );
        let environment: Environment = serde_yaml::from_str(&text).unwrap();
        let found = examine(Path::new("/"), &environment);
        assert!(found[0].what.contains(&format!("port {port}, for `cluster source`")), "{found:?}");
        assert!(found[0].what.contains(&std::process::id().to_string()), "{found:?}");
        let of_team = Environment { commands: BTreeMap::new(), ..environment };
        assert_eq!(examine(Path::new("/"), &of_team), []);
    }
}
