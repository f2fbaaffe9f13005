//! A text without its escapes, and where each part of it stood, so that what is found in it can be masked.

use memchr::{memchr, memmem};
use std::ops::Range;

/// What can be undone: the bytes without which there is nothing to undo, and how.
type Decoder = fn(&[u8]) -> Decoded;

const DECODERS: [(&[u8], Decoder); 10] = [
    (b"\\", backslashes),
    (b"\\", bytes),
    (b"'", quotes),
    (b"\'\'", |text| doubled(text, b'\'')),
    (b"\"\"", |text| doubled(text, b'"')),
    (b"%", percent),
    (b"=", printable),
    (b"&", entities),
    (b"\n", |text| unfolded(text, b'\n')),
    (b"\r", |text| unfolded(text, b'\r')),
];

/// A text, and for each place where it was shortened: the place in it, and that in the original.
pub(super) struct Decoded {
    pub(super) bytes: Vec<u8>,
    moves: Vec<(usize, usize)>,
}

impl Decoded {
    fn of(text: &[u8]) -> Self {
        Self { bytes: Vec::with_capacity(text.len()), moves: vec![(0, 0)] }
    }

    /// Adds what stands in place of an escape that ends at `end`; the text goes on there.
    fn put(&mut self, bytes: &[u8], end: usize) {
        let start = self.bytes.len();
        let from = self.original(start);
        self.bytes.extend_from_slice(bytes);
        // Every byte of it stands where the escape begins; what ends before a part that was left out ends there too.
        let skipped = if bytes.is_empty() { 0..1 } else { 1..bytes.len() };
        self.moves.extend(skipped.map(|n| (start + n, from)));
        self.moves.push((self.bytes.len(), end));
    }

    /// Whether anything was undone.
    fn differs(&self) -> bool {
        self.moves.len() > 1
    }

    /// The places where something was left out.
    pub(super) fn joins(&self) -> Vec<usize> {
        self.moves.windows(2).filter(|pair| pair[0].0 == pair[1].0).map(|pair| pair[0].0).collect()
    }

    /// Where the byte at that place stood.
    fn original(&self, place: usize) -> usize {
        let at = self.moves.partition_point(|(start, _)| *start <= place) - 1;
        let (start, original) = self.moves[at];
        original + (place - start)
    }

    /// Where the byte of the original at that place stands.
    pub(super) fn place(&self, original: usize) -> usize {
        let at = self.moves.partition_point(|(_, from)| *from <= original) - 1;
        let (start, from) = self.moves[at];
        let next = self.moves.get(at + 1).map_or(self.bytes.len(), |(start, _)| *start);
        (start + (original - from)).min(next)
    }

    /// Where a part stood.
    pub(super) fn range(&self, part: &Range<usize>) -> Range<usize> {
        let at = self.moves.partition_point(|(place, _)| *place < part.end);
        let end = match self.moves.get(at) {
            Some((place, end)) if *place == part.end => *end,
            _ => self.original(part.end - 1) + 1,
        };
        self.original(part.start)..end
    }
}

/// Every other reading of the text that there is.
pub(super) fn readings(text: &[u8]) -> impl Iterator<Item = Decoded> {
    DECODERS
        .into_iter()
        .filter(|(mark, _)| memmem::find(text, mark).is_some())
        .map(|(_, decode)| decode(text))
        .filter(Decoded::differs)
        .chain(memchr(b'+', text).map(|_| form(text)))
}

/// Copies the text, and asks `escape` at each `mark` for what stands there and how long it is.
fn decode(text: &[u8], mark: u8, escape: impl Fn(&[u8]) -> Option<(Vec<u8>, usize)>) -> Decoded {
    let mut decoded = Decoded::of(text);
    let mut at = 0;
    while let Some(found) = memchr(mark, &text[at..]) {
        decoded.bytes.extend_from_slice(&text[at..at + found]);
        at += found;
        match escape(&text[at..]) {
            Some((bytes, length)) => {
                at += length;
                decoded.put(&bytes, at);
            }
            None => {
                decoded.bytes.push(mark);
                at += 1;
            }
        }
    }
    decoded.bytes.extend_from_slice(&text[at..]);
    decoded
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
        None if rest.get(1) == Some(&b'x') => {
            Some((vec![u8::try_from(number(rest.get(2..4)?, 16)?).ok()?], 4))
        }
        None => None,
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

/// As in HTML and XML.
fn entities(text: &[u8]) -> Decoded {
    decode(text, b'&', |rest| {
        let end = memchr(b';', &rest[..rest.len().min(10)])?;
        let bytes = match &rest[1..end] {
            b"amp" => b"&".to_vec(),
            b"lt" => b"<".to_vec(),
            b"gt" => b">".to_vec(),
            b"quot" => b"\"".to_vec(),
            b"apos" => b"'".to_vec(),
            b"nbsp" => utf_8(0xA0),
            [b'#', b'x' | b'X', digits @ ..] => utf_8(number(digits, 16)?),
            [b'#', digits @ ..] => utf_8(number(digits, 10)?),
            _ => return None,
        };
        Some((bytes, end + 1))
    })
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
            (|text| unfolded(text, b'\n'), "a pq\n  rs\n b", "pqrs", "pq\n  rs"),
            (|text| unfolded(text, b'\r'), "a pq\r\nrs\r\n b", "pqrs", "pq\r\nrs"),
        ] {
            let decoded = decoder(text.as_bytes());
            let start = memmem::find(&decoded.bytes, wanted.as_bytes()).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(&text[decoded.range(&(start..start + wanted.len()))], original);
        }
    }
}
