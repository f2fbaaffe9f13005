//! `jalon perf`: the loads of the plan's actions from the command line, without a plan. Options of Kafka's own
//! performance tools are accepted, so that it can be tried in their place.

mod capacity;
mod chart;
mod consume;
mod end_to_end;
mod job;
mod kafka_line;
mod load;
mod produce;
mod properties;
mod show;
mod target;

use super::{CommandError, Exit, output};
use crate::{
    record::{Declared, Evidence, Family, OutputName, Value},
    report::series,
};
use clap::{Args, Subcommand};
use job::Keep;
pub(super) use kafka_line::written_out;
use schemars::JsonSchema;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

/// Arguments of `perf`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon perf produce --bootstrap-server localhost:9092 --topic t \\\n    --rate 1000/s --duration 30s\n  jalon perf consume --bootstrap-server localhost:9092 --topic t \\\n    --messages 1000000\n  jalon perf end-to-end --bootstrap-server localhost:9092 --topic t --rate 100/s\n  jalon perf capacity --bootstrap-server localhost:9092 --topic t \\\n    --holds 'latency_ms.p99 < 100 && errors == 0' --from 1000/s\n\nExit codes: 0 every record was delivered, 1 some failed, 4 the cluster is\nunreachable, 5 interrupted (the figures so far are shown)."
)]
pub(super) struct PerfArgs {
    #[command(subcommand)]
    command: PerfCommand,
}

#[derive(Debug, Subcommand)]
enum PerfCommand {
    /// Send records and measure rate and latency, from the intended send time and from the send call.
    Produce(Box<produce::ProduceArgs>),
    /// Read records and measure rate, time from end to end, rebalances and fetches.
    Consume(Box<consume::ConsumeArgs>),
    /// Send and read at the same time and measure the time of each record, with one clock.
    EndToEnd(Box<end_to_end::EndToEndArgs>),
    /// Find the highest rate at which a condition holds.
    Capacity(Box<capacity::CapacityArgs>),
}

/// What a load came to, as `--json` prints it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Perf {
    /// `produce`, `consume`, `end-to-end` or `capacity`.
    kind: String,
    /// What was done, in a line.
    description: String,
    /// Whether it went on to its end; `false` where it was stopped.
    complete: bool,
    /// Every output, by name, as in a plan (`jalon actions KIND`).
    outputs: BTreeMap<OutputName, Value>,
    /// What a reader must know beside the figures.
    remarks: Vec<String>,
    /// The folder with the artifacts; `null` where none were kept.
    artifacts: Option<PathBuf>,
}

/// Runs a load and shows what it came to.
pub(super) async fn run(dir: &Path, args: PerfArgs) -> Result<Exit, CommandError> {
    let job = match args.command {
        PerfCommand::Produce(args) => args.job(dir)?,
        PerfCommand::Consume(args) => args.job(dir)?,
        PerfCommand::EndToEnd(args) => args.job(dir)?,
        PerfCommand::Capacity(args) => args.job(dir)?,
    };
    let scratch = scratch(&job.keep)?;
    let folder = job.keep.out.clone().unwrap_or_else(|| scratch.path().to_owned());
    let mut ended = load::run(&job, &folder).await?;
    if let Some(config) = &job.config {
        ended.evidence.remarks.extend(config.remarks.iter().cloned());
    }
    if ended.evidence.values.is_empty() {
        return ended.into_result();
    }
    if job.keep.json {
        output::print_json(&Perf {
            kind: job.kind.name.to_owned(),
            description: ended.description.clone(),
            complete: ended.error.is_none(),
            outputs: ended.evidence.values.iter().map(|(k, m)| (k.clone(), m.value.clone())).collect(),
            remarks: ended.evidence.remarks.iter().map(ToString::to_string).collect(),
            artifacts: job.keep.out.clone(),
        })?;
    } else {
        let windows = File::open(folder.join("windows.csv"))
            .ok()
            .and_then(|file| series::windows(&mut BufReader::new(file)).ok())
            .unwrap_or_default();
        let probes = capacity::probes(&folder.join("probes.csv"));
        output::print(&show::text(&job, &ended, &windows.stretches, &probes))?;
    }
    let failed = failed(&job.kind.promised(), &ended.evidence);
    match ended.into_result()? {
        Exit::Passed if failed => Ok(Exit::Failed),
        exit => Ok(exit),
    }
}

/// Whether records were lost or given up, or no capacity was found: failures of its probes are what it looks for.
fn failed(declared: &Declared, evidence: &Evidence) -> bool {
    if declared.has(Family::Capacity) {
        return declared.value(Family::Capacity, evidence).and_then(Value::as_f64).is_none();
    }
    let above_zero = |name: &str| evidence.get(name).and_then(Value::as_f64).is_some_and(|n| n > 0.0);
    declared.of(Family::Loss).any(above_zero)
}

/// A folder for artifacts that nobody asked for; it goes with the command.
fn scratch(keep: &Keep) -> Result<tempfile::TempDir, CommandError> {
    if let Some(out) = &keep.out {
        // Two loads in one folder would be one mixture.
        if ["windows.csv", "probes.csv"].iter().any(|file| out.join(file).exists()) {
            return Err(CommandError::Usage {
                message: format!("{} has the windows of a load already", out.display()),
                hint: "give another folder, or move that one away".to_owned(),
            });
        }
        std::fs::create_dir_all(out).map_err(|cause| CommandError::Disk {
            verb: "make",
            path: out.clone(),
            cause,
        })?;
    }
    tempfile::Builder::new().prefix("jalon-perf-").tempdir().map_err(|cause| CommandError::Disk {
        verb: "make",
        path: std::env::temp_dir(),
        cause,
    })
}
