//! Writes the values and the ids of one scenario into actions.

use crate::{
    plan::{
        source::{Problem, Source, Span},
        yaml::{Content, Key, Node, Scalar},
    },
    support::text,
};
use regex::{Captures, Regex};
use serde_json::Value;
use std::{collections::BTreeMap, sync::LazyLock};

/// One combination: a value of each axis.
pub(super) type Combination<'a> = Vec<(&'a str, &'a (String, &'a Node))>;

/// Writes the values of one combination into actions.
pub(super) struct Writer<'a> {
    pub(super) source: &'a Source,
    pub(super) combination: &'a Combination<'a>,
    pub(super) renamed: &'a BTreeMap<String, String>,
    pub(super) problems: &'a mut Vec<Problem>,
}

impl Writer<'_> {
    pub(super) fn action(&mut self, entry: &Node) -> Node {
        let mut entry = self.node(entry);
        self.rename(&mut entry);
        entry
    }

    fn rename(&self, entry: &mut Node) {
        let Content::Map(entries) = &mut entry.content else { return };
        let Some((kind, params)) = entries.first_mut() else { return };
        match &mut params.content {
            Content::List(together) if kind.text == "parallel" => {
                together.iter_mut().for_each(|a| self.rename(a))
            }
            Content::Map(keys) => {
                let default = kind.text.replace('-', "_");
                let old = keys
                    .iter()
                    .find(|(k, _)| k.text == "id")
                    .and_then(|(_, v)| v.as_str())
                    .map_or(default, str::to_owned);
                let Some(new) = self.renamed.get(&old) else { return };
                let value = |span| Node { span, content: Content::Scalar(new.as_str().into()) };
                match keys.iter_mut().find(|(k, _)| k.text == "id") {
                    Some((_, id)) => *id = value(id.span),
                    None => keys.push((Key { text: "id".to_owned(), span: kind.span }, value(kind.span))),
                }
            }
            _ => {}
        }
    }

    fn node(&mut self, node: &Node) -> Node {
        let content = match &node.content {
            Content::Scalar(Scalar::String(text)) if text.contains("{{") || text.contains("{%") => {
                return self.text(node, text);
            }
            Content::Scalar(value) => Content::Scalar(value.clone()),
            Content::List(items) => Content::List(items.iter().map(|item| self.node(item)).collect()),
            Content::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| {
                    // The condition of an action is an expression by itself.
                    let value = match (key.text.as_str(), value.as_str()) {
                        ("when", Some(text)) => {
                            let text = self.names(value.span, text, false);
                            Node { span: value.span, content: Content::Scalar(text.into()) }
                        }
                        _ => self.node(value),
                    };
                    (key.clone(), value)
                });
                Content::Map(entries.collect())
            }
        };
        Node { span: node.span, content }
    }

    /// A text that is nothing but `{{ matrix.axis }}` becomes the value; in a longer one the value is written in.
    fn text(&mut self, node: &Node, text: &str) -> Node {
        static WHOLE: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"^(?-u:\s*\{\{\s*matrix\.(\w+(?:\.\w+)*)\s*\}\}\s*)$").ok());
        static BRACES: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"(?s)\{\{.*?\}\}|\{%.*?%\}").ok());
        if let Some(axis) = WHOLE.as_ref().and_then(|r| r.captures(text)).and_then(|c| c.get(1)) {
            return match self.value(axis.as_str()) {
                Ok(value) => value.clone(),
                Err(problem) => {
                    self.unknown(node.span, problem);
                    node.clone()
                }
            };
        }
        let Some(braces) = BRACES.as_ref() else { return node.clone() };
        let written = braces
            .replace_all(text, |found: &Captures<'_>| self.names(node.span, &found[0], true))
            .into_owned();
        Node { span: node.span, content: Content::Scalar(written.into()) }
    }

    /// An expression with the axes' values and the scenario's ids in the place of their names.
    fn names(&mut self, span: Span, expression: &str, template: bool) -> String {
        static NAME: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"(^|[^A-Za-z0-9_.])matrix\.((?-u:\w+(?:\.\w+)*))").ok());
        let Some(name) = NAME.as_ref() else { return expression.to_owned() };
        let written = name.replace_all(expression, |found: &Captures<'_>| {
            match self.value(&found[2]).map(Node::to_json) {
                Ok(value) => format!("{}{}", &found[1], literal(&value, template)),
                Err(problem) => {
                    self.unknown(span, problem);
                    found[0].to_owned()
                }
            }
        });
        with_ids(&written, self.renamed)
    }

    /// The value of an axis, or a part of it: `size`, `size.records`. An error is the part that is not there, what it
    /// should be a part of, and what there is.
    fn value(&self, path: &str) -> Result<&Node, (String, String, Vec<String>)> {
        let mut parts = path.split('.');
        let axis = parts.next().unwrap_or_default();
        let axes = || self.combination.iter().map(|(name, _)| (*name).to_owned()).collect();
        let found = self.combination.iter().find(|(name, _)| *name == axis);
        let mut node = found
            .map(|(_, (_, value))| *value)
            .ok_or_else(|| (axis.to_owned(), "matrix".to_owned(), axes()))?;
        let mut walked = format!("matrix.{axis}");
        for part in parts {
            node = node.get(part).ok_or_else(|| {
                let known = node.entries().iter().map(|(key, _)| key.text.clone()).collect();
                (part.to_owned(), walked.clone(), known)
            })?;
            walked = format!("{walked}.{part}");
        }
        Ok(node)
    }

    fn unknown(&mut self, span: Span, (part, of, known): (String, String, Vec<String>)) {
        let problem = self.source.problem(span, "unknown-name", format!("`{of}` has no `{part}`"));
        self.problems.push(problem.hint(match text::did_you_mean(&part, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{of}.{near}`?"),
            None if known.is_empty() => format!("`{of}` is a plain value"),
            None => format!("`{of}` has {}", known.join(", ")),
        }));
    }
}

/// A value inside an expression.
fn literal(value: &Value, template: bool) -> String {
    match value {
        Value::String(text) if template && text.trim().starts_with("{{") && text.trim().ends_with("}}") => {
            format!("({})", text.trim().trim_start_matches("{{").trim_end_matches("}}").trim())
        }
        other => other.to_string(),
    }
}

/// An expression with the ids of one scenario in the place of those of the step file.
pub(super) fn with_ids(expression: &str, renamed: &BTreeMap<String, String>) -> String {
    static ROOT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(^|[^A-Za-z0-9_.])((?:previous\.|baseline\.)?)([A-Za-z](?-u:\w*\b))").ok()
    });
    let Some(root) = ROOT.as_ref() else { return expression.to_owned() };
    let mut out = String::new();
    let mut end = 0;
    // What stands in quotes is text and no name.
    for (quoted, piece) in pieces(expression) {
        let from = end;
        end += piece.len();
        let piece = &expression[from..end];
        if quoted {
            out.push_str(piece);
            continue;
        }
        out.push_str(&root.replace_all(piece, |found: &Captures<'_>| {
            let id = renamed.get(&found[3]).map_or(&found[3], |new| new.as_str());
            format!("{}{}{id}", &found[1], &found[2])
        }));
    }
    out
}

/// The pieces of an expression, each with whether it is a quoted text.
fn pieces(expression: &str) -> Vec<(bool, &str)> {
    let mut found = Vec::new();
    let (mut start, mut open) = (0, None);
    for (at, c) in expression.char_indices() {
        match open {
            None if c == '"' || c == '\'' => {
                found.push((false, &expression[start..at]));
                (start, open) = (at, Some(c));
            }
            Some(quote) if c == quote => {
                found.push((true, &expression[start..at + c.len_utf8()]));
                (start, open) = (at + c.len_utf8(), None);
            }
            _ => {}
        }
    }
    found.push((open.is_some(), &expression[start..]));
    found
}
