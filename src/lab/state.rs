//! The lab's state file, `lab.json`: which processes belong to it, written durably before and after each is spawned.

use super::{
    LabError,
    process::{self, Identity, Life},
    secrets,
    service::{CommandLine, Member},
};
use crate::support::inherited;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, TryLockError},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{
    process::Command,
    time::{Instant, sleep},
};

/// The version of the file's format.
const FORMAT: u32 = 1;

/// The name of the file.
const FILE: &str = "lab.json";

/// Folders that belong to a lab and are made anew with it.
const OWN_FOLDERS: [&str; 4] = ["conf", "data", "logs", secrets::FOLDER];

/// How often it is tried to hold a lab that another command is at work on.
const LOCK_EVERY: Duration = Duration::from_millis(50);

/// The environment variable that marks the lab's processes, so that one is found that was spawned and not yet noted.
const MARK: &str = "JALON_LAB_ID";

/// What is known of a lab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    format: u32,
    /// Random, one for each `up`.
    pub(super) id: String,
    /// The boot of the machine that the processes belong to.
    boot_id: String,
    /// When it was started.
    pub(super) started: jiff::Timestamp,
    /// Whether all became ready.
    pub(super) complete: bool,
    /// Its processes, in the order in which they depend on one another.
    pub(super) processes: Vec<Process>,
}

/// One process of the lab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Process {
    /// What it is and where it listens.
    pub(super) member: Member,
    /// Main class, jar or program.
    pub(super) main: String,
    /// Its command line, to be run in the lab's folder.
    pub(super) argv: Vec<String>,
    /// Its log, below the lab's folder.
    pub(super) log: String,
    /// The process spawned last; none before the first.
    pub(super) identity: Option<Identity>,
    /// Whether it was ended on purpose.
    pub(super) stopped: bool,
}

/// A lab's folder with its state, held by one command at a time.
#[derive(Debug)]
pub(super) struct Lab {
    /// The folder, absolute.
    pub(super) folder: PathBuf,
    /// What is known of it.
    pub(super) state: State,
    _lock: File,
}

impl State {
    /// A lab of these processes, none of them spawned.
    pub(super) fn new(processes: Vec<Process>) -> Self {
        Self {
            format: FORMAT,
            id: format!("{:032x}", rand::random::<u128>()),
            boot_id: process::boot_id(),
            started: jiff::Timestamp::now(),
            complete: false,
            processes,
        }
    }

    /// The state of the lab in `folder`; `None` where there never was one.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>, LabError> {
        let path = folder.join(FILE);
        match fs::read(&path) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map(Some).map_err(|cause| LabError::State { path, cause })
            }
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(LabError::io("read", path)(e)),
        }
    }

    /// Whether a process lives. None does that was spawned before the machine was started last.
    pub(super) fn life(&self, process: &Process) -> Life {
        process.identity.filter(|_| self.boot_id == process::boot_id()).map_or(Life::Ended, Identity::life)
    }

    /// What carries the lab's mark and is not noted: spawned in the instant in which the starter was killed.
    pub(super) fn strays(&self) -> Vec<Identity> {
        if self.id.is_empty() || self.boot_id != process::boot_id() {
            return vec![];
        }
        let mut strays = process::with_variable(&format!("{MARK}={}", self.id));
        strays.retain(|stray| !self.processes.iter().any(|p| p.identity == Some(*stray)));
        strays
    }

    /// How many processes of the lab live.
    pub(super) fn living(&self) -> usize {
        self.processes.iter().filter(|p| self.life(p) != Life::Ended).count() + self.strays().len()
    }
}

impl Process {
    /// A process that was not spawned yet.
    pub(super) fn new(member: Member, CommandLine { main, argv }: CommandLine) -> Self {
        let log = format!("logs/{}.log", member.name);
        Self { member, main, argv, log, identity: None, stopped: false }
    }
}

impl Lab {
    /// A lab without processes in `folder`, whose old one must be down. Data and logs of the old one stay until
    /// [`Self::begin`].
    pub(super) async fn create(folder: &Path) -> Result<Self, LabError> {
        refuse_foreign(folder)?;
        fs::create_dir_all(folder).map_err(LabError::io("create", folder))?;
        let folder = fs::canonicalize(folder).map_err(LabError::io("find", folder))?;
        let lock = lock(&folder, Duration::ZERO).await?;
        if let Some(old) = State::read(&folder)? {
            let living = old.living();
            if living > 0 {
                return Err(LabError::AlreadyUp { folder, living });
            }
        }
        let ignore = folder.join(".gitignore");
        fs::write(&ignore, "*\n").map_err(LabError::io("write", ignore))?;
        let lab = Self { folder, state: State::new(vec![]), _lock: lock };
        lab.save()?;
        Ok(lab)
    }

    /// Begins anew with other processes and empty folders.
    pub(super) fn begin(&mut self, processes: Vec<Process>) -> Result<(), LabError> {
        for name in OWN_FOLDERS {
            remove(&self.folder.join(name))?;
            let path = self.folder.join(name);
            fs::create_dir(&path).map_err(LabError::io("create", path))?;
        }
        self.state = State::new(processes);
        self.save()
    }

    /// The lab in `folder`, held for one command; `wait` is how long another command may go on holding it.
    pub(super) async fn open(folder: &Path, wait: Duration) -> Result<Self, LabError> {
        let not_up = || LabError::NotUp { folder: folder.to_owned() };
        if !folder.join(FILE).exists() {
            return Err(not_up());
        }
        let folder = fs::canonicalize(folder).map_err(LabError::io("find", folder))?;
        let lock = lock(&folder, wait).await?;
        let state = State::read(&folder)?.ok_or_else(not_up)?;
        Ok(Self { folder, state, _lock: lock })
    }

    /// Writes the state: whole, and on the disk, before it returns.
    pub(super) fn save(&self) -> Result<(), LabError> {
        let path = self.folder.join(FILE);
        let failed = |cause| LabError::Io { doing: "write", path: path.clone(), cause };
        let text = serde_json::to_string_pretty(&self.state).map_err(|e| failed(e.into()))?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&path).map_err(|e| failed(e.error))?;
        File::open(&self.folder).and_then(|folder| folder.sync_all()).map_err(failed)
    }

    /// A program of the lab: in its folder, with its mark, and with what every child gets of our environment. Java's options
    /// for other programs of the user are not among that; they would make the class archives useless.
    pub(super) fn command(&self, argv: &[String]) -> Command {
        let (program, arguments) =
            argv.split_first().map_or(("", argv), |(program, rest)| (program.as_str(), rest));
        let mut command = Command::new(program);
        command.env_clear().envs(inherited::variables()).env(MARK, &self.state.id);
        command.args(arguments).current_dir(&self.folder).stdin(Stdio::null());
        command
    }

    /// The place of the process of that name, or an error that lists the names there are.
    pub(super) fn find(&self, name: &str) -> Result<usize, LabError> {
        let names: Vec<&String> = self.state.processes.iter().map(|p| &p.member.name).collect();
        names.iter().position(|n| *n == name).ok_or_else(|| LabError::UnknownProcess {
            name: name.to_owned(),
            known: names.into_iter().cloned().collect(),
        })
    }

    /// Removes everything that belongs to the lab; the folder too, where nothing else is in it.
    pub(super) fn purge(self) -> Result<(), LabError> {
        for name in OWN_FOLDERS.iter().chain(&[FILE, ".gitignore", LOCK]) {
            remove(&self.folder.join(name))?;
        }
        // It fails where somebody put something else into it, and that is right.
        let _ = fs::remove_dir(&self.folder);
        Ok(())
    }
}

/// The name of the file that is locked while a command is at work.
const LOCK: &str = ".lock";

/// Whether a command is at work on the lab.
pub(super) fn is_busy(folder: &Path) -> bool {
    File::open(folder.join(LOCK)).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

/// Holds the lab for this command.
async fn lock(folder: &Path, wait: Duration) -> Result<File, LabError> {
    let path = folder.join(LOCK);
    let file = File::create(&path).map_err(LabError::io("write", &path))?;
    let deadline = Instant::now() + wait;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => sleep(LOCK_EVERY).await,
            Err(TryLockError::WouldBlock) => return Err(LabError::Busy { folder: folder.to_owned() }),
            Err(TryLockError::Error(e)) => return Err(LabError::io("lock", path)(e)),
        }
    }
}

/// Refuses a folder whose contents a new lab would remove although no lab made them.
fn refuse_foreign(folder: &Path) -> Result<(), LabError> {
    if folder.join(FILE).exists() {
        return Ok(());
    }
    match OWN_FOLDERS.iter().find(|name| folder.join(name).exists()) {
        Some(found) => Err(LabError::NotALab { folder: folder.to_owned(), found: (*found).to_owned() }),
        None => Ok(()),
    }
}

/// Removes a file or folder where there is one.
fn remove(path: &Path) -> Result<(), LabError> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(LabError::io("remove", path)(e)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{Cache, Options, services::members};

    fn processes() -> Vec<Process> {
        members(&Options::new("/lab", Cache::at("/cache")))
            .into_iter()
            .map(|m| Process::new(m, CommandLine { main: "main".into(), argv: vec!["java".into()] }))
            .collect()
    }

    #[tokio::test]
    async fn the_state_is_read_back_as_it_was_written() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("a/lab");
        let mut lab = Lab::create(&folder).await.unwrap();
        lab.begin(processes()).unwrap();
        lab.state.processes[0].identity = Identity::of(i32::try_from(std::process::id()).unwrap());
        lab.save().unwrap();
        assert_eq!(State::read(&folder).unwrap().unwrap(), lab.state);
        assert!(is_busy(&folder));
        assert!(matches!(Lab::open(&folder, Duration::ZERO).await, Err(LabError::Busy { .. })));
        drop(lab);
        assert!(!is_busy(&folder));
        let error = Lab::create(&folder).await.unwrap_err().to_string();
        assert!(error.contains("(live processes: 1)"), "{error}");
    }

    #[test]
    fn nothing_lives_after_the_machine_was_started_again() {
        let mut state = State::new(processes());
        state.processes[0].identity = Identity::of(i32::try_from(std::process::id()).unwrap());
        assert_eq!(state.living(), 1);
        state.boot_id = "another".into();
        assert_eq!(state.living(), 0);
    }

    #[tokio::test]
    async fn a_folder_of_something_else_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("data")).unwrap();
        fs::write(root.path().join("data/precious"), "x").unwrap();
        assert!(matches!(Lab::create(root.path()).await, Err(LabError::NotALab { .. })));
        assert!(root.path().join("data/precious").exists());
        assert!(matches!(Lab::open(root.path(), Duration::ZERO).await, Err(LabError::NotUp { .. })));
    }

    #[tokio::test]
    async fn a_purge_leaves_nothing_but_what_others_put_there() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("lab");
        Lab::create(&folder).await.unwrap().purge().unwrap();
        assert!(!folder.exists());
        let lab = Lab::create(&folder).await.unwrap();
        fs::write(folder.join("mine.txt"), "x").unwrap();
        lab.purge().unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    }

    #[tokio::test]
    async fn a_damaged_state_is_named() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join(FILE), "{\"format\": 1}").unwrap();
        assert!(
            Lab::open(root.path(), Duration::ZERO)
                .await
                .unwrap_err()
                .to_string()
                .contains("lab.json is damaged")
        );
    }
}
