//! `jalon history`: every run of the campaign, or one step over all of them.

mod trend;

use super::{Error, Exit, open, output};
use crate::{
    record::{Event, Record, RunId, RunState, StepId, StepState, event::PlanOutline, state::StepStatus},
    report::{self, Language, status},
    store::{RunDir, Runs, journal},
};
use clap::Args;
use jiff::{Timestamp, tz::TimeZone};
use schemars::JsonSchema;
use serde::Serialize;
use std::{collections::BTreeMap, path::Path};
use trend::{Basis, Trend};

/// The language of the command line; a report has others.
const LANGUAGE: Language = Language::En;

/// Arguments of `history`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon history                       every run, and how each step stands in it\n  jalon history --env lab --last 5\n  jalon history 3                     step 3: each figure over all runs\n  jalon history 3 --profile nominal --json"
)]
pub(super) struct HistoryArgs {
    /// Number of a step: each attempt at it in every run.
    step: Option<u32>,
    /// Runs in this environment alone.
    #[arg(long = "env", value_name = "NAME")]
    environment: Option<String>,
    /// Runs of this profile alone.
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// The newest N rows alone.
    #[arg(long, value_name = "N")]
    last: Option<usize>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// One run, as `--json` prints it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Row<'a> {
    /// Its name.
    run: &'a RunId,
    /// Name of its environment.
    environment: Option<&'a str>,
    /// Name of its profile.
    profile: Option<&'a str>,
    /// First record.
    started: Option<Timestamp>,
    /// Latest record.
    updated: Option<Timestamp>,
    /// `running`, `passed`, `failed`, `inconclusive`, `error`, `unreachable`, `waiting`, `interrupted` or `damaged`.
    outcome: &'static str,
    /// Why it cannot be read; `null` where it can.
    problem: Option<&'a str>,
    /// Its steps.
    steps: Vec<StepRow>,
}

/// One step of a run.
#[derive(Serialize, JsonSchema)]
struct StepRow {
    /// Its number.
    step: StepId,
    /// Its state.
    state: StepState,
    /// How many attempts there are.
    attempts: usize,
}

/// One step over all runs, as `--json` prints it.
#[derive(Serialize, JsonSchema)]
pub(super) struct OfStep<'a> {
    /// The step.
    step: StepId,
    /// Every attempt, oldest first.
    rows: Vec<trend::Shown<'a>>,
    /// Runs that cannot be read.
    damaged: Vec<Damaged<'a>>,
}

/// A run that cannot be read.
#[derive(Serialize, JsonSchema)]
struct Damaged<'a> {
    /// Its name.
    run: &'a RunId,
    /// Why.
    problem: &'a str,
}

impl<'a> Row<'a> {
    fn of(past: &'a Past) -> Self {
        let run = &past.run.run;
        let Read { state, .. } = match &past.read {
            Ok(read) => read,
            Err(problem) => return Self::damaged(run, problem),
        };
        let plan = state.header.as_ref().map(|h| &h.plan);
        let step = |(id, status): (&StepId, &StepStatus)| StepRow {
            step: *id,
            state: status::shown_state(state, *id, Timestamp::now(), past.live),
            attempts: status.attempts.len(),
        };
        Self {
            run,
            environment: plan.map(|p| p.environment.as_str()),
            profile: plan.map(|p| p.profile.as_str()),
            started: state.started,
            updated: state.last.map(|(_, at)| at),
            outcome: status::outcome_code(status::outcome(state, past.live)),
            problem: None,
            steps: state.steps.iter().map(step).collect(),
        }
    }

    fn damaged(run: &'a RunId, problem: &'a str) -> Self {
        Self {
            run,
            environment: None,
            profile: None,
            started: None,
            updated: None,
            outcome: "damaged",
            problem: Some(problem),
            steps: Vec::new(),
        }
    }
}

/// One run as far as it can be read.
struct Past {
    run: RunDir,
    live: bool,
    read: Result<Read, String>,
}

/// What its journal holds.
struct Read {
    state: RunState,
    /// What each attempt was made with: a resumed run may go on with another plan.
    bases: BTreeMap<(StepId, u32), Basis>,
}

/// Shows the runs, or one step over all of them. It takes no lock, and a damaged run hides no other one.
pub(super) fn run(dir: &Path, args: &HistoryArgs) -> Result<Exit, Error> {
    let list = Runs::of_campaign(dir).list().map_err(|cause| Error::Disk {
        verb: "read",
        path: dir.join("artifacts"),
        cause,
    })?;
    let wanted = |plan: &PlanOutline| {
        args.environment.as_ref().is_none_or(|name| plan.environment == *name)
            && args.profile.as_ref().is_none_or(|name| plan.profile == *name)
    };
    let mut past: Vec<Past> = list.into_iter().map(Past::read).collect();
    past.retain(|p| match &p.read {
        Ok(read) => read.state.header.as_ref().is_none_or(|h| wanted(&h.plan)),
        Err(_) => true,
    });
    match args.step {
        None => {
            past.drain(..past.len().saturating_sub(args.last.unwrap_or(usize::MAX)));
            show_runs(&past, args.json)?;
        }
        Some(step) => show_step(&past, StepId(step), args)?,
    }
    Ok(Exit::Passed)
}

impl Past {
    fn read(run: RunDir) -> Self {
        let live = open::is_live(&run);
        let read = journal::read(&run.journal())
            .map(|contents| Read {
                bases: bases(&contents.records),
                state: RunState::replay(&contents.records),
            })
            .map_err(|error| error.to_string());
        Self { run, live, read }
    }
}

/// With what each attempt was made.
fn bases(records: &[Record]) -> BTreeMap<(StepId, u32), Basis> {
    let mut plan: Option<&PlanOutline> = None;
    let mut bases = BTreeMap::new();
    for record in records {
        match &record.event {
            Event::RunStarted(header) => plan = Some(&header.plan),
            Event::RunResumed { plan: now, .. } => plan = Some(now),
            Event::StepStarted { step, attempt } => {
                if let Some(plan) = plan {
                    bases.insert((*step, attempt.0), Basis::new(plan, *step));
                }
            }
            _ => {}
        }
    }
    bases
}

fn show_runs(past: &[Past], as_json: bool) -> Result<(), Error> {
    if as_json {
        return output::print_json(&past.iter().map(Row::of).collect::<Vec<_>>());
    }
    if past.is_empty() {
        return output::print("no such run; start one with `jalon run`\n");
    }
    let rows: Vec<Vec<String>> = past.iter().map(run_row).collect();
    let table =
        report::grid(&["run", "environment", "profile", "started", "took", "outcome"], &rows, report::WIDTH);
    let mut lines = table.lines();
    let mut out = format!("{}\n", lines.next().unwrap_or_default());
    for (line, past) in lines.zip(past) {
        out.push_str(&format!("{line}\n"));
        let below = match &past.read {
            Ok(read) => states(read, past.live),
            Err(problem) => format!("{problem}; `jalon verify --run {}` says more", past.run.run),
        };
        out.push_str(&report::wrap(&below, report::WIDTH, 2));
    }
    output::print(&out)
}

fn run_row(past: &Past) -> Vec<String> {
    let name = past.run.run.to_string();
    let Ok(Read { state, .. }) = &past.read else {
        return vec![name, "–".into(), "–".into(), "–".into(), "–".into(), "damaged".into()];
    };
    let plan = state.header.as_ref().map(|h| &h.plan);
    let end = if past.live { Some(Timestamp::now()) } else { state.last.map(|(_, at)| at) };
    vec![
        name,
        plan.map(|p| p.environment.clone()).unwrap_or_default(),
        plan.map(|p| p.profile.clone()).unwrap_or_default(),
        state.started.map(short).unwrap_or_default(),
        state.started.zip(end).map(|(from, to)| LANGUAGE.between(from, to)).unwrap_or_default(),
        status::outcome_code(status::outcome(state, past.live)).to_owned(),
    ]
}

/// `passed 0–4 · failed 5 · locked 6–10`.
fn states(read: &Read, live: bool) -> String {
    let now = Timestamp::now();
    let mut groups: Vec<(StepState, Vec<u32>)> = Vec::new();
    for id in read.state.steps.keys() {
        let shown = status::shown_state(&read.state, *id, now, live);
        match groups.iter_mut().find(|(state, _)| *state == shown) {
            Some((_, ids)) => ids.push(id.0),
            None => groups.push((shown, vec![id.0])),
        }
    }
    let shown: Vec<String> =
        groups.iter().map(|(state, ids)| format!("{} {}", LANGUAGE.state(*state), ranges(ids))).collect();
    shown.join(" · ")
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

fn show_step(past: &[Past], step: StepId, args: &HistoryArgs) -> Result<(), Error> {
    let mut trend = Trend::default();
    let mut damaged = Vec::new();
    let mut known = false;
    for past in past {
        let read = match &past.read {
            Ok(read) => read,
            Err(problem) => {
                damaged.push(Damaged { run: &past.run.run, problem });
                continue;
            }
        };
        let Some(status) = read.state.steps.get(&step) else { continue };
        known = true;
        for attempt in &status.attempts {
            if let Some(basis) = read.bases.get(&(step, attempt.attempt.0)) {
                trend.push(past.run.run.as_str(), attempt, basis.clone());
            }
        }
    }
    if !known && damaged.is_empty() {
        let hint = "`jalon history` shows the runs and their steps".to_owned();
        return Err(Error::Usage { message: format!("no such run has a step {step}"), hint });
    }
    trend.keep_last(args.last.unwrap_or(usize::MAX));
    if args.json {
        return output::print_json(&OfStep { step, rows: trend.rows(), damaged });
    }
    let mut out = trend.text(step);
    for Damaged { run, problem } in &damaged {
        out.push_str(&report::wrap(
            &format!("run {run} is damaged and left out: {problem}"),
            report::WIDTH,
            0,
        ));
    }
    output::print(&out)
}

/// A moment where the reader is, to the minute.
fn short(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
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
