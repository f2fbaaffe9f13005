//! [`Program`]: a program that the machine must have; [`run`]: runs one to its end.

use super::LabError;
use crate::support::{redact, text};
use std::{env, path::PathBuf, time::Duration};
use tokio::{process::Command, time::timeout};

/// How many lines of what a program wrote an error shows.
const TAIL_LINES: usize = 15;

/// A program that must be on the PATH.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) name: &'static str,
    /// What the lab needs it for: `to …` or `for …`.
    pub(super) purpose: &'static str,
    /// The Debian package that has it.
    pub(super) package: &'static str,
}

impl Program {
    /// Its path, or an error that names its package.
    pub(super) fn find(&self) -> Result<PathBuf, LabError> {
        let Self { name: program, purpose, package } = *self;
        found(program, package, || purpose.to_owned())
    }
}

/// The path of a program, or an error that says what it is for and names its package.
pub(super) fn found(
    program: &'static str,
    package: &'static str,
    purpose: impl FnOnce() -> String,
) -> Result<PathBuf, LabError> {
    on_path(program).ok_or_else(|| LabError::MissingProgram { program, purpose: purpose(), package })
}

/// A program on the PATH.
pub(super) fn on_path(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// Runs a short-lived program to its end, at most for `limit`. `what` says in an error what it was for, as a verb, and
/// `name` which program it was.
pub(super) async fn run(
    what: &str,
    name: &str,
    command: &mut Command,
    limit: Duration,
) -> Result<(), LabError> {
    let failed = |why: String, output: &str| {
        let lines: Vec<&str> = output.lines().filter(|line| !line.trim().is_empty()).collect();
        let tail = lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n");
        let output = redact::mask(&tail).into_owned();
        LabError::Program { what: what.to_owned(), name: name.to_owned(), why, output }
    };
    let output = timeout(limit, command.kill_on_drop(true).output())
        .await
        .map_err(|_| failed(format!("timed out after {}", text::duration(limit)), ""))?
        .map_err(|cause| failed(format!("could not be started: {cause}"), ""))?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    Err(failed(format!("failed with {}", output.status), &String::from_utf8_lossy(&text)))
}
