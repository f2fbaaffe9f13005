//! `jalon doctor`: everything that a run would need of its platform, tried at once.

use super::{
    CommandError, Exit, earlier, findings,
    open::{self, PlanArgs},
    output::{self, Spoken},
};
use crate::{
    doctor::{self, Finding, Level, Wish},
    history,
    plan::Options,
    record::{Language, Said, StepId, messages},
    report,
    store::journal,
};
use clap::Args;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;
use std::{collections::BTreeSet, path::Path, time::Instant};

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
    #[command(flatten)]
    spoken: Spoken,
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
    // A script reads the same words in every session.
    let language = if args.json { Language::En } else { args.spoken.lang };
    let started = Instant::now();
    let mut found = doctor::examine(&plan, Wish { step, write_probe: args.write_probe }).await;
    found.splice(0..0, left_behind(dir, &plan.environment.name, language)?);
    let exit = match found.first().map(|worst| worst.level) {
        Some(Level::Fault) => Exit::Unreachable,
        _ => Exit::Passed,
    };
    let (environment, profile) = (plan.environment.name.clone(), plan.profile.clone());
    if args.json {
        output::print_json(&Examined { environment, profile, findings: found })?;
        return Ok(exit);
    }
    let say = |said: Said| said.in_language(language).into_owned();
    let count = |level: Level| found.iter().filter(|f| f.level == level).count();
    output::print(&format!(
        "{}\n{}\n{}\n",
        say(tried(environment, profile)),
        findings::by_level(&found, language),
        say(counted(count(Level::Fault), count(Level::Warning), started.elapsed())),
    ))?;
    Ok(exit)
}

/// What runs that stopped in the environment broke and did not undo. A run that begins undoes it first; until then it is why
/// services do not answer.
fn left_behind(dir: &Path, environment: &str, language: Language) -> Result<Vec<Finding>, CommandError> {
    let mut found = Vec::new();
    for run in history::list(dir)?.into_iter().filter(|run| !journal::has_ended(&run.journal())) {
        // Whether it lives is asked first: a run that ends in between has its end in the journal.
        let live = history::is_live(&run);
        let Some(state) = earlier::of_environment(&run, environment).ok().flatten().filter(|_| !live) else {
            continue;
        };
        let name = run.run.as_str();
        let left = report::left_in_place(&state, Some(name), language, &TimeZone::system());
        found.extend(left.into_iter().map(|left| {
            Finding::fault(of_run(name), left.sentence)
                .remedy(undone_by(left.undo))
                .steps(&BTreeSet::from([left.step]))
        }));
    }
    Ok(found)
}

messages! {
    area "doctor-command";
    counted(faults, warnings, took) => "{faults} {faults|fault|faults}, {warnings} {warnings|warning|warnings}, tried in {took}" / "{faults} {faults|défaut|défauts}, {warnings} {warnings|avertissement|avertissements}, contrôlé en {took}";
    of_run(run) => "run {run}" / "exécution {run}";
    tried(environment, profile) => "Environment {environment}, profile {profile}" / "Environnement {environment}, profil {profile}";
    undone_by(command) => "`{command}` undoes it first; so does the next `jalon run`" / "`{command}` l'annule d'abord ; le prochain `jalon run` aussi";
}
