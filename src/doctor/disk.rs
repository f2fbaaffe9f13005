//! The disks of the brokers: whether what the plan writes fits, by the node exporters' figures.

use super::{finding::Finding, needs::Needs, services};
use crate::{
    action::Need,
    clients::{
        Endpoint, Environment, part,
        prometheus::{Instant, Prometheus},
    },
    record::{Arg, StepId, messages},
};
use std::collections::{BTreeMap, BTreeSet};

/// File systems that hold no broker's data.
const FREE: &str =
    "max by (instance) (node_filesystem_avail_bytes{fstype!~\"tmpfs|ramfs|overlay|squashfs|devtmpfs\"})";
/// The metric of a node exporter's page.
const METRIC: &str = "node_filesystem_avail_bytes";
/// The share of a disk from which on it is told.
const TIGHT: f64 = 0.8;

/// What the plan writes.
#[derive(Debug, PartialEq)]
struct Written {
    /// Bytes of values, replicas counted, over all clusters.
    bytes: f64,
    /// Brokers that they go to.
    brokers: u32,
    /// Steps that write.
    steps: BTreeSet<StepId>,
}

/// What was found. Nothing where the plan's sizes or the disks are not known.
pub(super) async fn examine(environment: &Environment, needs: &Needs) -> Vec<Finding> {
    let written = written(environment, needs);
    if written.bytes <= 0.0 {
        return Vec::new();
    }
    let mut free = of_prometheus(environment.prometheus.as_ref()).await;
    if free.is_empty() {
        for (name, exporter) in &environment.exporters {
            if let Ok(page) = services::page(&part::exporter(name), &exporter.0).await
                && let Some(bytes) = largest(&page.text())
            {
                free.insert(name.clone(), bytes);
            }
        }
    }
    judge(&written, &free).into_iter().collect()
}

/// What the writes of the plan sum up to.
fn written(environment: &Environment, needs: &Needs) -> Written {
    let mut written = Written { bytes: 0.0, brokers: 0, steps: BTreeSet::new() };
    let mut clusters = BTreeSet::new();
    for (need, steps) in needs.iter() {
        let Need::Write { cluster, topic, bytes: Some(bytes) } = need else { continue };
        let brokers = environment.clusters.get(cluster).and_then(|c| c.brokers).unwrap_or(1);
        let factor = needs.replication_factor(cluster, topic).unwrap_or(brokers.min(3));
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let bytes = *bytes as f64 * f64::from(factor);
        #[expect(clippy::cast_precision_loss, reason = "a handful of steps")]
        let times = steps.len() as f64;
        written.bytes += bytes * times;
        written.steps.extend(steps);
        if clusters.insert(cluster) {
            written.brokers += brokers;
        }
    }
    written
}

/// Whether it fits on the smallest of the machines' largest disks.
fn judge(written: &Written, free: &BTreeMap<String, f64>) -> Option<Finding> {
    let machines = u32::try_from(free.len()).unwrap_or(u32::MAX).min(written.brokers).max(1);
    let each = written.bytes / f64::from(machines);
    let (machine, least) = free.iter().min_by(|a, b| a.1.total_cmp(b.1))?;
    if each <= least * TIGHT {
        return None;
    }
    let what = writes(bytes(each), machine, bytes(*least));
    let finding = if each > *least { Finding::fault(disks(), what) } else { Finding::warning(disks(), what) };
    Some(finding.remedy(make_room()).steps(&written.steps))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bytes, for a person")]
fn bytes(amount: f64) -> Arg {
    Arg::bytes(amount.max(0.0) as u64)
}

/// Free bytes of the largest disk of each machine.
async fn of_prometheus(endpoint: Option<&Endpoint>) -> BTreeMap<String, f64> {
    let Some(endpoint) = endpoint else { return BTreeMap::new() };
    let asked = async { Prometheus::open(endpoint).await?.query(FREE).await };
    match asked.await.map(|answer| answer.result) {
        Ok(Instant::Vector(series)) => series
            .iter()
            .filter_map(|s| {
                let name = s.metric.get("instance").cloned().unwrap_or_default();
                Some((name, s.points.first()?.1))
            })
            .collect(),
        _ => BTreeMap::new(),
    }
}

/// The largest free disk that a node exporter's page tells.
fn largest(page: &str) -> Option<f64> {
    let own = ["tmpfs", "ramfs", "overlay", "squashfs"];
    page.lines()
        .filter(|line| {
            line.starts_with(METRIC) && !own.iter().any(|kind| line.contains(&format!("\"{kind}\"")))
        })
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .max_by(f64::total_cmp)
}

messages! {
    area "doctor-disks";
    disks() => "disks" / "disques";
    make_room() => "make room, choose a smaller profile, or let topics delete: `retention.bytes` in their `config`" / "faire de la place, choisir un profil plus petit, ou laisser les topics supprimer : `retention.bytes` dans leur `config`";
    writes(bytes, machine, free) => "the plan writes up to {bytes} to each machine (values, replicas counted), and `{machine}` has {free} free" / "le plan écrit jusqu'à {bytes} sur chaque machine (valeurs, réplicats compris), et `{machine}` en a {free} de libres";
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;
    use crate::record::Language;

    #[test]
    fn what_does_not_fit_is_a_fault_and_what_nearly_does_not_a_warning() {
        let written = Written { bytes: 300e9, brokers: 3, steps: BTreeSet::new() };
        let free = |each: &[f64]| {
            each.iter()
                .enumerate()
                .map(|(n, bytes)| (format!("node-{n}"), *bytes))
                .collect::<BTreeMap<_, _>>()
        };
        let level = |each: &[f64]| judge(&written, &free(each)).map(|f| f.level);
        assert_eq!(level(&[200e9, 200e9, 200e9]), None);
        assert_eq!(level(&[200e9, 110e9, 200e9]), Some(Level::Warning));
        assert_eq!(level(&[200e9, 90e9, 200e9]), Some(Level::Fault));
        // All brokers on one machine.
        assert_eq!(level(&[200e9]), Some(Level::Fault));
        assert_eq!(level(&[]), None, "nobody tells");
        let tight = judge(&written, &free(&[107.5 * 1_073_741_824.0])).unwrap();
        assert_eq!(
            tight.what.in_language(Language::Fr),
            "le plan écrit jusqu'à 279,4\u{202f}Gio sur chaque machine (valeurs, réplicats compris), et `node-0` en a 107,5\u{202f}Gio de libres"
        );
    }

    #[test]
    fn the_page_of_a_node_exporter_tells_its_largest_disk() {
        let page = "node_filesystem_avail_bytes{device=\"/dev/vda\",fstype=\"ext4\",mountpoint=\"/\"} 7.1e+10\n\
                    node_filesystem_avail_bytes{device=\"tmpfs\",fstype=\"tmpfs\",mountpoint=\"/run\"} 9e+11\n";
        assert_eq!(largest(page), Some(7.1e10));
        assert_eq!(largest("up 1\n"), None);
    }
}
