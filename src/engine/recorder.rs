//! [`Recorder`]: journal, then observers, in that order and nowhere else.
//!
//! A sync costs more than anything else that a short step does, so events are committed in groups. What is *staged* is
//! known to the engine alone: it is in no file, no observer has heard of it, and nothing that it announces has been done.
//! Whatever can be seen from outside (an action with an effect, an undo, a question, a wait) comes behind a
//! [`Recorder::sync`].

use crate::{
    record::{ActionId, Event, Observer, Record, RunState},
    store::{Journal, journal},
};
use jiff::{SignedDuration, Timestamp};

/// How long a record may stay staged while the engine goes on by itself.
const HOLD: SignedDuration = SignedDuration::from_millis(20);

/// The only writer of a run.
pub struct Recorder {
    journal: Journal,
    state: RunState,
    observers: Vec<Box<dyn Observer>>,
    /// Staged records, which nobody has been told of.
    untold: Vec<Record>,
}

impl Recorder {
    /// Goes on with a journal whose records so far are `records`.
    pub fn new(journal: Journal, records: &[Record], observers: Vec<Box<dyn Observer>>) -> Self {
        Self { journal, state: RunState::replay(records), observers, untold: Vec::new() }
    }

    /// Makes a group of events durable, and what was staged before it, with one sync; then tells the observers.
    pub fn commit(&mut self, events: impl IntoIterator<Item = Event>) -> Result<(), journal::Error> {
        self.stage(events)?;
        self.sync()
    }

    /// Adds events to the group that the next commit or sync makes durable. For what the engine itself decides, when
    /// more is to be written before anything happens outside.
    pub fn stage(&mut self, events: impl IntoIterator<Item = Event>) -> Result<(), journal::Error> {
        for event in events {
            let record = self.journal.stage(Timestamp::now(), event)?;
            self.state.apply(&record);
            self.untold.push(record);
        }
        match (self.untold.first(), self.untold.last()) {
            (Some(first), Some(last)) if last.at.duration_since(first.at) >= HOLD => self.sync(),
            _ => Ok(()),
        }
    }

    /// Makes what was staged durable and tells the observers.
    pub fn sync(&mut self) -> Result<(), journal::Error> {
        self.journal.sync()?;
        for record in self.untold.drain(..) {
            for observer in &mut self.observers {
                observer.on_record(&record, &self.state);
            }
        }
        self.observers.iter_mut().for_each(|observer| observer.on_group_end());
        Ok(())
    }

    /// The state, when nothing more is to be recorded.
    pub fn into_state(self) -> RunState {
        self.state
    }

    /// Whether something is staged.
    pub fn has_staged(&self) -> bool {
        !self.untold.is_empty()
    }

    /// Passes progress on.
    pub fn progress(&mut self, action: &ActionId, done: u64, total: Option<u64>, message: &str) {
        for observer in &mut self.observers {
            observer.on_progress(action, done, total, message);
        }
    }

    /// The state with every event, the staged ones included.
    pub fn state(&self) -> &RunState {
        &self.state
    }
}
