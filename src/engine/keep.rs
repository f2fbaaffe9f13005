//! Takes over what the decisions keep of an earlier attempt.

use super::{Engine, EngineError, resume::Fate, samples};
use crate::{
    plan::{
        ActionSpec, Scope, Step,
        criterion::{Form, Tally},
    },
    record::{
        Attempt, Event,
        event::Judgement,
        state::{ActionStatus, AttemptStatus},
    },
};
use std::collections::BTreeMap;

impl Engine<'_> {
    /// Takes over the leading groups whose actions are kept, and says how many.
    pub(super) fn keep(
        &mut self,
        step: &Step,
        attempt: Attempt,
        scope: &mut Scope,
    ) -> Result<usize, EngineError> {
        let Some(decision) = self.decisions.get(&step.id) else { return Ok(0) };
        let Some(before) = self.before(step, decision.attempt) else { return Ok(0) };
        let kept = |spec: &ActionSpec| decision.kept(&spec.id).is_some();
        let groups: Vec<_> = step.groups.iter().take_while(|group| group.iter().all(kept)).collect();
        let count = groups.len();
        let events = groups
            .into_iter()
            .flatten()
            .map(|spec| taken_over(step, attempt, before, spec, scope))
            .collect::<Vec<_>>();
        self.recorder.stage(events)?;
        Ok(count)
    }

    /// Where a step is only judged again: takes over all that its actions and watches brought, says so, and gives what
    /// `always` and `guard` come to over the samples that were kept.
    pub(super) fn judge_kept(
        &mut self,
        step: &Step,
        attempt: Attempt,
        scope: &mut Scope,
    ) -> Result<Option<BTreeMap<usize, Judgement>>, EngineError> {
        let Some(decision) = self.decisions.get(&step.id).filter(|d| d.fate == Fate::JudgedAgain) else {
            return Ok(None);
        };
        let at_start = scope.clone();
        let Some(before) = self.before(step, decision.attempt) else { return Ok(None) };
        let mut events: Vec<Event> =
            step.actions().map(|spec| taken_over(step, attempt, before, spec, scope)).collect();
        for watch in step.watches.iter().map(|w| &w.spec).filter(|w| before.passed_over.contains_key(&w.id)) {
            events.push(taken_over(step, attempt, before, watch, scope));
        }
        for (watch, status) in &before.watches {
            scope.evidence.insert(watch.clone(), status.evidence.clone());
            events.push(Event::WatchKept {
                step: step.id,
                attempt,
                watch: watch.clone(),
                from: status.kept_from.unwrap_or(before.attempt),
            });
        }
        let mut judgements = BTreeMap::new();
        for (index, criterion) in step.criteria.iter().enumerate() {
            // Where a criterion needs samples, they were read once already.
            if let Form::Always { watch, .. } = &criterion.form
                && let Some(mut tally) = Tally::new(criterion, index, &at_start)
                && let Ok(samples) = samples::read(&self.recorder.dir().path, before, watch)
            {
                samples.iter().for_each(|sample| tally.push(sample));
                judgements.insert(index, tally.finish());
            }
        }
        self.recorder.stage(events)?;
        Ok(Some(judgements))
    }

    /// The attempt that the decision rests on.
    fn before(&self, step: &Step, rests_on: Option<Attempt>) -> Option<&AttemptStatus> {
        let attempts = &self.recorder.state().steps[&step.id].attempts;
        attempts.iter().find(|a| Some(a.attempt) == rests_on)
    }
}

/// What one action of an earlier attempt is to the new one: its work, or that it was passed over.
fn taken_over(
    step: &Step,
    attempt: Attempt,
    before: &AttemptStatus,
    spec: &ActionSpec,
    scope: &mut Scope,
) -> Event {
    let (step, action) = (step.id, spec.id.clone());
    if let Some(reason) = before.passed_over.get(&spec.id) {
        return Event::ActionPassedOver { step, attempt, action, reason: reason.clone() };
    }
    let done = before.action(&spec.id);
    if let Some(evidence) = done.and_then(ActionStatus::evidence) {
        scope.evidence.insert(spec.id.clone(), evidence.clone());
    }
    // The attempt that did the work, however often it has been kept since.
    let from = done.and_then(|status| status.kept_from).unwrap_or(before.attempt);
    Event::ActionKept { step, attempt, action, from }
}
