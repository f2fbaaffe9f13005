//! The write probe: a topic made, written to, read and deleted again, for what no question can tell.

use super::{clocks, finding::Finding};
use crate::{
    clients::{
        Cluster,
        kafka::{RoundTrip, round_trip},
    },
    record::{Said, messages},
};
use jiff::Timestamp;
use std::time::Duration;

/// How long it may take, the deletion included; it is never left half way.
pub(super) const LIMIT: Duration = Duration::from_secs(45);

/// What was found.
pub(super) async fn examine(part: &Said, cluster: &Cluster) -> Vec<Finding> {
    // Nobody else has a topic of that name.
    let topic = format!("jalon-doctor-{}-{:x}", std::process::id(), Timestamp::now().as_nanosecond());
    let RoundTrip { failed, left, took, appended } = match round_trip(cluster, &topic).await {
        Ok(trip) => trip,
        Err(error) => {
            return vec![Finding::fault(part, failed_with(&error)).remedy(allow_all())];
        }
    };
    let mut found = Vec::new();
    match failed {
        Some(error) => {
            found.push(Finding::fault(part, failed_with(&error)).remedy(allow_write_and_read()));
        }
        None => {
            found.push(Finding::fine(part, came_back(took)));
        }
    }
    if let Some(error) = left {
        found.push(Finding::warning(part, is_left(&topic, &error)).remedy(allow_delete(&topic)));
    }
    // The broker stamped it within the time that the whole took.
    found.extend(appended.map(|at| at + took / 2).and_then(|at| clocks::of_time(part, at)));
    found
}

messages! {
    area "doctor-write-probe";
    allow_all() => "allow Create, Describe, Write, Read and Delete on topics `jalon-doctor-` (prefixed) to this user" / "donner à cet utilisateur les droits Create, Describe, Write, Read et Delete sur les topics `jalon-doctor-` (prefixed)";
    allow_delete(topic) => "allow Delete on it to this user, or delete it: kafka-topics.sh --delete --topic {topic}" / "donner à cet utilisateur le droit Delete sur ce topic, ou le supprimer : kafka-topics.sh --delete --topic {topic}";
    allow_write_and_read() => "allow Write and Read on topics to this user" / "donner à cet utilisateur les droits Write et Read sur les topics";
    came_back(took) => "write probe: a record was written and read in {took}" / "essai d'écriture : un enregistrement a été écrit et relu en {took}";
    failed_with(error) => "write probe: {error}" / "essai d'écriture : {error}";
    is_left(topic, error) => "write probe: topic `{topic}` is left: {error}" / "essai d'écriture : le topic `{topic}` est resté : {error}";
}
