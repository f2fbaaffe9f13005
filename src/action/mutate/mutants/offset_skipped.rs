//! `offset-skipped`: a group stands on the target behind records that it never read.

use super::super::offsets::{Moved, Place};
use crate::record::messages;

pub(super) const MUTANT: Moved = Moved { name: "offset-skipped", about, to };

/// Half of what is left: some records further on it might only be where the offset would be without the caution of the
/// translation.
fn to(place: Place) -> i64 {
    place.at + (place.end - place.at + 1) / 2
}

messages! {
    area "mutant offset-skipped";
    about() => "the offset of a group on the target is past records that it has not read" / "l'offset d'un groupe sur la cible est après des enregistrements qu'il n'a pas lus";
}
