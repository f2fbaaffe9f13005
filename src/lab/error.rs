//! [`LabError`]: why the lab could not do what was asked.

use std::{io, path::PathBuf, process::ExitStatus, time::Duration};

use crate::support::text;

/// What kind of answer an error calls for; the command line makes its exit code of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The call itself is wrong: another option or name is needed.
    Usage,
    /// The machine or the platform is not as needed: a program is missing, a port is taken, a process does not start.
    Environment,
    /// A file cannot be read or written.
    Disk,
}

/// Why the lab could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// A lab is up in the folder.
    #[error("a lab is already running in {} (live processes: {living})", .folder.display())]
    AlreadyUp {
        /// Folder of the lab that is up.
        folder: PathBuf,
        /// How many of its processes live.
        living: usize,
    },
    /// A number of brokers that no lab can have.
    #[error("a lab has 1 to {most} source brokers and 0 to {most} target brokers")]
    Brokers {
        /// Most brokers of a cluster.
        most: u16,
    },
    /// Another `jalon lab` is at work on the same folder.
    #[error("another `jalon lab` command is running on {}", .folder.display())]
    Busy {
        /// Folder that both commands work on.
        folder: PathBuf,
    },
    /// A process ended while it was meant to start.
    #[error("`{name}` exited during startup ({status}); last lines of {}:\n{tail}", .log.display())]
    Ended {
        /// Name of the process within the lab, such as `broker-1`.
        name: String,
        /// Exit code, or the signal that ended it.
        status: ExitStatus,
        /// File that its output was written to.
        log: PathBuf,
        /// The last lines of its log.
        tail: String,
    },
    /// The process is frozen, so that it cannot be started.
    #[error("`{name}` is frozen")]
    Frozen {
        /// Name of the frozen process within the lab.
        name: String,
    },
    /// A file or folder failed.
    #[error("cannot {doing} {}: {cause}", .path.display())]
    Io {
        /// What was tried, as a verb.
        doing: &'static str,
        /// File or folder on which the operation failed.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        cause: io::Error,
    },
    /// No Java of a version that can run the program.
    #[error("no suitable Java found for {what}: version {needed} is required ({found})")]
    Java {
        /// Program that needs Java, for the message.
        what: &'static str,
        /// The versions that will do.
        needed: &'static str,
        /// Versions of Java that were found, in words.
        found: String,
        /// Debian package that has a suitable version.
        package: &'static str,
    },
    /// A program that the lab runs is not on the `PATH`.
    #[error("`{program}` is not installed; the lab needs it {purpose}")]
    MissingProgram {
        /// Name of the program, such as `mvn`.
        program: &'static str,
        /// What the lab needs it for, such as `to download the JMX exporter`.
        purpose: String,
        /// The Debian package that has it.
        package: &'static str,
    },
    /// Neither variable that says where a user's cache is.
    #[error("no folder for downloads: neither `XDG_CACHE_HOME` nor `HOME` is an absolute path")]
    NoCache,
    /// The folder holds something else.
    #[error("{} is not a lab folder: it contains `{found}` but no `lab.json`", .folder.display())]
    NotALab {
        /// Folder that was to become the lab's.
        folder: PathBuf,
        /// Name of the folder in it that a new lab would remove, such as `data`.
        found: String,
    },
    /// Processes did not become ready in time.
    #[error("{names} did not become ready within {}; last lines of {}:\n{tail}", text::duration(*.limit), .log.display())]
    NotReady {
        /// Names of the processes that were not ready, with commas between them.
        names: String,
        /// The time that they had.
        limit: Duration,
        /// The log of the first of them.
        log: PathBuf,
        /// The last lines of that log.
        tail: String,
    },
    /// No state file of a lab in the folder.
    #[error("no lab found in {}", .folder.display())]
    NotUp {
        /// The folder that was looked into.
        folder: PathBuf,
    },
    /// A flag whose processes the lab cannot start with the release of Kafka that was asked for.
    #[error("`--{flag}` is not supported with Kafka {kafka}")]
    NotWith {
        /// The flag, without its dashes.
        flag: &'static str,
        /// Release of Kafka that was asked for, such as `4.3.1`.
        kafka: &'static str,
    },
    /// A block of ports that does not fit.
    #[error("invalid port base `{base}`: the lab needs 61 ports from there on")]
    PortBase {
        /// The value of `--port-base`.
        base: u16,
        /// The highest possible base.
        last: u16,
    },
    /// Ports that the lab would use are taken by other processes.
    #[error("{taken}")]
    PortsTaken {
        /// The first ports, whose they would be and who holds them, and how many more there are.
        taken: String,
    },
    /// A short-lived program did not do its work.
    #[error("cannot {what}: `{name}` {why}\n{output}")]
    Program {
        /// What it was for, as a verb.
        what: String,
        /// Name of the program.
        name: String,
        /// Exit code or signal, in words.
        why: String,
        /// The last lines that it wrote, secrets masked.
        output: String,
    },
    /// A signal could not be sent.
    #[error("cannot send {signal} to `{name}` (pid {pid}): {cause}")]
    Signal {
        /// Name of the signal, such as `SIGTERM`.
        signal: &'static str,
        /// Name of the process that the signal was for.
        name: String,
        /// Process id that the signal was sent to.
        pid: i32,
        /// Error of the operating system.
        #[source]
        cause: io::Error,
    },
    /// A process could not be spawned.
    #[error("cannot start `{name}` ({program}): {cause}")]
    Spawn {
        /// Name of the process within the lab.
        name: String,
        /// First word of its command line; empty where it has none.
        program: String,
        /// Error of the operating system.
        #[source]
        cause: io::Error,
    },
    /// The state file cannot be understood.
    #[error("{} is damaged or was written by another version of jalon: {cause}", .path.display())]
    State {
        /// Path of `lab.json`.
        path: PathBuf,
        /// First error of the JSON reader, with line and column.
        #[source]
        cause: serde_json::Error,
    },
    /// The lab has no process of that name.
    #[error("process `{name}` not found in the lab")]
    UnknownProcess {
        /// Name that no process of the lab has.
        name: String,
        /// Names of the lab's processes, for the hint.
        known: Vec<String>,
    },
    /// A process is not in the state that the fault needs.
    #[error("`{name}` is not running")]
    NotRunning {
        /// Name of the process that the fault was for.
        name: String,
    },
    /// A process did not follow a signal.
    #[error("`{name}` (pid {pid}) did not react to {signal} within {}", text::duration(*.limit))]
    WillNotFollow {
        /// Name of the process within the lab.
        name: String,
        /// Process id that the signal was sent to.
        pid: i32,
        /// Name of the signal that it was sent, such as `SIGKILL`.
        signal: &'static str,
        /// Time after which the lab stopped waiting.
        limit: Duration,
    },
}

impl LabError {
    /// What kind of answer it calls for.
    pub fn class(&self) -> Class {
        match self {
            Self::AlreadyUp { .. }
            | Self::Brokers { .. }
            | Self::Busy { .. }
            | Self::Frozen { .. }
            | Self::NotWith { .. }
            | Self::NotALab { .. }
            | Self::NotRunning { .. }
            | Self::PortBase { .. }
            | Self::UnknownProcess { .. } => Class::Usage,
            Self::Ended { .. }
            | Self::Program { .. }
            | Self::Java { .. }
            | Self::MissingProgram { .. }
            | Self::NoCache
            | Self::NotReady { .. }
            | Self::NotUp { .. }
            | Self::PortsTaken { .. }
            | Self::Signal { .. }
            | Self::Spawn { .. }
            | Self::WillNotFollow { .. } => Class::Environment,
            Self::Io { .. } | Self::State { .. } => Class::Disk,
        }
    }

    /// What to try, where something can be said.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::AlreadyUp { .. } => "run `jalon lab down` first".to_owned(),
            Self::Busy { .. } => "wait until it has finished".to_owned(),
            Self::Frozen { name } => format!("resume it with `jalon lab fault thaw {name}`"),
            Self::Java { package, .. } => format!("run `apt-get install {package}`, or set `JAVA_HOME`"),
            Self::MissingProgram { package, .. } => format!("run `apt-get install {package}`"),
            Self::NoCache => "set one of them".to_owned(),
            Self::NotALab { .. } => "choose another folder with `--folder`".to_owned(),
            Self::NotRunning { name } => format!("start it with `jalon lab fault start {name}`"),
            Self::NotUp { .. } => "start one with `jalon lab up`".to_owned(),
            Self::NotWith { .. } => "use it with `--kafka 3.7.2`, with or without `--kraft`".to_owned(),
            Self::PortBase { last, .. } => format!("use a port base between 1024 and {last}"),
            Self::PortsTaken { .. } => {
                "stop the process that uses the port, or use other ports: `jalon lab up --port-base PORT`, then `jalon lab \
                 environment > plan/environments/lab.yaml`"
                    .to_owned()
            }
            Self::State { .. } => "stop leftover processes by hand, then delete the file".to_owned(),
            Self::UnknownProcess { name, known } => {
                match text::did_you_mean(name, known.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known processes: {}", known.join(", ")),
                }
            }
            Self::Brokers { .. }
            | Self::Ended { .. }
            | Self::Program { .. }
            | Self::Io { .. }
            | Self::NotReady { .. }
            | Self::Signal { .. }
            | Self::Spawn { .. }
            | Self::WillNotFollow { .. } => return None,
        })
    }

    /// For `map_err`: a failure of `path` while `doing`.
    pub(super) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |cause| Self::Io { doing, path, cause }
    }
}
