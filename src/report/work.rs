//! What was done, in the order of time: every action, and what went on beside it.

use super::{build::Build, model::WorkRow, words::Word};
use crate::record::{
    StepId, Value,
    event::ActionResult,
    state::{ActionStatus, AttemptStatus},
};
use jiff::Timestamp;
use serde_json::Value as Json;

/// Every action of the time of the report.
pub(super) fn work(builds: &[Build<'_>]) -> Vec<WorkRow> {
    let mut rows: Vec<(Timestamp, WorkRow)> = builds.iter().flat_map(of_run).collect();
    rows.sort_by_key(|(at, _)| *at);
    rows.into_iter().map(|(_, row)| row).collect()
}

fn of_run(build: &Build<'_>) -> Vec<(Timestamp, WorkRow)> {
    let mut rows = Vec::new();
    // Connectors as they were last seen, in the order of time.
    let mut seen: Vec<(Timestamp, String, String)> = Vec::new();
    let attempts =
        || build.state.steps.iter().flat_map(|(step, s)| s.attempts.iter().map(move |a| (*step, a)));
    for (_, attempt) in attempts() {
        for action in attempt.actions.iter().filter(|a| a.kind == "connector") {
            seen.extend(connector(action));
        }
    }
    seen.sort();
    for (step, attempt) in attempts().filter(|(_, a)| build.is_of_the_time(a)) {
        for action in attempt.actions.iter().filter(|a| a.kept_from.is_none()) {
            if build.input.covers(action.started) || action.ended.is_some_and(|end| build.input.covers(end)) {
                rows.push((action.started, row(build, step, attempt, action, &seen)));
            }
        }
    }
    rows
}

/// What an action saw of a connector: when, its name, its state.
fn connector(action: &ActionStatus) -> Option<(Timestamp, String, String)> {
    let name = action.params.get("name")?.as_str()?.to_owned();
    let state = action.evidence()?.values.iter().find(|(output, _)| output.as_str() == "state")?.1;
    match &state.value {
        Value::Text(state) => Some((action.ended.unwrap_or(action.started), name, state.clone())),
        _ => None,
    }
}

fn row(
    build: &Build<'_>,
    step: StepId,
    attempt: &AttemptStatus,
    action: &ActionStatus,
    connectors: &[(Timestamp, String, String)],
) -> WorkRow {
    let language = build.language;
    let end = action.ended.unwrap_or(build.input.now);
    let others = attempt.actions.iter().filter(|other| {
        other.action != action.action
            && other.kept_from.is_none()
            && other.started < end
            && other.ended.unwrap_or(build.input.now) > action.started
    });
    let mut meanwhile: Vec<String> = others.map(|o| format!("{} ({})", o.action, o.kind)).collect();
    meanwhile.extend(
        attempt.watches.iter().map(|(id, watch)| {
            language.fill(Word::WatchedBy, &[("watch", id.as_str()), ("kind", &watch.kind)])
        }),
    );
    let mut names: Vec<&String> = Vec::new();
    for (_, name, state) in connectors.iter().rev().filter(|(at, ..)| *at <= action.started) {
        if !names.contains(&name) {
            names.push(name);
            meanwhile.push(format!("{} {name}: {state}", language.word(Word::Connector)));
        }
    }
    let result = match &action.result {
        Some(ActionResult::Done(_)) => language.word(Word::Done).to_owned(),
        Some(ActionResult::Failed { message, .. }) => message.clone(),
        None if build.run.live && attempt.ended.is_none() => language.word(Word::StillRunning).to_owned(),
        None => language.word(Word::NoEnd).to_owned(),
    };
    let places = [
        build.trace.start(step, attempt.attempt, &action.action),
        build.trace.end(step, attempt.attempt, &action.action),
    ];
    WorkRow {
        run: build.number,
        period: period(build, action.started),
        started: build.moment(action.started),
        ended: action.ended.map(|at| build.moment(at)),
        step: step.0,
        attempt: attempt.attempt.0,
        name: action.action.to_string(),
        what: action.description.clone(),
        parameters: parameters(&action.params),
        meanwhile,
        result,
        evidence: places.into_iter().flatten().collect(),
    }
}

/// The part of the day, with the day where the report is of several.
fn period(build: &Build<'_>, at: Timestamp) -> String {
    let there = at.to_zoned(build.input.zone.clone());
    let part = build.language.word(match there.hour() {
        0..6 => Word::Night,
        6..12 => Word::Morning,
        12..18 => Word::Afternoon,
        _ => Word::Evening,
    });
    match build.input.from == build.input.day {
        true => part.to_owned(),
        false => format!("{}, {part}", build.language.day(there.date())),
    }
}

/// Parameters as `name=value`, those of a map with the map's name before them; what is not given is left out.
fn parameters(params: &Json) -> Vec<String> {
    fn add(prefix: &str, value: &Json, out: &mut Vec<String>) {
        match value {
            Json::Object(map) => {
                for (name, value) in map {
                    let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                    add(&name, value, out);
                }
            }
            Json::Null => {}
            Json::String(text) => out.push(format!("{prefix}={text}")),
            other => out.push(format!("{prefix}={other}")),
        }
    }
    let mut out = Vec::new();
    add("", params, &mut out);
    out
}
