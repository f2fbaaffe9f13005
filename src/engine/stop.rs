//! [`Stop`]: how a run is asked to end. Once: stop the action, undo, record. Twice: do not wait for the action.

use tokio_util::sync::CancellationToken;

/// The operator's wish to end the run; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    /// Cancelled by the first signal.
    pub gently: CancellationToken,
    /// Cancelled by the second.
    pub now: CancellationToken,
}

impl Stop {
    /// One more signal.
    pub fn signal(&self) {
        if self.gently.is_cancelled() {
            self.now.cancel();
        }
        self.gently.cancel();
    }

    /// Whether a signal came.
    pub fn asked(&self) -> bool {
        self.gently.is_cancelled()
    }
}
