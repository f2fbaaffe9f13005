//! What people wrote around the output of Kafka's tools: the structure of a text, which sort of note each line is, and the
//! values that it declares.

mod about;
mod cues;
mod declared;
mod language;
mod learnt;
mod outline;
mod placed;
mod reading_as;
mod structure;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod trainer;
mod words;

pub use about::{Progress, is_about_dashboards, is_about_expiry, progress};
pub use declared::{Declared, declared, runs_without_output};
pub use outline::outline;
pub use placed::{Part, Placed};
pub use reading_as::{ReadsAs, is_trouble, reads_as};
pub use structure::Period;
