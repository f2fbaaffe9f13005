//! `jalon man`: the manual pages, from what `--help` says.

use super::{CommandError, Exit, output};
use clap::{Args, Command};
use std::path::PathBuf;

/// Arguments of `man`.
#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Write `jalon.1` and a page for each command into this folder. Default: print `jalon.1`.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Writes the pages of `command`, the whole program.
pub(super) fn run(args: &ManArgs, mut command: Command) -> Result<Exit, CommandError> {
    command.build();
    let Some(folder) = &args.out else {
        let mut page = Vec::new();
        let made = clap_mangen::Man::new(command).render(&mut page);
        made.map_err(|cause| CommandError::Disk { verb: "make", path: "jalon.1".into(), cause })?;
        output::print(&String::from_utf8_lossy(&page))?;
        return Ok(Exit::Passed);
    };
    let fault = |cause| CommandError::Disk { verb: "write", path: folder.clone(), cause };
    std::fs::create_dir_all(folder).map_err(fault)?;
    clap_mangen::generate_to(command, folder).map_err(fault)?;
    Ok(Exit::Passed)
}
