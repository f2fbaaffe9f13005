//! The lab: a real platform on one machine as child processes, with no container engine.
//!
//! [`up()`] starts ZooKeeper, a source and a target cluster, Kafka Connect with the MirrorMaker 2 plugins, a schema
//! registry, exporters and Prometheus, all on 127.0.0.1; [`down()`] leaves no process; [`inject()`] stops, freezes or
//! restarts one of them. The processes outlive the program that started them: what is known of them stands in the
//! lab's state file, so that any later `jalon` finds them again, after a crash too.
//!
//! Where to start reading: `service` says what the lab asks of a kind of process, `services` holds one file for each
//! kind and the register of them all, `up` is the way from [`Options`] to processes that are ready.

mod archive;
mod archiving;
mod certificates;
mod conf;
mod down;
mod environment;
mod error;
mod fault;
mod fetch;
mod inject;
mod java;
mod launch;
mod log;
mod options;
mod ports;
mod preparing;
mod probe;
mod process;
mod programs;
mod progress;
mod release;
mod secrets;
mod service;
mod services;
mod state;
mod status;
mod tools;
mod up;

pub use down::{EndedProcesses, down};
pub use environment::{environment, environment_text};
pub use error::{Class, LabError};
pub use fault::Fault;
pub use fetch::Cache;
pub use inject::{Done, inject};
pub use options::{Options, Switch};
pub use ports::taken;
pub use progress::Progress;
pub use release::Release;
pub use service::Role;
pub use services::kafka::JMX_RULES;
pub use services::switches;
pub use status::{LabState, ProcessState, ProcessStatus, Status, status};
pub use up::{fetch_all, up};

/// The environment variable that names the folder of a lab.
pub const FOLDER_VARIABLE: &str = "JALON_LAB_FOLDER";
/// The folder of a lab that nothing names, below the campaign's.
pub const USUAL_FOLDER: &str = ".jalon/lab";
