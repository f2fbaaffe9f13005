//! The report as JSON: the model as it is.

use super::{Renderer, ReportError, templates::Templates};
use crate::report::{document::Document, model::ReportModel};
use std::io::{self, Write};

/// Writes JSON.
pub(in crate::report) struct Json;

impl Renderer for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn extension(&self) -> &'static str {
        "json"
    }

    fn render(
        &self,
        model: &ReportModel,
        _: &Document,
        _: &Templates,
        out: &mut dyn Write,
    ) -> Result<(), ReportError> {
        serde_json::to_writer_pretty(&mut *out, model).map_err(|e| ReportError::Write(io::Error::from(e)))?;
        out.write_all(b"\n").map_err(ReportError::Write)
    }
}
