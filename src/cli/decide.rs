//! What people decide: `approve`, `waive`, `skip`.

use super::{
    Error, Exit,
    open::{self, RunChoice, TakeOver},
    output,
};
use crate::{
    record::{
        ActionId, Answer, Event, StepId, StepState,
        event::{ActionResult, Cause},
        state::{ActionStatus, StepStatus},
    },
    store::{Recorder, lock},
    support::host,
};
use clap::Args;
use jiff::{Timestamp, Zoned, civil};
use std::path::Path;

/// Arguments of `approve`.
#[derive(Debug, Args)]
pub(super) struct ApproveArgs {
    /// Number of the step.
    step: u32,
    /// Answer the question of this action instead: of a `manual` one, or whether it may be done again.
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Refuse, or answer no.
    #[arg(long)]
    no: bool,
    /// What to add.
    #[arg(long, default_value = "", hide_default_value = true)]
    comment: String,
    /// Who decides; the login name otherwise.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    #[command(flatten)]
    choice: RunChoice,
    #[command(flatten)]
    take_over: TakeOver,
}

/// Arguments of `waive`.
#[derive(Debug, Args)]
pub(super) struct WaiveArgs {
    /// Number of the step.
    step: u32,
    /// Why the campaign may go on.
    #[arg(long)]
    reason: String,
    /// Until when, as a date (`2025-12-31`) or a time (`2025-12-31T18:00:00Z`); for ever otherwise.
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
    /// Who decides; the login name otherwise.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    #[command(flatten)]
    choice: RunChoice,
    #[command(flatten)]
    take_over: TakeOver,
}

/// Arguments of `skip`.
#[derive(Debug, Args)]
pub(super) struct SkipArgs {
    /// Number of the step.
    step: u32,
    /// Why it is passed over.
    #[arg(long)]
    reason: String,
    /// Who decides; the login name otherwise.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    #[command(flatten)]
    choice: RunChoice,
    #[command(flatten)]
    take_over: TakeOver,
}

fn who(by: Option<&String>) -> String {
    by.cloned().unwrap_or_else(host::operator)
}

fn usage(message: String, hint: &str) -> Error {
    Error::Usage { message, hint: hint.to_owned() }
}

/// Refuses a reason or a name of nothing but blanks.
fn said(what: &str, text: &str) -> Result<(), Error> {
    if text.trim().is_empty() {
        return Err(usage(
            format!("the {what} is empty"),
            "who reads the report asks who decided it, and why",
        ));
    }
    Ok(())
}

/// Opens the chosen run to write a decision about one of its steps.
fn open_step(
    dir: &Path,
    choice: &RunChoice,
    step: StepId,
    what: &str,
    take_over: TakeOver,
) -> Result<Recorder, Error> {
    open::learn(dir);
    let run = open::run_dir(dir, choice)?;
    let recorder = match open::write(&run, what, take_over) {
        // The lock is held by the run itself, which may wait at its terminal.
        Err(Error::Lock(lock::Error::Held { owner, .. })) => {
            return Err(Error::Busy { run: run.run, owner: owner.map(|o| o.pid), what: what.to_owned() });
        }
        recorder => recorder?,
    };
    if !recorder.state().steps.contains_key(&step) {
        let known: Vec<String> = recorder.state().steps.keys().map(ToString::to_string).collect();
        return Err(usage(
            format!("the run has no step {step}"),
            &format!("its steps: {}", known.join(", ")),
        ));
    }
    Ok(recorder)
}

fn commit(mut recorder: Recorder, event: Event, told: &str) -> Result<Exit, Error> {
    recorder.commit([event])?;
    output::tell(told);
    Ok(Exit::Passed)
}

/// Gives a go-ahead, or an answer.
pub(super) fn approve(dir: &Path, args: &ApproveArgs) -> Result<Exit, Error> {
    let step = StepId(args.step);
    let recorder = open_step(dir, &args.choice, step, "approve", args.take_over)?;
    let answer = Answer { yes: !args.no, by: who(args.by.as_ref()), comment: args.comment.clone() };
    said("name", &answer.by)?;
    let status = &recorder.state().steps[&step];
    let wanted = |action: &ActionId| args.action.as_ref().is_none_or(|wanted| action.as_str() == wanted);
    let asked = status.questions.keys().find(|action| wanted(action)).or_else(|| {
        let mut actions = status.latest()?.actions.iter().filter(|a| wanted(&a.action));
        let open = |a: &&ActionStatus| {
            matches!(&a.result, None | Some(ActionResult::Failed { cause: Cause::NeedsAnswer, .. }))
        };
        actions.find(open).map(|a| &a.action)
    });
    let (run, state) = (recorder.dir().run.clone(), recorder.state().step_state(step, Timestamp::now()));
    let event = match (asked, state) {
        (Some(action), _) => Event::AnswerGiven { step, action: action.clone(), answer },
        (None, StepState::AwaitingApproval) if args.action.is_none() => Event::ApprovalGiven { step, answer },
        _ => {
            return Err(usage(
                format!("step {step} of {} is {state} and waits for nobody", run),
                "`jalon status` shows what waits",
            ));
        }
    };
    commit(recorder, event, &format!("recorded; `jalon resume --run {}` goes on", run))
}

/// Goes on in spite of a verdict.
pub(super) fn waive(dir: &Path, args: &WaiveArgs) -> Result<Exit, Error> {
    let step = StepId(args.step);
    let recorder = open_step(dir, &args.choice, step, "waive", args.take_over)?;
    let (run, state) = (recorder.dir().run.clone(), recorder.state().step_state(step, Timestamp::now()));
    if !matches!(state, StepState::Failed | StepState::Inconclusive | StepState::Error) {
        return Err(usage(
            format!("step {step} of {} is {state}: there is no verdict to waive", run),
            "a waiver is for a step that failed, was inconclusive or ended in an error; `jalon skip` passes one over",
        ));
    }
    if let Some(criterion) = must_not_held(&recorder.state().steps[&step]) {
        return Err(usage(
            format!("`{criterion}` cannot be waived: the plan marks it `must: true`"),
            "make it hold and `jalon retry` the step",
        ));
    }
    let until = args.until.as_deref().map(moment).transpose()?;
    let now = recorder.state().now(Timestamp::now());
    if let Some(until) = until.filter(|until| *until <= now) {
        return Err(usage(
            format!("{until} is past: the waiver would hold for no time"),
            "name a day or a time to come",
        ));
    }
    let by = who(args.by.as_ref());
    said("reason", &args.reason)?;
    said("name", &by)?;
    let event = Event::StepWaived { step, by, reason: args.reason.clone(), until };
    commit(recorder, event, &format!("step {step} is waived; `jalon resume --run {}` goes on", run))
}

/// A criterion that must hold and has not in the latest attempt. One that was not judged has not.
fn must_not_held(status: &StepStatus) -> Option<&str> {
    let held = |index: usize| {
        status.latest().is_some_and(|attempt| {
            attempt.not_judged.contains_key(&index)
                || attempt.judgements.iter().any(|j| j.index == index && j.verdict.unlocks())
        })
    };
    let mut must = status.outline.criteria.iter().enumerate().filter(|(_, criterion)| criterion.must);
    must.find(|(index, _)| !held(*index)).map(|(_, criterion)| criterion.text.as_str())
}

fn moment(text: &str) -> Result<Timestamp, Error> {
    let wrong =
        || usage(format!("`{text}` is no date"), "write it as `2025-12-31` or `2025-12-31T18:00:00Z`");
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let date: civil::Date = text.parse().map_err(|_| wrong())?;
    // A date holds to its end, where the operator is.
    let end = date
        .tomorrow()
        .and_then(|next| next.to_zoned(Zoned::now().time_zone().clone()))
        .map_err(|_| wrong())?;
    Ok(end.timestamp())
}

/// Passes a step over.
pub(super) fn skip(dir: &Path, args: &SkipArgs) -> Result<Exit, Error> {
    let step = StepId(args.step);
    let recorder = open_step(dir, &args.choice, step, "skip", args.take_over)?;
    let run = recorder.dir().run.clone();
    let (state, by) = (recorder.state().step_state(step, Timestamp::now()), who(args.by.as_ref()));
    said("reason", &args.reason)?;
    said("name", &by)?;
    let hint = match state {
        StepState::Failed | StepState::Inconclusive => "`jalon waive` goes on in spite of a verdict",
        StepState::AwaitingApproval => "`jalon approve` answers for it",
        StepState::Passed | StepState::Skipped | StepState::Waived => "what needs it may go on already",
        _ => "",
    };
    if !hint.is_empty() {
        return Err(usage(format!("step {step} of {} is {state}: it cannot be passed over", run), hint));
    }
    let outline = &recorder.state().steps[&step].outline;
    if let Some(criterion) = outline.criteria.iter().find(|criterion| criterion.must) {
        return Err(usage(
            format!("step {step} cannot be skipped: the plan marks `{}` `must: true`", criterion.text),
            "run the step, or take `must: true` out of the plan",
        ));
    }
    if let Some(approve) = &outline.approve {
        return Err(usage(
            format!("step {step} cannot be skipped: it needs the approval of {}", approve.role),
            "run the step, then answer with `jalon approve`",
        ));
    }
    let event = Event::StepSkipped { step, by, reason: args.reason.as_str().into() };
    commit(recorder, event, &format!("step {step} is skipped; `jalon resume --run {}` goes on", run))
}
