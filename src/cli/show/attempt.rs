//! One attempt in full.

use super::{action, shown::Shown};
use crate::{
    record::{
        Arg, Artifact, Evidence,
        event::Judgement,
        messages,
        state::{ActionStatus, AttemptStatus},
    },
    report,
    support::text,
};
use serde_json::Value as Json;
use std::fmt::Write;

messages! {
    area "show attempt";
    action_head(action, kind, ended) => "action {action}  ({kind}, {ended})" / "action {action}  ({kind}, {ended})";
    approval(role, question) => "approval  {role}: {question}" / "approbation  {role} : {question}";
    approved(by, comment) => "approved by {by} {comment}" / "approuvé par {by} {comment}";
    artifact(path, size, hash) => "{path}  {size}  sha256 {hash}" / "{path}  {size}  sha256 {hash}";
    attempt_head(attempt, attempts, started, verdict) => "attempt {attempt} of {attempts} · {started} · {verdict}" / "tentative {attempt} sur {attempts} · {started} · {verdict}";
    criteria_head() => "criteria" / "critères";
    kept(ended, attempt) => "{ended}, kept from attempt {attempt}" / "{ended}, gardée de la tentative {attempt}";
    no_answer() => "no answer yet" / "pas encore de réponse";
    no_end() => "no end" / "sans fin";
    note(remark) => "note: {remark}" / "note : {remark}";
    refused(by, comment) => "refused by {by} {comment}" / "refusé par {by} {comment}";
    seen(observed, limit, reason) => "observed {observed}, limit {limit} · {reason}" / "observé {observed}, limite {limit} · {reason}";
    watch_head(watch, kind) => "watch {watch}  ({kind})" / "surveillance {watch}  ({kind})";
}

/// Actions, watches, criteria and the approval of one attempt.
pub(super) fn text(shown: &Shown<'_>, attempt: &AttemptStatus) -> String {
    let mut text = String::new();
    let out = &mut text;
    let language = shown.language;
    let took = attempt.ended.map(|at| format!(" · {}", language.between(attempt.started, at)));
    let head = attempt_head(
        attempt.attempt.0,
        shown.status.attempts.len(),
        shown.moment(attempt.started),
        shown.word(attempt),
    );
    let _ = writeln!(out, "\n{}{}", head.in_language(language), took.unwrap_or_default());
    if !attempt.reason.is_empty() {
        out.push_str(&shown.lines(&attempt.reason, 2));
    }
    for action in &attempt.actions {
        action_text(out, shown, action);
    }
    for (id, watch) in &attempt.watches {
        let _ = writeln!(out, "\n{}", watch_head(id.as_str(), &*watch.kind).in_language(language));
        evidence_text(out, shown, &watch.evidence, &watch.artifacts);
    }
    if !attempt.judgements.is_empty() {
        let _ = writeln!(out, "\n{}", criteria_head().in_language(language));
    }
    for judgement in &attempt.judgements {
        judgement_text(out, shown, judgement);
    }
    if let Some((approve, answer)) = &attempt.approval {
        let asked = approval(&*approve.role, text::one_line(&approve.question));
        let _ = writeln!(out, "\n{}", asked.in_language(language));
        let told = match answer {
            None => no_answer(),
            Some(a) if a.yes => approved(&*a.by, &*a.comment),
            Some(a) => refused(&*a.by, &*a.comment),
        };
        out.push_str(&shown.lines(&told, 2));
    }
    text
}

fn action_text(out: &mut String, shown: &Shown<'_>, action: &ActionStatus) {
    let ended = match (&action.result, action.ended) {
        (_, Some(at)) => shown.language.between(action.started, at),
        (None, None) => no_end().in_language(shown.language).into_owned(),
        (Some(_), None) => String::new(),
    };
    let ended = match action.kept_from {
        Some(from) => kept(ended, from.0).in_language(shown.language).into_owned(),
        None => ended,
    };
    let head = action_head(action.action.as_str(), &*action.kind, ended);
    let _ = writeln!(out, "\n{}", head.in_language(shown.language));
    out.push_str(&shown.lines(&action.description, 2));
    out.push_str(&action::outcome(shown, action));
    if let Json::Object(params) = &action.params {
        for (name, value) in params {
            let _ = writeln!(out, "    {name}: {}", text::one_line(&action::plain(value)));
        }
    }
    let empty = Evidence::default();
    evidence_text(out, shown, action.evidence().unwrap_or(&empty), &action.artifacts);
    if let Some(undo) = action::undo(action) {
        out.push_str(&shown.lines(&undo, 2));
    }
}

fn evidence_text(out: &mut String, shown: &Shown<'_>, evidence: &Evidence, artifacts: &[Artifact]) {
    let widest = evidence.values.keys().map(|n| n.as_str().chars().count()).max().unwrap_or(0);
    for (name, measured) in &evidence.values {
        let from = measured.from.as_ref().map(|f| format!("  [{f}]")).unwrap_or_default();
        let value = text::one_line(&shown.language.value(&measured.value));
        let _ = writeln!(out, "  {name:<widest$}  {value}{from}");
    }
    for remark in &evidence.remarks {
        out.push_str(&shown.lines(&note(remark.clone()), 2));
    }
    for kept in artifacts {
        let hash = &kept.sha256[..kept.sha256.len().min(12)];
        let line = artifact(&*kept.path, Arg::bytes(kept.bytes), hash);
        let _ = writeln!(out, "  {}", line.in_language(shown.language));
    }
}

fn judgement_text(out: &mut String, shown: &Shown<'_>, judgement: &Judgement) {
    let style = report::verdict_style(judgement.verdict);
    let criterion = text::one_line(&judgement.text);
    let _ = writeln!(out, "  {style}{:<13}{style:#} {criterion}", shown.language.verdict(judgement.verdict));
    let told = match judgement.sides(shown.language) {
        [Some(observed), Some(limit)] => seen(observed, limit, judgement.reason.clone()),
        _ => judgement.reason.clone(),
    };
    out.push_str(&shown.lines(&told, 16));
}
