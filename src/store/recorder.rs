//! [`Recorder`]: the only way to write on record. Artifacts are durable first, then the journal, then the state holds it,
//! then observers hear it; in that order and nowhere else.
//!
//! A sync costs more than anything else that a short step does, so events are committed in groups. What is *staged* is
//! known to the writer alone: it is in no file, no observer has heard of it, and nothing that it announces has been done.
//! Whatever can be seen from outside (an action with an effect, an undo, a question, a wait) comes behind a
//! [`Recorder::sync`].

use super::{
    ArtifactDir, Journal, Lock, RunDir,
    artifacts::{self, Stamps},
    journal::{self, JournalError},
    lock::{self, Left},
    own::is_own,
    run_dir::GROUPS,
};
use crate::{
    record::{ActionId, Artifact, Event, Observer, Record, RunState, Said},
    support::{children::Children, clock::Clock, files::Stamp},
};
use jiff::SignedDuration;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// How long a record may stay staged while its writer goes on by itself.
const HOLD: SignedDuration = SignedDuration::from_millis(20);

/// Why nothing can be put on record.
#[derive(Debug, thiserror::Error)]
pub enum RecorderError {
    /// Another process writes it.
    #[error(transparent)]
    Lock(#[from] lock::LockError),
    /// What is on record cannot be read, or the disk refuses.
    #[error(transparent)]
    Journal(journal::JournalError),
}

impl From<journal::JournalError> for RecorderError {
    fn from(error: journal::JournalError) -> Self {
        match error {
            journal::JournalError::InUse { path } => lock::LockError::Held { path, owner: None }.into(),
            error => Self::Journal(error),
        }
    }
}

/// A recorder, and what the writer before it left.
pub struct Opened {
    /// Recorder of the run, which holds its lock.
    pub recorder: Recorder,
    /// The lock of an owner that is gone, taken over.
    pub left: Option<Left>,
    /// The file with the last line of the journal, which a crash cut short.
    pub torn: Option<PathBuf>,
}

/// The only writer of a run, of the notes or of the imports, for as long as it lives.
pub struct Recorder {
    dir: RunDir,
    journal: Journal,
    clock: Clock,
    state: RunState,
    observers: Vec<Box<dyn Observer>>,
    /// Staged records, which nobody has been told of.
    untold: Vec<Record>,
    children: Arc<Children>,
    /// The files of artifacts as their writers left them.
    stamps: Stamps,
    /// What this writer put on record, and the files as they were left, or when they were last looked at.
    stored: Vec<(Artifact, Option<Stamp>)>,
    /// How many of them were looked at since.
    looked_at: usize,
    /// Given back last.
    _lock: Lock,
}

impl Recorder {
    /// Takes the lock of the folder and makes its journal, or goes on with the one that is there: a torn last line is
    /// set aside. `what` is the command, for whoever finds the lock held. That the lock of a run was taken over is put
    /// on its record.
    pub fn open(dir: &RunDir, what: &str, take_over: bool) -> Result<Opened, RecorderError> {
        // What stands in its place is told before the lock is tried in it.
        dir.look()?;
        let lock = Lock::take(&dir.lock(), what, take_over)?;
        let path = dir.journal();
        let (journal, records, torn) = match dir.has_journal() {
            true => Journal::open(&path)?,
            false => (Journal::create(&path)?, Vec::new(), None),
        };
        let left = lock.left().cloned();
        let mut recorder = Self {
            dir: dir.clone(),
            journal,
            clock: Clock::not_before(records.last().map(|record| record.at)),
            state: RunState::replay(&records),
            observers: Vec::new(),
            untold: Vec::new(),
            stamps: Stamps::default(),
            stored: Vec::new(),
            looked_at: 0,
            children: Arc::new(Children::recorded_in(dir.groups())),
            _lock: lock,
        };
        if let Some(left) = left.as_ref().filter(|_| !is_own(dir.run.as_str())) {
            recorder.commit([left.event()])?;
        }
        Ok(Opened { recorder, left, torn })
    }

    /// Has these hear every record from now on.
    #[must_use]
    pub fn observed_by(mut self, observers: Vec<Box<dyn Observer>>) -> Self {
        self.observers.extend(observers);
        self
    }

    /// The folder that it writes to.
    pub fn dir(&self) -> &RunDir {
        &self.dir
    }

    /// The folder `below` (with `/`) of its own, for artifacts. An event can name one only when it is durable.
    pub fn artifacts(&self, below: impl Into<String>) -> ArtifactDir {
        ArtifactDir::stamped_in(&self.dir.path, below, self.stamps.clone())
    }

    /// Starts the child processes of the run, and has the record of their groups.
    pub fn children(&self) -> Arc<Children> {
        Arc::clone(&self.children)
    }

    /// Makes a group of events durable, and what was staged before it, with one sync; then tells the observers.
    pub fn commit(&mut self, events: impl IntoIterator<Item = Event>) -> Result<(), JournalError> {
        let of_observers: Vec<Event> = self.observers.iter_mut().flat_map(|o| o.to_record()).collect();
        self.stage(of_observers)?;
        self.stage(events)?;
        self.sync()
    }

    /// Has the observers end what they do, within `limit`, and puts on record what they have to say of it.
    pub fn close_observers(&mut self, limit: Duration) -> Result<(), JournalError> {
        self.observers.iter_mut().for_each(|observer| observer.close(limit));
        let of_observers: Vec<Event> = self.observers.iter_mut().flat_map(|o| o.to_record()).collect();
        if of_observers.is_empty() { Ok(()) } else { self.commit(of_observers) }
    }

    /// Adds events to the group that the next commit or sync makes durable. For what the engine itself decides, when
    /// more is to be written before anything happens outside.
    pub fn stage(&mut self, events: impl IntoIterator<Item = Event>) -> Result<(), JournalError> {
        for event in events {
            let record = self.journal.stage(self.clock.now(), event)?;
            self.state.apply(&record);
            for artifact in record.event.artifacts() {
                // What was written before this recorder was there is as it is now.
                let left = self.stamps.of(&artifact.path);
                let left = left.unwrap_or_else(|| stamp(&self.dir.path, artifact));
                self.stored.push((artifact.clone(), left));
            }
            self.untold.push(record);
        }
        match (self.untold.first(), self.untold.last()) {
            (Some(first), Some(last)) if last.at.duration_since(first.at) >= HOLD => self.sync(),
            _ => Ok(()),
        }
    }

    /// Makes what was staged durable and tells the observers.
    pub fn sync(&mut self) -> Result<(), JournalError> {
        self.journal.sync()?;
        for record in self.untold.drain(..) {
            for observer in &mut self.observers {
                observer.on_record(&record, &self.state);
            }
        }
        self.observers.iter_mut().for_each(|observer| observer.on_group_end());
        Ok(())
    }

    /// What this writer put on record since the last look, and what is gone or altered: paths below the run's folder. An
    /// error where the journal is not what was written.
    pub fn lost_lately(&mut self) -> Result<Vec<String>, JournalError> {
        self.journal.is_untouched()?;
        Ok(self.lost_from(self.looked_at))
    }

    /// The same of all that this writer put on record. An error where the journal is not what was written.
    pub fn lost(&mut self) -> Result<Vec<String>, JournalError> {
        self.sync()?;
        self.journal.reread()?;
        Ok(self.lost_from(0))
    }

    fn lost_from(&mut self, first: usize) -> Vec<String> {
        let mut lost = Vec::new();
        for (artifact, left) in &mut self.stored[first..] {
            let now = stamp(&self.dir.path, artifact);
            // Read only where somebody touched it.
            if now.is_none() || (now != *left && artifacts::verify(&self.dir.path, artifact).is_err()) {
                lost.push(artifact.path.clone());
            }
            *left = now;
        }
        self.looked_at = self.stored.len();
        if !self.children.record_is_whole() {
            lost.push(GROUPS.to_owned());
        }
        lost
    }

    /// The state, when nothing more is to be recorded.
    pub fn into_state(self) -> RunState {
        self.state
    }

    /// Number and hash of the last record.
    pub fn last_record(&self) -> (u64, String) {
        let (seq, hash) = self.journal.last();
        (seq, hash.to_owned())
    }

    /// Whether something is staged.
    pub fn has_staged(&self) -> bool {
        !self.untold.is_empty()
    }

    /// Passes progress on.
    pub fn progress(&mut self, action: &ActionId, done: u64, total: Option<u64>, message: &Said) {
        for observer in &mut self.observers {
            observer.on_progress(action, done, total, message);
        }
    }

    /// The state with every event, the staged ones included.
    pub fn state(&self) -> &RunState {
        &self.state
    }
}

/// The file of an artifact as it is now, where there is one.
fn stamp(run_dir: &Path, artifact: &Artifact) -> Option<Stamp> {
    let there = std::fs::symlink_metadata(run_dir.join(&artifact.path)).ok();
    there.filter(|there| there.is_file()).map(|there| Stamp::of(&there))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        record::{Attempt, StepId},
        store::Runs,
    };
    use std::{fs, io::Write};

    #[test]
    fn a_file_is_watched_from_when_its_writer_closed_it() {
        type Change = fn(&Path);
        let changes: [Change; 5] = [
            |file| fs::write(file, "EVIDENCE").unwrap(),
            |file| fs::write(file, "").unwrap(),
            |file| fs::remove_file(file).unwrap(),
            |file| {
                fs::write(file.with_extension("other"), "EVIDENCE").unwrap();
                fs::rename(file.with_extension("other"), file).unwrap();
            },
            |file| {
                fs::rename(file, file.with_extension("other")).unwrap();
                std::os::unix::fs::symlink(file.with_extension("other"), file).unwrap();
            },
        ];
        for (index, change) in changes.into_iter().enumerate() {
            let campaign = tempfile::tempdir().unwrap();
            let mut recorder =
                Recorder::open(&Runs::of_campaign(campaign.path()).notes(), "test", false).unwrap().recorder;
            let dir = recorder.artifacts("03/1/nominal");
            let artifacts = [
                dir.write("kept.txt", "text/plain", b"evidence").unwrap(),
                dir.within("part").write("windows.csv", "text/plain", b"evidence").unwrap(),
            ];
            // Its action goes on; nothing of it is on record yet.
            change(&recorder.dir().path.join(&artifacts[1].path));
            let stored = artifacts.map(|artifact| Event::ArtifactStored {
                step: StepId(3),
                attempt: Attempt(1),
                action: "nominal".into(),
                artifact,
            });
            recorder.commit(stored).unwrap();
            assert_eq!(recorder.lost_lately().unwrap(), ["03/1/nominal/part/windows.csv"], "{index}");
        }
    }

    #[test]
    fn what_somebody_else_wrote_while_it_was_written_is_lost() {
        let campaign = tempfile::tempdir().unwrap();
        let mut recorder =
            Recorder::open(&Runs::of_campaign(campaign.path()).notes(), "test", false).unwrap().recorder;
        let dir = recorder.artifacts("03/1/nominal");
        let mut writer = dir.create("windows.csv", "text/csv").unwrap();
        writer.write_all(b"a,b\n").unwrap();
        writer.flush().unwrap();
        let partial = dir.path().join("windows.csv.partial");
        fs::OpenOptions::new().write(true).open(partial).unwrap().set_len(0).unwrap();
        let artifact = writer.finish().unwrap();
        let (step, attempt) = (StepId(3), Attempt(1));
        recorder
            .commit([Event::ArtifactStored { step, attempt, action: "nominal".into(), artifact }])
            .unwrap();
        assert_eq!(recorder.lost_lately().unwrap(), ["03/1/nominal/windows.csv"]);
    }
}
