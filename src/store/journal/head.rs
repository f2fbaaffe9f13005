//! The head of a journal: the number and the hash of its last record, kept beside it, so that a cut end is found.

use super::error::{JournalError, Tried, head_missing, not_as_written};
use crate::{record::Said, store::own::is_own, support::files};
use serde::Deserialize;
use std::{
    fs::{File, OpenOptions},
    io,
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

/// Where the head stands once more, of a journal that belongs to the campaign and to no run: outside of its folder, so that
/// the folder cannot go without a trace.
pub fn outside(journal: &Path) -> Option<PathBuf> {
    let folder = journal.parent()?;
    let name = folder.file_name()?.to_str().filter(|name| is_own(name))?;
    Some(folder.with_file_name(format!(".{name}.head")))
}

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
        // Made, and then the disk was full or the process killed: nothing was written yet.
        Ok(bytes) if bytes.is_empty() => Ok(None),
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|_| damaged(not_as_written())),
        Err(cause) => match cause.kind() {
            io::ErrorKind::NotFound => Ok(None),
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
        head.open()?.write_all_at(text(0, "").as_bytes(), 0)?;
        head.open()?.sync_all()?;
        head.write(0, "");
        Ok(head)
    }

    /// Says how far the journal goes. It is behind the journal where the machine ends before it is on the disk, and never
    /// before it. Where it cannot be written, the journal stands for itself.
    pub(super) fn write(&mut self, seq: u64, hash: &str) {
        let text = text(seq, hash);
        let written = self.open().and_then(|file| file.write_all_at(text.as_bytes(), 0));
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

    fn open(&mut self) -> io::Result<&File> {
        open(&mut self.file, &self.path)
    }
}

/// The file, opened to be written where it is not open yet.
fn open<'f>(file: &'f mut Option<File>, path: &Path) -> io::Result<&'f File> {
    if file.is_none() {
        // What a link leads to is not ours to write to, and a pipe would be waited for.
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        let flags = i32::try_from(flags.bits()).unwrap_or_default();
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).custom_flags(flags);
        *file = Some(options.open(path)?);
    }
    file.as_ref().ok_or_else(|| io::ErrorKind::NotFound.into())
}
