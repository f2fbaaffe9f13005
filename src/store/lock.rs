//! A lock file that names its owner and frees itself when the owner dies.
//!
//! The operating system frees it, so on one machine there is no stale lock: what a dead owner left in the file is taken
//! over and told. A file system that is shared between machines may not pass locks on; what another machine left there is
//! therefore taken over only by whoever says so.

use crate::{
    record::{
        Arg, Event, Said, Speaks, display_by_said,
        event::{Note, NoteKind},
        messages,
    },
    support::{files, host, text},
};
use jiff::Timestamp;
use rustix::fs::{Mode, OFlags};
use serde::{Deserialize, Serialize};
use std::{
    error::Error,
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Held until it is dropped or its process ends, however that ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
    left: Option<Left>,
}

/// What an owner that is gone left in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Who had the lock, as the file says.
    pub owner: Owner,
    /// What is known of its end.
    pub end: End,
}

/// What is known of the end of a lock's owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It ran under this boot of this machine, whose system freed the lock when it died.
    Died,
    /// This machine was started again since.
    Rebooted,
    /// It ran on another machine, and whoever took the lock over said that it has ended.
    Elsewhere,
}

/// The process that holds a lock, as its file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Process id on its machine.
    pub pid: u32,
    /// Name of the machine that the process runs on.
    pub host: String,
    /// Id of the boot during which it took the lock.
    pub boot_id: String,
    /// Time at which it took the lock.
    pub since: Timestamp,
    /// Command that took the lock, such as `jalon resume`.
    pub what: String,
}

impl Speaks for Owner {
    fn said(&self) -> Said {
        let pid = self.pid.to_string();
        process(pid, self.host.as_str(), self.what.as_str(), self.since.to_string())
    }
}

/// Why a lock could not be taken.
#[derive(Debug)]
pub enum LockError {
    /// A process of another machine took it and has not given it back; whether it lives cannot be seen from here.
    Elsewhere {
        /// Path of the lock file.
        path: PathBuf,
        /// Who took it, as the file says.
        owner: Box<Owner>,
    },
    /// Another process has it.
    Held {
        /// Path of the lock file.
        path: PathBuf,
        /// Its owner, where the file says so.
        owner: Option<Owner>,
    },
    /// The lock file cannot be opened or written.
    Disk {
        /// Path of the lock file.
        path: PathBuf,
        /// Error of the operating system.
        cause: io::Error,
    },
}

impl Lock {
    /// Takes the lock, or says who has it. What another machine left is taken over only with `take_over`.
    pub fn take(path: &Path, what: &str, take_over: bool) -> Result<Self, LockError> {
        let disk = |cause| LockError::Disk { path: path.to_owned(), cause };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(disk)?;
        }
        // What a link leads to is not ours to empty, and a pipe would be waited for.
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let mut file =
            rustix::fs::open(path, flags, Mode::from(0o644)).map(File::from).map_err(|e| disk(e.into()))?;
        if !file.metadata().map_err(disk)?.is_file() {
            return Err(disk(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")));
        }
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Held { path: path.to_owned(), owner: owner(path) });
            }
            Err(TryLockError::Error(cause)) => return Err(disk(cause)),
        }
        let this = Owner::this(what);
        let left = owner(path).map(|owner| Left { end: this.end_of(&owner), owner });
        if let Some(Left { owner, end: End::Elsewhere }) = &left
            && !take_over
        {
            return Err(LockError::Elsewhere { path: path.to_owned(), owner: Box::new(owner.clone()) });
        }
        let text = serde_json::to_string(&this).map_err(|e| disk(io::Error::other(e)))?;
        file.set_len(0).and_then(|()| file.write_all(text.as_bytes())).map_err(disk)?;
        tracing::debug!(path = %path.display(), "lock taken");
        Ok(Self { file, left })
    }

    /// What the owner before left, where it did not give the lock back.
    pub fn left(&self) -> Option<&Left> {
        self.left.as_ref()
    }

    /// Whether a living process holds the lock now.
    pub fn is_held(path: &Path) -> bool {
        files::open(path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Given back: the file names nobody. Where that fails, the next owner takes it over.
        let _ = self.file.set_len(0);
    }
}

impl Owner {
    /// This process.
    fn this(what: &str) -> Self {
        Self {
            pid: std::process::id(),
            host: host::name(),
            boot_id: host::boot_id(),
            since: Timestamp::now(),
            what: what.to_owned(),
        }
    }

    /// How `other` must have ended, given that this process could take its lock.
    fn end_of(&self, other: &Self) -> End {
        match () {
            // One kernel, and it has freed the lock: also of another container on this machine.
            () if !self.boot_id.is_empty() && self.boot_id == other.boot_id => End::Died,
            () if self.host != other.host => End::Elsewhere,
            () if self.boot_id.is_empty() => End::Died,
            () => End::Rebooted,
        }
    }
}

impl Left {
    /// The record that the lock was taken over.
    pub fn event(&self) -> Event {
        // That the owner on another machine has ended was a person's word.
        let (kind, by) = match self.end {
            End::Died | End::Rebooted => (NoteKind::Observation, Note::JALON.to_owned()),
            End::Elsewhere => (NoteKind::Decision, host::operator()),
        };
        Event::NoteAdded(Note::new(kind, by, took_over(self.said())))
    }
}

impl Speaks for Left {
    fn said(&self) -> Said {
        let owner = &self.owner;
        match self.end {
            End::Died => left_by_a_dead_one(owner),
            End::Rebooted => left_by_a_reboot(owner),
            End::Elsewhere => left_elsewhere(owner),
        }
    }
}

impl Speaks for LockError {
    fn said(&self) -> Said {
        match self {
            Self::Elsewhere { path, owner } => held_elsewhere(Arg::text(text::path(path)), &**owner),
            Self::Held { path, owner: Some(owner) } => held(Arg::text(text::path(path)), owner),
            Self::Held { path, owner: None } => held_by_another(Arg::text(text::path(path))),
            Self::Disk { path, cause } => not_taken(Arg::text(text::path(path)), cause.to_string()),
        }
    }
}

display_by_said!(Left, LockError, Owner);

impl Error for LockError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Disk { cause, .. } => Some(cause),
            Self::Elsewhere { .. } | Self::Held { .. } => None,
        }
    }
}

messages! {
    area "lock";
    held(path, owner) => "{path} is in use by {owner}" / "{path} est utilisé par {owner}";
    held_by_another(path) => "{path} is in use by another process" / "{path} est utilisé par un autre processus";
    held_elsewhere(path, owner) => "{path} was taken by {owner}, another machine, and was not given back" / "{path} a été pris par {owner}, une autre machine, et n'a pas été rendu";
    left_by_a_dead_one(owner) => "the lock of {owner}, which ended without releasing it" / "le verrou pris par {owner}, qui s'est arrêté sans le rendre";
    left_by_a_reboot(owner) => "the lock of {owner}, which ended with the machine: it was started again since" / "le verrou pris par {owner}, arrêté avec la machine, qui a redémarré depuis";
    left_elsewhere(owner) => "the lock of {owner} on another machine, because it was said to have ended" / "le verrou pris par {owner} sur une autre machine, parce qu'il a été dit terminé";
    not_taken(path, cause) => "cannot lock {path}: {cause}" / "impossible de verrouiller {path} : {cause}";
    process(pid, host, what, since) => "process {pid} on {host} ({what}, since {since})" / "le processus {pid} sur {host} ({what}, depuis {since})";
    took_over(what) => "took over {what}" / "a repris {what}";
}

fn owner(path: &Path) -> Option<Owner> {
    serde_json::from_slice(&files::read(path, files::LARGEST_TEXT).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_taker_is_told_who_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = Lock::take(&path, "run a", false).unwrap();
        let error = Lock::take(&path, "run b", true).unwrap_err().to_string();
        assert!(
            error.contains(&format!("process {}", std::process::id())) && error.contains("run a"),
            "{error}"
        );
        assert!(Lock::is_held(&path));
        drop(first);
        assert!(!Lock::is_held(&path));
        Lock::take(&path, "run b", true).unwrap();
    }

    /// A lock file as its owner left it that was killed.
    fn left_by(path: &Path, change: impl FnOnce(&mut Owner)) -> Result<Option<End>, LockError> {
        let mut owner = Owner::this("jalon run");
        owner.pid = 4242;
        change(&mut owner);
        fs::write(path, serde_json::to_string(&owner).unwrap()).unwrap();
        Lock::take(path, "jalon resume", false).map(|lock| lock.left().map(|left| left.end))
    }

    #[test]
    fn what_a_dead_owner_left_is_taken_over_and_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        assert_eq!(left_by(&path, |_| ()).unwrap(), Some(End::Died));
        assert_eq!(left_by(&path, |o| o.host = "container-2".into()).unwrap(), Some(End::Died));
        assert_eq!(left_by(&path, |o| o.boot_id = "another".into()).unwrap(), Some(End::Rebooted));
        assert_eq!(Lock::take(&path, "x", false).unwrap().left(), None, "the last owner gave it back");
        fs::write(&path, "{half a li").unwrap();
        assert_eq!(Lock::take(&path, "x", false).unwrap().left(), None);
    }

    #[test]
    fn the_owner_of_a_lock_is_said_in_french() {
        let owner = Owner::this("jalon run");
        let pid = owner.pid;
        let left = Left { owner, end: End::Died };
        let french = left.said().in_language(crate::record::Language::Fr).into_owned();
        assert!(french.starts_with(&format!("le verrou pris par le processus {pid} sur ")), "{french}");
        assert!(french.contains("(jalon run, depuis "), "{french}");
    }

    #[test]
    fn what_another_machine_left_is_taken_over_only_on_demand() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let away = |owner: &mut Owner| {
            owner.host = "elsewhere".into();
            owner.boot_id = "another".into();
        };
        let error = left_by(&path, away).unwrap_err();
        assert!(matches!(&error, LockError::Elsewhere { owner, .. } if owner.pid == 4242), "{error}");
        assert!(error.to_string().contains("process 4242 on elsewhere"), "{error}");
        let lock = Lock::take(&path, "jalon resume", true).unwrap();
        assert_eq!(lock.left().unwrap().end, End::Elsewhere);
        drop(lock);
        assert_eq!(Lock::take(&path, "x", false).unwrap().left(), None);
    }
}
