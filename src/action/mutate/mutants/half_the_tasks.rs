//! `half-the-tasks`: one task does the work of all.

use super::super::{connectors::Part, plain::Setting};
use crate::record::messages;

pub(super) const MUTANT: Setting =
    Setting { name: "half-the-tasks", about, part: Part::Source, settings: &[("tasks.max", "1")] };

messages! {
    area "mutant half-the-tasks";
    about() => "the source connector has one task instead of the configured number" / "le connecteur source a une seule tâche au lieu du nombre configuré";
}
