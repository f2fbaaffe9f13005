//! [`Halt`]: what stops the actions of one step before they are done: a guard, or the step's time limit.

use super::messages;
use crate::record::{Said, Verdict};
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// The stop of one step, shared by its watches and its actions.
#[derive(Debug, Clone)]
pub(super) struct Halt {
    token: CancellationToken,
    cause: Arc<OnceLock<(Verdict, Said)>>,
}

impl Halt {
    /// A halt that also comes when `run` is cancelled, and when `limit` is over.
    pub(super) fn new(run: &CancellationToken, limit: Option<Duration>) -> Self {
        let halt = Self { token: run.child_token(), cause: Arc::default() };
        if let Some(limit) = limit {
            let halt = halt.clone();
            tokio::spawn(async move {
                tokio::select! {
                    () = tokio::time::sleep(limit) => {
                        halt.now(Verdict::Error, messages::step_timed_out(limit));
                    }
                    () = halt.token.cancelled() => {}
                }
            });
        }
        halt
    }

    /// Stops the step, with the verdict that this gives it. The first cause counts.
    pub(super) fn now(&self, verdict: Verdict, reason: Said) {
        let _ = self.cause.set((verdict, reason));
        self.token.cancel();
    }

    /// Nothing can halt the step any more.
    pub(super) fn over(&self) {
        self.token.cancel();
    }

    /// Why the step was stopped, where it was.
    pub(super) fn cause(&self) -> Option<(Verdict, Said)> {
        self.cause.get().cloned()
    }

    /// Cancelled when the actions must stop.
    pub(super) fn token(&self) -> &CancellationToken {
        &self.token
    }
}
