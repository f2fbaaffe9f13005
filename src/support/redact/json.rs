//! Masks values of JSON: texts, numbers and keys that are or hold a secret, and what stands under the name of one.

use super::{
    clear, fields,
    keys::{self, MASK, is_secret_key},
    known, mask, programs,
};
use serde_json::{Map, Value};
use std::{borrow::Cow, mem};

/// A list of more words is no command line.
const MOST_WORDS: usize = 256;

/// How much of a JSON value is free to be masked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// All of it.
    Everything,
    /// All but keys that are a word of a format.
    Record,
    /// The texts that are more than a word of a format.
    Prose,
}

/// Masks every string, number and key of a JSON value that is or holds a secret, and whole values whose key names one.
pub fn mask_json(value: &mut Value) {
    walk(value, Part::Everything);
}

/// As [`mask_json`] for a value that is to be read back: keys that may be those of its form are kept.
pub fn mask_record(value: &mut Value) {
    walk(value, Part::Record);
}

/// As [`mask_record`] where a secret is a word of the form itself: words, keys and numbers are kept.
pub fn mask_prose(value: &mut Value) {
    walk(value, Part::Prose);
}

fn walk(value: &mut Value, part: Part) {
    match value {
        Value::String(text) => {
            if !(part == Part::Prose && is_word(text))
                && let Cow::Owned(masked) = mask(text)
            {
                *text = masked;
            }
        }
        Value::Number(number) => {
            if part != Part::Prose && known::is_known(&number.to_string()) {
                *value = MASK.into();
            }
        }
        Value::Array(items) => {
            // `["docker", "login", "-p", "x"]`
            let words: Vec<&str> = items.iter().take(MOST_WORDS).map_while(Value::as_str).collect();
            for (at, secret) in programs::arguments(&words) {
                let mut word = items[at].as_str().unwrap_or_default().to_owned();
                word.replace_range(secret, MASK);
                items[at] = word.into();
            }
            // `["--password", "x"]`
            for at in 1..items.len() {
                let (before, rest) = items.split_at_mut(at);
                if let (Some(Value::String(option)), Some(Value::String(text))) =
                    (before.last(), rest.first_mut())
                    && let Some(masked) = argument(option, text)
                {
                    *text = masked;
                }
            }
            items.iter_mut().for_each(|item| walk(item, part));
        }
        Value::Object(entries) => {
            // A record's key is no name of a setting.
            let named = entries.iter().find_map(|(field, said)| {
                let said = said.as_str()?;
                let (_, is_key) = fields::before_name_field(field.as_bytes())?;
                let names = keys::may_name(said) && (!is_key || fields::names_setting(said.as_bytes()));
                names.then(|| said.to_owned())
            });
            let of_kubernetes = entries.get("kind").and_then(Value::as_str) == Some("Secret");
            for (key, value) in entries.iter_mut() {
                hide(key, value, part);
                if of_kubernetes && ["data", "stringData"].contains(&key.as_str()) {
                    below(key, value, part, true);
                }
                if let Some(named) = named.as_deref().filter(|_| fields::is_value_field(key.as_bytes())) {
                    hide(named, value, part);
                }
                walk(value, part);
            }
            if part != Part::Prose {
                rename(entries, part);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// The argument of an option of a command line, where it is or holds a secret.
fn argument(option: &str, text: &str) -> Option<String> {
    let name = option.trim_start_matches('-');
    if !option.starts_with('-') || text.starts_with('-') {
        return None;
    }
    if is_secret_key(name) || option.starts_with("--") && keys::is_password(name) {
        return clear::is_clear(text).then(|| MASK.to_owned());
    }
    let (user, password) = text.split_once(':').filter(|_| ["u", "user", "proxy-user"].contains(&name))?;
    let owner = [user, password].iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()));
    (!owner && !password.starts_with("//") && clear::is_clear(password)).then(|| format!("{user}:{MASK}"))
}

/// Masks the value of a key that names a secret: a text, a number, or what a list or an object of them has.
fn hide(name: &str, value: &mut Value, part: Part) {
    match value {
        Value::String(text) if keys::is_secret(name, text) => MASK.clone_into(text),
        Value::Number(_) if part == Part::Everything && is_secret_key(name) => *value = MASK.into(),
        Value::Number(number)
            if part == Part::Everything && keys::is_pin(name) && keys::is_pin_code(&number.to_string()) =>
        {
            *value = MASK.into();
        }
        Value::Array(_) | Value::Object(_) if is_secret_key(name) => below(name, value, part, false),
        _ => {}
    }
}

/// Masks what stands below the name of a secret: all of it, or all but what says something about it or where it is.
fn below(name: &str, value: &mut Value, part: Part, all: bool) {
    match value {
        Value::String(text) if clear::is_clear(text) && (all || !keys::is_resource(name, text)) => {
            MASK.clone_into(text);
        }
        Value::Number(_) if part == Part::Everything => *value = MASK.into(),
        Value::Array(items) => items.iter_mut().for_each(|item| below(name, item, part, all)),
        Value::Object(entries) => {
            let schema = !all && is_schema(entries);
            let refers = ["name", "path", "secretName"].iter().any(|key| entries.contains_key(*key));
            for (key, value) in entries.iter_mut() {
                let about = keys::describes(key)
                    || refers && key == "key"
                    || schema && !VALUES_OF_SCHEMAS.contains(&key.as_str());
                if all || !about {
                    below(name, value, part, all);
                }
            }
        }
        _ => {}
    }
}

/// The keywords of JSON Schema under which values stand.
const VALUES_OF_SCHEMAS: [&str; 4] = ["const", "default", "enum", "examples"];

/// Whether an object says how a value is written (JSON Schema), and has none.
fn is_schema(entries: &Map<String, Value>) -> bool {
    const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];
    const KEYWORDS: [&str; 24] = [
        "$ref",
        "additionalProperties",
        "allOf",
        "anyOf",
        "const",
        "default",
        "deprecated",
        "description",
        "enum",
        "examples",
        "format",
        "items",
        "maxItems",
        "maxLength",
        "maximum",
        "minItems",
        "minLength",
        "minimum",
        "oneOf",
        "pattern",
        "properties",
        "required",
        "title",
        "type",
    ];
    let is_type = |of: &Value| of.as_str().is_some_and(|of| TYPES.contains(&of));
    let typed = match entries.get("type") {
        Some(Value::Array(types)) => types.iter().all(is_type),
        Some(of) => is_type(of),
        None => ["$ref", "allOf", "anyOf", "oneOf"].iter().any(|key| entries.contains_key(*key)),
    };
    typed && entries.keys().all(|key| KEYWORDS.contains(&key.as_str()))
}

/// Masks the keys that hold a secret; none takes the place of another.
fn rename(entries: &mut Map<String, Value>, part: Part) {
    let free = |key: &String| !(part == Part::Record && is_word(key));
    if !entries.keys().any(|key| free(key) && matches!(mask(key), Cow::Owned(_))) {
        return;
    }
    for (key, value) in mem::take(entries) {
        let masked = if free(&key) { mask(&key).into_owned() } else { key };
        let mut name = masked.clone();
        let mut number = 1;
        while entries.contains_key(&name) {
            number += 1;
            name = format!("{masked}-{number}");
        }
        entries.insert(name, value);
    }
}

/// Whether a text may be a word of a format: a key, the name of a variant.
fn is_word(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-'))
}
