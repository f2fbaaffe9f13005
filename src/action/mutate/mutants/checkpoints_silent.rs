//! `checkpoints-silent`: no checkpoint is emitted any more.

use super::super::{connectors::Part, plain::Held};
use crate::record::messages;

pub(super) const MUTANT: Held = Held { name: "checkpoints-silent", about, part: Part::Checkpoint };

messages! {
    area "mutant checkpoints-silent";
    about() => "no checkpoint is emitted" / "aucun checkpoint n'est émis";
}
