//! One step: its ids, criteria, parameters, conditions, claims and expected artifacts.

use super::{
    claims, criteria,
    declared::Declared,
    names::{SHARED_NAMES, Visible, actions_of},
    parameters,
    whole::Whole,
};
use crate::{
    plan::{
        file::{self, StepFile},
        scope::OTHER_RUNS,
        source::Problem,
        step::ActionSpec,
    },
    record::ActionId,
    support::text,
};
use std::collections::{BTreeMap, BTreeSet};

/// Ids, criteria, parameters, conditions, claims and expected artifacts of one step.
pub(in crate::plan) fn step(file: &StepFile, whole: &Whole<'_>, problems: &mut Vec<Problem>) {
    let source = &file.source;
    let specs: Vec<&ActionSpec> = actions_of(file).chain(file.watches.iter().map(|w| &w.spec)).collect();
    let mut ids = BTreeSet::new();
    for spec in &specs {
        if SHARED_NAMES.contains(&spec.id.as_str()) || OTHER_RUNS.contains(&spec.id.as_str()) {
            problems.push(
                source
                    .problem(spec.span, "reserved", format!("`{}` is a name of the plan language", spec.id))
                    .hint(format!(
                        "give it another id; taken are {}, {}",
                        SHARED_NAMES.join(", "),
                        OTHER_RUNS.join(", ")
                    )),
            );
        }
        if !ids.insert(&spec.id) {
            problems.push(
                source
                    .problem(spec.span, "same-id", format!("duplicate id `{}` in this step", spec.id))
                    .hint("give each action and watch an `id` of its own"),
            );
        }
    }
    let visible = Visible::of(file, &whole.files, whole.graph, whole.fixed, &whole.index, &whole.unread);
    let declared = Declared::by(file);
    // An action that could not be read is reported once, and not again by everything that names it.
    let incomplete = file::has_unread_parts(file);
    let is_faulty = |root: &str| {
        let known = ids.contains(&ActionId::from(root)) || whole.fixed.contains_key(root);
        !known && (declared.has(root) || incomplete)
    };
    let is_fixed = |root: &str| whole.fixed.contains_key(root);
    // The scenarios of a matrix stand in one place: what is wrong with one is told once.
    let mut told = BTreeSet::new();
    for criterion in &file.criteria {
        if told.contains(&criterion.span.start) {
            continue;
        }
        let before = problems.len();
        criteria::criterion(source, criterion, &visible, &is_fixed, &is_faulty, problems);
        if problems.len() > before {
            told.insert(criterion.span.start);
        }
    }
    let mut resolved = BTreeMap::new();
    let step_applies = whole.may_apply(file.when.as_ref());
    for spec in &specs {
        let before = problems.len();
        if !told.contains(&spec.span.start) {
            let action = parameters::check(file, spec, step_applies, &visible, whole, problems);
            resolved.extend(action.map(|action| (&spec.id, action)));
        }
        // What the environment lacks may be filled in later, and hides nothing else.
        if problems[before..].iter().any(|problem| problem.user.is_none()) {
            told.insert(spec.span.start);
        }
    }
    claims::check(file, &resolved, &mut told, problems);
    criteria::conditions(file, &visible, problems);
    for (artifact, span) in &file.artifacts {
        let action = artifact.split('/').next().unwrap_or_default();
        if !declared.has(action) || !artifact.contains('/') {
            let known = declared.ids();
            let hint = match text::did_you_mean(action, known) {
                Some(near) if artifact.contains('/') => {
                    format!("did you mean `{near}{}`?", &artifact[action.len()..])
                }
                _ => "write it as `ACTION/FILE`, such as `nominal/windows.csv`".to_owned(),
            };
            let message = format!("`{artifact}` is not an artifact of an action of this step");
            problems.push(source.problem(*span, "artifact", message).hint(hint));
        }
    }
}
