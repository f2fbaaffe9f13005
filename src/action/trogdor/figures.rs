//! Figures of a load on Trogdor: what it does not tell is missing, with the reason.

use crate::{
    action::{Output, load_client},
    record::{Evidence, Unit, Value},
};

/// A figure that there is none of, and why.
pub(in crate::action) fn not_measured(why: &str) -> Value {
    Value::missing(why.to_owned())
}

/// The figure, or why there is none.
pub(in crate::action) fn number(value: Option<f64>, unit: Unit, why: &str) -> Value {
    value.map_or_else(|| not_measured(why), |value| Value::number(value, unit))
}

/// Says of every output that is not there yet that Trogdor does not tell it.
pub(in crate::action) fn untold(evidence: &mut Evidence, outputs: &[Output]) {
    load_client::untold(evidence, outputs, "Trogdor does not tell it");
}
