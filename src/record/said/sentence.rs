//! [`Said`] and its [`Arg`]s: a message holds arguments, and an argument may be a message.

use super::{
    catalogue::{self, Entry},
    template::{Filling, filled},
};
use crate::{
    record::{
        decimals::{plain_number, usual_decimals},
        language::Language,
        unit::Unit,
    },
    support::redact,
};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt::Display, time::Duration};

/// A sentence. It reads as its English text wherever a `&str` is asked for.
#[derive(Clone, Default)]
pub struct Said {
    pub(super) text: Box<str>,
    pub(super) message: Option<Box<Message>>,
}

/// Which message of the catalogue a sentence is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Its name in the catalogue, `area.name`; never changed once journals have it.
    id: Cow<'static, str>,
    /// Its arguments, by the name of their place in the template.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "named")]
    args: Vec<(Cow<'static, str>, Arg)>,
}

impl Said {
    /// The message of that entry; what `messages!` calls.
    #[doc(hidden)]
    pub fn new<const N: usize>(entry: &'static Entry, args: [Arg; N]) -> Self {
        let names = entry.args.iter().map(|name| Cow::Borrowed(*name));
        let args: Vec<_> = names.zip(args).collect();
        let text = fill(Language::En, entry.en, &args).into();
        Self { text, message: Some(Box::new(Message { id: Cow::Borrowed(entry.id), args })) }
    }

    /// A text that is not the program's own: what a person wrote, what a tool or a system printed.
    pub fn verbatim(text: impl Into<String>) -> Self {
        Self { text: text.into().into(), message: None }
    }

    /// Returns the English text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The sentence in `language`. A text of somebody else's, and a message that today's catalogue does not know, are
    /// as they were recorded.
    pub fn in_language(&self, language: Language) -> Cow<'_, str> {
        let known = self.message.as_ref().filter(|_| language != Language::En);
        match known.and_then(|message| message.in_language(language)) {
            Some(text) => Cow::Owned(text),
            None => Cow::Borrowed(&self.text),
        }
    }

    /// The words of a message without arguments in `language`; nothing of another sentence.
    pub fn fixed(&self, language: Language) -> Option<&'static str> {
        let message = self.message.as_ref().filter(|message| message.args.is_empty())?;
        Some(catalogue::find(&message.id)?.of(language))
    }

    /// The measured values among its arguments, and those of messages that it holds: a number with its unit, as `language`
    /// writes it in the sentence. A length of time is one where it is shown in milliseconds.
    pub fn quantities(&self, language: Language) -> Vec<(f64, Unit, String)> {
        let mut found = Vec::new();
        if let Some(message) = &self.message {
            message.args.iter().for_each(|(_, arg)| arg.quantities(language, &mut found));
        }
        found
    }

    /// The name of the message in the catalogue, `area.name`, where it is one.
    pub fn id(&self) -> Option<&str> {
        self.message.as_ref().map(|message| &*message.id)
    }

    /// Whether it is the message that `entry` declares, whatever its arguments.
    pub fn is(&self, id: &str) -> bool {
        self.id() == Some(id)
    }

    /// Whether it is that message, or holds it among its arguments.
    pub fn mentions(&self, id: &str) -> bool {
        self.message.as_ref().is_some_and(|message| message.mentions(id))
    }

    /// The first text in a place of that name, of the message or of one that it holds.
    pub fn text_of(&self, place: &str) -> Option<&str> {
        self.message.as_ref()?.text_of(place)
    }

    /// The sentence with each message `id` that it holds, itself included, cut to what stands in its place `place`.
    pub fn cut_to(&self, id: &str, place: &str) -> Self {
        let Some(message) = self.message.as_ref().filter(|message| message.mentions(id)) else {
            return self.clone();
        };
        message.cut_to(id, place).into()
    }

    /// Sentences one behind the other, with semicolons between them.
    pub fn all(parts: impl IntoIterator<Item = impl Into<Said>>) -> Self {
        let mut parts: Vec<Said> = parts.into_iter().map(Into::into).collect();
        match parts.len() {
            1 => parts.remove(0),
            _ => parts_of_a_sentence(Arg::Sentences(parts)),
        }
    }

    /// The sentence with secrets masked; a message that held one becomes a text.
    pub fn masked(self) -> Self {
        match redact::mask(&self.text) {
            Cow::Owned(masked) => Self::verbatim(masked),
            Cow::Borrowed(_) => self,
        }
    }

    /// The English text of the message as the catalogue has it now, where it has it.
    pub(super) fn rendered(&self) -> Option<String> {
        self.message.as_ref()?.in_language(Language::En)
    }
}

crate::messages! {
    area "said";
    parts_of_a_sentence(parts) => "{parts}" / "{parts}";
}

impl Message {
    fn text_of(&self, place: &str) -> Option<&str> {
        self.args.iter().find_map(|(name, arg)| match arg {
            Arg::Text(text) if name == place => Some(text.as_str()),
            Arg::Message(nested) => nested.message.as_ref()?.text_of(place),
            _ => None,
        })
    }

    fn cut_to(&self, id: &str, place: &str) -> Arg {
        let cut = |arg: &Arg| match arg {
            Arg::Message(nested) => {
                nested.message.as_ref().map_or_else(|| arg.clone(), |m| m.cut_to(id, place))
            }
            arg => arg.clone(),
        };
        match self.args.iter().find(|(name, _)| self.id == id && name == place) {
            Some((_, arg)) => cut(arg),
            None => {
                let args = self.args.iter().map(|(name, arg)| (name.clone(), cut(arg))).collect();
                let message = Self { id: self.id.clone(), args };
                let text = message.in_language(Language::En).unwrap_or_default();
                Arg::Message(Nested { text, message: Some(message) })
            }
        }
    }

    fn mentions(&self, id: &str) -> bool {
        self.id == id || self.args.iter().any(|(_, arg)| arg.mentions(id))
    }

    fn in_language(&self, language: Language) -> Option<String> {
        let entry = catalogue::find(&self.id)?;
        let template = entry.of(language);
        let known = |name: &&str| self.args.iter().any(|(arg, _)| arg == name);
        entry.args.iter().all(known).then(|| fill(language, template, &self.args))
    }
}

/// The template with the arguments in its places.
fn fill(language: Language, template: &str, args: &[(Cow<'static, str>, Arg)]) -> String {
    filled(template, |name| {
        let (_, arg) = args.iter().find(|(known, _)| known == name)?;
        Some(Filling { text: arg.in_language(language).into(), is_one: arg.is_singular(language) })
    })
}

/// An error, or another value, that has a sentence.
pub trait Speaks {
    /// Its sentence.
    fn said(&self) -> Said;
}

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
    /// A measured number with its unit.
    Quantity(f64, Unit),
}

impl Arg {
    fn mentions(&self, id: &str) -> bool {
        match self {
            Self::List(items) => items.iter().any(|item| item.mentions(id)),
            Self::Message(nested) => nested.message.as_ref().is_some_and(|message| message.mentions(id)),
            Self::Sentences(parts) => parts.iter().any(|part| part.mentions(id)),
            _ => false,
        }
    }
}

/// A sentence inside another one, kept whole: its text and its message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Nested {
    text: String,
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
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

    fn quantities(&self, language: Language, found: &mut Vec<(f64, Unit, String)>) {
        let mut put = |number: f64, unit: Unit| found.push((number, unit, self.in_language(language)));
        match self {
            Self::Seconds(seconds) if *seconds < 1.0 => put(seconds * 1000.0, Unit::Milliseconds),
            Self::Quantity(number, unit) => put(*number, *unit),
            Self::List(items) => items.iter().for_each(|item| item.quantities(language, found)),
            Self::Message(nested) => found.extend(Said::from(nested.clone()).quantities(language)),
            Self::Sentences(sentences) => {
                found.extend(sentences.iter().flat_map(|said| said.quantities(language)));
            }
            _ => {}
        }
    }

    /// As `language` writes it. English numbers have no mark between their thousands: the text stands in the journal,
    /// where tools look for figures.
    fn in_language(&self, language: Language) -> String {
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
                let sentences: Vec<_> = sentences.iter().map(|said| said.in_language(language)).collect();
                sentences.join(language.semicolon())
            }
            Self::Text(text) => text.clone(),
            Self::Quantity(number, unit) => match (language, unit.symbol()) {
                (Language::En, "") => plain_number(*number),
                (Language::En, symbol) => format!("{} {symbol}", plain_number(*number)),
                (Language::Fr, _) => language.with_unit(&language.number(*number), *unit),
            },
        }
    }

    /// Whether `language` writes what it counts in the singular.
    fn is_singular(&self, language: Language) -> bool {
        let number = match self {
            Self::Number(number, _) | Self::Quantity(number, _) => *number,
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

        impl From<&$number> for Arg {
            fn from(number: &$number) -> Self {
                (*number).into()
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

impl From<Said> for Arg {
    fn from(said: Said) -> Self {
        match said.message {
            Some(_) => Self::Message(said.into()),
            None => Self::Text(said.text.into()),
        }
    }
}

impl From<Arg> for Said {
    fn from(arg: Arg) -> Self {
        match arg {
            Arg::Message(nested) => nested.into(),
            arg => Self::verbatim(arg.in_language(Language::En)),
        }
    }
}

impl From<&Said> for Arg {
    fn from(said: &Said) -> Self {
        said.clone().into()
    }
}

impl<T: Speaks> From<&T> for Arg {
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
mod named {
    use super::*;
    use serde::{
        Deserializer, Serializer,
        de::{MapAccess, Visitor},
    };
    use std::fmt;

    type Named = (Cow<'static, str>, Arg);

    pub(super) fn serialize<S: Serializer>(args: &[Named], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(args.iter().map(|(name, arg)| (name, arg)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Named>, D::Error> {
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
