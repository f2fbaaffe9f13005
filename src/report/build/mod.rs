//! Makes the [`ReportModel`] from the journal, the campaign's facts and the notes; a pure function of its [`Input`].

mod analysis;
mod annex;
pub(super) mod architecture;
mod changes;
mod comparisons;
mod context;
mod day;
mod decisions;
mod explanations;
pub(in crate::report) mod failover;
mod findings;
mod imports;
pub(super) mod input;
pub(super) mod kept;
mod lines;
pub(super) mod measure;
mod monitoring;
mod next;
mod notes;
mod periods;
mod pictures;
mod places;
mod records;
mod risks;
pub(in crate::report) mod scenarios;
mod security;
pub mod series;
mod sorts;
mod summary;
mod trace;
mod unbegun;
mod work;

use super::{
    charts::{Pictures, mermaid},
    language::{Language, Word},
    model::{
        AttemptRow, Cover, CriterionRow, DecisionRow, Expected, FaultRow, Header, PlanRow, ReportModel,
        RunRow, Scenario, SinceRow, StepCriteria, WatchRow,
    },
    status::{self, shown_state},
};
use crate::record::{
    Event, Record, RunState, Severity, StepId, StepState,
    event::{ActionResult, FORMAT, NoteKind, PlanOutline, RunHeader},
    state::{AttemptStatus, StepStatus},
};
use context::Build;
use day::{Day, Objectives};
use input::{Input, RunInput};
use jiff::Timestamp;
use kept::Kept;
use std::collections::{BTreeMap, BTreeSet};
use trace::Trace;

/// A report: what it says, and what is drawn in it.
pub struct Report {
    /// Every text, figure and reference of the report.
    pub model: ReportModel,
    /// What is drawn; its values are in the model or in the artifacts that it names.
    pub pictures: Pictures,
}

impl Report {
    /// The report of `input`.
    pub fn new(input: &Input<'_>) -> Self {
        let states: Vec<RunState> = input.runs.iter().map(|run| RunState::replay(run.records)).collect();
        let builds = builds(input, &states);
        let language = input.language;
        let each = |of: fn(&Build<'_>) -> Vec<Scenario>| builds.iter().flat_map(of).collect();
        let mut scenarios: Vec<Scenario> = each(scenarios::scenarios);
        scenarios.extend(imports::scenarios(input));
        let watches: Vec<WatchRow> = builds.iter().flat_map(scenarios::watches).collect();
        let titles: BTreeMap<u32, String> = builds
            .iter()
            .flat_map(|b| b.state.steps.values())
            .map(|s| (s.outline.step.0, s.outline.title.get(language.code()).to_owned()))
            .collect();
        let analysis = analysis::analysis(input, &scenarios, &watches, &titles);
        let faults: Vec<FaultRow> = builds.iter().flat_map(decisions::faults).collect();
        let pictures = pictures::pictures(input, &builds, &scenarios);
        let mut found = findings::findings(input, &builds);
        let (unclassified, open_lines) = imports::unclassified(input);
        let (not_supplied, facts) = annex::facts(input).into_iter().partition(|f| f.source.is_none());
        let title = input.campaign.map(|c| c.title.get(language.code())).filter(|t| !t.is_empty());
        let main = builds.last();
        // Without a run the plan is shown as it stands in its files: nothing has begun.
        let planned = input.outline.map(planned);
        let unbegun = planned.as_ref().map(|(kept, state)| {
            let run = RunInput { run: "", records: &[], live: false, kept };
            let trace = Trace::new(language, &run, None, 0);
            let counted = state.steps.keys().copied().collect();
            Build { input, run, number: None, counted, current: true, language, state, trace }
        });
        let plan = main.or(unbegun.as_ref());
        let since = main.map(since).unwrap_or_default();
        let steps = || builds.iter().flat_map(|b| b.state.steps.values().map(move |s| (b, s)));
        let mut header = main.map(header).unwrap_or_default();
        if header.campaign.is_empty() {
            header.campaign = input.campaign.map(|c| c.name.clone()).unwrap_or_default();
        }
        header.made = language.moment(input.made, &input.zone);
        header.time_zone = time_zone(input);
        let all_lines = lines::lines(input);
        let noted: Vec<_> = all_lines.iter().filter(|line| !line.is_quoted).cloned().collect();
        let plan_rows: Vec<PlanRow> = plan
            .iter()
            .flat_map(|b| b.state.steps.values().map(move |s| (*b, s)))
            .map(|(b, s)| {
                let of = answering(&builds, b, s.outline.step);
                plan_row(of, of.state.steps.get(&s.outline.step).unwrap_or(s))
            })
            .collect();
        let day = Day {
            input,
            language,
            builds: &builds,
            scenarios: &scenarios,
            watches: &watches,
            faults: &faults,
            plan: &plan_rows,
            lines: &noted,
            objectives: Objectives::of(input, &builds),
            since: &since,
            analysis: &analysis,
            unclassified: open_lines,
        };
        let found_risks = risks::risks(&day);
        let next_steps = next::next(&day);
        let parts = periods::whole(&day);
        let of_imports = periods::of_imports(&day, &parts);
        for (list, more) in
            [&mut found.observed, &mut found.to_validate, &mut found.actions].into_iter().zip(of_imports)
        {
            list.extend(more);
        }
        let mut model = ReportModel {
            language,
            day: input.day.to_string(),
            from: input.from.to_string(),
            made: input.made,
            day_shown: match input.from == input.day {
                true => format!("{} {}", weekday(language, input.day), language.day(input.day)),
                false => language.days(input.from, input.day),
            },
            title: title.unwrap_or(language.word(Word::ReportTitle)).to_owned(),
            header,
            runs: builds.iter().map(run_row).collect(),
            summary: summary::summary(&day, &found_risks, &next_steps),
            periods: periods::in_short(&day, parts),
            failover: failover::told(&day),
            monitoring: monitoring::told(&day),
            monitoring_rows: monitoring::rows(&day),
            security_rows: security::rows(&day),
            risks: found_risks,
            next_steps,
            lines: lines::rows(language, &all_lines),
            objectives: day.objectives.rows(),
            cover: cover(input, &builds),
            unfinished: builds.iter().flat_map(findings::unfinished).collect(),
            plan: plan_rows,
            since,
            diagram: plan
                .map(|b| mermaid::plan(language, b.state, |step| answering(&builds, b, step).shown(step)))
                .unwrap_or_default(),
            criteria: steps()
                .filter(|(b, s)| b.counted.contains(&s.outline.step))
                .map(|(b, s)| criteria(b, s))
                .collect(),
            attempts: builds.iter().flat_map(attempts).collect(),
            work: work::work(&builds),
            scenarios,
            watches,
            snapshots: builds.iter().flat_map(annex::snapshots).collect(),
            analysis,
            changes: changes::changes(input),
            faults,
            decisions: decisions(input, &builds),
            diagrams: architecture::diagrams(input, &noted),
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
        };
        model.records = records::cited(input, &builds, &model);
        Self { model, pictures }
    }
}

/// What could not be read, and the artifacts whose figures are withdrawn.
fn remarks_of(input: &Input<'_>, builds: &[Build<'_>]) -> Vec<String> {
    let known = builds.iter().flat_map(|b| b.trace.artifacts().into_iter().map(move |known| (b, known)));
    let altered = known.filter_map(|(build, (reference, artifact))| {
        let why = build.run.kept.altered.get(&artifact.path)?;
        let why = build.language.say(why);
        Some(build.language.fill(Word::Withdrawn, &[("name", &reference.id), ("why", &why)]))
    });
    let read = input.remarks.iter().map(|remark| input.language.say(remark));
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
        let later: Vec<&RunState> =
            states[at + 1..].iter().filter(|later| place(later) == place(state)).collect();
        let earlier: Vec<&RunState> =
            states[..at].iter().filter(|earlier| place(earlier) == place(state)).collect();
        let did = |of: &[&RunState], step: &StepId| {
            of.iter().any(|run| run.steps.get(step).is_some_and(|status| !status.attempts.is_empty()))
        };
        // A later run takes the place of the steps that it carried out, and of no others.
        let counted: BTreeSet<StepId> = state
            .steps
            .iter()
            .filter(|(step, status)| match status.attempts.is_empty() {
                true => later.is_empty() && !did(&earlier, step),
                false => !did(&later, step),
            })
            .map(|(step, _)| *step)
            .collect();
        let current = later.is_empty() || !counted.is_empty();
        Build { input, run: *run, number, counted, current, language: input.language, state, trace }
    })
    .collect()
}

/// The run of the same environment and profile that answers for a step of `main`.
fn answering<'b, 'a>(builds: &'b [Build<'a>], main: &'b Build<'a>, step: StepId) -> &'b Build<'a> {
    let place = |build: &Build<'_>| {
        build.state.header.as_ref().map(|h| (h.plan.environment.clone(), h.plan.profile.clone()))
    };
    let same = builds.iter().rev().filter(|build| place(build) == place(main));
    same.into_iter().find(|build| build.counted.contains(&step)).unwrap_or(main)
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
    for (at, note, evidence) in notes::notes_of_campaign(input) {
        let shown = input.language.moment(at, &input.zone);
        rows.extend(decisions::noted(input.language, &shown, note, evidence).map(|row| (at, row)));
    }
    rows.sort_by_key(|(at, _)| *at);
    rows.into_iter().map(|(_, row)| row).collect()
}

/// The day of the week, in a word of the language.
fn weekday(language: Language, day: jiff::civil::Date) -> &'static str {
    use jiff::civil::Weekday;
    language.word(match day.weekday() {
        Weekday::Monday => Word::Monday,
        Weekday::Tuesday => Word::Tuesday,
        Weekday::Wednesday => Word::Wednesday,
        Weekday::Thursday => Word::Thursday,
        Weekday::Friday => Word::Friday,
        Weekday::Saturday => Word::Saturday,
        Weekday::Sunday => Word::Sunday,
    })
}

/// What the first page names.
fn cover(input: &Input<'_>, builds: &[Build<'_>]) -> Cover {
    let of_campaign = input.campaign.map(|c| c.authors.clone()).unwrap_or_default();
    let mut authors: Vec<String> = Vec::new();
    let imported = input.imports.iter().map(|i| i.import.by.clone());
    for author in builds.iter().flat_map(|b| header(b).operators).chain(imported) {
        if !authors.contains(&author) {
            authors.push(author);
        }
    }
    Cover {
        authors: if of_campaign.is_empty() { authors } else { of_campaign },
        version: input.campaign.and_then(|c| c.version.clone()).unwrap_or_else(|| "1".to_owned()),
        classification: input.campaign.and_then(|c| c.classification.clone()),
    }
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
        profile_note: head
            .map(|h| h.plan.profile_note.get(build.language.code()).to_owned())
            .unwrap_or_default(),
        selection: head.and_then(|h| h.selection.clone()),
        operators,
        versions,
        started: state.started.map(|at| build.moment(at)),
        ended: ended.map(|at| build.moment(at)),
        duration: state.started.zip(ended).map(|(from, to)| language.between(from, to)),
        time_zone: time_zone(build.input),
        state: language.outcome(status::outcome(state, build.run.live, build.input.now)).to_owned(),
        resumed: state.resumed,
        records: language.count(build.run.records.len()),
        made: build.moment(build.input.made),
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
        // What was judged without a comparison of two values has its reason beside it: nothing is missing.
        let observed = observed.or_else(|| judged.filter(|j| !j.is_judged()).map(|_| build.trace.missing()));
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
                .map(|j| &j.reason)
                .or(passed_over)
                .map_or_else(String::new, |reason| language.say(reason)),
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
                _ => language.say(&attempt.reason),
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
        found
            .extend(said.iter().map(|r| format!("{}{}{}", action.action, language.colon(), language.say(r))));
    }
    found
}
