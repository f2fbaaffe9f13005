//! What a reading holds besides its runs: notes and lines that were not understood, so many of them and no more.

use crate::record::{Line, NotListed, Reading};

/// How many notes, and how many lines not understood, are listed.
pub(super) const LISTED: usize = 10_000;

/// A reading on its way.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub reading: Reading,
    not_listed: NotListed,
}

impl Listed {
    pub(super) fn note(&mut self, line: Line) {
        match self.reading.notes.len() < LISTED {
            true => self.reading.notes.push(line),
            false => self.not_listed.notes += 1,
        }
    }

    pub(super) fn not_understood(&mut self, line: u64, text: &str) {
        match self.reading.not_understood.len() < LISTED {
            true => self.reading.not_understood.push(Line { line, indent: 0, text: text.to_owned() }),
            false => self.not_listed.not_understood += 1,
        }
    }

    /// The reading in the order of its runs, without secrets.
    pub(super) fn finish(self) -> Reading {
        let mut reading = self.reading;
        reading.scenarios.sort_by_key(|scenario| scenario.lines.first);
        reading.notes.sort_by_key(|note| note.line);
        reading.mask();
        if self.not_listed != NotListed::default() {
            reading.not_listed = Some(self.not_listed);
        }
        reading
    }
}
