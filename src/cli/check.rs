//! `jalon check`.

use super::{Error, Exit, errors, open::PlanArgs, output};
use crate::{
    plan::{Plan, Sources, compile},
    support::text,
};
use clap::{Args, ValueEnum};
use std::path::Path;

/// Arguments of `check`.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    plan: PlanArgs,
    /// How problems are shown.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The same as `--format json`.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person.
    Text,
    /// For a script.
    Json,
}

/// Checks the plan.
pub(super) fn run(dir: &Path, args: &CheckArgs) -> Result<Exit, Error> {
    let result = Plan::compile(&Sources::read(dir)?, &args.plan.options());
    if args.json || args.format == Format::Json {
        let problems = match &result {
            Ok(_) => Vec::new(),
            Err(compile::Error::Problems(problems)) => problems.iter().map(as_json).collect(),
            Err(_) => return result.map(|_| Exit::Passed).map_err(Error::from),
        };
        output::print_json(&serde_json::json!({ "problems": problems }))?;
        return Ok(if problems.is_empty() { Exit::Passed } else { Exit::Plan });
    }
    let plan = result?;
    let (steps, criteria) = plan.graph.steps().fold((0, 0), |(s, c), step| (s + 1, c + step.criteria.len()));
    let estimate = compile::estimate(plan.graph.steps());
    output::print(&format!(
        "{}: {}, {}, estimated {}; environment {}, profile {}: sound\n",
        plan.campaign.name,
        text::plural(steps, "step"),
        if criteria == 1 { "1 criterion".to_owned() } else { format!("{criteria} criteria") },
        text::duration(estimate),
        plan.environment.name,
        plan.profile,
    ))?;
    Ok(Exit::Passed)
}

fn as_json(problem: &crate::plan::Problem) -> serde_json::Value {
    let (line, column) = problem.source.line_column(problem.span.start);
    serde_json::json!({
        "file": problem.source.path,
        "line": line,
        "column": column,
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
        "shown": errors::drawn(problem),
    })
}
