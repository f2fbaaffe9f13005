//! A step with its attempts side by side.

use super::shown::{Shown, id, moment, word};
use crate::{
    cli::output::LANGUAGE,
    record::{event::Judgement, state::AttemptStatus},
    report::{self, grid},
    support::text,
};
use std::fmt::Write;

/// How many attempts stand side by side in the columns of a terminal.
const BESIDE: usize = 3;

/// What it waits for, or its attempts and what each criterion came to in each of them.
pub(super) fn text(shown: &Shown<'_>) -> String {
    let attempts = &shown.status.attempts;
    let first = attempts.len().saturating_sub(BESIDE);
    let Some(latest) = attempts.last() else { return not_begun(shown) };
    let beside = &attempts[first..];
    let mut out = "\n".to_owned();
    let heads: Vec<String> = beside.iter().map(|a| format!("attempt {}", a.attempt)).collect();
    let heads: Vec<&str> = std::iter::once("").chain(heads.iter().map(String::as_str)).collect();
    let across = |name: &str, cell: &dyn Fn(&AttemptStatus) -> String| -> Vec<String> {
        std::iter::once(format!("{name:<10}"))
            .chain(beside.iter().map(|a| format!("{:<20}", cell(a))))
            .collect()
    };
    let rows = [
        across("started", &|a| moment(a.started)),
        across("took", &|a| a.ended.map(|at| LANGUAGE.between(a.started, at)).unwrap_or_default()),
        across("verdict", &|a| word(shown, a).to_owned()),
    ];
    out.push_str(&grid(&heads, &rows, report::WIDTH));
    for criterion in criteria(shown, beside) {
        let judged = |a: &AttemptStatus| a.judgements.iter().find(|j| j.text == criterion).cloned();
        let side = |a: &AttemptStatus, at: usize| judged(a).and_then(|j| j.sides(LANGUAGE)[at].clone());
        let _ = write!(out, "\n{}", report::wrap(criterion, report::WIDTH, 0));
        let verdicts =
            across("", &|a| judged(a).map_or("not judged", |j| LANGUAGE.verdict(j.verdict)).to_owned());
        let mut rows = Vec::new();
        for (at, name) in ["observed", "limit"].into_iter().enumerate() {
            if beside.iter().any(|a| side(a, at).is_some()) {
                rows.push(across(name, &|a| side(a, at).unwrap_or_default()));
            }
        }
        let heads: Vec<&str> = verdicts.iter().map(String::as_str).collect();
        out.push_str(&grid(&heads, &rows, report::WIDTH));
    }
    let step = id(shown);
    if first > 0 {
        let _ = writeln!(out, "\n{} before these: jalon show {step}/1", text::plural(first, "attempt"));
    }
    let mut names: Vec<&str> = latest.actions.iter().map(|a| a.action.as_str()).collect();
    names.extend(latest.watches.keys().map(crate::record::ActionId::as_str));
    if let Some(name) = names.first() {
        let list = format!("actions and watches: {}", names.join(", "));
        let _ = write!(out, "\n{}", report::wrap(&list, report::WIDTH, 0));
        let _ = writeln!(
            out,
            "jalon show {step}/{} shows all of it, jalon show {step}/{name} one of them",
            latest.attempt
        );
    }
    out
}

/// The plan's criteria, and those that an attempt was judged by when the plan was another one.
fn criteria<'a>(shown: &'a Shown<'_>, beside: &'a [AttemptStatus]) -> Vec<&'a str> {
    let mut all: Vec<&str> = shown.status.outline.criteria.iter().map(|c| c.text.as_str()).collect();
    for Judgement { text, .. } in beside.iter().flat_map(|a| &a.judgements) {
        if !all.contains(&text.as_str()) {
            all.push(text);
        }
    }
    all
}

fn not_begun(shown: &Shown<'_>) -> String {
    let needs =
        shown.status.outline.needs.iter().map(|need| (need, shown.state.step_state(*need, shown.now)));
    let open: Vec<String> = needs
        .filter(|(_, state)| !state.unlocks())
        .map(|(need, state)| format!("{need} ({state})"))
        .collect();
    match open.is_empty() {
        true => "\nit has not begun\n".to_owned(),
        false => format!("\nit has not begun; it waits for: {}\n", open.join(", ")),
    }
}
