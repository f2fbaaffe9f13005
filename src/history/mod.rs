//! What a campaign has on record, read back: its runs, one step or action of them, those that another run compares with,
//! trends, and the notes.
//!
//! It reads journals and artifacts, writes nothing and takes no lock. A run that is damaged hides no other one.

mod basis;
mod choose;
mod compared;
mod error;
mod look_up;
pub mod notes;
mod others;
pub mod trend;

pub use basis::Basis;
pub use choose::{Contents, OnRecord, choose, is_live, list, read};
pub use compared::ComparedRun;
pub use error::HistoryError;
pub use look_up::{Found, Wanted, action, attempt, step};
pub use others::{Past, Remembered};
