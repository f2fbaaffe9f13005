//! What the page shows of a run, as values that are sent as JSON: one for the run, one for each step.

use super::desk::{HowFar, Question};
use crate::{
    record::{
        ActionRole, Evidence, Language, RunState, Said, StepId, StepState,
        event::{ActionResult, Judgement, Outcome},
        state::{ActionStatus, AttemptStatus, StepStatus},
    },
    report,
    support::text,
};
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

/// Figures of an action that the page shows at once; the evidence has all of them.
const FIGURES: usize = 40;
/// Columns of a text that was observed.
const LONGEST: usize = 400;

/// The run as a whole.
#[derive(Debug, Serialize)]
pub(super) struct RunView {
    run: String,
    campaign: String,
    environment: String,
    production: bool,
    profile: String,
    profile_note: String,
    selection: Option<String>,
    operator: String,
    jalon: String,
    resumed: u32,
    started: Option<Timestamp>,
    /// When the latest record was written.
    last: Option<Timestamp>,
    seq: u64,
    live: bool,
    /// `running`, `ended` with its outcome, or `broken-off`: not ended, and nobody writes it.
    state: &'static str,
    /// Word of the outcome, for colours.
    outcome: Option<&'static str>,
    outcome_words: String,
    /// Steps by state.
    steps: u32,
    settled: u32,
    /// What the steps that are still to come should take, in seconds; absent where none says so.
    left_s: Option<i64>,
    /// How many of those do not say how long they should take.
    left_unknown: u32,
    questions: Vec<Question>,
    progress: Vec<HowFar>,
    /// Whether it runs in the process that serves the page, and asks here.
    here: bool,
    /// What the run changed on the platform and did not undo.
    in_place: Vec<String>,
    /// Why the journal cannot be read any further.
    problem: Option<String>,
}

/// What is known of a run beside its state.
#[derive(Debug, Clone, Default)]
pub(super) struct Beside {
    /// Whether a process writes the run.
    pub(super) live: bool,
    /// What the run asks here, where it runs here.
    pub(super) desk: Option<(Vec<Question>, Vec<HowFar>)>,
    /// Why the journal cannot be read any further.
    pub(super) problem: Option<Said>,
}

/// The run in words of `language`.
pub(super) fn run(state: &RunState, beside: Beside, language: Language, now: Timestamp) -> RunView {
    let header = state.header.as_ref();
    let plan = header.map(|h| &h.plan);
    let shown = |step: StepId| state.step_state(step, now);
    let of_plan =
        |get: fn(&crate::record::event::PlanOutline) -> &String| plan.map(get).cloned().unwrap_or_default();
    let (mut left_s, mut left_unknown) = (None, 0);
    let goes_on = state.outcome.is_none() && beside.live;
    for (step, status) in state.steps.iter().filter(|_| goes_on) {
        let state = shown(*step);
        if !matches!(state, StepState::Locked | StepState::Ready | StepState::Running) {
            continue;
        }
        let Some(estimate) = status.outline.estimate_s.and_then(|s| i64::try_from(s).ok()) else {
            left_unknown += 1;
            continue;
        };
        let spent = match (state, status.latest()) {
            (StepState::Running, Some(attempt)) => now.duration_since(attempt.started).as_secs(),
            _ => 0,
        };
        *left_s.get_or_insert(0) += (estimate - spent).max(0);
    }
    let here = beside.desk.is_some();
    let (questions, progress) = beside.desk.unwrap_or_default();
    let in_place = match beside.live {
        true => Vec::new(),
        false => report::left_in_place(state, header.map(|h| h.run.as_str()), language, &TimeZone::system()),
    };
    RunView {
        run: header.map(|h| h.run.as_str().to_owned()).unwrap_or_default(),
        campaign: of_plan(|p| &p.campaign),
        environment: of_plan(|p| &p.environment),
        production: plan.is_some_and(|p| p.production),
        profile: of_plan(|p| &p.profile),
        profile_note: plan.map(|p| p.profile_note.get(language.code()).to_owned()).unwrap_or_default(),
        selection: header.and_then(|h| h.selection.clone()),
        operator: header.map(|h| h.operator.clone()).unwrap_or_default(),
        jalon: header.map(|h| h.jalon.clone()).unwrap_or_default(),
        resumed: state.resumed,
        started: state.started,
        last: state.last.map(|(_, at)| at),
        seq: state.last.map_or(0, |(seq, _)| seq),
        live: beside.live,
        state: match (state.outcome, beside.live) {
            (Some(_), false) => "ended",
            (_, true) => "running",
            (None, false) => "broken-off",
        },
        outcome: state.outcome.filter(|_| !beside.live).map(word),
        outcome_words: match (state.outcome, beside.live) {
            (None, false) => broken_off_in(language),
            (_, true) => language.outcome(None).to_owned(),
            (outcome, false) => language.outcome(outcome).to_owned(),
        },
        steps: count(state.steps.len()),
        settled: count(state.steps.keys().filter(|s| shown(**s).unlocks()).count()),
        left_s,
        left_unknown,
        questions,
        progress,
        here,
        in_place: in_place.into_iter().map(|left| left.with_undo).collect(),
        problem: beside.problem.map(|said| said.in_language(language).into_owned()),
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// One step.
#[derive(Debug, Serialize)]
pub(super) struct StepView {
    step: u32,
    title: String,
    objective: String,
    needs: Vec<u32>,
    state: StepState,
    state_words: String,
    attempt: Option<u32>,
    started: Option<Timestamp>,
    ended: Option<Timestamp>,
    estimate_s: Option<u64>,
    reason: String,
    actions: Vec<ActionView>,
    criteria: Vec<CriterionView>,
    /// Who must approve it, and what they are asked.
    approve: Option<(String, String)>,
    /// Who answered that and with yes or no, where somebody did; the run goes by it when it is resumed.
    answered: Option<(String, bool)>,
    /// Questions of its actions that nobody has answered.
    questions: Vec<(String, String)>,
    /// Decisions about it, in words.
    decisions: Vec<String>,
    artifacts: u32,
}

#[derive(Debug, Serialize)]
struct ActionView {
    action: String,
    kind: String,
    role: &'static str,
    /// `running`, `done`, `failed`, `stopped` (its run ended first) or `watch`.
    state: &'static str,
    description: String,
    started: Option<Timestamp>,
    ended: Option<Timestamp>,
    kept_from: Option<u32>,
    message: String,
    remarks: Vec<String>,
    figures: Vec<(String, String)>,
}

#[derive(Debug, Serialize)]
struct CriterionView {
    text: String,
    severity: crate::record::Severity,
    must: bool,
    /// Absent before it is judged.
    verdict: Option<&'static str>,
    verdict_words: String,
    observed: Option<String>,
    limit: Option<String>,
    reason: String,
}

/// A step in words of `language`.
pub(super) fn step(state: &RunState, status: &StepStatus, language: Language, now: Timestamp) -> StepView {
    let shown = state.step_state(status.outline.step, now);
    let outline = &status.outline;
    let say = |said: &Said| said.in_language(language).into_owned();
    let attempt = status.latest();
    let runs = shown == StepState::Running;
    let decided = |by: &str, at: Timestamp, reason: &Said| {
        format!("{by}, {}{}{}", language.minute(at, &TimeZone::system()), language.colon(), say(reason))
    };
    let decisions = [&status.waiver, &status.skipped].into_iter().flatten();
    StepView {
        step: outline.step.0,
        title: outline.title.get(language.code()).to_owned(),
        objective: outline.objective.get(language.code()).to_owned(),
        needs: outline.needs.iter().map(|s| s.0).collect(),
        state: shown,
        state_words: language.state(shown).to_owned(),
        attempt: attempt.map(|a| a.attempt.0),
        started: attempt.map(|a| a.started),
        ended: attempt.and_then(|a| a.ended),
        estimate_s: outline.estimate_s,
        reason: match (&status.not_applicable, attempt) {
            (Some(why), _) => say(why),
            (None, Some(attempt)) => say(&attempt.reason),
            (None, None) => String::new(),
        },
        actions: attempt.map(|a| actions(a, runs, language)).unwrap_or_default(),
        criteria: outline
            .criteria
            .iter()
            .enumerate()
            .map(|(index, criterion)| {
                let judged = attempt.and_then(|a| a.judgements.iter().rev().find(|j| j.index == index));
                let passed_over = attempt.and_then(|a| a.not_judged.get(&index));
                CriterionView {
                    text: criterion.text.clone(),
                    severity: criterion.severity,
                    must: criterion.must,
                    verdict: judged.map(|j| j.verdict.word()),
                    verdict_words: judged.map(|j| language.verdict(j.verdict).to_owned()).unwrap_or_default(),
                    reason: judged.map(|j| &j.reason).or(passed_over).map(say).unwrap_or_default(),
                    ..sides(judged, language)
                }
            })
            .collect(),
        approve: outline.approve.as_ref().map(|a| (a.role.clone(), a.question.clone())),
        answered: attempt
            .and_then(|a| a.approval.as_ref()?.1.as_ref())
            .map(|answer| (answer.by.clone(), answer.yes)),
        questions: status.questions.iter().map(|(action, q)| (action.as_str().to_owned(), say(q))).collect(),
        decisions: decisions.map(|d| decided(&d.by, d.at, &d.reason)).collect(),
        artifacts: count(status.attempts.iter().map(|a| a.artifacts().len()).sum()),
    }
}

fn sides(judged: Option<&Judgement>, language: Language) -> CriterionView {
    let [observed, limit] = judged.map(|j| j.sides(language)).unwrap_or_default();
    CriterionView {
        text: String::new(),
        severity: crate::record::Severity::default(),
        must: false,
        verdict: None,
        verdict_words: String::new(),
        observed,
        limit,
        reason: String::new(),
    }
}

fn actions(attempt: &AttemptStatus, runs: bool, language: Language) -> Vec<ActionView> {
    let of_actions = attempt.actions.iter().map(|a| action(a, runs, language));
    let watches = attempt.watches.iter().map(|(id, watch)| ActionView {
        action: id.as_str().to_owned(),
        kind: watch.kind.clone(),
        role: "watch",
        state: "watch",
        description: String::new(),
        started: None,
        ended: None,
        kept_from: watch.kept_from.map(|a| a.0),
        message: String::new(),
        remarks: remarks(&watch.evidence, language),
        figures: figures(&watch.evidence, language),
    });
    of_actions.chain(watches).collect()
}

fn action(action: &ActionStatus, runs: bool, language: Language) -> ActionView {
    let say = |said: &Said| text::cut(&said.in_language(language), LONGEST);
    let evidence = action.evidence();
    ActionView {
        action: action.action.as_str().to_owned(),
        kind: action.kind.clone(),
        role: match action.declared.role {
            ActionRole::Change => "change",
            ActionRole::Check => "check",
            ActionRole::Fault => "fault",
            ActionRole::Load => "load",
            ActionRole::Wait => "wait",
        },
        state: match &action.result {
            Some(ActionResult::Done(_)) => "done",
            Some(ActionResult::Failed { .. }) => "failed",
            None if runs => "running",
            None => "stopped",
        },
        description: say(&action.description),
        started: Some(action.started),
        ended: action.ended,
        kept_from: action.kept_from.map(|a| a.0),
        message: match (&action.result, action.retried.last()) {
            (Some(ActionResult::Failed { message, .. }), _) => say(message),
            (None, Some(retried)) => say(retried),
            _ => String::new(),
        },
        remarks: evidence.map(|e| remarks(e, language)).unwrap_or_default(),
        figures: evidence.map(|e| figures(e, language)).unwrap_or_default(),
    }
}

fn remarks(evidence: &Evidence, language: Language) -> Vec<String> {
    evidence.remarks.iter().map(|r| text::cut(&r.in_language(language), LONGEST)).collect()
}

fn figures(evidence: &Evidence, language: Language) -> Vec<(String, String)> {
    let figures = evidence.values.iter().take(FIGURES);
    figures
        .map(|(name, m)| (name.as_str().to_owned(), text::cut(&language.value(&m.value), LONGEST)))
        .collect()
}

crate::record::messages! {
    area "page run";
    broken_off() => "broken off" / "interrompue sans fin";
    unreadable() => "journal unreadable" / "journal illisible";
}

/// That a run did not end and nobody writes it.
pub(super) fn broken_off_in(language: Language) -> String {
    broken_off().in_language(language).into_owned()
}

/// That the journal of a run cannot be read.
pub(super) fn damaged(language: Language) -> String {
    unreadable().in_language(language).into_owned()
}

/// The word of an outcome, for the page's colours.
pub(super) fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::PassedWithExceptions => "waived",
        Outcome::Failed => "failed",
        Outcome::Inconclusive => "inconclusive",
        Outcome::Error | Outcome::Unreachable => "error",
        Outcome::Waiting => "awaiting-approval",
        Outcome::Interrupted => "interrupted",
    }
}
