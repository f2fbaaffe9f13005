//! `offset-rewound`: a group stands on the target where it began.

use super::super::offsets::{Moved, Place};
use crate::record::messages;

pub(super) const MUTANT: Moved = Moved { name: "offset-rewound", about, to };

fn to(place: Place) -> i64 {
    place.begin
}

messages! {
    area "mutant offset-rewound";
    about() => "a group stands on the target at its first record" / "un groupe se trouve sur la cible à son premier enregistrement";
}
