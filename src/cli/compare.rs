//! `jalon compare`: the loads of two runs beside each other.

mod text;

use super::{
    CommandError, Exit,
    output::{self, Spoken},
};
use crate::{
    compare,
    history::{ComparedRun, Wanted},
};
use clap::Args;
use std::{path::Path, str::FromStr};

/// Arguments of `compare`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon compare                          the newest run with the one before it\n  jalon compare RUN                      with the last passed run before it\n  jalon compare RUN RUN                  `before` and `after`\n  jalon compare RUN/3/1 RUN/3/2          two attempts at step 3\n  jalon compare RUN/3/idle RUN/5/loaded  two similar loads\n  jalon compare RUN RUN --json\n\nThe interval of a difference comes from the noise within the two loads\n(moving-block bootstrap over windows of one second). Two runs of the same\nplatform may differ by more: repeat a run before you trust a small difference."
)]
pub(super) struct CompareArgs {
    /// One or two runs; add a step, an attempt and an action to compare only those.
    #[arg(value_name = "RUN[/STEP[/ATTEMPT][/ACTION]]", num_args = 0..=2)]
    runs: Vec<Chosen>,
    #[command(flatten)]
    spoken: Spoken,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// A run, and what of it.
#[derive(Debug, Clone)]
struct Chosen {
    run: String,
    wanted: Option<Wanted>,
}

impl FromStr for Chosen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (run, rest) = text.split_once('/').unwrap_or((text, ""));
        let wanted = if rest.is_empty() { None } else { Some(rest.parse()?) };
        Ok(Self { run: run.to_owned(), wanted })
    }
}

/// Compares two runs. It takes no lock.
pub(super) fn run(dir: &Path, args: &CompareArgs) -> Result<Exit, CommandError> {
    let open = |chosen: &Chosen| ComparedRun::open(dir, Some(&chosen.run), chosen.wanted.clone());
    let (before, after) = match args.runs.as_slice() {
        [before, after] => (open(before)?, open(after)?),
        rest => {
            let after = rest.first().map_or_else(|| ComparedRun::open(dir, None, None), open)?;
            (after.previous(dir)?, after)
        }
    };
    let comparison = compare::compare(&before.side()?, &after.side()?);
    match args.json {
        true => output::print_json(&comparison)?,
        false => output::print(&text::text(&comparison, args.spoken.lang))?,
    }
    Ok(Exit::Passed)
}
