//! Where the values of a step come from: [`Plan::explain`] for the parameters of an action, [`Plan::limits`] for what
//! a criterion compares with.

use super::{
    ActionSpec, Plan, Step, check,
    criterion::Criterion,
    markdown,
    template::{self, Names},
    yaml::Node,
};
use crate::record::StepId;
use serde_json::{Map, Value};

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

impl Plan {
    /// Every value among the parameters of an action or a watch of `step`.
    pub fn explain(&self, step: &Step, spec: &ActionSpec) -> Vec<Explained> {
        let front = front(step);
        let params = front.as_ref().and_then(|node| check::params_node(node, spec));
        let names = Names::new(&Value::Object(Map::clone(&self.fixed)));
        let mut found = Vec::new();
        leaves(&spec.params, &mut Vec::new(), &mut |path, written| {
            let span = params.map_or(spec.span, |node| node.locate(path, None));
            let used = template::names_used(written).unwrap_or_default();
            let mut origins: Vec<Origin> =
                used.iter().flat_map(|(_, names)| names).map(|name| self.origin(step, name)).collect();
            origins.sort();
            origins.dedup();
            let value = match origins.iter().any(Origin::is_later) {
                true => None,
                false => template::resolve(written, &names).ok(),
            };
            let (line, _) = step.source.line_column(span.start);
            found.push(Explained { name: path.join("."), written: written.clone(), value, line, origins });
        });
        found
    }

    /// What a criterion names that does not come from evidence: limits, sizes, variables.
    pub fn limits(&self, step: &Step, criterion: &Criterion) -> Vec<Explained> {
        let (line, _) = step.source.line_column(criterion.span.start);
        let mut found: Vec<Explained> = Vec::new();
        for name in criterion.expression.names() {
            let whole = name.path.join(".");
            let pointer = format!("/{}", name.path[1..].join("/"));
            let value = match self.fixed.get(&name.path[0]) {
                Some(root) => root.pointer(if name.path.len() > 1 { &pointer } else { "" }).cloned(),
                None => continue,
            };
            if found.iter().all(|known| known.name != whole) {
                let origins = vec![self.origin(step, &whole)];
                found.push(Explained { written: whole.clone().into(), name: whole, value, line, origins });
            }
        }
        found
    }

    fn origin(&self, step: &Step, name: &str) -> Origin {
        let (root, rest) = name.split_once('.').unwrap_or((name, ""));
        match root {
            "environment" => Origin::Environment(self.environment.name.clone()),
            "previous" => Origin::Previous(name.to_owned()),
            "profile" => Origin::Profile(self.profile.clone()),
            "vars" => Origin::Variable(rest.split('.').next().unwrap_or(rest).to_owned()),
            root if self.fixed.contains_key(root) => Origin::Campaign(root.to_owned()),
            action => {
                let has = |s: &&Step| {
                    s.actions().chain(s.watches.iter().map(|w| &w.spec)).any(|a| a.id.as_str() == action)
                };
                let mut steps = self.graph.steps().filter(has).map(|s| s.id);
                let own = has(&step).then_some(step.id);
                let only = steps.next().filter(|_| steps.next().is_none());
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
