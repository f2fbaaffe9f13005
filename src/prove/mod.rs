//! Which criteria of a plan notice what: its steps run on a lab once as they are, and once for each way in which
//! replication can be wrong.
//!
//! [`Workshop`] is a copy of the campaign with a lab of its own, in which [`Workshop::trial`] runs the steps with one
//! mutant; [`Proof`] is what all trials came to. Every trial is an ordinary run of the copy, with its evidence.

mod campaign;
mod insert;
mod judged;
mod proof;
mod trials;
mod workshop;

pub use insert::{Unplaced, sites};
pub use judged::Judged;
pub use proof::{Idle, Notice, Noticed, Proof};
pub use trials::{Again, Kept, Trial};
pub use workshop::{ProveError, Workshop};
