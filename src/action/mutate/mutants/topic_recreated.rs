//! `topic-recreated`: a topic is deleted and created again at the source, with the second half of its records.

use super::super::{
    plain::{Of, Rewriting},
    records::Whole,
};
use crate::record::messages;
use std::collections::BTreeMap;

pub(super) const MUTANT: Rewriting = Rewriting { name: "topic-recreated", about, of: Of::Source, change };

fn change(records: &mut Vec<Whole>) -> u64 {
    let before = records.len();
    let mut left: BTreeMap<i32, usize> = BTreeMap::new();
    records.iter().for_each(|record| *left.entry(record.partition).or_default() += 1);
    left.values_mut().for_each(|records| *records /= 2);
    // The first half of each partition.
    records.retain(|record| match left.get_mut(&record.partition) {
        Some(left) if *left > 0 => {
            *left -= 1;
            false
        }
        _ => true,
    });
    (before - records.len()) as u64
}

messages! {
    area "mutant topic-recreated";
    about() => "a topic was deleted at the source and created again" / "un topic a été supprimé à la source puis recréé";
}
