//! [`Campaign`]: `plan/campaign.yaml`, what the whole plan shares.

use super::notify::Notify;
use crate::record::Localized;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The campaign file.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    /// Name, as runs and reports carry it.
    pub name: String,
    /// Title of the report.
    #[serde(default)]
    pub title: Localized,
    /// Who writes the reports; those who made the runs otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<String>,
    /// Version of the reports, as their cover shows it; 1 otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Who may read the reports, as their cover shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classification: Option<String>,
    /// Languages of the reports, the first one being the default.
    #[serde(default)]
    pub languages: Vec<String>,
    /// The environment of a run that names none; not needed where there is only one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub default_environment: String,
    /// The profile of a run that names none; not needed where there is only one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub default_profile: String,
    /// The run that `baseline.…` means where the command line names none.
    #[serde(default)]
    pub baseline: Option<String>,
    /// Service level objectives; the suffix of the name is the unit (`producer_p99_ms`).
    #[serde(default, deserialize_with = "nothing_is_empty")]
    pub slo: BTreeMap<String, f64>,
    /// Sets of sizes, rates and durations, by name. Every profile has the same keys.
    pub profiles: BTreeMap<String, BTreeMap<String, Value>>,
    /// Values of the campaign's own, for expressions.
    #[serde(default, deserialize_with = "nothing_is_empty")]
    pub vars: BTreeMap<String, Value>,
    /// What a reader of the report must know about the platform.
    #[serde(default, deserialize_with = "nothing_is_empty")]
    pub facts: BTreeMap<String, Fact>,
    /// Who is told what happens in a run: chat tools, programs, a mail command.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nothing_is_empty")]
    pub notify: Vec<Notify>,
}

/// A key behind which nothing is written (`slo:`) has no entries yet.
fn nothing_is_empty<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// One fact about the platform; without a value it is shown as *not supplied*.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// What it is.
    pub label: Localized,
    /// Its value; a text may be given for each language, as the label is.
    #[serde(default)]
    pub value: Option<Value>,
    /// Whether it is about what this plan does and not about the platform: reports of days without a run leave it out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub of_the_plan: bool,
    /// Who or what says so; a value without a source is a problem.
    #[serde(default)]
    pub source: Option<Localized>,
}
