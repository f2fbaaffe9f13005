//! [`Print`]: what is kept of a record, by which it is known again and its fields are compared.

use crate::load::payload::{Reading, Stamp};
use foldhash::quality::FixedState;
use std::hash::{BuildHasher, Hasher};

/// Which fields of a record differ from those of its partner.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fields {
    /// Whether the key differs; a missing one is not an empty one.
    pub key: bool,
    /// Whether the value differs; a missing one is not an empty one.
    pub value: bool,
    /// The headers: names, values and their order.
    pub headers: bool,
    /// The timestamp, or its type.
    pub timestamp: bool,
}

impl Fields {
    /// Whether anything differs.
    pub fn any(self) -> bool {
        self.key || self.value || self.headers || self.timestamp
    }
}

/// A record's timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// Record without a timestamp.
    None,
    /// The producer's, in milliseconds since 1970.
    Created(i64),
    /// The broker's, in milliseconds since 1970.
    Appended(i64),
}

impl Time {
    /// Whether both are of the same type.
    pub(super) fn is_like(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }
}

/// What is kept of a record: 64-bit digests of its fields, and 128 bits for all of them together.
#[derive(Debug, Clone, Copy)]
pub struct Print {
    /// Where it stands in its partition.
    pub offset: i64,
    /// Its stamp's token and number, where it has a whole one.
    pub stamp: Option<(u64, u64)>,
    /// Whether it has the mark of a stamp and other bytes than were sent.
    pub corrupt: bool,
    /// Key, value, headers and timestamp.
    pub(super) whole: u128,
    /// Key, value and headers.
    pub(super) content: u128,
    pub(super) key: u64,
    pub(super) value: u64,
    pub(super) headers: u64,
    pub(super) time: Time,
    /// Whether it has a value of some length.
    pub(super) has_value: bool,
    /// Whether one that is equal had its partner when this one came.
    pub(super) known: bool,
}

impl Print {
    /// By which its partner is found: its stamp, else its content and, where they can be compared, its time.
    pub(super) fn identity(&self, with_time: bool) -> u128 {
        match self.stamp {
            Some((token, sequence)) => u128::from(token) << 64 | u128::from(sequence),
            None if with_time => self.whole,
            None => self.content,
        }
    }

    /// What differs from its partner.
    pub(super) fn differs(&self, other: &Self) -> Fields {
        if self.whole == other.whole {
            return Fields::default();
        }
        Fields {
            key: self.key != other.key,
            value: self.value != other.value,
            headers: self.headers != other.headers,
            timestamp: self.time != other.time,
        }
    }

    /// Whether it has a key.
    pub(super) fn has_key(&self) -> bool {
        self.key != 0
    }
}

/// Makes prints.
#[derive(Debug, Clone)]
pub struct Printer {
    one: FixedState,
    two: FixedState,
}

impl Default for Printer {
    fn default() -> Self {
        Self { one: FixedState::with_seed(0x6a61_6c6f_6e31), two: FixedState::with_seed(0x6a61_6c6f_6e32) }
    }
}

impl Printer {
    /// The print of a record; what is missing differs from what is empty.
    pub fn print<'h>(
        &self,
        offset: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: impl Iterator<Item = (&'h [u8], Option<&'h [u8]>)>,
        time: Time,
    ) -> Print {
        let read = Stamp::read(value.unwrap_or_default());
        let stamp = match read {
            Reading::Whole(stamp) => Some((stamp.token, stamp.sequence)),
            Reading::Corrupt | Reading::Foreign => None,
        };
        self.print_read(offset, key, value, headers, time, (stamp, read == Reading::Corrupt))
    }

    /// The same of a value that was read for its stamp: the stamp, and whether it is corrupt.
    pub fn print_read<'h>(
        &self,
        offset: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: impl Iterator<Item = (&'h [u8], Option<&'h [u8]>)>,
        time: Time,
        (stamp, corrupt): (Option<(u64, u64)>, bool),
    ) -> Print {
        let mut all = self.one.build_hasher();
        let mut any = false;
        for (name, value) in headers {
            any = true;
            part(&mut all, Some(name));
            part(&mut all, value);
        }
        let headers = if any { all.finish() | 1 } else { 0 };
        let of = |bytes: Option<&[u8]>| {
            let mut hasher = self.one.build_hasher();
            hasher.write(bytes.unwrap_or_default());
            bytes.map_or(0, |_| hasher.finish() | 1)
        };
        let (key_digest, value_digest) = (of(key), of(value));
        // The second half looks at the bytes again, so that one weak digest does not decide.
        let mut second = self.two.build_hasher();
        second.write(value.unwrap_or_default());
        let parts = [key_digest, value_digest, headers, second.finish()];
        let join = |extra: [u64; 2]| {
            let mut both = [self.one.build_hasher(), self.two.build_hasher()];
            for hasher in &mut both {
                parts.iter().chain(&extra).for_each(|number| hasher.write_u64(*number));
            }
            let [high, low] = both.map(|hasher| hasher.finish());
            u128::from(high) << 64 | u128::from(low)
        };
        let (sort, at) = match time {
            Time::None => (0, 0),
            Time::Created(at) => (1, at),
            Time::Appended(at) => (2, at),
        };
        Print {
            offset,
            stamp,
            corrupt,
            whole: join([sort, at.cast_unsigned()]),
            content: join([u64::MAX, 0]),
            key: key_digest,
            value: value_digest,
            headers,
            time,
            has_value: value.is_some_and(|value| !value.is_empty()),
            known: false,
        }
    }
}

/// Bytes with their length, so that two fields are not taken for one.
fn part(hasher: &mut impl Hasher, bytes: Option<&[u8]>) {
    hasher.write_u64(bytes.map_or(u64::MAX, |bytes| bytes.len() as u64));
    hasher.write(bytes.unwrap_or_default());
}
