//! [`Kept`]: what the report reads of a run's artifacts, and which of them are not what was stored any more.

use super::series::{Samples, Windows};
use crate::record::Said;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What was read of a run's artifacts, by their paths below the run's folder. Reading is the caller's: this layer
/// opens no file.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// Artifacts that are gone, were changed or cannot be read, and why in a sentence. Figures from them are withdrawn.
    pub altered: BTreeMap<String, Said>,
    /// What loads did over their time.
    pub windows: BTreeMap<String, Windows>,
    /// When the load itself began, by the path of its log of latencies.
    pub starts: BTreeMap<String, Timestamp>,
    /// What watches saw over their time.
    pub samples: BTreeMap<String, Samples>,
}
