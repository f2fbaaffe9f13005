//! What people decide: `approve`, `waive`, `skip`.

use super::{
    CommandError, Exit,
    keys::{self, SigningArgs},
    open::{self, RunChoice, TakeOver},
    output::{self, Spoken},
};
use crate::{
    engine::decide::{self, Decision},
    record::{ActionId, Answer, Event, Language, Record, Said, StepId, messages, told},
    store::{lock, seal},
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
    #[command(flatten)]
    signing: SigningArgs,
    #[command(flatten)]
    spoken: Spoken,
}

impl Decider {
    fn name(&self) -> String {
        self.by.clone().unwrap_or_else(host::operator)
    }

    /// Writes a decision about a step of the chosen run, where the run takes it; `taken` says that it did.
    fn write(
        &self,
        dir: &Path,
        (step, command): (u32, &str),
        decision: Decision,
        taken: impl FnOnce(&str) -> Said,
    ) -> Result<Exit, CommandError> {
        open::learn(dir);
        let key = self.signing.read()?;
        let run = open::run_dir(dir, &self.choice)?;
        let mut recorder = match open::write(&run, command, self.take_over, self.spoken.lang) {
            // The lock is held by the run itself, which may wait at its terminal.
            Err(CommandError::Lock(lock::LockError::Held { owner, .. })) => {
                return Err(CommandError::Busy {
                    run: run.run,
                    owner: owner.map(|o| o.pid),
                    what: command.to_owned(),
                });
            }
            recorder => recorder?,
        };
        let event = decide::decide(recorder.state(), &run.run, StepId(step), decision, Timestamp::now())?;
        recorder.commit([event.clone()])?;
        if let Some(key) = key {
            let (record, hash) = recorder.last_record();
            let said =
                told(&Record { seq: record, at: Timestamp::now(), event }, recorder.state(), Language::En);
            let envelope = seal::sign_decision(&key, &run.run, (record, &hash), &said)
                .map_err(|error| keys::wrong("--key", error))?;
            recorder.commit([Event::DecisionSigned { step: StepId(step), record, envelope }])?;
        }
        output::tell(&taken(run.run.as_str()).in_language(self.spoken.lang));
        Ok(Exit::Passed)
    }
}

messages! {
    area "decision recorded";
    recorded(run) => "recorded; continue with `jalon resume --run {run}`" / "noté ; continuer avec `jalon resume --run {run}`";
    step_skipped(step, run) => "step {step} is skipped; continue with `jalon resume --run {run}`" / "l'étape {step} est sautée ; continuer avec `jalon resume --run {run}`";
    step_waived(step, run) => "step {step} is waived; continue with `jalon resume --run {run}`" / "l'étape {step} est sous dérogation ; continuer avec `jalon resume --run {run}`";
}

/// Gives a go-ahead, or an answer.
pub(super) fn approve(dir: &Path, args: &ApproveArgs) -> Result<Exit, CommandError> {
    let decision = Decision::Approve {
        action: args.action.as_deref().map(ActionId::from),
        answer: Answer { yes: !args.no, by: args.decider.name(), comment: args.comment.clone() },
    };
    args.decider.write(dir, (args.step, "approve"), decision, |run| recorded(run))
}

/// Goes on in spite of a verdict.
pub(super) fn waive(dir: &Path, args: &WaiveArgs) -> Result<Exit, CommandError> {
    let decision = Decision::Waive {
        by: args.decider.name(),
        reason: args.reason.clone(),
        until: args.until.as_deref().map(moment).transpose()?,
    };
    args.decider.write(dir, (args.step, "waive"), decision, |run| step_waived(args.step, run))
}

/// Passes a step over.
pub(super) fn skip(dir: &Path, args: &SkipArgs) -> Result<Exit, CommandError> {
    let decision = Decision::Skip { by: args.decider.name(), reason: args.reason.clone() };
    args.decider.write(dir, (args.step, "skip"), decision, |run| step_skipped(args.step, run))
}

fn moment(text: &str) -> Result<Timestamp, CommandError> {
    let wrong = || CommandError::Usage {
        message: format!("invalid date `{text}`"),
        hint: "write it as `2025-12-31` or `2025-12-31T18:00:00Z`".to_owned(),
    };
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
