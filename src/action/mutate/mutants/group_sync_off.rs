//! `group-sync-off`: checkpoints come, and no offset of a group is written on the target.

use super::super::{connectors::Part, plain::Setting};
use crate::record::messages;

pub(super) const MUTANT: Setting = Setting {
    name: "group-sync-off",
    about,
    part: Part::Checkpoint,
    settings: &[("sync.group.offsets.enabled", "false")],
};

messages! {
    area "mutant group-sync-off";
    about() => "offsets of groups are not written on the target" / "les offsets des groupes ne sont pas écrits sur la cible";
}
