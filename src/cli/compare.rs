//! `jalon compare`: the loads of two runs beside each other.

mod text;

use super::{
    Error, Exit,
    open::{self, RunChoice},
    output,
    show::path::{self, Found, Wanted},
};
use crate::{
    compare::{self, Run},
    record::{ActionId, RunState, StepId, event::Outcome, state::AttemptStatus},
    store::{RunDir, Runs},
};
use clap::Args;
use std::{path::Path, str::FromStr};

/// Arguments of `compare`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon compare                          the newest run with the one before it\n  jalon compare RUN                      with the last one before it that passed\n  jalon compare RUN RUN                  `before` and `after`\n  jalon compare RUN/3/1 RUN/3/2          two attempts at step 3\n  jalon compare RUN/3/idle RUN/5/loaded  two loads that are alike\n  jalon compare RUN RUN --json\n\nThe interval of a difference comes from the noise within the two loads\n(moving-block bootstrap over windows of one second). Two runs of the same\nplatform may differ by more: repeat a run before you trust a small difference."
)]
pub(super) struct CompareArgs {
    /// One run or two, each with a step, an attempt and an action where only that is compared.
    #[arg(value_name = "RUN[/STEP[/ATTEMPT][/ACTION]]", num_args = 0..=2)]
    runs: Vec<Chosen>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// A run, and what of it.
#[derive(Debug, Clone)]
struct Chosen {
    run: String,
    wanted: Option<Wanted>,
}

impl FromStr for Chosen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (run, rest) = text.split_once('/').unwrap_or((text, ""));
        let wanted = if rest.is_empty() { None } else { Some(rest.parse()?) };
        Ok(Self { run: run.to_owned(), wanted })
    }
}

/// A run, read.
pub(super) struct Read {
    run: RunDir,
    state: RunState,
    wanted: Option<Wanted>,
}

impl Read {
    fn of(dir: &Path, chosen: &Chosen) -> Result<Self, Error> {
        let run = open::run_dir(dir, &RunChoice { run: Some(chosen.run.clone()) })?;
        let (_, state) = open::read(&run)?;
        Ok(Self { run, state, wanted: chosen.wanted.clone() })
    }

    /// All of a run whose state is known.
    pub(super) fn made(run: RunDir, state: RunState) -> Self {
        Self { run, state, wanted: None }
    }

    /// What of it is compared: of each step the attempt that passed, else the latest one.
    pub(super) fn compared(&self) -> Result<Run<'_>, Error> {
        let (attempts, action) = match &self.wanted {
            None => (self.each_step(), None),
            Some(wanted) => {
                let (step, attempt, action) = self.one(wanted)?;
                (vec![(step, attempt)], action)
            }
        };
        Ok(Run { run: &self.run.run, dir: &self.run.path, state: &self.state, attempts, action })
    }

    fn each_step(&self) -> Vec<(StepId, &AttemptStatus)> {
        let steps = self.state.steps.iter();
        steps.filter_map(|(id, status)| Some((*id, status.passed().or(status.latest_at_work())?))).collect()
    }

    fn one(&self, wanted: &Wanted) -> Result<(StepId, &AttemptStatus, Option<ActionId>), Error> {
        let step = wanted.step;
        let status = self.state.steps.get(&step).ok_or_else(|| Error::Usage {
            message: format!("the run {} has no step {step}", self.run.run),
            hint: format!("`jalon status --run {}` shows its steps", self.run.run),
        })?;
        if let Some(name) = &wanted.action {
            let (attempt, found) = path::action(status, wanted.attempt, name)?;
            if !matches!(found, Found::Action(action) if compare::is_load(action)) {
                return Err(Error::Usage {
                    message: format!("`{name}` of step {step} of the run {} is no load", self.run.run),
                    hint: "loads are actions of the kinds `produce` and `consume`".to_owned(),
                });
            }
            return Ok((step, attempt, Some(name.clone())));
        }
        let attempt = match wanted.attempt {
            Some(number) => path::attempt(status, number)?,
            None => status.passed().or(status.latest_at_work()).ok_or_else(|| Error::Usage {
                message: format!("step {step} of the run {} has not begun", self.run.run),
                hint: format!("`jalon status --run {}` shows its steps", self.run.run),
            })?,
        };
        Ok((step, attempt, None))
    }

    /// The last run before this one in the same environment, of the same parameters, that passed; where one step is
    /// compared, in which that one did. As `previous` in a criterion.
    pub(super) fn previous(&self, dir: &Path) -> Result<Self, Error> {
        let list = Runs::of_campaign(dir).list().unwrap_or_default();
        // A run that cannot be read has no say; `jalon verify` tells why.
        self.previous_among(list.into_iter().rev().filter_map(|run| {
            let state = (run.run < self.run.run).then(|| open::read(&run).ok()).flatten()?.1;
            Some((run, state))
        }))
    }

    /// The same among runs that are read already, the newest first.
    pub(super) fn previous_among(
        &self,
        newest_first: impl Iterator<Item = (RunDir, RunState)>,
    ) -> Result<Self, Error> {
        let key = |state: &RunState| {
            let plan = &state.header.as_ref()?.plan;
            Some((plan.environment.clone(), plan.parameters_fingerprint.clone()))
        };
        for (run, state) in newest_first.filter(|(run, _)| run.run < self.run.run) {
            let passed = match &self.wanted {
                None => state.outcome == Some(Outcome::Passed),
                Some(wanted) => state.steps.get(&wanted.step).is_some_and(|s| s.passed().is_some()),
            };
            if passed && key(&state) == key(&self.state) {
                // The attempt of that run is its own.
                let wanted = self.wanted.clone().map(|wanted| Wanted { attempt: None, ..wanted });
                return Ok(Self { run, state, wanted });
            }
        }
        Err(Error::Usage {
            message: format!(
                "no run before {} passed in the same environment with the same parameters",
                self.run.run
            ),
            hint: "name both: `jalon compare RUN RUN`; `jalon history` shows them".to_owned(),
        })
    }
}

/// Compares two runs. It takes no lock.
pub(super) fn run(dir: &Path, args: &CompareArgs) -> Result<Exit, Error> {
    let (before, after) = match args.runs.as_slice() {
        [before, after] => (Read::of(dir, before)?, Read::of(dir, after)?),
        [one] => {
            let after = Read::of(dir, one)?;
            (after.previous(dir)?, after)
        }
        _ => {
            let run = open::run_dir(dir, &RunChoice::default())?;
            let after = Read::of(dir, &Chosen { run: run.run.to_string(), wanted: None })?;
            (after.previous(dir)?, after)
        }
    };
    let comparison = compare::compare(&before.compared()?, &after.compared()?);
    match args.json {
        true => output::print_json(&comparison)?,
        false => output::print(&text::text(&comparison))?,
    }
    Ok(Exit::Passed)
}
