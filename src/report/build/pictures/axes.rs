//! What every picture over time shares.

use crate::report::{
    charts::{Axis, Scale},
    document::head,
    language::{Language, Word},
};

/// Points that a picture over time has at least: of fewer the figures tell as much.
pub(super) const FEWEST: usize = 8;

pub(in crate::report) fn axis(label: String, scale: Scale) -> Axis {
    Axis { label, scale, ticks: Vec::new() }
}

/// A label with its unit.
pub(in crate::report) fn with_unit(language: Language, word: Word, unit: &str) -> String {
    format!("{} ({unit})", head(language, word))
}
