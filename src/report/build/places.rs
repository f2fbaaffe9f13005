//! Where things of an import are: the file, a line of it, a run of a tool.

use super::input::ImportInput;
use crate::report::model::Reference;

/// The folder of the imports.
pub(super) const IMPORTS: &str = "imports";

/// Where an import is.
pub(in crate::report) fn reference(at: usize, of: &ImportInput) -> Reference {
    let reading = &of.import.reading;
    Reference {
        artifact: Some(reading.path.clone()),
        sha256: Some(reading.sha256.clone()),
        ..Reference::record(format!("I{}", at + 1), IMPORTS, of.seq)
    }
}

/// Where a line of an import is.
pub(in crate::report) fn place(at: usize, of: &ImportInput, line: u64) -> Reference {
    let whole = reference(at, of);
    Reference { id: format!("{}:{line}", whole.id), ..whole }
}

/// Where a run of a tool is: the sheet that tells of it.
pub(in crate::report) fn place_of_run(at: usize, of: &ImportInput, run: usize) -> Reference {
    let whole = reference(at, of);
    Reference { id: format!("{}.{}", whole.id, run + 1), ..whole }
}
