//! Reads the files of a campaign from disk.

use super::source::{Problem, Source, Span};
use crate::support::{files, text};
use rayon::prelude::*;
use rustix::io::Errno;
use std::{
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

/// The files of a campaign, read and not yet understood.
#[derive(Debug, Clone)]
pub struct Sources {
    /// Folder of the campaign, as given.
    pub root: PathBuf,
    /// `plan/campaign.yaml`.
    pub campaign: Source,
    /// `plan/environments/*.yaml`, by name.
    pub environments: Vec<(String, Source)>,
    /// `steps/*.md`, in the order of their names.
    pub steps: Vec<Source>,
    /// Files that are there and cannot be read as text.
    pub problems: Vec<Problem>,
}

/// A file or folder that a campaign must have cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}: {cause}", text::path(.path))]
pub struct CampaignError {
    /// The file or folder, with the campaign's folder before it where that is not the current one.
    pub path: PathBuf,
    /// Error of the operating system.
    #[source]
    pub cause: io::Error,
}

impl Sources {
    /// Reads the campaign in `root`. Paths in problems of the plan are relative to it.
    pub fn read(root: &Path) -> Result<Self, CampaignError> {
        let mut problems = Vec::new();
        let mut keep = |read: Result<Source, Unread>| match read {
            Ok(source) => Ok(source),
            Err(Unread::Error(error)) => Err(error),
            Err(Unread::Problem(problem)) => {
                let source = problem.source.clone();
                problems.push(*problem);
                Ok(source)
            }
        };
        let campaign = keep(source(root, "plan/campaign.yaml".into()))?;
        let mut environments = Vec::new();
        for path in names(root, "plan/environments", "yaml")? {
            let name = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
            environments.push((name, keep(source(root, path))?));
        }
        let read: Vec<_> =
            names(root, "steps", "md")?.into_par_iter().map(|path| source(root, path)).collect();
        let steps = read.into_iter().map(keep).collect::<Result<_, _>>()?;
        Ok(Self { root: root.to_owned(), campaign, environments, steps, problems })
    }
}

/// The path as an error shows it: where the reader finds it from the current folder.
fn shown(root: &Path, path: &Path) -> PathBuf {
    if root == Path::new(".") { path.to_owned() } else { root.join(path) }
}

/// Why a file is not there as text.
enum Unread {
    Error(CampaignError),
    Problem(Box<Problem>),
}

fn source(root: &Path, path: PathBuf) -> Result<Source, Unread> {
    let bytes = match files::read(&root.join(&path), files::LARGEST_TEXT) {
        Ok(bytes) => bytes,
        Err(cause) if matches!(cause.kind(), ErrorKind::InvalidInput | ErrorKind::FileTooLarge) => {
            let problem = Source::new(path, "").problem(Span::default(), "unreadable", cause.to_string());
            return Err(Unread::Problem(Box::new(problem)));
        }
        Err(cause) => {
            let to = fs::read_link(root.join(&path)).ok().filter(|_| cause.kind() == ErrorKind::NotFound);
            let Some(to) = to else {
                return Err(Unread::Error(CampaignError { path: shown(root, &path), cause }));
            };
            // The folder has it: the reader is where the campaign is.
            let message = format!("it is a link to `{}`, where no file is", text::path(&to));
            let problem = Source::new(path, "").problem(Span::default(), "unreadable", message);
            return Err(Unread::Problem(Box::new(problem)));
        }
    };
    files::text(bytes).map(|text| Source::new(&path, text)).map_err(|no_text| {
        let span = Span { start: no_text.at, len: 1 };
        let (message, hint) = (no_text.why.to_string(), no_text.hint());
        let problem = Source::new(&path, no_text.shown).problem(span, "encoding", message);
        Unread::Problem(Box::new(problem.hint(hint)))
    })
}

/// Files of one kind in a folder, sorted by name; hidden files and README.md are no part of a plan.
fn names(root: &Path, folder: &str, extension: &str) -> Result<Vec<PathBuf>, CampaignError> {
    let fault = |cause: io::Error| CampaignError {
        path: shown(root, folder.as_ref()),
        cause: match cause.kind() {
            ErrorKind::NotADirectory => io::Error::new(cause.kind(), "it is not a folder"),
            _ if Errno::from_io_error(&cause) == Some(Errno::LOOP) => {
                io::Error::new(ErrorKind::NotADirectory, "its links lead round in a circle")
            }
            _ => cause,
        },
    };
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
