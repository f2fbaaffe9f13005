//! A measured value with its unit, or the reason why there is none.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Unit of a number. MB is 1024 × 1024 bytes, as in Kafka's own tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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

/// One value of evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// Nothing could be measured, and why. Never compares: a criterion over it is inconclusive.
    Missing(String),
    /// A finite number. Make one with [`Value::number`], which turns NaN and infinities into `Missing`.
    Number(f64, Unit),
    /// A text, such as a version.
    Text(String),
}

impl Value {
    /// A number, or [`Value::Missing`] when it is NaN or infinite.
    pub fn number(value: f64, unit: Unit) -> Self {
        if value.is_finite() {
            Self::Number(value, unit)
        } else {
            Self::Missing(format!("the value is {value}"))
        }
    }

    /// A whole number of things.
    pub fn count(value: u64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
        Self::Number(value as f64, Unit::Count)
    }

    /// A text.
    pub fn text(value: impl Into<String>) -> Self {
        Self::Text(value.into())
    }

    /// The number, where it is one.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Number(value, _) => Some(*value),
            _ => None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(yes) => f.write_str(if *yes { "yes" } else { "no" }),
            Self::Missing(reason) => write!(f, "not measured ({reason})"),
            Self::Number(value, unit) => {
                f.write_str(&plain_number(*value))?;
                match unit.symbol() {
                    "" => Ok(()),
                    symbol => write!(f, " {symbol}"),
                }
            }
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// The number with as many decimals as a reader needs: none when whole, else three significant digits or more.
pub fn plain_number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return format!("{value:.0}");
    }
    let decimals = match value.abs() {
        a if a >= 100.0 => 1,
        a if a >= 1.0 => 2,
        a if a >= 0.01 => 4,
        _ => 6,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_and_infinity_are_missing() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(matches!(Value::number(bad, Unit::Milliseconds), Value::Missing(_)));
        }
    }

    #[test]
    fn the_unit_is_read_from_the_name() {
        assert_eq!(Unit::of_name("latency_ms.p99"), Some(Unit::Milliseconds));
        assert_eq!(Unit::of_name("throughput.records_per_s"), Some(Unit::RecordsPerSecond));
        assert_eq!(Unit::of_name("duration_s"), Some(Unit::Seconds));
        assert_eq!(Unit::of_name("errors"), None);
    }

    #[test]
    fn numbers_read_as_a_person_writes_them() {
        assert_eq!(Value::number(123.456, Unit::Milliseconds).to_string(), "123.5 ms");
        assert_eq!(Value::count(1_800_000).to_string(), "1800000");
    }
}
