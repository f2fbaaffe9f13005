//! [`Progress`]: what the lab tells while it works.

use crate::support::text;
use std::{fmt, time::Duration};

/// One thing that happened while the lab works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A download starts; it is done once and kept.
    Fetching(&'static str),
    /// The class archives are made; it is done once for a version of Java.
    MakingArchives,
    /// The passwords and certificates of a secure lab are made.
    MakingSecrets,
    /// The users of a secure lab and their rights are written into ZooKeeper.
    MakingUsers,
    /// That many processes are spawned.
    Starting(usize),
    /// A process is ready, so long after the start.
    Ready {
        /// Name of the process within the lab.
        name: String,
        /// Time since its start was asked for.
        after: Duration,
    },
    /// A process is started once more.
    Again {
        /// Name of the process within the lab.
        name: String,
        /// Reason, as the service recognised it in the log of the process.
        why: &'static str,
    },
    /// A process has ended, or was killed where it would not.
    Ended {
        /// Name of the process within the lab.
        name: String,
        /// Whether it had to be killed.
        killed: bool,
    },
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fetching(what) => write!(f, "downloading {what} (first use only)"),
            Self::MakingArchives => f.write_str("creating class archives for faster starts (first use only)"),
            Self::MakingSecrets => f.write_str("creating passwords and certificates"),
            Self::MakingUsers => f.write_str("creating the users of the clusters"),
            Self::Starting(n) => {
                write!(f, "starting {n} {}", if *n == 1 { "process" } else { "processes" })
            }
            Self::Ready { name, after } => write!(f, "{name} ready after {}", text::duration(*after)),
            Self::Again { name, why } => write!(f, "restarting {name}: {why}"),
            Self::Ended { name, killed: false } => write!(f, "{name} stopped"),
            Self::Ended { name, killed: true } => write!(f, "{name} killed"),
        }
    }
}
