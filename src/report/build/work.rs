//! What was done, in the order of time: every action, and what went on beside it.

use super::{context::Build, scenarios::is_scenario};
use crate::{
    record::{
        ActionRole, Family, StepId, Value,
        event::ActionResult,
        state::{ActionStatus, AttemptStatus},
    },
    report::{
        language::{Language, Word},
        model::WorkRow,
    },
};
use jiff::Timestamp;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Every action of the time of the report.
pub(in crate::report) fn work(builds: &[Build<'_>]) -> Vec<WorkRow> {
    let mut rows: Vec<(Timestamp, WorkRow)> = builds.iter().flat_map(of_run).collect();
    rows.sort_by_key(|(at, _)| *at);
    rows.into_iter().map(|(_, row)| row).collect()
}

fn of_run(build: &Build<'_>) -> Vec<(Timestamp, WorkRow)> {
    let mut rows = Vec::new();
    // What was seen of connectors, in the order of time.
    let mut seen: Vec<Sight> = Vec::new();
    let attempts =
        || build.state.steps.iter().flat_map(|(step, s)| s.attempts.iter().map(move |a| (*step, a)));
    for (_, attempt) in attempts() {
        seen.extend(attempt.actions.iter().filter_map(sight));
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

/// What an action saw of the connectors at a moment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Sight {
    at: Timestamp,
    of: ConnectorsFound,
}

/// What there is to see of connectors.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum ConnectorsFound {
    /// Kafka Connect has none.
    None,
    /// The one of that name is in that state.
    One(String, String),
}

/// What an action saw: one connector, or by a look at Kafka Connect that there is none.
fn sight(action: &ActionStatus) -> Option<Sight> {
    let value = |family| action.declared.value(family, action.evidence()?);
    let of = match (value(Family::ConnectorState), value(Family::Connectors)) {
        (Some(Value::Text(state)), _) => {
            ConnectorsFound::One(action.params.get("name")?.as_str()?.to_owned(), state.to_string())
        }
        (_, Some(count)) if count.as_f64() == Some(0.0) => ConnectorsFound::None,
        _ => return None,
    };
    Some(Sight { at: action.ended.unwrap_or(action.started), of })
}

/// Whether replication was on at a moment, by what was last seen of each connector; none where nothing was seen yet.
fn replication(language: Language, at: Timestamp, seen: &[Sight]) -> Option<String> {
    let mut known: BTreeMap<&str, &str> = BTreeMap::new();
    let mut looked = false;
    for sight in seen.iter().take_while(|sight| sight.at <= at) {
        looked = true;
        match &sight.of {
            ConnectorsFound::None => known.clear(),
            ConnectorsFound::One(name, state) => drop(known.insert(name, state)),
        }
    }
    // One that was deleted is none.
    known.retain(|_, state| !state.eq_ignore_ascii_case("absent"));
    if known.is_empty() {
        return looked.then(|| language.word(Word::ReplicationNone).to_owned());
    }
    let mut by_state: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, state) in &known {
        by_state.entry(*state).or_default().push(*name);
    }
    let told: Vec<String> =
        by_state.iter().map(|(state, names)| format!("{} ({state})", names.join(", "))).collect();
    let on = known.values().any(|state| state.eq_ignore_ascii_case("running"));
    let key = if on { Word::ReplicationOn } else { Word::ReplicationOff };
    Some(language.fill(key, &[("connectors", &language.list(&told))]))
}

fn row(
    build: &Build<'_>,
    step: StepId,
    attempt: &AttemptStatus,
    action: &ActionStatus,
    connectors: &[Sight],
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
    let watched = attempt
        .watches
        .iter()
        .map(|(id, watch)| language.fill(Word::WatchedBy, &[("watch", id.as_str()), ("kind", &watch.kind)]));
    meanwhile.extend(replication(language, action.started, connectors));
    let result = match &action.result {
        Some(ActionResult::Done(_)) => language.word(Word::Done).to_owned(),
        Some(ActionResult::Failed { message, .. }) => language.say(message),
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
        at: action.started.to_zoned(build.input.zone.clone()).strftime("%H:%M:%S").to_string(),
        ended: action.ended.map(|at| build.moment(at)),
        step: step.0,
        attempt: attempt.attempt.0,
        name: action.action.to_string(),
        kind: action.kind.clone(),
        is_check: is_check(action),
        what: language.say(&action.description),
        parameters: parameters(&action.params),
        meanwhile,
        watched: watched.collect(),
        result,
        evidence: places.into_iter().flatten().collect(),
    }
}

/// Whether an action only looked, is none of the scenarios, and came to its end.
fn is_check(action: &ActionStatus) -> bool {
    action.declared.role == ActionRole::Check
        && !is_scenario(action)
        && matches!(action.result, Some(ActionResult::Done(_)))
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
