//! What each line that a person wrote is to the ones around it: a title, a heading, the name of the run below it, a detail
//! of the line above it, or a note of its own.
//!
//! A line says first by its own words which sort of note it is; what its words say in passing gives way to the heading
//! above it, and a detail goes with the line that it belongs to.

use super::{
    language, learnt,
    placed::{Part, Placed},
    reading_as::{ReadsAs, is_silent, strongly, weakly},
    structure::{Period, Shape, cells, columns, heading, is_frame, is_name, shape},
    words::Words,
};
use crate::record::{Reading, event::NoteKind};

/// Every note of `reading` in its place, in their order.
pub fn outline(reading: &Reading) -> Vec<Placed> {
    let mut placed = by_rules(reading);
    if !is_foreign(reading) {
        learnt::weigh(reading, &mut placed);
    }
    placed
}

fn is_foreign(reading: &Reading) -> bool {
    language::is_foreign(reading.notes.iter().map(|n| n.text.as_str()))
}

/// The same by the rules alone.
pub(super) fn by_rules(reading: &Reading) -> Vec<Placed> {
    let mut walk = Walk { foreign: is_foreign(reading), ..Walk::default() };
    for at in 0..reading.notes.len() {
        let placed = walk.place(reading, at);
        walk.placed.push(placed);
    }
    walk.placed
}

/// What is open above a line.
#[derive(Default)]
struct Walk {
    /// Whether the text is in a language that is not read.
    foreign: bool,
    heading: Option<ReadsAs>,
    period: Option<Period>,
    /// Lines above this one, each with its depth, that it may be a detail of.
    open: Vec<(usize, usize)>,
    /// What each column of the table that goes on holds.
    columns: Option<Vec<Option<(NoteKind, &'static str)>>>,
    /// Whether the heading stands in the table itself.
    table_heading: bool,
    placed: Vec<Placed>,
}

impl Walk {
    fn place(&mut self, reading: &Reading, at: usize) -> Placed {
        let line = &reading.notes[at];
        let shape = shape(line.indent, &line.text);
        let row = cells(&line.text);
        if row.is_none() {
            (self.columns, self.table_heading) = (None, false);
        }
        if shape.said.is_empty() || is_frame(shape.said, at) || self.is_top(reading, at, &shape) {
            return self.structure(Part::Frame);
        }
        if let Some(row) = &row
            && self.columns.is_none()
            && let Some(columns) = columns(row)
        {
            self.columns = Some(columns);
            return self.structure(Part::Frame);
        }
        let words = Words::of(shape.said);
        if let Some(scenario) = introduced(reading, at, &words) {
            self.open.clear();
            return self.structure(Part::Introduces(scenario));
        }
        let next = reading.notes.get(at + 1).map(|next| super::structure::shape(next.indent, &next.text));
        let leads =
            next.as_ref().is_some_and(|next| next.depth > shape.depth || next.is_item && !shape.is_item);
        let alone = row.as_deref().and_then(only);
        let of_row = alone.map(|said| Shape { depth: 0, said, is_item: false, is_heading: true });
        if (row.is_none() || of_row.is_some())
            && let Some(found) = heading(of_row.as_ref().unwrap_or(&shape), leads)
        {
            self.table_heading = of_row.is_some();
            self.heading =
                found.sort.filter(|_| !self.foreign).map(|(kind, words)| ReadsAs::new(kind, words));
            self.period = found.period.or(self.period.filter(|_| found.sort.is_some()));
            self.open.clear();
            return self.structure(Part::Heading);
        }
        // Below the last line of a mail.
        let ends = next.is_none()
            || reading.notes.get(at + 1).is_some_and(|next| {
                next.text.starts_with('>') != line.text.starts_with('>')
                    || is_frame(super::structure::shape(0, &next.text).said, at + 1)
            });
        if ends
            && !shape.is_item
            && is_name(shape.said)
            && strongly(&words).is_none()
            && weakly(&words).is_none()
        {
            return self.structure(Part::Frame);
        }
        self.note(&shape, &words, row.as_deref())
    }

    /// Whether the line is the title of the text, or says who, where and for whom it was written.
    fn is_top(&self, reading: &Reading, at: usize, shape: &Shape<'_>) -> bool {
        if at > 5
            || reading.notes.len() < 5
            || shape.is_item
            || self.placed.iter().any(|p| p.part != Part::Frame)
        {
            return false;
        }
        let words = Words::of(shape.said);
        let of_somebody = shape.said.split_once(':').is_some_and(|(label, rest)| {
            label.split_whitespace().count() <= 3
                && rest.split_whitespace().count() <= 6
                && strongly(&words).is_none()
                && heading(shape, false).is_none()
        });
        of_somebody
            || at == 0
                && words.count() <= 9
                && is_silent(&words)
                && heading(shape, false).is_none_or(|h| h.sort.is_none() && h.period.is_none())
    }

    fn structure(&mut self, part: Part) -> Placed {
        Placed { part, reads_as: None, period: self.period, under: None }
    }

    fn note(&mut self, shape: &Shape<'_>, words: &Words, row: Option<&[&str]>) -> Placed {
        self.open.retain(|(depth, _)| *depth < shape.depth);
        let value = is_value(words);
        // A bare value goes with the line before it, however it is set in.
        let before = || {
            (value && !self.placed.is_empty() && !self.placed.last().is_some_and(Placed::is_structure))
                .then(|| self.placed.len() - 1)
        };
        let under = self.open.last().map(|(_, at)| *at).or_else(before);
        let above = under.and_then(|at| self.placed[at].reads_as.clone());
        let seen = |r: &ReadsAs| r.kind == NoteKind::Observation;
        let reads_as = match (row, &self.columns) {
            _ if self.foreign || language::is_foreign([shape.said]) => None,
            (Some(row), Some(columns)) => {
                let cells = || row.iter().map(|cell| Words::of(cell));
                let heading = self.heading.clone().filter(|_| self.table_heading);
                let cautious = cells()
                    .find_map(|cell| strongly(&cell).filter(|r| !seen(r) && r.kind != NoteKind::Action));
                cautious
                    .or(heading)
                    .or_else(|| of_row(row, columns))
                    .or_else(|| strongly(words))
                    .or_else(|| weakly(words))
            }
            _ => strongly(words).or_else(|| {
                let own = weakly(words).filter(|_| !value || above.is_none());
                match (own, above, self.heading.clone()) {
                    (own, Some(above), None) if own.as_ref().is_none_or(seen) => Some(above),
                    (own, above, Some(heading)) if own.as_ref().is_none_or(seen) => above.or(Some(heading)),
                    // What is below a heading of observations may be made of them.
                    (Some(own), _, Some(heading)) if seen(&heading) => Some(own),
                    (_, _, Some(heading)) => Some(heading),
                    (own, ..) => own,
                }
            }),
        };
        self.open.push((shape.depth, self.placed.len()));
        Placed { part: Part::Note, reads_as, period: self.period, under }
    }
}

/// The sort of a row: that of its first column that has one and is filled, or what the words there are about.
fn of_row(row: &[&str], columns: &[Option<(NoteKind, &'static str)>]) -> Option<ReadsAs> {
    let filled = |cell: &str| cell.chars().any(char::is_alphanumeric);
    let (cell, sort) = row.iter().zip(columns).find(|(cell, sort)| filled(cell) && sort.is_some())?;
    let (kind, words) = (*sort)?;
    let own =
        weakly(&Words::of(cell)).filter(|own| kind == NoteKind::Observation && own.kind != NoteKind::Action);
    Some(own.unwrap_or_else(|| ReadsAs::new(kind, words)))
}

/// The only cell of a row that says something.
fn only<'a>(row: &[&'a str]) -> Option<&'a str> {
    let mut filled = row.iter().filter(|cell| cell.chars().any(char::is_alphanumeric));
    let one = filled.next()?;
    filled.next().is_none().then(|| one.trim_matches(['*', ' ']))
}

/// The run that begins in the next lines and that the line names.
fn introduced(reading: &Reading, at: usize, words: &Words) -> Option<usize> {
    let line = reading.notes[at].line;
    let next = reading.notes.get(at + 1).map_or(u64::MAX, |next| next.line);
    let begins = |first: u64| first > line && first < next && first - line <= 6;
    let scenario = reading.scenarios.iter().position(|s| begins(s.lines.first))?;
    let names = words.count() <= 20 && strongly(words).is_none_or(|own| own.kind == NoteKind::Observation);
    names.then_some(scenario)
}

/// Whether the line is nothing but a value: a number with a unit, a setting and its value.
fn is_value(words: &Words) -> bool {
    let number = words.plain.contains(|c: char| c.is_ascii_digit());
    let begins = words.plain.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '~');
    number && (words.count() <= 2 || begins && words.count() <= 5)
        || words.count() <= 2 && words.plain.contains('=')
}
