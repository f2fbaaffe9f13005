//! Writing to standard output, where the reader may have gone away (`jalon status | head -1`).

use super::errors::Error;
use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
};

/// Writes `text` as it is; colours are taken out where the output is no terminal or `NO_COLOR` is set.
pub(super) fn print(text: &str) -> Result<(), Error> {
    let mut out = anstream::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Err(Error::ClosedPipe),
        Err(cause) => Err(Error::Disk { verb: "write to", path: PathBuf::from("standard output"), cause }),
        Ok(()) => Ok(()),
    }
}

/// Writes a value as indented JSON.
pub(super) fn print_json(value: &impl serde::Serialize) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(value).map_err(|e| Error::Disk {
        verb: "write to",
        path: PathBuf::from("standard output"),
        cause: e.into(),
    })?;
    print(&(text + "\n"))
}

/// A line for a person, on stderr.
pub(super) fn tell(line: &str) {
    // Standard error may be closed; the command goes on.
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// Whether a person watches stderr.
pub(super) fn is_watched() -> bool {
    io::stderr().is_terminal()
}
