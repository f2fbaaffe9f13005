//! [`RunState`]: the state of a run as the fold of its journal. [`RunState::apply`] is the only way that it changes.

use super::{
    ActionId, Artifact, Attempt, Declared, Evidence, Said, StepId, StepState, Verdict,
    event::{
        ActionResult, Answer, Approve, Event, Judgement, Note, Outcome, PlanOutline, Record, RunHeader,
        Scenario, StepOutline, Undo,
    },
};
use jiff::Timestamp;
use std::{collections::BTreeMap, sync::Arc};

/// The state of a run: the fold of its journal.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunState {
    /// What the run is of; absent before the first record.
    pub header: Option<RunHeader>,
    /// When the first record was written.
    pub started: Option<Timestamp>,
    /// When the latest record was written, and its number.
    pub last: Option<(u64, Timestamp)>,
    /// The latest time of any record: later than that of the last one where the clock was set back.
    pub latest: Option<Timestamp>,
    /// How the run ended, unless it goes on.
    pub outcome: Option<Outcome>,
    /// Every step of the plan.
    pub steps: BTreeMap<StepId, StepStatus>,
    /// The snapshots of the platform's configuration, each with its time, files and remarks.
    pub snapshots: Vec<(Timestamp, Vec<Artifact>, Vec<Said>)>,
    /// What people noted in this run.
    pub notes: Vec<(Timestamp, Note)>,
    /// How often the run was resumed.
    pub resumed: u32,
    /// The plan at the start and at each resumption, oldest first.
    pub plans: Vec<PlanOutline>,
}

/// One step and all its attempts.
#[derive(Debug, Clone, PartialEq)]
pub struct StepStatus {
    /// The step as the latest plan of the run has it.
    pub outline: Arc<StepOutline>,
    /// Every attempt, oldest first.
    pub attempts: Vec<AttemptStatus>,
    /// The state, apart from what follows from other steps.
    phase: Phase,
    /// The decision to go on in spite of the verdict.
    pub waiver: Option<Decision>,
    /// The decision to pass the step over.
    pub skipped: Option<Decision>,
    /// Why the step does not apply, where it does not.
    pub not_applicable: Option<Said>,
    /// Why the step was set back, where it was.
    pub reset: Option<Said>,
    /// Whether it was set back only to be judged again.
    pub judge_again: bool,
    /// Answers to questions of its actions.
    pub answers: BTreeMap<ActionId, Vec<(Timestamp, Answer)>>,
    /// Questions that nobody has answered: whether an action may be done again.
    pub questions: BTreeMap<ActionId, Said>,
}

/// A person's decision about a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Person who decided: the name given with `--by`, or `user@host`.
    pub by: String,
    /// Reason that the person gave with `--reason`.
    pub reason: Said,
    /// Time of the record of the decision.
    pub at: Timestamp,
    /// Expiry of a waiver; absent where it has none.
    pub until: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Pending,
    Running,
    AwaitingApproval,
    Ended(Verdict),
    Interrupted,
    NotApplicable,
}

/// One attempt at a step.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptStatus {
    /// Number of the attempt at its step, from 1.
    pub attempt: Attempt,
    /// The plan that it followed, as a place in [`RunState::plans`].
    pub plan: usize,
    /// Time of the record that began it.
    pub started: Timestamp,
    /// Time of the record that ended it; absent while it runs.
    pub ended: Option<Timestamp>,
    /// What it came to; `None` while it runs and when it was interrupted.
    pub verdict: Option<Verdict>,
    /// Why the verdict is what it is, in a sentence; empty before the end.
    pub reason: Said,
    /// Actions in the order in which they started.
    pub actions: Vec<ActionStatus>,
    /// Watches that have ended, with their evidence, by name.
    pub watches: BTreeMap<ActionId, WatchStatus>,
    /// Criteria that have been judged, in the order of the records.
    pub judgements: Vec<Judgement>,
    /// Actions and watches that were passed over, and why.
    pub passed_over: BTreeMap<ActionId, Said>,
    /// Criteria that were not judged because what they look at was passed over, by their place, and why.
    pub not_judged: BTreeMap<usize, Said>,
    /// The person's answer, and what was asked.
    pub approval: Option<(Approve, Option<Answer>)>,
}

/// One action of an attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionStatus {
    /// Name of the action in the step.
    pub action: ActionId,
    /// Key of the action in the step file, such as `produce`.
    pub kind: String,
    /// What it is for, and what its outputs are.
    pub declared: Declared,
    /// What the action does with its parameters, in one line.
    pub description: Said,
    /// Parameters, resolved and masked.
    pub params: serde_json::Value,
    /// Time of the record that started it.
    pub started: Timestamp,
    /// Time of the record that ended it; absent while it runs.
    pub ended: Option<Timestamp>,
    /// Evidence or failure; absent while it runs and when it was interrupted.
    pub result: Option<ActionResult>,
    /// Files of evidence that it stored, with size and SHA-256.
    pub artifacts: Vec<Artifact>,
    /// The action that undoes it.
    pub undo: Option<Undo>,
    /// Whether that was done, or why it could not be.
    pub undone: Option<Result<(), Said>>,
    /// The attempt that did the work, when it was kept.
    pub kept_from: Option<Attempt>,
    /// Which scenario of which matrix it is.
    pub scenario: Option<Scenario>,
    /// Why each earlier try failed, oldest first.
    pub retried: Vec<Said>,
}

/// One watch of an attempt.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WatchStatus {
    /// Kind of the action that is the probe, such as `prometheus`.
    pub kind: String,
    /// What it is for, and what its outputs are, as its kind declares them.
    pub declared: Declared,
    /// Statistics over all samples, and remarks.
    pub evidence: Evidence,
    /// Files of evidence that it stored, with size and SHA-256.
    pub artifacts: Vec<Artifact>,
    /// The attempt in which it looked, when what it saw was kept.
    pub kept_from: Option<Attempt>,
}

super::messages! {
    area "state";
    run_ended_first() => "the run ended before the step did" / "l'exécution s'est terminée avant l'étape";
}

impl StepStatus {
    fn new(outline: Arc<StepOutline>) -> Self {
        Self {
            outline,
            attempts: Vec::new(),
            phase: Phase::Pending,
            waiver: None,
            skipped: None,
            not_applicable: None,
            reset: None,
            judge_again: false,
            answers: BTreeMap::new(),
            questions: BTreeMap::new(),
        }
    }

    /// Whether nothing but a reset can make it run again.
    pub fn passed_for_good(&self) -> bool {
        matches!(self.phase, Phase::Ended(verdict) if verdict.unlocks())
    }

    /// Returns the latest attempt; `None` before the first.
    pub fn latest(&self) -> Option<&AttemptStatus> {
        self.attempts.last()
    }

    /// The latest attempt in which something was done. A crash may have ended the ones behind it before they began
    /// anything of their own.
    pub fn latest_at_work(&self) -> Option<&AttemptStatus> {
        self.attempts.iter().rev().find(|a| !a.is_idle()).or(self.attempts.last())
    }

    /// Answers to an action's questions that were given since the attempt before the latest one began: those that
    /// a new attempt may use. Older ones belong to older questions.
    pub fn answers_since(&self, attempt: &AttemptStatus, action: &ActionId) -> Vec<Answer> {
        let given = self.answers.get(action).map_or(&[][..], Vec::as_slice);
        given.iter().filter(|(at, _)| *at >= attempt.started).map(|(_, answer)| answer.clone()).collect()
    }

    /// The latest attempt whose verdict lets the step pass.
    pub fn passed(&self) -> Option<&AttemptStatus> {
        self.attempts.iter().rev().find(|a| a.verdict.is_some_and(Verdict::unlocks))
    }
}

impl AttemptStatus {
    /// Whether it came to nothing of its own: it ended, if at all, with its run, and only took over what was kept.
    pub fn is_idle(&self) -> bool {
        self.verdict.is_none()
            && self.approval.is_none()
            && self.actions.iter().all(|a| a.kept_from.is_some())
            && self.watches.values().all(|w| w.kept_from.is_some())
    }

    /// The action of that name.
    pub fn action(&self, id: &ActionId) -> Option<&ActionStatus> {
        self.actions.iter().find(|a| a.action == *id)
    }

    /// Evidence by action and watch.
    pub fn evidence(&self) -> impl Iterator<Item = (ActionId, Evidence)> + '_ {
        let actions = self.actions.iter().filter_map(|a| Some((a.action.clone(), a.evidence()?.clone())));
        actions.chain(self.watches.iter().map(|(id, w)| (id.clone(), w.evidence.clone())))
    }

    /// Returns the artifacts of all its actions and watches.
    pub fn artifacts(&self) -> Vec<&Artifact> {
        let watched = self.watches.values().flat_map(|w| &w.artifacts);
        self.actions.iter().flat_map(|a| &a.artifacts).chain(watched).collect()
    }

    /// Actions that changed the platform and whose change stands: started, with an undo, neither undone nor ended well.
    pub fn to_undo(&self) -> impl Iterator<Item = &ActionStatus> {
        self.actions.iter().filter(|a| {
            a.undo.is_some()
                && !matches!(a.undone, Some(Ok(())))
                && !matches!(a.result, Some(ActionResult::Done(_)))
        })
    }
}

impl ActionStatus {
    /// The evidence it brought, whole or not.
    pub fn evidence(&self) -> Option<&Evidence> {
        self.result.as_ref().map(ActionResult::evidence)
    }
}

impl RunState {
    /// The state after all of `records`.
    pub fn replay<'a>(records: impl IntoIterator<Item = &'a Record>) -> Self {
        let mut state = Self::default();
        for record in records {
            state.apply(record);
        }
        state
    }

    /// What actions of any attempt did to the platform and what was not undone, oldest first.
    pub fn to_undo(&self) -> impl Iterator<Item = (StepId, Attempt, &ActionStatus)> {
        let attempts = self.steps.iter().flat_map(|(id, s)| s.attempts.iter().map(move |a| (*id, a)));
        attempts.flat_map(|(id, attempt)| attempt.to_undo().map(move |a| (id, attempt.attempt, a)))
    }

    /// The time by which waivers expire: what the clock says, and never before a record. One that has expired does not
    /// count again because the clock was set back.
    pub fn now(&self, clock: Timestamp) -> Timestamp {
        self.latest.map_or(clock, |latest| latest.max(clock))
    }

    /// State of one step, with what follows from the steps that it needs. A waiver counts until it expires.
    pub fn step_state(&self, step: StepId, clock: Timestamp) -> StepState {
        let now = self.now(clock);
        let Some(status) = self.steps.get(&step) else { return StepState::Locked };
        if status.skipped.is_some() {
            return StepState::Skipped;
        }
        if status.waiver.as_ref().is_some_and(|w| w.until.is_none_or(|until| now < until)) {
            return StepState::Waived;
        }
        match status.phase {
            Phase::Running => StepState::Running,
            Phase::AwaitingApproval => StepState::AwaitingApproval,
            Phase::Interrupted => StepState::Interrupted,
            Phase::NotApplicable => StepState::NotApplicable,
            Phase::Ended(Verdict::Pass | Verdict::Warn) => StepState::Passed,
            Phase::Ended(Verdict::Fail) => StepState::Failed,
            Phase::Ended(Verdict::Inconclusive) => StepState::Inconclusive,
            Phase::Ended(Verdict::Error) => StepState::Error,
            Phase::Pending if self.needs_met(step, now) => StepState::Ready,
            Phase::Pending => StepState::Locked,
        }
    }

    /// Whether every step that `step` needs lets it go on.
    pub fn needs_met(&self, step: StepId, now: Timestamp) -> bool {
        self.steps
            .get(&step)
            .is_some_and(|s| s.outline.needs.iter().all(|need| self.step_state(*need, now).unlocks()))
    }

    /// Applies one record: the only place where a state changes.
    pub fn apply(&mut self, record: &Record) {
        let at = record.at;
        self.last = Some((record.seq, at));
        self.latest = self.latest.max(Some(at));
        match &record.event {
            Event::RunStarted(header) => {
                self.started = Some(at);
                self.steps = header.plan.steps.iter().map(|s| (s.step, StepStatus::new(s.clone()))).collect();
                self.plans.push(header.plan.clone());
                self.header = Some((**header).clone());
            }
            Event::RunResumed { plan, selection, .. } => {
                self.outcome = None;
                self.resumed += 1;
                self.plans.push(plan.clone());
                for outline in &plan.steps {
                    self.steps
                        .entry(outline.step)
                        .or_insert_with(|| StepStatus::new(outline.clone()))
                        .outline = outline.clone();
                }
                self.steps.retain(|id, s| !s.attempts.is_empty() || plan.steps.iter().any(|o| o.step == *id));
                self.interrupt();
                if let Some(header) = &mut self.header {
                    header.plan = plan.clone();
                    header.selection.clone_from(selection);
                }
            }
            Event::RunFinished { outcome } => {
                self.interrupt();
                self.outcome = Some(*outcome);
            }
            Event::SnapshotTaken { artifacts, remarks } => {
                self.snapshots.push((at, artifacts.clone(), remarks.clone()));
            }
            Event::NoteAdded(note) => self.notes.push((at, note.clone())),
            other => self.apply_to_step(at, other),
        }
    }

    /// Steps that still run have been interrupted: their run has ended.
    fn interrupt(&mut self) {
        for status in self.steps.values_mut().filter(|s| s.phase == Phase::Running) {
            status.phase = Phase::Interrupted;
            if let Some(attempt) = status.attempts.last_mut() {
                attempt.reason = run_ended_first();
            }
        }
    }

    fn apply_to_step(&mut self, at: Timestamp, event: &Event) {
        let plan = self.plans.len().saturating_sub(1);
        let format = self.header.as_ref().map_or(1, |header| header.format);
        let Some(status) = event.step().and_then(|id| self.steps.get_mut(&id)) else { return };
        match event {
            Event::StepStarted { attempt, .. } => {
                status.phase = Phase::Running;
                status.reset = None;
                status.questions.clear();
                let attempts = exactly_one_more(&mut status.attempts);
                attempts.push(AttemptStatus {
                    attempt: *attempt,
                    plan,
                    started: at,
                    ended: None,
                    verdict: None,
                    reason: Said::default(),
                    actions: Vec::new(),
                    watches: BTreeMap::new(),
                    judgements: Vec::new(),
                    passed_over: BTreeMap::new(),
                    not_judged: BTreeMap::new(),
                    approval: None,
                });
            }
            Event::StepNotApplicable { reason, .. } => {
                status.phase = Phase::NotApplicable;
                status.not_applicable = Some(reason.clone());
            }
            Event::StepReset { reason, judge_again, .. } => {
                status.judge_again = *judge_again;
                status.phase = Phase::Pending;
                status.not_applicable = None;
                status.waiver = None;
                status.skipped = None;
                status.reset = Some(reason.clone());
            }
            Event::StepSkipped { by, reason, .. } => {
                status.skipped = Some(Decision { by: by.clone(), reason: reason.clone(), at, until: None });
            }
            Event::StepWaived { by, reason, until, .. } => {
                status.waiver = Some(Decision {
                    by: by.clone(),
                    reason: Said::verbatim(reason.as_str()),
                    at,
                    until: *until,
                });
            }
            Event::QuestionAsked { action, question, .. } => {
                status.questions.insert(action.clone(), question.clone());
            }
            Event::AnswerGiven { action, answer, .. } => {
                status.questions.remove(action);
                status.answers.entry(action.clone()).or_default().push((at, answer.clone()));
            }
            Event::ApprovalGiven { answer, .. } => {
                if let Some(attempt) = status.attempts.last_mut()
                    && let Some((_, given)) = &mut attempt.approval
                {
                    *given = Some(answer.clone());
                }
            }
            Event::ApprovalRequested { approve, .. } => {
                status.judge_again = false;
                status.phase = Phase::AwaitingApproval;
                if let Some(attempt) = status.attempts.last_mut() {
                    attempt.approval = Some((approve.clone(), None));
                }
            }
            Event::StepFinished { verdict, reason, .. } => {
                status.judge_again = false;
                status.phase = Phase::Ended(*verdict);
                if let Some(attempt) = status.attempts.last_mut() {
                    attempt.ended = Some(at);
                    attempt.verdict = Some(*verdict);
                    attempt.reason.clone_from(reason);
                }
            }
            other => status.apply_to_attempt(at, format, other),
        }
    }
}

/// Room for one element: most steps have one of each, for which a list would otherwise take the room of four.
fn exactly_one_more<T>(list: &mut Vec<T>) -> &mut Vec<T> {
    if list.is_empty() {
        list.reserve_exact(1);
    }
    list
}

impl StepStatus {
    fn apply_to_attempt(&mut self, at: Timestamp, format: u32, event: &Event) {
        let Some(number) = event.attempt() else { return };
        if let Event::ActionKept { action, from, .. } = event {
            let kept =
                self.attempts.iter().find(|a| a.attempt == *from).and_then(|a| a.action(action)).cloned();
            if let (Some(mut kept), Some(attempt)) = (kept, self.attempts.last_mut()) {
                kept.kept_from = Some(kept.kept_from.unwrap_or(*from));
                attempt.actions.push(kept);
            }
            return;
        }
        if let Event::WatchKept { watch, from, .. } = event {
            let kept =
                self.attempts.iter().find(|a| a.attempt == *from).and_then(|a| a.watches.get(watch)).cloned();
            if let (Some(mut kept), Some(attempt)) = (kept, self.attempts.last_mut()) {
                kept.kept_from = Some(kept.kept_from.unwrap_or(*from));
                attempt.watches.insert(watch.clone(), kept);
            }
            return;
        }
        // The one that is meant is among the last: a long run has many.
        let Some(attempt) = self.attempts.iter_mut().rev().find(|a| a.attempt == number) else { return };
        match event {
            Event::ActionStarted { action, kind, declared, description, params, undo, scenario, .. } => {
                exactly_one_more(&mut attempt.actions).push(ActionStatus {
                    action: action.clone(),
                    kind: kind.clone(),
                    declared: Declared::read(declared.as_ref(), format, kind, params),
                    description: description.clone(),
                    params: params.clone(),
                    started: at,
                    ended: None,
                    result: None,
                    artifacts: Vec::new(),
                    undo: undo.clone(),
                    undone: None,
                    kept_from: None,
                    scenario: scenario.clone(),
                    retried: Vec::new(),
                });
            }
            Event::ActionPassedOver { action, reason, .. } => {
                attempt.passed_over.insert(action.clone(), reason.clone());
            }
            Event::ActionRetried { action, reason, .. } => {
                if let Some(status) = attempt.actions.iter_mut().find(|a| a.action == *action) {
                    status.retried.push(reason.clone());
                }
            }
            Event::CriterionPassedOver { index, reason, .. } => {
                attempt.not_judged.insert(*index, reason.clone());
            }
            Event::ActionFinished { action, result, .. } => {
                if let Some(status) = attempt.actions.iter_mut().find(|a| a.action == *action) {
                    status.ended = Some(at);
                    status.result = Some(result.clone());
                }
            }
            Event::ActionUndone { action, failure, .. } => {
                if let Some(status) = attempt.actions.iter_mut().find(|a| a.action == *action) {
                    status.undone = Some(failure.clone().map_or(Ok(()), Err));
                }
            }
            Event::ArtifactStored { action, artifact, .. } => {
                match attempt.actions.iter_mut().find(|a| a.action == *action) {
                    Some(status) => status.artifacts.push(artifact.clone()),
                    None => {
                        attempt.watches.entry(action.clone()).or_default().artifacts.push(artifact.clone())
                    }
                }
            }
            Event::CriterionJudged { judgement, .. } => {
                exactly_one_more(&mut attempt.judgements).push(judgement.clone());
            }
            Event::WatchFinished { watch, kind, declared, evidence, .. } => {
                let status = attempt.watches.entry(watch.clone()).or_default();
                status.kind.clone_from(kind);
                status.declared = Declared::read_watch(declared.as_ref(), format, kind, watch);
                status.evidence = evidence.clone();
            }
            _ => {}
        }
    }
}
