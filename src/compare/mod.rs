//! Two runs beside each other: what differed, and by how much the figures of each load did. [`compare`] is the start.
//!
//! It reads the state of both runs and the artifacts that it names. Only loads that were the same, sent or read by the
//! same client, are compared; of others the figures stand side by side.

pub mod bootstrap;
mod differing;
mod hlog;
mod messages;
mod model;
pub mod platform;
mod scenario;
mod side;
mod windows;

pub use model::{Comparison, Differing, Figure, Finding, Place, Range, RunSide, Scenario, What};
pub use scenario::change;
pub use side::{Run, Side, is_load};

use crate::record::{Declared, Family};
use rayon::prelude::*;

/// The outputs of an action whose noise the windows tell, where the driver keeps such; none of what is no load.
pub fn compared_outputs(of: &Declared) -> Vec<String> {
    if !of.is_measured_load() {
        return Vec::new();
    }
    let throughput = [Family::Rate, Family::Throughput].into_iter().flat_map(|family| of.of(family));
    let figures = std::iter::once("avg").chain(windows::QUANTILES.map(|(name, _)| name));
    let latencies = of
        .latencies()
        .flat_map(|(latency, _)| figures.clone().map(move |figure| format!("{latency}.{figure}")));
    throughput.map(str::to_owned).chain(latencies).collect()
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
        before: before.outline(),
        after: after.outline(),
        differs,
        unknown: [unknown, also_unknown].concat(),
        scenarios: pairs.par_iter().map(|(then, now)| scenario::compare(then, now)).collect(),
        only_before: first.iter().map(Side::place).collect(),
        only_after: second.iter().map(Side::place).collect(),
    }
}
