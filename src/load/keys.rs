//! [`Keys`]: what the records' keys are, and the maker of one thread's keys.

use rand::{SeedableRng, distr::Distribution, rngs::SmallRng};
use rand_distr::{Uniform, Zipf};
use serde::{Deserialize, Serialize};
use std::{fmt, io::Write};

/// What the records' keys are. The partitioner puts equal keys into one partition, so that a skew of the keys is a
/// skew of the partitions and their brokers.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Keys {
    /// No keys: the client spreads the records.
    #[default]
    None,
    /// The record's number as text.
    Sequential,
    /// So many different keys, all equally often.
    Uniform(u64),
    /// Few keys are frequent and most are rare, as with real customers.
    Zipf(ZipfKeys),
}

/// Keys whose frequency falls with their rank: the key of rank `k` comes `1 / k ^ exponent` as often as the first.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ZipfKeys {
    /// How many different keys.
    pub keys: u64,
    /// The larger, the more skewed; 0 is uniform.
    #[serde(default = "one")]
    pub exponent: f64,
}

fn one() -> f64 {
    1.0
}

impl Keys {
    /// Bytes of the longest key.
    pub fn longest(self) -> u64 {
        match self {
            Self::None => 0,
            Self::Sequential => 20,
            Self::Uniform(keys) | Self::Zipf(ZipfKeys { keys, .. }) => digits(keys),
        }
    }

    /// Why these keys cannot be made, if so.
    pub fn fault(self) -> Option<&'static str> {
        match self {
            Self::Uniform(0) | Self::Zipf(ZipfKeys { keys: 0, .. }) => Some("there must be one key or more"),
            Self::Zipf(zipf) if !(0.0..=10.0).contains(&zipf.exponent) => {
                Some("`exponent` is a number from 0 to 10")
            }
            _ => None,
        }
    }
}

impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("no keys"),
            Self::Sequential => f.write_str("numbers as keys"),
            Self::Uniform(keys) => write!(f, "{keys} keys, equally often"),
            Self::Zipf(ZipfKeys { keys, exponent }) => {
                write!(f, "{keys} keys, Zipf with exponent {exponent}")
            }
        }
    }
}

/// Makes one thread's keys, in a buffer of its own.
#[derive(Debug)]
pub struct KeyMaker {
    how: How,
    random: SmallRng,
    buffer: Vec<u8>,
}

#[derive(Debug)]
enum How {
    None,
    Sequential,
    Uniform(Uniform<u64>),
    Zipf(Zipf<f64>),
}

impl KeyMaker {
    /// A maker of `keys`, which have no [`Keys::fault`]. The same seed gives the same keys.
    #[expect(clippy::cast_precision_loss, reason = "a number of keys")]
    pub fn new(keys: Keys, seed: u64) -> Self {
        let how = match keys {
            Keys::None => How::None,
            Keys::Sequential => How::Sequential,
            Keys::Uniform(keys) => Uniform::new(0, keys.max(1)).map_or(How::Sequential, How::Uniform),
            Keys::Zipf(zipf) => {
                Zipf::new(zipf.keys.max(1) as f64, zipf.exponent.max(0.0)).map_or(How::Sequential, How::Zipf)
            }
        };
        Self { how, random: SmallRng::seed_from_u64(seed), buffer: Vec::with_capacity(20) }
    }

    /// The key of record `index`, where there are keys.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank from 1 to a u64")]
    pub fn next(&mut self, index: u64) -> Option<&[u8]> {
        let number = match &self.how {
            How::None => return None,
            How::Sequential => index,
            How::Uniform(uniform) => uniform.sample(&mut self.random),
            How::Zipf(zipf) => zipf.sample(&mut self.random) as u64 - 1,
        };
        self.buffer.clear();
        // Writing into a buffer in memory does not fail.
        let _ = write!(self.buffer, "{number}");
        Some(&self.buffer)
    }
}

fn digits(number: u64) -> u64 {
    u64::from(number.max(1).ilog10()) + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn counts(keys: Keys, records: u64) -> BTreeMap<u64, u64> {
        let mut maker = KeyMaker::new(keys, 3);
        let mut counts = BTreeMap::new();
        for index in 0..records {
            let key = std::str::from_utf8(maker.next(index).unwrap()).unwrap();
            assert!(key.len() as u64 <= keys.longest(), "{key}");
            *counts.entry(key.parse().unwrap()).or_default() += 1;
        }
        counts
    }

    #[test]
    fn keys_are_as_frequent_as_their_law_says() {
        assert!(KeyMaker::new(Keys::None, 1).next(7).is_none());
        assert_eq!(KeyMaker::new(Keys::Sequential, 1).next(7), Some(b"7".as_slice()));
        let uniform = counts(Keys::Uniform(10), 100_000);
        assert_eq!(uniform.len(), 10);
        assert!(uniform.values().all(|n| (9_500..10_500).contains(n)), "{uniform:?}");
        let zipf = counts(Keys::Zipf(ZipfKeys { keys: 100, exponent: 1.0 }), 100_000);
        // The harmonic number of 100 is 5.187: the first key is 19.28 % of the records, the tenth a tenth of that.
        assert!((18_800..19_800).contains(&zipf[&0]), "{zipf:?}");
        assert!((1_700..2_150).contains(&zipf[&9]), "{zipf:?}");
        assert!(zipf.keys().all(|key| *key < 100));
    }

    #[test]
    fn keys_that_cannot_be_made_are_told() {
        assert!(Keys::Uniform(0).fault().is_some());
        assert!(Keys::Zipf(ZipfKeys { keys: 5, exponent: f64::NAN }).fault().is_some());
        assert!(Keys::Zipf(ZipfKeys { keys: 5, exponent: 0.0 }).fault().is_none());
        assert_eq!(Keys::Uniform(1000).longest(), 4);
    }
}
