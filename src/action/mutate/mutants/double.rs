//! `double`: one record is on the copy twice.

use super::super::{
    plain::{Of, Rewriting},
    records::Whole,
};
use crate::record::messages;

pub(super) const MUTANT: Rewriting = Rewriting { name: "double", about, of: Of::Copy, change };

fn change(records: &mut Vec<Whole>) -> u64 {
    let at = records.len() / 2;
    let Some(record) = records.get(at).cloned() else { return 0 };
    records.insert(at, record);
    1
}

messages! {
    area "mutant double";
    about() => "one record is on the copy twice" / "un enregistrement est deux fois dans la copie";
}
