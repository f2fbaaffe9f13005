//! What the kinds that put load on a cluster share: their clients' settings, their errors, their latencies.

use super::{ActionContext, ActionError, Output};
use crate::{
    clients::kafka::{Defaults, Role, Settings, client_config_with},
    load::{self, latency::Latency},
    record::{Evidence, Unit, Value},
};
use serde::{Deserialize, Deserializer, de};
use std::collections::BTreeMap;

/// Client properties as a step writes them: text, numbers and flags, under Kafka's (Java) names.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Properties(pub(super) BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::<String, serde_json::Value>::deserialize(deserializer)?
            .into_iter()
            .map(|(name, value)| match value {
                serde_json::Value::String(text) => Ok((name, text)),
                serde_json::Value::Number(number) => Ok((name, number.to_string())),
                serde_json::Value::Bool(flag) => Ok((name, flag.to_string())),
                _ => Err(de::Error::custom(format!("property `{name}` must be a text, a number or a flag"))),
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

/// What sends or reads the load.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Driver {
    /// Kafka's own performance tool, on the Java client (`kafka_tools` of the environment says where it is).
    KafkaTools,
    /// The load generator of this program.
    #[default]
    Native,
    /// Agents of Trogdor, Kafka's distributed test engine, with Java clients; the environment says where they are. Not
    /// every parameter can be had with it, and not every output.
    Trogdor,
}

/// Settings of a client of that cluster of the environment.
pub(super) async fn settings(
    cx: &ActionContext,
    cluster: &str,
    role: Role,
    properties: &Properties,
) -> Result<Settings, ActionError> {
    settings_with(cx, cluster, role, properties, Defaults::Java).await
}

/// As [`settings`], with other defaults.
pub(super) async fn settings_with(
    cx: &ActionContext,
    cluster: &str,
    role: Role,
    properties: &Properties,
    defaults: Defaults,
) -> Result<Settings, ActionError> {
    let found = cx.environment.cluster(cluster).map_err(|unknown| {
        ActionError::misconfigured(
            unknown.to_string(),
            if unknown.known.is_empty() {
                "add it under `clusters:` of the environment file".to_owned()
            } else {
                format!("it defines {}", unknown.known)
            },
        )
    })?;
    let (found, properties) = (found.clone(), properties.0.clone());
    // A secret may come from a command, which takes its time.
    tokio::task::spawn_blocking(move || client_config_with(&found, role, &properties, defaults))
        .await
        .map_err(|e| ActionError::failed(format!("the client's settings: {e}")))?
        .map_err(|e| {
            ActionError::misconfigured(
                e.to_string(),
                "look at `properties` of the action and of the cluster in the environment file".to_owned(),
            )
        })
}

/// Runs what blocks on a thread of its own. Dropping the future (a time limit) cancels it.
pub(super) async fn on_own_thread<T: Send + 'static>(
    cx: &ActionContext,
    work: impl FnOnce(ActionContext) -> T + Send + 'static,
) -> Result<T, ActionError> {
    let mut own = cx.clone();
    own.cancel = cx.cancel.child_token();
    let _guard = own.cancel.clone().drop_guard();
    tokio::task::spawn_blocking(move || work(own))
        .await
        .map_err(|e| ActionError::failed(format!("the load generator stopped: {e}")))
}

/// The error of an action that could not put its load on `cluster`.
pub(super) fn fault(error: load::Error, cluster: &str) -> ActionError {
    let message = format!("cluster `{cluster}`: {error}");
    let hint = match error {
        load::Error::Cancelled => return ActionError::Cancelled,
        load::Error::Unreachable { address, cause } => {
            return ActionError::Unreachable {
                service: super::kafka_access::kafka_cluster(cluster),
                address,
                cause: cause.into(),
            };
        }
        load::Error::Sink(_) => return ActionError::failed(message),
        load::Error::Client(_) => "look at `properties` of the action and of the cluster",
        load::Error::Refused(_) => REFUSED_HINT,
        load::Error::TooLarge { .. } => {
            "make `record_size` smaller, or set `max.request.size` in `properties`"
        }
        load::Error::UnknownTopic(_) => "make it first, with a `topic` action",
    };
    ActionError::misconfigured(message, hint.to_owned())
}

/// What to look at when a cluster says no.
pub(super) const REFUSED_HINT: &str =
    "look at the user's log-in and ACLs, and at the limits of the topic (`max.message.bytes`)";

/// Adds the six figures of a latency, in milliseconds, or why there are none.
pub(super) fn put_latency(
    evidence: &mut Evidence,
    name: &str,
    latency: &Latency,
    artifact: &str,
    otherwise: &str,
) {
    let summary = latency.summary();
    for (figure, value) in [
        ("avg", summary.map(|s| s.avg)),
        ("max", summary.map(|s| s.max)),
        ("p50", summary.map(|s| s.p50)),
        ("p95", summary.map(|s| s.p95)),
        ("p99", summary.map(|s| s.p99)),
        ("p999", summary.map(|s| s.p999)),
    ] {
        let value = value.map_or_else(
            || Value::missing(otherwise.to_owned()),
            |value| Value::number(value, Unit::Milliseconds),
        );
        evidence.put_from(format!("{name}.{figure}").as_str(), value, artifact);
    }
}

/// Gives every promised output that has no value yet the reason why there is none.
pub(super) fn untold(evidence: &mut Evidence, outputs: &[Output], why: &str) {
    for output in outputs {
        if evidence.get(output.name).is_none() {
            evidence.put(output.name, Value::missing(why.to_owned()));
        }
    }
}

/// Adds records and MB per second over a time; nothing takes no time, so that is said instead of a number.
#[expect(clippy::cast_precision_loss, reason = "shown to a few digits")]
pub(super) fn put_throughput(
    evidence: &mut Evidence,
    records: u64,
    bytes: u64,
    seconds: f64,
    otherwise: &str,
) {
    let per_second = |amount: f64, unit| {
        if records == 0 || seconds <= 0.0 {
            Value::missing(otherwise.to_owned())
        } else {
            Value::number(amount / seconds, unit)
        }
    };
    let records_per_s = per_second(records as f64, Unit::RecordsPerSecond);
    let mb_per_s = per_second(bytes as f64 / 1_048_576.0, Unit::MbPerSecond);
    evidence.put_from("throughput.records_per_s", records_per_s, "windows.csv");
    evidence.put_from("throughput.mb_per_s", mb_per_s, "windows.csv");
}

/// The settings as an artifact: `about` and every property in force.
pub(super) fn settings_json(settings: &Settings, about: serde_json::Value) -> serde_json::Value {
    serde_json::json!({
        "client": load::client::name(),
        "load": about,
        "properties": load::client::effective(&settings.config),
        "remarks": settings.remarks,
    })
}

#[cfg(test)]
pub(super) mod testing {
    //! A context over a temporary folder, and an environment of clusters.

    use crate::{
        action::{ActionContext, Operator, Progress, ProgressUpdate},
        record::Answer,
    };
    use crate::{
        clients::{Environment, environment::Cluster},
        record::{ActionId, Attempt, RunId, StepId},
        store::ArtifactDir,
    };
    use std::{collections::BTreeMap, path::Path, sync::Arc};
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
    use tokio_util::sync::CancellationToken;

    #[derive(Debug)]
    struct Nobody;

    #[async_trait::async_trait]
    impl Operator for Nobody {
        async fn ask(&self, _: &str) -> Option<Answer> {
            None
        }
    }

    /// A context whose artifacts go to `s/1/a` below `root`, and what it says about its progress.
    pub(crate) fn context(
        root: &Path,
        environment: Environment,
    ) -> (ActionContext, UnboundedReceiver<ProgressUpdate>) {
        let (sender, receiver) = unbounded_channel();
        let cx = ActionContext {
            action: ActionId::from("a"),
            answers: Vec::new(),
            artifacts: Arc::new(ArtifactDir::new(root, "s/1/a")),
            attempt: Attempt(1),
            cancel: CancellationToken::new(),
            environment: Arc::new(environment),
            operator: Arc::new(Nobody),
            progress: Progress::new(sender),
            run: RunId::from("r"),
            sampling: false,
            step: StepId(3),
            work_dir: root.to_owned(),
        };
        (cx, receiver)
    }

    /// An environment with these clusters: name and bootstrap servers.
    pub(crate) fn environment(clusters: &[(&str, &str)]) -> Environment {
        let clusters = clusters.iter().map(|(name, servers)| {
            let cluster = Cluster {
                bootstrap_servers: (*servers).to_owned(),
                brokers: None,
                properties: BTreeMap::new(),
                zookeeper: Vec::new(),
            };
            ((*name).to_owned(), cluster)
        });
        Environment {
            name: "test".to_owned(),
            description: String::new(),
            production: false,
            clusters: clusters.collect(),
            connect: None,
            schema_registry: None,
            prometheus: None,
            grafana: None,
            trogdor: None,
            exporters: BTreeMap::new(),
            commands: BTreeMap::new(),
            kafka_tools: None,
        }
    }
}
