//! Arguments of `jalon note`, and what becomes of each note that they give.

use crate::{
    cli::{
        CommandError,
        open::{self, RunChoice, TakeOver},
    },
    record::{
        Event,
        event::{Note, NoteKind, NoteLine},
    },
    store::Runs,
    support::host,
};
use clap::{Args, ValueEnum, builder::PossibleValue};
use jiff::civil::Date;

/// Arguments of `note`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon note observation \"GC pause of 2 s on broker 2\" --step 3\n  jalon note hypothesis \"ZooKeeper is slow\" --check \"avg latency of 4lw mntr\"\n  jalon note decision \"4 vCPU: twice the threads\" --about num.io.threads\n  jalon note action \"ask for a disk\" --amends 7\n  jalon note --list\n  jalon note --unclassified\n  jalon note risk --line 2026-03-02-1:14     classify this line of an import\n  jalon note --classify                      classify all of them in a dialogue\n  jalon note --classify --by-rules           classify by the words of each line"
)]
pub(in crate::cli) struct NoteArgs {
    /// Kind of note.
    #[arg(value_enum, required_unless_present_any = ["list", "unclassified", "classify"])]
    pub(super) kind: Option<Kind>,
    /// The text. Default with `--line`: the text of that line.
    #[arg(required_unless_present_any = ["list", "unclassified", "classify", "line"])]
    pub(super) text: Option<String>,
    #[command(flatten)]
    pub(super) choice: RunChoice,
    /// Number of the step that it is about.
    #[arg(long, value_name = "N")]
    pub(super) step: Option<u32>,
    /// Subject: a setting that was changed, an artifact.
    #[arg(long, value_name = "NAME")]
    pub(super) about: Option<String>,
    /// How to verify the hypothesis.
    #[arg(long, value_name = "TEXT")]
    pub(super) check: Option<String>,
    /// Day that it is about. Default: the day of the import (with `--line`), else today.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = open::day)]
    pub(super) day: Option<Date>,
    /// Number of the note that this one replaces; that note stays on record.
    #[arg(long, value_name = "N")]
    pub(super) amends: Option<u64>,
    /// Line of an imported file that this note classifies.
    #[arg(long, value_name = "IMPORT:LINE", value_parser = line)]
    pub(super) line: Option<NoteLine>,
    /// List the notes.
    #[arg(long, conflicts_with_all = ["kind", "text", "unclassified", "classify"])]
    pub(super) list: bool,
    /// List the notes in imported files that are not classified yet.
    #[arg(long, conflicts_with_all = ["kind", "text", "classify"])]
    pub(super) unclassified: bool,
    /// Ask for the kind of each of those lines.
    #[arg(long, conflicts_with_all = ["kind", "text"])]
    pub(super) classify: bool,
    /// With `--classify`: classify without questions, by the words of each line (`Risque : …`, `On
    /// constate …`); the other lines stay unclassified.
    #[arg(long, requires = "classify")]
    pub(super) by_rules: bool,
    /// Print the list as JSON.
    #[arg(long)]
    pub(super) json: bool,
    /// Author. Default: the login name.
    #[arg(long, value_name = "NAME")]
    pub(super) by: Option<String>,
    #[command(flatten)]
    pub(super) take_over: TakeOver,
}

/// A sort of note, as the command line takes it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind(pub(super) NoteKind);

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

pub(super) fn usage(message: impl Into<String>, hint: &str) -> CommandError {
    CommandError::Usage { message: message.into(), hint: hint.to_owned() }
}

pub(super) fn who(args: &NoteArgs) -> String {
    args.by.clone().unwrap_or_else(host::operator)
}

/// Puts a note on record; its number.
pub(super) fn add(runs: &Runs, args: &NoteArgs, note: Note) -> Result<u64, CommandError> {
    let mut recorder = open::write_soon(&runs.notes(), "note", args.take_over, crate::record::Language::En)?;
    recorder.commit([Event::NoteAdded(note)])?;
    Ok(recorder.state().last.map_or(0, |(seq, _)| seq))
}
