//! [`StepFile`]: one step file read and checked by itself; what it says of other steps is checked by `compile`.

mod actions;
mod criteria;
pub(super) mod values;

pub use actions::param_problem;
pub(super) use actions::plain;
#[cfg(test)]
pub(super) use criteria::CRITERION_KEYS;
pub use values::inside;

use super::{
    criterion::Criterion,
    estimate::Estimate,
    markdown, matrix, secrets,
    source::{Problem, Source, Span},
    step::{ActionSpec, Condition, Watch},
    yaml::{Content, Node, Scalar},
};
use crate::{
    action,
    record::{Localized, StepId, event::Approve},
};
use actions::{group, watch};
use criteria::criterion;
use serde::Deserialize;
use serde_json::Value;
use values::condition;

/// A step file as far as it can be understood alone.
#[derive(Debug)]
pub struct StepFile {
    /// The step file, for the place of a mistake.
    pub source: Source,
    /// Keys of the front matter that need no other file.
    pub head: Head,
    /// Places of `needs` entries and of the number itself.
    pub step_span: Span,
    /// Place of each entry of `needs`.
    pub needs_spans: Vec<Span>,
    /// The artifacts that it must leave, each with its place.
    pub artifacts: Vec<(String, Span)>,
    /// It applies only where this holds.
    pub when: Option<Condition>,
    /// Watches of the step, in the order of the file.
    pub watches: Vec<Watch>,
    /// Actions by group, every matrix written out.
    pub groups: Vec<Vec<ActionSpec>>,
    /// Actions that clean up, by group.
    pub clean_up: Vec<Vec<ActionSpec>>,
    /// Whether a matrix of it could not be written out.
    pub left_out: bool,
    /// The entries of `watch`, `actions` and `always` from which these were read, every matrix written out.
    pub entries: Vec<Node>,
    /// Criteria in the order of the file, those of matrices written out.
    pub criteria: Vec<Criterion>,
    /// Front matter, with places.
    pub front: Node,
    /// The procedure, as Markdown.
    pub prose: String,
}

/// The plain keys of a step's front matter.
#[derive(Debug, Clone, Deserialize)]
pub struct Head {
    /// Number of the step in the plan.
    pub step: StepId,
    /// Title, by language; a plain text in the file is English.
    pub title: Localized,
    /// Why the step is there, by language; empty where the file does not say.
    #[serde(default)]
    pub objective: Localized,
    /// The steps that must have passed before.
    #[serde(default)]
    pub needs: Vec<StepId>,
    /// How long it should take, in each profile.
    #[serde(default)]
    pub estimate: Option<Estimate>,
    /// How long its actions may take together.
    #[serde(default)]
    pub timeout: Option<action::Span>,
    /// Whether it may destroy something on a production platform.
    #[serde(default)]
    pub allow_destructive: bool,
    /// Artifacts that it must leave.
    #[serde(default)]
    pub artifacts: Vec<String>,
    /// The person's go-ahead that it waits for.
    #[serde(default)]
    pub approve: Option<Approve>,
}

pub(super) const STEP_KEYS: &[&str] = &[
    "step",
    "title",
    "objective",
    "needs",
    "when",
    "estimate",
    "timeout",
    "allow_destructive",
    "watch",
    "actions",
    "always",
    "criteria",
    "artifacts",
    "approve",
];

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
    secrets::in_clear(source, &front, problems);
    front.unknown_keys(source, STEP_KEYS, problems);
    let head = head(source, &front, problems);
    let spans = |key: &str| items(&front, key).iter().map(|n| n.span).collect::<Vec<_>>();
    let watches: Vec<Watch> = list(source, &front, "watch", problems)
        .iter()
        .filter_map(|node| watch(source, node, problems))
        .collect();
    let mut entries: Vec<Node> = items(&front, "watch").to_vec();
    let (expanded, families) = matrix::expand(source, list(source, &front, "actions", problems), problems);
    let mut groups = Vec::new();
    for entry in expanded {
        let specs = group(source, &entry.node, &entry.cells, problems);
        groups.extend((!specs.is_empty()).then_some(specs));
        entries.push(entry.node);
    }
    // What names them is not told once more, whatever is wrong with them.
    entries.extend_from_slice(families.left_out());
    let mut clean_up = Vec::new();
    for node in list(source, &front, "always", problems) {
        let specs = group(source, node, &[], problems);
        clean_up.extend((!specs.is_empty()).then_some(specs));
        entries.push(node.clone());
    }
    let criteria: Vec<Criterion> = list(source, &front, "criteria", problems)
        .iter()
        .flat_map(|node| {
            let nodes = families.criterion(source, node, problems);
            nodes.iter().filter_map(|node| criterion(source, node, &watches, problems)).collect::<Vec<_>>()
        })
        .collect();
    let when = front.get("when").and_then(|node| condition(source, node, problems));
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
        artifacts: (head.artifacts.iter().zip(spans("artifacts")))
            .flat_map(|(artifact, span)| families.artifacts(artifact).into_iter().map(move |a| (a, span)))
            .collect(),
        when,
        prose: source.text[parts.prose..].trim().to_owned(),
        source: source.clone(),
        head,
        watches,
        left_out: !families.left_out().is_empty(),
        groups,
        clean_up,
        entries,
        criteria,
        front,
    })
}

/// Whether some of its actions could not even be told apart: a misspelt key, an entry of several keys.
pub(super) fn has_unread_parts(file: &StepFile) -> bool {
    file.front.entries().iter().any(|(key, _)| !STEP_KEYS.contains(&key.text.as_str()))
        || file.entries.iter().any(|entry| entry.entries().len() != 1)
}

fn items<'n>(front: &'n Node, key: &str) -> &'n [Node] {
    match front.get(key).map(|n| &n.content) {
        Some(Content::List(items)) => items,
        _ => &[],
    }
}

fn list<'n>(source: &Source, front: &'n Node, key: &str, problems: &mut Vec<Problem>) -> &'n [Node] {
    if let Some(node) = front.get(key)
        && !matches!(node.content, Content::List(_) | Content::Scalar(Scalar::Null))
    {
        problems.push(
            source
                .problem(node.span, "wrong-type", format!("`{key}` is a list"))
                .hint("write each entry as `- …`"),
        );
    }
    items(front, key)
}

/// The plain keys, read one by one so that a mistake in one does not hide a mistake in another. One that is wrong is left out,
/// and the rest of the file is checked all the same; not where others would only follow from it.
fn head(source: &Source, front: &Node, problems: &mut Vec<Problem>) -> Option<Head> {
    let mut json = serde_json::Map::new();
    let mut decides = false;
    for (key, example) in [
        ("step", "step: 3"),
        ("title", "title: {en: Producer baseline, fr: Référence producteur}"),
        ("objective", "objective: {en: …, fr: …}"),
        ("needs", "needs: [1, 2]"),
        ("estimate", "estimate: 45m` or `estimate: {smoke: 1m, nominal: 45m}"),
        ("timeout", "timeout: 2h"),
        ("allow_destructive", "allow_destructive: true"),
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
                decides |= key == "step";
                json.insert("title".to_owned(), "".into());
            }
            continue;
        };
        let value = node.to_json();
        match check_head(key, &value) {
            Ok(()) => {
                json.insert(key.to_owned(), value);
            }
            Err(message) => {
                problems.push(
                    source.problem(node.span, "wrong-type", message).hint(format!("write it as `{example}`")),
                );
                match key {
                    "step" | "needs" => decides = true,
                    "title" => _ = json.insert(key.to_owned(), "".into()),
                    "allow_destructive" => _ = json.insert(key.to_owned(), true.into()),
                    _ => {}
                }
            }
        }
    }
    if decides {
        return None;
    }
    serde_json::from_value(Value::Object(json)).ok()
}

fn check_head(key: &str, value: &Value) -> Result<(), String> {
    let check = |result: Result<(), serde_json::Error>| {
        result.map_err(|e| format!("`{key}`: {}", actions::plain(&e.to_string())))
    };
    match key {
        "step" => check(StepId::deserialize(value).map(drop)),
        "title" | "objective" => check(Localized::deserialize(value).map(drop)),
        "needs" => check(Vec::<StepId>::deserialize(value).map(drop)),
        "allow_destructive" => check(bool::deserialize(value).map(drop)),
        "estimate" => check(Estimate::deserialize(value).map(drop)),
        "timeout" => check(action::Span::deserialize(value).map(drop)),
        "artifacts" => check(Vec::<String>::deserialize(value).map(drop)),
        _ => check(Approve::deserialize(value).map(drop)),
    }
}
