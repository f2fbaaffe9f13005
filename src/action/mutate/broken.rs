//! What came of breaking something: it is broken, or it is not and why.

use super::super::ActionError;
use crate::record::Said;

/// It is broken.
#[derive(Debug)]
pub struct Broken {
    /// Records, settings, offsets or processes that were altered.
    pub touched: u64,
    /// What was done, for the evidence.
    pub said: Said,
}

/// Why it is not.
#[derive(Debug)]
pub enum Unbroken {
    /// It could not be done.
    Failed(ActionError),
    /// There was nothing to break.
    Nothing(Said),
}

impl From<ActionError> for Unbroken {
    fn from(error: ActionError) -> Self {
        Self::Failed(error)
    }
}
