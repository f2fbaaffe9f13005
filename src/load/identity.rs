//! [`Identity`]: which record it is, on whichever cluster: by its stamp where it has one, otherwise by its content.

use super::payload::{Reading, Stamp};
use rdkafka::{
    Message, Timestamp,
    message::{BorrowedMessage, Headers},
};
use sha2::{Digest, Sha256};
use std::fmt;

/// What makes a record the same on both clusters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identity {
    /// It has a whole stamp: no other record has it.
    Stamp {
        /// The producing run.
        token: u64,
        /// Number of the record within it.
        sequence: u64,
    },
    /// The first bytes of the SHA-256 of key, value, headers and timestamp. Records that are equal in all of these have the
    /// same one.
    Content([u8; 16]),
}

impl Identity {
    /// That of a record. A stamp whose bytes were changed is content like any other.
    pub fn of(message: &BorrowedMessage<'_>) -> Self {
        let value = message.payload();
        if let Reading::Whole(Stamp { token, sequence, .. }) = Stamp::read(value.unwrap_or_default()) {
            return Self::Stamp { token, sequence };
        }
        let mut hash = Sha256::new();
        add(&mut hash, message.key());
        add(&mut hash, value);
        for header in message.headers().into_iter().flat_map(Headers::iter) {
            add(&mut hash, Some(header.key.as_bytes()));
            add(&mut hash, header.value);
        }
        let millis = match message.timestamp() {
            Timestamp::NotAvailable => -1,
            Timestamp::CreateTime(millis) | Timestamp::LogAppendTime(millis) => millis,
        };
        hash.update(millis.to_be_bytes());
        let mut first = [0; 16];
        first.copy_from_slice(&hash.finalize()[..16]);
        Self::Content(first)
    }

    /// Whether no other record can have it.
    pub fn is_unique(&self) -> bool {
        matches!(self, Self::Stamp { .. })
    }
}

/// Adds a part with its length, so that no two lists of parts have the same bytes; none differs from an empty one.
fn add(hash: &mut Sha256, part: Option<&[u8]>) {
    match part {
        None => hash.update(u64::MAX.to_be_bytes()),
        Some(bytes) => {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stamp { token, sequence } => write!(f, "stamp {token:016x}/{sequence}"),
            Self::Content(bytes) => {
                f.write_str("content ")?;
                bytes.iter().take(8).try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}
