//! Two fields of which one gives the name of a setting and the other its value: `{"name": "db.password", "value": "x"}`, in
//! JSON, YAML, XML and the like.

use super::text::{in_name, is_quote, line_within, past_blanks, past_quotes, value, without_borders};
use memchr::memmem;
use std::ops::Range;

/// The text before a field whose value is a name: `"name`, `ParameterKey`, `config`; and whether it is `key` alone, which
/// is that of a record too.
pub(super) fn before_name_field(text: &[u8]) -> Option<(&[u8], bool)> {
    const FIELDS: [&str; 13] = [
        "attribute",
        "config",
        "field",
        "key",
        "label",
        "name",
        "option",
        "param",
        "parameter",
        "property",
        "setting",
        "var",
        "variable",
    ];
    let (rest, field) = last_word(text);
    let field = field.to_ascii_lowercase();
    let known = field == "k" || FIELDS.iter().any(|known| field.ends_with(known));
    (known && !field.ends_with("username")).then(|| (rest, field == "key"))
}

/// Whether the text of a field `key` names a setting, which the key of a record may be too: `user-token` is one of those.
pub(super) fn names_setting(text: &[u8]) -> bool {
    text.iter().any(|b| matches!(b, b'.' | b'_')) || !text.contains(&b'-')
}

/// Whether a field holds a value whose name another field gives: `value`, `env[0].value`, `ParameterValue`, `val`.
pub(super) fn is_value_field(field: &[u8]) -> bool {
    let field = field.rsplit(|b| matches!(b, b'.' | b'_' | b'-' | b']')).next().unwrap_or_default();
    let lower = field.to_ascii_lowercase();
    lower.ends_with(b"value")
        || field.ends_with(b"Val")
        || [&b"content"[..], b"data", b"v", b"val", b"valeur"].contains(&lower.as_slice())
}

/// What a field that holds a value has in its name, in the cases in which it is written.
pub(super) const VALUE_FIELDS: [&[u8]; 8] =
    [b"value", b"Value", b"VALUE", b"val", b"Val", b"valeur", b"content", b"data"];

/// A text without its last word, and that word.
fn last_word(text: &[u8]) -> (&[u8], String) {
    let in_word = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    let length = text.iter().rev().take(64).take_while(in_word).count();
    let (rest, word) = text.split_at(text.len() - length);
    (rest, String::from_utf8_lossy(word).into_owned())
}

/// Whether a name is the value of a field that gives one: `"name": "x.password"`, `key="x.password"`.
pub(super) fn is_named(text: &[u8], start: usize, end: usize) -> bool {
    let before = &text[start.saturating_sub(64)..start];
    let field = without_borders(before);
    // A record's key is no name of a setting; an attribute of XML is.
    let of_key = || {
        let attribute = field.iter().rev().find(|b| b"<>".contains(b)) == Some(&b'<');
        attribute || names_setting(&text[start..end])
    };
    before_name_field(field).is_some_and(|(_, is_key)| !is_key || of_key())
}

/// The value that stands before its name: `{"value": "x", "name": "DB_PASSWORD"}`, `<value>x</value><name>…</name>`.
pub(super) fn value_before(text: &[u8], start: usize) -> Option<Range<usize>> {
    let from = start.saturating_sub(512);
    let before = &text[from..start];
    if let Some(before) = before.strip_suffix(b"<name>") {
        let inner = before.trim_ascii_end().strip_suffix(b"</value>")?;
        let tag = memmem::rfind(inner, b"<value>")? + b"<value>".len();
        return Some(from + tag..from + inner.len());
    }
    let (before, _) = before_name_field(without_borders(before))?;
    let end = from + without_borders(before).len();
    let begins = VALUE_FIELDS
        .iter()
        .filter_map(|word| value_field(text, from..end, |near| memmem::rfind(near, word), word));
    let separator = begins.max()?;
    let value = value(text, separator + 1, false)?;
    let quoted = is_quote(text[value.start - 1]) || text[value.start - 1] == b';';
    let last = if quoted { value.end } else { value.end.max(end) };
    (end <= last && last <= start && !text[value.start..last].contains(&b'\n')).then_some(value.start..last)
}

/// The value of a field in a further line of an item of YAML whose name stands at `start`: `- name: x`, `  value: y`.
fn in_item(text: &[u8], start: usize) -> Option<Range<usize>> {
    const LINES: usize = 6;
    let near = start.saturating_sub(128);
    let begin = text[near..start].iter().rposition(|b| *b == b'\n').map_or(near, |at| near + at + 1);
    let in_indent = |b: &&u8| matches!(b, b' ' | b'-');
    let column = text[begin..start].iter().take_while(in_indent).count();
    let mut at = line_within(text, start, 256);
    for _ in 0..LINES {
        let line = at + 1;
        let fields = text.get(line..)?;
        let indent = fields.iter().take(128).take_while(|b| **b == b' ').count();
        if column == 0 || indent != column || fields.get(indent) == Some(&b'-') {
            return None;
        }
        let field = fields[indent..].iter().take(64).take_while(|b| in_name(b)).count();
        let end = line + indent + field;
        if field > 0 && text.get(end) == Some(&b':') && is_value_field(&text[line + indent..end]) {
            return value(text, end + 1, false);
        }
        at = line_within(text, line, 256);
    }
    None
}

/// Where the separator stands behind a field that holds a value and has that word in its name, where `find` finds one in the
/// part.
fn value_field(
    text: &[u8],
    part: Range<usize>,
    find: impl Fn(&[u8]) -> Option<usize>,
    word: &[u8],
) -> Option<usize> {
    let begin = part.start + find(&text[part.clone()])?;
    let before = text[part.start..begin].iter().rev().take_while(|b| in_name(b)).count();
    let end = begin + word.len();
    let separator = past_blanks(text, past_quotes(text, end));
    let is_field = is_value_field(&text[begin - before..end]);
    (is_field && matches!(text.get(separator), Some(b':' | b'='))).then_some(separator)
}

/// The value of a field or an attribute that is not next to the name: `{"value": "x", "type": "s", "name": "db.password"}`,
/// `<setting name="password" as="s"><value>x</value>`.
pub(super) fn value_beside(text: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
    let field = without_borders(&text[start.saturating_sub(64)..start]);
    before_name_field(field)?;
    if !is_named(text, start, end) {
        return None;
    }
    if let Some(value) = in_item(text, start) {
        return Some(value);
    }
    let from = start.saturating_sub(512);
    let open = from + text[from..start].iter().rposition(|b| b"{}<>".contains(b))?;
    let close = end + text[end..text.len().min(end + 512)].iter().position(|b| b"{}<>".contains(b))?;
    if !matches!((text[open], text[close]), (b'{', b'}') | (b'<', b'>')) {
        return None;
    }
    let inner = &text[open..close];
    let found = VALUE_FIELDS.iter().find_map(|word| {
        memmem::find_iter(inner, word).find_map(|at| {
            let separator = value_field(text, open..close, |_| Some(at), word)?;
            value(text, separator + 1, false).filter(|value| separator < close && value.end <= close)
        })
    });
    let in_tag =
        || value(text, close + 1, false).filter(|_| text[close] == b'>' && inner.last() != Some(&b'/'));
    let below = || in_tag().filter(|value| text[close..value.start].ends_with(b"<value>"));
    found.or_else(below)
}
