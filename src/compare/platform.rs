//! What was not the same on the platform: from the snapshots of brokers, topics and connectors that every run keeps.

use super::{
    differing::text,
    messages,
    model::{Differing, What},
    side::Run,
};
use crate::{
    record::{Arg, Artifact, RunId, Said},
    store::artifacts,
    support::files,
};
use jiff::Timestamp;
use serde_json::Value;
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

type Settings = BTreeMap<String, String>;

/// One look at the platform.
#[derive(Debug, Clone)]
pub struct Look {
    /// The run that looked.
    pub run: RunId,
    /// Time of the snapshot.
    pub at: Timestamp,
    /// What it kept, by name of the file.
    files: BTreeMap<String, Value>,
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
        let of = |(name, kept): (&String, &Value)| {
            let cluster = name.strip_prefix("topics-")?.trim_end_matches(".json").to_owned();
            let list = kept.get("topics")?.as_array()?.clone();
            Some(list.into_iter().filter_map(move |t| Some((cluster.clone(), text(t.get("name")?)))))
        };
        look.files.iter().filter_map(of).flatten().collect()
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
    old: &BTreeMap<String, Value>,
    new: &BTreeMap<String, Value>,
    topics: &BTreeSet<(String, String)>,
    differs: &mut Vec<Differing>,
) {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        let (then, now) = (old.get(name), new.get(name));
        match (name.strip_prefix("brokers-"), name.strip_prefix("topics-"), name.as_str()) {
            (Some(cluster), ..) => brokers(cluster, then, now, differs),
            (_, Some(cluster), _) => {
                let cluster = cluster.trim_end_matches(".json");
                for (_, topic) in topics.iter().filter(|(of, _)| of == cluster) {
                    one_topic(cluster, topic, then, now, differs);
                }
            }
            (.., "connectors.json") => connectors(then, now, differs),
            _ => {}
        }
    }
}

/// The files of the run's last snapshot before the first compared attempt, by name.
fn files(run: &Run<'_>) -> Option<Result<BTreeMap<String, Value>, Said>> {
    let begun = run.attempts.iter().map(|(_, attempt)| attempt.started).min();
    let snapshots = &run.state.snapshots;
    let before = snapshots.iter().rev().find(|(at, ..)| begun.is_none_or(|begun| *at <= begun));
    let (_, artifacts, _) = before.or(snapshots.first())?;
    Some(read(run.dir, artifacts))
}

fn read(dir: &Path, artifacts: &[Artifact]) -> Result<BTreeMap<String, Value>, Said> {
    let read = |artifact: &Artifact| -> Result<(String, Value), Said> {
        artifacts::verify(dir, artifact)?;
        let bytes = files::read(&dir.join(&artifact.path), files::LARGEST)
            .map_err(|cause| artifacts::unread(artifact, cause))?;
        let name = artifact.path.rsplit('/').next().unwrap_or_default().to_owned();
        Ok((
            name,
            serde_json::from_slice(&bytes).map_err(|e| messages::no_json(&artifact.path, e.to_string()))?,
        ))
    };
    artifacts.iter().filter(|a| a.path.ends_with(".json")).map(read).collect()
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

fn brokers(cluster: &str, then: Option<&Value>, now: Option<&Value>, differs: &mut Vec<Differing>) {
    let cluster = cluster.trim_end_matches(".json");
    let list =
        |of: Option<&Value>| of.and_then(|v| v.get("brokers")?.as_array().cloned()).unwrap_or_default();
    let (old, new) = (list(then), list(now));
    let count = |of: &[Value], there: bool| there.then(|| of.len().to_string());
    put(
        differs,
        What::Broker,
        messages::brokers_in(cluster),
        count(&old, then.is_some()),
        count(&new, now.is_some()),
    );
    let version = |of: Option<&Value>| {
        let version = of?.get("version")?;
        version.get("text").or(Some(version)).filter(|v| !v.is_null()).map(text)
    };
    put(differs, What::Broker, messages::broker_version(cluster), version(then), version(now));
    // By setting: on which brokers it changed from what to what.
    let mut changed: BTreeMap<(String, Option<String>, Option<String>), Vec<String>> = BTreeMap::new();
    let mut both = 0;
    for broker in &new {
        let id = broker.get("id").map(text).unwrap_or_default();
        let Some(earlier) = old.iter().find(|b| b.get("id") == broker.get("id")) else { continue };
        both += 1;
        for (name, before, after) in settings_changes(&settings(earlier), &settings(broker)) {
            changed.entry((name, before, after)).or_default().push(id.clone());
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
    then: Option<&Value>,
    now: Option<&Value>,
    differs: &mut Vec<Differing>,
) {
    let find = |of: Option<&Value>| -> Option<Value> {
        of?.get("topics")?.as_array()?.iter().find(|t| t.get("name").is_some_and(|n| n == topic)).cloned()
    };
    // A topic that a run makes is not there yet when it begins.
    let (Some(old), Some(new)) = (find(then), find(now)) else { return };
    let partitions = |of: &Value| match of.get("partitions") {
        Some(Value::Array(list)) => Some(list.len().to_string()),
        other => other.map(text),
    };
    put(differs, What::Topic, messages::partitions_of(topic, cluster), partitions(&old), partitions(&new));
    let factor = |of: &Value| of.get("replication_factor").map(text);
    put(differs, What::Topic, messages::replication_factor_of(topic, cluster), factor(&old), factor(&new));
    for (name, before, after) in settings_changes(&settings(&old), &settings(&new)) {
        put(differs, What::Topic, messages::of_topic(name, topic, cluster), before, after);
    }
}

fn connectors(then: Option<&Value>, now: Option<&Value>, differs: &mut Vec<Differing>) {
    let list = |of: Option<&Value>| -> BTreeMap<String, Settings> {
        let list = of.and_then(|v| v.get("connectors")?.as_array().cloned()).unwrap_or_default();
        list.iter().filter_map(|c| Some((c.get("name").map(text)?, settings(c)))).collect()
    };
    let (old, new) = (list(then), list(now));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        match (old.get(name), new.get(name)) {
            (Some(a), Some(b)) => {
                for (setting, before, after) in settings_changes(a, b) {
                    put(differs, What::Connector, messages::of_connector(setting, name), before, after);
                }
            }
            (a, b) => {
                let there = |of: Option<&Settings>| of.map(|_| messages::present());
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

fn settings(of: &Value) -> Settings {
    let list = of.get("settings").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let pair = |setting: &Value| Some((setting.get("name").map(text)?, setting.get("value").map(text)?));
    list.iter().filter_map(pair).collect()
}

fn settings_changes(old: &Settings, new: &Settings) -> Vec<(String, Option<String>, Option<String>)> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let pair = |name: &String| (name.clone(), old.get(name).cloned(), new.get(name).cloned());
    names.into_iter().map(pair).filter(|(_, before, after)| before != after).collect()
}
