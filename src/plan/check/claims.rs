//! Things that two actions cannot have at once, and times into which a step does not fit.

use crate::{
    action::{Action, Claim},
    plan::{file::StepFile, source::Problem, step::ActionSpec},
    record::ActionId,
    support::text,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

/// The actions of a step as far as they are known.
type Resolved<'p> = BTreeMap<&'p ActionId, Arc<dyn Action>>;

/// Claims of what runs together, and the time that the step is given.
pub(super) fn check(
    file: &StepFile,
    resolved: &Resolved<'_>,
    told: &mut BTreeSet<usize>,
    problems: &mut Vec<Problem>,
) {
    for group in file.groups.iter().chain(&file.clean_up).filter(|group| group.len() > 1) {
        clashes(file, group, resolved, told, problems);
    }
    // A watch runs beside every action of the step, and what it changed would be changed again at every look.
    for watch in &file.watches {
        let claims = resolved.get(&watch.spec.id).map(|action| action.claims()).unwrap_or_default();
        if let Some(claim) = claims.first()
            && told.insert(watch.spec.span.start)
        {
            let message = format!("the watch `{}` would change {claim} at every sample", watch.spec.id);
            problems.push(
                file.source
                    .problem(watch.spec.span, "clash", message)
                    .hint("a watch only reads: remove what it should change (`state`, `config`)"),
            );
        }
    }
    time(file, resolved, problems);
}

/// Two actions that claim the same thing cannot run together.
fn clashes(
    file: &StepFile,
    group: &[ActionSpec],
    resolved: &Resolved<'_>,
    told: &mut BTreeSet<usize>,
    problems: &mut Vec<Problem>,
) {
    let claims: Vec<_> = group
        .iter()
        .map(|spec| resolved.get(&spec.id).map(|action| action.claims()).unwrap_or_default())
        .collect();
    let mut first: BTreeMap<&Claim, &ActionSpec> = BTreeMap::new();
    for (spec, claims) in group.iter().zip(&claims) {
        let clash = claims.iter().find_map(|claim| first.get(claim).map(|earlier| (*earlier, claim)));
        for claim in claims {
            first.entry(claim).or_insert(spec);
        }
        if let Some((earlier, claim)) = clash
            && told.insert(spec.span.start)
        {
            let message = format!("`{}` and `{}` run together and both claim {claim}", earlier.id, spec.id);
            problems.push(
                file.source
                    .problem(spec.span, "clash", message)
                    .hint("take one of them out of the `parallel` group, so that it runs before or after it"),
            );
        }
    }
}

/// A step that is ended before its actions can be done.
fn time(file: &StepFile, resolved: &Resolved<'_>, problems: &mut Vec<Problem>) {
    let Some(limit) = file.head.timeout.map(|limit| limit.0) else { return };
    // What applies only somewhere may take no time.
    let expected = |spec: &ActionSpec| match spec.when {
        Some(_) => None,
        None => resolved.get(&spec.id).and_then(|action| action.expected()),
    };
    let needed: Duration =
        file.groups.iter().filter_map(|group| group.iter().filter_map(expected).max()).sum();
    if needed >= limit {
        let span = file.front.get("timeout").map_or(file.step_span, |node| node.span);
        let message = format!(
            "the actions of this step take {} and it is ended after {}: it could never pass",
            text::duration(needed),
            text::duration(limit)
        );
        problems.push(
            file.source.problem(span, "too-short", message).hint("make `timeout` longer, or leave it out"),
        );
    }
}
