//! [`Bits`]: a set of numbers that takes a bit for each, so that millions of sequence numbers take little memory.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

const PAGE_WORDS: usize = 1024;
const PAGE_BITS: u64 = 64 * PAGE_WORDS as u64;

/// A set of numbers, a bit each, in pages that exist where a number is: 8 KiB for every 65,536 numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bits(BTreeMap<u64, Box<[u64; PAGE_WORDS]>>);

impl Bits {
    /// Adds the number; whether it is new.
    pub fn insert(&mut self, number: u64) -> bool {
        let page = self.0.entry(number / PAGE_BITS).or_insert_with(|| Box::new([0; PAGE_WORDS]));
        let (word, bit) = place(number);
        let new = page[word] & bit == 0;
        page[word] |= bit;
        new
    }

    /// Adds every number from `first` to `last`, both included.
    pub fn insert_range(&mut self, first: u64, last: u64) {
        let mut next = first;
        while next <= last {
            // A whole word at a time, where there is one.
            if next.is_multiple_of(64) && last - next >= 63 {
                let page = self.0.entry(next / PAGE_BITS).or_insert_with(|| Box::new([0; PAGE_WORDS]));
                page[place(next).0] = u64::MAX;
                let Some(after) = next.checked_add(64) else { return };
                next = after;
            } else {
                self.insert(next);
                let Some(after) = next.checked_add(1) else { return };
                next = after;
            }
        }
    }

    /// Adds every number of `other`.
    pub fn extend(&mut self, other: &Self) {
        for (index, theirs) in &other.0 {
            let page = self.0.entry(*index).or_insert_with(|| Box::new([0; PAGE_WORDS]));
            page.iter_mut().zip(theirs.iter()).for_each(|(ours, theirs)| *ours |= theirs);
        }
    }

    /// Removes every number from the set.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether the number is in it.
    pub fn contains(&self, number: u64) -> bool {
        let (word, bit) = place(number);
        self.0.get(&(number / PAGE_BITS)).is_some_and(|page| page[word] & bit != 0)
    }

    /// How many numbers it has.
    pub fn len(&self) -> u64 {
        self.0.values().flat_map(|page| page.iter()).map(|word| u64::from(word.count_ones())).sum()
    }

    /// Returns whether the set has no number.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers in `self` that are not in `other`, in order.
    pub fn without<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = u64> + 'a {
        self.0.iter().flat_map(move |(index, page)| {
            let theirs = other.0.get(index);
            page.iter().enumerate().flat_map(move |(word, bits)| {
                let left = bits & !theirs.map_or(0, |theirs| theirs[word]);
                let base = index * PAGE_BITS + word as u64 * 64;
                (0..64).filter(move |bit| left >> bit & 1 == 1).map(move |bit| base + bit)
            })
        })
    }

    /// The numbers as ranges, first and last of each, in order.
    pub fn ranges(&self) -> Vec<(u64, u64)> {
        let nothing = Self::default();
        ranges(self.without(&nothing), usize::MAX)
    }

    /// SHA-256 of the ranges, each as two numbers of 8 bytes, big-endian; in hexadecimal.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (first, last) in self.ranges() {
            hash.update(first.to_be_bytes());
            hash.update(last.to_be_bytes());
        }
        crate::support::fingerprint::hex(&hash.finalize())
    }

    #[cfg(test)]
    pub(super) fn pages(&self) -> usize {
        self.0.len()
    }
}

/// Rising numbers as ranges, first and last of each, at most `most` of them.
pub(super) fn ranges(numbers: impl Iterator<Item = u64>, most: usize) -> Vec<(u64, u64)> {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for number in numbers {
        let room = ranges.len() < most;
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ if room => ranges.push((number, number)),
            _ => break,
        }
    }
    ranges
}

fn place(number: u64) -> (usize, u64) {
    let in_page = number % PAGE_BITS;
    ((in_page / 64) as usize, 1 << (in_page % 64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_hundred_million_records_take_a_bit_each() {
        let mut bits = Bits::default();
        for number in (0..100_000_000).step_by(1000) {
            assert!(bits.insert(number));
        }
        assert_eq!((bits.len(), bits.pages()), (100_000, 1526));
    }

    proptest! {
        #[test]
        fn a_set_comes_back_from_its_ranges(numbers in proptest::collection::btree_set(0u64..2_000, 0..300)) {
            let mut bits = Bits::default();
            for number in &numbers {
                bits.insert(*number);
            }
            let mut back = Bits::default();
            for (first, last) in bits.ranges() {
                back.insert_range(first, last);
            }
            prop_assert_eq!(&back, &bits);
            prop_assert_eq!(back.digest(), bits.digest());
            prop_assert_eq!(bits.len(), numbers.len() as u64);
            prop_assert!((0..2_000).all(|number| bits.contains(number) == numbers.contains(&number)));
        }
    }
}
