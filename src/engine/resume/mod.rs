//! What a resumed run keeps and what it does again, and why: [`decide`] says it, and the engine follows what it says.

mod actions;
mod changes;
mod decision;
mod questions;
mod reason;
mod renamed;
mod standing;

pub use crate::record::changes::ValueChange;
use decision::is_wanted;
pub use decision::{ActionDecision, ActionReason, Decisions, EffectAgain, Fate, InDoubt, StepDecision};
pub use questions::{Left, Question, Questions, left};
#[cfg(test)]
pub(crate) use reason::retried;
pub use reason::{Decided, Reason, Unlike};
pub use standing::{Asked, Standing};

use super::samples;
use crate::{
    plan::{Step, criterion::Form},
    record::{
        Said, StepId, StepState, Verdict,
        event::{ActionResult, PlanOutline, StepOutline},
        state::{AttemptStatus, StepStatus},
    },
};
use jiff::Timestamp;

/// The fate of every step of the plan, from the state of the run and the evidence on disk.
pub fn decide(standing: &Standing<'_>) -> Decisions {
    let outline = standing.plan.outline();
    let mut decisions = Decisions::new();
    for step in standing.plan.graph.steps() {
        let Some(own) = outline.steps.iter().find(|s| s.step == step.id) else { continue };
        let decision = standing.step(step, &outline, own, &decisions);
        decisions.insert(step.id, decision);
    }
    decisions
}

impl Standing<'_> {
    fn step(
        &self,
        step: &Step,
        plan: &PlanOutline,
        outline: &StepOutline,
        before: &Decisions,
    ) -> StepDecision {
        let state = match self.state.step_state(step.id, Timestamp::now()) {
            // Its run has ended, or it could not be resumed.
            StepState::Running => StepState::Interrupted,
            other => other,
        };
        let attempt = self.state.steps.get(&step.id).and_then(|s| Some(s.latest_at_work()?.attempt));
        let decision =
            |fate, why, actions| StepDecision { step: step.id, state, fate, why, attempt, actions };
        let asked = self.wish(step.id);
        let status = self.state.steps.get(&step.id);
        let first = || match &asked {
            Some(asked) => vec![asked.clone()],
            None => vec![Reason::NotRunYet],
        };
        let Some(status) = status else { return decision(Fate::Runs, first(), Vec::new()) };
        let decided = person(status, state).filter(|_| asked.is_none());
        if let Some(decided) = &decided
            && (state == StepState::Skipped || status.latest_at_work().is_none())
        {
            return decision(Fate::Kept, vec![decided.clone()], Vec::new());
        }
        if let (StepState::NotApplicable, None) = (state, &asked) {
            let changes = self.changes(step, plan, outline, None, before);
            let mut why = changes.work;
            return match why.is_empty() {
                true => decision(Fate::Kept, vec![Reason::State { state }, Reason::Unchanged], Vec::new()),
                false => {
                    why.insert(0, Reason::State { state });
                    decision(Fate::RunsAgain, why, Vec::new())
                }
            };
        }
        let Some(attempt) = status.latest_at_work() else {
            let fate = if state.unlocks() { Fate::RunsAgain } else { Fate::Runs };
            return decision(fate, first(), Vec::new());
        };
        let changes = self.changes(step, plan, outline, Some(attempt), before);
        let set_back = matches!(state, StepState::Ready | StepState::Locked);
        // Its run ended as soon as the next attempt had begun.
        let idle = status.latest().is_some_and(|latest| latest.attempt != attempt.attempt);
        let has_outcome = matches!(
            state,
            StepState::Passed | StepState::AwaitingApproval | StepState::Waived | StepState::Skipped
        );
        let judge_again = (set_back || idle) && status.judge_again;
        let had_outcome = has_outcome || (idle && attempt.verdict.is_some_and(Verdict::unlocks));
        let came_to_end =
            has_outcome || judge_again || matches!(state, StepState::Failed | StepState::Inconclusive);
        let mut why = Vec::new();
        if let Some(asked) = &asked {
            why.push(asked.clone());
        } else if set_back {
            why.push(Reason::SetBack { text: status.reset.clone().unwrap_or_default() });
        } else if !has_outcome {
            why.push(Reason::State { state });
        }
        why.extend(expired(status, self.state.now(Timestamp::now())));
        let altered = if came_to_end { self.altered(attempt) } else { None };
        let same_work = changes.work.is_empty() && !changes.whole && altered.is_none();
        if !same_work || !changes.judged.is_empty() {
            why.extend(outlived(status, state));
        }
        if asked.is_none() && came_to_end && same_work {
            if has_outcome && changes.judged.is_empty() {
                let mut why = vec![decided.unwrap_or(Reason::Unchanged)];
                if state == StepState::AwaitingApproval {
                    why.insert(0, Reason::State { state });
                }
                return decision(Fate::Kept, why, Vec::new());
            }
            if !changes.judged.is_empty() || judge_again {
                why.extend(changes.judged.clone());
                match self.can_be_judged(step, attempt) {
                    Ok(()) => return decision(Fate::JudgedAgain, why, actions::all_kept(step, attempt)),
                    Err(text) => why.push(Reason::NotJudgeable { text }),
                }
            }
        }
        why.extend(
            changes
                .work
                .iter()
                .chain(&changes.judged)
                .filter(|c| !why.contains(c))
                .cloned()
                .collect::<Vec<_>>(),
        );
        why.extend(altered);
        // What was cleaned up is not there any more for what comes next.
        let cleaned_up = step.clean_up.iter().flatten().any(|spec| attempt.action(&spec.id).is_some());
        let whole =
            if changes.whole || cleaned_up || set_back || (had_outcome && self.asked.from_action.is_none()) {
                Some(ActionReason::WholeStep)
            } else if !step.watches.is_empty() {
                Some(ActionReason::Watched)
            } else if asked.is_some() && (self.asked.whole_step || self.asked.from_step.is_some()) {
                Some(ActionReason::WholeStep)
            } else {
                None
            };
        let mut actions = self.actions(step, attempt, whole, !changes.work.is_empty());
        let wanted = is_wanted(&why, before);
        for action in &mut actions {
            action.effect = actions::effect_again(action, attempt, wanted);
        }
        decision(if has_outcome { Fate::RunsAgain } else { Fate::Runs }, why, actions)
    }

    /// What the operator wants with this step.
    fn wish(&self, step: StepId) -> Option<Reason> {
        let by = &self.asked.by;
        if self.asked.retry == Some(step) {
            return Some(Reason::Asked { text: reason::retried(by) });
        }
        (self.asked.from_step == Some(step)).then(|| Reason::Asked { text: reason::asked_from_here(by) })
    }

    /// Whether what the attempt left is enough to judge the criteria of today.
    fn can_be_judged(&self, step: &Step, attempt: &AttemptStatus) -> Result<(), Said> {
        for spec in step.actions().filter(|spec| !attempt.passed_over.contains_key(&spec.id)) {
            let done =
                attempt.action(&spec.id).is_some_and(|a| matches!(a.result, Some(ActionResult::Done(_))));
            if !done {
                return Err(reason::no_evidence(spec.id.as_str()));
            }
        }
        for criterion in &step.criteria {
            if let Form::Always { watch, .. } = &criterion.form {
                samples::read(self.run_dir, attempt, watch)
                    .map_err(|why| reason::samples_unreadable(watch.as_str(), why))?;
            }
        }
        Ok(())
    }
}

/// A person's decision that stands.
fn person(status: &StepStatus, state: StepState) -> Option<Reason> {
    let (what, decision) = match state {
        StepState::Waived => (Decided::Waived, status.waiver.as_ref()?),
        StepState::Skipped => (Decided::Skipped, status.skipped.as_ref()?),
        _ => return None,
    };
    Some(Reason::Decision {
        what,
        by: decision.by.clone(),
        reason: decision.reason.clone(),
        until: decision.until,
    })
}

/// A waiver of a verdict on other criteria, other work or other evidence than today's.
fn outlived(status: &StepStatus, state: StepState) -> Option<Reason> {
    let waiver = status.waiver.as_ref().filter(|_| state == StepState::Waived)?;
    Some(Reason::WaiverOutlived { by: waiver.by.clone() })
}

/// A waiver that holds no longer.
fn expired(status: &StepStatus, now: Timestamp) -> Option<Reason> {
    let waiver = status.waiver.as_ref()?;
    let until = waiver.until.filter(|until| *until <= now)?;
    Some(Reason::WaiverExpired { by: waiver.by.clone(), until })
}

#[cfg(test)]
mod tests;
