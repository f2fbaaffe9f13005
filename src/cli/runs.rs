//! `jalon runs` and `jalon verify`.

use super::{
    Error, Exit,
    open::{self, RunChoice},
    output,
};
use crate::{
    record::Artifact,
    store::{Runs, artifacts},
    support::text,
};
use clap::Args;
use std::path::Path;

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

/// Checks every artifact that the journal names. Reading the journal has checked its own chain.
pub(super) fn verify(dir: &Path, args: &VerifyArgs) -> Result<Exit, Error> {
    let run = open::run_dir(dir, &args.choice)?;
    let (records, _) = open::read(&run)?;
    let mut named: Vec<&Artifact> = records.iter().flat_map(|r| r.event.artifacts()).collect();
    named.sort_by(|a, b| (&a.path, &a.sha256).cmp(&(&b.path, &b.sha256)));
    named.dedup();
    let faults: Vec<String> =
        named.iter().filter_map(|a| artifacts::verify(&run.path, a).err()).map(|e| e.to_string()).collect();
    let names: std::collections::BTreeSet<&str> = named.iter().map(|a| a.path.as_str()).collect();
    let extra = extra_files(&run.path, &names);
    if args.json {
        output::print_json(&serde_json::json!({
            "run": run.run, "records": records.len(), "artifacts": named.len(), "faults": faults, "extra": extra,
        }))?;
    } else {
        let mut shown =
            format!("{}: {} records, {}\n", run.run, records.len(), text::plural(named.len(), "artifact"));
        faults.iter().for_each(|f| shown.push_str(&format!("  altered: {f}\n")));
        extra.iter().for_each(|f| shown.push_str(&format!("  not in the journal: {f}\n")));
        if faults.is_empty() {
            shown.push_str("journal and artifacts are what was written\n");
        }
        output::print(&shown)?;
    }
    Ok(if faults.is_empty() { Exit::Passed } else { Exit::Damaged })
}

/// Files in the run's folder that no record names: those of an action that a crash ended.
fn extra_files(root: &Path, named: &std::collections::BTreeSet<&str>) -> Vec<String> {
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
