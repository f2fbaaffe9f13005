//! `jalon doctor`: everything that a run would need of its platform, tried at once.

use super::{
    CommandError, Exit, findings,
    open::{self, PlanArgs},
    output,
};
use crate::{
    doctor::{self, Finding, Level, Wish},
    plan::Options,
    record::StepId,
    support::text,
};
use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use std::{fmt::Write, path::Path, time::Instant};

/// Arguments of `doctor`.
#[derive(Debug, Args)]
#[command(
    after_help = "It changes nothing on the platform, except with `--write-probe`, and takes 15 seconds at most. Exit codes: 0 nothing is wrong, or there are \
                  warnings only; 4 something would make a run fail; 3 the plan itself has mistakes.\n\nExamples:\n  \
                  jalon doctor --env staging\n  jalon doctor --env staging --step 7\n  jalon doctor --env staging --write-probe\n  jalon doctor --json | jq '.findings[] | select(.level == \"fault\")'"
)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    plan: PlanArgs,
    /// Check the services, and only what this step needs.
    #[arg(long, value_name = "N")]
    step: Option<u32>,
    /// Also create a topic on each cluster that the plan uses, write a record, read it, and delete the topic. Its name
    /// begins with `jalon-doctor-`.
    #[arg(long)]
    write_probe: bool,
    /// Print the findings as JSON.
    #[arg(long)]
    json: bool,
}

/// What was found, as `--json` prints it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Examined {
    /// Name of the environment.
    environment: String,
    /// Name of the profile.
    profile: String,
    /// Everything that was tried, the gravest first.
    findings: Vec<Finding>,
}

/// Tries everything.
pub(super) async fn run(dir: &Path, args: &DoctorArgs) -> Result<Exit, CommandError> {
    let plan = open::plan(dir, &Options { draft: true, ..args.plan.options() })?;
    let step = args.step.map(StepId);
    if let Some(step) = step.filter(|step| !plan.graph.steps().any(|s| s.id == *step)) {
        return Err(CommandError::Usage {
            message: format!("the plan has no step {step}"),
            hint: "`jalon graph` shows the steps there are".to_owned(),
        });
    }
    let started = Instant::now();
    let found = doctor::examine(&plan, Wish { step, write_probe: args.write_probe }).await;
    let exit = match found.first().map(|worst| worst.level) {
        Some(Level::Fault) => Exit::Unreachable,
        _ => Exit::Passed,
    };
    let (environment, profile) = (plan.environment.name.clone(), plan.profile.clone());
    if args.json {
        output::print_json(&Examined { environment, profile, findings: found })?;
        return Ok(exit);
    }
    let mut shown = format!("Environment {environment}, profile {profile}\n{}", findings::by_level(&found));
    let count = |level: Level| found.iter().filter(|f| f.level == level).count();
    let _ = writeln!(
        shown,
        "\n{}, {}, tried in {}",
        text::plural(count(Level::Fault), "fault"),
        text::plural(count(Level::Warning), "warning"),
        text::duration(started.elapsed())
    );
    output::print(&shown)?;
    Ok(exit)
}
