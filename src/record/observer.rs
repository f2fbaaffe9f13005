//! [`Observer`]: who hears what happens. It returns nothing, so it cannot fail a run.

use super::{ActionId, Record, RunState, Said};

/// Hears every record after it is durable and the state holds it.
pub trait Observer: Send {
    /// One more record; `state` is the state with it.
    fn on_record(&mut self, record: &Record, state: &RunState);

    /// The records of one group have all been told.
    fn on_group_end(&mut self) {}

    /// How far an action is. Not journalled.
    fn on_progress(&mut self, action: &ActionId, done: u64, total: Option<u64>, message: &Said) {
        let _ = (action, done, total, message);
    }
}
