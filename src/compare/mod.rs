//! Two runs beside each other: what differed, and by how much the figures of each load did. [`compare`] is the start.
//!
//! It reads the state of both runs and the artifacts that it names. Only loads that were the same, sent or read by the
//! same client, are compared; of others the figures stand side by side.

pub mod bootstrap;
mod differing;
mod hlog;
mod model;
pub mod platform;
mod scenario;
mod windows;

pub use model::{Comparison, Differing, Figure, Finding, Place, Range, RunSide, Scenario, What};
pub use scenario::{Side, change};

use crate::record::{
    ActionId, RunId, RunState, StepId,
    state::{ActionStatus, AttemptStatus},
};
use rayon::prelude::*;
use std::path::Path;

/// A run, and what of it is compared.
#[derive(Debug, Clone)]
pub struct Run<'a> {
    /// Its name.
    pub run: &'a RunId,
    /// Its folder.
    pub dir: &'a Path,
    /// What its journal holds.
    pub state: &'a RunState,
    /// An attempt of each step that is compared.
    pub attempts: Vec<(StepId, &'a AttemptStatus)>,
    /// The one action that is compared, where one is.
    pub action: Option<ActionId>,
}

impl<'a> Run<'a> {
    /// The loads that are compared.
    fn loads(&self) -> Vec<Side<'a>> {
        let of = |(step, attempt): &(StepId, &'a AttemptStatus)| {
            let (step, attempt) = (*step, *attempt);
            let loads = attempt.actions.iter().filter(|a| is_load(a));
            let side = move |action| Side { run: self.run, dir: self.dir, step, attempt, action };
            loads.map(side).collect::<Vec<_>>()
        };
        let wanted = |side: &Side<'_>| self.action.as_ref().is_none_or(|a| *a == side.action.action);
        self.attempts.iter().flat_map(of).filter(wanted).collect()
    }
}

/// The kinds that put load on a cluster and measure it second by second.
const LOADS: [&str; 3] = ["consume", "end-to-end", "produce"];

/// Whether an action puts load on a cluster and measures it second by second.
pub fn is_load(action: &ActionStatus) -> bool {
    LOADS.contains(&action.kind.as_str())
}

/// The outputs of a kind of action whose noise the windows tell, where the driver keeps such; none of a kind that is no
/// load.
pub fn compared_outputs(kind: &str) -> Vec<String> {
    let latencies: &[&str] = match kind {
        "consume" => &["end_to_end_ms"],
        kind if LOADS.contains(&kind) => &["latency_ms", "send_latency_ms"],
        _ => return Vec::new(),
    };
    let throughput = ["records_per_s", "mb_per_s"].map(|unit| format!("throughput.{unit}"));
    let figures = std::iter::once("avg").chain(windows::QUANTILES.map(|(name, _)| name));
    let of = |latency: &&str| {
        let latency = (*latency).to_owned();
        figures.clone().map(move |figure| format!("{latency}.{figure}"))
    };
    throughput.into_iter().chain(latencies.iter().flat_map(of)).collect()
}

/// What differed between two runs, and by how much the figures of every load that both have did.
pub fn compare(before: &Run<'_>, after: &Run<'_>) -> Comparison {
    let (mut first, mut second) = (before.loads(), after.loads());
    let mut pairs = Vec::new();
    let one_each = before.action.is_some() && after.action.is_some();
    second.retain(|now| {
        let same =
            |then: &Side<'_>| one_each || (then.step == now.step && then.action.action == now.action.action);
        let Some(at) = first.iter().position(same) else { return true };
        pairs.push((first.remove(at), now.clone()));
        false
    });
    let topics = pairs.iter().flat_map(|(a, b)| [a.topic(), b.topic()]).flatten().collect();
    let (mut differs, unknown) = differing::runs(before, after);
    let (platform, also_unknown) = platform::differing(before, after, &topics);
    differs.extend(platform);
    Comparison {
        before: RunSide::of(before),
        after: RunSide::of(after),
        differs,
        unknown: [unknown, also_unknown].concat(),
        scenarios: pairs.par_iter().map(|(then, now)| scenario::compare(then, now)).collect(),
        only_before: first.iter().map(Side::place).collect(),
        only_after: second.iter().map(Side::place).collect(),
    }
}
