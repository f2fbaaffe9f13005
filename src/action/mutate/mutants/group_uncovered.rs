//! `group-uncovered`: the checkpoint connector leaves a group out.

use super::super::{connectors::Part, plain::Setting};
use crate::record::messages;

pub(super) const MUTANT: Setting = Setting {
    name: "group-uncovered",
    about,
    part: Part::Checkpoint,
    settings: &[("groups.exclude", ".*-midway")],
};

messages! {
    area "mutant group-uncovered";
    about() => "offsets of a group are not copied" / "les offsets d'un groupe ne sont pas copiés";
}
