//! What the loads of a run were promised: the stamped records that the cluster said it has, kept as evidence by the loads
//! and found again by who compares.

use super::{ActionContext, ActionError};
use crate::{
    load::bits::Bits,
    record::{Said, Value, messages},
    store::artifacts,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The artifact of a load that holds it.
pub(super) const ACKNOWLEDGED: &str = "acknowledged.json";
/// The most ranges that are written: what has more holes is no evidence that anybody could read.
const RANGES: usize = 1_000_000;

/// Content of the artifact: the records that the brokers acknowledged.
#[derive(Debug, Serialize, Deserialize)]
struct File {
    /// The cluster, by its name in the environment.
    cluster: String,
    topic: String,
    /// One for each client of the load.
    clients: Vec<OfClient>,
}

#[derive(Debug, Serialize, Deserialize)]
struct OfClient {
    /// The token of its stamps, in hexadecimal.
    stamps: String,
    /// Acknowledged records, warm-up included.
    acknowledged: u64,
    /// SHA-256 of the ranges, each as two numbers of 8 bytes, big-endian.
    sha256: String,
    /// First and last number of each range; nothing where there are too many.
    ranges: Option<Vec<(u64, u64)>>,
}

/// Keeps what the cluster acknowledged of a load. A load with `acks: 0` was promised nothing.
pub(super) fn keep(
    cx: &ActionContext,
    cluster: &str,
    topic: &str,
    acks: Option<&str>,
    acknowledged: &[(u64, Bits)],
) -> Result<(), artifacts::ArtifactError> {
    if acknowledged.is_empty() || acks == Some("0") {
        return Ok(());
    }
    let client = |(token, bits): &(u64, Bits)| {
        let ranges = bits.ranges();
        OfClient {
            stamps: format!("{token:016x}"),
            acknowledged: bits.len(),
            sha256: bits.digest(),
            ranges: (ranges.len() <= RANGES).then_some(ranges),
        }
    };
    let clients = acknowledged.iter().map(client).collect();
    let file = File { cluster: cluster.to_owned(), topic: topic.to_owned(), clients };
    // Compact: one line a file, as a set with holes has many numbers.
    let text = serde_json::to_string(&file).unwrap_or_default() + "\n";
    cx.artifacts.write(ACKNOWLEDGED, "application/json", text.as_bytes()).map(drop)
}

/// The token as an output.
pub(super) fn token(token: Option<u64>) -> Value {
    token.map_or_else(
        || Value::missing(not_stamped()),
        |token| Value::Text(Said::verbatim(format!("{token:016x}"))),
    )
}

/// What was promised by the loads that count.
#[derive(Debug, Default)]
pub(super) struct Promised {
    /// The numbers of each token.
    pub(super) stamps: BTreeMap<u64, Bits>,
    /// The loads, as `step/action`.
    pub(super) loads: Vec<String>,
}

impl Promised {
    /// Promised records.
    pub(super) fn records(&self) -> u64 {
        self.stamps.values().map(Bits::len).sum()
    }
}

/// What loads before this action were promised: those that `named` names, each one as `action` or `step/action`, or all
/// that sent stamped records to that topic. The inner error is why nobody can say.
pub(super) fn find(
    cx: &ActionContext,
    named: Option<&[String]>,
    cluster: &str,
    topic: &str,
) -> Result<Result<Promised, Said>, ActionError> {
    let mut promised = Promised::default();
    let loads = match named {
        None => cx.earlier.iter().collect(),
        Some(named) => {
            let mut loads = Vec::new();
            for name in named {
                let (step, action) = split(name);
                // The nearest one: this step stands last.
                let found = cx.earlier.iter().rev().find(|earlier| {
                    earlier.action.as_str() == action && step.is_none_or(|step| earlier.step.0 == step)
                });
                match found {
                    Some(found) => loads.push(found),
                    None => return Ok(Err(not_run(name))),
                }
            }
            loads
        }
    };
    for load in loads {
        let name = format!("{}/{}", load.step, load.action);
        let file = load.artifacts.iter().find(|a| a.path.ends_with(&format!("/{ACKNOWLEDGED}")));
        let Some(artifact) = file else {
            match named {
                Some(_) if !load.ended => return Ok(Err(still_runs(name))),
                Some(_) => return Ok(Err(promised_nothing(name))),
                None => continue,
            }
        };
        let bytes = cx.artifacts.read(artifact)?;
        let Ok(file) = serde_json::from_slice::<File>(&bytes) else {
            return Ok(Err(unreadable(&artifact.path)));
        };
        if file.cluster != cluster || file.topic != topic {
            match named {
                Some(_) => return Ok(Err(elsewhere(name, &file.topic, &file.cluster))),
                None => continue,
            }
        }
        for client in file.clients {
            let (Ok(token), Some(ranges)) = (u64::from_str_radix(&client.stamps, 16), client.ranges) else {
                return Ok(Err(too_many_holes(name)));
            };
            let bits = promised.stamps.entry(token).or_default();
            ranges.into_iter().for_each(|(first, last)| bits.insert_range(first, last));
        }
        promised.loads.push(name);
    }
    Ok(if promised.loads.is_empty() { Err(no_load(topic, cluster)) } else { Ok(promised) })
}

/// The step, where it is named, and the action.
pub(super) fn split(name: &str) -> (Option<u32>, &str) {
    match name.split_once('/') {
        Some((step, action)) => (step.trim().parse().ok().or(Some(u32::MAX)), action.trim()),
        None => (None, name),
    }
}

messages! {
    area "promise";
    elsewhere(load, topic, cluster) => "`{load}` sent to `{topic}` of cluster `{cluster}`" / "`{load}` a envoyé vers `{topic}` du cluster `{cluster}`";
    no_load(topic, cluster) => "no load of this run sent stamped records to `{topic}` of cluster `{cluster}` before this: only what the source holds was the measure" / "aucune charge de cette exécution n'a envoyé d'enregistrements marqués vers `{topic}` du cluster `{cluster}` auparavant : seul le contenu de la source a servi de mesure";
    not_run(load) => "`{load}` has not run: only what the source holds was the measure" / "`{load}` n'a pas été exécutée : seul le contenu de la source a servi de mesure";
    not_stamped() => "the records have no stamps" / "les enregistrements ne portent pas de marque";
    promised_nothing(load) => "`{load}` has no record of what was acknowledged: it needs `sequence: true`, `acks` other than 0 and the driver `native`" / "`{load}` n'a pas de trace de ce qui a été acquitté : il faut `sequence: true`, `acks` différent de 0 et le driver `native`";
    still_runs(load) => "`{load}` had not ended when this began. hint: compare after the load" / "`{load}` n'était pas terminée au début de la comparaison ; comparer après la charge";
    too_many_holes(load) => "the acknowledged records of `{load}` have too many holes to be kept" / "les enregistrements acquittés de `{load}` ont trop de trous pour être conservés";
    unreadable(path) => "could not read `{path}`" / "impossible de lire `{path}`";
}
