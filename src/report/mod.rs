//! The report and the status: one model each, built from journal, facts and notes alone, and the forms of it.
//!
//! What it is made from is read by [`gather()`]; the rest is pure and reads what [`crate::record`], [`crate::plan`] and
//! [`crate::compare`] hold and nothing else. The way is
//! journal → [`ReportModel`] → [`Document`] → form: `build` makes the model, `sections` turns it into headings, texts,
//! tables and charts, and a form of `forms` writes those and knows no section. A new section is one function and its
//! line in `sections`; a new form of the report is one file with an `impl Renderer`, and its line in [`RENDERERS`].
//!
//! A file of `build` and the file of `sections` and of `model` that bears the same name are about the same thing: how
//! it is found, how it is told, and what it is.

mod build;
pub mod charts;
pub mod document;
mod forms;
mod gather;
pub mod honesty;
mod language;
mod made;
pub mod model;
mod sections;
pub mod status;
#[cfg(test)]
mod tests;
mod typography;

use build::measure;
pub use build::{
    Report,
    input::{ImportInput, Input, PlatformChange, RunInput},
    kept::Kept,
    series,
};
pub use document::{Annexes, Document};
pub use forms::{
    RENDERERS, Renderer, ReportError, renderer,
    templates::{Template, Templates},
};
pub use gather::{Asked, GatherError, Gathered, RunRead, gather};
pub use language::Language;
pub use model::ReportModel;
pub use status::{
    Look, StatusModel,
    columns::{grid, wrap},
    exports::{csv, docx as docx_table, mail},
    left::{Left, left as left_in_place},
    terminal::{WIDTH, style, table, text, verdict_style},
};
