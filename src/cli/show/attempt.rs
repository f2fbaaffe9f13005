//! One attempt in full.

use super::{
    action,
    shown::{Shown, moment, word},
};
use crate::{
    cli::output::LANGUAGE,
    record::{
        Artifact, Evidence,
        event::Judgement,
        state::{ActionStatus, AttemptStatus},
    },
    report,
    support::text,
};
use serde_json::Value as Json;
use std::fmt::Write;

/// Actions, watches, criteria and the approval of one attempt.
pub(super) fn text(shown: &Shown<'_>, attempt: &AttemptStatus) -> String {
    let mut text = String::new();
    let out = &mut text;
    let took = attempt.ended.map(|at| format!(" · {}", LANGUAGE.between(attempt.started, at)));
    let _ = writeln!(
        out,
        "\nattempt {} of {} · {} · {}{}",
        attempt.attempt,
        shown.status.attempts.len(),
        moment(attempt.started),
        word(shown, attempt),
        took.unwrap_or_default(),
    );
    if !attempt.reason.is_empty() {
        out.push_str(&report::wrap(&attempt.reason, report::WIDTH, 2));
    }
    for action in &attempt.actions {
        action_text(out, action);
    }
    for (id, watch) in &attempt.watches {
        let _ = writeln!(out, "\nwatch {id}  ({})", watch.kind);
        evidence_text(out, &watch.evidence, &watch.artifacts);
    }
    if !attempt.judgements.is_empty() {
        out.push_str("\ncriteria\n");
    }
    for judgement in &attempt.judgements {
        judgement_text(out, judgement);
    }
    if let Some((approve, answer)) = &attempt.approval {
        let _ = writeln!(out, "\napproval  {}: {}", approve.role, text::one_line(&approve.question));
        let told = match answer {
            None => "no answer yet".to_owned(),
            Some(a) if a.yes => format!("approved by {} {}", a.by, a.comment),
            Some(a) => format!("refused by {} {}", a.by, a.comment),
        };
        out.push_str(&report::wrap(&told, report::WIDTH, 2));
    }
    text
}

fn action_text(out: &mut String, action: &ActionStatus) {
    let ended = match (&action.result, action.ended) {
        (_, Some(at)) => LANGUAGE.between(action.started, at),
        (None, None) => "no end".to_owned(),
        (Some(_), None) => String::new(),
    };
    let kept = action.kept_from.map(|from| format!(", kept from attempt {from}")).unwrap_or_default();
    let _ = writeln!(out, "\naction {}  ({}, {ended}{kept})", action.action, action.kind);
    out.push_str(&report::wrap(&action.description, report::WIDTH, 2));
    out.push_str(&action::outcome(action));
    if let Json::Object(params) = &action.params {
        for (name, value) in params {
            let _ = writeln!(out, "    {name}: {}", text::one_line(&action::plain(value)));
        }
    }
    let empty = Evidence::default();
    evidence_text(out, action.evidence().unwrap_or(&empty), &action.artifacts);
    if let Some(undo) = action::undo(action) {
        out.push_str(&report::wrap(&undo, report::WIDTH, 2));
    }
}

fn evidence_text(out: &mut String, evidence: &Evidence, artifacts: &[Artifact]) {
    let widest = evidence.values.keys().map(|n| n.as_str().chars().count()).max().unwrap_or(0);
    for (name, measured) in &evidence.values {
        let from = measured.from.as_ref().map(|f| format!("  [{f}]")).unwrap_or_default();
        let value = text::one_line(&LANGUAGE.value(&measured.value));
        let _ = writeln!(out, "  {name:<widest$}  {value}{from}");
    }
    for remark in &evidence.remarks {
        out.push_str(&report::wrap(&format!("note: {remark}"), report::WIDTH, 2));
    }
    for artifact in artifacts {
        let (path, bytes) = (&artifact.path, text::bytes(artifact.bytes));
        let _ =
            writeln!(out, "  {path}  {bytes}  sha256 {}", &artifact.sha256[..artifact.sha256.len().min(12)]);
    }
}

fn judgement_text(out: &mut String, judgement: &Judgement) {
    let style = report::verdict_style(judgement.verdict);
    let criterion = text::one_line(&judgement.text);
    let _ = writeln!(out, "  {style}{:<12}{style:#} {criterion}", LANGUAGE.verdict(judgement.verdict));
    let seen = match judgement.sides(LANGUAGE) {
        [Some(observed), Some(limit)] => format!("observed {observed}, limit {limit} · "),
        _ => String::new(),
    };
    out.push_str(&report::wrap(&format!("{seen}{}", judgement.reason), report::WIDTH, 15));
}
