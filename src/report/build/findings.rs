//! *Observed*, *To validate* and *Actions* apart, by rules from verdicts, evidence and notes.
//!
//! Observed comes from evidence and from what operators saw; to validate from hypotheses, risks, inconclusive criteria
//! and warnings; actions from failed criteria, errors, waivers, what was not undone, and notes.

use super::{
    context::Build,
    input::Input,
    notes::{Noted, author, notes_of_campaign, recorded, said},
    scenarios,
    unbegun::Unbegun,
};
use crate::{
    record::{
        StepState, Verdict,
        event::{ActionResult, Cause, Judgement, NoteKind},
        state::StepStatus,
    },
    report::{
        document::capital,
        language::Word,
        model::{Figure, Statement},
        status,
    },
};

/// The three lists that are never mixed.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) observed: Vec<Statement>,
    pub(super) to_validate: Vec<Statement>,
    pub(super) actions: Vec<Statement>,
    /// Remarks that are among the observed already, and where.
    remarks: Vec<(String, usize)>,
}

impl Build<'_> {
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
        format!("`{}`{colon}{seen}{}", judgement.text, self.language.say(&judgement.reason))
    }
}

/// The judgements that count for a step: those of its latest attempt.
pub(in crate::report) fn judged(status: &StepStatus) -> impl Iterator<Item = &Judgement> {
    (0..status.outline.criteria.len()).filter_map(|index| status::judgement(status, index))
}

/// A judgement with its figures.
pub(super) fn sentence(build: &Build<'_>, status: &StepStatus, judgement: &Judgement) -> Statement {
    let attempt = status.latest().map(|a| a.attempt);
    let reference = attempt.and_then(|a| build.trace.judgement(status.outline.step, a, judgement.index));
    let mut figures: Vec<Figure> =
        build.trace.sides(judgement, reference.as_ref()).into_iter().flatten().collect();
    let sides = match figures.as_slice() {
        [observed, limit] => {
            let places = [("observed", observed.text.as_str()), ("limit", limit.text.as_str())];
            build.language.fill(Word::ObservedAndLimit, &places)
        }
        _ => {
            figures.extend(recorded(build.language, &judgement.reason, reference.as_ref()));
            build.language.say(&judgement.reason)
        }
    };
    let colon = build.language.colon();
    let text = format!("{}{colon}`{}`, {sides}", build.place(status.outline.step), judgement.text);
    Statement { figures, ..said(text, reference) }
}

/// What the runs tell, oldest first, and what people noted.
pub(in crate::report) fn findings(input: &Input<'_>, builds: &[Build<'_>]) -> Findings {
    let mut found = Findings::default();
    for build in builds {
        // What every run says is one finding, and what it is said of is named with it.
        let mut of_run = Findings {
            observed: std::mem::take(&mut found.observed),
            remarks: std::mem::take(&mut found.remarks),
            ..Findings::default()
        };
        for (id, status) in &build.state.steps {
            of_step(build, status, &mut of_run);
            // What an earlier run left open is open in the one that took its place, or it is not.
            match build.counted.contains(id) {
                true => {
                    found.to_validate.append(&mut of_run.to_validate);
                    found.actions.append(&mut of_run.actions);
                }
                false => {
                    of_run.to_validate.clear();
                    of_run.actions.clear();
                }
            }
        }
        found.observed = of_run.observed;
        found.remarks = of_run.remarks;
    }
    let mut first: Vec<Statement> = builds.iter().flat_map(undo_by_hand).collect();
    first.append(&mut found.actions);
    found.actions = first;
    let of_runs = builds.iter().flat_map(Build::notes);
    for noted in of_runs.chain(notes_of_campaign(input)) {
        of_note(input, builds.last(), noted, &mut found);
    }
    found
}

fn of_note(
    input: &Input<'_>,
    main: Option<&Build<'_>>,
    (at, note, reference): Noted<'_>,
    found: &mut Findings,
) {
    let (language, colon) = (input.language, input.language.colon());
    let (list, label) = match note.kind {
        NoteKind::Observation => (&mut found.observed, None),
        NoteKind::Hypothesis => (&mut found.to_validate, Some(Word::Hypothesis)),
        NoteKind::Risk => (&mut found.to_validate, Some(Word::Risk)),
        NoteKind::Action => (&mut found.actions, None),
        // These have sections of their own.
        NoteKind::Dashboard | NoteKind::Decision | NoteKind::Security => return,
    };
    let about = note.step.map(|step| match main.and_then(|b| Some((b, b.state.steps.get(&step)?))) {
        Some((build, status)) => capital(&build.name(status)) + colon,
        None => format!("{} {step}{colon}", capital(language.word(Word::Step))),
    });
    let label = label.map(|w| format!("{}{colon}", language.word(w))).unwrap_or_default();
    let check = note.check.as_ref().map(|check| language.fill(Word::ToBeChecked, &[("check", check)]));
    list.push(Statement {
        text: format!(
            "{label}{}{}{}",
            about.unwrap_or_default(),
            language.say(&note.text),
            check.unwrap_or_default()
        ),
        author: Some(author(input, at, note)),
        evidence: vec![reference],
        figures: Vec::new(),
    });
}

/// What people noted of that sort.
pub(super) fn noted_as(input: &Input<'_>, builds: &[Build<'_>], kind: NoteKind) -> Vec<Statement> {
    let of_runs = builds.iter().flat_map(Build::notes);
    let all = of_runs.chain(notes_of_campaign(input)).filter(|(_, note, _)| note.kind == kind);
    all.map(|(at, note, reference)| Statement {
        text: input.language.say(&note.text),
        author: Some(author(input, at, note)),
        evidence: vec![reference],
        figures: Vec::new(),
    })
    .collect()
}

/// Changes to the platform that nobody took back.
pub(super) fn undo_by_hand(build: &Build<'_>) -> Vec<Statement> {
    let mut left = Vec::new();
    for (id, status) in &build.state.steps {
        let name = build.name(status);
        for attempt in &status.attempts {
            for action in attempt.to_undo().filter(|_| !(build.run.live && attempt.ended.is_none())) {
                let text = build.language.fill(
                    Word::UndoByHand,
                    &[
                        ("step", &name),
                        ("action", action.action.as_str()),
                        ("what", &build.language.say(&action.description)),
                    ],
                );
                left.push(said(text, build.trace.start(*id, attempt.attempt, &action.action)));
            }
        }
    }
    left
}

fn of_step(build: &Build<'_>, status: &StepStatus, found: &mut Findings) {
    let (language, colon) = (build.language, build.language.colon());
    let id = status.outline.step;
    let shown = build.shown(id);
    let name = build.name(status);
    let number = id.to_string();
    // What an attempt of an earlier day was seen to do stands in that day's report.
    if let Some(attempt) = status.latest().filter(|a| build.is_of_the_time(a)) {
        let all = status::applying(status);
        let pass = judged(status).filter(|j| j.verdict == Verdict::Pass).count();
        let places = [
            ("step", name.as_str()),
            ("passed", &language.count(pass)),
            ("criteria", &language.count(all)),
            ("attempt", &attempt.attempt.to_string()),
        ];
        // Of a run that a later one supersedes, what did not hold is said, and not how much did.
        if build.counted.contains(&id) {
            found.observed.push(said(
                language.fill(Word::CriteriaOfStep, &places),
                build.trace.step_end(id, attempt.attempt),
            ));
        }
        let unbegun = Unbegun::of(build, status);
        if let Some(unbegun) = &unbegun {
            let text = [&*name, colon, &unbegun.cause, language.semicolon(), &unbegun.text].concat();
            let figures = unbegun.figures.clone();
            found.to_validate.push(Statement { figures, ..said(text, unbegun.evidence.clone()) });
        }
        for judgement in judged(status).filter(|j| unbegun.as_ref().is_none_or(|of| !of.has(j))) {
            let reference = build.trace.judgement(id, attempt.attempt, judgement.index);
            let sides = build.trace.sides(judgement, reference.as_ref());
            let reasons = recorded(language, &judgement.reason, reference.as_ref());
            let figures: Vec<Figure> = sides.into_iter().flatten().chain(reasons).collect();
            let said = |text: String| Statement { figures: figures.clone(), ..said(text, reference.clone()) };
            let sentence = format!("{name}{colon}{}", build.told(judgement));
            match judgement.verdict {
                Verdict::Pass => {}
                Verdict::Fail => {
                    found.observed.push(said(sentence.clone()));
                    if shown == StepState::Failed {
                        let places = [("step", number.as_str()), ("criterion", sentence.as_str())];
                        found.actions.push(said(language.fill(Word::MakeItHold, &places)));
                    }
                }
                Verdict::Warn if judgement.is_judged() => {
                    found.observed.push(said(sentence.clone()));
                    let text = language.fill(Word::WarningToValidate, &[("criterion", &sentence)]);
                    found.to_validate.push(said(text));
                }
                Verdict::Warn | Verdict::Inconclusive | Verdict::Error => {
                    let text = language.fill(Word::InconclusiveToValidate, &[("criterion", &sentence)]);
                    found.to_validate.push(said(text));
                }
            }
        }
        for action in attempt.actions.iter().filter(|a| a.kept_from.is_none()) {
            let reference = build.trace.end(id, attempt.attempt, &action.action);
            if let Some(ActionResult::Failed { message, .. }) = &action.result {
                let figures = recorded(language, message, reference.as_ref());
                let message = language.say(message);
                let text = format!("{name}{colon}{}{colon}{message}", action.action);
                found.observed.push(Statement { figures, ..said(text, reference.clone()) });
            }
            // Those of a load or a check of replication stand beside its figures.
            let remarks = match scenarios::is_scenario(action) {
                true => &[],
                false => action.evidence().map(|e| e.remarks.as_slice()).unwrap_or_default(),
            };
            for remark in remarks {
                let figures = recorded(language, remark, reference.as_ref());
                let remark = language.say(remark);
                // The same of several actions is one finding: the others are named behind it.
                match found.remarks.iter().find(|(known, _)| *known == remark) {
                    Some((_, at)) => {
                        let known = &mut found.observed[*at];
                        let also = format!("{} {}", build.place(id), action.action);
                        known.text.push_str(&language.fill(Word::AlsoSaid, &[("by", &also)]));
                        known.evidence.extend(reference.clone());
                    }
                    None => {
                        let text = format!("{name}{colon}{}{colon}{remark}", action.action);
                        found.remarks.push((remark, found.observed.len()));
                        found.observed.push(Statement { figures, ..said(text, reference.clone()) });
                    }
                }
            }
        }
    }
    if let Some((key, reason)) = pending(build, status, shown) {
        let places = [("step", number.as_str()), ("name", name.as_str()), ("reason", reason.as_str())];
        let reference = status.latest().and_then(|a| build.trace.step_end(id, a.attempt));
        found.actions.push(said(language.fill(key, &places), reference));
    }
}

/// What a step's state asks for.
pub(super) fn pending(build: &Build<'_>, status: &StepStatus, shown: StepState) -> Option<(Word, String)> {
    let reason = status::reason(status, shown, build.language);
    match shown {
        StepState::Waived => match status.waiver.as_ref()?.until {
            Some(until) => Some((Word::WaiverEnds, build.until(until))),
            None => Some((Word::WaiverHasNoEnd, reason)),
        },
        StepState::AwaitingApproval => Some((Word::ToApprove, reason)),
        StepState::Error => Some((Word::MendAndRetry, reason)),
        StepState::Inconclusive => Some((Word::MeasureAgain, reason)),
        StepState::Interrupted if status::asking(status).is_some() => Some((Word::ToAnswer, reason)),
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
pub(in crate::report) fn unfinished(build: &Build<'_>) -> Vec<Statement> {
    let language = build.language;
    let mut found = Vec::new();
    for (id, status) in build.state.steps.iter().filter(|(id, _)| build.counted.contains(id)) {
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
            StepState::Interrupted if status::asking(status).is_some() => Word::StepAsks,
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
