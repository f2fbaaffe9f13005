//! What programs write between the letters of a text: colours, letters that are struck over, signs that nobody sees.

use super::undone::{Decoded, decode};
use memchr::{memchr, memchr2, memchr3, memmem};

/// What begins a sequence for a terminal.
pub(super) const ESCAPE: u8 = 0x1b;
/// A longer sequence of a terminal is none.
const LONGEST: usize = 64;
/// The address of a link, or a title, may be longer.
const LONGEST_LINK: usize = 2 << 10;

/// How programs write the escape that begins a sequence for a terminal, where they show it: `^[` of `cat -v`, `#033` of syslog.
const SHOWN: [&[u8]; 4] = [b"^[", b"#033", b"ESC", "\u{241b}".as_bytes()];

/// Without the sequences that change a terminal: colours, links, titles.
pub(super) fn colours(text: &[u8]) -> Decoded {
    decode(text, ESCAPE, |rest| sequence(&rest[1..]).map(|length| (Vec::new(), 1 + length)))
}

/// As [`colours`], where the escape is shown, or was lost before the bracket: `^[[0;31m`, `#033(B`, `[0;31m`, `[K`.
pub(super) fn shown_colours(text: &[u8]) -> Decoded {
    let mut undone = Decoded::new(text.len());
    let (mut at, mut done) = (0, 0);
    while let Some(found) = memchr2(b'[', b'(', &text[at..]) {
        at += found;
        let inner = &text[at + 1..];
        let before = &text[done..at];
        let is_end = before.last().is_some_and(|b| SHOWN.iter().any(|start| start.ends_with(&[*b])));
        let shown = SHOWN.iter().filter(|_| is_end).find(|start| before.ends_with(start));
        let shown = shown.map_or(0, |start| start.len());
        let length = match text[at] {
            b'(' => matches!(inner, [b'0' | b'A' | b'B', ..]).then_some(1).filter(|_| shown > 0),
            _ => control(inner).filter(|length| shown > 0 || b"mK".contains(&inner[length - 1])),
        };
        let Some(length) = length else {
            at += 1;
            continue;
        };
        undone.bytes.extend_from_slice(&text[done..at - shown]);
        at += 1 + length;
        done = at;
        undone.put(b"", at);
    }
    undone.bytes.extend_from_slice(&text[done..]);
    undone
}

/// As [`colours`], of the sign that stands for escape and bracket.
pub(super) fn short_colours(text: &[u8]) -> Decoded {
    decode(text, 0xC2, |rest| {
        let inner = rest.strip_prefix(b"\xC2\x9B")?;
        control(inner).map(|length| (Vec::new(), 2 + length))
    })
}

/// How long a sequence is behind its escape.
fn sequence(rest: &[u8]) -> Option<usize> {
    match rest {
        [b'[', inner @ ..] => control(inner).map(|length| 1 + length),
        [b']' | b'P' | b'^' | b'_', ..] => {
            let near = &rest[..rest.len().min(LONGEST_LINK)];
            let bell = memchr(7, near).map(|at| at + 1);
            let end = memmem::find(near, b"\x1b\\").map(|at| at + 2);
            bell.into_iter().chain(end).min().or(Some(1))
        }
        [b' '..=b'/', b'0'..=b'~', ..] => Some(2),
        [b'0'..=b'Z' | b'\\' | b'`'..=b'~', ..] => Some(1),
        _ => None,
    }
}

/// How long a sequence is behind its bracket: parameters, and the letter that says what they are of.
fn control(rest: &[u8]) -> Option<usize> {
    let length = rest.iter().take(LONGEST).take_while(|b| (0x20..0x40).contains(*b)).count();
    rest.get(length).filter(|b| (0x40..0x7F).contains(*b)).map(|_| length + 1)
}

/// As printers and pages of manuals write bold letters and underlined ones: a letter, back, and a letter.
pub(super) fn struck(text: &[u8]) -> Decoded {
    let mut undone = Decoded::new(text.len());
    let mut at = 0;
    while at < text.len() {
        let mut last = at..at + letter(&text[at..]);
        while text.get(last.end) == Some(&8) && last.end + 1 < text.len() {
            last = last.end + 1..last.end + 1 + letter(&text[last.end + 1..]);
        }
        if last.start > at {
            undone.put(&text[last.clone()], last.end);
        } else {
            undone.bytes.extend_from_slice(&text[last.clone()]);
        }
        at = last.end;
    }
    undone
}

/// How many bytes a letter has.
fn letter(text: &[u8]) -> usize {
    let length = match text[0] {
        0xF0.. => 4,
        0xE0.. => 3,
        0xC0.. => 2,
        _ => 1,
    };
    length.min(text.len())
}

/// Without the signs that nobody sees, and with those of typographers as a keyboard has them.
pub(super) fn typed(text: &[u8]) -> Decoded {
    const SIGNS: [(&str, &str); 21] = [
        ("\u{a0}", " "),
        ("\u{ad}", ""),
        ("\u{2002}", " "),
        ("\u{2003}", " "),
        ("\u{2009}", " "),
        ("\u{200b}", ""),
        ("\u{200c}", ""),
        ("\u{200d}", ""),
        ("\u{200e}", ""),
        ("\u{2010}", "-"),
        ("\u{2011}", "-"),
        ("\u{2013}", "-"),
        ("\u{2014}", "-"),
        ("\u{2018}", "'"),
        ("\u{2019}", "'"),
        ("\u{201c}", "\""),
        ("\u{201d}", "\""),
        ("\u{2026}", "..."),
        ("\u{202f}", " "),
        ("\u{2060}", ""),
        ("\u{feff}", ""),
    ];
    let mut undone = Decoded::new(text.len());
    let mut at = 0;
    while let Some(found) = memchr3(0xC2, 0xE2, 0xEF, &text[at..]) {
        undone.bytes.extend_from_slice(&text[at..at + found]);
        at += found;
        let rest = &text[at..];
        match SIGNS.iter().find(|(sign, _)| rest.starts_with(sign.as_bytes())) {
            Some((sign, plain)) => {
                at += sign.len();
                undone.put(plain.as_bytes(), at);
            }
            None => {
                undone.bytes.push(text[at]);
                at += 1;
            }
        }
    }
    undone.bytes.extend_from_slice(&text[at..]);
    undone
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_found_where_it_stood() {
        for (undo, text, wanted, original) in [
            (colours as fn(&[u8]) -> Decoded, "a p\x1b[31mq\x1b[0mr b", "pqr", "p\x1b[31mq\x1b[0mr"),
            (
                colours,
                "a p\x1b]8;;http://h\x1b\\q\x1b]0;t\x07r b",
                "pqr",
                "p\x1b]8;;http://h\x1b\\q\x1b]0;t\x07r",
            ),
            (shown_colours, "a p^[[1;31mq b", "pq", "p^[[1;31mq"),
            (shown_colours, "a pESC[1;31mq#033(Br[2J b", "pqr[2J", "pESC[1;31mq#033(Br[2J"),
            (shown_colours, "a p[1;31mq[K b", "pq", "p[1;31mq"),
            (short_colours, "a p\u{9b}1mq b", "pq", "p\u{9b}1mq"),
            (struck, "a p\x08pé\x08é_\x08q b", "péq", "p\x08pé\x08é_\x08q"),
            (typed, "a p\u{200b}q\u{2019}\u{a0}r b", "pq' r", "p\u{200b}q\u{2019}\u{a0}r"),
        ] {
            let undone = undo(text.as_bytes());
            let start = memmem::find(&undone.bytes, wanted.as_bytes()).unwrap_or_else(|| panic!("{text}"));
            let range = undone.range(&(start..start + wanted.len()));
            assert_eq!(&text[range], original);
        }
    }
}
