//! `jalon history`: every run of the campaign, or one step over all of them.

mod trend;

use super::{
    CommandError, Exit, open,
    output::{self, Spoken},
};
use crate::{
    history::{self, OnRecord, trend::Trend},
    record::{
        Language, RunId, Said, Speaks, StepId, StepState,
        event::{Outcome, PlanOutline},
        messages,
        state::StepStatus,
    },
    report::{self, status},
};
use clap::Args;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::Path;

messages! {
    area "history";
    altered_run(run, problem) => "run {run} is damaged: {problem}" / "l'exécution {run} est endommagée : {problem}";
    damaged(problem, run) => "{problem}; `jalon verify --run {run}` says more" / "{problem} ; `jalon verify --run {run}` en dit plus";
    damaged_word() => "damaged" / "endommagée";
    environment_head() => "environment" / "environnement";
    left_out(run, problem) => "run {run} is damaged and left out: {problem}" / "l'exécution {run} est endommagée et laissée de côté : {problem}";
    no_run() => "no such run; start one with `jalon run`" / "aucune exécution de ce genre ; en lancer une avec `jalon run`";
    outcome_head() => "outcome" / "issue";
    profile_head() => "profile" / "profil";
    run_head() => "run" / "exécution";
    started_head() => "started" / "début";
    took_head() => "took" / "durée";
}

/// Arguments of `history`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon history                       every run, with the state of each step\n  jalon history --env lab --last 5\n  jalon history 3                     step 3: each figure over all runs\n  jalon history 3 --profile nominal --json"
)]
pub(super) struct HistoryArgs {
    /// Number of a step: show each of its attempts in every run.
    step: Option<u32>,
    /// Only runs in this environment.
    #[arg(long = "env", value_name = "NAME")]
    environment: Option<String>,
    /// Only runs of this profile.
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Only the newest N rows.
    #[arg(long, value_name = "N")]
    last: Option<usize>,
    #[command(flatten)]
    spoken: Spoken,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// One run, as `--json` prints it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Row {
    /// Name of the run.
    run: RunId,
    /// Name of its environment.
    environment: Option<String>,
    /// Name of the profile, such as `smoke`; `null` where the run cannot be read.
    profile: Option<String>,
    /// Time of the first record; `null` where there is none.
    started: Option<Timestamp>,
    /// Time of the latest record; `null` where there is none.
    updated: Option<Timestamp>,
    /// `running`, `passed`, `passed-with-exceptions` (steps were waived or skipped), `failed`, `inconclusive`,
    /// `error`, `unreachable`, `waiting`, `interrupted` or `damaged`.
    outcome: &'static str,
    /// Why it cannot be read, or what of it is not what was written; `null` where all seems to be.
    problem: Option<Said>,
    /// Steps of the run's plan, in the order of their numbers.
    steps: Vec<StepRow>,
    /// What `outcome` is the word of; of a damaged run nothing is meant.
    #[serde(skip)]
    ended: Option<Outcome>,
}

/// The outcome of a run that is not what was written.
const DAMAGED: &str = "damaged";

/// One step of a run, with its state.
#[derive(Serialize, JsonSchema)]
struct StepRow {
    /// Number of the step in the plan.
    step: StepId,
    /// State of the step, as `jalon status` shows it.
    state: StepState,
    /// How many attempts there are.
    attempts: usize,
}

/// One step over all runs, as `--json` prints it.
#[derive(Serialize, JsonSchema)]
pub(super) struct OfStep {
    /// Number of the step that was asked for.
    step: StepId,
    /// Every attempt, oldest first.
    rows: Vec<trend::Attempt>,
    /// Runs that cannot be read, or that are not what was written.
    damaged: Vec<Damaged>,
}

/// A run that cannot be read, or that is not what was written.
#[derive(Serialize, JsonSchema)]
struct Damaged {
    /// Name of the run, which is its folder below `artifacts`.
    run: RunId,
    /// Why the run cannot be read, or what of it is not what was written, in a sentence.
    problem: Said,
    /// Whether it could be read: its figures are among the rows.
    read: bool,
}

impl Row {
    fn of(run: &OnRecord) -> Self {
        let name = run.dir.run.clone();
        let (state, fault) = match &run.read {
            Ok(contents) => (&contents.state, contents.faults.first().cloned()),
            Err(problem) => {
                return Self {
                    run: name,
                    environment: None,
                    profile: None,
                    started: None,
                    updated: None,
                    outcome: DAMAGED,
                    problem: Some(problem.said()),
                    steps: Vec::new(),
                    ended: None,
                };
            }
        };
        let plan = state.header.as_ref().map(|h| &h.plan);
        let ended = status::outcome(state, run.live, Timestamp::now());
        let step = |(id, status): (&StepId, &StepStatus)| StepRow {
            step: *id,
            state: status::shown_state(state, *id, Timestamp::now(), run.live),
            attempts: status.attempts.len(),
        };
        Self {
            run: name,
            environment: plan.map(|p| p.environment.clone()),
            profile: plan.map(|p| p.profile.clone()),
            started: state.started,
            updated: state.last.map(|(_, at)| at),
            outcome: if fault.is_some() { DAMAGED } else { status::outcome_code(ended) },
            problem: fault,
            steps: state.steps.iter().map(step).collect(),
            ended,
        }
    }

    fn cells(&self, language: Language) -> Vec<String> {
        let end = if self.outcome == "running" { Some(Timestamp::now()) } else { self.updated };
        let took = self.started.zip(end).map(|(from, to)| language.between(from, to));
        let cells = [
            self.environment.clone(),
            self.profile.clone(),
            self.started.map(|at| trend::short(at, language)),
            took,
        ];
        let missing = if self.problem.is_some() { "–" } else { "" };
        let mut row = vec![self.run.to_string()];
        row.extend(cells.map(|cell| cell.unwrap_or_else(|| missing.to_owned())));
        row.push(match self.problem {
            Some(_) => damaged_word().in_language(language).into_owned(),
            None => language.outcome(self.ended).to_owned(),
        });
        row
    }

    /// `passed 0–4 · failed 5 · locked 6–10`, or why it cannot be read.
    fn below(&self, language: Language) -> String {
        if let Some(problem) = &self.problem {
            return damaged(problem.clone(), self.run.as_str()).in_language(language).into_owned();
        }
        let mut groups: Vec<(StepState, Vec<u32>)> = Vec::new();
        for StepRow { step, state, .. } in &self.steps {
            match groups.iter_mut().find(|(of, _)| of == state) {
                Some((_, ids)) => ids.push(step.0),
                None => groups.push((*state, vec![step.0])),
            }
        }
        let group =
            |(state, ids): &(StepState, Vec<u32>)| format!("{} {}", language.state(*state), ranges(ids));
        groups.iter().map(group).collect::<Vec<_>>().join(" · ")
    }
}

/// Shows the runs, or one step over all of them. It takes no lock, and a damaged run hides no other one.
pub(super) fn run(dir: &Path, args: &HistoryArgs) -> Result<Exit, CommandError> {
    let wanted = |plan: &PlanOutline| {
        args.environment.as_ref().is_none_or(|name| plan.environment == *name)
            && args.profile.as_ref().is_none_or(|name| plan.profile == *name)
    };
    let mut runs: Vec<OnRecord> = history::list(dir)?.into_iter().map(OnRecord::read).collect();
    runs.retain(|run| match &run.read {
        Ok(contents) => contents.state.header.as_ref().is_none_or(|h| wanted(&h.plan)),
        Err(_) => true,
    });
    let language = if args.json { Language::En } else { args.spoken.lang };
    let altered = |run: &OnRecord| run.read.as_ref().map_or(true, |contents| !contents.faults.is_empty());
    let exit = match open::tell_faults(dir, Vec::new(), language) {
        Exit::Passed if runs.iter().any(altered) => Exit::Damaged,
        exit => exit,
    };
    match args.step {
        None => {
            runs.drain(..runs.len().saturating_sub(args.last.unwrap_or(usize::MAX)));
            show_runs(&runs.iter().map(Row::of).collect::<Vec<_>>(), args)?;
        }
        Some(step) => show_step(&runs, StepId(step), args)?,
    }
    Ok(exit)
}

fn show_runs(runs: &[Row], args: &HistoryArgs) -> Result<(), CommandError> {
    let language = args.spoken.lang;
    if args.json {
        return output::print_json(&runs);
    }
    if runs.is_empty() {
        return output::print(&format!("{}\n", no_run().in_language(language)));
    }
    let rows: Vec<Vec<String>> = runs.iter().map(|run| run.cells(language)).collect();
    let heads = [run_head(), environment_head(), profile_head(), started_head(), took_head(), outcome_head()];
    let heads = heads.each_ref().map(|head| head.in_language(language));
    let table = report::grid(&heads.each_ref().map(|head| &**head), &rows, report::WIDTH);
    let mut lines = table.lines();
    let mut out = format!("{}\n", lines.next().unwrap_or_default());
    for (line, run) in lines.zip(runs) {
        out.push_str(&format!("{line}\n"));
        out.push_str(&report::wrap(&run.below(language), report::WIDTH, 2));
    }
    output::print(&out)
}

/// `0–4, 6` for 0, 1, 2, 3, 4, 6.
fn ranges(ids: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for id in ids {
        match runs.last_mut() {
            Some((_, end)) if *end + 1 == *id => *end = *id,
            _ => runs.push((*id, *id)),
        }
    }
    let shown = runs.iter().map(|(a, b)| if a == b { a.to_string() } else { format!("{a}–{b}") });
    shown.collect::<Vec<_>>().join(", ")
}

fn show_step(runs: &[OnRecord], step: StepId, args: &HistoryArgs) -> Result<(), CommandError> {
    let mut trend = Trend::of(step, runs);
    let damaged = runs.iter().filter_map(|run| {
        let problem = match &run.read {
            Ok(contents) => contents.faults.first()?.clone(),
            Err(error) => error.said(),
        };
        Some(Damaged { run: run.dir.run.clone(), problem, read: run.read.is_ok() })
    });
    let damaged: Vec<Damaged> = damaged.collect();
    if !trend.known && damaged.is_empty() {
        let hint = "`jalon history` shows the runs and their steps".to_owned();
        return Err(CommandError::Usage { message: format!("no such run has a step {step}"), hint });
    }
    trend.keep_last(args.last.unwrap_or(usize::MAX));
    if args.json {
        let rows = trend.rows.iter().map(trend::Attempt::of).collect();
        return output::print_json(&OfStep { step, rows, damaged });
    }
    let language = args.spoken.lang;
    let mut out = trend::text(&trend, step, language);
    for Damaged { run, problem, read } in &damaged {
        let told = match read {
            true => altered_run(run.as_str(), problem.clone()),
            false => left_out(run.as_str(), problem.clone()),
        };
        out.push_str(&report::wrap(&told.in_language(language), report::WIDTH, 0));
    }
    output::print(&out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_a_row_are_a_range() {
        assert_eq!(ranges(&[0, 1, 2, 4, 6, 7]), "0–2, 4, 6–7");
        assert_eq!(ranges(&[3]), "3");
    }
}
