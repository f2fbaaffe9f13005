//! [`Admin`]: looks at a cluster and administers it. Every call has a bound, and blocks no thread of the runtime.

use super::{
    config_entry::Known,
    logged::{Logged, MakeError, make},
    property_error::PropertyError,
    reader::Reader,
    reports::Reports,
    settings::{Role, client_config},
    token::TokenError,
    topology::{Broker, Partition, Topic, Topology},
};
use crate::{
    clients::environment::Cluster,
    record::{Said, Speaks, display_by_said, messages},
};
use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions, NewPartitions, TopicReplication, TopicResult},
    bindings::rd_kafka_controllerid,
    config::RDKafkaLogLevel,
    consumer::{BaseConsumer, Consumer},
    error::{KafkaResult, RDKafkaErrorCode},
    metadata::Metadata,
};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicI32, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::runtime::Handle;

/// How long one request may take, the first connection and the log-in included.
pub const LIMIT: Duration = Duration::from_secs(10);

/// A client of one cluster. [`Admin::of`] gives the same one every time, so that a watch that samples hundreds of
/// times has one connection and no more threads than at first.
pub struct Admin {
    pub(super) bootstrap: String,
    pub(super) config: ClientConfig,
    /// A consumer without a group: it can ask for everything and takes part in nothing.
    client: Option<Arc<Logged<BaseConsumer<Reports>>>>,
    /// The same with the name of a group, made when first asked for. librdkafka 2.12 takes the answer that a coordinator has
    /// moved to the client's own group (`rd_kafka_handle_OffsetFetch`), and the process crashes where it has none.
    pub(super) of_groups: tokio::sync::OnceCell<Arc<Logged<BaseConsumer<Reports>>>>,
    pub(super) limit: Duration,
    pub(super) reports: Reports,
    pub(super) known: Mutex<Known>,
    pub(super) reader: Reader,
    /// The broker that told the last topology, -1 for none: one that is alive, where the controller may not be.
    pub(super) answered_by: Arc<AtomicI32>,
}

/// Why a question to a cluster has no answer.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The client could not be made.
    Client(Said),
    /// The cluster answered, and the answer is no.
    Refused {
        /// What was asked, as an infinitive.
        what: Said,
        /// Error code and message of the broker.
        cause: Said,
        /// The broker's error code.
        code: Option<RDKafkaErrorCode>,
    },
    /// A property of the cluster cannot be used.
    Settings(#[from] PropertyError),
    /// A token to log in with could not be had.
    Token {
        /// The bootstrap servers, as `host:port` with commas between them.
        addresses: String,
        /// Why there is no token.
        #[source]
        cause: TokenError,
    },
    /// Brokers answer, and the one that had to answer this question did not.
    Silent(Said),
    /// No broker answered within the limit.
    Unreachable {
        /// The bootstrap servers, as `host:port` with commas between them.
        addresses: String,
        /// What librdkafka reported (connection refused, TLS or log-in failure), or that nothing came.
        cause: Said,
    },
}

impl Speaks for AdminError {
    fn said(&self) -> Said {
        match self {
            Self::Client(cause) => no_client(cause),
            Self::Refused { what, cause, .. } => kafka_refused(what, cause),
            Self::Settings(error) => error.said(),
            Self::Silent(said) => said.clone(),
            Self::Token { addresses, cause } => no_log_in(addresses, cause),
            Self::Unreachable { addresses, cause } => unreachable(addresses, cause),
        }
    }
}

display_by_said!(AdminError);

messages! {
    area "kafka-admin";
    create(topic) => "create topic `{topic}`" / "créer le topic `{topic}`";
    delete(topic) => "delete topic `{topic}`" / "supprimer le topic `{topic}`";
    describe() => "describe the cluster" / "décrire le cluster";
    describe_settings() => "describe settings" / "décrire des paramètres";
    first_offsets() => "read first offsets" / "lire les premiers offsets";
    gone() => "it was closed" / "il a été fermé";
    grow(topic, total) => "give topic `{topic}` {total} partitions" / "donner {total} partitions au topic `{topic}`";
    kafka_refused(what, cause) => "Kafka refused to {what}: {cause}" / "Kafka a refusé de {what} : {cause}";
    last_offsets() => "read end offsets" / "lire les offsets de fin";
    no_client(cause) => "cannot create a Kafka client: {cause}" / "impossible de créer un client Kafka : {cause}";
    no_log_in(addresses, cause) => "cannot log in to Kafka at {addresses}: {cause}" / "connexion impossible à Kafka à {addresses} : {cause}";
    nothing_answered() => "it answered nothing" / "il n'a rien répondu";
    of_partition(what, topic, partition) => "{what} of `{topic}-{partition}`" / "{what} de `{topic}-{partition}`";
    unreachable(addresses, cause) => "Kafka at {addresses} cannot be reached: {cause}" / "Kafka à {addresses} est injoignable : {cause}";
}

/// A topic to be created, with its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTopic {
    /// Name of the topic; it must not exist yet.
    pub name: String,
    /// How many partitions; `None` leaves it to the broker's `num.partitions`.
    pub partitions: Option<u32>,
    /// Replicas of each partition; `None` leaves it to the broker's `default.replication.factor`.
    pub replication_factor: Option<u32>,
    /// Settings that differ from the broker's defaults.
    pub config: BTreeMap<String, String>,
}

/// Offsets by topic and partition.
pub type Offsets = BTreeMap<(String, i32), i64>;

/// One client for each different cluster that was ever asked for; a handful, so a list will do.
type Shared = Vec<(Cluster, Arc<Admin>)>;

static SHARED: LazyLock<Mutex<Shared>> = LazyLock::new(Mutex::default);

impl AdminError {
    /// Whether a topic could not be made because it is there, or not quite gone yet.
    pub fn is_already_there(&self) -> bool {
        matches!(self, Self::Refused { code: Some(RDKafkaErrorCode::TopicAlreadyExists), .. })
    }

    /// Whether this user has not the right.
    pub fn is_unauthorized(&self) -> bool {
        use RDKafkaErrorCode as Code;
        let refused = |code: &Code| {
            matches!(
                code,
                Code::TopicAuthorizationFailed
                    | Code::GroupAuthorizationFailed
                    | Code::ClusterAuthorizationFailed
            )
        };
        matches!(self, Self::Refused { code: Some(code), .. } if refused(code))
    }

    /// Whether a topic is not there (any more).
    pub fn is_not_there(&self) -> bool {
        matches!(self, Self::Refused { code: Some(RDKafkaErrorCode::UnknownTopicOrPartition), .. })
    }
}

impl fmt::Debug for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admin").field("bootstrap", &self.bootstrap).finish_non_exhaustive()
    }
}

impl Admin {
    /// The client of `cluster` that the whole program shares. It is made when first asked for; nothing is sent yet, but for a
    /// token where the log-in needs one.
    pub async fn of(cluster: &Cluster) -> Result<Arc<Self>, AdminError> {
        let shared = |clients: &[(Cluster, Arc<Self>)]| {
            clients.iter().find(|(known, _)| known == cluster).map(|(_, admin)| Arc::clone(admin))
        };
        if let Some(admin) = SHARED.lock().ok().and_then(|clients| shared(&clients)) {
            return Ok(admin);
        }
        let admin = Arc::new(Self::new(cluster).await?);
        let Ok(mut clients) = SHARED.lock() else { return Ok(admin) };
        // Somebody else may have been as quick; one of the two is enough.
        Ok(shared(&clients).unwrap_or_else(|| {
            clients.push((cluster.clone(), Arc::clone(&admin)));
            admin
        }))
    }

    /// A client of its own. Dropping it does not wait for its connections.
    pub async fn new(cluster: &Cluster) -> Result<Self, AdminError> {
        let cluster = cluster.clone();
        blocking(move || {
            let config = client_config(&cluster, Role::Admin, &BTreeMap::new())?.config;
            let reports = Reports::default();
            let mut own = config.clone();
            // Ends of partitions are high watermarks, not the last stable offsets.
            own.set("isolation.level", "read_uncommitted");
            // Lost connections are on this level, whatever this program logs itself.
            own.set_log_level(RDKafkaLogLevel::Info);
            let bootstrap = cluster.bootstrap_servers;
            let client = make(&own, reports.clone()).map_err(|error| match error {
                MakeError::Client(error) => AdminError::Client(Said::verbatim(error.to_string())),
                MakeError::Token(cause) => AdminError::Token { addresses: bootstrap.clone(), cause },
            })?;
            Ok(Self {
                bootstrap,
                config,
                client: Some(Arc::new(client)),
                of_groups: tokio::sync::OnceCell::new(),
                limit: LIMIT,
                reports,
                known: Mutex::default(),
                reader: Reader::default(),
                answered_by: Arc::new(AtomicI32::new(-1)),
            })
        })
        .await?
    }

    /// Brokers, topics and partitions as they are now.
    pub async fn topology(&self) -> Result<Topology, AdminError> {
        self.topology_within(self.limit).await
    }

    /// As [`Self::topology`], with a bound of its own.
    pub async fn topology_within(&self, limit: Duration) -> Result<Topology, AdminError> {
        let answered_by = Arc::clone(&self.answered_by);
        let answer = self.once(limit, move |client, limit| {
            let (metadata, took) = fetch_metadata(client, limit)?;
            answered_by.store(metadata.orig_broker_id(), Ordering::Relaxed);
            #[expect(unsafe_code, reason = "rdkafka has no call for it; the client outlives this one")]
            // SAFETY: the pointer is the live client's, and the function is thread-safe.
            let controller = unsafe { rd_kafka_controllerid(client.client().native_ptr(), 1000) };
            let mut topology = Topology {
                brokers: metadata
                    .brokers()
                    .iter()
                    .map(|b| Broker { id: b.id(), host: b.host().to_owned(), port: b.port() })
                    .collect(),
                cluster_id: client.client().fetch_cluster_id(Duration::from_secs(1)),
                controller: (controller >= 0).then_some(controller),
                topics: metadata
                    .topics()
                    .iter()
                    .map(|t| Topic {
                        name: t.name().to_owned(),
                        error: t.error().map(|code| RDKafkaErrorCode::from(code).to_string()),
                        partitions: t
                            .partitions()
                            .iter()
                            .map(|p| Partition {
                                id: p.id(),
                                leader: (p.leader() >= 0).then_some(p.leader()),
                                replicas: p.replicas().to_vec(),
                                isr: p.isr().to_vec(),
                            })
                            .collect(),
                    })
                    .collect(),
                took,
            };
            topology.brokers.sort_by_key(|b| b.id);
            topology.topics.sort_by(|a, b| a.name.cmp(&b.name));
            topology.topics.iter_mut().for_each(|t| t.partitions.sort_by_key(|p| p.id));
            Ok(topology)
        });
        match answer.await? {
            Ok(topology) => Ok(topology),
            // Any broker would have done: nobody is left to be asked whether it answers.
            Err(error) => Err(self.fault_of_all(&describe(), &error).await),
        }
    }

    /// The end offset (high watermark) of each partition.
    pub async fn end_offsets(&self, partitions: &[(String, i32)]) -> Result<Offsets, AdminError> {
        self.offsets(last_offsets(), partitions, Offset::End).await
    }

    /// The first offset that is still there, of each partition.
    pub async fn begin_offsets(&self, partitions: &[(String, i32)]) -> Result<Offsets, AdminError> {
        self.offsets(first_offsets(), partitions, Offset::Beginning).await
    }

    pub(super) async fn offsets(
        &self,
        what: Said,
        partitions: &[(String, i32)],
        at: Offset,
    ) -> Result<Offsets, AdminError> {
        // librdkafka takes an empty list for a mistake.
        if partitions.is_empty() {
            return Ok(Offsets::new());
        }
        // ListOffsets takes -1 (end) and -2 (beginning) in place of a time.
        let asked = list(partitions, at)?;
        let answer =
            self.ask(what.clone(), move |client, limit| client.offsets_for_times(asked, limit)).await?;
        read_offsets(&what, &answer)
    }

    /// Makes a topic. Returns when the controller has it; brokers hear of it a moment later.
    pub async fn create_topic(&self, topic: &NewTopic) -> Result<(), AdminError> {
        let what = create(&topic.name);
        let topic = topic.clone();
        let answer = self
            .administer(&what, async move |client, options| {
                // -1 is the broker's default (Kafka 2.4, KIP-464).
                let native = |n: Option<u32>| n.map_or(-1, |n| i32::try_from(n).unwrap_or(i32::MAX));
                let (partitions, replication) = (native(topic.partitions), native(topic.replication_factor));
                let mut new = rdkafka::admin::NewTopic::new(
                    &topic.name,
                    partitions,
                    TopicReplication::Fixed(replication),
                );
                for (name, value) in &topic.config {
                    new = new.set(name, value);
                }
                client.create_topics([&new], &options).await
            })
            .await?;
        judge(&what, answer)
    }

    /// Whether this user may make topics of these names, each with its answer: the brokers check the request and make
    /// nothing.
    pub async fn may_create(
        &self,
        names: &[&str],
    ) -> Result<Vec<(String, Result<(), AdminError>)>, AdminError> {
        let Some(first) = names.first() else { return Ok(Vec::new()) };
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let answers = self
            .administer(&create(*first), async move |client, options| {
                // -1 is the broker's default (Kafka 2.4, KIP-464).
                let new: Vec<_> = names
                    .iter()
                    .map(|name| rdkafka::admin::NewTopic::new(name, -1, TopicReplication::Fixed(-1)))
                    .collect();
                client.create_topics(&new, &options.validate_only(true)).await
            })
            .await?;
        Ok(answers
            .into_iter()
            .map(|answer| match answer {
                Ok(name) => (name, Ok(())),
                Err((name, code)) => {
                    let error = refused(&create(&name), code);
                    (name, Err(error))
                }
            })
            .collect())
    }

    /// Deletes a topic. Brokers remove it a moment after this returns.
    pub async fn delete_topic(&self, name: &str) -> Result<(), AdminError> {
        let what = delete(name);
        let name = name.to_owned();
        let answer = self
            .administer(&what, async move |client, options| client.delete_topics(&[&name], &options).await)
            .await?;
        judge(&what, answer)
    }

    /// Lets a topic grow to `total` partitions. Records with keys go elsewhere from then on.
    pub async fn grow_topic(&self, name: &str, total: u32) -> Result<(), AdminError> {
        let what = grow(name, total);
        let name = name.to_owned();
        let answer = self
            .administer(&what, async move |client, options| {
                client.create_partitions([&NewPartitions::new(&name, total as usize)], &options).await
            })
            .await?;
        judge(&what, answer)
    }

    /// Runs an administrative call on a client made for it: rdkafka's administrative client has a thread of its own
    /// and reports no connection errors, so it lives no longer than its call.
    pub(super) async fn administer<T: Send + 'static>(
        &self,
        what: &Said,
        call: impl AsyncFnOnce(&AdminClient<Reports>, AdminOptions) -> KafkaResult<T> + Send + 'static,
    ) -> Result<T, AdminError> {
        let config = self.config.clone();
        let answer = blocking(move || {
            let client: Logged<AdminClient<Reports>> = make(&config, Reports::default())?;
            let options = options();
            Handle::current().block_on(call(&client, options))
        });
        match answer.await? {
            Ok(answer) => Ok(answer),
            Err(error) => Err(self.fault(what, &error).await),
        }
    }

    pub(super) async fn ask<T: Send + 'static>(
        &self,
        what: Said,
        call: impl FnOnce(&BaseConsumer<Reports>, Duration) -> KafkaResult<T> + Send + 'static,
    ) -> Result<T, AdminError> {
        self.ask_within(self.limit, what, call).await
    }

    pub(super) async fn ask_within<T: Send + 'static>(
        &self,
        limit: Duration,
        what: Said,
        call: impl FnOnce(&BaseConsumer<Reports>, Duration) -> KafkaResult<T> + Send + 'static,
    ) -> Result<T, AdminError> {
        match self.once(limit, call).await? {
            Ok(answer) => Ok(answer),
            Err(error) => Err(self.fault(&what, &error).await),
        }
    }

    /// Asks with the shared client, and serves what it reports.
    pub(super) async fn once<T: Send + 'static>(
        &self,
        limit: Duration,
        call: impl FnOnce(&BaseConsumer<Reports>, Duration) -> KafkaResult<T> + Send + 'static,
    ) -> Result<KafkaResult<T>, AdminError> {
        let Some(client) = self.client.clone() else { return Err(AdminError::Client(gone())) };
        self.once_with(client, limit, call).await
    }

    pub(super) async fn once_with<T: Send + 'static>(
        &self,
        client: Arc<Logged<BaseConsumer<Reports>>>,
        limit: Duration,
        call: impl FnOnce(&BaseConsumer<Reports>, Duration) -> KafkaResult<T> + Send + 'static,
    ) -> Result<KafkaResult<T>, AdminError> {
        let answer = blocking(move || {
            let answer = call(&client, limit);
            // Serves librdkafka's queue, which holds the reports; without a group there is nothing else in it. One
            // poll goes on until its time is over or an error comes up.
            let pause = Duration::from_millis(if answer.is_ok() { 1 } else { 50 });
            while client.poll(pause).is_some() {}
            answer
        })
        .await?;
        if answer.is_ok() {
            self.reports.clear();
        }
        Ok(answer)
    }
}

impl Drop for Admin {
    fn drop(&mut self) {
        let client = self.client.take();
        // librdkafka waits for its threads, which may be in the middle of a connection attempt.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn_blocking(move || drop(client));
        }
        // One with a group may wait for its coordinator, for which nobody is to wait.
        if let Some(client) = self.of_groups.take() {
            let _ = std::thread::Builder::new().name("close".to_owned()).spawn(move || drop(client));
        }
    }
}

/// librdkafka asks any one broker that it takes for alive. A frozen one answers never, so the limit is shared by several
/// attempts, each with another broker; a connection that is being made goes on from one attempt to the next.
pub(super) fn fetch_metadata(
    client: &BaseConsumer<Reports>,
    limit: Duration,
) -> KafkaResult<(Metadata, Duration)> {
    const ATTEMPTS: u32 = 4;
    let mut attempt = 1;
    loop {
        let started = Instant::now();
        match client.fetch_metadata(None, limit / ATTEMPTS) {
            Ok(metadata) => return Ok((metadata, started.elapsed())),
            Err(error) if attempt == ATTEMPTS => return Err(error),
            Err(_) => attempt += 1,
        }
    }
}

/// The broker's own limit is below the client's, so that its answer arrives.
pub(super) fn options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(LIMIT)).operation_timeout(Some(LIMIT / 2))
}

pub(super) fn refused(what: &Said, code: RDKafkaErrorCode) -> AdminError {
    AdminError::Refused { what: what.clone(), cause: Said::verbatim(code.to_string()), code: Some(code) }
}

/// Each call here names one topic, so there is one result.
pub(super) fn judge(what: &Said, results: Vec<TopicResult>) -> Result<(), AdminError> {
    match results.into_iter().next() {
        Some(Ok(_)) => Ok(()),
        Some(Err((_, code))) => Err(refused(what, code)),
        None => Err(AdminError::Refused { what: what.clone(), cause: nothing_answered(), code: None }),
    }
}

pub(super) fn list(partitions: &[(String, i32)], offset: Offset) -> Result<TopicPartitionList, AdminError> {
    let mut list = TopicPartitionList::with_capacity(partitions.len());
    for (topic, partition) in partitions {
        list.add_partition_offset(topic, *partition, offset)
            .map_err(|e| AdminError::Client(Said::verbatim(e.to_string())))?;
    }
    Ok(list)
}

pub(super) fn read_offsets(what: &Said, answer: &TopicPartitionList) -> Result<Offsets, AdminError> {
    let mut offsets = Offsets::new();
    for element in answer.elements() {
        if let Err(error) = element.error() {
            let what = of_partition(what, element.topic(), element.partition());
            return Err(match error.rdkafka_error_code() {
                Some(code) => refused(&what, code),
                None => AdminError::Client(Said::verbatim(error.to_string())),
            });
        }
        if let Offset::Offset(offset) = element.offset() {
            offsets.insert((element.topic().to_owned(), element.partition()), offset);
        }
    }
    Ok(offsets)
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, AdminError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| AdminError::Client(Said::verbatim(e.to_string())))
}

#[cfg(test)]
mod tests;
