//! What was not the same on the platform: from the snapshots of brokers, topics and connectors that every run keeps.

use super::{
    messages,
    model::{Differing, What},
    side::Run,
};
use crate::{
    record::{
        Arg, Artifact, RunId, Said,
        platform::{self, Brokers, Connectors, Kept, Setting, Topic, Topics},
    },
    store::artifacts,
    support::files,
};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// Settings that are other on every broker, or on every platform, and shape no figure.
const PLACES: [&str; 9] = [
    "advertised.listeners",
    "broker.id",
    "broker.rack",
    "control.plane.listener.name",
    "listeners",
    "log.dir",
    "log.dirs",
    "node.id",
    "zookeeper.connect",
];

/// The files of a snapshot by name.
type Files = BTreeMap<String, Kept>;

/// The file as that document; nothing where there is none.
macro_rules! kept {
    ($file:expr, $document:ident) => {
        $file.and_then(|kept| match kept {
            Kept::$document(of) => Some(of),
            _ => None,
        })
    };
}

/// One look at the platform.
#[derive(Debug, Clone)]
pub struct Look {
    /// The run that looked.
    pub run: RunId,
    /// Time of the snapshot.
    pub at: Timestamp,
    /// What it kept, by name of the file.
    files: Files,
}

impl Look {
    /// The snapshot that a run in `dir` keeps in `artifacts`, each checked first.
    pub fn read(run: &RunId, dir: &Path, at: Timestamp, artifacts: &[Artifact]) -> Result<Self, Said> {
        Ok(Self { run: run.clone(), at, files: read(dir, artifacts)? })
    }
}

/// What became different from one look to the next: brokers, topics that both saw, connectors.
pub fn between(before: &Look, after: &Look) -> Vec<Differing> {
    let topics = |look: &Look| -> BTreeSet<(String, String)> {
        let of = |kept: &Kept| match kept {
            Kept::Topics(of) => of.topics.iter().map(|t| (of.cluster.clone(), t.name.clone())).collect(),
            Kept::Brokers(_) | Kept::Connectors(_) => Vec::new(),
        };
        look.files.values().flat_map(of).collect()
    };
    let both = topics(before).intersection(&topics(after)).cloned().collect();
    let mut differs = Vec::new();
    files_differing(&before.files, &after.files, &both, &mut differs);
    differs
}

/// What the snapshots of both runs have different; and what could not be told, in sentences. `topics` are those of the
/// loads, each with its cluster.
pub(super) fn differing(
    before: &Run<'_>,
    after: &Run<'_>,
    topics: &BTreeSet<(String, String)>,
) -> (Vec<Differing>, Vec<Said>) {
    let (mut differs, mut unknown) = (Vec::new(), Vec::new());
    let (old, new) = (files(before), files(after));
    for (run, files) in [(before, &old), (after, &new)] {
        match files {
            None => unknown.push(messages::no_snapshot(run.run.as_str())),
            Some(Err(why)) => unknown.push(messages::snapshot_invalid(run.run.as_str(), why)),
            Some(Ok(_)) => {}
        }
    }
    let (Some(Ok(old)), Some(Ok(new))) = (old, new) else { return (differs, unknown) };
    files_differing(&old, &new, topics, &mut differs);
    (differs, unknown)
}

fn files_differing(
    old: &Files,
    new: &Files,
    topics: &BTreeSet<(String, String)>,
    differs: &mut Vec<Differing>,
) {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        let (then, now) = (old.get(name), new.get(name));
        match then.or(now) {
            Some(Kept::Brokers(_)) => brokers(kept!(then, Brokers), kept!(now, Brokers), differs),
            Some(Kept::Topics(of)) => {
                for (_, topic) in topics.iter().filter(|(cluster, _)| *cluster == of.cluster) {
                    one_topic(&of.cluster, topic, kept!(then, Topics), kept!(now, Topics), differs);
                }
            }
            Some(Kept::Connectors(_)) => {
                connectors(kept!(then, Connectors), kept!(now, Connectors), differs);
            }
            None => {}
        }
    }
}

/// The files of the run's last snapshot before the first compared attempt, by name.
fn files(run: &Run<'_>) -> Option<Result<Files, Said>> {
    let begun = run.attempts.iter().map(|(_, attempt)| attempt.started).min();
    let snapshots = &run.state.snapshots;
    let before = snapshots.iter().rev().find(|(at, ..)| begun.is_none_or(|begun| *at <= begun));
    let (_, artifacts, _) = before.or(snapshots.first())?;
    Some(read(run.dir, artifacts))
}

fn read(dir: &Path, artifacts: &[Artifact]) -> Result<Files, Said> {
    let read = |artifact: &Artifact| -> Result<Option<(String, Kept)>, Said> {
        artifacts::verify(dir, artifact)?;
        let bytes = files::read(&dir.join(&artifact.path), files::LARGEST)
            .map_err(|cause| artifacts::unread(artifact, cause))?;
        let name = artifact.path.rsplit('/').next().unwrap_or_default();
        let kept = Kept::read(name, &bytes).map_err(|e| messages::no_json(&artifact.path, e.to_string()))?;
        Ok(kept.map(|kept| (name.to_owned(), kept)))
    };
    artifacts.iter().filter_map(|artifact| read(artifact).transpose()).collect()
}

fn put(
    differs: &mut Vec<Differing>,
    what: What,
    name: impl Into<Said>,
    before: Option<String>,
    after: Option<String>,
) {
    if before != after {
        let [before, after] = [before, after].map(|side| side.map(Said::verbatim));
        differs.push(Differing { what, name: name.into(), before, after });
    }
}

fn brokers(then: Option<&Brokers>, now: Option<&Brokers>, differs: &mut Vec<Differing>) {
    let Some(cluster) = then.or(now).map(|of| of.cluster.as_str()) else { return };
    let count = |of: Option<&Brokers>| of.map(|of| of.brokers.len().to_string());
    put(differs, What::Broker, messages::brokers_in(cluster), count(then), count(now));
    let version = |of: Option<&Brokers>| Some(of?.version.as_ref()?.text().to_owned());
    put(differs, What::Broker, messages::broker_version(cluster), version(then), version(now));
    // By setting: on which brokers it changed from what to what.
    let mut changed: BTreeMap<(String, Option<String>, Option<String>), Vec<String>> = BTreeMap::new();
    let mut both = 0;
    for broker in now.iter().flat_map(|of| &of.brokers) {
        let earlier = then.iter().flat_map(|of| &of.brokers).find(|of| of.id == broker.id);
        let Some(earlier) = earlier else { continue };
        both += 1;
        for change in settings_changes(&earlier.settings, &broker.settings) {
            changed.entry(change).or_default().push(broker.id.to_string());
        }
    }
    for ((name, before, after), ids) in
        changed.into_iter().filter(|((name, ..), _)| !PLACES.contains(&name.as_str()))
    {
        let name = match ids.len() == both && both > 1 {
            true => messages::of_all_brokers(name, cluster),
            false => messages::of_brokers(name, Arg::list(ids), cluster),
        };
        put(differs, What::Broker, name, before, after);
    }
}

fn one_topic(
    cluster: &str,
    topic: &str,
    then: Option<&Topics>,
    now: Option<&Topics>,
    differs: &mut Vec<Differing>,
) {
    let find = |of: Option<&'_ Topics>| of?.topics.iter().find(|of| of.name == topic).cloned();
    // A topic that a run makes is not there yet when it begins.
    let (Some(old), Some(new)) = (find(then), find(now)) else { return };
    let partitions = |of: &Topic| Some(of.partitions.len().to_string());
    put(differs, What::Topic, messages::partitions_of(topic, cluster), partitions(&old), partitions(&new));
    let factor = |of: &Topic| of.replication_factor.map(|factor| factor.to_string());
    put(differs, What::Topic, messages::replication_factor_of(topic, cluster), factor(&old), factor(&new));
    for (name, before, after) in settings_changes(&old.settings, &new.settings) {
        put(differs, What::Topic, messages::of_topic(name, topic, cluster), before, after);
    }
}

fn connectors(then: Option<&Connectors>, now: Option<&Connectors>, differs: &mut Vec<Differing>) {
    let by_name = |of: Option<&Connectors>| -> BTreeMap<String, Vec<Setting>> {
        let list = of.map(|of| of.connectors.clone()).unwrap_or_default();
        list.into_iter().map(|connector| (connector.name, connector.settings)).collect()
    };
    let (old, new) = (by_name(then), by_name(now));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        match (old.get(name), new.get(name)) {
            (Some(a), Some(b)) => {
                for (setting, before, after) in settings_changes(a, b) {
                    put(differs, What::Connector, messages::of_connector(setting, name), before, after);
                }
            }
            (a, b) => {
                let there = |of: Option<&Vec<Setting>>| of.map(|_| messages::present());
                differs.push(Differing {
                    what: What::Connector,
                    name: Said::verbatim(name),
                    before: there(a),
                    after: there(b),
                });
            }
        }
    }
}

/// Name, earlier and later value of each setting that changed.
fn settings_changes(old: &[Setting], new: &[Setting]) -> Vec<(String, Option<String>, Option<String>)> {
    let (old, new) = (platform::values(old), platform::values(new));
    let names: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    let value = |of: &BTreeMap<&str, &str>, name: &str| of.get(name).map(|value| (*value).to_owned());
    let changes = names.into_iter().map(|name| (name.to_owned(), value(&old, name), value(&new, name)));
    changes.filter(|(_, before, after)| before != after).collect()
}
