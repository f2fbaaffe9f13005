//! `jalon actions`.

use super::{CommandError, Exit, output, types};
use crate::{
    action::{self, KINDS, KindInfo, Output},
    plan::schema,
    record::ActionRole,
    report::{WIDTH, wrap},
    support::text,
};
use clap::Args;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt::Write;

/// Arguments of `actions`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon actions                    every kind, one per line\n  jalon actions produce            parameters, outputs and an example\n  jalon actions produce --json     the same, the parameters as JSON Schema"
)]
pub(super) struct KindsArgs {
    /// Show this kind in full.
    kind: Option<String>,
    /// Print JSON; the parameters as JSON Schema.
    #[arg(long)]
    json: bool,
}

/// One kind of action, as `--json` prints it: a list of these where none is named.
#[derive(Serialize, JsonSchema)]
pub(super) struct Kind {
    /// Its key in a step file.
    kind: &'static str,
    /// What it does, in a sentence.
    summary: &'static str,
    /// Whether it may be a watch.
    probe: bool,
    /// What it is for.
    role: ActionRole,
    /// One action as it is written in a step file.
    example: &'static str,
    /// What it promises.
    outputs: &'static [Output],
    /// JSON Schema of its parameters.
    schema: Schema,
    /// JSON Schemas of the keys that every action has, by key.
    common: Map<String, Value>,
}

impl Kind {
    fn of(kind: &KindInfo) -> Self {
        Self {
            kind: kind.name,
            summary: kind.summary,
            probe: kind.watch,
            role: kind.role,
            example: kind.example,
            outputs: kind.outputs,
            schema: (kind.schema)(),
            common: schema::common(),
        }
    }
}

const EXPRESSIONS: &str = "  \
  * or one expression, `\"{{ … }}\"`; a text may have expressions in it too. They
    see `profile`, `slo`, `vars`, `environment`, `campaign`, outputs of earlier
    actions (`ID.OUTPUT`) and `previous.ID.OUTPUT`, the last run that passed.
";

const AS_A_WATCH: &str = "  \
  Of a watch, `expect` sees `ID.OUTPUT.avg`, `.max`, `.min` and `.last` (of the
  output `value` just `ID.max`, …), `ID.samples` and `ID.missed`; `always` sees
  the outputs of each sample.
";

/// Lists or shows kinds.
pub(super) fn run(args: &KindsArgs) -> Result<Exit, CommandError> {
    let Some(name) = &args.kind else {
        if args.json {
            output::print_json(&KINDS.iter().map(Kind::of).collect::<Vec<_>>())?;
            return Ok(Exit::Passed);
        }
        let list: String = KINDS.iter().map(|k| beside(&format!("{:<14} ", k.name), k.summary)).collect();
        output::print(&format!("{list}\n`jalon actions KIND` shows one in full.\n"))?;
        return Ok(Exit::Passed);
    };
    let Some(kind) = action::kind(name) else {
        return Err(CommandError::Usage {
            message: format!("unknown action kind `{name}`"),
            hint: match text::did_you_mean(name, KINDS.iter().map(|k| k.name)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`jalon actions` lists them".to_owned(),
            },
        });
    };
    match args.json {
        true => output::print_json(&Kind::of(kind))?,
        false => output::print(&in_full(kind))?,
    }
    Ok(Exit::Passed)
}

fn in_full(kind: &KindInfo) -> String {
    let mut out = wrap(&format!("{}: {}", kind.name, kind.summary), WIDTH, 0);
    if kind.watch {
        out.push_str("It only reads, so it may be a watch; `every` says how often (default 15s).\n");
    }
    out.push_str("\nParameters\n");
    let parameters = types::rows((kind.schema)().as_value());
    if parameters.is_empty() {
        out.push_str("  none of its own\n");
    }
    parameters.iter().for_each(|row| parameter(&mut out, row));
    if parameters.iter().any(|row| row.computed) {
        out.push_str(EXPRESSIONS);
    }
    out.push_str("\nKeys of every action\n");
    let common = serde_json::json!({ "properties": schema::common() });
    types::rows(&common)
        .iter()
        .filter(|row| !row.name.contains('.'))
        .for_each(|row| parameter(&mut out, row));
    out.push_str("\nOutputs, as criteria name them behind the action's id\n");
    let name = kind.outputs.iter().map(|o| o.name.len()).max().unwrap_or(0);
    let unit = kind.outputs.iter().map(|o| types::value(o).len()).max().unwrap_or(0);
    for output in kind.outputs {
        let label = format!("  {:<name$}  {:<unit$}  ", output.name, types::value(output));
        out.push_str(&beside(&label, output.meaning));
    }
    if kind.watch {
        out.push_str(AS_A_WATCH);
    }
    let _ = write!(out, "\nExample\n\n{}\n", indented(kind.example));
    out
}

fn parameter(out: &mut String, row: &types::Row) {
    let asked = match (&row.default, row.required) {
        (_, true) => ", required".to_owned(),
        (Some(default), _) => format!(", default `{default}`"),
        (None, false) => String::new(),
    };
    let star = if row.computed { "*" } else { "" };
    out.push_str(&beside(&format!("  {:<20} ", row.name), &format!("{}{star}{asked}", row.kind)));
    out.push_str(&wrap(&row.description, WIDTH, 6));
}

/// A label and a text beside it; its further lines stand below its first one.
fn beside(label: &str, text: &str) -> String {
    let width = label.chars().count();
    let wrapped = wrap(text, WIDTH, width);
    format!("{label}{}", wrapped.trim_start())
}

fn indented(example: &str) -> String {
    let mut lines = example.trim_end().lines();
    let first = lines.next().map_or(String::new(), |l| format!("  - {l}"));
    lines.fold(first, |text, line| format!("{text}\n    {line}"))
}
