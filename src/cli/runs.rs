//! `jalon runs` and `jalon verify`.

use super::{
    CommandError, Exit,
    history::damaged_word,
    keys,
    open::{self, RunChoice},
    output::{self, Spoken},
};
use crate::{
    history,
    record::{Language, RunId, Said, event::Outcome as RunOutcome, messages},
    report::status,
    store::{
        RunDir, Runs, imports, seal,
        verify::{self, Verified},
    },
    support::text,
};
use clap::Args;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::{Path, PathBuf};

messages! {
    area "runs";
    no_run() => "no run yet; start one with `jalon run`" / "aucune exécution ; en lancer une avec `jalon run`";
    steps_passed(passed, steps) => "{passed}/{steps} steps passed" / "{passed}/{steps} étapes réussies";
}

/// Arguments of `runs`.
#[derive(Debug, Args)]
pub(super) struct RunsArgs {
    #[command(flatten)]
    spoken: Spoken,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon verify\n  jalon verify --key ada.pem.pub         ada must have sealed the run\n\nKeys in plan/keys/NAME.pub are known by NAME; of another seal, `verify` says\nwhich key it names. Exit code 9: something is not what was written\nor sealed."
)]
pub(super) struct VerifyArgs {
    #[command(flatten)]
    choice: RunChoice,
    /// Public key of somebody who must have sealed the run. May be repeated.
    #[arg(long, value_name = "FILE")]
    key: Vec<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// One run, as `--json` prints it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Row {
    /// Name of the run, which is its folder below `artifacts`.
    run: RunId,
    /// `running`, `passed`, `failed`, `inconclusive`, `error`, `unreachable`, `waiting`, `interrupted` or `damaged`.
    state: &'static str,
    /// How many of its steps have passed.
    passed: usize,
    /// Number of steps in the run's plan.
    steps: usize,
    #[serde(skip)]
    ended: Option<RunOutcome>,
}

impl Row {
    /// A damaged run is a row like another and hides none.
    fn of(run: &RunDir) -> Self {
        let live = history::is_live(run);
        let Ok((records, state)) = history::read(run) else {
            return Self { run: run.run.clone(), state: DAMAGED, passed: 0, steps: 0, ended: None };
        };
        let ended = status::outcome(&state, live, Timestamp::now());
        Self {
            run: run.run.clone(),
            state: match verify::at_a_glance(run, &records, &state).is_empty() {
                true => status::outcome_code(ended),
                false => DAMAGED,
            },
            ended,
            passed: state.steps.values().filter(|s| s.passed().is_some()).count(),
            steps: state.steps.len(),
        }
    }
}

/// The state of a run that is not what was written.
const DAMAGED: &str = "damaged";

/// Lists the runs, oldest first.
pub(super) fn run(dir: &Path, args: &RunsArgs) -> Result<Exit, CommandError> {
    let rows: Vec<Row> = history::list(dir)?.iter().map(Row::of).collect();
    let language = if args.json { Language::En } else { args.spoken.lang };
    let exit = match open::tell_faults(dir, Vec::new(), language) {
        Exit::Passed if rows.iter().any(|row| row.state == DAMAGED) => Exit::Damaged,
        exit => exit,
    };
    if args.json {
        output::print_json(&rows)?;
        return Ok(exit);
    }
    let word = |said: Said| said.in_language(language).into_owned();
    let mut shown = String::new();
    for Row { run, state, passed, steps, ended } in &rows {
        let outcome = match *state {
            DAMAGED => word(damaged_word()),
            _ => language.outcome(*ended).to_owned(),
        };
        let passed = word(steps_passed(*passed, *steps));
        shown.push_str(&format!("{:<32} {outcome:<14} {passed}\n", text::name(run.as_str())));
    }
    if rows.is_empty() {
        shown = format!("{}\n", word(no_run()));
    }
    output::print(&shown)?;
    Ok(exit)
}

/// Checks a run, the imports and the notes. What was imported is evidence without a run too.
pub(super) fn verify(dir: &Path, args: &VerifyArgs) -> Result<Exit, CommandError> {
    let runs = Runs::of_campaign(dir);
    let run = match open::run_dir(dir, &args.choice) {
        Err(CommandError::History(history::HistoryError::NoRun(_))) if !imports::read(&runs)?.is_empty() => {
            None
        }
        run => Some(run?),
    };
    let (known, demanded) = keys::known(dir, &args.key)?;
    let verified = verify::verify(&runs, run.as_ref(), &known, &demanded)?;
    match args.json {
        true => output::print_json(&verified)?,
        false => output::print(&verified_text(&verified))?,
    }
    Ok(if verified.faults.is_empty() { Exit::Passed } else { Exit::Damaged })
}

fn verified_text(verified: &Verified) -> String {
    let artifacts = |count| text::plural(count, "artifact");
    let mut shown = match &verified.run {
        Some(run) => format!("{run}: {} records, {}\n", verified.records, artifacts(verified.artifacts)),
        None => "no run yet\n".to_owned(),
    };
    if verified.imports > 0 {
        let imports = text::plural(verified.imports, "import");
        shown.push_str(&format!("imports: {imports}, {}\n", artifacts(verified.imported_artifacts)));
    }
    verified.faults.iter().for_each(|f| shown.push_str(&format!("  altered: {f}\n")));
    for seal in &verified.seals {
        let who =
            seal.by.clone().unwrap_or_else(|| format!("a key that is not known, {}", seal::short(&seal.key)));
        let last = seal.last;
        shown.push_str(&format!(
            "  sealed up to record {last} by {who}: {}, {}\n",
            seal.result, seal.sealed_at
        ));
    }
    for decision in &verified.signed {
        let unknown = || format!("a key that is not known, {}", seal::short(&decision.key));
        let who = decision.by.clone().unwrap_or_else(unknown);
        shown.push_str(&format!("  record {} signed by {who}\n", decision.record));
    }
    verified.extra.iter().for_each(|f| shown.push_str(&format!("  not in the journal: {}\n", text::name(f))));
    if verified.faults.is_empty() {
        shown.push_str("journal and artifacts are what was written\n");
    }
    shown
}
