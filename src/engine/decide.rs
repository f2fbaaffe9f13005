//! What people decide about a step, and what of it a run takes: `approve`, `waive`, `skip`.

use crate::record::{
    ActionId, Answer, Event, RunId, RunState, Said, StepId, StepState,
    event::{ActionResult, Cause},
    messages,
    state::{ActionStatus, StepStatus},
};
use jiff::Timestamp;
use std::{error::Error, fmt};

/// A decision of a person.
#[derive(Debug, Clone)]
pub enum Decision {
    /// A go-ahead, or an answer to a question.
    Approve {
        /// The action whose question is answered; without it, what the step waits for.
        action: Option<ActionId>,
        /// Yes or no, by whom and why.
        answer: Answer,
    },
    /// To leave a step out.
    Skip {
        /// Who decides.
        by: String,
        /// Why.
        reason: String,
    },
    /// To go on in spite of a verdict.
    Waive {
        /// Who decides.
        by: String,
        /// Why.
        reason: String,
        /// When the waiver expires; `None` is never.
        until: Option<Timestamp>,
    },
}

/// Why a run does not take a decision, and what to do instead. Nothing was written.
#[derive(Debug, Clone)]
pub struct DecisionRefused {
    /// What is wrong.
    pub message: Said,
    /// What to try.
    pub hint: Said,
}

impl fmt::Display for DecisionRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.message.as_str())
    }
}

impl Error for DecisionRefused {}

messages! {
    area "decision";
    answer_instead() => "use `jalon approve`, with or without `--no`" / "utiliser `jalon approve`, avec ou sans `--no`";
    approve_after_run() => "run the step, then answer with `jalon approve`" / "exécuter l'étape, puis répondre avec `jalon approve`";
    ends_in_past(until) => "the waiver would end in the past, at {until}" / "la dérogation prendrait fin dans le passé, à {until}";
    fix_then_retry() => "fix the cause, then run `jalon retry`" / "corriger la cause, puis lancer `jalon retry`";
    must_is_never_skipped(step, criterion) => "step {step} cannot be skipped: the plan marks `{criterion}` `must: true`" / "l'étape {step} ne peut pas être sautée : le plan marque `{criterion}` `must: true`";
    must_is_never_waived(criterion) => "`{criterion}` cannot be waived: the plan marks it `must: true`" / "`{criterion}` n'admet aucune dérogation : le plan le marque `must: true`";
    name_empty() => "the name is empty" / "le nom est vide";
    needs_approval(step, role) => "step {step} cannot be skipped: it needs the approval of {role}" / "l'étape {step} ne peut pas être sautée : elle demande l'approbation de {role}";
    no_skip(step, run, state) => "step {step} of {run} cannot be skipped: it is {state}" / "l'étape {step} de {run} ne peut pas être sautée : elle est {state}";
    no_step(step) => "the run has no step {step}" / "l'exécution n'a pas d'étape {step}";
    no_verdict(step, run, state) => "step {step} of {run} has no verdict to waive: it is {state}" / "l'étape {step} de {run} n'a pas de verdict à lever : elle est {state}";
    not_asked(step, run, state) => "step {step} of {run} does not wait for an approval: it is {state}" / "l'étape {step} de {run} n'attend pas d'approbation : elle est {state}";
    only_verdicts_are_waived() => "only a step that is failed, inconclusive or in error can be waived; to leave a step out, use `jalon skip`" / "seule une étape échouée, non concluante ou en erreur admet une dérogation ; pour laisser une étape de côté, utiliser `jalon skip`";
    reason_empty() => "the reason is empty" / "le motif est vide";
    report_shows_who() => "the report shows who decided, and why" / "le rapport montre qui a décidé, et pourquoi";
    run_or_lift_must() => "run the step, or remove `must: true` from the plan" / "exécuter l'étape, ou retirer `must: true` du plan";
    steps_of_run(steps) => "its steps: {steps}" / "ses étapes : {steps}";
    unlocked_already() => "the steps that need it can run already; use `jalon resume`" / "les étapes qui en dépendent peuvent déjà s'exécuter ; utiliser `jalon resume`";
    use_future() => "use a date or a time in the future" / "utiliser une date ou une heure à venir";
    waive_instead() => "use `jalon waive`" / "utiliser `jalon waive`";
    what_waits() => "run `jalon status` to see what waits for you" / "lancer `jalon status` pour voir ce qui vous attend";
}

fn refused(message: Said, hint: Said) -> DecisionRefused {
    DecisionRefused { message, hint }
}

/// What to write for `decision` about `step` of a run in `state`. `at` is the time of the clock.
pub fn decide(
    state: &RunState,
    run: &RunId,
    step: StepId,
    decision: Decision,
    at: Timestamp,
) -> Result<Event, DecisionRefused> {
    let Some(status) = state.steps.get(&step) else {
        let known: Vec<String> = state.steps.keys().map(ToString::to_string).collect();
        return Err(refused(no_step(step.0), steps_of_run(known.join(", "))));
    };
    let shown = state.step_state(step, at);
    match decision {
        Decision::Approve { action, answer } => {
            attributed(&answer.by, None)?;
            let asked = asked(status, action.as_ref());
            match (asked, shown) {
                (Some(action), _) => Ok(Event::AnswerGiven { step, action: action.clone(), answer }),
                (None, StepState::AwaitingApproval) if action.is_none() => {
                    Ok(Event::ApprovalGiven { step, answer })
                }
                _ => Err(refused(not_asked(step.0, run.as_str(), &shown), what_waits())),
            }
        }
        Decision::Skip { by, reason } => {
            attributed(&by, Some(&reason))?;
            skippable(state, run, step, shown)?;
            Ok(Event::StepSkipped { step, by, reason: Said::verbatim(reason) })
        }
        Decision::Waive { by, reason, until } => {
            if !matches!(shown, StepState::Failed | StepState::Inconclusive | StepState::Error) {
                return Err(refused(no_verdict(step.0, run.as_str(), &shown), only_verdicts_are_waived()));
            }
            if let Some(criterion) = must_not_held(status) {
                return Err(refused(must_is_never_waived(criterion), fix_then_retry()));
            }
            let now = state.now(at);
            if let Some(until) = until.filter(|until| *until <= now) {
                return Err(refused(ends_in_past(until.to_string()), use_future()));
            }
            attributed(&by, Some(&reason))?;
            Ok(Event::StepWaived { step, by, reason, until })
        }
    }
}

/// Refuses a reason or a name of nothing but blanks.
fn attributed(by: &str, reason: Option<&str>) -> Result<(), DecisionRefused> {
    let is_blank = |text: &str| text.trim().is_empty();
    if reason.is_some_and(is_blank) {
        return Err(refused(reason_empty(), report_shows_who()));
    }
    if is_blank(by) {
        return Err(refused(name_empty(), report_shows_who()));
    }
    Ok(())
}

/// The action whose question waits for an answer: `wanted`, or any.
fn asked<'s>(status: &'s StepStatus, wanted: Option<&ActionId>) -> Option<&'s ActionId> {
    let wanted = |action: &ActionId| wanted.is_none_or(|wanted| action == wanted);
    status.questions.keys().find(|action| wanted(action)).or_else(|| {
        let mut actions = status.latest()?.actions.iter().filter(|a| wanted(&a.action));
        let open = |a: &&ActionStatus| {
            matches!(&a.result, None | Some(ActionResult::Failed { cause: Cause::NeedsAnswer, .. }))
        };
        actions.find(open).map(|a| &a.action)
    })
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

/// Whether the step may be left out.
fn skippable(state: &RunState, run: &RunId, step: StepId, shown: StepState) -> Result<(), DecisionRefused> {
    let hint = match shown {
        StepState::Failed | StepState::Inconclusive => Some(waive_instead()),
        StepState::AwaitingApproval => Some(answer_instead()),
        StepState::Passed | StepState::Skipped | StepState::Waived => Some(unlocked_already()),
        _ => None,
    };
    if let Some(hint) = hint {
        return Err(refused(no_skip(step.0, run.as_str(), &shown), hint));
    }
    // Of a step that left the plan, no plan asks for anything.
    if state.has_left(step) {
        return Ok(());
    }
    let outline = &state.steps[&step].outline;
    if let Some(criterion) = outline.criteria.iter().find(|criterion| criterion.must) {
        return Err(refused(must_is_never_skipped(step.0, criterion.text.as_str()), run_or_lift_must()));
    }
    if let Some(approve) = &outline.approve {
        return Err(refused(needs_approval(step.0, approve.role.as_str()), approve_after_run()));
    }
    Ok(())
}
