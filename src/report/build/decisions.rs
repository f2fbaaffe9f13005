//! Changes to the platform and their undo; what people decided.

use super::context::Build;
use crate::{
    record::{
        ActionId, ActionRole, Attempt, Event, Record, Said, StepId,
        event::{ActionResult, Note, NoteKind},
    },
    report::{
        language::{Language, Word},
        model::{DecisionRow, FaultRow, Reference},
    },
};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// When an action was undone, and in which record.
type Undone<'a> = BTreeMap<(StepId, Attempt, &'a ActionId), (u64, Timestamp)>;

/// Every action that has an undo, with what became of it.
pub(in crate::report) fn faults(build: &Build<'_>) -> Vec<FaultRow> {
    let mut undone: Undone<'_> = BTreeMap::new();
    for Record { seq, at, event } in build.run.records {
        if let Event::ActionUndone { step, attempt, action, .. } = event {
            undone.insert((*step, *attempt, action), (*seq, *at));
        }
    }
    let mut rows = Vec::new();
    for (step, status) in &build.state.steps {
        for attempt in &status.attempts {
            for action in attempt.actions.iter().filter(|a| a.undo.is_some() && a.kept_from.is_none()) {
                // A load that can be ended is not a fault; it is listed only if it had to be ended.
                let load = action.declared.role == ActionRole::Load;
                if load && matches!(action.result, Some(ActionResult::Done(_))) {
                    continue;
                }
                let key = (*step, attempt.attempt, &action.action);
                let taken_back = undone.get(&key);
                let language = build.language;
                let (undo, stands) = match (&action.undone, &action.result) {
                    (Some(Ok(())), _) => (language.word(Word::Undone).to_owned(), false),
                    (Some(Err(why)), _) => {
                        let why = language.say(why);
                        (language.fill(Word::NotUndone, &[("why", &why)]), true)
                    }
                    (None, Some(ActionResult::Done(_))) => {
                        (language.word(Word::UndoneWithin).to_owned(), false)
                    }
                    (None, _) => (language.word(Word::StillStands).to_owned(), true),
                };
                let (start, end) =
                    (build.trace.start(key.0, key.1, key.2), build.trace.end(key.0, key.1, key.2));
                let mut evidence: Vec<_> = start.into_iter().chain(end).collect();
                evidence.extend(taken_back.map(|(seq, _)| build.trace.record(*seq)));
                evidence.sort_by_key(|r| r.record);
                evidence.dedup();
                rows.push(FaultRow {
                    run: build.number,
                    step: step.0,
                    attempt: attempt.attempt.0,
                    action: action.action.to_string(),
                    description: language.say(&action.description),
                    started: build.moment(action.started),
                    ended: taken_back.map(|(_, at)| *at).or(action.ended).map(|at| build.moment(at)),
                    undo,
                    stands,
                    evidence,
                });
            }
        }
    }
    rows
}

/// Waivers, skips, approvals, answers, repetitions and decisions noted in the run, each with its time.
pub(in crate::report) fn decisions(build: &Build<'_>) -> Vec<(Timestamp, DecisionRow)> {
    let mut rows = decided(build);
    for (at, note, evidence) in build.notes() {
        rows.extend(noted(build.language, &build.moment(at), note, evidence).map(|row| (at, row)));
    }
    rows
}

/// The same without what was noted.
pub(super) fn decided(build: &Build<'_>) -> Vec<(Timestamp, DecisionRow)> {
    let language = build.language;
    let mut rows = Vec::new();
    for Record { seq, at, event } in build.run.records {
        let (what, by, reason, until) = match event {
            Event::StepWaived { by, reason, until, .. } => {
                let expired = until.is_some_and(|until| until <= build.input.now);
                (
                    if expired { Word::WaiverExpired } else { Word::Waiver },
                    by.as_str(),
                    Said::verbatim(reason),
                    *until,
                )
            }
            Event::StepSkipped { by, reason, .. } => (Word::Skip, by.as_str(), reason.clone(), None),
            Event::StepReset { reason, .. } => (Word::Reset, "", reason.clone(), None),
            Event::ApprovalGiven { answer, .. } => (
                if answer.yes { Word::Approved } else { Word::Refused },
                answer.by.as_str(),
                Said::verbatim(&answer.comment),
                None,
            ),
            Event::AnswerGiven { answer, .. } => (
                if answer.yes { Word::AnsweredYes } else { Word::AnsweredNo },
                answer.by.as_str(),
                Said::verbatim(&answer.comment),
                None,
            ),
            _ => continue,
        };
        let action = match event {
            Event::AnswerGiven { action, .. } => format!(" ({action})"),
            _ => String::new(),
        };
        rows.push((
            *at,
            DecisionRow {
                run: build.number,
                at: build.moment(*at),
                step: event.step().map(|s| s.0),
                what: format!("{}{action}", language.word(what)),
                by: by.to_owned(),
                reason: reason.in_language(language).into_owned(),
                until: until.map(|at| build.until(at)),
                evidence: build.trace.record(*seq),
            },
        ));
    }
    rows
}

/// A decision that was noted.
pub(in crate::report) fn noted(
    language: Language,
    at: &str,
    note: &Note,
    evidence: Reference,
) -> Option<DecisionRow> {
    (note.kind == NoteKind::Decision).then(|| DecisionRow {
        run: None,
        at: at.to_owned(),
        step: note.step.map(|s| s.0),
        what: language.word(Word::NotedDecision).to_owned(),
        by: note.by.clone(),
        reason: language.say(&note.text),
        until: None,
        evidence,
    })
}
