//! Makes the [`ReportModel`] from the journal, the campaign's facts and the notes; a pure function of its [`Input`].

use super::{
    Kept, Language, analysis, annex, architecture, changes, decisions, findings, imports, mermaid,
    model::{
        AttemptRow, CriterionRow, DecisionRow, Expected, FaultRow, Header, PlanRow, ReportModel, RunRow,
        Scenario, SinceRow, StepCriteria, WatchRow,
    },
    pictures, reasons, records, scenarios,
    status::{self, shown_state},
    summary,
    trace::Trace,
    words::Word,
    work,
};
use crate::{
    compare::{Comparison, Differing},
    plan::Campaign,
    record::{
        ActionId, Attempt, Event, Import, Reading, Record, RunState, Severity, StepId, StepState,
        event::{ActionResult, FORMAT, NoteKind, PlanOutline, RunHeader},
        state::{AttemptStatus, StepStatus},
    },
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// What a report is made from.
#[derive(Debug, Clone)]
pub struct Input<'a> {
    /// Every run with a record in the time of the report, oldest first. There may be none.
    pub runs: &'a [RunInput<'a>],
    /// Work done by hand in that time, oldest first.
    pub imports: &'a [ImportInput],
    /// Changes to the platform that the snapshots show.
    pub changes: &'a [PlatformChange],
    /// The latest run beside the one before it.
    pub against: Option<&'a Comparison>,
    /// The plan as it stands in its files, for a report of no run.
    pub outline: Option<&'a PlanOutline>,
    /// What the environment file of the latest run says, where it can be read: where things are.
    pub environment: Option<&'a serde_json::Value>,
    /// The campaign, where its file can be read.
    pub campaign: Option<&'a Campaign>,
    /// Records of the journal of notes.
    pub notes: &'a [Record],
    /// Language of the report.
    pub language: Language,
    /// The first day that it is about.
    pub from: Date,
    /// The last one.
    pub day: Date,
    /// Time zone of every time in the report.
    pub zone: TimeZone,
    /// When it is made; waivers that have expired by then do not count.
    pub now: Timestamp,
    /// What could not be read, and why.
    pub remarks: Vec<String>,
}

/// One run.
#[derive(Debug, Clone, Copy)]
pub struct RunInput<'a> {
    /// Name of the run's folder.
    pub run: &'a str,
    /// Records of the run's journal, up to the end of the time.
    pub records: &'a [Record],
    /// Whether a living process was writing the run then.
    pub live: bool,
    /// What was read of its artifacts.
    pub kept: &'a Kept,
}

/// One import, and what was read from its file.
#[derive(Debug, Clone)]
pub struct ImportInput {
    /// Number of its record in the journal of imports.
    pub seq: u64,
    /// When it was imported.
    pub at: Timestamp,
    /// What.
    pub import: Import,
    /// What was read, or why that cannot be used.
    pub reading: Result<Reading, String>,
}

/// What became different between two looks at the platform.
#[derive(Debug, Clone)]
pub struct PlatformChange {
    /// What, before and after.
    pub differing: Differing,
    /// When it was still as before: the run whose snapshot shows it, and the time.
    pub before: (String, Timestamp),
    /// When it was seen to be otherwise.
    pub after: (String, Timestamp),
}

/// What the builders of a run's sections share.
pub(super) struct Build<'a> {
    pub(super) input: &'a Input<'a>,
    pub(super) run: RunInput<'a>,
    /// Its place among several runs.
    pub(super) number: Option<usize>,
    /// Whether no later run of the same environment and profile takes its place.
    pub(super) current: bool,
    pub(super) language: Language,
    pub(super) state: &'a RunState,
    pub(super) trace: Trace<'a>,
}

impl Input<'_> {
    /// The day of a moment, where the report is read.
    fn date(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    /// Whether a moment is within the time of the report.
    pub(super) fn covers(&self, at: Timestamp) -> bool {
        (self.from..=self.day).contains(&self.date(at))
    }
}

impl ReportModel {
    /// The report of `input`.
    pub fn new(input: &Input<'_>) -> Self {
        let states: Vec<RunState> = input.runs.iter().map(|run| RunState::replay(run.records)).collect();
        let builds = builds(input, &states);
        let language = input.language;
        let each = |of: fn(&Build<'_>) -> Vec<Scenario>| builds.iter().flat_map(of).collect();
        let mut scenarios: Vec<Scenario> = each(scenarios::scenarios);
        scenarios.extend(imports::scenarios(input));
        let watches: Vec<WatchRow> = builds.iter().flat_map(scenarios::watches).collect();
        let analysis = analysis::analysis(input, &scenarios, &watches);
        let faults: Vec<FaultRow> = builds.iter().flat_map(decisions::faults).collect();
        let pictures = pictures::pictures(input, &builds, &scenarios);
        let found = findings::findings(input, &builds);
        let unclassified = imports::unclassified(input);
        let (not_supplied, facts) = annex::facts(input).into_iter().partition(|f| f.source.is_none());
        let title = input.campaign.map(|c| c.title.get(language.code())).filter(|t| !t.is_empty());
        let main = builds.last();
        // Without a run the plan is shown as it stands in its files: nothing has begun.
        let planned = input.outline.map(planned);
        let unbegun = planned.as_ref().map(|(kept, state)| {
            let run = RunInput { run: "", records: &[], live: false, kept };
            let trace = Trace::new(language, &run, None, 0);
            Build { input, run, number: None, current: true, language, state, trace }
        });
        let plan = main.or(unbegun.as_ref());
        let since = main.map(since).unwrap_or_default();
        let steps = || builds.iter().flat_map(|b| b.state.steps.values().map(move |s| (b, s)));
        let mut header = main.map(header).unwrap_or_default();
        if header.campaign.is_empty() {
            header.campaign = input.campaign.map(|c| c.name.clone()).unwrap_or_default();
        }
        header.made = language.moment(input.now, &input.zone);
        header.time_zone = time_zone(input);
        let mut model = Self {
            language,
            day: input.day.to_string(),
            from: input.from.to_string(),
            made: input.now,
            day_shown: language.days(input.from, input.day),
            title: title.unwrap_or(language.word(Word::ReportTitle)).to_owned(),
            header,
            runs: builds.iter().map(run_row).collect(),
            summary: summary::summary(input, &builds, &scenarios, &faults, &found, unclassified.len()),
            unfinished: builds.iter().filter(|b| b.current).flat_map(findings::unfinished).collect(),
            plan: plan.iter().flat_map(|b| b.state.steps.values().map(|s| plan_row(b, s))).collect(),
            since,
            diagram: plan.map(|b| mermaid::plan(language, b.state, |step| b.shown(step))).unwrap_or_default(),
            criteria: steps().filter(|(b, _)| b.current).map(|(b, s)| criteria(b, s)).collect(),
            attempts: builds.iter().flat_map(attempts).collect(),
            work: work::work(&builds),
            scenarios,
            watches,
            snapshots: builds.iter().flat_map(annex::snapshots).collect(),
            analysis,
            changes: changes::changes(input),
            faults,
            decisions: decisions(input, &builds),
            diagrams: input.environment.map(|e| architecture::diagrams(language, e)).unwrap_or_default(),
            observed: found.observed,
            to_validate: found.to_validate,
            actions: found.actions,
            dashboards: findings::noted_as(input, &builds, NoteKind::Dashboard),
            security: findings::noted_as(input, &builds, NoteKind::Security),
            unclassified,
            facts,
            not_supplied,
            imports: imports::rows(input),
            evidence: builds.iter().flat_map(annex::evidence).chain(imports::evidence(input)).collect(),
            remarks: remarks_of(input, &builds),
            records: Vec::new(),
            pictures,
        };
        model.records = records::cited(input, &builds, &model);
        model
    }
}

/// What could not be read, and the artifacts whose figures are withdrawn.
fn remarks_of(input: &Input<'_>, builds: &[Build<'_>]) -> Vec<String> {
    let known = builds.iter().flat_map(|b| b.trace.artifacts().into_iter().map(move |known| (b, known)));
    let altered = known.filter_map(|(build, (reference, artifact))| {
        let why = build.run.kept.altered.get(&artifact.path)?;
        let why = reasons::translated(build.language, why);
        Some(build.language.fill(Word::Withdrawn, &[("name", &reference.id), ("why", &why)]))
    });
    let read = input.remarks.iter().map(|remark| reasons::translated(input.language, remark));
    read.chain(altered).collect()
}

/// What each run's sections are built from.
fn builds<'a>(input: &'a Input<'a>, states: &'a [RunState]) -> Vec<Build<'a>> {
    let place = |state: &RunState| {
        state.header.as_ref().map(|h| (h.plan.environment.clone(), h.plan.profile.clone()))
    };
    let mut before = 0;
    let runs = input.runs.iter().zip(states).enumerate();
    runs.map(|(at, (run, state))| {
        let number = (states.len() > 1).then_some(at + 1);
        let trace = Trace::new(input.language, run, number, before);
        before += trace.artifacts().len();
        let current = !states[at + 1..].iter().any(|later| place(later) == place(state));
        Build { input, run: *run, number, current, language: input.language, state, trace }
    })
    .collect()
}

/// The state of a run of that plan before its first step.
fn planned(outline: &PlanOutline) -> (Kept, RunState) {
    let header = RunHeader {
        format: FORMAT,
        jalon: String::new(),
        run: "".into(),
        operator: String::new(),
        plan: outline.clone(),
        selection: None,
        baseline: None,
    };
    let first = Record { seq: 1, at: Timestamp::UNIX_EPOCH, event: Event::RunStarted(Box::new(header)) };
    (Kept::default(), RunState::replay(&[first]))
}

/// Steps whose state is not what it was when the time of the report began.
fn since(build: &Build<'_>) -> Vec<SinceRow> {
    let records = build.run.records;
    let before = records.partition_point(|r| build.input.date(r.at) < build.input.from);
    let Some(end) = before.checked_sub(1).and_then(|at| records.get(at)).map(|r| r.at) else {
        return Vec::new();
    };
    let then = RunState::replay(&records[..before]);
    let rows = build.state.steps.iter().filter_map(|(id, status)| {
        let (old, new) = (shown_state(&then, *id, end, false), build.shown(*id));
        (old != new).then(|| SinceRow {
            step: id.0,
            title: status.outline.title.get(build.language.code()).to_owned(),
            before: build.language.state(old).to_owned(),
            before_code: old.word(),
            after: build.language.state(new).to_owned(),
            after_code: new.word(),
        })
    });
    rows.collect()
}

fn decisions(input: &Input<'_>, builds: &[Build<'_>]) -> Vec<DecisionRow> {
    let mut rows: Vec<(Timestamp, DecisionRow)> = builds.iter().flat_map(decisions::decisions).collect();
    for (at, note, evidence) in findings::notes_of_campaign(input) {
        let shown = input.language.moment(at, &input.zone);
        rows.extend(decisions::noted(input.language, &shown, note, evidence).map(|row| (at, row)));
    }
    rows.sort_by_key(|(at, _)| *at);
    rows.into_iter().map(|(_, row)| row).collect()
}

fn run_row(build: &Build<'_>) -> RunRow {
    let passed = build.state.steps.keys().filter(|s| build.shown(**s) == StepState::Passed).count();
    RunRow {
        number: build.number,
        header: header(build),
        passed,
        steps: build.state.steps.len(),
        superseded: !build.current,
    }
}

fn time_zone(input: &Input<'_>) -> String {
    let zone = &input.zone;
    let offset = || input.now.to_zoned(zone.clone()).strftime("%:z").to_string();
    zone.iana_name().map_or_else(offset, str::to_owned)
}

impl Build<'_> {
    /// State of a step as shown.
    pub(super) fn shown(&self, step: StepId) -> StepState {
        shown_state(self.state, step, self.input.now, self.run.live)
    }

    /// A moment as shown.
    pub(super) fn moment(&self, at: Timestamp) -> String {
        self.language.moment(at, &self.input.zone)
    }

    /// `step 3, Title`, with the run before it where the report is of several.
    pub(super) fn name(&self, status: &StepStatus) -> String {
        let title = status.outline.title.get(self.language.code());
        let name = self
            .language
            .fill(Word::StepNamed, &[("step", &status.outline.step.to_string()), ("title", title)]);
        match self.number {
            None => name,
            Some(number) => format!("{} {number}, {name}", self.language.word(Word::Run)),
        }
    }

    /// A step, with the run before it where the report is of several.
    pub(super) fn place(&self, step: StepId) -> String {
        match self.number {
            None => format!("{} {step}", self.language.word(Word::Step)),
            Some(number) => format!(
                "{} {number}, {} {step}",
                self.language.word(Word::Run),
                self.language.word(Word::Step)
            ),
        }
    }

    /// How the report calls an action: `3.1 nominal`, with the run before it where the report is of several.
    pub(super) fn called(&self, step: StepId, attempt: Attempt, action: &ActionId) -> String {
        match self.number {
            None => format!("{step}.{attempt} {action}"),
            Some(number) => format!("{} {number}, {step}.{attempt} {action}", self.language.word(Word::Run)),
        }
    }

    /// Whether something was done at an attempt in the time of the report.
    pub(super) fn is_of_the_time(&self, attempt: &AttemptStatus) -> bool {
        attempt.ended.is_none_or(|ended| self.input.date(ended) >= self.input.from)
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
    for record in build.run.records {
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
        run: head.map_or(build.run.run, |h| h.run.as_str()).to_owned(),
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
        time_zone: time_zone(build.input),
        state: language.outcome(status::outcome(state, build.run.live)).to_owned(),
        resumed: state.resumed,
        records: language.count(build.run.records.len()),
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
        run: build.number,
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
        for attempt in status.attempts.iter().filter(|a| build.is_of_the_time(a)) {
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
                run: build.number,
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
