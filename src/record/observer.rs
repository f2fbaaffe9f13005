//! [`Observer`]: who hears what happens. It returns nothing, so it cannot fail a run.

use super::{ActionId, Event, Record, RunState, Said};
use std::time::Duration;

/// Hears every record after it is durable and the state holds it.
pub trait Observer: Send {
    /// One more record; `state` is the state with it.
    fn on_record(&mut self, record: &Record, state: &RunState);

    /// The records of one group have all been told.
    fn on_group_end(&mut self) {}

    /// What it has to put on record itself since it was last asked.
    fn to_record(&mut self) -> Vec<Event> {
        Vec::new()
    }

    /// No record follows; waits at most `limit` for what is still being done.
    fn close(&mut self, limit: Duration) {
        let _ = limit;
    }

    /// How far an action is. Not journalled.
    fn on_progress(&mut self, action: &ActionId, done: u64, total: Option<u64>, message: &Said) {
        let _ = (action, done, total, message);
    }
}
