//! `jalon note`: what people saw, suppose, fear, decided and did, in a journal of its own.

mod classify;
mod writing;

use super::{CommandError, Exit, open, output};
use crate::{
    history::{
        self,
        notes::{self, ImportedNote},
    },
    record::{
        Record, Said, StepId,
        event::{Note, NoteKind},
    },
    report,
    store::Runs,
    support::text,
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::Path;
pub(super) use writing::NoteArgs;
use writing::{add, usage, who};

/// Notes something, or lists what was noted; also while a run is in progress.
pub(super) fn run(dir: &Path, args: &NoteArgs) -> Result<Exit, CommandError> {
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
        return Err(usage("the kind of note is missing", "write it first: `jalon note observation \"…\"`"));
    };
    let line = args.line.as_ref().map(|wanted| notes::line(&runs, wanted)).transpose()?;
    if let Some(wanted) = &args.line
        && args.amends.is_none()
        && let Some((there, _)) =
            notes::all(&runs)?.into_iter().find(|(_, note)| note.line.as_ref() == Some(wanted))
    {
        let (import, line, seq) = (&wanted.import, wanted.line, there.seq);
        return Err(usage(
            format!("line {line} of import {import} is note {seq} already"),
            &format!("`--amends {seq}` corrects it"),
        ));
    }
    let text = args.text.clone().or_else(|| Some(line.as_ref()?.text.clone())).unwrap_or_default();
    if text.trim().is_empty() {
        return Err(usage("the text is empty", "the report shows it as it is written"));
    }
    if let Some(amends) = args.amends
        && !notes::all(&runs)?.iter().any(|(record, _)| record.seq == amends)
    {
        return Err(usage(format!("note {amends} not found"), "`jalon note --list` has their numbers"));
    }
    let run = match (&args.choice.run, &line) {
        // What was done by hand belongs to no run.
        (None, Some(_)) => None,
        (None, None) => runs.list().ok().and_then(|runs| Some(runs.last()?.run.clone())),
        (Some(_), _) => Some(open::run_dir(dir, &args.choice)?.run),
    };
    if let (Some(run), Some(step)) = (&run, args.step)
        && let Ok((_, state)) = history::read(&runs.get(run))
        && !state.steps.is_empty()
    {
        history::step(run, &state, StepId(step))?;
    }
    let note = Note {
        run,
        step: args.step.map(StepId),
        about: args.about.clone(),
        check: args.check.clone(),
        day: args.day.or(line.map(|line| line.day)),
        amends: args.amends,
        line: args.line.clone(),
        ..Note::new(kind.0, who(args), Said::verbatim(text))
    };
    let seq = add(&runs, args, note)?;
    output::tell(&format!("noted, as note {seq}"));
    Ok(Exit::Passed)
}

/// One note, as `--list --json` prints it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Listed<'a> {
    /// Number of the note, as `--amends` takes it.
    number: u64,
    /// When it was written.
    at: Timestamp,
    /// Number of the note that takes its place; `null` where it stands.
    amended_by: Option<u64>,
    /// Kind, author, text and subject of the note.
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
    /// Text of the line, secrets masked.
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

fn list<'a>(notes: &'a [(Record, Note)], as_json: bool) -> Result<Exit, CommandError> {
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
        let at = report::Language::En.minute(record.at, &zone);
        vec![record.seq.to_string(), at, note.kind.word().to_owned(), step, note.by.clone(), text]
    });
    output::print(&report::grid(
        &["#", "when", "sort", "step", "by", "text"],
        &rows.collect::<Vec<_>>(),
        report::WIDTH,
    ))?;
    Ok(Exit::Passed)
}

fn show_open(lines: &[ImportedNote], as_json: bool) -> Result<Exit, CommandError> {
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
