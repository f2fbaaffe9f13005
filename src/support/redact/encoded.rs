//! Base64 in a text, of either alphabet: what it has within, where that is text itself, so that it may have escapes.

use super::undone::Decoded;
use std::ops::Range;

/// Fewer letters hold no secret.
const SHORTEST: usize = 8;
/// Base64 goes on in the next line where the line before has so much of it.
const LINE: usize = 40;
/// What parts two texts that were not together.
const GAP: &[u8] = b"\0\0";

/// What no letter of Base64 stands for.
const NONE: u8 = 0xFF;

/// What each letter stands for.
static VALUES: [u8; 256] = values();

const fn values() -> [u8; 256] {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut values = [NONE; 256];
    let mut at: u8 = 0;
    while at < 64 {
        values[letters[at as usize] as usize] = at;
        at += 1;
    }
    values[b'-' as usize] = 62;
    values[b'_' as usize] = 63;
    values
}

fn is_letter(byte: u8) -> bool {
    VALUES[usize::from(byte)] != NONE
}

/// The texts that stand in Base64, one behind the other, and where.
pub(super) fn base64(text: &[u8]) -> Decoded {
    let mut found = Decoded::new(0);
    let (mut values, mut places) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < text.len() {
        if !is_letter(text[at]) {
            at += 1;
            continue;
        }
        let start = at;
        while at < text.len() && is_letter(text[at]) {
            at += 1;
        }
        let next = next_line(text, start, at);
        if at - start < SHORTEST || next.is_none() && !is_likely(&text[start..at]) {
            continue;
        }
        values.clear();
        places.clear();
        let mut line = start..at;
        loop {
            values.extend(text[line.clone()].iter().map(|b| VALUES[usize::from(*b)]));
            places.extend(line.clone());
            let Some(next) = next_line(text, line.start, line.end) else { break };
            let end = next + text[next..].iter().take_while(|b| is_letter(**b)).count();
            // A word of another text is no last line of Base64.
            let padding = text[end..].iter().take(2).take_while(|b| **b == b'=').count();
            if end - next < LINE && (values.len() + end - next + padding) % 4 != 0 {
                break;
            }
            line = next..end;
        }
        at = line.end;
        // What stands before it may be of the same letters: a path.
        for first in 0..4.min(values.len()) {
            texts(&values[first..], &places[first..], &mut found);
        }
    }
    found
}

/// The whole of the Base64 in the lines of a part of it. `joins` are the places where a line break was left out: what stands
/// in another line may be anything.
pub(super) fn whole(text: &[u8], part: &Range<usize>, joins: &[usize]) -> Range<usize> {
    let first = joins.iter().rev().find(|at| **at <= part.start).copied().unwrap_or(0);
    let last = joins.iter().find(|at| **at >= part.end).copied().unwrap_or(text.len());
    let before = text[first..part.start].iter().rev().take_while(|b| is_letter(**b)).count();
    let behind = text[part.end..last].iter().take_while(|b| is_letter(**b) || **b == b'=').count();
    part.start - before..part.end + behind
}

/// Where the next line begins, in which Base64 goes on that fills this one.
fn next_line(text: &[u8], start: usize, end: usize) -> Option<usize> {
    let rest = &text[end..];
    let marks = rest.iter().take(64).take_while(|b| b.is_ascii_whitespace()).count();
    let breaks = rest[..marks].iter().filter(|b| **b == b'\n').count();
    let is_break = end - start >= LINE && matches!(rest, [b'\n', ..] | [b'\r', b'\n', ..]) && breaks == 1;
    (is_break && rest.get(marks).is_some_and(|b| is_letter(*b))).then_some(end + marks)
}

/// Four letters together.
fn group(letters: &[u8]) -> u32 {
    letters.iter().fold(0, |group, letter| group << 6 | u32::from(*letter))
}

/// Whether a group is of three letters of ASCII, by their highest bits.
fn is_ascii(group: u32) -> bool {
    group & 0x80_80_80 == 0
}

/// Whether there may be text in a word at all: two groups of ASCII one behind the other. A no is certain.
fn is_likely(word: &[u8]) -> bool {
    let (mut group, mut ascii) = (0x80_80_80_u32, 0_u32);
    word.iter().any(|b| {
        group = (group << 6 | u32::from(VALUES[usize::from(*b)])) & 0xFF_FF_FF;
        ascii = ascii << 1 | u32::from(is_ascii(group));
        ascii & 1 == 1 && (ascii & 0x10 != 0 || word.len() < 12)
    })
}

/// Adds the texts that letters stand for: groups of which no byte is one that no text has, of which some are of ASCII.
fn texts(values: &[u8], places: &[usize], found: &mut Decoded) {
    let in_text = |group: u32| {
        let bytes = group.to_be_bytes();
        bytes[1..].iter().all(|b| matches!(b, 0 | b'\t' | b'\n' | b'\r' | 0x1b | b' '..=b'~' | 0x80..))
    };
    let plain = |group: u32| is_ascii(group) && in_text(group);
    let groups = values.len() / 4;
    let read = |at: usize| group(&values[4 * at..4 * at + 4]);
    let mut at = 0;
    while at < groups {
        // Where text is, two groups of ASCII stand together, or it ends before.
        let Some(begin) = (at..groups).find(|at| plain(read(*at))) else { return };
        let known = begin + 1 == groups || plain(read(begin + 1));
        if !known {
            at = begin + 1;
            continue;
        }
        let before = (at..begin).rev().take_while(|at| in_text(read(*at))).count() + 1;
        let first = begin.saturating_sub(before).max(at);
        let end = (begin..groups).find(|at| !in_text(read(*at))).unwrap_or(groups);
        found.put(GAP, places[4 * first]);
        for at in first..groups.min(end + 1) {
            add(read(at), 3, places[4 * at], places[4 * at + 3] + 1, found);
        }
        let rest = &values[4 * groups..];
        if end == groups && rest.len() > 1 {
            let bits = group(rest) << (6 * (4 - rest.len()));
            add(bits, rest.len() - 1, places[4 * groups], places[values.len() - 1] + 1, found);
        }
        at = end + 1;
    }
}

/// Adds the bytes of a group; of UTF-16 the zeros are left out.
fn add(group: u32, length: usize, start: usize, end: usize, found: &mut Decoded) {
    let bytes = group.to_be_bytes();
    let shown: Vec<u8> = bytes[1..=length].iter().copied().filter(|b| *b != 0).collect();
    found.move_to(start);
    found.put(&shown, end);
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine, engine::general_purpose::STANDARD};
    use memchr::memmem;

    #[test]
    fn a_text_in_base64_is_found_where_it_stood() {
        let inner = "{\"a\":\"p\\\"q r\"}";
        let long = format!("{}{inner}{}", "padding ".repeat(8), " tail".repeat(8));
        let wrapped: Vec<String> = STANDARD
            .encode(&long)
            .as_bytes()
            .chunks(64)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        let wide: Vec<u8> = inner.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for text in [
            format!("x: {} y", STANDARD.encode(inner)),
            format!("/api/v1/{} y", STANDARD.encode(inner)),
            format!("x: {}\n", wrapped.join("\n")),
            format!("x: {}\n", wrapped.join("\r\n  ")),
            format!("x: {} y", STANDARD.encode(&wide)),
        ] {
            let found = base64(text.as_bytes());
            let start = memmem::find(&found.bytes, inner.as_bytes()).unwrap_or_else(|| panic!("{text}"));
            let part = whole(text.as_bytes(), &found.range(&(start..start + inner.len())), &[]);
            let shown = text[part].replace(|c: char| c.is_whitespace(), "");
            assert!(shown.len() >= inner.len() * 4 / 3 - 3, "{text}: {shown}");
        }
    }
}
