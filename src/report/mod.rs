//! The report and the status: one model each, built from journal, facts and notes alone, and the forms of it.
//!
//! It reads what [`crate::record`], [`crate::plan`] and [`crate::compare`] hold and nothing else. The way is
//! journal → [`ReportModel`] → [`Document`] → form: `sections` turns the model into headings, texts, tables and charts,
//! and a form writes those and knows no section. A new section is one function and its line in `sections`; a new form
//! of the report is one file with an `impl Renderer`, and its line in [`RENDERERS`].

mod analysis;
mod annex;
mod architecture;
mod build;
mod changes;
pub mod charts;
mod columns;
mod decisions;
mod diagrams;
pub mod document;
mod docx;
mod explanations;
mod findings;
pub mod honesty;
mod html;
mod imports;
mod json;
mod junit;
mod kept;
mod language;
mod log_text;
mod markdown;
mod mermaid;
pub mod model;
mod pictures;
mod png;
mod reasons;
mod recorded;
mod records;
mod scenarios;
mod sections;
pub mod series;
pub mod status;
mod status_forms;
mod status_text;
mod summary;
mod templates;
#[cfg(test)]
mod tests;
mod trace;
mod words;
mod work;
mod xml;

pub use build::{ImportInput, Input, PlatformChange, RunInput};
pub use columns::{grid, wrap};
pub use document::Document;
pub use kept::Kept;
pub use language::{Language, Unknown};
pub use log_text::sentence;
pub use model::ReportModel;
pub use status::{Look, StatusModel};
pub use status_forms::{csv, docx as docx_table, mail};
pub use status_text::{WIDTH, style, table, text, verdict_style};
pub use templates::{Template, Templates};

use std::io::{self, Write};

/// One form of the report.
pub trait Renderer: Sync {
    /// Name, as `--format` takes it.
    fn name(&self) -> &'static str;

    /// What a file of it ends with, without the dot.
    fn extension(&self) -> &'static str;

    /// Whether it is text that a terminal can show.
    fn is_text(&self) -> bool {
        true
    }

    /// Writes the report, arranged by the campaign's own template where there is one for this form. `document` is that
    /// of `model`: it is built once for all forms.
    fn render(
        &self,
        model: &ReportModel,
        document: &Document,
        house: &Templates,
        out: &mut dyn Write,
    ) -> Result<(), Error>;
}

/// Every form, sorted by name.
pub static RENDERERS: &[&dyn Renderer] =
    &[&docx::Docx, &html::Html, &json::Json, &junit::Junit, &markdown::Markdown];

/// The form of that name.
pub fn renderer(name: &str) -> Option<&'static dyn Renderer> {
    RENDERERS.iter().copied().find(|r| r.name() == name)
}

/// A report could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A template of the campaign is at fault.
    #[error("the template {path}{}: {message}", .line.map(|line| format!(", line {line}")).unwrap_or_default())]
    Template {
        /// Its file.
        path: String,
        /// The line of the mistake, where it has one.
        line: Option<usize>,
        /// What is wrong.
        message: String,
    },
    /// The output could not be written.
    #[error("cannot write the report: {0}")]
    Write(#[source] io::Error),
}
