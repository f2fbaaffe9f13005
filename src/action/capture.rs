//! Captures: outputs that a step file names and finds in an answer.

use super::Output;
use crate::{
    record::{Said, Unit, Value, messages},
    support::redact,
};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;
use std::{borrow::Cow, fmt};

/// Why `name` cannot be that of a capture, where it cannot.
pub(super) fn reserved(name: &str, outputs: &[Output]) -> Option<Said> {
    if outputs.iter().any(|output| output.name == name) {
        return Some(name_taken(name));
    }
    let plain = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric());
    (!plain).then(|| no_name(name))
}

/// What was found at a JSON pointer.
fn of_json(found: Option<&Json>, pointer: &str) -> Value {
    match found {
        None => Value::missing(nothing_at(pointer)),
        Some(Json::Null) => Value::missing(null(pointer)),
        Some(Json::Bool(flag)) => Value::Flag(*flag),
        Some(Json::Number(number)) => of_text(&number.to_string()),
        Some(Json::String(text)) => of_text(text),
        Some(Json::Array(_) | Json::Object(_)) => Value::unusable(not_single(pointer)),
    }
}

/// The values at these JSON pointers of a text, which is not kept but for them: a list of small numbers would take forty
/// times its text.
pub(super) fn at_pointers(body: &[u8], pointers: &[&str]) -> Result<Vec<Value>, serde_json::Error> {
    let paths: Vec<Option<Vec<String>>> = pointers.iter().map(|pointer| segments(pointer)).collect();
    let mut found = vec![None; pointers.len()];
    let wanted = paths.iter().enumerate().filter_map(|(at, path)| Some((at, path.as_deref()?))).collect();
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    Look { wanted, found: &mut found }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    let value = |at: usize| {
        let is_secret = paths[at].iter().flatten().any(|name| redact::is_secret_key(name));
        match of_json(found[at].as_ref(), pointers[at]) {
            // `/password/value`: what the body shows masked is masked here too, a number as well.
            Value::Text(_) | Value::Number(..) if is_secret => Value::text(Said::verbatim(redact::MASK)),
            value => value,
        }
    };
    Ok((0..pointers.len()).map(value).collect())
}

/// The names of a pointer, escapes undone; `None` where it is none.
fn segments(pointer: &str) -> Option<Vec<String>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    let names = pointer.strip_prefix('/')?.split('/');
    Some(names.map(|name| name.replace("~1", "/").replace("~0", "~")).collect())
}

/// Looks at one value of a text for what is wanted: which pointer, and the names that are left of it.
struct Look<'p, 'f> {
    wanted: Vec<(usize, &'p [String])>,
    found: &'f mut [Option<Json>],
}

impl<'p> Look<'p, '_> {
    /// Keeps the value where a pointer ends.
    fn keep(self, value: &Json) {
        for (at, _) in self.wanted.iter().filter(|(_, left)| left.is_empty()) {
            self.found[*at] = Some(value.clone());
        }
    }

    /// What is wanted of the entry of that name. Of two entries of one name the last counts.
    fn below(&mut self, name: &str) -> Look<'p, '_> {
        let mut wanted = Vec::new();
        for (at, left) in &self.wanted {
            if let Some((first, rest)) = left.split_first()
                && first == name
            {
                self.found[*at] = None;
                wanted.push((*at, rest));
            }
        }
        Look { wanted, found: self.found }
    }
}

impl<'de> DeserializeSeed<'de> for Look<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.wanted.is_empty() {
            true => deserializer.deserialize_ignored_any(IgnoredAny).map(drop),
            false => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for Look<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<(), E> {
        self.keep(&flag.into());
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.keep(&number.into());
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.keep(&number.into());
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.keep(&number.into());
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.keep(&text.into());
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.keep(&Json::Null);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        let mut index = 0_usize;
        while list.next_element_seed(self.below(&index.to_string()))?.is_some() {
            index += 1;
        }
        self.keep(&Json::Array(Vec::new()));
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            map.next_value_seed(self.below(&name))?;
        }
        self.keep(&Json::Object(serde_json::Map::new()));
        Ok(())
    }
}

/// What was captured under that name, masked where the name is that of a secret.
pub(super) fn named(name: &str, value: Value) -> Value {
    match value {
        Value::Number(..) | Value::Text(_) if redact::is_secret_key(name) => {
            Value::text(Said::verbatim(redact::MASK))
        }
        value => value,
    }
}

/// A number where the text is one, else the text, secrets masked. Spaces around a number make it a text, and only the
/// line end of a command's output is none of it.
pub(super) fn of_text(text: &str) -> Value {
    match (redact::mask(text), text.trim_end_matches(['\r', '\n']).parse::<f64>()) {
        (Cow::Borrowed(_), Ok(number)) => Value::number(number, Unit::None),
        (masked, _) => Value::text(Said::verbatim(masked)),
    }
}

messages! {
    area "capture";
    name_taken(name) => "`{name}` is already an output of this kind; give the capture another name" / "`{name}` est déjà une sortie de ce genre ; donner un autre nom à l'extraction";
    no_name(name) => "`{name}` cannot name an output; write it as `schema_version`" / "`{name}` ne peut pas nommer une sortie ; l'écrire comme `schema_version`";
    not_single(pointer) => "`{pointer}` is not a single value" / "`{pointer}` n'est pas une valeur simple";
    nothing_at(pointer) => "nothing found at `{pointer}`" / "rien à `{pointer}`";
    null(pointer) => "`{pointer}` is null" / "`{pointer}` est nul";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_with_something_around_it_is_a_text() {
        for text in [" 5 ", "5 ", " 5", "\t5", "\n5", "5\u{a0}", "5 ms", ""] {
            assert!(matches!(of_text(text), Value::Text(_)), "{text:?}");
        }
        for text in ["5", "5\n", "5\r\n", "-0.5e1"] {
            assert!(matches!(of_text(text), Value::Number(..)), "{text:?}");
        }
    }

    #[test]
    fn a_text_that_is_not_kept_gives_what_the_whole_value_gives() {
        let text = r#"{"a": {"b/c": [1, {"d~": "x", "e": null}, [2.5], true]}, "n": -7, "a2": 18446744073709551615,
            "twice": {"x": 1}, "twice": {"y": 2}, "": 5}"#;
        let whole: Json = serde_json::from_str(text).unwrap();
        let pointers = [
            "",
            "/",
            "/a",
            "/a/b~1c/0",
            "/a/b~1c/1/d~0",
            "/a/b~1c/1/e",
            "/a/b~1c/2/0",
            "/a/b~1c/3",
            "/a/b~1c/4",
            "/n",
            "/a2",
            "/twice/x",
            "/twice/y",
            "no pointer",
            "/a/b~1c/00",
            "/n/x",
        ];
        let found = at_pointers(text.as_bytes(), &pointers).unwrap();
        for (pointer, found) in pointers.iter().zip(found) {
            assert_eq!(found.to_string(), of_json(whole.pointer(pointer), pointer).to_string(), "{pointer}");
        }
        let secret = at_pointers(
            br#"{"password": {"value": "Zm4"}, "pin": {"secret": 12345678}}"#,
            &["/password/value", "/pin/secret"],
        );
        assert_eq!(secret.unwrap(), [Value::text("***"), Value::text("***")]);
        for bad in ["", "{", "[1] 2", "nul"] {
            assert!(at_pointers(bad.as_bytes(), &["/a"]).is_err(), "{bad}");
        }
        let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert!(at_pointers(deep.as_bytes(), &["/a"]).is_ok());
    }
}
