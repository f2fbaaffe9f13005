//! [`read`]: the file of a MirrorMaker 2 that runs by itself (`connect-mirror-maker mm2.properties`), in the terms of an
//! environment: its clusters, its flows, and what cannot be carried.
//!
//! Facts from the sources of Kafka 3.7 (`MirrorMakerConfig`): a client's property without a prefix is every cluster's, and
//! `ALIAS.` before it makes it one cluster's; a connector's setting without a prefix is every flow's, and `A->B.` makes it
//! one flow's; a flow is on where `A->B.enabled` is true; `${provider:path:key}` is filled in by config providers.

use super::{
    kafka::{
        belongs_to_clients,
        properties::{self, Entry, PropertiesError, Translated},
    },
    secret::SecretRef,
};
use crate::{
    record::{Said, messages},
    support::{files, redact},
};
use regex::{Captures, Regex};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::LazyLock,
};

/// What a properties file of MirrorMaker 2 says: clusters and flows.
#[derive(Default)]
pub struct Dedicated {
    /// Aliases in the file's order.
    pub aliases: Vec<String>,
    /// The flows that are on, in the order of the aliases.
    pub flows: Vec<DedicatedFlow>,
    /// What cannot be carried, and why.
    pub remarks: Vec<Said>,
    entries: BTreeMap<String, Entry>,
    is_utf_8: bool,
}

/// A flow that the file enables.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct DedicatedFlow {
    /// Alias of the cluster that records are copied from.
    pub source: String,
    /// Alias of the cluster that they are copied to.
    pub target: String,
    /// The connectors' settings, with MirrorMaker 2's own names; no secrets.
    pub settings: BTreeMap<String, String>,
}

/// Settings of MirrorMaker 2's connectors that may stand without the prefix of a flow, and the beginnings of others.
const SETTINGS: &[&str] = &[
    "add.source.alias.to.metrics",
    "admin.timeout.ms",
    "checkpoints.",
    "config.properties.",
    "config.property.filter.class",
    "consumer.poll.timeout.ms",
    "emit.",
    "exactly.once.support",
    "forwarding.admin.class",
    "group.filter.class",
    "groups",
    "groups.",
    "heartbeats.",
    "offset-syncs.",
    "offset.lag.max",
    "refresh.",
    "replication.factor",
    "replication.policy.",
    "sync.",
    "tasks.max",
    "topic.filter.class",
    "topics",
    "topics.",
    "use.defaults.from",
    "use.incremental.alter.configs",
];

fn is_setting(name: &str) -> bool {
    SETTINGS.iter().any(|known| name == *known || known.ends_with('.') && name.starts_with(known))
}

/// Reads a file's bytes. Config providers whose values are at hand are filled in; those of the environment and of folders
/// become references.
pub fn read(bytes: &[u8]) -> Result<Dedicated, PropertiesError> {
    let (mut entries, is_utf_8) = properties::entries(bytes)?;
    let mut done = Dedicated { is_utf_8, ..Dedicated::default() };
    let list = entries.get("clusters").map(|entry| entry.value.clone()).unwrap_or_default();
    done.aliases =
        list.split(',').map(str::trim).filter(|alias| !alias.is_empty()).map(str::to_owned).collect();
    if done.aliases.len() < 2 {
        let line = entries.get("clusters").map_or(1, |entry| entry.line);
        return Err(PropertiesError::Line { line, why: no_clusters() });
    }
    let providers = Providers::of(&entries);
    let mut lost = BTreeSet::new();
    for (name, entry) in &mut entries {
        match providers.filled(&entry.value) {
            Ok(value) => entry.value = value,
            Err(placeholder) => {
                done.remarks.push(not_at_hand(entry.line, name, placeholder));
                lost.insert(name.clone());
            }
        }
    }
    entries.retain(|name, _| !lost.contains(name));
    for source in &done.aliases {
        for target in done.aliases.iter().filter(|target| *target != source) {
            let prefix = format!("{source}->{target}.");
            let is_on =
                |name: String| entries.get(&name).is_some_and(|e| e.value.eq_ignore_ascii_case("true"));
            if is_on(format!("{prefix}enabled")) {
                let settings = settings(&entries, &prefix, &mut done.remarks);
                done.flows.push(DedicatedFlow { source: source.clone(), target: target.clone(), settings });
            }
        }
    }
    for (name, entry) in &entries {
        let known = ["clusters", "config.providers"].contains(&name.as_str())
            || name.starts_with("config.providers.")
            || name.contains("->")
            || done
                .aliases
                .iter()
                .any(|alias| name.strip_prefix(alias).is_some_and(|rest| rest.starts_with('.')))
            || is_setting(name)
            || belongs_to_clients(name);
        if !known {
            done.remarks.push(of_the_process(entry.line, name));
        }
    }
    done.entries = entries;
    Ok(done)
}

/// The settings of the flow with that prefix: its own before every flow's.
fn settings(
    entries: &BTreeMap<String, Entry>,
    prefix: &str,
    remarks: &mut Vec<Said>,
) -> BTreeMap<String, String> {
    let every = entries.iter().filter(|(name, _)| is_setting(name));
    let own = entries.iter().filter_map(|(name, entry)| Some((name.strip_prefix(prefix)?, entry)));
    let mut found = BTreeMap::new();
    for (name, entry) in every.map(|(name, entry)| (name.as_str(), entry)).chain(own) {
        let is_secret = redact::is_secret_key(name) || redact::mask(&entry.value) != entry.value;
        match name {
            "enabled" => {}
            _ if is_secret || SecretRef::parse(&entry.value).is_some() => {
                remarks.push(secret_of_flow(entry.line, format!("{prefix}{name}")));
            }
            _ => drop(found.insert(name.to_owned(), entry.value.clone())),
        }
    }
    found
}

impl Dedicated {
    /// How clients log in to the cluster of that alias; as [`properties::translate`], of a file in `folder`.
    pub fn cluster(
        &self,
        alias: &str,
        folder: &Path,
        prefix: &str,
        secrets: &str,
    ) -> Result<Translated, PropertiesError> {
        let own = format!("{alias}.");
        let (mut given, mut of_role) = (BTreeMap::new(), BTreeSet::new());
        for (name, entry) in self.entries.iter().filter(|(name, _)| belongs_to_clients(name)) {
            given.insert(name.clone(), entry.clone());
        }
        for (name, entry) in &self.entries {
            let Some(name) = name.strip_prefix(&own) else { continue };
            // Those of one client of the connectors say nothing of others.
            match ["admin.", "consumer.", "producer."].iter().any(|role| name.starts_with(role)) {
                true => drop(of_role.insert((entry.line, name))),
                false => drop(given.insert(name.to_owned(), entry.clone())),
            }
        }
        let mut done = properties::translate_entries(given, self.is_utf_8, folder, prefix, secrets)?;
        done.remarks
            .extend(of_role.into_iter().map(|(line, name)| of_one_client(line, format!("{own}{name}"))));
        Ok(done)
    }
}

/// Config providers, by the names that the file gives them.
struct Providers(BTreeMap<String, String>);

impl Providers {
    fn of(entries: &BTreeMap<String, Entry>) -> Self {
        let named = entries.get("config.providers").map(|entry| entry.value.as_str()).unwrap_or_default();
        let class = |name: &str| {
            let class = entries.get(&format!("config.providers.{name}.class"))?;
            class.value.rsplit('.').next().map(str::to_owned)
        };
        Self(
            named
                .split(',')
                .map(str::trim)
                .filter_map(|name| Some((name.to_owned(), class(name)?)))
                .collect(),
        )
    }

    /// The value with every placeholder filled in, or the first one that cannot be.
    fn filled(&self, value: &str) -> Result<String, String> {
        // As Kafka's `ConfigTransformer` has it.
        static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"\$\{([^}:]*):(?:([^}]*):)?([^}:]*)\}").expect("the pattern is a constant")
        });
        let mut missing = None;
        let filled = PLACEHOLDER.replace_all(value, |found: &Captures<'_>| {
            self.one(&found[1], found.get(2).map_or("", |path| path.as_str()), &found[3]).unwrap_or_else(
                || {
                    missing.get_or_insert_with(|| found[0].to_owned());
                    String::new()
                },
            )
        });
        match missing {
            Some(placeholder) => Err(placeholder),
            None => Ok(filled.into_owned()),
        }
    }

    fn one(&self, name: &str, path: &str, key: &str) -> Option<String> {
        match self.0.get(name)?.as_str() {
            "EnvVarConfigProvider" => Some(format!("env:{key}")),
            "DirectoryConfigProvider" => Some(format!("file:{}/{key}", path.trim_end_matches('/'))),
            "FileConfigProvider" => {
                let bytes = files::read(Path::new(path), files::LARGEST_TEXT).ok()?;
                let (entries, _) = properties::entries(&bytes).ok()?;
                let value = entries.get(key)?.value.clone();
                redact::learn(&value);
                Some(value)
            }
            _ => None,
        }
    }
}

messages! {
    area "mirror-properties";
    no_clusters() => "`clusters` must name two clusters or more, as in the file of `connect-mirror-maker`" / "`clusters` doit nommer au moins deux clusters, comme dans le fichier de `connect-mirror-maker`";
    not_at_hand(line, name, placeholder) => "line {line}: `{name}` is left out: `{placeholder}` cannot be filled in here; give its value in the environment file, a secret as `env:NAME` or `file:PATH`" / "ligne {line} : `{name}` est laissé de côté : `{placeholder}` ne peut pas être remplacé ici ; donner sa valeur dans le fichier d'environnement, un secret comme `env:NAME` ou `file:PATH`";
    of_one_client(line, name) => "line {line}: `{name}` is left out: it is of one client of the connectors, not of the cluster" / "ligne {line} : `{name}` est laissé de côté : il concerne un seul client des connecteurs, pas le cluster";
    of_the_process(line, name) => "line {line}: `{name}` is left out: it sets the process of MirrorMaker, not what it copies" / "ligne {line} : `{name}` est laissé de côté : il règle le processus de MirrorMaker, pas ce qu'il copie";
    secret_of_flow(line, name) => "line {line}: `{name}` is left out: a flow of the environment file holds no secrets" / "ligne {line} : `{name}` est laissé de côté : un flux du fichier d'environnement ne contient pas de secret";
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
# dedicated mode
clusters = east, west
east.bootstrap.servers = e1:9092,e2:9092
west.bootstrap.servers = w1:9093
security.protocol = SASL_PLAINTEXT
sasl.mechanism = SCRAM-SHA-512
east.sasl.jaas.config = org.apache.kafka.common.security.scram.ScramLoginModule required username="mm" password="east-p4ss-in-clear";
west.sasl.jaas.config = org.apache.kafka.common.security.scram.ScramLoginModule required username="mm" password="${files:FOLDER/west.properties:password}";
west.producer.batch.size = 65536
west.config.storage.replication.factor = 3
config.providers = files
config.providers.files.class = org.apache.kafka.common.config.provider.FileConfigProvider
east->west.enabled = true
east->west.topics = orders.*, mm2\\..*
topics.exclude =
east->west.sync.group.offsets.enabled = true
east->west.producer.override.sasl.jaas.config = x.ScramLoginModule required username="o" password="override-p4ss";
west->east.enabled = false
groups = billing.*
topics = .*
replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy
emit.heartbeats.interval.seconds = 5
replication.factor = 3
dedicated.mode.enable.internal.rest = true
vault.thing = ${vault:secret/x:y}
"#;

    fn file(folder: &Path) -> String {
        std::fs::write(folder.join("west.properties"), "password=west-p4ss-from-file\n").unwrap();
        FILE.replace("FOLDER", &folder.display().to_string())
    }

    #[test]
    fn flows_and_log_ins_are_as_mirrormaker_reads_them() {
        let folder = tempfile::tempdir().unwrap();
        let read = read(file(folder.path()).as_bytes()).unwrap();
        assert_eq!(read.aliases, ["east", "west"]);
        let [flow] = read.flows.as_slice() else { panic!("{:?}", read.flows) };
        assert_eq!((flow.source.as_str(), flow.target.as_str()), ("east", "west"));
        let shown: Vec<_> = flow.settings.iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(
            shown,
            [
                "emit.heartbeats.interval.seconds=5",
                "groups=billing.*",
                "replication.factor=3",
                "replication.policy.class=org.apache.kafka.connect.mirror.IdentityReplicationPolicy",
                "sync.group.offsets.enabled=true",
                r"topics=orders.*, mm2\..*",
                "topics.exclude=",
            ]
        );
        let east = read.cluster("east", folder.path(), "source", "secrets").unwrap();
        assert_eq!(east.bootstrap_servers.as_deref(), Some("e1:9092,e2:9092"));
        assert_eq!(east.properties["sasl.jaas.config"], "file:secrets/source-sasl.jaas.config");
        assert_eq!(east.properties["security.protocol"], "SASL_PLAINTEXT");
        let west = read.cluster("west", folder.path(), "target", "secrets").unwrap();
        assert!(west.files[0].1.contains("password=\"west-p4ss-from-file\""));
        assert!(!west.properties.contains_key("batch.size"));
        let told: Vec<String> =
            read.remarks.iter().chain(&east.remarks).chain(&west.remarks).map(ToString::to_string).collect();
        for part in [
            "`east->west.producer.override.sasl.jaas.config` is left out",
            "`dedicated.mode.enable.internal.rest` is left out",
            "`${vault:secret/x:y}` cannot be filled in",
            "`west.producer.batch.size` is left out",
            "`config.storage.replication.factor` is a property of Connect's workers",
        ] {
            assert!(told.iter().any(|said| said.contains(part)), "{part}: {told:#?}");
        }
        assert!(!told.iter().any(|said| said.contains("p4ss")), "{told:#?}");
    }

    #[test]
    fn providers_of_the_environment_and_of_folders_become_references() {
        let text = "clusters=a,b\na.bootstrap.servers=a:1\nb.bootstrap.servers=b:1\nconfig.providers=e,d\n\
            config.providers.e.class=o.EnvVarConfigProvider\nconfig.providers.d.class=o.DirectoryConfigProvider\n\
            a.security.protocol=SASL_PLAINTEXT\na.sasl.mechanism=PLAIN\n\
            a.sasl.jaas.config=x.PlainLoginModule required username=\"u\" password=\"${e:JALON_NOT_SET_HERE}\";\n\
            b.security.protocol=SASL_PLAINTEXT\nb.sasl.mechanism=PLAIN\nb.sasl.jaas.config=${d:/nowhere:jaas}\n";
        let read = read(text.as_bytes()).unwrap();
        assert!(read.flows.is_empty());
        let a = read.cluster("a", Path::new("."), "source", "secrets").unwrap();
        assert!(a.files[0].1.contains("password=\"env:JALON_NOT_SET_HERE\""));
        assert!(a.remarks.iter().any(|said| said.contains("is not set")), "{:?}", a.remarks);
        let b = read.cluster("b", Path::new("."), "target", "secrets").unwrap();
        assert_eq!(b.properties["sasl.jaas.config"], "file:/nowhere/jaas");
    }

    #[test]
    fn a_file_of_another_kind_is_told() {
        let error = read(b"bootstrap.servers=a:1\n").err().unwrap().to_string();
        assert!(error.contains("`clusters` must name two clusters"), "{error}");
    }
}
