//! Why a form of the report could not be written.

use std::io;

/// A report could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// LibreOffice, which makes the PDF, is missing or failed. The text is a sentence.
    #[error("{0}")]
    Office(String),
    /// A template of the campaign is at fault.
    #[error("the template {path}{}: {message}", .line.map(|line| format!(", line {line}")).unwrap_or_default())]
    Template {
        /// Its file.
        path: String,
        /// The line of the mistake, where it has one.
        line: Option<usize>,
        /// Error of the template engine, in a line.
        message: String,
    },
    /// The output could not be written.
    #[error("cannot write the report: {0}")]
    Write(#[source] io::Error),
}
