//! `jalon export`.

use super::{Error, Exit, open::RunChoice, report};
use crate::report::Language;
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

/// Arguments of `export`.
#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// What for.
    #[arg(value_enum)]
    what: What,
    #[command(flatten)]
    choice: RunChoice,
    /// Language: `en` or `fr`. Default: the first language of the campaign.
    #[arg(long, value_name = "LANG")]
    lang: Option<Language>,
    /// Output folder. Default: standard output.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Results for a CI server: a suite a step, a case a criterion.
    Junit,
}

/// Writes the results of a run for another program.
pub(super) fn run(dir: &Path, args: &ExportArgs) -> Result<Exit, Error> {
    let form = match args.what {
        What::Junit => "junit",
    };
    report::export(dir, &args.choice, args.lang, form, args.out.as_deref())
}
