//! What is in a record: [`Payload`], refilled in place for every record, and [`Stamp`], the identity that
//! `replication` looks for on the other side.
//!
//! A stamp stands in the first [`Stamp::LEN`] bytes of the value and not in a header: MirrorMaker 2 passes values
//! through `ByteArrayConverter` untouched, whereas Connect's default header converter may rewrite a header's bytes.
//! Layout, big-endian: magic `JLN1`, CRC-32 of everything behind it to the end of the value, token of the producing
//! run (8 bytes), sequence number (8 bytes, from 0), creation time in microseconds since 1970 (8 bytes).

use rand::{RngCore, SeedableRng, rngs::SmallRng};
use serde::Deserialize;
use std::fmt;

/// What fills a record's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// Random capital letters, as `kafka-producer-perf-test` makes them; they compress to about 60 %.
    Letters,
    /// Random bytes, which no compression makes smaller.
    #[default]
    Random,
    /// Zeros, which compress to almost nothing.
    Zeros,
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Letters => "letters",
            Self::Random => "random bytes",
            Self::Zeros => "zeros",
        })
    }
}

/// The value of a record, made anew in the same buffer for every record.
#[derive(Debug)]
pub struct Payload {
    content: Content,
    buffer: Vec<u8>,
    random: SmallRng,
}

impl Payload {
    /// Values of `size` bytes. The same seed gives the same values, so that two runs send the same load.
    pub fn new(content: Content, size: usize, seed: u64) -> Self {
        Self { content, buffer: vec![0; size], random: SmallRng::seed_from_u64(seed) }
    }

    /// The next value. Every record has fresh bytes: repeated ones would compress within a batch.
    pub fn fill(&mut self) -> &mut [u8] {
        match self.content {
            Content::Letters => {
                self.random.fill_bytes(&mut self.buffer);
                for byte in &mut self.buffer {
                    *byte = b'A' + ((u16::from(*byte) * 26) >> 8) as u8;
                }
            }
            Content::Random => self.random.fill_bytes(&mut self.buffer),
            Content::Zeros => {}
        }
        &mut self.buffer
    }
}

/// Who made a record, and which one of theirs it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The producing run.
    pub token: u64,
    /// Number of the record within it, from 0.
    pub sequence: u64,
    /// When it was made, in microseconds since 1970 by the producing machine's clock.
    pub created_us: u64,
}

/// What the first bytes of a value say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// It has the mark of a stamp, but its bytes are not those that were sent.
    Corrupt,
    /// It has no stamp: some other program made it.
    Foreign,
    /// It is whole.
    Whole(Stamp),
}

const MAGIC: &[u8; 4] = b"JLN1";

impl Stamp {
    /// Bytes that a stamp takes.
    pub const LEN: usize = 32;

    /// Writes the stamp into the first bytes of `value`, which must have [`Stamp::LEN`] bytes or more.
    pub fn write(self, value: &mut [u8]) {
        value[..4].copy_from_slice(MAGIC);
        value[8..16].copy_from_slice(&self.token.to_be_bytes());
        value[16..24].copy_from_slice(&self.sequence.to_be_bytes());
        value[24..32].copy_from_slice(&self.created_us.to_be_bytes());
        let checksum = crc32fast::hash(&value[8..]);
        value[4..8].copy_from_slice(&checksum.to_be_bytes());
    }

    /// Reads a value back and checks every byte of it.
    pub fn read(value: &[u8]) -> Reading {
        if value.get(..4) != Some(MAGIC.as_slice()) {
            return Reading::Foreign;
        }
        let number = |at: usize| {
            value.get(at..at + 8).and_then(|b| <[u8; 8]>::try_from(b).ok()).map(u64::from_be_bytes)
        };
        match (value.get(4..8), number(8), number(16), number(24)) {
            (Some(checksum), Some(token), Some(sequence), Some(created_us))
                if checksum == crc32fast::hash(&value[8..]).to_be_bytes() =>
            {
                Reading::Whole(Self { token, sequence, created_us })
            }
            _ => Reading::Corrupt,
        }
    }
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
    fn any_changed_bit_is_noticed() {
        let stamp = Stamp { token: 7, sequence: 1 << 40, created_us: 1_700_000_000_000_000 };
        let mut value = Payload::new(Content::Random, 64, 3).fill().to_vec();
        stamp.write(&mut value);
        assert_eq!(Stamp::read(&value), Reading::Whole(stamp));
        for bit in 0..value.len() * 8 {
            value[bit / 8] ^= 1 << (bit % 8);
            let expected = if bit < 32 { Reading::Foreign } else { Reading::Corrupt };
            assert_eq!(Stamp::read(&value), expected, "bit {bit}");
            value[bit / 8] ^= 1 << (bit % 8);
        }
        assert_eq!(Stamp::read(&value[..40]), Reading::Corrupt, "cut short");
        assert_eq!(Stamp::read(&value[..10]), Reading::Corrupt);
        assert_eq!(Stamp::read(b""), Reading::Foreign);
    }
}
