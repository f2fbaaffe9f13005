//! What a report reads of a run's artifacts: each is checked against its fingerprint and, where there is something to
//! draw in it, read in the same pass. All processors read.

use crate::{
    record::{Artifact, Event, Record},
    report::{Kept, series},
    store::artifacts::Altered,
    support::fingerprint::Reading,
};
use std::{collections::BTreeMap, fs::File, io, io::BufReader, path::Path, sync::Mutex};

/// Bytes that are read at once.
const AT_ONCE: usize = 256 * 1024;

/// Reads the artifacts that `records` name, below the folder of their run.
pub(super) fn read(run_dir: &Path, records: &[Record]) -> Kept {
    let mut artifacts: BTreeMap<&str, &Artifact> = BTreeMap::new();
    for record in records {
        match &record.event {
            Event::ArtifactStored { artifact, .. } => {
                artifacts.insert(&artifact.path, artifact);
            }
            Event::SnapshotTaken { artifacts: taken, .. } => {
                artifacts.extend(taken.iter().map(|a| (a.path.as_str(), a)));
            }
            _ => {}
        }
    }
    // The largest come first, so that no processor is left with one at the end.
    let mut queue: Vec<&Artifact> = artifacts.into_values().collect();
    queue.sort_by_key(|artifact| artifact.bytes);
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(queue.len().max(1));
    let (queue, kept) = (Mutex::new(queue), Mutex::new(Kept::default()));
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(artifact) = queue.lock().ok().and_then(|mut queue| queue.pop()) {
                    one(run_dir, artifact, &kept);
                }
            });
        }
    });
    kept.into_inner().unwrap_or_default()
}

fn one(run_dir: &Path, artifact: &Artifact, kept: &Mutex<Kept>) {
    let path = artifact.path.clone();
    let fault = |cause: io::Error| match cause.kind() {
        io::ErrorKind::NotFound => Altered::Gone(path.clone()),
        _ => Altered::Unreadable { path: path.clone(), cause },
    };
    let mut windows = None;
    let mut samples = None;
    let mut start = None;
    let mut pass = || {
        let file = File::open(run_dir.join(&artifact.path)).map_err(&fault)?;
        let mut reader = BufReader::with_capacity(AT_ONCE, Reading::new(file));
        // What cannot be drawn is told by its figures; the picture is left out.
        if artifact.path.ends_with("/windows.csv") {
            windows = series::windows(&mut reader).ok();
        } else if artifact.path.ends_with("/latency.hlog") {
            start = series::start(&mut reader);
        } else if artifact.path.ends_with("/samples.csv") {
            samples = series::samples(&mut reader).ok();
        }
        // What is in the buffer was counted when it was read.
        match reader.into_inner().finish().map_err(&fault)? == artifact.sha256 {
            true => Ok(()),
            false => Err(Altered::Changed(artifact.path.clone())),
        }
    };
    let passed = pass();
    let Ok(mut kept) = kept.lock() else { return };
    match passed {
        Err(altered) => drop(kept.altered.insert(path, altered.to_string())),
        Ok(()) => {
            kept.windows.extend(windows.map(|read| (path.clone(), read)));
            kept.starts.extend(start.map(|at| (path.clone(), at)));
            kept.samples.extend(samples.map(|read| (path, read)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        record::{Attempt, StepId},
        support::fingerprint,
    };

    #[test]
    fn an_artifact_that_was_changed_or_is_gone_is_not_drawn() {
        let run = tempfile::tempdir().unwrap();
        let csv = "start_s,length_s,records_per_s\n0,1,10\n1,1,20\n";
        let record = |seq: u64, action: &str| Record {
            seq,
            at: "2025-12-18T08:00:00Z".parse().unwrap(),
            event: Event::ArtifactStored {
                step: StepId(3),
                attempt: Attempt::FIRST,
                action: action.into(),
                artifact: Artifact {
                    path: format!("03/1/{action}/windows.csv"),
                    sha256: fingerprint::of_bytes(csv),
                    bytes: csv.len() as u64,
                    media_type: "text/csv".to_owned(),
                },
            },
        };
        for (action, text) in [("good", csv), ("changed", "start_s,length_s,records_per_s\n0,1,99\n")] {
            let folder = run.path().join("03/1").join(action);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("windows.csv"), text).unwrap();
        }
        let kept = read(run.path(), &[record(1, "good"), record(2, "changed"), record(3, "gone")]);
        assert_eq!(kept.windows.keys().collect::<Vec<_>>(), ["03/1/good/windows.csv"]);
        assert_eq!(kept.windows["03/1/good/windows.csv"].stretches.len(), 2);
        assert!(kept.altered["03/1/changed/windows.csv"].contains("changed"));
        assert!(kept.altered["03/1/gone/windows.csv"].contains("not there"));
    }
}
