//! Keeps the files of the plan in the run's folder, so that a later change can be shown line by line.

use crate::{
    plan::source::Source,
    record::event::PlanFile,
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
    files
        .iter()
        .map(|source| {
            let text = redact::mask(&source.text);
            let base = source.path.file_name().unwrap_or_default().to_string_lossy();
            let hash = fingerprint::of_bytes(text.as_bytes());
            let name = format!("{}-{base}", &hash[..12]);
            let path = source.path.display().to_string();
            let media_type = if base.ends_with(".md") { "text/markdown" } else { "application/yaml" };
            let artifact = match known.get(format!("{FOLDER}/{name}").as_str()) {
                Some(kept) if artifacts::verify(&run.path, &kept.artifact).is_ok() => kept.artifact.clone(),
                _ => folder.write(&name, media_type, text.as_bytes())?,
            };
            Ok(PlanFile { path, artifact })
        })
        .collect()
}
