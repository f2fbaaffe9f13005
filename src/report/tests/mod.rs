//! The report and the status as a whole.

mod body;
mod content;
mod diagrams;
mod forms;
mod outputs;
mod report;
mod status;
mod story;
mod templates;
mod verdicts;
