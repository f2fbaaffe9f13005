//! What a record's value is made of: [`Payload`], refilled in place for every record, [`stock::Stock`], all values made before
//! the first record, and [`Stamp`], a record's identity.

pub mod avro;
pub mod samples;
mod stamp;
pub mod stock;

use rand::{RngCore, SeedableRng, rngs::SmallRng};
pub use stamp::{Reading, Stamp};
use std::{fmt, sync::Arc};

/// What fills a record's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Bytes that a compressor makes smaller by this share (0 to 1): the rest of every block is random.
    Compressible(f64),
    /// Random capital letters, as `kafka-producer-perf-test` makes them; they compress to about 60 %.
    Letters,
    /// Random bytes, which no compression makes smaller.
    Random,
    /// These values, one after the other and from the start again.
    Records(Records),
    /// Zeros, which compress to almost nothing.
    Zeros,
}

/// Values that were made or read before the load; clones share them.
#[derive(Debug, Clone, PartialEq)]
pub struct Records {
    /// What they are, in a few words.
    pub what: String,
    /// The values; there is at least one.
    pub values: Arc<[Box<[u8]>]>,
}

impl Records {
    /// The mean size of a value in bytes, at least 1.
    pub fn mean_size(&self) -> u64 {
        let total: usize = self.values.iter().map(|value| value.len()).sum();
        (total as u64 / self.values.len().max(1) as u64).max(1)
    }

    /// The size of the largest value in bytes.
    pub fn largest(&self) -> usize {
        self.values.iter().map(|value| value.len()).max().unwrap_or(0)
    }
}

impl Content {
    /// Whether values come again however they are made.
    pub(super) fn repeats(&self) -> bool {
        matches!(self, Self::Records(_) | Self::Zeros)
    }

    /// The size of the largest value in bytes, where they bring their own.
    pub fn largest(&self) -> Option<usize> {
        match self {
            Self::Records(records) => Some(records.largest()),
            _ => None,
        }
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compressible(share) => write!(f, "bytes that compress by {:.0} %", share * 100.0),
            Self::Letters => f.write_str("letters"),
            Self::Random => f.write_str("random bytes"),
            Self::Records(records) => f.write_str(&records.what),
            Self::Zeros => f.write_str("zeros"),
        }
    }
}

/// The value of a record, made anew in the same buffer for every record.
#[derive(Debug)]
pub struct Payload {
    content: Content,
    buffer: Vec<u8>,
    random: SmallRng,
    /// Where in [`Records`] the next value stands.
    next: usize,
}

/// What repeats within a compressible value repeats in blocks of this size, so that large values compress as evenly
/// over their length as small ones.
const BLOCK: usize = 1024;

impl Payload {
    /// Values of `size` bytes; [`Content::Records`] have sizes of their own. The same seed gives the same values, so
    /// that two runs send the same load.
    pub fn new(content: Content, size: usize, seed: u64) -> Self {
        let buffer = match &content {
            Content::Records(records) => Vec::with_capacity(records.largest()),
            _ => vec![0; size],
        };
        Self { content, buffer, random: SmallRng::seed_from_u64(seed), next: 0 }
    }

    /// The value that was filled last.
    pub fn value(&self) -> &[u8] {
        &self.buffer
    }

    /// The same, for a stamp to be written into it.
    pub fn value_mut(&mut self) -> &mut [u8] {
        &mut self.buffer
    }

    /// The next value. Every record has fresh bytes: repeated ones would compress within a batch.
    pub fn fill(&mut self) -> &mut [u8] {
        match &self.content {
            Content::Compressible(share) => {
                for block in self.buffer.chunks_mut(BLOCK) {
                    let fresh = random_bytes(block.len(), *share);
                    self.random.fill_bytes(&mut block[..fresh]);
                }
            }
            Content::Letters => {
                self.random.fill_bytes(&mut self.buffer);
                for byte in &mut self.buffer {
                    *byte = b'A' + ((u16::from(*byte) * 26) >> 8) as u8;
                }
            }
            Content::Random => self.random.fill_bytes(&mut self.buffer),
            Content::Records(records) => {
                self.buffer.clear();
                self.buffer.extend_from_slice(&records.values[self.next]);
                self.next = (self.next + 1) % records.values.len();
            }
            Content::Zeros => {}
        }
        &mut self.buffer
    }
}

/// How many bytes of a block are random.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of at most 1024 bytes"
)]
fn random_bytes(block: usize, share: f64) -> usize {
    ((block as f64 * (1.0 - share.clamp(0.0, 1.0))).round() as usize).min(block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_fresh_and_of_their_kind() {
        let mut zeros = Payload::new(Content::Zeros, 100, 1);
        assert!(zeros.fill().iter().all(|b| *b == 0));
        let mut letters = Payload::new(Content::Letters, 10_000, 1);
        let first = letters.fill().to_vec();
        assert!(first.iter().all(u8::is_ascii_uppercase));
        assert!(('A'..='Z').all(|c| first.contains(&(c as u8))), "every letter shows up");
        let mut random = Payload::new(Content::Random, 1024, 1);
        let first = random.fill().to_vec();
        let place = first.as_ptr();
        assert_ne!(random.fill(), first, "a record must not compress against the one before");
        assert_eq!(random.fill().as_ptr(), random.fill().as_ptr(), "no allocation per record: {place:?}");
        assert_eq!(Payload::new(Content::Random, 1024, 1).fill(), first, "one seed, one load");
    }

    #[test]
    fn records_come_in_their_order_and_from_the_start_again() {
        let values: Arc<[Box<[u8]>]> = [b"a".as_slice(), b"", b"ccc"].map(Into::into).into();
        let records = Records { what: "three".to_owned(), values };
        assert_eq!((records.mean_size(), records.largest()), (1, 3));
        let mut payload = Payload::new(Content::Records(records), 0, 1);
        let seen: Vec<Vec<u8>> = (0..4).map(|_| payload.fill().to_vec()).collect();
        assert_eq!(seen, [b"a".as_slice(), b"", b"ccc", b"a"]);
    }

    /// A batch as a broker would get it: what compressors make of it is what was asked for.
    #[test]
    fn real_compressors_take_away_the_share_that_was_asked_for() {
        for (share, size) in [(0.0, 1024), (0.25, 1024), (0.5, 1024), (0.8, 1024), (0.6, 300), (0.5, 10_000)]
        {
            let mut payload = Payload::new(Content::Compressible(share), size, 7);
            let batch: Vec<u8> = (0..64).flat_map(|_| payload.fill().to_vec()).collect();
            for (name, compressed) in [
                ("lz4", lz4_flex::block::compress(&batch).len()),
                ("zstd", zstd::bulk::compress(&batch, 3).unwrap().len()),
            ] {
                let taken = 1.0 - compressed as f64 / batch.len() as f64;
                assert!((taken - share).abs() < 0.03, "{name}, {size} bytes: {taken:.3} and not {share}");
            }
        }
    }
}
