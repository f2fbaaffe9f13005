//! [`Service`]: everything that the lab knows of one kind of process, and [`Member`], one process of that kind.
//!
//! The services themselves are in `services`, one file each. Nothing else in the lab names one of them where it means
//! all: whoever starts, awaits, ends or describes processes asks their services.

use super::secrets;
pub(super) use super::{
    Options,
    archive::Archive,
    fault::Fault,
    java::Runtime,
    log::Log,
    options::Switch,
    probe::Probe,
    release::Release,
    secrets::Secrets,
    tools::{Need, Tools},
};
use crate::clients::{Endpoint, Environment};
use serde::{Deserialize, Serialize, Serializer};
use std::{fmt, path::Path};

/// One kind of process that a lab can have.
#[async_trait::async_trait]
pub(super) trait Service: Sync {
    /// What can be said of it without a lab.
    fn kind(&self) -> &'static Kind;

    /// Its processes in a lab with these options.
    fn members(&self, options: &Options) -> Vec<Member>;

    /// The files that a process reads, by their paths below the lab's folder. Several processes may read the same.
    fn files(&self, _: &Member, _: &Setup) -> Vec<(String, String)> {
        vec![]
    }

    /// Lines of properties that the brokers of a cluster need because this service is in the lab.
    fn broker_settings(&self, _: Side, _: &Setup) -> String {
        String::new()
    }

    /// The command line of a process.
    fn command(&self, member: &Member, tools: &Tools, archive: &Archive) -> CommandLine;

    /// Where a process is reached: `host:port`, or a URL for what speaks HTTP.
    fn address(&self, member: &Member) -> String {
        format!("http://{}", member.socket())
    }

    /// Whether a process serves: it is asked in its own protocol. The log is that of its last start.
    async fn is_ready(&self, member: &Member, probe: &Probe, log: &Log) -> bool;

    /// Waits, once it is ready, until a process takes part in what it belongs to. `peers` counts the processes of the
    /// same service and cluster that are up by then, itself included.
    async fn join(&self, _: &Member, _: &Probe, _peers: usize) {}

    /// Why a process that ended during its start is started again; none where that would not help.
    fn retry(&self, _: &Log) -> Option<&'static str> {
        None
    }

    /// The program that prepares the data of a process before its first start, where one is needed.
    fn preparation(&self, _: &Member, _: &Tools) -> Option<CommandLine> {
        None
    }

    /// The programs that create the users of a secure lab. They run, one after another, when the process is ready; other
    /// services start afterwards.
    fn users(&self, _: &Member, _: &Tools) -> Vec<CommandLine> {
        vec![]
    }

    /// Enters a process into the environment that a campaign runs in. Lower layers have been entered before. `folder` is
    /// the lab's, absolute.
    fn enter(&self, _: &Member, _argv: &[String], _folder: &Path, _: &mut Environment) {}
}

/// What can be said of a service without a lab.
pub(super) struct Kind {
    /// Its name in the state file and in `jalon lab status --json`, in kebab case.
    pub(super) name: &'static str,
    /// What its processes are, in one sentence.
    pub(super) about: &'static str,
    /// What it depends on, and what depends on it.
    pub(super) layer: Layer,
    /// The flag of `jalon lab up` that adds its processes or leaves them out. Several services may share one.
    pub(super) switch: Option<&'static Switch>,
    /// Java and the jars that it runs from, where it does.
    pub(super) runtime: Option<Runs>,
    /// What else must be there before it can start.
    pub(super) needs: &'static [Need],
    /// How Prometheus scrapes those of its processes that have a metrics port.
    pub(super) scrape: Option<Scrape>,
    /// The faults that the environment offers a campaign. (`jalon lab fault` takes every fault for every process.)
    pub(super) faults: &'static [Fault],
}

/// What a service runs from.
#[derive(Clone, Copy)]
pub(super) enum Runs {
    /// Kafka's jars, of the lab's release.
    Kafka,
    /// Jars of its own.
    Own(&'static Runtime),
}

/// How far a service is from the ground: it may depend on those of the layers below its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layer {
    /// What a cluster keeps its metadata in.
    Coordination,
    /// What clients connect to for a cluster.
    Brokers,
    /// What works with clusters, or beside them.
    Clients,
    /// What looks at all others.
    Monitoring,
}

impl Layer {
    /// The order in which they end. Clients end before their brokers and these before their ZooKeeper, or they wait for
    /// what is gone; monitoring sees the end of all.
    pub(super) const ENDS: [Self; 4] = [Self::Clients, Self::Brokers, Self::Coordination, Self::Monitoring];
}

/// What a process is: its service, by name.
#[derive(Clone, Copy)]
pub struct Role(&'static dyn Service);

impl Role {
    /// That of the processes of a service.
    pub(super) fn of(service: &'static dyn Service) -> Self {
        Self(service)
    }
}

impl PartialEq for Role {
    fn eq(&self, other: &Self) -> bool {
        self.0.kind().name == other.0.kind().name
    }
}

impl Eq for Role {}

impl fmt::Debug for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.kind().name)
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.kind().name)
    }
}

/// Which cluster a process belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Side {
    /// The cluster that is replicated.
    Source,
    /// The cluster that is replicated to.
    Target,
}

impl Side {
    /// Both of them.
    pub(super) const ALL: [Self; 2] = [Self::Source, Self::Target];

    /// The name of the cluster.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Target => "target",
        }
    }
}

/// One process of a lab, as the options alone determine it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Member {
    /// Name within the lab, `source-broker-2`.
    pub(super) name: String,
    pub(super) role: Role,
    /// Its cluster, where it has one.
    pub(super) side: Option<Side>,
    /// A broker's id; 1 for every other process.
    pub(super) number: u16,
    /// Where it serves.
    pub(super) port: u16,
    /// Where it serves metrics at `/metrics`.
    pub(super) metrics_port: Option<u16>,
    /// Whether it belongs to a secure lab.
    #[serde(default)]
    pub(super) secure: bool,
    /// The release of Kafka of its lab.
    #[serde(default)]
    pub(super) kafka: Release,
    /// Whether its lab has controllers in place of ZooKeeper.
    #[serde(default)]
    pub(super) kraft: bool,
    /// Where a broker listens that is a controller too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) controller_port: Option<u16>,
}

impl Member {
    /// A process that belongs to no cluster and has no metrics.
    pub(super) fn single(service: &'static dyn Service, name: &str, port: u16, options: &Options) -> Self {
        Self {
            name: name.to_owned(),
            role: Role::of(service),
            side: None,
            number: 1,
            port,
            metrics_port: None,
            secure: options.secure,
            kafka: options.kafka,
            kraft: options.kraft,
            controller_port: None,
        }
    }

    /// Its service.
    pub(super) fn service(&self) -> &'static dyn Service {
        self.role.0
    }

    /// What it does with a class archive where there is one.
    pub(super) fn archive(&self, tools: &Tools) -> Archive {
        Archive::usable(&self.archive_name(), self.runtime(), tools)
    }

    /// What its class archive is called: a broker that has no ZooKeeper loads other classes.
    pub(super) fn archive_name(&self) -> String {
        let other = self.kraft && self.kind().layer == Layer::Brokers;
        format!("{}{}", self.kind().name, if other { "-kraft" } else { "" })
    }

    /// Java and the jars that it runs from, where it does.
    pub(super) fn runtime(&self) -> Option<&'static Runtime> {
        self.kind().runtime.map(|runs| match runs {
            Runs::Kafka => self.kafka.runtime(),
            Runs::Own(runtime) => runtime,
        })
    }

    /// What can be said of its service.
    pub(super) fn kind(&self) -> &'static Kind {
        self.role.0.kind()
    }

    /// `host:port` of where it serves.
    pub(super) fn socket(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Where it is reached: `host:port`, or a URL for what speaks HTTP.
    pub(super) fn address(&self) -> String {
        self.service().address(self)
    }

    /// Where it is reached over HTTP, with the campaign's log-in in a secure lab, whose folder is `folder`, absolute.
    pub(super) fn endpoint(&self, folder: &Path) -> Option<Endpoint> {
        secrets::endpoint(&self.address(), self.secure.then_some(folder))
    }

    /// The URL of its metrics.
    pub(super) fn metrics(&self) -> Option<String> {
        self.metrics_port.map(|port| format!("http://127.0.0.1:{port}/metrics"))
    }

    /// All addresses where it can be reached, the service itself first.
    pub(super) fn endpoints(&self) -> Vec<String> {
        let metrics = self.metrics().filter(|url| *url != self.address());
        [self.address()].into_iter().chain(metrics).collect()
    }

    /// The ports that it listens on.
    pub(super) fn ports(&self) -> Vec<u16> {
        let metrics = self.metrics_port.filter(|port| *port != self.port);
        [self.port].into_iter().chain(metrics).chain(self.controller_port).collect()
    }
}

/// The lab that a process is configured for.
#[derive(Clone, Copy)]
pub(super) struct Setup<'a> {
    /// What belongs to it.
    pub(super) options: &'a Options,
    /// All of its processes.
    pub(super) members: &'a [Member],
    /// The passwords of a secure lab.
    pub(super) secrets: Option<&'a Secrets>,
}

impl Setup<'_> {
    /// `host:port,host:port` of the processes of a layer in a cluster.
    pub(super) fn sockets(&self, layer: Layer, side: Side) -> String {
        let each: Vec<_> = self
            .members
            .iter()
            .filter(|m| m.kind().layer == layer && m.side == Some(side))
            .map(Member::socket)
            .collect();
        each.join(",")
    }
}

/// A command line, and the word in it that tells what runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CommandLine {
    /// Main class, jar or program.
    pub(super) main: String,
    /// Program and arguments, to be run in the lab's folder.
    pub(super) argv: Vec<String>,
}

/// How Prometheus scrapes the processes of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scrape {
    /// The name of the job.
    pub(super) job: &'static str,
    /// The label `cluster` of processes that belong to no cluster.
    pub(super) cluster: Option<&'static str>,
    /// How often, and how long a scrape may take; none for what all others have.
    pub(super) every: Option<&'static str>,
}
