//! A step with its attempts side by side.

use super::shown::Shown;
use crate::{
    record::{Arg, Said, event::Judgement, messages, state::AttemptStatus},
    report::{self, grid},
};
use std::fmt::Write;

messages! {
    area "show step";
    attempt(number) => "attempt {number}" / "tentative {number}";
    attempts_before(attempts, step) => "{attempts} {attempts|attempt|attempts} before these: jalon show {step}/1" / "{attempts} {attempts|tentative|tentatives} avant : jalon show {step}/1";
    limit_row() => "limit" / "limite";
    names(names) => "actions and watches: {names}" / "actions et surveillances : {names}";
    not_begun() => "it has not begun" / "elle n'a pas commencé";
    not_judged() => "not judged" / "non jugé";
    observed_row() => "observed" / "observé";
    open_need(step, state) => "{step} ({state})" / "{step} ({state})";
    shows_all(step, attempt, name) => "jalon show {step}/{attempt} shows all of it, jalon show {step}/{name} one of them" / "jalon show {step}/{attempt} montre tout, jalon show {step}/{name} l'une d'elles";
    started_row() => "started" / "début";
    took_row() => "took" / "durée";
    verdict_row() => "verdict" / "verdict";
    waits_for(needs) => "it has not begun; it waits for: {needs}" / "elle n'a pas commencé ; elle attend : {needs}";
}

/// How many attempts stand side by side in the columns of a terminal.
const BESIDE: usize = 3;

/// What it waits for, or its attempts and what each criterion came to in each of them.
pub(super) fn text(shown: &Shown<'_>) -> String {
    let attempts = &shown.status.attempts;
    let first = attempts.len().saturating_sub(BESIDE);
    let Some(latest) = attempts.last() else { return waiting(shown) };
    let beside = &attempts[first..];
    let mut out = "\n".to_owned();
    let language = shown.language;
    let word = |said: Said| said.in_language(language).into_owned();
    let heads: Vec<String> = beside.iter().map(|a| word(attempt(a.attempt.0))).collect();
    let heads: Vec<&str> = std::iter::once("").chain(heads.iter().map(String::as_str)).collect();
    let across = |name: &str, cell: &dyn Fn(&AttemptStatus) -> String| -> Vec<String> {
        std::iter::once(format!("{name:<10}"))
            .chain(beside.iter().map(|a| format!("{:<20}", cell(a))))
            .collect()
    };
    let rows = [
        across(&word(started_row()), &|a| shown.moment(a.started)),
        across(&word(took_row()), &|a| a.ended.map(|at| language.between(a.started, at)).unwrap_or_default()),
        across(&word(verdict_row()), &|a| shown.word(a).to_owned()),
    ];
    out.push_str(&grid(&heads, &rows, report::WIDTH));
    for criterion in criteria(shown, beside) {
        let judged = |a: &AttemptStatus| a.judgements.iter().find(|j| j.text == criterion).cloned();
        let side = |a: &AttemptStatus, at: usize| judged(a).and_then(|j| j.sides(language)[at].clone());
        let _ = write!(out, "\n{}", report::wrap(criterion, report::WIDTH, 0));
        let verdicts = across("", &|a| {
            judged(a).map_or_else(|| word(not_judged()), |j| language.verdict(j.verdict).to_owned())
        });
        let mut rows = Vec::new();
        for (at, name) in [observed_row(), limit_row()].into_iter().enumerate() {
            if beside.iter().any(|a| side(a, at).is_some()) {
                rows.push(across(&word(name), &|a| side(a, at).unwrap_or_default()));
            }
        }
        let heads: Vec<&str> = verdicts.iter().map(String::as_str).collect();
        out.push_str(&grid(&heads, &rows, report::WIDTH));
    }
    let step = shown.id().0;
    if first > 0 {
        let _ = write!(out, "\n{}", shown.lines(&attempts_before(first, step), 0));
    }
    let mut inside: Vec<&str> = latest.actions.iter().map(|a| a.action.as_str()).collect();
    inside.extend(latest.watches.keys().map(crate::record::ActionId::as_str));
    if let Some(name) = inside.first() {
        let list = names(Arg::list(inside.iter().copied()));
        let _ = write!(out, "\n{}", shown.lines(&list, 0));
        out.push_str(&shown.lines(&shows_all(step, latest.attempt.0, *name), 0));
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

fn waiting(shown: &Shown<'_>) -> String {
    let needs =
        shown.status.outline.needs.iter().map(|need| (need, shown.state.step_state(*need, shown.now)));
    let open: Vec<Said> =
        needs.filter(|(_, state)| !state.unlocks()).map(|(need, state)| open_need(need.0, &state)).collect();
    let told = if open.is_empty() { not_begun() } else { waits_for(Arg::list(open)) };
    format!("\n{}", shown.lines(&told, 0))
}
