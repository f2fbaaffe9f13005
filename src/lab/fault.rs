//! [`Fault`]: what can be done to one process of a running lab.

use std::fmt;

/// What is done to a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Ends it in order (SIGTERM).
    Stop,
    /// Ends it at once, as a crash does (SIGKILL).
    Kill,
    /// Lets it hang with its connections open (SIGSTOP).
    Freeze,
    /// Lets a frozen one go on (SIGCONT).
    Thaw,
    /// Starts one that has ended, on the data that it had, and waits until it is ready.
    Start,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Stop, Self::Kill, Self::Freeze, Self::Thaw, Self::Start];

    /// The word for it on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Kill => "kill",
            Self::Freeze => "freeze",
            Self::Thaw => "thaw",
            Self::Start => "start",
        }
    }

    /// What it does, in one sentence without a full stop.
    pub fn about(self) -> &'static str {
        match self {
            Self::Stop => "Stop it gracefully (SIGTERM)",
            Self::Kill => "Kill it, as a crash does (SIGKILL)",
            Self::Freeze => "Suspend it with its connections open (SIGSTOP)",
            Self::Thaw => "Resume a frozen process (SIGCONT)",
            Self::Start => "Start a stopped process, and wait until it is ready",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
