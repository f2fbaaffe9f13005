//! Values read from files: one for each line of a file, or one for each file of a folder.

use super::Records;
use crate::{
    record::{Arg, Said, Speaks, display_by_said, messages},
    support::{files, text},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The most bytes that are kept in memory.
const MOST: u64 = 256 << 20;

/// Why there are no samples.
#[derive(Debug, thiserror::Error)]
pub enum SamplesError {
    /// The file or folder has no record.
    Empty(PathBuf),
    /// The file or folder cannot be read.
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        cause: io::Error,
    },
    /// The records do not fit into the limit.
    TooLarge(PathBuf),
}

impl Speaks for SamplesError {
    fn said(&self) -> Said {
        match self {
            Self::Empty(path) => empty(Arg::text(text::path(path))),
            Self::Io { path, cause } => unreadable(Arg::text(text::path(path)), cause.to_string()),
            Self::TooLarge(path) => too_large(Arg::text(text::path(path)), Arg::bytes(MOST)),
        }
    }
}

display_by_said!(SamplesError);

messages! {
    area "samples";
    empty(path) => "{path} holds no record" / "{path} ne contient aucun enregistrement";
    too_large(path, most) => "{path} is larger than {most}" / "{path} dépasse {most}";
    unreadable(path, cause) => "could not read {path}: {cause}" / "impossible de lire {path} : {cause}";
}

/// Reads the records at `path`. Empty lines are no records; the files of a folder are taken in the order of their names,
/// hidden ones and folders within it are passed over.
pub fn read(path: &Path) -> Result<Records, SamplesError> {
    read_with(path, None)
}

/// As [`read`], with something else than the ends of lines between the records of a file.
pub fn read_with(path: &Path, delimiter: Option<&str>) -> Result<Records, SamplesError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |cause| SamplesError::Io { path, cause }
    };
    let mut left = MOST;
    let mut take = |path: &Path, length: u64| {
        left = left.checked_sub(length).ok_or_else(|| SamplesError::TooLarge(path.to_owned()))?;
        files::read(path, MOST).map_err(io(path))
    };
    let about = fs::metadata(path).map_err(io(path))?;
    let (values, unit): (Vec<Box<[u8]>>, _) = if about.is_dir() {
        let mut files = Vec::new();
        for entry in fs::read_dir(path).map_err(io(path))? {
            let entry = entry.map_err(io(path))?;
            let length = entry.path().metadata().map_err(io(&entry.path()))?;
            if length.is_file() && !entry.file_name().to_string_lossy().starts_with('.') {
                files.push((entry.path(), length.len()));
            }
        }
        files.sort();
        let values = files.iter().map(|(file, length)| take(file, *length).map(Vec::into_boxed_slice));
        (values.collect::<Result<_, _>>()?, "files")
    } else {
        let text = take(path, about.len())?;
        if let Some(delimiter) = delimiter.filter(|delimiter| !delimiter.is_empty()) {
            let mut values = Vec::new();
            let mut from = 0;
            let ends = memchr::memmem::find_iter(&text, delimiter).chain([text.len()]);
            for end in ends {
                // What ends the last line of a file is no part of its last record.
                let value = &text[from..end];
                let value =
                    if end == text.len() { value.strip_suffix(b"\n").unwrap_or(value) } else { value };
                if !value.is_empty() {
                    values.push(value.into());
                }
                from = end + delimiter.len();
            }
            return of(values, "pieces", path);
        }
        let lines = text.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        (lines.filter(|line| !line.is_empty()).map(Into::into).collect(), "lines")
    };
    of(values, unit, path)
}

fn of(values: Vec<Box<[u8]>>, unit: &str, path: &Path) -> Result<Records, SamplesError> {
    if values.is_empty() {
        return Err(SamplesError::Empty(path.to_owned()));
    }
    Ok(Records { what: format!("the {} {unit} of {}", values.len(), path.display()), values: values.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_files_are_records() {
        let root = tempfile::tempdir().unwrap();
        let lines = root.path().join("lines.json");
        fs::write(&lines, "{\"a\": 1}\r\n\n{\"a\": \"é\"}\n").unwrap();
        let records = read(&lines).unwrap();
        assert_eq!(&*records.values[0], b"{\"a\": 1}");
        assert_eq!((records.values.len(), &*records.values[1]), (2, "{\"a\": \"é\"}".as_bytes()));
        assert!(records.what.starts_with("the 2 lines of"), "{}", records.what);

        fs::write(&lines, "a\nb||c||\n||d\n").unwrap();
        let values = read_with(&lines, Some("||")).unwrap().values;
        let values: Vec<&[u8]> = values.iter().map(|value| &**value).collect();
        assert_eq!(values, [b"a\nb".as_slice(), b"c", b"\n", b"d"]);

        let folder = root.path().join("folder");
        fs::create_dir_all(folder.join("deeper")).unwrap();
        for (name, bytes) in [("b.bin", b"2\n2".as_slice()), ("a.bin", b"1"), (".hidden", b"no")] {
            fs::write(folder.join(name), bytes).unwrap();
        }
        let values = read(&folder).unwrap().values;
        assert_eq!((values.len(), &*values[0], &*values[1]), (2, b"1".as_slice(), b"2\n2".as_slice()));
    }

    #[test]
    fn what_holds_no_record_is_named() {
        let root = tempfile::tempdir().unwrap();
        let empty = root.path().join("empty");
        fs::write(&empty, "\n\n").unwrap();
        assert!(matches!(read(&empty), Err(SamplesError::Empty(_))));
        assert!(matches!(read(root.path().join("none").as_path()), Err(SamplesError::Io { .. })));
        assert!(read(&root.path().join("none")).unwrap_err().to_string().contains("none"));
        let large = root.path().join("large");
        fs::File::create(&large).unwrap().set_len(MOST + 1).unwrap();
        assert!(read(&large).unwrap_err().to_string().contains("256.0 MiB"));
    }
}
