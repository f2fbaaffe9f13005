//! `value`: one byte in the value of one record is another.

use super::super::{
    plain::{Of, Rewriting},
    records::Whole,
};
use crate::record::messages;

pub(super) const MUTANT: Rewriting = Rewriting { name: "value", about, of: Of::Copy, change };

#[expect(clippy::ptr_arg, reason = "the form of all mutants of records")]
fn change(records: &mut Vec<Whole>) -> u64 {
    let has_value = |record: &&mut Whole| record.value.as_ref().is_some_and(|value| !value.is_empty());
    let middle = records.len() / 2;
    let Some(record) = records.iter_mut().skip(middle).find(has_value) else { return 0 };
    let Some(last) = record.value.as_mut().and_then(|value| value.last_mut()) else { return 0 };
    *last ^= 1;
    1
}

messages! {
    area "mutant value";
    about() => "one byte in the value of one record is another" / "un octet de la valeur d'un enregistrement est un autre";
}
