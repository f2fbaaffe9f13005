//! `jalon schema`.

use super::{CommandError, Exit, output, outputs::OUTPUTS};
use crate::{plan::schema, support::text};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value};
use std::{fs, path::Path};

/// Where `--write` puts the schemas, from the campaign's folder.
const FOLDER: &str = ".jalon/schema";

/// Arguments of `schema`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon schema step                  keys of a step file and what they mean\n  jalon schema --write               all three into .jalon/schema, for an editor\n  jalon schema --output status       fields of `jalon status --json`\n  jalon schema --output              of every command that has --json"
)]
pub(super) struct SchemaArgs {
    /// File whose schema is printed.
    #[arg(value_enum, default_value_t = File::Step)]
    file: File,
    /// Print the schema of a command's `--json` output; of all commands if none is named.
    #[arg(long, value_name = "COMMAND", num_args = 0..=1, conflicts_with_all = ["file", "write"])]
    output: Option<Option<String>>,
    /// Write the schemas of all files to `.jalon/schema`, where editors find them.
    #[arg(long, conflicts_with = "file")]
    write: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum File {
    /// Front matter of `steps/NN-NAME.md`.
    Step,
    /// `plan/campaign.yaml`.
    Campaign,
    /// `plan/environments/NAME.yaml`.
    Environment,
}

/// Prints or writes schemas.
pub(super) fn run(dir: &Path, args: &SchemaArgs) -> Result<Exit, CommandError> {
    match &args.output {
        _ if args.write => write(dir)?,
        Some(command) => output::print_json(&of_outputs(command.as_deref())?)?,
        None => output::print_json(&of_file(args.file))?,
    }
    Ok(Exit::Passed)
}

fn of_file(file: File) -> Value {
    match file {
        File::Step => schema::step(),
        File::Campaign => schema::campaign(),
        File::Environment => schema::environment(),
    }
}

fn of_outputs(command: Option<&str>) -> Result<Value, CommandError> {
    let whole = |schema: schemars::Schema| {
        let mut all = Map::new();
        all.insert("$schema".to_owned(), schema::DIALECT.into());
        all.extend(schema.to_value().as_object().cloned().unwrap_or_default());
        Value::Object(all)
    };
    let Some(command) = command else {
        return Ok(OUTPUTS.iter().map(|(name, schema)| ((*name).to_owned(), whole(schema()))).collect());
    };
    // `actions` is enough for `actions KIND`, where there is no other one.
    let first = |name: &'static str| name.split([' ', '/']).next().unwrap_or(name);
    let exact = OUTPUTS.iter().find(|(name, _)| *name == command);
    match exact.or_else(|| OUTPUTS.iter().find(|(name, _)| first(name) == command)) {
        Some((_, schema)) => Ok(whole(schema())),
        None => {
            let known: Vec<&str> = OUTPUTS.iter().map(|(name, _)| *name).collect();
            Err(CommandError::Usage {
                message: format!("`{command}` has no documented output"),
                hint: match text::did_you_mean(command, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("commands: {}", known.join(", ")),
                },
            })
        }
    }
}

fn write(dir: &Path) -> Result<(), CommandError> {
    let folder = dir.join(FOLDER);
    let disk = |path: &Path| {
        let path = path.to_owned();
        move |cause| CommandError::Disk { verb: "write", path, cause }
    };
    fs::create_dir_all(&folder).map_err(disk(&folder))?;
    let mut told = String::new();
    for (file, name) in
        [(File::Step, "step"), (File::Campaign, "campaign"), (File::Environment, "environment")]
    {
        let path = folder.join(format!("{name}.json"));
        fs::write(&path, format!("{:#}\n", of_file(file))).map_err(disk(&path))?;
        told.push_str(&format!("{}\n", text::path(&path)));
    }
    told.push_str(
        "\nPut one of these at the top of a file; editors with yaml-language-server read it:\n\n\
        # yaml-language-server: $schema=../.jalon/schema/campaign.json\n\
        # yaml-language-server: $schema=../../.jalon/schema/environment.json\n\
        # yaml-language-server: $schema=../.jalon/schema/step.json\n\n\
        The last one goes below the first `---` of a step file.\n",
    );
    output::print(&told)
}
