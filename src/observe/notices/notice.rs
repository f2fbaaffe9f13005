//! [`Notice`]: what one record means to somebody who is not at the terminal.

use crate::{
    plan::notify::Occasion,
    record::{
        Event, Language, Record, RunState, Said, StepId, Verdict,
        event::{ActionResult, Cause, Judgement, Outcome},
        messages, told,
    },
};
use jiff::Timestamp;
use serde::Serialize;

/// Lines of criteria that one notice has.
const MOST: usize = 10;

/// One notice; the form `json` and templates have its fields.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Notice {
    /// Why it is sent.
    pub(super) occasion: Occasion,
    /// What happened, in a sentence.
    pub(super) headline: String,
    /// Further sentences: what failed, what to do.
    pub(super) lines: Vec<String>,
    /// `good`, `warning` or `bad`.
    pub(super) mood: Mood,
    pub(super) campaign: String,
    pub(super) run: String,
    pub(super) environment: String,
    pub(super) profile: String,
    /// The step that it is about.
    pub(super) step: Option<OfStep>,
    /// The criteria that were not met, or could not be judged.
    pub(super) criteria: Vec<OfCriterion>,
    /// Number of the record in the run's journal.
    pub(super) record: u64,
    /// When that was written.
    pub(super) at: Timestamp,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct OfStep {
    pub(super) number: u32,
    pub(super) title: String,
    /// State of the step, the same in every language.
    pub(super) state: &'static str,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct OfCriterion {
    /// The criterion as written.
    pub(super) text: String,
    /// The same in every language.
    pub(super) verdict: &'static str,
    pub(super) observed: Option<String>,
    pub(super) limit: Option<String>,
    pub(super) reason: String,
}

/// How good the news is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Mood {
    Good,
    Warning,
    Bad,
}

messages! {
    area "notice";
    approve_with(step, run) => "to approve: jalon approve {step} --run {run}" / "pour approuver : jalon approve {step} --run {run}";
    answer_with(step, action, run) => "to answer: jalon approve {step} --action {action} --run {run} (with --no: no)" / "pour répondre : jalon approve {step} --action {action} --run {run} (avec --no : non)";
    asks(campaign, step, question) => "{campaign}: step {step} asks: {question}" / "{campaign} : l'étape {step} demande : {question}";
    guard_breached(campaign, step, criterion) => "{campaign}: a guard stopped step {step}: {criterion}" / "{campaign} : un garde-fou a arrêté l'étape {step} : {criterion}";
    more_criteria(count) => "and {count} more" / "et {count} de plus";
    run_ended(campaign, run, outcome) => "{campaign}: the run {run} ended: {outcome}" / "{campaign} : l'exécution {run} est terminée : {outcome}";
    see_with(run) => "details: jalon status --run {run}" / "détails : jalon status --run {run}";
    step_ended(campaign, step, title, state) => "{campaign}: step {step} ({title}): {state}" / "{campaign} : étape {step} ({title}) : {state}";
    steps_are(state, steps) => "{state}: {steps}" / "{state} : {steps}";
    waits(campaign, step, role, question) => "{campaign}: step {step} waits for {role}: {question}" / "{campaign} : l'étape {step} attend {role} : {question}";
}

/// Why anybody may be told of a record, the most telling first.
pub(super) fn occasions(record: &Record, state: &RunState) -> Vec<Occasion> {
    match &record.event {
        Event::StepFinished { verdict, .. } if verdict.unlocks() => vec![Occasion::StepEnd],
        Event::StepFinished { .. } => vec![Occasion::Failure, Occasion::StepEnd],
        Event::ApprovalRequested { .. } | Event::QuestionAsked { .. } => vec![Occasion::Waiting],
        // An action whose question nobody was there to answer.
        Event::ActionFinished { result: ActionResult::Failed { cause: Cause::NeedsAnswer, .. }, .. } => {
            vec![Occasion::Waiting]
        }
        Event::RunFinished { .. } => vec![Occasion::RunEnd],
        Event::CriterionJudged { step, judgement, .. } => {
            let of_step = state.steps.get(step).map(|status| &status.outline.criteria);
            let guard = of_step.and_then(|criteria| criteria.get(judgement.index)).is_some_and(|c| c.guard);
            let breached = !judgement.verdict.unlocks() && judgement.verdict != Verdict::Warn;
            if guard && breached { vec![Occasion::Guard] } else { Vec::new() }
        }
        _ => Vec::new(),
    }
}

impl Notice {
    /// What `record` means; `state` is the state with it.
    pub(super) fn of(occasion: Occasion, record: &Record, state: &RunState, language: Language) -> Self {
        let header = state.header.as_ref();
        let plan = header.map(|header| &header.plan);
        let campaign = plan.map(|plan| plan.campaign.clone()).unwrap_or_default();
        let run = header.map(|header| header.run.to_string()).unwrap_or_default();
        let words = |said: Said| said.in_language(language).into_owned();
        let step = record.event.step();
        let (headline, mut lines, mood) = match &record.event {
            Event::ApprovalRequested { step, approve, .. } => (
                waits(&campaign, step.0, &approve.role, &approve.question),
                vec![words(approve_with(step.0, &run))],
                Mood::Warning,
            ),
            Event::QuestionAsked { step, action, question, .. } => (
                asks(&campaign, step.0, question),
                vec![words(answer_with(step.0, action.as_str(), &run))],
                Mood::Warning,
            ),
            Event::ActionFinished {
                step,
                action,
                result: ActionResult::Failed { cause: Cause::NeedsAnswer, message, .. },
                ..
            } => (
                asks(&campaign, step.0, message),
                vec![words(answer_with(step.0, action.as_str(), &run))],
                Mood::Warning,
            ),
            Event::CriterionJudged { step, judgement, .. } => {
                let seen = words(judgement.reason.clone());
                (guard_breached(&campaign, step.0, &judgement.text), vec![seen], Mood::Bad)
            }
            Event::RunFinished { outcome } => (
                run_ended(&campaign, &run, language.outcome(Some(*outcome))),
                by_state(state, record.at, language),
                match outcome {
                    Outcome::Passed => Mood::Good,
                    Outcome::PassedWithExceptions | Outcome::Waiting => Mood::Warning,
                    _ => Mood::Bad,
                },
            ),
            Event::StepFinished { step, verdict, reason, .. } => {
                let shown = state.step_state(*step, record.at);
                let headline = step_ended(&campaign, step.0, title(state, *step, language), &shown);
                let mood = match verdict {
                    Verdict::Pass => Mood::Good,
                    Verdict::Warn => Mood::Warning,
                    _ => Mood::Bad,
                };
                let lines = if mood == Mood::Good { Vec::new() } else { vec![words(reason.clone())] };
                (headline, lines, mood)
            }
            _ => (Said::verbatim(told(record, state, language)), Vec::new(), Mood::Good),
        };
        let criteria = match (&record.event, step) {
            (Event::StepFinished { .. }, Some(step)) => not_met(state, step, language),
            _ => Vec::new(),
        };
        lines.extend(criteria.iter().take(MOST).map(OfCriterion::line));
        if criteria.len() > MOST {
            lines.push(words(more_criteria(criteria.len() - MOST)));
        }
        if mood == Mood::Bad || matches!(record.event, Event::RunFinished { outcome: Outcome::Waiting }) {
            lines.push(words(see_with(&run)));
        }
        Self {
            occasion,
            headline: words(headline),
            lines,
            mood,
            campaign,
            environment: plan.map(|plan| plan.environment.clone()).unwrap_or_default(),
            profile: plan.map(|plan| plan.profile.clone()).unwrap_or_default(),
            step: step.map(|step| OfStep {
                number: step.0,
                title: title(state, step, language),
                state: state.step_state(step, record.at).word(),
            }),
            criteria,
            record: record.seq,
            at: record.at,
            run,
        }
    }

    /// Everything as text, the headline first.
    pub(super) fn text(&self) -> String {
        std::iter::once(&self.headline).chain(&self.lines).cloned().collect::<Vec<_>>().join("\n")
    }
}

impl OfCriterion {
    fn of(judgement: &Judgement, language: Language) -> Self {
        let [observed, limit] = judgement.sides(language);
        Self {
            text: judgement.text.clone(),
            verdict: judgement.verdict.word(),
            observed,
            limit,
            reason: judgement.reason.in_language(language).into_owned(),
        }
    }

    fn line(&self) -> String {
        format!("{} · {}", self.text, self.reason)
    }
}

fn title(state: &RunState, step: StepId, language: Language) -> String {
    let status = state.steps.get(&step);
    status.map(|status| status.outline.title.get(language.code()).to_owned()).unwrap_or_default()
}

/// The criteria of the latest attempt that were not met.
fn not_met(state: &RunState, step: StepId, language: Language) -> Vec<OfCriterion> {
    let attempt = state.steps.get(&step).and_then(|status| status.latest());
    let judged = attempt.into_iter().flat_map(|attempt| &attempt.judgements);
    judged.filter(|j| j.verdict != Verdict::Pass).map(|j| OfCriterion::of(j, language)).collect()
}

/// The steps by their states, one line each.
fn by_state(state: &RunState, at: Timestamp, language: Language) -> Vec<String> {
    let mut states = std::collections::BTreeMap::new();
    for step in state.steps.keys() {
        states.entry(state.step_state(*step, at)).or_insert_with(Vec::new).push(step.to_string());
    }
    let line = |(state, steps): (crate::record::StepState, Vec<String>)| {
        steps_are(&state, steps.join(", ")).in_language(language).into_owned()
    };
    states.into_iter().map(line).collect()
}
