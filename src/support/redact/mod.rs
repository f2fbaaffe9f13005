//! The redactor: masks resolved secrets and the known shapes of secrets in any text before it is kept or shown.
//!
//! By bytes, so that what is no text is searched too. [`learn`] makes a secret known in every form in which it may show
//! up; what nobody resolved is recognised by its shape.

mod addresses;
mod commands;
mod decoded;
mod keys;
mod known;
mod named;
mod programs;
mod shapes;
mod sql;
mod text;
mod tokens;

pub use keys::{MASK, is_reference, is_secret_key};
pub use known::{holds_secret, learn};

use serde_json::{Map, Value};
use std::{borrow::Cow, mem};

/// `text` with every secret masked.
pub fn mask(text: &str) -> Cow<'_, str> {
    match masked(text.as_bytes()) {
        None => Cow::Borrowed(text),
        Some(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// `bytes` with every secret masked, whatever else they are.
pub fn mask_bytes(bytes: &[u8]) -> Cow<'_, [u8]> {
    masked(bytes).map_or(Cow::Borrowed(bytes), Cow::Owned)
}

fn masked(text: &[u8]) -> Option<Vec<u8>> {
    let mut secrets = known::find(text, known::ESCAPES);
    secrets.extend(shapes::find(text));
    if secrets.is_empty() {
        return None;
    }
    secrets.sort_by_key(|secret| secret.start);
    let mut out = Vec::with_capacity(text.len());
    let mut done = 0;
    for secret in secrets {
        // One that begins where another ends, or within it, goes with it.
        if secret.start > done || (secret.start == 0 && done == 0) {
            out.extend_from_slice(&text[done..secret.start]);
            out.extend_from_slice(MASK.as_bytes());
        }
        done = done.max(secret.end);
    }
    out.extend_from_slice(&text[done..]);
    Some(out)
}

/// Makes the value of a setting known where its name says that it is a secret, and it is no reference to one.
pub fn learn_setting(name: &str, value: &str) {
    if is_secret_key(name) && keys::is_clear(value) {
        learn(value);
    }
}

/// Makes the private keys in a text known, each line of them, where the text is looked at line by line.
pub fn learn_keys(text: &[u8]) {
    for key in shapes::private_keys(text) {
        learn(&format!("-----BEGIN PRIVATE KEY-----\n{}", String::from_utf8_lossy(&text[key])));
    }
}

/// The value of a setting with its secrets masked: all of it where the name says that it is one.
pub fn mask_setting<'v>(name: &str, value: &'v str) -> Cow<'v, str> {
    if keys::is_secret(name, value) { Cow::Borrowed(MASK) } else { mask(value) }
}

/// JSON text with the secrets masked that are known, where the text as it is written may hold more than its value: a
/// key that stands twice, a number of many digits.
pub fn mask_known(json: &[u8]) -> Cow<'_, [u8]> {
    let mut secrets = known::find(json, known::ESCAPES);
    if secrets.is_empty() {
        return Cow::Borrowed(json);
    }
    secrets.sort_by_key(|secret| (secret.start, std::cmp::Reverse(secret.end)));
    let mut out = Vec::with_capacity(json.len());
    let mut done = 0;
    for secret in secrets {
        if secret.start >= done {
            out.extend_from_slice(&json[done..secret.start]);
            let is_number = json[secret.clone()].iter().all(u8::is_ascii_digit)
                && json[..secret.start].trim_ascii_end().ends_with(b":");
            out.extend_from_slice(if is_number { b"\"***\"" } else { b"***" });
        }
        done = done.max(secret.end);
    }
    out.extend_from_slice(&json[done..]);
    Cow::Owned(out)
}

/// Whether masking could change anything in the value of this JSON text. A no is certain.
pub fn may_mask(json: &str) -> bool {
    // The text of JSON has one escape more than its values.
    shapes::is_possible(json.as_bytes()) || !known::find(json.as_bytes(), known::ESCAPES + 1).is_empty()
}

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
            let named = ["name", "key", "config", "property"].iter().find_map(|name| {
                let said = entries.get(*name).and_then(Value::as_str)?;
                let names = keys::may_name(said) && (*name != "key" || said.contains(['.', '_']));
                names.then(|| said.to_owned())
            });
            for (key, value) in entries.iter_mut() {
                hide(key, value, part);
                if let Some(named) = named.as_deref().filter(|_| key == "value") {
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
    if is_secret_key(name) {
        return keys::is_clear(text).then(|| MASK.to_owned());
    }
    let (user, password) = text.split_once(':').filter(|_| ["u", "user", "proxy-user"].contains(&name))?;
    let owner = [user, password].iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()));
    (!owner && !password.starts_with("//") && keys::is_clear(password)).then(|| format!("{user}:{MASK}"))
}

/// The words of a command line that say a secret by an option which only that program has: the option, and its value
/// where that is a word of its own.
pub fn secret_argument(words: &[String]) -> Option<&[String]> {
    let all: Vec<&str> = words.iter().map(String::as_str).collect();
    let (at, secret) = programs::arguments(&all).into_iter().next()?;
    words.get(at - usize::from(secret.start == 0)..=at)
}

/// Masks the value of a key that names a secret: a text, a number, or a list of them.
fn hide(name: &str, value: &mut Value, part: Part) {
    match value {
        Value::String(text) if keys::is_secret(name, text) => MASK.clone_into(text),
        Value::Number(_) if part == Part::Everything && is_secret_key(name) => *value = MASK.into(),
        Value::Array(items) if is_secret_key(name) => {
            items.iter_mut().for_each(|item| hide(name, item, part))
        }
        _ => {}
    }
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

#[cfg(test)]
mod tests;
