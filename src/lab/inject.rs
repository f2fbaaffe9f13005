//! [`inject`]: injects a fault into one process of a running lab.

use super::{
    Fault, LabError, Progress, down,
    launch::launch,
    ports,
    process::{Identity, Life},
    state::Lab,
};
use rustix::process::Signal;
use std::{path::Path, time::Duration};
use tokio::time::Instant;

/// How long a process may take to end after SIGTERM: a broker hands its partitions over first.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// How long a process may take to follow a signal that it cannot refuse.
const FORCE_LIMIT: Duration = Duration::from_secs(10);

/// How long a process may take to become ready again. A broker waits for the end of its old session in it.
const START_LIMIT: Duration = Duration::from_secs(90);

/// How long it waits for another command: two faults of a step may come at the same time, and a start takes long.
const LOCK_LIMIT: Duration = Duration::from_secs(100);

/// What [`inject`] did to the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// Whether anything was to be done: an undo may come twice.
    pub changed: bool,
    /// Time until the process had followed.
    pub took: Duration,
}

/// Does that to the process of that name and returns when it is done: it has ended, hangs, or is ready. Where it is so
/// already, nothing is changed.
pub async fn inject(
    folder: &Path,
    fault: Fault,
    name: &str,
    on_progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Done, LabError> {
    let begun = Instant::now();
    let mut lab = Lab::open(folder, LOCK_LIMIT).await?;
    let index = lab.find(name)?;
    let life = lab.state.life(&lab.state.processes[index]);
    let not_running = || LabError::NotRunning { name: name.to_owned() };
    let identity = lab.state.processes[index].identity.filter(|_| life != Life::Ended);
    let changed = match (fault, identity) {
        (Fault::Stop | Fault::Kill, None) => false,
        (Fault::Freeze | Fault::Thaw, None) => return Err(not_running()),
        (Fault::Stop, Some(identity)) => {
            note_stopped(&mut lab, index)?;
            down::send(name, identity, Signal::TERM)?;
            // A frozen one follows the signal only when it goes on.
            signal(name, identity, Signal::CONT, "SIGTERM", Life::Ended, STOP_LIMIT).await?;
            true
        }
        (Fault::Kill, Some(identity)) => {
            note_stopped(&mut lab, index)?;
            signal(name, identity, Signal::KILL, "SIGKILL", Life::Ended, FORCE_LIMIT).await?;
            true
        }
        (Fault::Freeze, Some(identity)) => {
            signal(name, identity, Signal::STOP, "SIGSTOP", Life::Frozen, FORCE_LIMIT).await?;
            life != Life::Frozen
        }
        (Fault::Thaw, Some(identity)) => {
            signal(name, identity, Signal::CONT, "SIGCONT", Life::Running, FORCE_LIMIT).await?;
            life == Life::Frozen
        }
        (Fault::Start, Some(_)) if life == Life::Frozen => {
            return Err(LabError::Frozen { name: name.to_owned() });
        }
        (Fault::Start, Some(_)) => false,
        (Fault::Start, None) => {
            ports::check(std::slice::from_ref(&lab.state.processes[index].member))?;
            launch(&mut lab, &[index], START_LIMIT, on_progress).await?;
            true
        }
    };
    Ok(Done { changed, took: begun.elapsed() })
}

/// Notes that the end of a process is wanted, before it is brought about.
fn note_stopped(lab: &mut Lab, index: usize) -> Result<(), LabError> {
    lab.state.processes[index].stopped = true;
    lab.save()
}

/// Sends a signal and waits for what it brings about.
async fn signal(
    name: &str,
    identity: Identity,
    signal: Signal,
    told: &'static str,
    life: Life,
    limit: Duration,
) -> Result<(), LabError> {
    down::send(name, identity, signal)?;
    if down::wait_for(identity, life, Instant::now() + limit).await {
        return Ok(());
    }
    Err(LabError::WillNotFollow { name: name.to_owned(), pid: identity.pid, signal: told, limit })
}
