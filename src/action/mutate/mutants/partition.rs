//! `partition`: one record is on another partition than at the source.

use super::super::{
    plain::{Of, Rewriting},
    records::Whole,
    topics,
};
use crate::record::messages;

pub(super) const MUTANT: Rewriting = Rewriting { name: "partition", about, of: Of::Copy, change };

#[expect(clippy::ptr_arg, reason = "the form of all mutants of records")]
fn change(records: &mut Vec<Whole>) -> u64 {
    let partitions = topics::partitions(records);
    let at = records.len() / 2;
    let Some(record) = records.get_mut(at) else { return 0 };
    let Some(other) = partitions.into_iter().find(|other| *other != record.partition) else { return 0 };
    record.partition = other;
    1
}

messages! {
    area "mutant partition";
    about() => "one record is on another partition than at the source" / "un enregistrement est dans une autre partition qu'à la source";
}
