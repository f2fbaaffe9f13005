//! Parameters: their expressions name something, and what is known already makes sense in the environment.

use super::{names::Visible, whole::Whole};
use crate::{
    action::{Action, Mistake},
    plan::{
        file::{self, StepFile},
        source::{Problem, Source, Span, User},
        step::ActionSpec,
        template,
        yaml::{Content, Node},
    },
    support::text,
};
use std::sync::Arc;

/// The output of an action at whose evidence others may look.
const PROMISED: &str = "stamps";

/// Checks the parameters of one action. What comes back is the action as far as it is known before the run.
pub(super) fn check(
    file: &StepFile,
    spec: &ActionSpec,
    step_applies: bool,
    visible: &Visible<'_>,
    whole: &Whole<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Arc<dyn Action>> {
    let source = &file.source;
    // Found again only where it is needed: that walks through the file.
    let params = || params_node(&file.front, spec).unwrap_or(&file.front);
    let action = match template::is_used(&spec.params) {
        true => resolved(source, spec, &params, visible, whole, problems)?,
        false => Arc::clone(&spec.action),
    };
    let mistakes = action.mistakes(whole.environment);
    if !mistakes.is_empty() && step_applies && whole.may_apply(spec.when.as_ref()) {
        problems.extend(mistakes.into_iter().map(|mistake| problem(file, params(), spec, mistake)));
    }
    for name in action.looks_back().unwrap_or_default().iter().filter(|name| !name.contains("{{")) {
        let id = name.rsplit('/').next().unwrap_or(name);
        if let Some((message, hint)) = visible.problem_of(&[id.to_owned(), PROMISED.to_owned()], false) {
            let span = in_text(source, params().get("promised").map_or(spec.span, |node| node.span), name);
            problems.push(source.problem(span, "unknown-name", message).maybe_hint(hint));
        }
    }
    if let (Some(limit), Some(expected)) = (spec.timeout, action.expected())
        && expected >= limit
    {
        let span = params().get("timeout").map_or(spec.span, |node| node.span);
        let message = format!(
            "`{}` takes {} and is ended after {}: it could never finish",
            spec.id,
            text::duration(expected),
            text::duration(limit)
        );
        problems
            .push(source.problem(span, "too-short", message).hint("make `timeout` longer, or leave it out"));
    }
    Some(action)
}

/// The action with its expressions resolved, where the plan alone tells their values; as it is where it does not.
fn resolved<'n>(
    source: &Source,
    spec: &ActionSpec,
    params: &dyn Fn() -> &'n Node,
    visible: &Visible<'_>,
    whole: &Whole<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Arc<dyn Action>> {
    let used = match template::names_used(&spec.params) {
        Ok(used) => used,
        Err(error) => {
            let message = format!("the expression cannot be read: {error}");
            let problem = source.problem(params().locate(&error.path, None), "expression", message);
            problems.push(problem.hint("write one `{{ name }}`, such as `{{ profile.records }}`"));
            return None;
        }
    };
    let mut later = false;
    let before = problems.len();
    for (path, names) in &used {
        for name in names {
            let parts: Vec<String> = name.split('.').map(str::to_owned).collect();
            // The matrix has told already that it has no such value.
            if parts[0] == "matrix" && spec.cell.is_some() {
                return None;
            }
            later |= !whole.fixed.contains_key(&parts[0]);
            if let Some((message, hint)) = visible.problem_of(&parts, false) {
                let span = in_text(source, params().locate(path, None), name);
                problems.push(source.problem(span, "unknown-name", message).maybe_hint(hint));
            }
        }
    }
    if problems.len() > before {
        return None;
    }
    if later {
        return Some(Arc::clone(&spec.action));
    }
    let resolved = match template::resolve(&spec.params, whole.names) {
        Ok(resolved) => resolved,
        Err(error) => {
            let span = params().locate(&error.path, None);
            problems.push(source.problem(span, "expression", error.message));
            return None;
        }
    };
    match (spec.kind.parse)(&resolved) {
        Ok(action) => Some(action),
        Err(error) => {
            problems.push(file::param_problem(source, params(), spec.kind.name, &error, None, &[]));
            None
        }
    }
}

/// What a kind finds wrong, at its place.
fn problem(file: &StepFile, params: &Node, spec: &ActionSpec, mistake: Mistake) -> Problem {
    let source = &file.source;
    let node = params.find(&mistake.path);
    let span = match (node, mistake.at) {
        _ if mistake.path.is_empty() => spec.span,
        (Some(node), Some(at)) => file::inside(source, node, at),
        _ => params.locate(&mistake.path, None),
    };
    let user = mistake.lacks.map(|lack| User {
        step: file.head.step,
        action: spec.id.clone(),
        is_open: lack.is_open,
        lacks: lack.what,
        hint: lack.hint,
    });
    let code = if user.is_some() { "not-in-environment" } else { "mistake" };
    let problem = source.problem(span, code, mistake.message).hint(mistake.hint);
    Problem { user, ..problem }
}

/// The place of a name inside a text value.
fn in_text(source: &Source, span: Span, name: &str) -> Span {
    let text = source.text.get(span.start..span.start + span.len).unwrap_or_default();
    text.find(name).map_or(span, |at| Span { start: span.start + at, len: name.len() })
}

/// The parameters of an action, found again by the place of its kind.
pub(in crate::plan) fn params_node<'n>(node: &'n Node, spec: &ActionSpec) -> Option<&'n Node> {
    match &node.content {
        Content::Map(entries) => entries.iter().find_map(|(key, value)| {
            if key.span == spec.span { Some(value) } else { params_node(value, spec) }
        }),
        Content::List(items) => items.iter().find_map(|item| params_node(item, spec)),
        Content::Scalar(_) => None,
    }
}
