//! `jalon export`.

use super::{
    CommandError, Exit,
    open::{self, RunChoice},
    output, report,
};
use crate::{history, lab::JMX_RULES, page::metrics, report::Language};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// Arguments of `export`.
#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// What to export.
    #[arg(value_enum)]
    what: What,
    #[command(flatten)]
    choice: RunChoice,
    /// Language: `en` or `fr`. Default: the first language of the campaign.
    #[arg(long, value_name = "LANG", env = "JALON_LANG")]
    lang: Option<Language>,
    /// Output folder. Default: standard output.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Results for a CI server: one suite per step, one case per criterion.
    Junit,
    /// Rule files of the JMX exporter with every metric that the shipped plan uses: brokers, Connect and MirrorMaker
    /// 2, ZooKeeper.
    JmxRules,
    /// Figures of a run in Prometheus's format, as `/metrics` of the live page has them: for the textfile collector of
    /// the node exporter. With `--out`, a file that ends with `.prom`, or the folder for `jalon.prom`.
    Prometheus,
}

/// Writes the results of a run, or what goes with the plan, for another program.
pub(super) fn run(dir: &Path, args: &ExportArgs) -> Result<Exit, CommandError> {
    match (args.what, &args.out) {
        (What::Junit, out) => report::export(dir, &args.choice, args.lang, "junit", out.as_deref()),
        (What::Prometheus, out) => {
            let run = open::run_dir(dir, &args.choice)?;
            let live = history::is_live(&run);
            let text = metrics::exposition(&history::read(&run)?.1, live, Timestamp::now());
            match out {
                None => output::print(&text)?,
                Some(file) if file.extension().is_some_and(|end| end == "prom") => {
                    output::write(file, text.as_bytes())?;
                }
                Some(folder) => output::write(&folder.join("jalon.prom"), text.as_bytes())?,
            }
            Ok(Exit::Passed)
        }
        (What::JmxRules, None) => {
            let all: Vec<String> =
                JMX_RULES.iter().map(|(name, text)| format!("# {name}\n{}\n", text.trim_end())).collect();
            output::print(&all.join("---\n"))?;
            Ok(Exit::Passed)
        }
        (What::JmxRules, Some(folder)) => {
            for (name, text) in JMX_RULES {
                output::write(&folder.join(name), text.as_bytes())?;
            }
            Ok(Exit::Passed)
        }
    }
}
