//! What only an operator may have done again, with its question: [`Questions`] has them, for the engine that asks and for
//! whoever wants to know before. Actions in doubt, which had started and not finished when their run ended; finished ones
//! whose step runs again; and those that the plan has under another name, in another step or in other words.

use super::{
    decision::{ActionReason, Decisions, EffectAgain, is_wanted},
    renamed::{self, OtherName},
};
use crate::{
    action::OnInterrupt,
    engine::{journalled, messages},
    plan::{Plan, Step},
    record::{
        ActionId, Answer, RunState, Said, Speaks, StepId, StepState,
        state::{ActionStatus, AttemptStatus},
    },
};
use jiff::Timestamp;
use std::cell::OnceCell;

/// A question that stands before an action: whether what it did may be done again.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Name of the action in the plan of today.
    pub action: ActionId,
    /// The question, as the operator hears it.
    pub question: Said,
    /// What was answered, where that was no.
    pub answer: Option<Answer>,
}

/// The questions that stand before the steps of a plan, from where its run stands.
pub struct Questions<'a> {
    plan: &'a Plan,
    state: &'a RunState,
    decisions: &'a Decisions,
    /// Sought for the first step that could have one.
    other_names: OnceCell<Vec<OtherName<'a>>>,
}

impl<'a> Questions<'a> {
    /// Those of `plan`, of which nothing is sought yet.
    pub fn of(plan: &'a Plan, state: &'a RunState, decisions: &'a Decisions) -> Self {
        Self { plan, state, decisions, other_names: OnceCell::new() }
    }

    /// The actions of `step` that must not be done again without a question, unless the answer was yes. Where an operator
    /// asks for the step, that is the answer.
    pub fn before(&self, step: &Step) -> Vec<Question> {
        let decision = self.decisions.get(&step.id);
        if decision.is_some_and(|decision| is_wanted(&decision.why, self.decisions)) {
            return Vec::new();
        }
        let status = self.state.steps.get(&step.id);
        let other = self.other_names(step).map(|other| {
            let given = status.and_then(|status| status.answers.get(other.action)?.last());
            // What was said of what it was is said of it.
            let answer = given.map(|(_, answer)| answer).or(other.answer).cloned();
            Question { answer, action: other.action.clone(), question: other.question.clone() }
        });
        // The attempt that did something; a refusal stands behind it.
        let at_work = status
            .and_then(|s| Some((s, s.attempts.iter().rfind(|a| !a.is_idle() && !a.actions.is_empty())?)));
        let again = at_work.into_iter().flat_map(|(status, attempt)| {
            again(self.decisions, step, attempt).into_iter().map(|(action, question)| {
                let answer = status.answers_since(attempt, &action).last().cloned();
                Question { action, question, answer }
            })
        });
        other.chain(again).filter(|q| q.answer.as_ref().is_none_or(|answer| !answer.yes)).collect()
    }

    /// New actions of `step` that may be what this run did under another name.
    fn other_names(&self, step: &Step) -> impl Iterator<Item = &OtherName<'a>> {
        let new = renamed::new_actions(self.state, step).next().is_some();
        let all = new.then(|| self.other_names.get_or_init(|| renamed::other_names(self.plan, self.state)));
        let id = step.id;
        all.into_iter().flatten().filter(move |other| other.step == id)
    }
}

/// A step that the plan has no more, and that came to no end before it left.
#[derive(Debug, Clone, PartialEq)]
pub struct Left {
    /// Number of the step, as the run had it.
    pub step: StepId,
    /// Its actions that had started and not finished, and that only an operator may repeat.
    pub in_doubt: Vec<ActionId>,
}

/// The steps that left the plan before they came to an end. Nothing can run them, and a run has not passed without them
/// until an operator skips them.
pub fn left(plan: &Plan, state: &RunState) -> Vec<Left> {
    let open = |step: StepId| {
        use StepState::{Interrupted, Locked, Ready, Running};
        matches!(state.step_state(step, Timestamp::now()), Interrupted | Locked | Ready | Running)
    };
    let gone = state.steps.iter().filter(|(id, _)| plan.graph.step(**id).is_none() && open(**id));
    let left = gone.map(|(id, status)| {
        let attempt = status.latest_at_work().into_iter();
        Left { step: *id, in_doubt: attempt.flat_map(in_doubt).map(|a| a.action.clone()).collect() }
    });
    left.collect()
}

/// What `attempt` did and must not be done again without a question, each with the question.
fn again(decisions: &Decisions, step: &Step, attempt: &AttemptStatus) -> Vec<(ActionId, Said)> {
    let decision = decisions.get(&step.id);
    let mut questions: Vec<(ActionId, Said)> = in_doubt(attempt)
        .map(|a| (a.action.clone(), messages::again_in_doubt(a.action.as_str(), step.id.0)))
        .collect();
    let decided =
        decision.into_iter().flat_map(|decision| decision.actions.iter().map(move |a| (decision, a)));
    for (step_decision, decision) in decided.filter(|(_, d)| d.effect == Some(EffectAgain::Asked)) {
        if !questions.iter().any(|(action, _)| *action == decision.action) {
            let why = match decision.why {
                ActionReason::WholeStep => step_decision.sentence(),
                _ => decision.why.said(),
            };
            let action = decision.action.clone();
            let question = match decision.why {
                ActionReason::Failed { .. } => messages::again_failed(action.as_str(), step.id.0, why),
                _ => messages::again_finished(action.as_str(), step.id.0, why),
            };
            questions.push((action, question));
        }
    }
    questions
}

/// Actions that had started and not finished, and that only an operator may repeat.
fn in_doubt(attempt: &AttemptStatus) -> impl Iterator<Item = &ActionStatus> {
    attempt.actions.iter().filter(|status| {
        status.result.is_none()
            && status.undo.is_none()
            && journalled::action(status).is_none_or(|action| action.on_interrupt() == OnInterrupt::Ask)
    })
}
