//! `phantom`: the copy holds a record that the source never had.

use super::super::{
    plain::{Of, Rewriting},
    records::{Whole, stamped},
};
use crate::record::messages;

pub(super) const MUTANT: Rewriting = Rewriting { name: "phantom", about, of: Of::Copy, change };

fn change(records: &mut Vec<Whole>) -> u64 {
    let at = records.len() / 2;
    let Some(phantom) = records.get(at).map(|record| stamped(record, 0)) else { return 0 };
    records.insert(at, phantom);
    1
}

messages! {
    area "mutant phantom";
    about() => "the copy holds a record that the source never had" / "la copie contient un enregistrement que la source n'a jamais eu";
}
