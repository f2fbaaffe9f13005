//! Criteria and conditions: what they name is there, fits together, and can come out either way.

use super::names::{Visible, Wrong, actions_of};
use crate::{
    action::Narrowed,
    expression::{Changed, Expression, shown},
    plan::{
        criterion::{Criterion, Form},
        file::StepFile,
        source::{Problem, Source, Span},
    },
    record::Unit,
};
use std::collections::BTreeSet;

/// One criterion: it looks at evidence, its names are there, units and sorts fit, and it may pass or fail.
pub(super) fn criterion(
    source: &Source,
    criterion: &Criterion,
    visible: &Visible<'_>,
    is_fixed: &dyn Fn(&str) -> bool,
    is_faulty: &dyn Fn(&str) -> bool,
    problems: &mut Vec<Problem>,
) {
    let before = problems.len();
    let expression = &*criterion.expression;
    let in_sample = matches!(criterion.form, Form::Always { .. });
    let names = expression.names();
    for name in names {
        if let Some(wrong) =
            (!is_faulty(&name.path[0])).then(|| visible.problem_of(&name.path, in_sample)).flatten()
        {
            unknown(source, criterion.span, expression, &name.path, wrong, problems);
        }
    }
    if problems.len() > before || names.iter().any(|name| is_faulty(&name.path[0])) {
        return;
    }
    for compared in expression.comparisons() {
        let (Some(left), Some(right)) = (&compared.left, &compared.right) else { continue };
        let units = (visible.unit_of(&left.path, in_sample), visible.unit_of(&right.path, in_sample));
        if let (Some(a), Some(b)) = units
            && a != b
        {
            let (one, other) = (shown(&left.path), shown(&right.path));
            let message = format!("`{one}` is in {} and `{other}` in {}", unit_word(a), unit_word(b));
            let span = place_of(source, criterion.span, expression, &left.path);
            problems.push(source.problem(span, "units", message).hint(match (a, b) {
                (Unit::Seconds, Unit::Milliseconds) => {
                    format!("write `1000 * {one}`, or compare values of one unit")
                }
                (Unit::Milliseconds, Unit::Seconds) => {
                    format!("write `1000 * {other}`, or compare values of one unit")
                }
                (Unit::Ratio, Unit::Percent) => format!("write `100 * {one}`, or compare values of one unit"),
                (Unit::Percent, Unit::Ratio) => {
                    format!("write `100 * {other}`, or compare values of one unit")
                }
                _ => "compare values of one unit".to_owned(),
            }));
        }
    }
    sorts(source, criterion.span, expression, visible, in_sample, problems);
    if problems.len() > before {
        return;
    }
    if names.iter().all(|name| is_fixed(&name.path[0])) {
        let message = "this criterion uses no evidence, so its result does not depend on the platform";
        let problem = source.problem(criterion.span, "constant", message);
        problems.push(problem.hint("compare an output of an action or a watch"));
        return;
    }
    let Some((holds, why)) = expression.certain(&|path| visible.known(path, in_sample)) else {
        if let Some((why, hint)) = never_passes(expression, visible, in_sample) {
            let message = format!("this criterion could never pass: {why}");
            problems.push(source.problem(criterion.span, "constant", message).hint(hint));
        }
        return;
    };
    let message = format!("this criterion could never {}: {why}", if holds { "fail" } else { "pass" });
    let hint = match criterion.form {
        Form::Expect => "write the limit that the platform may miss and should keep",
        Form::Always { .. } => "write the limit that every sample should keep and one may miss",
    };
    problems.push(source.problem(criterion.span, "constant", message).hint(hint));
}

/// Why no value that the parameters of its actions leave passes, and what to do.
fn never_passes(
    expression: &Expression,
    visible: &Visible<'_>,
    in_sample: bool,
) -> Option<(String, &'static str)> {
    let narrowed = |path: &[String]| visible.narrowed(path, in_sample);
    let all: Vec<Narrowed> = expression.names().iter().filter_map(|name| narrowed(&name.path)).collect();
    let hint = all.first()?.hint;
    let mut reasons: Vec<String> = Vec::new();
    for choice in 0..all.iter().map(|narrowed| narrowed.known.len()).max()? {
        let known = |path: &[String]| {
            let chosen =
                narrowed(path).and_then(|n| n.known.get(choice.min(n.known.len().checked_sub(1)?)).copied());
            chosen.unwrap_or_else(|| visible.known(path, in_sample))
        };
        let (false, why) = expression.certain(&known)? else { return None };
        if !reasons.contains(&why) {
            reasons.push(why);
        }
    }
    (!reasons.is_empty()).then(|| (reasons.join(" or "), hint))
}

/// What makes no sense in an expression.
fn sorts(
    source: &Source,
    span: Span,
    expression: &Expression,
    visible: &Visible<'_>,
    in_sample: bool,
    problems: &mut Vec<Problem>,
) {
    for complaint in expression.complaints(&|path| visible.known(path, in_sample)) {
        let at = place_of(source, span, expression, &complaint.path);
        problems.push(source.problem(at, "wrong-type", complaint.message).hint(complaint.hint));
    }
}

/// A name that means nothing, told once for each expression.
fn unknown(
    source: &Source,
    span: Span,
    expression: &Expression,
    path: &[String],
    (message, hint): Wrong,
    problems: &mut Vec<Problem>,
) {
    let at = place_of(source, span, expression, path);
    let problem = source.problem(at, "unknown-name", message).maybe_hint(hint);
    if !problems.iter().any(|p| p.span == problem.span && p.message == problem.message) {
        problems.push(problem);
    }
}

/// What conditions and stop rules name: the step's own condition is asked before it begins.
pub(super) fn conditions(file: &StepFile, visible: &Visible<'_>, problems: &mut Vec<Problem>) {
    let source = &file.source;
    let check = |expression: &Expression, span: Span, before_step: bool, problems: &mut Vec<Problem>| {
        let before = problems.len();
        for name in expression.names() {
            let wrong = if before_step && visible.has_own(&name.path[0]) {
                let hint = "ask for a fact, a value of the environment or an output of an earlier step";
                let message = format!("`{}` has not run when it is asked whether this applies", name.path[0]);
                Some((message, Some(hint.to_owned())))
            } else if let Some(changed) = Changed::of(&name.path) {
                let hint = "compare the figures themselves, or judge it by a criterion";
                let message = format!("`{changed}` is known only at the end of a step");
                Some((message, Some(hint.to_owned())))
            } else {
                visible.problem_of(&name.path, false)
            };
            if let Some(wrong) = wrong {
                unknown(source, span, expression, &name.path, wrong, problems);
            }
        }
        if problems.len() == before {
            sorts(source, span, expression, visible, false, problems);
        }
        problems.len() == before
    };
    let applies = |expression: &Expression, span: Span, what: &str, problems: &mut Vec<Problem>| {
        let Some((holds, why)) = expression.certain(&|path| visible.known(path, false)) else { return };
        let (message, hint) = match holds {
            true => (format!("this {what} always applies: {why}"), "take `when` out"),
            false => (
                format!("this {what} never applies, on any platform: {why}"),
                "take it out of the plan, or ask for a fact: `when: facts.metadata == 'zookeeper'`",
            ),
        };
        problems.push(source.problem(span, "unreachable", message).hint(hint));
    };
    if let Some(when) = &file.when
        && check(&when.expression, when.span, true, problems)
    {
        applies(&when.expression, when.span, "step", problems);
    }
    let mut told = BTreeSet::new();
    let actions = actions_of(file).map(|spec| (spec, false));
    let watches = file.watches.iter().map(|w| (&w.spec, true));
    for (spec, is_watch) in actions.chain(watches) {
        if !told.insert(spec.span.start) {
            continue;
        }
        if let Some(when) = &spec.when
            && check(&when.expression, when.span, is_watch, problems)
        {
            applies(&when.expression, when.span, if is_watch { "watch" } else { "action" }, problems);
        }
        if let Some(cell) = &spec.cell
            && let Some(stop_when) = &cell.stop_when
        {
            check(stop_when, cell.stop_span.unwrap_or(spec.span), false, problems);
        }
    }
}

fn unit_word(unit: Unit) -> &'static str {
    match unit.symbol() {
        "" => "a share",
        symbol => symbol,
    }
}

/// The place of a name in the expression that stands at `span`; the whole of it where it is written another way there.
fn place_of(source: &Source, span: Span, expression: &Expression, path: &[String]) -> Span {
    let whole = source.text.get(span.start..span.start + span.len).unwrap_or_default();
    let text = expression.text();
    let (Some(at), true) = (whole.find(text), !path.is_empty()) else { return span };
    let characters = expression.place_of(path);
    let bytes = text.char_indices().nth(characters).map_or(0, |(byte, _)| byte);
    Span { start: span.start + at + bytes, len: path.join(".").len() }
}
