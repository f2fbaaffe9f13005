//! The register of action kinds: one module line and one register line a kind, both sorted.

mod contract;
mod mistake;
mod need;
mod param;
mod schema;

use crate::record::{ActionRole, Declared, Evidence, STATISTICS, Said, Speaks, refusal};
pub use contract::{
    Action, ActionContext, ActionError, ActionFailure, Claim, Earlier, Kind, Narrowed, OnInterrupt, Operator,
    Output, Progress, ProgressUpdate, Sort, flag_output, output, text_output,
};
pub use mistake::{Lack, Mistake, Use};
pub use need::Need;
pub use param::{Param, Share, Size, Span, Unresolved};
use std::{collections::BTreeMap, sync::Arc};
pub use uses::uses;

mod amount;
mod capacity;
mod capture;
mod certificates;
mod cluster;
mod command;
mod config_audit;
mod connect;
mod connector;
mod consume;
mod end_to_end;
mod exec;
mod failover;
mod fatal;
mod fault;
mod filling;
mod heartbeat;
mod http;
mod kafka_access;
mod kafka_tools;
mod kraft;
mod lag;
mod latency;
mod load_client;
mod manual;
mod mirror_access;
mod mistakes;
pub mod mutate;
mod offsets;
mod parity;
mod produce;
mod prometheus;
mod promise;
mod refusals;
mod replication;
mod scrape;
mod service;
mod shell;
mod snapshot;
#[cfg(test)]
mod test_context;
mod topic;
mod trogdor;
mod uses;
mod wait;
mod zookeeper;

/// One kind of action, as the register knows it.
pub struct KindInfo {
    /// The key in a step file.
    pub name: &'static str,
    /// What the kind does, in one sentence.
    pub summary: &'static str,
    /// One action as it is written in a step file.
    pub example: &'static str,
    /// The outputs that it promises, with unit and meaning.
    pub outputs: &'static [Output],
    /// Whether it changes, checks, breaks or loads the platform, or waits; the report groups actions by it.
    pub role: ActionRole,
    /// Whether it may be sampled as a watch.
    pub watch: bool,
    /// JSON Schema of its parameters, without the keys that all kinds share.
    pub schema: fn() -> schemars::Schema,
    /// Parses the parameters of an action of the kind.
    pub parse: fn(&serde_json::Value) -> Result<Arc<dyn Action>, ParamError>,
}

impl KindInfo {
    /// What the record holds of an action of this kind, for readers that know no kinds.
    pub fn declared(&self, action: &dyn Action) -> Declared {
        let mut families = self.promised().families;
        families.iter_mut().for_each(|(name, family)| *family = action.family(name).unwrap_or(*family));
        Declared { role: self.role_of(action), families }
    }

    /// What an action of this kind is for, with its parameters.
    pub fn role_of(&self, action: &dyn Action) -> ActionRole {
        if action.only_looks() { ActionRole::Check } else { self.role }
    }

    /// What every action of this kind says of itself.
    pub fn promised(&self) -> Declared {
        let mut families = BTreeMap::new();
        for output in self.outputs {
            let (whole, figure) = output.name.rsplit_once('.').unwrap_or((output.name, ""));
            let name = if STATISTICS.contains(&figure) { whole } else { output.name };
            families.insert(name.to_owned(), output.family);
        }
        Declared { role: self.role, families }
    }

    /// The first value that is not as its output promises (see [`Output::admits`]), in a few words.
    pub fn outside(&self, evidence: &Evidence) -> Option<String> {
        let mut values = self.outputs.iter().filter_map(|output| Some((output, evidence.get(output.name)?)));
        let (output, value) = values.find(|(output, value)| !output.admits(value))?;
        Some(format!("`{}.{}` is {value:?}", self.name, output.name))
    }
}

/// Parameters that a kind does not accept.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ParamError {
    /// Keys and indices from the parameters down to the mistake.
    pub path: Vec<String>,
    /// What is wrong with the parameter, with the value.
    pub message: Said,
}

impl Speaks for ParamError {
    fn said(&self) -> Said {
        self.message.clone()
    }
}

fn parse<K: Kind + serde::de::DeserializeOwned>(
    params: &serde_json::Value,
) -> Result<Arc<dyn Action>, ParamError> {
    serde_path_to_error::deserialize::<_, K>(params)
        .map(|action| Arc::new(action) as Arc<dyn Action>)
        .map_err(ParamError::from)
}

impl<E: std::fmt::Display> From<serde_path_to_error::Error<E>> for ParamError {
    fn from(error: serde_path_to_error::Error<E>) -> Self {
        Self {
            path: error.path().iter().map(ToString::to_string).collect(),
            message: refusal(&error.inner().to_string()),
        }
    }
}

macro_rules! action_kinds {
    ($($name:literal => $kind:ty),* $(,)?) => {
        /// Every kind, in the order of the names.
        pub const KINDS: &[KindInfo] = &[$(KindInfo {
            name: $name,
            summary: <$kind as Kind>::SUMMARY,
            example: <$kind as Kind>::EXAMPLE,
            outputs: <$kind as Kind>::OUTPUTS,
            role: <$kind as Kind>::ROLE,
            watch: <$kind as Kind>::WATCH,
            schema: crate::support::schema::of::<$kind>,
            parse: parse::<$kind>,
        }),*];
    };
}

action_kinds! {
    "capacity" => capacity::Capacity,
    "certificates" => certificates::Certificates,
    "cluster" => cluster::Cluster,
    "config-audit" => config_audit::ConfigAudit,
    "connect" => connect::Connect,
    "connector" => connector::Connector,
    "consume" => consume::Consume,
    "end-to-end" => end_to_end::EndToEnd,
    "exec" => exec::Exec,
    "failover" => failover::Failover,
    "fault" => fault::Fault,
    "heartbeat" => heartbeat::Heartbeat,
    "http" => http::Http,
    "kraft" => kraft::Kraft,
    "lag" => lag::Lag,
    "manual" => manual::Manual,
    "mutate" => mutate::Mutate,
    "offsets" => offsets::Offsets,
    "parity" => parity::Parity,
    "produce" => produce::Produce,
    "prometheus" => prometheus::Prometheus,
    "replication" => replication::Replication,
    "scrape" => scrape::Scrape,
    "shell" => shell::Shell,
    "snapshot" => snapshot::Snapshot,
    "topic" => topic::Topic,
    "trogdor" => trogdor::Trogdor,
    "wait" => wait::Wait,
    "zookeeper" => zookeeper::Zookeeper,
}

/// The kind that keeps the platform's configuration at the start of a run.
pub fn snapshot() -> Result<Arc<dyn Action>, ParamError> {
    parse::<snapshot::Snapshot>(&serde_json::json!({}))
}

/// Returns the kind of that name.
pub fn kind(name: &str) -> Option<&'static KindInfo> {
    KINDS.iter().find(|kind| kind.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_sorted_unique_and_kebab_case() {
        assert!(KINDS.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert!(KINDS.iter().all(|k| k.name.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
    }

    #[test]
    fn a_refused_parameter_is_said_in_both_languages() {
        for (name, params, french) in [
            ("wait", serde_json::json!({"for": "abc"}), "`abc` n'est pas une durée"),
            (
                "produce",
                serde_json::json!({"topic": "t", "records": 1, "rate": "0/s"}),
                "`0/s` n'est pas un débit",
            ),
            (
                "produce",
                serde_json::json!({"topic": "t", "records": 1, "rate": {"ramp": {"from": "1/s", "to": "0/s", "over": 1}}}),
                "le débit doit être supérieur à 0",
            ),
            (
                "shell",
                serde_json::json!({"argv": ["ls"], "on_interrupt": "rerun", "capture": {"a": {"regex": "b"}}}),
                "`b` n'a pas de groupe",
            ),
        ] {
            let error = (kind(name).unwrap().parse)(&params).map(drop).unwrap_err();
            let said = error.said();
            let said = said.in_language(crate::record::Language::Fr);
            assert!(said.starts_with(french), "{name} {params}: {said}");
        }
    }

    #[test]
    fn every_example_is_an_action_of_its_kind() {
        for kind in KINDS {
            let example: serde_json::Value = serde_yaml::from_str(kind.example)
                .unwrap_or_else(|e| panic!("example of `{}` is not YAML: {e}", kind.name));
            let mut params = example
                .get(kind.name)
                .unwrap_or_else(|| panic!("example of `{}` does not begin with its key", kind.name))
                .clone();
            for common in ["id", "timeout", "when"] {
                params.as_object_mut().map(|p| p.remove(common));
            }
            (kind.parse)(&params).unwrap_or_else(|e| panic!("example of `{}`: {e}", kind.name));
        }
    }

    /// The parameters of the example, without the keys that all kinds share.
    fn example(kind: &KindInfo) -> serde_json::Value {
        let mut params = serde_yaml::from_str::<serde_json::Value>(kind.example).unwrap()[kind.name].take();
        for common in ["id", "timeout", "when"] {
            params.as_object_mut().map(|p| p.remove(common));
        }
        params
    }

    #[test]
    fn every_example_is_as_its_schema_says_and_an_unknown_key_is_not() {
        for kind in KINDS {
            let schema = (kind.schema)();
            let validator = jsonschema::draft202012::new(schema.as_value()).unwrap();
            let mut params = example(kind);
            let errors: Vec<_> =
                validator.iter_errors(&params).map(|e| format!("{} at {}", e, e.instance_path())).collect();
            assert!(errors.is_empty(), "example of `{}`: {errors:#?}\n{schema:#?}", kind.name);
            params["no-such-key"] = 1.into();
            assert!(!validator.is_valid(&params), "`{}` takes any key", kind.name);
        }
    }

    #[test]
    fn every_parameter_says_what_it_is_for() {
        fn check(kind: &str, path: &str, schema: &serde_json::Value) {
            for (key, value) in schema["properties"].as_object().into_iter().flatten() {
                let described = value["description"].as_str().is_some_and(|text| text.ends_with('.'));
                assert!(described, "`{kind}`: `{path}{key}` has no sentence: {value:#}");
                check(kind, &format!("{path}{key}."), value);
            }
            for around in ["items", "additionalProperties"].map(|key| &schema[key]) {
                if around.is_object() {
                    check(kind, path, around);
                }
            }
            for form in schema["anyOf"].as_array().into_iter().flatten() {
                check(kind, path, form);
            }
        }
        for kind in KINDS {
            check(kind.name, "", (kind.schema)().as_value());
        }
    }

    #[test]
    fn a_parameter_takes_an_expression_where_it_may_be_computed() {
        let schema = (kind("produce").unwrap().schema)();
        let validator = jsonschema::draft202012::new(schema.as_value()).unwrap();
        let mut params = example(kind("produce").unwrap());
        for (key, value, valid) in [
            ("records", serde_json::json!("{{ profile.records }}"), true),
            ("records", serde_json::json!("many"), false),
            ("record_size", serde_json::json!("1 MiB"), true),
            ("payload", serde_json::json!("zeros"), true),
            ("payload", serde_json::json!("sand"), false),
        ] {
            let before = params[key].take();
            params[key] = value.clone();
            assert_eq!(validator.is_valid(&params), valid, "{key}: {value}");
            match before.is_null() {
                true => drop(params.as_object_mut().unwrap().remove(key)),
                false => params[key] = before,
            }
        }
    }

    #[test]
    fn every_output_says_what_it_means() {
        for output in KINDS.iter().flat_map(|k| k.outputs) {
            assert!(output.meaning.ends_with('.'), "{} has no sentence", output.name);
            let says_whether = output.meaning.starts_with("Whether");
            assert_eq!(
                says_whether,
                output.sort == Sort::Flag,
                "{}: only a flag is a *whether*",
                output.name
            );
            if let Some(unit) = Unit::of_name(output.name) {
                assert_eq!(unit, output.unit, "the name `{}` says another unit", output.name);
            }
        }
    }

    #[test]
    fn a_criterion_that_no_value_of_an_output_could_break_is_refused() {
        let numbers = KINDS
            .iter()
            .flat_map(|k| k.outputs.iter().map(move |output| (k.name, output)))
            .filter(|(_, output)| output.sort == Sort::Number);
        for (kind, output) in numbers {
            let never_fails = |comparison: &str, bound: f64| {
                let text = format!("a.{} {comparison} {:?}", output.name, bound.clamp(-1e9, 1e9));
                let certain = Expression::parse(&text).unwrap().certain(&|_| output.known());
                certain.is_some_and(|(holds, _)| holds)
            };
            let name = format!("{kind}.{}", output.name);
            let (least, most) = (output.least.unwrap_or(f64::MIN), output.most.unwrap_or(f64::MAX));
            assert_eq!(never_fails(">=", least), output.least.is_some(), "{name}");
            assert_eq!(never_fails("<=", most), output.most.is_some(), "{name}");
        }
    }

    #[test]
    fn only_a_number_that_can_be_negative_is_declared_so() {
        let signed: Vec<String> = KINDS
            .iter()
            .flat_map(|k| k.outputs.iter().map(move |output| (k.name, output)))
            .filter(|(_, output)| output.sort == Sort::Number && output.least.is_none_or(|least| least < 0.0))
            .map(|(kind, output)| format!("{kind}.{}", output.name))
            .collect();
        // A test of each of these kinds sees it negative. The engine holds every value against its range in debug builds.
        let seen = [
            "certificates.days_left",
            "consume.clock_ahead_max_ms",
            "heartbeat.newest_age_s",
            "heartbeat.max_gap_s",
            "heartbeat.replicated.newest_age_s",
            "offsets.checkpoint_age_s",
            "prometheus.value",
            "prometheus.min",
            "prometheus.max",
            "prometheus.avg",
        ];
        assert_eq!(signed, seen);
    }

    #[test]
    fn the_record_holds_the_family_of_every_output() {
        for kind in KINDS {
            let promised = kind.promised();
            for output in kind.outputs {
                assert_eq!(
                    promised.family(output.name),
                    Some(output.family),
                    "{}.{}",
                    kind.name,
                    output.name
                );
            }
        }
    }

    #[test]
    fn a_value_beyond_its_range_or_of_another_unit_is_seen() {
        let kind = kind("produce").unwrap();
        let with = |name: &str, value| {
            let mut evidence = Evidence::default();
            evidence.put(name, value);
            kind.outside(&evidence)
        };
        assert_eq!(with("largest_broker_ratio", Value::number(1.0, Unit::Ratio)), None);
        assert_eq!(with("largest_broker_ratio", Value::missing("why")), None);
        assert_eq!(with("of nobody's", Value::number(-1.0, Unit::None)), None);
        for (name, value) in [
            ("largest_broker_ratio", Value::number(1.1, Unit::Ratio)),
            ("records_sent", Value::number(-1.0, Unit::Count)),
            ("latency_ms.p99", Value::number(1.0, Unit::Seconds)),
            ("latency_ms.p99", Value::Flag(true)),
        ] {
            assert!(with(name, value).is_some_and(|told| told.contains(name)), "{name}");
        }
    }

    use crate::{
        expression::Expression,
        record::{Unit, Value},
    };
}
