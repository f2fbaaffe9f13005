//! An action as the journal has it, read again.

use crate::{
    action::{Action, kind},
    record::state::ActionStatus,
};
use std::sync::Arc;

/// The action as it was journalled; `None` where this version does not know its kind or its parameters.
pub(super) fn action(status: &ActionStatus) -> Option<Arc<dyn Action>> {
    kind(&status.kind).and_then(|kind| (kind.parse)(&status.params).ok())
}
