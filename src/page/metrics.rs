//! The figures of a run in Prometheus's exposition format: for `/metrics`, and for the textfile collector of the node
//! exporter.

use crate::record::{
    Declared, Evidence, Language, RunState, StepState, Value, event::Outcome, state::StepStatus,
};
use jiff::Timestamp;
use std::{collections::BTreeMap, fmt::Write};

/// One family: what it is, and its lines.
struct Family {
    name: &'static str,
    help: &'static str,
    lines: Vec<(Vec<(&'static str, String)>, f64)>,
}

/// The figures of a run at `now`; `live` says whether a process writes it. A value that is missing has no line: it is
/// not zero.
pub fn exposition(state: &RunState, live: bool, now: Timestamp) -> String {
    let mut out = String::new();
    for family in families(state, live, now).into_iter().filter(|family| !family.lines.is_empty()) {
        let _ = writeln!(out, "# HELP {} {}\n# TYPE {} gauge", family.name, family.help, family.name);
        for (labels, value) in family.lines {
            let labels: Vec<String> =
                labels.iter().map(|(name, text)| format!("{name}=\"{}\"", escaped(text))).collect();
            let _ = writeln!(out, "{}{{{}}} {value}", family.name, labels.join(","));
        }
    }
    out
}

/// A text between the quotes of a label.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn families(state: &RunState, live: bool, now: Timestamp) -> Vec<Family> {
    let Some(header) = &state.header else { return Vec::new() };
    let family = |name, help| Family { name, help, lines: Vec::new() };
    let run = || vec![("run", header.run.as_str().to_owned())];
    let with = |labels: &[(&'static str, &str)]| {
        let own = labels.iter().map(|(name, text)| (*name, (*text).to_owned()));
        run().into_iter().chain(own).collect::<Vec<_>>()
    };
    let seconds = |at: Timestamp| at.as_duration().as_secs_f64();
    let mut info = family("jalon_run_info", "The run and what it is of; always 1.");
    let plan = &header.plan;
    let labels = [
        ("campaign", plan.campaign.as_str()),
        ("environment", plan.environment.as_str()),
        ("profile", plan.profile.as_str()),
        ("version", header.jalon.as_str()),
    ];
    info.lines.push((with(&labels), 1.0));
    let mut running = family("jalon_run_live", "1 while a process writes the run.");
    running.lines.push((run(), f64::from(u8::from(live))));
    let mut started = family("jalon_run_start_time_seconds", "When the run began, as Unix time.");
    started.lines.extend(state.started.map(|at| (run(), seconds(at))));
    let mut last =
        family("jalon_run_last_record_time_seconds", "When the latest record was written, as Unix time.");
    last.lines.extend(state.last.map(|(_, at)| (run(), seconds(at))));
    let mut outcome =
        family("jalon_run_outcome", "1 for the outcome that the run ended with; absent before its end.");
    if let Some(ended) = state.outcome {
        for (word, this) in outcomes() {
            outcome.lines.push((with(&[("outcome", word)]), f64::from(u8::from(this == ended))));
        }
    }
    let mut steps = family("jalon_steps", "Steps of the plan by state.");
    let mut counts: BTreeMap<StepState, u32> = StepState::ALL.iter().map(|state| (*state, 0)).collect();
    let mut step_state = family("jalon_step_state", "1 for the state that the step is in.");
    let mut attempts = family("jalon_step_attempts", "Attempts at the step.");
    let mut lasted = family(
        "jalon_step_duration_seconds",
        "How long the latest attempt at the step took, or takes so far.",
    );
    let mut verdicts =
        family("jalon_criterion_verdict", "1 for the verdict on the criterion in the latest attempt.");
    let mut observed =
        family("jalon_criterion_observed", "What the criterion observed, in the unit of its output.");
    let mut limits = family("jalon_criterion_limit", "What the criterion compares with, in the same unit.");
    let mut margins = family(
        "jalon_criterion_margin_ratio",
        "Distance between what was observed and the limit, as a share of the limit: positive where the criterion holds.",
    );
    let mut outputs =
        family("jalon_output", "Figures of actions and watches, by output; `family` says what an output is.");
    for (number, status) in &state.steps {
        let step = number.to_string();
        let shown = state.step_state(*number, now);
        *counts.entry(shown).or_default() += 1;
        let title = status.outline.title.get(Language::En.code());
        step_state.lines.push((with(&[("step", &step), ("title", title), ("state", shown.word())]), 1.0));
        attempts.lines.push((
            with(&[("step", &step)]),
            f64::from(u32::try_from(status.attempts.len()).unwrap_or(u32::MAX)),
        ));
        let Some(attempt) = status.latest() else { continue };
        if attempt.ended.is_some() || live {
            let took = attempt.ended.unwrap_or(now).duration_since(attempt.started).as_secs_f64();
            lasted.lines.push((with(&[("step", &step)]), took.max(0.0)));
        }
        // The last one of each: a watch's criterion may be judged more than once.
        let judged: BTreeMap<usize, _> = attempt.judgements.iter().map(|j| (j.index, j)).collect();
        for judgement in judged.into_values() {
            let index = judgement.index.to_string();
            let labels =
                [("step", step.as_str()), ("index", index.as_str()), ("criterion", judgement.text.as_str())];
            let verdict = [&labels[..], &[("verdict", judgement.verdict.word())]].concat();
            verdicts.lines.push((with(&verdict), 1.0));
            let number =
                |side: &Option<crate::record::event::Operand>| side.as_ref().and_then(|o| o.value.as_f64());
            let (seen, limit) = (number(&judgement.observed), number(&judgement.limit));
            observed.lines.extend(seen.map(|value| (with(&labels), value)));
            limits.lines.extend(limit.map(|value| (with(&labels), value)));
            if let (Some(seen), Some(limit)) = (seen, limit)
                && limit != 0.0
                && judgement.is_judged()
            {
                // On which side of the limit it is, the verdict says: a margin never contradicts it.
                let share = ((seen - limit) / limit).abs();
                let holds = judgement.verdict == crate::record::Verdict::Pass;
                margins.lines.push((with(&labels), if holds { share } else { -share }));
            }
        }
        figures(&mut outputs, status, with);
    }
    let by_state = counts.iter().map(|(state, count)| (with(&[("state", state.word())]), f64::from(*count)));
    steps.lines.extend(by_state);
    vec![
        info, running, started, last, outcome, steps, step_state, attempts, lasted, verdicts, observed,
        limits, margins, outputs,
    ]
}

type Labels = Vec<(&'static str, String)>;

fn figures(outputs: &mut Family, status: &StepStatus, with: impl Fn(&[(&'static str, &str)]) -> Labels) {
    let Some(attempt) = status.latest() else { return };
    let step = status.outline.step.to_string();
    let mut add = |action: &str, kind: &str, declared: &Declared, evidence: &Evidence| {
        for (name, measured) in &evidence.values {
            let (value, unit) = match &measured.value {
                Value::Number(value, unit) => (*value, unit.symbol()),
                Value::Flag(flag) => (f64::from(u8::from(*flag)), ""),
                Value::Missing(_) | Value::Text(_) => continue,
            };
            let family = declared.family(name.as_str()).and_then(|family| serde_json::to_value(family).ok());
            let family = family.as_ref().and_then(|family| family.as_str()).unwrap_or_default();
            let labels = [
                ("step", step.as_str()),
                ("action", action),
                ("kind", kind),
                ("output", name.as_str()),
                ("family", family),
                ("unit", unit),
            ];
            outputs.lines.push((with(&labels), value));
        }
    };
    for action in &attempt.actions {
        if let Some(evidence) = action.evidence() {
            add(action.action.as_str(), &action.kind, &action.declared, evidence);
        }
    }
    for (id, watch) in &attempt.watches {
        add(id.as_str(), &watch.kind, &watch.declared, &watch.evidence);
    }
}

fn outcomes() -> [(&'static str, Outcome); 8] {
    [
        ("passed", Outcome::Passed),
        ("passed-with-exceptions", Outcome::PassedWithExceptions),
        ("failed", Outcome::Failed),
        ("inconclusive", Outcome::Inconclusive),
        ("error", Outcome::Error),
        ("unreachable", Outcome::Unreachable),
        ("waiting", Outcome::Waiting),
        ("interrupted", Outcome::Interrupted),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Record;

    #[test]
    fn a_canned_run_is_exposed_and_no_line_is_there_twice() {
        let text = include_str!("../../tests/journals/v1.jsonl");
        let records: Vec<Record> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let state = RunState::replay(&records);
        let text = exposition(&state, false, records.last().unwrap().at);
        let mut series = std::collections::BTreeSet::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (labels, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<f64>().is_ok_and(f64::is_finite), "{line}");
            assert!(labels.starts_with("jalon_") && labels.ends_with('}'), "{line}");
            assert!(series.insert(labels.to_owned()), "twice: {line}");
        }
        let of = |start: &str| series.iter().filter(|line| line.starts_with(start)).count();
        assert_eq!(of("jalon_steps{"), StepState::ALL.len());
        assert_eq!(of("jalon_step_state{"), state.steps.len());
        assert!(of("jalon_criterion_verdict{") > 0 && of("jalon_output{") > 0, "{text}");
    }

    #[test]
    fn a_label_cannot_end_its_quotes() {
        assert_eq!(escaped("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
    }
}
