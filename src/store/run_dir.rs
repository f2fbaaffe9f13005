//! Where things are below `artifacts/`: the one place that knows the layout.

use super::{
    Lock,
    journal::{self, JournalError},
    own::{ARTIFACTS, IMPORTS, NOTES, is_own},
};
use crate::{
    record::{ActionId, Attempt, RunId, StepId},
    support::files,
};
use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
};

/// The folder `artifacts/` of a campaign.
#[derive(Debug, Clone)]
pub struct Runs {
    root: PathBuf,
}

/// The folder of one run, with the paths in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunDir {
    /// Name of the run.
    pub run: RunId,
    /// Path of the folder, below `artifacts`.
    pub path: PathBuf,
}

impl Runs {
    /// Below the campaign's folder.
    pub fn of_campaign(campaign_dir: &Path) -> Self {
        Self { root: campaign_dir.join(ARTIFACTS) }
    }

    /// The folder of the run of that name, whether it exists or not.
    pub fn get(&self, run: &RunId) -> RunDir {
        RunDir { run: run.clone(), path: self.root.join(run.as_str()) }
    }

    /// Every run that has a journal or evidence, or had records, or in whose place something else stands than a folder,
    /// oldest first: names begin with the time of the start.
    pub fn list(&self) -> io::Result<Vec<RunDir>> {
        if !files::is_folder(&self.root)? {
            return Ok(Vec::new());
        }
        let names: BTreeSet<String> = std::fs::read_dir(&self.root)?
            .filter_map(Result::ok)
            .filter_map(|entry| entry.file_name().into_string().ok())
            // Of a folder that is gone, the head is left that stands outside of it.
            .map(|name| journal::folder_of_outside(&name).map(str::to_owned).unwrap_or(name))
            .collect();
        let runs = names.into_iter().map(|name| self.get(&RunId::new(name)));
        let runs = runs.filter(|run| match run.run.as_str() {
            name if is_own(name) => false,
            _ if run.is_gone() => true,
            // A file may be anybody's, a bundle of the run above all.
            name if is_dated(name) => !run.path.is_file() && run.look().unwrap_or(true),
            // Anybody's folder.
            _ => run.is_written(),
        });
        Ok(runs.collect())
    }

    /// The lock that a run in `environment` holds: two runs on one platform would measure each other.
    pub fn environment_lock(&self, environment: &str) -> PathBuf {
        self.root.join(format!(".{environment}.lock"))
    }

    /// What was imported: work done by hand.
    pub fn imports(&self) -> RunDir {
        self.get(&RunId::from(IMPORTS))
    }

    /// Notes that belong to the campaign and to no run.
    pub fn notes(&self) -> RunDir {
        self.get(&RunId::from(NOTES))
    }
}

/// Name of the file with the process groups.
pub(super) const GROUPS: &str = "groups";
const JOURNAL: &str = "journal.jsonl";
const LOCK: &str = "lock";

/// Whether a name begins with a date and a time, as those do that this program gives to runs.
fn is_dated(name: &str) -> bool {
    let shape = name.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    shape.take(16).eq(*b"00000000-000000-")
}

impl RunDir {
    /// Returns the path of the journal.
    pub fn journal(&self) -> PathBuf {
        self.path.join(JOURNAL)
    }

    /// Whether there is a journal, or was: what stands in its place, or beside it, is looked at by whoever reads it.
    pub fn has_journal(&self) -> bool {
        self.is_written() || journal::holds_evidence(&self.journal()) || self.is_gone()
    }

    /// Whether the journal is gone, of which the head that stands outside of the folder says that it had records.
    pub fn is_gone(&self) -> bool {
        !self.is_written() && journal::had_records(&self.journal())
    }

    /// As [`RunDir::has_journal`]; an error where the folder, or that of all runs, is none or cannot be read.
    pub fn look(&self) -> Result<bool, JournalError> {
        for folder in self.path.parent().into_iter().chain([self.path.as_path()]) {
            let is_there = files::is_folder(folder)
                .map_err(|cause| JournalError::Folder { path: folder.to_owned(), cause })?;
            if !is_there {
                break;
            }
        }
        Ok(self.has_journal())
    }

    fn is_written(&self) -> bool {
        let there = |path: PathBuf| path.symlink_metadata().is_ok();
        there(self.journal()) || there(journal::head_of(&self.journal()))
    }

    /// Whether a living process writes it now.
    pub fn is_held(&self) -> bool {
        Lock::is_held(&self.lock()) || Lock::is_held(&self.journal())
    }

    /// The record of the process groups that its actions started and that have not ended.
    pub fn groups(&self) -> PathBuf {
        self.path.join(GROUPS)
    }

    /// The lock of who writes the journal.
    pub fn lock(&self) -> PathBuf {
        self.path.join(LOCK)
    }

    /// Folder of an action's artifacts, below the run's folder.
    pub fn action(step: StepId, attempt: Attempt, action: &ActionId) -> String {
        format!("{}/{attempt}/{action}", step.padded())
    }
}
