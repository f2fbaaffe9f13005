//! Which steps a command is for: `--from`, `--until`, `--only`; what is told of the steps that are not, and what is tried
//! of those that are before anything runs.

use super::{CommandError, output};
use crate::{
    doctor,
    plan::Plan,
    record::{Language, Said, Selection, StepId, messages},
};
use clap::{Args, builder::FalseyValueParser};

/// Which steps.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct Selected {
    /// Start at this step; earlier steps are skipped.
    #[arg(long, value_name = "STEP", conflicts_with = "only")]
    from: Option<u32>,
    /// Stop after this step.
    #[arg(long, value_name = "STEP", conflicts_with = "only")]
    until: Option<u32>,
    /// Only this step; earlier steps are skipped.
    #[arg(long, value_name = "STEP")]
    only: Option<u32>,
}

impl Selected {
    /// As the engine and the compiler want it.
    pub(super) fn selection(self) -> Selection {
        Selection { from: self.from.map(StepId), until: self.until.map(StepId), only: self.only.map(StepId) }
    }
}

/// Refuses a selection that names a step which the plan does not have, and one that selects no step.
pub(super) fn check(plan: &Plan, selection: &Selection) -> Result<(), CommandError> {
    if let (Some(from), Some(until)) = (selection.from, selection.until)
        && until < from
    {
        return Err(CommandError::Usage {
            message: format!("`--from {from} --until {until}` selects no step"),
            hint: format!("for steps {until} to {from}, use `--from {until} --until {from}`"),
        });
    }
    let named = [selection.from, selection.until, selection.only];
    match named.into_iter().flatten().find(|step| plan.graph.step(*step).is_none()) {
        Some(step) => Err(unknown_step(plan, step)),
        None => Ok(()),
    }
}

/// The error that the plan has no such step.
pub(super) fn unknown_step(plan: &Plan, step: StepId) -> CommandError {
    let known: Vec<String> = plan.graph.steps().map(|s| s.id.to_string()).collect();
    CommandError::Usage {
        message: format!("the plan has no step {step}"),
        hint: format!("its steps: {}", known.join(", ")),
    }
}

messages! {
    area "selected";
    not_ready(steps, which, names) => "{steps|step|steps} {which} {steps|is|are} not ready: the environment lacks {names} {names|name|names}; `jalon check` shows {names|it|them}" / "{steps|étape|étapes} {which} pas encore {steps|prête|prêtes} : il manque {names} {names|nom|noms} à l'environnement ; `jalon check` {names|le|les} montre";
}

/// What steps that were not asked for still lack, in one line; nothing where they lack nothing.
pub(super) fn unready(plan: &Plan) -> Option<Said> {
    let (steps, names) = plan.unready();
    let which: Vec<String> = steps.iter().map(ToString::to_string).collect();
    (!names.is_empty()).then(|| not_ready(steps.len(), which.join(", "), names.len()))
}

/// Tells it.
pub(super) fn tell_unready(plan: &Plan, language: Language) {
    if let Some(said) = unready(plan) {
        output::tell(&said.in_language(language));
    }
}

/// Whether a run begins with a look at the platform.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct Looking {
    /// Start without checking that the services that the steps use are reachable.
    #[arg(long, env = "JALON_NO_DOCTOR", hide_env = true, value_parser = FalseyValueParser::new())]
    no_doctor: bool,
}

impl Looking {
    /// Tries what the steps that are `meant` use; what would make the run fail is an error.
    pub(super) async fn look(self, plan: &Plan, meant: impl Fn(StepId) -> bool) -> Result<(), CommandError> {
        if self.no_doctor {
            return Ok(());
        }
        let found = doctor::quick(plan, meant).await;
        if found.is_empty() { Ok(()) } else { Err(CommandError::Platform(found)) }
    }
}
