//! `jalon show`: one step in full, any attempt.

use super::{
    Error, Exit,
    open::{self, RunChoice},
    output,
};
use crate::{
    record::{
        ActionId, Artifact, Attempt, Evidence, RunState, StepId, StepState,
        event::{ActionResult, Judgement},
        state::{ActionStatus, AttemptStatus, StepStatus},
    },
    report::{self, Language},
    support::text,
};
use clap::Args;
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use std::{fmt::Write, path::Path};

/// The language of the command line; a report has others.
const LANGUAGE: Language = Language::En;

/// Arguments of `show`.
#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// Number of the step.
    step: u32,
    /// Which attempt; the latest one otherwise.
    #[arg(long, value_name = "N")]
    attempt: Option<u32>,
    #[command(flatten)]
    choice: RunChoice,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// Shows actions, parameters, values with their artifacts, and judgements.
pub(super) fn run(dir: &Path, args: &ShowArgs) -> Result<Exit, Error> {
    let run = open::run_dir(dir, &args.choice)?;
    let live = open::is_live(&run);
    let (_, state) = open::read(&run)?;
    let id = StepId(args.step);
    let Some(status) = state.steps.get(&id) else {
        let known: Vec<String> = state.steps.keys().map(ToString::to_string).collect();
        return Err(Error::Usage {
            message: format!("the run {} has no step {id}", run.run),
            hint: format!("its steps: {}", known.join(", ")),
        });
    };
    let attempt = match args.attempt {
        None => status.latest(),
        Some(number) => Some(chosen(status, Attempt(number))?),
    };
    let shown = report::status::shown_state(&state, id, Timestamp::now(), live);
    if args.json {
        output::print_json(&json!({
            "run": run.run,
            "step": id,
            "title": status.outline.title.get(LANGUAGE.code()),
            "objective": status.outline.objective.get(LANGUAGE.code()),
            "state": shown,
            "attempts": status.attempts.len(),
            "attempt": attempt.map(as_json),
        }))?;
        return Ok(Exit::Passed);
    }
    let mut out = String::new();
    let title = text::one_line(status.outline.title.get(LANGUAGE.code()));
    let style = report::style(shown);
    let _ = writeln!(out, "step {id}  {title}  {style}{}{style:#}", LANGUAGE.state(shown));
    out.push_str(&report::wrap(status.outline.objective.get(LANGUAGE.code()), report::WIDTH, 2));
    match attempt {
        Some(attempt) => text(&mut out, status, attempt, shown),
        None => out.push_str(&not_begun(&state, status)),
    }
    output::print(&out)?;
    Ok(Exit::Passed)
}

fn chosen(status: &StepStatus, number: Attempt) -> Result<&AttemptStatus, Error> {
    status.attempts.iter().find(|a| a.attempt == number).ok_or_else(|| {
        let known: Vec<String> = status.attempts.iter().map(|a| a.attempt.to_string()).collect();
        Error::Usage {
            message: format!("step {} has no attempt {number}", status.outline.step),
            hint: match known.is_empty() {
                true => "it has not begun".to_owned(),
                false => format!("its attempts: {}", known.join(", ")),
            },
        }
    })
}

fn not_begun(state: &RunState, status: &StepStatus) -> String {
    let now = Timestamp::now();
    let open: Vec<String> = status
        .outline
        .needs
        .iter()
        .filter(|need| !state.step_state(**need, now).unlocks())
        .map(|need| format!("{need} ({})", state.step_state(*need, now)))
        .collect();
    match open.is_empty() {
        true => "\nit has not begun\n".to_owned(),
        false => format!("\nit has not begun; it waits for: {}\n", open.join(", ")),
    }
}

fn text(out: &mut String, status: &StepStatus, attempt: &AttemptStatus, shown: StepState) {
    let took = attempt.ended.map(|at| format!(" · {}", LANGUAGE.between(attempt.started, at)));
    let latest = status.latest().is_some_and(|l| l.attempt == attempt.attempt);
    let cut_off = if latest { shown } else { StepState::Interrupted };
    let word = attempt.verdict.map_or(cut_off.word(), |v| LANGUAGE.verdict(v));
    let _ = writeln!(
        out,
        "\nattempt {} of {} · {} · {word}{}",
        attempt.attempt,
        status.attempts.len(),
        attempt.started.strftime("%Y-%m-%d %H:%M:%S UTC"),
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
    if let Some(ActionResult::Failed { message, .. }) = &action.result {
        out.push_str(&report::wrap(&format!("failed: {message}"), report::WIDTH, 2));
    }
    if let Json::Object(params) = &action.params {
        for (name, value) in params {
            let value = match value {
                Json::String(text) => text.clone(),
                other => other.to_string(),
            };
            let _ = writeln!(out, "    {name}: {}", text::one_line(&value));
        }
    }
    let empty = Evidence::default();
    evidence_text(out, action.evidence().unwrap_or(&empty), &action.artifacts);
    if let Some(undo) = &action.undo {
        let became = match (&action.undone, &action.result) {
            (Some(Ok(())), _) => "done".to_owned(),
            (Some(Err(why)), _) => format!("NOT DONE: {why}"),
            (None, Some(ActionResult::Done(_))) => "done by the action itself".to_owned(),
            (None, _) => "not done yet".to_owned(),
        };
        out.push_str(&report::wrap(&format!("undo ({}): {became}", undo.kind), report::WIDTH, 2));
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
    let seen = match report::status::sides(LANGUAGE, judgement) {
        [Some(observed), Some(limit)] => format!("observed {observed}, limit {limit} · "),
        _ => String::new(),
    };
    out.push_str(&report::wrap(&format!("{seen}{}", judgement.reason), report::WIDTH, 15));
}

fn as_json(attempt: &AttemptStatus) -> Json {
    let evidence = |id: &ActionId, kind: &str, evidence: Option<&Evidence>, artifacts: &[Artifact]| {
        json!({
            "id": id,
            "kind": kind,
            "values": evidence.map(|e| &e.values),
            "remarks": evidence.map(|e| &e.remarks),
            "artifacts": artifacts,
        })
    };
    let actions = attempt.actions.iter().map(|a| {
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
    });
    let watches =
        attempt.watches.iter().map(|(id, w)| evidence(id, &w.kind, Some(&w.evidence), &w.artifacts));
    json!({
        "attempt": attempt.attempt,
        "started": attempt.started,
        "ended": attempt.ended,
        "verdict": attempt.verdict,
        "reason": attempt.reason,
        "actions": actions.collect::<Vec<_>>(),
        "watches": watches.collect::<Vec<_>>(),
        "judgements": attempt.judgements,
        "approval": attempt.approval.as_ref().map(|(approve, answer)| json!({"asked": approve, "answer": answer})),
    })
}
