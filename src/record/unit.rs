//! [`Unit`]: what a number of evidence counts.

use serde::{Deserialize, Serialize};

/// Unit of a number. MB is 1024 × 1024 bytes, as in Kafka's own tools.
#[derive(
    Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// MiB per second, written MB/s as Kafka's tools do.
    MbPerSecond,
    /// A whole number of things (records, partitions, errors).
    Count,
    /// Milliseconds.
    Milliseconds,
    /// A number without unit (a PromQL result, a state code).
    #[default]
    None,
    /// Percent, 0 to 100.
    Percent,
    /// A share, 0 to 1.
    Ratio,
    /// Records per second.
    RecordsPerSecond,
    /// Seconds.
    Seconds,
}

impl Unit {
    /// How the unit is written behind a number; empty for counts and bare numbers.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Bytes => "B",
            Self::MbPerSecond => "MB/s",
            Self::Count | Self::None | Self::Ratio => "",
            Self::Milliseconds => "ms",
            Self::Percent => "%",
            Self::RecordsPerSecond => "records/s",
            Self::Seconds => "s",
        }
    }

    /// The unit that a whole name of an expression says (`nominal.latency_ms.p99`: `ms`): an action's id, or what else a name
    /// begins with, says none.
    pub fn of_path<'p>(path: impl IntoIterator<Item = &'p str>) -> Option<Self> {
        let mut parts = path.into_iter().peekable();
        let of_another_run = parts.next().is_some_and(|root| ["baseline", "previous"].contains(&root));
        if of_another_run {
            parts.next();
        }
        Self::of_name(&parts.collect::<Vec<_>>().join("."))
    }

    /// The unit that the suffix of an output's or SLO's name says, where it says one (`latency_ms.p99`: `ms`).
    pub fn of_name(name: &str) -> Option<Self> {
        name.split('.').rev().find_map(|part| {
            [
                ("records_per_s", Self::RecordsPerSecond),
                ("mb_per_s", Self::MbPerSecond),
                ("_ms", Self::Milliseconds),
                ("_s", Self::Seconds),
                ("_bytes", Self::Bytes),
                ("_ratio", Self::Ratio),
                ("_percent", Self::Percent),
            ]
            .into_iter()
            .find(|(suffix, _)| part.ends_with(suffix) || part == suffix.trim_start_matches('_'))
            .map(|(_, unit)| unit)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_is_read_from_the_name() {
        assert_eq!(Unit::of_name("latency_ms.p99"), Some(Unit::Milliseconds));
        assert_eq!(Unit::of_name("throughput.records_per_s"), Some(Unit::RecordsPerSecond));
        assert_eq!(Unit::of_name("duration_s"), Some(Unit::Seconds));
        assert_eq!(Unit::of_name("errors"), None);
        for (path, unit) in [
            ("s.n", None),
            ("ms.n", None),
            ("wait_s.n", None),
            ("previous.s.n", None),
            ("nominal.latency_ms.p99", Some(Unit::Milliseconds)),
            ("previous.s.latency_ms.p99", Some(Unit::Milliseconds)),
            ("slo.wait_s", Some(Unit::Seconds)),
        ] {
            assert_eq!(Unit::of_path(path.split('.')), unit, "{path}");
        }
    }
}
