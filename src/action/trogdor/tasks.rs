//! [`Tasks`]: the tasks of one action, one for each agent: handed over, followed, ended.

use super::{messages, prefix};
use crate::{
    action::{ActionContext, ActionError},
    clients::trogdor::{State, Task, Trogdor, TrogdorError},
    record::Arg,
    support::text,
};
use serde_json::Value as Json;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// How long an agent may take to take its task: the coordinator asks it once a second.
const TAKE_LIMIT: Duration = Duration::from_secs(20);
/// How long a coordinator or an agent may be silent.
const SILENCE_LIMIT: Duration = Duration::from_secs(15);
/// How long the tasks may take to end when they are stopped: a cancelled action has 20 s for all that it does.
const END_LIMIT: Duration = Duration::from_secs(10);

/// The tasks of one action.
#[derive(Debug)]
pub(in crate::action) struct Tasks {
    trogdor: Trogdor,
    /// Agent, task, and what is known of both.
    tasks: BTreeMap<String, Followed>,
    begun: Instant,
    heard: Instant,
}

#[derive(Debug)]
struct Followed {
    id: String,
    /// When the agent's process was started.
    boot: i64,
    heard: Instant,
    done: bool,
}

/// What became of an agent's task, and the answer as it came.
pub(in crate::action) type Outcomes = BTreeMap<String, (Task, Vec<u8>)>;

impl Tasks {
    /// Hands every agent its task, in the order of their names. Where one cannot be handed over, none is left.
    pub(in crate::action) async fn start(
        cx: &ActionContext,
        trogdor: Trogdor,
        specs: &BTreeMap<String, Json>,
    ) -> Result<Self, ActionError> {
        let mut tasks = BTreeMap::new();
        for agent in specs.keys() {
            let id =
                format!("{}{}~{}~{}~{agent}", prefix(&cx.run), cx.step.padded(), cx.attempt.0, cx.action);
            let boot = trogdor.agent(agent).await?.0.server_start_ms;
            tasks.insert(agent.clone(), Followed { id, boot, heard: Instant::now(), done: false });
        }
        let started = Self { trogdor, tasks, begun: Instant::now(), heard: Instant::now() };
        for (agent, spec) in specs {
            if let Err(error) = started.trogdor.create(&started.tasks[agent].id, spec).await {
                let _ = started.end().await;
                return Err(error.into());
            }
        }
        Ok(started)
    }

    /// When they were handed over.
    pub(in crate::action) fn begun(&self) -> Instant {
        self.begun
    }

    /// Waits for `every` and looks at what the cluster tells and at the tasks: what `ask` found, and whether all tasks are
    /// over. An error is that the action was cancelled, or as in [`Tasks::are_over`].
    pub(in crate::action) async fn look<T>(
        &mut self,
        cx: &ActionContext,
        every: Duration,
        ask: impl Future<Output = T>,
    ) -> Result<(T, bool), ActionError> {
        let look = async {
            tokio::time::sleep(every).await;
            Ok((ask.await, self.are_over().await?))
        };
        tokio::select! {
            () = cx.cancel.cancelled() => Err(ActionError::Cancelled),
            seen = look => seen,
        }
    }

    /// Whether all are over. An error is that one cannot come to its end: it failed, its agent or the coordinator is
    /// gone, or has forgotten it.
    async fn are_over(&mut self) -> Result<bool, ActionError> {
        for (agent, followed) in self.tasks.iter_mut().filter(|(_, f)| !f.done) {
            let task = match self.trogdor.task(&followed.id).await {
                Ok(Some((task, _))) => task,
                Ok(None) => {
                    let address = Arg::text(self.trogdor.address());
                    return Err(ActionError::failed(messages::coordinator_forgot(address, &followed.id)));
                }
                Err(error) => {
                    silence(self.heard, error)?;
                    continue;
                }
            };
            self.heard = Instant::now();
            if !task.error.is_empty() {
                return Err(failed(agent, &task.error));
            }
            followed.done = task.state == State::Done;
            if followed.done {
                continue;
            }
            if task.status == "receiving" && self.begun.elapsed() > TAKE_LIMIT {
                let address = Arg::text(self.trogdor.address());
                return Err(ActionError::failed(messages::agent_idle(agent, TAKE_LIMIT, address)));
            }
            // The coordinator does not notice that an agent is gone.
            match self.trogdor.agent(agent).await {
                Ok((status, _)) if status.server_start_ms != followed.boot => {
                    return Err(ActionError::failed(messages::agent_restarted(agent)));
                }
                Ok(_) => followed.heard = Instant::now(),
                Err(error) => silence(followed.heard, error)?,
            }
        }
        Ok(self.tasks.values().all(|followed| followed.done))
    }

    /// Stops what is not over, waits for it at most 10 s, and makes the coordinator forget what is. The answer is what
    /// became of each agent's task, as far as the coordinator tells, and why it told nothing.
    pub(in crate::action) async fn end(&self) -> (Outcomes, Option<ActionError>) {
        match self.ended().await {
            Ok(outcomes) => (outcomes, None),
            Err(error) => (Outcomes::new(), Some(error)),
        }
    }

    async fn ended(&self) -> Result<Outcomes, ActionError> {
        let ids: Vec<String> = self.tasks.values().map(|followed| followed.id.clone()).collect();
        let mut seen = self.trogdor.end(&ids, END_LIMIT).await?;
        let mut outcomes = Outcomes::new();
        for (agent, followed) in &self.tasks {
            let Some((task, response)) = seen.remove(&followed.id) else { continue };
            if task.state == State::Done {
                self.trogdor.destroy(&followed.id).await?;
            }
            outcomes.insert(agent.clone(), (task, response.body));
        }
        Ok(outcomes)
    }
}

/// The error of a task that failed.
pub(in crate::action) fn failed(agent: &str, error: &str) -> ActionError {
    ActionError::failed(messages::agent_failed(agent, text::cut(&text::one_line(error), 400)))
}

/// Passes over a silence that is short; one that lasts is an error.
fn silence(heard: Instant, error: TrogdorError) -> Result<(), ActionError> {
    if heard.elapsed() < SILENCE_LIMIT { Ok(()) } else { Err(error.into()) }
}
