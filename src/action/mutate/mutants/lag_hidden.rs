//! `lag-hidden`: records are missing, and repeats of others make the copy as long as its topic.

use super::super::{
    plain::{Of, Rewriting},
    records::Whole,
};
use crate::record::messages;

pub(super) const MUTANT: Rewriting = Rewriting { name: "lag-hidden", about, of: Of::Copy, change };

#[expect(clippy::ptr_arg, reason = "the form of all mutants of records")]
fn change(records: &mut Vec<Whole>) -> u64 {
    let Some(partition) = records.first().map(|record| record.partition) else { return 0 };
    let own = records.iter().take_while(|record| record.partition == partition).count();
    // The last tenth is not there; the tenth before it is there twice.
    let tenth = own / 10;
    for at in own - tenth..own {
        records[at] = records[at - tenth].clone();
    }
    tenth as u64
}

messages! {
    area "mutant lag-hidden";
    about() => "the newest records of a partition are missing, and repeats of others hide the gap" / "les derniers enregistrements d'une partition manquent, et des répétitions d'autres cachent l'écart";
}
