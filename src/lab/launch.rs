//! Spawning the lab's processes and waiting until they are ready.

use super::{
    LabError, Progress,
    log::Log,
    probe::Probe,
    process::{Identity, Life},
    service::Member,
    state::Lab,
};
use crate::support::redact;
use std::{fs::OpenOptions, process::ExitStatus, time::Duration};
use tokio::{
    process::Child,
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout_at},
};

/// How often a process is asked whether it is ready.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// The pause before a process is started again.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// How many lines of a log an error shows.
const TAIL_LINES: usize = 15;

/// A process that was spawned.
#[derive(Debug)]
struct Spawned {
    /// Its place in the lab.
    index: usize,
    child: Child,
    /// Its log, from this start on.
    log: Log,
}

/// What became of a process that was spawned.
#[derive(Debug)]
enum Outcome {
    Ready,
    Ended(ExitStatus),
}

/// Spawns the processes at these places all at once, for each waits for what it depends on by itself, and returns when
/// all are ready. The first that fails, or the end of `limit`, is an error; what was spawned is then left to the caller.
pub(super) async fn launch(
    lab: &mut Lab,
    indices: &[usize],
    limit: Duration,
    on_progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<(), LabError> {
    let begun = Instant::now();
    let deadline = begun + limit;
    let probe = Probe::new(&lab.folder);
    let mut waiting = indices.to_vec();
    let mut tasks = JoinSet::new();
    on_progress(Progress::Starting(indices.len()));
    let start = |lab: &mut Lab, index, tasks: &mut JoinSet<_>| {
        let spawned = spawn(lab, index)?;
        let (member, peers) = (lab.state.processes[index].member.clone(), peers(lab, index, indices));
        tasks.spawn(follow(member, peers, spawned, probe.clone()));
        Ok(())
    };
    for &index in indices {
        start(lab, index, &mut tasks)?;
    }
    while !waiting.is_empty() {
        let Ok(Some(Ok((spawned, outcome)))) = timeout_at(deadline, tasks.join_next()).await else {
            return Err(not_ready(lab, &waiting, limit));
        };
        let index = spawned.index;
        let process = &lab.state.processes[index];
        let name = process.member.name.clone();
        match outcome {
            Outcome::Ready => {
                waiting.retain(|&i| i != index);
                on_progress(Progress::Ready { name, after: begun.elapsed() });
            }
            Outcome::Ended(status) => {
                let Some(why) = process.member.service().retry(&spawned.log) else {
                    let tail = redact::mask(&spawned.log.tail(TAIL_LINES)).into_owned();
                    return Err(LabError::Ended { name, status, log: spawned.log.path, tail });
                };
                on_progress(Progress::Again { name, why });
                sleep_until(deadline.min(Instant::now() + AGAIN_AFTER)).await;
                start(lab, index, &mut tasks)?;
            }
        }
    }
    // One that was ready early may have ended while the others came up.
    let ended: Vec<usize> =
        indices.iter().copied().filter(|&i| lab.state.life(&lab.state.processes[i]) == Life::Ended).collect();
    if ended.is_empty() { Ok(()) } else { Err(not_ready(lab, &ended, limit)) }
}

/// Spawns one process in a group of its own, so that a Ctrl-C meant for this program does not reach it, and notes it.
fn spawn(lab: &mut Lab, index: usize) -> Result<Spawned, LabError> {
    let process = &lab.state.processes[index];
    let path = lab.folder.join(&process.log);
    let file =
        OpenOptions::new().create(true).append(true).open(&path).map_err(LabError::io("write", &path))?;
    let start = file.metadata().map_err(LabError::io("read", &path))?.len();
    let errors = file.try_clone().map_err(LabError::io("write", &path))?;
    let program = process.argv.first().cloned().unwrap_or_default();
    let failed =
        |cause| LabError::Spawn { name: process.member.name.clone(), program: program.clone(), cause };
    let mut command = lab.command(&process.argv);
    let child = command.process_group(0).stdout(file).stderr(errors).spawn().map_err(failed)?;
    tracing::debug!(name = process.member.name, argv = ?process.argv, pid = child.id(), "child process");
    let identity = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Identity::of);
    let process = &mut lab.state.processes[index];
    process.identity = identity;
    process.stopped = false;
    lab.save()?;
    Ok(Spawned { index, child, log: Log { path, start } })
}

/// How many processes of the same service and cluster are up when this one is, itself included: those that run and those
/// that are launched with it.
fn peers(lab: &Lab, index: usize, launched: &[usize]) -> usize {
    let processes = &lab.state.processes;
    let member = &processes[index].member;
    let is_peer = |other: &Member| other.role == member.role && other.side == member.side;
    let counts = |i: usize| launched.contains(&i) || lab.state.life(&processes[i]) == Life::Running;
    (0..processes.len()).filter(|&i| is_peer(&processes[i].member) && counts(i)).count()
}

/// Waits until a process is ready, and takes part in what it belongs to, or has ended.
async fn follow(member: Member, peers: usize, mut spawned: Spawned, probe: Probe) -> (Spawned, Outcome) {
    loop {
        if let Ok(Some(status)) = spawned.child.try_wait() {
            return (spawned, Outcome::Ended(status));
        }
        if member.service().is_ready(&member, &probe, &spawned.log).await {
            member.service().join(&member, &probe, peers).await;
            // The answer may be another process's, where this one could not bind.
            if let Ok(Some(status)) = spawned.child.try_wait() {
                return (spawned, Outcome::Ended(status));
            }
            return (spawned, Outcome::Ready);
        }
        sleep(ASK_EVERY).await;
    }
}

/// The error that names these processes and shows the log of the first, which the others may depend on.
fn not_ready(lab: &Lab, indices: &[usize], limit: Duration) -> LabError {
    let named = |&i: &usize| &lab.state.processes[i];
    let names: Vec<_> = indices.iter().map(|i| format!("`{}`", named(i).member.name)).collect();
    let log = indices.iter().min().map(|i| lab.folder.join(&named(i).log)).unwrap_or_default();
    let tail = redact::mask(&Log::whole(log.clone()).tail(TAIL_LINES)).into_owned();
    LabError::NotReady { names: names.join(", "), limit, log, tail }
}
