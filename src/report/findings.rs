//! *Observed*, *To validate* and *Actions* apart, by rules from verdicts, evidence and notes.
//!
//! Observed comes from evidence and from what operators saw; to validate from hypotheses, risks, inconclusive criteria
//! and warnings; actions from failed criteria, errors, waivers, what was not undone, and notes.

use super::{
    build::Build,
    model::{Reference, Statement},
    reasons, scenarios, status,
    trace::Trace,
    words::Word,
};
use crate::record::{
    Event, StepState, Verdict,
    event::{ActionResult, Cause, Judgement, Note, NoteKind},
    state::StepStatus,
};
use jiff::Timestamp;

/// The three lists that are never mixed.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) observed: Vec<Statement>,
    pub(super) to_validate: Vec<Statement>,
    pub(super) actions: Vec<Statement>,
}

/// A sentence and what it rests on.
pub(super) fn said(text: String, evidence: impl IntoIterator<Item = Reference>) -> Statement {
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
    pub(super) fn told(&self, judgement: &Judgement) -> String {
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
pub(super) fn judged(status: &StepStatus) -> impl Iterator<Item = &Judgement> {
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
        let all = status::applying(status);
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
            // Those of a load or a check of replication stand beside its figures.
            let remarks = match scenarios::is_scenario(&action.kind) {
                true => &[],
                false => action.evidence().map(|e| e.remarks.as_slice()).unwrap_or_default(),
            };
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
