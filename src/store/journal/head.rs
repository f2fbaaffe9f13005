//! The head of a journal: the number and the hash of its last record, kept beside it, so that a cut end is found.

use super::error::{JournalError, Tried, empty_head, head_missing, not_as_written};
use crate::{
    record::Said,
    store::{artifacts, own::ARTIFACTS},
    support::files,
};
use serde::Deserialize;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// What the first record of a journal that has a head follows from. The first one of an older journal follows from
/// nothing.
pub(super) const FIRST: &str = "journal.head";

/// What stands beside a journal.
#[derive(Debug, Deserialize)]
pub(in crate::store) struct Head {
    /// Number of the last record.
    pub(in crate::store) seq: u64,
    pub(super) hash: String,
}

/// Where it stands.
pub(in crate::store) fn beside(journal: &Path) -> PathBuf {
    journal.with_extension("head")
}

/// Where the head of a journal below `artifacts` stands once more: outside of the folder, so that the folder cannot go
/// without a trace.
pub fn outside(journal: &Path) -> Option<PathBuf> {
    let folder = journal.parent()?;
    let name = folder_below_artifacts(journal)?;
    Some(folder.with_file_name(format!("{BEFORE}{name}{BEHIND}")))
}

/// Name of the journal's folder, where it is one of a campaign's `artifacts`.
pub(super) fn folder_below_artifacts(journal: &Path) -> Option<&str> {
    let folder = journal.parent()?;
    let above = folder.parent()?.file_name()?;
    (above == ARTIFACTS).then(|| folder.file_name()?.to_str())?
}

/// The folder that a file of that name is the head of, which stands outside of it.
pub(in crate::store) fn folder_of_outside(name: &str) -> Option<&str> {
    name.strip_prefix(BEFORE)?.strip_suffix(BEHIND).filter(|folder| !folder.is_empty())
}

/// What the name of a head outside of the journal's folder is made of, beside the name of the folder.
const BEFORE: &str = ".";
const BEHIND: &str = ".head";

/// The head of a journal; none where nothing stands there.
pub(in crate::store) fn read(journal: &Path) -> Result<Option<Head>, JournalError> {
    read_at(beside(journal), journal)
}

/// The head outside of the journal's folder. It is behind where another version of this program wrote the journal.
pub(super) fn read_outside(journal: &Path) -> Result<Option<Head>, JournalError> {
    outside(journal).map_or(Ok(None), |path| read_at(path, journal))
}

/// Whether the head outside of the journal's folder says that the journal had records, or is not what was written.
pub(in crate::store) fn had_records(journal: &Path) -> bool {
    !matches!(read_outside(journal), Ok(None | Some(Head { seq: 0, .. })))
}

fn read_at(path: PathBuf, journal: &Path) -> Result<Option<Head>, JournalError> {
    let damaged = |problem: Said| JournalError::Damaged { path: path.clone(), line: 1, problem };
    match files::open_no_link(&path).and_then(|file| files::read_all(file, 1 << 10)) {
        // It appears with its content: who empties it takes it away.
        Ok(bytes) if bytes.is_empty() => Err(damaged(empty_head())),
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|_| damaged(not_as_written())),
        Err(cause) => match cause.kind() {
            // What stands in the place of its folder is told by whoever reads the journal.
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
            io::ErrorKind::InvalidInput | io::ErrorKind::FileTooLarge => {
                Err(damaged(Said::verbatim(cause.to_string())))
            }
            _ => Err(JournalError::Disk { tried: Tried::ReadHead, path: journal.to_owned(), cause }),
        },
    }
}

/// That a journal which had a head has none.
pub(super) fn missing(journal: &Path) -> JournalError {
    JournalError::Damaged { path: beside(journal), line: 1, problem: head_missing() }
}

/// Padded, so that every head has the same length: a shorter one leaves nothing of a longer one.
pub(in crate::store) fn text(seq: u64, hash: &str) -> String {
    format!("{{\"seq\":{seq:<20},\"hash\":\"{hash:0<64}\"}}\n")
}

/// Writes the head of one journal.
#[derive(Debug)]
pub(super) struct Writer {
    path: PathBuf,
    file: Option<File>,
    /// What was written last, where that could be written.
    told: Option<String>,
    /// Where it stands once more.
    outside: Option<PathBuf>,
    outside_file: Option<File>,
}

impl Writer {
    /// That of `journal`, which may have no head yet.
    pub(super) fn new(journal: &Path) -> Self {
        let outside = outside(journal);
        Self { path: beside(journal), file: None, told: None, outside, outside_file: None }
    }

    /// Makes the head of a journal without a record, durable: from here on a journal without one is damaged.
    pub(super) fn create(journal: &Path) -> io::Result<Self> {
        let mut head = Self::new(journal);
        let text = text(0, "");
        open(&mut head.file, &head.path)?.write_all_at(text.as_bytes(), 0)?;
        if let Some(outside) = &head.outside {
            open(&mut head.outside_file, outside)?.write_all_at(text.as_bytes(), 0)?;
        }
        head.told = Some(text);
        Ok(head)
    }

    /// Says how far the journal goes. It is behind the journal where the machine ends before it is on the disk, and never
    /// before it. Where it cannot be written, the journal stands for itself.
    pub(super) fn write(&mut self, seq: u64, hash: &str) {
        let text = text(seq, hash);
        let file = open(&mut self.file, &self.path);
        let written = file.and_then(|file| file.write_all_at(text.as_bytes(), 0));
        if let Some(path) = &self.outside {
            let file = open(&mut self.outside_file, path);
            let _ = file.and_then(|file| file.write_all_at(text.as_bytes(), 0));
        }
        self.told = written.is_ok().then_some(text);
    }

    /// Whether what was written last stands there.
    pub(super) fn is_in_place(&self) -> bool {
        let Some(told) = &self.told else { return true };
        let read = files::open_no_link(&self.path).and_then(|file| files::read_all(file, 1 << 10));
        read.is_ok_and(|there| there == told.as_bytes())
    }
}

/// Writes the head outside of the folder of a journal that came here as a whole and ends with that record; one that stands
/// there already is left.
pub(in crate::store) fn put_outside(journal: &Path, seq: u64, hash: &str) -> io::Result<()> {
    match outside(journal) {
        Some(path) if path.symlink_metadata().is_err() => make(&path, &text(seq, hash)),
        _ => Ok(()),
    }
}

/// The file, opened to be written where it is not open yet; where there is none, that of a journal without a record.
fn open<'f>(file: &'f mut Option<File>, path: &Path) -> io::Result<&'f File> {
    if file.is_none() {
        // What a link leads to is not ours to write to, and a pipe would be waited for.
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        let flags = i32::try_from(flags.bits()).unwrap_or_default();
        let mut options = OpenOptions::new();
        options.write(true).custom_flags(flags);
        *file = Some(match options.open(path) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                make(path, &text(0, ""))?;
                options.open(path)?
            }
            opened => opened?,
        });
    }
    file.as_ref().ok_or_else(|| io::ErrorKind::NotFound.into())
}

/// Where a head is written before it appears.
pub(super) fn partial(head: &Path) -> PathBuf {
    let mut name = head.file_name().unwrap_or_default().to_owned();
    name.push(artifacts::PARTIAL);
    head.with_file_name(name)
}

/// Makes a head, durable, which appears with its content: an empty one was emptied.
fn make(path: &Path, text: &str) -> io::Result<()> {
    let partial = partial(path);
    match fs::remove_file(&partial) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
        _ => {}
    }
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).open(&partial)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&partial, path)
    };
    let written = write();
    if written.is_err() {
        // The disk may be full of it.
        let _ = fs::remove_file(&partial);
    }
    written?;
    path.parent().map_or(Ok(()), artifacts::sync_dir)
}
