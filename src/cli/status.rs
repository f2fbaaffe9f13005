//! `jalon status`.

use super::{
    Error, Exit, language,
    open::{self, RunChoice},
    output,
};
use crate::{
    report::{self, Language, Look, StatusModel},
    store::standing,
};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use std::path::Path;

/// Arguments of `status`.
#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    #[command(flatten)]
    choice: RunChoice,
    /// Form of the output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The same as `--format json`.
    #[arg(long)]
    json: bool,
    /// Language of titles and words: `en` or `fr`.
    #[arg(long, value_name = "LANG", default_value = "en", value_parser = language)]
    lang: Language,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a script.
    Json,
    /// A table.
    Markdown,
    /// The plan as a flowchart, coloured by state.
    Mermaid,
    /// For a person at a terminal.
    Text,
}

/// Shows where a run stands. It takes no lock, so it may be asked while the run is in progress.
pub(super) fn run(dir: &Path, args: &StatusArgs) -> Result<Exit, Error> {
    let run = open::run_dir(dir, &args.choice)?;
    // Whether it lives is asked first: a run that ends in between has its end in the journal.
    let live = open::is_live(&run);
    let state = standing::read(&run)?;
    let look = Look {
        run: run.run.as_str(),
        live,
        language: args.lang,
        now: Timestamp::now(),
        name_run: args.choice.run.is_some(),
    };
    let model = StatusModel::new(&state, &look);
    match args.format {
        _ if args.json => output::print_json(&model)?,
        Format::Json => output::print_json(&model)?,
        Format::Markdown => output::print(&report::table(&model))?,
        Format::Mermaid => output::print(&model.diagram)?,
        Format::Text => output::print(&report::text(&model))?,
    }
    Ok(Exit::Passed)
}
