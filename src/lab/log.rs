//! [`Log`]: what a process has written, from one of its starts on.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::PathBuf,
};

/// How much of the end of a file is read for its last lines, in bytes.
const TAIL_BYTES: u64 = 16 * 1024;

/// The log of a process, from a position on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Log {
    pub(super) path: PathBuf,
    /// Where in it this start begins, in bytes.
    pub(super) start: u64,
}

impl Log {
    /// The whole file.
    pub(super) fn whole(path: PathBuf) -> Self {
        Self { path, start: 0 }
    }

    /// What was written since; empty where it cannot be read.
    pub(super) fn text(&self) -> String {
        let mut bytes = vec![];
        let read = File::open(&self.path).and_then(|mut file| {
            file.seek(SeekFrom::Start(self.start))?;
            file.read_to_end(&mut bytes)
        });
        read.map(|_| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// The last lines of the file, whatever start they belong to.
    pub(super) fn tail(&self, lines: usize) -> String {
        let length = self.path.metadata().map_or(0, |m| m.len());
        let text = Self { path: self.path.clone(), start: length.saturating_sub(TAIL_BYTES) }.text();
        let all: Vec<&str> = text.lines().collect();
        if all.is_empty() {
            return "(nothing)".to_owned();
        }
        all[all.len().saturating_sub(lines)..].join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_read_from_its_start_and_its_tail_from_the_end() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("broker.log");
        std::fs::write(&path, "one\ntwo\nthree\n").unwrap();
        let log = Log { path: path.clone(), start: 4 };
        assert_eq!(log.text(), "two\nthree\n");
        assert_eq!(log.tail(1), "three");
        assert_eq!(Log::whole(path).tail(9), "one\ntwo\nthree");
        assert_eq!(Log::whole(root.path().join("none")).tail(1), "(nothing)");
    }
}
