//! [`Keys`]: what the records' keys are, and the maker of one thread's keys.

use crate::record::Said;
use rand::{SeedableRng, distr::Distribution, rngs::SmallRng};
use rand_distr::{Uniform, Zipf};
use serde::{Deserialize, Serialize};
use std::{fmt, io::Write, ops::Deref};

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
    /// Keys of so many bytes, at most 128: the record's number with zeros before it.
    Size(u64),
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
            Self::Sequential => digits(u64::MAX),
            Self::Size(bytes) => bytes,
            Self::Uniform(keys) | Self::Zipf(ZipfKeys { keys, .. }) => digits(keys),
        }
    }

    /// Why these keys cannot be made, if so.
    pub fn fault(self) -> Option<Said> {
        match self {
            Self::Uniform(0) | Self::Zipf(ZipfKeys { keys: 0, .. }) => Some(no_key()),
            Self::Size(bytes) if !(1..=Key::LONGEST as u64).contains(&bytes) => {
                Some(size_out_of_range(Key::LONGEST))
            }
            Self::Zipf(zipf) if !(0.0..=10.0).contains(&zipf.exponent) => Some(exponent_out_of_range()),
            _ => None,
        }
    }
}

impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("no keys"),
            Self::Sequential => f.write_str("numbers as keys"),
            Self::Size(bytes) => write!(f, "keys of {bytes} bytes"),
            Self::Uniform(keys) => write!(f, "{keys} keys, equally often"),
            Self::Zipf(ZipfKeys { keys, exponent }) => {
                write!(f, "{keys} keys, Zipf with exponent {exponent}")
            }
        }
    }
}

/// A number as text.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    bytes: [u8; Self::LONGEST],
    len: u8,
}

impl Key {
    /// Room for the largest number, and for zeros before it.
    const LONGEST: usize = 128;

    /// The last `size` digits of a number, with zeros before it.
    fn sized(number: u64, size: usize) -> Self {
        let digits = Self::new(number);
        let mut key = Self { bytes: [b'0'; Self::LONGEST], len: u8::try_from(size).unwrap_or(0) };
        let kept = &digits[digits.len().saturating_sub(size)..];
        key.bytes[size.min(Self::LONGEST) - kept.len()..][..kept.len()].copy_from_slice(kept);
        key
    }

    fn new(number: u64) -> Self {
        let mut bytes = [0; Self::LONGEST];
        let mut rest = bytes.as_mut_slice();
        // There is room for every number.
        let _ = write!(rest, "{number}");
        let left = rest.len();
        Self { bytes, len: u8::try_from(Self::LONGEST - left).unwrap_or(0) }
    }
}

impl Deref for Key {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

/// Makes one thread's keys.
#[derive(Debug)]
pub struct KeyMaker {
    how: How,
    random: SmallRng,
}

#[derive(Debug)]
enum How {
    None,
    Sequential,
    Size(usize),
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
            Keys::Size(bytes) => How::Size(usize::try_from(bytes).unwrap_or(0).min(Key::LONGEST)),
            Keys::Uniform(keys) => Uniform::new(0, keys.max(1)).map_or(How::Sequential, How::Uniform),
            Keys::Zipf(zipf) => {
                Zipf::new(zipf.keys.max(1) as f64, zipf.exponent.max(0.0)).map_or(How::Sequential, How::Zipf)
            }
        };
        Self { how, random: SmallRng::seed_from_u64(seed) }
    }

    /// The key of record `index`, where there are keys.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank from 1 to a u64")]
    pub fn next(&mut self, index: u64) -> Option<Key> {
        let number = match &self.how {
            How::None => return None,
            How::Size(bytes) => return Some(Key::sized(index, *bytes)),
            How::Sequential => index,
            How::Uniform(uniform) => uniform.sample(&mut self.random),
            How::Zipf(zipf) => zipf.sample(&mut self.random) as u64 - 1,
        };
        Some(Key::new(number))
    }
}

fn digits(number: u64) -> u64 {
    u64::from(number.max(1).ilog10()) + 1
}

crate::record::messages! {
    area "keys";
    exponent_out_of_range() => "`exponent` is a number from 0 to 10" / "`exponent` est un nombre de 0 à 10";
    size_out_of_range(most) => "a key has 1 to {most} bytes" / "une clé a de 1 à {most} octets";
    no_key() => "there must be one key or more" / "il faut une clé ou plus";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn counts(keys: Keys, records: u64) -> BTreeMap<u64, u64> {
        let mut maker = KeyMaker::new(keys, 3);
        let mut counts = BTreeMap::new();
        for index in 0..records {
            let key = maker.next(index).unwrap();
            let key = std::str::from_utf8(&key).unwrap();
            assert!(key.len() as u64 <= keys.longest(), "{key}");
            *counts.entry(key.parse().unwrap()).or_default() += 1;
        }
        counts
    }

    #[test]
    fn keys_are_as_frequent_as_their_law_says() {
        assert!(KeyMaker::new(Keys::None, 1).next(7).is_none());
        let mut numbers = KeyMaker::new(Keys::Sequential, 1);
        assert_eq!(numbers.next(7).as_deref(), Some(b"7".as_slice()));
        assert_eq!(numbers.next(u64::MAX).as_deref(), Some(b"18446744073709551615".as_slice()));
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
    fn keys_of_one_size_are_the_numbers_ends() {
        let key = |size: u64, index: u64| {
            let key = KeyMaker::new(Keys::Size(size), 1).next(index).unwrap();
            String::from_utf8(key.to_vec()).unwrap()
        };
        assert_eq!((key(5, 42), key(1, 42)), ("00042".to_owned(), "2".to_owned()));
        assert_eq!(key(128, u64::MAX).len(), 128);
        assert_eq!([0, 129].map(|size| Keys::Size(size).fault().is_some()), [true; 2]);
        assert!(Keys::Size(128).fault().is_none());
    }

    #[test]
    fn keys_that_cannot_be_made_are_told() {
        assert!(Keys::Uniform(0).fault().is_some());
        assert!(Keys::Zipf(ZipfKeys { keys: 5, exponent: f64::NAN }).fault().is_some());
        assert!(Keys::Zipf(ZipfKeys { keys: 5, exponent: 0.0 }).fault().is_none());
        assert_eq!(Keys::Uniform(1000).longest(), 4);
    }
}
