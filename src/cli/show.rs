//! `jalon show`: a step with its attempts side by side, one attempt in full, or one action.

mod action;
pub(super) mod as_json;
mod attempt;
mod shown;
mod step;

use super::{
    CommandError, Exit,
    open::{self, RunChoice},
    output::{self, Spoken},
};
use crate::{
    history::{self, Wanted},
    record::{Attempt, Language, StepState, messages},
    report,
    store::verify,
    support::text,
};
use clap::Args;
use jiff::Timestamp;
use shown::Shown;
use std::{fmt::Write, path::Path};

messages! {
    area "show";
    step_number(number) => "step {number}" / "étape {number}";
}

/// Arguments of `show`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon show 3                every attempt of step 3 side by side\n  jalon show 3/1              its first attempt in full\n  jalon show 3/nominal        action `nominal` of the latest attempt\n  jalon show 3/1/nominal      the same of the first attempt\n  jalon show 3/nominal --json"
)]
pub(super) struct ShowArgs {
    /// Number of the step, followed by the attempt, the action or watch, or both.
    #[arg(value_name = "STEP[/ATTEMPT][/ACTION]")]
    wanted: Wanted,
    /// The same as STEP/ATTEMPT.
    #[arg(long, value_name = "N")]
    attempt: Option<u32>,
    #[command(flatten)]
    choice: RunChoice,
    #[command(flatten)]
    spoken: Spoken,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Shows what was asked for. It takes no lock, so it may be asked while the run is in progress.
pub(super) fn run(dir: &Path, args: &ShowArgs) -> Result<Exit, CommandError> {
    let run = open::run_dir(dir, &args.choice)?;
    let live = history::is_live(&run);
    let (records, state) = history::read(&run)?;
    let Wanted { step, attempt, action } = &args.wanted;
    let status = history::step(&run.run, &state, *step)?;
    let now = Timestamp::now();
    let word = report::status::shown_state(&state, *step, now, live);
    // JSON is in no language: its words and numbers are those of the journal.
    let language = if args.json { Language::En } else { args.spoken.lang };
    let exit = open::tell_faults(dir, verify::at_a_glance(&run, &records, &state), language);
    let shown = Shown { run: &run.run, state: &state, status, word, now, language };
    let number = attempt.or(args.attempt.map(Attempt));
    let text = match (action, number) {
        (Some(name), _) => {
            let (attempt, found) = history::action(status, number, name)?;
            if args.json {
                output::print_json(&as_json::One::of(&shown, attempt, found))?;
                return Ok(exit);
            }
            action::text(&shown, attempt, found)
        }
        (None, Some(number)) => {
            let attempt = history::attempt(status, number)?;
            if args.json {
                output::print_json(&as_json::Step::of(&shown, Some(attempt)))?;
                return Ok(exit);
            }
            head(&shown) + &attempt::text(&shown, attempt)
        }
        (None, None) if args.json => {
            output::print_json(&as_json::Step::of(&shown, status.latest()))?;
            return Ok(exit);
        }
        (None, None) => head(&shown) + &step::text(&shown),
    };
    output::print(&text)?;
    Ok(exit)
}

/// Number, title, state and objective of the step.
fn head(shown: &Shown<'_>) -> String {
    let outline = &shown.status.outline;
    let style = report::style(shown.word);
    let word = shown.language.state(shown.word);
    let number = step_number(outline.step.0);
    let number = number.in_language(shown.language);
    let room = report::WIDTH.saturating_sub(format!("{number}    {word}").chars().count());
    let title = text::cut(outline.title.get(shown.language.code()), room);
    let mut out = String::new();
    let _ = writeln!(out, "{number}  {title}  {style}{word}{style:#}");
    out.push_str(&report::wrap(outline.objective.get(shown.language.code()), report::WIDTH, 2));
    // What no attempt tells.
    if matches!(shown.word, StepState::NotApplicable | StepState::Skipped | StepState::Waived) {
        let why = report::status::reason(shown.status, shown.word, shown.language);
        out.push_str(&report::wrap(&why, report::WIDTH, 2));
    }
    out
}
