//! Masks a large JSON text a piece at a time: read as one value, a list of small numbers takes forty times its text.

use crate::support::redact;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Value, value::RawValue};
use std::{borrow::Cow, fmt};

/// Up to this size a piece is read as one value.
pub(super) const PIECE: usize = 64 << 10;
/// How deep a text is taken apart; each level is read once more.
const DEPTH: usize = 32;

/// The text without secrets, or `None` where it is not JSON.
pub(super) fn masked(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    let whole: &RawValue = serde_json::from_slice(bytes).ok()?;
    let mut writer = Writer { out: String::with_capacity(bytes.len()), changed: false };
    writer.value(whole.get(), DEPTH);
    Some(match writer.changed {
        true => Cow::Owned(writer.out.into_bytes()),
        false => Cow::Borrowed(bytes),
    })
}

struct Writer {
    out: String,
    changed: bool,
}

impl Writer {
    /// Adds a value.
    fn value(&mut self, raw: &str, depth: usize) {
        if raw.len() <= PIECE || !raw.starts_with(['[', '{']) {
            return self.piece(raw, 0);
        }
        let mut deserializer = serde_json::Deserializer::from_str(raw);
        let before = self.out.len();
        let read =
            depth > 0 && Parts { writer: self, depth: depth - 1 }.deserialize(&mut deserializer).is_ok();
        if !read {
            // Nested deeper than anything that a service answers: masked as a text.
            self.out.truncate(before);
            let masked = redact::mask(raw);
            self.changed |= matches!(masked, Cow::Owned(_));
            self.out.push_str(&masked);
        }
    }

    /// Adds what is small enough to be read as one value, without so many brackets around it.
    fn piece(&mut self, raw: &str, brackets: usize) {
        let Ok(mut value) = serde_json::from_str::<Value>(raw) else {
            return self.out.push_str(&redact::mask(raw));
        };
        let original = value.clone();
        redact::mask_json(&mut value);
        let changed = value != original;
        self.changed |= changed;
        let text = if changed { Cow::Owned(value.to_string()) } else { Cow::Borrowed(raw) };
        self.out.push_str(&text[brackets..text.len() - brackets]);
    }
}

/// The parts of a list or map, small ones gathered to pieces.
struct Parts<'w> {
    writer: &'w mut Writer,
    depth: usize,
}

impl Parts<'_> {
    /// Takes the next part: a text before its value (`"key":`), and the value.
    fn part(&mut self, gathered: &mut String, (open, close): (char, char), before: &str, raw: &str) {
        if raw.len() > PIECE && raw.starts_with(['[', '{']) {
            self.flush(gathered, close);
            self.separate(open);
            self.writer.out.push_str(before);
            self.writer.value(raw, self.depth);
            return;
        }
        if gathered.len() + raw.len() > PIECE {
            self.flush(gathered, close);
        }
        gathered.push(if gathered.is_empty() { open } else { ',' });
        gathered.push_str(before);
        gathered.push_str(raw);
    }

    fn separate(&mut self, open: char) {
        if !self.writer.out.ends_with(open) {
            self.writer.out.push(',');
        }
    }

    fn flush(&mut self, gathered: &mut String, close: char) {
        let Some(open) = gathered.chars().next() else { return };
        gathered.push(close);
        self.separate(open);
        self.writer.piece(gathered, 1);
        gathered.clear();
    }
}

impl<'de> DeserializeSeed<'de> for Parts<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Parts<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or a map")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        let mut gathered = String::new();
        self.writer.out.push('[');
        while let Some(raw) = list.next_element::<&RawValue>()? {
            self.part(&mut gathered, ('[', ']'), "", raw.get());
        }
        self.flush(&mut gathered, ']');
        self.writer.out.push(']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut gathered = String::new();
        self.writer.out.push('{');
        while let Some((key, raw)) = map.next_entry::<String, &RawValue>()? {
            let before = format!("{}:", Value::String(key));
            self.part(&mut gathered, ('{', '}'), &before, raw.get());
        }
        self.flush(&mut gathered, '}');
        self.writer.out.push('}');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_large_text_is_masked_as_a_small_one_is() {
        // Numbers of eight digits, which are none of the secrets that other tests of this process make known.
        redact::learn("hunter2-in-a-large-text");
        let filler = "x".repeat(PIECE / 3);
        let value = json!({
            "list": (70_000_000..70_040_000).map(|n| json!({"n": n, "ssl.key.password": "abc"})).collect::<Vec<_>>(),
            "empty": [], "map": {"a": filler, "b": filler, "c": {"d": [filler, filler, filler, "it is hunter2-in-a-large-text"]}, "e": {}},
            "ssl.key.password": "abc", "long": "y".repeat(2 * PIECE), "last": null,
        });
        let text = value.to_string();
        let masked = masked(text.as_bytes()).unwrap();
        let mut expected = value;
        redact::mask_json(&mut expected);
        assert_eq!(serde_json::from_slice::<Value>(&masked).unwrap(), expected);
        assert_eq!(expected["map"]["c"]["d"][3], "it is ***");
    }

    #[test]
    fn what_holds_no_secret_stays_as_it_is() {
        let text = format!("[ {} ]", vec!["1"; PIECE].join(", "));
        assert!(matches!(masked(text.as_bytes()), Some(Cow::Borrowed(_))));
        assert!(masked(b"[1, 2").is_none());
        let deep = format!("{}{}", "[".repeat(PIECE), "]".repeat(PIECE));
        assert!(matches!(masked(deep.as_bytes()), Some(Cow::Borrowed(_))));
    }
}
