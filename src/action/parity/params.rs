//! What a step says of a comparison of two clusters.

use serde::Deserialize;

/// Parameters of `parity`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::action) struct Parity {
    /// The cluster from which records are copied, by its name in the environment.
    pub(super) source: String,
    /// The cluster to which they are copied.
    pub(super) target: String,
    /// MirrorMaker 2's source connector, whose settings, as Connect has them, say what is copied. Left out, `mirror` of
    /// the environment says it.
    #[serde(default)]
    pub(super) connector: Option<String>,
    /// Its checkpoint connector, whose settings say which groups are covered. Left out, every checkpoint connector
    /// of the flow on Connect counts.
    #[serde(default)]
    pub(super) checkpoint: Option<String>,
    /// The topics that are copied, as names or patterns, in place of what the connector or the environment says.
    #[serde(default)]
    pub(super) topics: Vec<String>,
    /// What is put before a topic's name on the target; empty where topics keep their names. The default follows the connector, else
    /// `mirror` of the environment.
    #[serde(default)]
    pub(super) prefix: Option<String>,
    /// Topics of the source that no flow copies on purpose, as names or patterns; counted as expected.
    #[serde(default)]
    pub(super) ignore_topics: Vec<String>,
    /// Settings of topics that differ on purpose, as names or patterns; counted as expected.
    #[serde(default)]
    pub(super) ignore_configs: Vec<String>,
    /// Groups that no flow covers on purpose, as names or patterns; counted as expected.
    #[serde(default)]
    pub(super) ignore_groups: Vec<String>,
}
