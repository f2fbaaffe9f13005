//! Runs the actions of a step group by group: what is kept, what is passed over, what is tried again, what cleans up.

use super::{
    Engine, EngineError, earlier,
    execute::{self, Executed},
    halt::Halt,
    messages,
    step::{Actions, applies},
};
use crate::{
    action::{Action, ActionContext, Progress},
    plan::{ActionSpec, Scope, Step, template},
    record::{
        ActionId, Attempt, Event, Said, StepId, Verdict,
        event::{ActionResult, Cause},
    },
    store::RunDir,
};
use std::{
    collections::BTreeMap,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};
use tokio::{sync::mpsc, task::JoinSet};
use tokio_util::sync::CancellationToken;

/// How long an action without an effect may run before its start is recorded.
const SOON: Duration = Duration::from_millis(5);
/// The longest wait between two tries.
const LONGEST_BACKOFF: Duration = Duration::from_secs(300);

/// An action ready to run.
struct Prepared {
    spec: ActionSpec,
    action: Arc<dyn Action>,
    params: serde_json::Value,
}

/// A try that failed and is followed by another one.
struct Retried {
    action: ActionId,
    tried: u32,
    reason: Said,
    executed: Executed,
}

impl Engine<'_> {
    /// Runs the actions group by group; evidence goes into `scope` as it comes.
    pub(super) async fn actions(
        &mut self,
        step: &Step,
        attempt: Attempt,
        scope: &mut Scope,
        halt: &Halt,
    ) -> Result<Actions, EngineError> {
        let kept = self.keep(step, attempt, scope)?;
        for (index, group) in step.groups.iter().enumerate().skip(kept) {
            if let Some((verdict, reason)) = halt.cause() {
                return Ok(Actions::Ended(verdict, reason));
            }
            if self.stop.asked() {
                return Ok(Actions::Stopped);
            }
            let prepared = match self.prepare(step, attempt, group, &step.groups[..index], scope)? {
                Ok(prepared) => prepared,
                Err((verdict, reason)) => return Ok(Actions::Ended(verdict, reason)),
            };
            let results = self.group(step.id, attempt, prepared, halt.token()).await?;
            let failure = take_in(results, scope);
            if let Some((verdict, reason)) = halt.cause() {
                return Ok(Actions::Ended(verdict, reason));
            }
            match failure {
                None => {}
                Some(_) if self.stop.asked() => return Ok(Actions::Stopped),
                Some((Cause::NeedsAnswer, _)) => return Ok(Actions::NeedsAnswer),
                Some((_, reason)) => return Ok(Actions::Ended(Verdict::Error, reason)),
            }
        }
        Ok(Actions::Done)
    }

    /// Runs the clean-up actions, each whatever became of the one before; the answer is what could not be done. Only a
    /// second signal of the operator stops them.
    pub(super) async fn clean_up(
        &mut self,
        step: &Step,
        attempt: Attempt,
        scope: &mut Scope,
    ) -> Result<Option<Said>, EngineError> {
        let mut failures = Vec::new();
        for group in &step.clean_up {
            if self.stop.now.is_cancelled() {
                break;
            }
            let prepared = match self.prepare(step, attempt, group, &[], scope)? {
                Ok(prepared) => prepared,
                Err((_, reason)) => {
                    failures.push(reason);
                    continue;
                }
            };
            let token = self.stop.now.clone();
            let results = self.group(step.id, attempt, prepared, &token).await?;
            failures.extend(take_in(results, scope).map(|(_, reason)| reason));
        }
        Ok((!failures.is_empty()).then(|| messages::clean_up_failed(Said::all(failures))))
    }

    /// Resolves the parameters of a group, and passes over what does not apply. The inner error is the verdict of the
    /// step and why it ends here.
    fn prepare(
        &mut self,
        step: &Step,
        attempt: Attempt,
        group: &[ActionSpec],
        before: &[Vec<ActionSpec>],
        scope: &Scope,
    ) -> Result<Result<Vec<Prepared>, (Verdict, Said)>, EngineError> {
        let names = match group.iter().any(|spec| template::is_used(&spec.params)) {
            true => scope.template_names(),
            false => template::Names::default(),
        };
        let (mut prepared, mut passed_over) = (Vec::new(), Vec::new());
        for spec in group {
            let reason =
                match stopped(spec, before, scope).map_or_else(|| applies(spec, scope), |r| Ok(Some(r))) {
                    Ok(reason) => reason,
                    Err(reason) => return Ok(Err((Verdict::Inconclusive, reason))),
                };
            if let Some(reason) = reason {
                let action = spec.id.clone();
                passed_over.push(Event::ActionPassedOver { step: step.id, attempt, action, reason });
                continue;
            }
            match resolved(spec, &names) {
                Ok(ready) => prepared.push(ready),
                Err(reason) => return Ok(Err((Verdict::Error, messages::action(spec.id.as_str(), reason)))),
            }
        }
        self.recorder.stage(passed_over)?;
        Ok(Ok(prepared))
    }

    /// Runs the actions of one group together. When one fails the others are cancelled.
    async fn group(
        &mut self,
        step: StepId,
        attempt: Attempt,
        group: Vec<Prepared>,
        halted: &CancellationToken,
    ) -> Result<Vec<(ActionId, ActionResult)>, EngineError> {
        let intents: Vec<Event> = group
            .iter()
            .map(|ready| Event::ActionStarted {
                step,
                attempt,
                action: ready.spec.id.clone(),
                kind: ready.spec.kind.name.to_owned(),
                declared: Some(ready.spec.kind.declared(&*ready.action)),
                description: ready.action.describe(),
                params: ready.params.clone(),
                undo: ready.action.undo(),
                scenario: ready.spec.scenario().cloned(),
            })
            .collect();
        // What has no effect may start while its intent is on its way; what does not end at once is told soon.
        self.recorder.stage(intents)?;
        if group.iter().any(|ready| ready.spec.kind.role_of(&*ready.action).has_effect()) {
            self.recorder.sync()?;
        }
        let told = tokio::time::sleep(SOON);
        tokio::pin!(told);
        let cancel = halted.child_token();
        let (progress, mut updates) = mpsc::unbounded_channel();
        let (failed, mut retries) = mpsc::unbounded_channel();
        let mut running = JoinSet::new();
        let mut tasks = BTreeMap::new();
        let alone = group.len() == 1;
        for ready in group {
            let id = ready.spec.id.clone();
            let contexts = (1..=ready.spec.attempts)
                .map(|tried| {
                    let folder = folder(step, attempt, &id, tried);
                    let mut cx = self.context(step, attempt, id.clone(), &folder);
                    cx.cancel = cancel.child_token();
                    if ready.action.looks_back().is_some() {
                        cx.earlier = earlier::of(self.plan, self.recorder.state(), step, attempt);
                    }
                    cx.progress = Progress::new(progress.clone());
                    cx
                })
                .collect();
            let limit = Self::limit(&ready.spec, &*ready.action);
            let (stop, failed) = (self.stop.clone(), failed.clone());
            let mut tries = Box::pin(tries(ready, contexts, limit, stop, cancel.clone(), failed));
            // What ends at once needs no task of its own, nor the two changes of thread that it would cost.
            if alone && let Some(executed) = at_once(tries.as_mut()).await {
                let mut events = Vec::new();
                while let Ok(notice) = retries.try_recv() {
                    events.extend(retried(step, attempt, notice));
                }
                events.extend(finished(step, attempt, &id, &executed));
                self.recorder.stage(events)?;
                return Ok(vec![(id, executed.result)]);
            }
            let task = running.spawn(tries);
            tasks.insert(task.id(), id);
        }
        let mut results = Vec::new();
        let mut lost = None;
        while !running.is_empty() {
            tokio::select! {
                // What a try left is told before the end of its action.
                biased;
                Some(notice) = retries.recv() => {
                    lost = lost.or_else(|| self.recorder.commit(retried(step, attempt, notice)).err());
                }
                Some(joined) = running.join_next_with_id() => {
                    let (task, executed) = match joined {
                        Ok((task, executed)) => (task, executed),
                        // A panic in an action is a bug; the run goes on and says so.
                        Err(error) => (error.id(), panicked(&error.to_string())),
                    };
                    let Some(id) = tasks.remove(&task) else { continue };
                    if !matches!(executed.result, ActionResult::Done(_)) {
                        cancel.cancel();
                    }
                    let events = finished(step, attempt, &id, &executed);
                    // The last result of the group shares the sync of what comes next, which is at once.
                    let kept = match (&lost, running.is_empty()) {
                        (Some(_), _) => Ok(()),
                        (None, true) => self.recorder.stage(events),
                        (None, false) => self.recorder.commit(events),
                    };
                    lost = lost.or(kept.err());
                    results.push((id, executed.result));
                }
                () = &mut told, if lost.is_none() && self.recorder.has_staged() => {
                    lost = self.recorder.sync().err();
                }
                Some(update) = updates.recv() => {
                    self.recorder.progress(&update.action, update.done, update.total, &update.message);
                }
            }
            // Without a journal nothing goes on; but what runs is ended in order, not cut off.
            if lost.is_some() {
                cancel.cancel();
            }
        }
        lost.map_or(Ok(results), |cause| Err(cause.into()))
    }
}

/// Tries an action until it is done, or as often as it may be tried.
async fn tries(
    ready: Prepared,
    contexts: Vec<ActionContext>,
    limit: Duration,
    stop: super::Stop,
    cancel: CancellationToken,
    failed: mpsc::UnboundedSender<Retried>,
) -> Executed {
    let mut pause = ready.spec.backoff;
    let last = contexts.len();
    for (tried, cx) in (1..).zip(contexts) {
        let executed = execute::execute(Arc::clone(&ready.action), cx, limit, stop.clone()).await;
        debug_assert_eq!(ready.spec.kind.outside(executed.result.evidence()), None);
        let reason = match &executed.result {
            ActionResult::Failed {
                cause: Cause::Unreachable | Cause::TimedOut | Cause::Failed,
                message,
                ..
            } if (tried as usize) < last && !cancel.is_cancelled() => message.clone(),
            _ => return executed,
        };
        let notice = Retried { action: ready.spec.id.clone(), tried, reason, executed };
        // Nobody listening means that the step is over, and so is this.
        let _ = failed.send(notice);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = cancel.cancelled() => {}
        }
        pause = (pause * 2).min(LONGEST_BACKOFF);
    }
    panicked(&messages::not_tried())
}

/// The folder of one try; the tries stand side by side.
fn folder(step: StepId, attempt: Attempt, action: &ActionId, tried: u32) -> String {
    let folder = RunDir::action(step, attempt, action);
    if tried == 1 { folder } else { format!("{folder}-try-{tried}") }
}

fn stored(step: StepId, attempt: Attempt, action: &ActionId, executed: &Executed) -> Vec<Event> {
    let artifacts = executed.artifacts.iter().cloned();
    artifacts
        .map(|artifact| Event::ArtifactStored { step, attempt, action: action.clone(), artifact })
        .collect()
}

fn retried(step: StepId, attempt: Attempt, notice: Retried) -> Vec<Event> {
    let Retried { action, tried, reason, executed } = notice;
    let mut events = stored(step, attempt, &action, &executed);
    events.push(Event::ActionRetried { step, attempt, action, tried, reason });
    events
}

fn finished(step: StepId, attempt: Attempt, action: &ActionId, executed: &Executed) -> Vec<Event> {
    let mut events = stored(step, attempt, action, executed);
    let (action, result) = (action.clone(), executed.result.clone());
    events.push(Event::ActionFinished { step, attempt, action, result });
    events
}

/// What an action came to that ends the first time it is looked at; `None` where it goes on.
async fn at_once(mut tries: Pin<&mut impl Future<Output = Executed>>) -> Option<Executed> {
    poll_fn(|cx| {
        // As with a task of its own, a panic ends the action and not the run.
        Poll::Ready(match catch_unwind(AssertUnwindSafe(|| tries.as_mut().poll(cx))) {
            Ok(Poll::Ready(executed)) => Some(executed),
            Ok(Poll::Pending) => None,
            Err(panic) => {
                let said = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
                let said = said.or_else(|| panic.downcast_ref::<String>().cloned());
                Some(panicked(&said.unwrap_or_default()))
            }
        })
    })
    .await
}

/// Takes the evidence of a group into `scope`, and gives the failure that the others follow from.
fn take_in(results: Vec<(ActionId, ActionResult)>, scope: &mut Scope) -> Option<(Cause, Said)> {
    let mut failure = None;
    for (id, result) in results {
        match result {
            ActionResult::Done(evidence) => {
                scope.evidence.insert(id, evidence);
            }
            ActionResult::Failed { cause, message, evidence } => {
                scope.evidence.insert(id.clone(), evidence);
                // A cancelled action is the consequence of another one's failure, or of a stop.
                if cause != Cause::Cancelled || failure.is_none() {
                    failure = Some((cause, messages::action(id.as_str(), message)));
                }
            }
        }
    }
    failure
}

/// Why the rest of a matrix row is passed over, where its stop rule holds for a scenario before this one.
fn stopped(spec: &ActionSpec, before: &[Vec<ActionSpec>], scope: &Scope) -> Option<Said> {
    let cell = spec.cell.as_ref()?;
    before
        .iter()
        .flatten()
        .filter_map(|earlier| earlier.cell.as_ref())
        .filter(|c| c.row == cell.row && c.scenario != cell.scenario)
        .filter_map(|c| c.stop_when.as_ref())
        .find(|rule| matches!(scope.judge(rule), Ok((crate::expression::Outcome::Flag(true), _))))
        .map(|rule| messages::matrix_stopped(rule.text()))
}

fn panicked(error: &str) -> Executed {
    Executed {
        result: ActionResult::Failed {
            cause: Cause::Failed,
            message: messages::panicked(error),
            evidence: crate::record::Evidence::default(),
        },
        artifacts: Vec::new(),
    }
}

fn resolved(spec: &ActionSpec, names: &template::Names) -> Result<Prepared, Said> {
    let params = template::resolve(&spec.params, names)?;
    let action = (spec.kind.parse)(&params).map_err(|e| messages::parameters_refused(&e))?;
    Ok(Prepared { spec: spec.clone(), action, params })
}
