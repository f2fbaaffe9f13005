//! The report and the status as a whole.

mod report;
mod status;
mod story;
