//! A measured value with its unit, or the reason why there is none.

use super::{Said, said::Arg};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Unit of a number. MB is 1024 × 1024 bytes, as in Kafka's own tools.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// Nothing could be measured, and why. Never compares: a criterion over it is inconclusive.
    Missing(Said),
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
            Self::missing(not_finite(Arg::text(value)))
        }
    }

    /// A whole number of things.
    pub fn count(value: u64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
        Self::Number(value as f64, Unit::Count)
    }

    /// No value, and why.
    pub fn missing(reason: impl Into<Said>) -> Self {
        Self::Missing(reason.into())
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

super::messages! {
    area "quantity";
    not_finite(value) => "the value is {value}" / "la valeur est {value}";
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

/// The number with as many decimals as a reader needs.
pub fn plain_number(value: f64) -> String {
    format!("{value:.*}", usual_decimals(value))
}

/// An observed value and its limit as texts in the order that their exact values have.
pub fn plain_pair(observed: &Value, limit: &Value) -> (String, String) {
    let (Value::Number(a, unit_a), Value::Number(b, unit_b)) = (observed, limit) else {
        return (observed.to_string(), limit.to_string());
    };
    let (first, second) = decimals_of_pair(*a, *b);
    let text = |value: f64, decimals: usize, unit: Unit| match unit.symbol() {
        "" => format!("{value:.decimals$}"),
        symbol => format!("{value:.decimals$} {symbol}"),
    };
    (text(*a, first, *unit_a), text(*b, second, *unit_b))
}

/// Decimals of the shortest text that means this number exactly.
fn exact_decimals(value: f64) -> usize {
    value.to_string().split_once('.').map_or(0, |(_, part)| part.len())
}

/// Decimals that a reader needs: two where a test tool prints two, more for small numbers, none that say nothing.
pub fn usual_decimals(value: f64) -> usize {
    exact_decimals(value).min(match value.abs() {
        a if a >= 1.0 => 2,
        a if a >= 0.01 => 4,
        a if a >= 0.000_1 => 6,
        _ => 9,
    })
}

/// Decimals beyond which an `f64` has no more to tell here.
const MOST_DECIMALS: usize = 17;

/// Decimals with which an observed number and its limit are shown in the order that their exact values have: a rounded
/// display never shows as equal, or the other way round, what a verdict has told apart. A limit is shown as it was
/// written.
pub fn decimals_of_pair(observed: f64, limit: f64) -> (usize, usize) {
    let written = exact_decimals(limit);
    let mut first = usual_decimals(observed);
    let mut second = if written <= 6 { written } else { usual_decimals(limit) };
    let shown = |value: f64, decimals: usize| format!("{value:.decimals$}").parse::<f64>().unwrap_or(value);
    while shown(observed, first).partial_cmp(&shown(limit, second)) != observed.partial_cmp(&limit) {
        // A whole number gains nothing by zeros behind it.
        let grow = |value: f64, decimals: usize| match value.fract() == 0.0 {
            true => decimals,
            false => (decimals + 1).min(MOST_DECIMALS),
        };
        let grown = (grow(observed, first), grow(limit, second));
        if grown == (first, second) {
            break;
        }
        (first, second) = grown;
    }
    (first, second)
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
        assert_eq!(Value::number(123.456, Unit::Milliseconds).to_string(), "123.46 ms");
        assert_eq!(Value::number(0.99, Unit::Ratio).to_string(), "0.99");
        assert_eq!(Value::count(1_800_000).to_string(), "1800000");
    }

    #[test]
    fn what_a_verdict_tells_apart_is_not_shown_as_equal() {
        for (a, b) in [
            (99.999_999, 100.0),
            (100.000_001, 100.0),
            (0.999_96, 1.0),
            (0.999_96, 1.000_01),
            (99.996, 99.9961),
            (99.985, 99.989),
            (1e-12, 0.0),
            (123.456, 123.456_000_1),
        ] {
            let (observed, limit) = plain_pair(&Value::number(a, Unit::None), &Value::number(b, Unit::None));
            let (shown_a, shown_b): (f64, f64) = (observed.parse().unwrap(), limit.parse().unwrap());
            assert_eq!(shown_a.partial_cmp(&shown_b), a.partial_cmp(&b), "{observed} and {limit}");
        }
        let pair =
            plain_pair(&Value::number(3964.927, Unit::Milliseconds), &Value::number(100.0, Unit::None));
        assert_eq!(pair, ("3964.93 ms".to_owned(), "100".to_owned()));
    }
}
