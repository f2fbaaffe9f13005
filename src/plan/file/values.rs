//! Values that several keys of a step file have: lengths of time, conditions, ids.

use crate::{
    action,
    expression::Expression,
    plan::{
        source::{Problem, Source, Span},
        step::Condition,
        yaml::Node,
    },
};
use serde::Deserialize;
use std::time::Duration;

/// A length of time.
pub(super) fn duration(
    source: &Source,
    node: &Node,
    key: &str,
    problems: &mut Vec<Problem>,
) -> Option<Duration> {
    match action::Span::deserialize(&node.to_json()) {
        Ok(span) => Some(span.0),
        Err(error) => {
            problems.push(source.problem(node.span, "wrong-value", format!("`{key}`: {error}")));
            None
        }
    }
}

/// An expression that says whether something applies.
pub(super) fn condition(source: &Source, node: &Node, problems: &mut Vec<Problem>) -> Option<Condition> {
    let Some(text) = node.as_str() else {
        let problem = source.problem(node.span, "wrong-type", "`when` is an expression");
        problems.push(problem.hint("write `when: size(environment.clusters.source.zookeeper) > 0`"));
        return None;
    };
    match Expression::parse(text) {
        Ok(expression) => Some(Condition { expression: expression.into(), span: node.span }),
        Err((message, at)) => {
            let problem = source.problem(
                inside(source, node, at),
                "expression",
                format!("the condition cannot be read: {message}"),
            );
            problems.push(problem.hint("write `when: facts.metadata == 'zookeeper'`"));
            None
        }
    }
}

/// Whether a text may be an id: a name in expressions.
pub(in crate::plan) fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The place of a character of a one-line text value.
pub fn inside(source: &Source, node: &Node, characters: usize) -> Span {
    let quoted = source.text[node.span.start..].starts_with(['"', '\'']);
    let text = node.as_str().unwrap_or_default();
    let bytes = text.char_indices().nth(characters).map_or(text.len(), |(i, _)| i);
    let start = node.span.start + usize::from(quoted) + bytes;
    Span { start: start.min(source.text.len()), len: 1 }
}
