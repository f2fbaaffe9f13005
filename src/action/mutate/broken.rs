//! What came of breaking something: it is broken, or it is not and why.

use super::super::ActionError;
use crate::record::Said;

/// What a mutant changed, for its evidence.
#[derive(Debug)]
pub struct Broken {
    /// Records, settings, offsets or processes that were altered.
    pub touched: u64,
    /// What was done, for the evidence.
    pub said: Said,
}

/// Why a mutant changed nothing.
#[derive(Debug)]
pub enum Unbroken {
    /// An attempt to change something failed.
    Failed(ActionError),
    /// There was nothing to break.
    Nothing(Said),
}

impl From<ActionError> for Unbroken {
    fn from(error: ActionError) -> Self {
        Self::Failed(error)
    }
}
