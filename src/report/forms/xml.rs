//! Text inside XML and HTML.

use std::fmt::Write;

/// `text` as it reads, in an element or between double quotes: no markup, nothing that XML does not allow, and no mark
/// that turns the direction of writing round for what stands behind it.
pub(in crate::report) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    push(&mut out, text);
    out
}

/// The same, behind what is there.
pub(in crate::report) fn push(out: &mut String, text: &str) {
    for c in text.chars().filter_map(kept) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

/// `text` without the characters that [`escaped`] leaves out, its markup as it stands: for a crate that escapes it.
pub(in crate::report) fn allowed(text: &str) -> String {
    text.chars().filter_map(kept).collect()
}

/// What becomes of a character.
fn kept(c: char) -> Option<char> {
    match c {
        '\n' | '\t' => Some(c),
        '\r' => Some('\n'),
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}' => None,
        c if c.is_control() => None,
        c => Some(c),
    }
}

/// ` name="value"`.
pub(super) fn attribute(out: &mut String, name: &str, value: &str) {
    let _ = write!(out, " {name}=\"{}\"", escaped(value));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_markup_or_a_character_that_xml_has_not() {
        let shown = escaped("<script>alert('1')</script> & \"x\" \u{0}\u{1b}[31m\u{202e}🚀 مرحبا\u{ffff}");
        assert_eq!(shown, "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;x&quot; [31m🚀 مرحبا");
        assert_eq!(allowed("<a> \u{0}\u{1b}[31m\u{202e}🚀\r\n\u{ffff}"), "<a> [31m🚀\n\n");
    }
}
