//! `offset-beyond`: a group stands on the target beyond the last record.

use super::super::offsets::{Moved, Place};
use crate::record::messages;

pub(super) const MUTANT: Moved = Moved { name: "offset-beyond", about, to };

fn to(place: Place) -> i64 {
    place.end + 1000
}

messages! {
    area "mutant offset-beyond";
    about() => "the offset of a group on the target is beyond the end" / "l'offset d'un groupe sur la cible est au-delà de la fin";
}
