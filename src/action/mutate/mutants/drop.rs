//! `drop`: one record is not on the copy.

use super::super::{
    plain::{Of, Rewriting},
    records::Whole,
};
use crate::record::messages;

pub(super) const MUTANT: Rewriting = Rewriting { name: "drop", about, of: Of::Copy, change };

fn change(records: &mut Vec<Whole>) -> u64 {
    if records.len() < 2 {
        return 0;
    }
    records.remove(records.len() / 2);
    1
}

messages! {
    area "mutant drop";
    about() => "one record is missing on the copy" / "il manque un enregistrement dans la copie";
}
