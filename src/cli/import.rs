//! `jalon import`: work done by hand, taken into the record.

mod show;

use super::{
    CommandError, Exit,
    open::{self, TakeOver},
    output,
};
use crate::{
    perf_output::{self, Lines, Replacements},
    record::{Artifact, Event, Import, Reading, Scenario, StepId, Withdrawal},
    store::{Runs, imports, imports::Imported},
    support::{files, fingerprint, host, redact, text},
};
use clap::Args;
use jiff::civil::Date;
use std::{
    borrow::Cow,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Arguments of `import`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon import notes.txt --day 2026-03-02 --dry-run     show what was read\n  jalon import notes.txt --day 2026-03-02 --step 3\n  kafka-producer-perf-test … 2>&1 | tee /dev/tty \\\n    | jalon import - --day 2026-03-02\n  jalon import --list\n  jalon import --withdraw 2026-03-02-1 --reason \"the wrong day\"\n\nIt reads the output of kafka-producer-perf-test, kafka-consumer-perf-test and\nkafka-e2e-latency of Kafka 3.7 to 4.x, also between other lines. Lines that it\ndoes not understand are counted and shown. Contradictions are reported, not\ncorrected."
)]
pub(super) struct ImportArgs {
    /// The file, or `-` for standard input.
    #[arg(required_unless_present_any = ["list", "withdraw"])]
    file: Option<PathBuf>,
    /// Day on which the work was done.
    #[arg(long, value_name = "YYYY-MM-DD", required_unless_present_any = ["list", "withdraw"], value_parser = open::day)]
    day: Option<Date>,
    /// Number of the step that it is about.
    #[arg(long, value_name = "N")]
    step: Option<u32>,
    /// Show what was read, without recording it.
    #[arg(long)]
    dry_run: bool,
    /// Print JSON.
    #[arg(long, conflicts_with_all = ["list", "withdraw"])]
    json: bool,
    /// List the imports.
    #[arg(long, conflicts_with_all = ["file", "day", "step", "dry_run", "withdraw"])]
    list: bool,
    /// Withdraw an import: it no longer counts, and stays on record.
    #[arg(long, value_name = "IMPORT", requires = "reason", conflicts_with_all = ["file", "day", "step", "dry_run"])]
    withdraw: Option<String>,
    /// Reason of the withdrawal.
    #[arg(long, requires = "withdraw")]
    reason: Option<String>,
    /// Name of the person who imports or withdraws. Default: the login name.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    #[command(flatten)]
    take_over: TakeOver,
}

/// Imports, lists or withdraws.
pub(super) fn run(dir: &Path, args: &ImportArgs) -> Result<Exit, CommandError> {
    let runs = Runs::of_campaign(dir);
    if args.list {
        output::print(&show::list(&imports::read(&runs)?))?;
        return Ok(Exit::Passed);
    }
    open::learn(dir);
    if let Some(id) = &args.withdraw {
        return withdraw(&runs, args, id);
    }
    let (Some(file), Some(day)) = (&args.file, args.day) else {
        return Err(usage("file or day is missing", "give both: `jalon import notes.txt --day 2026-03-02`"));
    };
    let source = Source::read(file)?;
    redact::learn_whole(&source.bytes);
    let (reading, replacements) = perf_output::read(&source.bytes[..], Some(day))
        .map_err(|cause| CommandError::Disk { verb: "read", path: file.clone(), cause })?;
    if args.json {
        output::print_json(&reading)?;
    } else {
        output::print(&show::reading(&reading))?;
    }
    if args.dry_run {
        return Ok(Exit::Passed);
    }
    if reading.scenarios.is_empty() && reading.notes_in_all() == 0 {
        return Err(usage(
            "nothing in it was understood, and nothing is put on record",
            "it must hold what Kafka's performance tools print, or a person's notes",
        ));
    }
    keep(&runs, args, &source, day, (&reading, &replacements))
}

fn usage(message: impl Into<String>, hint: &str) -> CommandError {
    CommandError::Usage { message: message.into(), hint: hint.to_owned() }
}

fn who(args: &ImportArgs) -> String {
    args.by.clone().unwrap_or_else(host::operator)
}

/// The largest file that is read, or so much of standard input: the notes and the output of weeks have a hundredth of it.
const LARGEST: u64 = 256 << 20;

/// A file in memory, read once: secrets that stand far down are masked in its first lines too.
struct Source {
    name: String,
    bytes: Vec<u8>,
}

impl Source {
    fn read(file: &Path) -> Result<Self, CommandError> {
        let unread = |path: &Path, cause| CommandError::Disk { verb: "read", path: path.to_owned(), cause };
        if file.as_os_str() == "-" {
            let name = "standard input";
            let bytes = files::read_all(io::stdin().lock(), LARGEST).map_err(|cause| match cause.kind() {
                io::ErrorKind::FileTooLarge => {
                    usage(format!("cannot read {name}: {cause}"), "import it in parts")
                }
                _ => unread(Path::new(name), cause),
            })?;
            return Ok(Self { name: name.to_owned(), bytes });
        }
        let bytes = files::open_given(file).and_then(|file| files::read_file(file, LARGEST));
        let bytes = bytes.map_err(|cause| match cause.kind() {
            io::ErrorKind::InvalidInput | io::ErrorKind::FileTooLarge => {
                usage(format!("cannot read {}: {cause}", text::path(file)), "name a text file")
            }
            io::ErrorKind::NotFound => usage(
                format!("file {} not found", text::path(file)),
                "paths are relative to the current folder; `-C` changes only the campaign's folder",
            ),
            _ => unread(file, cause),
        })?;
        let name = text::path(file.file_name().map_or(file, Path::new));
        Ok(Self { name, bytes })
    }

    /// Writes its text, secrets masked; whether there were any.
    fn copy(&self, replacements: &Replacements, out: &mut impl Write) -> io::Result<bool> {
        let mut number = 0;
        let mut has_secrets = !replacements.is_empty();
        let mut masked = |text: &str, out: &mut dyn Write| {
            let masked = redact::mask(text);
            has_secrets |= matches!(masked, Cow::Owned(_));
            out.write_all(masked.as_bytes())
        };
        Lines::new(&self.bytes[..]).for_each(|line| {
            number += 1;
            match replacements.get(&number) {
                Some(replacement) => out.write_all(replacement.as_bytes())?,
                None => match std::str::from_utf8(line) {
                    Ok(text) => masked(text, out)?,
                    Err(_) => masked(&perf_output::decoded(line), out)?,
                },
            }
            out.write_all(b"\n")
        })?;
        Ok(has_secrets)
    }
}

/// Puts it on record: the artifacts first, then the record that names them.
fn keep(
    runs: &Runs,
    args: &ImportArgs,
    source: &Source,
    day: Date,
    (reading, replacements): (&Reading, &Replacements),
) -> Result<Exit, CommandError> {
    let disk = |verb, path: &Path| {
        let path = path.to_owned();
        move |cause| CommandError::Disk { verb, path, cause }
    };
    let mut recorder = open::write(&runs.imports(), "import", args.take_over, crate::record::Language::En)?;
    let known = imports::read(runs)?;
    let id = imports::next_id(&known, day);
    let folder = recorder.artifacts(&id);
    let mut writer = folder.create("source.txt", "text/plain; charset=utf-8").map_err(open::not_stored)?;
    let has_secrets =
        source.copy(replacements, &mut writer).map_err(disk("copy", Path::new(&source.name)))?;
    let stored: Artifact = writer.finish().map_err(open::not_stored)?;
    let of_file = fingerprint::of_bytes(&source.bytes);
    // The fingerprint of a file whose text but for a short secret is on record would give the secret away.
    let sha256 = if has_secrets { &stored.sha256 } else { &of_file }.clone();
    let same = |i: &&Imported| {
        i.withdrawn.is_none() && i.import.day == day && [&sha256, &of_file].contains(&&i.import.sha256)
    };
    if let Some(same) = known.iter().find(same) {
        let of_step = same.import.step.map(|step| format!(" for step {step}")).unwrap_or_default();
        output::tell(&format!(
            "nothing added: the same file is on record for {day} as {}{of_step}; `jalon import --withdraw {} --reason …` takes \
             that back",
            same.import.id, same.import.id
        ));
        return std::fs::remove_dir_all(folder.path())
            .map(|()| Exit::Passed)
            .map_err(disk("remove", &folder.path()));
    }
    let kept = folder.write_json("reading.json", reading).map_err(open::not_stored)?;
    let brief = |scenario: &Scenario| Scenario {
        windows: Vec::new(),
        metrics: Default::default(),
        ..scenario.clone()
    };
    let import = Import {
        id: id.clone(),
        day,
        step: args.step.map(StepId),
        by: who(args),
        file: source.name.clone(),
        sha256,
        source: stored,
        reading: kept,
        scenarios: reading.scenarios.iter().map(brief).collect(),
        notes: reading.notes_in_all(),
        not_understood: reading.not_understood_in_all(),
    };
    recorder.commit([Event::ImportAdded(Box::new(import))])?;
    output::tell(&format!("on record as {id}"));
    Ok(Exit::Passed)
}

fn withdraw(runs: &Runs, args: &ImportArgs, id: &str) -> Result<Exit, CommandError> {
    let reason = args.reason.clone().unwrap_or_default();
    if reason.trim().is_empty() {
        return Err(usage(
            "the reason is empty",
            "write why the import no longer counts; the report shows it",
        ));
    }
    let known = imports::read(runs)?;
    let ids: Vec<&str> =
        known.iter().filter(|i| i.withdrawn.is_none()).map(|i| i.import.id.as_str()).collect();
    if !ids.contains(&id) {
        let hint = match ids.is_empty() {
            true => "no import is on record".to_owned(),
            false => format!("known imports: {}", ids.join(", ")),
        };
        return Err(usage(format!("import `{id}` not found"), &hint));
    }
    let mut recorder = open::write(&runs.imports(), "import", args.take_over, crate::record::Language::En)?;
    let withdrawal = Withdrawal { import: id.to_owned(), by: who(args), reason };
    recorder.commit([Event::ImportWithdrawn(withdrawal)])?;
    output::tell(&format!("import {id} is withdrawn; it stays on record"));
    Ok(Exit::Passed)
}
