//! Fingerprints: SHA-256 in lower-case hexadecimal.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Fingerprint of bytes.
pub fn of_bytes(bytes: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(bytes))
}

/// Fingerprint of a value's JSON form.
pub fn of_json(value: &serde_json::Value) -> String {
    of_bytes(value.to_string())
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
