//! A text as it is without its escapes, in every way in which some are undone.

use super::{
    marks,
    mojibake::mojibake,
    undone::{Decoded, decode},
};
use htmlize::Context;
use memchr::{memchr, memmem};

/// What can be undone.
type Decoder = fn(&[u8]) -> Decoded;

/// What a decoder is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    /// Escapes.
    Escapes,
    /// Escapes that Base64 may have around it too: `\/`, `%2B`, `=3D`.
    Base64,
    /// What stands between letters.
    Marks,
}

/// The bytes without which there is nothing to undo, what there is, and how.
const DECODERS: [(&[u8], Of, Decoder); 25] = [
    (b"\\", Of::Base64, backslashes),
    (b"\\", Of::Escapes, bytes),
    (b"\\", Of::Escapes, pairs),
    (b"\\\n", Of::Base64, |text| continued(text, b'\\')),
    (b"`\n", Of::Escapes, |text| continued(text, b'`')),
    (b"'", Of::Escapes, quotes),
    (b"''", Of::Escapes, |text| doubled(text, b'\'')),
    (b"\"\"", Of::Escapes, |text| doubled(text, b'"')),
    (b"%%", Of::Escapes, |text| doubled(text, b'%')),
    (b"$$", Of::Escapes, |text| doubled(text, b'$')),
    (b"`", Of::Escapes, |text| marked(text, b'`')),
    (b"^", Of::Escapes, |text| marked(text, b'^')),
    (b"M-", Of::Escapes, shown),
    (b"%", Of::Base64, percent),
    (b"=", Of::Base64, printable),
    (b"?=", Of::Escapes, header),
    (b"&", Of::Base64, entities),
    (b"\n", Of::Escapes, |text| unfolded(text, b'\n')),
    (b"\r", Of::Escapes, |text| unfolded(text, b'\r')),
    (b"\x1b", Of::Marks, marks::colours),
    (b"[", Of::Marks, marks::shown_colours),
    (b"\xC2\x9B", Of::Marks, marks::short_colours),
    (b"\x08", Of::Marks, marks::struck),
    (b"\xC3", Of::Escapes, mojibake),
    // Any letter that is not of ASCII.
    (b"", Of::Escapes, marks::typed),
];

/// Whether a decoder undoes what stands between letters.
pub(super) fn is_mark(number: usize) -> bool {
    DECODERS.get(number).is_some_and(|(_, of, _)| *of == Of::Marks)
}

/// Whether Base64 may have the escapes of a decoder around it.
pub(super) fn may_surround(number: usize) -> bool {
    DECODERS.get(number).is_some_and(|(_, of, _)| *of == Of::Base64)
}

/// Every other reading of the text that is wanted: `wanted` is told the number of its decoder.
pub(super) fn readings<D>(text: &[u8], wanted: impl Fn(usize) -> Option<D>) -> Vec<(D, Decoded)> {
    let mut found = Vec::new();
    for (number, (mark, _, decode)) in DECODERS.into_iter().enumerate() {
        let Some(depth) = wanted(number) else { continue };
        let is_there = if mark.is_empty() { !text.is_ascii() } else { memmem::find(text, mark).is_some() };
        if is_there {
            let decoded = decode(text);
            if decoded.differs() {
                found.push((depth, decoded));
            }
        }
    }
    if let Some(depth) = wanted(DECODERS.len()).filter(|_| memchr(b'+', text).is_some()) {
        found.push((depth, form(text)));
    }
    found
}

fn utf_8(code: u32) -> Vec<u8> {
    char::from_u32(code).map(|c| c.to_string().into_bytes()).unwrap_or_default()
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
}

/// As JSON, Rust, Java and a shell write it.
fn backslashes(text: &[u8]) -> Decoded {
    decode(text, b'\\', |rest| {
        let unit = |at: usize| match rest.get(at..at + 6)? {
            [b'\\', b'u', digits @ ..] => number(digits, 16),
            _ => None,
        };
        if let Some((code, length)) = octal(rest) {
            return Some((utf_8(code), length));
        }
        Some(match *rest.get(1)? {
            b'e' if rest.get(2) == Some(&b'[') => (vec![0x1b], 2),
            b'n' => (b"\n".to_vec(), 2),
            b'r' => (b"\r".to_vec(), 2),
            b't' => (b"\t".to_vec(), 2),
            b'b' => (vec![8], 2),
            b'f' => (vec![12], 2),
            // `\u{e9}`, `\x{e9}`
            b'u' | b'x' if rest.get(2) == Some(&b'{') => {
                let end = memchr(b'}', &rest[..rest.len().min(12)])?;
                (utf_8(number(&rest[3..end], 16)?), end + 1)
            }
            b'x' if rest.len() > 3 => (utf_8(number(&rest[2..4], 16)?), 4),
            b'U' if rest.len() > 9 => (utf_8(number(&rest[2..10], 16)?), 10),
            b'u' => match (unit(0)?, unit(6)) {
                (high @ 0xD800..0xDC00, Some(low @ 0xDC00..0xE000)) => {
                    (utf_8(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)), 12)
                }
                (code, _) => (utf_8(code), 6),
            },
            other => (vec![other], 2),
        })
    })
}

/// As C, Python and `printf` write bytes: `\303\251`, `\xc3\xa9`; all other escapes stay.
fn bytes(text: &[u8]) -> Decoded {
    decode(text, b'\\', |rest| match octal(rest) {
        Some((code, length)) => Some((vec![u8::try_from(code).ok()?], length)),
        None if rest[1..].starts_with(b"e[") => Some((vec![0x1b], 2)),
        None if rest.get(1) == Some(&b'x') => {
            Some((vec![u8::try_from(number(rest.get(2..4)?, 16)?).ok()?], 4))
        }
        None => None,
    })
}

/// As LDAP writes bytes: `\2c`, `\C3\A9`.
fn pairs(text: &[u8]) -> Decoded {
    decode(text, b'\\', |rest| Some((vec![u8::try_from(number(rest.get(1..3)?, 16)?).ok()?], 3)))
}

/// As PowerShell and `cmd` write a sign of their own: with a mark before it.
fn marked(text: &[u8], mark: u8) -> Decoded {
    decode(text, mark, |rest| {
        let sign = *rest.get(1).filter(|b| b.is_ascii_punctuation())?;
        Some((vec![sign], 2))
    })
}

/// A byte by three octal digits, and how long that is; `echo` wants a zero before them.
fn octal(rest: &[u8]) -> Option<(u32, usize)> {
    let digits = |from: usize| {
        let digits = rest.get(from..from + 3)?;
        let is_byte = matches!(digits[0], b'0'..=b'3') && digits.iter().all(|b| matches!(b, b'0'..=b'7'));
        Some((number(digits, 8).filter(|_| is_byte)?, from + 3))
    };
    // `\0101` is one letter, `\010` and `1` are two.
    if rest.get(1) == Some(&b'0') { digits(2).or_else(|| digits(1)) } else { digits(1) }
}

/// As SQL and CSV write a quote within quotes: twice.
fn doubled(text: &[u8], quote: u8) -> Decoded {
    decode(text, quote, |rest| (rest.get(1) == Some(&quote)).then(|| (vec![quote], 2)))
}

/// As mails have it (quoted-printable): `=C3=A9`, and `=` at the end of a line that goes on.
fn printable(text: &[u8]) -> Decoded {
    decode(text, b'=', |rest| match rest {
        [_, b'\r', b'\n', ..] => Some((Vec::new(), 3)),
        [_, b'\n', ..] => Some((Vec::new(), 2)),
        _ => Some((vec![u8::try_from(number(rest.get(1..3)?, 16)?).ok()?], 3)),
    })
}

/// As headers of mails have it: as [`printable`], blanks as `_`.
fn header(text: &[u8]) -> Decoded {
    let blanks: Vec<u8> = text.iter().map(|b| if *b == b'_' { b' ' } else { *b }).collect();
    printable(&blanks)
}

/// As `cat -v` shows bytes that are not of ASCII: `M-C`, `M-^B`.
fn shown(text: &[u8]) -> Decoded {
    decode(text, b'M', |rest| match rest {
        [_, b'-', b'^', b @ b'@'..=b'_', ..] => Some((vec![(b ^ 0x40) | 0x80], 4)),
        [_, b'-', b @ b' '..=b'~', ..] => Some((vec![b | 0x80], 3)),
        _ => None,
    })
}

/// A quote within quotes of a shell.
fn quotes(text: &[u8]) -> Decoded {
    decode(text, b'\'', |rest| {
        let forms = [&b"'\\''"[..], b"'\"'\"'"];
        let form = forms.into_iter().find(|form| rest.starts_with(form))?;
        Some((b"'".to_vec(), form.len()))
    })
}

/// As in an address; `%u00e9` is of old scripts.
fn percent(text: &[u8]) -> Decoded {
    decode(text, b'%', |rest| {
        if rest.get(1) == Some(&b'u') {
            return Some((utf_8(number(rest.get(2..6)?, 16)?), 6));
        }
        let code = number(rest.get(1..3)?, 16)?;
        Some((vec![u8::try_from(code).ok()?], 3))
    })
}

/// As in a form: as in an address, blanks as `+`.
fn form(text: &[u8]) -> Decoded {
    let blanks: Vec<u8> = text.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
    percent(&blanks)
}

/// As in HTML and XML: letters by all their names, and by their numbers.
fn entities(text: &[u8]) -> Decoded {
    const LONGEST: usize = 34;
    decode(text, b'&', |rest| {
        let is_part = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'#';
        let name = 1 + rest[1..].iter().take(LONGEST).take_while(is_part).count();
        let entity = &rest[..name + usize::from(rest.get(name) == Some(&b';'))];
        let undone = htmlize::unescape_bytes_in(entity, Context::General);
        // One without a semicolon may have letters behind it that stay.
        let first = std::str::from_utf8(&undone).ok()?.chars().next()?.len_utf8();
        let behind = if entity.ends_with(b";") && !undone.ends_with(b";") { 0 } else { undone.len() - first };
        let kept = undone.len() - behind;
        (*undone != *entity).then(|| (undone[..kept].to_vec(), entity.len() - behind))
    })
}

/// Without the line breaks that a mark before them says to be none.
fn continued(text: &[u8], mark: u8) -> Decoded {
    decode(text, mark, |rest| rest[1..].starts_with(b"\n").then_some((Vec::new(), 2)))
}

/// Without line breaks, and without the blanks that begin the next line.
fn unfolded(text: &[u8], line_break: u8) -> Decoded {
    decode(text, line_break, |rest| {
        let blanks = rest[1..].iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')).count();
        Some((Vec::new(), 1 + blanks))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_found_where_it_stood() {
        for (decoder, text, wanted, original) in [
            (backslashes as Decoder, r#"a p\"q\\\u00e9x b"#, "p\"q\\éx", r#"p\"q\\\u00e9x"#),
            (quotes, r"a p'\''q\t' b", r"p'q\t", r"p'\''q\t"),
            (quotes, "a p'\"'\"'q' b", "p'q", "p'\"'\"'q"),
            (backslashes, r"a \ud83d\ude00 b", "😀", r"\ud83d\ude00"),
            (backslashes, r"a \u{70}\x{e9}\160\0161 b", "pépq", r"\u{70}\x{e9}\160\0161"),
            (bytes, r"a p\303\251\xc3\xA9\n b", "péé", r"p\303\251\xc3\xA9"),
            (|text| doubled(text, b'"'), r#"a "p""q" b"#, r#"p"q"#, r#"p""q"#),
            (|text| doubled(text, b'\''), "a 'p''q' b", "p'q", "p''q"),
            (printable, "a p=3Dq=\r\nr=C3=A9 b", "p=qré", "p=3Dq=\r\nr=C3=A9"),
            (percent, "a p%u00e9q b", "péq", "p%u00e9q"),
            (percent, "a p%2Fq%C3%a9 b", "p/qé", "p%2Fq%C3%a9"),
            (form, "p+%26+q", "p & q", "p+%26+q"),
            (entities, "a p&amp;q&#39;&#x2F; b", "p&q'/", "p&amp;q&#39;&#x2F;"),
            (
                entities,
                "a p&eacute;&Eacutex&#00233;&#x000E9;&semi;&#128; b",
                "péÉxéé;€",
                "p&eacute;&Eacutex&#00233;&#x000E9;&semi;&#128;",
            ),
            (pairs, r"a p\2cq\C3\A9 b", "p,qé", r"p\2cq\C3\A9"),
            (|text| marked(text, b'`'), "a p`$q`\" b", "p$q\"", "p`$q`\""),
            (header, "=?utf-8?Q?a_p=C3=A9_q?=", "pé q", "p=C3=A9_q"),
            (|text| unfolded(text, b'\n'), "a pq\n  rs\n b", "pqrs", "pq\n  rs"),
            (|text| unfolded(text, b'\r'), "a pq\r\nrs\r\n b", "pqrs", "pq\r\nrs"),
        ] {
            let decoded = decoder(text.as_bytes());
            let start = memmem::find(&decoded.bytes, wanted.as_bytes()).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(&text[decoded.range(&(start..start + wanted.len()))], original);
        }
    }
}
