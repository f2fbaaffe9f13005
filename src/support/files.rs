//! Reading files that anybody may have put there: kind and size are looked at before a byte is read, and text is
//! recognised by its byte order mark.

use super::text;
use rustix::{
    fs::{Access, Mode, OFlags},
    io::Errno,
};
use std::{
    borrow::Cow,
    fs::{File, FileType, Metadata},
    io::{self, Read},
    path::Path,
};

/// The largest file of a plan, of settings or of a template that is read.
pub const LARGEST_TEXT: u64 = 16 << 20;

/// The largest artifact that is read into memory as a whole.
pub const LARGEST: u64 = 4 << 30;

/// Opens a file to read it; a folder, a pipe, a device or a socket is an error of the kind `InvalidInput`, and is not
/// waited for.
pub fn open(path: &Path) -> io::Result<File> {
    opened(path, OFlags::empty(), "its links lead round in a circle")
}

/// As [`open`], of what a person names, which may be a pipe that this process was started with as well (`<(…)` of a
/// shell, `/dev/stdin`).
pub fn open_given(path: &Path) -> io::Result<File> {
    match ["/dev/fd", "/proc/self/fd", "/dev/stdin"].iter().any(|own| path.starts_with(own)) {
        true => File::open(path),
        false => open(path),
    }
}

/// As [`open`], of a file that only this program writes: a link in its place is an error too.
pub fn open_no_link(path: &Path) -> io::Result<File> {
    opened(path, OFlags::NOFOLLOW, "it is a link, not a file")
}

fn opened(path: &Path, more: OFlags, of_link: &'static str) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY | more;
    let file = rustix::fs::open(path, flags, Mode::empty()).map_err(|error| match error {
        Errno::LOOP => io::Error::new(io::ErrorKind::InvalidInput, of_link),
        // A socket, which cannot be opened.
        Errno::NXIO => io::Error::new(io::ErrorKind::InvalidInput, "it is a socket, not a file"),
        error => error.into(),
    })?;
    let file = File::from(file);
    let kind = file.metadata()?.file_type();
    if kind.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, format!("it is {}, not a file", kind_of(kind))))
}

/// Whether a folder is there that can be read; what else stands in its place is an error of the kind `InvalidInput`, as
/// [`open`] has it of files.
pub fn is_folder(path: &Path) -> io::Result<bool> {
    let wrong = |what: String| io::Error::new(io::ErrorKind::InvalidInput, what);
    match std::fs::metadata(path) {
        Ok(there) if there.is_dir() => {
            // Both to list what is in it and to open it.
            rustix::fs::access(path, Access::READ_OK | Access::EXEC_OK)?;
            Ok(true)
        }
        Ok(there) => Err(wrong(format!("it is {}, not a folder", kind_of(there.file_type())))),
        Err(error) if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
            Err(wrong("its links lead round in a circle".to_owned()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => match std::fs::read_link(path) {
            Ok(to) => Err(wrong(format!("it is a link to `{}`, where no folder is", text::path(&to)))),
            Err(_) => Ok(false),
        },
        Err(error) => Err(error),
    }
}

fn kind_of(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    match () {
        () if kind.is_file() => "a file",
        () if kind.is_dir() => "a folder",
        () if kind.is_fifo() => "a pipe",
        () if kind.is_socket() => "a socket",
        () if kind.is_char_device() || kind.is_block_device() => "a device",
        () => "no regular file",
    }
}

/// The bytes of a file of at most `most` bytes; a larger one is an error of the kind `FileTooLarge`.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read_file(open(path)?, most)
}

/// The bytes of an open file, as [`read`] gives them; one that is too large is not read.
pub fn read_file(file: File, most: u64) -> io::Result<Vec<u8>> {
    match file.metadata()?.len() > most {
        true => Err(too_large(most)),
        false => read_all(file, most),
    }
}

/// All that comes from a reader, as [`read`] gives the bytes of a file.
pub fn read_all(reader: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(most + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > most {
        true => Err(too_large(most)),
        false => Ok(bytes),
    }
}

fn too_large(most: u64) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {}", text::bytes(most)))
}

/// What tells whether a file is the one that it was, and whether anybody wrote to it since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    place: (u64, u64),
    bytes: u64,
    changed: (i64, i64),
}

impl Stamp {
    /// That of an open file, or of one that was looked at.
    pub fn of(file: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self {
            place: (file.dev(), file.ino()),
            bytes: file.len(),
            changed: (file.ctime(), file.ctime_nsec()),
        }
    }
}

/// The text of a file of at most [`LARGEST_TEXT`]. What is no text is an error of the kind `InvalidData`, which says
/// where.
pub fn read_text(path: &Path) -> io::Result<String> {
    text(read(path, LARGEST_TEXT)?).map_err(|no_text| io::Error::new(io::ErrorKind::InvalidData, no_text))
}

/// The text that `bytes` are in UTF-8, or in UTF-16 with a byte order mark.
pub fn text(bytes: Vec<u8>) -> Result<String, NoText> {
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] = bytes[..] {
        let encoding = if bytes[0] == 0xff { encoding_rs::UTF_16LE } else { encoding_rs::UTF_16BE };
        return match encoding.decode(&bytes) {
            (text, _, false) => Ok(text.into_owned()),
            (text, ..) => {
                let at = text.find(char::REPLACEMENT_CHARACTER).unwrap_or(text.len());
                Err(NoText { why: Why::Utf16Cut, at, shown: text.into_owned() })
            }
        };
    }
    let (why, at) = match std::str::from_utf8(&bytes) {
        Ok(text) => match text.find('\0') {
            None => return Ok(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned()),
            Some(at) if bytes.len() < 2 * bytes.iter().filter(|byte| **byte == 0).count() + 2 => {
                (Why::Utf16, at)
            }
            Some(at) => (Why::Nul, at),
        },
        Err(error) => (Why::Byte(bytes[error.valid_up_to()]), error.valid_up_to()),
    };
    // Latin-1 reads every byte, so that the line can be shown.
    let shown: Cow<'_, str> = encoding_rs::mem::decode_latin1(&bytes);
    let at = encoding_rs::mem::decode_latin1(&bytes[..at]).len();
    // The place stays where it is: both are one byte long.
    Err(NoText { why, at, shown: shown.replace('\0', " ") })
}

/// Bytes that are no text.
#[derive(Debug, thiserror::Error)]
#[error("line {}: {why}", self.line())]
pub struct NoText {
    /// What is wrong with them.
    pub why: Why,
    /// Where that is in `shown`.
    pub at: usize,
    /// The bytes, each as a character.
    pub shown: String,
}

/// Why bytes are no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// A byte that belongs to no character.
    #[error("the byte 0x{0:02x} is not UTF-8")]
    Byte(u8),
    /// A byte that no text has.
    #[error("the byte 0x00 is not text")]
    Nul,
    /// UTF-16 that nothing says to be it.
    #[error("this seems to be UTF-16 without a byte order mark")]
    Utf16,
    /// UTF-16 with half a character.
    #[error("UTF-16 that is cut off or damaged here")]
    Utf16Cut,
}

impl NoText {
    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.shown[..self.at].matches('\n').count() + 1
    }

    /// Returns the hint: how to convert the file.
    pub fn hint(&self) -> &'static str {
        match self.why {
            Why::Byte(_) => "save the file as UTF-8: `iconv -f ISO-8859-1 -t UTF-8`",
            Why::Utf16 => "save the file as UTF-8: `iconv -f UTF-16LE -t UTF-8`",
            Why::Nul | Why::Utf16Cut => "save the file again as UTF-8",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_known_by_its_mark_and_what_is_none_has_a_place() {
        assert_eq!(text(b"\xef\xbb\xbfa".to_vec()).unwrap(), "a");
        assert_eq!(text(b"\xff\xfea\0\xe9\0".to_vec()).unwrap(), "aé");
        assert_eq!(text(b"\xfe\xff\0a\0\xe9".to_vec()).unwrap(), "aé");
        let error = text(b"a: b\nc: r\xe9f\xe9rence".to_vec()).unwrap_err();
        assert_eq!(error.to_string(), "line 2: the byte 0xe9 is not UTF-8");
        assert_eq!(&error.shown[error.at..], "éférence");
        for (bytes, says) in [
            (&b"a\0:\0 \0b\0"[..], "line 1: this seems to be UTF-16 without a byte order mark"),
            (b"\0a\0:\0 \0b\0", "line 1: this seems to be UTF-16 without a byte order mark"),
            (b"a: b\nc\0d: longer than that", "line 2: the byte 0x00 is not text"),
            (b"\xff\xfea\0\n\0b", "line 2: UTF-16 that is cut off or damaged here"),
            (b"\xfe\xff\0a\0\n\xd8\x00\0b", "line 2: UTF-16 that is cut off or damaged here"),
        ] {
            let error = text(bytes.to_vec()).unwrap_err();
            assert_eq!(error.to_string(), says, "{bytes:?}");
            assert!(error.shown.is_char_boundary(error.at) && !error.hint().is_empty());
        }
    }

    #[test]
    fn what_is_no_file_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for (path, what) in
            [(pipe.as_path(), "a pipe"), (Path::new("/dev/zero"), "a device"), (folder.path(), "a folder")]
        {
            let error = read(path, 10).unwrap_err();
            assert_eq!(error.to_string(), format!("it is {what}, not a file"));
        }
        std::fs::write(folder.path().join("large"), "12345").unwrap();
        let error = read(&folder.path().join("large"), 4).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }
}
