//! [`ComparedRun`]: a run, what of it is compared, and the run before it that it may be compared with.

use super::{Found, HistoryError, Wanted, choose, look_up};
use crate::{
    compare::{self, Run},
    record::{ActionId, RunState, StepId, event::Outcome, state::AttemptStatus},
    store::RunDir,
};
use std::path::Path;

/// A run, and what of it is compared.
pub struct ComparedRun {
    dir: RunDir,
    state: RunState,
    /// All of it where nothing is named.
    wanted: Option<Wanted>,
}

impl ComparedRun {
    /// What is wanted of a run whose state is known; all of it where nothing is named.
    pub fn new(dir: RunDir, state: RunState, wanted: Option<Wanted>) -> Self {
        Self { dir, state, wanted }
    }

    /// The same of a run of the campaign; the newest one where none is named.
    pub fn open(campaign: &Path, name: Option<&str>, wanted: Option<Wanted>) -> Result<Self, HistoryError> {
        let dir = choose::choose(campaign, name)?;
        let (_, state) = choose::read(&dir)?;
        Ok(Self { dir, state, wanted })
    }

    /// What of it is compared: of each step the attempt that passed, else the latest one.
    pub fn side(&self) -> Result<Run<'_>, HistoryError> {
        let (attempts, action) = match &self.wanted {
            None => (self.each_step(), None),
            Some(wanted) => {
                let (step, attempt, action) = self.one(wanted)?;
                (vec![(step, attempt)], action)
            }
        };
        Ok(Run { run: &self.dir.run, dir: &self.dir.path, state: &self.state, attempts, action })
    }

    fn each_step(&self) -> Vec<(StepId, &AttemptStatus)> {
        let steps = self.state.steps.iter();
        steps.filter_map(|(id, status)| Some((*id, status.passed().or(status.latest_at_work())?))).collect()
    }

    fn one(&self, wanted: &Wanted) -> Result<(StepId, &AttemptStatus, Option<ActionId>), HistoryError> {
        let (run, step) = (&self.dir.run, wanted.step);
        let status = look_up::step(run, &self.state, step)?;
        if let Some(name) = &wanted.action {
            let (attempt, found) = look_up::action(status, wanted.attempt, name)?;
            if !matches!(found, Found::Action(action) if compare::is_load(action)) {
                return Err(HistoryError::NotALoad { run: run.clone(), step, name: name.clone() });
            }
            return Ok((step, attempt, Some(name.clone())));
        }
        let attempt = match wanted.attempt {
            Some(number) => look_up::attempt(status, number)?,
            None => {
                let latest = status.passed().or(status.latest_at_work());
                latest.ok_or_else(|| HistoryError::NotBegun { run: run.clone(), step })?
            }
        };
        Ok((step, attempt, None))
    }

    /// The last run before this one in the same environment, of the same parameters, that passed; where one step is
    /// compared, in which that one did. As `previous` in a criterion.
    pub fn previous(&self, campaign: &Path) -> Result<Self, HistoryError> {
        let list = choose::list(campaign)?;
        // A run that cannot be read has no say; `jalon verify` tells why.
        self.previous_among(list.into_iter().rev().filter_map(|dir| {
            let state = (dir.run < self.dir.run).then(|| choose::read(&dir).ok()).flatten()?.1;
            Some((dir, state))
        }))
    }

    /// The same among runs that are read already, the newest first.
    pub fn previous_among(
        &self,
        newest_first: impl Iterator<Item = (RunDir, RunState)>,
    ) -> Result<Self, HistoryError> {
        let key = |state: &RunState| {
            let plan = &state.header.as_ref()?.plan;
            Some((plan.environment.clone(), plan.parameters_fingerprint.clone()))
        };
        for (dir, state) in newest_first.filter(|(dir, _)| dir.run < self.dir.run) {
            let passed = match &self.wanted {
                None => {
                    matches!(state.outcome, Some(Outcome::Passed | Outcome::PassedWithExceptions))
                }
                Some(wanted) => state.steps.get(&wanted.step).is_some_and(|s| s.passed().is_some()),
            };
            if passed && key(&state) == key(&self.state) {
                // The attempt of that run is its own.
                let wanted = self.wanted.clone().map(|wanted| Wanted { attempt: None, ..wanted });
                return Ok(Self { dir, state, wanted });
            }
        }
        Err(HistoryError::NoPrevious(self.dir.run.clone()))
    }
}
