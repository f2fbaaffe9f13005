//! What can go wrong with a journal.

use crate::{
    record::{Arg, Said, Speaks, display_by_said, messages},
    support::text,
};
use std::{
    error::Error,
    io,
    path::{Path, PathBuf},
};

/// What was done to a journal when the disk failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// Cutting a line that was written in part.
    CutHalf,
    /// Cutting that line.
    CutTorn,
    /// Keeping others from it.
    Lock,
    /// Asking for its state.
    Look,
    /// Making the file.
    Make,
    /// Making the file of its head.
    MakeHead,
    /// Opening it to go on.
    Open,
    /// Reading it.
    Read,
    /// Reading its head.
    ReadHead,
    /// Keeping the torn last line in a file beside it.
    SetAside,
    /// Bringing it to the disk.
    Sync,
    /// Writing lines.
    Write,
}

/// What can go wrong with a journal.
#[derive(Debug)]
pub enum JournalError {
    /// The bytes are not what was written.
    Damaged {
        /// Path of the journal.
        path: PathBuf,
        /// Number of the line, from 1: the first record that is damaged or missing.
        line: usize,
        /// What is wrong with the line, in a sentence.
        problem: Said,
    },
    /// Reading or writing the journal failed.
    Disk {
        /// What was tried.
        tried: Tried,
        /// Path of the journal.
        path: PathBuf,
        /// Error of the operating system.
        cause: io::Error,
    },
    /// The folder of the journal, or one above it, is none, or cannot be read.
    Folder {
        /// What stands in the place of the folder.
        path: PathBuf,
        /// What is wrong with it.
        cause: io::Error,
    },
    /// Another process writes it.
    InUse {
        /// Path of the journal.
        path: PathBuf,
    },
    /// Another file, or none, stands where this process writes the journal or its head, or somebody else wrote to it.
    Replaced {
        /// The journal, or its head.
        path: PathBuf,
    },
}

impl Tried {
    /// In words, of the journal at `path`.
    fn of(self, path: Arg) -> Said {
        match self {
            Self::CutHalf => cut_half(path),
            Self::CutTorn => cut_torn(path),
            Self::Lock => lock_it(path),
            Self::Look => stat_it(path),
            Self::Make => make_it(path),
            Self::MakeHead => make_head(path),
            Self::Open => open_it(path),
            Self::Read => read_it(path),
            Self::ReadHead => read_head(path),
            Self::SetAside => set_aside(path),
            Self::Sync => sync_it(path),
            Self::Write => write_it(path),
        }
    }
}

impl JournalError {
    /// That the journal at `path` ends behind record `seq` of the `written` ones.
    pub(in crate::store) fn cut_off(path: &Path, seq: u64, written: u64) -> Self {
        let line = usize::try_from(seq).unwrap_or(usize::MAX).saturating_add(1);
        Self::Damaged { path: path.to_owned(), line, problem: cut_off(written) }
    }

    /// Whether what is on record is not what was written, or was put out of the way; else the disk or another process is in
    /// the way.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Damaged { .. } | Self::Replaced { .. } => true,
            Self::Folder { cause, .. } => cause.kind() == io::ErrorKind::InvalidInput,
            Self::Disk { .. } | Self::InUse { .. } => false,
        }
    }
}

impl Speaks for JournalError {
    fn said(&self) -> Said {
        match self {
            Self::Damaged { path, line, problem } => {
                damaged(Arg::text(text::path(path)), *line, problem.clone())
            }
            Self::Disk { tried, path, cause } => {
                let path = Arg::text(text::path(path));
                not_done(tried.of(path), cause.to_string())
            }
            Self::Folder { path, cause } => no_folder(Arg::text(text::path(path)), cause.to_string()),
            Self::InUse { path } => in_use(Arg::text(text::path(path))),
            Self::Replaced { path } => replaced(Arg::text(text::path(path))),
        }
    }
}

display_by_said!(JournalError);

impl Error for JournalError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Disk { cause, .. } | Self::Folder { cause, .. } => Some(cause),
            _ => None,
        }
    }
}

messages! {
    area "journal";
    all_missing() => "its records and `journal.head` are missing" / "ses enregistrements et `journal.head` manquent";
    altered(record) => "record {record} was altered after it was written" / "l'enregistrement {record} a été modifié après son écriture";
    another_record(record) => "record {record} is not the one that was written" / "l'enregistrement {record} n'est pas celui qui a été écrit";
    cut_half(path) => "cut a half-written line of the journal {path}" / "retirer une ligne à moitié écrite du journal {path}";
    cut_off(records) => "its end is cut off: {records} records were written" / "sa fin est coupée : {records} enregistrements ont été écrits";
    cut_torn(path) => "cut the torn line of the journal {path}" / "retirer la ligne coupée du journal {path}";
    damaged(path, line, problem) => "{path}:{line}: the journal is damaged: {problem}" / "{path}:{line} : le journal est endommagé : {problem}";
    does_not_follow() => "it does not follow from the line before it" / "elle ne fait pas suite à la ligne précédente";
    empty_head() => "it is empty" / "il est vide";
    gone(cause) => "it is not there: {cause}" / "il n'est pas là : {cause}";
    gone_with_records(cause, records) => "it is not there ({cause}), and had {records} records" / "il n'est pas là ({cause}), et avait {records} enregistrements";
    head_missing() => "it is missing" / "il manque";
    in_use(path) => "{path} is in use by another process" / "{path} est utilisé par un autre processus";
    lock_it(path) => "lock the journal {path}" / "verrouiller le journal {path}";
    make_head(path) => "make the head of the journal {path}" / "créer l'en-tête du journal {path}";
    make_it(path) => "make the journal {path}" / "créer le journal {path}";
    no_folder(path, cause) => "cannot use the folder {path}: {cause}" / "impossible d'utiliser le dossier {path} : {cause}";
    no_record() => "it is not a valid record" / "ce n'est pas un enregistrement valable";
    no_text() => "it is not text" / "ce n'est pas du texte";
    not_as_written() => "it is not what was written" / "ce n'est pas ce qui a été écrit";
    not_done(tried, cause) => "cannot {tried}: {cause}" / "échec de l'opération « {tried} » : {cause}";
    of_another_run(run, folder) => "it is the record of run {run}, in a folder named {folder}: a copy or a renamed folder" / "c'est l'enregistrement de l'exécution {run}, dans un dossier nommé {folder} : une copie ou un dossier renommé";
    only_zeros() => "the line has only zero bytes" / "la ligne n'a que des octets nuls";
    open_it(path) => "open the journal {path}" / "ouvrir le journal {path}";
    read_head(path) => "read the head of the journal {path}" / "lire l'en-tête du journal {path}";
    read_it(path) => "read the journal {path}" / "lire le journal {path}";
    record_missing(record) => "record {record} is missing" / "l'enregistrement {record} manque";
    replaced(path) => "{path} was removed, replaced or altered while it was written" / "{path} a été retiré, remplacé ou modifié pendant son écriture";
    set_aside(path) => "set aside the torn line of the journal {path}" / "mettre de côté la ligne coupée du journal {path}";
    stat_it(path) => "stat the journal {path}" / "lire l'état du journal {path}";
    sync_it(path) => "sync the journal {path}" / "écrire sur le disque le journal {path}";
    too_long() => "it is longer than any record" / "elle est plus longue que tout enregistrement";
    write_it(path) => "write the journal {path}" / "écrire dans le journal {path}";
}
