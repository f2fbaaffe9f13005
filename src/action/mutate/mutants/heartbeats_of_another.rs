//! `heartbeats-of-another`: heartbeats come, and name another source.

use super::super::{connectors::Part, plain::Setting};
use crate::record::messages;

pub(super) const MUTANT: Setting = Setting {
    name: "heartbeats-of-another",
    about,
    part: Part::Heartbeat,
    settings: &[("source.cluster.alias", "elsewhere")],
};

messages! {
    area "mutant heartbeats-of-another";
    about() => "heartbeats are those of another flow" / "les heartbeats sont ceux d'un autre flux";
}
