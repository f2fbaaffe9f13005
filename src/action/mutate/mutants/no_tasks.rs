//! `no-tasks`: the connector runs, and no topic matches its `topics`.

use super::super::{connectors::Part, plain::Setting};
use crate::record::messages;

pub(super) const MUTANT: Setting = Setting {
    name: "no-tasks",
    about,
    part: Part::Source,
    settings: &[("topics", "no-topic-has-this-name")],
};

messages! {
    area "mutant no-tasks";
    about() => "the source connector runs and has no tasks, because no topic matches" / "le connecteur source tourne sans aucune tâche, car aucun topic ne correspond";
}
