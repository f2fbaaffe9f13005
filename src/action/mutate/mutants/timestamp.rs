//! `timestamp`: one record has another timestamp.

use super::super::{
    plain::{Of, Rewriting},
    records::Whole,
};
use crate::record::messages;

pub(super) const MUTANT: Rewriting = Rewriting { name: "timestamp", about, of: Of::Copy, change };

#[expect(clippy::ptr_arg, reason = "the form of all mutants of records")]
fn change(records: &mut Vec<Whole>) -> u64 {
    let at = records.len() / 2;
    let Some(time) = records.get_mut(at).and_then(|record| record.timestamp.as_mut()) else { return 0 };
    *time -= 3_600_000;
    1
}

messages! {
    area "mutant timestamp";
    about() => "one record has another timestamp" / "un enregistrement a un autre horodatage";
}
