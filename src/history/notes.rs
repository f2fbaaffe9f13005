//! The notes of a campaign, and the lines of imported files that are notes and that nobody has classified.

use super::HistoryError;
use crate::{
    perf_output::{self, ReadsAs},
    record::{
        Event, Record,
        event::{Note, NoteLine},
    },
    store::{Runs, imports, journal},
};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Every note of the campaign, with its record.
pub fn all(runs: &Runs) -> Result<Vec<(Record, Note)>, journal::JournalError> {
    let path = runs.notes().journal();
    if !runs.notes().look()? {
        return Ok(Vec::new());
    }
    let note = |record: Record| match &record.event {
        Event::NoteAdded(note) => Some((record.clone(), note.clone())),
        _ => None,
    };
    Ok(journal::read(&path)?.records.into_iter().filter_map(note).collect())
}

/// A line of an imported file that is a note, and the day of the import.
#[derive(Debug)]
pub struct ImportedNote {
    /// Import and number of the line; a note about the line refers to it by these.
    pub place: NoteLine,
    /// Day of the work, from the import.
    pub day: Date,
    /// Text of the line, secrets masked.
    pub text: String,
    /// Whether it is a title, a heading or the name of a run, and no note to be classified.
    pub is_structure: bool,
    /// Which sort of note its own words, or those that it stands below, say that it is.
    pub reads_as: Option<ReadsAs>,
}

/// The notes of every import that counts, whether classified or not.
fn imported(runs: &Runs) -> Result<Vec<ImportedNote>, HistoryError> {
    let mut found = Vec::new();
    for imported in imports::read(runs)?.into_iter().filter(|i| i.withdrawn.is_none()) {
        let import = &imported.import;
        let reading = imports::reading(runs, import)
            .map_err(|cause| HistoryError::Import { import: import.id.clone(), cause: cause.to_string() })?;
        let placed = perf_output::outline(&reading);
        found.extend(reading.notes.into_iter().zip(placed).map(|(line, placed)| ImportedNote {
            place: NoteLine { import: import.id.clone(), line: line.line },
            day: import.day,
            is_structure: placed.is_structure(),
            reads_as: placed.reads_as,
            text: line.said().to_owned(),
        }));
    }
    Ok(found)
}

/// The lines that nobody has classified.
pub fn unclassified(runs: &Runs) -> Result<Vec<ImportedNote>, HistoryError> {
    let classified: BTreeSet<NoteLine> = all(runs)?.into_iter().filter_map(|(_, note)| note.line).collect();
    let open = |line: &ImportedNote| !line.is_structure && !classified.contains(&line.place);
    Ok(imported(runs)?.into_iter().filter(open).collect())
}

/// One of them, classified or not.
pub fn line(runs: &Runs, wanted: &NoteLine) -> Result<ImportedNote, HistoryError> {
    let of_name = |imported: &imports::Imported| imported.import.id == wanted.import;
    if imports::read(runs)?.iter().any(|imported| of_name(imported) && imported.withdrawn.is_some()) {
        return Err(HistoryError::Withdrawn { import: wanted.import.clone() });
    }
    imported(runs)?
        .into_iter()
        .find(|line| line.place == *wanted)
        .ok_or_else(|| HistoryError::NoLine { import: wanted.import.clone(), line: wanted.line })
}
