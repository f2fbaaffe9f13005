//! Fingerprints: SHA-256 in lower-case hexadecimal.

use sha2::{Digest, Sha256};
use std::io::{self, Read};

/// Returns the SHA-256 of the bytes, in hexadecimal.
pub fn of_bytes(bytes: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(bytes))
}

/// Fingerprint of the parts, one behind the other.
pub fn of_parts(parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> String {
    hex(&parts.into_iter().fold(Sha256::new(), Digest::chain_update).finalize())
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

/// Passes on what it reads, and knows the fingerprint of it.
pub struct Reading<R> {
    inner: R,
    hash: Sha256,
}

impl<R: Read> Reading<R> {
    /// Reads from `inner`.
    pub fn new(inner: R) -> Self {
        Self { inner, hash: Sha256::new() }
    }

    /// Reads whatever is left and gives the fingerprint of everything.
    pub fn finish(mut self) -> io::Result<String> {
        let mut buffer = vec![0; 256 * 1024];
        while self.read(&mut buffer)? > 0 {}
        Ok(hex(&self.hash.finalize()))
    }
}

impl<R: Read> Read for Reading<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(&buffer[..read]);
        Ok(read)
    }
}

/// Fingerprint of the JSON form of a value that has one: its keys are texts.
pub fn of_json(value: &impl serde::Serialize) -> String {
    of_bytes(serde_json::to_vec(value).expect("memory takes it, and its keys are texts"))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    // A long journal has a million of them to compare.
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|d| DIGITS[usize::from(d)]);
    String::from_utf8(digits.collect()).expect("the digits are ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_knows_what_it_has_passed_on() {
        let mut reading = Reading::new("some bytes".as_bytes());
        let mut four = [0; 4];
        reading.read_exact(&mut four).unwrap();
        assert_eq!(reading.finish().unwrap(), of_bytes("some bytes"));
    }

    #[test]
    fn bytes_read_as_hexadecimal() {
        assert_eq!(hex(&[0, 0x0f, 0xa5, 0xff]), "000fa5ff");
        assert_eq!(of_bytes(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
