//! [`status()`]: what lives of a lab.

use super::{
    LabError,
    process::{Identity, Life},
    service::Role,
    state::{self, Process, State},
};
use serde::Serialize;
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// The state of a lab as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LabState {
    /// Every process is running.
    Up,
    /// A command is starting it.
    Starting,
    /// Some processes do not run as they should.
    Degraded,
    /// No process of the lab is alive.
    Down,
}

/// The state of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProcessState {
    /// The process is alive and not suspended.
    Running,
    /// It was stopped by a signal and hangs.
    Frozen,
    /// It was ended on purpose.
    Stopped,
    /// It ended by itself, or was never spawned.
    Dead,
}

/// What lives of a lab; `jalon lab status --json` prints it as it is, without the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Status {
    /// The state of the whole.
    pub state: LabState,
    /// Every process of the lab, whatever its state.
    pub processes: Vec<ProcessStatus>,
    /// The folder with data and logs, absolute where there is a lab.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// One process of the lab, with its endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct ProcessStatus {
    /// Name of the process within the lab, such as `broker-1`.
    pub name: String,
    /// Role of the process, such as `broker`.
    pub role: Role,
    /// Its process id; none where it does not live.
    pub pid: Option<i32>,
    /// Whether it runs, hangs or has ended.
    pub state: ProcessState,
    /// Where it is reached, the service itself first, then its metrics.
    pub endpoints: Vec<String>,
    /// Its memory in bytes, what it shares with others divided among them; none where it does not live.
    pub memory_bytes: Option<u64>,
}

impl fmt::Display for LabState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Up => "up",
            Self::Starting => "starting",
            Self::Degraded => "degraded",
            Self::Down => "down",
        })
    }
}

impl fmt::Display for ProcessState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running => "running",
            Self::Frozen => "frozen",
            Self::Stopped => "stopped",
            Self::Dead => "dead",
        })
    }
}

/// What lives of the lab in `folder`. Where there never was one, it is down and has no processes.
pub fn status(folder: &Path) -> Result<Status, LabError> {
    match State::read(folder)? {
        Some(state) => of(folder, &state, state::is_busy(folder)),
        None => Ok(Status { state: LabState::Down, processes: vec![], folder: folder.to_owned() }),
    }
}

/// What lives of a lab; `busy` says that a command is at work on it.
pub(super) fn of(folder: &Path, state: &State, busy: bool) -> Result<Status, LabError> {
    let folder = std::fs::canonicalize(folder).map_err(LabError::io("find", folder))?;
    let processes: Vec<_> = state.processes.iter().map(|p| process(state, p)).collect();
    let all_run = processes.iter().all(|p| p.state == ProcessState::Running);
    let none_lives = processes.iter().all(|p| p.pid.is_none());
    let state = match state.complete {
        false if busy => LabState::Starting,
        _ if none_lives => LabState::Down,
        true if all_run => LabState::Up,
        _ => LabState::Degraded,
    };
    Ok(Status { state, processes, folder })
}

fn process(state: &State, process: &Process) -> ProcessStatus {
    let life = state.life(process);
    let living = process.identity.filter(|_| life != Life::Ended);
    ProcessStatus {
        name: process.member.name.clone(),
        role: process.member.role,
        pid: living.map(|identity| identity.pid),
        state: match life {
            Life::Running => ProcessState::Running,
            Life::Frozen => ProcessState::Frozen,
            Life::Ended if process.stopped => ProcessState::Stopped,
            Life::Ended => ProcessState::Dead,
        },
        endpoints: process.member.endpoints(),
        memory_bytes: living.and_then(Identity::memory_bytes),
    }
}
