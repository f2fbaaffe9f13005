//! [`Account`]: all partitions of a comparison. What was left in one partition may have its partner in another, or far
//! away in its own; stamps tell of every record whether it is there at all.

use super::lane::{Bounds, Counts, Lane, What};
use super::left::{Left, Side};
use super::print::{Fields, Print};
use super::waiting::Map;
use crate::load::bits::Bits;
use std::collections::{BTreeMap, BTreeSet};

/// Records without a partner that wait on each side of all partitions together, at most.
const WINDOW: usize = 1 << 16;
/// The least window of a partition.
const LEAST: usize = 256;
/// Records of each side that were left and are kept.
const LEFT: usize = 50_000;

/// What was read of one side, by its stamps.
#[derive(Debug, Default)]
pub struct Kept {
    /// The numbers of each token.
    pub stamps: BTreeMap<u64, Bits>,
    /// Records that were read, by partition.
    pub records: BTreeMap<i32, u64>,
    /// Records without a stamp.
    pub foreign: u64,
    /// The offsets that were read, where they matter: of the source.
    pub offsets: BTreeMap<i32, Bits>,
}

impl Kept {
    /// Takes note of a record; whether it is one with a stamp that was not there before.
    pub fn note(&mut self, partition: i32, print: &Print) -> bool {
        *self.records.entry(partition).or_default() += 1;
        let Some((token, sequence)) = print.stamp else {
            self.foreign += 1;
            return false;
        };
        self.stamps.entry(token).or_default().insert(sequence)
    }

    /// Whether it has the record with this stamp.
    pub fn holds(&self, (token, sequence): (u64, u64)) -> bool {
        self.stamps.get(&token).is_some_and(|bits| bits.contains(sequence))
    }

    /// Different stamps.
    pub fn stamped(&self) -> u64 {
        self.stamps.values().map(Bits::len).sum()
    }
}

/// What the whole comparison came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Total {
    /// Sums over all partitions.
    pub counts: Counts,
    /// Records of the source whose value is not on the copy: of stamped ones each once.
    pub lost: u64,
    /// Records of the source: of stamped ones each once.
    pub expected: u64,
    /// Where stamped records were lost: token, first and last number, at most a thousand ranges.
    pub lost_ranges: Vec<(u64, u64, u64)>,
    /// Partitions that lack something on the copy.
    pub incomplete: u64,
    /// Records that were left and not kept: nobody looked for them in other partitions.
    pub beyond: u64,
    /// Records of the source without a stamp.
    pub foreign: u64,
}

/// All partitions, and what is left of them.
#[derive(Debug, Default)]
pub struct Account {
    lanes: BTreeMap<i32, Lane>,
    window: usize,
    left: Vec<Left>,
    /// Of the source, of the copy, and of the copy what the source may have lost.
    kept: [usize; 3],
    beyond: u64,
    lost_foreign: u64,
    /// The source's records.
    pub source: Kept,
    /// The copy's records.
    pub target: Kept,
}

impl Account {
    /// Of a topic with so many partitions.
    pub fn new(partitions: usize) -> Self {
        Self { window: (WINDOW / partitions.max(1)).max(LEAST), ..Self::default() }
    }

    /// With another window for each partition.
    #[must_use]
    pub fn with_window(self, window: usize) -> Self {
        Self { window, ..self }
    }

    /// Begins a partition, once.
    pub fn open(&mut self, partition: i32, bounds: Bounds) {
        self.lanes.entry(partition).or_insert_with(|| Lane::new(partition, self.window, bounds));
    }

    /// The partition, if it was begun.
    pub fn lane(&self, partition: i32) -> Option<&Lane> {
        self.lanes.get(&partition)
    }

    /// The partitions in their order.
    pub fn lanes(&self) -> impl Iterator<Item = (i32, &Lane)> {
        self.lanes.iter().map(|(number, lane)| (*number, lane))
    }

    /// How many records of that side of a partition have no partner yet.
    pub fn waiting_of(&self, side: Side, partition: i32) -> usize {
        self.lanes.get(&partition).map_or(0, |lane| lane.waiting(side))
    }

    /// Takes the next record of a partition; whether it has a stamp that was not there before.
    pub fn take(&mut self, side: Side, partition: i32, print: Print) -> bool {
        let new = match side {
            Side::Source => {
                let offset = u64::try_from(print.offset).unwrap_or(0);
                self.source.offsets.entry(partition).or_default().insert(offset);
                self.source.note(partition, &print)
            }
            Side::Target => self.target.note(partition, &print),
        };
        let window = self.window;
        let lane =
            self.lanes.entry(partition).or_insert_with(|| Lane::new(partition, window, Bounds::default()));
        match side {
            Side::Source => lane.source(print),
            Side::Target => lane.target(print),
        }
        new
    }

    /// Takes a record of the source that came when it was being compared.
    pub fn newer(&mut self, partition: i32, print: &Print) {
        if let Some(lane) = self.lanes.get_mut(&partition) {
            lane.newer(print);
        }
    }

    /// Says where the copy's partition begins.
    pub fn target_begins(&mut self, partition: i32, offset: i64) {
        if let Some(lane) = self.lanes.get_mut(&partition) {
            lane.target_begins(offset);
        }
    }

    /// Whether no more of that side should be read of the partition now.
    pub fn is_full(&self, side: Side, partition: i32) -> bool {
        self.lanes.get(&partition).is_some_and(|lane| lane.is_full(side))
    }

    /// Gives up the oldest records without a partner of a partition that is full.
    ///
    /// `ended` is the side of which no more is to be read, where there is one.
    pub fn make_room(&mut self, partition: i32, ended: Option<Side>) {
        let Some(lane) = self.lanes.get_mut(&partition) else { return };
        lane.make_room(ended);
        let left = lane.take_left();
        self.keep(left);
    }

    /// Ends the reading: what waits is left.
    pub fn close(&mut self) {
        let numbers: Vec<i32> = self.lanes.keys().copied().collect();
        for number in numbers {
            let Some(lane) = self.lanes.get_mut(&number) else { continue };
            lane.finish();
            let left = lane.take_left();
            self.keep(left);
        }
        self.find_far_partners();
    }

    fn keep(&mut self, left: impl IntoIterator<Item = Left>) {
        for left in left {
            let sort = match (left.side, left.expirable) {
                (Side::Source, _) => 0,
                (Side::Target, false) => 1,
                (Side::Target, true) => 2,
            };
            let kept = &mut self.kept[sort];
            if *kept < LEFT {
                *kept += 1;
                self.left.push(left);
            } else {
                self.beyond += 1;
                self.conclude_one(&left, false);
            }
        }
    }

    /// Looks for partners of what was left in other partitions, and far away in the same one.
    fn find_far_partners(&mut self) {
        let left = std::mem::take(&mut self.left);
        let (ours, theirs): (Vec<Left>, Vec<Left>) = left.into_iter().partition(|l| l.side == Side::Source);
        let mut open = vec![true; ours.len()];
        let mut rest = theirs;
        // What is the same, then what has the same content at another time.
        let passes: [fn(&Print) -> Option<u128>; 2] =
            [|p| Some(p.identity(true)), |p| p.stamp.is_none().then_some(p.content)];
        for sort in passes {
            let mut places: Map<u128, Vec<usize>> = Map::default();
            for (at, left) in ours.iter().enumerate().rev() {
                if let (true, Some(sort)) = (open[at], sort(&left.print)) {
                    places.entry(sort).or_default().push(at);
                }
            }
            rest.retain(|left| {
                let Some(found) = sort(&left.print).and_then(|sort| places.get_mut(&sort)) else {
                    return true;
                };
                let own = found.iter().rposition(|at| ours[*at].partition == left.partition);
                let at = match own {
                    Some(own) => found.remove(own),
                    None => match found.pop() {
                        Some(at) => at,
                        None => return true,
                    },
                };
                open[at] = false;
                let Some(lane) = self.lanes.get_mut(&ours[at].partition) else { return false };
                let (source, target) = (ours[at].print, left.print);
                let found = Some((left.partition, target.offset));
                match own {
                    None => {
                        lane.counts.moved += 1;
                        lane.note(Some(source.offset), found, What::Moved);
                    }
                    Some(_) if ours[at].overtaken && left.overtaken => {
                        lane.counts.reordered += 1;
                        lane.note(Some(source.offset), found, What::Reordered);
                    }
                    Some(_) => {}
                }
                lane.counts.paired += 1;
                lane.compare(&source, &target, left.partition);
                false
            });
        }
        let ours = ours.into_iter().zip(open).filter_map(|(left, open)| open.then_some(left));
        self.left = ours.chain(rest).collect();
    }

    /// Records of the copy for which nothing on the source was found: by what they may be found in a further reading of
    /// the source, transactions that were aborted included.
    pub fn unexplained(&self) -> BTreeSet<u128> {
        let theirs = self.left.iter().filter(|left| left.side == Side::Target);
        theirs.filter(|left| !self.is_explained(left)).map(|left| left.print.whole).collect()
    }

    /// By what a record of a further reading may be one of [`Account::unexplained`].
    pub fn known_by(print: &Print) -> u128 {
        print.whole
    }

    fn is_explained(&self, left: &Left) -> bool {
        left.print.corrupt
            || left.expirable
            || left.print.stamp.is_some_and(|stamp| self.source.holds(stamp))
            || self.lanes.get(&left.partition).is_some_and(|lane| lane.is_compacted(left))
    }

    /// Counts what is left; of the records of the copy, those in `uncommitted` were found in aborted transactions.
    pub fn conclude(mut self, uncommitted: &BTreeSet<u128>) -> (Total, BTreeMap<i32, Lane>, [Kept; 2]) {
        for left in std::mem::take(&mut self.left) {
            let aborted = left.side == Side::Target && uncommitted.contains(&left.print.whole);
            self.conclude_one(&left, aborted);
        }
        let total = self.total();
        (total, self.lanes, [self.source, self.target])
    }

    fn conclude_one(&mut self, left: &Left, aborted: bool) {
        let stamp_elsewhere = left.print.stamp.is_some_and(|stamp| match left.side {
            Side::Source => self.target.holds(stamp),
            Side::Target => self.source.holds(stamp),
        });
        let Some(lane) = self.lanes.get_mut(&left.partition) else { return };
        let offset = left.print.offset;
        match left.side {
            Side::Source if stamp_elsewhere => {}
            Side::Source if lane.is_compacted(left) => lane.counts.compacted += 1,
            Side::Source if lane.is_unknown(left) => lane.counts.unknown += 1,
            Side::Source => {
                lane.counts.lost += 1;
                self.lost_foreign += u64::from(left.print.stamp.is_none());
                lane.note(Some(offset), None, What::Lost);
            }
            Side::Target if left.print.corrupt => {
                lane.counts.values += 1;
                let fields = Fields { value: true, ..Fields::default() };
                lane.note(None, Some((left.partition, offset)), What::Changed(fields));
            }
            Side::Target if stamp_elsewhere => {
                lane.counts.duplicated += 1;
                lane.note(None, Some((left.partition, offset)), What::Duplicated);
            }
            Side::Target if left.expirable => lane.counts.expired += 1,
            Side::Target if aborted => {
                lane.counts.uncommitted += 1;
                lane.note(None, Some((left.partition, offset)), What::Uncommitted);
            }
            Side::Target if lane.is_compacted(left) => lane.counts.compacted += 1,
            Side::Target if lane.is_unknown(left) => lane.counts.unknown += 1,
            Side::Target => {
                lane.counts.unexpected += 1;
                lane.note(None, Some((left.partition, offset)), What::Unexpected);
            }
        }
    }

    fn total(&self) -> Total {
        let mut counts = Counts::default();
        let mut incomplete: BTreeSet<i32> = BTreeSet::new();
        for (number, lane) in &self.lanes {
            counts.add(&lane.counts);
            if lane.counts.lost + lane.counts.values > 0 {
                incomplete.insert(*number);
            }
        }
        let nothing = Bits::default();
        let mut lost_stamps = 0;
        let mut lost_ranges = Vec::new();
        for (token, bits) in &self.source.stamps {
            let theirs = self.target.stamps.get(token).unwrap_or(&nothing);
            lost_stamps += bits.without(theirs).count() as u64;
            let ranges = crate::load::bits::ranges(bits.without(theirs), RANGES);
            lost_ranges.extend(ranges.into_iter().map(|(first, last)| (*token, first, last)));
        }
        lost_ranges.truncate(RANGES);
        // Of records without a stamp, too, one whose value was changed has not arrived.
        let changed: u64 = self.lanes.values().map(|lane| lane.foreign_values).sum();
        let foreign = self.source.foreign;
        let lost = lost_stamps + self.lost_foreign + changed;
        Total {
            lost,
            expected: self.source.stamped() + foreign,
            lost_ranges,
            incomplete: incomplete.len() as u64,
            beyond: self.beyond,
            foreign,
            counts,
        }
    }
}

const RANGES: usize = 1000;
