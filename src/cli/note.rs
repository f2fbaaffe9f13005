//! `jalon note`: what people saw, suppose, fear, decided and did, in a journal of its own.

use super::{
    Error, Exit,
    open::{self, TakeOver},
    output,
};
use crate::{
    record::{
        Event, Line, Record, StepId,
        event::{Note, NoteKind, NoteLine},
    },
    report,
    store::{Journal, Runs, imports, journal},
    support::{host, text},
};
use clap::Args;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::json;
use std::{
    collections::BTreeSet,
    io::{self, BufRead, IsTerminal, Write},
    path::Path,
};

/// Arguments of `note`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon note observation \"GC pause of 2 s on broker 2\" --step 3\n  jalon note hypothesis \"ZooKeeper is slow\" --check \"avg latency of 4lw mntr\"\n  jalon note decision \"4 vCPU: twice the threads\" --about num.io.threads\n  jalon note action \"ask for a disk\" --amends 7\n  jalon note --list\n  jalon note --unclassified\n  jalon note risk --line 2026-03-02-1:14     take that line of an import\n  jalon note --classify                      the same in a dialogue"
)]
pub(super) struct NoteArgs {
    /// Which sort of note.
    #[arg(value_enum, required_unless_present_any = ["list", "unclassified", "classify"])]
    kind: Option<Kind>,
    /// The text; that of the line where `--line` names one.
    #[arg(required_unless_present_any = ["list", "unclassified", "classify", "line"])]
    text: Option<String>,
    /// The step that it is about.
    #[arg(long, value_name = "N")]
    step: Option<u32>,
    /// What else it is about: a setting that was changed, an artifact.
    #[arg(long, value_name = "NAME")]
    about: Option<String>,
    /// What would verify the hypothesis.
    #[arg(long, value_name = "TEXT")]
    check: Option<String>,
    /// The day that it is about; today otherwise.
    #[arg(long, value_name = "YYYY-MM-DD")]
    day: Option<Date>,
    /// Number of the note that it takes the place of; that one stays on record.
    #[arg(long, value_name = "N")]
    amends: Option<u64>,
    /// The line of an imported file that it classifies.
    #[arg(long, value_name = "IMPORT:LINE", value_parser = line)]
    line: Option<NoteLine>,
    /// Instead: list the notes.
    #[arg(long, conflicts_with_all = ["kind", "text", "unclassified", "classify"])]
    list: bool,
    /// Instead: list the lines of imported files that are notes nobody has classified.
    #[arg(long, conflicts_with_all = ["kind", "text", "classify"])]
    unclassified: bool,
    /// Instead: ask what each of those lines is.
    #[arg(long, conflicts_with_all = ["kind", "text"])]
    classify: bool,
    /// The list as JSON.
    #[arg(long)]
    json: bool,
    /// Who says it; the login name otherwise.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    #[command(flatten)]
    take_over: TakeOver,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Kind {
    /// To be done.
    Action,
    /// Work on dashboards and monitoring: missing, corrected, left.
    Dashboard,
    /// Decided.
    Decision,
    /// Supposed; to be validated.
    Hypothesis,
    /// Seen.
    Observation,
    /// Feared.
    Risk,
    /// Work on security: done, left.
    Security,
}

impl From<Kind> for NoteKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Action => Self::Action,
            Kind::Dashboard => Self::Dashboard,
            Kind::Decision => Self::Decision,
            Kind::Hypothesis => Self::Hypothesis,
            Kind::Observation => Self::Observation,
            Kind::Risk => Self::Risk,
            Kind::Security => Self::Security,
        }
    }
}

/// `IMPORT:LINE`.
fn line(text: &str) -> Result<NoteLine, String> {
    let wrong = || format!("`{text}` is not of the form IMPORT:LINE, as `2026-03-02-1:14`");
    let (import, line) = text.rsplit_once(':').ok_or_else(wrong)?;
    Ok(NoteLine { import: import.to_owned(), line: line.parse().map_err(|_| wrong())? })
}

fn usage(message: impl Into<String>, hint: &str) -> Error {
    Error::Usage { message: message.into(), hint: hint.to_owned() }
}

/// Notes something, or lists what was noted; also while a run is in progress.
pub(super) fn run(dir: &Path, args: &NoteArgs) -> Result<Exit, Error> {
    let runs = Runs::of_campaign(dir);
    if args.list {
        return list(&notes(&runs)?, args.json);
    }
    if args.unclassified {
        return show_open(&open_lines(&runs)?, args.json);
    }
    if args.classify {
        return classify(&runs, args);
    }
    let Some(kind) = args.kind else {
        return Err(usage("no sort of note", "as in `jalon note observation \"…\"`"));
    };
    let text = match (&args.text, &args.line) {
        (Some(text), _) => text.clone(),
        (None, Some(wanted)) => line_of(&runs, wanted)?.text,
        (None, None) => String::new(),
    };
    if text.trim().is_empty() {
        return Err(usage("the text is empty", "the report shows it as it is written"));
    }
    if let Some(amends) = args.amends
        && !notes(&runs)?.iter().any(|(record, _)| record.seq == amends)
    {
        return Err(usage(format!("there is no note {amends}"), "`jalon note --list` has their numbers"));
    }
    let note = Note {
        step: args.step.map(StepId),
        about: args.about.clone(),
        check: args.check.clone(),
        day: args.day,
        amends: args.amends,
        line: args.line.clone(),
        ..Note::new(kind.into(), who(args), text)
    };
    let seq = add(&runs, args, note)?;
    output::tell(&format!("noted, as note {seq}"));
    Ok(Exit::Passed)
}

fn who(args: &NoteArgs) -> String {
    args.by.clone().unwrap_or_else(host::operator)
}

/// Every note of the campaign.
fn notes(runs: &Runs) -> Result<Vec<(Record, Note)>, Error> {
    let path = runs.notes().journal();
    if !path.exists() {
        return Ok(Vec::new());
    }
    let note = |record: Record| match &record.event {
        Event::NoteAdded(note) => Some((record.clone(), note.clone())),
        _ => None,
    };
    Ok(journal::read(&path)?.records.into_iter().filter_map(note).collect())
}

/// Puts a note on record; its number.
fn add(runs: &Runs, args: &NoteArgs, note: Note) -> Result<u64, Error> {
    let notes = runs.notes();
    std::fs::create_dir_all(&notes.path).map_err(|cause| Error::Disk {
        verb: "make",
        path: notes.path.clone(),
        cause,
    })?;
    let _lock = open::lock(&notes.lock(), "note", args.take_over)?;
    let mut journal = match notes.journal().exists() {
        true => Journal::open(&notes.journal())?.0,
        false => Journal::create(&notes.journal())?,
    };
    let records = journal.append(Timestamp::now(), vec![Event::NoteAdded(note)])?;
    Ok(records.last().map_or(0, |r| r.seq))
}

/// A line of an imported file that is a note, and the day of the import.
#[derive(Debug)]
struct OpenLine {
    place: NoteLine,
    day: Date,
    text: String,
    suggested: Option<NoteKind>,
}

/// The notes of every import that counts, whether classified or not.
fn lines(runs: &Runs) -> Result<Vec<OpenLine>, Error> {
    let mut found = Vec::new();
    for imported in imports::read(runs)?.into_iter().filter(|i| i.withdrawn.is_none()) {
        let import = &imported.import;
        let reading = imports::reading(runs, import).map_err(|e| {
            usage(
                format!("import {} cannot be used: {e}", import.id),
                "`jalon import --withdraw` leaves it out",
            )
        })?;
        found.extend(reading.notes.into_iter().map(|line: Line| OpenLine {
            place: NoteLine { import: import.id.clone(), line: line.line },
            day: import.day,
            suggested: line.sort_by_first_word(),
            text: line.text,
        }));
    }
    Ok(found)
}

/// The lines that nobody has classified.
fn open_lines(runs: &Runs) -> Result<Vec<OpenLine>, Error> {
    let classified: BTreeSet<NoteLine> = notes(runs)?.into_iter().filter_map(|(_, note)| note.line).collect();
    Ok(lines(runs)?.into_iter().filter(|line| !classified.contains(&line.place)).collect())
}

fn line_of(runs: &Runs, wanted: &NoteLine) -> Result<OpenLine, Error> {
    lines(runs)?.into_iter().find(|line| line.place == *wanted).ok_or_else(|| {
        usage(
            format!("line {} of import {} is no note", wanted.line, wanted.import),
            "`jalon note --unclassified` lists those there are",
        )
    })
}

fn list(notes: &[(Record, Note)], as_json: bool) -> Result<Exit, Error> {
    let amended = |seq: u64| notes.iter().find(|(_, note)| note.amends == Some(seq)).map(|(r, _)| r.seq);
    if as_json {
        let rows = notes.iter().map(|(record, note)| {
            json!({"number": record.seq, "at": record.at, "amended_by": amended(record.seq), "note": note})
        });
        output::print_json(&rows.collect::<Vec<_>>())?;
        return Ok(Exit::Passed);
    }
    if notes.is_empty() {
        output::print("no notes\n")?;
        return Ok(Exit::Passed);
    }
    let zone = TimeZone::system();
    let rows = notes.iter().map(|(record, note)| {
        let mut text = text::one_line(&note.text).to_string();
        if let Some(by) = amended(record.seq) {
            text = format!("(amended by {by}) {text}");
        }
        let step = note.step.map(|s| s.to_string()).unwrap_or_default();
        let at = record.at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
        vec![record.seq.to_string(), at, word(note.kind).to_owned(), step, note.by.clone(), text]
    });
    output::print(&report::grid(
        &["#", "when", "sort", "step", "by", "text"],
        &rows.collect::<Vec<_>>(),
        report::WIDTH,
    ))?;
    Ok(Exit::Passed)
}

fn show_open(lines: &[OpenLine], as_json: bool) -> Result<Exit, Error> {
    if as_json {
        let rows = lines.iter().map(
            |l| json!({"import": l.place.import, "line": l.place.line, "day": l.day, "text": l.text, "suggested": l.suggested}),
        );
        output::print_json(&rows.collect::<Vec<_>>())?;
        return Ok(Exit::Passed);
    }
    if lines.is_empty() {
        output::print("every note of the imports is classified\n")?;
        return Ok(Exit::Passed);
    }
    let rows = lines.iter().map(|l| {
        let place = format!("{}:{}", l.place.import, l.place.line);
        let suggested = l.suggested.map_or("", word);
        vec![place, suggested.to_owned(), text::one_line(&l.text).to_string()]
    });
    output::print(&report::grid(
        &["line", "first word says", "text"],
        &rows.collect::<Vec<_>>(),
        report::WIDTH,
    ))?;
    Ok(Exit::Passed)
}

fn word(kind: NoteKind) -> &'static str {
    match kind {
        NoteKind::Action => "action",
        NoteKind::Dashboard => "dashboard",
        NoteKind::Decision => "decision",
        NoteKind::Hypothesis => "hypothesis",
        NoteKind::Observation => "observation",
        NoteKind::Risk => "risk",
        NoteKind::Security => "security",
    }
}

/// Asks of each line what it is.
fn classify(runs: &Runs, args: &NoteArgs) -> Result<Exit, Error> {
    let open = open_lines(runs)?;
    if open.is_empty() {
        output::print("every note of the imports is classified\n")?;
        return Ok(Exit::Passed);
    }
    if !io::stdin().is_terminal() {
        return Err(usage(
            "there is no terminal to ask at",
            "`jalon note --unclassified` lists the lines, `jalon note KIND --line IMPORT:LINE` classifies one",
        ));
    }
    let count = open.len();
    for (at, line) in open.into_iter().enumerate() {
        output::tell(&format!(
            "[{}/{count}] {}:{}  {}",
            at + 1,
            line.place.import,
            line.place.line,
            line.text
        ));
        let Some(kind) = ask(line.suggested)? else { continue };
        let Answer::Kind(kind) = kind else { break };
        let note =
            Note { day: Some(line.day), line: Some(line.place), ..Note::new(kind, who(args), line.text) };
        add(runs, args, note)?;
    }
    Ok(Exit::Passed)
}

enum Answer {
    Kind(NoteKind),
    Quit,
}

/// What the line is; none where it stays unclassified.
fn ask(suggested: Option<NoteKind>) -> Result<Option<Answer>, Error> {
    let tty = |cause| Error::Disk { verb: "read", path: "standard input".into(), cause };
    loop {
        let default = suggested.map_or("leave", word);
        let mut err = io::stderr().lock();
        let _ = write!(
            err,
            "  o observation, h hypothesis, r risk, d decision, a action, b dashboard,\n  s security, l leave, q quit [{default}]: "
        );
        let _ = err.flush();
        drop(err);
        let mut answer = String::new();
        if io::stdin().lock().read_line(&mut answer).map_err(tty)? == 0 {
            return Ok(Some(Answer::Quit));
        }
        let kind = match answer.trim().to_lowercase().as_str() {
            "" => match suggested {
                Some(kind) => kind,
                None => return Ok(None),
            },
            "l" | "leave" => return Ok(None),
            "q" | "quit" => return Ok(Some(Answer::Quit)),
            "a" | "action" => NoteKind::Action,
            "b" | "dashboard" => NoteKind::Dashboard,
            "d" | "decision" => NoteKind::Decision,
            "h" | "hypothesis" => NoteKind::Hypothesis,
            "o" | "observation" => NoteKind::Observation,
            "r" | "risk" => NoteKind::Risk,
            "s" | "security" => NoteKind::Security,
            other => {
                output::tell(&format!("  `{other}` is none of them"));
                continue;
            }
        };
        return Ok(Some(Answer::Kind(kind)));
    }
}
