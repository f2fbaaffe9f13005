//! The ports of a lab: whether it listens at those that the environment says, and whether something else has taken them.

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

/// What a finding of the whole lab is of.
pub(super) const PART: &str = "lab";

/// What was found of the lab that the environment describes: whether it is another one that listens at its ports, or it
/// listens at others. `root` is the campaign's folder, below which the lab is unless a command or a variable says where.
pub(super) fn examine(root: &Path, environment: &Environment) -> Vec<Finding> {
    if !environment.is_lab() {
        return Vec::new();
    }
    let folder = folder(root, environment);
    let found = match lab::status(&folder) {
        Ok(status) if status.state != LabState::Down => elsewhere(&folder, environment),
        _ => taken(&folder, environment),
    };
    found.into_iter().collect()
}

/// That the lab is down while others hold its ports.
fn taken(folder: &Path, environment: &Environment) -> Option<Finding> {
    let taken = lab::taken(&addresses(environment));
    let more = taken.len().checked_sub(1)?;
    let more = if more > 0 { format!("; so are {more} more of its ports") } else { String::new() };
    let said = format!("the lab in {} is not running, and {}{more}", folder.display(), taken[0]);
    let remedy = format!(
        "if that is the lab that is meant, name its folder in `{}`; else end that process, or start the lab at other \
         ports: `jalon lab up --port-base PORT`, then `jalon lab environment > plan/environments/lab.yaml`",
        lab::FOLDER_VARIABLE
    );
    Some(Finding::fault(PART, said).remedy(remedy).summing_up())
}

/// That the lab is up at other ports than the environment says.
fn elsewhere(folder: &Path, environment: &Environment) -> Option<Finding> {
    let running = lab::environment(folder, &environment.name, &[]).ok()?;
    let listens = addresses(&running);
    let of = |name: &str| listens.iter().find(|(_, known)| *known == name).map(|(port, _)| *port);
    let (port, name, at) = addresses(environment)
        .into_iter()
        .filter(|(port, _)| !listens.contains_key(port))
        .find_map(|(port, name)| of(&name).map(|at| (port, name, at)))?;
    let said = format!(
        "{name} of the lab in {} listens at port {at}, and environment `{}` says {port}",
        folder.display(),
        environment.name
    );
    let file = format!("plan/environments/{}.yaml", environment.name);
    Some(
        Finding::fault(PART, said)
            .remedy(format!("`jalon lab environment > {file}` describes the lab that is running"))
            .summing_up(),
    )
}

/// The folder that its commands name, else the one that the variable names, else the usual one.
fn folder(root: &Path, environment: &Environment) -> PathBuf {
    let named = environment.commands.values().find_map(|argv| {
        let at = argv.iter().position(|word| word == "--folder")?;
        argv.get(at + 1).map(PathBuf::from)
    });
    let told =
        || std::env::var_os(lab::FOLDER_VARIABLE).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    named.or_else(told).unwrap_or_else(|| root.join(lab::USUAL_FOLDER))
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
