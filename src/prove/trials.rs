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

/// One run of the steps, with or without a mutant.
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

/// Which trials that were made before are made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Again {
    /// No trial is made again.
    None,
    /// Those of these mutants.
    Of(Vec<String>),
    /// All of them, that of the plan as it is included.
    All,
}

impl Again {
    fn forgets(&self, trial: &Trial) -> bool {
        match (self, &trial.mutant) {
            (Self::None, _) => false,
            (Self::All, _) => true,
            (Self::Of(names), Some(mutant)) => names.contains(mutant),
            (Self::Of(_), None) => false,
        }
    }
}

impl Kept {
    /// Those in `path` that are of the same plan (`of`); others are not looked at. What is made again is gone from the file
    /// too.
    pub(super) fn open(path: PathBuf, of: &str, again: &Again) -> io::Result<Self> {
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            read => read?,
        };
        let lines = text.lines().filter_map(|line| serde_json::from_str(line).ok());
        let (gone, left): (Vec<Line>, Vec<Line>) =
            lines.partition(|line: &Line| line.of == of && again.forgets(&line.trial));
        if !gone.is_empty() {
            let mut text = String::new();
            for line in &left {
                text.push_str(&serde_json::to_string(line)?);
                text.push('\n');
            }
            let new = path.with_extension("new");
            fs::write(&new, text)?;
            fs::rename(&new, &path)?;
        }
        let trials = left.into_iter().filter(|line| line.of == of).map(|line| line.trial).collect();
        Ok(Self { path, trials })
    }

    /// Every trial, in the order in which they were made.
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }

    /// The trial of the plan as it is.
    pub fn clean(&self) -> Option<&Trial> {
        self.trials.iter().find(|trial| trial.mutant.is_none())
    }

    /// Those of `places`, the steps in which a mutant can be, that are to be tried yet: none once it found something to
    /// break.
    pub fn open_places(&self, mutant: &str, places: Vec<StepId>) -> Vec<StepId> {
        let own: Vec<&Trial> =
            self.trials.iter().filter(|trial| trial.mutant.as_deref() == Some(mutant)).collect();
        if own.iter().any(|trial| trial.applied) {
            return Vec::new();
        }
        places.into_iter().filter(|place| own.iter().all(|trial| trial.step != Some(*place))).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(mutant: Option<&str>, step: u32, applied: bool) -> Trial {
        let (did, judged) = (Vec::new(), Vec::new());
        let (mutant, run) = (mutant.map(str::to_owned), RunId::from("run"));
        Trial { mutant, step: Some(StepId(step)), applied, did, run, judged, took_s: 1.0 }
    }

    #[test]
    fn one_mutant_is_tried_again_and_the_others_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trials.jsonl");
        let open = |again: Again| Kept::open(path.clone(), "plan", &again).unwrap();
        let mut kept = open(Again::None);
        for (mutant, step, applied) in
            [(None, 7, true), (Some("drop"), 7, true), (Some("offset-skipped"), 7, false)]
        {
            kept.keep("plan", trial(mutant, step, applied)).unwrap();
        }
        kept.keep("another plan", trial(Some("drop"), 7, true)).unwrap();
        let places = || vec![StepId(7), StepId(9)];
        let kept = open(Again::None);
        assert_eq!(kept.trials().len(), 3);
        assert_eq!(kept.open_places("drop", places()), []);
        assert_eq!(kept.open_places("offset-skipped", places()), [StepId(9)], "nothing was broken in step 7");
        assert_eq!(kept.open_places("key", places()), places());

        let kept = open(Again::Of(vec!["drop".to_owned()]));
        assert!(kept.clean().is_some());
        assert_eq!(kept.open_places("drop", places()), places());
        assert_eq!(open(Again::None).trials().len(), 2, "it is gone from the file");
        assert!(open(Again::All).trials().is_empty());
        let other = Kept::open(path.clone(), "another plan", &Again::None).unwrap();
        assert_eq!(other.trials().len(), 1, "what is of another plan stays");
    }
}
