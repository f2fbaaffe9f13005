//! Reads the files of a campaign from disk.

use super::source::Source;
use rayon::prelude::*;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The files of a campaign, read and not yet understood.
#[derive(Debug, Clone)]
pub struct Sources {
    /// The campaign's folder.
    pub root: PathBuf,
    /// `plan/campaign.yaml`.
    pub campaign: Source,
    /// `plan/environments/*.yaml`, by name.
    pub environments: Vec<(String, Source)>,
    /// `steps/*.md`, in the order of their names.
    pub steps: Vec<Source>,
}

/// A file or folder that a campaign must have cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}: {cause}", .path.display())]
pub struct Error {
    /// The file or folder.
    pub path: PathBuf,
    /// What the system said.
    #[source]
    pub cause: io::Error,
}

impl Sources {
    /// Reads the campaign in `root`. Paths in messages are relative to it.
    pub fn read(root: &Path) -> Result<Self, Error> {
        let campaign = source(root, "plan/campaign.yaml".into())?;
        let mut environments = Vec::new();
        for path in names(root, "plan/environments", "yaml")? {
            let name = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
            environments.push((name, source(root, path)?));
        }
        let read: Vec<_> =
            names(root, "steps", "md")?.into_par_iter().map(|path| source(root, path)).collect();
        let steps = read.into_iter().collect::<Result<_, _>>()?;
        Ok(Self { root: root.to_owned(), campaign, environments, steps })
    }
}

fn source(root: &Path, path: PathBuf) -> Result<Source, Error> {
    match fs::read_to_string(root.join(&path)) {
        Ok(text) => Ok(Source::new(path, text.strip_prefix('\u{feff}').map_or(text.as_str(), |t| t))),
        Err(cause) => Err(Error { path, cause }),
    }
}

/// Files of one kind in a folder, sorted by name; hidden files and README.md are no part of a plan.
fn names(root: &Path, folder: &str, extension: &str) -> Result<Vec<PathBuf>, Error> {
    let fault = |cause| Error { path: folder.into(), cause };
    let mut paths = Vec::new();
    for entry in fs::read_dir(root.join(folder)).map_err(fault)? {
        let name = entry.map_err(fault)?.file_name().to_string_lossy().into_owned();
        let path = Path::new(folder).join(&name);
        if path.extension().is_some_and(|e| e == extension) && !name.starts_with('.') && name != "README.md" {
            paths.push(path);
        }
    }
    // They differ in their names alone; comparing part by part takes ten times as long.
    paths.sort_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
    Ok(paths)
}
