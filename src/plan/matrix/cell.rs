//! [`Cell`]: one combination of a matrix.

use crate::{expression::Expression, plan::source::Span, record::event::Scenario};
use std::sync::Arc;

/// One combination of a matrix, for the actions that it holds.
#[derive(Debug)]
pub struct Cell {
    /// Which matrix and which values.
    pub scenario: Scenario,
    /// Scenarios of one row differ in the last axis only.
    pub row: usize,
    /// After a scenario for which this holds, the rest of its row is passed over.
    pub stop_when: Option<Arc<Expression>>,
    /// Its place in the step file.
    pub stop_span: Option<Span>,
}
