//! The report and the status as a whole.

mod content;
mod diagrams;
mod forms;
mod report;
mod status;
mod story;
mod templates;
