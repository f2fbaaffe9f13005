//! A text of which something was undone, and where each part of it stood, so that what is found in it can be masked.

use memchr::memchr;
use std::ops::Range;

/// A text, and for each place where it was shortened: the place in it, and that in the original.
pub(super) struct Decoded {
    pub(super) bytes: Vec<u8>,
    moves: Vec<(usize, usize)>,
}

impl Decoded {
    pub(super) fn new(capacity: usize) -> Self {
        Self { bytes: Vec::with_capacity(capacity), moves: vec![(0, 0)] }
    }

    /// Adds what stands in place of an escape that ends at `end`; the text goes on there.
    pub(super) fn put(&mut self, bytes: &[u8], end: usize) {
        let start = self.bytes.len();
        let from = self.original(start);
        self.bytes.extend_from_slice(bytes);
        // Every byte of it stands where the escape begins; what ends before a part that was left out ends there too.
        let skipped = if bytes.is_empty() { 0..1 } else { 1..bytes.len() };
        self.moves.extend(skipped.map(|n| (start + n, from)));
        self.moves.push((self.bytes.len(), end));
    }

    /// What is added next stands there.
    pub(super) fn move_to(&mut self, place: usize) {
        if self.original(self.bytes.len()) != place {
            self.moves.push((self.bytes.len(), place));
        }
    }

    /// Whether anything was undone.
    pub(super) fn differs(&self) -> bool {
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

/// Copies the text, and asks `escape` at each `mark` for what stands there and how long it is.
pub(super) fn decode(text: &[u8], mark: u8, escape: impl Fn(&[u8]) -> Option<(Vec<u8>, usize)>) -> Decoded {
    let mut decoded = Decoded::new(text.len());
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
