//! The command line.

use super::{
    bundle, check, compare, decide, doctor, export, graph, history, import, init, kinds, lab, log, logging,
    man, note, perf, plan, prove, report, resume, run, runs, schema, seal, serve, show, status,
};
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Runs a Kafka / MirrorMaker 2 test campaign gate by gate.
#[derive(Debug, Parser)]
#[command(
    name = "jalon",
    version,
    about,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "Examples:\n  jalon check                      check the plan\n  jalon lab up                     start a test platform\n  jalon run --profile smoke        run every step, gate by gate\n  jalon status                     show the state of the run\n  jalon resume                     resume after a failure or a crash"
)]
pub(super) struct Args {
    /// Folder of the campaign, with `plan` and `steps`.
    #[arg(short = 'C', long = "campaign", global = true, value_name = "DIR", default_value = ".")]
    pub campaign: PathBuf,
    /// Options of the log on standard error.
    #[command(flatten)]
    pub logging: logging::Logging,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Every subcommand.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the kinds of actions, or show one with its parameters, outputs and an example.
    Actions(kinds::KindsArgs),
    /// Approve a step, or answer the question of an action.
    #[command(
        after_help = "Examples:\n  jalon approve 9 --comment \"at 18:00, with the team on call\"\n  jalon approve 9 --no\n  jalon approve 2 --action seen          answer a `manual` action"
    )]
    Approve(decide::ApproveArgs),
    /// Pack a run, its evidence, the notes and the plan into one file, to verify or resume it on another machine.
    Bundle(bundle::BundleArgs),
    /// Check the plan and show every problem.
    #[command(
        after_help = "Examples:\n  jalon check\n  jalon check --env production-example --profile nominal\n  jalon check --format json | jq -r '.problems[].message'\n  jalon check --format github           in a workflow: annotate the lines"
    )]
    Check(check::CheckArgs),
    /// Compare the loads of two runs: what differed between them, and each figure with its confidence interval.
    Compare(compare::CompareArgs),
    /// Print a completion script for a shell.
    Completions {
        /// Shell that the script is for.
        shell: clap_complete::Shell,
    },
    /// Check everything on the platform that a run needs; each finding has a remedy.
    Doctor(doctor::DoctorArgs),
    /// Export the results of a run, or rule files for exporters, for another program.
    #[command(
        after_help = "Examples:\n  jalon export junit > jalon.junit.xml\n  jalon export jmx-rules --out jmx"
    )]
    Export(export::ExportArgs),
    /// Show the plan as a graph.
    Graph(graph::GraphArgs),
    /// Show all runs of the campaign, or the figures of one step over all runs.
    History(history::HistoryArgs),
    /// Import the output of Kafka's performance tools, or notes that contain it.
    Import(import::ImportArgs),
    /// Write a campaign for your own clusters: the shipped plan, and an environment file from a few answers.
    Init(Box<init::InitArgs>),
    /// Manage a test platform on this machine: start, stop, break, inspect.
    Lab(lab::LabArgs),
    /// Show the journal as text, one line for each record. `--follow` shows new records until the run ends.
    Log(log::LogArgs),
    /// Write the manual pages.
    Man(man::ManArgs),
    /// Record an observation, a hypothesis, a risk, a decision or an action.
    Note(note::NoteArgs),
    /// Measure a cluster without a plan: produce, consume, end to end, or find its capacity.
    Perf(perf::PerfArgs),
    /// Inspect the plan before it runs.
    Plan(plan::PlanCommandArgs),
    /// Break replication in many ways on a separate lab, one at a time, and show which criteria notice.
    Prove(prove::ProveArgs),
    /// Write the report of a day, of several days or of the whole campaign, from the evidence.
    #[command(
        after_help = "Examples:\n  jalon report                               the newest day on record\n  jalon report --lang fr --format docx       for Word, with the diagrams\n  jalon report --day 2025-12-18 --format md,html,docx --out reports\n  jalon report --from 2025-12-15 --day 2025-12-18\n  jalon report --all                         the whole campaign\n  jalon report --check                       where each figure comes from"
    )]
    Report(report::ReportArgs),
    /// Resume a run after a failure, an interruption or a crash.
    #[command(
        after_help = "Examples:\n  jalon resume --explain                 show what would be kept, and why\n  jalon resume --until 6\n  jalon resume --from 3                  run step 3 and its dependants again\n  jalon resume --run 20251218-091500-lab"
    )]
    Resume(resume::ResumeArgs),
    /// Run one step again, in a new attempt, and continue.
    #[command(
        after_help = "Examples:\n  jalon retry 4                          keep what finished and still holds\n  jalon retry 4 --whole-step             run the whole step again\n  jalon retry 4 --from nominal           keep the actions before `nominal`\n  jalon retry 4 --explain                show what would run"
    )]
    Retry(resume::RetryArgs),
    /// Start a run.
    #[command(
        after_help = "Examples:\n  jalon run --profile smoke\n  jalon run --env production-example --profile nominal \\\n    --confirm production-example\n  jalon run --dry-run                    show what would run\n  jalon run --only 4                     skip the steps before it\n  jalon run --until 3 --var partitions=12"
    )]
    Run(run::RunArgs),
    /// List the runs.
    Runs(runs::RunsArgs),
    /// Print the JSON Schema of the campaign's files, or of what commands print with `--json`.
    Schema(schema::SchemaArgs),
    /// Sign what is on record of a run, so that a record written anew is found.
    Seal(seal::SealArgs),
    /// Show the runs in a browser while they go on, and let people decide there.
    #[command(
        after_help = "Examples:\n  jalon serve                       follow the newest run at the printed address\n  jalon serve --run 20251218-091500-lab\n  jalon serve --token-file ~/.jalon-token --read-token-file ~/.jalon-read-token\n  jalon serve --behind-proxy runs.example.org\n\nThe page is served on loopback only. To show it to others, put a reverse\nproxy with TLS in front of it."
    )]
    Serve(serve::ServeArgs),
    /// Show a step with its attempts side by side, one attempt in full, or one action.
    Show(show::ShowArgs),
    /// Skip a step, with a reason. The steps that need it can run.
    Skip(decide::SkipArgs),
    /// Show the state of a run and what to do next.
    #[command(
        after_help = "Examples:\n  jalon status --format markdown             a table for a report\n  jalon status --format docx-table --out status.docx\n  jalon status --format mail --lang fr > mail.html"
    )]
    Status(status::StatusArgs),
    /// Verify a bundle and unpack it.
    Unbundle(bundle::UnbundleArgs),
    /// Verify that the journal and the artifacts of a run are unaltered.
    Verify(runs::VerifyArgs),
    /// Waive the verdict of a step, with your name, a reason and an expiry date.
    #[command(
        after_help = "Example:\n  jalon waive 5 --reason \"zstd is not used in production\" \\\n    --until 2026-01-31 --by \"Ada L.\""
    )]
    Waive(decide::WaiveArgs),
}
