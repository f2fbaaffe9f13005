//! The summary: what was done, what came of it, which risks there are, what comes first. Every scenario is covered, grouped;
//! nothing is told by counting notes or criteria.

use super::{
    context::Build,
    day::Day,
    failover,
    measure::{beside, brief, tolerance},
    next::is_short,
    notes::said,
    risks::{not_held, of_tools},
    sorts::{self, evidence, latencies, number},
};
use crate::{
    compare::Finding,
    record::{Family, StepState},
    report::{
        document::{capital, ended},
        language::Word,
        model::{Figure, LoadSort, NextRow, Reference, RiskKind, RiskRow, Scenario, Statement, SummaryLine},
        status,
    },
};
use std::collections::BTreeSet;

/// So many scenarios of a group are told one by one.
const ONE_BY_ONE: usize = 3;
/// So many capped loads are told one by one.
const LOADS: usize = 4;
/// How many risks and priorities the summary has.
const RISKS: usize = 4;
const PRIORITIES: usize = 3;
/// How many columns of a tool's line are told.
const WARNING: usize = 160;
/// How many places a sentence names.
const PLACES: usize = 2;

/// The sentences of the summary in their order.
pub(super) fn summary(day: &Day<'_, '_>, risks: &[RiskRow], next: &[NextRow]) -> Vec<SummaryLine> {
    let language = day.language;
    let mut lines = Vec::new();
    let mut put = |lead: &'static str, title: Option<Word>, of: Vec<Statement>| {
        let title = title.map(|word| language.word(word).to_owned()).unwrap_or_default();
        lines.extend(of.into_iter().map(|statement| SummaryLine { lead, title: title.clone(), statement }));
    };
    put("caveat", None, caveat(day));
    put("done", Some(Word::LeadDone), done(day));
    let results = results(day);
    put(
        "results",
        Some(Word::LeadResults),
        match results.is_empty() {
            true => vec![said(language.word(Word::NoResults).to_owned(), None)],
            false => results,
        },
    );
    put("risks", Some(Word::LeadRisks), told_risks(day, risks));
    put("priorities", Some(Word::LeadPriorities), priorities(day, next));
    lines
}

/// That the loads of the runs judge no platform, where that is so.
fn caveat(day: &Day<'_, '_>) -> Vec<Statement> {
    if day.builds.is_empty() || !is_short(day) {
        return Vec::new();
    }
    let profile = day.builds.last().and_then(|b| b.state.header.as_ref()).map(|h| h.plan.profile.clone());
    let text = day.language.fill(Word::JudgesNoPlatform, &[("profile", &profile.unwrap_or_default())]);
    vec![said(text, None)]
}

fn done(day: &Day<'_, '_>) -> Vec<Statement> {
    let language = day.language;
    let mut lines = Vec::new();
    // The latest run of each place, and how far the plan came in it.
    for build in day.builds.iter().filter(|build| build.current) {
        lines.push(how_far(day, build));
    }
    let loads = day.counted().filter(|s| s.attempt > 0 && s.is_load()).count();
    if loads > 0 {
        let more = [
            (
                day.counted().filter(|s| s.attempt > 0 && s.sort == LoadSort::Reads).count(),
                Word::CountedReads,
            ),
            (copies(day).len(), Word::CountedCopies),
            (day.faults.iter().filter(|f| !f.stands).count(), Word::CountedFaultsUndone),
        ];
        let mut parts = vec![language.fill(Word::CountedLoads, &[("count", &language.count(loads))])];
        parts.extend(
            more.into_iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, word)| language.fill(word, &[("count", &language.count(count))])),
        );
        lines.push(said(capital(&format!("{}.", parts.join(", "))), None));
    }
    let by_hand: Vec<&Scenario> = day.scenarios.iter().filter(|s| s.attempt == 0).collect();
    if !by_hand.is_empty() {
        let tools: BTreeSet<&str> = by_hand.iter().map(|s| s.kind.as_str()).collect();
        let tools: Vec<String> = tools.iter().map(|tool| format!("`{tool}`")).collect();
        let topics: BTreeSet<&String> = by_hand.iter().filter_map(|s| s.topic.as_ref()).collect();
        let letters = |s: &&&Scenario| s.title.split(' ').next().unwrap_or_default().to_owned();
        let names = match by_hand.as_slice() {
            [one] => letters(&one),
            [first, .., last] => format!("{}–{}", letters(&first), letters(&last)),
            [] => String::new(),
        };
        let places = [
            ("count", language.count(by_hand.len())),
            ("tools", tools.join(", ")),
            ("topics", language.count(topics.len())),
            ("names", names),
        ];
        let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
        let evidence = day.input.imports.iter().enumerate().map(|(at, of)| super::places::reference(at, of));
        lines.push(said(language.fill(Word::DoneByHand, &places), evidence.take(PLACES)));
    }
    let repaired = super::monitoring::rows(day).into_iter().find(|row| !row.corrected.is_empty());
    if let Some(row) = repaired {
        lines.push(Statement {
            author: Some(String::new()),
            ..said(language.fill(Word::DoneNoted, &[("text", &row.corrected)]), row.evidence)
        });
    }
    if day.builds.is_empty() {
        lines.push(said(language.word(Word::NothingOfThePlan).to_owned(), None));
    }
    lines
}

/// How far the plan came in a run.
fn how_far(day: &Day<'_, '_>, build: &Build<'_>) -> Statement {
    let language = day.language;
    let plan = build.state.header.as_ref().map(|h| &h.plan);
    let shown = |step: &crate::record::StepId| {
        let row = day.plan.iter().find(|row| row.step == step.0);
        // Steps that another run answers for stand as that one left them.
        (build.shown(*step), row.map(|row| row.state_code))
    };
    let carried = |state: &StepState| {
        use StepState::{Locked, NotApplicable, Ready, Skipped};
        !matches!(state, Locked | NotApplicable | Ready | Skipped)
    };
    let all = build.state.steps.len();
    let mine: Vec<_> = build.state.steps.keys().filter(|step| build.counted.contains(step)).collect();
    let begun = mine.iter().filter(|step| carried(&shown(step).0)).count();
    let passed = mine.iter().filter(|step| shown(step).0 == StepState::Passed).count();
    let mut others = Vec::new();
    for state in [
        StepState::Failed,
        StepState::Error,
        StepState::Inconclusive,
        StepState::Interrupted,
        StepState::Running,
        StepState::AwaitingApproval,
        StepState::Waived,
        StepState::Skipped,
        StepState::NotApplicable,
    ] {
        let of: Vec<String> =
            mine.iter().filter(|step| shown(step).0 == state).map(ToString::to_string).collect();
        if !of.is_empty() {
            let word = if of.len() == 1 { Word::OneStepIs } else { Word::SeveralStepsAre };
            let places = [("state", language.state(state)), ("steps", &of.join(", "))];
            others.push(language.fill(word, &places));
        }
    }
    let others: String = others.iter().flat_map(|other| [language.semicolon(), other]).collect();
    let text = language.fill(
        Word::HowFar,
        &[
            ("begun", &language.count(begun)),
            ("all", &language.count(all)),
            ("environment", plan.map_or("–", |p| p.environment.as_str())),
            ("profile", plan.map_or("–", |p| p.profile.as_str())),
            ("state", language.outcome(status::outcome(build.state, build.run.live, build.input.now))),
            ("passed", &language.count(passed)),
            ("others", &others),
        ],
    );
    said(text, build.state.last.map(|(seq, _)| build.trace.record(seq)))
}

fn results(day: &Day<'_, '_>) -> Vec<Statement> {
    let mut lines = loads(day);
    lines.extend(replication(day));
    lines.extend(failover::in_short(day));
    lines.extend(sorts::told(day));
    lines.extend(changed(day));
    lines
}

/// Capped loads: one by one where they are few, those that held their rate first; else how many did, and how late they were.
fn loads(day: &Day<'_, '_>) -> Vec<Statement> {
    let mut of: Vec<&Scenario> = day.counted().filter(|s| s.is_load() && s.held.is_some()).collect();
    // What was not held comes behind, the lowest share last.
    of.sort_by(|a, b| {
        let late = || number(a.p99()).total_cmp(&number(b.p99()));
        let share = || number(b.achieved.as_ref()).total_cmp(&number(a.achieved.as_ref()));
        b.held.cmp(&a.held).then_with(|| if a.held == Some(true) { late() } else { share() })
    });
    match of.len() {
        0 => Vec::new(),
        1..=LOADS => of.iter().map(|s| one(day, s)).collect(),
        _ => {
            let words = (Word::LatenciesJudged, Word::LatenciesSeen);
            [rates(day, &of)].into_iter().chain(above(day, &of)).chain(latencies(day, &of, words)).collect()
        }
    }
}

/// One capped load.
fn one(day: &Day<'_, '_>, of: &Scenario) -> Statement {
    let language = day.language;
    let mut figures = Vec::new();
    let mut text = |figure: Option<&Figure>, other: Option<&Figure>| match figure {
        Some(figure) => {
            let shown =
                other.map_or_else(|| brief(language, figure), |other| beside(language, figure, other));
            figures.push(shown.clone());
            shown.text
        }
        None => language.word(Word::NotMeasured).to_owned(),
    };
    let target = text(of.target.as_ref(), None);
    let rate = text(of.rate(), of.target.as_ref());
    let volume = match of.arrivals() {
        Some(arrivals) => language.fill(Word::ArrivedAt, &[("rate", &text(Some(arrivals), None))]),
        None => text(of.volume(), None),
    };
    let share = of.achieved.as_ref().map(|f| f.text.clone()).unwrap_or_default();
    let limit = day.objectives.p99();
    let p99 = text(of.p99(), limit);
    let verdict = match (limit, of.p99_of_producer()) {
        (Some(limit), Some(p99)) => {
            let limit_text = text(Some(limit), None);
            let key = if number(Some(p99)) < number(Some(limit)) {
                Word::BelowObjective
            } else {
                Word::AboveObjective
            };
            language.fill(key, &[("limit", &limit_text)])
        }
        _ => String::new(),
    };
    // Of runs whose loads were all short that is told before.
    let is_told = of.attempt > 0 && is_short(day);
    let time = of.short_time(language).filter(|_| !is_told && of.p99().is_some());
    let verdict = verdict + &time.map(|time| format!(" ({time})")).unwrap_or_default();
    let key = match of.held {
        _ if of.is_above() => Word::LoadAbove,
        Some(true) => Word::LoadHeld,
        _ => Word::LoadNotHeld,
    };
    let size = of.record_size.clone().unwrap_or_else(|| "–".to_owned());
    let places = [
        ("target", target),
        ("size", size),
        ("title", of.short().to_owned()),
        ("rate", rate),
        ("share", share),
        ("volume", volume),
        ("p99", p99),
        ("tolerance", tolerance(language)),
        ("verdict", verdict),
    ];
    let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
    // The sheet tells more than the file that its figures are from.
    let objective = limit.and_then(|limit| limit.evidence.clone()).filter(|_| of.p99().is_some());
    let evidence = of.place().into_iter().chain(objective);
    let said = said(language.fill(key, &places), evidence);
    Statement { figures, ..said }
}

/// How many loads achieved their rate; the risks name the others.
fn rates(day: &Day<'_, '_>, of: &[&Scenario]) -> Statement {
    let language = day.language;
    let held = of.iter().filter(|s| s.held == Some(true) && !s.is_above()).count();
    let places = [
        ("held", language.count(held)),
        ("count", language.count(of.len())),
        ("tolerance", tolerance(language)),
    ];
    let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
    let key = if held < of.len() { Word::LoadsHeldInPart } else { Word::LoadsHeld };
    said(language.fill(key, &places), None)
}

/// The loads that were faster than they were asked to be.
fn above(day: &Day<'_, '_>, of: &[&Scenario]) -> Option<Statement> {
    let language = day.language;
    let of: Vec<&&Scenario> = of.iter().filter(|s| s.is_above()).collect();
    let name = |s: &&&Scenario| {
        let share = s.achieved.as_ref().map(|f| f.text.clone()).unwrap_or_default();
        format!("{} ({share})", s.short())
    };
    let mut names: Vec<String> = of.iter().take(ONE_BY_ONE).map(name).collect();
    if of.len() > ONE_BY_ONE {
        names.push("…".to_owned());
    }
    let places = [("names", names.join(", ")), ("tolerance", tolerance(language))];
    let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
    let evidence = of.iter().take(PLACES).filter_map(|s| s.place());
    (!of.is_empty()).then(|| said(language.fill(Word::LoadsAbove, &places), evidence))
}

/// The checks of what was copied.
fn copies<'d>(day: &'d Day<'_, '_>) -> Vec<&'d Scenario> {
    let of = day.scenarios.iter();
    of.filter(|s| !s.superseded && s.failure.is_none() && s.sort == LoadSort::Copies).collect()
}

/// What replication did: what was lost, duplicated, reordered or corrupt; how late it was, where that was measured.
fn replication(day: &Day<'_, '_>) -> Vec<Statement> {
    let all = copies(day);
    if all.is_empty() { Vec::new() } else { [kept(day, &all)].into_iter().chain(late(day, &all)).collect() }
}

/// What of the records came whole, and once, and in order.
fn kept(day: &Day<'_, '_>, all: &[&Scenario]) -> Statement {
    let language = day.language;
    let sum = |name: &str| -> Option<f64> {
        let of: Vec<f64> = all.iter().filter_map(|s| s.figure(name)?.exact.as_f64()).collect();
        // What one of them did not count is not known of all.
        (of.len() == all.len()).then(|| of.iter().sum())
    };
    let counts = [
        ("lost", Word::CountedLost),
        ("duplicated", Word::CountedDuplicated),
        ("reordered", Word::CountedReordered),
        ("corrupt", Word::CountedCorrupt),
    ];
    let found: Vec<(Word, Option<f64>)> = counts.map(|(name, word)| (word, sum(name))).into();
    let told = |(word, count): &(Word, Option<f64>)| match count {
        Some(count) => {
            let count = language.number_with(*count, 0);
            language.fill(*word, &[("count", &count)])
        }
        None => language.word(Word::LossNotMeasured).to_owned(),
    };
    let is_wrong = |(word, count): &&(Word, Option<f64>)| match count {
        Some(count) => *count > 0.0,
        None => *word == Word::CountedLost,
    };
    let wrong: Vec<String> = found.iter().filter(is_wrong).map(told).collect();
    let expected = sum("records_expected").map_or_else(|| "–".to_owned(), |n| language.number_with(n, 0));
    let (key, told) = match (wrong.is_empty(), found.iter().all(|(_, count)| count.is_some())) {
        (true, true) => (Word::ReplicatedWhole, String::new()),
        (true, false) => (Word::Replicated, told(&found[0])),
        (false, _) => (Word::Replicated, wrong.join(", ")),
    };
    let mut evidence: Vec<Reference> =
        all.iter().filter_map(|s| s.figure("lost")?.evidence.clone()).collect();
    evidence.dedup();
    evidence.truncate(PLACES);
    said(language.fill(key, &[("told", &told), ("expected", &expected)]), evidence)
}

/// How far replication was behind, and how long a record took.
fn late(day: &Day<'_, '_>, all: &[&Scenario]) -> Option<Statement> {
    let language = day.language;
    let mut figures = Vec::new();
    let lags = day.watches.iter().filter(|w| w.family == Some(Family::Lag));
    let lag = lags.filter_map(|w| w.max.as_ref()).max_by(|a, b| number(Some(a)).total_cmp(&number(Some(b))));
    let lag = lag.map(|lag| {
        figures.push(brief(language, lag));
        language.fill(Word::LagAtMost, &[("lag", &brief(language, lag).text)])
    });
    let through = day.counted().filter(|s| s.is_replicated);
    let timed = all.iter().copied().chain(through).filter(|s| s.p99().is_some());
    let worst = timed.max_by(|a, b| number(a.p99()).total_cmp(&number(b.p99())));
    let latency = worst.and_then(Scenario::p99).map(|p99| {
        let p99 = brief(language, p99);
        let told = language.fill(Word::LatencyAtMost, &[("p99", &p99.text)]);
        figures.push(p99);
        told
    });
    let told: Vec<String> = lag.into_iter().chain(latency).collect();
    if told.is_empty() {
        return Some(said(language.word(Word::LatenessNotMeasured).to_owned(), None));
    }
    let text = format!("{}.", capital(&told.join(language.semicolon())));
    let evidence = evidence(&figures);
    Some(Statement { figures, ..said(text, evidence) })
}

/// What changed since the last report and since the run before.
fn changed(day: &Day<'_, '_>) -> Option<Statement> {
    let language = day.language;
    let mut parts: Vec<String> = day
        .since
        .iter()
        .take(ONE_BY_ONE)
        .map(|s| {
            let places =
                [("step", s.step.to_string()), ("before", s.before.clone()), ("after", s.after.clone())];
            let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
            language.fill(Word::StepChanged, &places)
        })
        .collect();
    let analysis = day.analysis;
    if let Some(run) = &analysis.against_run {
        let differs = |found: Finding| {
            let of = analysis.against.iter().filter(|row| row.found == found);
            of.map(|row| format!("{} {}", row.scenario, row.figure)).collect::<Vec<_>>()
        };
        let (higher, lower) = (differs(Finding::Higher), differs(Finding::Lower));
        let told = |word: Word, of: &[String]| {
            let names = of.iter().take(ONE_BY_ONE).cloned().collect::<Vec<_>>().join(", ");
            (!of.is_empty()).then(|| format!("{} {names}", language.word(word)))
        };
        let of: Vec<String> =
            [told(Word::Higher, &higher), told(Word::Lower, &lower)].into_iter().flatten().collect();
        let told = match (of.is_empty(), analysis.against.is_empty()) {
            (false, _) => language.list(&of),
            (true, false) => language.word(Word::NoDifference).to_owned(),
            (true, true) => language.word(Word::NotCompared).to_owned(),
        };
        parts.push(language.fill(Word::AgainstTheRun, &[("run", run), ("told", &told)]));
    }
    (!parts.is_empty()).then(|| said(format!("{}.", language.list(&parts)), None))
}

/// The gravest risk of each sort.
fn told_risks(day: &Day<'_, '_>, risks: &[RiskRow]) -> Vec<Statement> {
    let mut kinds = Vec::new();
    let mut told = Vec::new();
    for risk in risks {
        if kinds.contains(&risk.kind) || told.len() >= RISKS {
            continue;
        }
        kinds.push(risk.kind);
        let same = risks.iter().filter(|other| other.kind == risk.kind).count();
        let mut statement = match risk.kind {
            RiskKind::Saturation => not_held(day, Word::NotHeldNamed),
            RiskKind::Tool => of_tools(day, WARNING).into_iter().next(),
            _ => None,
        }
        .unwrap_or_else(|| risk.statement.clone());
        let title = match day.language {
            _ if [RiskKind::Saturation, RiskKind::Secret, RiskKind::Noted, RiskKind::Fault]
                .contains(&risk.kind) =>
            {
                String::new()
            }
            language => format!("{}{}", risk.title, language.colon()),
        };
        let text = statement.text.trim_end_matches('.');
        let more = match same {
            1 => String::new(),
            _ => day.language.fill(Word::AndOthers, &[("count", &day.language.count(same - 1))]),
        };
        statement.text = ended(&format!("{title}{text}{more}"));
        told.push(statement);
    }
    if told.is_empty() {
        // Where nothing ran, nothing was judged either.
        let word = if day.builds.is_empty() { Word::NoRiskNoted } else { Word::NoRiskSeen };
        told.push(said(day.language.word(word).to_owned(), None));
    }
    told
}

/// The first things to do, numbered.
fn priorities(day: &Day<'_, '_>, next: &[NextRow]) -> Vec<Statement> {
    let first = next.iter().take(PRIORITIES).enumerate().map(|(at, row)| {
        let action = capital(row.action.trim_end_matches('.'));
        Statement {
            author: Some(String::new()),
            ..said(format!("{}. {}", at + 1, ended(&action)), row.evidence.clone())
        }
    });
    let first: Vec<Statement> = first.collect();
    match first.is_empty() {
        true => {
            let word = if day.builds.is_empty() { Word::NothingNoted } else { Word::NothingOpen };
            vec![said(day.language.word(word).to_owned(), None)]
        }
        false => first,
    }
}
