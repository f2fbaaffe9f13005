//! Keeps the files of the plan in the run's folder, so that a later change can be shown line by line.

use crate::{
    plan::source::Source,
    record::{Artifact, event::PlanFile},
    store::{
        ArtifactDir, RunDir,
        artifacts::{self, Error},
    },
    support::{fingerprint, redact},
};
use std::collections::BTreeMap;

/// The folder below the run's.
const FOLDER: &str = "plan";

/// Stores every file under a name made of its content, secrets masked; one that is there already (`known`) is not
/// written again.
pub fn keep(run: &RunDir, files: &[Source], known: &[PlanFile]) -> Result<Vec<PlanFile>, Error> {
    let folder = ArtifactDir::new(&run.path, FOLDER);
    let known: BTreeMap<&str, &PlanFile> = known.iter().map(|f| (f.artifact.path.as_str(), f)).collect();
    let mut kept = Vec::new();
    let mut fresh = Vec::new();
    for source in files {
        let text = redact::mask(&source.text);
        let base = source.path.file_name().unwrap_or_default().to_string_lossy();
        let hash = fingerprint::of_bytes(text.as_bytes());
        let name = format!("{}-{base}", &hash[..12]);
        let media_type = if base.ends_with(".md") { "text/markdown" } else { "application/yaml" };
        let there = known.get(format!("{FOLDER}/{name}").as_str()).map(|file| &file.artifact);
        let there = there.filter(|artifact| artifacts::verify(&run.path, artifact).is_ok());
        if there.is_none() {
            fresh.push((name, media_type, text));
        }
        kept.push((source.path.display().to_string(), there));
    }
    let mut written = folder.write_many(fresh)?.into_iter();
    let file = |(path, there): (String, Option<&Artifact>)| {
        Some(PlanFile { path, artifact: there.cloned().or_else(|| written.next())? })
    };
    Ok(kept.into_iter().filter_map(file).collect())
}
