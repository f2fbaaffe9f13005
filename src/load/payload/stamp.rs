//! [`Stamp`]: the identity of a record, which `replication` looks for on the other side.
//!
//! A stamp stands in the first [`Stamp::LEN`] bytes of the value and not in a header: MirrorMaker 2 passes values
//! through `ByteArrayConverter` untouched, whereas Connect's default header converter may rewrite a header's bytes.
//! Layout, big-endian: magic `JLN1`, CRC-32 of everything behind it to the end of the value, token of the producing
//! run (8 bytes), sequence number (8 bytes, from 0), creation time in microseconds since 1970 (8 bytes).

/// Who made a record, and which one of theirs it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Token of the run that produced the record.
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
    /// Stamp whose checksum agrees with the value.
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

    /// Token and number in a value that has the mark of a stamp; nothing else of it is looked at.
    pub fn named(value: &[u8]) -> Option<(u64, u64)> {
        let number = |at: usize| {
            value.get(at..at + 8).and_then(|b| <[u8; 8]>::try_from(b).ok()).map(u64::from_be_bytes)
        };
        (value.get(..4) == Some(MAGIC.as_slice())).then_some(())?;
        Some((number(8)?, number(16)?))
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
    fn any_changed_bit_is_noticed() {
        let stamp = Stamp { token: 7, sequence: 1 << 40, created_us: 1_700_000_000_000_000 };
        let mut value: Vec<u8> = (0..64_u8).map(|i| i.wrapping_mul(37)).collect();
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
