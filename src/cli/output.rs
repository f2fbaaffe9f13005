//! Writing to standard output, where the reader may have gone away (`jalon status | head -1`).

use super::{errors::CommandError, typed};
use crate::{record::Language, support::redact};
use std::{
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
};

/// The language of what a command tells a person; `--json` is in no language.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct Spoken {
    /// Language of titles, words and sentences: `en` or `fr`.
    #[arg(long, value_name = "LANG", env = "JALON_LANG", default_value = "en")]
    pub(super) lang: Language,
}

/// Writes `text`, known secrets masked; colours are taken out where the output is no terminal or `NO_COLOR` is set.
pub(super) fn print(text: &str) -> Result<(), CommandError> {
    let mut out = anstream::stdout();
    match out.write_all(&redact::mask_known(text.as_bytes())).and_then(|()| out.flush()) {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Err(CommandError::ClosedPipe),
        Err(cause) => {
            Err(CommandError::Disk { verb: "write to", path: PathBuf::from("standard output"), cause })
        }
        Ok(()) => Ok(()),
    }
}

/// Writes a value as indented JSON.
pub(super) fn print_json(value: &impl serde::Serialize) -> Result<(), CommandError> {
    print(&json(value)?)
}

/// A value as indented JSON, secrets masked.
pub(super) fn json(value: &impl serde::Serialize) -> Result<String, CommandError> {
    let fault = |e: serde_json::Error| CommandError::Disk {
        verb: "write to",
        path: PathBuf::from("standard output"),
        cause: e.into(),
    };
    let mut text = serde_json::to_string_pretty(value).map_err(fault)?;
    if redact::may_mask(&text) {
        let mut json: serde_json::Value = serde_json::from_str(&text).map_err(fault)?;
        let plain = json.clone();
        redact::mask_record(&mut json);
        if json != plain {
            text = serde_json::to_string_pretty(&json).map_err(fault)?;
        }
    }
    Ok(text + "\n")
}

/// Writes a file so that a reader sees the old one or the whole new one; its folder is made where there is none.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    let written = || -> io::Result<()> {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new().prefix("report-").suffix(".partial").tempfile_in(folder)?;
        file.write_all(bytes)?;
        readable(file.as_file())?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|e| e.error)?;
        std::fs::File::open(folder)?.sync_all()
    };
    written().map_err(|cause| CommandError::Disk { verb: "write", path: path.to_owned(), cause })
}

/// A temporary file is its owner's alone; what is written here is to be read by others.
fn readable(file: &std::fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

/// A line for a person, on stderr, secrets masked.
pub(super) fn tell(line: &str) {
    // Standard error may be closed; the command goes on.
    let _ = writeln!(anstream::stderr(), "{}", typed::shown(&redact::mask(line)));
}

/// As [`tell`], with the token of the page behind its address. Only there is it shown: it stands behind the `#`, which
/// no browser sends.
pub(super) fn tell_with(line: &str, address: &str, token: &str) {
    let line = typed::shown(&redact::mask(line)).replacen(address, &format!("{address}#{token}"), 1);
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// Whether a person watches stderr.
pub(super) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_replaces_the_one_before_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/report-2025-12-18.fr.md");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path().join("a")).unwrap().count(), 1);
    }
}
