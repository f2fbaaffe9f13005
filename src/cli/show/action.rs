//! One action or watch in full.

use super::shown::Shown;
use crate::{
    history::Found,
    record::{
        Arg, Artifact, Evidence, Said,
        event::ActionResult,
        messages,
        state::{ActionStatus, AttemptStatus},
    },
    report::{WIDTH, wrap},
    support::text,
};
use serde_json::Value as Json;
use std::fmt::Write;

messages! {
    area "show action";
    action_in(action, kind, place) => "action {action}  ({kind})  {place}" / "action {action}  ({kind})  {place}";
    artifacts_head() => "artifacts" / "artefacts";
    as_kept(path, size, media_type) => "{path} · {size} · {media_type}" / "{path} · {size} · {media_type}";
    ended(at, took) => "ended      {at}, after {took}" / "fin        {at}, après {took}";
    failed(cause) => "failed: {cause}" / "échec : {cause}";
    kept_from(attempt) => "kept from  attempt {attempt}" / "gardée de  la tentative {attempt}";
    never_ended() => "ended      no end in the journal" / "fin        aucune dans le journal";
    parameters_head() => "parameters" / "paramètres";
    place(step, attempt, attempts) => "step {step}, attempt {attempt} of {attempts}" / "étape {step}, tentative {attempt} sur {attempts}";
    remarks_head() => "remarks" / "remarques";
    started(at) => "started    {at}" / "début      {at}";
    undo_of(kind, became) => "undo ({kind}): {became}" / "annulation ({kind}) : {became}";
    undo_done() => "done" / "faite";
    undo_done_within() => "done by the action itself" / "faite par l'action elle-même";
    undo_failed(cause) => "NOT DONE: {cause}" / "NON FAITE : {cause}";
    undo_open() => "not done yet" / "pas encore faite";
    value_from(file) => "from {file}" / "de {file}";
    values_head() => "values" / "valeurs";
    watch_in(watch, kind, place) => "watch {watch}  ({kind})  {place}" / "surveillance {watch}  ({kind})  {place}";
}

/// Kind, description, parameters, values with their artifacts, remarks, and what became of its undo.
pub(super) fn text(shown: &Shown<'_>, attempt: &AttemptStatus, found: Found<'_>) -> String {
    let mut out = String::new();
    let place = place(shown.id().0, attempt.attempt.0, shown.status.attempts.len());
    let mut line = |said: Said| {
        let _ = writeln!(out, "{}", said.in_language(shown.language));
    };
    match found {
        Found::Action(action) => {
            line(action_in(action.action.as_str(), &*action.kind, place));
            out.push_str(&shown.lines(&action.description, 2));
            out.push('\n');
            out.push_str(&times(shown, action));
            out.push_str(&outcome(shown, action));
            parameters(&mut out, shown, &action.params);
            let empty = Evidence::default();
            evidence(&mut out, shown, action.evidence().unwrap_or(&empty), &action.artifacts);
            if let Some(undo) = undo(action) {
                let _ = write!(out, "\n{}", shown.lines(&undo, 0));
            }
        }
        Found::Watch(name, watch) => {
            line(watch_in(name.as_str(), &*watch.kind, place));
            evidence(&mut out, shown, &watch.evidence, &watch.artifacts);
        }
    }
    out
}

/// When it began and ended, and which attempt it was kept from.
fn times(shown: &Shown<'_>, action: &ActionStatus) -> String {
    let mut lines = vec![started(shown.moment(action.started))];
    match (action.ended, &action.result) {
        (Some(at), _) => {
            lines.push(ended(shown.moment(at), shown.language.between(action.started, at)));
        }
        (None, None) => lines.push(never_ended()),
        (None, Some(_)) => {}
    }
    lines.extend(action.kept_from.map(|from| kept_from(from.0)));
    lines.iter().map(|said| format!("{}\n", said.in_language(shown.language))).collect()
}

/// How an action ended, in lines.
pub(super) fn outcome(shown: &Shown<'_>, action: &ActionStatus) -> String {
    match &action.result {
        None | Some(ActionResult::Done(_)) => String::new(),
        Some(ActionResult::Failed { message, .. }) => shown.lines(&failed(message.clone()), 2),
    }
}

/// What became of the undo, where there is one.
pub(super) fn undo(action: &ActionStatus) -> Option<Said> {
    let undo = action.undo.as_ref()?;
    let became = match (&action.undone, &action.result) {
        (Some(Ok(())), _) => undo_done(),
        (Some(Err(why)), _) => undo_failed(why.clone()),
        (None, Some(ActionResult::Done(_))) => undo_done_within(),
        (None, _) => undo_open(),
    };
    Some(undo_of(&*undo.kind, became))
}

/// The line above a list.
fn head(out: &mut String, shown: &Shown<'_>, title: &Said) {
    let _ = writeln!(out, "\n{}", title.in_language(shown.language));
}

fn parameters(out: &mut String, shown: &Shown<'_>, params: &Json) {
    let Json::Object(params) = params else { return };
    if !params.is_empty() {
        head(out, shown, &parameters_head());
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

fn evidence(out: &mut String, shown: &Shown<'_>, evidence: &Evidence, artifacts: &[Artifact]) {
    if !evidence.values.is_empty() {
        head(out, shown, &values_head());
    }
    let widest = evidence.values.keys().map(|n| n.as_str().chars().count()).max().unwrap_or(0).min(36);
    for (name, measured) in &evidence.values {
        let value = text::one_line(&shown.language.value(&measured.value));
        let from = measured.from.as_deref().map(value_from);
        let from = from.map(|said| format!("  {}", said.in_language(shown.language))).unwrap_or_default();
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
        head(out, shown, &remarks_head());
    }
    evidence.remarks.iter().for_each(|remark| out.push_str(&shown.lines(remark, 2)));
    if !artifacts.is_empty() {
        head(out, shown, &artifacts_head());
    }
    for artifact in artifacts {
        let about = as_kept(&*artifact.path, Arg::bytes(artifact.bytes), &*artifact.media_type);
        out.push_str(&shown.lines(&about, 2));
        let _ = writeln!(out, "    sha256 {}", text::cut(&artifact.sha256, 64));
    }
}
