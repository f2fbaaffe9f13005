//! The parts of a text that may hold a secret: names, values in quotes or not, ends of words and lines.

use memchr::memchr;
use std::ops::Range;

/// How far a key in PEM, a token or an address is followed, so that a text full of their beginnings takes no time.
pub(super) const REACH: usize = 64 << 10;

/// Where the secret is of which a part stands there.
pub(super) type Finder = fn(&[u8], Range<usize>) -> Option<Range<usize>>;

pub(super) fn in_name(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

pub(super) fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// Past blanks, also those that French has before a colon.
pub(super) fn past_blanks(text: &[u8], mut at: usize) -> usize {
    loop {
        at += match text.get(at..).unwrap_or_default() {
            [b' ' | b'\t', ..] => 1,
            [0xC2, 0xA0, ..] => 2,
            [0xE2, 0x80, 0xAF, ..] => 3,
            _ => return at,
        };
    }
}

/// Past the quotes, escaped or not, that end a name.
pub(super) fn past_quotes(text: &[u8], at: usize) -> usize {
    let quotes = text[at..].iter().take(8).take_while(|b| is_quote(**b) || matches!(b, b'\\' | b']')).count();
    at + quotes
}

pub(super) fn line_end(text: &[u8], at: usize) -> usize {
    let rest = &text[at..];
    at + rest.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(rest.len())
}

/// The value that begins at `at`, past blanks: what is in quotes, else a word, or the rest of the line.
pub(super) fn value(text: &[u8], at: usize, whole_line: bool) -> Option<Range<usize>> {
    let at = past_blanks(text, at);
    // An element of XML.
    if text[..at].ends_with(b">") && !text[..at].ends_with(b"=>") {
        return Some(at..at + memchr(b'<', &text[at..line_end(text, at)])?);
    }
    let slashes = text.get(at..)?.iter().take_while(|b| **b == b'\\').count();
    let quote = text.get(at + slashes).copied().filter(|b| is_quote(*b));
    if let Some(quote) = quote {
        let start = at + slashes + 1;
        if let Some(end) = closing(text, start, quote, slashes) {
            return Some(start..end);
        }
        return Some(start..line_end(text, start));
    }
    if text[at..].starts_with(b"-----BEGIN") || text[at..].starts_with(b"{") || text[at..].starts_with(b"[") {
        return None;
    }
    if whole_line {
        return Some(at..line_end(text, at));
    }
    // A block of YAML.
    let end = text.len().min(at + 4);
    let end = at + text[at..end].iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(0);
    if [&b"|"[..], b">", b"|-", b">-"].contains(&text[at..end].trim_ascii_end()) {
        let next = text[end..].iter().position(|b| !b.is_ascii_whitespace()).map(|n| end + n)?;
        return Some(next..line_end(text, next));
    }
    Some(at..word_end(text, at))
}

/// Where the quote closes: one with as many backslashes as the first. On one line, a key in PEM apart.
fn closing(text: &[u8], start: usize, quote: u8, slashes: usize) -> Option<usize> {
    let limit = match text[start..].starts_with(b"-----BEGIN") {
        true => text.len().min(start + REACH),
        false => line_end(text, start),
    };
    let mut from = start;
    while let Some(found) = memchr(quote, &text[from..limit]) {
        let at = from + found;
        let before = text[start..at].iter().rev().take_while(|b| **b == b'\\').count();
        if (slashes == 0 && before % 2 == 0) || (slashes > 0 && before <= slashes) {
            return Some(at - if slashes == 0 { 0 } else { before });
        }
        from = at + 1;
    }
    None
}

/// Where a word ends that is not in quotes: what may belong to a secret does, unless something else begins behind it.
pub(super) fn word_end(text: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(byte) = text.get(at) {
        let next = text.get(at + 1);
        let at_end = next.is_none_or(|b| b.is_ascii_whitespace() || is_quote(*b) || *b == b'\\');
        let ends = match byte {
            b'\\' if next.is_some_and(|b| is_quote(*b)) => true,
            b'\\' if matches!(next, Some(b' ' | b'\\')) => {
                at += 2;
                continue;
            }
            b if b.is_ascii_whitespace() || is_quote(*b) => true,
            b'<' => next == Some(&b'/'),
            b',' | b';' | b'&' => {
                let name = text[at + 1..].iter().take_while(|b| in_name(b)).count();
                at_end
                    || next == Some(byte)
                    || (name > 0 && matches!(text.get(at + 1 + name), Some(b'=' | b':')))
            }
            b')' | b'}' | b']' => {
                at_end || next.is_some_and(|b| matches!(b, b',' | b';' | b')' | b'}' | b']'))
            }
            _ => false,
        };
        if ends {
            break;
        }
        at += 1;
    }
    at.min(text.len())
}
