//! [`Estimate`]: how long a step should take, always or in each profile.

use crate::action::Span;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;
use std::{collections::BTreeMap, time::Duration};

/// What a step file says under `estimate`.
#[derive(Debug, Clone, PartialEq, schemars::JsonSchema)]
#[schemars(untagged)]
pub enum Estimate {
    /// `45m`: in every profile.
    Always(Span),
    /// `{smoke: 1m, nominal: 45m}`; in a profile that is not among them it is unknown.
    ByProfile(BTreeMap<String, Span>),
}

impl Estimate {
    /// The time in that profile, where it is known.
    pub fn of(&self, profile: &str) -> Option<Duration> {
        match self {
            Self::Always(span) => Some(span.0),
            Self::ByProfile(spans) => spans.get(profile).map(|span| span.0),
        }
    }

    /// The profiles that it names.
    pub fn profiles(&self) -> impl Iterator<Item = &str> {
        let spans = match self {
            Self::Always(_) => None,
            Self::ByProfile(spans) => Some(spans),
        };
        spans.into_iter().flat_map(|spans| spans.keys().map(String::as_str))
    }
}

impl<'de> Deserialize<'de> for Estimate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let read = match value.is_object() {
            true => serde_json::from_value(value).map(Self::ByProfile),
            false => serde_json::from_value(value).map(Self::Always),
        };
        read.map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn estimate(value: Value) -> Result<Estimate, String> {
        serde_json::from_value(value).map_err(|e| e.to_string())
    }

    #[test]
    fn an_estimate_is_of_every_profile_or_of_each() {
        let minutes = |n: u64| Some(Duration::from_secs(60 * n));
        let always = estimate(json!("45m")).unwrap();
        assert_eq!((always.of("smoke"), always.of("nominal")), (minutes(45), minutes(45)));
        assert_eq!(always.profiles().count(), 0);
        let each = estimate(json!({"smoke": "1m", "nominal": "45m"})).unwrap();
        assert_eq!((each.of("smoke"), each.of("nominal"), each.of("soak")), (minutes(1), minutes(45), None));
        assert_eq!(each.profiles().collect::<Vec<_>>(), ["nominal", "smoke"]);
        for wrong in [json!("long"), json!({"smoke": "long"}), json!({"smoke": {"a": "1m"}}), json!(["1m"])] {
            let error = estimate(wrong).unwrap_err();
            assert!(error.contains("a duration such as") || error.contains("long"), "{error}");
        }
    }
}
