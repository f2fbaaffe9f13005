//! Results by scenario (loads and replication checks), and what the watches saw.

use super::{
    analysis,
    context::Build,
    measure::{self, ACHIEVED_RATIO, Client},
    trace::Place,
};
use crate::{
    record::{
        ActionId, ActionRole, Evidence, Family, STATISTICS, StepId, Unit,
        event::ActionResult,
        state::{ActionStatus, AttemptStatus, WatchStatus},
    },
    report::{
        language::Word,
        model::{Figure, Labelled, LatencyRow, LoadSort, Scenario, WatchRow, places},
    },
};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// Outputs that are shown as a list, with their labels, where an action brings them.
pub(in crate::report) const FIGURES: &[(&str, Word)] = &[
    ("rate.records_per_s", Word::HighestRate),
    ("rate.mb_per_s", Word::HighestRate),
    ("lower.records_per_s", Word::HighestHeld),
    ("upper.records_per_s", Word::LowestNotHeld),
    ("at_least", Word::AboveHighest),
    ("confirmations", Word::Confirmations),
    ("limited_by", Word::LimitedBy),
    ("probes", Word::Probes),
    ("records", Word::Records),
    ("records_asked", Word::RecordsAsked),
    ("records_sent", Word::RecordsSent),
    ("records_failed", Word::RecordsFailed),
    ("records_expected", Word::RecordsExpected),
    ("records_arrived", Word::RecordsArrived),
    ("lost", Word::Lost),
    ("duplicated", Word::Duplicated),
    ("reordered", Word::Reordered),
    ("corrupt", Word::Corrupt),
    ("complete", Word::Complete),
    ("throughput.records_per_s", Word::AchievedRate),
    (ACHIEVED_RATIO, Word::AchievedRatio),
    ("throughput.mb_per_s", Word::Throughput),
    ("duration_s", Word::Duration),
    ("catch_up_s", Word::CatchUp),
    ("join_ms", Word::JoinTime),
    ("backlog_max", Word::Backlog),
    ("saturated", Word::Saturated),
    ("errors", Word::Errors),
];

/// The point of view that a latency is measured from.
fn point_of_view(family: Family) -> Word {
    match family {
        Family::LatencyFromSend => Word::FromSend,
        Family::LatencyFromTimestamp => Word::EndToEnd,
        Family::LatencyOfReplication => Word::SourceToTarget,
        _ => Word::FromIntended,
    }
}

/// Whether an action has a place among the scenarios: it brings a latency of records.
pub(super) fn is_scenario(action: &ActionStatus) -> bool {
    action.declared.latencies().next().is_some()
}

/// What an action is among the scenarios; none where it is none.
pub(super) fn sort_of(action: &ActionStatus) -> Option<LoadSort> {
    let first = action.declared.latencies().next()?.1;
    Some(match first {
        _ if action.declared.has(Family::Capacity) => LoadSort::Limit,
        Family::LatencyOfReplication => LoadSort::Copies,
        Family::LatencyFromTimestamp => LoadSort::Reads,
        _ => LoadSort::Sends,
    })
}

/// Every load and every check of replication, of every attempt.
pub(super) fn scenarios(build: &Build<'_>) -> Vec<Scenario> {
    let mut found = Vec::new();
    for (step, status) in &build.state.steps {
        for attempt in status.attempts.iter().filter(|a| build.is_of_the_time(a)) {
            for action in &attempt.actions {
                if is_scenario(action) {
                    found.push(scenario(build, *step, attempt, action));
                }
            }
        }
    }
    found
}

fn scenario(build: &Build<'_>, step: StepId, attempt: &AttemptStatus, action: &ActionStatus) -> Scenario {
    let language = build.language;
    let empty = Evidence::default();
    let place = Place::of_action(step, attempt, action).unwrap_or(Place {
        step,
        attempt: attempt.attempt,
        action: &action.action,
        evidence: &empty,
        artifacts: &action.artifacts,
        origin: attempt.attempt,
    });
    let mut latencies: Vec<LatencyRow> = action
        .declared
        .latencies()
        .map(|(output, family)| {
            let figures: Vec<Figure> = STATISTICS
                .iter()
                .map(|stat| build.trace.figure_or_missing(&place, &format!("{output}.{stat}")))
                .collect();
            LatencyRow {
                scenario: build.called(step, attempt.attempt, &action.action),
                label: language.word(point_of_view(family)).to_owned(),
                evidence: places(&figures),
                remarks: reasons_missing(&figures, language.word(Word::NotMeasured)),
                figures,
            }
        })
        .collect();
    // It counts what was sent and what arrived; its throughput is of the latter.
    let is_arrival = action.declared.has(Family::LatencyUntilAcknowledged);
    let mut figures: Vec<Labelled> = FIGURES
        .iter()
        .filter(|(output, _)| {
            action.declared.family(output).is_some() || place.evidence.get(output).is_some()
        })
        .map(|(output, label)| Labelled {
            name: (*output).to_owned(),
            family: action.declared.family(output),
            label: language
                .word(match label {
                    Word::AchievedRate if is_arrival => Word::ArrivalRate,
                    Word::Throughput if is_arrival => Word::ArrivalVolume,
                    label => *label,
                })
                .to_owned(),
            figure: build.trace.figure_or_missing(&place, output),
        })
        .collect();
    let failure = match &action.result {
        Some(ActionResult::Done(_)) => None,
        Some(ActionResult::Failed { message, .. }) => Some(language.say(message)),
        None if build.run.live && attempt.ended.is_none() => {
            Some(language.word(Word::StillRunning).to_owned())
        }
        None => Some(language.word(Word::NoEnd).to_owned()),
    };
    if failure.is_some() {
        // Why there is nothing is said once, not figure by figure.
        figures.retain(|f| !f.figure.exact.is_null());
        latencies.retain(|l| l.figures.iter().any(|f| !f.exact.is_null()));
    }
    Scenario {
        run: build.number,
        step: step.0,
        attempt: attempt.attempt.0,
        action: action.action.to_string(),
        kind: action.kind.clone(),
        name: build.called(step, attempt.attempt, &action.action),
        sort: sort_of(action).unwrap_or_default(),
        is_replicated: action.declared.has(Family::LatencyUntilAcknowledged)
            && action.params.get("target").is_some_and(|target| !target.is_null()),
        is_arrival,
        asked_ratio: build.trace.asked(&place, ACHIEVED_RATIO),
        title: build.titled(step, &action.action),
        letter: None,
        description: language.say(&action.description),
        command: None,
        topic: topic(&action.params),
        client: param(&action.params, "driver"),
        settings: settings(&action.params),
        record_size: param(&action.params, "record_size"),
        target_rate: match param(&action.params, "rate") {
            Some(rate) if rate == "unlimited" => Some(language.word(Word::Unlimited).to_owned()),
            Some(rate) => Some(rate),
            None if action.declared.has(Family::Capacity) => searched(&action.params),
            None => None,
        },
        basis: analysis::basis(&action.params),
        disturbed: disturbed(attempt, action),
        superseded: !build.is_counted(step, attempt.attempt),
        record_bytes: None,
        target: target(build, step, &place, action),
        achieved: None,
        held: None,
        seconds: None,
        stretches: stretches(build, action),
        metrics: client(build, &place, &action.params)
            .rows(language, latencies.last().and_then(|l| l.figures.first())),
        figures,
        latencies,
        remarks: place.evidence.remarks.iter().map(|r| language.say(r)).collect(),
        contradictions: Vec::new(),
        failure,
    }
    .complete(language)
}

/// What the load did over its time, behind its warm-up.
fn stretches(build: &Build<'_>, action: &ActionStatus) -> Vec<(f64, f64)> {
    let mut with = action.artifacts.iter().filter_map(|a| build.run.kept.windows.get(&a.path));
    // Of an action that made several loads it is not told which one is meant.
    let (Some(windows), None) = (with.next(), with.next()) else { return Vec::new() };
    let measured = windows.stretches.iter().filter(|s| s.start_s >= windows.warm_up_s && s.length_s > 0.0);
    measured.map(|s| (s.records, s.length_s)).collect()
}

/// The rate that the load was asked for.
fn target(build: &Build<'_>, step: StepId, place: &Place<'_>, action: &ActionStatus) -> Option<Figure> {
    let rate = measure::rate(&param(&action.params, "rate")?)?;
    let evidence = build
        .trace
        .start(step, place.origin, &action.action)
        .or_else(|| build.trace.end(step, place.attempt, &action.action))?;
    Some(measure::given(build.language, rate, Unit::RecordsPerSecond, Some(evidence)))
}

/// What the client told of its work.
fn client(build: &Build<'_>, place: &Place<'_>, params: &Json) -> Client {
    let named = |name: &str| {
        let figure = build.trace.figure(place, name).filter(|figure| figure.exact.is_number());
        figure.map(|figure| (name.to_owned(), figure))
    };
    let size = params.get("properties").and_then(|p| p.get("batch.size"));
    Client {
        batch_bytes: named("batch_bytes.avg"),
        queue_ms: named("queue_ms.avg"),
        request_ms: named("rtt_ms.avg"),
        retries: named("retries"),
        buffer_wait: None,
        compression: named("compression_ratio"),
        throttled_ms: named("throttled_ms.max"),
        compression_type: params
            .get("properties")
            .and_then(|p| p.get("compression.type")?.as_str())
            .map(str::to_owned),
        batch_size: size.and_then(|size| size.as_f64().or_else(|| size.as_str()?.parse().ok())),
        nodes: Vec::new(),
    }
}

/// Whether something was broken on purpose while the action ran.
fn disturbed(attempt: &AttemptStatus, action: &ActionStatus) -> bool {
    let faults =
        attempt.actions.iter().filter(|a| a.declared.role == ActionRole::Fault && a.kept_from.is_none());
    faults.into_iter().any(|fault| {
        action.ended.is_none_or(|end| fault.started < end)
            && fault.ended.is_none_or(|end| end > action.started)
    })
}

/// Why figures are missing, each reason once; `bare` is what a figure shows for which there is no reason.
fn reasons_missing(figures: &[Figure], bare: &str) -> Vec<String> {
    let mut reasons: Vec<String> = Vec::new();
    for figure in figures.iter().filter(|f| f.exact.is_null() && f.text != bare) {
        if !reasons.contains(&figure.text) {
            reasons.push(figure.text.clone());
        }
    }
    reasons
}

/// A parameter as written.
fn param(params: &Json, name: &str) -> Option<String> {
    match params.get(name)? {
        Json::Null => None,
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Between which rates a limit was looked for.
fn searched(params: &Json) -> Option<String> {
    let from = param(params, "from")?;
    Some(match param(params, "to") {
        Some(to) => format!("{from} – {to}"),
        None => format!("≥ {from}"),
    })
}

fn topic(params: &Json) -> Option<String> {
    let topic = param(params, "topic")?;
    match (param(params, "source"), param(params, "target"), param(params, "target_topic")) {
        (Some(source), Some(target), Some(there)) => Some(format!("{source}: {topic} → {target}: {there}")),
        (Some(source), Some(target), None) => Some(format!("{source}: {topic} → {target}")),
        _ => Some(topic),
    }
}

fn settings(params: &Json) -> Vec<String> {
    let Some(Json::Object(properties)) = params.get("properties") else { return Vec::new() };
    let mut shown: Vec<String> = properties
        .iter()
        .map(|(name, value)| match value {
            Json::String(text) => format!("{name}={text}"),
            other => format!("{name}={other}"),
        })
        .collect();
    shown.sort();
    shown
}

/// What every watch saw: a row an output.
pub(super) fn watches(build: &Build<'_>) -> Vec<WatchRow> {
    let mut rows = Vec::new();
    for (step, status) in &build.state.steps {
        for attempt in status.attempts.iter().filter(|a| build.is_of_the_time(a)) {
            for (id, watch) in &attempt.watches {
                let place = Place::of_watch(*step, attempt, id, watch);
                rows.extend(watch_rows(build, &place, id, watch));
            }
        }
    }
    rows
}

fn watch_rows(build: &Build<'_>, place: &Place<'_>, id: &ActionId, watch: &WatchStatus) -> Vec<WatchRow> {
    // `value` is the watch itself: its statistics stand without a prefix.
    let outputs: BTreeSet<&str> = place
        .evidence
        .values
        .keys()
        .filter_map(|name| match name.as_str().rsplit_once('.') {
            Some((output, "min" | "avg" | "max" | "last")) => Some(output),
            None if matches!(name.as_str(), "min" | "avg" | "max") => Some(""),
            _ => None,
        })
        .collect();
    let remarks: Vec<String> = place.evidence.remarks.iter().map(|r| build.language.say(r)).collect();
    let row = |output: &str| {
        let name = if output.is_empty() { "value" } else { output };
        let stat = |stat: &str| {
            let name = if output.is_empty() { stat.to_owned() } else { format!("{output}.{stat}") };
            build.trace.figure(place, &name)
        };
        let (min, avg, max) = (stat("min"), stat("avg"), stat("max"));
        WatchRow {
            run: build.number,
            step: place.step.0,
            attempt: place.attempt.0,
            watch: id.to_string(),
            kind: watch.kind.clone(),
            output: name.to_owned(),
            family: watch.declared.family(name),
            evidence: places([&min, &avg, &max].into_iter().flatten()),
            min,
            avg,
            max,
            samples: build.trace.figure(place, "samples"),
            missed: build.trace.figure(place, "missed"),
            remarks: remarks.clone(),
        }
    };
    match outputs.is_empty() {
        // A watch that saw nothing has its place too.
        true => vec![WatchRow { output: "–".to_owned(), ..row("") }],
        false => outputs.into_iter().map(row).collect(),
    }
}
