//! [`Recorder`]: journal, then state, then observers, in that order and nowhere else.

use crate::{
    record::{ActionId, Event, Observer, Record, RunState},
    store::{Journal, journal},
};
use jiff::Timestamp;

/// The only writer of a run.
pub struct Recorder {
    journal: Journal,
    state: RunState,
    observers: Vec<Box<dyn Observer>>,
}

impl Recorder {
    /// Goes on with a journal whose records so far are `records`.
    pub fn new(journal: Journal, records: &[Record], observers: Vec<Box<dyn Observer>>) -> Self {
        Self { journal, state: RunState::replay(records), observers }
    }

    /// Makes a group of events durable with one sync, then lets the state hold them, then tells the observers.
    pub fn commit(&mut self, events: impl IntoIterator<Item = Event>) -> Result<(), journal::Error> {
        let events: Vec<Event> = events.into_iter().collect();
        if events.is_empty() {
            return Ok(());
        }
        for record in self.journal.append(Timestamp::now(), events)? {
            self.state.apply(&record);
            for observer in &mut self.observers {
                observer.on_record(&record, &self.state);
            }
        }
        Ok(())
    }

    /// Passes progress on.
    pub fn progress(&mut self, action: &ActionId, done: u64, total: Option<u64>, message: &str) {
        for observer in &mut self.observers {
            observer.on_progress(action, done, total, message);
        }
    }

    /// The state with every committed event.
    pub fn state(&self) -> &RunState {
        &self.state
    }
}
