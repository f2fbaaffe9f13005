//! `topic-uncovered`: the source connector leaves a topic out that nothing is sent to.

use super::super::{connectors::Part, plain::Setting};
use crate::record::messages;

pub(super) const MUTANT: Setting = Setting {
    name: "topic-uncovered",
    about,
    part: Part::Source,
    settings: &[("topics.exclude", ".*endurance")],
};

messages! {
    area "mutant topic-uncovered";
    about() => "a topic is not copied" / "un topic n'est pas copié";
}
