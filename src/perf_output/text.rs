//! Characters that pasting changes, made plain: blanks of every sort, quotes, colours of a terminal.

use std::borrow::Cow;

/// A line with plain blanks and quotes, without what steers a terminal, and without blanks at its ends. Bytes that are no
/// UTF-8 are read as Windows-1252.
pub(super) fn plain(line: &[u8]) -> Cow<'_, str> {
    let line = line.trim_ascii();
    if line.iter().all(|b| matches!(b, b' '..=b'~')) {
        // All of it is ASCII, so nothing is replaced.
        return String::from_utf8_lossy(line);
    }
    let text = decoded(line);
    let mut kept = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => skip_escape(&mut chars),
            '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}' => {}
            '“' | '”' | '„' | '‟' => kept.push('"'),
            // Of a word, as people write it, and of no command.
            '’' if kept.ends_with(char::is_alphabetic) && chars.peek().is_some_and(|c| c.is_alphabetic()) =>
            {
                kept.push(c);
            }
            '‘' | '’' | '‚' | '‛' => kept.push('\''),
            c if c.is_whitespace() => kept.push(' '),
            c if c.is_control() => {}
            c => kept.push(c),
        }
    }
    match kept.trim() {
        trimmed if trimmed.len() == kept.len() => Cow::Owned(kept),
        trimmed => Cow::Owned(trimmed.to_owned()),
    }
}

/// How many columns a line is set in; a tab counts for four.
pub(super) fn indent(line: &[u8]) -> usize {
    let blanks = line.iter().take_while(|b| matches!(b, b' ' | b'\t'));
    blanks.map(|b| if *b == b'\t' { 4 } else { 1 }).sum()
}

/// The line without what a container, a log, a mail, a list or a table puts before it and behind it.
pub(super) fn bare(line: &str) -> &str {
    let mut text = line;
    for _ in 0..8 {
        let before = text;
        text = text.trim_matches([' ', '|']).trim_start_matches(['>', '`', '"']).trim_end_matches(['`', '"']);
        if let Some((first, rest)) = text.split_once(' ') {
            let bullet = matches!(first, "-" | "*" | "+" | "•" | "o" | "–" | "—" | "·" | "▪");
            let number =
                first.strip_suffix(['.', ')']).is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
            let time = first.contains('T') && first.contains(':') && is_date(first)
                || first.len() == 8 && first.bytes().all(|b| b.is_ascii_digit() || b == b':');
            let container = rest.trim_start().starts_with("| ");
            if bullet || number || time || container {
                text = rest.trim_start();
            } else if let Some((_, behind)) = text.strip_prefix('[').and_then(|t| t.split_once("] ")) {
                text = behind;
            } else if is_date(first)
                && rest.get(2..3) == Some(":")
                && let Some((time, behind)) = rest.split_once(' ')
                && !time.ends_with(',')
            {
                text = behind;
            }
        }
        if text == before {
            break;
        }
    }
    text
}

fn is_date(text: &str) -> bool {
    let b = text.as_bytes();
    b.len() >= 10 && b[..4].iter().all(u8::is_ascii_digit) && b[4] == b'-' && b[7] == b'-'
}

/// What stands behind figures on their line, without the marks of a cell, a quotation, a page or a log in JSON.
pub(super) fn trailing(rest: &str) -> &str {
    let rest = rest.trim_matches(' ').trim_start_matches([' ', '|', '`', '"', '\'', '*', '_', ')', ';', ',']);
    let page = rest.starts_with('<') && rest.ends_with('>');
    let json = rest == "}" || rest.starts_with("\\n") || rest.ends_with('}') && rest.contains("\":");
    if page || json { "" } else { rest }
}

/// The line as text: UTF-8, or where it is none, Windows-1252.
pub fn decoded(line: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(line) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(line).0,
    }
}

/// Passes over what follows an escape: `[…m` and the like, or a title up to a bell.
fn skip_escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match chars.peek() {
        Some('[') => {
            chars.next();
            while chars.next().is_some_and(|c| !('@'..='~').contains(&c)) {}
        }
        Some(']') => while chars.next().is_some_and(|c| c != '\u{7}') {},
        _ => {}
    }
}

/// A number with a decimal point or comma; thousands may stand apart by blanks (`1 800 000`).
pub(super) fn number(text: &str) -> Option<f64> {
    let text = match text.contains(' ') {
        true => Cow::Owned(ungrouped(text)?),
        false => Cow::Borrowed(text),
    };
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let shape = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | 'E' | 'e' | '-' | '+');
    if !digits.starts_with(|c: char| c.is_ascii_digit()) || !digits.chars().all(shape) {
        return None;
    }
    match (text.matches('.').count(), text.matches(',').count()) {
        (_, 0) => text.parse().ok(),
        (0, 1) => text.replace(',', ".").parse().ok(),
        // Thousands or decimals: that would be a guess.
        _ => None,
    }
}

/// A whole number; thousands may stand apart by blanks.
pub(super) fn whole(text: &str) -> Option<u64> {
    match text.contains(' ') {
        true => ungrouped(text)?.parse().ok(),
        false => text.parse().ok(),
    }
}

/// The number without the blanks between groups of three digits.
fn ungrouped(text: &str) -> Option<String> {
    let whole = text.find(['.', ',']).unwrap_or(text.len());
    let mut groups = text[..whole].split(' ');
    let first = groups.next()?;
    let digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    let sound = (1..=3).contains(&first.len()) && digits(first) && groups.all(|g| g.len() == 3 && digits(g));
    sound.then(|| text.replace(' ', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasting_leaves_no_trace() {
        for (line, expected) in [
            (&b"  1 record\r"[..], "1 record"),
            ("a\u{a0}b\u{202f}c\td\u{feff}".as_bytes(), "a b c d"),
            ("“x” ‘y’".as_bytes(), "\"x\" 'y'"),
            ("l’étape d’un tir ‘a’b’".as_bytes(), "l’étape d’un tir 'a’b'"),
            (b"\x1b[32mok\x1b[0m \x1b]0;title\x07x", "ok x"),
            (b"d\xe9bit \x85", "débit …"),
        ] {
            assert_eq!(plain(line), expected);
        }
    }

    #[test]
    fn what_frames_a_line_is_taken_away() {
        for (line, expected) in [
            ("kafka-perf-1  | x y", "x y"),
            ("| x y |", "x y"),
            ("> > x y", "x y"),
            ("- 1. `x y`", "x y"),
            ("[2024-02-22 17:44:31,260] x y", "x y"),
            ("[pod/kafka-perf] 2024-02-22T17:44:31Z x y", "x y"),
            ("2024-02-22 17:44:31.260 x y", "x y"),
            (
                "2026-03-02 09:10:53:093, 2026-03-02 09:10:54:472, 1",
                "2026-03-02 09:10:53:093, 2026-03-02 09:10:54:472, 1",
            ),
            ("x", "x"),
            ("|", ""),
        ] {
            assert_eq!(bare(line), expected, "{line}");
        }
        for rest in [" |", "`", "</td></tr>", "\\n\",\"stream\":\"stdout\"}", "\"}", ""] {
            assert_eq!(trailing(rest), "", "{rest}");
        }
        assert_eq!(trailing("[root@x ~]# ls"), "[root@x ~]# ls");
    }

    #[test]
    fn numbers_are_read_in_both_notations_and_never_guessed() {
        for (text, expected) in [
            ("375.5", Some(375.5)),
            ("375,5", Some(375.5)),
            ("1 800 000", Some(1_800_000.0)),
            ("-1", Some(-1.0)),
            ("1,800,000", None),
            ("1.800,5", None),
            ("18 00", None),
            ("NaN", None),
            ("", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }
}
