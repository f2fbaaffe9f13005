//! The same as JSON. Fields may be added, none changes.

use super::shown::Shown;
use crate::{
    history::Found,
    record::{
        ActionId, Artifact, Attempt, Evidence, Language, Measured, OutputName, RunId, Said, StepId,
        StepState, Verdict,
        event::{ActionResult, Answer, Approve, Cause, Judgement, Operand, Undo},
        state::{ActionStatus, AttemptStatus, WatchStatus},
    },
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// One step of a run: every attempt with its criteria, and one attempt in full.
#[derive(Serialize, JsonSchema)]
pub(in crate::cli) struct Step<'a> {
    /// Name of the run.
    run: &'a RunId,
    /// Number of the step in the plan.
    step: StepId,
    /// Title of the step, in English.
    title: &'a str,
    /// What it is for, in English.
    objective: &'a str,
    /// State of the step, as `jalon status` shows it.
    state: StepState,
    /// How many attempts there are.
    attempts: usize,
    /// Every attempt, for comparing them.
    compared: Vec<Compared<'a>>,
    /// The attempt that was asked for, or the latest; `null` before the first.
    attempt: Option<Full<'a>>,
}

/// One action or watch of an attempt: one of the two is there.
#[derive(Serialize, JsonSchema)]
pub(in crate::cli) struct One<'a> {
    /// Name of the run.
    run: &'a RunId,
    /// Number of the step in the plan.
    step: StepId,
    /// Number of the attempt, from 1.
    attempt: Attempt,
    /// The action that was named; absent where an attempt or a watch was.
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<Action<'a>>,
    /// The watch that was named; absent where an attempt or an action was.
    #[serde(skip_serializing_if = "Option::is_none")]
    watch: Option<Brought<'a>>,
}

/// One attempt beside the others.
#[derive(Serialize, JsonSchema)]
struct Compared<'a> {
    /// Number of the attempt, from 1.
    attempt: Attempt,
    /// When the attempt began.
    started: Timestamp,
    /// When it ended; `null` before.
    ended: Option<Timestamp>,
    /// What it came to; `null` before its end.
    verdict: Option<Verdict>,
    /// How it stands, in a word.
    word: &'static str,
    /// Criteria that were judged, in the order of the step file.
    criteria: Vec<Judged<'a>>,
}

/// One criterion of an attempt beside those of the others.
#[derive(Serialize, JsonSchema)]
struct Judged<'a> {
    /// The criterion, as written in the step file.
    expect: &'a str,
    /// Verdict on the criterion.
    verdict: Verdict,
    /// Why the verdict is what it is, in a sentence.
    reason: &'a str,
    /// The left side, where it is a number.
    observed: Option<f64>,
    /// The left side as shown, with its unit.
    observed_text: Option<String>,
    /// The right side, where it is a number.
    limit: Option<f64>,
    /// The right side as shown, with its unit.
    limit_text: Option<String>,
}

/// One attempt at a step, with all that belongs to it.
#[derive(Serialize, JsonSchema)]
struct Full<'a> {
    /// Number of the attempt, from 1.
    attempt: Attempt,
    /// When the attempt began.
    started: Timestamp,
    /// When it ended; `null` before.
    ended: Option<Timestamp>,
    /// What it came to; `null` before its end.
    verdict: Option<Verdict>,
    /// Why the verdict is what it is, in a sentence.
    reason: &'a str,
    /// Its actions, in the order of their starts.
    actions: Vec<Action<'a>>,
    /// Watches of the attempt, with their evidence.
    watches: Vec<Brought<'a>>,
    /// Criteria that were judged, with the values that the verdicts rest on.
    judgements: &'a [Judgement],
    /// The go-ahead that it waits for or has had; `null` where none is asked for.
    approval: Option<Approval<'a>>,
}

/// What an action or a watch brought.
#[derive(Serialize, JsonSchema)]
struct Brought<'a> {
    /// Name of the action or watch in the step.
    id: &'a ActionId,
    /// Kind of the action, or of the probe of the watch.
    kind: &'a str,
    /// What it measured, by output, of a watch the summary of its samples; `null` where it brought nothing.
    values: Option<&'a BTreeMap<OutputName, Measured>>,
    /// What a reader must know beside the figures.
    remarks: Option<&'a [Said]>,
    /// The files that it left.
    artifacts: &'a [Artifact],
}

/// One action of an attempt.
#[derive(Serialize, JsonSchema)]
struct Action<'a> {
    /// Name, kind and evidence of the action.
    #[serde(flatten)]
    brought: Brought<'a>,
    /// What it does, in a line.
    description: &'a str,
    /// Its parameters, every expression resolved.
    params: &'a Json,
    /// When the action began.
    started: Timestamp,
    /// When it ended; `null` before.
    ended: Option<Timestamp>,
    /// Whether it was carried out.
    done: bool,
    /// Why it was not; `null` otherwise.
    failure: Option<Failure<'a>>,
    /// The attempt whose evidence was kept; `null` where it was done in this one.
    kept_from: Option<Attempt>,
    /// The action that undoes it; `null` where nothing needs undoing.
    undo: Option<&'a Undo>,
    /// Whether it was undone; `null` where that was not tried.
    undone: Option<bool>,
}

/// Why an action was not carried out.
#[derive(Serialize, JsonSchema)]
struct Failure<'a> {
    /// Class of the failure, from which the exit code follows.
    cause: Cause,
    /// What went wrong, in a sentence.
    message: &'a str,
}

/// The approval of a step, asked for or given.
#[derive(Serialize, JsonSchema)]
struct Approval<'a> {
    /// The role that is asked, and the question.
    asked: &'a Approve,
    /// The answer; `null` before it.
    answer: Option<&'a Answer>,
}

impl<'a> Step<'a> {
    /// With `attempt` in full.
    pub(super) fn of(shown: &Shown<'a>, attempt: Option<&'a AttemptStatus>) -> Self {
        let outline = &shown.status.outline;
        Self {
            run: shown.run,
            step: shown.id(),
            title: outline.title.get(shown.language.code()),
            objective: outline.objective.get(shown.language.code()),
            state: shown.word,
            attempts: shown.status.attempts.len(),
            compared: shown.status.attempts.iter().map(|a| Compared::of(shown, a)).collect(),
            attempt: attempt.map(Full::of),
        }
    }
}

impl<'a> One<'a> {
    /// What was found.
    pub(super) fn of(shown: &Shown<'a>, attempt: &AttemptStatus, found: Found<'a>) -> Self {
        let (action, watch) = match found {
            Found::Action(action) => (Some(Action::of(action)), None),
            Found::Watch(id, watch) => (None, Some(Brought::by_watch(id, watch))),
        };
        Self { run: shown.run, step: shown.id(), attempt: attempt.attempt, action, watch }
    }
}

impl<'a> Compared<'a> {
    fn of(shown: &Shown<'a>, attempt: &'a AttemptStatus) -> Self {
        Self {
            attempt: attempt.attempt,
            started: attempt.started,
            ended: attempt.ended,
            verdict: attempt.verdict,
            word: shown.word(attempt),
            criteria: attempt.judgements.iter().map(Judged::of).collect(),
        }
    }
}

impl<'a> Judged<'a> {
    fn of(judgement: &'a Judgement) -> Self {
        let exact = |side: &Option<Operand>| side.as_ref().and_then(|o| o.value.as_f64());
        let [observed_text, limit_text] = judgement.sides(Language::En);
        Self {
            expect: &judgement.text,
            verdict: judgement.verdict,
            reason: &judgement.reason,
            observed: exact(&judgement.observed),
            observed_text,
            limit: exact(&judgement.limit),
            limit_text,
        }
    }
}

impl<'a> Full<'a> {
    fn of(attempt: &'a AttemptStatus) -> Self {
        let approval =
            |(asked, answer): &'a (Approve, Option<Answer>)| Approval { asked, answer: answer.as_ref() };
        Self {
            attempt: attempt.attempt,
            started: attempt.started,
            ended: attempt.ended,
            verdict: attempt.verdict,
            reason: &attempt.reason,
            actions: attempt.actions.iter().map(Action::of).collect(),
            watches: attempt.watches.iter().map(|(id, watch)| Brought::by_watch(id, watch)).collect(),
            judgements: &attempt.judgements,
            approval: attempt.approval.as_ref().map(approval),
        }
    }
}

impl<'a> Brought<'a> {
    fn of(
        id: &'a ActionId,
        kind: &'a str,
        evidence: Option<&'a Evidence>,
        artifacts: &'a [Artifact],
    ) -> Self {
        let (values, remarks) = (evidence.map(|e| &e.values), evidence.map(|e| e.remarks.as_slice()));
        Self { id, kind, values, remarks, artifacts }
    }

    fn by_watch(id: &'a ActionId, watch: &'a WatchStatus) -> Self {
        Self::of(id, &watch.kind, Some(&watch.evidence), &watch.artifacts)
    }
}

impl<'a> Action<'a> {
    fn of(action: &'a ActionStatus) -> Self {
        Self {
            brought: Brought::of(&action.action, &action.kind, action.evidence(), &action.artifacts),
            description: &action.description,
            params: &action.params,
            started: action.started,
            ended: action.ended,
            done: matches!(action.result, Some(ActionResult::Done(_))),
            failure: match &action.result {
                Some(ActionResult::Failed { cause, message, .. }) => Some(Failure { cause: *cause, message }),
                _ => None,
            },
            kept_from: action.kept_from,
            undo: action.undo.as_ref(),
            undone: action.undone.as_ref().map(Result::is_ok),
        }
    }
}
