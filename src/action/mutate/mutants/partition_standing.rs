//! `partition-standing`: one partition of the copy stands still in mid-load.

use super::super::{
    plain::{Of, Rewriting},
    records::Whole,
};
use crate::record::messages;

pub(super) const MUTANT: Rewriting = Rewriting { name: "partition-standing", about, of: Of::Copy, change };

fn change(records: &mut Vec<Whole>) -> u64 {
    let Some(partition) = records.first().map(|record| record.partition) else { return 0 };
    let own = records.iter().take_while(|record| record.partition == partition).count();
    records.drain(own / 2..own).count() as u64
}

messages! {
    area "mutant partition-standing";
    about() => "one partition of the copy is stalled since the middle of the load" / "une partition de la copie n'avance plus depuis le milieu de la charge";
}
