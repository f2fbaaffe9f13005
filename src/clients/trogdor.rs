//! Trogdor's REST API: [`Trogdor`], the coordinator, which hands tasks to its agents and tells what became of them.
//!
//! Facts from the sources of Kafka 3.7 (`TaskManager`, `NodeManager`, `WorkerManager`) and from a coordinator of that
//! version. The coordinator asks each agent once a second; that an agent is gone it notices in no way: the task stays
//! `RUNNING` with the last status, `receiving` where the agent never took it. An agent that comes back empty is given
//! its work anew. A worker that its coordinator does not know is stopped. A task ends by itself `durationMs` after its
//! start, by the agent's clock. Nothing asks for a log-in.

use super::{
    Endpoint, environment,
    http::{self, Client, Response},
};
use crate::{
    record::{Said, Speaks, display_by_said, messages},
    support::{redact, text},
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// How long one answer may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// How often a task that is to end is looked at. The coordinator itself hears of it once a second.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// A coordinator and its agents.
#[derive(Debug, Clone)]
pub struct Trogdor {
    coordinator: Client,
    agents: BTreeMap<String, Client>,
}

/// Why a call did not do what it was to do.
#[derive(Debug, thiserror::Error)]
pub enum TrogdorError {
    /// A task of that name is there already, and is another one.
    Conflict {
        /// Where the coordinator is.
        address: String,
        /// Id of the task.
        id: String,
    },
    /// No answer, or none that could be read.
    Http(#[from] http::HttpError),
    /// Trogdor answered with an error status.
    Refused {
        /// URL of the request, without user, password and query.
        address: String,
        /// 400 for a wrong request, 501 for a class that it does not have.
        status: u16,
        /// Its words, secrets masked.
        message: String,
    },
}

impl Speaks for TrogdorError {
    fn said(&self) -> Said {
        match self {
            Self::Conflict { address, id } => conflict(address, id),
            Self::Http(error) => error.said(),
            Self::Refused { address, status, message } => refused(address, *status, message),
        }
    }
}

display_by_said!(TrogdorError);

/// State of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum State {
    /// It waits for its start.
    Pending,
    /// Agents work on it, or are to.
    Running,
    /// Agents were told to stop, and have not all said that they did.
    Stopping,
    /// The task has ended.
    Done,
}

/// One task, or what one agent does for it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// State of the task.
    pub state: State,
    /// When it was started, in milliseconds since 1970 by the clock of who tells.
    #[serde(default)]
    pub started_ms: Option<i64>,
    /// When it was over, by the same clock.
    #[serde(default)]
    pub done_ms: Option<i64>,
    /// Why it failed; empty where it did not.
    #[serde(default)]
    pub error: String,
    /// Whether it was stopped on request.
    #[serde(default)]
    pub cancelled: bool,
    /// What the workload says of itself: a word, then figures; null before the first.
    #[serde(default)]
    pub status: Json,
}

/// What an agent says of itself.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentStatus {
    /// When it was started: another time tells of another process.
    pub server_start_ms: i64,
    /// What it works on and has worked on, by the coordinator's number.
    #[serde(default)]
    pub workers: BTreeMap<String, Worker>,
}

/// One piece of work of an agent.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Worker {
    /// The task that it belongs to.
    pub task_id: String,
    /// `RECEIVING`, `STARTING`, `RUNNING`, `STOPPING` or `DONE`.
    pub state: String,
}

#[derive(Deserialize)]
struct Tasks {
    /// Left out where there are none, as everything empty.
    #[serde(default)]
    tasks: BTreeMap<String, Task>,
}

#[derive(Deserialize)]
struct ErrorBody {
    message: String,
}

impl Trogdor {
    /// The coordinator of an environment.
    pub async fn open(trogdor: &environment::Trogdor) -> Result<Self, TrogdorError> {
        let endpoint = |url: &url::Url| Endpoint::at(url.clone());
        let mut agents = BTreeMap::new();
        for (name, url) in &trogdor.agents {
            let client = Client::open(agent(name), &endpoint(url)).await?;
            agents.insert(name.clone(), client);
        }
        Ok(Self { coordinator: Client::open(coordinator(), &endpoint(&trogdor.url)).await?, agents })
    }

    /// Where the coordinator is.
    pub fn address(&self) -> String {
        self.coordinator.address()
    }

    /// The names of the agents.
    pub fn agents(&self) -> impl Iterator<Item = &str> {
        self.agents.keys().map(String::as_str)
    }

    /// Hands the coordinator a task, which starts at once. The same task twice is one task.
    pub async fn create(&self, id: &str, spec: &Json) -> Result<(), TrogdorError> {
        let body = json!({"id": id, "spec": spec});
        match call(&self.coordinator, Method::POST, &["coordinator", "task", "create"], Some(&body)).await {
            Err(TrogdorError::Refused { address, status: 409, .. }) => {
                Err(TrogdorError::Conflict { address, id: id.to_owned() })
            }
            other => other.map(drop),
        }
    }

    /// The task, with the answer as it came; `None` where there is no such task.
    pub async fn task(&self, id: &str) -> Result<Option<(Task, Response)>, TrogdorError> {
        match call(&self.coordinator, Method::GET, &["coordinator", "tasks", id], None).await {
            Err(TrogdorError::Refused { status: 404, .. }) => Ok(None),
            Err(TrogdorError::Http(http::HttpError::Refused { status: 404, .. })) => Ok(None),
            answer => {
                let answer = answer?;
                Ok(Some((answer.json()?, answer)))
            }
        }
    }

    /// Every task that the coordinator has in its memory.
    pub async fn tasks(&self) -> Result<BTreeMap<String, Task>, TrogdorError> {
        let answer = call(&self.coordinator, Method::GET, &["coordinator", "tasks"], None).await?;
        Ok(answer.json::<Tasks>()?.tasks)
    }

    /// Tells the agents of a task to stop. They obey within about 2 s after the answer, and finish what they have begun.
    pub async fn stop(&self, id: &str) -> Result<(), TrogdorError> {
        let path = ["coordinator", "task", "stop"];
        call(&self.coordinator, Method::PUT, &path, Some(&json!({"id": id}))).await.map(drop)
    }

    /// Makes the coordinator forget a task. Where an agent still works on it, the coordinator has it stopped.
    pub async fn destroy(&self, id: &str) -> Result<(), TrogdorError> {
        let mut url = self.coordinator.segments(&["coordinator", "tasks"])?;
        url.query_pairs_mut().append_pair("taskId", id);
        let request = self.coordinator.request(Method::DELETE, url).timeout(ANSWER_LIMIT);
        accept(self.coordinator.send(request).await?).map(drop)
    }

    /// Stops these tasks and waits until all are over, at most `limit`. The answer is what became of each that the
    /// coordinator knows, with the answers as they came; who is not done by then is told as it was seen last.
    pub async fn end(
        &self,
        ids: &[String],
        limit: Duration,
    ) -> Result<BTreeMap<String, (Task, Response)>, TrogdorError> {
        let until = Instant::now() + limit;
        for id in ids {
            self.stop(id).await?;
        }
        loop {
            let mut seen = BTreeMap::new();
            for id in ids {
                if let Some(found) = self.task(id).await? {
                    seen.insert(id.clone(), found);
                }
            }
            if seen.values().all(|(task, _)| task.state == State::Done) || Instant::now() >= until {
                return Ok(seen);
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// What an agent says of itself, with the answer as it came.
    pub async fn agent(&self, name: &str) -> Result<(AgentStatus, Response), TrogdorError> {
        let answer = call(self.client(name)?, Method::GET, &["agent", "status"], None).await?;
        Ok((answer.json()?, answer))
    }

    /// Tells an agent itself to stop one of its workers, where no coordinator can.
    pub async fn stop_worker(&self, name: &str, worker: &str) -> Result<(), TrogdorError> {
        let path = ["agent", "worker", "stop"];
        let body = json!({"workerId": worker.parse::<i64>().unwrap_or_default()});
        call(self.client(name)?, Method::PUT, &path, Some(&body)).await.map(drop)
    }

    fn client(&self, agent: &str) -> Result<&Client, TrogdorError> {
        let unknown =
            || http::HttpError::Invalid { service: Said::verbatim("Trogdor"), cause: no_agent(agent) };
        self.agents.get(agent).ok_or_else(|| unknown().into())
    }
}

/// Sends a request to the coordinator or an agent.
async fn call(
    client: &Client,
    method: Method,
    path: &[&str],
    body: Option<&Json>,
) -> Result<Response, TrogdorError> {
    let mut request = client.request(method, client.segments(path)?).timeout(ANSWER_LIMIT);
    if let Some(body) = body {
        request = request.json(body);
    }
    accept(client.send(request).await?)
}

fn accept(answer: Response) -> Result<Response, TrogdorError> {
    if (200..300).contains(&answer.status) {
        return Ok(answer);
    }
    // Trogdor's own words where they are its own; something else may answer at that address.
    match answer.json::<ErrorBody>() {
        Ok(body) => Err(TrogdorError::Refused {
            address: answer.address.clone(),
            status: answer.status,
            message: text::cut(&redact::mask(&body.message), 500),
        }),
        Err(_) => Err(answer.refused().into()),
    }
}

messages! {
    area "trogdor-client";
    agent(name) => "Trogdor's agent `{name}`" / "l'agent Trogdor `{name}`";
    conflict(address, id) => "Trogdor at {address} has another task `{id}` already" / "Trogdor à {address} a déjà une autre tâche `{id}`";
    coordinator() => "Trogdor's coordinator" / "le coordinateur Trogdor";
    no_agent(name) => "agent `{name}` not found" / "l'agent `{name}` est inconnu";
    refused(address, status, message) => "Trogdor at {address} answered {status}: {message}" / "Trogdor à {address} a répondu {status} : {message}";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(text: &str) -> Task {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn tasks_are_read_as_a_coordinator_of_3_7_2_told_them() {
        let running = task(
            r#"{"state":"RUNNING","spec":{"class":"x"},"startedMs":1795415885597,"status":"Created 2 topic(s)"}"#,
        );
        assert_eq!((running.state, running.done_ms, running.error.as_str()), (State::Running, None, ""));
        let done = task(
            r#"{"state":"DONE","spec":{"class":"x"},"startedMs":1795415885597,"doneMs":1795415896634,"cancelled":false,"status":{"totalSent":10000}}"#,
        );
        assert_eq!((done.state, done.status["totalSent"].as_u64()), (State::Done, Some(10_000)));
        let failed = task(
            r#"{"state":"DONE","spec":{"class":"x"},"doneMs":1,"error":"Unable to find nodes for task: Unknown node names: n9","cancelled":false}"#,
        );
        assert!(failed.error.contains("n9") && failed.status.is_null() && failed.started_ms.is_none());
        let agent: AgentStatus = serde_json::from_str(
            r#"{"serverStartMs":1795415883618,"workers":{"2101096281263951539":{"state":"DONE","taskId":"produce1","spec":{"class":"x"},"startedMs":1,"doneMs":2,"status":{}}}}"#,
        )
        .unwrap();
        assert_eq!(agent.workers["2101096281263951539"].task_id, "produce1");
    }

    #[tokio::test]
    async fn a_coordinator_that_is_not_there_is_named_with_its_address() {
        let about = environment::Trogdor {
            url: "http://127.0.0.1:3".parse().unwrap(),
            agents: [("n1".to_owned(), "http://127.0.0.1:4".parse().unwrap())].into(),
            version: None,
            properties: BTreeMap::new(),
        };
        let trogdor = Trogdor::open(&about).await.unwrap();
        let error = trogdor.tasks().await.unwrap_err().to_string();
        assert!(error.contains("coordinator") && error.contains("127.0.0.1:3"), "{error}");
        let error = trogdor.agent("n1").await.unwrap_err().to_string();
        assert!(error.contains("agent `n1`") && error.contains("127.0.0.1:4"), "{error}");
    }
}
