//! What people noted, and sentences with what they rest on.

use super::{context::Build, input::Input};
use crate::{
    record::{Event, Language, Said, Unit, Value, event::Note},
    report::model::{Figure, Reference, Statement},
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// The folder of the journal of notes.
const NOTES: &str = "notes";

/// A sentence and what it rests on.
pub(in crate::report) fn said(text: String, evidence: impl IntoIterator<Item = Reference>) -> Statement {
    Statement { text, author: None, evidence: evidence.into_iter().collect(), figures: Vec::new() }
}

/// The measured values in a sentence that the journal has, as the figures that they are.
pub(super) fn recorded(language: Language, sentence: &Said, evidence: Option<&Reference>) -> Vec<Figure> {
    let figure = |(number, unit, text): (f64, Unit, String)| {
        Figure::new(&Value::number(number, unit), text, evidence.cloned())
    };
    sentence.quantities(language).into_iter().map(figure).collect()
}

/// A note, when it was made and where it is.
pub(super) type Noted<'a> = (Timestamp, &'a Note, Reference);

fn note(event: &Event) -> Option<&Note> {
    match event {
        Event::NoteAdded(note) => Some(note),
        _ => None,
    }
}

/// Notes of the campaign that were made in the time of the report and that no later note amends.
pub(super) fn notes_of_campaign<'a>(input: &'a Input<'a>) -> Vec<Noted<'a>> {
    let notes = || input.notes.iter().filter_map(|r| Some((r, note(&r.event)?)));
    let amended: BTreeSet<u64> = notes().filter_map(|(_, note)| note.amends).collect();
    notes()
        .filter(|(record, note)| {
            let of_the_time = match note.day {
                Some(day) => (input.from..=input.day).contains(&day),
                None => input.covers(record.at),
            };
            of_the_time && !amended.contains(&record.seq)
        })
        .map(|(record, note)| {
            let reference = Reference::record(format!("N{}", record.seq), NOTES, record.seq);
            (record.at, note, reference)
        })
        .collect()
}

impl<'a> Build<'a> {
    /// Notes that stand in the run's own journal.
    pub(super) fn notes(&self) -> impl Iterator<Item = Noted<'a>> {
        let records = self.run.records.iter();
        records.filter_map(|r| Some((r.at, note(&r.event)?, self.trace.record(r.seq))))
    }
}

/// Who noted it, and when.
pub(in crate::report) fn author(input: &Input<'_>, at: Timestamp, note: &Note) -> String {
    format!("{}, {}", note.by, input.language.moment(at, &input.zone))
}
