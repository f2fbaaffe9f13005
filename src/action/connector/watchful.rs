//! Looks at a connector, does not believe workers that may be dead, and waits until it is where it should be.

use super::super::{ActionContext, ActionError};
use crate::{
    clients::connect::{self, Connect, Instance, Status, Task, TaskSettings},
    record::{Said, messages},
    support::text,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};
use tokio::{task::JoinSet, time::sleep};

/// The old tasks are shown as `RUNNING` until the workers have taken up new settings or a restart.
pub(super) const AFTER_A_CHANGE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(500);
/// A task that is `FAILED` this long stays so: Connect restarts no task by itself. Shortly after new settings the
/// failure may still be that of the old ones.
const FAILED_FOR: Duration = Duration::from_secs(5);

/// What was seen at one moment.
#[derive(Debug, Default)]
pub(super) struct Sight {
    /// State of connector and tasks; `None` where there is no status.
    pub(super) status: Option<Status>,
    /// The connector exists, although it may have no status yet.
    pub(super) exists: bool,
    /// The answer as it came.
    pub(super) raw: Option<Vec<u8>>,
    /// Workers that claim something and do not answer, and why.
    pub(super) dead: BTreeMap<String, Said>,
    /// The tasks that the connector asked Connect for; none where Connect does not tell.
    pub(super) asked: Option<Vec<TaskSettings>>,
}

/// Looks once.
pub(super) async fn look(
    connect: &Connect,
    name: &str,
    check_workers: bool,
) -> Result<Sight, connect::ConnectError> {
    let Some((status, answer)) = connect.status(name).await? else {
        let exists = connect.config(name).await?.is_some();
        return Ok(Sight { exists, ..Sight::default() });
    };
    let dead = if check_workers { dead_workers(connect, &status).await? } else { BTreeMap::new() };
    // An older worker, or a proxy, may not tell: the status is what counts then.
    let asked = connect.task_settings(name).await.unwrap_or_default();
    Ok(Sight { status: Some(status), exists: true, raw: Some(answer.body), dead, asked })
}

/// The workers that claim to run something and do not answer, asked all at once.
async fn dead_workers(
    connect: &Connect,
    status: &Status,
) -> Result<BTreeMap<String, Said>, connect::ConnectError> {
    let claims = status.instances().filter(|(_, instance)| instance.state == "RUNNING");
    let workers: BTreeSet<String> = claims.map(|(_, instance)| instance.worker_id.clone()).collect();
    let mut asked = JoinSet::new();
    for worker in workers {
        let connect = connect.clone();
        asked.spawn(async move { (connect.dead_worker(&worker).await, worker) });
    }
    let mut dead = BTreeMap::new();
    for (cause, worker) in asked.join_all().await {
        if let Some(cause) = cause? {
            dead.insert(worker, cause);
        }
    }
    Ok(dead)
}

impl Sight {
    /// The connector's state, or `ABSENT`; `UNASSIGNED` while it is too young to have one.
    pub(super) fn state(&self) -> &str {
        match &self.status {
            Some(status) => &status.connector.state,
            None if self.exists => "UNASSIGNED",
            None => "ABSENT",
        }
    }

    fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.status.iter().flat_map(|status| &status.tasks)
    }

    /// Tasks that run on workers that answer.
    pub(super) fn running(&self) -> impl Iterator<Item = &Task> {
        self.tasks().filter(|task| self.runs(&task.instance))
    }

    /// Tasks that have failed.
    pub(super) fn failed(&self) -> impl Iterator<Item = &Task> {
        self.tasks().filter(|task| task.instance.state == "FAILED")
    }

    fn runs(&self, instance: &Instance) -> bool {
        instance.state == "RUNNING" && !self.dead.contains_key(&instance.worker_id)
    }

    /// The stack traces of everything that failed.
    pub(super) fn traces(&self) -> String {
        let traces = self.status.iter().flat_map(Status::instances).filter_map(|(what, instance)| {
            let trace = instance.trace.as_deref()?;
            Some(format!("{what} on {}:\n{}\n\n", instance.worker_id, trace.trim_end()))
        });
        traces.collect()
    }

    /// What the first trace says, with what it belongs to: its first line, and the root cause where there is one.
    pub(super) fn first_trace(&self) -> Option<Said> {
        let status = self.status.as_ref()?;
        status.instances().find_map(|(what, instance)| {
            let trace = instance.trace.as_deref()?;
            let line = text::cut(trace.lines().next()?, 300);
            let root = trace.lines().filter_map(|line| line.strip_prefix("Caused by: ")).next_back();
            Some(match root {
                Some(root) => failed_because(what, line, text::cut(root, 300)),
                None => failed(what, line),
            })
        })
    }

    fn summary(&self) -> Said {
        let mut words = summary(self.state(), self.running().count(), self.tasks().count());
        for (worker, cause) in &self.dead {
            words = and_silent(words, worker, cause);
        }
        words
    }
}

/// Where it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aim {
    Absent,
    Paused,
    Running,
    Stopped,
}

/// What is waited for.
#[derive(Debug)]
pub(super) struct Goal {
    pub(super) state: Aim,
    pub(super) tasks: u32,
    pub(super) check_workers: bool,
    /// How long it must stay there to be believed.
    pub(super) steady: Duration,
}

/// It is not there, and what was seen last.
#[derive(Debug)]
pub(super) struct Shortfall {
    pub(super) error: ActionError,
    pub(super) sight: Sight,
}

impl Goal {
    /// Looks until the goal is reached or `until` is past. A worker that does not answer meanwhile (the one asked
    /// may be the one that restarts) is waited for.
    pub(super) async fn wait(
        &self,
        connect: &Connect,
        cx: &ActionContext,
        name: &str,
        until: Instant,
    ) -> Result<Sight, Shortfall> {
        let started = Instant::now();
        let mut failed_since = None;
        let mut reached_since = None;
        loop {
            let seen = look(connect, name, self.check_workers).await;
            let late = Instant::now() >= until;
            let sight = match seen {
                Ok(sight) => sight,
                Err(error) if late => {
                    return Err(Shortfall { error: error.into(), sight: Sight::default() });
                }
                Err(error) => {
                    cx.progress.update(&cx.action, 0, None, error);
                    sleep(PAUSE).await;
                    continue;
                }
            };
            if self.reached(&sight) {
                if reached_since.get_or_insert_with(Instant::now).elapsed() >= self.steady || late {
                    return Ok(sight);
                }
                sleep(PAUSE).await;
                continue;
            }
            reached_since = None;
            let running = sight.running().count() as u64;
            cx.progress.update(&cx.action, running, Some(self.tasks.into()), sight.summary());
            let failed =
                self.state == Aim::Running && (sight.failed().next().is_some() || sight.state() == "FAILED");
            let since = *failed_since.get_or_insert_with(Instant::now);
            if !failed {
                failed_since = None;
            } else if since.elapsed() >= FAILED_FOR || late {
                let error = not_running(name, sight.first_trace().unwrap_or_else(no_reason));
                return Err(Shortfall { error: ActionError::failed(error), sight });
            }
            if late {
                return Err(self.too_late(name, started.elapsed(), sight));
            }
            sleep(PAUSE).await;
        }
    }

    fn too_late(&self, name: &str, waited: Duration, sight: Sight) -> Shortfall {
        let wanted = match self.state {
            Aim::Absent => should_be_absent(),
            Aim::Paused => should_be_paused(),
            Aim::Stopped => should_be_stopped(),
            Aim::Running => should_be_running(self.least(&sight)),
        };
        let mut error = Said::all([late(name, waited, sight.summary()), wanted]);
        if !sight.dead.is_empty() {
            error = Said::all([error, perhaps_unreachable()]);
        }
        Shortfall { error: ActionError::failed(error), sight }
    }

    /// How many tasks must run: those of the step, and all that the connector asked for.
    fn least(&self, sight: &Sight) -> usize {
        (self.tasks as usize).max(sight.asked.as_ref().map_or(0, Vec::len))
    }

    fn reached(&self, sight: &Sight) -> bool {
        let Some(status) = &sight.status else {
            return self.state == Aim::Absent && !sight.exists;
        };
        match self.state {
            Aim::Absent => false,
            Aim::Paused => {
                status.connector.state == "PAUSED"
                    && status.tasks.iter().all(|t| t.instance.state == "PAUSED")
            }
            Aim::Stopped => status.connector.state == "STOPPED" && status.tasks.is_empty(),
            Aim::Running => {
                sight.runs(&status.connector)
                    && sight.running().count() >= self.least(sight)
                    && sight.failed().next().is_none()
            }
        }
    }
}

messages! {
    area "connector-state";
    and_silent(summary, worker, cause) => "{summary}, worker {worker} does not answer ({cause})" / "{summary}, le worker {worker} ne répond pas ({cause})";
    failed(what, line) => "{what} failed: {line}" / "{what} a échoué : {line}";
    failed_because(what, line, root) => "{what} failed: {line}, caused by {root}" / "{what} a échoué : {line}, à cause de {root}";
    late(name, waited, summary) => "connector `{name}` after {waited}: {summary}" / "connecteur `{name}` après {waited} : {summary}";
    no_reason() => "it says no reason" / "sans raison donnée";
    not_running(name, why) => "connector `{name}` is not running: {why}; fix the cause, then use `state: restarted`" / "le connecteur `{name}` n'est pas en marche : {why} ; corriger la cause, puis utiliser `state: restarted`";
    perhaps_unreachable() => "where the workers' advertised addresses cannot be reached from here, write `check_workers: false`" / "si les adresses annoncées par les workers sont injoignables d'ici, écrire `check_workers: false`";
    should_be_absent() => "it should be absent" / "il devrait être absent";
    should_be_paused() => "it should be PAUSED with all its tasks" / "il devrait être PAUSED avec toutes ses tâches";
    should_be_running(tasks) => "it should be RUNNING with {tasks} {tasks|task|tasks} or more running" / "il devrait être RUNNING avec {tasks} {tasks|tâche|tâches} ou plus en marche";
    should_be_stopped() => "it should be STOPPED without tasks" / "il devrait être STOPPED sans tâche";
    summary(state, running, tasks) => "the connector is {state}, {running} of {tasks} {tasks|task|tasks} running" / "le connecteur est {state}, {running} {running|tâche|tâches} en marche sur {tasks}";
}
