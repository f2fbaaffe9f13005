//! `trogdor`: looks at Trogdor, Kafka's distributed test engine, and ends what this run left there. The submodules are
//! what the loads with `driver: trogdor` share.

use super::{Action, ActionContext, ActionError, ActionFailure, Kind, OnInterrupt, Output, output};
use crate::{
    clients::{
        http::{self, Obstacle},
        trogdor::{self, State, Task, Trogdor as Client},
    },
    record::{ActionRole, Evidence, RunId, Said, Undo, Unit, Value},
};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tokio::time::sleep;

pub(super) mod growth;
pub(super) mod messages;
pub(super) mod properties;
pub(super) mod round_trip;
pub(super) mod sending;
pub(super) mod session;
pub(super) mod tasks;

/// How long a task may take to end: a client that is closed first delivers what it holds, for `delivery.timeout.ms` at
/// the longest, 120 s unless set.
const END_LIMIT: Duration = Duration::from_secs(135);

/// Parameters of `trogdor`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Trogdor {
    /// Whether every task of this run is stopped, proved to be over, and removed. A load with `driver: trogdor` that
    /// did not come to its end is followed by this of itself.
    #[serde(default)]
    end: bool,
}

impl Kind for Trogdor {
    const SUMMARY: &'static str = "Asks Trogdor's coordinator and agents whether they answer; or ends the tasks that this run left there.";
    const EXAMPLE: &'static str = "trogdor: {id: engine}";
    const ROLE: ActionRole = ActionRole::Change;
    const OUTPUTS: &'static [Output] = &[
        output("agents", Unit::Count, "Agents that the environment names."),
        output("agents_up", Unit::Count, "Agents that answer."),
        output(
            "tasks_active",
            Unit::Count,
            "Tasks that the coordinator has and that are not over, of whomever.",
        ),
        output("tasks_ended", Unit::Count, "Tasks of this run that were ended."),
    ];
}

/// The action that stops a load on Trogdor that did not come to its end: a crash of this program does not stop it.
pub(super) fn undo() -> Undo {
    Undo { kind: "trogdor".to_owned(), params: serde_json::json!({"end": true}) }
}

#[async_trait::async_trait]
impl Action for Trogdor {
    fn describe(&self) -> Said {
        if self.end { messages::end_tasks() } else { messages::look() }
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn time_limit(&self) -> Duration {
        if self.end { END_LIMIT * 2 + Duration::from_secs(60) } else { Duration::from_secs(60) }
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let mut evidence = Evidence::default();
        let Some(about) = &cx.environment.trogdor else {
            if !self.end {
                return Err(missing(cx).into());
            }
            evidence.remark(messages::none_to_end());
            return Ok(evidence);
        };
        let client = Client::open(about).await.map_err(ActionError::from)?;
        let ended = if self.end { end_of_run(&client, &cx.run, END_LIMIT).await? } else { 0 };
        let mut up = 0;
        for agent in client.agents() {
            match client.agent(agent).await {
                Ok(_) => up += 1,
                Err(error) => {
                    evidence.remark(error);
                }
            }
        }
        let active = match client.tasks().await {
            Ok(tasks) => Value::count(tasks.values().filter(|task| task.state != State::Done).count() as u64),
            Err(error) if self.end => Value::missing(error),
            Err(error) => return Err(ActionError::from(error).with(evidence)),
        };
        evidence
            .put("agents", Value::count(about.agents.len() as u64))
            .put("agents_up", Value::count(up))
            .put("tasks_active", active)
            .put("tasks_ended", Value::count(ended));
        Ok(evidence)
    }
}

/// The error where the environment has no Trogdor.
fn missing(cx: &ActionContext) -> ActionError {
    ActionError::misconfigured(messages::undefined(&cx.environment.name), messages::give_trogdor())
}

/// What the names of this run's tasks begin with.
fn prefix(run: &RunId) -> String {
    format!("jalon~{run}~")
}

/// Ends every task of the run and makes the coordinator forget them; the answer is how many were not over. An error is
/// that one of them may go on.
async fn end_of_run(client: &Client, run: &RunId, limit: Duration) -> Result<u64, ActionError> {
    let prefix = prefix(run);
    let tasks = match client.tasks().await {
        Ok(tasks) => tasks,
        // Its memory is gone with it, and its agents may work on.
        Err(error) if nobody_listens(&error) => return settle(client, &prefix, limit).await,
        Err(error) => return Err(error.into()),
    };
    let own: BTreeMap<String, Task> = tasks.into_iter().filter(|(id, _)| id.starts_with(&prefix)).collect();
    let is_active = |(id, task): (&String, &Task)| (task.state != State::Done).then(|| id.clone());
    let active: Vec<String> = own.iter().filter_map(is_active).collect();
    let seen = client.end(&active, limit).await?;
    for id in own.keys() {
        client.destroy(id).await?;
    }
    if seen.values().any(|(task, _)| task.state != State::Done) {
        settle(client, &prefix, limit).await?;
    }
    Ok(active.len() as u64)
}

/// Proves, by the agents themselves, that none of them works on a task of that prefix; stops those that do.
async fn settle(client: &Client, prefix: &str, limit: Duration) -> Result<u64, ActionError> {
    let until = Instant::now() + limit;
    let mut stopped = 0;
    let names: Vec<String> = client.agents().map(str::to_owned).collect();
    for name in names {
        let mut told = false;
        loop {
            let status = match client.agent(&name).await {
                Ok((status, _)) => status,
                // There is no such process: it works on nothing.
                Err(error) if nobody_listens(&error) => break,
                Err(error) => return Err(error.into()),
            };
            let mut working =
                status.workers.iter().filter(|(_, w)| w.task_id.starts_with(prefix) && w.state != "DONE");
            let Some((number, worker)) = working.next() else { break };
            if Instant::now() >= until {
                return Err(ActionError::failed(messages::agent_still_works(name, &worker.task_id, limit)));
            }
            client.stop_worker(&name, number).await?;
            if !told {
                (told, stopped) = (true, stopped + 1);
            }
            sleep(Duration::from_millis(500)).await;
        }
    }
    Ok(stopped)
}

fn nobody_listens(error: &trogdor::TrogdorError) -> bool {
    matches!(
        error,
        trogdor::TrogdorError::Http(http::HttpError::Unreachable { obstacle: Obstacle::Refused, .. })
    )
}

impl From<trogdor::TrogdorError> for ActionError {
    fn from(error: trogdor::TrogdorError) -> Self {
        match error {
            trogdor::TrogdorError::Http(error) => error.into(),
            trogdor::TrogdorError::Conflict { .. } | trogdor::TrogdorError::Refused { .. } => {
                Self::failed(error)
            }
        }
    }
}
