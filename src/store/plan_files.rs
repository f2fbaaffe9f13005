//! Keeps the files of the plan in the run's folder, so that a later change can be shown line by line: one archive, so that
//! the plan of a thousand steps costs no more syncs than that of one.

use super::{
    ArtifactDir, RunDir,
    artifacts::{self, ArtifactError},
    bundle,
};
use crate::{
    record::Artifact,
    support::{fingerprint, redact},
};
use std::{
    io::{self, BufReader, Read},
    path::Path,
};

/// The folder below the run's.
const FOLDER: &str = "plan";

/// Stores the files, each given by path and text, secrets masked, in a tar archive that is named after its content. One of
/// `known` that has the same content and is whole is not written again.
pub fn keep<'f>(
    run: &RunDir,
    files: impl IntoIterator<Item = (&'f Path, &'f str)>,
    known: &[Artifact],
) -> Result<Artifact, ArtifactError> {
    let folder = ArtifactDir::new(&run.path, FOLDER);
    let files: Vec<_> = files.into_iter().map(|(path, text)| (path, redact::mask(text))).collect();
    let content = files
        .iter()
        .flat_map(|(path, text)| [path.as_os_str().as_encoded_bytes(), b"\0", text.as_bytes(), b"\0"]);
    let name = format!("{}.tar", &fingerprint::of_parts(content)[..12]);
    let path = format!("{FOLDER}/{name}");
    if let Some(there) = known.iter().find(|a| a.path == path)
        && artifacts::verify(&run.path, there).is_ok()
    {
        return Ok(there.clone());
    }
    let fault = |cause: io::Error| ArtifactError { path: folder.path(), cause };
    let mut tar = tar::Builder::new(folder.create(&name, "application/x-tar")?);
    for (path, text) in files {
        bundle::append(&mut tar, path, text.len() as u64, text.as_bytes()).map_err(fault)?;
    }
    tar.into_inner().map_err(fault)?.finish()
}

/// The text of one of the files that are kept; `None` where it is not among them, or they cannot be read.
pub fn text(run_dir: &Path, kept: &Artifact, path: &Path) -> Option<String> {
    let file = artifacts::open(run_dir, kept).ok()?;
    let mut archive = tar::Archive::new(BufReader::new(file));
    let mut entries = archive.entries().ok()?.flatten();
    let mut entry = entries.find(|entry| entry.path().is_ok_and(|p| p == path))?;
    let mut text = String::new();
    entry.read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_back_without_its_secrets_and_kept_once() {
        let root = tempfile::tempdir().unwrap();
        let run = RunDir { run: "r".into(), path: root.path().to_owned() };
        let (campaign, long) =
            (Path::new("plan/campaign.yaml"), "steps/".to_owned() + &"x".repeat(150) + ".md");
        let files = [(campaign, "name: c\nssl.key.password: hunter22\n"), (Path::new(&long), "# A step\n")];
        let kept = keep(&run, files, &[]).unwrap();
        assert_eq!(text(root.path(), &kept, campaign).unwrap(), "name: c\nssl.key.password: ***\n");
        assert_eq!(text(root.path(), &kept, Path::new(&long)).unwrap(), "# A step\n");
        assert_eq!(text(root.path(), &kept, Path::new("steps/other.md")), None);
        artifacts::verify(root.path(), &kept).unwrap();

        let written =
            |kept: &Artifact| std::fs::metadata(root.path().join(&kept.path)).unwrap().modified().unwrap();
        let first = written(&kept);
        let again = keep(&run, files, std::slice::from_ref(&kept)).unwrap();
        assert_eq!((&again, written(&again)), (&kept, first), "the same content is not written again");
        std::fs::write(root.path().join(&kept.path), "broken").unwrap();
        let mended = keep(&run, files, std::slice::from_ref(&kept)).unwrap();
        artifacts::verify(root.path(), &mended).unwrap();
        assert_ne!(
            keep(&run, files.into_iter().take(1), std::slice::from_ref(&kept)).unwrap().path,
            kept.path
        );
    }
}
