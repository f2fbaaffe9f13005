//! What is drawn, as values: charts, diagrams by their Mermaid source, and the colours that say how something stands.

mod chart;
pub(super) mod mermaid;
mod picture;
mod tone;

pub use chart::{Axis, Bars, Chart, Gantt, Line, Panel, Scale, Series, Shade, Span};
pub use picture::{Picture, Pictures};
pub use tone::Tone;
