//! The lab itself: whether it listens at the ports that the environment says, whether something else has taken them, and
//! which of its processes do not run.

use super::finding::Finding;
use crate::{
    clients::{Environment, Workers, part},
    lab::{self, Fault, LabState, ProcessState, ProcessStatus, Status},
    record::{Arg, Said, messages},
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use url::Url;

/// What was found of the lab that the environment describes: whether it is another one that listens at its ports, or it
/// listens at others. `root` is the campaign's folder, below which the lab is unless a command or a variable says where.
pub(super) fn examine(root: &Path, environment: &Environment) -> Vec<Finding> {
    if !environment.is_lab() {
        return Vec::new();
    }
    let folder = folder(root, environment);
    match lab::status(&folder) {
        Ok(status) if status.state != LabState::Down => match elsewhere(&folder, environment) {
            Some(finding) => vec![finding],
            None => not_running(&status, &options(root, &folder)),
        },
        _ => taken(&folder, environment).into_iter().collect(),
    }
}

/// The processes of a lab that is up which do not run, each with the command that brings it back: `jalon lab up` would refuse.
/// A run may do without them; where a service does not answer, they are why.
fn not_running(status: &Status, options: &str) -> Vec<Finding> {
    if status.state == LabState::Starting {
        return vec![Finding::warning(whole_lab(), being_started()).remedy(wait_for_lab())];
    }
    let finding = |process: &ProcessStatus| {
        let name = &process.name;
        let (what, fault) = match process.state {
            ProcessState::Running => return None,
            ProcessState::Frozen => (frozen(name), Fault::Thaw),
            ProcessState::Stopped => (stopped(name), Fault::Start),
            ProcessState::Dead => (ended(name), Fault::Start),
        };
        let remedy = bring_back(options, Arg::text(fault), name);
        Some(Finding::warning(whole_lab(), what).remedy(remedy).summing_up())
    };
    status.processes.iter().filter_map(finding).collect()
}

/// The options that commands need to find the lab in `folder`.
fn options(root: &Path, folder: &Path) -> String {
    let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let usual = named_by_variable().unwrap_or_else(|| root.join(lab::USUAL_FOLDER));
    match whole(&usual) == whole(folder) {
        true => String::new(),
        false => format!(" --folder {}", folder.display()),
    }
}

/// That the lab is down while others hold its ports.
fn taken(folder: &Path, environment: &Environment) -> Option<Finding> {
    let taken = lab::taken(&addresses(environment));
    let folder = Arg::text(folder.display());
    let said = match taken.len().checked_sub(1)? {
        0 => is_down(folder, &taken[0]),
        more => is_down_and_more(folder, &taken[0], more),
    };
    Some(Finding::fault(whole_lab(), said).remedy(name_folder(lab::FOLDER_VARIABLE)).summing_up())
}

/// That the lab is up at other ports than the environment says.
fn elsewhere(folder: &Path, environment: &Environment) -> Option<Finding> {
    let running = lab::environment(folder, &environment.name, &[]).ok()?;
    let listens = addresses(&running);
    let of = |name: &Said| listens.iter().find(|(_, known)| *known == name).map(|(port, _)| *port);
    let (port, name, at) = addresses(environment)
        .into_iter()
        .filter(|(port, _)| !listens.contains_key(port))
        .find_map(|(port, name)| of(&name).map(|at| (port, name, at)))?;
    // A port is a name, and has no mark between its thousands.
    let (at, port) = (Arg::text(at), Arg::text(port));
    let said = listens_elsewhere(name, Arg::text(folder.display()), at, &environment.name, port);
    Some(Finding::fault(whole_lab(), said).remedy(describe_lab(&environment.name)).summing_up())
}

/// The folder that its commands name, else the one that the variable names, else the usual one.
fn folder(root: &Path, environment: &Environment) -> PathBuf {
    let named = environment.commands.values().find_map(|argv| {
        let at = argv.iter().position(|word| word == "--folder")?;
        argv.get(at + 1).map(PathBuf::from)
    });
    named.or_else(named_by_variable).unwrap_or_else(|| root.join(lab::USUAL_FOLDER))
}

fn named_by_variable() -> Option<PathBuf> {
    std::env::var_os(lab::FOLDER_VARIABLE).filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

/// The ports of this machine that the environment names, with what is to be there.
fn addresses(environment: &Environment) -> BTreeMap<u16, Said> {
    let mut ports = BTreeMap::new();
    for (name, cluster) in &environment.clusters {
        let servers =
            cluster.bootstrap_servers.split(',').chain(cluster.zookeeper.iter().map(String::as_str));
        for server in servers {
            if let Some(("127.0.0.1" | "localhost", port)) = server.trim().rsplit_once(':')
                && let Ok(port) = port.parse()
            {
                ports.insert(port, part::cluster(name));
            }
        }
    }
    let mut add = |part: Said, url: &Url| {
        if let (Some("127.0.0.1" | "localhost"), Some(port)) = (url.host_str(), url.port()) {
            ports.insert(port, part);
        }
    };
    for (part, endpoint) in [
        (part::schema_registry(), &environment.schema_registry),
        (part::prometheus(), &environment.prometheus),
    ] {
        if let Some(endpoint) = endpoint {
            add(part, &endpoint.url);
        }
    }
    for worker in environment.connect.iter().flat_map(Workers::all) {
        add(part::connect(), &worker.url);
    }
    for (name, exporter) in &environment.exporters {
        add(part::exporter(name), &exporter.0.url);
    }
    ports
}

messages! {
    area "doctor-lab";
    being_started() => "the lab is being started" / "le lab est en cours de démarrage";
    bring_back(options, fault, process) => "`jalon lab{options} fault {fault} {process}`" / "`jalon lab{options} fault {fault} {process}`";
    describe_lab(environment) => "`jalon lab environment > plan/environments/{environment}.yaml` describes the lab that is running" / "`jalon lab environment > plan/environments/{environment}.yaml` décrit le lab qui tourne";
    ended(process) => "process `{process}` has ended by itself, or was never started; other processes of the lab run" / "le processus `{process}` s'est terminé de lui-même, ou n'a jamais été démarré ; d'autres processus du lab tournent";
    frozen(process) => "process `{process}` is frozen; other processes of the lab run" / "le processus `{process}` est figé ; d'autres processus du lab tournent";
    is_down(folder, port) => "the lab in {folder} is not running, and {port}" / "le lab dans {folder} ne tourne pas, et le {port}";
    is_down_and_more(folder, port, more) => "the lab in {folder} is not running, and {port}; so are {more} more of its ports" / "le lab dans {folder} ne tourne pas, et le {port} ; {more} {more|autre de ses ports l'est|autres de ses ports le sont} aussi";
    listens_elsewhere(part, folder, at, environment, port) => "{part} of the lab in {folder} listens at port {at}, and environment `{environment}` says {port}" / "{part} du lab dans {folder} écoute sur le port {at}, et l'environnement `{environment}` indique {port}";
    name_folder(variable) => "if that is the lab that is meant, name its folder in `{variable}`; else end that process, or start the lab at other ports: `jalon lab up --port-base PORT`, then `jalon lab environment > plan/environments/lab.yaml`" / "si c'est le lab voulu, indiquer son dossier dans `{variable}` ; sinon terminer ce processus, ou démarrer le lab sur d'autres ports : `jalon lab up --port-base PORT`, puis `jalon lab environment > plan/environments/lab.yaml`";
    stopped(process) => "process `{process}` is stopped; other processes of the lab run" / "le processus `{process}` est arrêté ; d'autres processus du lab tournent";
    wait_for_lab() => "wait until `jalon lab up` has ended" / "attendre la fin de `jalon lab up`";
    whole_lab() => "lab" / "lab";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Language;
    use std::net::TcpListener;

    #[test]
    fn a_process_that_does_not_run_is_named_with_the_command_for_it() {
        let process = |name: &str, state| ProcessStatus {
            name: name.to_owned(),
            role: serde_json::from_value("broker".into()).unwrap(),
            pid: None,
            state,
            endpoints: Vec::new(),
            memory_bytes: None,
        };
        let mut status = Status {
            state: LabState::Degraded,
            processes: vec![
                process("source-broker-1", ProcessState::Running),
                process("source-broker-2", ProcessState::Frozen),
                process("connect", ProcessState::Stopped),
                process("registry", ProcessState::Dead),
            ],
            folder: "/lab".into(),
        };
        let found = not_running(&status, "");
        let told: Vec<_> = found.iter().map(|f| (f.what.as_str(), f.remedy.as_deref().unwrap())).collect();
        assert_eq!(
            told,
            [
                (
                    "process `source-broker-2` is frozen; other processes of the lab run",
                    "`jalon lab fault thaw source-broker-2`"
                ),
                (
                    "process `connect` is stopped; other processes of the lab run",
                    "`jalon lab fault start connect`"
                ),
                (
                    "process `registry` has ended by itself, or was never started; other processes of the lab run",
                    "`jalon lab fault start registry`"
                ),
            ]
        );
        assert_eq!(options(Path::new("/c"), Path::new("/c/.jalon/lab")), "");
        let elsewhere = not_running(&status, &options(Path::new("/c"), Path::new("/other")));
        assert_eq!(elsewhere[1].remedy.as_deref(), Some("`jalon lab --folder /other fault start connect`"));
        assert_eq!(
            found[0].what.in_language(Language::Fr),
            "le processus `source-broker-2` est figé ; d'autres processus du lab tournent"
        );
        status.state = LabState::Starting;
        assert_eq!(not_running(&status, "").len(), 1);
    }

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
        let french = found[0].what.in_language(Language::Fr);
        let told = format!("ne tourne pas, et le port {port}, pour `cluster source`, est pris par pid ");
        assert!(french.contains(&told), "{french}");
        let of_team = Environment { commands: BTreeMap::new(), ..environment };
        assert_eq!(examine(Path::new("/"), &of_team), []);
    }
}
