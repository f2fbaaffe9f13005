//! Whole YAML files as a type: campaign and environments. All of their mistakes are found at once, each with its place.

use super::{
    file,
    mistakes::{every_mistake, missing_field, unknown_field},
    secrets,
    source::{Problem, Source, Span},
    yaml::{Node, unknown_key},
};
use crate::action::ParamError;
use serde::de::DeserializeOwned;

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
    let (value, mistakes) = every_mistake(&node.to_json(), |json| {
        serde_path_to_error::deserialize::<_, T>(json).map_err(ParamError::from)
    });
    // A key that is not known is left out, and leaves no gap.
    let is_whole = mistakes.iter().all(|mistake| unknown_field(&mistake.message).is_some());
    for ParamError { path, message } in &mistakes {
        if let Some(key) = unknown_field(message) {
            let known: Vec<&str> = message.split('`').skip(3).step_by(2).collect();
            problems.push(unknown_key(source, node.locate(path, Some(&key)), &key, &known));
            continue;
        }
        let place = if path.is_empty() { String::new() } else { format!("`{}`: ", path.join(".")) };
        let told = format!("{place}{}", file::plain(message));
        let span = node.locate(path, None);
        if let Some(key) = missing_field(message) {
            let example = examples.iter().find(|(known, _)| path.is_empty() && *known == key);
            let problem = source.problem(Span { start: span.start, len: 1 }, "missing-key", told);
            problems.push(match example {
                Some((_, example)) => problem.hint(format!("add `{example}`")),
                None => problem,
            });
        // A secret where a reference belongs was told as what it is.
        } else if !problems.iter().any(|p| p.span == span && p.source.path == source.path) {
            problems.push(source.problem(span, "wrong-value", told));
        }
    }
    value.filter(|_| is_whole).map(|value| (value, node))
}
