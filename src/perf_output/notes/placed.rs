//! [`Placed`]: a line of a text in its place.

use super::{reading_as::ReadsAs, structure::Period};

/// What a line is in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A title, a ruler, an empty bullet, the words of a mail.
    Frame,
    /// Heading: it may name the sort and the part of the day of the notes below it.
    Heading,
    /// The name of a run: the scenario of that index begins below it.
    Introduces(usize),
    /// Line that says something, for the report to show.
    Note,
}

/// A line of the text in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Role of the line: only a note is shown and classified.
    pub part: Part,
    /// Which sort of note it is, where that can be told.
    pub reads_as: Option<ReadsAs>,
    /// The part of the day that the headings above it name.
    pub period: Option<Period>,
    /// The note, by its index, that it is a detail of.
    pub under: Option<usize>,
}

impl Placed {
    /// Whether it says nothing of the platform.
    pub fn is_structure(&self) -> bool {
        self.part != Part::Note
    }
}
