//! [`run`]: a short-lived program that must have done its work before the lab goes on.

use super::{
    Error,
    state::{Lab, MARK},
};
use crate::support::redact;
use std::{process::Stdio, time::Duration};
use tokio::{process::Command, time::timeout};

/// How many lines of what it wrote an error shows.
const TAIL_LINES: usize = 15;

/// Runs a command line in the lab's folder to its end, at most for `limit`. `what` says in an error what it was for;
/// `name` is the program's, because a command line of Java hides it.
pub(super) async fn run(
    lab: &Lab,
    what: &'static str,
    name: &'static str,
    argv: &[String],
    limit: Duration,
) -> Result<(), Error> {
    let failed = |why: String, output: &str| {
        let lines: Vec<&str> = output.lines().filter(|line| !line.trim().is_empty()).collect();
        let tail = lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n");
        Error::Helper { what, name, why, output: redact::mask(&tail).into_owned() }
    };
    let (program, arguments) = argv.split_first().ok_or_else(|| failed("has no program".to_owned(), ""))?;
    let running = Command::new(program)
        .args(arguments)
        .current_dir(&lab.folder)
        .env(MARK, &lab.state.id)
        .env_remove("JAVA_TOOL_OPTIONS")
        .env_remove("JDK_JAVA_OPTIONS")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(limit, running)
        .await
        .map_err(|_| failed(format!("took longer than {} s", limit.as_secs()), ""))?
        .map_err(|cause| failed(format!("cannot be run: {cause}"), ""))?;
    if output.status.success() {
        return Ok(());
    }
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(failed(format!("ended with {}", output.status), &text))
}
