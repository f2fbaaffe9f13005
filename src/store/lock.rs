//! A lock file that names its owner and frees itself when the owner dies.

use crate::support::host;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Held until it is dropped or its process ends, however that ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Process.
    pub pid: u32,
    /// Host.
    pub host: String,
    /// Boot of that host.
    pub boot_id: String,
    /// Since when.
    pub since: Timestamp,
    /// What for.
    pub what: String,
}

/// Why a lock could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process has it.
    #[error("{} is in use by {}", .path.display(), .owner.as_ref().map_or_else(|| "another process".to_owned(), |o| format!("process {} on {} ({}, since {})", o.pid, o.host, o.what, o.since)))]
    Held {
        /// The lock file.
        path: PathBuf,
        /// Its owner, where the file says so.
        owner: Option<Owner>,
    },
    /// The disk refused.
    #[error("cannot lock {}: {cause}", .path.display())]
    Disk {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
}

impl Lock {
    /// Takes the lock, or says who has it. The operating system frees it with its owner, so there is no stale lock.
    pub fn take(path: &Path, what: &str) -> Result<Self, Error> {
        let disk = |cause| Error::Disk { path: path.to_owned(), cause };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(disk)?;
        }
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(disk)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Held { path: path.to_owned(), owner: owner(path) });
            }
            Err(TryLockError::Error(cause)) => return Err(disk(cause)),
        }
        let owner = Owner {
            pid: std::process::id(),
            host: host::name(),
            boot_id: host::boot_id(),
            since: Timestamp::now(),
            what: what.to_owned(),
        };
        let text = serde_json::to_string(&owner).map_err(|e| disk(io::Error::other(e)))?;
        file.set_len(0).and_then(|()| file.write_all(text.as_bytes())).map_err(disk)?;
        Ok(Self { _file: file })
    }

    /// Whether a living process holds the lock now.
    pub fn is_held(path: &Path) -> bool {
        File::open(path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}

fn owner(path: &Path) -> Option<Owner> {
    serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_taker_is_told_who_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = Lock::take(&path, "run a").unwrap();
        let error = Lock::take(&path, "run b").unwrap_err().to_string();
        assert!(
            error.contains(&format!("process {}", std::process::id())) && error.contains("run a"),
            "{error}"
        );
        assert!(Lock::is_held(&path));
        drop(first);
        assert!(!Lock::is_held(&path));
        Lock::take(&path, "run b").unwrap();
    }
}
