//! [`Stock`]: values that are made before a load and sent from where they lie, again and again.
//!
//! Nothing is made or copied for a record then, which is a quarter of what a record of 1 KiB costs, and what waits in the
//! client's queue is in memory once. The price is that values come again after [`Stock::BYTES`]: a compressor sees that in
//! a batch that spans as many bytes of the load, so that a load whose client compresses makes its values fresh.

use super::{Content, Payload, Records};

/// The values of a load, of which none is written to any more.
#[derive(Debug)]
pub struct Stock(Values);

#[derive(Debug)]
enum Values {
    /// They stand one behind the other, `count` of them of `size` bytes.
    Made {
        bytes: Box<[u8]>,
        size: usize,
        count: u64,
    },
    Records(Records),
}

impl Stock {
    /// Bytes of made values at least: they stay in a processor's cache.
    pub const BYTES: usize = 4 << 20;

    /// Values of `size` bytes; [`Content::Records`] are there already. The same seed gives the same values.
    pub fn new(content: &Content, size: usize, seed: u64) -> Self {
        let count = match content {
            Content::Records(records) => return Self(Values::Records(records.clone())),
            Content::Zeros => 1,
            _ => Self::BYTES.div_ceil(size.max(1)),
        };
        let mut payload = Payload::new(content.clone(), size, seed);
        let mut bytes = Vec::with_capacity(count * size);
        for _ in 0..count {
            bytes.extend_from_slice(payload.fill());
        }
        Self(Values::Made { bytes: bytes.into(), size, count: count as u64 })
    }

    /// The value of record `index`: those of the stock in turn.
    pub fn value(&self, index: u64) -> &[u8] {
        let place = |count: u64| usize::try_from(index % count).unwrap_or(0);
        match &self.0 {
            Values::Made { bytes, size, count } => {
                let from = place(*count) * size;
                &bytes[from..from + size]
            }
            Values::Records(records) => &records.values[place(records.values.len() as u64)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_are_those_of_a_payload_and_come_again() {
        for content in [Content::Random, Content::Letters, Content::Compressible(0.5)] {
            let stock = Stock::new(&content, 1000, 1);
            let mut payload = Payload::new(content, 1000, 1);
            let count = Stock::BYTES.div_ceil(1000) as u64;
            for index in 0..count {
                assert_eq!(stock.value(index), payload.fill());
            }
            assert_eq!(stock.value(count + 7), stock.value(7));
        }
        assert_eq!(Stock::new(&Content::Random, 5 << 20, 1).value(9).len(), 5 << 20);
        assert_eq!(Stock::new(&Content::Random, 0, 1).value(9), b"");
        assert_eq!(Stock::new(&Content::Zeros, 3, 1).value(9), [0; 3]);
    }

    #[test]
    fn records_that_are_there_are_not_copied() {
        let values: std::sync::Arc<[Box<[u8]>]> = [b"a".as_slice(), b"", b"ccc"].map(Into::into).into();
        let stock =
            Stock::new(&Content::Records(Records { what: String::new(), values: values.clone() }), 0, 1);
        assert_eq!(stock.value(5).as_ptr(), values[2].as_ptr());
        assert_eq!(stock.value(4), b"");
    }
}
