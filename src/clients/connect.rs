//! Kafka Connect's REST API: [`Connect`], with typed states and a bounded patience while the workers rebalance.
//!
//! Facts from the sources of Kafka 3.7 (`ConnectorsResource`, `HerderRequestHandler`) and from a cluster of that
//! version: a write is answered with 409 while the workers rebalance and is worth trying again; an unknown class is
//! answered with 500; a new connector has no status for about a second after its PUT, and no tasks until the leader
//! has distributed them; a dead worker's tasks go on being `RUNNING` until the group has noticed.

mod offsets;
mod tasks;
mod turn;
mod validation;

use super::{
    Endpoint,
    http::{self, Client, Response},
    workers::Workers,
};
use crate::{
    record::{Said, Speaks, display_by_said, messages},
    support::{redact, text},
};
pub use offsets::OffsetsWritten;
use reqwest::{Method, RequestBuilder};
use serde::{Deserialize, Deserializer, Serialize};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
pub use tasks::{TaskSettings, assigned};
use tokio::time::sleep;
use turn::Turn;
use url::Url;
pub use validation::{Invalid, Validation};

/// A worker answers a write within this, if only with 500 (`DEFAULT_REST_REQUEST_TIMEOUT_MS` is 90 s).
const WRITE_LIMIT: Duration = Duration::from_secs(95);
/// How long a worker may take to show that it lives.
const WORKER_LIMIT: Duration = Duration::from_secs(3);
const RETRY_PAUSE: Duration = Duration::from_millis(500);
/// How long a read is sent again while the workers rebalance, where the caller names no other bound; a usual rebalance
/// takes two or three seconds.
const READ_PATIENCE: Duration = Duration::from_secs(5);

/// Settings of a connector, as Connect keeps them: every value is a text.
pub type Config = BTreeMap<String, String>;

/// A Connect cluster, reached through one of its workers: the first one that answers.
#[derive(Debug, Clone)]
pub struct Connect {
    turn: Turn,
    /// Until when a read is sent again while the workers rebalance.
    until: Option<Instant>,
}

/// Why a call did not do what it was to do.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No answer, or none that could be read.
    Http(#[from] http::HttpError),
    /// Still rebalancing when the patience ended.
    Rebalancing {
        /// URL of the last request, without user, password and query.
        address: String,
        /// Time for which the request was repeated.
        waited: Duration,
        /// Message of the last answer.
        message: String,
    },
    /// Connect answered with an error status.
    Refused {
        /// URL of the request, without user, password and query.
        address: String,
        /// HTTP status of the answer, such as 409.
        status: u16,
        /// Its words, secrets masked.
        message: String,
    },
}

impl Speaks for ConnectError {
    fn said(&self) -> Said {
        match self {
            Self::Http(error) => error.said(),
            Self::Rebalancing { address, waited, message } => rebalancing(address, *waited, message),
            Self::Refused { address, status, message } => refused(address, *status, message),
        }
    }
}

display_by_said!(ConnectError);

/// The answer to `GET /`: version and cluster of the worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// Version of the worker that answers.
    pub version: String,
    /// Id of the Kafka cluster that holds Connect's own topics.
    #[serde(default)]
    pub kafka_cluster_id: Option<String>,
}

/// A class that the worker can run as a connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plugin {
    /// Fully qualified name of the class.
    pub class: String,
    /// `source` or `sink`; empty where the worker does not say.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// Version of the plugin, as the worker reports it; `None` where it reports none.
    #[serde(default)]
    pub version: Option<String>,
}

impl Plugin {
    /// Whether a connector's `connector.class` means it.
    pub fn is(&self, class: &str) -> bool {
        is_class(&self.class, class)
    }
}

/// Whether `connector.class: given` means the class of that full name: by it, by its simple name, or that without
/// `Connector`.
pub fn is_class(full: &str, given: &str) -> bool {
    let simple = full.rsplit('.').next().unwrap_or_default();
    [full, simple].contains(&given) || simple.strip_suffix("Connector") == Some(given)
}

/// State of a connector and its tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Name of the connector, unique in the Connect cluster.
    pub name: String,
    /// The connector's own part, which makes the tasks' settings.
    pub connector: Instance,
    /// The tasks, which move the records.
    #[serde(default)]
    pub tasks: Vec<Task>,
}

/// State of a connector's own part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// `UNASSIGNED`, `RUNNING`, `PAUSED`, `STOPPED`, `FAILED` or `RESTARTING`.
    pub state: String,
    /// `host:port` of the worker that claimed this state last. It may be dead.
    pub worker_id: String,
    /// Stack trace of a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

/// State of one task, and the worker that runs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Number of the task, from 0.
    pub id: u32,
    /// State and worker of the task.
    #[serde(flatten)]
    pub instance: Instance,
}

/// One entry of the list of connectors, with settings and state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Name and settings of the connector.
    pub info: Info,
    /// State of the connector and its tasks.
    pub status: Status,
}

/// Settings of one connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Info {
    /// Name of the connector, unique in the Connect cluster.
    pub name: String,
    /// Its settings; secrets that were put in clear are in clear here.
    #[serde(deserialize_with = "without_nulls")]
    pub config: Config,
}

/// What a source connector has committed (`GET /connectors/{name}/offsets`, 3.5 and later).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Places {
    /// One for each of the source's partitions from which a record was taken.
    pub offsets: Vec<Place>,
}

/// How far a source connector is in one of the source's partitions; each connector has fields of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Which partition; of MirrorMaker 2: `cluster`, `topic`, `partition`.
    pub partition: serde_json::Value,
    /// How far; of MirrorMaker 2: `offset`, the one of the last record that was copied.
    pub offset: serde_json::Value,
}

/// What a PUT of settings did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// There was no such connector.
    Created,
    /// The connector existed with other settings, which were replaced.
    Updated,
}

/// What to make a connector do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Hold the tasks; they keep their place.
    Pause,
    /// Start connector and tasks anew.
    Restart,
    /// Go on after a pause or a stop.
    Resume,
    /// Give up the tasks (3.5 and later).
    Stop,
}

#[derive(Deserialize)]
struct Settings(#[serde(deserialize_with = "without_nulls")] Config);

/// A setting may be null, which is as good as none.
fn without_nulls<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Config, D::Error> {
    let config = BTreeMap::<String, Option<String>>::deserialize(deserializer)?;
    Ok(config.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
}

#[derive(Deserialize)]
struct ErrorBody {
    message: String,
}

impl Connect {
    /// The Connect cluster of these workers.
    pub async fn open(workers: &Workers) -> Result<Self, ConnectError> {
        Ok(Self { turn: Turn::of(workers).await?, until: None })
    }

    /// The one worker at that endpoint.
    pub async fn at(endpoint: &Endpoint) -> Result<Self, ConnectError> {
        Self::open(&endpoint.clone().into()).await
    }

    /// Which worker answers in place of the first one, and why: a remark for the evidence. None where the first does.
    pub fn moved(&self) -> Option<Said> {
        self.turn.moved()
    }

    /// The same one, whose reads are sent again until `until` while the workers rebalance.
    #[must_use]
    pub fn patient(mut self, until: Instant) -> Self {
        self.until = Some(until);
        self
    }

    /// Sends one request of a caller's own, as `Turn::send` does, and reads the answer whatever its status.
    pub async fn pass(
        &self,
        make: impl Fn(&Client) -> Result<(Method, RequestBuilder), http::HttpError>,
    ) -> Result<Response, http::HttpError> {
        self.turn.send(make).await
    }

    /// Returns the URL of the worker, without user and password.
    pub fn address(&self) -> String {
        self.turn.client().address()
    }

    /// Version and Kafka cluster, with the answer as it came.
    pub async fn root(&self) -> Result<(Root, Response), ConnectError> {
        self.read(&[], &[]).await
    }

    /// The connectors' names, with the answer as it came.
    pub async fn names(&self) -> Result<(Vec<String>, Response), ConnectError> {
        self.read(&["connectors"], &[]).await
    }

    /// Every connector with settings and state. A connector made within the last second may not be in it yet.
    pub async fn connectors(&self) -> Result<(BTreeMap<String, Listed>, Response), ConnectError> {
        self.read(&["connectors"], &[("expand", "info"), ("expand", "status")]).await
    }

    /// The classes that the worker can run, with the answer as it came.
    pub async fn plugins(&self) -> Result<(Vec<Plugin>, Response), ConnectError> {
        self.read(&["connector-plugins"], &[]).await
    }

    /// The state of a connector, or `None` where it has none: there is no such connector, or it is about a second
    /// old.
    pub async fn status(&self, name: &str) -> Result<Option<(Status, Response)>, ConnectError> {
        found(self.read(&["connectors", name, "status"], &[]).await)
    }

    /// The settings of a connector, or `None` where there is no such connector. Its name is among them.
    pub async fn config(&self, name: &str) -> Result<Option<Config>, ConnectError> {
        let answer = found(self.read::<Settings>(&["connectors", name, "config"], &[]).await)?;
        Ok(answer.map(|(Settings(config), _)| config))
    }

    /// Makes the redactor know the secrets among settings: by their names, and by the types that Connect tells of the
    /// settings of their class (3.2 and later).
    pub async fn learn_passwords(&self, configs: impl Iterator<Item = &Config>) {
        #[derive(Deserialize)]
        struct Definition {
            name: String,
            #[serde(rename = "type")]
            kind: String,
        }
        let mut passwords: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for config in configs {
            config.iter().for_each(|(name, value)| redact::learn_setting(name, value));
            let Some(class) = config.get("connector.class") else { continue };
            if !passwords.contains_key(class) {
                let told = self.read::<Vec<Definition>>(&["connector-plugins", class, "config"], &[]).await;
                // An older worker does not tell; names are what is left.
                let told = told.map(|(definitions, _)| definitions).unwrap_or_default();
                let of_type = told.into_iter().filter(|d| d.kind == "PASSWORD").map(|d| d.name).collect();
                passwords.insert(class.clone(), of_type);
            }
            for name in &passwords[class] {
                config.get(name).into_iter().for_each(|value| redact::learn_setting("password", value));
            }
        }
    }

    /// How far a source connector is, as it last committed (every `offset.flush.interval.ms`, 60 s unless set), or
    /// `None` where there is no such connector.
    pub async fn places(&self, name: &str) -> Result<Option<(Places, Response)>, ConnectError> {
        found(self.read(&["connectors", name, "offsets"], &[]).await)
    }

    /// Makes the connector, or gives it these settings.
    pub async fn put(&self, name: &str, config: &Config, until: Instant) -> Result<Put, ConnectError> {
        let answer =
            self.write(Method::PUT, &["connectors", name, "config"], &[], Some(config), until).await?;
        Ok(if answer.status == 201 { Put::Created } else { Put::Updated })
    }

    /// Tells a connector what to do. It obeys within about 2 s after the answer.
    pub async fn order(&self, name: &str, order: Order, until: Instant) -> Result<(), ConnectError> {
        let (method, verb, query): (_, _, &[_]) = match order {
            Order::Pause => (Method::PUT, "pause", &[]),
            Order::Restart => (Method::POST, "restart", &[("includeTasks", "true"), ("onlyFailed", "false")]),
            Order::Resume => (Method::PUT, "resume", &[]),
            Order::Stop => (Method::PUT, "stop", &[]),
        };
        self.write(method, &["connectors", name, verb], query, None::<&Config>, until).await.map(drop)
    }

    /// Deletes a connector; one that is not there is deleted already.
    pub async fn delete(&self, name: &str, until: Instant) -> Result<(), ConnectError> {
        match self.write(Method::DELETE, &["connectors", name], &[], None::<&Config>, until).await {
            Err(ConnectError::Refused { status: 404, .. }) => Ok(()),
            other => other.map(drop),
        }
    }

    /// Why the worker does not answer, or `None` when it does. Any HTTP answer proves that it lives, so no login is
    /// sent; a worker that is frozen still takes connections, so a connection proves nothing.
    pub async fn dead_worker(&self, worker_id: &str) -> Result<Option<Said>, ConnectError> {
        let base = self.turn.client().url("")?;
        let own = format!("{}:{}", base.host_str().unwrap_or(""), base.port_or_known_default().unwrap_or(0));
        if own == worker_id {
            return Ok(None);
        }
        let Ok(url) = Url::parse(&format!("{}://{worker_id}/", base.scheme())) else {
            return Ok(Some(no_address()));
        };
        let endpoint = Endpoint::at(url);
        let client = Client::open(worker(), &endpoint).await?;
        let request = client.request(Method::GET, client.url("/")?).timeout(WORKER_LIMIT);
        match client.send(request).await {
            Err(http::HttpError::Unreachable { obstacle, cause, .. }) if !obstacle.is_of_tls() => {
                Ok(Some(cause))
            }
            _ => Ok(None),
        }
    }

    async fn read<T: serde::de::DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<(T, Response), ConnectError> {
        let until = self.until.unwrap_or_else(|| Instant::now() + READ_PATIENCE);
        let make = |client: &Client| {
            Ok((Method::GET, client.request(Method::GET, client.segments(path)?).query(query)))
        };
        let answer = self.send(until, make).await?;
        Ok((answer.json()?, answer))
    }

    /// Sends a write, and sends it again while the workers rebalance, until `until`.
    async fn write(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&(impl Serialize + ?Sized)>,
        until: Instant,
    ) -> Result<Response, ConnectError> {
        let make = |client: &Client| {
            let left = until.saturating_duration_since(Instant::now());
            let request = client
                .request(method.clone(), client.segments(path)?)
                .query(query)
                .timeout(left.clamp(Duration::from_secs(1), WRITE_LIMIT));
            let request = match body {
                Some(body) => request.json(body),
                None => request,
            };
            Ok((method.clone(), request))
        };
        self.send(until, make).await
    }

    /// Sends what `make` makes, and again while the workers rebalance, until `until`.
    async fn send(
        &self,
        until: Instant,
        make: impl Fn(&Client) -> Result<(Method, RequestBuilder), http::HttpError>,
    ) -> Result<Response, ConnectError> {
        let started = Instant::now();
        loop {
            let answer = self.turn.send(&make).await?;
            let left = until.saturating_duration_since(Instant::now());
            if answer.status != 409 {
                return accept(answer);
            }
            if left <= RETRY_PAUSE {
                return Err(ConnectError::Rebalancing {
                    address: answer.address.clone(),
                    waited: started.elapsed(),
                    message: message(&answer),
                });
            }
            tracing::debug!(address = answer.address, "Connect rebalances, the request is sent again");
            sleep(RETRY_PAUSE).await;
        }
    }
}

impl Status {
    /// Everything that claims to be at work, as (what, instance).
    pub fn instances(&self) -> impl Iterator<Item = (Said, &Instance)> {
        std::iter::once((the_connector(), &self.connector))
            .chain(self.tasks.iter().map(|one| (task(one.id), &one.instance)))
    }
}

fn found<T>(answer: Result<T, ConnectError>) -> Result<Option<T>, ConnectError> {
    match answer {
        Err(ConnectError::Refused { status: 404, .. }) => Ok(None),
        other => other.map(Some),
    }
}

fn accept(answer: Response) -> Result<Response, ConnectError> {
    if (200..300).contains(&answer.status) {
        return Ok(answer);
    }
    // Connect's own words where they are its own; a proxy in front of it answers in another form.
    match answer.json::<ErrorBody>() {
        Ok(_) => Err(ConnectError::Refused {
            address: answer.address.clone(),
            status: answer.status,
            message: message(&answer),
        }),
        Err(_) => Err(answer.refused().into()),
    }
}

fn message(answer: &Response) -> String {
    let message = answer.json::<ErrorBody>().map_or_else(|_| answer.text().into_owned(), |body| body.message);
    text::cut(&redact::mask(&message), 1000)
}

messages! {
    area "connect-client";
    no_address() => "its id is not a `host:port`" / "son identifiant n'est pas de la forme `host:port`";
    rebalancing(address, waited, message) => "Connect at {address} was still rebalancing after {waited}: {message}" / "Connect à {address} était encore en rééquilibrage après {waited} : {message}";
    refused(address, status, message) => "Connect at {address} answered {status}: {message}" / "Connect à {address} a répondu {status} : {message}";
    task(id) => "task {id}" / "la tâche {id}";
    the_connector() => "the connector" / "le connecteur";
    worker() => "a Connect worker" / "un worker Connect";
}

#[cfg(test)]
mod tests;
