//! What is to be done, the most urgent first: what stands on the platform, what failed, what blocks the plan, what could
//! not be judged, waivers that end, what the figures ask for, what people noted, the steps of the plan that come next.

use super::{
    day::Day,
    findings::{judged, pending, undo_by_hand},
    measure::brief,
    monitoring::{self, noted},
    places::place,
    risks::unheld,
    security,
    unbegun::Unbegun,
};
use crate::{
    record::{StepState, Verdict, event::NoteKind},
    report::{
        language::Word,
        model::{NextRow, PlanRow, Reference, Scenario},
        status,
    },
};

/// How many criteria a reason names.
const NAMED: usize = 2;

/// Everything that is open.
pub(super) fn next(day: &Day<'_, '_>) -> Vec<NextRow> {
    let mut rows: Vec<NextRow> = Vec::new();
    let language = day.language;
    for undo in day.builds.iter().flat_map(undo_by_hand) {
        rows.push(NextRow {
            action: undo.text,
            reason: language.word(Word::StillStands).to_owned(),
            evidence: undo.evidence,
        });
    }
    of_steps(day, &mut rows);
    of_figures(day, &mut rows);
    plan(day, &mut rows);
    of_people(day, &mut rows);
    of_monitoring(day, &mut rows);
    warnings(day, &mut rows);
    rows
}

/// What failed or waits, step by step.
fn of_steps(day: &Day<'_, '_>, rows: &mut Vec<NextRow>) {
    let language = day.language;
    let mut of: Vec<(u8, NextRow)> = Vec::new();
    for (build, status) in day.steps() {
        let id = status.outline.step;
        let shown = build.shown(id);
        let (number, name) = (id.to_string(), build.name(status));
        let end = status.latest().and_then(|a| build.trace.step_end(id, a.attempt));
        let criteria = |wanted: &[Verdict]| {
            let of: Vec<&str> =
                judged(status).filter(|j| wanted.contains(&j.verdict)).map(|j| j.text.as_str()).collect();
            let mut told: Vec<String> = of.iter().take(NAMED).map(|text| format!("`{text}`")).collect();
            if of.len() > NAMED {
                told.push("…".to_owned());
            }
            language.list(&told)
        };
        let places = |key: Word| language.fill(key, &[("step", &number), ("name", &name)]);
        let reason = status::reason(status, shown, language);
        let (rank, action, reason) = match shown {
            StepState::Failed => {
                let failed = criteria(&[Verdict::Fail]);
                let reason = if failed.is_empty() {
                    reason
                } else {
                    language.fill(Word::DoesNotHold, &[("criteria", &failed)])
                };
                (0, places(Word::MendStep), reason)
            }
            StepState::Error => (1, places(Word::MendStep), reason),
            StepState::Interrupted => {
                let key = if status::asking(status).is_some() { Word::AnswerOf } else { Word::GoOnWith };
                (2, places(key), reason)
            }
            StepState::AwaitingApproval => (2, places(Word::DecideOn), reason),
            StepState::Inconclusive => {
                let open = criteria(&[Verdict::Inconclusive, Verdict::Error]);
                let reason = if open.is_empty() {
                    reason
                } else {
                    language.fill(Word::NotJudgedYet, &[("criteria", &open)])
                };
                (3, places(Word::MeasureStep), reason)
            }
            StepState::Waived => match pending(build, status, shown) {
                Some((Word::WaiverEnds, until)) => {
                    (4, places(Word::SettleWaiver), language.fill(Word::EndsOn, &[("until", &until)]))
                }
                _ => (4, places(Word::SettleWaiver), language.word(Word::WithoutEnd).to_owned()),
            },
            StepState::Skipped => (5, places(Word::CatchUpStep), reason),
            _ => continue,
        };
        of.push((rank, NextRow { action, reason, evidence: end.into_iter().collect() }));
    }
    of.sort_by_key(|(rank, _)| *rank);
    rows.extend(of.into_iter().map(|(_, row)| row));
}

/// What the figures of loads ask for.
fn of_figures(day: &Day<'_, '_>, rows: &mut Vec<NextRow>) {
    let language = day.language;
    // The one nearest to a limit of the platform comes first: the one that moved most.
    let mut of = unheld(day);
    let volume = |s: &&Scenario| s.volume().and_then(|f| f.exact.as_f64()).unwrap_or(0.0);
    of.sort_by(|a, b| volume(b).total_cmp(&volume(a)));
    let evidence = |s: &Scenario| s.place().into_iter().collect::<Vec<Reference>>();
    let told = |s: &Scenario| {
        let share = s.achieved.as_ref().map(|f| f.text.clone()).unwrap_or_default();
        language.fill(Word::ShareAchieved, &[("share", &share)])
    };
    let by_hand = |s: &&&Scenario| s.attempt == 0;
    if let Some(first) = of.iter().find(|s| by_hand(s) && !s.is_short()) {
        let limit = first.volume().map_or_else(String::new, |f| brief(language, f).text);
        rows.push(NextRow {
            action: language.fill(Word::ExplainLimit, &[("limit", &limit), ("title", first.short())]),
            reason: told(first),
            evidence: evidence(first),
        });
    }
    for scenario in day.contradictory() {
        rows.push(NextRow {
            action: language.fill(Word::RunAgain, &[("title", scenario.short())]),
            reason: scenario.contradictory(language).unwrap_or_default(),
            evidence: evidence(scenario),
        });
    }
    for scenario in of.iter().filter(by_hand) {
        let size = scenario.record_bytes.unwrap_or(0);
        let batch = scenario.basis.get("batch.size").and_then(|text| text.parse().ok()).unwrap_or(16384_u64);
        if size > batch {
            let wanted = language.size(size.next_power_of_two());
            let places = [("title", scenario.short().to_owned()), ("wanted", wanted)];
            let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
            let (size, batch) = (language.size(size), language.size(batch));
            rows.push(NextRow {
                action: language.fill(Word::LargerBatch, &places),
                reason: language.fill(Word::RecordAboveBatch, &[("size", &size), ("batch", &batch)]),
                evidence: evidence(scenario),
            });
        }
    }
    let shorts: Vec<&Scenario> =
        day.counted().filter(|s| s.attempt == 0 && s.is_load() && s.is_short()).collect();
    for scenario in shorts.iter().take(2) {
        let seconds = language.number_with(scenario.seconds.unwrap_or(0.0), 0);
        rows.push(NextRow {
            action: language.fill(Word::LongerLoad, &[("title", scenario.short())]),
            reason: language.fill(Word::LoadOfSeconds, &[("seconds", &seconds)]),
            evidence: evidence(scenario),
        });
    }
    if !day.builds.is_empty() && is_short(day) {
        let profile = day
            .builds
            .last()
            .and_then(|b| b.state.header.as_ref())
            .map(|h| h.plan.profile.clone())
            .unwrap_or_default();
        rows.push(NextRow {
            action: language.word(Word::RealSizes).to_owned(),
            reason: language.fill(Word::ProfileOfSeconds, &[("profile", &profile)]),
            evidence: Vec::new(),
        });
    }
}

/// Whether every load of the runs was of seconds.
pub(super) fn is_short(day: &Day<'_, '_>) -> bool {
    let mut loads = day.counted().filter(|s| s.is_load() && s.attempt > 0).peekable();
    loads.peek().is_some() && loads.all(Scenario::is_short)
}

/// The steps of the plan that come next.
fn plan(day: &Day<'_, '_>, rows: &mut Vec<NextRow>) {
    let language = day.language;
    let open: Vec<&PlanRow> =
        day.plan.iter().filter(|row| matches!(row.state_code, "ready" | "locked")).collect();
    let (Some(first), Some(last)) = (open.first(), open.get(open.len().min(4).saturating_sub(1))) else {
        return;
    };
    let action = match first.step == last.step {
        true => {
            language.fill(Word::CarryOutStep, &[("step", &first.step.to_string()), ("title", &first.title)])
        }
        false => language.fill(
            Word::CarryOutSteps,
            &[("first", &first.step.to_string()), ("last", &last.step.to_string())],
        ),
    };
    let reason = match open.len() == day.plan.len() {
        true => language.word(Word::NothingCarriedOut).to_owned(),
        false => language.fill(
            Word::StepsLeft,
            &[("count", &language.count(open.len())), ("all", &language.count(day.plan.len()))],
        ),
    };
    rows.push(NextRow { action, reason, evidence: Vec::new() });
}

/// What people noted and what their notes leave open.
fn of_people(day: &Day<'_, '_>, rows: &mut Vec<NextRow>) {
    let language = day.language;
    let word = |word: Word| language.word(word).to_owned();
    for (text, evidence) in noted(day, NoteKind::Action) {
        rows.push(NextRow { action: text, reason: word(Word::Noted), evidence: vec![evidence] });
    }
    for (text, evidence) in noted(day, NoteKind::Hypothesis) {
        let action = language.fill(Word::VerifyThat, &[("text", &text)]);
        rows.push(NextRow { action, reason: word(Word::NotedHypothesis), evidence: vec![evidence] });
    }
    for (file, evidence) in security::secrets(day) {
        rows.push(NextRow {
            action: language.fill(Word::ChangeSecretIn, &[("file", &file)]),
            reason: word(Word::SecretInClear),
            evidence: vec![evidence],
        });
    }
    if day.unclassified > 0 {
        let first = day.input.imports.iter().enumerate().next();
        rows.push(NextRow {
            action: language.fill(Word::ClassifyLines, &[("count", &language.count(day.unclassified))]),
            reason: word(Word::NobodyClassified),
            evidence: first.map(|(at, of)| super::places::reference(at, of)).into_iter().collect(),
        });
    }
    for (at, of) in day.input.imports.iter().enumerate().filter(|(_, of)| of.reading.is_err()) {
        rows.push(NextRow {
            action: language.fill(Word::ImportAgain, &[("file", &of.import.file)]),
            reason: of.reading.as_ref().err().cloned().unwrap_or_default(),
            evidence: vec![place(at, of, 1)],
        });
    }
}

fn of_monitoring(day: &Day<'_, '_>, rows: &mut Vec<NextRow>) {
    for row in monitoring::rows(day).into_iter().filter(|row| !row.left.is_empty()) {
        let reason =
            if row.missing.is_empty() { day.language.word(Word::Noted).to_owned() } else { row.missing };
        rows.push(NextRow { action: row.left, reason, evidence: row.evidence });
    }
    let mut audits: Vec<Reference> = Vec::new();
    for row in security::rows(day) {
        if row.left == day.language.word(Word::RenewCertificate) {
            let is_noted = row.found == day.language.word(Word::NotedOnly);
            rows.push(NextRow {
                action: row.left.clone(),
                reason: if is_noted { row.fact.clone() } else { row.found.clone() },
                evidence: row.evidence.clone(),
            });
        }
        if row.left == day.language.word(Word::CorrectOrWaive) {
            audits.extend(row.evidence);
        }
    }
    audits.dedup();
    if !audits.is_empty() {
        let word = |word: Word| day.language.word(word).to_owned();
        rows.push(NextRow {
            action: word(Word::CloseSecurity),
            reason: word(Word::SecurityDeviates),
            evidence: audits,
        });
    }
}

/// Warnings that somebody should explain, a row a step.
fn warnings(day: &Day<'_, '_>, rows: &mut Vec<NextRow>) {
    let language = day.language;
    for (build, status) in day.steps() {
        let unbegun = Unbegun::of(build, status);
        let warned: Vec<_> = judged(status)
            .filter(|j| j.verdict == Verdict::Warn && unbegun.as_ref().is_none_or(|of| !of.has(j)))
            .collect();
        let Some(first) = warned.first() else { continue };
        let mut criteria: Vec<String> = warned.iter().take(NAMED).map(|j| format!("`{}`", j.text)).collect();
        if warned.len() > NAMED {
            criteria.push("…".to_owned());
        }
        let attempt = status.latest().map(|a| a.attempt);
        let place = attempt.and_then(|a| build.trace.judgement(status.outline.step, a, first.index));
        rows.push(NextRow {
            action: language.fill(Word::ExplainWarnings, &[("name", &build.name(status))]),
            reason: language.list(&criteria),
            evidence: place.into_iter().collect(),
        });
    }
}
