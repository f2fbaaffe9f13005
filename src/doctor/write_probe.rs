//! The write probe: a topic made, written to, read and deleted again, for what no question can tell.

use super::{clocks, finding::Finding};
use crate::{
    clients::{
        Cluster,
        kafka::{RoundTrip, round_trip},
    },
    support::text,
};
use jiff::Timestamp;
use std::time::Duration;

/// How long it may take, the deletion included; it is never left half way.
pub(super) const LIMIT: Duration = Duration::from_secs(45);

/// What was found.
pub(super) async fn examine(part: &str, cluster: &Cluster) -> Vec<Finding> {
    // Nobody else has a topic of that name.
    let topic = format!("jalon-doctor-{}-{:x}", std::process::id(), Timestamp::now().as_nanosecond());
    let RoundTrip { failed, left, took, appended } = match round_trip(cluster, &topic).await {
        Ok(trip) => trip,
        Err(error) => {
            let remedy = "allow Create, Describe, Write, Read and Delete on topics `jalon-doctor-` (prefixed) to this user";
            return vec![Finding::fault(part, format!("write probe: {error}")).remedy(remedy)];
        }
    };
    let mut found = Vec::new();
    match failed {
        Some(error) => {
            let remedy = "allow Write and Read on topics to this user";
            found.push(Finding::fault(part, format!("write probe: {error}")).remedy(remedy));
        }
        None => {
            let what = format!("write probe: a record was written and read in {}", text::duration(took));
            found.push(Finding::fine(part, what));
        }
    }
    if let Some(error) = left {
        let what = format!("write probe: topic `{topic}` is left: {error}");
        let remedy = format!(
            "allow Delete on it to this user, or delete it: kafka-topics.sh --delete --topic {topic}"
        );
        found.push(Finding::warning(part, what).remedy(remedy));
    }
    // The broker stamped it within the time that the whole took.
    found.extend(appended.map(|at| at + took / 2).and_then(|at| clocks::of_time(part, at)));
    found
}
