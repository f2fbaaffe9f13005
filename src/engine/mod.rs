//! When: *plan → schedule → action → evidence → verdict → event → (journal, state, observers) → report.*
//!
//! [`Engine::run`] asks the pure scheduler what is next, carries the step out and commits what happened, until
//! nothing more can be done. Intent is durable before its effect; faults are undone before anything else.

mod actions;
mod changes;
pub mod decide;
mod doubt;
mod earlier;
mod execute;
mod halt;
mod journalled;
mod keep;
pub(crate) mod messages;
pub mod resume;
mod samples;
pub mod schedule;
mod scope;
mod settled;
mod step;
mod stop;
mod undo;
mod watch;

pub use execute::bounded;
pub use schedule::Selection;
pub use stop::Stop;

use crate::{
    action::{ActionContext, Operator, Progress},
    history::Past,
    plan::{ActionSpec, Plan, Scope, Step},
    record::{
        ActionId, Arg, Attempt, Event, RunState, Said, Speaks, StepId, StepState, Verdict, display_by_said,
        event::{ActionResult, Cause, Outcome},
    },
    store::{Recorder, journal},
    support::text,
};
use jiff::Timestamp;
use schedule::Next;
use settled::Settled;
use std::{collections::BTreeSet, error::Error, iter, path::PathBuf, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// How long the end of a run waits for those who are being told of it.
const TELLING: Duration = Duration::from_secs(20);

/// Runs a plan: decides, executes, judges and records.
pub struct Engine<'p> {
    /// Compiled plan that is carried out; the newest outline in the journal is of it.
    pub plan: &'p Plan,
    /// The recorder of the run, through which every event goes.
    pub recorder: Recorder,
    /// The person who is asked, where one can be.
    pub operator: Arc<dyn Operator>,
    /// How the operator ends the run.
    pub stop: Stop,
    /// Which steps were asked for.
    pub selection: Selection,
    /// What is kept of the attempts before.
    pub decisions: resume::Decisions,
    /// Other runs that this one compares with.
    pub past: Past,
}

/// What stops a run at once.
#[derive(Debug)]
pub enum EngineError {
    /// The journal cannot be written.
    Journal(journal::JournalError),
    /// The journal cannot be written, and a change to the platform could not be undone.
    Left {
        /// The error of the journal.
        cause: journal::JournalError,
        /// What stands, in sentences.
        left: Vec<Said>,
    },
    /// Artifacts of this very run are gone or not what was stored, or its record of process groups is.
    Lost {
        /// Folder of the run below `artifacts`.
        folder: PathBuf,
        /// Paths of the lost files, below that folder.
        lost: Vec<String>,
    },
    /// A change to the platform could not be undone.
    NotUndone {
        /// Number of the step whose action changed the platform.
        step: StepId,
        /// Action whose change may still be in place.
        action: ActionId,
        /// Why the undo failed, in a sentence.
        cause: Said,
    },
}

impl From<journal::JournalError> for EngineError {
    fn from(error: journal::JournalError) -> Self {
        Self::Journal(error)
    }
}

impl Speaks for EngineError {
    fn said(&self) -> Said {
        match self {
            Self::Journal(error) => error.said(),
            Self::Left { cause, left } => Said::all(iter::once(cause.said()).chain(left.iter().cloned())),
            Self::Lost { folder, lost } => {
                messages::evidence_lost(Arg::list(lost.iter().cloned()), Arg::text(text::path(folder)))
            }
            Self::NotUndone { step, action, cause } => {
                messages::not_undone(action.as_str(), step.0, cause.clone())
            }
        }
    }
}

display_by_said!(EngineError);

impl Error for EngineError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Journal(cause) | Self::Left { cause, .. } => Some(cause),
            Self::Lost { .. } | Self::NotUndone { .. } => None,
        }
    }
}

/// Whether the run goes on, or waits for a person.
enum Gate {
    Through,
    Waiting,
}

impl Engine<'_> {
    /// Runs what can be run. The run's end is in the journal when this returns.
    pub async fn run(mut self) -> Result<(Outcome, RunState), EngineError> {
        let outcome = match self.steps().await {
            Ok(_) if self.stop.asked() => Outcome::Interrupted,
            Ok(Gate::Waiting) => Outcome::Waiting,
            Ok(Gate::Through) => outcome(self.recorder.state(), &self.selection),
            Err(error) => return Err(self.without_journal(error).await),
        };
        let lost = self.recorder.lost()?;
        self.nothing_is(lost)?;
        self.recorder.commit([Event::RunFinished { outcome }])?;
        self.recorder.close_observers(TELLING)?;
        Ok((outcome, self.recorder.into_state()))
    }

    /// Undoes what an unfinished run left on the platform, and ends it on record, without continuing it.
    pub async fn clear(mut self) -> Result<(), EngineError> {
        match self.clear_first().await {
            Ok(()) => Ok(self.recorder.commit([Event::RunFinished { outcome: Outcome::Interrupted }])?),
            Err(error) => Err(self.without_journal(error).await),
        }
    }

    /// What comes before anything else: what a killed run left must not go on, and must not stand.
    async fn clear_first(&mut self) -> Result<(), EngineError> {
        self.end_what_lives().await?;
        self.undo_what_stands(None).await
    }

    /// What an error becomes once the platform is as it was, where the journal cannot say that any more.
    async fn without_journal(&self, error: EngineError) -> EngineError {
        let EngineError::Journal(cause) = error else { return error };
        let left = self.undo_unrecorded().await;
        if left.is_empty() { cause.into() } else { EngineError::Left { cause, left } }
    }

    /// Whether nothing of the evidence is lost.
    fn nothing_is(&self, lost: Vec<String>) -> Result<(), EngineError> {
        match lost.is_empty() {
            true => Ok(()),
            false => Err(EngineError::Lost { folder: self.recorder.dir().path.clone(), lost }),
        }
    }

    async fn steps(&mut self) -> Result<Gate, EngineError> {
        self.clear_first().await?;
        self.snapshot().await?;
        // A step that was to be kept stays as it is, also when the waiver that keeps it expires on the way.
        let kept = self.decisions.values().filter(|d| d.fate == resume::Fate::Kept);
        let mut tried: BTreeSet<StepId> = kept.map(|d| d.step).collect();
        let mut first = StepId(0);
        while !self.stop.asked() {
            let state = self.recorder.state();
            // What has passed for good is not looked at again: a long plan would be, once for each of its steps.
            let mut open = state.steps.range(first..).filter(|(_, status)| !status.passed_for_good());
            first = open.next().map_or(first, |(id, _)| *id);
            match schedule::next(state, &self.selection, &tried, first, Timestamp::now()) {
                Next::Done => break,
                Next::Conclude(step) => {
                    tried.insert(step);
                    self.conclude(step)?;
                }
                Next::Run(id) => {
                    tried.insert(id);
                    let plan = self.plan;
                    let Some(step) = plan.graph.step(id) else { continue };
                    if !self.applies(step)? {
                        continue;
                    }
                    match self.settle_doubts(step).await? {
                        Settled::Yes => {}
                        Settled::Refused => continue,
                        Settled::Waiting => return Ok(Gate::Waiting),
                    }
                    let ended = self.step(step).await?;
                    let lost = self.recorder.lost_lately()?;
                    self.nothing_is(lost)?;
                    if ended.is_waiting() {
                        return Ok(Gate::Waiting);
                    }
                    // What comes next could not be kept either.
                    if failed_by(self.recorder.state(), id, Cause::Disk) {
                        break;
                    }
                }
            }
        }
        Ok(Gate::Through)
    }

    /// Whether the step applies to this platform. One that does not is passed over; where it cannot be told, the step
    /// ends inconclusive.
    fn applies(&mut self, step: &Step) -> Result<bool, EngineError> {
        let Some(when) = &step.when else { return Ok(true) };
        let (id, text) = (step.id, when.expression.text());
        match when.holds(&self.scope(step)) {
            Ok(true) => return Ok(true),
            Ok(false) => {
                let reason = messages::condition_false(text);
                self.recorder.stage([Event::StepNotApplicable { step: id, reason }])?;
            }
            Err(reason) => {
                let attempt = self.next_attempt(id);
                let reason = messages::when_failed(text, reason);
                self.recorder.stage([
                    Event::StepStarted { step: id, attempt },
                    Event::StepFinished { step: id, attempt, verdict: Verdict::Inconclusive, reason },
                ])?;
            }
        }
        Ok(false)
    }

    fn next_attempt(&self, step: StepId) -> Attempt {
        let attempts = self.recorder.state().steps.get(&step).map_or(0, |s| s.attempts.len());
        Attempt(u32::try_from(attempts).unwrap_or(u32::MAX)).next()
    }

    /// Keeps the platform's configuration as it is found. What cannot be read is said, and stops nothing.
    async fn snapshot(&mut self) -> Result<(), EngineError> {
        if self.plan.environment.clusters.is_empty() {
            return Ok(());
        }
        let Ok(action) = crate::action::snapshot() else { return Ok(()) };
        let number = self.recorder.state().snapshots.len() + 1;
        let cx = self.context(
            StepId(0),
            Attempt::FIRST,
            ActionId::from("snapshot"),
            &format!("snapshot/{number}"),
        );
        let limit = action.time_limit();
        let executed = execute::execute(action, cx, limit, self.stop.clone()).await;
        let remarks = match executed.result {
            ActionResult::Done(evidence) => evidence.remarks,
            ActionResult::Failed { message, mut evidence, .. } => {
                evidence.remarks.push(message);
                evidence.remarks
            }
        };
        self.recorder.commit([Event::SnapshotTaken { artifacts: executed.artifacts, remarks }])?;
        Ok(())
    }

    /// What an action of this run is given.
    fn context(&self, step: StepId, attempt: Attempt, action: ActionId, folder: &str) -> ActionContext {
        let answers = self.recorder.state().steps.get(&step).and_then(|status| {
            let before = status.attempts.iter().rev().find(|a| a.attempt < attempt)?;
            Some(status.answers_since(before, &action))
        });
        ActionContext {
            answers: answers.unwrap_or_default(),
            action,
            artifacts: Arc::new(self.recorder.artifacts(folder)),
            attempt,
            cancel: CancellationToken::new(),
            children: self.recorder.children(),
            deadline: None,
            earlier: Arc::default(),
            environment: Arc::clone(&self.plan.environment),
            operator: Arc::clone(&self.operator),
            progress: Progress::default(),
            run: self.recorder.dir().run.clone(),
            sampling: false,
            step,
            work_dir: self.plan.root.clone(),
        }
    }

    /// What criteria and parameters of a step see before it starts: the evidence of the steps that it needs.
    pub(super) fn scope(&self, step: &Step) -> Scope {
        scope::of(self.plan, self.recorder.state(), &self.past, step)
    }

    /// The limit of an action: the step file's, else the action's own.
    fn limit(spec: &ActionSpec, action: &dyn crate::action::Action) -> Duration {
        spec.timeout.unwrap_or_else(|| action.time_limit())
    }

    /// Ends a step that a person has approved or refused.
    fn conclude(&mut self, id: StepId) -> Result<(), EngineError> {
        let Some((attempt, answer)) =
            self.recorder.state().steps.get(&id).and_then(|s| s.latest()).and_then(|a| {
                let (_, answer) = a.approval.as_ref()?;
                Some((a, answer.clone()?))
            })
        else {
            return Ok(());
        };
        let worst = attempt.judgements.iter().map(|j| j.verdict).max().unwrap_or(Verdict::Pass);
        let (by, comment) = (&answer.by, &answer.comment);
        let (verdict, reason) = match (answer.yes, comment.is_empty()) {
            (true, true) => (worst, messages::approved(by)),
            (true, false) => (worst, messages::approved_with(by, comment)),
            (false, true) => (Verdict::Fail, messages::refused(by)),
            (false, false) => (Verdict::Fail, messages::refused_with(by, comment)),
        };
        let attempt = attempt.attempt;
        self.recorder.commit([Event::StepFinished { step: id, attempt, verdict, reason }])?;
        Ok(())
    }
}

/// Whether an action of the step's latest attempt failed for that cause.
pub fn failed_by(state: &RunState, step: StepId, cause: Cause) -> bool {
    state.steps.get(&step).and_then(|s| s.latest()).is_some_and(|attempt| {
        let mut results = attempt.actions.iter().filter_map(|a| a.result.as_ref());
        results.any(|r| matches!(r, ActionResult::Failed { cause: c, .. } if *c == cause))
    })
}

/// What the run came to, from the states of the steps that were asked for.
pub fn outcome(state: &RunState, selection: &Selection) -> Outcome {
    let now = Timestamp::now();
    let selected: Vec<StepId> = state.steps.keys().copied().filter(|s| selection.includes(*s)).collect();
    let states: Vec<StepState> = selected.iter().map(|s| state.step_state(*s, now)).collect();
    let any = |wanted: StepState| states.contains(&wanted);
    let cause = |wanted: Cause| {
        let open = selected.iter().filter(|s| !state.step_state(**s, now).unlocks());
        open.copied().any(|s| failed_by(state, s, wanted))
    };
    if any(StepState::Failed) {
        Outcome::Failed
    } else if any(StepState::Error) {
        if cause(Cause::Unreachable) { Outcome::Unreachable } else { Outcome::Error }
    } else if any(StepState::AwaitingApproval) {
        Outcome::Waiting
    } else if any(StepState::Inconclusive) {
        Outcome::Inconclusive
    } else if any(StepState::Interrupted) {
        Outcome::Interrupted
    } else if !states.iter().all(|s| s.unlocks()) {
        Outcome::Inconclusive
    } else if any(StepState::Waived) || any(StepState::Skipped) {
        Outcome::PassedWithExceptions
    } else {
        Outcome::Passed
    }
}
