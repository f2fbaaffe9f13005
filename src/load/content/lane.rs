//! [`Lane`]: one partition of the source and the same one of the copy, compared in the order of their records.
//!
//! What finds its partner at once is what is the same on both sides: of equal records the first on the source belongs to
//! the first on the copy, and so on. What found none is looked at when the window is full and at the end, in this order:
//! a record of the copy that is equal to one of the source that has its partner is a *repeat*; two records that agree in
//! most fields are one that was *changed*; the rest is *left*, see [`super::Account`].

use super::{
    left::{Left, Side},
    print::{Fields, Print},
    waiting::{LatestRecords, Map, Waiting},
};
use std::collections::VecDeque;

/// What is known of a partition before it is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bounds {
    /// The source's first offset: older records are gone there.
    pub source_begin: i64,
    /// The copy's first offset.
    pub target_begin: i64,
    /// Whether the source keeps only the latest record of a key.
    pub source_compacts: bool,
    /// Whether the copy does.
    pub target_compacts: bool,
}

/// What was found in a partition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records of the source.
    pub source: u64,
    /// Records of the copy.
    pub target: u64,
    /// Records of the source whose partner is on the copy, in whatever partition, changed or not.
    pub paired: u64,
    /// Records of the source that are not on the copy.
    pub lost: u64,
    /// Records of the copy beyond those of the source that are equal to one of them.
    pub duplicated: u64,
    /// Records that come on the copy after one that they come before on the source.
    pub reordered: u64,
    /// Records of the copy that the source does not hold.
    pub unexpected: u64,
    /// Records of the source that are in another partition of the copy.
    pub moved: u64,
    /// Records of the copy whose partner is an aborted transaction's record of the source.
    pub uncommitted: u64,
    /// Pairs with different keys.
    pub keys: u64,
    /// Pairs with different values, and records of the copy with the mark of a stamp and other bytes than were sent.
    pub values: u64,
    /// Pairs with different headers.
    pub headers: u64,
    /// Pairs with different timestamps, or types of timestamps.
    pub timestamps: u64,
    /// Records of one side that the other side's compaction explains.
    pub compacted: u64,
    /// Records of the copy that the source no longer holds, because its log begins later.
    pub expired: u64,
    /// Records of the copy whose partner came to the source while it was being compared.
    pub newer: u64,
    /// Records that cannot be compared: the copy's log begins later than theirs, or too many were left.
    pub unknown: u64,
}

impl Counts {
    pub(super) fn changed(&mut self, fields: Fields) {
        self.keys += u64::from(fields.key);
        self.values += u64::from(fields.value);
        self.headers += u64::from(fields.headers);
        self.timestamps += u64::from(fields.timestamp);
    }

    /// Adds those of another partition.
    pub fn add(&mut self, other: &Self) {
        let Self {
            source,
            target,
            paired,
            lost,
            duplicated,
            reordered,
            unexpected,
            moved,
            uncommitted,
            keys,
            values,
            headers,
            timestamps,
            compacted,
            expired,
            newer,
            unknown,
        } = other;
        for (sum, more) in [
            (&mut self.source, source),
            (&mut self.target, target),
            (&mut self.paired, paired),
            (&mut self.lost, lost),
            (&mut self.duplicated, duplicated),
            (&mut self.reordered, reordered),
            (&mut self.unexpected, unexpected),
            (&mut self.moved, moved),
            (&mut self.uncommitted, uncommitted),
            (&mut self.keys, keys),
            (&mut self.values, values),
            (&mut self.headers, headers),
            (&mut self.timestamps, timestamps),
            (&mut self.compacted, compacted),
            (&mut self.expired, expired),
            (&mut self.newer, newer),
            (&mut self.unknown, unknown),
        ] {
            *sum += more;
        }
    }
}

/// What is wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Both sides have it, and these fields differ.
    Changed(Fields),
    /// It is on the copy once more.
    Duplicated,
    /// The copy does not have it.
    Lost,
    /// It is in another partition.
    Moved,
    /// It comes after one that it comes before on the source.
    Reordered,
    /// The source has it in an aborted transaction.
    Uncommitted,
    /// The source does not have it.
    Unexpected,
}

/// Where the first difference of a partition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct First {
    /// Offset on the source.
    pub source: Option<i64>,
    /// Partition and offset on the copy.
    pub target: Option<(i32, i64)>,
    /// What differs.
    pub what: What,
}

/// Keys that are remembered of a compacted partition.
const KEYS: usize = 500_000;
/// How many windows of the source's records are remembered for telling repeats.
const SEEN: usize = 4;
/// Records of one side that are given up before the other side's are, where nothing fits.
const STUCK: usize = 25_000;

/// One partition of both sides.
#[derive(Debug)]
pub struct Lane {
    bounds: Bounds,
    number: i32,
    window: usize,
    source: Waiting,
    target: Waiting,
    seen: LatestRecords,
    /// The greatest place on the source that has its partner, and where that is.
    furthest: Option<(u64, u64)>,
    /// Where on the copy the first record is that has its partner, and where on the source.
    first_pair: Option<u64>,
    first_paired: Option<u64>,
    /// How many of each side were given up although nothing behind them had its partner.
    stuck: [usize; 2],
    with_time: bool,
    any_of_source: Option<Print>,
    /// The last place of each key on the source, where that matters.
    keys: Map<u64, u64>,
    /// What was found so far.
    pub counts: Counts,
    /// Pairs with different values whose record on the source has no stamp.
    pub(super) foreign_values: u64,
    /// The first difference.
    pub first: Option<First>,
    /// Those that found no partner here, until they are taken.
    left: VecDeque<Left>,
}

impl Lane {
    /// Of partition `number`; of each side at most `window` records wait for their partner.
    pub fn new(number: i32, window: usize, bounds: Bounds) -> Self {
        Self {
            bounds,
            number,
            window: window.max(4),
            source: Waiting::new(),
            target: Waiting::new(),
            seen: LatestRecords::new(window.saturating_mul(SEEN)),
            furthest: None,
            first_pair: None,
            first_paired: None,
            stuck: [0; 2],
            foreign_values: 0,
            with_time: true,
            any_of_source: None,
            keys: Map::default(),
            counts: Counts::default(),
            first: None,
            left: VecDeque::new(),
        }
    }

    /// Whether so many records of that side wait that no more should be read of it before the other side had its turn.
    pub fn is_full(&self, side: Side) -> bool {
        match side {
            Side::Source => self.source.len() >= self.window,
            Side::Target => self.target.len() >= self.window,
        }
    }

    /// How many records of that side have no partner yet.
    pub fn waiting(&self, side: Side) -> usize {
        match side {
            Side::Source => self.source.len(),
            Side::Target => self.target.len(),
        }
    }

    /// Takes the next record of the source.
    pub fn source(&mut self, print: Print) {
        let position = self.counts.source;
        self.counts.source += 1;
        if (self.bounds.source_compacts || self.bounds.target_compacts)
            && print.has_key()
            && (self.keys.len() < KEYS || self.keys.contains_key(&print.key))
        {
            self.keys.insert(print.key, position);
        }
        if self.any_of_source.is_none() {
            self.any_of_source = Some(print);
        }
        match self.target.take(print.identity(self.with_time)) {
            Some((theirs, at)) => self.pair((print, position), (theirs, at)),
            None => self.source.push(print, position),
        }
    }

    /// Takes a record of the source that came when it was being compared: it is not expected, but explains one of the copy.
    pub fn newer(&mut self, print: &Print) {
        if self.target.take(print.identity(self.with_time)).is_some() {
            self.counts.newer += 1;
        }
    }

    /// Says where the copy begins, which may come into being while it is waited for.
    pub fn target_begins(&mut self, offset: i64) {
        self.bounds.target_begin = offset;
    }

    /// Whether the source's last record so far has its partner.
    pub fn is_level(&self) -> bool {
        self.counts.source == 0 || self.furthest.is_some_and(|(at, _)| at + 1 == self.counts.source)
    }

    /// Takes the next record of the copy.
    pub fn target(&mut self, print: Print) {
        let position = self.counts.target;
        self.counts.target += 1;
        // Where brokers stamp the records of one side only, no two times are equal.
        if self.with_time && self.any_of_source.is_some_and(|ours| !ours.time.is_like(print.time)) {
            self.with_time = false;
            self.source.without_time();
            self.target.without_time();
        }
        match self.source.take(print.identity(self.with_time)) {
            Some((ours, at)) => self.pair((ours, at), (print, position)),
            None => {
                let known = self.seen.contains(print.identity(self.with_time));
                self.target.push(Print { known, ..print }, position);
            }
        }
    }

    fn pair(&mut self, (ours, at): (Print, u64), (theirs, there): (Print, u64)) {
        self.seen.note(ours.identity(self.with_time));
        self.paired(at, there);
        let late = match self.furthest {
            Some((furthest, its)) if at < furthest => there > its,
            Some((_, its)) => {
                let swapped = there < its;
                self.furthest = Some((at, there.max(its)));
                swapped
            }
            None => {
                self.furthest = Some((at, there));
                false
            }
        };
        if late {
            self.counts.reordered += 1;
            self.note(Some(ours.offset), Some((self.number, theirs.offset)), What::Reordered);
        }
        self.compare(&ours, &theirs, self.number);
    }

    fn paired(&mut self, at: u64, there: u64) {
        self.counts.paired += 1;
        self.first_pair = Some(self.first_pair.map_or(there, |first| first.min(there)));
        self.first_paired = Some(self.first_paired.map_or(at, |first| first.min(at)));
    }

    /// Counts what differs between the partners.
    pub(super) fn compare(&mut self, ours: &Print, theirs: &Print, partition: i32) {
        let fields = ours.differs(theirs);
        if fields.any() {
            self.counts.changed(fields);
            self.foreign_values += u64::from(fields.value && ours.stamp.is_none());
            self.note(Some(ours.offset), Some((partition, theirs.offset)), What::Changed(fields));
        }
    }

    pub(super) fn note(&mut self, source: Option<i64>, target: Option<(i32, i64)>, what: What) {
        let place = |source: Option<i64>, target: Option<(i32, i64)>| {
            source.or(target.map(|(_, offset)| offset)).unwrap_or(i64::MAX)
        };
        if self.first.is_none_or(|first| place(source, target) < place(first.source, first.target)) {
            self.first = Some(First { source, target, what });
        }
    }

    /// Gives up some of those that wait, where no side can be read before: those whose neighbours have found their
    /// partners, else the older half of one side. `ended` is the side that has no more to be read, where there is one.
    pub fn make_room(&mut self, ended: Option<Side>) {
        let half = |waiting: &Waiting| waiting.len().div_ceil(2);
        let waited = self.source.len() + self.target.len();
        self.drop_repeats(half(&self.target));
        let margin = (self.window / 4) as u64;
        let overtaken = |waiting: &Waiting, by: u64| {
            waiting.iter().take_while(|(_, position)| position + margin <= by).count()
        };
        let (at, there) = self.furthest.unwrap_or((0, 0));
        let (of_source, of_target) = (overtaken(&self.source, at), overtaken(&self.target, there));
        self.settle(of_source, of_target, true);
        if self.source.len() + self.target.len() < waited {
            return;
        }
        // Nothing fits any more: a block is missing on one side. First it is taken for one that was lost.
        let only_target = self.bounds.source_begin > 0 && self.first_pair.is_none();
        let source_goes = match ended {
            Some(Side::Source) => false,
            Some(Side::Target) => true,
            None if only_target => false,
            None => self.stuck[0] < STUCK || self.stuck[1] >= STUCK,
        };
        let (of_source, of_target) =
            if source_goes { (half(&self.source), 0) } else { (0, half(&self.target)) };
        self.stuck[0] += of_source;
        self.stuck[1] += of_target;
        self.settle(of_source, of_target, false);
    }

    /// Gives up on all that wait: nothing more is read.
    pub fn finish(&mut self) {
        self.drop_repeats(self.target.len());
        self.settle(self.source.len(), self.target.len(), true);
    }

    /// Counts those of the copy's oldest `most` records that are equal to one that has its partner.
    fn drop_repeats(&mut self, most: usize) {
        let oldest = self.target.iter().take(most);
        let repeats: Vec<(Print, u64)> = oldest
            .filter(|(print, _)| print.known || self.seen.contains(print.identity(self.with_time)))
            .collect();
        for (print, position) in repeats {
            self.target.take_at(&print, position);
            self.counts.duplicated += 1;
            self.note(None, Some((self.number, print.offset)), What::Duplicated);
        }
    }

    /// Looks for the partners of the oldest `of_source` and `of_target` records that wait. What finds none is left;
    /// `overtaken` says whether those behind it have found theirs.
    fn settle(&mut self, of_source: usize, of_target: usize, overtaken: bool) {
        let (number, begins) = (self.number, self.bounds.source_begin > 0);
        let left = |side, print, position, expirable| Left {
            side,
            partition: number,
            print,
            position,
            overtaken,
            expirable,
        };
        let (waiting, before) = (self.source.len(), self.target.len());
        for alike in ALIKE {
            if of_source > 0 && self.target.len() > 0 {
                self.pair_alike(*alike, of_source);
            }
        }
        // Those that have just found one are no longer among the oldest.
        let of_source = of_source.saturating_sub(waiting - self.source.len());
        let of_target = of_target.saturating_sub(before - self.target.len());
        let rest: Vec<(Print, u64)> = self.source.iter().take(of_source).collect();
        for (print, position) in rest {
            self.source.take_at(&print, position);
            self.left.push_back(left(Side::Source, print, position, false));
        }
        let rest: Vec<(Print, u64)> = self.target.iter().take(of_target).collect();
        for (print, position) in rest {
            self.target.take_at(&print, position);
            // It may as well be one of another partition.
            let expirable = begins && self.first_pair.is_none_or(|first| position < first);
            self.left.push_back(left(Side::Target, print, position, expirable));
        }
    }

    /// Takes those as one record that agree so far, the oldest with the oldest.
    fn pair_alike(&mut self, alike: Alike, of_source: usize) {
        let mut theirs: Map<u64, VecDeque<(Print, u64)>> = Map::default();
        for (print, position) in self.target.iter() {
            if let Some(sort) = alike(&print) {
                theirs.entry(sort).or_default().push_back((print, position));
            }
        }
        if theirs.is_empty() {
            return;
        }
        let ours: Vec<(Print, u64)> = self.source.iter().take(of_source).collect();
        for (print, position) in ours {
            let Some(found) = alike(&print).and_then(|sort| theirs.get_mut(&sort)) else { continue };
            // Two stamps are two records.
            let Some(at) = found.iter().position(|(other, _)| print.stamp.is_none() || other.stamp.is_none())
            else {
                continue;
            };
            let Some((other, there)) = found.remove(at) else { continue };
            self.source.take_at(&print, position);
            self.target.take_at(&other, there);
            self.paired(position, there);
            self.compare(&print, &other, self.number);
        }
    }

    /// Those that were left since the last call.
    pub(super) fn take_left(&mut self) -> VecDeque<Left> {
        std::mem::take(&mut self.left)
    }

    /// Whether compaction explains that one side lacks what was left of the other.
    pub(super) fn is_compacted(&self, left: &Left) -> bool {
        let place = self.keys.get(&left.print.key).filter(|_| left.print.has_key());
        match left.side {
            // Of equal records any one may be the one that stays.
            Side::Source => {
                self.bounds.target_compacts
                    && place.is_some_and(|place| {
                        *place > left.position || self.seen.contains(left.print.identity(self.with_time))
                    })
            }
            Side::Target => self.bounds.source_compacts && place.is_some(),
        }
    }

    /// Whether it is unknown where the partner of what was left is.
    pub(super) fn is_unknown(&self, left: &Left) -> bool {
        match left.side {
            // Of a key that the source knows no more, its last record may have been a deletion.
            Side::Target => self.bounds.source_compacts && (left.print.has_key() || self.keys.len() >= KEYS),
            // The copy's log begins later: what it had before is unknown.
            Side::Source => {
                self.bounds.target_begin > 0 && self.first_paired.is_none_or(|first| left.position < first)
            }
        }
    }

    /// Records that the source purged and that are not on the copy, at most: offsets before the source's first one that
    /// stand for no record of the copy. `None` where the copy's oldest records are gone as well.
    pub fn purged(&self) -> Option<u64> {
        let gone = u64::try_from(self.bounds.source_begin).unwrap_or(0);
        (gone == 0 || self.bounds.target_begin == 0).then(|| gone.saturating_sub(self.counts.expired))
    }

    /// Whether the copy begins with a record that the source never had, although the source's log begins with its first.
    pub fn begins_with_unexpected(&self) -> bool {
        let what = |first: First| first.what == What::Unexpected && first.source.is_none();
        self.bounds.source_begin == 0
            && self.counts.source > 0
            && self.first_pair.is_none_or(|first| first > 0)
            && self.first.is_some_and(what)
    }

    /// What was known before it was read.
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }
}

/// What two records agree in that may be one; `None` where that says nothing of this one.
type Alike = fn(&Print) -> Option<u64>;

/// From what says most to what says least.
const ALIKE: &[Alike] = &[
    |p| Some(mixed([p.key, p.value, p.headers])),
    |p| Some(mixed([p.key, p.value, time(p)])),
    |p| p.has_value.then(|| mixed([p.value, p.headers, time(p)])),
    |p| Some(mixed([p.key, p.headers, time(p)])),
    |p| p.has_value.then(|| mixed([p.key, p.value, 1])),
    |p| p.has_value.then(|| mixed([p.value, time(p), 2])),
    |p| p.has_value.then(|| mixed([p.value, p.headers, 3])),
];

fn time(print: &Print) -> u64 {
    use super::print::Time;
    match print.time {
        Time::None => 0,
        Time::Created(at) => at.cast_unsigned(),
        Time::Appended(at) => !at.cast_unsigned(),
    }
}

fn mixed(numbers: [u64; 3]) -> u64 {
    use std::hash::Hasher;
    let mut hasher = super::waiting::Same::default();
    numbers.iter().for_each(|number| hasher.write_u64(*number));
    hasher.finish()
}
