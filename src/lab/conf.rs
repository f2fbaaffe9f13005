//! The configuration files of a lab's processes, written into its folder.

use super::{LabError, service::Setup};
use std::{fs::OpenOptions, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

/// Writes the files of every process.
pub(super) fn write_all(folder: &Path, setup: &Setup) -> Result<(), LabError> {
    let files = setup.members.iter().flat_map(|member| member.service().files(member, setup));
    files.into_iter().try_for_each(|(path, text)| write(&folder.join(path), &text))
}

/// Writes a file that only its owner can read, for it may hold passwords.
pub(super) fn write(path: &Path, text: &str) -> Result<(), LabError> {
    let written = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    written.and_then(|mut file| file.write_all(text.as_bytes())).map_err(LabError::io("write", path))
}
