//! Types of parameters in a platform engineer's words, from their JSON Schema.

use crate::{
    action::{Output, Sort},
    record::Unit,
};
use serde_json::Value;

/// One parameter.
#[derive(Debug)]
pub(super) struct Row {
    /// Its name; `topics[].settings` for a key within a list.
    pub name: String,
    /// What is written behind it.
    pub kind: String,
    /// Whether it may be one expression instead.
    pub computed: bool,
    /// Whether it must be given.
    pub required: bool,
    /// What it is where it is left out, where that says something.
    pub default: Option<String>,
    pub description: String,
}

/// The parameters in a schema of a map, those of inner maps behind their own.
pub(super) fn rows(schema: &Value) -> Vec<Row> {
    let mut rows = Vec::new();
    collect("", schema, &mut rows);
    rows
}

fn collect(path: &str, schema: &Value, rows: &mut Vec<Row>) {
    for (name, value) in schema["properties"].as_object().into_iter().flatten() {
        let asked = schema["required"].as_array().is_some_and(|r| r.iter().any(|r| r == name.as_str()));
        rows.push(Row {
            name: format!("{path}{name}"),
            kind: words(value),
            computed: forms(value).any(is_expression),
            required: asked,
            default: value.get("default").map(|d| d.as_str().map_or_else(|| d.to_string(), str::to_owned)),
            description: value["description"].as_str().unwrap_or_default().to_owned(),
        });
        // A command line is one word to a reader.
        if value["format"] != "command-line" {
            collect(&format!("{path}{name}."), value, rows);
            collect(&format!("{path}{name}[]."), &value["items"], rows);
            collect(&format!("{path}{name}.NAME."), &value["additionalProperties"], rows);
        }
    }
}

fn forms(schema: &Value) -> impl Iterator<Item = &Value> {
    schema["anyOf"].as_array().into_iter().flatten()
}

fn is_expression(schema: &Value) -> bool {
    schema["pattern"].as_str().is_some_and(|p| p.starts_with(r"\{\{"))
}

/// The type in words.
pub(super) fn words(schema: &Value) -> String {
    match schema["format"].as_str() {
        Some("duration-text") => return "duration".to_owned(),
        Some("size-text") => return "size".to_owned(),
        Some("rate-text") => return "rate".to_owned(),
        Some("share-text") => return "share".to_owned(),
        Some("command-line") => return "command line".to_owned(),
        Some("secret-reference") => return "reference to a secret".to_owned(),
        Some("uri") => return "address".to_owned(),
        _ => {}
    }
    if schema["$ref"].is_string() {
        return "action".to_owned();
    }
    if let Some(values) = choices(schema) {
        return one_of(&values);
    }
    if schema["anyOf"].is_array() {
        let mut kinds: Vec<String> = forms(schema).filter(|f| !is_expression(f)).map(words).collect();
        kinds.dedup();
        return kinds.join(", or ");
    }
    match &schema["type"] {
        Value::String(kind) => match kind.as_str() {
            "array" => match &schema["items"] {
                Value::Object(_) => format!("list of {}", plural(&words(&schema["items"]))),
                _ => "list".to_owned(),
            },
            "object" => match &schema["additionalProperties"] {
                Value::Object(_) if schema["properties"].is_null() => {
                    match words(&schema["additionalProperties"]).as_str() {
                        "anything" => "map".to_owned(),
                        inner => format!("map of {}", plural(inner)),
                    }
                }
                _ => "map".to_owned(),
            },
            "boolean" => "`true` or `false`".to_owned(),
            "integer" => "whole number".to_owned(),
            "number" => "number".to_owned(),
            _ => "text".to_owned(),
        },
        Value::Array(_) => "text, number or flag".to_owned(),
        _ => "anything".to_owned(),
    }
}

fn choices(schema: &Value) -> Option<Vec<String>> {
    let text = |v: &Value| v.as_str().map(str::to_owned);
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().map(text).collect();
    }
    if schema.get("const").is_some() {
        return text(&schema["const"]).map(|v| vec![v]);
    }
    let mut values = Vec::new();
    for form in schema["oneOf"].as_array()? {
        values.extend(choices(form).or_else(|| keyed(form))?);
    }
    Some(values)
}

/// The choice that is a map with one key, such as `{uniform: 1000}`.
fn keyed(schema: &Value) -> Option<Vec<String>> {
    let properties = schema["properties"].as_object().filter(|properties| properties.len() == 1)?;
    Some(properties.keys().map(|key| format!("{{{key}: …}}")).collect())
}

fn one_of(values: &[String]) -> String {
    let quoted: Vec<String> = values.iter().map(|v| format!("`{v}`")).collect();
    match quoted.as_slice() {
        [init @ .., last] if !init.is_empty() => format!("{} or {last}", init.join(", ")),
        other => other.join(""),
    }
}

fn plural(kind: &str) -> String {
    match kind {
        "text" | "map" | "whole number" | "number" | "duration" | "list" | "command line" | "action" => {
            format!("{kind}s")
        }
        "text, number or flag" => "texts, numbers or flags".to_owned(),
        other => other.to_owned(),
    }
}

/// What an output is, in a word that fits a column: its unit, or its sort.
pub(super) fn value(output: &Output) -> &'static str {
    match (output.sort, output.unit) {
        (Sort::Flag, _) => "flag",
        (Sort::Text, _) => "text",
        (Sort::Number, Unit::Count) => "count",
        (Sort::Number, Unit::None) => "-",
        (Sort::Number, Unit::Ratio) => "ratio",
        (Sort::Number, other) => other.symbol(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::KINDS;

    #[test]
    fn every_parameter_has_a_type_in_words() {
        for kind in KINDS {
            for row in rows((kind.schema)().as_value()) {
                let vague = row.kind == "anything" && row.name != "body";
                assert!(!vague && !row.kind.is_empty(), "`{}`: {row:?}", kind.name);
            }
        }
    }

    #[test]
    fn types_are_said_as_people_say_them() {
        let produce = rows((crate::action::kind("produce").unwrap().schema)().as_value());
        let of = |name: &str| produce.iter().find(|r| r.name == name).unwrap();
        assert_eq!((of("records").kind.as_str(), of("records").computed), ("whole number", true));
        assert_eq!((of("duration").kind.as_str(), of("duration").required), ("duration", false));
        assert_eq!((of("record_size").kind.as_str(), of("record_size").required), ("size", false));
        assert_eq!(of("keys").kind, "`none`, `sequential`, `{uniform: …}`, `{size: …}` or `{zipf: …}`");
        assert_eq!(of("keys").default.as_deref(), Some("none"));
        assert_eq!(of("properties").kind, "map of texts, numbers or flags");
    }
}
