//! [`Trial`]: what one run came to, kept in a file so that a later start goes on behind it.

use super::judged::Judged;
use crate::record::{RunId, StepId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::PathBuf,
};

/// One run of the steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trial {
    /// What was broken; none for the run of the plan as it is.
    pub mutant: Option<String>,
    /// The step in which that was.
    pub step: Option<StepId>,
    /// Whether there was something to break.
    pub applied: bool,
    /// What was done, or why nothing was.
    pub did: Vec<String>,
    /// The run, in the copy of the campaign.
    pub run: RunId,
    /// What its criteria and steps came to.
    pub judged: Vec<Judged>,
    /// How long it took, the start of the lab included, in seconds.
    pub took_s: f64,
}

/// The trials that were made of one plan.
#[derive(Debug)]
pub struct Kept {
    path: PathBuf,
    trials: Vec<Trial>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    /// What was tried: plan, steps, profile, program.
    of: String,
    trial: Trial,
}

impl Kept {
    /// Those in `path` that are of the same plan (`of`); others are dropped.
    pub(super) fn open(path: PathBuf, of: &str) -> io::Result<Self> {
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            read => read?,
        };
        let lines: Vec<Line> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let trials = lines.into_iter().filter(|line| line.of == of).map(|line| line.trial).collect();
        Ok(Self { path, trials })
    }

    /// Every trial, in the order in which they were made.
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }

    /// The trial of that mutant; of none, the plan as it is.
    pub fn of(&self, mutant: Option<&str>) -> Option<&Trial> {
        self.trials.iter().find(|trial| trial.mutant.as_deref() == mutant)
    }

    /// Keeps one more; on the disk before this returns.
    pub(super) fn keep(&mut self, of: &str, trial: Trial) -> io::Result<()> {
        let line = Line { of: of.to_owned(), trial };
        let mut text = serde_json::to_string(&line)?;
        text.push('\n');
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path)?;
        file.write_all(text.as_bytes())?;
        file.sync_data()?;
        self.trials.push(line.trial);
        Ok(())
    }
}
