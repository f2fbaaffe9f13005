//! [`Left`]: a record that found no partner in its partition.

use super::print::Print;

/// One side of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Where the records were produced.
    Source,
    /// The copy.
    Target,
}

/// A record that found no partner in its partition.
#[derive(Debug, Clone, Copy)]
pub struct Left {
    /// Side on which the record was read; the other one has no partner for it.
    pub side: Side,
    /// Number of the partition that it was read from.
    pub partition: i32,
    /// The record.
    pub print: Print,
    /// Its place among the records of its partition that were read.
    pub(super) position: u64,
    /// Whether records behind it had found their partners when it was left.
    pub(super) overtaken: bool,
    /// Whether the source may have had it before its log's beginning: then it is no record that nobody sent.
    pub(super) expirable: bool,
}
