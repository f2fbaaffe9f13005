//! [`Job`]: one load, ready to be run, and what is kept of it.

use super::properties::ConfigFile;
use crate::{
    action::{self, KindInfo},
    clients::Environment,
};
use clap::Args;
use std::path::PathBuf;

/// What is printed, and where it is kept.
#[derive(Debug, Clone, Args)]
pub(super) struct Keep {
    /// Save windows.csv, latency.hlog, settings.json and the other artifacts in this folder.
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Print every figure as JSON instead of tables and charts.
    #[arg(long)]
    pub(super) json: bool,
    /// Print all figures, including the client's statistics of requests, batches and queues.
    #[arg(long)]
    pub(super) print_metrics: bool,
}

/// One load, ready to be run.
pub(super) struct Job {
    /// The kind of action.
    pub(super) kind: &'static KindInfo,
    pub(super) params: serde_json::Value,
    pub(super) environment: Environment,
    pub(super) keep: Keep,
    /// The file of properties, whose secrets are there until the load has ended.
    pub(super) config: Option<ConfigFile>,
}

impl Job {
    pub(super) fn new(
        kind: &'static str,
        params: serde_json::Value,
        environment: Environment,
        keep: Keep,
        config: Option<ConfigFile>,
    ) -> Self {
        let kind = action::kind(kind).expect("every load of this command is a kind of action");
        Self { kind, params, environment, keep, config }
    }
}
