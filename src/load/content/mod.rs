//! The comparison of a topic with its copy by content: [`Print`] is what is kept of a record, [`Lane`] compares one
//! partition in the order of its records, and [`Account`] puts the partitions together.
//!
//! Memory does not grow with the number of records. Of each side of a partition the records that have found no partner
//! yet are kept, at most a window of them; a record whose partner is further away is one that is lost and one that is
//! unexpected. What is left over so is kept for the whole topic, up to a limit, and may still find its partner in another
//! partition.

mod account;
mod lane;
mod left;
mod print;
mod waiting;

pub use account::{Account, Kept, Total};
pub use lane::{Bounds, Counts, First, Lane, What};
pub use left::{Left, Side};
pub use print::{Fields, Print, Printer, Time};

#[cfg(test)]
mod tests;
