//! Carries out one action: its time limit, its cancellation, its outcome as an event can keep it.

use super::Stop;
use crate::{
    action::{Action, ActionContext, ActionError, ActionFailure},
    record::{
        Artifact, Evidence, Said, Speaks,
        event::{ActionResult, Cause},
    },
};
use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

/// How long a cancelled action may take to end.
const GRACE: Duration = Duration::from_secs(20);

/// What an action came to, and the artifacts that it left, also when it failed.
pub(super) struct Executed {
    pub(super) result: ActionResult,
    pub(super) artifacts: Vec<Artifact>,
}

/// Runs `action` within `limit`; what it came to as an event can keep it.
pub(super) async fn execute(
    action: Arc<dyn Action>,
    cx: ActionContext,
    limit: Duration,
    stop: Stop,
) -> Executed {
    tracing::info!(step = %cx.step, attempt = %cx.attempt, action = %cx.action, ?limit, "{}", action.describe());
    let outcome = bounded(&*action, &cx, limit, &stop).await;
    Executed { result: result(outcome), artifacts: cx.artifacts.take_stored() }
}

/// Runs `action` within `limit`. Ends when the action ends, when it is cancelled (20 s later at most), or when `stop`
/// says now. The error is the action's own, [`ActionError::TimedOut`] or [`ActionError::Cancelled`].
pub async fn bounded(
    action: &dyn Action,
    cx: &ActionContext,
    limit: Duration,
    stop: &Stop,
) -> Result<Evidence, ActionFailure> {
    let cx = &ActionContext { deadline: Instant::now().checked_add(limit), ..cx.clone() };
    let run = action.run(cx);
    tokio::pin!(run);
    tokio::select! {
        // In this order an action that ends at once sets no timer, which would wake another thread.
        biased;
        () = cx.cancel.cancelled() => ending(run, stop).await,
        outcome = &mut run => outcome,
        () = sleep(limit) => {
            cx.cancel.cancel();
            match ending(run, stop).await {
                Err(ActionFailure { error: ActionError::Cancelled, evidence }) => {
                    Err(ActionError::TimedOut { limit }.with(evidence))
                }
                other => other,
            }
        }
    }
}

type Running<'a, 'b> = Pin<&'a mut (dyn Future<Output = Result<Evidence, ActionFailure>> + Send + 'b)>;

/// Waits for a cancelled action, with a bound.
async fn ending(run: Running<'_, '_>, stop: &Stop) -> Result<Evidence, ActionFailure> {
    tokio::select! {
        outcome = run => outcome,
        () = stop.now.cancelled() => Err(ActionError::Cancelled.into()),
        () = tokio::time::sleep(GRACE) => Err(ActionError::Cancelled.into()),
    }
}

/// `tokio::time::sleep` panics on times beyond its horizon; such a limit is none.
async fn sleep(limit: Duration) {
    match limit {
        limit if limit > Duration::from_secs(366 * 86_400) => std::future::pending().await,
        limit => tokio::time::sleep(limit).await,
    }
}

fn result(outcome: Result<Evidence, ActionFailure>) -> ActionResult {
    match outcome {
        Ok(evidence) => ActionResult::Done(evidence),
        Err(ActionFailure { error, evidence }) => {
            let cause = match &error {
                ActionError::Cancelled => Cause::Cancelled,
                ActionError::Failed(_) | ActionError::Misconfigured { .. } => Cause::Failed,
                ActionError::NeedsAnswer { .. } => Cause::NeedsAnswer,
                ActionError::Store(_) => Cause::Disk,
                ActionError::TimedOut { .. } => Cause::TimedOut,
                ActionError::Unreachable { .. } => Cause::Unreachable,
            };
            let message = match &error {
                ActionError::Misconfigured { message, hint } if !hint.is_empty() => {
                    Said::all([message, hint])
                }
                other => other.said(),
            };
            ActionResult::Failed { cause, message: message.masked(), evidence }
        }
    }
}
