//! What stands below the name of a secret: objects and lists of JSON and its like, blocks of YAML, the data of a Secret of
//! Kubernetes.

use super::{
    clear::is_clear,
    keys::{self, describes},
    text::{
        Found, REACH, closing, in_name, is_plain, is_quote, line_end, line_within, lines_below, past_blanks,
        past_quotes,
    },
};
use memchr::memmem;
use std::ops::Range;

/// What the value of a key in a block is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Below {
    /// A secret, where it is a value at all.
    Secret,
    /// Something about one, or where to find one.
    Shown,
}

/// A list or an object that is open.
struct Open {
    /// Whether it has keys.
    keyed: bool,
    /// Whether it is in round brackets.
    is_tuple: bool,
    /// What its next value is.
    next: Below,
    /// What it is itself.
    own: Below,
    /// The value of `key`, which is a secret where the object does not say of what it is the key.
    key: Option<Range<usize>>,
    /// Whether it does.
    refers: bool,
}

/// The secrets of the object or the list that begins at `at`, and where it ends. `None` where none does.
pub(super) fn bracketed(text: &[u8], at: usize, name: &str) -> Option<(Vec<Range<usize>>, usize)> {
    if !matches!(text.get(at), Some(b'{' | b'[' | b'(')) {
        return None;
    }
    let limit = text.len().min(at + REACH);
    let mut found = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut place = at;
    while place < limit {
        match text[place] {
            bracket @ (b'{' | b'[' | b'(') => {
                let own = open.last().map_or(Below::Secret, |outer| outer.next);
                open.push(Open {
                    keyed: bracket == b'{',
                    is_tuple: bracket == b'(',
                    next: own,
                    own,
                    key: None,
                    refers: false,
                });
                place += 1;
            }
            b @ (b'}' | b']' | b')') if b != b')' || open.last().is_some_and(|open| open.is_tuple) => {
                let closed = open.pop()?;
                found.extend(closed.key.filter(|_| !closed.refers));
                place += 1;
                if open.is_empty() {
                    return Some((found, place));
                }
            }
            b if b.is_ascii_whitespace() || matches!(b, b',' | b';') => {
                if let Some(inner) = open.last_mut().filter(|_| b != b' ' && b != b'\t') {
                    inner.next = inner.own;
                }
                place += 1;
            }
            _ => {
                let in_tuple = open.last().is_some_and(|open| open.is_tuple);
                let (word, next, quoted) = word(&text[..limit], place, in_tuple);
                let behind = past_blanks(text, next);
                let inner = open.last_mut()?;
                if inner.keyed && matches!(text.get(behind), Some(b':' | b'=')) {
                    let key = String::from_utf8_lossy(&text[word]);
                    inner.next = below(&key, inner.own, name);
                    inner.refers |= refers(&key) && name != DATA;
                    if key == "key" && inner.own == Below::Secret {
                        inner.key = Some(behind..behind);
                    }
                    let arrow = text.get(behind + 1) == Some(&b'>');
                    place = past_value(text, behind + 1 + usize::from(arrow), limit);
                    continue;
                }
                let valued =
                    !inner.keyed || inner.next != inner.own || begins_value(text, word.start, quoted);
                if inner.key.as_ref().is_some_and(Range::is_empty) {
                    inner.key = Some(word).filter(|word| is_value(text, word, quoted, name));
                } else if inner.next == Below::Secret && valued && is_value(text, &word, quoted, name) {
                    found.push(word);
                }
                place = next;
            }
        }
    }
    // One that is cut off, or no block at all: what its first line has.
    let line = line_end(text, at);
    found.retain(|secret| secret.end <= line);
    Some((found, line.max(at + 1)))
}

/// Past the blanks and line breaks before the value of a key.
fn past_value(text: &[u8], at: usize, limit: usize) -> usize {
    at + text[at.min(limit)..limit].iter().take_while(|b| b.is_ascii_whitespace()).count()
}

/// Whether a word of an object stands behind a key, and is not a key without a value: `{user, password}` of a program.
fn begins_value(text: &[u8], start: usize, quoted: bool) -> bool {
    let mut before = text[..start]
        .iter()
        .rev()
        .take(64)
        .skip_while(|b| b.is_ascii_whitespace() || quoted && (is_quote(**b) || **b == b'\\'));
    matches!(before.next(), Some(b':' | b'=' | b'>'))
}

/// The word that begins there, in quotes or not, and where the text goes on behind it.
fn word(text: &[u8], at: usize, in_tuple: bool) -> (Range<usize>, usize, bool) {
    let slashes = text[at..].iter().take_while(|b| **b == b'\\').count();
    if let Some(quote) = text.get(at + slashes).copied().filter(|b| is_quote(*b)) {
        let start = at + slashes + 1;
        let end = closing(text, start, quote, slashes).unwrap_or_else(|| line_end(text, start));
        return (start..end, (end + slashes + 1).min(text.len()), true);
    }
    let ends = |(place, b): (usize, &u8)| match b {
        b',' | b'{' | b'}' | b'[' | b']' | b'\n' | b'\r' | b'"' => true,
        b'=' => true,
        b')' => in_tuple,
        b':' => text.get(at + place + 1).is_none_or(u8::is_ascii_whitespace),
        _ => false,
    };
    let length = text[at..].iter().enumerate().position(|(place, b)| ends((place, b)));
    let end = at + length.unwrap_or(text.len() - at).max(1);
    (at..at + text[at..end].trim_ascii_end().len().max(1), end, false)
}

/// The name of a block of which every value is a secret.
const DATA: &str = "data";

/// What stands below a key of a block.
fn below(key: &str, own: Below, name: &str) -> Below {
    if own == Below::Shown || describes(key) && name != DATA { Below::Shown } else { Below::Secret }
}

/// Whether a key says of what another one is the key: `secretKeyRef: {name: x, key: y}`.
fn refers(key: &str) -> bool {
    ["name", "path", "secretName"].contains(&key)
}

/// Whether a value in a block below a name is a secret.
fn is_value(text: &[u8], word: &Range<usize>, quoted: bool, name: &str) -> bool {
    let shown = &text[word.clone()];
    if shown.len() < 4 && shown.iter().all(u8::is_ascii_digit) {
        return false;
    }
    // A number that is none of the text: `12.5`, `1e3`.
    let number =
        !quoted && shown.iter().all(|b| b.is_ascii_digit() || b".-+".contains(b)) && shown.contains(&b'.');
    let shown = String::from_utf8_lossy(shown);
    !number && is_clear(&shown) && !keys::is_resource(name, &shown)
}

/// The secrets in the lines below the name that ends in the line of `at`, and where they end. `None` where they are no block.
pub(super) fn indented(text: &[u8], at: usize, name: &str) -> Option<(Vec<Range<usize>>, usize)> {
    let lines = lines_below(text, at)?;
    if is_plain(&text[lines.clone()]) {
        let shown = text[lines.clone()].split(|b| *b == b'\n');
        let resources = shown.filter_map(|line| item(line).1).all(|item| {
            let item = item.trim_matches(['"', '\'']);
            keys::is_resource(name, item) || !is_clear(item)
        });
        let end = lines.end;
        let quoted = matches!(&text[lines.clone()], [a, .., b] if is_quote(*a) && a == b);
        let inner = if quoted { lines.start + 1..lines.end - 1 } else { lines };
        return Some((if resources { Vec::new() } else { vec![inner] }, end));
    }
    mapped(text, lines.clone(), name).map(|found| (found, lines.end))
}

/// An item of a list without its dash, and how far it stands to the right.
fn item(line: &[u8]) -> (usize, Option<&str>) {
    let mut inner = line.trim_ascii_start();
    while let Some(rest) = inner.strip_prefix(b"- ") {
        inner = rest.trim_ascii_start();
    }
    (line.len() - inner.len(), std::str::from_utf8(inner).ok().map(str::trim_end))
}

/// The values of a block of YAML. `None` where a line is none of one.
fn mapped(text: &[u8], lines: Range<usize>, name: &str) -> Option<Vec<Range<usize>>> {
    let begin = text[..lines.start].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let (mut found, mut at) = (Vec::new(), begin);
    // What is below a key further to the left than this is hidden or shown as the key says.
    let mut shown: Option<usize> = None;
    let whole = &text[lines.clone()];
    let refers =
        [&b"name:"[..], b"path:", b"secretName:"].iter().any(|key| memmem::find(whole, key).is_some());
    while at < lines.end {
        let end = line_end(text, at).min(lines.end);
        let (indent, inner) = item(&text[at..end]);
        let (from, next) = (at + indent, end + 1);
        at = next;
        let inner = inner?;
        if inner.is_empty() || inner.starts_with('#') {
            continue;
        }
        if shown.is_some_and(|left| indent > left) {
            continue;
        }
        shown = None;
        let Some((key, value)) = pair(inner) else {
            // An item of a list alone.
            let dash = text[begin.max(from.saturating_sub(2))..from].starts_with(b"- ");
            // One below a note stands for itself.
            let alone = found.is_empty() && shown.is_none() && end >= lines.end;
            let whole = !inner.contains(' ') || inner.starts_with(['"', '\'']);
            if !(whole && (dash || alone)) {
                return None;
            }
            push(text, from..from + inner.len(), name, &mut found);
            continue;
        };
        let about = name != DATA && (describes(key) || key == "key" && refers);
        let start = from + inner.len() - value.len();
        match value.as_bytes() {
            _ if about => shown = Some(indent),
            [] => {}
            [b'|' | b'>', ..] => {
                let block = lines_below(text, from)?;
                at = line_end(text, block.end) + 1;
                found.push(block);
            }
            [b'{' | b'[', ..] => {
                let (secrets, closed) = bracketed(text, start, name)?;
                found.extend(secrets);
                at = at.max(line_end(text, closed) + 1);
            }
            _ => push(text, start..start + value.len(), name, &mut found),
        }
    }
    Some(found)
}

/// A key of YAML and its value, which may be on the lines below.
fn pair(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(": ").or_else(|| line.strip_suffix(':').map(|key| (key, "")))?;
    let key = key.trim().trim_matches(['"', '\'']);
    (!key.is_empty() && !key.contains(char::is_whitespace)).then_some((key, value.trim()))
}

fn push(text: &[u8], value: Range<usize>, name: &str, found: &mut Vec<Range<usize>>) {
    let shown = &text[value.clone()];
    let quoted = shown.len() > 1 && is_quote(shown[0]) && shown.last() == shown.first();
    let inner = if quoted { value.start + 1..value.end - 1 } else { value };
    if is_value(text, &inner, quoted, name) {
        found.push(inner);
    }
}

/// The values of the section of that name: `[credentials]` in TOML and in files of properties.
pub(super) fn section(text: &[u8], start: usize, end: usize) -> Option<Found> {
    let begins = start.checked_sub(1).filter(|at| text[*at] == b'[')?;
    let alone = begins.checked_sub(1).is_none_or(|at| text[at] == b'\n');
    let line = line_end(text, end);
    if !alone || text[end..line].trim_ascii_end() != b"]" {
        return None;
    }
    let (mut found, mut at) = (Vec::new(), line + 1);
    while at < text.len().min(start + REACH) {
        let end = line_end(text, at);
        let inner = text[at..end].trim_ascii();
        if inner.starts_with(b"[") {
            break;
        }
        let pair = std::str::from_utf8(inner).ok().and_then(|inner| inner.split_once('='));
        let secret = pair.filter(|(key, _)| !describes(key.trim()) && !key.starts_with(['#', ';']));
        if let Some((_, value)) = secret {
            let value = value.trim();
            let from = at + text[at..end].trim_ascii_end().len() - value.len();
            push(text, from..from + value.len(), "", &mut found);
        }
        at = end + 1;
    }
    Some((found, at))
}

/// The texts of the elements that the element has whose content begins at `at`. `None` where it has a text itself.
pub(super) fn elements(text: &[u8], at: usize, name: &str) -> Option<Found> {
    let near = &text[at..text.len().min(at + REACH / 16)];
    let end = memmem::find(near, format!("</{name}>").as_bytes())?;
    let mut inner = near[..end].trim_ascii_start();
    let mut found = Vec::new();
    while let Some(tag) = inner.strip_prefix(b"<") {
        let close = tag.iter().position(|b| *b == b'>')?;
        let own = String::from_utf8_lossy(tag[..close].split(u8::is_ascii_whitespace).next()?).into_owned();
        let behind = &tag[close + 1..];
        let length = behind.iter().position(|b| *b == b'<').unwrap_or(behind.len());
        let from = at + end - behind.len();
        let value = behind[..length].trim_ascii();
        let start = from + behind[..length].iter().take_while(|b| b.is_ascii_whitespace()).count();
        let value = start..start + value.len();
        if !own.starts_with(['/', '!']) && !describes(&own) && is_value(text, &value, false, name) {
            found.push(value);
        }
        inner = behind[length..].trim_ascii_start();
    }
    (!found.is_empty()).then_some((found, at + end))
}

/// The data of a Secret of Kubernetes, which says by its kind that they are secret. A document is looked at once.
pub(super) fn of_kubernetes(text: &[u8], trace: Range<usize>, in_block: bool) -> Found {
    // `SecretStore`, `secrets`.
    let goes_on = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if in_block || text.get(trace.end).is_some_and(goes_on) {
        return (Vec::new(), trace.end);
    }
    let near = trace.start.saturating_sub(256);
    let line = text[near..trace.start].iter().rposition(|b| *b == b'\n').map_or(near, |at| near + at + 1);
    let head = &text[line..trace.start];
    if head.iter().all(|b| matches!(b, b' ' | b'-')) {
        return of_manifest(text, line, head.len());
    }
    let Some(open) = opened(text, trace.start) else { return (Vec::new(), trace.end) };
    let close = bracketed(text, open, "").map_or(open, |(_, end)| end);
    let mut found = Vec::new();
    for key in [&b"data"[..], b"stringData"] {
        for at in memmem::find_iter(&text[open..close], key).map(|at| open + at + key.len()) {
            let quotes = text[at..close].iter().take_while(|b| is_quote(**b) || **b == b'\\').count();
            let colon = past_blanks(text, at + quotes);
            let whole = quotes > 0 && is_quote(text[at - key.len() - 1]) && text.get(colon) == Some(&b':');
            let begin = past_value(text, (colon + 1).min(close), close);
            found.extend(
                bracketed(text, begin, DATA).filter(|_| whole).into_iter().flat_map(|(secrets, _)| secrets),
            );
        }
    }
    (found, close)
}

/// The texts of a Secret of Kubernetes that is made or changed: no other object has a `stringData`.
pub(super) fn of_texts(text: &[u8], trace: Range<usize>, in_block: bool) -> Found {
    let colon = past_blanks(text, past_quotes(text, trace.end));
    let own = text[..trace.start].last().is_none_or(|b| !in_name(b));
    let none = (Vec::new(), trace.end);
    if in_block || !own || text.get(colon) != Some(&b':') {
        return none;
    }
    let at = past_value(text, colon + 1, text.len().min(colon + REACH / 16));
    let is_below = text[colon..at].contains(&b'\n');
    let below = || is_below.then(|| indented(text, colon + 1, DATA))?;
    bracketed(text, at, DATA).or_else(below).unwrap_or(none)
}

/// Where the object begins that has what stands there.
fn opened(text: &[u8], at: usize) -> Option<usize> {
    let from = at.saturating_sub(REACH / 4);
    let mut depth = 0_usize;
    for place in (from..at).rev() {
        match text[place] {
            b'}' => depth += 1,
            b'{' if depth == 0 => return Some(place),
            b'{' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// As in a manifest in YAML: the keys beside `kind`, before it and behind.
fn of_manifest(text: &[u8], line: usize, indent: usize) -> Found {
    let depth = |at: usize| {
        let shown = &text[at..line_within(text, at, 128)];
        let (depth, inner) = item(shown);
        (depth, inner.is_none_or(str::is_empty), shown.starts_with(b"---"))
    };
    let begins_item = |at: usize| text[at..line_within(text, at, 128)].trim_ascii_start().starts_with(b"- ");
    // Up to where something begins that has it.
    let (mut from, near) = (line, line.saturating_sub(REACH / 4));
    while from > near && !(begins_item(from) && depth(from).0 == indent) {
        let above = text[..from - 1].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let (left, empty, ends) = depth(above);
        if ends || !empty && left < indent {
            break;
        }
        from = above;
    }
    let (mut at, limit) = (from, text.len().min(line + REACH / 4));
    let mut found = Vec::new();
    while at < limit {
        let (left, empty, ends) = depth(at);
        let next = left == indent && begins_item(at);
        if at > line && (ends || next || !empty && left < indent) {
            break;
        }
        let end = line_within(text, at, 4096);
        let key = item(&text[at..end]).1.unwrap_or_default();
        if left == indent && ["data:", "stringData:"].contains(&key) {
            let block = lines_below(text, at + left);
            found.extend(block.and_then(|lines| mapped(text, lines, DATA)).unwrap_or_default());
        }
        let flow = ["data: {", "stringData: {"].iter().find(|begin| key.starts_with(**begin));
        if let Some(begin) = flow.filter(|_| left == indent) {
            let secrets = bracketed(text, at + left + begin.len() - 1, DATA);
            found.extend(secrets.into_iter().flat_map(|(secrets, _)| secrets));
        }
        at = end + 1;
    }
    (found, at)
}
