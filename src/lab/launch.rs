//! Spawning the lab's processes and waiting until they are ready.

use super::{
    Error, Progress,
    members::Role,
    process::{Identity, Life},
    ready::{self, Probe},
    serving,
    state::{Lab, MARK, Process},
};
use crate::support::redact;
use std::{
    fs::OpenOptions,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::{
    process::{Child, Command},
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout_at},
};

/// How often a process is asked whether it is ready.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// The pause before a broker is started again whose old session is still there.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// How many lines of a log an error shows.
const TAIL_LINES: usize = 15;

/// A process that was spawned.
#[derive(Debug)]
struct Spawned {
    /// Its place in the lab.
    index: usize,
    child: Child,
    /// Its log, and where in it this start begins.
    log: PathBuf,
    log_start: u64,
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
) -> Result<(), Error> {
    let begun = Instant::now();
    let deadline = begun + limit;
    let probe = Probe::new(&lab.folder);
    let mut waiting = indices.to_vec();
    let mut tasks = JoinSet::new();
    on_progress(Progress::Starting(indices.len()));
    for &index in indices {
        let spawned = spawn(lab, index)?;
        tasks.spawn(follow(
            lab.state.processes[index].clone(),
            brokers(lab, index, indices),
            spawned,
            probe.clone(),
        ));
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
            Outcome::Ended(_)
                if ready::ended_of_old_session(&process.member, &spawned.log, spawned.log_start) =>
            {
                on_progress(Progress::Again { name, why: "ZooKeeper still holds its old session" });
                let pause = Instant::now() + AGAIN_AFTER;
                sleep_until(pause.min(deadline)).await;
                let spawned = spawn(lab, index)?;
                tasks.spawn(follow(
                    lab.state.processes[index].clone(),
                    brokers(lab, index, indices),
                    spawned,
                    probe.clone(),
                ));
            }
            Outcome::Ended(status) => {
                let tail = redact::mask(&ready::tail(&spawned.log, TAIL_LINES)).into_owned();
                return Err(Error::Ended { name, status, log: spawned.log, tail });
            }
        }
    }
    // One that was ready early may have ended while the others came up.
    let ended: Vec<usize> =
        indices.iter().copied().filter(|&i| lab.state.life(&lab.state.processes[i]) == Life::Ended).collect();
    if ended.is_empty() { Ok(()) } else { Err(not_ready(lab, &ended, limit)) }
}

/// Spawns one process in a group of its own, so that a Ctrl-C meant for this program does not reach it, and notes it.
fn spawn(lab: &mut Lab, index: usize) -> Result<Spawned, Error> {
    let process = &lab.state.processes[index];
    let log = lab.folder.join(&process.log);
    let file = OpenOptions::new().create(true).append(true).open(&log).map_err(Error::io("write", &log))?;
    let log_start = file.metadata().map_err(Error::io("read", &log))?.len();
    let errors = file.try_clone().map_err(Error::io("write", &log))?;
    let program = process.argv.first().cloned().unwrap_or_default();
    let failed = |cause| Error::Spawn { name: process.member.name.clone(), program: program.clone(), cause };
    let child = Command::new(&program)
        .args(process.argv.iter().skip(1))
        .current_dir(&lab.folder)
        .env(MARK, &lab.state.id)
        // Options that are meant for other programs of the user would make the class archives useless.
        .env_remove("JAVA_TOOL_OPTIONS")
        .env_remove("JDK_JAVA_OPTIONS")
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(file)
        .stderr(errors)
        .spawn()
        .map_err(failed)?;
    let identity = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Identity::of);
    let process = &mut lab.state.processes[index];
    process.identity = identity;
    process.stopped = false;
    lab.save()?;
    Ok(Spawned { index, child, log, log_start })
}

/// How many brokers the cluster of a process has when it is up again: those that run and those that are launched with it.
fn brokers(lab: &Lab, index: usize, launched: &[usize]) -> usize {
    let processes = &lab.state.processes;
    let belongs =
        |p: &Process| p.member.role == Role::Broker && p.member.side == processes[index].member.side;
    let counts = |i: usize| launched.contains(&i) || lab.state.life(&processes[i]) == Life::Running;
    (0..processes.len()).filter(|&i| belongs(&processes[i]) && counts(i)).count()
}

/// Waits until a process is ready or has ended; `brokers` is how many its cluster then has.
async fn follow(process: Process, brokers: usize, mut spawned: Spawned, probe: Probe) -> (Spawned, Outcome) {
    loop {
        if let Ok(Some(status)) = spawned.child.try_wait() {
            return (spawned, Outcome::Ended(status));
        }
        if probe.is_ready(&process.member, &spawned.log, spawned.log_start).await {
            if process.member.role == Role::Broker {
                serving::wait(&process.member, brokers, probe.folder()).await;
            }
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
fn not_ready(lab: &Lab, indices: &[usize], limit: Duration) -> Error {
    let named = |&i: &usize| &lab.state.processes[i];
    let names: Vec<_> = indices.iter().map(|i| format!("`{}`", named(i).member.name)).collect();
    let log = indices.iter().min().map(|i| lab.folder.join(&named(i).log)).unwrap_or_default();
    let tail = redact::mask(&ready::tail(&log, TAIL_LINES)).into_owned();
    Error::NotReady { names: names.join(", "), limit, log, tail }
}
