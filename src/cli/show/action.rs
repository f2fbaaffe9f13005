//! One action or watch in full.

use super::shown::{Shown, id, moment};
use crate::{
    cli::output::LANGUAGE,
    history::Found,
    record::{
        Artifact, Evidence,
        event::ActionResult,
        state::{ActionStatus, AttemptStatus},
    },
    report::{WIDTH, wrap},
    support::text,
};
use serde_json::Value as Json;
use std::fmt::Write;

/// Kind, description, parameters, values with their artifacts, remarks, and what became of its undo.
pub(super) fn text(shown: &Shown<'_>, attempt: &AttemptStatus, found: Found<'_>) -> String {
    let mut out = String::new();
    let place = format!("step {}, attempt {} of {}", id(shown), attempt.attempt, shown.status.attempts.len());
    match found {
        Found::Action(action) => {
            let _ = writeln!(out, "action {}  ({})  {place}", action.action, action.kind);
            out.push_str(&wrap(&action.description, WIDTH, 2));
            let _ = writeln!(out, "\nstarted    {}", moment(action.started));
            let _ = writeln!(out, "ended      {}", ended(action));
            if let Some(from) = action.kept_from {
                let _ = writeln!(out, "kept from  attempt {from}");
            }
            out.push_str(&outcome(action));
            parameters(&mut out, &action.params);
            let empty = Evidence::default();
            evidence(&mut out, action.evidence().unwrap_or(&empty), &action.artifacts);
            if let Some(undo) = undo(action) {
                let _ = write!(out, "\n{}", wrap(&undo, WIDTH, 0));
            }
        }
        Found::Watch(name, watch) => {
            let _ = writeln!(out, "watch {name}  ({})  {place}", watch.kind);
            evidence(&mut out, &watch.evidence, &watch.artifacts);
        }
    }
    out
}

fn ended(action: &ActionStatus) -> String {
    match (action.ended, &action.result) {
        (Some(at), _) => format!("{}, after {}", moment(at), LANGUAGE.between(action.started, at)),
        (None, None) => "no end in the journal".to_owned(),
        (None, Some(_)) => String::new(),
    }
}

/// How an action ended, in lines.
pub(super) fn outcome(action: &ActionStatus) -> String {
    match &action.result {
        None | Some(ActionResult::Done(_)) => String::new(),
        Some(ActionResult::Failed { message, .. }) => wrap(&format!("failed: {message}"), WIDTH, 2),
    }
}

/// What became of the undo, where there is one.
pub(super) fn undo(action: &ActionStatus) -> Option<String> {
    let undo = action.undo.as_ref()?;
    let became = match (&action.undone, &action.result) {
        (Some(Ok(())), _) => "done".to_owned(),
        (Some(Err(why)), _) => format!("NOT DONE: {why}"),
        (None, Some(ActionResult::Done(_))) => "done by the action itself".to_owned(),
        (None, _) => "not done yet".to_owned(),
    };
    Some(format!("undo ({}): {became}", undo.kind))
}

fn parameters(out: &mut String, params: &Json) {
    let Json::Object(params) = params else { return };
    if !params.is_empty() {
        out.push_str("\nparameters\n");
    }
    for (name, value) in params {
        out.push_str(&wrap(&format!("{name}: {}", plain(value)), WIDTH, 2));
    }
}

/// A parameter as a person writes it.
pub(super) fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn evidence(out: &mut String, evidence: &Evidence, artifacts: &[Artifact]) {
    if !evidence.values.is_empty() {
        out.push_str("\nvalues\n");
    }
    let widest = evidence.values.keys().map(|n| n.as_str().chars().count()).max().unwrap_or(0).min(36);
    for (name, measured) in &evidence.values {
        let value = text::one_line(&LANGUAGE.value(&measured.value));
        let from = measured.from.as_ref().map(|f| format!("  from {f}")).unwrap_or_default();
        let line = format!("  {name:<widest$}  {value}{from}");
        match line.chars().count() <= WIDTH {
            true => out.push_str(&format!("{line}\n")),
            false => {
                let _ = writeln!(out, "  {name}");
                out.push_str(&wrap(&format!("{value}{from}"), WIDTH, 4));
            }
        }
    }
    if !evidence.remarks.is_empty() {
        out.push_str("\nremarks\n");
    }
    evidence.remarks.iter().for_each(|remark| out.push_str(&wrap(remark, WIDTH, 2)));
    if !artifacts.is_empty() {
        out.push_str("\nartifacts\n");
    }
    for artifact in artifacts {
        let about = format!("{} · {} · {}", artifact.path, text::bytes(artifact.bytes), artifact.media_type);
        out.push_str(&wrap(&about, WIDTH, 2));
        let _ = writeln!(out, "    sha256 {}", text::cut(&artifact.sha256, 64));
    }
}
