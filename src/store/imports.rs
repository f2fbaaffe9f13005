//! Work done by hand, on record: what `jalon import` read, in a journal of its own below `artifacts/imports`.
//!
//! Each import is one record of the journal and two artifacts: the text as it came, secrets masked, and what was read from
//! it. Nothing is deleted: an import that was a mistake is withdrawn by another record.

use super::{
    Runs, artifacts,
    journal::{self, Mark},
};
use crate::{
    record::{Event, Import, Reading, Withdrawal},
    support::{files, text},
};
use jiff::{Timestamp, civil::Date};
use std::path::PathBuf;

/// Why the results of an import cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ImportsError {
    /// The artifact is not what was written.
    #[error(transparent)]
    Altered(#[from] artifacts::Altered),
    /// The artifact is what was written and cannot be read all the same.
    #[error("{}: {cause}", text::path(.path))]
    Unreadable {
        /// Path of the artifact that cannot be read.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        cause: serde_json::Error,
    },
}

/// One import, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// Time of the record of the import.
    pub at: Timestamp,
    /// Name, day, step, file and counts, as they were recorded.
    pub import: Import,
    /// The withdrawal, if the import no longer counts.
    pub withdrawn: Option<(Timestamp, Withdrawal)>,
}

/// Every import of the campaign, oldest first, withdrawn ones among them. There may be none.
pub fn read(runs: &Runs) -> Result<Vec<Imported>, journal::JournalError> {
    let path = runs.imports().journal();
    let mut found = Vec::new();
    if runs.imports().look()? {
        journal::scan(&path, &mut Mark::default(), |record, _| take(&mut found, record.at, record.event))?;
    }
    Ok(found)
}

fn take(found: &mut Vec<Imported>, at: Timestamp, event: Event) {
    match event {
        Event::ImportAdded(import) => found.push(Imported { at, import: *import, withdrawn: None }),
        Event::ImportWithdrawn(withdrawal) => {
            if let Some(meant) = found.iter_mut().find(|i| i.import.id == withdrawal.import) {
                meant.withdrawn = Some((at, withdrawal));
            }
        }
        _ => {}
    }
}

/// What was read from an import's file, windows and metrics included, each scenario with its tool; it is checked first.
pub fn reading(runs: &Runs, import: &Import) -> Result<Reading, ImportsError> {
    let folder = runs.imports().path;
    artifacts::verify(&folder, &import.reading)?;
    let path = folder.join(&import.reading.path);
    let bytes = files::read(&path, files::LARGEST)
        .map_err(|cause| artifacts::Altered::Unreadable { path: import.reading.path.clone(), cause })?;
    let mut reading: Reading =
        serde_json::from_slice(&bytes).map_err(|cause| ImportsError::Unreadable { path, cause })?;
    reading.complete_tools();
    // The file has the texts of the warnings; the journal has the messages behind them.
    for (read, kept) in reading.scenarios.iter_mut().zip(&import.scenarios) {
        if read.warnings == kept.warnings {
            read.warnings.clone_from(&kept.warnings);
        }
    }
    Ok(reading)
}

/// A name for an import of that day that no other one has.
pub fn next_id(imports: &[Imported], day: Date) -> String {
    let of_day = imports.iter().filter(|i| i.import.day == day).count();
    format!("{day}-{}", of_day + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        record::{Scenario, StepId, Tool},
        store::Recorder,
    };
    use std::fs;

    #[test]
    fn an_import_is_read_back_and_may_be_withdrawn() {
        let campaign = tempfile::tempdir().unwrap();
        let runs = Runs::of_campaign(campaign.path());
        assert_eq!(read(&runs).unwrap(), []);
        let day = jiff::civil::date(2026, 3, 2);
        let id = next_id(&[], day);
        let mut recorder = Recorder::open(&runs.imports(), "import", false).unwrap().recorder;
        let dir = recorder.artifacts(&id);
        let reading = Reading {
            scenarios: vec![Scenario { name: "consume t".into(), ..Scenario::default() }],
            ..Reading::default()
        };
        let import = Import {
            id: id.clone(),
            day,
            step: Some(StepId(3)),
            by: "ana@bench".into(),
            file: "notes.txt".into(),
            sha256: "0".repeat(64),
            source: dir.write("source.txt", "text/plain", b"x\n").unwrap(),
            reading: dir.write_json("reading.json", &reading).unwrap(),
            scenarios: reading.scenarios.clone(),
            notes: 0,
            not_understood: 0,
        };
        recorder.commit([Event::ImportAdded(Box::new(import.clone()))]).unwrap();
        let at = recorder.state().last.unwrap().1;
        let found = super::read(&runs).unwrap();
        assert_eq!(found, [Imported { at, import: import.clone(), withdrawn: None }]);
        let mut complete = reading;
        complete.scenarios[0].tool = Some(Tool::Consumer);
        assert_eq!(super::reading(&runs, &import).unwrap(), complete, "the tool of an old import");
        assert_eq!(next_id(&found, day), "2026-03-02-2");
        let withdrawal = Withdrawal { import: id, by: "ana@bench".into(), reason: "another day".into() };
        recorder.commit([Event::ImportWithdrawn(withdrawal.clone())]).unwrap();
        let at = recorder.state().last.unwrap().1;
        assert_eq!(super::read(&runs).unwrap()[0].withdrawn, Some((at, withdrawal)));
        fs::write(runs.imports().path.join(&import.reading.path), "{}").unwrap();
        assert!(matches!(super::reading(&runs, &import), Err(ImportsError::Altered(_))));
    }
}
