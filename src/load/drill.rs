//! One failover drill: [`run`] has a group read a topic on the source under load, stops it, starts it on the target,
//! and counts record by record what it skipped there and what it read again.
//!
//! A drill goes like this. A producer sends stamped records to the source and keeps what is acknowledged. A group reads
//! and commits. At the *cut* the group is stopped without a last commit, as a program that dies, and what lies on the
//! target at that moment is counted. After `wait` the same group starts on the target, at the offset that stands there
//! for it, and commits nothing, so that its offsets remain those that MirrorMaker 2 translates. The load ends with the
//! first record that comes there: until then it sends what the group could skip. When everything that was
//! acknowledged is accounted for, or nothing comes any more, the group goes back to the source.

pub mod account;
mod member;
mod writer;

use super::{
    client::{self, LoadError},
    excerpt::{self, Range, Ranges},
    payload::{Reading, Stamp},
};
use account::{Account, Copies, Known};
use member::{Bounds, Group, Key, Notes};
use rdkafka::{ClientConfig, Message};
use std::{
    collections::{BTreeMap, BTreeSet},
    thread,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;
use writer::Writer;
pub use writer::{Acknowledged, Flow, Ledger};

/// How often a drill looks where it is.
const TURN: Duration = Duration::from_millis(50);
/// How long nothing may come at the end of the log before it is taken for complete.
const QUIET: Duration = Duration::from_secs(3);

/// How long the load goes on at most, where the group reads nothing on the target.
const LOAD_GOES_ON: Duration = Duration::from_secs(15);

/// When the group is stopped, counted from the moment at which the drill is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// When this time has passed.
    After(Duration),
    /// When so many records are acknowledged.
    Records(u64),
}

/// The clusters, the group, the topic and the times of a drill.
#[derive(Debug, Clone)]
pub struct Spec {
    /// What is sent to the source.
    pub flow: Flow,
    /// Settings of the group on the source, `group.id` included, secrets in clear.
    pub source: ClientConfig,
    /// Settings of the same group on the target.
    pub target: ClientConfig,
    /// The topic's name on the target.
    pub target_topic: String,
    /// How often the group commits on the source.
    pub commit_every: Duration,
    /// When the group is stopped.
    pub cut: Cut,
    /// How long the group may take until it has an offset on the target in every partition; the cut is counted from then.
    pub ready_within: Duration,
    /// Time from the cut to the start on the target.
    pub wait: Duration,
    /// How long the records that were acknowledged may take to come on the target.
    pub within: Duration,
}

/// The result of a drill: counts and times.
#[derive(Debug, Clone, Default)]
pub struct Drill {
    /// Counts of records: sent, skipped, read again and returned.
    pub account: Account,
    /// Records that were sent.
    pub sent: u64,
    /// Time from the beginning of the load to the cut.
    pub cut_after: Duration,
    /// The group's offsets on the source at the cut, by partition.
    pub committed: BTreeMap<i32, i64>,
    /// Its offsets on the target when it started there; partitions without one are left out.
    pub translated: BTreeMap<i32, i64>,
    /// Partitions with an offset on the source and none on the target.
    pub untranslated: u64,
    /// Whether the group had an offset on the target in every partition before the cut.
    pub was_ready: bool,
    /// From the start on the target to the first record that it read there.
    pub first_record: Option<Duration>,
    /// From the cut to the first record that it read there.
    pub recovered: Option<Duration>,
    /// What the first record that could not be sent said, or the last error of the group.
    pub errors: Vec<String>,
}

/// The stage that a drill has reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The load runs, and this many records are acknowledged.
    Load(u64),
    /// The group waits for its start on the target.
    Wait,
    /// The group reads on the target: this many records so far.
    Target(u64),
    /// The group reads on the source again.
    Back(u64),
}

/// Runs one drill. `processed` are the records that the group read on the source in the drills before; this one's come
/// with them.
///
/// Blocks: for the load, `ready_within`, `wait`, `within` on each side, and some seconds for joining and leaving.
pub fn run(
    spec: &Spec,
    processed: &mut BTreeSet<Record>,
    progress: &mut dyn FnMut(Stage),
    cancel: &CancellationToken,
) -> Result<Drill, LoadError> {
    let topic = &spec.flow.topic;
    let mut drill = Drill::default();
    let there = client::partitions(&spec.target, &spec.target_topic, cancel)?;
    // Both are connected long before the cut, so that the look at that moment takes no longer than a request.
    let (source, target) = (Bounds::of(&spec.source)?, Bounds::of(&spec.target)?);
    let (begin_source, begin_target) =
        (source.look(topic, &spec.flow.partitions)?, target.look(&spec.target_topic, &there)?);
    let ends = |bounds: &BTreeMap<i32, (i64, i64)>| bounds.iter().map(|(p, (_, end))| (*p, *end)).collect();
    let (from_source, from_target): (BTreeMap<i32, i64>, BTreeMap<i32, i64>) =
        (ends(&begin_source), ends(&begin_target));

    // The group is there before the load, so that the load is read from its first record.
    let group = Group::join(&spec.source, topic, Some(spec.commit_every))?;
    let joined = Instant::now();
    while group.look(|notes| notes.assigned) == 0 && joined.elapsed() < spec.within {
        pause(cancel)?;
    }
    let writer = Writer::start(spec.flow.clone())?;
    let began = Instant::now();
    let mut ready = None;
    let mut last_look = Instant::now();
    loop {
        pause(cancel)?;
        progress(Stage::Load(writer.acknowledged()));
        if ready.is_none() && last_look.elapsed() > Duration::from_millis(500) {
            last_look = Instant::now();
            let committed = group.look(|notes| notes.committed.clone());
            let translated =
                member::committed(&spec.target, &spec.target_topic, &there, spec.within, cancel)?;
            let all = committed.len() == spec.flow.partitions.len()
                && committed.keys().all(|partition| translated.contains_key(partition));
            drill.was_ready = all;
            if all || began.elapsed() >= spec.ready_within {
                ready = Some((Instant::now(), writer.acknowledged()));
            }
        }
        let over = ready.is_some_and(|(since, records)| match spec.cut {
            Cut::After(time) => since.elapsed() >= time,
            Cut::Records(wanted) => writer.acknowledged() >= records + wanted,
        });
        if over {
            break;
        }
    }
    // The cut. What was acknowledged by now counts for the recovery point. The target is looked at just before: what
    // arrives in between makes the loss look greater, never smaller. The load goes on, so that there is something to be
    // skipped.
    let ends_at_cut = target.look(&spec.target_topic, &there)?;
    let cut = Instant::now();
    let notes = group.stop();
    drill.cut_after = cut.saturating_duration_since(began);
    drill.committed = notes.committed;
    drill.errors.extend(notes.error);
    processed.extend(notes.read.into_keys());

    while cut.elapsed() < spec.wait {
        progress(Stage::Wait);
        pause(cancel)?;
    }
    drill.translated = member::committed(&spec.target, &spec.target_topic, &there, spec.within, cancel)?;
    let untranslated = drill.committed.keys().filter(|p| !drill.translated.contains_key(p)).count();
    drill.untranslated = untranslated as u64;
    let start = Instant::now();
    let group = Group::join(&spec.target, &spec.target_topic, None)?;
    while group.look(|notes| notes.first).is_none() && start.elapsed() < spec.within.min(LOAD_GOES_ON) {
        progress(Stage::Wait);
        pause(cancel)?;
    }
    let (ledger, sent, failed) = writer.finish();
    drill.sent = sent;
    drill.errors.extend(failed);
    let token = spec.flow.token;
    let open: BTreeSet<Key> =
        ledger.keys().map(|sequence| (token, *sequence)).filter(|key| !processed.contains(key)).collect();
    follow(&group, &open, there.len(), spec.within, cancel, &mut |read| progress(Stage::Target(read)))?;
    let notes_there = group.stop();
    drill.first_record = notes_there.first.map(|first| first.saturating_duration_since(start));
    drill.recovered = notes_there.first.map(|first| first.saturating_duration_since(cut));
    drill.errors.extend(notes_there.error.clone());
    let end = target.look(&spec.target_topic, &there)?;
    let at_cut = copies(&spec.target, &spec.target_topic, &from_target, &ends(&ends_at_cut), cancel)?;
    let at_end = copies(&spec.target, &spec.target_topic, &from_target, &ends(&end), cancel)?;

    let group = Group::join(&spec.source, topic, Some(spec.commit_every))?;
    follow(&group, &open, spec.flow.partitions.len(), spec.within, cancel, &mut |read| {
        progress(Stage::Back(read))
    })?;
    // What it read is committed before it leaves, so that the next drill begins behind it.
    thread::sleep(spec.commit_every + TURN);
    let notes_back = group.stop();
    drill.errors.extend(notes_back.error.clone());
    let end = source.look(topic, &spec.flow.partitions)?;
    let on_source = copies(&spec.source, topic, &from_source, &ends(&end), cancel)?;

    let known = Known {
        token,
        ledger: &ledger,
        cut,
        processed,
        there: &notes_there,
        back: &notes_back,
        at_cut: &at_cut,
        at_end: &at_end,
        on_source: &on_source,
    };
    drill.account = known.account();
    processed.extend(notes_back.read.into_keys());
    Ok(drill)
}

/// Token and sequence number of a record's stamp.
pub type Record = Key;

/// Puts the group of `config`, which must have no members, at the end of the topic. Blocks for some seconds at most.
pub fn put_at_end(
    config: &ClientConfig,
    topic: &str,
    cancel: &CancellationToken,
) -> Result<Vec<i32>, LoadError> {
    let partitions = client::partitions(config, topic, cancel)?;
    let ends =
        Bounds::of(config)?.look(topic, &partitions)?.into_iter().map(|(p, (_, end))| (p, end)).collect();
    member::put_at(config, topic, &ends, cancel)?;
    Ok(partitions)
}

/// Waits until the group has read all `open` records, or stands at the ends and nothing comes any more.
fn follow(
    group: &Group,
    open: &BTreeSet<Key>,
    partitions: usize,
    within: Duration,
    cancel: &CancellationToken,
    progress: &mut dyn FnMut(u64),
) -> Result<(), LoadError> {
    let began = Instant::now();
    loop {
        pause(cancel)?;
        let (left, at_end, idle, read) = group.look(|notes: &Notes| {
            let left = open.iter().filter(|key| !notes.read.contains_key(*key)).count();
            let idle = notes.last.unwrap_or(began).elapsed();
            (left, notes.at_end.len() == partitions, idle, notes.read.len())
        });
        progress(read as u64);
        // Repeats come first; what follows the last open record is of nobody's interest.
        let quiet = at_end && idle >= QUIET;
        if (left == 0 && at_end) || quiet || began.elapsed() >= within {
            return Ok(());
        }
    }
}

fn pause(cancel: &CancellationToken) -> Result<(), LoadError> {
    thread::sleep(TURN);
    if cancel.is_cancelled() { Err(LoadError::Cancelled) } else { Ok(()) }
}

/// How often each stamped record lies between these offsets.
fn copies(
    config: &ClientConfig,
    topic: &str,
    from: &BTreeMap<i32, i64>,
    until: &BTreeMap<i32, i64>,
    cancel: &CancellationToken,
) -> Result<Copies, LoadError> {
    let ranges: Ranges = until
        .iter()
        .map(|(partition, until)| {
            let from = from.get(partition).copied().unwrap_or(0);
            ((topic.to_owned(), *partition), vec![Range { from, until: *until, at_most: u64::MAX }])
        })
        .collect();
    let mut copies = Copies::new();
    excerpt::read(config, ranges, cancel, &mut |message| {
        if let Reading::Whole(stamp) = Stamp::read(message.payload().unwrap_or_default()) {
            *copies.entry((stamp.token, stamp.sequence)).or_default() += 1;
        }
    })?;
    Ok(copies)
}
