//! Carries out one step: watches, actions group by group, undo, criteria, approval.

use super::{Engine, Error, execute, execute::Executed, watch};
use crate::{
    action::{Action, Progress},
    plan::{ActionSpec, Scope, Step, template},
    record::{
        ActionId, Attempt, Event, StepId, Verdict,
        event::{ActionResult, Cause},
    },
    store::RunDir,
};
use std::{collections::BTreeMap, sync::Arc};
use tokio::{sync::mpsc, task::JoinSet};
use tokio_util::sync::CancellationToken;

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// It has a verdict.
    Judged,
    /// It waits for a person, or the run was stopped.
    Waiting,
}

impl Ended {
    pub(super) fn is_waiting(self) -> bool {
        self == Self::Waiting
    }
}

/// How the actions of a step ended.
enum Actions {
    Done,
    Failed(String),
    NeedsAnswer,
    Stopped,
}

/// An action ready to run.
struct Prepared {
    spec: ActionSpec,
    action: Arc<dyn Action>,
    params: serde_json::Value,
}

impl Engine<'_> {
    /// Carries `step` out in a new attempt.
    pub(super) async fn step(&mut self, step: &Step) -> Result<Ended, Error> {
        let attempt =
            Attempt(u32::try_from(self.recorder.state().steps[&step.id].attempts.len()).unwrap_or(u32::MAX))
                .next();
        self.recorder.commit([Event::StepStarted { step: step.id, attempt }])?;
        let mut scope = self.scope(step);
        let end_of_watch = CancellationToken::new();
        let (watching, mut ended) = match self.start_watches(step, attempt, &scope, &end_of_watch) {
            Ok(watching) => (watching, None),
            Err(reason) => (Vec::new(), Some(Actions::Failed(reason))),
        };
        if ended.is_none() {
            ended = Some(self.actions(step, attempt, &mut scope).await?);
        }
        end_of_watch.cancel();
        for watching in watching {
            let id = watching.id.clone();
            let kind = step.watches.iter().find(|w| w.spec.id == id).map_or("", |w| w.spec.kind.name);
            let seen = watching.finish().await;
            let mut events: Vec<Event> = seen
                .artifacts
                .into_iter()
                .map(|artifact| Event::ArtifactStored {
                    step: step.id,
                    attempt,
                    action: id.clone(),
                    artifact,
                })
                .collect();
            scope.evidence.insert(id.clone(), seen.evidence.clone());
            scope.samples.insert(id.clone(), seen.samples);
            events.push(Event::WatchFinished {
                step: step.id,
                attempt,
                watch: id,
                kind: kind.to_owned(),
                evidence: seen.evidence,
            });
            self.recorder.commit(events)?;
        }
        self.undo_what_stands().await?;
        match ended {
            Some(Actions::Stopped | Actions::NeedsAnswer) => Ok(Ended::Waiting),
            Some(Actions::Failed(reason)) => {
                let mut events = self.judged(step, attempt, &scope);
                events.push(Event::StepFinished { step: step.id, attempt, verdict: Verdict::Error, reason });
                self.recorder.commit(events)?;
                Ok(Ended::Judged)
            }
            Some(Actions::Done) | None => self.gate(step, attempt, &scope).await,
        }
    }

    /// Judges the criteria and ends the step, or asks the person whom it waits for.
    async fn gate(&mut self, step: &Step, attempt: Attempt, scope: &Scope) -> Result<Ended, Error> {
        let mut events = self.judged(step, attempt, scope);
        let verdicts: Vec<(Verdict, String)> = events
            .iter()
            .filter_map(|e| match e {
                Event::CriterionJudged { judgement, .. } => Some((judgement.verdict, judgement.text.clone())),
                _ => None,
            })
            .collect();
        let verdict = verdicts.iter().map(|(v, _)| *v).max().unwrap_or(Verdict::Inconclusive);
        let missing = self.missing_artifacts(step, attempt);
        let verdict = if missing.is_empty() { verdict } else { verdict.max(Verdict::Inconclusive) };
        let mut reason = match verdict {
            Verdict::Pass => "every criterion holds".to_owned(),
            verdict => verdicts
                .iter()
                .filter(|(v, _)| *v == verdict)
                .map(|(v, text)| format!("{v}: {text}"))
                .collect::<Vec<_>>()
                .join("; "),
        };
        if !missing.is_empty() {
            reason = format!("expected artifacts are missing: {}", missing.join(", "));
        }
        if let (Some(approve), true) = (&step.approve, verdict.unlocks()) {
            events.push(Event::ApprovalRequested { step: step.id, attempt, approve: approve.clone() });
            self.recorder.commit(events)?;
            let question = format!("step {}: {} ({})", step.id, approve.question, approve.role);
            let Some(answer) = self.operator.ask(&question).await else { return Ok(Ended::Waiting) };
            self.recorder.commit([Event::ApprovalGiven { step: step.id, answer }])?;
            self.conclude(step.id)?;
            return Ok(Ended::Judged);
        }
        events.push(Event::StepFinished { step: step.id, attempt, verdict, reason });
        self.recorder.commit(events)?;
        Ok(Ended::Judged)
    }

    fn judged(&self, step: &Step, attempt: Attempt, scope: &Scope) -> Vec<Event> {
        step.criteria
            .iter()
            .enumerate()
            .map(|(index, criterion)| Event::CriterionJudged {
                step: step.id,
                attempt,
                judgement: criterion.judge(index, scope),
            })
            .collect()
    }

    /// Artifacts that the step promises and that no action stored.
    fn missing_artifacts(&self, step: &Step, attempt: Attempt) -> Vec<String> {
        let Some(status) =
            self.recorder.state().steps[&step.id].attempts.iter().find(|a| a.attempt == attempt)
        else {
            return Vec::new();
        };
        let stored: Vec<&str> = status
            .actions
            .iter()
            .flat_map(|a| &a.artifacts)
            .chain(status.watches.values().flat_map(|w| &w.artifacts))
            .map(|a| a.path.as_str())
            .collect();
        step.artifacts
            .iter()
            .filter(|wanted| !stored.iter().any(|path| path.ends_with(&format!("/{wanted}"))))
            .cloned()
            .collect()
    }

    fn start_watches(
        &self,
        step: &Step,
        attempt: Attempt,
        scope: &Scope,
        end: &CancellationToken,
    ) -> Result<Vec<watch::Watching>, String> {
        let names = scope.template_names();
        let mut prepared = Vec::new();
        for watch in &step.watches {
            let parsed = template::resolve(&watch.spec.params, &names)
                .map_err(|e| e.to_string())
                .and_then(|params| (watch.spec.kind.parse)(&params).map_err(|e| e.to_string()))
                .map_err(|error| format!("watch `{}`: {error}", watch.spec.id))?;
            prepared.push((watch, parsed));
        }
        Ok(prepared
            .into_iter()
            .map(|(watch, action)| {
                let folder = RunDir::action(step.id, attempt, &watch.spec.id);
                let mut cx = self.context(step.id, attempt, watch.spec.id.clone(), &folder);
                cx.sampling = true;
                watch::start(watch, action, cx, end.clone())
            })
            .collect())
    }

    /// Runs the actions group by group; evidence goes into `scope` as it comes.
    async fn actions(&mut self, step: &Step, attempt: Attempt, scope: &mut Scope) -> Result<Actions, Error> {
        let kept = self.keep(step, attempt, scope)?;
        for group in step.groups.iter().skip(kept) {
            if self.stop.asked() {
                return Ok(Actions::Stopped);
            }
            let names = scope.template_names();
            let mut prepared = Vec::new();
            for spec in group {
                match prepare(spec, &names) {
                    Ok(ready) => prepared.push(ready),
                    Err(reason) => return Ok(Actions::Failed(format!("`{}`: {reason}", spec.id))),
                }
            }
            let results = self.group(step.id, attempt, prepared).await?;
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
                            failure = Some((cause, format!("`{id}` {message}")));
                        }
                    }
                }
            }
            match failure {
                None => {}
                Some(_) if self.stop.asked() => return Ok(Actions::Stopped),
                Some((Cause::NeedsAnswer, _)) => return Ok(Actions::NeedsAnswer),
                Some((_, reason)) => return Ok(Actions::Failed(reason)),
            }
        }
        Ok(Actions::Done)
    }

    /// Takes over the leading groups that an interrupted attempt had finished, and says how many. The actions of a
    /// watched step run again together, because the watches must cover them.
    fn keep(&mut self, step: &Step, attempt: Attempt, scope: &mut Scope) -> Result<usize, Error> {
        let attempts = &self.recorder.state().steps[&step.id].attempts;
        let Some(before) = attempts.iter().rev().nth(1) else { return Ok(0) };
        let resumable = matches!(before.verdict, None | Some(Verdict::Error));
        if !resumable || !step.watches.is_empty() || self.changed.contains(&step.id) {
            return Ok(0);
        }
        let mut kept = 0;
        let mut events = Vec::new();
        for group in &step.groups {
            let done: BTreeMap<ActionId, _> = group
                .iter()
                .filter_map(|spec| {
                    let status = before.action(&spec.id)?;
                    let Some(ActionResult::Done(evidence)) = &status.result else { return None };
                    let intact = status
                        .artifacts
                        .iter()
                        .all(|a| crate::store::artifacts::verify(&self.run_dir.path, a).is_ok());
                    intact.then(|| (spec.id.clone(), evidence.clone()))
                })
                .collect();
            if done.len() < group.len() {
                break;
            }
            kept += 1;
            for (id, evidence) in done {
                events.push(Event::ActionKept {
                    step: step.id,
                    attempt,
                    action: id.clone(),
                    from: before.attempt,
                });
                scope.evidence.insert(id, evidence);
            }
        }
        self.recorder.commit(events)?;
        Ok(kept)
    }

    /// Runs the actions of one group together. When one fails the others are cancelled.
    async fn group(
        &mut self,
        step: StepId,
        attempt: Attempt,
        group: Vec<Prepared>,
    ) -> Result<Vec<(ActionId, ActionResult)>, Error> {
        let intents: Vec<Event> = group
            .iter()
            .map(|ready| Event::ActionStarted {
                step,
                attempt,
                action: ready.spec.id.clone(),
                kind: ready.spec.kind.name.to_owned(),
                description: ready.action.describe(),
                params: ready.params.clone(),
                undo: ready.action.undo(),
            })
            .collect();
        self.recorder.commit(intents)?;
        let cancel = self.stop.gently.child_token();
        let (progress, mut updates) = mpsc::unbounded_channel();
        let mut running = JoinSet::new();
        let mut tasks = BTreeMap::new();
        for ready in group {
            let id = ready.spec.id.clone();
            let mut cx = self.context(step, attempt, id.clone(), &RunDir::action(step, attempt, &id));
            cx.cancel = cancel.child_token();
            cx.progress = Progress::new(progress.clone());
            let limit = Self::limit(&ready.spec, &*ready.action);
            let stop = self.stop.clone();
            let task = running.spawn(async move { execute::execute(ready.action, cx, limit, stop).await });
            tasks.insert(task.id(), id);
        }
        drop(progress);
        let mut results = Vec::new();
        while !running.is_empty() {
            tokio::select! {
                Some(update) = updates.recv() => {
                    self.recorder.progress(&update.action, update.done, update.total, &update.message);
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
                    let mut events: Vec<Event> = executed.artifacts.into_iter()
                        .map(|artifact| Event::ArtifactStored { step, attempt, action: id.clone(), artifact })
                        .collect();
                    events.push(Event::ActionFinished { step, attempt, action: id.clone(), result: executed.result.clone() });
                    self.recorder.commit(events)?;
                    results.push((id, executed.result));
                }
            }
        }
        Ok(results)
    }
}

fn panicked(error: &str) -> Executed {
    let message = format!("a bug in this program ended the action: {error}");
    Executed {
        result: ActionResult::Failed {
            cause: Cause::Failed,
            message,
            evidence: crate::record::Evidence::default(),
        },
        artifacts: Vec::new(),
    }
}

fn prepare(spec: &ActionSpec, names: &template::Names) -> Result<Prepared, String> {
    let params = template::resolve(&spec.params, names).map_err(|e| {
        let place = if e.path.is_empty() { String::new() } else { format!("{}: ", e.path.join(".")) };
        format!("{place}{e}")
    })?;
    let action = (spec.kind.parse)(&params).map_err(|e| e.to_string())?;
    Ok(Prepared { spec: spec.clone(), action, params })
}
