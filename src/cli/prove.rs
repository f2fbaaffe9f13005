//! `jalon prove`: which criteria notice what, on a lab of its own.

use super::{CommandError, Exit, open, output, selected::unknown_step, signals};
use crate::{
    action::mutate::{MUTANTS, Mutant},
    lab::{self, Cache},
    plan::Options,
    prove::{self, Again, Kept, Proof, Workshop},
    record::StepId,
    report::{WIDTH, wrap},
    support::text,
};
use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use std::{
    fmt::Write,
    path::Path,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

mod table;

/// Arguments of `prove`.
#[derive(Debug, Args)]
#[command(
    after_help = "Runs the steps once unchanged, then once per mutant. A mutant is one error in replication: it is injected on a fresh lab \
                  between a step's load and its checks. Steps between the first and the last one run too. Finished trials are \
                  kept, so that a second start continues after the last one. The runs and their evidence are in \
                  `.jalon/prove/campaign`. Only the lab is changed.\n\nExit codes: 0 a criterion noticed each \
                  mutant, 1 at least one was missed, 5 stopped.\n\nExamples:\n  jalon prove 7 8 9\n  \
                  jalon prove 7 --mutants drop,double,offset-skipped\n  jalon prove --list\n  jalon prove 7 --json | jq '.idle[].criterion'"
)]
pub(super) struct ProveArgs {
    /// Numbers of the steps to test.
    #[arg(value_name = "STEP", required_unless_present = "list")]
    steps: Vec<u32>,
    /// Only these mutants. Default: all that apply to the steps.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    mutants: Vec<String>,
    /// List the mutants and what each breaks.
    #[arg(long)]
    list: bool,
    /// Profile of the campaign (`smoke`, `nominal`).
    #[arg(long, value_name = "NAME", env = "JALON_PROFILE")]
    profile: Option<String>,
    /// Discard earlier trials; with `--mutants`, only those of these mutants.
    #[arg(long)]
    again: bool,
    /// Number of brokers of the lab's source cluster.
    #[arg(long, value_name = "N", default_value_t = 3)]
    brokers: u16,
    /// First of 61 ports of the lab.
    #[arg(long, value_name = "PORT", default_value_t = 27000)]
    port_base: u16,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// One mutant, as `--list --json` prints it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Listed {
    /// Name of the mutant, as `--mutants` takes it.
    name: &'static str,
    /// What is wrong afterwards.
    about: String,
}

/// Tries everything.
pub(super) async fn run(dir: &Path, args: &ProveArgs) -> Result<Exit, CommandError> {
    if args.list {
        return list(args.json);
    }
    let mutants = chosen(&args.mutants)?;
    let options = Options { draft: true, profile: args.profile.clone(), ..Options::default() };
    let plan = open::plan(dir, &options)?;
    if let Some(unknown) = args.steps.iter().find(|step| plan.graph.step(StepId(**step)).is_none()) {
        return Err(unknown_step(&plan, StepId(*unknown)));
    }
    let (Some(first), Some(last)) = (args.steps.iter().min(), args.steps.iter().max()) else {
        return Ok(Exit::Usage);
    };
    let program = std::env::current_exe().map_err(|cause| CommandError::Disk {
        verb: "find",
        path: "this program".into(),
        cause,
    })?;
    let cache = Cache::of_user()?;
    let workshop =
        Workshop::new(dir, (StepId(*first), StepId(*last)), args.profile.clone(), program, |folder| {
            lab::Options {
                source_brokers: args.brokers,
                port_base: Some(args.port_base),
                ..lab::Options::new(folder, cache)
            }
        })?;
    let again = match (args.again, args.mutants.is_empty()) {
        (false, _) => Again::None,
        (true, true) => Again::All,
        (true, false) => Again::Of(args.mutants.clone()),
    };
    let mut kept = workshop.kept(&again)?;
    let cancel = CancellationToken::new();
    let end = cancel.clone();
    let _listening = signals::on_each(move || end.cancel());
    match trials(&workshop, &mutants, &mut kept, &cancel, args.json).await {
        Err(CommandError::Prove(prove::ProveError::Cancelled)) => {
            output::tell(
                "interrupted: the lab is down and finished trials are kept; run the same command to continue",
            );
            return Ok(Exit::Interrupted);
        }
        other => other?,
    }
    let Some(clean) = kept.clean() else { return Ok(Exit::Inconclusive) };
    let tried: Vec<_> = kept
        .trials()
        .iter()
        .filter(|trial| mutants.iter().any(|mutant| trial.mutant.as_deref() == Some(mutant.name())))
        .cloned()
        .collect();
    let proof = Proof::of(clean, &tried);
    let unplaced: Vec<&str> =
        mutants.iter().filter(|m| workshop.places(**m).is_empty()).map(|mutant| mutant.name()).collect();
    match args.json {
        true => output::print_json(&proof)?,
        false => output::print(&table::shown(&proof, &unplaced))?,
    }
    Ok(if proof.survivors().next().is_some() { Exit::Failed } else { Exit::Passed })
}

fn list(json: bool) -> Result<Exit, CommandError> {
    if json {
        let all = MUTANTS.iter().map(|m| Listed { name: m.name(), about: m.about().to_string() });
        output::print_json(&all.collect::<Vec<_>>())?;
        return Ok(Exit::Passed);
    }
    let mut shown = String::new();
    for mutant in MUTANTS {
        let _ = writeln!(shown, "{}", mutant.name());
        shown.push_str(&wrap(mutant.about().as_str(), WIDTH, 4));
    }
    output::print(&shown)?;
    Ok(Exit::Passed)
}

fn chosen(names: &[String]) -> Result<Vec<&'static dyn Mutant>, CommandError> {
    if names.is_empty() {
        return Ok(MUTANTS.to_vec());
    }
    let found = names.iter().map(|name| {
        MUTANTS.iter().copied().find(|mutant| mutant.name() == name).ok_or_else(|| CommandError::Usage {
            message: format!("unknown mutant `{name}`"),
            hint: match text::did_you_mean(name, MUTANTS.iter().map(|mutant| mutant.name())) {
                Some(near) => format!("did you mean `{near}`? `jalon prove --list` shows them all"),
                None => "`jalon prove --list` shows them all".to_owned(),
            },
        })
    });
    found.collect()
}

/// Makes every trial that has not been made.
async fn trials(
    workshop: &Workshop,
    mutants: &[&'static dyn Mutant],
    kept: &mut Kept,
    cancel: &CancellationToken,
    quiet: bool,
) -> Result<(), CommandError> {
    let say = |line: &str| {
        if !quiet || output::is_watched() {
            output::tell(line);
        }
    };
    let began = Instant::now();
    let mut open: Vec<(&dyn Mutant, Vec<StepId>)> = Vec::new();
    for mutant in mutants.iter().copied() {
        let places = workshop.places(mutant);
        if places.is_empty() {
            say(&format!("{}: does not apply to these steps", mutant.name()));
        }
        let places = kept.open_places(mutant.name(), places);
        if !places.is_empty() {
            open.push((mutant, places));
        }
    }
    let total = open.len() + usize::from(kept.clean().is_none());
    let mut done = 0_usize;
    let mut tell = |_: lab::Progress| {};
    if kept.clean().is_none() {
        say("the plan as it is …");
        let trial = workshop.trial(None, kept, cancel, &mut tell).await?;
        done += 1;
        let worse =
            trial.judged.iter().filter(|judged| judged.verdict > crate::record::Verdict::Pass).count();
        say(&format!(
            "the plan as it is: {}",
            if worse == 0 { "all criteria hold".to_owned() } else { format!("{worse} do not hold") }
        ));
    }
    for (mutant, places) in open {
        let mut trial = None;
        for step in places {
            let made = workshop.trial(Some((mutant, step)), kept, cancel, &mut tell).await?;
            let applied = made.applied;
            trial = Some(made);
            if applied {
                break;
            }
        }
        done += 1;
        let left = began.elapsed().div_f64(done.max(1) as f64).mul_f64(total.saturating_sub(done) as f64);
        if let (Some(trial), Some(clean)) = (trial, kept.clean()) {
            let proof = Proof::of(clean, std::slice::from_ref(&trial));
            let how = proof.mutants.first().map_or("", table::word);
            let rest = match total.saturating_sub(done) {
                0 => String::new(),
                _ => format!(", about {} left", text::duration(rounded(left))),
            };
            say(&format!("{}: {how} ({done} of {total}{rest})", mutant.name()));
        }
    }
    Ok(())
}

fn rounded(time: Duration) -> Duration {
    Duration::from_secs(time.as_secs())
}
