//! `offset-rewound`: a group stands on the target where it began.

use super::super::offsets::{Moved, Place};
use crate::record::messages;

pub(super) const MUTANT: Moved = Moved { name: "offset-rewound", about, to };

fn to(place: Place) -> i64 {
    place.begin
}

messages! {
    area "mutant offset-rewound";
    about() => "the offset of a group on the target is at its first record" / "l'offset d'un groupe sur la cible est à son premier enregistrement";
}
