//! Risks: what still stands on the platform, what failed, what is under a waiver, what was not held, what could not be
//! judged, what tools warned of, what people fear.

use super::{
    context::Build,
    day::Day,
    findings::{judged, sentence, undo_by_hand},
    imports::tool,
    monitoring::{self, Check, noted},
    notes::{recorded, said},
    places::place_of_run,
    security,
    unbegun::Unbegun,
};
use crate::{
    record::{Family, StepState, Verdict, event::NoteKind, state::StepStatus},
    report::{
        language::Word,
        model::{Figure, Reference, RiskKind, RiskRow, Scenario, Statement},
        status,
    },
    support::text::cut,
};
use std::collections::BTreeMap;

/// How many names a sentence has.
const NAMED: usize = 3;
/// How many problems of notes stand among the risks; the annex has every line.
const NOTED_TROUBLES: usize = 10;

/// Every risk, the gravest first.
pub(super) fn risks(day: &Day<'_, '_>) -> Vec<RiskRow> {
    let mut rows = Vec::new();
    let mut put = |kind: RiskKind, title: Word, of: Vec<Statement>| {
        let title = day.language.word(title);
        rows.extend(of.into_iter().map(|statement| RiskRow { kind, title: title.to_owned(), statement }));
    };
    put(RiskKind::Fault, Word::RiskFault, day.builds.iter().flat_map(undo_by_hand).collect());
    put(RiskKind::Failed, Word::RiskFailed, of_verdict(day, &[Verdict::Fail]));
    put(RiskKind::Stopped, Word::RiskStopped, stopped(day));
    put(RiskKind::Certificate, Word::RiskCertificate, certificates(day));
    put(RiskKind::Waiver, Word::RiskWaiver, waivers(day));
    put(RiskKind::Saturation, Word::RiskSaturation, not_held(day, Word::NotHeld).into_iter().collect());
    put(RiskKind::Contradictory, Word::RiskContradictory, contradictory(day));
    put(RiskKind::Inconclusive, Word::RiskInconclusive, inconclusive(day));
    put(RiskKind::Warning, Word::RiskWarning, warnings(day));
    put(RiskKind::Tool, Word::RiskTool, of_tools(day, usize::MAX));
    put(RiskKind::Secret, Word::RiskSecret, secrets(day));
    put(RiskKind::Noted, Word::RiskNoted, feared(day));
    rows
}

fn of_verdict(day: &Day<'_, '_>, wanted: &[Verdict]) -> Vec<Statement> {
    let mut found = Vec::new();
    for (build, status) in day.steps() {
        let unbegun = Unbegun::of(build, status);
        let of = judged(status).filter(|judgement| wanted.contains(&judgement.verdict));
        let of = of.filter(|judgement| unbegun.as_ref().is_none_or(|unbegun| !unbegun.has(judgement)));
        found.extend(of.map(|judgement| sentence(build, status, judgement)));
    }
    found
}

/// Steps that came to no verdict of their criteria.
fn stopped(day: &Day<'_, '_>) -> Vec<Statement> {
    let mut found = Vec::new();
    for (build, status) in day.steps() {
        let shown = build.shown(status.outline.step);
        if is_stopped(build, status) {
            let mut reason = status::reason(status, shown, day.language);
            if let Some(unbegun) = Unbegun::of(build, status) {
                reason = [&*reason, day.language.semicolon(), &unbegun.text].concat();
            }
            let places = [
                ("step", build.name(status)),
                ("state", day.language.state(shown).to_owned()),
                ("why", reason),
            ];
            let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
            let latest = status.latest();
            let end = latest.and_then(|a| build.trace.step_end(status.outline.step, a.attempt));
            let figures = latest.map(|a| recorded(day.language, &a.reason, end.as_ref())).unwrap_or_default();
            let text = day.language.fill(Word::SummaryFailed, &places);
            found.push(Statement { figures, ..said(text, end) });
        }
    }
    found
}

/// Certificates that have expired, or are about to, and servers that showed none.
fn certificates(day: &Day<'_, '_>) -> Vec<Statement> {
    let told = |check: Check<'_, '_>| {
        let place = check.place();
        check.remarks().into_iter().map(move |remark| said(remark, place.clone())).collect::<Vec<_>>()
    };
    let noted = security::expiring(day).into_iter();
    let noted =
        noted.map(|(text, place)| Statement { author: Some(String::new()), ..said(text, Some(place)) });
    monitoring::checks_of(day, Family::CertificateDays).into_iter().flat_map(told).chain(noted).collect()
}

fn waivers(day: &Day<'_, '_>) -> Vec<Statement> {
    let mut found = Vec::new();
    for (build, status) in day.steps() {
        let shown = build.shown(status.outline.step);
        let decision = match shown {
            StepState::Waived => status.waiver.as_ref(),
            StepState::Skipped => status.skipped.as_ref(),
            _ => continue,
        };
        let Some(decision) = decision else { continue };
        let until = decision.until.map_or_else(
            || day.language.word(Word::WithoutEnd).to_owned(),
            |until| day.language.fill(Word::UntilThen, &[("until", &build.until(until))]),
        );
        let reason = day.language.say(&decision.reason);
        let places = [
            ("step", build.name(status)),
            ("state", day.language.state(shown).to_owned()),
            ("until", until),
            ("by", decision.by.clone()),
            ("reason", reason),
        ];
        let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
        let record = build.run.records.iter().rev().find(|record| {
            use crate::record::Event;
            matches!(&record.event, Event::StepWaived { step, .. } | Event::StepSkipped { step, .. }
                if *step == status.outline.step)
        });
        let place = record.map(|record| build.trace.record(record.seq));
        found.push(said(day.language.fill(Word::WaivedUntil, &places), place));
    }
    found
}

/// Loads that did not achieve the rate asked for.
pub(super) fn unheld<'d>(day: &'d Day<'_, '_>) -> Vec<&'d Scenario> {
    day.counted().filter(|s| s.held == Some(false)).collect()
}

/// The loads that did not achieve their rate, in that sentence.
pub(super) fn not_held(day: &Day<'_, '_>, key: Word) -> Option<Statement> {
    let language = day.language;
    let of = unheld(day);
    if of.is_empty() {
        return None;
    }
    let name = |s: &&Scenario| {
        let share = s.achieved.as_ref().map(|f| format!(" ({})", f.text)).unwrap_or_default();
        format!("{}{share}", s.short())
    };
    let mut names: Vec<String> = of.iter().take(NAMED).map(name).collect();
    if of.len() > NAMED {
        names.push("…".to_owned());
    }
    let places = [("count", language.count(of.len())), ("names", names.join(", "))];
    let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
    let mut evidence: Vec<_> = of.iter().take(NAMED).filter_map(|s| s.place()).collect();
    evidence.dedup();
    Some(said(language.fill(key, &places), evidence))
}

/// Totals that contradict themselves, each with what contradicts what.
fn contradictory(day: &Day<'_, '_>) -> Vec<Statement> {
    let language = day.language;
    let told = |of: &Scenario| {
        let mut found: Vec<&str> = of.contradictions.iter().take(NAMED).map(String::as_str).collect();
        if of.contradictions.len() > NAMED {
            found.push("…");
        }
        let text = format!("{}{}{}", of.short(), language.colon(), found.join(language.semicolon()));
        // The values are those of the tool, and none of them is the report's.
        Statement { author: Some(String::new()), ..said(text, of.place()) }
    };
    day.contradictory().map(told).collect()
}

/// What could not be judged, a sentence for each reason.
fn inconclusive(day: &Day<'_, '_>) -> Vec<Statement> {
    let language = day.language;
    type Of = (Vec<(String, Option<Reference>)>, Vec<Figure>);
    let mut by_reason: BTreeMap<String, Of> = BTreeMap::new();
    for (build, status) in day.steps() {
        let unbegun = Unbegun::of(build, status);
        let of = judged(status).filter(|j| matches!(j.verdict, Verdict::Inconclusive | Verdict::Error));
        let of = of.filter(|j| unbegun.as_ref().is_none_or(|unbegun| !unbegun.has(j)));
        for judgement in of {
            let reason = language.say(&judgement.reason);
            let attempt = status.latest().map(|a| a.attempt);
            let place = attempt.and_then(|a| build.trace.judgement(status.outline.step, a, judgement.index));
            let name = format!("{}, `{}`", build.place(status.outline.step), judgement.text);
            let figures = recorded(language, &judgement.reason, place.as_ref());
            let of = by_reason.entry(reason).or_default();
            of.0.push((name, place));
            of.1.extend(figures);
        }
    }
    let told = |(reason, (of, figures)): (String, Of)| {
        let mut names: Vec<&str> = of.iter().take(NAMED).map(|(name, _)| name.as_str()).collect();
        if of.len() > NAMED {
            names.push("…");
        }
        let names = language.list(&names);
        let text = language.fill(Word::CouldNotBeJudged, &[("names", &names), ("reason", &reason)]);
        let places = of.iter().take(NAMED).filter_map(|(_, place)| place.clone());
        Statement { figures, ..said(text, places) }
    };
    by_reason.into_iter().map(told).chain(unbegun(day)).collect()
}

/// Criteria without evidence of steps that are not among those that were stopped.
fn unbegun(day: &Day<'_, '_>) -> Vec<Statement> {
    let mut found = Vec::new();
    for (build, status) in day.steps().filter(|(build, status)| !is_stopped(build, status)) {
        let Some(of) = Unbegun::of(build, status) else { continue };
        let (name, language) = (build.name(status), day.language);
        let text = [&*name, language.colon(), &of.cause, language.semicolon(), &of.text].concat();
        found.push(Statement { figures: of.figures, ..said(text, of.evidence) });
    }
    found
}

/// Whether a step came to no verdict of its criteria.
fn is_stopped(build: &Build<'_>, status: &StepStatus) -> bool {
    let shown = build.shown(status.outline.step);
    let is_refused = shown == StepState::Failed && judged(status).all(|j| j.verdict != Verdict::Fail);
    matches!(shown, StepState::Error | StepState::Interrupted) || is_refused
}

fn warnings(day: &Day<'_, '_>) -> Vec<Statement> {
    of_verdict(day, &[Verdict::Warn])
}

/// What tools of work done by hand warned of, each line with at most so many columns.
pub(super) fn of_tools(day: &Day<'_, '_>, most: usize) -> Vec<Statement> {
    let mut found = Vec::new();
    for (at, of) in day.input.imports.iter().enumerate() {
        let Ok(reading) = &of.reading else { continue };
        for (n, scenario) in reading.scenarios.iter().enumerate() {
            let name = format!("I{}.{}", at + 1, n + 1);
            let title = day.scenarios.iter().find(|s| s.name == name).map_or(name, |s| s.short().to_owned());
            // A line of the tool is no message of this program.
            let warnings = scenario.warnings.iter().filter(|warning| warning.id().is_none());
            found.extend(warnings.map(|warning| {
                let told = day.language.say(warning);
                let tool = tool(scenario).script();
                let line = cut(&told.replace('`', "'"), most);
                let text = format!("{title}, `{tool}`{}`{line}`", day.language.colon());
                Statement {
                    author: Some(of.import.file.clone()),
                    ..said(text, Some(place_of_run(at, of, n)))
                }
            }));
        }
    }
    found
}

fn secrets(day: &Day<'_, '_>) -> Vec<Statement> {
    let told = |(file, place): (String, _)| {
        let text = day.language.fill(Word::SecretIn, &[("file", &file)]);
        said(text, Some(place))
    };
    security::secrets(day).into_iter().map(told).collect()
}

fn feared(day: &Day<'_, '_>) -> Vec<Statement> {
    let of = |(text, place)| Statement { author: Some(String::new()), ..said(text, Some(place)) };
    // What people call a problem is open until somebody says that it is not.
    let troubles =
        day.lines.iter().filter(|line| line.is_trouble && line.kind == Some(NoteKind::Observation));
    let troubles = troubles.take(NOTED_TROUBLES).map(|line| (line.text.clone(), line.reference.clone()));
    noted(day, NoteKind::Risk).into_iter().chain(troubles).map(of).collect()
}
