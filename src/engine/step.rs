//! Carries out one step: watches, actions, undo, clean-up, criteria, approval.

use super::{Engine, EngineError, halt::Halt, messages, watch};
use crate::{
    plan::{
        Scope, Step,
        criterion::{Form, Tally},
        template,
    },
    record::{ActionId, Arg, Attempt, Event, Said, StepId, Verdict, event::Judgement, state::AttemptStatus},
    store::RunDir,
};
use std::collections::BTreeMap;
use tokio_util::sync::CancellationToken;

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StepEnd {
    /// It has a verdict.
    Judged,
    /// It waits for a person, or the run was stopped.
    Waiting,
}

impl StepEnd {
    pub(super) fn is_waiting(self) -> bool {
        self == Self::Waiting
    }
}

/// How the actions of a step ended.
pub(super) enum Actions {
    Done,
    /// They were stopped, or one could not be carried out; with the verdict of the step.
    Ended(Verdict, Said),
    NeedsAnswer,
    Stopped,
}

impl Engine<'_> {
    /// Carries `step` out in a new attempt.
    pub(super) async fn step(&mut self, step: &Step) -> Result<StepEnd, EngineError> {
        let attempt = self.next_attempt(step.id);
        self.recorder.stage([Event::StepStarted { step: step.id, attempt }])?;
        let mut scope = self.scope(step);
        if let Some(judgements) = self.judge_kept(step, attempt, &mut scope)? {
            return self.gate(step, attempt, &scope, judgements).await;
        }
        let end_of_watch = CancellationToken::new();
        let halt = Halt::new(&self.stop.gently, step.timeout);
        let (watching, ended) = match self.start_watches(step, attempt, &scope, &end_of_watch, &halt)? {
            Ok(watching) => (watching, None),
            Err(reason) => (Vec::new(), Some(Actions::Ended(Verdict::Error, reason))),
        };
        let mut ended = match ended {
            Some(ended) => ended,
            None => self.actions(step, attempt, &mut scope, &halt).await?,
        };
        halt.over();
        end_of_watch.cancel();
        if !watching.is_empty() {
            self.recorder.sync()?;
        }
        let judgements = self.finish_watches(step.id, attempt, &mut scope, watching).await?;
        self.undo_what_stands(Some(step.id)).await?;
        if !matches!(ended, Actions::NeedsAnswer)
            && let Some(reason) = self.clean_up(step, attempt, &mut scope).await?
        {
            ended = match ended {
                Actions::Done => Actions::Ended(Verdict::Error, reason),
                Actions::Ended(verdict, before) => Actions::Ended(verdict, Said::all([before, reason])),
                other => other,
            };
        }
        match ended {
            Actions::Stopped | Actions::NeedsAnswer => Ok(StepEnd::Waiting),
            Actions::Ended(verdict, reason) => {
                let mut events = self.judged(step, attempt, &scope, judgements);
                // What failed is told too, where that is not what ended the step.
                let failed = not_held(step, &events, Verdict::Fail).into_iter();
                let failed = failed.filter(|judgement| !reason.contains(judgement.text.as_str()));
                let (must, more): (Vec<_>, Vec<_>) = failed.partition(|judgement| must(step, judgement));
                // What must hold and does not is worse than what could not be done.
                let reason =
                    must.into_iter().map(told).chain([reason.clone()]).chain(more.into_iter().map(told));
                let reason = Said::all(reason);
                events.push(Event::StepFinished { step: step.id, attempt, verdict, reason });
                self.recorder.stage(events)?;
                Ok(StepEnd::Judged)
            }
            Actions::Done => self.gate(step, attempt, &scope, judgements).await,
        }
    }

    /// Judges the criteria and ends the step, or asks the person whom it waits for.
    async fn gate(
        &mut self,
        step: &Step,
        attempt: Attempt,
        scope: &Scope,
        judgements: BTreeMap<usize, Judgement>,
    ) -> Result<StepEnd, EngineError> {
        let mut events = self.judged(step, attempt, scope, judgements);
        let verdicts = events.iter().filter_map(judgement_of).map(|j| j.verdict);
        let judged = verdicts.max();
        let missing = self.missing_artifacts(step, attempt);
        let mut verdict = judged.unwrap_or(Verdict::Inconclusive);
        let least = if verdict > Verdict::Warn { Verdict::Inconclusive } else { Verdict::Warn };
        let mut parts: Vec<Said> = not_held(step, &events, least).into_iter().map(told).collect();
        if !missing.is_empty() {
            verdict = verdict.max(Verdict::Inconclusive);
            // The worst stands first.
            let at = if verdict > Verdict::Inconclusive { parts.len() } else { 0 };
            parts.insert(at, messages::artifacts_missing(Arg::list(missing)));
        } else if judged.is_none() {
            parts = vec![messages::no_criterion_applied()];
        } else if parts.is_empty() {
            parts = vec![messages::every_criterion_holds()];
        }
        let reason = Said::all(parts);
        if let (Some(approve), true) = (&step.approve, verdict.unlocks()) {
            events.push(Event::ApprovalRequested { step: step.id, attempt, approve: approve.clone() });
            self.recorder.commit(events)?;
            let question = format!("step {}: {} ({})", step.id, approve.question, approve.role);
            let Some(answer) = self.operator.ask(&question).await else { return Ok(StepEnd::Waiting) };
            self.recorder.commit([Event::ApprovalGiven { step: step.id, answer }])?;
            self.conclude(step.id)?;
            return Ok(StepEnd::Judged);
        }
        events.push(Event::StepFinished { step: step.id, attempt, verdict, reason });
        self.recorder.stage(events)?;
        Ok(StepEnd::Judged)
    }

    /// The judgement of every criterion; one whose actions and watches were all passed over is passed over too.
    fn judged(
        &self,
        step: &Step,
        attempt: Attempt,
        scope: &Scope,
        mut judgements: BTreeMap<usize, Judgement>,
    ) -> Vec<Event> {
        let with_changes = self.with_changes(step, attempt, scope);
        let scope = with_changes.as_ref().unwrap_or(scope);
        let passed_over = self.attempt(step, attempt).map(|a| &a.passed_over);
        let why = |root: &String| passed_over.and_then(|p| p.get(&ActionId::from(root.as_str())));
        step.criteria
            .iter()
            .enumerate()
            .map(|(index, criterion)| {
                let mut roots = criterion.expression.roots();
                roots.extend(criterion.expression.changes().iter().map(|c| c.action().to_owned()));
                let looked_at: Vec<&String> =
                    roots.iter().filter(|r| step.has(&ActionId::from(r.as_str()))).collect();
                let reasons: Vec<&Said> = looked_at.iter().filter_map(|root| why(root)).collect();
                if !looked_at.is_empty() && reasons.len() == looked_at.len() {
                    let (text, reason) = (criterion.text(), reasons[0].clone());
                    return Event::CriterionPassedOver { step: step.id, attempt, index, text, reason };
                }
                let judgement = judgements.remove(&index).unwrap_or_else(|| criterion.judge(index, scope));
                Event::CriterionJudged { step: step.id, attempt, judgement }
            })
            .collect()
    }

    /// Artifacts that the step promises and that no action stored; those of what was passed over are not missed.
    fn missing_artifacts(&self, step: &Step, attempt: Attempt) -> Vec<String> {
        let Some(status) = self.attempt(step, attempt) else { return Vec::new() };
        let stored: Vec<&str> = status.artifacts().into_iter().map(|a| a.path.as_str()).collect();
        let passed_over = |wanted: &str| {
            wanted.split('/').next().is_some_and(|action| status.passed_over.contains_key(&action.into()))
        };
        step.artifacts
            .iter()
            .filter(|wanted| !passed_over(wanted))
            .filter(|wanted| !stored.iter().any(|path| path.ends_with(&format!("/{wanted}"))))
            .cloned()
            .collect()
    }

    pub(super) fn attempt(&self, step: &Step, attempt: Attempt) -> Option<&AttemptStatus> {
        self.recorder.state().steps.get(&step.id)?.attempts.iter().find(|a| a.attempt == attempt)
    }

    /// Starts the watches that apply; the answer is why one could not be.
    fn start_watches(
        &mut self,
        step: &Step,
        attempt: Attempt,
        scope: &Scope,
        end: &CancellationToken,
        halt: &Halt,
    ) -> Result<Result<Vec<watch::Watching>, Said>, EngineError> {
        if step.watches.is_empty() {
            return Ok(Ok(Vec::new()));
        }
        let names = scope.template_names();
        let (mut prepared, mut passed_over) = (Vec::new(), Vec::new());
        for watch in &step.watches {
            let id = &watch.spec.id;
            match applies(&watch.spec, scope) {
                Ok(None) => {}
                Ok(Some(reason)) => {
                    passed_over.push(Event::ActionPassedOver {
                        step: step.id,
                        attempt,
                        action: id.clone(),
                        reason,
                    });
                    continue;
                }
                Err(reason) => return Ok(Err(reason)),
            }
            let parsed =
                template::resolve(&watch.spec.params, &names).map_err(Said::from).and_then(|params| {
                    (watch.spec.kind.parse)(&params).map_err(|e| messages::parameters_refused(&e))
                });
            match parsed {
                Ok(parsed) => prepared.push((watch, parsed)),
                Err(error) => return Ok(Err(messages::watch(id.as_str(), error))),
            }
        }
        self.recorder.stage(passed_over)?;
        let tallies = |id: &ActionId| {
            let criteria = step.criteria.iter().enumerate();
            criteria
                .filter(|(_, c)| matches!(&c.form, Form::Always { watch, .. } if watch == id))
                .filter_map(|(index, c)| Tally::new(c, index, scope))
                .collect()
        };
        Ok(Ok(prepared
            .into_iter()
            .map(|(watch, action)| {
                let id = &watch.spec.id;
                let folder = RunDir::action(step.id, attempt, id);
                let mut cx = self.context(step.id, attempt, id.clone(), &folder);
                cx.sampling = true;
                watch::start(watch, action, cx, end.clone(), tallies(id), halt.clone())
            })
            .collect()))
    }

    /// Waits for the last looks, keeps what was seen, and gives what `always` and `guard` came to.
    async fn finish_watches(
        &mut self,
        step: StepId,
        attempt: Attempt,
        scope: &mut Scope,
        watching: Vec<watch::Watching>,
    ) -> Result<BTreeMap<usize, Judgement>, EngineError> {
        let mut judgements = BTreeMap::new();
        for watching in watching {
            let (id, kind, declared) = (watching.id.clone(), watching.kind, watching.declared.clone());
            let seen = watching.finish().await;
            let mut events: Vec<Event> = seen
                .artifacts
                .into_iter()
                .map(|artifact| Event::ArtifactStored { step, attempt, action: id.clone(), artifact })
                .collect();
            scope.evidence.insert(id.clone(), seen.evidence.clone());
            judgements.extend(seen.judgements.into_iter().map(|j| (j.index, j)));
            events.push(Event::WatchFinished {
                step,
                attempt,
                watch: id,
                kind: kind.name.to_owned(),
                declared: Some(declared),
                evidence: seen.evidence,
            });
            self.recorder.commit(events)?;
        }
        Ok(judgements)
    }
}

fn judgement_of(event: &Event) -> Option<&Judgement> {
    match event {
        Event::CriterionJudged { judgement, .. } => Some(judgement),
        _ => None,
    }
}

/// The criteria that came to `least` or worse; the worst, and of these what must hold, stand first.
fn not_held<'e>(step: &Step, events: &'e [Event], least: Verdict) -> Vec<&'e Judgement> {
    let judged = events.iter().filter_map(judgement_of);
    let mut found: Vec<&Judgement> = judged.filter(|judgement| judgement.verdict >= least).collect();
    found.sort_by_key(|judgement| (std::cmp::Reverse(judgement.verdict), !must(step, judgement)));
    found
}

fn must(step: &Step, judgement: &Judgement) -> bool {
    step.criteria.get(judgement.index).is_some_and(|criterion| criterion.must)
}

fn told(judgement: &Judgement) -> Said {
    let text = &judgement.text;
    match judgement.verdict {
        Verdict::Pass => messages::pass(text),
        Verdict::Warn => messages::warn(text),
        Verdict::Inconclusive => messages::inconclusive(text),
        Verdict::Fail => messages::fail(text),
        Verdict::Error => messages::error(text),
    }
}

/// Why an action or a watch is passed over, where it does not apply. An error where that cannot be told.
pub(super) fn applies(spec: &crate::plan::ActionSpec, scope: &Scope) -> Result<Option<Said>, Said> {
    let Some(when) = &spec.when else { return Ok(None) };
    let text = when.expression.text();
    match when.holds(scope) {
        Ok(true) => Ok(None),
        Ok(false) => Ok(Some(messages::not_applicable(text))),
        Err(reason) => Err(messages::action(spec.id.as_str(), messages::when_failed(text, reason))),
    }
}
