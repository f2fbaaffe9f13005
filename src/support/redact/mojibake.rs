//! Letters of UTF-8 that a program read as Latin-1 or Windows-1252, and wrote in UTF-8 again: `Ã©` for `é`.

use super::undone::{Decoded, decode};
use encoding_rs::WINDOWS_1252;

/// With the letters as they were before.
pub(super) fn mojibake(text: &[u8]) -> Decoded {
    // The first byte of a letter of UTF-8 became one of `Â` to `ô`.
    decode(text, 0xC3, |rest| {
        let first = 0x40 + *rest.get(1).filter(|b| (0x82..=0xB4).contains(*b))?;
        let length = match first {
            0xF0.. => 4,
            0xE0.. => 3,
            _ => 2,
        };
        let mut bytes = vec![first];
        let mut at = 2;
        while bytes.len() < length {
            let (byte, length) = byte(rest.get(at..)?, first)?;
            bytes.push(byte);
            at += length;
        }
        std::str::from_utf8(&bytes).ok()?;
        Some((bytes, at))
    })
}

/// The byte that the letter there stands for, where it is one that goes on with a letter of UTF-8.
fn byte(text: &[u8], first: u8) -> Option<(u8, usize)> {
    let length = match text {
        // A blank that may not be broken became a usual one.
        [b' ', ..] if first == 0xC3 => return Some((0xA0, 1)),
        [0xC2, ..] | [0xC5, ..] | [0xC6, ..] | [0xCB, ..] => 2,
        [0xE2, ..] => 3,
        _ => return None,
    };
    let letter = std::str::from_utf8(text.get(..length)?).ok()?;
    let (bytes, ..) = WINDOWS_1252.encode(letter);
    let byte = match letter.chars().next().map(u32::from)? {
        code @ 0x80..0xC0 => u8::try_from(code).ok()?,
        _ => *bytes.first()?,
    };
    (0x80..0xC0).contains(&byte).then_some((byte, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_what_they_were() {
        for text in ["pé€q", "à l’œuvre", "😀"] {
            let (once, _) = WINDOWS_1252.decode_without_bom_handling(text.as_bytes());
            let undone = mojibake(once.as_bytes());
            assert_eq!(String::from_utf8_lossy(&undone.bytes), text);
            let latin: String = text.bytes().map(char::from).collect();
            assert_eq!(String::from_utf8_lossy(&mojibake(latin.as_bytes()).bytes), text);
        }
        for text in ["É et Î", "Ãa", "Ã", "Â"] {
            assert!(!mojibake(text.as_bytes()).differs(), "{text}");
        }
    }
}
