//! [`Renderer`]: what a form of the report is.

use super::{ReportError, templates::Templates};
use crate::report::{document::Document, model::ReportModel};
use std::io::Write;

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

    /// Whether its annexes are a file of their own where the reader wants that.
    fn is_split(&self, _house: &Templates) -> bool {
        false
    }

    /// Writes the report, arranged by the campaign's own template where there is one for this form. `document` is that
    /// of `model`: it is built once for all forms.
    fn render(
        &self,
        model: &ReportModel,
        document: &Document,
        house: &Templates,
        out: &mut dyn Write,
    ) -> Result<(), ReportError>;
}
