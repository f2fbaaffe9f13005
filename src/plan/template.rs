//! Expressions in parameters: `{{ … }}` over the campaign, the environment, the profile and earlier outputs.

use crate::{
    expression,
    record::{Said, Speaks},
    support::jinja,
};
use minijinja::{Environment, ErrorKind, value::Serde};
use serde_json::Value;
use std::{collections::BTreeSet, sync::LazyLock};

/// An expression that cannot be resolved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// Keys and indices from the parameters down to the text with the expression.
    pub path: Vec<String>,
    /// Why the expression cannot be resolved.
    pub message: Said,
}

impl Speaks for TemplateError {
    /// With the place, where the expression is deeper in the parameters.
    fn said(&self) -> Said {
        if self.path.is_empty() { self.message.clone() } else { at(self.path.join("."), &self.message) }
    }
}

crate::record::messages! {
    area "template";
    at(place, why) => "{place}: {why}" / "{place} : {why}";
    no_json(expression) => "`{expression}` is not a value of JSON" / "`{expression}` n'est pas une valeur JSON";
    no_value(expression) => "`{expression}` has no value" / "`{expression}` n'a pas de valeur";
    too_much() => "it takes too many steps or makes too large a value; calculate with values of the plan" / "elle demande trop d'étapes ou produit une valeur trop grande ; calculer avec les valeurs du plan";
}

/// The names that expressions see, converted once for many of them.
#[derive(Debug, Clone, Default)]
pub struct Names(minijinja::Value);

impl Names {
    /// The members of a JSON object.
    pub fn new(names: &Value) -> Self {
        Self(minijinja::Value::from(Serde(names)))
    }
}

/// Whether there is an expression anywhere in `params`.
pub fn is_used(params: &Value) -> bool {
    match params {
        Value::String(text) => is_expression(text),
        Value::Array(items) => items.iter().any(is_used),
        Value::Object(entries) => entries.values().any(is_used),
        _ => false,
    }
}

fn is_expression(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// `params` with every expression replaced by its value in `names`. A text that is one expression takes the
/// expression's type; an expression inside a text becomes part of the text.
pub fn resolve(params: &Value, names: &Names) -> Result<Value, TemplateError> {
    walk(params, &mut Vec::new(), &mut |text, path| {
        evaluate(text, names).map_err(|message| TemplateError { path: path.to_vec(), message })
    })
}

/// The path to a text with an expression, and the dotted names in it.
pub type Used = (Vec<String>, BTreeSet<String>);

/// The dotted names that the expressions of `params` use, each with the path to its text.
pub fn names_used(params: &Value) -> Result<Vec<Used>, TemplateError> {
    let mut found = Vec::new();
    walk(params, &mut Vec::new(), &mut |text, path| {
        let environment = &*ENVIRONMENT;
        let names = match whole_expression(text) {
            Some(expression) => {
                environment.compile_expression(expression).map(|e| e.undeclared_variables(true))
            }
            None => environment.template_from_str(text).map(|t| t.undeclared_variables(true)),
        };
        match names {
            Ok(names) => found.push((path.to_vec(), names.into_iter().collect())),
            Err(error) => return Err(TemplateError { path: path.to_vec(), message: plain(&error) }),
        }
        Ok(Value::Null)
    })?;
    Ok(found)
}

fn walk(
    value: &Value,
    path: &mut Vec<String>,
    visit: &mut impl FnMut(&str, &[String]) -> Result<Value, TemplateError>,
) -> Result<Value, TemplateError> {
    match value {
        Value::String(text) if is_expression(text) => match too_large(text) {
            Some(message) => Err(TemplateError { path: path.clone(), message }),
            None => visit(text, path),
        },
        Value::Array(items) => {
            let mut resolved = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                resolved.push(walk(item, path, visit)?);
                path.pop();
            }
            Ok(resolved.into())
        }
        Value::Object(entries) => {
            let mut resolved = serde_json::Map::new();
            for (key, item) in entries {
                path.push(key.clone());
                resolved.insert(key.clone(), walk(item, path, visit)?);
                path.pop();
            }
            Ok(resolved.into())
        }
        other => Ok(other.clone()),
    }
}

/// What makes one of the expressions in `text` too large to be read.
fn too_large(text: &str) -> Option<Said> {
    [("{{", "}}"), ("{%", "%}")].into_iter().find_map(|(start, end)| {
        let mut inside = text.split(start).skip(1).filter_map(|rest| rest.split(end).next());
        inside.find_map(expression::too_large).map(|(message, _)| message)
    })
}

/// What one expression may take: steps, and 64 bytes each of what it makes. A parameter takes some tens.
const FUEL: u64 = 50_000;
/// Made once: its filters and tests are many, and a plan has hundreds of expressions.
static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| jinja::environment(FUEL));

/// The expression, where the text is nothing but one.
fn whole_expression(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    (!inner.contains("{{") && !inner.contains("}}")).then_some(inner.trim())
}

fn evaluate(text: &str, names: &Names) -> Result<Value, Said> {
    let environment = &*ENVIRONMENT;
    let context = &names.0;
    match whole_expression(text) {
        Some(expression) => {
            let value = environment
                .compile_expression(expression)
                .and_then(|e| e.eval(context))
                .map_err(|e| plain(&e))?;
            if value.is_undefined() || value.is_none() {
                return Err(no_value(expression));
            }
            jinja::fitting(&value).map_err(|e| plain(&e))?;
            serde_json::to_value(&value).map_err(|_| no_json(expression))
        }
        None => environment
            .template_from_str(text)
            .and_then(|t| t.render(context))
            .map(Value::String)
            .map_err(|e| plain(&e)),
    }
}

/// What the template engine said, in its words.
fn plain(error: &minijinja::Error) -> Said {
    if error.kind() == ErrorKind::OutOfFuel {
        return too_much();
    }
    let said = error.kind().to_string();
    Said::verbatim(error.detail().map_or_else(|| said.clone(), |detail| format!("{said}: {detail}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Language;
    use serde_json::json;

    #[test]
    fn an_expression_keeps_its_type_and_a_text_stays_text() {
        let params = json!({"records": "{{ profile.records * 2 }}", "topic": "perf.{{ profile.name }}", "n": 3, "p": ["{{ slo.x_ms }}"]});
        let names = json!({"profile": {"records": 100, "name": "smoke"}, "slo": {"x_ms": 1.5}});
        assert_eq!(
            resolve(&params, &Names::new(&names)).unwrap(),
            json!({"records": 200, "topic": "perf.smoke", "n": 3, "p": [1.5]})
        );
    }

    #[test]
    fn what_is_too_large_is_told_in_both_languages() {
        let long = json!({"records": format!("{{{{ 1{} }}}}", " + 1".repeat(300))});
        let error = resolve(&long, &Names::new(&json!({}))).unwrap_err();
        assert_eq!(
            error.said(),
            "records: an expression has at most 200 operators, dots and brackets, and this one has more"
        );
        assert_eq!(
            error.said().in_language(Language::Fr),
            "records : une expression a au plus 200 opérateurs, points et parenthèses, et celle-ci en a plus"
        );
    }

    #[test]
    fn a_name_without_value_is_an_error_with_its_path() {
        let error = resolve(
            &json!({"p": {"records": "{{ profile.recrods }}"}}),
            &Names::new(&json!({"profile": {}})),
        )
        .unwrap_err();
        assert_eq!(error.path, ["p", "records"]);
        let error = resolve(&json!({"t": "a-{{ profile.recrods }}"}), &Names::new(&json!({"profile": {}})))
            .unwrap_err();
        assert_eq!(error.path, ["t"]);
    }

    #[test]
    fn what_grows_without_measure_is_refused_at_once() {
        let doubled = format!("{{% set x = 'xxxxxxxx' %}}{}{{{{ x }}}}", "{% set x = x ~ x %}".repeat(40));
        for text in [
            doubled.as_str(),
            "{{ 'x' * 90000000 }}",
            "{{ [1] * 90000000 }}",
            "a{{ [1] * 90000000 }}",
            "{{ [[1] * 9000] * 9000 }}",
            "{{ range(90000)|list }}",
            "{{ (range(90000)|list) * 1000 }}",
            "{% for a in range(9000) %}{% for b in range(9000) %}{% endfor %}{% endfor %}",
            "{% for a in range(9000) %}{% for b in range(9000) %}x{% endfor %}{% endfor %}",
            "{{ 'x'|replace('x', 'y' * 90000000) }}",
            "{{ '%90000000d'|format(1) }}",
            "{{ 'x\nx'|indent(90000000) }}",
            "{{ [1]|batch(90000000, 1)|list }}",
            "{{ ('x' * 30000)|list * 1000 }}",
            "{{ [names.big, names.big] * 4000 }}",
            "{{ ([1] * 90000000)|sum }}",
            "{{ ([1] * 90000000)|tojson }}",
            "{{ {'a': [1] * 90000000} }}",
            "{{ ([1] * 90000000)|length + ([1] * 90000000)|join|length }}",
            "{% macro f(x) %}{{ f(x ~ x) }}{% endmacro %}{{ f('x') }}",
        ] {
            let begun = std::time::Instant::now();
            let names = Names::new(&json!({"names": {"big": "x".repeat(10_000)}}));
            let error = resolve(&json!({"t": text}), &names);
            let took = begun.elapsed();
            assert!(took.as_secs() < 20, "{text}: {took:?}");
            let message = error.unwrap_err().message;
            assert!(message.len() < 300 && !message.contains("fuel"), "{text}: {message}");
        }
    }

    #[test]
    fn the_names_are_listed() {
        let used = names_used(
            &json!({"a": "{{ profile.records }}", "b": ["x-{{ baseline.throughput.records_per_s }}"]}),
        )
        .unwrap();
        let names: Vec<_> = used.into_iter().flat_map(|(_, names)| names).collect();
        assert_eq!(names, ["profile.records", "baseline.throughput.records_per_s"]);
    }
}
