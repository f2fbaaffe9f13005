//! The same as JSON. Fields may be added, none changes.

use super::{LANGUAGE, Shown, id, path::Found};
use crate::{
    record::{
        ActionId, Artifact, Evidence,
        event::ActionResult,
        state::{ActionStatus, AttemptStatus, WatchStatus},
    },
    report,
};
use serde_json::{Value as Json, json};

/// A step: every attempt with its criteria, and one attempt in full.
pub(super) fn step(shown: &Shown<'_>, attempt: Option<&AttemptStatus>) -> Json {
    let outline = &shown.status.outline;
    json!({
        "run": shown.run,
        "step": id(shown),
        "title": outline.title.get(LANGUAGE.code()),
        "objective": outline.objective.get(LANGUAGE.code()),
        "state": shown.word,
        "attempts": shown.status.attempts.len(),
        "compared": shown.status.attempts.iter().map(|a| compared(shown, a)).collect::<Vec<_>>(),
        "attempt": attempt.map(in_full),
    })
}

/// One action or watch.
pub(super) fn action(shown: &Shown<'_>, attempt: &AttemptStatus, found: Found<'_>) -> Json {
    let (what, found) = match found {
        Found::Action(action) => ("action", of_action(action)),
        Found::Watch(id, watch) => ("watch", of_watch(id, watch)),
    };
    json!({ "run": shown.run, "step": id(shown), "attempt": attempt.attempt, what: found })
}

fn compared(shown: &Shown<'_>, attempt: &AttemptStatus) -> Json {
    let criteria = attempt.judgements.iter().map(|j| {
        let [observed, limit] = report::status::sides(LANGUAGE, j);
        let exact =
            |side: &Option<crate::record::event::Operand>| side.as_ref().and_then(|o| o.value.as_f64());
        json!({
            "expect": j.text, "verdict": j.verdict, "reason": j.reason,
            "observed": exact(&j.observed), "observed_text": observed,
            "limit": exact(&j.limit), "limit_text": limit,
        })
    });
    json!({
        "attempt": attempt.attempt,
        "started": attempt.started,
        "ended": attempt.ended,
        "verdict": attempt.verdict,
        "word": super::word(shown, attempt),
        "criteria": criteria.collect::<Vec<_>>(),
    })
}

fn in_full(attempt: &AttemptStatus) -> Json {
    json!({
        "attempt": attempt.attempt,
        "started": attempt.started,
        "ended": attempt.ended,
        "verdict": attempt.verdict,
        "reason": attempt.reason,
        "actions": attempt.actions.iter().map(of_action).collect::<Vec<_>>(),
        "watches": attempt.watches.iter().map(|(id, watch)| of_watch(id, watch)).collect::<Vec<_>>(),
        "judgements": attempt.judgements,
        "approval": attempt.approval.as_ref().map(|(approve, answer)| json!({"asked": approve, "answer": answer})),
    })
}

fn of_action(a: &ActionStatus) -> Json {
    let mut shown = evidence(&a.action, &a.kind, a.evidence(), &a.artifacts);
    let failure = match &a.result {
        Some(ActionResult::Failed { cause, message, .. }) => json!({"cause": cause, "message": message}),
        _ => Json::Null,
    };
    shown["description"] = json!(a.description);
    shown["params"] = a.params.clone();
    shown["started"] = json!(a.started);
    shown["ended"] = json!(a.ended);
    shown["done"] = json!(matches!(a.result, Some(ActionResult::Done(_))));
    shown["failure"] = failure;
    shown["kept_from"] = json!(a.kept_from);
    shown["undo"] = json!(a.undo);
    shown["undone"] = json!(a.undone.as_ref().map(Result::is_ok));
    shown
}

fn of_watch(id: &ActionId, watch: &WatchStatus) -> Json {
    evidence(id, &watch.kind, Some(&watch.evidence), &watch.artifacts)
}

fn evidence(id: &ActionId, kind: &str, evidence: Option<&Evidence>, artifacts: &[Artifact]) -> Json {
    json!({
        "id": id,
        "kind": kind,
        "values": evidence.map(|e| &e.values),
        "remarks": evidence.map(|e| &e.remarks),
        "artifacts": artifacts,
    })
}
