//! Dashboards and monitoring: what the checks of pages, targets and dashboards saw, and what people noted.

use super::{context::Build, day::Day, lines::NotedLine, measure::brief, notes::said, trace::Place};
use crate::{
    perf_output::{Progress, is_about_dashboards, progress},
    record::{
        Family, Said, Value,
        event::NoteKind,
        state::{ActionStatus, AttemptStatus},
    },
    report::{
        language::Word,
        model::{Figure, MonitoringRow, Reference, Statement},
    },
};

/// How many lines that people noted stand in one list of the body.
const NOTED: usize = 20;

/// A check of the latest attempt at a step.
pub(super) struct Check<'c, 'a> {
    pub(super) build: &'c Build<'a>,
    pub(super) attempt: &'c AttemptStatus,
    pub(super) action: &'c ActionStatus,
    step: crate::record::StepId,
}

impl Check<'_, '_> {
    /// An output.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        let values = &self.action.evidence()?.values;
        values.iter().find(|(output, _)| output.as_str() == name).map(|(_, measured)| &measured.value)
    }

    /// An output that is a number.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.value(name)?.as_f64()
    }

    /// The first value of that family, where it is a number.
    fn number_of(&self, family: Family) -> Option<f64> {
        self.action.declared.value(family, self.action.evidence()?)?.as_f64()
    }

    /// An output as shown.
    pub(super) fn figure(&self, name: &str) -> Figure {
        let place = Place::of_action(self.step, self.attempt, self.action);
        place.map_or_else(
            || self.build.trace.missing(),
            |place| self.build.trace.figure_or_missing(&place, name),
        )
    }

    /// Its step and its name, as titles have them.
    pub(super) fn title(&self) -> String {
        self.build.titled(self.step, &self.action.action)
    }

    fn is(&self, name: &str) -> bool {
        matches!(self.value(name), Some(Value::Flag(true)))
    }

    /// The record of its end.
    pub(super) fn place(&self) -> Option<Reference> {
        self.build.trace.end(self.step, self.attempt.attempt, &self.action.action)
    }

    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.action.params.get(name)?.as_str()
    }

    /// What it said.
    pub(super) fn said(&self) -> &[Said] {
        self.action.evidence().map(|e| e.remarks.as_slice()).unwrap_or_default()
    }

    /// What it said, in the language of the report.
    pub(super) fn remarks(&self) -> Vec<String> {
        self.said().iter().map(|remark| self.build.language.say(remark)).collect()
    }
}

/// Whether an action compares settings with what they should be.
pub(super) fn is_audit(action: &ActionStatus) -> bool {
    action.declared.has(Family::Deviations)
}

/// Every action that counts and brought a value of that family.
pub(super) fn checks_of<'c, 'a>(day: &'c Day<'_, 'a>, family: Family) -> Vec<Check<'c, 'a>> {
    let is = |action: &ActionStatus| {
        action.evidence().is_some_and(|evidence| action.declared.value(family, evidence).is_some())
    };
    let mut found = Vec::new();
    for (build, status) in day.steps() {
        let Some(attempt) = status.latest().filter(|a| build.is_of_the_time(a)) else { continue };
        let actions = attempt.actions.iter().filter(|action| is(action));
        found.extend(actions.map(|action| Check { build, attempt, action, step: status.outline.step }));
    }
    found
}

fn ends(checks: &[Check<'_, '_>]) -> Vec<Reference> {
    let first = checks.first().and_then(Check::place);
    let last = checks.last().and_then(Check::place);
    let mut ends: Vec<Reference> = first.into_iter().chain(last).collect();
    ends.dedup();
    ends
}

/// What the checks saw, in sentences.
pub(super) fn told(day: &Day<'_, '_>) -> Vec<Statement> {
    let language = day.language;
    let mut found = Vec::new();
    let pages = checks_of(day, Family::PageTime);
    if !pages.is_empty() {
        let count = |of: usize| language.count(of);
        let up = pages.iter().filter(|page| page.is("up")).count();
        let stale = pages.iter().filter(|page| page.is("up") && !page.is("fresh")).count();
        let missing: f64 = pages.iter().filter_map(|page| page.number("missing")).sum();
        let times: Vec<f64> = pages.iter().filter_map(|page| page.number_of(Family::PageTime)).collect();
        let slowest = times.iter().copied().fold(0.0, f64::max);
        let at = pages.iter().find(|page| page.number_of(Family::PageTime) == Some(slowest));
        let slowest = super::measure::given(
            language,
            slowest,
            crate::record::Unit::Milliseconds,
            at.and_then(Check::place),
        );
        let slowest = brief(language, &slowest);
        let places = [
            ("pages", count(pages.len())),
            ("up", count(up)),
            ("missing", language.number_with(missing, 0)),
            ("stale", count(stale)),
            ("slowest", slowest.text.clone()),
        ];
        let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
        let evidence = ends(&pages);
        let evidence = evidence.into_iter().chain(slowest.evidence.clone());
        let mut all: Vec<Reference> = evidence.collect();
        all.sort();
        all.dedup();
        found
            .push(Statement { figures: vec![slowest], ..said(language.fill(Word::PagesRead, &places), all) });
    }
    let targets = checks_of(day, Family::TargetsDown);
    if let Some(last) = targets.iter().rfind(|check| check.number_of(Family::TargetsDown).is_some()) {
        let number = |name: &str| language.number_with(last.number(name).unwrap_or(0.0), 0);
        let places = [("up", number("targets_up")), ("down", number("targets_down"))];
        let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
        found.push(said(language.fill(Word::TargetsSeen, &places), last.place()));
    }
    let facts = noted(day, NoteKind::Dashboard).into_iter().filter(|(text, _)| progress(text).is_none());
    found.extend(
        facts.map(|(text, place)| Statement { author: Some(String::new()), ..said(text, Some(place)) }),
    );
    let ages = checks_of(day, Family::ScrapeAge);
    if let Some((check, age)) =
        ages.last().and_then(|check| Some((check, check.number_of(Family::ScrapeAge)?)))
    {
        let age = language.number_with(age, 1);
        found.push(said(language.fill(Word::ScrapeAge, &[("age", &age)]), check.place()));
    }
    let grafana: Vec<Check<'_, '_>> = checks_of(day, Family::AnswerTime)
        .into_iter()
        .filter(|c| c.param("service") == Some("grafana"))
        .collect();
    found.push(match grafana.is_empty() {
        true => said(language.word(Word::DashboardsNotChecked).to_owned(), None),
        false => {
            let ok = grafana.iter().filter(|c| c.number("status").is_some_and(|s| s < 400.0)).count();
            let places = [("count", language.count(grafana.len())), ("ok", language.count(ok))];
            let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
            said(language.fill(Word::DashboardsChecked, &places), ends(&grafana))
        }
    });
    found
}

/// What is missing, was corrected, is left.
pub(super) fn rows(day: &Day<'_, '_>) -> Vec<MonitoringRow> {
    let language = day.language;
    let mut rows = Vec::new();
    for page in checks_of(day, Family::PageTime) {
        let name = page.param("exporter").unwrap_or(page.action.action.as_str()).to_owned();
        let missing = page.number("missing").unwrap_or(0.0);
        let key = match (page.is("up"), page.is("fresh")) {
            (false, _) => Some((Word::ExporterDown, Word::RestartExporter)),
            _ if missing > 0.0 => Some((Word::MetricsMissing, Word::ExportMetrics)),
            (true, false) if page.value("fresh").is_some_and(|v| matches!(v, Value::Flag(false))) => {
                Some((Word::ExporterStale, Word::RestartExporter))
            }
            _ => None,
        };
        let Some((what, left)) = key else { continue };
        let told = language.list(&page.remarks());
        let told = if told.is_empty() { told } else { format!("{}{told}", language.colon()) };
        let count = language.number_with(missing, 0);
        rows.push(MonitoringRow {
            missing: language.fill(what, &[("exporter", &name), ("count", &count)]) + &told,
            corrected: String::new(),
            left: language.word(left).to_owned(),
            evidence: page.place().into_iter().collect(),
        });
    }
    for check in checks_of(day, Family::TargetsDown) {
        if check.number_of(Family::TargetsDown).is_some_and(|down| down > 0.0) {
            let down = language.number_with(check.number_of(Family::TargetsDown).unwrap_or(0.0), 0);
            let told = language.list(&check.remarks());
            let told = if told.is_empty() { told } else { format!("{}{told}", language.colon()) };
            rows.push(MonitoringRow {
                missing: language.fill(Word::TargetsDown, &[("down", &down)]) + &told,
                corrected: String::new(),
                left: language.word(Word::RestartTargets).to_owned(),
                evidence: check.place().into_iter().collect(),
            });
        }
    }
    rows.extend(blind(day));
    rows.extend(about_dashboards(day).into_iter().map(|(text, evidence)| MonitoringRow {
        missing: text,
        corrected: String::new(),
        left: String::new(),
        evidence: vec![evidence],
    }));
    rows.extend(noted(day, NoteKind::Dashboard).into_iter().filter_map(|(text, evidence)| {
        let progress = progress(&text)?;
        let mut row = MonitoringRow {
            missing: String::new(),
            corrected: String::new(),
            left: String::new(),
            evidence: vec![evidence],
        };
        let place = match progress {
            Progress::Corrected => &mut row.corrected,
            Progress::Left => &mut row.left,
            Progress::Missing => &mut row.missing,
        };
        *place = text;
        Some(row)
    }));
    rows
}

/// Watches of pages and targets that came to their end without a value.
fn blind(day: &Day<'_, '_>) -> Vec<MonitoringRow> {
    let language = day.language;
    let mut rows = Vec::new();
    for (build, status) in day.steps() {
        let ended = status.latest().filter(|a| build.is_of_the_time(a) && a.ended.is_some());
        let Some(attempt) = ended else { continue };
        let watched = attempt.watches.iter().filter(|(_, watch)| {
            let is_of_pages = [Family::PageTime, Family::TargetsDown, Family::ScrapeAge]
                .iter()
                .any(|family| watch.declared.has(*family));
            let counts = |name: &str| matches!(name, "samples" | "missed");
            let mut values = watch.evidence.values.iter();
            is_of_pages && !values.any(|(name, of)| !counts(name.as_str()) && of.value.as_f64().is_some())
        });
        for (id, watch) in watched {
            let places = [("watch", id.as_str()), ("kind", &watch.kind), ("step", &build.name(status))];
            rows.push(MonitoringRow {
                missing: language.fill(Word::WatchSawNothing, &places),
                corrected: String::new(),
                left: language.word(Word::RestartExporter).to_owned(),
                evidence: build.trace.step_end(status.outline.step, attempt.attempt).into_iter().collect(),
            });
        }
    }
    rows
}

/// What people noted as missing of dashboards, whatever sort of note it is.
fn about_dashboards(day: &Day<'_, '_>) -> Vec<(String, Reference)> {
    let is = |text: &str| is_about_dashboards(text) && progress(text) == Some(Progress::Missing);
    let open = day.lines.iter().filter(|line| line.kind.is_none());
    let open = open.map(|line| (line.text.clone(), line.reference.clone()));
    let seen = [NoteKind::Observation, NoteKind::Risk].into_iter().flat_map(|kind| noted(day, kind));
    open.chain(seen).filter(|(text, _)| is(text)).collect()
}

/// Lines and notes of that sort: what they say and where they are.
pub(super) fn noted(day: &Day<'_, '_>, kind: NoteKind) -> Vec<(String, Reference)> {
    let of_runs = day.builds.iter().flat_map(Build::notes);
    let notes = of_runs
        .chain(super::notes::notes_of_campaign(day.input))
        .filter(|(_, note, _)| note.kind == kind && note.line.is_none())
        .map(|(_, note, reference)| (day.language.say(&note.text), reference));
    let lines = day.lines.iter().filter(|line: &&NotedLine| line.kind == Some(kind));
    let mut found: Vec<(String, Reference)> =
        notes.chain(lines.map(|line| (line.text.clone(), line.reference.clone()))).collect();
    // The body stays short; the annex has every line.
    if let Some((_, last)) = found.get(NOTED - 1).filter(|_| found.len() > NOTED) {
        let count = day.language.count(found.len() - (NOTED - 1));
        let further = (day.language.fill(Word::FurtherNoted, &[("count", &count)]), last.clone());
        found.truncate(NOTED - 1);
        found.push(further);
    }
    found
}
