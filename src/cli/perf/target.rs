//! Which cluster a `jalon perf` works on: bootstrap servers, or a cluster of an environment of the campaign.

use super::properties::{ConfigFile, Given};
use crate::{
    cli::{CommandError, open},
    clients::{Environment, environment::Cluster},
};
use clap::Args;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// The name of a cluster that was given by its address.
pub(super) const BY_ADDRESS: &str = "perf";

/// Which cluster and topic.
#[derive(Debug, Clone, Args)]
pub(super) struct Target {
    /// Bootstrap brokers, as `host:port` separated by commas.
    #[arg(long, visible_alias = "bootstrap-server", alias = "broker-list", value_name = "SERVERS")]
    bootstrap_servers: Option<String>,
    /// Topic. It must exist.
    #[arg(long, value_name = "TOPIC")]
    pub(super) topic: String,
    /// Use an environment of the campaign, with its credentials, instead of `--bootstrap-servers`.
    #[arg(long, value_name = "NAME", conflicts_with = "bootstrap_servers")]
    env: Option<String>,
    /// Cluster of the environment (with `--env`). Default: `source`.
    #[arg(long, value_name = "NAME", requires = "env")]
    cluster: Option<String>,
    /// Name of the environment, required to confirm a run on a production platform.
    #[arg(long, value_name = "NAME", requires = "env")]
    confirm: Option<String>,
}

/// A cluster and where it was found.
pub(super) struct Place {
    pub(super) environment: Environment,
    pub(super) cluster: String,
}

impl Target {
    /// The environment with that cluster in it, and the properties of `file` beside the cluster's own.
    pub(super) fn place(
        &self,
        dir: &Path,
        file: Option<&ConfigFile>,
        given: &mut Given,
    ) -> Result<Place, CommandError> {
        let of_options = given.take("bootstrap.servers");
        let mut place = match &self.env {
            Some(name) => self.of_campaign(dir, name)?,
            None => {
                let of_file = file.and_then(|file| file.bootstrap_servers.clone());
                let servers = self.bootstrap_servers.clone().or(of_options).or(of_file);
                by_address(servers.ok_or_else(|| {
                    CommandError::Usage {
                        message: "no cluster was named".to_owned(),
                        hint: "give `--bootstrap-server HOST:PORT`, or `--env NAME` in a campaign's folder"
                            .to_owned(),
                    }
                })?)
            }
        };
        if let (Some(cluster), Some(file)) = (place.environment.clusters.get_mut(&place.cluster), file) {
            cluster.properties.extend(file.properties.clone());
        }
        Ok(place)
    }

    fn of_campaign(&self, dir: &Path, name: &str) -> Result<Place, CommandError> {
        let options =
            crate::plan::Options { environment: Some(name.to_owned()), draft: true, ..Default::default() };
        let plan = open::plan(dir, &options)?;
        crate::cli::run::confirm(&plan, self.confirm.as_deref())?;
        let environment = (*plan.environment).clone();
        let known: Vec<&str> = environment.clusters.keys().map(String::as_str).collect();
        let cluster = match (&self.cluster, known.as_slice()) {
            (Some(cluster), _) => cluster.clone(),
            (None, [only]) => (*only).to_owned(),
            (None, _) => "source".to_owned(),
        };
        if !environment.clusters.contains_key(&cluster) {
            return Err(CommandError::Usage {
                message: format!("environment `{name}` has no cluster `{cluster}`"),
                hint: format!("name one with `--cluster`: {}", known.join(", ")),
            });
        }
        Ok(Place { environment, cluster })
    }
}

fn by_address(bootstrap_servers: String) -> Place {
    let cluster = Cluster {
        bootstrap_servers,
        brokers: None,
        properties: BTreeMap::new(),
        site: None,
        zookeeper: Vec::new(),
    };
    let environment = Environment {
        name: BY_ADDRESS.to_owned(),
        clusters: BTreeMap::from([(BY_ADDRESS.to_owned(), cluster)]),
        ..Environment::default()
    };
    Place { environment, cluster: BY_ADDRESS.to_owned() }
}

/// A file of properties that is there.
pub(super) fn existing(path: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(path);
    match std::fs::metadata(&path) {
        Ok(_) => Ok(path),
        Err(cause) => Err(cause.to_string()),
    }
}
