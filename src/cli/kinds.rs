//! `jalon actions`.

use super::{Error, Exit, output};
use crate::{
    action::{self, KINDS, KindInfo},
    support::text,
};
use clap::Args;
use std::fmt::Write;

/// Arguments of `actions`.
#[derive(Debug, Args)]
pub(super) struct KindsArgs {
    /// Show this kind in full.
    kind: Option<String>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// Lists or shows kinds.
pub(super) fn run(args: &KindsArgs) -> Result<Exit, Error> {
    let Some(name) = &args.kind else {
        if args.json {
            output::print_json(&KINDS.iter().map(as_json).collect::<Vec<_>>())?;
            return Ok(Exit::Passed);
        }
        let list: String = KINDS.iter().map(|k| format!("{:<14} {}\n", k.name, k.summary)).collect();
        output::print(&format!("{list}\n`jalon actions KIND` shows one in full.\n"))?;
        return Ok(Exit::Passed);
    };
    let Some(kind) = action::kind(name) else {
        return Err(Error::Usage {
            message: format!("there is no action kind `{name}`"),
            hint: match text::did_you_mean(name, KINDS.iter().map(|k| k.name)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`jalon actions` lists them".to_owned(),
            },
        });
    };
    if args.json {
        output::print_json(&as_json(kind))?;
        return Ok(Exit::Passed);
    }
    let mut shown = format!("{}: {}\n\n", kind.name, kind.summary);
    if kind.probe {
        shown.push_str("It only looks, so it may be a watch.\n\n");
    }
    let _ = write!(shown, "Example:\n\n{}\n\nOutputs:\n\n", indented(kind.example));
    for output in kind.outputs {
        let unit = output.unit.symbol();
        let _ = writeln!(shown, "  {:<28} {:<10} {}", output.name, unit, output.meaning);
    }
    output::print(&shown)?;
    Ok(Exit::Passed)
}

fn indented(example: &str) -> String {
    let mut lines = example.trim_end().lines();
    let first = lines.next().map_or(String::new(), |l| format!("  - {l}"));
    lines.fold(first, |text, line| format!("{text}\n    {line}"))
}

fn as_json(kind: &KindInfo) -> serde_json::Value {
    let outputs: Vec<_> = kind
        .outputs
        .iter()
        .map(|o| serde_json::json!({ "name": o.name, "unit": o.unit, "meaning": o.meaning }))
        .collect();
    serde_json::json!({
        "kind": kind.name, "summary": kind.summary, "probe": kind.probe, "example": kind.example, "outputs": outputs,
    })
}
