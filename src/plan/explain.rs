//! Where the values of a step come from: [`Explainer::explain`] for the parameters of an action, [`Explainer::limits`] for
//! what a criterion compares with.

use super::{
    ActionSpec, Plan, Step, check,
    criterion::Criterion,
    markdown,
    template::{self, Names},
    yaml::Node,
};
use crate::record::StepId;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// One value in a step, as far as it is known before the step runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// Its name; keys of maps and places in lists below an action's parameter are behind dots.
    pub name: String,
    /// Value in the step file, expressions unresolved; for a limit, its dotted name.
    pub written: Value,
    /// What it comes to; none where that is known only when the step runs.
    pub value: Option<Value>,
    /// The line of the step file where it stands.
    pub line: usize,
    /// Where it comes from; empty for what is written out in the step file.
    pub origins: Vec<Origin>,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The campaign's own: its name, its objectives.
    Campaign(String),
    /// The environment's file.
    Environment(String),
    /// The output of an action, and the step that has it where there is only one.
    Output(String, Option<StepId>),
    /// The last run of the step that passed.
    Previous(String),
    /// The profile of the run, by its name.
    Profile(String),
    /// A variable, of the campaign or in place of it.
    Variable(String),
}

impl Origin {
    /// Whether it is known only when the step runs.
    pub fn is_later(&self) -> bool {
        matches!(self, Self::Output(..) | Self::Previous(_))
    }
}

/// What explains the values of one step: its file, read once for all of its actions.
pub struct Explainer<'p> {
    plan: &'p Plan,
    step: &'p Step,
    front: Option<Node>,
    names: Names,
    /// Where each line of the file begins.
    lines: Vec<usize>,
    /// Which steps have an action or a watch of that name.
    owners: BTreeMap<&'p str, BTreeSet<StepId>>,
}

impl Plan {
    /// What explains the values of `step`.
    pub fn explainer<'p>(&'p self, step: &'p Step) -> Explainer<'p> {
        let ends = step.source.text.match_indices('\n').map(|(at, _)| at + 1);
        let mut owners: BTreeMap<&str, BTreeSet<StepId>> = BTreeMap::new();
        for step in self.graph.steps() {
            for spec in step.actions().chain(step.watches.iter().map(|watch| &watch.spec)) {
                owners.entry(spec.id.as_str()).or_default().insert(step.id);
            }
        }
        Explainer {
            plan: self,
            step,
            front: front(step),
            names: Names::new(&Value::Object(Map::clone(&self.fixed))),
            lines: std::iter::once(0).chain(ends).collect(),
            owners,
        }
    }
}

impl Explainer<'_> {
    /// Every value among the parameters of an action or a watch of the step.
    pub fn explain(&self, spec: &ActionSpec) -> Vec<Explained> {
        let params = self.front.as_ref().and_then(|node| check::params_node(node, spec));
        let mut found = Vec::new();
        leaves(&spec.params, &mut Vec::new(), &mut |path, written| {
            let span = params.map_or(spec.span, |node| node.locate(path, None));
            let used = template::names_used(written).unwrap_or_default();
            let mut origins: Vec<Origin> =
                used.iter().flat_map(|(_, names)| names).map(|name| self.origin(name)).collect();
            origins.sort();
            origins.dedup();
            let value = match origins.iter().any(Origin::is_later) {
                true => None,
                false => template::resolve(written, &self.names).ok(),
            };
            let line = self.line(span.start);
            found.push(Explained { name: path.join("."), written: written.clone(), value, line, origins });
        });
        found
    }

    /// What a criterion names that does not come from evidence: limits, sizes, variables.
    pub fn limits(&self, criterion: &Criterion) -> Vec<Explained> {
        let line = self.line(criterion.span.start);
        let mut found: Vec<Explained> = Vec::new();
        for name in criterion.expression.names() {
            let whole = name.path.join(".");
            let pointer = format!("/{}", name.path[1..].join("/"));
            let value = match self.plan.fixed.get(&name.path[0]) {
                Some(root) => root.pointer(if name.path.len() > 1 { &pointer } else { "" }).cloned(),
                None => continue,
            };
            if found.iter().all(|known| known.name != whole) {
                let origins = vec![self.origin(&whole)];
                found.push(Explained { written: whole.clone().into(), name: whole, value, line, origins });
            }
        }
        found
    }

    /// The line that a place of the file is in, from 1.
    fn line(&self, place: usize) -> usize {
        self.lines.partition_point(|start| *start <= place)
    }

    fn origin(&self, name: &str) -> Origin {
        let (root, rest) = name.split_once('.').unwrap_or((name, ""));
        match root {
            "environment" => Origin::Environment(self.plan.environment.name.clone()),
            "previous" => Origin::Previous(name.to_owned()),
            "profile" => Origin::Profile(self.plan.profile.clone()),
            "vars" => Origin::Variable(rest.split('.').next().unwrap_or(rest).to_owned()),
            root if self.plan.fixed.contains_key(root) => Origin::Campaign(root.to_owned()),
            action => {
                let steps = self.owners.get(action);
                let own = steps.filter(|steps| steps.contains(&self.step.id)).map(|_| self.step.id);
                let only = steps.filter(|steps| steps.len() == 1).and_then(|steps| steps.first().copied());
                Origin::Output(name.to_owned(), own.or(only))
            }
        }
    }
}

fn front(step: &Step) -> Option<Node> {
    let parts = markdown::split(&step.source).ok()?;
    Node::parse(&step.source, parts.front_matter.start, parts.front_matter.end).ok()
}

/// Visits every value that is no map, and no list of other values; a list of plain ones is one value.
fn leaves(value: &Value, path: &mut Vec<String>, visit: &mut impl FnMut(&[String], &Value)) {
    let mut inner = |key: String, value: &Value, path: &mut Vec<String>| {
        path.push(key);
        leaves(value, path, visit);
        path.pop();
    };
    match value {
        Value::Object(entries) if !entries.is_empty() => {
            entries.iter().for_each(|(key, value)| inner(key.clone(), value, path));
        }
        Value::Array(items) if items.iter().any(|i| i.is_object() || i.is_array()) => {
            items.iter().enumerate().for_each(|(i, value)| inner(i.to_string(), value, path));
        }
        _ if path.is_empty() => {}
        value => visit(path, value),
    }
}
