//! What happened: pure data, with no I/O. [`Evidence`], [`Verdict`], and the names that they carry.

mod evidence;
mod ids;
mod quantity;
mod verdict;

pub use evidence::{Artifact, Evidence, Measured};
pub use ids::{ActionId, Attempt, OutputName, RunId, StepId};
pub use quantity::{Unit, Value, plain_number};
pub use verdict::{Severity, Verdict};
