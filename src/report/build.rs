//! Makes the [`ReportModel`] from the journal, the campaign's facts and the notes; a pure function of its [`Input`].

use super::{
    Kept, Language, annex, decisions, findings, mermaid,
    model::{AttemptRow, CriterionRow, Expected, Header, PlanRow, ReportModel, StepCriteria},
    pictures, reasons, records, scenarios,
    status::{self, shown_state},
    summary,
    trace::Trace,
    words::Word,
};
use crate::{
    plan::Campaign,
    record::{
        Event, Record, RunState, Severity, StepId, StepState,
        event::ActionResult,
        state::{AttemptStatus, StepStatus},
    },
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// What a report is made from.
#[derive(Debug, Clone)]
pub struct Input<'a> {
    /// Name of the run's folder.
    pub run: &'a str,
    /// Records of the run's journal, up to the end of the day.
    pub records: &'a [Record],
    /// Whether a living process was writing the run then.
    pub live: bool,
    /// The campaign, where its file can be read.
    pub campaign: Option<&'a Campaign>,
    /// Records of the journal of notes.
    pub notes: &'a [Record],
    /// Language of the report.
    pub language: Language,
    /// The day that it is about; notes of other days are left out.
    pub day: Date,
    /// Time zone of every time in the report.
    pub zone: TimeZone,
    /// When it is made; waivers that have expired by then do not count.
    pub now: Timestamp,
    /// What could not be read, and why.
    pub remarks: Vec<String>,
    /// What was read of the artifacts.
    pub kept: &'a Kept,
}

/// What the builders of the sections share.
pub(super) struct Build<'a> {
    pub(super) input: &'a Input<'a>,
    pub(super) language: Language,
    pub(super) state: &'a RunState,
    pub(super) trace: Trace<'a>,
}

impl ReportModel {
    /// The report of `input`.
    pub fn new(input: &Input<'_>) -> Self {
        let state = RunState::replay(input.records);
        let language = input.language;
        let trace = Trace::new(language, input.records, &input.kept.altered);
        let build = Build { input, language, state: &state, trace };
        let scenarios = scenarios::scenarios(&build);
        let pictures = pictures::pictures(&build, &scenarios);
        let faults = decisions::faults(&build);
        let found = findings::findings(&build);
        let (not_supplied, facts) = annex::facts(&build).into_iter().partition(|f| f.source.is_none());
        let title = input.campaign.map(|c| c.title.get(language.code())).filter(|t| !t.is_empty());
        let mut model = Self {
            language,
            day: input.day.to_string(),
            day_shown: language.day(input.day),
            made: input.now,
            title: title.unwrap_or(language.word(Word::ReportTitle)).to_owned(),
            header: header(&build),
            summary: summary::summary(&build, &scenarios, &faults, &found),
            unfinished: findings::unfinished(&build),
            plan: state.steps.values().map(|s| plan_row(&build, s)).collect(),
            diagram: mermaid::plan(language, &state, |step| build.shown(step)),
            criteria: state.steps.values().map(|s| criteria(&build, s)).collect(),
            attempts: attempts(&build),
            scenarios,
            watches: scenarios::watches(&build),
            snapshots: annex::snapshots(&build),
            faults,
            decisions: decisions::decisions(&build),
            observed: found.observed,
            to_validate: found.to_validate,
            actions: found.actions,
            facts,
            not_supplied,
            evidence: annex::evidence(&build),
            remarks: remarks_of(&build),
            records: Vec::new(),
            pictures,
        };
        model.records = records::cited(&build, &model);
        model
    }
}

/// What could not be read, and the artifacts whose figures are withdrawn.
fn remarks_of(build: &Build<'_>) -> Vec<String> {
    let known = build.trace.artifacts();
    let altered = known.iter().filter_map(|(reference, artifact)| {
        let why = build.input.kept.altered.get(&artifact.path)?;
        let why = reasons::translated(build.language, why);
        Some(build.language.fill(Word::Withdrawn, &[("name", &reference.id), ("why", &why)]))
    });
    build.input.remarks.iter().cloned().chain(altered).collect()
}

impl Build<'_> {
    /// State of a step as shown.
    pub(super) fn shown(&self, step: StepId) -> StepState {
        shown_state(self.state, step, self.input.now, self.input.live)
    }

    /// A moment as shown.
    pub(super) fn moment(&self, at: Timestamp) -> String {
        self.language.moment(at, &self.input.zone)
    }

    /// `step 3, Title`.
    pub(super) fn name(&self, status: &StepStatus) -> String {
        let title = status.outline.title.get(self.language.code());
        self.language.fill(Word::StepNamed, &[("step", &status.outline.step.to_string()), ("title", title)])
    }

    /// How long an attempt took, or has taken where it is in progress; when an interrupted one stopped is not known.
    fn took(&self, step: StepId, attempt: &AttemptStatus, latest: bool) -> Option<String> {
        let running = latest && self.shown(step) == StepState::Running;
        let end = attempt.ended.or_else(|| running.then_some(self.input.now))?;
        Some(self.language.between(attempt.started, end))
    }
}

fn header(build: &Build<'_>) -> Header {
    let (state, language) = (build.state, build.language);
    let head = state.header.as_ref();
    let mut operators: Vec<String> = Vec::new();
    let mut versions: Vec<String> = Vec::new();
    for record in build.input.records {
        let (operator, version) = match &record.event {
            Event::RunStarted(header) => (&header.operator, &header.jalon),
            Event::RunResumed { operator, jalon, .. } => (operator, jalon),
            _ => continue,
        };
        for (list, item) in [(&mut operators, operator), (&mut versions, version)] {
            if !list.contains(item) {
                list.push(item.clone());
            }
        }
    }
    let ended = state.last.map(|(_, at)| at);
    Header {
        campaign: head.map(|h| h.plan.campaign.clone()).unwrap_or_default(),
        run: head.map_or(build.input.run, |h| h.run.as_str()).to_owned(),
        environment: head.map(|h| h.plan.environment.clone()).unwrap_or_default(),
        production: head.is_some_and(|h| h.plan.production),
        profile: head.map(|h| h.plan.profile.clone()).unwrap_or_default(),
        profile_note: head.map(|h| h.plan.profile_note.clone()).unwrap_or_default(),
        selection: head.and_then(|h| h.selection.clone()),
        operators,
        versions,
        started: state.started.map(|at| build.moment(at)),
        ended: ended.map(|at| build.moment(at)),
        duration: state.started.zip(ended).map(|(from, to)| language.between(from, to)),
        time_zone: build.input.zone.iana_name().map_or_else(
            || build.input.now.to_zoned(build.input.zone.clone()).strftime("%:z").to_string(),
            str::to_owned,
        ),
        state: language.outcome(status::outcome(state, build.input.live)).to_owned(),
        resumed: state.resumed,
        records: language.count(build.input.records.len()),
        made: build.moment(build.input.now),
    }
}

fn plan_row(build: &Build<'_>, status: &StepStatus) -> PlanRow {
    let (language, outline) = (build.language, &status.outline);
    let shown = build.shown(outline.step);
    let latest = status.latest();
    let passed = (0..outline.criteria.len())
        .filter_map(|index| status::judgement(status, index))
        .filter(|j| j.verdict == crate::record::Verdict::Pass)
        .count();
    let artifacts = outline.artifacts.iter().map(|name| {
        let suffix = format!("/{name}");
        let found = latest.and_then(|a| a.artifacts().into_iter().find(|a| a.path.ends_with(&suffix)));
        Expected { name: name.clone(), evidence: found.and_then(|a| build.trace.artifact(&a.path)) }
    });
    PlanRow {
        step: outline.step.0,
        title: outline.title.get(language.code()).to_owned(),
        objective: outline.objective.get(language.code()).trim().to_owned(),
        estimate: outline.estimate_s.map(|s| language.duration(std::time::Duration::from_secs(s))),
        actual: latest.and_then(|a| build.took(outline.step, a, true)),
        state: language.state(shown).to_owned(),
        state_code: shown.word(),
        reason: status::reason(status, shown, language),
        passed,
        criteria: status::applying(status),
        attempts: status.attempts.len(),
        artifacts: artifacts.collect(),
    }
}

fn criteria(build: &Build<'_>, status: &StepStatus) -> StepCriteria {
    let (language, outline) = (build.language, &status.outline);
    let rows = outline.criteria.iter().enumerate().map(|(index, criterion)| {
        let judged = status::judgement(status, index);
        let reference = status
            .latest()
            .filter(|_| judged.is_some())
            .and_then(|a| build.trace.judgement(outline.step, a.attempt, index));
        let passed_over = status::passed_over(status, index);
        let [observed, limit] =
            judged.map(|j| build.trace.sides(j, reference.as_ref())).unwrap_or([None, None]);
        let observed = observed.or_else(|| judged.map(|_| build.trace.missing()));
        CriterionRow {
            text: criterion.text.clone(),
            severity: language
                .word(match criterion.severity {
                    Severity::Critical => Word::Critical,
                    Severity::Warn => Word::Warning,
                })
                .to_owned(),
            severity_code: criterion.severity,
            must: criterion.must,
            observed,
            limit,
            verdict: match (judged, passed_over) {
                (Some(judged), _) => language.verdict(judged.verdict),
                (None, Some(_)) => language.state(StepState::NotApplicable),
                (None, None) => language.word(Word::NotJudged),
            }
            .to_owned(),
            verdict_code: judged.map(|j| j.verdict.word()),
            reason: judged
                .map(|j| j.reason.as_str())
                .or(passed_over)
                .map_or_else(String::new, |reason| reasons::translated(language, reason)),
            evidence: reference,
        }
    });
    StepCriteria {
        step: outline.step.0,
        title: outline.title.get(language.code()).to_owned(),
        attempt: status.latest().map(|a| a.attempt.0),
        rows: rows.collect(),
    }
}

fn attempts(build: &Build<'_>) -> Vec<AttemptRow> {
    let language = build.language;
    let mut rows = Vec::new();
    for (step, status) in &build.state.steps {
        for attempt in &status.attempts {
            let latest = status.latest().is_some_and(|l| l.attempt == attempt.attempt);
            let shown = build.shown(*step);
            let (verdict, verdict_code) = match attempt.verdict {
                Some(verdict) => (language.verdict(verdict), verdict.word()),
                None if latest && matches!(shown, StepState::Running | StepState::AwaitingApproval) => {
                    (language.state(shown), shown.word())
                }
                None => (language.state(StepState::Interrupted), StepState::Interrupted.word()),
            };
            let reason = match attempt.verdict {
                None if latest => status::reason(status, shown, language),
                _ => reasons::translated(language, &attempt.reason),
            };
            rows.push(AttemptRow {
                step: step.0,
                attempt: attempt.attempt.0,
                started: build.moment(attempt.started),
                started_at: attempt.started,
                ended_at: attempt.ended,
                ended: attempt.ended.map(|at| build.moment(at)),
                duration: build.took(*step, attempt, latest),
                verdict: verdict.to_owned(),
                verdict_code,
                reason,
                remarks: remarks(language, attempt),
                evidence: build.trace.step_end(*step, attempt.attempt),
            });
        }
    }
    rows
}

/// What the actions of an attempt said beside their figures, and those that did not end well.
fn remarks(language: Language, attempt: &AttemptStatus) -> Vec<String> {
    let mut found = Vec::new();
    for action in &attempt.actions {
        if let Some(from) = action.kept_from {
            let from = from.to_string();
            found.push(language.fill(Word::Kept, &[("action", action.action.as_str()), ("from", &from)]));
        }
        if let Some(ActionResult::Failed { message, .. }) = &action.result {
            found.push(format!("{}{}{message}", action.action, language.colon()));
        }
        let said = action.evidence().map(|e| e.remarks.as_slice()).unwrap_or_default();
        found.extend(
            said.iter().map(|r| {
                format!("{}{}{}", action.action, language.colon(), reasons::translated(language, r))
            }),
        );
    }
    found
}
