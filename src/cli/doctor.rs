//! `jalon doctor`: everything that a run would need of its platform, tried at once.

use super::{
    Error, Exit,
    open::{self, PlanArgs},
    output,
};
use crate::{
    doctor::{self, Finding, Level},
    plan::Options,
    record::StepId,
    report::{WIDTH, wrap},
    support::text,
};
use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use std::{fmt::Write, path::Path, time::Instant};

/// Arguments of `doctor`.
#[derive(Debug, Args)]
#[command(
    after_help = "It changes nothing on the platform and takes 15 seconds at most. Exit codes: 0 nothing is wrong, or there are \
                  warnings only; 4 something would make a run fail; 3 the plan itself has mistakes.\n\nExamples:\n  \
                  jalon doctor --env staging\n  jalon doctor --env staging --step 7\n  jalon doctor --json | jq '.findings[] | select(.level == \"fault\")'"
)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    plan: PlanArgs,
    /// Only what this step needs, beside the services themselves.
    #[arg(long, value_name = "N")]
    step: Option<u32>,
    /// The findings as JSON.
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
pub(super) async fn run(dir: &Path, args: &DoctorArgs) -> Result<Exit, Error> {
    let plan = open::plan(dir, &Options { draft: true, ..args.plan.options() })?;
    let step = args.step.map(StepId);
    if let Some(step) = step.filter(|step| !plan.graph.steps().any(|s| s.id == *step)) {
        return Err(Error::Usage {
            message: format!("the plan has no step {step}"),
            hint: "`jalon graph` shows the steps there are".to_owned(),
        });
    }
    let started = Instant::now();
    let findings = doctor::examine(&plan, step).await;
    let exit = match findings.first().map(|worst| worst.level) {
        Some(Level::Fault) => Exit::Unreachable,
        _ => Exit::Passed,
    };
    let (environment, profile) = (plan.environment.name.clone(), plan.profile.clone());
    if args.json {
        output::print_json(&Examined { environment, profile, findings })?;
        return Ok(exit);
    }
    let mut shown = format!("Environment {environment}, profile {profile}\n");
    for (level, heading) in
        [(Level::Fault, "Would make a run fail"), (Level::Warning, "To look at"), (Level::Fine, "Fine")]
    {
        let of_level: Vec<&Finding> = findings.iter().filter(|f| f.level == level).collect();
        if of_level.is_empty() {
            continue;
        }
        let _ = writeln!(shown, "\n{heading}");
        for (at, finding) in of_level.iter().enumerate() {
            // Advice for several is said once, behind the last.
            let again = of_level.get(at + 1).is_some_and(|next| next.remedy == finding.remedy);
            write(finding, !again, &mut shown);
        }
    }
    let count = |level: Level| findings.iter().filter(|f| f.level == level).count();
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

fn write(finding: &Finding, with_remedy: bool, shown: &mut String) {
    let steps: Vec<String> = finding.steps.iter().map(ToString::to_string).collect();
    let needed = match steps.len() {
        0 => String::new(),
        1 => format!(" (step {})", steps[0]),
        _ => format!(" (steps {})", steps.join(", ")),
    };
    shown.push_str(&wrap(&format!("{}: {}{needed}", finding.part, finding.what), WIDTH, 2));
    if let Some(remedy) = finding.remedy.as_ref().filter(|_| with_remedy) {
        shown.push_str(&wrap(&format!("-> {remedy}"), WIDTH, 6));
    }
}
