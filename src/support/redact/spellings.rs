//! The bytes in which programs write a secret where no escape is: in other character sets, in Base64, as numbers.

use base64::{Engine, engine::general_purpose::STANDARD};
use encoding_rs::{ISO_8859_15, MACINTOSH, WINDOWS_1252};
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use std::collections::BTreeSet;

/// So many characters of Base64 are no accident.
const SHORTEST_INNER: usize = 7;
/// So many letters are left of a damaged text where they are no accident.
const SHORTEST_LEFT: usize = 6;
/// A longer secret is not looked for as numbers.
const LONGEST_LIST: usize = 48;

/// The upper half of code page 850, in which consoles of Windows write in the west of Europe.
const OF_CONSOLES: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";

/// The bytes that a text may be written as, in UTF-8 first: letters with their accents or apart from them, as systems of
/// files keep them, in UTF-16, and in the character sets of one byte a letter.
pub(super) fn of(part: &str) -> Vec<Vec<u8>> {
    let mut texts = vec![part.to_owned()];
    if !part.is_ascii() {
        texts.push(ComposingNormalizerBorrowed::new_nfc().normalize(part).into_owned());
        texts.push(DecomposingNormalizerBorrowed::new_nfd().normalize(part).into_owned());
    }
    let mut found: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    for text in &texts {
        found.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
        found.push(text.encode_utf16().flat_map(u16::to_be_bytes).collect());
        for set in [WINDOWS_1252, ISO_8859_15, MACINTOSH] {
            let (bytes, _, has_others) = set.encode(text);
            if !has_others {
                found.push(bytes.into_owned());
            }
        }
        found.extend(text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect::<Option<Vec<u8>>>());
        found.extend(text.chars().map(of_console).collect::<Option<Vec<u8>>>());
    }
    distinct(found)
}

fn of_console(letter: char) -> Option<u8> {
    if letter.is_ascii() {
        return u8::try_from(letter).ok();
    }
    let at = OF_CONSOLES.chars().position(|c| c == letter)?;
    u8::try_from(0x80 + at).ok()
}

/// What is left of a text whose letters a program did not know: marks for them, or for their bytes, or others.
pub(super) fn damaged(part: &str) -> Vec<Vec<u8>> {
    let left = part.chars().filter(char::is_ascii_alphanumeric).count();
    if part.is_ascii() || left < SHORTEST_LEFT {
        return Vec::new();
    }
    let mut found = Vec::new();
    for mark in ["?", "\u{fffd}"] {
        let shown = |c: char, length: usize| if c.is_ascii() { c.to_string() } else { mark.repeat(length) };
        found.push(part.chars().map(|c| shown(c, 1)).collect::<String>().into_bytes());
        found.push(part.chars().map(|c| shown(c, c.len_utf8())).collect::<String>().into_bytes());
    }
    for set in [WINDOWS_1252, ISO_8859_15, MACINTOSH] {
        let (bytes, ..) = set.encode(part);
        found.push(String::from_utf8_lossy(&bytes).into_owned().into_bytes());
    }
    found.push(part.chars().map(|c| of_console(c).unwrap_or(b'?')).collect());
    // Read in a character set that is not that of the text, once or twice.
    for read in [in_console, in_macintosh] {
        let once = read(part);
        found.push(read(&once).into_bytes());
        found.push(once.into_bytes());
    }
    // What UTF-16 in Base64 leaves without its zeros.
    for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
        found.push(part.encode_utf16().flat_map(bytes).filter(|b| *b != 0).collect());
    }
    let marked: String = part.bytes().map(|b| of_windows(b).unwrap_or('\u{fffd}')).collect();
    found.push(marked.into_bytes());
    distinct(found)
}

fn in_console(text: &str) -> String {
    let upper = |b: u8| OF_CONSOLES.chars().nth(usize::from(b & 0x7F)).unwrap_or('?');
    text.bytes().map(|b| if b.is_ascii() { char::from(b) } else { upper(b) }).collect()
}

fn in_macintosh(text: &str) -> String {
    MACINTOSH.decode_without_bom_handling(text.as_bytes()).0.into_owned()
}

/// The letter that a byte is in Windows-1252, where it is one.
fn of_windows(byte: u8) -> Option<char> {
    let byte = [byte];
    let (letter, _) = WINDOWS_1252.decode_without_bom_handling(&byte);
    letter.chars().next().filter(|c| c.is_ascii() || !c.is_control())
}

/// The bytes of a text as numbers, in the ways in which programs list them: `68:75:6e`, `[104, 117, 110]`.
pub(super) fn listed(part: &str) -> Vec<Vec<u8>> {
    let few_digits = part.len() < 8 && part.bytes().all(|b| b.is_ascii_digit());
    if few_digits || !(SHORTEST_LEFT..=LONGEST_LIST).contains(&part.len()) {
        return Vec::new();
    }
    let list = |number: fn(u8) -> String, between: &str| {
        part.bytes().map(number).collect::<Vec<_>>().join(between).into_bytes()
    };
    let mut found = Vec::new();
    for between in [" ", ":", "-"] {
        found.push(list(|b| format!("{b:02x}"), between));
        found.push(list(|b| format!("{b:02X}"), between));
    }
    for between in [", ", ","] {
        found.push(list(|b| format!("{b}"), between));
        found.push(list(|b| format!("{}", b.cast_signed()), between));
        found.push(list(|b| format!("0x{b:02x}"), between));
        found.push(list(|b| format!("0x{b:02X}"), between));
    }
    distinct(found)
}

fn distinct(mut found: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut seen = BTreeSet::new();
    found.retain(|bytes| seen.insert(bytes.clone()));
    found
}

/// What bytes become in the Base64 of a text that has them somewhere: what stands before them decides which characters.
pub(super) fn encoded_within(bytes: &[u8]) -> impl Iterator<Item = String> {
    (0..3).filter_map(|before| {
        let shifted = [&[0; 3][..before], bytes].concat();
        let own = (before * 8).div_ceil(6)..shifted.len() * 8 / 6;
        let inner = STANDARD.encode(&shifted).get(own)?.to_owned();
        (inner.len() >= SHORTEST_INNER).then_some(inner)
    })
}
