//! [`StepFile`]: one step file read and checked by itself; what it says of other steps is checked by `compile`.

use super::{
    cel::Expression,
    criterion::{Criterion, Form},
    markdown,
    source::{Problem, Source, Span},
    step::{ActionSpec, Watch},
    yaml::{Content, Node, unknown_key},
};
use crate::{
    action::{self, KINDS},
    record::{ActionId, Localized, Severity, StepId, Verdict, event::Approve},
    support::text,
};
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

/// A step file as far as it can be understood alone.
#[derive(Debug)]
pub struct StepFile {
    /// The file.
    pub source: Source,
    /// The plain keys.
    pub head: Head,
    /// Places of `needs` entries and of the number itself.
    pub step_span: Span,
    /// Place of each entry of `needs`.
    pub needs_spans: Vec<Span>,
    /// Place of each entry of `artifacts`.
    pub artifact_spans: Vec<Span>,
    /// Probes.
    pub watches: Vec<Watch>,
    /// Actions by group.
    pub groups: Vec<Vec<ActionSpec>>,
    /// Criteria.
    pub criteria: Vec<Criterion>,
    /// Front matter, with places.
    pub front: Node,
    /// The procedure.
    pub prose: String,
}

/// The plain keys of a step's front matter.
#[derive(Debug, Clone, Deserialize)]
pub struct Head {
    /// Its number.
    pub step: StepId,
    /// Its title.
    pub title: Localized,
    /// What it is for.
    #[serde(default)]
    pub objective: Localized,
    /// The steps that must have passed before.
    #[serde(default)]
    pub needs: Vec<StepId>,
    /// How long it should take.
    #[serde(default)]
    pub estimate: Option<action::Span>,
    /// Artifacts that it must leave.
    #[serde(default)]
    pub artifacts: Vec<String>,
    /// The person's go-ahead that it waits for.
    #[serde(default)]
    pub approve: Option<Approve>,
}

const STEP_KEYS: &[&str] = &[
    "step",
    "title",
    "objective",
    "needs",
    "estimate",
    "watch",
    "actions",
    "criteria",
    "artifacts",
    "approve",
];
const CRITERION_KEYS: &[&str] = &["expect", "always", "for", "ignore_first", "severity", "must", "first_run"];

/// Reads one step file; every problem found goes to `problems`. `None` when nothing of it can be used.
pub fn read(source: &Source, problems: &mut Vec<Problem>) -> Option<StepFile> {
    let parts = match markdown::split(source) {
        Ok(parts) => parts,
        Err(problem) => {
            problems.push(*problem);
            return None;
        }
    };
    let front = match Node::parse(source, parts.front_matter.start, parts.front_matter.end) {
        Ok(front) => front,
        Err(problem) => {
            problems.push(problem);
            return None;
        }
    };
    front.repeated_keys(source, problems);
    front.unknown_keys(source, STEP_KEYS, problems);
    let head = head(source, &front, problems);
    let spans = |key: &str| items(&front, key).iter().map(|n| n.span).collect::<Vec<_>>();
    let watches: Vec<Watch> = list(source, &front, "watch", problems)
        .iter()
        .filter_map(|node| watch(source, node, problems))
        .collect();
    let groups = list(source, &front, "actions", problems)
        .iter()
        .map(|node| group(source, node, problems))
        .filter(|group| !group.is_empty())
        .collect();
    let criteria: Vec<Criterion> = list(source, &front, "criteria", problems)
        .iter()
        .filter_map(|node| criterion(source, node, &watches, problems))
        .collect();
    if items(&front, "criteria").is_empty() {
        let span = front.get("step").map_or(front.span, |n| n.span);
        problems.push(
            source
                .problem(span, "no-criterion", "this step has no criterion, so it could never fail")
                .hint("add `criteria:` with at least one `- expect: …` over an output of its actions"),
        );
    }
    let head = head?;
    Some(StepFile {
        step_span: front.get("step").map_or(front.span, |n| n.span),
        needs_spans: spans("needs"),
        artifact_spans: spans("artifacts"),
        prose: source.text[parts.prose..].trim().to_owned(),
        source: source.clone(),
        head,
        watches,
        groups,
        criteria,
        front,
    })
}

fn items<'n>(front: &'n Node, key: &str) -> &'n [Node] {
    match front.get(key).map(|n| &n.content) {
        Some(Content::List(items)) => items,
        _ => &[],
    }
}

fn list<'n>(source: &Source, front: &'n Node, key: &str, problems: &mut Vec<Problem>) -> &'n [Node] {
    if let Some(node) = front.get(key)
        && !matches!(node.content, Content::List(_) | Content::Scalar(Value::Null))
    {
        problems.push(
            source
                .problem(node.span, "wrong-type", format!("`{key}` is a list"))
                .hint("write each entry as `- …`"),
        );
    }
    items(front, key)
}

/// The plain keys, read one by one so that a mistake in one does not hide a mistake in another.
fn head(source: &Source, front: &Node, problems: &mut Vec<Problem>) -> Option<Head> {
    let mut json = serde_json::Map::new();
    let before = problems.len();
    for (key, example) in [
        ("step", "step: 3"),
        ("title", "title: {en: Producer baseline, fr: Référence producteur}"),
        ("objective", "objective: {en: …, fr: …}"),
        ("needs", "needs: [1, 2]"),
        ("estimate", "estimate: 45m"),
        ("artifacts", "artifacts: [nominal/windows.csv]"),
        ("approve", "approve: {role: platform lead, question: May the campaign go on?}"),
    ] {
        let Some(node) = front.get(key) else {
            if matches!(key, "step" | "title") {
                problems.push(
                    source
                        .problem(
                            Span { start: front.span.start, len: 1 },
                            "missing-key",
                            format!("the key `{key}` is missing"),
                        )
                        .hint(format!("add `{example}`")),
                );
            }
            continue;
        };
        let mut value = node.to_json();
        if matches!(key, "title" | "objective") && value.is_string() {
            value = serde_json::json!({ "en": value });
        }
        match check_head(key, &value) {
            Ok(()) => {
                json.insert(key.to_owned(), value);
            }
            Err(message) => {
                problems.push(
                    source.problem(node.span, "wrong-type", message).hint(format!("write it as `{example}`")),
                );
            }
        }
    }
    if problems.len() > before {
        return None;
    }
    serde_json::from_value(Value::Object(json)).ok()
}

fn check_head(key: &str, value: &Value) -> Result<(), String> {
    let check = |result: Result<(), serde_json::Error>| result.map_err(|e| format!("`{key}`: {e}"));
    match key {
        "step" => check(StepId::deserialize(value).map(drop)),
        "title" | "objective" => check(Localized::deserialize(value).map(drop)),
        "needs" => check(Vec::<StepId>::deserialize(value).map(drop)),
        "estimate" => check(action::Span::deserialize(value).map(drop)),
        "artifacts" => check(Vec::<String>::deserialize(value).map(drop)),
        _ => check(Approve::deserialize(value).map(drop)),
    }
}

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

fn group(source: &Source, node: &Node, problems: &mut Vec<Problem>) -> Vec<ActionSpec> {
    if let [(key, together)] = node.entries()
        && key.text == "parallel"
    {
        let Content::List(members) = &together.content else {
            problems.push(source.problem(together.span, "wrong-type", "`parallel` is a list of actions"));
            return Vec::new();
        };
        let specs: Vec<ActionSpec> =
            members.iter().filter_map(|m| action(source, m, &[], problems)).collect();
        clashes(source, &specs, problems);
        return specs;
    }
    action(source, node, &[], problems).into_iter().collect()
}

/// Two actions that claim the same thing cannot run together.
fn clashes(source: &Source, specs: &[ActionSpec], problems: &mut Vec<Problem>) {
    for (index, spec) in specs.iter().enumerate() {
        for earlier in &specs[..index] {
            let claims = earlier.action.claims();
            if let Some(claim) = spec.action.claims().into_iter().find(|c| claims.contains(c)) {
                problems.push(
                    source
                        .problem(
                            spec.span,
                            "clash",
                            format!("`{}` and `{}` both claim {claim}", earlier.id, spec.id),
                        )
                        .hint("take one of them out of the `parallel` group"),
                );
            }
        }
    }
}

fn watch(source: &Source, node: &Node, problems: &mut Vec<Problem>) -> Option<Watch> {
    let spec = action(source, node, &["every"], problems)?;
    let every = node.entries().first().and_then(|(_, params)| params.get("every"));
    let every = match every {
        Some(node) => duration(source, node, "every", problems)?,
        None => Duration::from_secs(15),
    };
    if every.is_zero() {
        problems.push(source.problem(node.span, "wrong-value", "`every` must be longer than nothing"));
        return None;
    }
    if !spec.kind.probe {
        let probes: Vec<&str> = KINDS.iter().filter(|k| k.probe).map(|k| k.name).collect();
        problems.push(
            source
                .problem(
                    spec.span,
                    "no-probe",
                    format!("`{}` changes or loads the platform and cannot be a watch", spec.kind.name),
                )
                .hint(format!("kinds that only look: {}", probes.join(", "))),
        );
        return None;
    }
    Some(Watch { spec, every })
}

fn duration(source: &Source, node: &Node, key: &str, problems: &mut Vec<Problem>) -> Option<Duration> {
    match action::Span::deserialize(&node.to_json()) {
        Ok(span) => Some(span.0),
        Err(error) => {
            problems.push(source.problem(node.span, "wrong-value", format!("`{key}`: {error}")));
            None
        }
    }
}

/// One action: its kind, the keys that all kinds share, and its parameters.
fn action(source: &Source, node: &Node, shared: &[&str], problems: &mut Vec<Problem>) -> Option<ActionSpec> {
    let (name, name_span, params) = one_key(source, node, "an action", problems)?;
    let Some(kind) = action::kind(name) else {
        let known: Vec<&str> = KINDS.iter().map(|k| k.name).collect();
        problems.push(
            source.problem(name_span, "unknown-kind", format!("there is no action kind `{name}`")).hint(
                match text::did_you_mean(name, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("kinds: {}", known.join(", ")),
                },
            ),
        );
        return None;
    };
    let Value::Object(mut json) = (match &params.content {
        Content::Scalar(Value::Null) => Value::Object(serde_json::Map::new()),
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
            return None;
        }
    };
    let id = if is_identifier(&id) { id } else { id.replace('-', "_") };
    let timeout = match (json.shift_remove("timeout"), params.get("timeout")) {
        (Some(_), Some(node)) => duration(source, node, "timeout", problems),
        _ => None,
    };
    for key in shared {
        json.shift_remove(*key);
    }
    let mut typed = json.clone();
    let mut faulty = Vec::new();
    let action = loop {
        let error = match (kind.parse)(&Value::Object(typed.clone())) {
            Ok(action) => break action,
            Err(error) => error,
        };
        let unknown = unknown_field(&error.message);
        let lacks = error.message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
        if lacks.is_none_or(|key| !faulty.iter().any(|f| f == key)) {
            problems.push(param_problem(source, params, kind.name, &error, unknown.as_deref(), shared));
        }
        // The faulty key is taken out, so that what is behind it is found too.
        let key = error.path.first().cloned().or(unknown);
        match key.filter(|key| typed.shift_remove(key).is_some()) {
            Some(key) => faulty.push(key),
            None => return None,
        }
    };
    if !faulty.is_empty() {
        return None;
    }
    Some(ActionSpec { id: id.into(), kind, params: Value::Object(json), action, timeout, span: name_span })
}

/// The key that serde's message calls unknown.
pub(super) fn unknown_field(message: &str) -> Option<String> {
    Some(message.strip_prefix("unknown field `")?.split_once('`')?.0.to_owned())
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
            known.extend(["id", "timeout"]);
            known.extend(shared);
        }
        return unknown_key(source, span, key, &known);
    }
    let place = if path.is_empty() { String::new() } else { format!("`{}`: ", path.join(".")) };
    source
        .problem(span, "wrong-value", format!("{place}{}", error.message))
        .hint(format!("`jalon actions {kind}` shows its parameters and an example"))
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn criterion(
    source: &Source,
    node: &Node,
    watches: &[Watch],
    problems: &mut Vec<Problem>,
) -> Option<Criterion> {
    let before = problems.len();
    node.unknown_keys(source, CRITERION_KEYS, problems);
    let (form_key, text_node) = match (node.get("expect"), node.get("always")) {
        (Some(text), None) => ("expect", text),
        (None, Some(text)) => ("always", text),
        _ => {
            problems.push(
                source
                    .problem(node.span, "wrong-type", "a criterion has either `expect` or `always`")
                    .hint("write `- expect: nominal.latency_ms.p99 < slo.producer_p99_ms`"),
            );
            return None;
        }
    };
    let Some(text) = text_node.as_str() else {
        problems.push(source.problem(text_node.span, "wrong-type", format!("`{form_key}` is an expression")));
        return None;
    };
    let expression = match Expression::parse(text) {
        Ok(expression) => expression,
        Err((message, at)) => {
            let span = inside(source, text_node, at);
            problems.push(
                source
                    .problem(span, "expression", format!("the expression cannot be read: {message}"))
                    .hint("compare outputs and limits with < <= > >= == !=, joined by && or ||"),
            );
            return None;
        }
    };
    let severity = match node.get("severity").map(|n| (n, n.as_str())) {
        None => Severity::Critical,
        Some((_, Some("warn"))) => Severity::Warn,
        Some((_, Some("critical"))) => Severity::Critical,
        Some((n, _)) => {
            problems.push(source.problem(n.span, "wrong-value", "`severity` is `critical` or `warn`"));
            return None;
        }
    };
    let must = match node.get("must").map(|n| (n, n.to_json())) {
        None => false,
        Some((_, Value::Bool(must))) => must,
        Some((n, _)) => {
            problems.push(source.problem(n.span, "wrong-value", "`must` is `true` or `false`"));
            return None;
        }
    };
    let first_run = match node.get("first_run").map(|n| (n, n.as_str())) {
        None | Some((_, Some("inconclusive"))) => Verdict::Inconclusive,
        Some((_, Some("pass"))) => Verdict::Pass,
        Some((_, Some("warn"))) => Verdict::Warn,
        Some((n, _)) => {
            problems.push(source.problem(
                n.span,
                "wrong-value",
                "`first_run` is `pass`, `warn` or `inconclusive`",
            ));
            return None;
        }
    };
    let length = |key: &str, problems: &mut Vec<Problem>| {
        node.get(key).map_or(Some(Duration::ZERO), |n| duration(source, n, key, problems))
    };
    let form = if form_key == "always" {
        let (hold, ignore_first) = (length("for", problems)?, length("ignore_first", problems)?);
        let names = expression.names();
        let named: Vec<&Watch> =
            watches.iter().filter(|w| names.iter().any(|n| n.path[0] == w.spec.id.as_str())).collect();
        let [watch] = named.as_slice() else {
            problems.push(
                source
                    .problem(
                        text_node.span,
                        "always",
                        "`always` is judged over the samples of exactly one watch of this step",
                    )
                    .hint(format!(
                        "watches: {}",
                        watches.iter().map(|w| w.spec.id.as_str()).collect::<Vec<_>>().join(", ")
                    )),
            );
            return None;
        };
        Form::Always { watch: ActionId::clone(&watch.spec.id), hold, ignore_first, every: watch.every }
    } else {
        for key in ["for", "ignore_first"] {
            if let Some(n) = node.get(key) {
                problems.push(
                    source
                        .problem(n.span, "wrong-value", format!("`{key}` belongs to `always`"))
                        .hint("`always` is judged over every sample of a watch, `expect` once at the end"),
                );
            }
        }
        Form::Expect
    };
    (problems.len() == before).then_some(Criterion {
        expression,
        form,
        severity,
        must,
        first_run,
        span: text_node.span,
    })
}

/// The place of a character of a one-line text value.
pub fn inside(source: &Source, node: &Node, characters: usize) -> Span {
    let quoted = source.text[node.span.start..].starts_with(['"', '\'']);
    let text = node.as_str().unwrap_or_default();
    let bytes = text.char_indices().nth(characters).map_or(text.len(), |(i, _)| i);
    let start = node.span.start + usize::from(quoted) + bytes;
    Span { start: start.min(source.text.len()), len: 1 }
}
