//! The forms of the report: each writes a [`Document`](super::Document) and knows no section.
//!
//! A new form is one file with an `impl Renderer`, and its line in [`RENDERERS`].

mod diagrams;
pub(super) mod docx;
mod error;
mod html;
mod json;
mod junit;
pub(super) mod markdown;
mod pdf;
mod png;
mod renderer;
mod svg;
pub(super) mod templates;
pub(super) mod widths;
mod xlsx;
pub(super) mod xml;

pub use error::ReportError;
pub use renderer::Renderer;

/// Every form, sorted by name.
pub static RENDERERS: &[&dyn Renderer] =
    &[&docx::Docx, &html::Html, &json::Json, &junit::Junit, &markdown::Markdown, &pdf::Pdf, &xlsx::Xlsx];

/// Returns the renderer of the form of that name.
pub fn renderer(name: &str) -> Option<&'static dyn Renderer> {
    RENDERERS.iter().copied().find(|r| r.name() == name)
}
