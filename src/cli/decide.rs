//! What people decide: `approve`, `waive`, `skip`.

use super::{
    CommandError, Exit,
    open::{self, RunChoice, TakeOver},
    output,
};
use crate::{
    record::{
        ActionId, Answer, Event, Language, Said, StepId, StepState,
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
    /// Answer the question of this action: of a `manual` action, or whether an action may be repeated.
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Refuse, or answer no.
    #[arg(long)]
    no: bool,
    /// Reason of the answer, kept on record with it.
    #[arg(long, default_value = "", hide_default_value = true)]
    comment: String,
    #[command(flatten)]
    decider: Decider,
}

/// Arguments of `waive`.
#[derive(Debug, Args)]
pub(super) struct WaiveArgs {
    /// Number of the step.
    step: u32,
    /// Reason of the waiver.
    #[arg(long)]
    reason: String,
    /// Expiry of the waiver, as a date (`2025-12-31`) or a time (`2025-12-31T18:00:00Z`). Default: none.
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
    #[command(flatten)]
    decider: Decider,
}

/// Arguments of `skip`.
#[derive(Debug, Args)]
pub(super) struct SkipArgs {
    /// Number of the step.
    step: u32,
    /// Reason for skipping the step.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    decider: Decider,
}

/// Who decides, and about which run.
#[derive(Debug, Args)]
struct Decider {
    /// Name of the person who decides. Default: the login name.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    #[command(flatten)]
    choice: RunChoice,
    #[command(flatten)]
    take_over: TakeOver,
}

impl Decider {
    fn name(&self) -> String {
        self.by.clone().unwrap_or_else(host::operator)
    }

    /// Opens the chosen run to write a decision about one of its steps.
    fn open_step(&self, dir: &Path, step: StepId, what: &str) -> Result<Recorder, CommandError> {
        open::learn(dir);
        let run = open::run_dir(dir, &self.choice)?;
        let recorder = match open::write(&run, what, self.take_over, Language::En) {
            // The lock is held by the run itself, which may wait at its terminal.
            Err(CommandError::Lock(lock::LockError::Held { owner, .. })) => {
                return Err(CommandError::Busy {
                    run: run.run,
                    owner: owner.map(|o| o.pid),
                    what: what.to_owned(),
                });
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
}

fn usage(message: String, hint: &str) -> CommandError {
    CommandError::Usage { message, hint: hint.to_owned() }
}

/// Refuses a reason or a name of nothing but blanks.
fn said(what: &str, text: &str) -> Result<(), CommandError> {
    if text.trim().is_empty() {
        return Err(usage(format!("the {what} is empty"), "the report shows who decided, and why"));
    }
    Ok(())
}

fn commit(mut recorder: Recorder, event: Event, told: &str) -> Result<Exit, CommandError> {
    recorder.commit([event])?;
    output::tell(told);
    Ok(Exit::Passed)
}

/// Gives a go-ahead, or an answer.
pub(super) fn approve(dir: &Path, args: &ApproveArgs) -> Result<Exit, CommandError> {
    let step = StepId(args.step);
    let recorder = args.decider.open_step(dir, step, "approve")?;
    let answer = Answer { yes: !args.no, by: args.decider.name(), comment: args.comment.clone() };
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
                format!("step {step} of {run} does not wait for an approval: it is {state}"),
                "run `jalon status` to see what waits for you",
            ));
        }
    };
    commit(recorder, event, &format!("recorded; continue with `jalon resume --run {run}`"))
}

/// Goes on in spite of a verdict.
pub(super) fn waive(dir: &Path, args: &WaiveArgs) -> Result<Exit, CommandError> {
    let step = StepId(args.step);
    let recorder = args.decider.open_step(dir, step, "waive")?;
    let (run, state) = (recorder.dir().run.clone(), recorder.state().step_state(step, Timestamp::now()));
    if !matches!(state, StepState::Failed | StepState::Inconclusive | StepState::Error) {
        return Err(usage(
            format!("step {step} of {run} has no verdict to waive: it is {state}"),
            "only a step that is failed, inconclusive or in error can be waived; to leave a step out, use `jalon skip`",
        ));
    }
    if let Some(criterion) = must_not_held(&recorder.state().steps[&step]) {
        return Err(usage(
            format!("`{criterion}` cannot be waived: the plan marks it `must: true`"),
            "fix the cause, then run `jalon retry`",
        ));
    }
    let until = args.until.as_deref().map(moment).transpose()?;
    let now = recorder.state().now(Timestamp::now());
    if let Some(until) = until.filter(|until| *until <= now) {
        return Err(usage(
            format!("the waiver would end in the past, at {until}"),
            "use a date or a time in the future",
        ));
    }
    let by = args.decider.name();
    said("reason", &args.reason)?;
    said("name", &by)?;
    let event = Event::StepWaived { step, by, reason: args.reason.clone(), until };
    commit(recorder, event, &format!("step {step} is waived; continue with `jalon resume --run {run}`"))
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

fn moment(text: &str) -> Result<Timestamp, CommandError> {
    let wrong =
        || usage(format!("invalid date `{text}`"), "write it as `2025-12-31` or `2025-12-31T18:00:00Z`");
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
pub(super) fn skip(dir: &Path, args: &SkipArgs) -> Result<Exit, CommandError> {
    let step = StepId(args.step);
    let recorder = args.decider.open_step(dir, step, "skip")?;
    let run = recorder.dir().run.clone();
    let (state, by) = (recorder.state().step_state(step, Timestamp::now()), args.decider.name());
    said("reason", &args.reason)?;
    said("name", &by)?;
    let hint = match state {
        StepState::Failed | StepState::Inconclusive => "use `jalon waive`",
        StepState::AwaitingApproval => "use `jalon approve`, with or without `--no`",
        StepState::Passed | StepState::Skipped | StepState::Waived => {
            "the steps that need it can run already; use `jalon resume`"
        }
        _ => "",
    };
    if !hint.is_empty() {
        return Err(usage(format!("step {step} of {run} cannot be skipped: it is {state}"), hint));
    }
    let outline = &recorder.state().steps[&step].outline;
    // Of a step that left the plan, no plan asks for anything.
    let in_plan = !recorder.state().has_left(step);
    if let Some(criterion) = outline.criteria.iter().find(|criterion| in_plan && criterion.must) {
        return Err(usage(
            format!("step {step} cannot be skipped: the plan marks `{}` `must: true`", criterion.text),
            "run the step, or remove `must: true` from the plan",
        ));
    }
    if let Some(approve) = outline.approve.as_ref().filter(|_| in_plan) {
        return Err(usage(
            format!("step {step} cannot be skipped: it needs the approval of {}", approve.role),
            "run the step, then answer with `jalon approve`",
        ));
    }
    let event = Event::StepSkipped { step, by, reason: Said::verbatim(args.reason.as_str()) };
    commit(recorder, event, &format!("step {step} is skipped; continue with `jalon resume --run {run}`"))
}
