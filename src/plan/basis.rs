//! What a step depends on, in parts: what it does, how it is judged, and the values of the plan that each of them uses.

use super::{
    step::Step,
    yaml::{Content, Node, Scalar},
};
use crate::{clients::Environment, record::event::Basis, support::fingerprint};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Keys of the front matter that only tell a reader something.
const TOLD: [&str; 3] = ["estimate", "objective", "title"];
/// Keys that say how a step is judged once its actions are done.
const JUDGED: [&str; 3] = ["approve", "artifacts", "criteria"];
/// Names whose values are compared one by one. The environment is compared as a whole: actions read it by themselves.
const COMPARED: [&str; 5] = ["campaign", "facts", "profile", "slo", "vars"];

/// What `step` depends on. `fixed` has the names that every expression sees.
pub fn of(step: &Step, fixed: &Map<String, Value>) -> Basis {
    let entries = || step.front.entries().iter().map(|(key, value)| (key.text.as_str(), value));
    let judged = Part(entries().filter(|(key, _)| JUDGED.contains(key)).collect());
    let work = Part(entries().filter(|(key, _)| !TOLD.contains(key) && !JUDGED.contains(key)).collect());
    Basis {
        work_values: values(work.values(), fixed),
        judged_values: values(judged.values(), fixed),
        work: fingerprint::of_json(&work),
        judged: fingerprint::of_json(&judged),
        judged_without_blanks: Some(fingerprint::of_json(&without_layout(serde_json::json!(judged)))),
    }
}

/// Some entries of a front matter.
struct Part<'f>(Vec<(&'f str, &'f Node)>);

impl<'f> Part<'f> {
    fn values(&self) -> Vec<&'f Node> {
        self.0.iter().map(|(_, value)| *value).collect()
    }
}

impl Serialize for Part<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

/// The same without the blanks outside of quotes that part no words: a criterion that is only laid out otherwise asks
/// the same.
fn without_layout(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(without_blanks(&text)),
        Value::Array(items) => items.into_iter().map(without_layout).collect(),
        Value::Object(entries) => {
            entries.into_iter().map(|(key, value)| (key, without_layout(value))).collect()
        }
        value => value,
    }
}

fn without_blanks(text: &str) -> String {
    let (mut quote, mut escaped, mut blank) = (None, false, false);
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut spaced = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match quote {
            None if c.is_whitespace() => {
                blank = true;
                continue;
            }
            None if matches!(c, '"' | '\'') => quote = Some(c),
            Some(open) if c == open && !escaped => quote = None,
            _ => {}
        }
        escaped = c == '\\' && !escaped;
        // Only between two words does a blank say something.
        if std::mem::take(&mut blank) && in_word(c) && spaced.ends_with(in_word) {
            spaced.push(' ');
        }
        spaced.push(c);
    }
    spaced
}

/// SHA-256 of what the environment file says to a run.
pub fn environment(environment: &Environment) -> String {
    let told = Environment { description: String::new(), ..environment.clone() };
    fingerprint::of_json(&serde_json::json!(told))
}

/// The values that the texts of these may use. A name that stands in a text counts, wherever it stands: one too many
/// only runs a step again, one too few would keep what must not be kept.
fn values(mut open: Vec<&Node>, fixed: &Map<String, Value>) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    while let Some(node) = open.pop() {
        match &node.content {
            Content::Scalar(Scalar::String(text)) => names(text).into_iter().for_each(|name| {
                let (name, value) = reach(&name, fixed);
                found.insert(name, value);
            }),
            Content::Scalar(_) => {}
            Content::List(items) => open.extend(items),
            Content::Map(entries) => open.extend(entries.iter().map(|(_, value)| value)),
        }
    }
    found
}

/// Dotted names in a text whose first part is compared by value.
fn names(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split(|c: char| !is_part(c) && c != '.')
        .filter(|word| COMPARED.contains(&word.split('.').next().unwrap_or_default()))
        .map(|word| word.trim_end_matches('.').to_owned())
        .collect()
}

/// As much of a dotted name as leads to a value, and the value.
fn reach(name: &str, fixed: &Map<String, Value>) -> (String, Value) {
    let mut parts = name.split('.');
    let mut reached = parts.next().unwrap_or_default().to_owned();
    let mut value = fixed.get(&reached).unwrap_or(&Value::Null);
    for part in parts {
        let Some(inner) = value.get(part) else { break };
        value = inner;
        reached = format!("{reached}.{part}");
    }
    (reached, value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::source::Source;
    use serde_json::json;

    #[test]
    fn the_layout_of_a_criterion_is_no_part_of_it() {
        for (text, same) in [
            (" a.b  <\n 5 ", "a.b<5"),
            ("a.b<5", "a.b<5"),
            ("x in [5, 6]", "x in[5,6]"),
            ("x in[5,6]", "x in[5,6]"),
            ("a.x == 'y  z' &&  b", "a.x=='y  z'&&b"),
            (r"a.x == 'y\'  z'", r"a.x=='y\'  z'"),
        ] {
            assert_eq!(without_blanks(text), same);
        }
        assert_ne!(without_blanks("a == 'y z'"), without_blanks("a == 'y  z'"));
    }

    #[test]
    fn a_journal_without_the_second_fingerprint_is_compared_by_the_first() {
        let of = |judged: &str, plain: Option<&str>| Basis {
            judged: judged.to_owned(),
            judged_without_blanks: plain.map(str::to_owned),
            ..Basis::default()
        };
        for (was, is, same) in [
            (of("a", None), of("a", Some("x")), true),
            (of("b", None), of("a", Some("x")), false),
            (of("b", Some("x")), of("a", Some("x")), true),
            (of("b", Some("y")), of("a", Some("x")), false),
            (of("b", None), of("a", None), false),
        ] {
            assert_eq!(was.is_judged_as(&is), same, "{was:?} {is:?}");
        }
    }

    #[test]
    fn a_value_counts_however_its_name_is_written() {
        let fixed = json!({"profile": {"records": 5, "name": "smoke"}, "slo": {"p99_ms": 1.5}, "vars": {"a": {"b": 1}}, "environment": {"x": 1}});
        let text = r#"{
            a: "{{ profile.records * 2 }}", b: ["x-{{ vars.a.b.c }}", "slo.p99_ms * 2 > n.x"],
            c: {d: "{% set p = profile %}{{ p.name }}", e: environment.x, f: my_profile.records},
        }"#;
        let part = Node::parse(&Source::new("x.yaml", text), 0, text.len()).unwrap();
        let found = values(vec![&part], fixed.as_object().unwrap());
        let names: Vec<&str> = found.keys().map(String::as_str).collect();
        assert_eq!(names, ["profile", "profile.records", "slo.p99_ms", "vars.a.b"]);
        assert_eq!(found["profile.records"], 5);
    }
}
