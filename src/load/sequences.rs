//! What was found on one side of a replication, and the comparison of two sides: one bit for each stamped record, so
//! that millions of them take little memory.

use super::payload::{Reading, Stamp};
use std::collections::BTreeMap;

const PAGE_WORDS: usize = 1024;
const PAGE_BITS: u64 = 64 * PAGE_WORDS as u64;

/// A set of numbers, a bit each, in pages that exist where a number is: 8 KiB for every 65,536 numbers.
#[derive(Debug, Default)]
struct Bits(BTreeMap<u64, Box<[u64; PAGE_WORDS]>>);

impl Bits {
    /// Adds the number; whether it is new.
    fn insert(&mut self, number: u64) -> bool {
        let page = self.0.entry(number / PAGE_BITS).or_insert_with(|| Box::new([0; PAGE_WORDS]));
        let (word, bit) = place(number);
        let new = page[word] & bit == 0;
        page[word] |= bit;
        new
    }

    fn contains(&self, number: u64) -> bool {
        let (word, bit) = place(number);
        self.0.get(&(number / PAGE_BITS)).is_some_and(|page| page[word] & bit != 0)
    }

    fn len(&self) -> u64 {
        self.0.values().flat_map(|page| page.iter()).map(|word| u64::from(word.count_ones())).sum()
    }

    /// The numbers in `self` that are not in `other`, in order.
    fn without<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = u64> + 'a {
        self.0.iter().flat_map(move |(index, page)| {
            let theirs = other.0.get(index);
            page.iter().enumerate().flat_map(move |(word, bits)| {
                let left = bits & !theirs.map_or(0, |theirs| theirs[word]);
                let base = index * PAGE_BITS + word as u64 * 64;
                (0..64).filter(move |bit| left >> bit & 1 == 1).map(move |bit| base + bit)
            })
        })
    }
}

fn place(number: u64) -> (usize, u64) {
    let in_page = number % PAGE_BITS;
    (usize::try_from(in_page / 64).expect("a page has 1024 words"), 1 << (in_page % 64))
}

/// What was read in one partition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Whole stamped records, repeats included.
    pub whole: u64,
    /// Whole records that had been read before.
    pub repeated: u64,
    /// Whole records that came after one with a greater number of the same run, repeats not counted.
    pub reordered: u64,
    /// Records with a stamp whose checksum is wrong.
    pub corrupt: u64,
    /// Records without a stamp.
    pub foreign: u64,
}

/// Everything read on one side.
#[derive(Debug, Default)]
pub struct Found {
    tokens: BTreeMap<u64, Bits>,
    highest: BTreeMap<(u64, i32), u64>,
    last: BTreeMap<i32, (u64, u64)>,
    partitions: BTreeMap<i32, Counts>,
}

/// The target compared with the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Stamped records on the source, each counted once.
    pub expected: u64,
    /// Those of them that are on the target.
    pub arrived: u64,
    /// Those that are not.
    pub lost: u64,
    /// Repeats on the target beyond the source's own.
    pub duplicated: u64,
    /// Records out of order on the target beyond the source's own.
    pub reordered: u64,
    /// Records on the target whose bytes are not those of the source, beyond the source's own.
    pub corrupt: u64,
    /// Stamped records on the target that the source does not hold (any more).
    pub unexpected: u64,
    /// Where the losses are: token, first and last number, at most a thousand ranges.
    pub lost_ranges: Vec<(u64, u64, u64)>,
}

const RANGES: usize = 1000;

impl Found {
    /// Takes note of one record's value; its stamp, and whether it is the first with it.
    pub fn note(&mut self, partition: i32, value: &[u8]) -> Option<(Stamp, bool)> {
        let counts = self.partitions.entry(partition).or_default();
        let stamp = match Stamp::read(value) {
            Reading::Corrupt => {
                counts.corrupt += 1;
                return None;
            }
            Reading::Foreign => {
                counts.foreign += 1;
                return None;
            }
            Reading::Whole(stamp) => stamp,
        };
        let new = self.note_stamp(partition, stamp);
        Some((stamp, new))
    }

    /// Takes note of one whole record's stamp; whether it is the first with it.
    pub fn note_stamp(&mut self, partition: i32, stamp: Stamp) -> bool {
        let counts = self.partitions.entry(partition).or_default();
        counts.whole += 1;
        self.last.insert(partition, (stamp.token, stamp.sequence));
        let new = self.tokens.entry(stamp.token).or_default().insert(stamp.sequence);
        let highest = self.highest.entry((stamp.token, partition)).or_insert(stamp.sequence);
        if !new {
            counts.repeated += 1;
        } else if stamp.sequence < *highest {
            counts.reordered += 1;
        }
        *highest = (*highest).max(stamp.sequence);
        new
    }

    /// The numbers below `until` of a run that were not found, as ranges (first and last), at most a thousand.
    pub fn missing(&self, token: u64, until: u64) -> Vec<(u64, u64)> {
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        for sequence in (0..until).filter(|sequence| !self.holds(token, *sequence)) {
            let room = ranges.len() < RANGES;
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == sequence => *last = sequence,
                _ if room => ranges.push((sequence, sequence)),
                _ => break,
            }
        }
        ranges
    }

    /// Whole stamped records read so far, repeats not counted.
    pub fn whole(&self) -> u64 {
        self.partitions.values().map(|c| c.whole - c.repeated).sum()
    }

    /// The counts of each partition.
    pub fn partitions(&self) -> &BTreeMap<i32, Counts> {
        &self.partitions
    }

    /// Whether the last stamped record of every partition of `self` is in `other`.
    pub fn ends_are_in(&self, other: &Self) -> bool {
        self.last.values().all(|(token, sequence)| other.holds(*token, *sequence))
    }

    fn holds(&self, token: u64, sequence: u64) -> bool {
        self.tokens.get(&token).is_some_and(|bits| bits.contains(sequence))
    }

    fn sum(&self, count: impl Fn(&Counts) -> u64) -> u64 {
        self.partitions.values().map(count).sum()
    }

    /// Compares `self`, the source, with the target.
    pub fn compare(&self, target: &Self) -> Comparison {
        let nothing = Bits::default();
        let (mut expected, mut lost, mut unexpected) = (0, 0, 0);
        let mut lost_ranges: Vec<(u64, u64, u64)> = Vec::new();
        for (token, bits) in &self.tokens {
            expected += bits.len();
            for sequence in bits.without(target.tokens.get(token).unwrap_or(&nothing)) {
                lost += 1;
                let room = lost_ranges.len() < RANGES;
                match lost_ranges.last_mut() {
                    Some((t, _, last)) if t == token && *last + 1 == sequence => *last = sequence,
                    _ if room => lost_ranges.push((*token, sequence, sequence)),
                    _ => {}
                }
            }
        }
        for (token, bits) in &target.tokens {
            unexpected += bits.without(self.tokens.get(token).unwrap_or(&nothing)).count() as u64;
        }
        let beyond = |count: fn(&Counts) -> u64| target.sum(count).saturating_sub(self.sum(count));
        Comparison {
            expected,
            arrived: expected - lost,
            lost,
            duplicated: beyond(|c| c.repeated),
            reordered: beyond(|c| c.reordered),
            // A record whose mark itself was destroyed looks like one that some other program made.
            corrupt: beyond(|c| c.corrupt) + beyond(|c| c.foreign),
            unexpected,
            lost_ranges,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn value(token: u64, sequence: u64) -> Vec<u8> {
        let mut value = vec![7; 40];
        Stamp { token, sequence, created_us: 1 }.write(&mut value);
        value
    }

    fn found(records: &[(i32, u64, u64)]) -> Found {
        let mut found = Found::default();
        for (partition, token, sequence) in records {
            found.note(*partition, &value(*token, *sequence));
        }
        found
    }

    #[test]
    fn each_fault_is_counted_as_what_it_is() {
        let source = found(&[(0, 1, 0), (0, 1, 2), (0, 1, 3), (1, 1, 1), (1, 1, 4), (0, 9, 0)]);
        let same =
            source.compare(&found(&[(1, 1, 1), (0, 1, 0), (0, 1, 2), (1, 1, 4), (0, 1, 3), (0, 9, 0)]));
        assert_eq!((same.expected, same.arrived, same.lost), (6, 6, 0));
        assert_eq!((same.duplicated, same.reordered, same.corrupt, same.unexpected), (0, 0, 0, 0));

        // 3 comes before 2, 1 twice, 4 is lost, 9/0 is broken, 9/5 was never sent.
        let mut target = found(&[(0, 1, 0), (0, 1, 3), (0, 1, 2), (1, 1, 1), (1, 1, 1), (0, 9, 5)]);
        let mut broken = value(9, 0);
        broken[39] ^= 1;
        target.note(0, &broken);
        let bad = source.compare(&target);
        assert_eq!((bad.expected, bad.arrived, bad.lost), (6, 4, 2));
        assert_eq!((bad.duplicated, bad.reordered, bad.corrupt, bad.unexpected), (1, 1, 1, 1));
        assert_eq!(bad.lost_ranges, [(1, 4, 4), (9, 0, 0)]);
        assert!(!source.ends_are_in(&target) && source.ends_are_in(&source));
    }

    #[test]
    fn what_the_source_itself_does_wrong_is_not_the_replications_fault() {
        let records = [(0, 1, 1), (0, 1, 0), (0, 1, 0)];
        let comparison = found(&records).compare(&found(&records));
        assert_eq!((comparison.duplicated, comparison.reordered), (0, 0));
    }

    #[test]
    fn a_destroyed_mark_is_corruption_and_a_foreign_record_is_not() {
        let (mut source, mut target) = (Found::default(), Found::default());
        source.note(0, b"somebody else's");
        target.note(0, b"somebody else's");
        assert_eq!(source.compare(&target).corrupt, 0);
        target.note(0, b"was one of ours");
        assert_eq!(source.compare(&target).corrupt, 1);
    }

    #[test]
    fn a_hundred_million_records_take_a_bit_each() {
        let mut bits = Bits::default();
        for number in (0..100_000_000).step_by(1000) {
            assert!(bits.insert(number));
        }
        assert_eq!((bits.len(), bits.0.len()), (100_000, 1526));
    }

    proptest! {
        #[test]
        fn losses_are_the_difference_of_the_sets(
            source in proptest::collection::btree_set(0u64..200_000, 0..50),
            target in proptest::collection::btree_set(0u64..200_000, 0..50),
        ) {
            let side = |set: &BTreeSet<u64>| found(&set.iter().map(|s| (0, 1, *s)).collect::<Vec<_>>());
            let comparison = side(&source).compare(&side(&target));
            prop_assert_eq!(comparison.lost, source.difference(&target).count() as u64);
            prop_assert_eq!(comparison.unexpected, target.difference(&source).count() as u64);
            prop_assert_eq!(comparison.expected, source.len() as u64);
        }
    }
}
