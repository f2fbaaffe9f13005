//! What happened: pure data, with no I/O. [`Event`], the state that folds from it, [`Evidence`] and [`Verdict`].

pub use crate::{display_by_said, messages};

mod about;
pub mod changes;
mod decimals;
mod declared;
pub mod event;
mod evidence;
pub mod faults;
mod ids;
mod imported;
mod language;
mod left;
mod localized;
mod note;
mod observer;
pub mod platform;
mod quantity;
mod refused;
pub mod said;
mod selection;
mod shared;
pub mod state;
mod step_state;
pub mod told;
mod unit;
mod verdict;

pub use decimals::{decimals_of_pair, plain_number, usual_decimals};
pub use declared::{ActionRole, Declared, Family, STATISTICS};
pub use event::{Answer, Event, Record, Undo};
pub use evidence::{Artifact, Evidence, Measured, Sample};
pub use ids::{ActionId, Attempt, OutputName, RunId, StepId};
pub use imported::{Import, Line, Lines, NotListed, Reading, Scenario, Tool, Window, Withdrawal};
pub use language::{Language, UnknownLanguage};
pub use localized::Localized;
pub use observer::Observer;
pub use quantity::Value;
pub use refused::{Refused, refusal, refused};
pub use said::{Arg, Said, Speaks};
pub use selection::Selection;
pub use state::RunState;
pub use step_state::StepState;
pub use told::told;
pub use unit::Unit;
pub use verdict::{Severity, Verdict};
