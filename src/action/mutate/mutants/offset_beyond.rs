//! `offset-beyond`: a group stands on the target beyond the last record.

use super::super::offsets::{Moved, Place};
use crate::record::messages;

pub(super) const MUTANT: Moved = Moved { name: "offset-beyond", about, to };

fn to(place: Place) -> i64 {
    place.end + 1000
}

messages! {
    area "mutant offset-beyond";
    about() => "a group stands on the target beyond the end" / "un groupe se trouve sur la cible au-delà de la fin";
}
