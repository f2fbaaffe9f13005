//! Did replication bring every record? [`run`] reads a topic on the source and its copy on the target side by side and
//! compares them, record by record: by their stamps where they have some, by their content otherwise.
//!
//! *Bounds*: the source is what it holds, committed, when this starts, or once it has as many stamped records as asked for.
//! The copy is read until it has all of that, or until time is up, and to its end. What comes to the source meanwhile is not
//! expected, and explains what the copy has beyond.
//!
//! *Order*: of each partition the source is read a little ahead of the copy, see [`super::content`]. Neither side is read
//! further than the other one can follow, so that memory does not grow with what there is.
//!
//! *Latency* of a record is measured where it can be: where the target's brokers stamp records (`LogAppendTime`), it is
//! that timestamp minus the creation time in the stamp; otherwise it is this machine's clock when the record is read
//! minus the creation time, for the records read after the reader had reached the end of the target's partition and
//! waited there. Of records that were there before, it is unknown when they came: MirrorMaker 2 keeps the source's
//! timestamps.

use super::{
    client::LoadError,
    consumer::clock::now_us,
    content::{Account, Bounds, Kept, Lane, Print, Side as Of, Total},
    latency::Latency,
};
use rdkafka::Timestamp;
use reader::{Arrival, Reader};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

mod aborted;
mod reader;
mod remarks;

pub use reader::Side;

/// How long the clusters may be silent, neither bringing a record nor saying that there is none.
const SILENCE: Duration = Duration::from_secs(60);
/// How many records of a partition are read before another one has its turn.
const TURN: usize = 1000;

/// The clusters, the topic and the limits of a comparison.
#[derive(Debug, Clone)]
pub struct Spec {
    /// Where the records were produced.
    pub source: Side,
    /// Where they are to arrive.
    pub target: Side,
    /// How long the target may take, from the moment at which the source is complete.
    pub within: Duration,
    /// The source is complete when it holds so many stamped records; without it, it is complete as it is.
    pub records: Option<u64>,
    /// Whether the topic is compacted, on the source and on the target.
    pub compacted: (bool, bool),
}

/// How the comparison ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComparisonEnd {
    /// The caller asked for the end.
    Cancelled,
    /// The last record of every partition arrived, and the target was read to its end.
    Complete,
    /// The source did not get as many records as it was to.
    SourceShort,
    /// The time limit passed before the copy was complete.
    TooLate,
    /// The source cluster stopped answering.
    SourceSilent,
    /// The target cluster stopped answering.
    TargetSilent,
}

/// The result of a comparison: counts, latencies and why it ended.
#[derive(Debug)]
pub struct Outcome {
    /// From the moment at which the source was complete to the arrival of the last record, at most; `None` where some
    /// are missing.
    pub catch_up: Option<Duration>,
    /// Whether the comparison came to its end, and what stopped it otherwise.
    pub ended: ComparisonEnd,
    /// Records whose creation is later than their arrival: the clocks differ.
    pub from_the_future: u64,
    /// What was found in each partition.
    pub lanes: BTreeMap<i32, Lane>,
    /// From creation to arrival, of those records of which it can be told.
    pub latency: Latency,
    /// Whether the target's brokers stamp records as they append them.
    pub log_append_time: bool,
    /// Whether the source was read once more for what aborted transactions left.
    pub looked_for_aborted: bool,
    /// What was read of the source, and of the target.
    pub read: [Kept; 2],
    /// Partitions whose log on the source became shorter while it was compared: the topic was created again.
    pub recreated: BTreeSet<i32>,
    /// Where the source's partitions began and ended when this started.
    pub source: BTreeMap<i32, (i64, i64)>,
    /// Where the target's partitions began and ended when it was found; `None` where the target has no such topic.
    pub target: Option<BTreeMap<i32, (i64, i64)>>,
    /// Counts over all partitions.
    pub total: Total,
}

/// How far it is: records found on the source and on the target.
pub type FoundSoFar = (u64, u64);

/// Reads both sides and compares them. `progress` hears how far it is, some times a second.
///
/// Blocks: until the target is complete, or for `within` after the source is and as long as reading takes.
pub fn run(
    spec: &Spec,
    progress: &mut dyn FnMut(FoundSoFar),
    cancel: &CancellationToken,
) -> Result<Outcome, LoadError> {
    // What was not committed is nobody's to have: Java's default would show it.
    let committed = |side: &Side| {
        let mut side = side.clone();
        side.config.set("isolation.level", "read_committed");
        side
    };
    let spec = &Spec { source: committed(&spec.source), target: committed(&spec.target), ..spec.clone() };
    let source = Reader::open(&spec.source, cancel)?;
    let began = Instant::now();
    let target = Reader::open_if_there(&spec.target, cancel)?;
    let mut account = Account::new(source.partitions.len());
    let of_target = |number| target.as_ref().and_then(|t: &Reader| t.partitions.get(&number));
    for (number, at) in &source.partitions {
        let target_begin = of_target(*number).map_or(0, |p| p.begin);
        let (source_compacts, target_compacts) = spec.compacted;
        let source_begin = at.begin;
        account.open(*number, Bounds { source_begin, target_begin, source_compacts, target_compacts });
    }
    let mut work = Work {
        spec,
        source,
        target,
        account,
        ahead: BTreeMap::new(),
        began,
        complete_since: spec.records.is_none().then_some(began),
        last_source_record: began,
        last_arrival: None,
        latency: Latency::default(),
        log_append_time: false,
        from_the_future: 0,
        stamped: 0,
    };
    let mut told = Instant::now();
    let ended = loop {
        if cancel.is_cancelled() {
            break ComparisonEnd::Cancelled;
        }
        let taken = work.read(cancel)?;
        if told.elapsed() > Duration::from_millis(300) {
            told = Instant::now();
            progress(work.seen());
        }
        if taken == 0 && !work.make_room()? {
            if let Some(ended) = work.end() {
                break ended;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    };
    work.outcome(ended, cancel)
}

/// Both readers and what they found.
struct Work<'a> {
    spec: &'a Spec,
    source: Reader,
    target: Option<Reader>,
    account: Account,
    /// Records of the source behind its bound that were fetched with others.
    ahead: BTreeMap<i32, Vec<Print>>,
    began: Instant,
    complete_since: Option<Instant>,
    last_source_record: Instant,
    last_arrival: Option<Instant>,
    latency: Latency,
    log_append_time: bool,
    from_the_future: u64,
    /// Different stamps on the source.
    stamped: u64,
}

impl Work<'_> {
    fn seen(&self) -> FoundSoFar {
        let read = |kept: &Kept| kept.records.values().sum();
        (read(&self.account.source), read(&self.account.target))
    }

    fn source_is_read(&self) -> bool {
        match self.spec.records {
            Some(records) => self.stamped >= records,
            None => self.source.partitions.values().all(|p| p.next >= p.end),
        }
    }

    fn is_late(&self) -> bool {
        self.complete_since.is_some_and(|since| since.elapsed() > self.spec.within)
    }

    /// Reads what there is, of each partition the source first; how many records that were.
    fn read(&mut self, cancel: &CancellationToken) -> Result<usize, LoadError> {
        let mut taken = self.read_source()?;
        match &self.target {
            Some(_) => taken += self.read_target()?,
            // MirrorMaker 2 makes the topic when it finds the source's, which may take minutes.
            None if taken == 0 => {
                std::thread::sleep(Duration::from_millis(200));
                self.target = Reader::open_if_there(&self.spec.target, cancel)?;
                for (number, at) in self.target.iter().flat_map(|target| &target.partitions) {
                    self.account.target_begins(*number, at.begin);
                }
            }
            None => {}
        }
        Ok(taken)
    }

    fn read_source(&mut self) -> Result<usize, LoadError> {
        self.source.serve()?;
        if self.source_is_read() {
            return Ok(0);
        }
        let bounded = self.spec.records.is_none();
        let (account, ahead, stamped) = (&mut self.account, &mut self.ahead, &mut self.stamped);
        let numbers: Vec<i32> = self.source.partitions.keys().copied().collect();
        let (mut taken, mut eligible) = (0, false);
        for number in numbers {
            let done = self.source.partitions.get(&number).is_none_or(|p| bounded && p.next >= p.end);
            if done || account.is_full(Of::Source, number) {
                continue;
            }
            eligible = true;
            taken += self.source.take(number, TURN, &mut |progress, arrival| {
                if bounded && arrival.print.offset >= progress.end {
                    ahead.entry(number).or_default().push(arrival.print);
                } else {
                    *stamped += u64::from(account.take(Of::Source, number, arrival.print));
                }
            })?;
        }
        let now = Instant::now();
        if !eligible {
            self.source.last_sign = now;
        }
        if taken > 0 {
            self.last_source_record = now;
        }
        if self.source_is_read() {
            self.complete_since.get_or_insert(now);
        }
        Ok(taken)
    }

    fn read_target(&mut self) -> Result<usize, LoadError> {
        let Some(target) = &mut self.target else { return Ok(0) };
        target.serve()?;
        let account = &mut self.account;
        let (latency, log_append_time) = (&mut self.latency, &mut self.log_append_time);
        let (last_arrival, from_the_future) = (&mut self.last_arrival, &mut self.from_the_future);
        let numbers: Vec<i32> = target.partitions.keys().copied().collect();
        let (mut taken, mut eligible) = (0, false);
        for number in numbers {
            if account.is_full(Of::Target, number) {
                continue;
            }
            eligible = true;
            taken += target.take(number, TURN, &mut |progress, Arrival { print, stamp, timestamp }| {
                let new = account.take(Of::Target, number, print);
                let was_there = print.offset < progress.end;
                if !was_there {
                    *last_arrival = Some(Instant::now());
                }
                let Some(stamp) = stamp.filter(|_| new) else { return };
                let at_us = match timestamp {
                    Timestamp::LogAppendTime(ms) => {
                        *log_append_time = true;
                        ms * 1000
                    }
                    _ if progress.awaited => now_us(),
                    _ => return,
                };
                match u64::try_from(at_us).ok().and_then(|at| at.checked_sub(stamp.created_us)) {
                    Some(micros) => latency.record(micros),
                    None => *from_the_future += 1,
                }
            })?;
        }
        if !eligible {
            target.last_sign = Instant::now();
        }
        Ok(taken)
    }

    /// Gives up what waits in partitions where nothing can be read before; whether it did.
    fn make_room(&mut self) -> Result<bool, LoadError> {
        let late = self.is_late();
        let all_read = self.source_is_read();
        let mut made = false;
        let numbers: Vec<i32> = self.source.partitions.keys().copied().collect();
        for number in numbers {
            let full = |of| self.account.is_full(of, number);
            let (source_full, target_full) = (full(Of::Source), full(Of::Target));
            let bound = all_read
                || self
                    .source
                    .partitions
                    .get(&number)
                    .is_some_and(|p| self.spec.records.is_none() && p.next >= p.end);
            let of_target = self.target.as_ref().and_then(|target| target.partitions.get(&number));
            let target_ended = of_target.is_none_or(|p| p.at_end);
            let ended = match (source_full, target_full) {
                (true, true) => None,
                (false, true) if bound => {
                    self.explain(number)?;
                    if !self.account.is_full(Of::Target, number) {
                        made = true;
                        continue;
                    }
                    Some(Of::Source)
                }
                // What has not come may still come.
                (true, false) if target_ended && late => Some(Of::Target),
                _ => continue,
            };
            self.account.make_room(number, ended);
            made = true;
        }
        Ok(made)
    }

    /// Reads the source of a partition up to where it ends now, to explain what the copy has beyond.
    fn explain(&mut self, number: i32) -> Result<(), LoadError> {
        for print in self.ahead.remove(&number).unwrap_or_default() {
            self.account.newer(number, &print);
        }
        let Some((_, end)) = self.source.marks(number) else { return Ok(()) };
        let account = &mut self.account;
        let began = Instant::now();
        loop {
            let at = self.source.partitions.get(&number).map_or(i64::MAX, |p| p.next);
            if at >= end || began.elapsed() > SILENCE || account.waiting_of(Of::Target, number) == 0 {
                return Ok(());
            }
            let taken = self.source.take(number, TURN, &mut |_, arrival| {
                account.newer(number, &arrival.print);
            })?;
            if taken == 0 {
                // The end may be a marker, or of a transaction that is still open.
                if self.source.partitions.get(&number).is_some_and(|p| p.at_end) {
                    return Ok(());
                }
                self.source.serve()?;
                std::thread::sleep(Duration::from_millis(2));
            }
        }
    }

    fn end(&self) -> Option<ComparisonEnd> {
        let all_read = self.source_is_read();
        let level = || self.account.lanes().all(|(_, lane)| lane.is_level());
        if let Some(target) = &self.target
            && all_read
            && target.at_end()
            && level()
        {
            return Some(ComparisonEnd::Complete);
        }
        // What is on the target already is read, however long that takes.
        if self.is_late() && all_read && self.target.as_ref().is_none_or(Reader::at_end) {
            return Some(ComparisonEnd::TooLate);
        }
        // At the end of a partition silence is what is to be expected.
        let silent = |reader: &Reader| !reader.at_end() && reader.last_sign.elapsed() > SILENCE;
        if !all_read && silent(&self.source) {
            return Some(ComparisonEnd::SourceSilent);
        }
        if self.target.as_ref().is_some_and(silent) {
            return Some(ComparisonEnd::TargetSilent);
        }
        let waits = self.complete_since.is_none() && self.last_source_record.elapsed() > self.spec.within;
        waits.then_some(ComparisonEnd::SourceShort)
    }

    fn outcome(mut self, ended: ComparisonEnd, cancel: &CancellationToken) -> Result<Outcome, LoadError> {
        let numbers: Vec<i32> = self.source.partitions.keys().copied().collect();
        let answers = ended != ComparisonEnd::SourceSilent && ended != ComparisonEnd::Cancelled;
        let mut recreated = BTreeSet::new();
        for number in numbers {
            if answers && self.account.waiting_of(Of::Target, number) > 0 {
                self.explain(number)?;
            }
            let before = self.source.partitions.get(&number).map_or(0, |p| p.end);
            if answers && self.source.marks(number).is_some_and(|(_, end)| end < before) {
                recreated.insert(number);
            }
        }
        let marks = |reader: &Reader| -> BTreeMap<i32, (i64, i64)> {
            reader.partitions.iter().map(|(number, p)| (*number, (p.begin, p.end))).collect()
        };
        let (source, target) = (marks(&self.source), self.target.as_ref().map(marks));
        let next = self.source.partitions.iter().map(|(number, p)| (*number, p.next)).collect();
        self.account.close();
        let wanted = self.account.unexplained();
        let looked_for_aborted = answers && !wanted.is_empty();
        let uncommitted = match looked_for_aborted {
            true => aborted::find(&self.spec.source, &self.account.source, &next, &wanted, cancel)?,
            false => BTreeSet::new(),
        };
        let (total, lanes, read) = self.account.conclude(&uncommitted);
        let since = self.complete_since.unwrap_or(self.began);
        let catch_up = (ended == ComparisonEnd::Complete && total.lost == 0)
            .then(|| self.last_arrival.map_or(Duration::ZERO, |at| at.saturating_duration_since(since)));
        Ok(Outcome {
            catch_up,
            ended,
            from_the_future: self.from_the_future,
            lanes,
            latency: self.latency,
            log_append_time: self.log_append_time,
            looked_for_aborted,
            read,
            recreated,
            source,
            target,
            total,
        })
    }
}

#[cfg(test)]
mod tests;
