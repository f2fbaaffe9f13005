//! Criteria of a step file: their form, their expression and what weighs in them.

use super::values::{duration, inside};
use crate::{
    expression::Expression,
    plan::{
        criterion::{Criterion, Form},
        source::{Problem, Source},
        step::Watch,
        yaml::Node,
    },
    record::{ActionId, Severity, Verdict},
};
use serde_json::Value;
use std::time::Duration;

/// The keys that say over what a criterion is judged; it has one of them.
const FORMS: [&str; 3] = ["expect", "always", "guard"];
pub(in crate::plan) const CRITERION_KEYS: &[&str] =
    &["expect", "always", "guard", "for", "ignore_first", "severity", "must", "first_run", "undecided"];

pub(super) fn criterion(
    source: &Source,
    node: &Node,
    watches: &[Watch],
    problems: &mut Vec<Problem>,
) -> Option<Criterion> {
    let before = problems.len();
    node.unknown_keys(source, CRITERION_KEYS, problems);
    let misspelt = problems.len() > before;
    let forms: Vec<(&str, &Node)> =
        FORMS.iter().filter_map(|form| node.get(form).map(|text| (*form, text))).collect();
    let (form_key, text_node) = match forms.as_slice() {
        [form] => *form,
        // What stands in its place was told already.
        [] if misspelt => return None,
        _ => {
            problems.push(
                source
                    .problem(node.span, "wrong-type", "a criterion has either `expect`, `always` or `guard`")
                    .hint("write `- expect: nominal.latency_ms.p99 < slo.producer_p99_ms`"),
            );
            return None;
        }
    };
    let text = text_node.as_str();
    if text.is_none() {
        problems.push(source.problem(text_node.span, "wrong-type", format!("`{form_key}` is an expression")));
    }
    // What cannot be read hides no mistake beside it.
    let expression = match text.map(Expression::parse) {
        None => None,
        Some(Ok(expression)) => Some(expression),
        Some(Err((message, at))) => {
            let span = inside(source, text_node, at);
            problems.push(
                source
                    .problem(span, "expression", format!("the expression cannot be read: {message}"))
                    .hint("compare outputs and limits with < <= > >= == !=, joined by && or ||"),
            );
            None
        }
    };
    let severity = match node.get("severity").map(|n| (n, n.as_str())) {
        None => Severity::Critical,
        Some((_, Some("warn"))) => Severity::Warn,
        Some((_, Some("critical"))) => Severity::Critical,
        Some((n, _)) => {
            problems.push(source.problem(n.span, "wrong-value", "`severity` is `critical` or `warn`"));
            Severity::Critical
        }
    };
    let must = match node.get("must").map(|n| (n, n.to_json())) {
        None => false,
        Some((_, Value::Bool(must))) => must,
        Some((n, _)) => {
            problems.push(source.problem(n.span, "wrong-value", "`must` is `true` or `false`"));
            false
        }
    };
    let first_run = verdict(source, node, "first_run", problems);
    let undecided = verdict(source, node, "undecided", problems);
    let of_change = || expression.as_ref().is_none_or(|expression| !expression.changes().is_empty());
    if let Some(n) = node.get("undecided").filter(|_| !of_change()) {
        problems.push(
            source
                .problem(n.span, "wrong-value", "nothing here has an interval, so nothing is left undecided")
                .hint("`undecided` goes with `change(…)`: `expect: change(nominal.latency_ms.p99) < 10`"),
        );
    }
    let length = |key: &str, problems: &mut Vec<Problem>| {
        node.get(key).map_or(Some(Duration::ZERO), |n| duration(source, n, key, problems))
    };
    if let Some(n) = node.get("severity").filter(|_| form_key == "guard" && severity == Severity::Warn) {
        problems.push(
            source
                .problem(n.span, "wrong-value", "a guard stops the step, so it cannot be a mere warning")
                .hint("write `always` instead of `guard` where the step may go on"),
        );
    }
    let form = if form_key != "expect" {
        let (hold, ignore_first) = (length("for", problems), length("ignore_first", problems));
        let names = expression.as_ref()?.names();
        let named: Vec<&Watch> =
            watches.iter().filter(|w| names.iter().any(|n| n.path[0] == w.spec.id.as_str())).collect();
        let [watch] = named.as_slice() else {
            problems.push(
                source
                    .problem(
                        text_node.span,
                        "always",
                        format!("`{form_key}` is judged over the samples of exactly one watch of this step"),
                    )
                    .hint(match watches {
                        [] => "this step has none: add `watch: [ … ]`, or judge at the end by `expect`"
                            .to_owned(),
                        watches => format!(
                            "watches: {}",
                            watches.iter().map(|w| w.spec.id.as_str()).collect::<Vec<_>>().join(", ")
                        ),
                    }),
            );
            return None;
        };
        Form::Always {
            watch: ActionId::clone(&watch.spec.id),
            hold: hold?,
            ignore_first: ignore_first?,
            every: watch.every,
            guard: form_key == "guard",
        }
    } else {
        for key in ["for", "ignore_first"] {
            if let Some(n) = node.get(key) {
                problems.push(
                    source
                        .problem(n.span, "wrong-value", format!("`{key}` belongs to `always` and `guard`"))
                        .hint("they are judged over every sample of a watch, `expect` once at the end"),
                );
            }
        }
        Form::Expect
    };
    if problems.len() > before {
        return None;
    }
    Some(Criterion {
        expression: expression?.into(),
        form,
        severity,
        must,
        first_run: first_run?,
        undecided: undecided?,
        span: text_node.span,
    })
}

/// What a criterion comes to where it cannot be judged as it stands; `inconclusive` where left out.
fn verdict(source: &Source, node: &Node, key: &str, problems: &mut Vec<Problem>) -> Option<Verdict> {
    match node.get(key).map(|n| (n, n.as_str())) {
        None | Some((_, Some("inconclusive"))) => Some(Verdict::Inconclusive),
        Some((_, Some("pass"))) => Some(Verdict::Pass),
        Some((_, Some("warn"))) => Some(Verdict::Warn),
        Some((n, _)) => {
            let message = format!("`{key}` is `pass`, `warn` or `inconclusive`");
            problems.push(source.problem(n.span, "wrong-value", message));
            None
        }
    }
}
