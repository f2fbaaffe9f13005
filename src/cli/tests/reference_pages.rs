//! Generates the reference pages of the book: the action kinds from the register, the commands from clap's definition.

use crate::{
    action::{KINDS, KindInfo},
    cli::{args::Args, exit, types},
    plan::schema,
};
use clap::{Arg, Command, CommandFactory};
use std::fmt::Write;

const GENERATED: &str =
    "<!-- Generated. Do not edit: run `INSTA_UPDATE=always cargo test --lib cli::tests::reference`. -->\n\n";

/// Returns every generated page: its path below `docs/src`, and its text.
pub(super) fn pages() -> Vec<(String, String)> {
    let mut pages = vec![
        ("cli.md".to_owned(), commands()),
        ("exit-codes.md".to_owned(), exit_codes()),
        ("files.md".to_owned(), files()),
        ("kinds.md".to_owned(), kinds()),
        ("SUMMARY.md".to_owned(), contents()),
    ];
    pages.extend(KINDS.iter().map(|kind| (format!("kinds/{}.md", kind.name), one_kind(kind))));
    pages
}

/// The book's table of contents, with a line for each kind.
fn contents() -> String {
    let written = include_str!("../../../docs/src/SUMMARY.md");
    let is_kind = |line: &&str| line.starts_with("  - [") && line.contains("](kinds/");
    let mut page = String::new();
    for line in written.lines().filter(|line| !is_kind(line)) {
        let _ = writeln!(page, "{line}");
        if line.ends_with("](kinds.md)") {
            for kind in KINDS {
                let _ = writeln!(page, "  - [{0}](kinds/{0}.md)", kind.name);
            }
        }
    }
    page
}

fn exit_codes() -> String {
    format!(
        "{GENERATED}# Exit codes\n\n\
        Every command ends with one of these codes. A script can rely on them.\n\n{}",
        exit::table()
    )
}

fn files() -> String {
    let mut page = format!(
        "{GENERATED}# Files of a campaign\n\n\
        Every key of the three files that describe a campaign. `a.b` is the key `b` inside `a`, `a[].b` the key `b` of \
        each entry of the list `a`, `a.NAME.b` the key `b` of each entry of the map `a`. \
        `jalon schema` prints the same as JSON Schema.\n"
    );
    for (title, intro, schema) in [
        (
            "A step",
            "The front matter of `steps/NN-NAME.md`. Entries of `watch`, `actions` and `always` are [actions](kinds.md).",
            schema::step(),
        ),
        ("The campaign", "`plan/campaign.yaml`.", schema::campaign()),
        ("An environment", "`plan/environments/NAME.yaml`.", schema::environment()),
    ] {
        let _ = write!(page, "\n## {title}\n\n{intro}\n\n");
        parameters(&mut page, &types::rows(&schema));
    }
    page
}

fn kinds() -> String {
    let mut page = format!(
        "{GENERATED}# Action kinds\n\n\
        An action is one entry under `actions:` or `watch:` of a step file. Its key is its kind. \
        `jalon actions KIND` prints the same reference in a terminal, `jalon actions KIND --json` as JSON Schema.\n\n\
        | kind | summary |\n| --- | --- |\n"
    );
    for kind in KINDS {
        let _ = writeln!(page, "| [`{0}`](kinds/{0}.md) | {1} |", kind.name, cell(kind.summary));
    }
    page.push_str("\n## Keys of every action\n\nThese keys are valid in an action of any kind.\n\n");
    let common = serde_json::json!({ "properties": schema::common() });
    let rows: Vec<_> = types::rows(&common).into_iter().filter(|row| !row.name.contains('.')).collect();
    parameters(&mut page, &rows);
    page
}

fn one_kind(kind: &KindInfo) -> String {
    let mut page = format!("{GENERATED}# `{}`\n\n{}\n", kind.name, kind.summary);
    if kind.watch {
        page.push_str("\nThis kind can be used as a watch. `every` sets the interval (default `15s`).\n");
    }
    let mut example = kind.example.trim_end().lines();
    let _ = write!(page, "\n## Example\n\n```yaml\n- {}\n", example.next().unwrap_or_default());
    for line in example {
        let _ = writeln!(page, "  {line}");
    }
    page.push_str("```\n\n## Parameters\n\n");
    let rows = types::rows((kind.schema)().as_value());
    match rows.is_empty() {
        true => page.push_str("None of its own.\n"),
        false => parameters(&mut page, &rows),
    }
    page.push_str(
        "\nSee also the [keys of every action](../kinds.md#keys-of-every-action).\n\n## Outputs\n\n",
    );
    page.push_str("Criteria name an output as `ID.OUTPUT`, where `ID` is the `id` of the action.\n");
    if kind.watch {
        page.push_str(
            "Of a watch, `expect` takes `ID.OUTPUT.avg`, `.max`, `.min` and `.last`, `ID.samples` and `ID.missed`; \
            `always` takes the outputs of each sample.\n",
        );
    }
    page.push_str("\n| output | unit | meaning |\n| --- | --- | --- |\n");
    for output in kind.outputs {
        let _ = writeln!(page, "| `{}` | {} | {} |", output.name, types::value(output), cell(output.meaning));
    }
    page
}

fn parameters(page: &mut String, rows: &[types::Row]) {
    page.push_str("| key | value | default | meaning |\n| --- | --- | --- | --- |\n");
    for row in rows {
        let default = match (&row.default, row.required) {
            (_, true) => "*required*".to_owned(),
            (Some(default), false) => format!("`{default}`"),
            (None, false) => String::new(),
        };
        let star = if row.computed { " \\*" } else { "" };
        let (kind, meaning) = (cell(&row.kind), cell(&row.description));
        let _ = writeln!(page, "| `{}` | {kind}{star} | {default} | {meaning} |", row.name);
    }
    if rows.iter().any(|row| row.computed) {
        page.push_str("\n\\* or an [expression](../steps.md#expressions), `\"{{ … }}\"`.\n");
    }
}

/// A text as one cell of a Markdown table.
fn cell(text: &str) -> String {
    prose(text).replace('|', "\\|").replace('\n', " ")
}

/// A text outside code; what would be an HTML tag is escaped.
fn prose(text: &str) -> String {
    let mut out = String::new();
    for (index, part) in text.split('`').enumerate() {
        if index > 0 {
            out.push('`');
        }
        match index % 2 {
            0 => out.push_str(&part.replace('<', "\\<")),
            _ => out.push_str(part),
        }
    }
    out
}

/// A help text with the full stop that clap leaves out.
fn sentence(text: &str) -> String {
    let stop = if text.ends_with(['.', ':', '?']) { "" } else { "." };
    format!("{}{stop}", prose(text))
}

fn commands() -> String {
    let mut root = Args::command();
    root.build();
    let mut page = format!(
        "{GENERATED}# Command reference\n\n\
        What `jalon COMMAND --help` prints, one section for each command.\n\n## Options of every command\n\n"
    );
    root.get_arguments().filter(|arg| arg.is_global_set()).for_each(|arg| argument(&mut page, arg));
    visible(&root).for_each(|command| one_command(&mut page, command, "jalon", 2));
    page
}

fn visible(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|c| !c.is_hide_set() && c.get_name() != "help")
}

fn one_command(page: &mut String, command: &Command, parent: &str, level: usize) {
    let name = format!("{parent} {}", command.get_name());
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    let usage = command.clone().render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage);
    let _ = write!(
        page,
        "\n{} `{name}`\n\n{}\n\n```text\n{}\n```\n",
        "#".repeat(level),
        sentence(about.trim_end()),
        usage.trim_end()
    );
    let inherited = |arg: &&Arg| {
        arg.is_global_set() && (parent != "jalon" || ["campaign", "verbose"].contains(&arg.get_id().as_str()))
    };
    let own: Vec<&Arg> = command
        .get_arguments()
        .filter(|arg| !inherited(arg) && !arg.is_hide_set())
        .filter(|arg| !["help", "version"].contains(&arg.get_id().as_str()))
        .collect();
    if !own.is_empty() {
        page.push('\n');
        own.into_iter().for_each(|arg| argument(page, arg));
    }
    for paragraph in command.get_after_help().map(ToString::to_string).unwrap_or_default().split("\n\n") {
        let _ = match paragraph.strip_prefix("Examples:\n").or(paragraph.strip_prefix("Example:\n")) {
            Some(examples) => {
                let lines = examples.lines().map(|line| line.strip_prefix("  ").unwrap_or(line));
                write!(page, "\n```console\n{}\n```\n", lines.collect::<Vec<_>>().join("\n").trim_end())
            }
            None if paragraph.trim().is_empty() => Ok(()),
            None => write!(page, "\n{}\n", prose(paragraph.trim_end())),
        };
    }
    visible(command).for_each(|inner| one_command(page, inner, &name, level + 1));
}

fn argument(page: &mut String, arg: &Arg) {
    let short = arg.get_short().map(|c| format!("-{c}, ")).unwrap_or_default();
    let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let mut paragraphs = help.trim_end().split("\n\n");
    let _ = write!(page, "- `{short}{arg}`: {}", sentence(paragraphs.next().unwrap_or_default()));
    if arg.get_action().takes_values() {
        let defaults: Vec<_> = arg.get_default_values().iter().map(|v| v.to_string_lossy()).collect();
        if !defaults.is_empty() && !arg.is_hide_default_value_set() {
            let _ = write!(page, " Default: `{}`.", defaults.join(" "));
        }
    }
    if let Some(variable) = arg.get_env() {
        let _ = write!(page, " Environment variable: `{}`.", variable.to_string_lossy());
    }
    page.push('\n');
    for text in paragraphs {
        let _ = write!(page, "\n  {}\n", prose(&text.replace('\n', " ")));
    }
    if arg.get_action().takes_values() && !arg.is_hide_possible_values_set() {
        for value in arg.get_possible_values().iter().filter(|v| !v.is_hide_set()) {
            let _ = match value.get_help() {
                Some(help) => writeln!(page, "  - `{}`: {}", value.get_name(), sentence(&help.to_string())),
                None => writeln!(page, "  - `{}`", value.get_name()),
            };
        }
    }
}
