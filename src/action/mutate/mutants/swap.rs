//! `swap`: two records of a partition have changed places.

use super::super::{
    plain::{Of, Rewriting},
    records::Whole,
};
use crate::record::messages;

pub(super) const MUTANT: Rewriting = Rewriting { name: "swap", about, of: Of::Copy, change };

#[expect(clippy::ptr_arg, reason = "the form of all mutants of records")]
fn change(records: &mut Vec<Whole>) -> u64 {
    let middle = records.len() / 2;
    let neighbours =
        |at: &usize| records.get(at + 1).is_some_and(|next| next.partition == records[*at].partition);
    let Some(at) = (middle..records.len()).chain(0..middle).find(neighbours) else { return 0 };
    records.swap(at, at + 1);
    2
}

messages! {
    area "mutant swap";
    about() => "two records of a partition are in the wrong order" / "deux enregistrements d'une partition sont dans le mauvais ordre";
}
