//! What every load does with its client first: look whether the cluster answers and has the topic, and remember
//! what the client says about its brokers.

use crate::{
    clients::kafka::{self, Logged, MakeError, make},
    record::{Arg, Said, Speaks, display_by_said, messages},
    support::redact::MASK,
};
use rdkafka::{
    ClientConfig, ClientContext,
    consumer::{BaseConsumer, Consumer, ConsumerContext},
    error::{KafkaError, RDKafkaErrorCode as Code},
};
use std::{
    collections::BTreeMap,
    sync::Mutex,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// How long a cluster may take for its first answer.
const FIRST_ANSWER: Duration = Duration::from_secs(10);

/// Why a load could not be run.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It was told to stop before it began.
    Cancelled,
    /// The client cannot be made from these settings.
    Client(String),
    /// There is nothing to log in with.
    NoLogIn(Said),
    /// The cluster answers and does not let us in.
    Refused(Said),
    /// Brokers answer, and the one that had to answer did not.
    Silent(Said),
    /// What was measured could not be written.
    Sink(#[from] std::io::Error),
    /// A record is larger than the client may send.
    TooLarge {
        /// Key and value of a record, in bytes.
        size: u64,
        /// The limit, in bytes.
        limit: u64,
    },
    /// The topic is not there.
    UnknownTopic(String),
    /// No broker answered within the limit.
    Unreachable {
        /// The bootstrap servers.
        address: String,
        /// What the attempt said.
        cause: Said,
    },
}

impl Speaks for LoadError {
    fn said(&self) -> Said {
        match self {
            Self::Cancelled => not_begun(),
            Self::Client(cause) => settings_refused(cause),
            Self::NoLogIn(cause) => cause.clone(),
            Self::Refused(cause) => refused(cause),
            Self::Silent(said) => said.clone(),
            Self::Sink(cause) => windows_unwritable(cause.to_string()),
            Self::TooLarge { size, limit } => too_large(size, limit),
            Self::UnknownTopic(topic) => unknown_topic(topic),
            Self::Unreachable { address, cause } => unreachable(address, cause),
        }
    }
}

display_by_said!(LoadError);

impl From<MakeError> for LoadError {
    fn from(error: MakeError) -> Self {
        match error {
            MakeError::Client(error) => Self::Client(error.to_string()),
            MakeError::Token(error) => Self::NoLogIn(error.said()),
        }
    }
}

messages! {
    area "load client";
    errors(kind, times) => "{kind} {times} {times|time|times}" / "{kind} {times} fois";
    no_answer(limit, cause) => "no answer within {limit} ({cause})" / "pas de réponse en {limit} ({cause})";
    not_begun() => "stopped before it began" / "arrêtée avant de commencer";
    refused(cause) => "the cluster refused the client: {cause}" / "le cluster a refusé le client : {cause}";
    reported(errors) => "the client reported {errors}" / "le client a signalé {errors}";
    settings_refused(cause) => "invalid client settings: {cause}" / "réglages du client invalides : {cause}";
    too_large(size, limit) => "a record of {size} bytes is larger than the client may send: `max.request.size` is {limit}" / "un enregistrement de {size} octets dépasse ce que le client peut envoyer : `max.request.size` vaut {limit}";
    topic_refused(topic, cause) => "topic `{topic}`: {cause}" / "topic `{topic}` : {cause}";
    unknown_topic(topic) => "topic `{topic}` not found" / "topic `{topic}` introuvable";
    unreachable(address, cause) => "no broker of {address} answers: {cause}" / "aucun broker de {address} ne répond : {cause}";
    windows_unwritable(cause) => "could not write the windows: {cause}" / "impossible d'écrire les fenêtres : {cause}";
}

/// Errors that a client reported, by kind.
pub(crate) fn error_counts(errors: &BTreeMap<String, u64>) -> Arg {
    Arg::list(errors.iter().map(|(kind, times)| self::errors(kind, times)))
}

/// What a client said about its connections, for error messages and counts.
#[derive(Debug, Default)]
pub struct Voice(Mutex<Heard>);

#[derive(Debug, Default)]
struct Heard {
    counts: BTreeMap<String, u64>,
    last: Option<(Code, String)>,
}

impl Voice {
    /// The errors said so far: kind and how often.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.0.lock().map(|heard| heard.counts.clone()).unwrap_or_default()
    }

    /// The last thing it said, or `otherwise`.
    pub fn last_or(&self, otherwise: impl Into<Said>) -> Said {
        self.last().map_or_else(|| otherwise.into(), |(_, reason)| Said::verbatim(reason))
    }

    fn last(&self) -> Option<(Code, String)> {
        self.0.lock().ok().and_then(|heard| heard.last.clone())
    }
}

impl ClientContext for Voice {
    fn error(&self, error: KafkaError, reason: &str) {
        let Ok(mut heard) = self.0.lock() else { return };
        let code = error.rdkafka_error_code().unwrap_or(Code::Unknown);
        *heard.counts.entry(format!("{code:?}")).or_default() += 1;
        // That all brokers are down follows from what was said before it, which names broker and cause.
        if code != Code::AllBrokersDown || heard.last.is_none() {
            heard.last = Some((code, reason.to_owned()));
        }
    }
}

impl ConsumerContext for Voice {}

/// A consumer whose end does not wait for a frozen broker.
///
/// Closing a member of a group waits for its coordinator without a limit (seen with a stopped broker: over ten
/// minutes). So a thread of its own closes it, and after [`CLOSE`] nobody waits for that thread any more.
pub(super) struct Member<C: ConsumerContext + 'static = Voice>(Option<Logged<BaseConsumer<C>>>);

/// How long a consumer may take to leave its group and commit.
const CLOSE: Duration = Duration::from_secs(5);

impl<C: ConsumerContext + 'static> Member<C> {
    pub(super) fn new(config: &ClientConfig, context: C) -> Result<Self, LoadError> {
        Ok(Self(Some(make(config, context)?)))
    }
}

impl<C: ConsumerContext + 'static> std::ops::Deref for Member<C> {
    type Target = BaseConsumer<C>;

    fn deref(&self) -> &Self::Target {
        self.0.as_deref().expect("only drop takes it")
    }
}

impl<C: ConsumerContext + 'static> Drop for Member<C> {
    fn drop(&mut self) {
        let Some(consumer) = self.0.take() else { return };
        let (sender, closed) = std::sync::mpsc::channel();
        let closer = std::thread::Builder::new().name("close".to_owned()).spawn(move || {
            drop(consumer);
            let _ = sender.send(());
        });
        if closer.is_ok() && closed.recv_timeout(CLOSE).is_err() {
            tracing::warn!("a consumer did not close within {CLOSE:?}; its group will notice by itself");
        }
    }
}

/// Numbers of the topic's partitions. Never makes the topic, whatever the broker's `auto.create.topics.enable` says.
pub fn partitions(
    config: &ClientConfig,
    topic: &str,
    cancel: &CancellationToken,
) -> Result<Vec<i32>, LoadError> {
    let mut config = config.clone();
    // A producer's metadata request makes an unknown topic; a consumer's does not when told so.
    config.set("allow.auto.create.topics", "false").remove("group.id");
    let address = config.get("bootstrap.servers").unwrap_or_default().to_owned();
    let client: Logged<BaseConsumer<Voice>> = make(&config, Voice::default())?;
    let deadline = Instant::now() + FIRST_ANSWER;
    loop {
        if cancel.is_cancelled() {
            return Err(LoadError::Cancelled);
        }
        let answer = client.fetch_metadata(Some(topic), Duration::from_secs(1));
        if answer.is_err() {
            serve(&client);
        }
        let voice = client.context();
        match answer {
            Ok(metadata) => {
                let found = metadata.topics().iter().find(|t| t.name() == topic);
                match found.and_then(|t| t.error()).map(Code::from) {
                    None => {
                        let mut numbers: Vec<_> = found
                            .map(|t| t.partitions().iter().map(|p| p.id()).collect())
                            .unwrap_or_default();
                        numbers.sort_unstable();
                        return if numbers.is_empty() {
                            Err(LoadError::UnknownTopic(topic.to_owned()))
                        } else {
                            Ok(numbers)
                        };
                    }
                    Some(Code::UnknownTopicOrPartition | Code::UnknownTopic) => {
                        return Err(LoadError::UnknownTopic(topic.to_owned()));
                    }
                    // A topic that was just made has no leader for a moment.
                    Some(Code::LeaderNotAvailable) if Instant::now() < deadline => {
                        std::thread::sleep(Duration::from_millis(100));
                    }
                    Some(code) => return Err(LoadError::Refused(topic_refused(topic, code.to_string()))),
                }
            }
            Err(error) => match voice.last() {
                Some((Code::Authentication | Code::SSL | Code::SaslAuthenticationFailed, reason)) => {
                    return Err(LoadError::Refused(kafka::refusal(&reason, config.get("sasl.mechanisms"))));
                }
                _ if Instant::now() >= deadline => {
                    let silence = no_answer(FIRST_ANSWER, error.to_string());
                    return Err(LoadError::Unreachable { address, cause: voice.last_or(silence) });
                }
                _ => {}
            },
        }
    }
}

/// Serves the events that wait, without which nobody learns why no broker answers. A poll without a time takes one of
/// them alone, and an error waits behind what was logged.
fn serve(client: &BaseConsumer<Voice>) {
    const AT_MOST: usize = 100;
    for _ in 0..AT_MOST {
        if client.poll(Duration::from_millis(20)).is_none() {
            break;
        }
    }
}

/// The client of every figure here, with its version.
pub fn name() -> String {
    format!("librdkafka {}", rdkafka::util::get_rdkafka_version().1)
}

/// Properties that shape a measurement, shown even where nobody set them.
const TELLING: &[&str] = &[
    "acks",
    "auto.offset.reset",
    "batch.num.messages",
    "batch.size",
    "check.crcs",
    "client.id",
    "compression.type",
    "delivery.timeout.ms",
    "enable.auto.commit",
    "enable.idempotence",
    "fetch.max.bytes",
    "fetch.min.bytes",
    "fetch.wait.max.ms",
    "isolation.level",
    "linger.ms",
    "max.in.flight.requests.per.connection",
    "max.partition.fetch.bytes",
    "message.max.bytes",
    "partition.assignment.strategy",
    "partitioner",
    "queue.buffering.max.kbytes",
    "queue.buffering.max.messages",
    "queued.max.messages.kbytes",
    "queued.min.messages",
    "request.timeout.ms",
    "retries",
    "security.protocol",
    "session.timeout.ms",
    "socket.timeout.ms",
    "sticky.partitioning.linger.ms",
];

/// The properties that are in force under librdkafka's names: those that were set and those that shape a measurement.
/// Secrets are masked.
pub fn effective(config: &ClientConfig) -> BTreeMap<String, String> {
    let set = config.config_map();
    let native = config.create_native_config().ok();
    let names: std::collections::BTreeSet<&str> =
        TELLING.iter().copied().chain(set.keys().copied()).collect();
    names
        .into_iter()
        .filter_map(|name| {
            let secret = ["password", "secret", "jaas", "pem", "token", "oauthbearer.config"]
                .iter()
                .any(|word| name.contains(word));
            let value = match native.as_ref().and_then(|native| native.get(name).ok()) {
                _ if secret && set.contains_key(name) => MASK.to_owned(),
                Some(value) => value.trim_end_matches('\0').to_owned(),
                None => (*set.get(name)?).to_owned(),
            };
            Some((name.to_owned(), value))
        })
        .collect()
}

/// Whether an error will not go away by waiting: the cluster said no.
pub(super) fn is_refusal(code: Code) -> bool {
    matches!(
        code,
        Code::ClusterAuthorizationFailed
            | Code::GroupAuthorizationFailed
            | Code::InvalidRequiredAcks
            | Code::MessageSizeTooLarge
            | Code::PolicyViolation
            | Code::SaslAuthenticationFailed
            | Code::TopicAuthorizationFailed
            | Code::TransactionalIdAuthorizationFailed
            | Code::UnknownTopic
            | Code::UnknownTopicOrPartition
            | Code::UnsupportedCompressionType
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effective_properties_hold_defaults_and_no_secret() {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", "h:1").set("sasl.password", "hush-hush").set("linger.ms", "7");
        let effective = effective(&config);
        assert_eq!(effective["linger.ms"], "7");
        assert_eq!(effective["sasl.password"], MASK);
        assert_eq!(effective["bootstrap.servers"], "h:1");
        assert_eq!(effective["isolation.level"], "read_committed", "{effective:?}");
        assert!(name().starts_with("librdkafka 2."), "{}", name());
    }
}
