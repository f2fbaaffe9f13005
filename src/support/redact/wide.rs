//! Texts in UTF-16, in either order of bytes, within whatever bytes: PowerShell and Java write them.

use std::ops::Range;

/// So many letters with a zero each are no accident.
const SHORTEST: usize = 4;
/// A mark of the order of bytes is looked for so near.
const NEAR: usize = 256;
/// So many units that are two letters of a byte each are no longer UTF-16.
const NARROW: usize = 4;

/// A part of some bytes that is UTF-16, as UTF-8, and where it stood.
pub(super) struct Wide {
    pub(super) bytes: Vec<u8>,
    /// Where it stood.
    pub(super) whole: Range<usize>,
    /// Whether the lower half of a letter comes first.
    pub(super) little: bool,
    /// A place in the text and the one in the bytes, from where on a byte is a unit.
    moves: Vec<(usize, usize)>,
}

impl Wide {
    /// Where a part stood.
    pub(super) fn range(&self, part: &Range<usize>) -> Range<usize> {
        self.original(part.start)..self.original(part.end)
    }

    /// The whole units of some bytes of it: what was found as the other order has it begins a byte before its own.
    pub(super) fn units(&self, bytes: &Range<usize>) -> Range<usize> {
        let whole = |at: usize| if at < self.whole.end { at + (at - self.whole.start) % 2 } else { at };
        whole(bytes.start)..whole(bytes.end)
    }

    fn original(&self, place: usize) -> usize {
        let at = self.moves.partition_point(|(start, _)| *start <= place) - 1;
        let (start, original) = self.moves[at];
        (original + 2 * (place - start)).min(self.whole.end)
    }

    /// A text as it is written there.
    pub(super) fn written(&self, text: &str) -> Vec<u8> {
        let units = text.encode_utf16();
        if self.little {
            units.flat_map(u16::to_le_bytes).collect()
        } else {
            units.flat_map(u16::to_be_bytes).collect()
        }
    }
}

/// The parts that are UTF-16.
pub(super) fn parts(text: &[u8]) -> Vec<Wide> {
    let mut parts = Vec::new();
    let (mut at, mut base) = (0, 0);
    // Without a zero there is none.
    while let Some(zero) = memchr::memchr(0, &text[at.min(text.len())..]) {
        let zero = at + zero;
        let little = (zero.wrapping_sub(1), true);
        let orders =
            if is_little(text, base, zero) { [little, (zero, false)] } else { [(zero, false), little] };
        let order = orders
            .into_iter()
            .find(|(start, little)| *start >= at && *start < text.len() && begins(text, *start, *little));
        match order {
            Some((start, little)) => {
                let part = read(text, start, little);
                at = part.whole.end;
                base = at;
                parts.push(part);
            }
            None => at = zero + 1,
        }
    }
    parts
}

/// Whether the lower half comes first where a zero stands: as the mark before it says, else where a text begins there that
/// does, else as units begin at an even place.
fn is_little(text: &[u8], from: usize, zero: usize) -> bool {
    let near = from.max(zero.saturating_sub(NEAR));
    let mark = text[near..zero].windows(2).rev().find(|pair| matches!(pair, [0xFF, 0xFE] | [0xFE, 0xFF]));
    if let Some(mark) = mark {
        return mark == [0xFF, 0xFE];
    }
    let before = zero.checked_sub(2).filter(|at| *at >= from).map(|at| text[at]);
    let narrow = before.is_none_or(|b| b.is_ascii_graphic() || b.is_ascii_whitespace());
    zero > from && (narrow || (zero - from) % 2 == 1)
}

fn unit(text: &[u8], at: usize, little: bool) -> Option<u16> {
    let pair = [*text.get(at)?, *text.get(at + 1)?];
    Some(if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
}

/// Whether letters begin there, each with a zero.
fn begins(text: &[u8], start: usize, little: bool) -> bool {
    (0..SHORTEST).all(|n| {
        unit(text, start + 2 * n, little).is_some_and(|unit| matches!(unit, 0x20..0x7F | 0x09 | 0x0A | 0x0D))
    })
}

/// The part that begins there.
fn read(text: &[u8], start: usize, little: bool) -> Wide {
    let mut part = Wide { bytes: Vec::new(), whole: start..start, little, moves: vec![(0, start)] };
    let (mut at, mut narrow) = (start, 0);
    while let Some(code) = unit(text, at, little) {
        let [high, low] = code.to_be_bytes();
        let printed = |b: u8| b.is_ascii_graphic() || b == b' ' || b == b'\n';
        narrow = if printed(high) && printed(low) { narrow + 1 } else { 0 };
        if narrow == NARROW || code == 0 {
            break;
        }
        let pair = unit(text, at + 2, little)
            .filter(|next| (0xD800..0xDC00).contains(&code) && (0xDC00..0xE000).contains(next));
        let units = [code, pair.unwrap_or_default()];
        let length = if pair.is_some() { 2 } else { 1 };
        let letter = char::decode_utf16(units.into_iter().take(length)).next().and_then(Result::ok);
        let mut room = [0; 4];
        let letter = letter.unwrap_or('\u{fffd}').encode_utf8(&mut room).as_bytes();
        part.bytes.extend_from_slice(letter);
        at += 2 * length;
        if letter.len() > 1 {
            part.moves.push((part.bytes.len(), at));
        }
    }
    part.whole.end = at;
    part
}
