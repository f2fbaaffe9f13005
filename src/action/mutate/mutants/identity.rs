//! `identity`: the replication policy is another, so that copies have other names.

use super::super::{connectors::Part, plain::Setting};
use crate::record::messages;

pub(super) const MUTANT: Setting = Setting {
    name: "identity",
    about,
    part: Part::Source,
    settings: &[("replication.policy.class", "org.apache.kafka.connect.mirror.IdentityReplicationPolicy")],
};

messages! {
    area "mutant identity";
    about() => "copies bear the names of their topics (identity policy)" / "les copies portent le nom de leur topic (politique identité)";
}
