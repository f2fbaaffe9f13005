//! [`Arg`]: what stands in a place of a message, as a value that each language writes its own way.

use super::Said;
use crate::{
    record::{Language, Value, usual_decimals},
    support::text,
};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt::Display, time::Duration};

/// One argument of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arg {
    /// A size in bytes.
    Bytes(u64),
    /// A length of time, in seconds.
    Seconds(f64),
    /// A share in percent with its sign, and how many decimals it is written with.
    Percent(f64, usize),
    /// Texts or values one behind the other, with commas between them.
    List(Vec<Arg>),
    /// A bare number and how many decimals it is written with.
    Number(f64, usize),
    /// Another message.
    Message(Nested),
    /// Sentences one behind the other, with semicolons between them.
    #[serde(with = "nested_list")]
    Sentences(Vec<Said>),
    /// A name, or a text of somebody else's.
    Text(String),
    /// A measured value with its unit.
    Value(Value),
}

/// A sentence inside another one, kept whole: its text and its message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Nested {
    text: String,
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    message: Option<super::Message>,
}

impl From<Said> for Nested {
    fn from(said: Said) -> Self {
        Self { text: said.text.into(), message: said.message.map(|message| *message) }
    }
}

impl From<Nested> for Said {
    fn from(nested: Nested) -> Self {
        Self { text: nested.text.into(), message: nested.message.map(Box::new) }
    }
}

impl Arg {
    /// A number with that many decimals.
    pub fn decimals(number: f64, decimals: usize) -> Self {
        Self::Number(number, decimals)
    }

    /// A difference in percent, with its sign.
    pub fn signed_percent(percent: f64, decimals: usize) -> Self {
        Self::Percent(percent, decimals)
    }

    /// A size in bytes, written with its unit.
    pub fn bytes(bytes: u64) -> Self {
        Self::Bytes(bytes)
    }

    /// A name or a foreign text.
    pub fn text(text: impl Display) -> Self {
        Self::Text(text.to_string())
    }

    /// Values with commas between them.
    pub fn list(items: impl IntoIterator<Item = impl Into<Arg>>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }

    /// As `language` writes it. English numbers have no mark between their thousands: the text stands in the journal,
    /// where tools look for figures.
    pub(super) fn in_language(&self, language: Language) -> String {
        match self {
            Self::Bytes(bytes) => language.size(*bytes),
            Self::Seconds(seconds) => {
                language.duration(Duration::try_from_secs_f64(*seconds).unwrap_or_default())
            }
            Self::List(items) => {
                items.iter().map(|item| item.in_language(language)).collect::<Vec<_>>().join(", ")
            }
            Self::Message(nested) => Said::from(nested.clone()).in_language(language).into_owned(),
            Self::Number(number, decimals) => match language {
                Language::En => format!("{number:.decimals$}"),
                Language::Fr => language.number_with(*number, *decimals),
            },
            Self::Percent(percent, decimals) => {
                let written = format!("{percent:+.decimals$}");
                match language {
                    Language::En => format!("{written} %"),
                    Language::Fr => format!("{}\u{202f}%", written.replace('.', ",")),
                }
            }
            Self::Sentences(sentences) => {
                let between = match language {
                    Language::En => "; ",
                    Language::Fr => " ; ",
                };
                sentences.iter().map(|said| said.in_language(language)).collect::<Vec<_>>().join(between)
            }
            Self::Text(text) => text.clone(),
            Self::Value(value) => match language {
                Language::En => value.to_string(),
                Language::Fr => language.value(value),
            },
        }
    }

    /// Whether `language` writes what it counts in the singular.
    pub(super) fn is_singular(&self, language: Language) -> bool {
        let number = match self {
            Self::Number(number, _) | Self::Value(Value::Number(number, _)) => *number,
            Self::Text(text) => text.parse().unwrap_or(2.0),
            _ => 2.0,
        };
        match language {
            Language::En => number == 1.0,
            Language::Fr => number.abs() < 2.0,
        }
    }
}

macro_rules! whole_numbers {
    ($($number:ty),*) => {$(
        impl From<$number> for Arg {
            fn from(number: $number) -> Self {
                Self::Number(number as f64, 0)
            }
        }
    )*};
}

whole_numbers!(i32, i64, u16, u32, u64, usize);

impl From<f64> for Arg {
    /// With as many decimals as a reader needs.
    fn from(number: f64) -> Self {
        Self::Number(number, usual_decimals(number))
    }
}

impl From<Duration> for Arg {
    fn from(duration: Duration) -> Self {
        Self::Seconds(duration.as_secs_f64())
    }
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Arg {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<Cow<'_, str>> for Arg {
    fn from(text: Cow<'_, str>) -> Self {
        Self::Text(text.into_owned())
    }
}

impl From<Value> for Arg {
    fn from(value: Value) -> Self {
        Self::Value(value)
    }
}

impl From<&Value> for Arg {
    fn from(value: &Value) -> Self {
        Self::Value(value.clone())
    }
}

impl From<Said> for Arg {
    fn from(said: Said) -> Self {
        match said.message {
            Some(_) => Self::Message(said.into()),
            None => Self::Text(said.text.into()),
        }
    }
}

impl From<&Said> for Arg {
    fn from(said: &Said) -> Self {
        said.clone().into()
    }
}

impl<T: super::Speaks> From<&T> for Arg {
    fn from(value: &T) -> Self {
        value.said().into()
    }
}

/// Serde for the sentences of [`Arg::Sentences`], each whole.
mod nested_list {
    use super::*;
    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(sentences: &[Said], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(sentences.iter().cloned().map(Nested::from))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Said>, D::Error> {
        Ok(Vec::<Nested>::deserialize(deserializer)?.into_iter().map(Said::from).collect())
    }
}

/// Serde for named arguments: an object in the order of the places.
pub(super) mod named {
    use super::*;
    use serde::{
        Deserializer, Serializer,
        de::{MapAccess, Visitor},
    };
    use std::fmt;

    type Named = (Cow<'static, str>, Arg);

    pub(in crate::record::said) fn serialize<S: Serializer>(
        args: &[Named],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(args.iter().map(|(name, arg)| (name, arg)))
    }

    pub(in crate::record::said) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Named>, D::Error> {
        struct Arguments;
        impl<'de> Visitor<'de> for Arguments {
            type Value = Vec<Named>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the arguments of a message by their names")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Vec<Named>, M::Error> {
                let mut args = Vec::new();
                while let Some((name, arg)) = map.next_entry::<String, Arg>()? {
                    args.push((Cow::Owned(name), arg));
                }
                Ok(args)
            }
        }
        deserializer.deserialize_map(Arguments)
    }
}

/// What [`text::bytes`] writes, for the languages whose numbers and units are others.
impl Language {
    /// A size with its unit: `1.5 KiB`, `1,5 Kio`.
    pub fn size(self, bytes: u64) -> String {
        let english = text::bytes(bytes);
        match self {
            Self::En => english,
            Self::Fr => {
                english.replace('.', ",").replace("iB", "io").replace(" B", " o").replace(' ', "\u{202f}")
            }
        }
    }
}
