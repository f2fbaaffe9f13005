//! What the kinds that put load on a cluster share: their clients' settings, their errors, their figures.

use super::{ActionContext, ActionError, Mistake, Output, kafka_access::kafka_cluster, mistakes, service};
use crate::{
    clients::{
        Environment,
        kafka::{self, Defaults, PropertyError, Role, Settings, advice, client_config_with},
    },
    load::{self, latency::Latency},
    record::{Arg, Evidence, Said, Unit, Value, messages, refused},
};
use serde::{Deserialize, Deserializer};
use std::{collections::BTreeMap, io};

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
                _ => Err(refused(property_form(name))),
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

impl Driver {
    /// That the environment does not say where what it needs is.
    pub(super) fn mistake(self, environment: &Environment) -> Option<Mistake> {
        match self {
            Self::Native => None,
            Self::KafkaTools => {
                mistakes::service(environment, "driver", "kafka_tools", &environment.kafka_tools)
            }
            Self::Trogdor => mistakes::service(environment, "driver", "trogdor", &environment.trogdor),
        }
    }
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
    let found = service::cluster(cx, cluster)?;
    let (found, properties) = (found.clone(), properties.0.clone());
    // A secret may come from a command, which takes its time.
    tokio::task::spawn_blocking(move || client_config_with(&found, role, &properties, defaults))
        .await
        .map_err(|e| ActionError::failed(settings_not_made(e.to_string())))?
        .map_err(refused_property)
}

/// What Kafka's clients refuse of the properties below `path`, with those of the cluster.
pub(super) fn refused_together(
    environment: &Environment,
    cluster: &str,
    (path, properties): (&str, &Properties),
    role: Role,
    defaults: Defaults,
) -> Option<Mistake> {
    let cluster = environment.clusters.get(cluster);
    let error = kafka::refused_together(cluster, role, &properties.0, defaults)?;
    let is_own = properties.0.contains_key(error.property());
    let below = is_own.then(|| error.property().to_owned());
    Some(Mistake {
        path: std::iter::once(path.to_owned()).filter(|_| is_own).chain(below).collect(),
        ..Mistake::new("", error.to_string(), check_properties().to_string())
    })
}

/// The error of an action whose client cannot have a property.
pub(super) fn refused_property(error: PropertyError) -> ActionError {
    let hint = error.hint().unwrap_or_else(check_properties);
    ActionError::misconfigured(error, hint)
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
        .map_err(|e| ActionError::failed(generator_stopped(e.to_string())))
}

/// The error of an action that could not put its load on `cluster`.
pub(super) fn fault(error: load::LoadError, cluster: &str) -> ActionError {
    let message = of_cluster(cluster, &error);
    let hint = match error {
        load::LoadError::Cancelled => return ActionError::Cancelled,
        load::LoadError::Unreachable { address, cause } => {
            return ActionError::Unreachable { service: kafka_cluster(cluster), address, cause };
        }
        load::LoadError::Silent(_) | load::LoadError::Sink(_) => return ActionError::failed(message),
        load::LoadError::Client(_) | load::LoadError::NoLogIn(_) => check_properties(),
        load::LoadError::Refused(why) => refused_hint(&why),
        load::LoadError::TooLarge { .. } => make_record_smaller(),
        load::LoadError::UnknownTopic(_) => create_topic(),
    };
    ActionError::misconfigured(message, hint)
}

/// What to look at when a cluster says no, in these words.
pub(super) fn refused_hint(why: &str) -> Said {
    advice(why).unwrap_or_else(check_access)
}

/// The error of a cluster of the environment that does not answer.
pub(super) fn unreachable(cx: &ActionContext, cluster: &str, cause: impl Into<Said>) -> ActionError {
    let found = cx.environment.clusters.get(cluster);
    ActionError::Unreachable {
        service: kafka_cluster(cluster),
        address: found.map_or_else(String::new, |found| found.bootstrap_servers.clone()),
        cause: cause.into(),
    }
}

/// The error of windows that could not be written.
pub(super) fn lost(error: io::Error) -> ActionError {
    ActionError::failed(load::client::windows_unwritable(error.to_string()))
}

/// A rate in a few words, for who watches.
pub(super) fn per_s(records_per_s: f64) -> Said {
    records_each_s(Arg::decimals(records_per_s, 0))
}

/// A window in a few words: its rate, the latency and what failed.
pub(super) fn seen(rate: Said, latency: &Latency, failed: u64) -> Said {
    let said = match latency.summary() {
        Some(summary) => and_p99(rate, summary.p99),
        None => rate,
    };
    if failed == 0 { said } else { and_failed(said, failed) }
}

/// The figure, or why there is none.
pub(super) fn number(value: Option<f64>, unit: Unit, otherwise: &Said) -> Value {
    value.map_or_else(|| Value::missing(otherwise), |value| Value::number(value, unit))
}

/// The ratio of the achieved rate to one that was not asked for.
pub(super) fn ratio_unknown() -> Value {
    Value::missing(no_rate_asked())
}

/// Gives every promised output that has no value yet the reason why there is none.
pub(super) fn untold(evidence: &mut Evidence, outputs: &[Output], why: &Said) {
    for output in outputs {
        if evidence.get(output.name).is_none() {
            evidence.put(output.name, Value::missing(why));
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
    otherwise: &Said,
) {
    let per_second = |amount: f64, unit| {
        if records == 0 || seconds <= 0.0 {
            Value::missing(otherwise)
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

messages! {
    area "load action";
    and_failed(before, records) => "{before}, {records} failed" / "{before}, {records} en échec";
    and_p99(before, ms) => "{before}, P99 {ms} ms" / "{before}, P99 {ms} ms";
    arriving(rate) => "{rate} arrive" / "{rate} à l'arrivée";
    check_access() => "check the user's credentials and ACLs, and the limits of the topic (`max.message.bytes`)" / "vérifier les identifiants et les ACL de l'utilisateur, et les limites du topic (`max.message.bytes`)";
    check_properties() => "check `properties` of the action and of the cluster in the environment file" / "vérifier `properties` de l'action et du cluster dans le fichier d'environnement";
    create_topic() => "create it first, with a `topic` action" / "le créer d'abord, par une action `topic`";
    generator_stopped(cause) => "the load generator stopped: {cause}" / "le générateur de charge s'est arrêté : {cause}";
    make_record_smaller() => "make `record_size` smaller, or set `max.request.size` in `properties`" / "réduire `record_size`, ou fixer `max.request.size` dans `properties`";
    no_rate_asked() => "the rate is unlimited: there is none to compare with" / "le débit est illimité : il n'y en a pas avec quoi comparer";
    of_cluster(cluster, cause) => "cluster `{cluster}`: {cause}" / "cluster `{cluster}` : {cause}";
    property_form(name) => "property `{name}` must be a text, a number or a flag" / "la propriété `{name}` doit être un texte, un nombre ou un booléen";
    records_each_s(records) => "{records} records/s" / "{records} enr./s";
    settings_not_made(cause) => "the client's settings: {cause}" / "les réglages du client : {cause}";
    waits_for_topic(topic, cluster) => "waits for `{topic}` of cluster `{cluster}`" / "attend `{topic}` du cluster `{cluster}`";
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
            children: Arc::default(),
            deadline: None,
            earlier: Arc::default(),
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
                site: None,
                zookeeper: Vec::new(),
            };
            ((*name).to_owned(), cluster)
        });
        Environment { name: "test".to_owned(), clusters: clusters.collect(), ..Environment::default() }
    }
}
