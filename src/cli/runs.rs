//! `jalon runs` and `jalon verify`.

use super::{
    Error, Exit,
    open::{self, RunChoice},
    output,
};
use crate::{
    record::{Artifact, Event},
    store::{RunDir, Runs, artifacts},
    support::text,
};
use clap::Args;
use std::{collections::BTreeSet, path::Path};

/// Arguments of `runs`.
#[derive(Debug, Args)]
pub(super) struct RunsArgs {
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    #[command(flatten)]
    choice: RunChoice,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// Lists the runs, oldest first.
pub(super) fn run(dir: &Path, args: &RunsArgs) -> Result<Exit, Error> {
    let list = Runs::of_campaign(dir).list().map_err(|cause| Error::Disk {
        verb: "read",
        path: dir.join("artifacts"),
        cause,
    })?;
    let mut rows = Vec::new();
    for run in &list {
        // A damaged run is a row like another and hides none.
        let Ok((_, state)) = open::read(run) else {
            rows.push((run.run.to_string(), "damaged".to_owned(), 0, 0));
            continue;
        };
        let word = match state.outcome {
            _ if open::is_live(run) => "running".to_owned(),
            Some(outcome) => serde_json::to_value(outcome)
                .ok()
                .and_then(|v| v.as_str().map(str::to_owned))
                .unwrap_or_default(),
            None => "interrupted".to_owned(),
        };
        let passed = state.steps.values().filter(|s| s.passed().is_some()).count();
        rows.push((run.run.to_string(), word, passed, state.steps.len()));
    }
    if args.json {
        let rows: Vec<_> = rows
            .iter()
            .map(|(run, state, passed, steps)| serde_json::json!({"run": run, "state": state, "passed": passed, "steps": steps}))
            .collect();
        output::print_json(&rows)?;
    } else {
        let rows: String = rows
            .iter()
            .map(|(run, state, passed, steps)| {
                format!("{run:<32} {state:<14} {passed}/{steps} steps passed\n")
            })
            .collect();
        output::print(if rows.is_empty() { "no run yet; start one with `jalon run`\n" } else { &rows })?;
    }
    Ok(Exit::Passed)
}

/// Checks every artifact that the journals of the run and of the imports name, and the chains of these and of the notes.
pub(super) fn verify(dir: &Path, args: &VerifyArgs) -> Result<Exit, Error> {
    let runs = Runs::of_campaign(dir);
    let (notes, imports) = (Checked::of(&runs.notes())?, Checked::of(&runs.imports())?);
    let chosen = match open::run_dir(dir, &args.choice) {
        // What was imported is evidence without a run too.
        Err(Error::NoRun(_)) if imports.records > 0 => None,
        run => Some(run?),
    };
    let run = chosen.as_ref().map(Checked::of).transpose()?.unwrap_or_default();
    let (mut faults, mut extra) = (run.faults, run.extra);
    let imported = imports.faults.into_iter().map(|fault| format!("imports: {fault}"));
    faults.extend(imported);
    extra.extend(imports.extra.into_iter().map(|file| format!("imports/{file}")));
    let name = chosen.map(|run| run.run);
    if args.json {
        output::print_json(&serde_json::json!({
            "run": name, "records": run.records, "artifacts": run.artifacts, "imports": imports.imports,
            "notes": notes.records, "faults": faults, "extra": extra,
        }))?;
    } else {
        let mut shown = match name {
            Some(name) => {
                format!("{name}: {} records, {}\n", run.records, text::plural(run.artifacts, "artifact"))
            }
            None => "no run yet\n".to_owned(),
        };
        if imports.records > 0 {
            shown.push_str(&format!(
                "imports: {}, {}\n",
                text::plural(imports.imports, "import"),
                text::plural(imports.artifacts, "artifact")
            ));
        }
        faults.iter().for_each(|f| shown.push_str(&format!("  altered: {f}\n")));
        extra.iter().for_each(|f| shown.push_str(&format!("  not in the journal: {f}\n")));
        if faults.is_empty() {
            shown.push_str("journal and artifacts are what was written\n");
        }
        output::print(&shown)?;
    }
    Ok(if faults.is_empty() { Exit::Passed } else { Exit::Damaged })
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
    fn of(folder: &RunDir) -> Result<Self, Error> {
        if !folder.journal().is_file() {
            return Ok(Self::default());
        }
        let (records, _) = open::read(folder)?;
        let mut named: Vec<&Artifact> = records.iter().flat_map(|r| r.event.artifacts()).collect();
        named.sort_by(|a, b| (&a.path, &a.sha256).cmp(&(&b.path, &b.sha256)));
        named.dedup();
        let names: BTreeSet<&str> = named.iter().map(|a| a.path.as_str()).collect();
        let altered = named.iter().filter_map(|a| artifacts::verify(&folder.path, a).err());
        Ok(Self {
            records: records.len(),
            artifacts: named.len(),
            imports: records.iter().filter(|r| matches!(r.event, Event::ImportAdded(_))).count(),
            faults: altered.map(|e| e.to_string()).collect(),
            extra: extra_files(&folder.path, &names),
        })
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
            let own = below.starts_with("journal.") || below == "lock" || below.starts_with("report");
            if !own && !named.contains(below.as_str()) {
                extra.push(below);
            }
        }
    }
    extra.sort();
    extra
}
