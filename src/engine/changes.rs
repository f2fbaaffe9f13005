//! What criteria ask of other runs by `change(…)`: each load compared with the same one there, its noise included.

use super::{Engine, messages};
use crate::{
    compare::{self, Comparison, Finding, Run},
    expression::Changed,
    history::Remembered,
    plan::{
        Scope, Step,
        scope::{Change, OTHER_RUNS},
    },
    record::{ActionId, Arg, Attempt, Said, Speaks, state::AttemptStatus},
};
use std::collections::BTreeMap;

/// So many things that differ are named in a reason; `jalon compare` has them all.
const NAMED: usize = 3;

impl Engine<'_> {
    /// The scope with what the step's criteria compare with other runs; as it is where they compare nothing.
    pub(super) fn with_changes(&self, step: &Step, attempt: Attempt, scope: &Scope) -> Option<Scope> {
        let mut asked: Vec<Changed> = step.criteria.iter().flat_map(|c| c.expression.changes()).collect();
        asked.sort();
        asked.dedup();
        let attempt = self.attempt(step, attempt).filter(|_| !asked.is_empty())?;
        // Reading the windows of a load is what takes time: once for all of its outputs.
        let mut compared: BTreeMap<(String, String), Comparison> = BTreeMap::new();
        let mut scope = scope.clone();
        for changed in asked {
            let Some(then) = self.remembered(&changed, step) else { continue };
            let key = (changed.run.clone(), changed.action().to_owned());
            let comparison =
                compared.entry(key).or_insert_with(|| self.compare(then, step, attempt, changed.action()));
            scope.changes.insert(changed.clone(), told(comparison, &changed));
        }
        Some(scope)
    }

    /// What this step was in the run that is compared with.
    fn remembered(&self, changed: &Changed, step: &Step) -> Option<&Remembered> {
        let [baseline, previous] = OTHER_RUNS;
        match changed.run.as_str() {
            run if run == previous => self.past.previous.get(&step.id),
            run if run == baseline => self.past.baseline.get(&step.id),
            _ => None,
        }
    }

    fn compare(&self, then: &Remembered, step: &Step, attempt: &AttemptStatus, action: &str) -> Comparison {
        let action = Some(ActionId::from(action));
        let passed = then.state.steps.get(&step.id).and_then(|status| status.passed());
        let before = Run {
            run: &then.run,
            dir: &then.dir,
            state: &then.state,
            attempts: passed.map(|attempt| (step.id, attempt)).into_iter().collect(),
            action: action.clone(),
        };
        let after = Run {
            run: &self.recorder.dir().run,
            dir: &self.recorder.dir().path,
            state: self.recorder.state(),
            attempts: vec![(step.id, attempt)],
            action,
        };
        compare::compare(&before, &after)
    }
}

/// What a comparison says of one output, or why it says nothing.
fn told(comparison: &Comparison, changed: &Changed) -> Result<Change, Said> {
    let Some(load) = comparison.scenarios.first() else {
        return Err(match comparison.only_before.is_empty() {
            true => messages::not_in_other(changed.action()),
            false => messages::not_here(changed.action()),
        });
    };
    if !load.comparable {
        let why: Vec<Said> = load.differs.iter().filter(|d| d.forbids()).map(Speaks::said).collect();
        return Err(messages::not_comparable(some(&why)));
    }
    let output = changed.output();
    let Some(figure) = load.figures.iter().find(|figure| figure.name == output) else {
        return Err(messages::output_not_compared(output));
    };
    let told = !matches!(figure.finding, Finding::NotCompared | Finding::NotMeasured);
    match figure.change_percent.filter(|_| told) {
        Some(range) => {
            let also: Vec<Said> = load.differs.iter().chain(&comparison.differs).map(Speaks::said).collect();
            Ok(Change { percent: range.estimate, low: range.low, high: range.high, differs: some(&also) })
        }
        None => Err(figure.why.clone().unwrap_or_else(messages::was_zero)),
    }
}

/// The first few of them.
fn some(all: &[Said]) -> Said {
    match (all.len(), all.len().saturating_sub(NAMED)) {
        (0, _) => Said::default(),
        (_, 0) => messages::named(Arg::list(all)),
        (_, more) => messages::more(Arg::list(&all[..NAMED]), more),
    }
}
