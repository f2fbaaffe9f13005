//! What only an operator may have done again, with its question: [`questions`] says it, for the engine that asks and for
//! whoever wants to know before. Actions in doubt, which had started and not finished when their run ended; finished ones
//! whose step runs again; and those that the plan has under another name, in a step of another number or in other words.

use super::{
    actions::began,
    decision::{ActionReason, Decisions, EffectAgain, is_wanted},
};
use crate::{
    action::OnInterrupt,
    engine::{journalled, messages},
    plan::{ActionSpec, Plan, Step, template},
    record::{
        ActionId, Answer, RunState, Said, Speaks, StepId,
        state::{ActionStatus, AttemptStatus},
    },
    support::redact,
};

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

/// The actions of `step` that must not be done again without a question, unless the answer was yes. Where an operator asks
/// for the step, that is the answer.
pub fn questions(plan: &Plan, state: &RunState, decisions: &Decisions, step: &Step) -> Vec<Question> {
    let decision = decisions.get(&step.id);
    if decision.is_some_and(|decision| is_wanted(&decision.why, decisions)) {
        return Vec::new();
    }
    let status = state.steps.get(&step.id);
    let other = under_other_names(plan, state, step).into_iter().map(|(action, question)| {
        let given = status.and_then(|status| status.answers.get(&action)?.last());
        Question { answer: given.map(|(_, answer)| answer.clone()), action, question }
    });
    // The attempt that did something; a refusal stands behind it.
    let at_work =
        status.and_then(|s| Some((s, s.attempts.iter().rfind(|a| !a.is_idle() && !a.actions.is_empty())?)));
    let again = at_work.into_iter().flat_map(|(status, attempt)| {
        again(decisions, step, attempt).into_iter().map(|(action, question)| {
            let answer = status.answers_since(attempt, &action).last().cloned();
            Question { action, question, answer }
        })
    });
    other.chain(again).filter(|q| q.answer.as_ref().is_none_or(|answer| !answer.yes)).collect()
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

/// New actions of `step` that may be what this run did under another name: to give a thing a new name, a new number or
/// other words does not undo it. What the plan has no more and what it has instead are matched by what they do; what is
/// left of a kind in this step is taken to be reworded, and each that could be it is asked about.
fn under_other_names(plan: &Plan, state: &RunState, step: &Step) -> Vec<(ActionId, Said)> {
    let own = state.steps.get(&step.id);
    let was_here = |id: &ActionId| own.is_some_and(|s| s.attempts.iter().any(|a| a.action(id).is_some()));
    let asks = |spec: &&ActionSpec| spec.action.on_interrupt() == OnInterrupt::Ask;
    let new: Vec<&ActionSpec> = step.actions().filter(asks).filter(|s| !was_here(&s.id)).collect();
    if new.is_empty() {
        return Vec::new();
    }
    let names = template::Names::new(&serde_json::Map::clone(&plan.fixed).into());
    let params = |spec: &ActionSpec| {
        let mut params = template::resolve(&spec.params, &names).ok()?;
        redact::mask_record(&mut params);
        Some(params)
    };
    let gone = gone(plan, state);
    let (mut found, mut unlike, mut matched) = (Vec::new(), Vec::new(), Vec::new());
    for spec in new {
        let wanted = params(spec);
        let twin = gone
            .iter()
            .find(|(_, done)| done.kind == spec.kind.name && wanted.as_ref() == Some(&done.params));
        let Some((id, done)) = twin else {
            unlike.push(spec);
            continue;
        };
        matched.push((id, &done.action));
        let (old, new) = (done.action.as_str(), spec.id.as_str());
        found.push((spec.id.clone(), messages::again_renamed(new, step.id.0, old, id.0)));
    }
    for spec in unlike {
        let reworded = gone.iter().rfind(|(id, done)| {
            *id == step.id && done.kind == spec.kind.name && !matched.contains(&(id, &done.action))
        });
        if let Some((_, done)) = reworded {
            let (old, new) = (done.action.as_str(), spec.id.as_str());
            found.push((spec.id.clone(), messages::again_reworded(new, step.id.0, old)));
        }
    }
    found
}

/// What this run did that only an operator may repeat, that nothing took back, and that the plan has no more under its
/// name.
fn gone<'s>(plan: &Plan, state: &'s RunState) -> Vec<(StepId, &'s ActionStatus)> {
    let in_plan = |step: StepId, id: &ActionId| {
        plan.graph.step(step).is_some_and(|step| step.actions().any(|spec| spec.id == *id))
    };
    let attempts = state.steps.iter().flat_map(|(id, status)| status.attempts.iter().map(move |a| (*id, a)));
    let done = attempts.flat_map(|(id, attempt)| attempt.actions.iter().map(move |done| (id, done)));
    done.filter(|(id, done)| {
        done.undo.is_none()
            && !in_plan(*id, &done.action)
            && began(done)
            && journalled::action(done).is_none_or(|a| a.on_interrupt() == OnInterrupt::Ask)
    })
    .collect()
}

/// Actions that had started and not finished, and that only an operator may repeat.
fn in_doubt(attempt: &AttemptStatus) -> impl Iterator<Item = &ActionStatus> {
    attempt.actions.iter().filter(|status| {
        status.result.is_none()
            && status.undo.is_none()
            && journalled::action(status).is_none_or(|action| action.on_interrupt() == OnInterrupt::Ask)
    })
}
