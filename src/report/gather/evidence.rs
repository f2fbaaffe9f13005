//! What a report reads of a run's artifacts: each is checked against its fingerprint and, where there is something to
//! draw in it, read in the same pass. All processors read.

use crate::{
    record::{Artifact, Record, Speaks},
    report::{
        Kept,
        series::{self, Samples, Windows},
    },
    store::artifacts::{self, Altered},
    support::fingerprint::Reading,
};
use jiff::Timestamp;
use rayon::prelude::*;
use std::{cmp::Reverse, collections::BTreeMap, io::BufReader, path::Path};

/// Bytes that are read at once.
const AT_ONCE: usize = 256 * 1024;

/// Reads the artifacts that `records` name, below the folder of their run.
pub(super) fn read(run_dir: &Path, records: &[Record]) -> Kept {
    let mut artifacts: BTreeMap<&str, &Artifact> = BTreeMap::new();
    for record in records {
        artifacts.extend(record.event.artifacts().into_iter().map(|a| (a.path.as_str(), a)));
    }
    // The largest come first, so that no processor is left with one at the end.
    let mut queue: Vec<&Artifact> = artifacts.into_values().collect();
    queue.sort_by_key(|artifact| Reverse(artifact.bytes));
    let read: Vec<Read> =
        queue.into_par_iter().with_max_len(1).map(|artifact| one(run_dir, artifact)).collect();
    let mut kept = Kept::default();
    for Read { path, outcome } in read {
        match outcome {
            Err(altered) => drop(kept.altered.insert(path, altered.said())),
            Ok(Some(Drawable::Windows(windows))) => drop(kept.windows.insert(path, windows)),
            Ok(Some(Drawable::Start(start))) => drop(kept.starts.insert(path, start)),
            Ok(Some(Drawable::Samples(samples))) => drop(kept.samples.insert(path, samples)),
            Ok(None) => {}
        }
    }
    kept
}

/// An artifact, read.
struct Read {
    path: String,
    outcome: Result<Option<Drawable>, Altered>,
}

/// What can be drawn of an artifact.
enum Drawable {
    Windows(Windows),
    Start(Timestamp),
    Samples(Samples),
}

fn one(run_dir: &Path, artifact: &Artifact) -> Read {
    let path = artifact.path.clone();
    let pass = || {
        let file = artifacts::open(run_dir, artifact)?;
        let mut reader = BufReader::with_capacity(AT_ONCE, Reading::new(file));
        // What cannot be drawn is told by its figures; the picture is left out.
        let seen = match path.rsplit('/').next() {
            Some("windows.csv") => series::windows(&mut reader).ok().map(Drawable::Windows),
            Some("latency.hlog") => series::start(&mut reader).map(Drawable::Start),
            Some("samples.csv") => series::samples(&mut reader).ok().map(Drawable::Samples),
            _ => None,
        };
        // What is in the buffer was counted when it was read.
        let hash = reader.into_inner().finish().map_err(|cause| artifacts::unread(artifact, cause))?;
        match hash == artifact.sha256 {
            true => Ok(seen),
            false => Err(Altered::Changed(path.clone())),
        }
    };
    let outcome = pass();
    Read { path, outcome }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        record::{Attempt, Event, StepId},
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
        assert!(kept.altered["03/1/gone/windows.csv"].contains("missing"));
    }
}
