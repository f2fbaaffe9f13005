//! Fingerprints: SHA-256 in lower-case hexadecimal.

use sha2::{Digest, Sha256};
use std::{
    fmt::Write,
    io::{self, Read},
};

/// Fingerprint of bytes.
pub fn of_bytes(bytes: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(bytes))
}

/// Fingerprint of everything that `reader` gives.
pub fn of_reader(mut reader: impl Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = [0; 64 * 1024];
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(hex(&hash.finalize())),
            n => hash.update(&buffer[..n]),
        }
    }
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
