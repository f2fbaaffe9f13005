//! The lines that people wrote into imported files, in their places: by part of the day, details with what they belong
//! to.

use super::{input::Input, places::place};
use crate::{
    perf_output::{self, Part, Period, Placed},
    record::{
        Event, Line, Reading,
        event::{NoteKind, NoteLine},
    },
    report::{
        language::{Language, Word},
        model::{LineRow, Reference},
    },
};
use std::collections::BTreeMap;

/// A line that says something.
#[derive(Debug, Clone)]
pub(super) struct NotedLine {
    pub(super) import: usize,
    /// Its place among the notes of the import.
    pub(super) at: usize,
    /// What it says.
    pub(super) text: String,
    /// Which sort of note it is, where that can be told.
    pub(super) kind: Option<NoteKind>,
    /// Whether a note of a person, or `--by-rules`, says so.
    pub(super) is_by_note: bool,
    /// Whether it is of the mail that is answered: context, and no note of the author's.
    pub(super) is_quoted: bool,
    /// How that is known.
    rule: String,
    /// Whether it stands below a heading of problems or calls itself one.
    pub(super) is_trouble: bool,
    /// The part of the day that it stands under.
    pub(super) period: Option<Period>,
    /// The note that it is a detail of, by its place.
    pub(super) under: Option<usize>,
    pub(super) reference: Reference,
}

/// Every line of the imports that says something, in order, each in its place.
pub(super) fn lines(input: &Input<'_>) -> Vec<NotedLine> {
    let classified: BTreeMap<&NoteLine, NoteKind> = input
        .notes
        .iter()
        .filter_map(|record| match &record.event {
            Event::NoteAdded(note) => Some((note.line.as_ref()?, note.kind)),
            _ => None,
        })
        .collect();
    let language = input.language;
    let mut found = Vec::new();
    for (import, of) in input.imports.iter().enumerate() {
        let Ok(reading) = &of.reading else { continue };
        let placed = perf_output::outline(reading);
        for (at, (line, placed)) in reading.notes.iter().zip(placed).enumerate() {
            if placed.part != Part::Note {
                continue;
            }
            let name = NoteLine { import: of.import.id.clone(), line: line.line };
            let said = classified.get(&name).copied();
            let rule = match (said, &placed.reads_as) {
                // A person, or `--by-rules`, said what its words say too.
                (Some(kind), Some(reads)) if kind == reads.kind => {
                    language.fill(Word::ByItsWords, &[("words", &reads.words)])
                }
                (Some(_), _) => language.word(Word::ByAPerson).to_owned(),
                (None, Some(reads)) => language.fill(Word::ByItsWords, &[("words", &reads.words)]),
                (None, None) => language.word(Word::ByNobody).to_owned(),
            };
            let is_trouble =
                placed.reads_as.as_ref().is_some_and(|reads| perf_output::is_trouble(&reads.words));
            let is_quoted = said.is_none() && is_quoted(reading, line);
            let rule = if is_quoted { language.word(Word::QuotedRule).to_owned() } else { rule };
            found.push(NotedLine {
                import,
                at,
                is_by_note: said.is_some(),
                is_quoted,
                is_trouble,
                text: spaced(line.said()),
                kind: said.or(placed.reads_as.map(|r| r.kind)),
                rule,
                period: placed.period,
                under: placed.under,
                reference: place(import, of, line.line),
            });
        }
    }
    found
}

/// Whether a line is quoted in the text of somebody who answers it: where every line is, it is that text.
pub(super) fn is_quoted(reading: &Reading, line: &Line) -> bool {
    let is = |line: &Line| line.text.trim_start().starts_with('>');
    is(line) && reading.notes.iter().any(|other| !other.text.trim().is_empty() && !is(other))
}

/// The text with one blank wherever there are several.
pub(super) fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The rows of the annex: every line, which sort it is, and how that is known.
pub(super) fn rows(language: Language, lines: &[NotedLine]) -> Vec<LineRow> {
    let row = |line: &NotedLine| LineRow {
        id: line.reference.id.clone(),
        kind: language
            .word(match line.kind {
                _ if line.is_quoted => Word::Quoted,
                found => found.map_or(Word::Unclassified, kind),
            })
            .to_owned(),
        rule: line.rule.clone(),
        text: line.text.clone(),
    };
    lines.iter().map(row).collect()
}

fn kind(kind: NoteKind) -> Word {
    match kind {
        NoteKind::Action => Word::Action,
        NoteKind::Dashboard => Word::Dashboard,
        NoteKind::Decision => Word::Decision,
        NoteKind::Hypothesis => Word::Hypothesis,
        NoteKind::Observation => Word::Observation,
        NoteKind::Risk => Word::Risk,
        NoteKind::Security => Word::Security,
    }
}

/// The line of the notes that introduces the run of that number.
pub(super) fn introduction(reading: &Reading, placed: &[Placed], run: usize) -> Option<String> {
    let mut notes = reading.notes.iter().zip(placed);
    let (line, _) = notes.rfind(|(_, placed)| placed.part == Part::Introduces(run))?;
    let said = spaced(line.said()).trim_end_matches([':', '.', ' ']).to_owned();
    Some(said).filter(|said| !said.is_empty())
}

/// The part of the day that a line of the file stands under.
pub(super) fn period_of(reading: &Reading, placed: &[Placed], line: u64) -> Option<Period> {
    let mut above = reading.notes.iter().zip(placed).filter(|(note, _)| note.line < line);
    above.next_back().and_then(|(_, placed)| placed.period)
}
