//! The parts of a text that may hold a secret: names, values in quotes or not, ends of words and lines.

use memchr::{memchr, memchr2, memmem};
use std::ops::Range;

/// How far a key in PEM, a token or an address is followed, so that a text full of their beginnings takes no time.
pub(super) const REACH: usize = 64 << 10;

/// Where the secret is of which a part stands there.
pub(super) type One = fn(&[u8], Range<usize>) -> Option<Range<usize>>;

/// Where secrets are, and up to where the text is looked at with them.
pub(super) type Found = (Vec<Range<usize>>, usize);

/// What to do where a part of a shape stands.
#[derive(Clone, Copy)]
pub(super) enum Finder {
    /// There is one secret.
    One(One),
    /// There is what a name says: one secret, or a block of them. Whether the name is in a block itself is told.
    Named(fn(&[u8], Range<usize>, bool) -> Found),
    /// There may be several.
    All(fn(&[u8], Range<usize>) -> Vec<Range<usize>>),
}

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

/// Past blanks and line breaks, as far as they may stand between two arguments.
pub(super) fn past_gap(text: &[u8], at: usize) -> usize {
    let at = at.min(text.len());
    at + text[at..].iter().take(64).take_while(|b| b.is_ascii_whitespace()).count()
}

/// Quotes as HTML, XML and JSON within either write them.
const WRITTEN_QUOTES: [&[u8]; 9] =
    [b"&quot;", b"&#34;", b"&#x22;", b"&apos;", b"&#39;", b"&#x27;", b"&amp;quot;", b"\\u0022", b"\\u0027"];

/// The quote that is written there with more than one letter.
fn written_quote(text: &[u8], at: usize) -> Option<&'static [u8]> {
    let rest = text.get(at..)?;
    WRITTEN_QUOTES.into_iter().find(|quote| rest.starts_with(quote))
}

/// Past the quotes, escaped or not, that end a name.
pub(super) fn past_quotes(text: &[u8], at: usize) -> usize {
    if let Some(quote) = written_quote(text, at) {
        return at + quote.len();
    }
    let is_end = |b: &&u8| is_quote(**b) || matches!(b, b'\\' | b']' | b'*');
    let quotes = text[at..].iter().take(8).take_while(is_end).count();
    at + quotes
}

/// Past what separates a field and the next one: quotes, commas, blanks, line breaks.
pub(super) fn past_borders(text: &[u8], mut at: usize) -> usize {
    let limit = text.len().min(at + 64);
    while at < limit {
        at += match text[at] {
            b if written_quote(text, at).is_none()
                && (is_quote(b) || b.is_ascii_whitespace() || matches!(b, b',' | b';' | b'\\')) =>
            {
                1
            }
            _ => match written_quote(text, at) {
                Some(quote) => quote.len(),
                None => break,
            },
        };
    }
    at
}

/// A text without the quotes, commas, blanks, colons and equals signs at its end.
pub(super) fn without_borders(mut text: &[u8]) -> &[u8] {
    loop {
        text = match text {
            _ if let Some(rest) = WRITTEN_QUOTES.iter().find_map(|quote| text.strip_suffix(*quote)) => rest,
            [rest @ .., b] if is_quote(*b) || b.is_ascii_whitespace() || b",:=\\".contains(b) => rest,
            _ => return text,
        };
    }
}

/// Where the line ends; one that is very long, a page of JSON, is taken to end at [`REACH`].
pub(super) fn line_end(text: &[u8], at: usize) -> usize {
    let rest = &text[at..text.len().min(at + REACH)];
    at + memchr2(b'\n', b'\r', rest).unwrap_or(rest.len())
}

/// Where the line ends, or so many bytes of it.
pub(super) fn line_within(text: &[u8], at: usize, most: usize) -> usize {
    line_end(&text[..text.len().min(at + most)], at)
}

/// How far a command line is followed.
const COMMAND: usize = 1 << 10;

/// Where a command line ends, or is followed no further; with a backslash, or as other shells mark it, it goes on below.
pub(super) fn command_end(text: &[u8], at: usize) -> usize {
    let text = &text[..text.len().min(at + COMMAND)];
    let mut end = line_end(text, at);
    while text[at..end].last().is_some_and(|b| matches!(b, b'\\' | b'^' | b'`')) && end + 1 < text.len() {
        end = line_end(text, end + 1);
    }
    end
}

/// The value that begins at `at`, past blanks: what is in quotes, else a word, or the rest of the line.
pub(super) fn value(text: &[u8], at: usize, whole_line: bool) -> Option<Range<usize>> {
    if text[..at].ends_with(b">") && !text[..at].ends_with(b"=>") {
        return element(text, at, b"<");
    }
    if text[..at].ends_with(b"&gt;") {
        return element(text, at, b"&lt;");
    }
    let at = past_blanks(text, at);
    if let Some(quote) = written_quote(text, at) {
        let start = at + quote.len();
        let rest = &text[start..line_end(text, start)];
        return Some(start..start + memmem::find(rest, quote).unwrap_or(rest.len()));
    }
    // `« x »`, `“x”`
    let around = [("«", "»"), ("“", "”"), ("„", "“")];
    if let Some((open, close)) = around.iter().find(|(open, _)| text[at..].starts_with(open.as_bytes())) {
        let start = past_blanks(text, at + open.len());
        let length = memmem::find(&text[start..line_end(text, start)], close.as_bytes())?;
        let inner = &text[start..start + length];
        let blanks = inner.len()
            - inner
                .strip_suffix("\u{a0}".as_bytes())
                .or(inner.strip_suffix("\u{202f}".as_bytes()))
                .unwrap_or(inner.trim_ascii_end())
                .len();
        return Some(start..start + length - blanks);
    }
    let at = past_wrapping(text, at);
    let slashes = text.get(at..)?.iter().take_while(|b| **b == b'\\').count();
    let quote = text.get(at + slashes).copied().filter(|b| is_quote(*b));
    if let Some(quote) = quote {
        let start = at + slashes + 1;
        // `"Password: "`
        let closes = text.get(start).is_none_or(|b| b.is_ascii_whitespace() || b",;)]}".contains(b));
        if closes && !is_even(text, at, quote) {
            return None;
        }
        if let Some(end) = closing(text, start, quote, slashes) {
            let whole = joined(text, end, end + slashes + 1, slashes);
            return Some(if whole > end { at..whole } else { start..end });
        }
        return Some(start..line_end(text, start));
    }
    if text[at..].starts_with(b"[") {
        return items(text, at + 1);
    }
    if text[at..].starts_with(b"-----BEGIN") || text[at..].starts_with(b"{") {
        return None;
    }
    if whole_line {
        return Some(at..line_end(text, at));
    }
    let near = &text[at..text.len().min(at + 5)];
    let line = near.split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default().trim_ascii();
    if line.is_empty() {
        return lines_below(text, at).filter(|lines| is_plain(&text[lines.clone()]));
    }
    // A block of YAML: `|`, `>-`, `|2+`.
    let is_mark = |b: &u8| matches!(b, b'|' | b'>' | b'+' | b'-' | b'1'..=b'9');
    if matches!(line[0], b'|' | b'>') && line.len() <= 3 && line.iter().all(is_mark) {
        return lines_below(text, at);
    }
    let end = word_end(text, at);
    Some(at..if end > at { joined(text, end, end, 0) } else { end })
}

/// Where a word ends of which a part ends at `end`, and that goes on at `next`, as a shell joins what has no blank between:
/// `'a':'b'`, `a"b c"`.
pub(super) fn joined(text: &[u8], mut end: usize, mut next: usize, slashes: usize) -> usize {
    let line = line_within(text, next.min(text.len()), COMMAND);
    while next < line {
        let quoted = text[next..line].iter().take_while(|b| **b == b'\\').count();
        let quote = text.get(next + quoted).copied().filter(|b| is_quote(*b) && *b != b'`');
        let start = next + quoted + 1;
        if let Some(quote) = quote {
            let opens = quoted == slashes
                && text.get(start).is_some_and(|b| !b.is_ascii_whitespace() && !b",;/<>()[]{}\\".contains(b))
                && is_even(text, next, quote);
            let Some(close) = closing(&text[..line], start, quote, slashes).filter(|_| opens) else { break };
            next = close + slashes + 1;
            end = next;
        } else {
            let goes_on = text[next].is_ascii_alphanumeric() || b":@$_%!^~-".contains(&text[next]);
            let word = word_end(&text[..line], next);
            let is_mark = word - next == 1
                && !text[next].is_ascii_alphanumeric()
                && !text.get(word).is_some_and(|b| is_quote(*b));
            if !goes_on || word == next || is_mark || word == end {
                break;
            }
            (end, next) = (word, word);
        }
    }
    end
}

/// Whether a quote of that kind that stands there opens, by how many stand before it in the line, where that is seen.
fn is_even(text: &[u8], at: usize, quote: u8) -> bool {
    let near = &text[at.saturating_sub(COMMAND)..at];
    let begin = near.iter().rposition(|b| *b == b'\n').map(|at| at + 1);
    let cut = begin.is_none() && at > COMMAND;
    cut || near[begin.unwrap_or(0)..].iter().filter(|b| **b == quote).count() % 2 == 0
}

/// What an element of XML holds that begins there, in another element or not.
fn element(text: &[u8], at: usize, end: &[u8]) -> Option<Range<usize>> {
    const OPENINGS: [&[u8]; 3] = [b"<value>", b"<string>", b"<![CDATA["];
    let past = |at: usize| at + text[at..].iter().take(256).take_while(|b| b.is_ascii_whitespace()).count();
    let mut start = past(at);
    let mut closing = end;
    while let Some(opening) = OPENINGS.iter().find(|opening| text[start..].starts_with(opening)) {
        start = past(start + opening.len());
        closing = if opening.ends_with(b"[") { b"]]>" } else { end };
    }
    let near = &text[start..text.len().min(start + REACH / 16)];
    let length = memmem::find(near, closing)?;
    let inner = near[..length].trim_ascii_end();
    // A line that is no value of an element may have one below it.
    let alone = text[at..start + length].contains(&b'\n') && closing == end;
    let closes = !alone || near[length + closing.len()..].starts_with(b"/");
    (closes && !inner.contains(&b'\n')).then_some(start..start + inner.len())
}

/// Past what stands around a value: a tag or an anchor of YAML, `b'…'`, `Some("…")`, the end of a line that goes on.
pub(super) fn past_wrapping(text: &[u8], at: usize) -> usize {
    let rest = &text[at..];
    match rest {
        [b'\\', b'\n', ..] => return past_blanks(text, at + 2),
        [b'*', b'*', b' ', ..] => return past_blanks(text, at + 3),
        // `"password":` and its value on the next line.
        [b'\n' | b'\r', ..] => {
            let next = at + rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
            return match text.get(next) {
                Some(b'[') => next,
                // `secret:` and below it `"password": …`: a name of its own.
                Some(b'"') if !is_key(text, next + 1) => next,
                _ => at,
            };
        }
        [b'!' | b'&', b, ..] if b.is_ascii_alphanumeric() || *b == b'!' => {
            let word = rest.iter().take(32).take_while(|b| !b.is_ascii_whitespace()).count();
            return if rest.get(word) == Some(&b' ') { past_blanks(text, at + word) } else { at };
        }
        _ => {}
    }
    // `String::from("x")`, `new SecretString("x")`
    let new = if rest.starts_with(b"new ") { 4 } else { 0 };
    let is_part = |b: &&u8| b.is_ascii_alphanumeric() || b"-_.:".contains(b);
    let name = new + rest[new..].iter().take(48).take_while(is_part).count();
    let command = rest.starts_with(b"ConvertTo-SecureString ");
    match &rest[name..] {
        [quote, ..] if name == 1 && is_quote(*quote) => at + name,
        [b'(', quote, ..] if name > 0 && is_quote(*quote) => at + name + 1,
        [b' ', ..] if command => past_blanks(text, at + name),
        _ => at,
    }
}

/// Whether what is quoted from there on is a name: `password": …`.
pub(super) fn is_key(text: &[u8], start: usize) -> bool {
    let line = &text[start..line_within(text, start, 256)];
    let behind = memchr(b'"', line).map(|end| line[end + 1..].trim_ascii_start());
    behind.is_some_and(|behind| behind.starts_with(b":"))
}

/// The items of a list that begins there, which has no names in it and is not of numbers.
pub(super) fn items(text: &[u8], start: usize) -> Option<Range<usize>> {
    let end = start + memchr(b']', &text[start..text.len().min(start + REACH / 16)])?;
    let is_border = |b: &u8| b.is_ascii_whitespace() || is_quote(*b) || *b == b'\\';
    let from = start + text[start..end].iter().take_while(|b| is_border(b)).count();
    let to = end - text[from..end].iter().rev().take_while(|b| is_border(b)).count();
    let inside = &text[from..to];
    let numbers = inside.iter().all(|b| b.is_ascii_digit() || matches!(b, b',' | b'.' | b' '));
    (!numbers && !inside.iter().any(|b| matches!(b, b'{' | b':' | b'='))).then_some(from..to)
}

/// The lines below that one which stand further to the right, without the blanks around them.
pub(super) fn lines_below(text: &[u8], at: usize) -> Option<Range<usize>> {
    let near = at.saturating_sub(REACH);
    let begun = text[near..at].iter().rposition(|b| *b == b'\n').map_or(near, |at| near + at + 1);
    let indent = |from: usize| text[from..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let (mut from, mut end) = (line_end(text, at) + 1, None);
    // The items of a list may stand as far to the left as its name.
    let is_item = |at: usize| text[at..].starts_with(b"- ");
    let own = indent(begun);
    let may_list = !is_item(begun + own);
    // What the first line is decides: items behind a block that is set in are no part of it.
    let mut listed = None;
    while from < text.len().min(at + REACH) {
        let to = line_end(text, from);
        let empty = text[from..to].trim_ascii().is_empty();
        let left = indent(from);
        let item = may_list && left == own && is_item(from + left);
        let within = left > own || item && *listed.get_or_insert(true);
        if !empty {
            listed.get_or_insert(false);
        }
        if !empty && !within {
            break;
        }
        end = if empty { end } else { Some(to) };
        from = to + 1;
    }
    let first = line_end(text, at) + 1;
    let start = first + text.get(first..)?.iter().take_while(|b| b.is_ascii_whitespace()).count();
    Some(start..end?).filter(|lines| lines.start < lines.end)
}

/// Whether lines hold values alone: one, or a list of them, and no names of others.
pub(super) fn is_plain(lines: &[u8]) -> bool {
    let plain = |line: &[u8]| {
        let item = line.trim_ascii();
        let item = item.strip_prefix(b"- ").unwrap_or(item);
        !item.iter().any(|b| b.is_ascii_whitespace() || matches!(b, b':' | b'=' | b'{' | b'<' | b'#'))
    };
    lines.split(|b| *b == b'\n').all(plain)
}

/// Where the quote closes: one with as many backslashes as the first. On one line, a key in PEM apart.
pub(super) fn closing(text: &[u8], start: usize, quote: u8, slashes: usize) -> Option<usize> {
    let is_key = text[start..].starts_with(b"-----BEGIN");
    let limit = text.len().min(start + REACH);
    let mut from = start;
    while let Some(found) = memchr(quote, &text[from..limit]) {
        let at = from + found;
        if !is_key && memchr2(b'\n', b'\r', &text[from..at]).is_some() {
            return None;
        }
        let before = text[start..at].iter().rev().take_while(|b| **b == b'\\').count();
        // `'it''s'`, as YAML and SQL write it.
        if quote == b'\'' && slashes == 0 && text.get(at + 1) == Some(&quote) && at > start {
            from = at + 2;
            continue;
        }
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
