//! The redactor: masks resolved secrets and the known shapes of secrets in any text before it is kept or shown.
//!
//! By bytes, so that what is no text is searched too. [`learn`] makes a secret known in every form in which it may show
//! up; what nobody resolved is recognised by its shape.

mod addresses;
mod arguments;
mod blocks;
mod calls;
mod clear;
mod commands;
mod decoded;
mod directives;
mod encoded;
mod expect;
mod fallbacks;
mod fields;
mod json;
mod keys;
mod known;
mod lines;
mod logins;
mod marks;
mod mojibake;
mod named;
mod programs;
mod prose;
mod rules;
mod scripts;
mod sentences;
mod shapes;
mod spellings;
mod sql;
mod tables;
mod text;
mod tokens;
mod undone;
mod wide;

pub use clear::is_reference;
pub use json::{mask_json, mask_prose, mask_record};
pub use keys::{MASK, is_secret_key};
#[doc(hidden)]
pub use known::{Forgetting, forgetting};
pub use known::{holds_secret, learn};

use std::{borrow::Cow, ops::Range};
use wide::Wide;

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
    let mut secrets = secrets(text);
    let wide = wide::parts(text);
    for secret in &mut secrets {
        if let Some(part) = part_of(&wide, secret.start) {
            *secret = part.units(secret);
        }
    }
    secrets.extend(wide.iter().flat_map(|part| {
        let within = self::secrets(&part.bytes);
        within.into_iter().map(|secret| part.range(&secret))
    }));
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
            match part_of(&wide, secret.start) {
                Some(part) => out.extend(part.written(MASK)),
                None => out.extend_from_slice(MASK.as_bytes()),
            }
        }
        done = done.max(secret.end);
    }
    out.extend_from_slice(&text[done..]);
    Some(out)
}

/// Where secrets stand that are known or have a shape.
fn secrets(text: &[u8]) -> Vec<Range<usize>> {
    let mut secrets = known::find(text, known::ESCAPES);
    secrets.extend(shapes::find(text));
    // `\x1b[31mpassword\x1b[0m=x`, as a search shows what it found.
    if memchr::memchr(marks::ESCAPE, text).is_some() {
        let bare = marks::colours(text);
        secrets.extend(shapes::find(&bare.bytes).iter().map(|secret| bare.range(secret)));
    }
    secrets
}

/// The part in UTF-16 that has what stands there.
fn part_of(parts: &[Wide], at: usize) -> Option<&Wide> {
    let next = parts.partition_point(|part| part.whole.start <= at);
    parts[..next].last().filter(|part| part.whole.contains(&at))
}

/// Makes the value of a setting known where its name says that it is a secret, and it is no reference to one.
pub fn learn_setting(name: &str, value: &str) {
    if is_secret_key(name) && clear::is_clear(value) {
        learn(value);
    }
}

/// Makes known what only a text as a whole shows to be a secret, where it is looked at line by line afterwards: private
/// keys, columns of tables, what stands below a name or is the next line of a command.
pub fn learn_whole(text: &[u8]) {
    for key in shapes::private_keys(text) {
        learn(&format!("-----BEGIN PRIVATE KEY-----\n{}", String::from_utf8_lossy(&text[key])));
    }
    let alone = |secret: &Range<usize>| {
        let start = text[..secret.start].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let end =
            text[secret.end..].iter().position(|b| *b == b'\n').map_or(text.len(), |at| secret.end + at);
        let mut seen = secrets(&text[start..end]).into_iter();
        !text[secret.clone()].contains(&b'\n')
            && seen.any(|seen| start + seen.start <= secret.start && secret.end <= start + seen.end)
    };
    // First all of them: what is learnt is looked for at once.
    let hidden: Vec<Range<usize>> = secrets(text).into_iter().filter(|secret| !alone(secret)).collect();
    for secret in hidden {
        learn(&String::from_utf8_lossy(&text[secret]));
    }
}

/// The value of a setting with its secrets masked: all of it where the name says that it is one.
pub fn mask_setting<'v>(name: &str, value: &'v str) -> Cow<'v, str> {
    if keys::is_secret(name, value) { Cow::Borrowed(MASK) } else { mask(value) }
}

/// JSON text with the secrets masked that are known, where the text as it is written may hold more than its value: a
/// duplicate key, a number of many digits.
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
    let bytes = json.as_bytes();
    let wide = || memchr::memmem::find(bytes, b"\\u0000").is_some();
    // What stands between letters may hide a shape, or have the end of the text behind it.
    let marks: [&[u8]; 5] = [b"\x1b", b"\\u001b", b"\\u001B", b"\\b", b"\\u0008"];
    let marked = || marks.iter().any(|mark| memchr::memmem::find(bytes, mark).is_some());
    shapes::is_possible(bytes) || wide() || marked() || !known::find(bytes, known::ESCAPES + 1).is_empty()
}

/// The words of a command line that say a secret by an option which only that program has: the option, and its value
/// where that is a word of its own.
pub fn secret_argument(words: &[String]) -> Option<&[String]> {
    let all: Vec<&str> = words.iter().map(String::as_str).collect();
    let (at, secret) = programs::arguments(&all).into_iter().next()?;
    words.get(at - usize::from(secret.start == 0)..=at)
}

#[cfg(test)]
mod tests;
