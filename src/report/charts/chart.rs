//! Charts as values: what is drawn, without how. Every text in them is in the language of the report already.

use super::Tone;

/// A chart, as values that a renderer draws.
#[derive(Debug, Clone)]
pub enum Chart {
    /// Bars, one for each value.
    Bars(Bars),
    /// What happened from when to when.
    Gantt(Gantt),
    /// Series over one horizontal axis, in one panel or in several below each other.
    Series(Series),
}

/// Series over one horizontal axis.
#[derive(Debug, Clone)]
pub struct Series {
    /// The horizontal axis, which all panels share.
    pub x: Axis,
    /// Whether it numbers windows whose time is not known; else it has seconds, or places of its own.
    pub by_window: bool,
    /// Panels from the top down.
    pub panels: Vec<Panel>,
    /// Stretches of the horizontal axis that are shaded: a warm-up, a fault.
    pub shades: Vec<Shade>,
}

/// One panel of a chart of series: lines over one vertical axis.
#[derive(Debug, Clone)]
pub struct Panel {
    /// Vertical axis of the panel.
    pub y: Axis,
    /// Its lines, the most important one first.
    pub lines: Vec<Line>,
}

/// An axis with its title and scale.
#[derive(Debug, Clone)]
pub struct Axis {
    /// What is measured, with its unit.
    pub label: String,
    /// How values stand on it.
    pub scale: Scale,
    /// Places with a text; none where the drawing chooses them itself.
    pub ticks: Vec<(f64, String)>,
}

/// How values stand on an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Equal distances are equal differences; from zero.
    Linear,
    /// Equal distances are equal ratios; values that are not above zero are left out.
    Log,
}

/// A line of a panel, with its points.
#[derive(Debug, Clone)]
pub struct Line {
    /// Name for the legend, such as `3.1 nominal (…)`.
    pub name: String,
    /// Its points in the order of x. A gap stands where y is none.
    pub points: Vec<(f64, Option<f64>)>,
}

/// A shaded stretch of the horizontal axis.
#[derive(Debug, Clone)]
pub struct Shade {
    /// Start of the stretch, on the scale of the axis.
    pub from: f64,
    /// End of the stretch, on the scale of the axis.
    pub to: f64,
    /// Text in the shade: the word for warm-up, or the name of the action that is the fault.
    pub label: String,
}

/// Bars side by side, each with its label.
#[derive(Debug, Clone)]
pub struct Bars {
    /// Axis of the bars' lengths, with the unit of the values.
    pub y: Axis,
    /// Name, value and the value as shown; a bar without a value says so by its text.
    pub bars: Vec<(String, Option<f64>, String)>,
}

/// What happened from when to when.
#[derive(Debug, Clone)]
pub struct Gantt {
    /// Horizontal axis, of time.
    pub x: Axis,
    /// Rows from the top down: name and its spans.
    pub rows: Vec<(String, Vec<Span>)>,
}

/// A stretch of time in a row of the chart.
#[derive(Debug, Clone)]
pub struct Span {
    /// Start of the stretch, on the scale of the axis.
    pub from: f64,
    /// End of the stretch, on the scale of the axis.
    pub to: f64,
    /// A word for what it came to.
    pub label: String,
    /// The colour that says the same.
    pub tone: Tone,
}
