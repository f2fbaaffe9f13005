//! What a script of `expect`, or of its likes, sends where a secret was asked for: `expect "assword:"` and `send "x\\r"`.

use super::{
    clear::is_clear,
    text::{closing, is_quote, line_within, past_blanks},
};
use memchr::memmem;
use std::ops::Range;

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
