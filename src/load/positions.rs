//! Where a group that goes on elsewhere would go on: [`find`] looks up in the copy of a partition the place of the first
//! record that a group has not read on the source.
//!
//! For each committed offset the record that it points to is read on the source and looked for on the target: first where the
//! nearest offset sync, or else the distance of the two logs, says that it should be; then by its timestamp, which
//! MirrorMaker 2 keeps. A record is told by its [`Identity`]. What is not found there and is younger than the last copied
//! record's counterpart is *not found*, not guessed.

use super::{
    client::{LoadError, Member, Voice},
    excerpt::{self, Range, Ranges},
    identity::Identity,
    silence,
};
use crate::record::Said;
use rdkafka::{ClientConfig, Message, Offset, TopicPartitionList, consumer::Consumer};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// Something by topic and partition, and by offset.
type ByPlace<T> = BTreeMap<(String, i32), BTreeMap<i64, T>>;

/// Records on each side of the expected place among which a record is looked for first.
const AROUND: i64 = 8;
/// Records that are looked through from the place that the timestamp says.
const SEARCH: i64 = 5000;
/// Offsets before an end among which the last record is looked for: the others are markers of transactions.
const BEFORE_END: i64 = 50;
/// How long a broker may take to answer which offset belongs to a time.
const LIMIT: Duration = Duration::from_secs(20);

/// One partition on both clusters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pair {
    /// Name of the topic on the target.
    pub target_topic: String,
    /// First offset and end on the source.
    pub source: (i64, i64),
    /// First offset and end on the target.
    pub target: (i64, i64),
    /// Offset syncs: the same record's offsets on source and target, sorted.
    pub syncs: Vec<(i64, i64)>,
    /// Offsets on the source that are to be found on the target.
    pub wanted: BTreeSet<i64>,
    /// Offsets on the target whose records are to be shown.
    pub shown: BTreeSet<i64>,
}

/// The partitions, by the topic's name on the source.
pub type Pairs = BTreeMap<(String, i32), Pair>;

/// A record that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadRecord {
    /// Offset of the record in the partition that it was read from.
    pub offset: i64,
    /// Stamp or hash of the record, equal for the record and its copy.
    pub identity: Identity,
    /// Its timestamp, in milliseconds since 1970; -1 where it has none.
    pub timestamp_ms: i64,
}

/// Where the first record that was not read on the source lies on the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It is there: from the first to the last of its copies. More than one: it was copied again, or other records are
    /// equal to it in everything.
    Copied {
        /// Offset of its first copy.
        first: i64,
        /// Offset of its last copy.
        last: i64,
        /// Whether all of these are copies of the one record.
        certain: bool,
    },
    /// It is not copied yet: it will come at or behind the target's end, which is this.
    NotYet(i64),
    /// It cannot be told.
    Unknown(Why),
}

/// Why a place cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The record is nowhere on the target where it could be: lost, changed on its way, or other timestamps there.
    NotFound,
    /// The record that tells could not be read on the source.
    NotRead,
}

/// What was found of one partition.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The record at each wanted offset of the source, or the next one; none at the end.
    pub source: BTreeMap<i64, ReadRecord>,
    /// The record at each shown offset of the target, or the next one; none at the end.
    pub target: BTreeMap<i64, ReadRecord>,
    /// The place of each wanted offset.
    pub places: BTreeMap<i64, Place>,
}

/// Settings of consumers of both clusters, secrets in clear.
#[derive(Debug, Clone)]
pub struct Sides {
    /// Settings of the consumer on the cluster that the records are copied from.
    pub source: ClientConfig,
    /// Settings of the consumer on the cluster that has the copies.
    pub target: ClientConfig,
}

/// A record on the source that tells a place on the target.
#[derive(Debug, Clone, Copy)]
struct Mark {
    seen: ReadRecord,
    /// Whether it is the last record that was read, and not the first that was not.
    before: bool,
}

/// Looks the places up. Blocks while both clusters are read; each record is read once, those around the expected places
/// and `SEARCH` for one that is not there.
pub fn find(
    sides: &Sides,
    pairs: &Pairs,
    cancel: &CancellationToken,
) -> Result<BTreeMap<(String, i32), Found>, LoadError> {
    let mut found: BTreeMap<(String, i32), Found> =
        pairs.keys().map(|key| (key.clone(), Found::default())).collect();
    let marks = read_marks(sides, pairs, &mut found, cancel)?;

    let mut ranges = Ranges::new();
    for (key, pair) in pairs {
        let list = ranges.entry((pair.target_topic.clone(), key.1)).or_default();
        let end = pair.target.1;
        for mark in marks.get(key).into_iter().flat_map(BTreeMap::values) {
            let guess = pair.guess(mark.seen.offset);
            let until = (guess + AROUND + 1).min(end);
            list.push(Range { from: (guess - AROUND).max(pair.target.0), until, at_most: u64::MAX });
        }
        list.extend(pair.shown.iter().map(|at| Range { from: *at, until: end, at_most: 1 }));
        // The last copied record tells what is not copied yet.
        list.push(Range { from: (end - BEFORE_END).max(pair.target.0), until: end, at_most: u64::MAX });
    }
    let target = read(&sides.target, ranges, cancel)?;

    let nothing = BTreeMap::new();
    let mut lost: Vec<((String, i32), i64, Mark)> = Vec::new();
    for (key, pair) in pairs {
        let log = target.get(&(pair.target_topic.clone(), key.1)).unwrap_or(&nothing);
        let Some(found) = found.get_mut(key) else { continue };
        for at in &pair.shown {
            if let Some((_, seen)) = log.range(*at..).next() {
                found.target.insert(*at, *seen);
            }
        }
        for (wanted, mark) in marks.get(key).into_iter().flatten() {
            let guess = pair.guess(mark.seen.offset);
            let around = log.range(guess - AROUND..=guess + AROUND).map(|(_, seen)| *seen);
            match mark.place(around, log, pair, guess) {
                Some(place) => _ = found.places.insert(*wanted, place),
                None => lost.push((key.clone(), *wanted, *mark)),
            }
        }
    }
    if !lost.is_empty() {
        search(sides, pairs, &target, lost, &mut found, cancel)?;
    }
    Ok(found)
}

impl Pair {
    /// Where the copy of the record at that offset of the source should be.
    fn guess(&self, offset: i64) -> i64 {
        let at = self.syncs.partition_point(|(upstream, _)| *upstream <= offset);
        // Before the first sync the distance of that one is as good as any.
        let nearest = self.syncs.get(at.saturating_sub(1)).copied();
        let (upstream, downstream) = nearest.unwrap_or((self.source.0, self.target.0));
        downstream + (offset - upstream)
    }
}

impl Pair {
    /// Where the record at that offset of the target should be on the source.
    fn origin(&self, offset: i64) -> i64 {
        let nearest = self.syncs.iter().rev().find(|(_, downstream)| *downstream <= offset);
        let (upstream, downstream) =
            nearest.or(self.syncs.first()).copied().unwrap_or((self.source.0, self.target.0));
        upstream + (offset - downstream)
    }
}

impl Mark {
    /// The place, where the record is among those `around` the expected one; `log` has all records that were read.
    fn place(
        self,
        around: impl Iterator<Item = ReadRecord>,
        log: &BTreeMap<i64, ReadRecord>,
        pair: &Pair,
        guess: i64,
    ) -> Option<Place> {
        let equal: Vec<i64> =
            around.filter(|seen| seen.identity == self.seen.identity).map(|seen| seen.offset).collect();
        let (&first, &last) = (equal.first()?, equal.last()?);
        let certain = self.seen.identity.is_unique() || first == last;
        // The offset behind a record may be that of a transaction's marker: the next record counts.
        let behind = |offset: i64| match log.range(offset + 1..).next() {
            Some((next, _)) if *next <= guess + AROUND => *next,
            _ if guess + AROUND + 1 >= pair.target.1 => pair.target.1,
            _ => offset + 1,
        };
        Some(match self.before {
            false => Place::Copied { first, last, certain },
            true if behind(last) >= pair.target.1 => Place::NotYet(pair.target.1),
            // What the target has behind it is none of the source's that the group has not read: a repeat, or a record of
            // an aborted transaction, and no loss for who goes on behind it.
            true => Place::Copied { first: behind(first), last: pair.target.1, certain },
        })
    }
}

/// Reads on the source the record at each wanted offset, or the last one before it where none is behind it.
fn read_marks(
    sides: &Sides,
    pairs: &Pairs,
    found: &mut BTreeMap<(String, i32), Found>,
    cancel: &CancellationToken,
) -> Result<ByPlace<Mark>, LoadError> {
    let mut ranges = Ranges::new();
    for (key, pair) in pairs {
        let (begin, end) = pair.source;
        let list = ranges.entry(key.clone()).or_default();
        for wanted in &pair.wanted {
            let at = (*wanted).clamp(begin, end);
            if at < end {
                list.push(Range { from: at, until: end, at_most: 1 });
            }
            if at + BEFORE_END > end {
                list.push(Range {
                    from: (at.min(end) - BEFORE_END).max(begin),
                    until: at,
                    at_most: u64::MAX,
                });
            }
        }
    }
    let log = read(&sides.source, ranges, cancel)?;
    let nothing = BTreeMap::new();
    let mut marks: BTreeMap<_, BTreeMap<i64, Mark>> = BTreeMap::new();
    for (key, pair) in pairs {
        let log = log.get(key).unwrap_or(&nothing);
        let Some(found) = found.get_mut(key) else { continue };
        for wanted in &pair.wanted {
            let at = (*wanted).clamp(pair.source.0, pair.source.1);
            let next = log.range(at..).next().map(|(_, seen)| *seen);
            if let Some(seen) = next {
                found.source.insert(*wanted, seen);
            }
            let before = log.range(..at).next_back().map(|(_, seen)| *seen);
            let mark = match (next, before) {
                (Some(seen), _) => Mark { seen, before: false },
                (None, Some(seen)) => Mark { seen, before: true },
                // Nothing was ever to be read, or all of it is gone: whatever the target gets next is the first.
                (None, None) if pair.source.0 >= pair.source.1 => {
                    found.places.insert(*wanted, Place::NotYet(pair.target.1));
                    continue;
                }
                (None, None) => {
                    found.places.insert(*wanted, Place::Unknown(Why::NotRead));
                    continue;
                }
            };
            marks.entry(key.clone()).or_default().insert(*wanted, mark);
        }
    }
    Ok(marks)
}

/// Looks for records that are not where they were expected: by their timestamps on the target, and, to tell a record
/// that is not copied yet from one that is lost, for the last copied record on the source.
fn search(
    sides: &Sides,
    pairs: &Pairs,
    target: &BTreeMap<(String, i32), BTreeMap<i64, ReadRecord>>,
    lost: Vec<((String, i32), i64, Mark)>,
    found: &mut BTreeMap<(String, i32), Found>,
    cancel: &CancellationToken,
) -> Result<(), LoadError> {
    let there = |key: &(String, i32)| pairs.get(key).map(|pair| (pair.target_topic.clone(), key.1));
    // The last copied record of each of these partitions.
    let lasts: BTreeMap<(String, i32), Option<ReadRecord>> = lost
        .iter()
        .map(|(key, ..)| {
            let log = there(key).and_then(|there| target.get(&there));
            (key.clone(), log.and_then(|log| log.last_key_value()).map(|(_, seen)| *seen))
        })
        .collect();
    let times = lasts.iter().filter_map(|(key, last)| Some((key.clone(), last.as_ref()?.timestamp_ms)));
    let begins = at_times(&sides.source, times.collect())?;
    let mut ranges = Ranges::new();
    for (key, last) in &lasts {
        let (Some(last), Some(pair)) = (last, pairs.get(key)) else { continue };
        let list = ranges.entry(key.clone()).or_default();
        let guess = pair.origin(last.offset);
        let (begin, end) = pair.source;
        let until = (guess + AROUND + 1).min(end);
        list.push(Range { from: (guess - AROUND).max(begin), until, at_most: u64::MAX });
        list.extend(begins.get(key).map(|from| around(*from, pair.source)));
    }
    let source = read(&sides.source, ranges, cancel)?;
    let copied_to = |key: &(String, i32)| -> Option<i64> {
        let last = lasts.get(key)?.as_ref()?;
        source.get(key)?.values().filter(|seen| seen.identity == last.identity).map(|seen| seen.offset).max()
    };

    let mut earliest: BTreeMap<(String, i32), BTreeSet<i64>> = BTreeMap::new();
    let mut open = Vec::new();
    for (key, wanted, mark) in lost {
        let Some(pair) = pairs.get(&key) else { continue };
        let nothing_there = pair.target.0 >= pair.target.1;
        if nothing_there || copied_to(&key).is_some_and(|last| last < mark.seen.offset) {
            let place = Place::NotYet(pair.target.1);
            found.entry(key).or_default().places.insert(wanted, place);
        } else {
            earliest.entry(key.clone()).or_default().insert(mark.seen.timestamp_ms);
            open.push((key, wanted, mark));
        }
    }
    // One request has one time for each partition, so there is one round for each further record of a partition.
    let mut starts: BTreeMap<((String, i32), i64), i64> = BTreeMap::new();
    while !earliest.is_empty() {
        let round: Vec<_> =
            earliest.iter_mut().filter_map(|(key, times)| Some((key.clone(), times.pop_first()?))).collect();
        earliest.retain(|_, times| !times.is_empty());
        let asked = round.iter().filter_map(|(key, time)| Some((there(key)?, *time))).collect();
        let answers = at_times(&sides.target, asked)?;
        for (key, time) in round {
            if let Some(from) = there(&key).and_then(|there| answers.get(&there)) {
                starts.insert((key, time), *from);
            }
        }
    }
    let mut ranges = Ranges::new();
    for ((key, _), from) in &starts {
        if let (Some(there), Some(pair)) = (there(key), pairs.get(key)) {
            ranges.entry(there).or_default().push(around(*from, pair.target));
        }
    }
    let target = read(&sides.target, ranges, cancel)?;
    for (key, wanted, mark) in open {
        let Some(pair) = pairs.get(&key) else { continue };
        let place = starts.get(&(key.clone(), mark.seen.timestamp_ms)).and_then(|from| {
            let log = target.get(&there(&key)?)?;
            let range = around(*from, pair.target);
            let near = log.range(range.from..range.until).map(|(_, seen)| *seen);
            mark.place(near, log, pair, range.until)
        });
        let place = place.unwrap_or(Place::Unknown(Why::NotFound));
        found.entry(key).or_default().places.insert(wanted, place);
    }
    Ok(())
}

/// The records to look through from an offset on.
fn around(from: i64, (begin, end): (i64, i64)) -> Range {
    Range { from: (from - AROUND).max(begin), until: (from + SEARCH).min(end), at_most: u64::MAX }
}

/// The first offset of each partition whose record is of that time or later; partitions without one are left out.
fn at_times(
    config: &ClientConfig,
    times: BTreeMap<(String, i32), i64>,
) -> Result<BTreeMap<(String, i32), i64>, LoadError> {
    let mut list = TopicPartitionList::new();
    for ((topic, partition), time) in &times {
        // Negative times have other meanings.
        list.add_partition_offset(topic, *partition, Offset::Offset((*time).max(0)))
            .map_err(|e| LoadError::Client(e.to_string()))?;
    }
    if list.count() == 0 {
        return Ok(BTreeMap::new());
    }
    let mut config = config.clone();
    if config.get("group.id").is_none() {
        config.set("group.id", "jalon-excerpt");
    }
    let client = Member::new(&config, Voice::default())?;
    let answer = client.offsets_for_times(list, LIMIT).map_err(|e| {
        let address = config.get("bootstrap.servers").unwrap_or_default();
        silence::of(&client, address, client.context().last_or(Said::verbatim(e.to_string())))
    })?;
    Ok(answer
        .elements()
        .into_iter()
        .filter_map(|element| match element.offset() {
            Offset::Offset(offset) => Some(((element.topic().to_owned(), element.partition()), offset)),
            _ => None,
        })
        .collect())
}

/// The records of the ranges, by topic, partition and offset.
fn read(
    config: &ClientConfig,
    ranges: Ranges,
    cancel: &CancellationToken,
) -> Result<ByPlace<ReadRecord>, LoadError> {
    let mut config = config.clone();
    // What an application reads that is careful: aborted records are not to be read by anybody.
    config.set("isolation.level", "read_committed");
    let mut log: ByPlace<ReadRecord> = ranges.keys().map(|key| (key.clone(), BTreeMap::new())).collect();
    let mut key = (String::new(), 0);
    excerpt::read(&config, ranges, cancel, &mut |message| {
        let seen = ReadRecord {
            offset: message.offset(),
            identity: Identity::of(message),
            timestamp_ms: message.timestamp().to_millis().unwrap_or(-1),
        };
        if key.0 != message.topic() {
            message.topic().clone_into(&mut key.0);
        }
        key.1 = message.partition();
        if let Some(records) = log.get_mut(&key) {
            records.insert(seen.offset, seen);
        }
    })?;
    Ok(log)
}

#[cfg(test)]
mod tests;
