//! What people wrote around the output of Kafka's tools: the structure of a text, which sort of note each line is, and the
//! values that it declares.

mod cues;
mod declared;
mod language;
mod outline;
mod reading_as;
mod structure;
#[cfg(test)]
mod tests;
mod words;

pub use declared::{Declared, declared, runs_without_output};
pub use outline::{Part, Period, Placed, outline};
pub use reading_as::{ReadsAs, reads_as};
