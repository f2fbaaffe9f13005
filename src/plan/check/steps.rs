//! Numbers and needs: every step has its own, needs only steps that there are, and none waits for itself.

use crate::{
    plan::{Campaign, estimate::Estimate, file::StepFile, graph::Graph, source::Problem},
    record::StepId,
    support::text,
};
use std::collections::{BTreeMap, BTreeSet};

/// So many wrong needs of one file are told.
const TOLD: usize = 20;

/// Numbers that stand twice, and needs that no file defines or that stand twice.
pub(in crate::plan) fn numbers(files: &[StepFile], problems: &mut Vec<Problem>) {
    let mut known: BTreeMap<StepId, &StepFile> = BTreeMap::new();
    for file in files {
        let step = file.head.step;
        if let Some(first) = known.get(&step) {
            let message = format!("step {step} is already in {}", text::path(&first.source.path));
            let problem = file.source.problem(file.step_span, "same-number", message);
            problems.push(problem.hint("every step has a number of its own"));
        } else {
            known.insert(step, file);
        }
    }
    for file in files {
        let step = file.head.step;
        let mut before = BTreeSet::new();
        let mut wrong = 0;
        for (need, span) in file.head.needs.iter().zip(&file.needs_spans) {
            let twice = !before.insert(need);
            wrong += usize::from(twice || !known.contains_key(need));
            // The first ones say what is wrong; a list that was made has the same mistake everywhere.
            if wrong > TOLD {
                break;
            }
            if twice {
                let problem =
                    file.source.problem(*span, "same-number", format!("step {need} is needed twice"));
                problems.push(problem.hint("name each need once"));
            }
            if !known.contains_key(need) {
                let message = format!("step {step} needs step {need}, which no file defines");
                let problem = file.source.problem(*span, "unknown-need", message);
                problems.push(problem.hint(near(*need, step, known.keys())));
            }
        }
    }
}

/// Estimates of profiles that the campaign does not have.
pub(in crate::plan) fn estimates(files: &[StepFile], campaign: &Campaign, problems: &mut Vec<Problem>) {
    let known = || campaign.profiles.keys().map(String::as_str);
    for file in files {
        let named = file.head.estimate.iter().flat_map(Estimate::profiles);
        for name in named.filter(|name| !campaign.profiles.contains_key(*name)) {
            let span = file.front.locate(&["estimate".to_owned()], Some(name));
            let hint = match text::did_you_mean(name, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("profiles: {}", known().collect::<Vec<_>>().join(", ")),
            };
            let message = format!("`estimate` names an unknown profile `{name}`");
            problems.push(file.source.problem(span, "unknown-name", message).hint(hint));
        }
    }
}

/// The steps that may have been meant.
fn near<'s>(need: StepId, own: StepId, known: impl Iterator<Item = &'s StepId>) -> String {
    const SHOWN: usize = 20;
    let known: Vec<String> = known.filter(|step| **step != own).map(ToString::to_string).collect();
    let digits: Vec<String> = need.to_string().chars().map(String::from).collect();
    if digits.len() > 1 && digits.iter().all(|digit| known.contains(digit)) {
        return format!("did you mean `{}`?", digits.join(", "));
    }
    if known.len() > SHOWN {
        return match text::did_you_mean(&need.to_string(), known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("there are {} steps, such as {}", known.len(), known[..SHOWN].join(", ")),
        };
    }
    match known.as_slice() {
        [] => "the plan has no other step: remove it from `needs`".to_owned(),
        known => format!("the other steps are {}", known.join(", ")),
    }
}

/// Steps that wait for each other.
pub(in crate::plan) fn cycles(files: &[StepFile], graph: &Graph, problems: &mut Vec<Problem>) {
    for cycle in graph.cycles() {
        let shown = cycle.iter().map(ToString::to_string).collect::<Vec<_>>().join(" → ");
        let Some(file) = files.iter().find(|f| f.head.step == cycle[0]) else { continue };
        let message = match cycle.as_slice() {
            [step, again] if step == again => format!("step {step} waits for itself, so it can never begin"),
            _ => format!("steps wait for each other, so none of them can ever begin: {shown}"),
        };
        // The need that leads into the circle, where it can be told.
        let into = file.head.needs.iter().position(|need| cycle.contains(need));
        let span = into.and_then(|at| file.needs_spans.get(at)).copied().unwrap_or(file.step_span);
        problems.push(file.source.problem(span, "cycle", message).hint("take one of these needs out"));
    }
}
