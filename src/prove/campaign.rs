//! The copy of a campaign in which trials run: its plan and steps are copied, everything else is linked.

use std::{
    fs, io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

/// What a copy makes itself, or must not reach.
const OWN: &[&str] = &[".git", ".jalon", "artifacts", "plan", "reports", "steps", "target"];

/// Makes the copy of `campaign` in `folder` anew; runs that are in it stay.
pub(super) fn copy(campaign: &Path, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for part in ["plan", "steps"] {
        let to = folder.join(part);
        match fs::remove_dir_all(&to) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => copy_folder(&campaign.join(part), &to)?,
        }
    }
    for entry in fs::read_dir(campaign)? {
        let entry = entry?;
        let name = entry.file_name();
        if OWN.iter().any(|own| name == *own) {
            continue;
        }
        match symlink(fs::canonicalize(entry.path())?, folder.join(&name)) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &PathBuf) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let kind = fs::metadata(entry.path())?.file_type();
        match kind.is_dir() {
            true => copy_folder(&entry.path(), &to.join(entry.file_name()))?,
            // A pipe would be waited for.
            false if kind.is_file() => fs::copy(entry.path(), to.join(entry.file_name())).map(drop)?,
            false => {}
        }
    }
    Ok(())
}
