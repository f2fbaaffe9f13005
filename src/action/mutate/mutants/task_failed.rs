//! `task-failed`: the producer of the tasks may send no record, which Connect does not try again.

use super::super::{connectors::Part, plain::Setting};
use crate::record::messages;

pub(super) const MUTANT: Setting = Setting {
    name: "task-failed",
    about,
    part: Part::Source,
    settings: &[("producer.override.max.request.size", "40")],
};

messages! {
    area "mutant task-failed";
    about() => "the tasks of the source connector fail at their first record" / "les tâches du connecteur source échouent à leur premier enregistrement";
}
