//! `jalon status`.

use super::{
    CommandError, Exit,
    open::{self, RunChoice},
    output,
};
use crate::{
    history,
    report::{self, Language, Look, StatusModel},
    store::verify,
    support::text,
};
use clap::{Args, ValueEnum};
use jiff::{Timestamp, tz::TimeZone};
use std::path::{Path, PathBuf};

/// Arguments of `status`.
#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    #[command(flatten)]
    choice: RunChoice,
    /// Output format.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write to this file instead of standard output; required by `docx-table`.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The same as `--format json`.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    spoken: output::Spoken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table for a spreadsheet.
    Csv,
    /// A table for Word; needs `--out`.
    DocxTable,
    /// For a script.
    Json,
    /// The body of a mail.
    Mail,
    /// A table.
    Markdown,
    /// The plan as a flowchart, coloured by state.
    Mermaid,
    /// For a person at a terminal.
    Text,
}

/// Shows where a run stands. It takes no lock, so it may be asked while the run is in progress.
pub(super) fn run(dir: &Path, args: &StatusArgs) -> Result<Exit, CommandError> {
    if args.format == Format::DocxTable && args.out.is_none() {
        return Err(CommandError::Usage {
            message: "a table for Word is a file".to_owned(),
            hint: "say which one with `--out status.docx`".to_owned(),
        });
    }
    let run = open::run_dir(dir, &args.choice)?;
    // Whether it lives is asked first: a run that ends in between has its end in the journal.
    let live = history::is_live(&run);
    let (records, state) = history::read(&run)?;
    let format = if args.json { Format::Json } else { args.format };
    // A script reads the same words in every session.
    let language = if format == Format::Json { Language::En } else { args.spoken.lang };
    let look = Look {
        run: run.run.as_str(),
        live,
        language,
        zone: TimeZone::system(),
        now: Timestamp::now(),
        name_run: args.choice.run.is_some(),
    };
    let exit = open::tell_faults(dir, verify::at_a_glance(&run, &records, &state), language);
    let model = StatusModel::new(&state, &look);
    let bytes = match format {
        Format::Csv => report::csv(&model).into_bytes(),
        Format::DocxTable => report::docx_table(&model)?,
        Format::Json => output::json(&model)?.into_bytes(),
        Format::Mail => report::mail(&model).into_bytes(),
        Format::Markdown => report::table(&model).into_bytes(),
        Format::Mermaid => model.diagram.clone().into_bytes(),
        Format::Text => report::text(&model).into_bytes(),
    };
    match &args.out {
        None => output::print(&String::from_utf8_lossy(&bytes))?,
        Some(path) => {
            // Colours are for a terminal.
            let plain = if format == Format::Text {
                anstream::adapter::strip_bytes(&bytes).into_vec()
            } else {
                bytes
            };
            output::write(path, &plain)?;
            output::print(&format!("{}\n", text::path(path)))?;
        }
    }
    Ok(exit)
}
