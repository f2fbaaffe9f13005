//! `checkpoints-silent`: no checkpoint is emitted any more.

use super::super::{connectors::Part, plain::Paused};
use crate::record::messages;

pub(super) const MUTANT: Paused = Paused { name: "checkpoints-silent", about, part: Part::Checkpoint };

messages! {
    area "mutant checkpoints-silent";
    about() => "no checkpoint is emitted" / "aucun checkpoint n'est émis";
}
