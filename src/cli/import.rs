//! `jalon import`: work done by hand, taken into the record.

mod show;

use super::{
    Error, Exit,
    open::{self, TakeOver},
    output,
};
use crate::{
    perf_output::{self, Lines, Replacements},
    record::{Artifact, Event, Import, Reading, Scenario, StepId, Withdrawal},
    store::{Runs, imports, imports::Imported},
    support::{fingerprint, host, redact},
};
use clap::Args;
use jiff::{Timestamp, civil::Date};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// Arguments of `import`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon import notes.txt --day 2026-03-02 --dry-run     only say what it reads\n  jalon import notes.txt --day 2026-03-02 --step 3\n  kafka-producer-perf-test … 2>&1 | tee /dev/tty \\\n    | jalon import - --day 2026-03-02\n  jalon import --list\n  jalon import --withdraw 2026-03-02-1 --reason \"the wrong day\"\n\nIt reads what kafka-producer-perf-test, kafka-consumer-perf-test and\nkafka-e2e-latency print, of Kafka 3.7 to 4.x, also between other lines. What it\ndoes not understand is counted and shown; what contradicts itself is said,\nnever put right."
)]
pub(super) struct ImportArgs {
    /// The file, or `-` for standard input.
    #[arg(required_unless_present_any = ["list", "withdraw"])]
    file: Option<PathBuf>,
    /// The day on which the work was done.
    #[arg(long, value_name = "YYYY-MM-DD", required_unless_present_any = ["list", "withdraw"])]
    day: Option<Date>,
    /// The step that it is about.
    #[arg(long, value_name = "N")]
    step: Option<u32>,
    /// Only show what was read.
    #[arg(long)]
    dry_run: bool,
    /// As JSON.
    #[arg(long, conflicts_with_all = ["list", "withdraw"])]
    json: bool,
    /// Instead: list what was imported.
    #[arg(long, conflicts_with_all = ["file", "day", "step", "dry_run", "withdraw"])]
    list: bool,
    /// Instead: let an import count no more. It stays on record.
    #[arg(long, value_name = "IMPORT", requires = "reason", conflicts_with_all = ["file", "day", "step", "dry_run"])]
    withdraw: Option<String>,
    /// Why it is withdrawn.
    #[arg(long, requires = "withdraw")]
    reason: Option<String>,
    /// Who imports or withdraws; the login name otherwise.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    #[command(flatten)]
    take_over: TakeOver,
}

/// Imports, lists or withdraws.
pub(super) fn run(dir: &Path, args: &ImportArgs) -> Result<Exit, Error> {
    let runs = Runs::of_campaign(dir);
    if args.list {
        output::print(&show::list(&imports::read(&runs)?))?;
        return Ok(Exit::Passed);
    }
    if let Some(id) = &args.withdraw {
        return withdraw(&runs, args, id);
    }
    let (Some(file), Some(day)) = (&args.file, args.day) else {
        return Err(usage("no file and no day", "name both: `jalon import notes.txt --day 2026-03-02`"));
    };
    let source = Source::open(file)?;
    let read = source.read(day)?;
    if args.json {
        output::print_json(&read.reading)?;
    } else {
        output::print(&show::reading(&read.reading))?;
    }
    if args.dry_run {
        return Ok(Exit::Passed);
    }
    if read.reading.scenarios.is_empty() && read.reading.notes_in_all() == 0 {
        return Err(usage(
            "nothing in it was understood, and nothing is put on record",
            "it must hold what Kafka's performance tools print, or a person's notes",
        ));
    }
    keep(&runs, args, &source, day, &read)
}

fn usage(message: impl Into<String>, hint: &str) -> Error {
    Error::Usage { message: message.into(), hint: hint.to_owned() }
}

fn who(args: &ImportArgs) -> String {
    args.by.clone().unwrap_or_else(host::operator)
}

/// The file that is read; what came by standard input is kept in one for as long as that takes.
struct Source {
    path: PathBuf,
    name: String,
    _standard_input: Option<tempfile::NamedTempFile>,
}

/// What one reading of the file gave.
struct Taken {
    reading: Reading,
    replacements: Replacements,
    sha256: String,
}

impl Source {
    fn open(file: &Path) -> Result<Self, Error> {
        let disk = |verb, path: &Path| {
            let path = path.to_owned();
            move |cause| Error::Disk { verb, path, cause }
        };
        if file.as_os_str() == "-" {
            let copy = tempfile::NamedTempFile::new().map_err(disk("write", &std::env::temp_dir()))?;
            io::copy(&mut io::stdin().lock(), &mut copy.as_file())
                .map_err(disk("read", Path::new("standard input")))?;
            let path = copy.path().to_owned();
            return Ok(Self { path, name: "standard input".to_owned(), _standard_input: Some(copy) });
        }
        match file.metadata() {
            Ok(about) if about.is_dir() => {
                return Err(usage(format!("{} is a folder", file.display()), "name a file in it"));
            }
            Ok(_) => {}
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return Err(usage(
                    format!("there is no file {}", file.display()),
                    "name the file as seen from here; `-C` moves the campaign's folder alone",
                ));
            }
            Err(cause) => return Err(disk("read", file)(cause)),
        }
        let name =
            file.file_name().map_or_else(|| file.display().to_string(), |n| n.to_string_lossy().into_owned());
        Ok(Self { path: file.to_owned(), name, _standard_input: None })
    }

    fn read(&self, day: Date) -> Result<Taken, Error> {
        let taken = || -> io::Result<Taken> {
            let mut hashed = Hashed { from: File::open(&self.path)?, hash: Sha256::new() };
            let (reading, replacements) = perf_output::read(&mut hashed, Some(day))?;
            Ok(Taken { reading, replacements, sha256: fingerprint::hex(&hashed.hash.finalize()) })
        };
        taken().map_err(|cause| Error::Disk { verb: "read", path: self.path.clone(), cause })
    }

    /// Writes its text, secrets masked, and says whether it is still what was read.
    fn copy(&self, taken: &Taken, out: &mut impl Write) -> io::Result<bool> {
        let mut hashed = Hashed { from: File::open(&self.path)?, hash: Sha256::new() };
        let mut number = 0;
        Lines::new(&mut hashed).for_each(|line| {
            number += 1;
            match taken.replacements.get(&number) {
                Some(replacement) => out.write_all(replacement.as_bytes())?,
                None => match std::str::from_utf8(line) {
                    Ok(text) => out.write_all(redact::mask(text).as_bytes())?,
                    Err(_) => out.write_all(redact::mask(&perf_output::decoded(line)).as_bytes())?,
                },
            }
            out.write_all(b"\n")
        })?;
        Ok(fingerprint::hex(&hashed.hash.finalize()) == taken.sha256)
    }
}

/// Hashes what passes through.
struct Hashed<R> {
    from: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.hash.update(&buffer[..read]);
        Ok(read)
    }
}

/// Puts it on record: the artifacts first, then the record that names them.
fn keep(runs: &Runs, args: &ImportArgs, source: &Source, day: Date, taken: &Taken) -> Result<Exit, Error> {
    let own = runs.imports();
    let disk = |verb, path: &Path| {
        let path = path.to_owned();
        move |cause| Error::Disk { verb, path, cause }
    };
    std::fs::create_dir_all(&own.path).map_err(disk("make", &own.path))?;
    let _lock = open::lock(&own.lock(), "import", args.take_over)?;
    let known = imports::read(runs)?;
    let same =
        |i: &&Imported| i.withdrawn.is_none() && i.import.day == day && i.import.sha256 == taken.sha256;
    if let Some(same) = known.iter().find(same) {
        let of_step = same.import.step.map(|step| format!(" for step {step}")).unwrap_or_default();
        output::tell(&format!(
            "nothing added: the same file is on record for {day} as {}{of_step}; `jalon import --withdraw {} --reason …` takes \
             that back",
            same.import.id, same.import.id
        ));
        return Ok(Exit::Passed);
    }
    let id = imports::next_id(&known, day);
    let folder = imports::folder(runs, &id);
    let mut writer = folder.create("source.txt", "text/plain; charset=utf-8").map_err(open::not_stored)?;
    let unchanged = source.copy(taken, &mut writer).map_err(disk("copy", &source.path))?;
    if !unchanged {
        return Err(Error::Disk {
            verb: "read",
            path: source.path.clone(),
            cause: io::Error::other("it changed while it was read"),
        });
    }
    let stored: Artifact = writer.finish().map_err(open::not_stored)?;
    let reading = folder.write_json("reading.json", &taken.reading).map_err(open::not_stored)?;
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
        sha256: taken.sha256.clone(),
        source: stored,
        reading,
        scenarios: taken.reading.scenarios.iter().map(brief).collect(),
        notes: taken.reading.notes_in_all(),
        not_understood: taken.reading.not_understood_in_all(),
    };
    imports::open(&own)?.append(Timestamp::now(), vec![Event::ImportAdded(Box::new(import))])?;
    output::tell(&format!("on record as {id}"));
    Ok(Exit::Passed)
}

fn withdraw(runs: &Runs, args: &ImportArgs, id: &str) -> Result<Exit, Error> {
    let reason = args.reason.clone().unwrap_or_default();
    if reason.trim().is_empty() {
        return Err(usage("the reason is empty", "who reads the report asks why it counts no more"));
    }
    let own = runs.imports();
    let known = imports::read(runs)?;
    let ids: Vec<&str> =
        known.iter().filter(|i| i.withdrawn.is_none()).map(|i| i.import.id.as_str()).collect();
    if !ids.contains(&id) {
        let hint = match ids.is_empty() {
            true => "there is none that counts".to_owned(),
            false => format!("those that count: {}", ids.join(", ")),
        };
        return Err(usage(format!("`{id}` is no import that counts"), &hint));
    }
    let _lock = open::lock(&own.lock(), "import", args.take_over)?;
    let withdrawal = Withdrawal { import: id.to_owned(), by: who(args), reason };
    imports::open(&own)?.append(Timestamp::now(), vec![Event::ImportWithdrawn(withdrawal)])?;
    output::tell(&format!("{id} counts no more; it stays on record"));
    Ok(Exit::Passed)
}
