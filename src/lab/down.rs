//! [`down()`]: ends a lab and leaves no process.

use super::{
    LabError, Progress,
    process::{Identity, Life},
    service::Layer,
    state::Lab,
};
use rustix::process::Signal;
use std::{path::Path, time::Duration};
use tokio::time::{Instant, sleep};

/// How long a process may take to end by itself.
pub(super) const END_LIMIT: Duration = Duration::from_secs(10);

/// How long the kernel may take to end one that was killed.
const KILL_LIMIT: Duration = Duration::from_secs(10);

/// How long another command may go on before this one gives up.
const LOCK_LIMIT: Duration = Duration::from_secs(10);

/// How often a process is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What [`down()`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EndedProcesses {
    /// Processes that ended when they were asked to.
    pub asked: usize,
    /// Processes that had to be killed.
    pub killed: usize,
}

/// Ends every process of the lab in `folder`, whatever state it is in, and keeps data and logs; with `purge` they are
/// removed as well. Ends nothing but processes of this lab: pid and start time must both match. Where there is no lab,
/// nothing is to be done.
pub async fn down(
    folder: &Path,
    purge: bool,
    on_progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<EndedProcesses, LabError> {
    let mut lab = match Lab::open(folder, LOCK_LIMIT).await {
        Err(LabError::NotUp { .. }) => return Ok(EndedProcesses::default()),
        lab => lab?,
    };
    let ended = end_all(&mut lab, END_LIMIT, on_progress).await?;
    if purge {
        lab.purge()?;
    }
    Ok(ended)
}

/// Ends every process, layer by layer, each within `limit` or by force.
pub(super) async fn end_all(
    lab: &mut Lab,
    limit: Duration,
    on_progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<EndedProcesses, LabError> {
    let mut living: Vec<(Option<Layer>, String, Identity)> = lab
        .state
        .processes
        .iter()
        .filter(|p| lab.state.life(p) != Life::Ended)
        .filter_map(|p| Some((Some(p.member.kind().layer), p.member.name.clone(), p.identity?)))
        .collect();
    living.extend(
        lab.state.strays().into_iter().map(|id| (None, "a process that was not noted".to_owned(), id)),
    );
    let mut ended = EndedProcesses::default();
    // A frozen one cannot end, and others may wait for it.
    for (_, name, identity) in &living {
        send(name, *identity, Signal::CONT)?;
    }
    for layer in Layer::ENDS {
        let now: Vec<_> = living.extract_if(.., |(its, ..)| its.is_none_or(|its| its == layer)).collect();
        end_together(&now, limit, &mut ended, on_progress).await?;
    }
    for process in &mut lab.state.processes {
        process.stopped = true;
    }
    lab.save()?;
    Ok(ended)
}

/// Ends these at once.
async fn end_together(
    processes: &[(Option<Layer>, String, Identity)],
    limit: Duration,
    ended: &mut EndedProcesses,
    on_progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<(), LabError> {
    for (_, name, identity) in processes {
        send(name, *identity, Signal::TERM)?;
    }
    let deadline = Instant::now() + limit;
    for (_, name, identity) in processes {
        let killed = !wait_for(*identity, Life::Ended, deadline).await;
        if killed {
            send(name, *identity, Signal::KILL)?;
            if !wait_for(*identity, Life::Ended, Instant::now() + KILL_LIMIT).await {
                return Err(LabError::WillNotFollow {
                    name: name.clone(),
                    pid: identity.pid,
                    signal: "SIGKILL",
                    limit: KILL_LIMIT,
                });
            }
        }
        if killed {
            ended.killed += 1
        } else {
            ended.asked += 1
        }
        on_progress(Progress::Ended { name: name.clone(), killed });
    }
    Ok(())
}

/// Sends a signal; `false` where the process has ended.
pub(super) fn send(name: &str, identity: Identity, signal: Signal) -> Result<bool, LabError> {
    identity.signal(signal).map_err(|cause| LabError::Signal {
        signal: signal_name(signal),
        name: name.to_owned(),
        pid: identity.pid,
        cause,
    })
}

/// The name of a signal that the lab sends.
pub(super) fn signal_name(signal: Signal) -> &'static str {
    match signal {
        Signal::CONT => "SIGCONT",
        Signal::KILL => "SIGKILL",
        Signal::STOP => "SIGSTOP",
        Signal::TERM => "SIGTERM",
        _ => "a signal",
    }
}

/// Waits until a process is in that state; `false` where it is not by the deadline.
pub(super) async fn wait_for(identity: Identity, life: Life, deadline: Instant) -> bool {
    loop {
        if identity.life() == life {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        sleep(LOOK_EVERY).await;
    }
}
