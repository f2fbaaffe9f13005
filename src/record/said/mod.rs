//! [`Said`]: a sentence of the program as a value: a message of the catalogue with its arguments, or a text of somebody
//! else's.
//!
//! Whoever writes a sentence into evidence, an event or a comparison says *which* message it is, and a reader asks for
//! it in a [`Language`]. `messages!` declares messages beside the code that says them, both languages on one line; the
//! arguments keep numbers as numbers, so that each language writes them its own way. In the journal a sentence is its
//! English text, and the event has the messages behind it ([`journal`]).

mod arg;
mod catalogue;
pub mod journal;

pub use arg::Arg;
#[doc(hidden)]
pub use catalogue::CATALOGUE;
pub use catalogue::Entry;

use super::Language;
use crate::support::redact;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{borrow::Cow, cmp::Ordering, fmt, hash, ops::Deref};

/// A sentence. It reads as its English text wherever a `&str` is asked for.
#[derive(Clone, Default)]
pub struct Said {
    text: Box<str>,
    message: Option<Box<Message>>,
}

/// Which message of the catalogue a sentence is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Its name in the catalogue, `area.name`; never changed once journals have it.
    id: Cow<'static, str>,
    /// Its arguments, by the name of their place in the template.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "arg::named")]
    args: Vec<(Cow<'static, str>, Arg)>,
}

impl Said {
    /// The message of that entry; what `messages!` calls.
    #[doc(hidden)]
    pub fn new<const N: usize>(entry: &'static Entry, args: [Arg; N]) -> Self {
        let names = entry.args.iter().map(|name| Cow::Borrowed(*name));
        let args: Vec<_> = names.zip(args).collect();
        let text = catalogue::fill(Language::En, entry.en, &args).into();
        Self { text, message: Some(Box::new(Message { id: Cow::Borrowed(entry.id), args })) }
    }

    /// A text that is not the program's own: what a person wrote, what a tool or a system printed.
    pub fn verbatim(text: impl Into<String>) -> Self {
        Self { text: text.into().into(), message: None }
    }

    /// The English text.
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

    /// The name of the message in the catalogue, `area.name`, where it is one.
    pub fn id(&self) -> Option<&str> {
        self.message.as_ref().map(|message| &*message.id)
    }

    /// Whether it is the message that `entry` declares, whatever its arguments.
    pub fn is(&self, id: &str) -> bool {
        self.id() == Some(id)
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
    fn rendered(&self) -> Option<String> {
        self.message.as_ref()?.in_language(Language::En)
    }
}

super::messages! {
    area "said";
    parts_of_a_sentence(parts) => "{parts}" / "{parts}";
}

impl Message {
    fn in_language(&self, language: Language) -> Option<String> {
        let entry = catalogue::find(&self.id)?;
        let template = match language {
            Language::En => entry.en,
            Language::Fr => entry.fr,
        };
        let known = |name: &&str| self.args.iter().any(|(arg, _)| arg == name);
        entry.args.iter().all(known).then(|| catalogue::fill(language, template, &self.args))
    }
}

/// An error, or another value, that has a sentence.
pub trait Speaks {
    /// Its sentence.
    fn said(&self) -> Said;
}

/// `Display` by [`Speaks::said`]: the English text.
#[macro_export]
macro_rules! display_by_said {
    ($($name:ty),+ $(,)?) => {$(
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad($crate::record::Speaks::said(self).as_str())
            }
        }
    )+};
}

impl<T: Speaks> From<T> for Said {
    fn from(value: T) -> Self {
        value.said()
    }
}

impl From<String> for Said {
    fn from(text: String) -> Self {
        Self::verbatim(text)
    }
}

impl From<&str> for Said {
    fn from(text: &str) -> Self {
        Self::verbatim(text)
    }
}

impl From<&String> for Said {
    fn from(text: &String) -> Self {
        Self::verbatim(text)
    }
}

impl From<Cow<'_, str>> for Said {
    fn from(text: Cow<'_, str>) -> Self {
        Self::verbatim(text)
    }
}

impl From<&Said> for Said {
    fn from(said: &Said) -> Self {
        said.clone()
    }
}

impl From<Said> for String {
    fn from(said: Said) -> Self {
        said.text.into()
    }
}

impl Deref for Said {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl std::borrow::Borrow<str> for Said {
    fn borrow(&self) -> &str {
        &self.text
    }
}

impl AsRef<str> for Said {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

/// Two sentences are equal when they read the same in every language: recorded ones of old journals, which have a text
/// alone, are equal to those of today.
impl PartialEq for Said {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Said {}

impl PartialOrd for Said {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Said {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl hash::Hash for Said {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl PartialEq<str> for Said {
    fn eq(&self, other: &str) -> bool {
        *self.text == *other
    }
}

impl PartialEq<&str> for Said {
    fn eq(&self, other: &&str) -> bool {
        *self.text == **other
    }
}

impl PartialEq<String> for Said {
    fn eq(&self, other: &String) -> bool {
        *self.text == **other
    }
}

impl Serialize for Said {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Said {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::verbatim)
    }
}

impl schemars::JsonSchema for Said {
    fn schema_name() -> Cow<'static, str> {
        String::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        String::json_schema(generator)
    }

    fn inline_schema() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Unit, Value};
    use std::time::Duration;

    crate::record::messages! {
        area "test of said";
        held(rate, name, took) => "{rate} {rate|record|records}/s to `{name}` held for {took}"
            / "{rate} {rate|enregistrement|enregistrements}/s vers `{name}` ont tenu pendant {took}";
        because(what, why) => "{what}: {why}" / "{what} : {why}";
        nothing() => "nothing held" / "rien n'a tenu";
    }

    #[test]
    fn a_message_is_written_by_each_language() {
        let said = held(12_345.678, "perf.nominal", Duration::from_millis(2500));
        assert_eq!(said, "12345.68 records/s to `perf.nominal` held for 2.5 s");
        assert_eq!(
            said.in_language(Language::Fr),
            "12\u{202f}345,68 enregistrements/s vers `perf.nominal` ont tenu pendant 2,5 s"
        );
        let nested = because(nothing(), Value::number(3.5, Unit::Milliseconds));
        assert_eq!(nested, "nothing held: 3.5 ms");
        assert_eq!(nested.in_language(Language::Fr), "rien n'a tenu : 3,5\u{202f}ms");
    }

    #[test]
    fn plural_forms_follow_the_number_and_the_language() {
        for (n, english, french) in [
            (0_u64, "0 records/s", "0 enregistrement/s"),
            (1, "1 record/s", "1 enregistrement/s"),
            (2, "2 records/s", "2 enregistrements/s"),
        ] {
            let said = held(n, "t", Duration::ZERO);
            assert!(said.starts_with(english), "{said}");
            assert!(said.in_language(Language::Fr).starts_with(french), "{}", said.in_language(Language::Fr));
        }
    }

    #[test]
    fn a_text_of_somebody_elses_is_left_alone() {
        let said = because(Said::verbatim("WARN {x} nothing held"), "not `{why}`");
        assert_eq!(said.in_language(Language::Fr), "WARN {x} nothing held : not `{why}`");
        assert_eq!(Said::from("nothing held").in_language(Language::Fr), "nothing held");
    }

    #[test]
    fn sentences_stand_one_behind_the_other() {
        let said = Said::all([nothing(), nothing()]);
        assert_eq!(said, "nothing held; nothing held");
        assert_eq!(said.in_language(Language::Fr), "rien n'a tenu ; rien n'a tenu");
        assert_eq!(Said::all([nothing()]).id(), nothing().id());
    }
}
