//! `heartbeats-silent`: no heartbeat is emitted any more.

use super::super::{connectors::Part, plain::Paused};
use crate::record::messages;

pub(super) const MUTANT: Paused = Paused { name: "heartbeats-silent", about, part: Part::Heartbeat };

messages! {
    area "mutant heartbeats-silent";
    about() => "no heartbeat is emitted" / "aucun heartbeat n'est émis";
}
