//! What a run did under a name that the plan has no more, and what the plan has instead: to give a thing a new name, a new
//! step or other words does not undo it.

use super::actions::began;
use crate::{
    action::OnInterrupt,
    engine::{journalled, messages},
    plan::{ActionSpec, Plan, Step, basis, template},
    record::{
        ActionId, Answer, RunState, Said, StepId,
        event::Basis,
        state::{ActionStatus, AttemptStatus},
    },
    support::redact,
};
use std::collections::BTreeMap;

/// A new action that may do again what the run did.
pub(super) struct OtherName<'a> {
    /// Step that has the action in the plan of today.
    pub(super) step: StepId,
    /// Name of the action in the plan of today.
    pub(super) action: &'a ActionId,
    /// The question, as the operator hears it.
    pub(super) question: Said,
    /// What an operator answered of what the run did; a no to any of it is a no.
    pub(super) answer: Option<&'a Answer>,
}

/// Something that was done and that only an operator may repeat.
#[derive(Clone, Copy)]
struct Done<'s> {
    step: StepId,
    attempt: &'s AttemptStatus,
    action: &'s ActionStatus,
}

impl<'s> Done<'s> {
    fn name(&self) -> (StepId, &'s ActionId) {
        (self.step, &self.action.action)
    }

    /// The latest answer to whether it may be repeated, given since it was last done.
    fn answer(&self, state: &'s RunState) -> Option<&'s Answer> {
        let (step, id) = (state.steps.get(&self.step)?, &self.action.action);
        let did = |attempt: &&AttemptStatus| attempt.action(id).is_some_and(|a| a.kept_from.is_none());
        let since = step.attempts.iter().rfind(did).unwrap_or(self.attempt).started;
        step.answers.get(id)?.last().filter(|(at, _)| *at >= since).map(|(_, answer)| answer)
    }
}

/// Actions of `step` that only an operator may repeat, and that no attempt at it has begun.
pub(super) fn new_actions<'p>(state: &RunState, step: &'p Step) -> impl Iterator<Item = &'p ActionSpec> {
    let own = state.steps.get(&step.id);
    let was_here =
        move |id: &ActionId| own.is_some_and(|s| s.attempts.iter().any(|a| a.action(id).is_some()));
    step.actions()
        .filter(|spec| spec.action.on_interrupt() == OnInterrupt::Ask)
        .filter(move |spec| !was_here(&spec.id))
}

/// The new actions of the plan that may be what this run did under another name. What the plan has no more and what it
/// has instead are matched by what they do, then by their names. What is left may have got another name, another step and
/// other words at once: each action of its kind that could be it is asked about, in its step and in those that changed.
pub(super) fn other_names<'a>(plan: &'a Plan, state: &'a RunState) -> Vec<OtherName<'a>> {
    let gone = gone(plan, state);
    if gone.is_empty() {
        return Vec::new();
    }
    let steps = plan.graph.steps();
    let new = steps.flat_map(|step| new_actions(state, step).map(move |spec| (step, spec)));
    let of_kind = |spec: &ActionSpec| gone.iter().filter(|done| done.action.kind == spec.kind.name);
    let new: Vec<(&Step, &ActionSpec)> = new.filter(|(_, spec)| of_kind(spec).next().is_some()).collect();
    let names = template::Names::new(&serde_json::Map::clone(&plan.fixed).into());
    let params = |spec: &ActionSpec| {
        let mut params = template::resolve(&spec.params, &names).ok()?;
        redact::mask_record(&mut params);
        Some(params)
    };
    let changed = Changed::of(plan, state, &gone, &new);
    let (mut found, mut unlike, mut moved, mut matched) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (step, spec) in new {
        let wanted = params(spec);
        let twins = || of_kind(spec).filter(|done| wanted.as_ref() == Some(&done.action.params));
        let twin = twins().find(|done| !matched.contains(&done.name())).or_else(|| twins().next());
        let Some(done) = twin else {
            unlike.push((step, spec));
            continue;
        };
        matched.push(done.name());
        let (old, new) = (done.action.action.as_str(), spec.id.as_str());
        let question = messages::again_renamed(new, step.id.0, old, done.step.0);
        found.push(OtherName { step: step.id, action: &spec.id, question, answer: done.answer(state) });
    }
    let is_left = |matched: &[(StepId, &ActionId)], done: &Done<'_>| !matched.contains(&done.name());
    unlike.retain(|(step, spec)| {
        let namesake = |done: &&Done<'_>| {
            done.action.action == spec.id && is_left(&matched, done) && changed.is_new_to(done, step.id)
        };
        let Some(done) = of_kind(spec).rfind(namesake) else { return true };
        moved.push(done.name());
        found.push(reworded(state, step, spec, &[*done]));
        false
    });
    matched.extend(moved);
    for (step, spec) in unlike {
        // The latest of each name.
        let could_be: BTreeMap<(StepId, &ActionId), Done<'_>> = of_kind(spec)
            .filter(|done| is_left(&matched, done))
            .filter(|done| done.step == step.id || changed.is_new_to(done, step.id))
            .map(|done| (done.name(), *done))
            .collect();
        let could_be: Vec<Done<'_>> = could_be.into_values().collect();
        if !could_be.is_empty() {
            found.push(reworded(state, step, spec, &could_be));
        }
    }
    found
}

/// `spec`, which may be any of `could_be` in other words. A yes to all of them is one to it.
fn reworded<'a>(
    state: &'a RunState,
    step: &Step,
    spec: &'a ActionSpec,
    could_be: &[Done<'a>],
) -> OtherName<'a> {
    let answers = || could_be.iter().map(|done| done.answer(state));
    let no = answers().flatten().find(|answer| !answer.yes);
    let answer = no.or_else(|| answers().collect::<Option<Vec<_>>>()?.pop());
    let open = || could_be.iter().rev().filter(|done| done.answer(state).is_none());
    let named = open().find(|done| done.step == step.id).or_else(|| open().next()).or(could_be.last());
    let question = named.map_or_else(Said::default, |done| {
        let (old, new) = (done.action.action.as_str(), spec.id.as_str());
        match done.step == step.id {
            true => messages::again_reworded(new, step.id.0, old),
            false => messages::again_moved(new, step.id.0, old, done.step.0),
        }
    });
    OtherName { step: step.id, action: &spec.id, question, answer }
}

/// What the steps with new actions do today, and what they did in the plans of what is gone.
struct Changed<'a> {
    today: BTreeMap<StepId, Basis>,
    before: BTreeMap<usize, BTreeMap<StepId, &'a Basis>>,
}

impl<'a> Changed<'a> {
    fn of(plan: &Plan, state: &'a RunState, gone: &[Done<'_>], new: &[(&Step, &ActionSpec)]) -> Self {
        let before = |done: &Done<'_>| {
            let steps = state.plans.get(done.attempt.plan).map_or(&[][..], |plan| &plan.steps);
            steps.iter().filter_map(|step| Some((step.step, step.basis.as_ref()?))).collect()
        };
        let mut plans = BTreeMap::new();
        for done in gone {
            plans.entry(done.attempt.plan).or_insert_with(|| before(done));
        }
        let mut today = BTreeMap::new();
        for (step, _) in new {
            today.entry(step.id).or_insert_with(|| basis::of(step, &plan.fixed));
        }
        Self { today, before: plans }
    }

    /// Whether `step` was not there, or did something else, in the plan that `done` was of. What stood there unchanged
    /// is not what took its place.
    fn is_new_to(&self, done: &Done<'_>, step: StepId) -> bool {
        let was = self.before.get(&done.attempt.plan).and_then(|steps| steps.get(&step));
        was.zip(self.today.get(&step))
            .is_none_or(|(was, is)| was.work != is.work || was.work_values != is.work_values)
    }
}

/// What this run did that only an operator may repeat, that nothing took back, and that the plan has no more under its
/// name.
fn gone<'s>(plan: &Plan, state: &'s RunState) -> Vec<Done<'s>> {
    let in_plan = |step: StepId, id: &ActionId| {
        plan.graph.step(step).is_some_and(|step| step.actions().any(|spec| spec.id == *id))
    };
    let attempts = state.steps.iter().flat_map(|(id, status)| status.attempts.iter().map(move |a| (*id, a)));
    let done = attempts
        .flat_map(|(step, attempt)| attempt.actions.iter().map(move |action| Done { step, attempt, action }));
    done.filter(|Done { step, action, .. }| {
        action.undo.is_none()
            && !in_plan(*step, &action.action)
            && began(action)
            && journalled::action(action).is_none_or(|a| a.on_interrupt() == OnInterrupt::Ask)
    })
    .collect()
}
