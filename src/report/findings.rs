//! The summary, and *Observed*, *To validate* and *Actions* apart, by rules from verdicts, evidence and notes.
//!
//! Observed comes from evidence and from what operators saw; to validate from hypotheses, risks, inconclusive criteria
//! and warnings; actions from failed criteria, errors, waivers, what was not undone, and notes.

use super::{
    build::Build,
    model::{FaultRow, Reference, Scenario, Statement},
    reasons, status,
    trace::{Trace, places},
    words::Word,
};
use crate::record::{
    Event, StepState, Verdict,
    event::{ActionResult, Cause, Judgement, Note, NoteKind},
    state::StepStatus,
};
use jiff::Timestamp;

/// How many scenarios, and how many failed criteria, the summary names one by one.
const NAMED: usize = 3;

/// The three lists that are never mixed.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) observed: Vec<Statement>,
    pub(super) to_validate: Vec<Statement>,
    pub(super) actions: Vec<Statement>,
}

fn said(text: String, evidence: impl IntoIterator<Item = Reference>) -> Statement {
    Statement { text, author: None, evidence: evidence.into_iter().collect() }
}

impl<'a> Build<'a> {
    /// Notes of the run, and those of the campaign that were made on the day.
    pub(super) fn notes(&self) -> impl Iterator<Item = (Timestamp, &'a Note, Reference)> {
        let input = self.input;
        let note = |event: &'a Event| match event {
            Event::NoteAdded(note) => Some(note),
            _ => None,
        };
        let of_run =
            input.records.iter().filter_map(move |r| Some((r.at, note(&r.event)?, Trace::record(r.seq))));
        let of_day =
            input.notes.iter().filter(|r| r.at.to_zoned(input.zone.clone()).date() == input.day).filter_map(
                move |r| {
                    let reference = Reference { id: format!("N{}", r.seq), ..Trace::record(r.seq) };
                    Some((r.at, note(&r.event)?, reference))
                },
            );
        of_run.chain(of_day)
    }

    /// A judgement in a sentence: the criterion, what was seen, the limit, why.
    fn told(&self, judgement: &Judgement) -> String {
        let seen = match self.trace.sides(judgement, None) {
            [Some(observed), Some(limit)] => {
                let pair = [("observed", observed.text.as_str()), ("limit", limit.text.as_str())];
                format!("{}, ", self.language.fill(Word::ObservedAndLimit, &pair))
            }
            _ => String::new(),
        };
        let colon = self.language.colon();
        format!("{}{colon}{seen}{}", judgement.text, reasons::translated(self.language, &judgement.reason))
    }
}

/// The judgements that count for a step: those of its latest attempt.
fn judged(status: &StepStatus) -> impl Iterator<Item = &Judgement> {
    (0..status.outline.criteria.len()).filter_map(|index| status::judgement(status, index))
}

pub(super) fn findings(build: &Build<'_>) -> Findings {
    let mut found = Findings::default();
    for status in build.state.steps.values() {
        of_step(build, status, &mut found);
    }
    let (language, colon) = (build.language, build.language.colon());
    for (at, note, reference) in build.notes() {
        let (list, label) = match note.kind {
            NoteKind::Observation => (&mut found.observed, None),
            NoteKind::Hypothesis => (&mut found.to_validate, Some(Word::Hypothesis)),
            NoteKind::Risk => (&mut found.to_validate, Some(Word::Risk)),
            NoteKind::Action => (&mut found.actions, None),
            NoteKind::Decision => continue,
        };
        let about = note.step.and_then(|s| build.state.steps.get(&s)).map(|s| build.name(s) + colon);
        let label = label.map(|w| format!("{}{colon}", language.word(w))).unwrap_or_default();
        list.push(Statement {
            text: format!("{label}{}{}", about.unwrap_or_default(), note.text),
            author: Some(format!("{}, {}", note.by, build.moment(at))),
            evidence: vec![reference],
        });
    }
    found
}

fn of_step(build: &Build<'_>, status: &StepStatus, found: &mut Findings) {
    let (language, colon) = (build.language, build.language.colon());
    let id = status.outline.step;
    let shown = build.shown(id);
    let name = build.name(status);
    let number = id.to_string();
    if let Some(attempt) = status.latest() {
        let all = status.outline.criteria.len();
        let pass = judged(status).filter(|j| j.verdict == Verdict::Pass).count();
        let places = [
            ("step", name.as_str()),
            ("passed", &language.count(pass)),
            ("criteria", &language.count(all)),
            ("attempt", &attempt.attempt.to_string()),
        ];
        found.observed.push(said(
            language.fill(Word::CriteriaOfStep, &places),
            build.trace.step_end(id, attempt.attempt),
        ));
        for judgement in judged(status) {
            let reference = build.trace.judgement(id, attempt.attempt, judgement.index);
            let sentence = format!("{name}{colon}{}", build.told(judgement));
            match judgement.verdict {
                Verdict::Pass => {}
                Verdict::Fail => {
                    found.observed.push(said(sentence.clone(), reference.clone()));
                    if shown == StepState::Failed {
                        let places = [("step", number.as_str()), ("criterion", sentence.as_str())];
                        found.actions.push(said(language.fill(Word::MakeItHold, &places), reference));
                    }
                }
                Verdict::Warn => {
                    found.observed.push(said(sentence.clone(), reference.clone()));
                    let text = language.fill(Word::WarningToValidate, &[("criterion", &sentence)]);
                    found.to_validate.push(said(text, reference));
                }
                Verdict::Inconclusive | Verdict::Error => {
                    let text = language.fill(Word::InconclusiveToValidate, &[("criterion", &sentence)]);
                    found.to_validate.push(said(text, reference));
                }
            }
        }
        for action in attempt.actions.iter().filter(|a| a.kept_from.is_none()) {
            let reference = build.trace.end(id, attempt.attempt, &action.action);
            if let Some(ActionResult::Failed { message, .. }) = &action.result {
                let text = format!("{name}{colon}{}{colon}{message}", action.action);
                found.observed.push(said(text, reference.clone()));
            }
            let remarks = action.evidence().map(|e| e.remarks.as_slice()).unwrap_or_default();
            for remark in remarks {
                let text =
                    format!("{name}{colon}{}{colon}{}", action.action, reasons::translated(language, remark));
                found.observed.push(said(text, reference.clone()));
            }
        }
    }
    for attempt in &status.attempts {
        for action in attempt.to_undo().filter(|_| !(build.input.live && attempt.ended.is_none())) {
            let text = language.fill(
                Word::UndoByHand,
                &[("step", &name), ("action", action.action.as_str()), ("what", &action.description)],
            );
            found.actions.insert(0, said(text, build.trace.start(id, attempt.attempt, &action.action)));
        }
    }
    if let Some((key, reason)) = pending(build, status, shown) {
        let places = [("step", number.as_str()), ("name", name.as_str()), ("reason", reason.as_str())];
        let reference = status.latest().and_then(|a| build.trace.step_end(id, a.attempt));
        found.actions.push(said(language.fill(key, &places), reference));
    }
}

/// What a step's state asks for.
fn pending(build: &Build<'_>, status: &StepStatus, shown: StepState) -> Option<(Word, String)> {
    let reason = status::reason(status, shown, build.language);
    match shown {
        StepState::Waived => match status.waiver.as_ref()?.until {
            Some(until) => Some((Word::WaiverEnds, build.moment(until))),
            None => Some((Word::WaiverHasNoEnd, reason)),
        },
        StepState::AwaitingApproval => Some((Word::ToApprove, reason)),
        StepState::Error => Some((Word::MendAndRetry, reason)),
        StepState::Inconclusive => Some((Word::MeasureAgain, reason)),
        StepState::Interrupted => Some((Word::GoOn, reason)),
        StepState::Ready => Some((Word::CarryOut, reason)),
        // A failed step without a failed criterion was refused by a person.
        StepState::Failed if judged(status).all(|j| j.verdict != Verdict::Fail) => {
            Some((Word::MendAndRetry, reason))
        }
        _ => None,
    }
}

/// Steps and actions that came to no end, by name.
pub(super) fn unfinished(build: &Build<'_>) -> Vec<Statement> {
    let language = build.language;
    let mut found = Vec::new();
    for (id, status) in &build.state.steps {
        let name = build.name(status);
        let shown = build.shown(*id);
        for attempt in &status.attempts {
            let latest = status.latest().is_some_and(|l| l.attempt == attempt.attempt);
            let running = latest && shown == StepState::Running;
            for action in attempt.actions.iter().filter(|a| a.kept_from.is_none()) {
                let key = match &action.result {
                    Some(ActionResult::Failed { cause: Cause::TimedOut, .. }) => Word::Hung,
                    Some(ActionResult::Failed { cause: Cause::Cancelled, .. }) => Word::Cancelled,
                    None if running => Word::InProgressSince,
                    None => Word::NeverEnded,
                    _ => continue,
                };
                let places = [
                    ("step", name.as_str()),
                    ("attempt", &attempt.attempt.to_string()),
                    ("action", action.action.as_str()),
                    ("started", &build.moment(action.started)),
                ];
                let reference = build.trace.end(*id, attempt.attempt, &action.action);
                found.push(said(
                    language.fill(key, &places),
                    reference.or_else(|| build.trace.start(*id, attempt.attempt, &action.action)),
                ));
            }
        }
        let key = match shown {
            StepState::Locked | StepState::Ready => Word::NeverBegan,
            StepState::Interrupted => Word::StepInterrupted,
            StepState::Running => Word::StepRunning,
            StepState::AwaitingApproval => Word::StepWaits,
            _ => continue,
        };
        let reference = status.latest().and_then(|a| build.trace.step_end(*id, a.attempt));
        found.push(said(language.fill(key, &[("step", &name)]), reference));
    }
    found
}

/// Five to ten lines: how far, how well, the main figures, what failed, what stands, what comes first.
pub(super) fn summary(
    build: &Build<'_>,
    scenarios: &[Scenario],
    faults: &[FaultRow],
    actions: &[Statement],
) -> Vec<Statement> {
    let mut lines = vec![how_far(build), how_well(build)];
    lines.extend(main_figures(build, scenarios));
    lines.extend(failed(build));
    let language = build.language;
    let standing: Vec<&FaultRow> = faults.iter().filter(|f| f.stands).collect();
    if !standing.is_empty() {
        let names: Vec<String> =
            standing.iter().map(|f| format!("{}.{} {}", f.step, f.attempt, f.action)).collect();
        let text = language.fill(Word::SummaryStands, &[("actions", &names.join(", "))]);
        lines.push(said(text, standing.iter().flat_map(|f| f.evidence.clone())));
    }
    let open: Vec<String> = build
        .state
        .steps
        .keys()
        .filter(|s| matches!(build.shown(**s), StepState::Locked | StepState::Ready))
        .map(ToString::to_string)
        .collect();
    if !open.is_empty() {
        lines.push(said(language.fill(Word::SummaryOpen, &[("steps", &open.join(", "))]), None));
    }
    lines.push(match actions.first().cloned() {
        Some(first) => {
            Statement { text: language.fill(Word::SummaryFirst, &[("action", &first.text)]), ..first }
        }
        None => said(language.word(Word::SummaryNothing).to_owned(), None),
    });
    lines
}

fn how_far(build: &Build<'_>) -> Statement {
    let (language, state) = (build.language, build.state);
    let count = |wanted: StepState| state.steps.keys().filter(|s| build.shown(**s) == wanted).count();
    let plan = state.header.as_ref().map(|h| &h.plan);
    let text = language.fill(
        Word::SummaryRun,
        &[
            ("run", state.header.as_ref().map_or(build.input.run, |h| h.run.as_str())),
            ("environment", plan.map_or("–", |p| p.environment.as_str())),
            ("profile", plan.map_or("–", |p| p.profile.as_str())),
            ("state", language.outcome(status::outcome(state, build.input.live))),
            ("passed", &language.count(count(StepState::Passed))),
            ("steps", &language.count(state.steps.len())),
            ("waived", &language.count(count(StepState::Waived))),
            ("skipped", &language.count(count(StepState::Skipped))),
        ],
    );
    let last = state.last.map(|(seq, _)| Trace::record(seq));
    said(text, last)
}

fn how_well(build: &Build<'_>) -> Statement {
    let language = build.language;
    let verdicts: Vec<Verdict> = build.state.steps.values().flat_map(judged).map(|j| j.verdict).collect();
    let all: usize = build.state.steps.values().map(|s| s.outline.criteria.len()).sum();
    let count = |wanted| language.count(verdicts.iter().filter(|v| **v == wanted).count());
    let text = language.fill(
        Word::SummaryCriteria,
        &[
            ("all", &language.count(all)),
            ("pass", &count(Verdict::Pass)),
            ("warn", &count(Verdict::Warn)),
            ("fail", &count(Verdict::Fail)),
            ("inconclusive", &count(Verdict::Inconclusive)),
            ("error", &count(Verdict::Error)),
            ("open", &language.count(all.saturating_sub(verdicts.len()))),
        ],
    );
    said(text, None)
}

/// Rate and latency of the scenarios whose latest attempt brought figures.
fn main_figures(build: &Build<'_>, scenarios: &[Scenario]) -> Vec<Statement> {
    let language = build.language;
    let latest = |s: &&Scenario| {
        let status = build.state.steps.iter().find(|(id, _)| id.0 == s.step).map(|(_, status)| status);
        status.and_then(StepStatus::latest).is_some_and(|a| a.attempt.0 == s.attempt)
    };
    let mut lines = Vec::new();
    let mut further = 0;
    for scenario in scenarios.iter().filter(latest) {
        let figures: Vec<_> = scenario
            .figures
            .iter()
            .filter(|f| {
                matches!(f.name.as_str(), "throughput.records_per_s" | "throughput.mb_per_s" | "lost")
            })
            .filter(|f| !f.figure.exact.is_null())
            .collect();
        // The fifth statistic is P99.
        let p99 = scenario.latencies.first().and_then(|l| l.figures.get(4).map(|f| (l, f)));
        let p99 = p99.filter(|(_, figure)| !figure.exact.is_null());
        if figures.is_empty() && p99.is_none() {
            continue;
        }
        if lines.len() == NAMED {
            further += 1;
            continue;
        }
        let mut shown: Vec<String> =
            figures.iter().map(|f| format!("{} {}", f.label, f.figure.text)).collect();
        shown.extend(p99.map(|(row, figure)| format!("P99 {} ({})", figure.text, row.label)));
        let name = format!("{}.{} {}", scenario.step, scenario.attempt, scenario.action);
        let text =
            language.fill(Word::SummaryFigures, &[("scenario", &name), ("figures", &shown.join(", "))]);
        lines.push(said(text, places(figures.iter().map(|f| &f.figure).chain(p99.map(|(_, f)| f)))));
    }
    if further > 0 {
        lines.push(said(language.fill(Word::SummaryFurther, &[("count", &language.count(further))]), None));
    }
    lines
}

fn failed(build: &Build<'_>) -> Vec<Statement> {
    let language = build.language;
    let mut lines = Vec::new();
    for (id, status) in &build.state.steps {
        let shown = build.shown(*id);
        if !matches!(shown, StepState::Failed | StepState::Error | StepState::Inconclusive) {
            continue;
        }
        let worst = judged(status).filter(|j| !j.verdict.unlocks()).max_by_key(|j| j.verdict);
        let attempt = status.latest().map(|a| a.attempt);
        let (why, reference) = match worst.filter(|_| shown != StepState::Error).zip(attempt) {
            Some((judgement, attempt)) => {
                (build.told(judgement), build.trace.judgement(*id, attempt, judgement.index))
            }
            None => {
                (status::reason(status, shown, language), attempt.and_then(|a| build.trace.step_end(*id, a)))
            }
        };
        let places =
            [("step", build.name(status)), ("state", language.state(shown).to_owned()), ("why", why)];
        let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
        lines.push(said(language.fill(Word::SummaryFailed, &places), reference));
    }
    let further = lines.len().saturating_sub(NAMED);
    lines.truncate(NAMED);
    if further > 0 {
        lines.push(said(
            language.fill(Word::SummaryFailedFurther, &[("count", &language.count(further))]),
            None,
        ));
    }
    lines
}
