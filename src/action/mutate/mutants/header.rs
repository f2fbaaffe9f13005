//! `header`: one record lost its headers, or has one more.

use super::super::{
    plain::{Of, Rewriting},
    records::Whole,
};
use crate::record::messages;

pub(super) const MUTANT: Rewriting = Rewriting { name: "header", about, of: Of::Copy, change };

#[expect(clippy::ptr_arg, reason = "the form of all mutants of records")]
fn change(records: &mut Vec<Whole>) -> u64 {
    let at = records.len() / 2;
    let Some(record) = records.get_mut(at) else { return 0 };
    match record.headers.is_empty() {
        true => record.headers.push(("other".to_owned(), Some(b"1".to_vec()))),
        false => record.headers.clear(),
    }
    1
}

messages! {
    area "mutant header";
    about() => "the headers of one record are others" / "les en-têtes d'un enregistrement sont autres";
}
