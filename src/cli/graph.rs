//! `jalon graph`.

use super::{
    CommandError, Exit,
    open::{self, PlanArgs},
    output,
};
use crate::{plan::Options, record::Language};
use clap::{Args, ValueEnum};
use std::path::Path;

/// Arguments of `graph`.
#[derive(Debug, Args)]
pub(super) struct GraphArgs {
    #[command(flatten)]
    plan: PlanArgs,
    /// Output format.
    #[arg(long, value_enum, default_value_t = Format::Mermaid)]
    format: Format,
    /// The same as `--format json`.
    #[arg(long)]
    json: bool,
    /// Language of the titles: `en` or `fr`.
    #[arg(long, value_name = "LANG", env = "JALON_LANG", default_value = "en")]
    lang: Language,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Graphviz.
    Dot,
    /// `{nodes: [{step, id, title}], edges: [{from, to}]}`.
    Json,
    /// A Mermaid flowchart.
    Mermaid,
}

/// Prints the graph.
pub(super) fn run(dir: &Path, args: &GraphArgs) -> Result<Exit, CommandError> {
    let plan = open::plan(dir, &Options { draft: true, ..args.plan.options() })?;
    match args.format {
        _ if args.json => output::print_json(&plan.graph.drawing())?,
        Format::Json => output::print_json(&plan.graph.drawing())?,
        Format::Dot => output::print(&plan.graph.to_dot(args.lang.code()))?,
        Format::Mermaid => output::print(&plan.graph.to_mermaid(args.lang.code()))?,
    }
    Ok(Exit::Passed)
}
