//! The summary: how far, how well, the main figures, what failed, what stands, what comes first.

use super::{
    build::Build,
    findings::{Findings, judged, said},
    model::{FaultRow, Scenario, Statement},
    status,
    trace::{Trace, places},
    words::Word,
};
use crate::record::{StepState, Verdict, state::StepStatus};
use std::collections::BTreeSet;

/// How many steps that did not pass are named one by one.
const NAMED: usize = 3;

/// A few lines by rules from verdicts, figures and findings.
pub(super) fn summary(
    build: &Build<'_>,
    scenarios: &[Scenario],
    faults: &[FaultRow],
    found: &Findings,
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
    lines.extend(steps_open(build));
    let places = [
        ("validate", language.count(found.to_validate.len())),
        ("actions", language.count(found.actions.len())),
    ];
    let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
    lines.push(said(language.fill(Word::SummaryLeft, &places), None));
    lines.push(match found.actions.first().cloned() {
        Some(first) => {
            Statement { text: language.fill(Word::SummaryFirst, &[("action", &first.text)]), ..first }
        }
        None => said(language.word(Word::SummaryNothing).to_owned(), None),
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

/// Rate and latency of one scenario of each kind: the first whose latest attempt brought a P99, else the first that
/// brought anything. The section has them all.
fn main_figures(build: &Build<'_>, scenarios: &[Scenario]) -> Vec<Statement> {
    let language = build.language;
    let is_latest = |s: &&Scenario| {
        let status = build.state.steps.iter().find(|(id, _)| id.0 == s.step).map(|(_, status)| status);
        status.and_then(StepStatus::latest).is_some_and(|a| a.attempt.0 == s.attempt)
    };
    let told: Vec<(&Scenario, bool, Statement)> =
        scenarios.iter().filter(is_latest).filter_map(|s| figures_of(build, s)).collect();
    let kinds: BTreeSet<&str> = told.iter().map(|(s, _, _)| s.kind.as_str()).collect();
    let first = |kind: &str, with_p99: bool| {
        told.iter().position(|(s, p99, _)| s.kind == kind && (*p99 || !with_p99))
    };
    let mut chosen: Vec<usize> =
        kinds.iter().filter_map(|kind| first(kind, true).or_else(|| first(kind, false))).collect();
    chosen.sort_unstable();
    let further = told.len() - chosen.len();
    let mut lines: Vec<Statement> = chosen.into_iter().map(|at| told[at].2.clone()).collect();
    if further > 0 {
        lines.push(said(language.fill(Word::SummaryFurther, &[("count", &language.count(further))]), None));
    }
    lines
}

/// The main figures of a scenario in a sentence, and whether there is a P99 among them; none where it has no figure.
fn figures_of<'s>(build: &Build<'_>, scenario: &'s Scenario) -> Option<(&'s Scenario, bool, Statement)> {
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
    let name = format!("{}.{} {}", scenario.step, scenario.attempt, scenario.action);
    let places_filled = [("scenario", name.as_str()), ("figures", &shown.join(", "))];
    let text = build.language.fill(Word::SummaryFigures, &places_filled);
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
