//! [`Feed`]: one consumer as the loads use it. Its events are served and its records are handed over in batches, by one
//! thread, and no call waits longer than it is told.

use super::{
    batch::{Batch, Batches, Forward},
    fetches::Fetches,
    rebalances::{Rebalances, What},
};
use crate::load::client::{LoadError, Member, Voice};
use rdkafka::{
    ClientConfig, ClientContext, TopicPartitionList,
    config::RDKafkaLogLevel,
    consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance},
    error::{KafkaError, KafkaResult, RDKafkaErrorCode as Code},
};
use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

/// What a consumer says while it is served.
pub(in crate::load) struct Listener {
    forward: Forward,
    fetches: Mutex<Fetches>,
    holds: AtomicUsize,
    member: usize,
    rebalances: Arc<Rebalances>,
    start: Instant,
    topic: String,
    pub(in crate::load) voice: Voice,
}

impl Listener {
    /// Of a consumer that is assigned its partitions by hand.
    pub(in crate::load) fn alone(topic: &str) -> Self {
        let start = Instant::now();
        Self::new(topic, 1, start, Arc::new(Rebalances::since(start)))
    }

    pub(super) fn new(topic: &str, member: usize, start: Instant, rebalances: Arc<Rebalances>) -> Self {
        Self {
            forward: Forward::default(),
            fetches: Mutex::default(),
            holds: AtomicUsize::new(0),
            member,
            rebalances,
            start,
            topic: topic.to_owned(),
            voice: Voice::default(),
        }
    }

    /// How many partitions it has.
    pub(in crate::load) fn holds(&self) -> usize {
        self.holds.load(Relaxed)
    }

    pub(super) fn fetches(&self) -> MutexGuard<'_, Fetches> {
        self.fetches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ClientContext for Listener {
    fn error(&self, error: KafkaError, reason: &str) {
        self.voice.error(error, reason);
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.voice.log(level, facility, message);
    }

    fn stats_raw(&self, json: &[u8]) {
        self.fetches().take(self.member, self.start.elapsed(), &self.topic, json);
    }
}

impl ConsumerContext for Listener {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        match rebalance {
            Rebalance::Assign(list) => {
                for partition in list.elements() {
                    self.forward.partition(consumer, partition.topic(), partition.partition());
                }
            }
            Rebalance::Revoke(list) => {
                let what = if consumer.assignment_lost() { What::Lost } else { What::Revoked };
                self.holds.store(self.rebalances.note(self.member, what, numbers(list)), Relaxed);
            }
            Rebalance::Error(_) => {}
        }
    }

    fn post_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Assign(list) = rebalance {
            self.holds.store(self.rebalances.note(self.member, What::Assigned, numbers(list)), Relaxed);
        }
    }
}

fn numbers(list: &TopicPartitionList) -> Vec<i32> {
    list.elements().iter().map(|p| p.partition()).collect()
}

/// A consumer and the queue of its records, which must be gone before it.
pub(in crate::load) struct Feed {
    batches: Batches,
    consumer: Member<Listener>,
}

impl Feed {
    /// Makes the client; it reads nothing yet.
    pub(in crate::load) fn open(config: &ClientConfig, listener: Listener) -> Result<Self, LoadError> {
        let consumer = Member::new(config, listener)?;
        Ok(Self { batches: Batches::of(&consumer, &consumer.context().forward), consumer })
    }

    /// Joins the group.
    pub(in crate::load) fn subscribe(&self, topic: &str) -> Result<(), LoadError> {
        self.consumer.subscribe(&[topic]).map_err(|e| LoadError::Client(e.to_string()))
    }

    /// Reads these partitions from these offsets, without a group.
    pub(in crate::load) fn assign(&self, list: &TopicPartitionList) -> KafkaResult<()> {
        for partition in list.elements() {
            self.listener().forward.partition(&self.consumer, partition.topic(), partition.partition());
        }
        self.consumer.assign(list)
    }

    /// The consumer itself.
    pub(in crate::load) fn consumer(&self) -> &BaseConsumer<Listener> {
        &self.consumer
    }

    pub(in crate::load) fn listener(&self) -> &Listener {
        self.consumer.context()
    }

    /// Serves one of the client's events, for which it waits at most `patience`, and says what went wrong.
    pub(in crate::load) fn serve(&self, patience: Duration) -> KafkaResult<()> {
        match self.consumer.poll(patience) {
            None => Ok(()),
            Some(Err(error)) => Err(error),
            // Every partition's records go to the queue of records. One that is here could not be sent there.
            Some(Ok(_)) => Err(KafkaError::MessageConsumption(Code::Inconsistent)),
        }
    }

    /// The records that are there, at most `limit`; where there is none it waits for one, at most `patience`.
    pub(in crate::load) fn take(&mut self, limit: usize, patience: Duration) -> Batch<'_> {
        self.batches.take(limit, patience)
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.consumer.context().forward.clear();
    }
}
