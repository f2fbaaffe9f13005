//! A measured value with its unit, or the reason why there is none.

use super::{
    Language, Said,
    decimals::{plain_number, usual_decimals},
    said::Arg,
    unit::Unit,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One value of evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// A boolean.
    Flag(bool),
    /// Nothing could be measured, and why. Never compares: a criterion over it is inconclusive.
    Missing(Said),
    /// A finite number. Make one with [`Value::number`], which turns NaN and infinities into `Missing`.
    Number(f64, Unit),
    /// A text: what a service said, such as a version, or a sentence of the program.
    Text(Said),
}

impl Value {
    /// A number, or [`Value::Missing`] when it is NaN or infinite.
    pub fn number(value: f64, unit: Unit) -> Self {
        if value.is_finite() {
            Self::Number(value, unit)
        } else {
            Self::unusable(not_finite(Arg::text(value)))
        }
    }

    /// No value, because what was seen is none that can be judged: infinite, several where one was meant, a text. What
    /// it hides may be what a criterion asks about, so that no figure passes over it.
    pub fn unusable(reason: impl Into<Said>) -> Self {
        Self::Missing(unusable(reason.into()))
    }

    /// Whether something was seen that cannot be judged, and not just nothing.
    pub fn is_unusable(&self) -> bool {
        matches!(self, Self::Missing(reason) if reason.is(UNUSABLE))
    }

    /// Whether what was seen is NaN: a gauge shows it until it has something to measure.
    pub fn is_nan(&self) -> bool {
        matches!(self, Self::Missing(reason) if *reason == not_finite(Arg::text(f64::NAN)))
    }

    /// A whole number of things.
    pub fn count(value: u64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
        Self::Number(value as f64, Unit::Count)
    }

    /// Makes a missing value with the reason for it.
    pub fn missing(reason: impl Into<Said>) -> Self {
        Self::Missing(reason.into())
    }

    /// Makes a text value.
    pub fn text(value: impl Into<Said>) -> Self {
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

/// The message around a reason that says so; its words are those of the reason.
const UNUSABLE: &str = "quantity.unusable";

super::messages! {
    area "quantity";
    not_finite(value) => "the value is {value}" / "la valeur est {value}";
    unusable(reason) => "{reason}" / "{reason}";
}

impl Language {
    /// A value with its unit, with at least `decimals` decimals where it is a number that is not whole.
    pub fn value_with(self, value: &Value, decimals: usize) -> String {
        match value {
            Value::Flag(true) => yes().in_language(self).into_owned(),
            Value::Flag(false) => no().in_language(self).into_owned(),
            Value::Missing(reason) => not_measured(reason).in_language(self).into_owned(),
            Value::Number(number, unit) => {
                let decimals = match number.fract() == 0.0 {
                    true => 0,
                    false => decimals.max(usual_decimals(*number)),
                };
                self.with_unit(&self.number_with(*number, decimals), *unit)
            }
            Value::Text(text) => text.in_language(self).into_owned(),
        }
    }

    /// Writes a value with its unit in this language.
    pub fn value(self, value: &Value) -> String {
        self.value_with(value, 0)
    }
}

impl From<&Value> for Arg {
    fn from(value: &Value) -> Self {
        match value {
            Value::Flag(true) => yes().into(),
            Value::Flag(false) => no().into(),
            Value::Missing(reason) => not_measured(reason).into(),
            Value::Number(number, unit) => Self::Quantity(*number, *unit),
            Value::Text(text) => text.into(),
        }
    }
}

impl From<Value> for Arg {
    fn from(value: Value) -> Self {
        (&value).into()
    }
}

super::messages! {
    area "value";
    no() => "no" / "non";
    not_measured(reason) => "not measured ({reason})" / "non mesuré ({reason})";
    yes() => "yes" / "oui";
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
    fn values_follow_the_language() {
        assert_eq!(
            Language::Fr.value(&Value::number(1050.68, Unit::Milliseconds)),
            "1\u{202f}050,68\u{202f}ms"
        );
        assert_eq!(Language::En.value(&Value::count(999)), "999");
    }

    #[test]
    fn numbers_read_as_a_person_writes_them() {
        assert_eq!(Value::number(123.456, Unit::Milliseconds).to_string(), "123.46 ms");
        assert_eq!(Value::number(0.99, Unit::Ratio).to_string(), "0.99");
        assert_eq!(Value::count(1_800_000).to_string(), "1800000");
    }
}
