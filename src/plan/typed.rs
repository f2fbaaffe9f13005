//! Whole YAML files as a type: campaign and environments. All of their mistakes are found at once, each with its place.

use super::{
    file, secrets,
    source::{Problem, Source, Span},
    yaml::{Node, unknown_key},
};
use crate::support::text;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A file as a type, and as it is written. Nothing where a mistake leaves a gap that others would only follow from.
/// `examples` show how the keys that must be there are written.
pub(super) fn read<T: DeserializeOwned>(
    source: &Source,
    examples: &[(&str, &str)],
    problems: &mut Vec<Problem>,
) -> Option<(T, Node)> {
    let node = match Node::parse(source, 0, source.text.len()) {
        Ok(node) => node,
        Err(problem) => {
            problems.push(problem);
            return None;
        }
    };
    node.repeated_keys(source, problems);
    secrets::in_clear(source, &node, problems);
    let mut copy = Copy { json: node.to_json(), stand_ins: BTreeMap::new() };
    let mut has_gaps = false;
    loop {
        let error = match serde_path_to_error::deserialize::<_, T>(&copy.json) {
            Ok(value) => return (!has_gaps).then_some((value, node)),
            Err(error) => error,
        };
        let mut path: Vec<String> = error.path().iter().map(ToString::to_string).collect();
        let message = error.inner().to_string();
        if let Some(key) = file::unknown_field(&message) {
            if path.last() == Some(&key) {
                path.pop();
            }
            let known: Vec<&str> = message.split('`').skip(3).step_by(2).collect();
            problems.push(unknown_key(source, node.locate(&path, Some(&key)), &key, &known));
            copy.rename(&path, &key, &known)?;
            continue;
        }
        has_gaps = true;
        let place = if path.is_empty() { String::new() } else { format!("`{}`: ", path.join(".")) };
        let told = format!("{place}{}", file::plain(&message));
        if copy.stand_ins.contains_key(&path) {
            copy.try_another(path)?;
        } else if let Some(key) = file::missing_field(&message) {
            let example = examples.iter().find(|(known, _)| path.is_empty() && *known == key);
            let span = Span { start: node.locate(&path, None).start, len: 1 };
            if copy.fill(path, key)? {
                let problem = source.problem(span, "missing-key", told);
                problems.push(match example {
                    Some((_, example)) => problem.hint(format!("add `{example}`")),
                    None => problem,
                });
            }
        } else {
            let span = node.locate(&path, None);
            // A secret where a reference belongs was told as what it is.
            if !problems.iter().any(|p| p.span == span && p.source.path == source.path) {
                problems.push(source.problem(span, "wrong-value", told));
            }
            copy.take_out(path)?;
        }
    }
}

/// The values of a file, changed at each mistake so that what is behind it is read too. `None` of a change: it cannot be
/// made, and the reading ends.
struct Copy {
    json: Value,
    /// How many values were tried in the place of one that is missing or wrong.
    stand_ins: BTreeMap<Vec<String>, usize>,
}

impl Copy {
    /// A misspelt key is read as the one that was meant; any other unknown one is left out.
    fn rename(&mut self, path: &[String], key: &str, known: &[&str]) -> Option<()> {
        let around = self.at(path)?.as_object_mut()?;
        let value = around.shift_remove(key)?;
        let meant = text::did_you_mean(key, known.iter().copied());
        if let Some(meant) = meant.filter(|meant| !around.contains_key(*meant)) {
            around.insert(meant.to_owned(), value);
        }
        Some(())
    }

    /// Puts something where a key is missing; whether it was missing from the start.
    fn fill(&mut self, path: Vec<String>, key: String) -> Option<bool> {
        self.at(&path)?.as_object_mut()?.insert(key.clone(), json!(""));
        let here = path.into_iter().chain([key]).collect();
        Some(self.stand_ins.insert(here, 0).is_none())
    }

    /// What stands in was refused: another type, or else what it is a part of is left out.
    fn try_another(&mut self, path: Vec<String>) -> Option<()> {
        let next = self.stand_ins.get_mut(&path)?;
        let stand_in = [json!({}), json!([]), json!(0), json!(false)].get(*next).cloned();
        *next += 1;
        if let Some(stand_in) = stand_in {
            *self.at(&path)? = stand_in;
            return Some(());
        }
        let (_, holder) = path.split_last()?;
        let (key, around) = holder.split_last()?;
        self.at(around)?.as_object_mut()?.shift_remove(key)?;
        self.stand_ins.insert(holder.to_vec(), 0);
        Some(())
    }

    /// Leaves out a value that is wrong.
    fn take_out(&mut self, path: Vec<String>) -> Option<()> {
        let (last, around) = path.split_last()?;
        match self.at(around)? {
            Value::Object(map) => {
                map.shift_remove(last)?;
                // Where it must be there, it is not missing as well.
                self.stand_ins.insert(path, 0);
            }
            Value::Array(items) => {
                let at = last.parse().ok().filter(|at| *at < items.len())?;
                items.remove(at);
            }
            _ => return None,
        }
        Some(())
    }

    /// The value that a path of keys and indices leads to.
    fn at(&mut self, path: &[String]) -> Option<&mut Value> {
        path.iter().try_fold(&mut self.json, |at, part| match at {
            Value::Array(items) => part.parse::<usize>().ok().and_then(|i| items.get_mut(i)),
            other => other.get_mut(part.as_str()),
        })
    }
}
