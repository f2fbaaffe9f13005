//! The lab: a real platform on one machine as child processes, with no container engine.
//!
//! [`up()`] starts ZooKeeper, a source and a target cluster, Kafka Connect with the MirrorMaker 2 plugins, a schema
//! registry, exporters and Prometheus, all on 127.0.0.1; [`down()`] leaves no process; [`fault()`] stops, freezes or
//! restarts one of them. The processes outlive the program that started them: what is known of them stands in the
//! lab's state file, so that any later `jalon` finds them again, after a crash too.
//!
//! Where to start reading: [`Options`] says what belongs to a lab, `members` which processes that makes, `command` how
//! each is started, `launch` how they are awaited, `secrets` and `users` what a secure lab has besides.

mod archives;
mod command;
mod conf;
mod down;
mod environment;
mod error;
mod fault;
mod fetch;
mod helper;
mod launch;
mod members;
mod options;
mod ports;
mod process;
mod progress;
mod ready;
mod secrets;
mod serving;
mod state;
mod status;
mod tools;
mod up;
mod users;

pub use down::{Ended, down};
pub use environment::environment;
pub use error::{Class, Error};
pub use fault::{Done, Fault, fault};
pub use fetch::Cache;
pub use members::{Role, Side};
pub use options::Options;
pub use progress::Progress;
pub use status::{LabState, ProcessState, ProcessStatus, Status, status};
pub use tools::fetch_all;
pub use up::up;
