//! Values of several words without quotes: how far they go where the form of the line says it.

use super::text::{in_name, is_quote, line_within};
use memchr::memmem;
use std::ops::Range;

/// A longer line has no name at its begin.
const LONGEST: usize = 1 << 10;

/// How the line of a value is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `name: a b`, as in YAML.
    Colon,
    /// `name = a b`.
    Apart,
    /// `name=a b`.
    Joined,
}

/// Where a value ends that begins behind the separator at `at`, and goes on behind its first word. `None` where it does not.
pub(super) fn end(text: &[u8], at: usize, value: &Range<usize>) -> Option<usize> {
    let quoted = text[..value.start].last().is_some_and(|b| is_quote(*b));
    let stop = line_within(text, at, LONGEST);
    let number = text[value.clone()].iter().all(u8::is_ascii_digit);
    if quoted
        || number
        || value.end >= stop
        || text[at..value.start].contains(&b'\n')
        || value.contains(&stop)
    {
        return None;
    }
    let rest = &text[value.end..stop];
    let behind = rest.trim_ascii();
    let replaced = ["->", "=>", "→"].iter().any(|arrow| behind.starts_with(arrow.as_bytes()));
    if !matches!(rest.first(), Some(b' ' | b'\t')) || behind.is_empty() || replaced {
        return None;
    }
    let from = at.saturating_sub(LONGEST);
    let begin = text[from..at].iter().rposition(|b| *b == b'\n').map_or(from, |place| from + place + 1);
    if begin == from && from > 0 {
        return None;
    }
    let head = &text[begin..at];
    if let Some(end) = in_flow(text, head, value).or_else(|| in_quotes(text, head, value)) {
        return Some(end);
    }
    let (name, form) = named(head, text.get(at).copied())?;
    let near = [above(text, begin), below(text, stop)];
    let set_in = head.first().is_some_and(|b| matches!(b, b' ' | b'\t')) || head.starts_with(b"- ");
    let beside = |wanted: Form| {
        near.iter().any(|line| split(line).is_some_and(|(_, form)| form == wanted && !line.starts_with(b"#")))
    };
    let dotted = name.contains(&b'.');
    let lower = !name.iter().any(u8::is_ascii_uppercase);
    let whole = match form {
        Form::Colon if is_block(rest) => false,
        Form::Colon => dotted || set_in || beside(Form::Colon) || !is_sentence(&text[value.start..stop]),
        Form::Apart => {
            dotted
                || beside(Form::Apart) && !is_code(rest)
                || !is_code(rest) && !is_sentence(&text[value.start..stop])
        }
        Form::Joined => dotted || lower && beside(Form::Joined) && !is_code(rest),
    };
    // What is said of it in the line.
    let note = memmem::find(rest, b" #").filter(|_| form == Form::Colon).unwrap_or(rest.len());
    let length = rest[..note].trim_ascii_end().len();
    (whole && length > 0).then_some(value.end + length)
}

/// The end of a value of a map in one line: `{password: a b, user: c}`.
fn in_flow(text: &[u8], head: &[u8], value: &Range<usize>) -> Option<usize> {
    // `SCRAM-SHA-512=[iterations=4096,password=a b]`
    if let Some(head) = head.strip_suffix(b"=") {
        let name = head.iter().rev().take_while(|b| in_name(b)).count();
        let before = &head[..head.len() - name];
        let opens = before.ends_with(b"[") || before.ends_with(b",") && before.contains(&b'[');
        let rest = &text[value.end..line_within(text, value.end, LONGEST)];
        let end = rest.iter().position(|b| matches!(b, b']' | b',' | b'=') || is_quote(*b))?;
        return (opens && rest[end] == b']').then_some(value.end + end);
    }
    let head = head.strip_suffix(b":")?;
    let name = head.iter().rev().take_while(|b| in_name(b)).count();
    let before = head[..head.len() - name].trim_ascii_end();
    let opens = before.ends_with(b"{") || before.ends_with(b",") && before.contains(&b'{');
    if !opens || name == 0 || text.get(value.start.checked_sub(1)?) != Some(&b' ') {
        return None;
    }
    let rest = &text[value.end..line_within(text, value.end, LONGEST)];
    let end = rest.iter().enumerate().position(|(at, b)| match b {
        b'}' | b']' | b'"' | b'\'' => true,
        b',' => rest.get(at + 1).is_none_or(|next| next.is_ascii_whitespace()),
        _ => false,
    })?;
    let closed = rest[end..].contains(&b'}');
    closed.then_some(value.end + rest[..end].trim_ascii_end().len())
}

/// The end of a value of an argument that is in quotes with its name: `-e "PASSWORD=a b"`.
fn in_quotes(text: &[u8], head: &[u8], value: &Range<usize>) -> Option<usize> {
    let head = head.strip_suffix(b"=")?;
    let name = head.iter().rev().take_while(|b| in_name(b)).count();
    let quote = head[..head.len() - name].last().copied().filter(|b| is_quote(*b))?;
    let rest = &text[value.end..line_within(text, value.end, LONGEST)];
    let length = rest.iter().position(|b| is_quote(*b) || *b == b'=')?;
    (name > 0 && rest[length] == quote).then_some(value.end + length)
}

/// The name that a line has before the separator that ends `head`, and how it is written.
fn named(head: &[u8], next: Option<u8>) -> Option<(&[u8], Form)> {
    let mut inner = head.trim_ascii();
    while let Some(item) = inner.strip_prefix(b"- ") {
        inner = item.trim_ascii_start();
    }
    let (mark, before) = inner.split_last()?;
    let name = before.trim_ascii_end();
    let bare = name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\"")).unwrap_or(name);
    if bare.is_empty() || !bare.iter().all(in_name) {
        return None;
    }
    let gap = matches!(next, Some(b' ' | b'\t'));
    let form = match mark {
        b':' if before.len() == name.len() && gap => Form::Colon,
        b'=' if before.len() > name.len() && gap => Form::Apart,
        b'=' if before.len() == name.len() && !gap => Form::Joined,
        _ => return None,
    };
    Some((bare, form))
}

/// A name and the form of a whole line.
fn split(line: &[u8]) -> Option<(&[u8], Form)> {
    let mark = line.iter().position(|b| matches!(b, b':' | b'='))?;
    // A key whose value is below it.
    let next = line.get(mark + 1).copied().or(Some(b' '));
    named(&line[..=mark], next)
}

fn above(text: &[u8], begin: usize) -> &[u8] {
    let Some(end) = begin.checked_sub(1) else { return &[] };
    let from = end.saturating_sub(LONGEST);
    let start = text[from..end].iter().rposition(|b| *b == b'\n').map_or(from, |at| from + at + 1);
    text[start..end].trim_ascii_end()
}

fn below(text: &[u8], end: usize) -> &[u8] {
    let start = end + text[end..].iter().take(2).take_while(|b| matches!(b, b'\n' | b'\r')).count();
    text[start..line_within(text, start, LONGEST)].trim_ascii_end()
}

/// Whether words are those of a sentence, of which the first is the value.
fn is_sentence(words: &[u8]) -> bool {
    const MARKS: [&[u8]; 6] = [b", ", b"; ", b". ", b" (", b" - ", b" / "];
    const WORDS: [&[u8]; 16] = [
        b" and ", b" are ", b" at ", b" est ", b" et ", b" for ", b" from ", b" in ", b" is ", b" on ",
        b" or ", b" pour ", b" sur ", b" the ", b" to ", b" was ",
    ];
    let has = |mark: &&[u8]| memmem::find(words, mark).is_some();
    words.ends_with(b".") || MARKS.iter().any(has) || WORDS.iter().any(has) || words.contains(&b'=')
}

/// Whether a line goes on as one of a program does behind a field: `token: match a {`, `key: /* of b */ vec![],`.
fn is_block(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii_end();
    [&b"{"[..], b"(", b";", b"),", b"],"].iter().any(|end| rest.ends_with(end))
        || memmem::find(rest, b"::").is_some()
}

/// Whether a line goes on as one of a program or of a shell.
fn is_code(rest: &[u8]) -> bool {
    const MARKS: [&[u8]; 12] = [
        b" && ", b" ? ", b" ?? ", b" and ", b" else ", b" if ", b" in ", b" is ", b" or ", b" + ", b" | ",
        b" || ",
    ];
    rest.contains(&b'=') || MARKS.iter().any(|mark| memmem::find(rest, mark).is_some())
}
