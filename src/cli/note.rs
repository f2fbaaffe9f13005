//! `jalon note`: what people saw, suppose, fear, decided and did, in a journal of its own.

mod classify;

use super::{
    Error, Exit,
    open::{self, RunChoice, TakeOver},
    output,
};
use crate::{
    history::notes::{self, ImportedNote},
    record::{
        Event, Record, StepId,
        event::{Note, NoteKind, NoteLine},
    },
    report,
    store::Runs,
    support::{host, text},
};
use clap::{Args, ValueEnum, builder::PossibleValue};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::Path;

/// Arguments of `note`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon note observation \"GC pause of 2 s on broker 2\" --step 3\n  jalon note hypothesis \"ZooKeeper is slow\" --check \"avg latency of 4lw mntr\"\n  jalon note decision \"4 vCPU: twice the threads\" --about num.io.threads\n  jalon note action \"ask for a disk\" --amends 7\n  jalon note --list\n  jalon note --unclassified\n  jalon note risk --line 2026-03-02-1:14     take that line of an import\n  jalon note --classify                      the same in a dialogue\n  jalon note --classify --by-rules           where their words say it"
)]
pub(super) struct NoteArgs {
    /// Which sort of note.
    #[arg(value_enum, required_unless_present_any = ["list", "unclassified", "classify"])]
    kind: Option<Kind>,
    /// The text; that of the line where `--line` names one.
    #[arg(required_unless_present_any = ["list", "unclassified", "classify", "line"])]
    text: Option<String>,
    #[command(flatten)]
    choice: RunChoice,
    /// The step that it is about.
    #[arg(long, value_name = "N")]
    step: Option<u32>,
    /// What else it is about: a setting that was changed, an artifact.
    #[arg(long, value_name = "NAME")]
    about: Option<String>,
    /// What would verify the hypothesis.
    #[arg(long, value_name = "TEXT")]
    check: Option<String>,
    /// The day that it is about; that of the import where `--line` names one, else today.
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
    /// With `--classify`: ask nothing, and take those lines whose own words say what they are (`Risque : …`, `On
    /// constate …`); the others stay unclassified.
    #[arg(long, requires = "classify")]
    by_rules: bool,
    /// The list as JSON.
    #[arg(long)]
    json: bool,
    /// Who says it; the login name otherwise.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    #[command(flatten)]
    take_over: TakeOver,
}

/// A sort of note, as the command line takes it.
#[derive(Debug, Clone, Copy)]
struct Kind(NoteKind);

impl ValueEnum for Kind {
    fn value_variants<'a>() -> &'a [Self] {
        const KINDS: [Kind; NoteKind::ALL.len()] = {
            let mut kinds = [Kind(NoteKind::Action); NoteKind::ALL.len()];
            let mut at = 0;
            while at < kinds.len() {
                kinds[at] = Kind(NoteKind::ALL[at]);
                at += 1;
            }
            kinds
        };
        &KINDS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.word()).help(self.0.meaning()))
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
    if !args.list && !args.unclassified {
        open::learn(dir);
    }
    if args.list {
        return list(&notes::all(&runs)?, args.json);
    }
    if args.unclassified {
        return show_open(&notes::unclassified(&runs)?, args.json);
    }
    if args.classify {
        return classify::classify(&runs, args);
    }
    let Some(kind) = args.kind else {
        return Err(usage("no sort of note", "as in `jalon note observation \"…\"`"));
    };
    let line = args.line.as_ref().map(|wanted| notes::line(&runs, wanted)).transpose()?;
    let text = args.text.clone().or_else(|| Some(line.as_ref()?.text.clone())).unwrap_or_default();
    if text.trim().is_empty() {
        return Err(usage("the text is empty", "the report shows it as it is written"));
    }
    if let Some(amends) = args.amends
        && !notes::all(&runs)?.iter().any(|(record, _)| record.seq == amends)
    {
        return Err(usage(format!("there is no note {amends}"), "`jalon note --list` has their numbers"));
    }
    let run = match (&args.choice.run, &line) {
        // What was done by hand belongs to no run.
        (None, Some(_)) => None,
        (None, None) => runs.list().ok().and_then(|runs| Some(runs.last()?.run.clone())),
        (Some(_), _) => Some(open::run_dir(dir, &args.choice)?.run),
    };
    let note = Note {
        run,
        step: args.step.map(StepId),
        about: args.about.clone(),
        check: args.check.clone(),
        day: args.day.or(line.map(|line| line.day)),
        amends: args.amends,
        line: args.line.clone(),
        ..Note::new(kind.0, who(args), text)
    };
    let seq = add(&runs, args, note)?;
    output::tell(&format!("noted, as note {seq}"));
    Ok(Exit::Passed)
}

fn who(args: &NoteArgs) -> String {
    args.by.clone().unwrap_or_else(host::operator)
}

/// Puts a note on record; its number.
fn add(runs: &Runs, args: &NoteArgs, note: Note) -> Result<u64, Error> {
    let mut recorder = open::write_soon(&runs.notes(), "note", args.take_over)?;
    recorder.commit([Event::NoteAdded(note)])?;
    Ok(recorder.state().last.map_or(0, |(seq, _)| seq))
}

/// One note, as `--list --json` prints it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Listed<'a> {
    /// Its number.
    number: u64,
    /// When it was written.
    at: Timestamp,
    /// Number of the note that takes its place; `null` where it stands.
    amended_by: Option<u64>,
    /// What it says.
    note: &'a Note,
}

/// One line of an imported file that is a note nobody has classified, as `--unclassified --json` prints it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Unclassified<'a> {
    /// Name of the import.
    import: &'a str,
    /// The line, from 1.
    line: u64,
    /// The day of the import.
    day: Date,
    /// What it says.
    text: &'a str,
    /// Which sort of note its own words say that it is; `null` where they do not say.
    suggested: Option<NoteKind>,
    /// Those words.
    because: Option<&'a str>,
}

impl<'a> Unclassified<'a> {
    fn of(line: &'a ImportedNote) -> Self {
        Self {
            import: &line.place.import,
            line: line.place.line,
            day: line.day,
            text: &line.text,
            suggested: line.reads_as.as_ref().map(|r| r.kind),
            because: line.reads_as.as_ref().map(|r| r.words.as_str()),
        }
    }
}

fn list<'a>(notes: &'a [(Record, Note)], as_json: bool) -> Result<Exit, Error> {
    let amended = |seq: u64| notes.iter().find(|(_, note)| note.amends == Some(seq)).map(|(r, _)| r.seq);
    if as_json {
        let row = |(record, note): &'a (Record, Note)| Listed {
            number: record.seq,
            at: record.at,
            amended_by: amended(record.seq),
            note,
        };
        output::print_json(&notes.iter().map(row).collect::<Vec<_>>())?;
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
        vec![record.seq.to_string(), at, note.kind.word().to_owned(), step, note.by.clone(), text]
    });
    output::print(&report::grid(
        &["#", "when", "sort", "step", "by", "text"],
        &rows.collect::<Vec<_>>(),
        report::WIDTH,
    ))?;
    Ok(Exit::Passed)
}

fn show_open(lines: &[ImportedNote], as_json: bool) -> Result<Exit, Error> {
    if as_json {
        output::print_json(&lines.iter().map(Unclassified::of).collect::<Vec<_>>())?;
        return Ok(Exit::Passed);
    }
    if lines.is_empty() {
        output::print("every note of the imports is classified\n")?;
        return Ok(Exit::Passed);
    }
    let rows = lines.iter().map(|l| {
        let place = format!("{}:{}", l.place.import, l.place.line);
        let reads_as = l.reads_as.as_ref().map(|r| format!("{} ({})", r.kind.word(), r.words));
        vec![place, reads_as.unwrap_or_default(), text::one_line(&l.text).to_string()]
    });
    output::print(&report::grid(
        &["line", "its words say", "text"],
        &rows.collect::<Vec<_>>(),
        report::WIDTH,
    ))?;
    Ok(Exit::Passed)
}
