//! [`Group`]: one member of a consumer group with a thread of its own, which reads until it is stopped and notes every
//! stamped record.

use crate::{
    clients::kafka::moving,
    load::{
        client::{LoadError, Member, Voice},
        payload::{Reading, Stamp},
        silence,
    },
    record::Said,
};
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{CommitMode, Consumer},
    error::KafkaError,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// Which record: token and sequence number of its stamp.
pub(super) type Key = (u64, u64);

/// What the member has read.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// How often each stamped record came.
    pub(super) read: BTreeMap<Key, u32>,
    /// Records without a stamp.
    pub(super) foreign: u64,
    /// When the first record came.
    pub(super) first: Option<Instant>,
    /// When the last record came.
    pub(super) last: Option<Instant>,
    /// Partitions whose end was reached, and no record since.
    pub(super) at_end: BTreeSet<i32>,
    /// The offset of the first record of each partition.
    pub(super) began: BTreeMap<i32, i64>,
    /// The offsets that it has committed.
    pub(super) committed: BTreeMap<i32, i64>,
    /// Partitions that it was given.
    pub(super) assigned: usize,
    /// The last error.
    pub(super) error: Option<String>,
}

/// A member that reads.
pub(super) struct Group {
    notes: Arc<Mutex<Notes>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

fn locked(notes: &Mutex<Notes>) -> MutexGuard<'_, Notes> {
    notes.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Group {
    /// Joins the group that `config` names and reads `topic`. With `commit_every` it commits what it has read so often,
    /// and not when it stops; without it, it commits nothing.
    pub(super) fn join(
        config: &ClientConfig,
        topic: &str,
        commit_every: Option<Duration>,
    ) -> Result<Self, LoadError> {
        let mut config = config.clone();
        config.set("enable.auto.commit", "false").set("enable.partition.eof", "true");
        let consumer = Member::new(&config, Voice::default())?;
        consumer.subscribe(&[topic]).map_err(|e| LoadError::Client(e.to_string()))?;
        let (notes, stop) = (Arc::new(Mutex::new(Notes::default())), Arc::new(AtomicBool::new(false)));
        let (told, noted, topic) = (Arc::clone(&stop), Arc::clone(&notes), topic.to_owned());
        let thread = thread::Builder::new()
            .name("drill-member".to_owned())
            .spawn(move || read(&consumer, &topic, commit_every, &noted, &told))?;
        Ok(Self { notes, stop, thread: Some(thread) })
    }

    /// Looks at what it has read so far.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Notes) -> T) -> T {
        look(&locked(&self.notes))
    }

    /// Stops at once, without a last commit, and gives what it has read. Leaving the group takes some seconds at most.
    pub(super) fn stop(mut self) -> Notes {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        std::mem::take(&mut *locked(&self.notes))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
    }
}

fn read(
    consumer: &Member,
    topic: &str,
    commit_every: Option<Duration>,
    notes: &Mutex<Notes>,
    stop: &AtomicBool,
) {
    let mut positions: BTreeMap<i32, i64> = BTreeMap::new();
    let mut last_commit = Instant::now();
    while !stop.load(Ordering::Acquire) {
        match consumer.poll(Duration::from_millis(20)) {
            None => {}
            Some(Err(KafkaError::PartitionEOF(partition))) => _ = locked(notes).at_end.insert(partition),
            Some(Err(error)) => locked(notes).error = Some(error.to_string()),
            Some(Ok(message)) => {
                let now = Instant::now();
                let mut notes = locked(notes);
                notes.first.get_or_insert(now);
                notes.last = Some(now);
                notes.at_end.remove(&message.partition());
                notes.began.entry(message.partition()).or_insert(message.offset());
                match Stamp::read(message.payload().unwrap_or_default()) {
                    Reading::Whole(stamp) => {
                        *notes.read.entry((stamp.token, stamp.sequence)).or_default() += 1
                    }
                    _ => notes.foreign += 1,
                }
                positions.insert(message.partition(), message.offset() + 1);
            }
        }
        if locked(notes).assigned == 0
            && let Ok(list) = consumer.assignment()
        {
            locked(notes).assigned = list.count();
        }
        if commit_every.is_some_and(|every| last_commit.elapsed() >= every) && !positions.is_empty() {
            last_commit = Instant::now();
            let mut list = TopicPartitionList::new();
            for (partition, offset) in &positions {
                let _ = list.add_partition_offset(topic, *partition, Offset::Offset(*offset));
            }
            match consumer.commit(&list, CommitMode::Sync) {
                Ok(()) => locked(notes).committed.extend(positions.iter().map(|(p, o)| (*p, *o))),
                Err(error) => locked(notes).error = Some(error.to_string()),
            }
        }
    }
}

/// The offsets that the group of `config` has committed for these partitions; those without one are left out. A coordinator
/// that moves is asked again for as long as `patience`.
pub(super) fn committed(
    config: &ClientConfig,
    topic: &str,
    partitions: &[i32],
    patience: Duration,
    cancel: &CancellationToken,
) -> Result<BTreeMap<i32, i64>, LoadError> {
    const LIMIT: Duration = Duration::from_secs(10);
    let consumer = Member::new(config, Voice::default())?;
    let mut list = TopicPartitionList::new();
    partitions.iter().for_each(|partition| _ = list.add_partition(topic, *partition));
    let answer = silence::patiently(&consumer, group(config), patience, cancel, || {
        let answer = consumer.committed_offsets(list.clone(), LIMIT)?;
        moving(&answer).map_or(Ok(answer), Err)
    })?;
    let known = answer.elements().into_iter().filter_map(|element| match element.offset() {
        Offset::Offset(offset) => Some((element.partition(), offset)),
        _ => None,
    });
    Ok(known.collect())
}

/// A client that looks at the bounds of partitions; it takes part in nothing.
pub(super) struct Bounds(Member, String);

impl Bounds {
    /// Connects with the first look.
    pub(super) fn of(config: &ClientConfig) -> Result<Self, LoadError> {
        let address = config.get("bootstrap.servers").unwrap_or_default().to_owned();
        Ok(Self(Member::new(config, Voice::default())?, address))
    }

    /// First offset and end of each partition.
    pub(super) fn look(
        &self,
        topic: &str,
        partitions: &[i32],
    ) -> Result<BTreeMap<i32, (i64, i64)>, LoadError> {
        const LIMIT: Duration = Duration::from_secs(10);
        partitions
            .iter()
            .map(|partition| {
                let found = self.0.fetch_watermarks(topic, *partition, LIMIT);
                let found = found.map_err(|e| {
                    silence::of(&self.0, &self.1, self.0.context().last_or(Said::verbatim(e.to_string())))
                })?;
                Ok((*partition, found))
            })
            .collect()
    }
}

/// Puts the group of `config`, which has no members, at these offsets; as patient as [`committed`].
pub(super) fn put_at(
    config: &ClientConfig,
    topic: &str,
    offsets: &BTreeMap<i32, i64>,
    cancel: &CancellationToken,
) -> Result<(), LoadError> {
    const PATIENCE: Duration = Duration::from_secs(60);
    let consumer = Member::new(config, Voice::default())?;
    let mut list = TopicPartitionList::new();
    for (partition, offset) in offsets {
        let _ = list.add_partition_offset(topic, *partition, Offset::Offset(*offset));
    }
    silence::patiently(&consumer, group(config), PATIENCE, cancel, || {
        consumer.commit(&list, CommitMode::Sync)
    })
}

/// Address of the cluster and name of the group.
fn group(config: &ClientConfig) -> (&str, &str) {
    let named = |key| config.get(key).unwrap_or_default();
    (named("bootstrap.servers"), named("group.id"))
}
