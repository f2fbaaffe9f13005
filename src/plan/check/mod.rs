//! What must hold between the files of a campaign: names, units, sorts of values, claims, reach and secrets.
//!
//! Each check takes what is read and adds problems; a mistake is told once, by the first check that finds it.

mod campaign;
mod claims;
mod criteria;
mod names;
mod parameters;
mod secrets;
mod steps;

pub(super) use campaign::{campaign, environment_name};
pub(super) use parameters::params_node;
pub(super) use secrets::{hide, in_clear};
pub(super) use steps::{cycles, numbers};

use super::{
    cel::Expression,
    file::{self, StepFile},
    graph::Graph,
    scope::{OTHER_RUNS, Scope},
    source::{Problem, Source, Span},
    step::{ActionSpec, Condition},
    template,
    yaml::{Content, Node},
};
use crate::{clients::Environment, record::StepId};
use names::{SHARED_NAMES, Visible, actions_of};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What a step file is checked against.
pub(super) struct Whole<'p> {
    /// Every step file.
    pub(super) files: BTreeMap<StepId, &'p StepFile>,
    /// What needs what.
    pub(super) graph: &'p Graph,
    /// `campaign`, `environment`, `profile`, …
    pub(super) fixed: &'p Map<String, Value>,
    /// The same for parameters.
    pub(super) names: &'p template::Names,
    /// The same for conditions.
    pub(super) scope: &'p Scope,
    /// Where things are.
    pub(super) environment: &'p Environment,
}

impl Whole<'_> {
    /// Whether something may take place: its condition holds, or only the run can tell.
    fn may_apply(&self, when: Option<&Condition>) -> bool {
        let Some(when) = when else { return true };
        when.holds(self.scope)
            .unwrap_or_else(|_| when.expression.roots().iter().any(|root| !self.fixed.contains_key(root)))
    }
}

/// Ids, criteria, parameters, conditions, claims and expected artifacts of one step.
pub(super) fn step(file: &StepFile, whole: &Whole<'_>, problems: &mut Vec<Problem>) {
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
                    .problem(spec.span, "same-id", format!("the id `{}` stands twice in this step", spec.id))
                    .hint("give each action and watch an `id` of its own"),
            );
        }
    }
    let visible = Visible::of(file, &whole.files, whole.graph, whole.fixed);
    let declared = declared(&file.entries);
    // An action that could not be read is reported once, and not again by everything that names it.
    let incomplete = file::has_unread_parts(file);
    let is_faulty = |root: &str| {
        let known = ids.iter().any(|id| id.as_str() == root) || whole.fixed.contains_key(root);
        !known && (declared.contains(root) || incomplete)
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
        if problems.len() > before {
            told.insert(spec.span.start);
        }
    }
    claims::check(file, &resolved, &mut told, problems);
    criteria::conditions(file, &visible, problems);
    for (artifact, span) in &file.artifacts {
        let action = artifact.split('/').next().unwrap_or_default();
        if !declared.contains(action) || !artifact.contains('/') {
            let known = declared.iter().map(String::as_str);
            let hint = match crate::support::text::did_you_mean(action, known) {
                Some(near) if artifact.contains('/') => {
                    format!("did you mean `{near}{}`?", &artifact[action.len()..])
                }
                _ => "write it as `ACTION/FILE`, such as `nominal/windows.csv`".to_owned(),
            };
            let message = format!("`{artifact}` names no action of this step");
            problems.push(source.problem(*span, "artifact", message).hint(hint));
        }
    }
}

/// The place of a name in the expression that stands at `span`; the whole of it where it is written another way there.
fn place_of(source: &Source, span: Span, expression: &Expression, path: &[String]) -> Span {
    let whole = source.text.get(span.start..span.start + span.len).unwrap_or_default();
    let text = expression.text();
    let (Some(at), true) = (whole.find(text), !path.is_empty()) else { return span };
    let characters = expression.place_of(path);
    let bytes = text.char_indices().nth(characters).map_or(0, |(byte, _)| byte);
    Span { start: span.start + at + bytes, len: path.join(".").len() }
}

/// The ids of all actions and watches of a step file, also of those that could not be read.
fn declared(entries: &[Node]) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let mut open: Vec<&Node> = entries.iter().collect();
    while let Some(node) = open.pop() {
        match &node.content {
            Content::List(items) => open.extend(items),
            Content::Map(entries) => {
                for (kind, params) in entries {
                    match params.get("id").and_then(Node::as_str) {
                        _ if kind.text == "parallel" => open.push(params),
                        // A name cannot have the dash that was told to be wrong.
                        Some(id) => ids.extend([id.to_owned(), id.replace('-', "_")]),
                        None => drop(ids.insert(kind.text.replace('-', "_"))),
                    }
                }
            }
            Content::Scalar(_) => {}
        }
    }
    ids
}
