//! [`Picture`]: a chart with what is said about it, and [`Pictures`]: all those of a report.

use super::Chart;
use crate::report::model::Reference;

/// A chart with what is said about it.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The chart that is drawn.
    pub chart: Chart,
    /// Caption of the picture.
    pub caption: String,
    /// The same in words, for who does not see it.
    pub description: String,
    /// Where its values come from.
    pub evidence: Vec<Reference>,
}

/// What a section shows besides its texts.
#[derive(Debug, Clone, Default)]
pub struct Pictures {
    /// When the steps were carried out.
    pub timeline: Option<Picture>,
    /// Scenarios side by side and their percentiles.
    pub overview: Vec<Picture>,
    /// What one scenario did over its time, by its place among the scenarios.
    pub scenarios: Vec<Option<Picture>>,
    /// How far replication was behind.
    pub lag: Vec<Picture>,
}
