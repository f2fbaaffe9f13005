//! The lines of a file, in UTF-8 or UTF-16 with a mark at its start, read in pieces: memory does not grow with the file.

use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};
use std::io::{self, Read};

/// Bytes read at once.
const PIECE: usize = 256 << 10;

/// Longest line that is kept whole; the rest of a longer one is left out.
const LONGEST: usize = 64 << 10;

/// Reads lines of a text, the longest ones cut.
pub struct Lines<R> {
    from: DecodeReaderBytes<R, Vec<u8>>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl<R: Read> Lines<R> {
    /// Starts to read lines from `from`.
    pub fn new(from: R) -> Self {
        let from = DecodeReaderBytesBuilder::new()
            .bom_override(true)
            .utf8_passthru(true)
            .strip_bom(true)
            .build(from);
        Self { from, buffer: vec![0; PIECE + LONGEST], start: 0, end: 0 }
    }

    /// Gives every line to `each`, without the line feed at its end.
    pub fn for_each(&mut self, mut each: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let mut skipping = false;
        loop {
            while let Some(length) = memchr::memchr(b'\n', &self.buffer[self.start..self.end]) {
                let line = &self.buffer[self.start..self.start + length];
                if !skipping {
                    each(line)?;
                }
                skipping = false;
                self.start += length + 1;
            }
            if self.end - self.start >= LONGEST {
                if !skipping {
                    each(&self.buffer[self.start..self.start + LONGEST])?;
                }
                skipping = true;
                self.start = self.end;
            }
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            match self.from.read(&mut self.buffer[self.end..]) {
                Ok(0) if self.end == 0 || skipping => return Ok(()),
                Ok(0) => return each(&self.buffer[..self.end]),
                Ok(read) => self.end += read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }
}

impl<R> std::fmt::Debug for Lines<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("buffered", &(self.end - self.start)).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        Lines::new(bytes)
            .for_each(|line| {
                lines.push(String::from_utf8_lossy(line).into_owned());
                Ok(())
            })
            .unwrap();
        lines
    }

    #[test]
    fn every_encoding_with_a_mark_reads_the_same() {
        let text = "débit\r\n\r\n3 records";
        let utf16 = |mark: [u8; 2], bytes: fn(u16) -> [u8; 2]| {
            mark.into_iter().chain(text.encode_utf16().flat_map(bytes)).collect::<Vec<u8>>()
        };
        let expected = ["débit\r", "\r", "3 records"];
        assert_eq!(read(text.as_bytes()), expected);
        assert_eq!(read(&[&b"\xef\xbb\xbf"[..], text.as_bytes()].concat()), expected);
        assert_eq!(read(&utf16([0xff, 0xfe], u16::to_le_bytes)), expected);
        assert_eq!(read(&utf16([0xfe, 0xff], u16::to_be_bytes)), expected);
        assert!(read(b"").is_empty());
    }

    #[test]
    fn a_line_without_end_takes_no_more_memory_than_a_long_one() {
        let long = [vec![b'x'; 3 * PIECE], b"\nnext\n".to_vec()].concat();
        let lines = read(&long);
        assert_eq!((lines.len(), lines[0].len(), lines[1].as_str()), (2, LONGEST, "next"));
        assert_eq!(read(&long[..2 * PIECE]).len(), 1);
    }
}
