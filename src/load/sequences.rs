//! The stamped records that one reader found: one bit for each, so that millions of them take little memory.

use super::{
    bits::{self, Bits},
    payload::Stamp,
};
use std::collections::BTreeMap;

/// What was read in one partition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Whole stamped records, repeats included.
    pub whole: u64,
    /// Whole records that had been read before.
    pub repeated: u64,
    /// Whole records that came after one with a greater number of the same run, repeats not counted.
    pub reordered: u64,
}

/// Everything read on one side.
#[derive(Debug, Default)]
pub struct Found {
    tokens: BTreeMap<u64, Bits>,
    highest: BTreeMap<(u64, i32), u64>,
    partitions: BTreeMap<i32, Counts>,
}

const RANGES: usize = 1000;

impl Found {
    /// Takes note of one whole record's stamp; whether it is the first with it.
    pub fn note_stamp(&mut self, partition: i32, stamp: Stamp) -> bool {
        let counts = self.partitions.entry(partition).or_default();
        counts.whole += 1;
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
        bits::ranges((0..until).filter(|sequence| !self.holds(token, *sequence)), RANGES)
    }

    /// Whole stamped records read so far, repeats not counted.
    pub fn whole(&self) -> u64 {
        self.partitions.values().map(|c| c.whole - c.repeated).sum()
    }

    /// The counts of each partition.
    pub fn partitions(&self) -> &BTreeMap<i32, Counts> {
        &self.partitions
    }

    fn holds(&self, token: u64, sequence: u64) -> bool {
        self.tokens.get(&token).is_some_and(|bits| bits.contains(sequence))
    }
}
