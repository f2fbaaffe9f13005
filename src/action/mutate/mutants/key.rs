//! `key`: the key of one record is another.

use super::super::{
    plain::{Of, Rewriting},
    records::Whole,
};
use crate::record::messages;

pub(super) const MUTANT: Rewriting = Rewriting { name: "key", about, of: Of::Copy, change };

#[expect(clippy::ptr_arg, reason = "the form of all mutants of records")]
fn change(records: &mut Vec<Whole>) -> u64 {
    let at = records.len() / 2;
    let Some(record) = records.get_mut(at) else { return 0 };
    record.key = Some(match record.key.take() {
        Some(mut key) if !key.is_empty() => {
            key[0] ^= 1;
            key
        }
        _ => b"other".to_vec(),
    });
    1
}

messages! {
    area "mutant key";
    about() => "the key of one record is another" / "la clé d'un enregistrement est une autre";
}
