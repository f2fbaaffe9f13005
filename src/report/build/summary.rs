//! The summary: how far, how well, the main figures, what failed, what stands, what comes first.

use super::{
    context::Build,
    findings::{Findings, judged},
    input::{ImportInput, Input},
    notes::said,
};
use crate::{
    record::{StepState, Verdict, state::StepStatus},
    report::{
        language::{Language, Word},
        model::{FaultRow, Reference, Scenario, Statement, places},
        status,
    },
};
use std::collections::BTreeSet;

/// How many steps that did not pass are named one by one.
const NAMED: usize = 3;

/// Up to so many scenarios are all told; of more, one of each kind.
const TOLD: usize = 4;

/// A few lines by rules from verdicts, figures and findings: those of the latest run; of the others how far they came.
pub(in crate::report) fn summary(
    input: &Input<'_>,
    builds: &[Build<'_>],
    scenarios: &[Scenario],
    faults: &[FaultRow],
    found: &Findings,
    unclassified: usize,
) -> Vec<Statement> {
    let language = input.language;
    let mut lines: Vec<Statement> = builds.iter().rev().take(NAMED).map(how_far).collect();
    lines.reverse();
    let main = builds.last();
    match main {
        None => lines.push(said(language.word(Word::NoRun).to_owned(), None)),
        Some(build) => lines.push(how_well(build)),
    }
    if !input.imports.is_empty() {
        let runs: usize = input.imports.iter().map(|i| i.import.scenarios.len()).sum();
        let places = [("files", language.count(input.imports.len())), ("count", language.count(runs))];
        let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
        let text = language.fill(Word::SummaryImports, &places);
        let of = |(at, i): (usize, &ImportInput)| Reference::record(format!("I{}", at + 1), "imports", i.seq);
        lines.push(said(text, input.imports.iter().enumerate().map(of)));
    }
    lines.extend(main_figures(language, main, scenarios));
    lines.extend(main.map(failed).unwrap_or_default());
    let standing: Vec<&FaultRow> = faults.iter().filter(|f| f.stands).collect();
    if !standing.is_empty() {
        let names: Vec<String> =
            standing.iter().map(|f| format!("{}.{} {}", f.step, f.attempt, f.action)).collect();
        let text = language.fill(Word::SummaryStands, &[("actions", &names.join(", "))]);
        lines.push(said(text, standing.iter().flat_map(|f| f.evidence.clone())));
    }
    lines.extend(main.map(steps_open).unwrap_or_default());
    let places = [
        ("validate", language.count(found.to_validate.len())),
        ("actions", language.count(found.actions.len())),
    ];
    let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
    lines.push(said(language.fill(Word::SummaryLeft, &places), None));
    if unclassified > 0 {
        let count = language.count(unclassified);
        lines.push(said(language.fill(Word::SummaryUnclassified, &[("count", &count)]), None));
    }
    lines.push(match found.actions.first().cloned() {
        Some(first) => {
            Statement { text: language.fill(Word::SummaryFirst, &[("action", &first.text)]), ..first }
        }
        None => {
            let key = if main.is_some() { Word::SummaryNothing } else { Word::SummaryImportsOnly };
            said(language.word(key).to_owned(), None)
        }
    });
    lines
}

/// The steps that are in progress, were interrupted or have not begun.
fn steps_open(build: &Build<'_>) -> Vec<Statement> {
    let lists: [(Word, &[StepState]); 3] = [
        (Word::SummaryRunning, &[StepState::Running, StepState::AwaitingApproval]),
        (Word::SummaryInterrupted, &[StepState::Interrupted]),
        (Word::SummaryOpen, &[StepState::Locked, StepState::Ready]),
    ];
    let mut lines = Vec::new();
    for (key, wanted) in lists {
        let ids = build.state.steps.keys().filter(|s| wanted.contains(&build.shown(**s)));
        let ids: Vec<String> = ids.map(ToString::to_string).collect();
        if !ids.is_empty() {
            lines.push(said(build.language.fill(key, &[("steps", &ids.join(", "))]), None));
        }
    }
    lines
}

fn how_far(build: &Build<'_>) -> Statement {
    let (language, state) = (build.language, build.state);
    let count = |wanted: StepState| state.steps.keys().filter(|s| build.shown(**s) == wanted).count();
    let plan = state.header.as_ref().map(|h| &h.plan);
    let text = language.fill(
        Word::SummaryRun,
        &[
            ("run", state.header.as_ref().map_or(build.run.run, |h| h.run.as_str())),
            ("environment", plan.map_or("–", |p| p.environment.as_str())),
            ("profile", plan.map_or("–", |p| p.profile.as_str())),
            ("state", language.outcome(status::outcome(state, build.run.live))),
            ("passed", &language.count(count(StepState::Passed))),
            ("steps", &language.count(state.steps.len())),
            ("waived", &language.count(count(StepState::Waived))),
            ("skipped", &language.count(count(StepState::Skipped))),
        ],
    );
    let last = state.last.map(|(seq, _)| build.trace.record(seq));
    said(text, last)
}

fn how_well(build: &Build<'_>) -> Statement {
    let language = build.language;
    let verdicts: Vec<Verdict> = build.state.steps.values().flat_map(judged).map(|j| j.verdict).collect();
    let all: usize = build.state.steps.values().map(status::applying).sum();
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

/// Rate and latency of a few scenarios, or of one of each kind: the first whose latest attempt brought a P99, else the
/// first that brought anything. The section has them all.
fn main_figures(language: Language, main: Option<&Build<'_>>, scenarios: &[Scenario]) -> Vec<Statement> {
    let is_latest = |s: &&Scenario| match main {
        // Without a run all there is was done by hand.
        None => true,
        Some(build) => {
            let status = build.state.steps.iter().find(|(id, _)| id.0 == s.step).map(|(_, status)| status);
            let latest = status.and_then(StepStatus::latest).is_some_and(|a| a.attempt.0 == s.attempt);
            s.run == build.number && latest
        }
    };
    let told: Vec<(&Scenario, bool, Statement)> =
        scenarios.iter().filter(is_latest).filter_map(|s| figures_of(language, s)).collect();
    let kinds: BTreeSet<&str> = told.iter().map(|(s, _, _)| s.kind.as_str()).collect();
    let first = |kind: &str, with_p99: bool| {
        told.iter().position(|(s, p99, _)| s.kind == kind && (*p99 || !with_p99))
    };
    let mut chosen: Vec<usize> = match told.len() <= TOLD {
        true => (0..told.len()).collect(),
        false => kinds.iter().filter_map(|kind| first(kind, true).or_else(|| first(kind, false))).collect(),
    };
    chosen.sort_unstable();
    let further = told.len() - chosen.len();
    let mut lines: Vec<Statement> = chosen.into_iter().map(|at| told[at].2.clone()).collect();
    if further > 0 {
        lines.push(said(language.fill(Word::SummaryFurther, &[("count", &language.count(further))]), None));
    }
    lines
}

/// The main figures of a scenario in a sentence, and whether there is a P99 among them; none where it has no figure.
fn figures_of(language: Language, scenario: &Scenario) -> Option<(&Scenario, bool, Statement)> {
    let wanted = ["throughput.records_per_s", "throughput.mb_per_s", "lost"];
    let figures: Vec<_> = scenario
        .figures
        .iter()
        .filter(|f| wanted.contains(&f.name.as_str()) && !f.figure.exact.is_null())
        .collect();
    // The fifth statistic is P99.
    let p99 = scenario.latencies.first().and_then(|l| l.figures.get(4).map(|f| (l, f)));
    let p99 = p99.filter(|(_, figure)| !figure.exact.is_null());
    if figures.is_empty() && p99.is_none() {
        return None;
    }
    let mut shown: Vec<String> = figures.iter().map(|f| format!("{} {}", f.label, f.figure.text)).collect();
    shown.extend(p99.map(|(row, figure)| format!("P99 {} ({})", figure.text, row.label)));
    let places_filled = [("scenario", scenario.name.as_str()), ("figures", &shown.join(", "))];
    let text = language.fill(Word::SummaryFigures, &places_filled);
    let evidence = places(figures.iter().map(|f| &f.figure).chain(p99.map(|(_, f)| f)));
    Some((scenario, p99.is_some(), said(text, evidence)))
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
