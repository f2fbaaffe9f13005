//! `jalon check`.

use super::{
    CommandError, Exit, errors,
    open::PlanArgs,
    output,
    plan::estimated,
    selected::{self, Selected},
};
use crate::{
    plan::{self, Options, Plan, Problem, Sources, compile},
    record::{ActionId, Selection, StepId},
    store::bundle,
    support::text,
};
use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use serde::Serialize;
use std::{
    fmt::Write as _,
    path::{Component, Path, PathBuf},
};

/// Arguments of `check`.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    plan: PlanArgs,
    #[command(flatten)]
    selected: Selected,
    /// Ignore what the environment file does not define yet: services, exporters and commands that steps use.
    #[arg(long)]
    draft: bool,
    /// Output format.
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
    /// For a script; `jalon schema --output check` describes it.
    Json,
    /// For GitHub Actions, which shows each problem at its line of a pull request.
    Github,
}

/// What is wrong with the plan, as `--json` prints it; nothing where the list is empty.
#[derive(Default, Serialize, JsonSchema)]
pub(super) struct Checked {
    /// Every problem of every file.
    problems: Vec<Mistake>,
    /// What the environment lacks and only steps use that were not asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_ready: Vec<Mistake>,
}

/// One mistake in the plan.
#[derive(Serialize, JsonSchema)]
struct Mistake {
    /// The file, from the campaign's folder.
    file: PathBuf,
    /// Line, from 1.
    line: usize,
    /// Column in characters, from 1.
    column: usize,
    /// Class of the mistake (`unknown-key`).
    code: &'static str,
    /// The step that uses it, for what the environment lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<StepId>,
    /// The action or watch that uses it, for what the environment lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<ActionId>,
    /// What is wrong, with the value in backticks.
    message: String,
    /// What was expected or what to try.
    hint: Option<String>,
    /// The line with a caret below the place, as `jalon check` shows it.
    shown: String,
}

impl Mistake {
    fn of(problem: &Problem) -> Self {
        let (line, column) = problem.source.line_column(problem.span.start);
        Self {
            file: problem.source.path.clone(),
            line,
            column,
            code: problem.code,
            step: problem.user.as_ref().map(|user| user.step),
            action: problem.user.as_ref().map(|user| user.action.clone()),
            message: problem.message.clone(),
            hint: problem.hint.clone(),
            shown: errors::drawn(problem),
        }
    }
}

/// Checks the plan.
pub(super) fn run(dir: &Path, args: &CheckArgs) -> Result<Exit, CommandError> {
    let selection = args.selected.selection();
    let options = Options { draft: args.draft, selection: selection.clone(), ..args.plan.options() };
    let sources = Sources::read(dir)?;
    let options = options.filled_in(&sources);
    plan::learn(&sources, &options, bundle::is_own_plan(dir));
    let result = Plan::of(&sources, &options);
    let format = if args.json { Format::Json } else { args.format };
    match (result, format) {
        (Ok(plan), Format::Json) => {
            selected::check(&plan, &selection)?;
            let not_ready = plan.unready.iter().map(Mistake::of).collect();
            output::print_json(&Checked { problems: Vec::new(), not_ready })?;
            Ok(Exit::Passed)
        }
        (Ok(plan), _) => {
            selected::check(&plan, &selection)?;
            output::print(&sound(&plan, &selection))?;
            // The process ends here; taking a long plan apart piece by piece would take a tenth of its time.
            std::mem::forget(plan);
            Ok(Exit::Passed)
        }
        (Err(compile::CompileError::Problems(problems)), Format::Json) => {
            output::print_json(&Checked {
                problems: problems.iter().map(Mistake::of).collect(),
                ..Checked::default()
            })?;
            Ok(Exit::Plan)
        }
        (Err(compile::CompileError::Problems(problems)), Format::Github) => {
            output::print(&problems.iter().map(|problem| annotation(dir, problem)).collect::<String>())?;
            Ok(Exit::Plan)
        }
        (Err(error), _) => Err(error.into()),
    }
}

fn sound(plan: &Plan, selection: &Selection) -> String {
    let meant = || plan.graph.steps().filter(|step| selection.includes(step.id));
    let (steps, criteria) = meant().fold((0, 0), |(s, c), step| (s + 1, c + step.criteria.len()));
    let of = match plan.graph.steps().count() {
        all if all == steps => String::new(),
        all => format!(" of {all}"),
    };
    let unready = selected::unready(plan).map(|said| format!("{said}\n")).unwrap_or_default();
    format!(
        "{}: {}{of}, {}, {}; environment {}, profile {}: sound\n{unready}",
        plan.campaign.name,
        text::plural(steps, "step"),
        if criteria == 1 { "1 criterion".to_owned() } else { format!("{criteria} criteria") },
        estimated(meant()),
        plan.environment.name,
        plan.profile,
    )
}

/// A workflow command of GitHub Actions. The file is named from where the command runs, which is the repository's root.
fn annotation(dir: &Path, problem: &Problem) -> String {
    let (line, column) = problem.source.line_column(problem.span.start);
    let (end_line, end_column) = problem.source.line_column(problem.span.start + problem.span.len);
    let path = dir.join(&problem.source.path);
    let path: PathBuf = path.components().filter(|c| *c != Component::CurDir).collect();
    let mut text = format!("::error file={},line={line}", property(&path.display().to_string()));
    if end_line == line {
        let _ = write!(text, ",col={column},endColumn={}", end_column.max(column + 1));
    } else {
        let _ = write!(text, ",endLine={end_line},col={column}");
    }
    let hint = problem.hint.as_ref().map(|hint| format!("\n{hint}")).unwrap_or_default();
    let _ =
        writeln!(text, ",title={}::{}", property(problem.code), data(&format!("{}{hint}", problem.message)));
    text
}

/// The text of a workflow command: it ends at the end of the line.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a workflow command: it ends at a comma or a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::source::{Source, Span};

    #[test]
    fn an_annotation_is_one_line_whatever_is_in_it() {
        let source = Source::new("steps/a,b:c.md", "é: 100 %\nnext\n");
        let problem = source
            .problem(Span { start: 4, len: 3 }, "wrong-value", "100 % is\nnot: a, number")
            .hint("50%25");
        assert_eq!(
            annotation(Path::new("."), &problem),
            "::error file=steps/a%2Cb%3Ac.md,line=1,col=4,endColumn=7,title=wrong-value::\
             100 %25 is%0Anot: a, number%0A50%2525\n"
        );
        let long = source.problem(Span { start: 0, len: 12 }, "x", "y");
        assert_eq!(
            annotation(Path::new("campaigns/one"), &long),
            "::error file=campaigns/one/steps/a%2Cb%3Ac.md,line=1,endLine=2,col=1,title=x::y\n"
        );
    }
}
