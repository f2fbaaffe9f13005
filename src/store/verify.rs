//! [`verify`]: whether journals and artifacts are what was written.

use super::{
    Lock, RunDir, Runs, artifacts,
    journal::{self, Mark},
    run_dir,
};
use crate::record::{Artifact, Event, RunId};
use schemars::JsonSchema;
use serde::Serialize;
use std::{collections::BTreeSet, path::Path};

/// Whether the evidence of a run, the notes and the imports are what was written.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Verified {
    /// The run; `null` where there is none and only notes and imports were checked.
    pub run: Option<RunId>,
    /// Records in its journal.
    pub records: usize,
    /// Artifacts that the journal names.
    pub artifacts: usize,
    /// Imports on record, withdrawn ones among them.
    pub imports: usize,
    /// Artifacts of the imports.
    pub imported_artifacts: usize,
    /// Notes on record that belong to no run.
    pub notes: usize,
    /// Artifacts that are missing or altered, in a sentence each.
    pub faults: Vec<String>,
    /// Files that no record names.
    pub extra: Vec<String>,
}

/// Checks every artifact that the journals of `run` and of the imports name, and the chains of these and of the notes.
pub fn verify(runs: &Runs, run: Option<&RunDir>) -> Result<Verified, journal::Error> {
    let (notes, imports) = (Checked::of(&runs.notes())?, Checked::of(&runs.imports())?);
    let checked = run.map(Checked::of).transpose()?.unwrap_or_default();
    let (mut faults, mut extra) = (checked.faults, checked.extra);
    faults.extend(imports.faults.into_iter().map(|fault| format!("imports: {fault}")));
    extra.extend(imports.extra.into_iter().map(|file| format!("imports/{file}")));
    Ok(Verified {
        run: run.map(|run| run.run.clone()),
        records: checked.records,
        artifacts: checked.artifacts,
        imports: imports.imports,
        imported_artifacts: imports.artifacts,
        notes: notes.records,
        faults,
        extra,
    })
}

/// A journal and its artifacts, read and compared.
#[derive(Default)]
struct Checked {
    records: usize,
    artifacts: usize,
    imports: usize,
    faults: Vec<String>,
    extra: Vec<String>,
}

impl Checked {
    /// Checks the folder; one without a journal has nothing to check.
    fn of(folder: &RunDir) -> Result<Self, journal::Error> {
        let (path, mut checked) = (folder.journal(), Self::default());
        if !folder.has_journal() {
            return Ok(checked);
        }
        let mut named: Vec<Artifact> = Vec::new();
        let torn = journal::scan(&path, &mut Mark::default(), |record, _| {
            checked.records += 1;
            checked.imports += usize::from(matches!(record.event, Event::ImportAdded(_)));
            named.extend(record.event.artifacts().into_iter().cloned());
        })?;
        // What a living writer has not finished is no fault.
        if !torn.is_empty() && !Lock::is_held(&folder.lock()) {
            checked
                .faults
                .push("the last record of the journal is cut short; what goes on sets it aside".to_owned());
        }
        named.sort_by(|a, b| (&a.path, &a.sha256).cmp(&(&b.path, &b.sha256)));
        named.dedup();
        let names: BTreeSet<&str> = named.iter().map(|a| a.path.as_str()).collect();
        let altered = named.iter().filter_map(|a| artifacts::verify(&folder.path, a).err());
        checked.artifacts = named.len();
        checked.faults.extend(altered.map(|e| e.to_string()));
        checked.extra = extra_files(&folder.path, &names);
        Ok(checked)
    }
}

/// Files in the run's folder that no record names: those of an action that a crash ended.
fn extra_files(root: &Path, named: &BTreeSet<&str>) -> Vec<String> {
    let mut extra = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let Ok(below) = path.strip_prefix(root) else { continue };
            let below = below.to_string_lossy().into_owned();
            let own = below.starts_with("journal.")
                || ["lock", run_dir::GROUPS].contains(&below.as_str())
                || below.starts_with("report");
            if !own && !named.contains(below.as_str()) {
                extra.push(below);
            }
        }
    }
    extra.sort();
    extra
}
