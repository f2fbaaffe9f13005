//! `source-lost`: the source itself loses records that it had acknowledged, before they are copied.

use super::super::{
    plain::{Of, Rewriting},
    records::Whole,
};
use crate::record::messages;

pub(super) const MUTANT: Rewriting = Rewriting { name: "source-lost", about, of: Of::SourceUncopied, change };

fn change(records: &mut Vec<Whole>) -> u64 {
    // Every tenth.
    let before = records.len();
    let mut number = 0_u64;
    records.retain(|_| {
        number += 1;
        !number.is_multiple_of(10)
    });
    (before - records.len()) as u64
}

messages! {
    area "mutant source-lost";
    about() => "the source lost records that it had acknowledged" / "la source a perdu des enregistrements qu'elle avait acquittés";
}
