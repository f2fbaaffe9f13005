//! The report and the status as a whole.

mod diagrams;
mod forms;
mod report;
mod status;
mod story;
mod templates;
