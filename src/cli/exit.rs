//! [`Exit`]: what a script can read from the exit code. The table in the book is made from it.

use crate::record::event::Outcome;
use std::process::ExitCode;

/// Exit codes of the program, by cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All passed, or the command did what it was asked.
    Passed = 0,
    /// A criterion of a step failed.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The plan has mistakes.
    Plan = 3,
    /// The environment cannot be reached, or an action could not be carried out.
    Unreachable = 4,
    /// Interrupted; can be resumed.
    Interrupted = 5,
    /// A step could not be judged.
    Inconclusive = 6,
    /// A person must answer or approve.
    Waiting = 7,
    /// Another process holds the lock.
    Locked = 8,
    /// Evidence was altered, or the journal is damaged.
    Damaged = 9,
    /// A file cannot be read or written.
    Disk = 10,
    /// Steps were waived or skipped, and nothing else is open.
    Exceptions = 11,
    /// A mistake in this program.
    Bug = 70,
}

/// Every code with its meaning, in the order of the numbers.
pub const EXITS: &[(Exit, &str)] = &[
    (Exit::Passed, "all passed (or the command did what it was asked)"),
    (Exit::Failed, "a criterion failed"),
    (Exit::Usage, "the command line is wrong"),
    (Exit::Plan, "the plan has mistakes"),
    (Exit::Unreachable, "the environment cannot be reached, or an action could not be carried out"),
    (Exit::Interrupted, "interrupted; continue with `jalon resume`"),
    (Exit::Inconclusive, "inconclusive: a step could not be judged"),
    (Exit::Waiting, "waits for a person's answer or approval"),
    (Exit::Locked, "another process holds the lock"),
    (Exit::Damaged, "evidence was altered or the journal is damaged"),
    (Exit::Disk, "a file could not be read or written"),
    (Exit::Exceptions, "passed with exceptions: steps were waived or skipped, nothing else is open"),
    (Exit::Bug, "internal error"),
];

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<Outcome> for Exit {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Passed => Self::Passed,
            Outcome::PassedWithExceptions => Self::Exceptions,
            Outcome::Failed => Self::Failed,
            Outcome::Inconclusive => Self::Inconclusive,
            Outcome::Error | Outcome::Unreachable => Self::Unreachable,
            Outcome::Waiting => Self::Waiting,
            Outcome::Interrupted => Self::Interrupted,
        }
    }
}

/// The table as Markdown, as the book has it.
pub fn table() -> String {
    let rows: String =
        EXITS.iter().map(|(exit, meaning)| format!("| {} | {meaning} |\n", *exit as u8)).collect();
    format!("| code | meaning |\n| --- | --- |\n{rows}")
}
