//! Types of parameters: [`Param`], a literal or one `{{ expression }}`; [`Span`], a duration; [`Size`], bytes; [`Share`],
//! a part of something.

use crate::{
    record::{Arg, Said, Speaks, display_by_said, messages, plain_number, refused},
    support::text,
};
use serde::{
    Deserialize, Deserializer,
    de::{self, IntoDeserializer, Visitor, value},
};
use std::{fmt, marker::PhantomData, time::Duration};

/// A typed parameter of an action. The engine resolves every expression and reads the parameters again before
/// it runs an action, so `run` sees literals only; `describe`, `claims` and checks may see expressions.
#[derive(Debug, Clone, PartialEq)]
pub enum Param<T> {
    /// A value that was written in the step.
    Literal(T),
    /// The text with the expression in it.
    Expression(String),
}

/// A parameter was read before its expression was resolved: a mistake in this program.
#[derive(Debug, thiserror::Error)]
pub struct Unresolved(String);

impl Speaks for Unresolved {
    fn said(&self) -> Said {
        unresolved(&self.0)
    }
}

display_by_said!(Unresolved);

messages! {
    area "parameter";
    not_a_share(text) => "`{text}` is not a share; write it as `5 %` or `0.05`" / "`{text}` n'est pas une part ; l'écrire comme `5 %` ou `0.05`";
    unresolved(expression) => "the expression `{expression}` was not resolved before the action ran" / "l'expression `{expression}` n'était pas résolue quand l'action a commencé";
}

impl<T> Param<T> {
    /// The value, once resolved.
    pub fn get(&self) -> Result<&T, Unresolved> {
        match self {
            Self::Literal(value) => Ok(value),
            Self::Expression(text) => Err(Unresolved(text.clone())),
        }
    }

    /// The value, where it is known already.
    pub fn known(&self) -> Option<&T> {
        self.get().ok()
    }
}

impl From<Unresolved> for super::ActionError {
    fn from(error: Unresolved) -> Self {
        Self::failed(error)
    }
}

impl<T: fmt::Display> fmt::Display for Param<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(value) => value.fmt(f),
            Self::Expression(text) => f.write_str(text),
        }
    }
}

/// In a sentence: the value as each language writes it, or the expression as it is written.
impl<'p, T> From<&'p Param<T>> for Arg
where
    &'p T: Into<Arg>,
{
    fn from(param: &'p Param<T>) -> Self {
        match param {
            Param::Literal(value) => value.into(),
            Param::Expression(text) => text.into(),
        }
    }
}

impl From<&Span> for Arg {
    fn from(span: &Span) -> Self {
        span.0.into()
    }
}

impl From<&Size> for Arg {
    fn from(size: &Size) -> Self {
        Self::bytes(size.0)
    }
}

impl<T: Default> Default for Param<T> {
    fn default() -> Self {
        Self::Literal(T::default())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Param<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ParamVisitor(PhantomData))
    }
}

struct ParamVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ParamVisitor<T> {
    type Value = Param<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or one `{{ expression }}`")
    }

    fn visit_bool<E: de::Error>(self, v: bool) -> Result<Self::Value, E> {
        T::deserialize(v.into_deserializer()).map(Param::Literal)
    }

    fn visit_i64<E: de::Error>(self, v: i64) -> Result<Self::Value, E> {
        T::deserialize(v.into_deserializer()).map(Param::Literal)
    }

    fn visit_u64<E: de::Error>(self, v: u64) -> Result<Self::Value, E> {
        T::deserialize(v.into_deserializer()).map(Param::Literal)
    }

    fn visit_f64<E: de::Error>(self, v: f64) -> Result<Self::Value, E> {
        T::deserialize(v.into_deserializer()).map(Param::Literal)
    }

    fn visit_str<E: de::Error>(self, v: &str) -> Result<Self::Value, E> {
        if v.contains("{{") {
            return Ok(Param::Expression(v.to_owned()));
        }
        T::deserialize(v.into_deserializer()).map(Param::Literal)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        T::deserialize(().into_deserializer()).map(Param::Literal)
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        T::deserialize(value::SeqAccessDeserializer::new(seq)).map(Param::Literal)
    }

    /// A map with an expression somewhere in it waits as a whole.
    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let json = serde_json::Value::deserialize(value::MapAccessDeserializer::new(map))?;
        match has_expression(&json) {
            true => Ok(Param::Expression(json.to_string())),
            false => T::deserialize(json).map(Param::Literal).map_err(de::Error::custom),
        }
    }
}

fn has_expression(json: &serde_json::Value) -> bool {
    match json {
        serde_json::Value::String(text) => text.contains("{{"),
        serde_json::Value::Array(items) => items.iter().any(has_expression),
        serde_json::Value::Object(entries) => entries.values().any(has_expression),
        _ => false,
    }
}

/// A duration in the forms of step files: `500ms`, `30s`, `2m`, `1h 30m`, `PT24H`, or a number of seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

/// A size in bytes in the forms of step files: `1024`, `1024 B`, `64 KiB`, `1 MiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Size(pub u64);

/// A part of something in the forms of step files: `5 %`, or `0.05`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Share(pub f64);

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_any(ScalarVisitor("a share such as `5 %` or `0.05`"))?;
        let (number, scale) = text.trim().strip_suffix('%').map_or((text.as_str(), 1.0), |n| (n, 100.0));
        match number.trim().parse::<f64>() {
            Ok(number) if number.is_finite() && number >= 0.0 => Ok(Self(number / scale)),
            _ => Err(refused(not_a_share(text))),
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", plain_number(self.0 * 100.0))
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_any(ScalarVisitor("a duration such as `30s` or `2m`"))?;
        text::parse_duration(&text).map(Self).map_err(refused)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_any(ScalarVisitor("a size such as `1024 B` or `64 KiB`"))?;
        text::parse_bytes(&text).map(Self).map_err(refused)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::duration(self.0))
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::bytes(self.0))
    }
}

/// A text or a number, as text.
struct ScalarVisitor(&'static str);

impl Visitor<'_> for ScalarVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: de::Error>(self, v: &str) -> Result<String, E> {
        Ok(v.to_owned())
    }

    fn visit_u64<E: de::Error>(self, v: u64) -> Result<String, E> {
        Ok(v.to_string())
    }

    fn visit_i64<E: de::Error>(self, v: i64) -> Result<String, E> {
        Ok(v.to_string())
    }

    fn visit_f64<E: de::Error>(self, v: f64) -> Result<String, E> {
        Ok(v.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_typed_and_an_expression_waits() {
        let literal: Param<u64> = serde_json::from_str("1000").unwrap();
        assert_eq!(literal.get().unwrap(), &1000);
        let expression: Param<u64> = serde_json::from_str("\"{{ profile.records }}\"").unwrap();
        assert!(expression.get().is_err());
        assert!(serde_json::from_str::<Param<u64>>("\"many\"").is_err());
    }

    #[test]
    fn a_share_is_a_number_or_so_many_percent() {
        for (json, shown) in [("0.05", "5 %"), ("\"5%\"", "5 %"), ("\"2.5 %\"", "2.5 %"), ("1", "100 %")] {
            assert_eq!(serde_json::from_str::<Share>(json).unwrap().to_string(), shown);
        }
        for bad in ["\"much\"", "-0.1", "\"%\"", "true"] {
            assert!(serde_json::from_str::<Share>(bad).is_err(), "{bad}");
        }
    }
}
