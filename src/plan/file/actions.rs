//! Actions and watches of a step file: their kinds, the keys that all kinds share, and their parameters.

use super::values::{condition, duration, is_identifier};
use crate::{
    action::{self, KINDS},
    plan::{
        matrix::cell::Cell,
        mistakes::{every_mistake, missing_field, unknown_field},
        source::{Problem, Source, Span},
        step::{ActionSpec, Watch},
        yaml::{Content, Node, Scalar, unknown_key},
    },
    record::{ActionRole, faults},
    support::text,
};
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// Keys that every action may have beside those of its kind.
pub(in crate::plan) const COMMON_KEYS: &[&str] = &["id", "timeout", "when", "attempts", "backoff"];

/// The one key of an entry `- key: {…}` and its value.
fn one_key<'n>(
    source: &Source,
    node: &'n Node,
    what: &str,
    problems: &mut Vec<Problem>,
) -> Option<(&'n str, Span, &'n Node)> {
    match node.entries() {
        [(key, value)] => Some((&key.text, key.span, value)),
        _ => {
            problems.push(
                source
                    .problem(
                        node.span,
                        "wrong-type",
                        format!("{what} is written with its kind as the only key"),
                    )
                    .hint(
                        "write it as `- wait: {id: settle, for: 30s}`; indent its parameters below the kind",
                    ),
            );
            None
        }
    }
}

pub(super) fn group(
    source: &Source,
    node: &Node,
    cells: &[Option<Arc<Cell>>],
    problems: &mut Vec<Problem>,
) -> Vec<ActionSpec> {
    let cell = |place: usize| cells.get(place).cloned().flatten();
    if let [(key, together)] = node.entries()
        && key.text == "parallel"
    {
        let Content::List(members) = &together.content else {
            problems.push(source.problem(together.span, "wrong-type", "`parallel` is a list of actions"));
            return Vec::new();
        };
        return (members.iter().enumerate())
            .filter_map(|(place, member)| {
                Some(ActionSpec { cell: cell(place), ..action(source, member, &[], problems)? })
            })
            .collect();
    }
    let spec = action(source, node, &[], problems);
    spec.map(|spec| ActionSpec { cell: cell(0), ..spec }).into_iter().collect()
}

pub(super) fn watch(source: &Source, node: &Node, problems: &mut Vec<Problem>) -> Option<Watch> {
    let before = problems.len();
    let spec = action(source, node, &["every"], problems);
    let every = node.entries().first().and_then(|(_, params)| params.get("every"));
    let every = match every {
        Some(node) => duration(source, node, "every", problems),
        None => Some(Duration::from_secs(15)),
    };
    if every.is_some_and(|every| every.is_zero()) {
        problems.push(source.problem(node.span, "wrong-value", "`every` must be longer than nothing"));
    }
    let spec = spec?;
    if !spec.kind.watch {
        let probes: Vec<&str> = KINDS.iter().filter(|k| k.watch).map(|k| k.name).collect();
        problems.push(
            source
                .problem(
                    spec.span,
                    "no-probe",
                    format!("`{}` changes or loads the platform and cannot be a watch", spec.kind.name),
                )
                .hint(format!("read-only kinds: {}", probes.join(", "))),
        );
    }
    (problems.len() == before).then_some(Watch { spec, every: every? })
}

/// One action: its kind, the keys that all kinds share, and its parameters. A mistake in one of them hides none in another.
fn action(source: &Source, node: &Node, shared: &[&str], problems: &mut Vec<Problem>) -> Option<ActionSpec> {
    let before = problems.len();
    let (name, name_span, params) = one_key(source, node, "an action", problems)?;
    let Some(kind) = action::kind(name) else {
        let known: Vec<&str> = KINDS.iter().map(|k| k.name).collect();
        problems.push(
            source.problem(name_span, "unknown-kind", format!("unknown action kind `{name}`")).hint(
                match text::did_you_mean(name, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("kinds: {}", known.join(", ")),
                },
            ),
        );
        return None;
    };
    let Value::Object(mut json) = (match &params.content {
        Content::Scalar(Scalar::Null) => Value::Object(serde_json::Map::new()),
        _ => params.to_json(),
    }) else {
        problems.push(source.problem(
            params.span,
            "wrong-type",
            format!("the parameters of `{name}` are keys and values"),
        ));
        return None;
    };
    let id = match json.shift_remove("id") {
        None => name.to_owned(),
        Some(Value::String(id)) if is_identifier(&id) => id,
        Some(_) => {
            let span = params.locate(&["id".to_owned()], None);
            problems.push(
                source
                    .problem(
                        span,
                        "wrong-value",
                        "an `id` begins with a letter and has letters, digits and `_` only",
                    )
                    .hint("criteria use it as a name: `id: nominal` gives `nominal.latency_ms.p99`"),
            );
            name.to_owned()
        }
    };
    let id = if is_identifier(&id) { id } else { id.replace('-', "_") };
    let timeout = match (json.shift_remove("timeout"), params.get("timeout")) {
        (Some(_), Some(node)) => duration(source, node, "timeout", problems),
        _ => None,
    };
    let when = match (json.shift_remove("when"), params.get("when")) {
        (Some(_), Some(node)) => condition(source, node, problems),
        _ => None,
    };
    let (attempts, attempts_node) = match (json.shift_remove("attempts"), params.get("attempts")) {
        (Some(value), Some(node)) => match value.as_u64().and_then(|n| u32::try_from(n).ok()) {
            Some(attempts @ 1..) => (attempts, Some(node)),
            _ => {
                let problem =
                    source.problem(node.span, "wrong-value", "`attempts` is a whole number from 1 on");
                problems.push(problem.hint("`attempts: 3` is three tries at most"));
                (1, None)
            }
        },
        _ => (1, None),
    };
    let backoff = match (json.shift_remove("backoff"), params.get("backoff")) {
        (Some(_), Some(node)) => duration(source, node, "backoff", problems),
        _ => None,
    };
    let backoff = backoff.unwrap_or(Duration::from_secs(1));
    for key in shared {
        json.shift_remove(*key);
    }
    let params_json = Value::Object(json);
    let (action, mistakes) = every_mistake(&params_json, kind.parse);
    problems.extend(mistakes.iter().map(|mistake| {
        let unknown = unknown_field(&mistake.message);
        param_problem(source, params, kind.name, mistake, unknown.as_deref(), shared)
    }));
    let action = action.filter(|_| mistakes.is_empty())?;
    if let Some(node) = attempts_node
        && attempts > 1
        && kind.role_of(&*action) != ActionRole::Check
        && action.on_interrupt() != action::OnInterrupt::Verify
    {
        let problem = source.problem(node.span, "attempts", format!("`{name}` does not support `attempts`"));
        problems.push(problem.hint(
            "`attempts` is for read-only kinds, and for those that read the real state first: a second try would hide \
             what the first try of a load or a fault did",
        ));
    }
    (problems.len() == before).then(|| ActionSpec {
        id: id.into(),
        kind,
        params: params_json,
        action,
        timeout,
        when,
        attempts,
        backoff,
        cell: None,
        span: name_span,
    })
}

/// What serde says, in the words of the people who write plans.
pub(in crate::plan) fn plain(message: &str) -> String {
    if let Some(key) = missing_field(message) {
        return format!("the key `{key}` is missing");
    }
    let invalid = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    let Some((found, wanted)) = invalid.and_then(|rest| rest.split_once(", expected ")) else {
        return faults::plain(message);
    };
    let wanted = match wanted.split(' ').collect::<Vec<_>>().as_slice() {
        ["a", "map"] | ["struct", ..] => "a map (`{en: …}`)",
        ["a", "sequence"] => "a list (`[a, b]`)",
        ["a", "string"] => "a text",
        ["a", "string", "representing", "an", "URL"] => "an address (`http://host:port`)",
        ["a", "boolean"] => "`true` or `false`",
        [number] if number.trim_start_matches(['u', 'i', 'f']).parse::<u8>().is_ok() => {
            let is_number = found.starts_with("floating point ") || found.starts_with("integer ");
            match (is_number && !number.starts_with('f'), number.strip_prefix('u')) {
                (false, _) => "a number",
                (true, Some("8")) => "a whole number from 0 to 255",
                (true, Some("16")) => "a whole number from 0 to 65535",
                (true, Some("32")) => "a whole number from 0 to 4294967295",
                (true, Some(_)) => "a whole number from 0 on that is not too large",
                (true, None) => "a whole number that is not too large",
            }
        }
        _ => wanted,
    };
    let found = match found {
        "map" => "a map",
        "sequence" => "a list",
        "null" | "unit value" => "nothing",
        // The parser has rounded it, and it is not what was written.
        found if found.starts_with("floating point ") && found.contains("e+") => "a number that is too large",
        found => {
            let words =
                [("string ", "the text "), ("integer ", "the number "), ("floating point ", "the number ")];
            let known = words.iter().find_map(|(theirs, ours)| Some((ours, found.strip_prefix(theirs)?)));
            let found = known.map_or_else(|| found.to_owned(), |(ours, value)| format!("{ours}{value}"));
            return format!("expected {wanted}, found {found}");
        }
    };
    format!("expected {wanted}, found {found}")
}

/// A mistake in an action's parameters, at its place.
pub fn param_problem(
    source: &Source,
    params: &Node,
    kind: &str,
    error: &action::ParamError,
    unknown: Option<&str>,
    shared: &[&str],
) -> Problem {
    // For an unknown key some formats give the path to the key, some that of the map around it.
    let path = match error.path.split_last() {
        Some((last, rest)) if Some(last.as_str()) == unknown => rest,
        _ => &error.path,
    };
    let span = params.locate(path, unknown);
    if let Some(key) = unknown {
        let mut known: Vec<&str> = error.message.split('`').skip(3).step_by(2).collect();
        if path.is_empty() {
            known.extend(COMMON_KEYS.iter().chain(shared));
        }
        return unknown_key(source, span, key, &known);
    }
    let place = if path.is_empty() { String::new() } else { format!("`{}`: ", path.join(".")) };
    source
        .problem(span, "wrong-value", format!("{place}{}", plain(&error.message)))
        .hint(format!("`jalon actions {kind}` shows its parameters and an example"))
}
