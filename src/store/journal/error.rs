//! What can go wrong with a journal.

use std::{io, path::PathBuf};

/// What can go wrong with a journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The bytes are not what was written.
    #[error("{}:{line}: the journal is damaged: {problem}", .path.display())]
    Damaged {
        /// Path of the journal.
        path: PathBuf,
        /// Number of the line, from 1: the first record that is damaged or missing.
        line: usize,
        /// What is wrong with the line, in a sentence.
        problem: String,
    },
    /// Reading or writing the journal failed.
    #[error("cannot {verb} the journal {}: {cause}", .path.display())]
    Disk {
        /// What was tried, as a verb.
        verb: &'static str,
        /// Path of the journal.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        cause: io::Error,
    },
    /// Another process writes it.
    #[error("{} is in use by another process", .path.display())]
    InUse {
        /// Path of the journal.
        path: PathBuf,
    },
    /// Another file, or none, stands where this process writes the journal or its head, or somebody else wrote to it.
    #[error("{} was removed, replaced or altered while it was written", .path.display())]
    Replaced {
        /// The journal, or its head.
        path: PathBuf,
    },
}
