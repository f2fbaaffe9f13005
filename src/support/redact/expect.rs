//! What a script of `expect`, or of its likes, sends where a secret was asked for: `expect "assword:"` and `send "x\\r"`.

use super::{
    clear::is_clear,
    text::{Finder, closing, is_quote, line_within, past_blanks},
};
use memchr::memmem;
use std::ops::Range;

/// What the shapes look for of variables, and where the secrets are then.
pub(super) fn traces() -> impl Iterator<Item = (String, Finder)> {
    // SQL has `set password` too.
    ["pass", "passwd", "pw"].into_iter().map(|name| (format!("set {name} "), Finder::All(assigned)))
}

/// So far before it stands what was asked.
const REACH: usize = 256;

/// What is sent, without the return at its end.
pub(super) fn sent(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let mut at = past_blanks(text, trace.end);
    for option in [&b"-- "[..], b"-s ", b"-h ", b"-s -- ", b"-h -- "] {
        if text[at..].starts_with(option) {
            at = past_blanks(text, at + option.len());
        }
    }
    let open = *text.get(at)?;
    let close = match open {
        b'{' => at + text[at..line_within(text, at, REACH)].iter().position(|b| *b == b'}')?,
        b'"' | b'\'' => closing(&text[..text.len().min(at + REACH)], at + 1, open, 0).or_else(|| {
            // The line break itself may be in the quotes.
            let near = &text[at + 1..text.len().min(at + REACH)];
            near.iter().position(|b| *b == open).map(|length| at + 1 + length)
        })?,
        _ => return None,
    };
    let mut secret = at + 1..close;
    while let Some(rest) =
        [&b"\\r"[..], b"\\n", b"\r", b"\n"].iter().find_map(|end| text[secret.clone()].strip_suffix(*end))
    {
        secret.end = secret.start + rest.len();
    }
    let has_return = secret.end < close || text[trace.clone()].ends_with(b"line(");
    let shown = String::from_utf8_lossy(&text[secret.clone()]);
    let is_variable = shown.starts_with(['$', '[']);
    (has_return && !is_variable && is_clear(&shown) && asks(&text[..trace.start])).then_some(secret)
}

/// `set pw x` in a script of `expect`, which is sent later.
pub(super) fn assigned(text: &[u8], trace: Range<usize>) -> Vec<Range<usize>> {
    /// So much of a script is looked at.
    const SCRIPT: usize = 4 << 10;
    let begins = text[..trace.start].iter().rev().find(|b| !matches!(b, b' ' | b'\t'));
    let at = past_blanks(text, trace.end);
    let line = text[at..line_within(text, at, REACH)].trim_ascii_end();
    let inner = match line {
        [b'"', inner @ .., b'"'] | [b'{', inner @ .., b'}'] => inner,
        _ if line.contains(&b' ') => return Vec::new(),
        _ => line,
    };
    let near = &text[trace.start.saturating_sub(SCRIPT)..text.len().min(at + SCRIPT)];
    let is_script = [&b"expect "[..], b"spawn "].iter().any(|word| memmem::find(near, word).is_some());
    let is_variable = inner.starts_with(b"$") || inner.starts_with(b"[");
    let given = begins.is_none_or(|b| matches!(b, b'\n' | b'\r' | b';')) && is_script && !is_variable;
    let start = at + usize::from(inner.len() < line.len());
    let secret = start..start + inner.len();
    if given && is_clear(&String::from_utf8_lossy(inner)) { vec![secret] } else { Vec::new() }
}

/// Whether the last text before it asks for a secret.
fn asks(before: &[u8]) -> bool {
    const WORDS: [&[u8]; 7] =
        [b"assword", b"assphrase", b"passcode", b"secret", b"token", b"pin:", b"mot de passe"];
    let near = &before[before.len().saturating_sub(REACH)..];
    let Some(end) = near.iter().rposition(|b| is_quote(*b) || *b == b'}') else { return false };
    let quote = if near[end] == b'}' { b'{' } else { near[end] };
    let Some(start) = near[..end].iter().rposition(|b| *b == quote) else { return false };
    let asked = near[start..end].to_ascii_lowercase();
    let is_expected = memmem::find(near, b"expect").is_some() || near[end..].contains(&b'{');
    is_expected && WORDS.iter().any(|word| memmem::find(&asked, word).is_some())
}
