//! The factual analysis: loads that differ in one thing beside each other, the run before, and what the platform did
//! meanwhile. Figures and factors alone; why something is so is never said here.

use super::{comparisons, explanations, input::Input};
use crate::{
    compare,
    record::{Family, Speaks, Unit, Value},
    report::{
        language::{Language, Word},
        model::{
            AgainstColumn, AgainstRow, Analysis, ContextRow, Figure, LoadSort, PairFigure, PairRow, Scenario,
            WatchRow,
        },
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// How many pairs are shown.
const PAIRS: usize = 24;

/// Parameters that say where a load goes, how long it takes or who counts it, and not what it is.
const NOT_THE_LOAD: [&str; 12] = [
    "at_least", "cluster", "driver", "duration", "group", "id", "records", "timeout", "token", "topic",
    "verify", "warm_up",
];

/// Statistics of a latency, by their place in the row.
const LATENCIES: [(usize, &str); 6] =
    [(0, "avg"), (1, "max"), (2, "P50"), (3, "P95"), (4, "P99"), (5, "P99.9")];

/// The analysis of the scenarios and watches of the time.
pub(in crate::report) fn analysis(
    input: &Input<'_>,
    scenarios: &[Scenario],
    watches: &[WatchRow],
    titles: &BTreeMap<u32, String>,
) -> Analysis {
    let language = input.language;
    let (pairs, further) = pairs(language, scenarios);
    let mut explained = BTreeSet::new();
    let comparisons = comparisons::comparisons(language, scenarios);
    let compared = comparisons.iter().flat_map(|c| &c.parameters);
    let named = pairs.iter().map(|p| &p.parameter).chain(compared);
    explained.extend(named.flat_map(|parameter| explanations::about(parameter)));
    let against = input.against.map(|comparison| against(language, comparison)).unwrap_or_default();
    Analysis {
        comparisons,
        pairs,
        further,
        against_run: input.against.map(|c| c.before.run.to_string()),
        differs: input
            .against
            .map(|c| c.differs.iter().map(|d| d.said().in_language(language).into_owned()).collect())
            .unwrap_or_default(),
        unknown: input
            .against
            .map(|c| c.unknown.iter().map(|u| u.in_language(language).into_owned()).collect())
            .unwrap_or_default(),
        against,
        context: scenarios
            .iter()
            .filter(|s| s.attempt > 0 && s.failure.is_none() && !s.superseded)
            .filter(|s| matches!(s.sort, LoadSort::Sends | LoadSort::Limit | LoadSort::Reads))
            .map(|s| context(language, s, titles, watches))
            .collect(),
        explanations: explained.into_iter().map(|at| explanations::explanation(language, at)).collect(),
    }
}

/// What a load is, by parameter; properties have their own names.
pub(in crate::report) fn basis(params: &serde_json::Value) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let Some(params) = params.as_object() else { return found };
    for (name, value) in params.iter().filter(|(name, _)| !NOT_THE_LOAD.contains(&name.as_str())) {
        match (name.as_str(), value) {
            (_, serde_json::Value::Null) => {}
            ("properties", serde_json::Value::Object(properties)) => {
                found.extend(properties.iter().map(|(name, value)| (name.clone(), text(value))));
            }
            ("record_size", serde_json::Value::String(size)) => {
                found.insert(name.clone(), same_size(size));
            }
            _ => {
                found.insert(name.clone(), text(value));
            }
        }
    }
    found
}

/// One size written one way, so that `1 KiB` and `1024 B` are the same; what is no size stays as it is.
pub(super) fn same_size(size: &str) -> String {
    let (number, unit) =
        size.trim().split_at(size.trim().trim_end_matches(|c: char| !c.is_ascii_digit()).len());
    let each: u64 = match unit.trim() {
        "" | "B" => 1,
        "kB" | "KB" => 1000,
        "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "MiB" => 1 << 20,
        _ => return size.to_owned(),
    };
    let bytes = number.trim().parse::<u64>().ok().and_then(|n| n.checked_mul(each));
    bytes.map_or_else(|| size.to_owned(), |bytes| format!("{bytes} B"))
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Loads of the same kind and client that differ in one parameter; and how many more there are.
fn pairs(language: Language, scenarios: &[Scenario]) -> (Vec<PairRow>, usize) {
    let comparable: Vec<&Scenario> =
        scenarios.iter().filter(|s| comparisons::is_comparable(s) && has_figures(s)).collect();
    let mut found = Vec::new();
    // Loads that have a partner in their own step, by parameter: one of another step adds other circumstances only.
    let mut at_home = BTreeSet::new();
    for (at, first) in comparable.iter().enumerate() {
        for second in &comparable[at + 1..] {
            if first.kind != second.kind || first.client != second.client {
                continue;
            }
            // A repetition of the same action is told by its attempts.
            if (first.run, first.step, &first.action) == (second.run, second.step, &second.action) {
                continue;
            }
            if let Some(parameter) = comparisons::only_difference(first, second) {
                let value = |of: &Scenario| match parameter.as_str() {
                    "topic" => of.topic.clone(),
                    name => of.basis.get(name).cloned(),
                };
                let (before, after) = (value(first), value(second));
                let home = |s: &Scenario| (s.run, s.step, s.attempt);
                let together = home(first) == home(second);
                if together {
                    at_home.extend([first, second].map(|s| (parameter.clone(), s.name.clone())));
                }
                found.push((together, pair(language, (first, second), parameter, (before, after))));
            }
        }
    }
    found.retain(|(together, row)| {
        let has = |name: &String| at_home.contains(&(row.parameter.clone(), name.clone()));
        *together || !(has(&row.first) || has(&row.second))
    });
    let mut found: Vec<PairRow> = found.into_iter().map(|(_, row)| row).collect();
    // Rates first, then sizes, then settings by their names.
    let rank = |row: &PairRow| match row.parameter.as_str() {
        "rate" => 0,
        "record_size" => 1,
        _ => 2,
    };
    found.sort_by(|a, b| (rank(a), &a.parameter).cmp(&(rank(b), &b.parameter)));
    let further = found.len().saturating_sub(PAIRS);
    found.truncate(PAIRS);
    (found, further)
}

fn has_figures(of: &Scenario) -> bool {
    of.latencies.iter().flat_map(|l| &l.figures).any(|f| f.exact.is_number())
        || [Unit::RecordsPerSecond, Unit::MbPerSecond].iter().any(|unit| of.reached(*unit).is_some())
}

fn pair(
    language: Language,
    (first, second): (&Scenario, &Scenario),
    parameter: String,
    (before, after): (Option<String>, Option<String>),
) -> PairRow {
    let side = |value: Option<String>| value.unwrap_or_else(|| language.word(Word::NotGiven).to_owned());
    let mut figures = Vec::new();
    let reached = [(Word::AchievedRate, Unit::RecordsPerSecond), (Word::Throughput, Unit::MbPerSecond)];
    for (label, unit) in reached {
        if let (Some(a), Some(b)) = (first.reached(unit), second.reached(unit)) {
            figures.extend(both(language, language.word(label).to_owned(), a.clone(), b.clone()));
        }
    }
    if let (Some(a), Some(b)) = (first.latencies.first(), second.latencies.first()) {
        for (at, name) in LATENCIES {
            if let (Some(x), Some(y)) = (a.figures.get(at), b.figures.get(at)) {
                let label = match name {
                    "avg" => language.word(Word::Average).to_owned(),
                    "max" => language.word(Word::Maximum).to_owned(),
                    name => name.to_owned(),
                };
                figures.extend(both(language, label, x.clone(), y.clone()));
            }
        }
    }
    let what = match (parameter.as_str(), before.as_deref(), after.as_deref()) {
        ("rate", Some("unlimited"), _) | ("rate", _, Some("unlimited")) => {
            language.word(Word::CappedUncapped)
        }
        ("rate", ..) => language.word(Word::TargetRate),
        ("record_size", ..) => language.word(Word::RecordSize),
        _ => language.word(Word::ProducerSetting),
    };
    PairRow {
        what: what.to_owned(),
        parameter,
        before: side(before),
        after: side(after),
        first: first.name.clone(),
        second: second.name.clone(),
        other_topic: first.topic != second.topic,
        figures,
    }
}

/// Two figures and how many times the second one is the first one; none where either is missing.
fn both(language: Language, label: String, before: Figure, after: Figure) -> Option<PairFigure> {
    let (a, b) = (before.exact.as_f64()?, after.exact.as_f64()?);
    let factor = (a > 0.0 && b >= 0.0).then(|| {
        let exact = b / a;
        let text = format!("×{}", language.number_with(exact, if exact < 10.0 { 2 } else { 1 }));
        Figure::new(&Value::number(exact, Unit::Ratio), text, None)
    });
    Some(PairFigure { label, before, after, factor })
}

/// What the platform did during a load: broker CPU and ZooKeeper's latency, as watches of the same attempt saw them.
fn context(
    language: Language,
    of: &Scenario,
    titles: &BTreeMap<u32, String>,
    watches: &[WatchRow],
) -> ContextRow {
    let beside = || watches.iter().filter(|w| (w.run, w.step, w.attempt) == (of.run, of.step, of.attempt));
    let missing = || Figure::missing(language);
    let of_watch = |row: Option<&WatchRow>| row.and_then(|w| w.max.clone()).unwrap_or_else(missing);
    let cpu = beside().find(|w| w.family == Some(Family::CpuUse));
    let zookeeper = beside().find(|w| w.family == Some(Family::ZookeeperLatency));
    let p99 = of.latencies.first().and_then(|l| l.figures.get(4)).cloned().unwrap_or_else(missing);
    let rate = of.rate().cloned().unwrap_or_else(missing);
    let step = of.step.to_string();
    let title = titles.get(&of.step).map(String::as_str).unwrap_or_default();
    let place = language.fill(Word::StepNamed, &[("step", &step), ("title", title)]);
    let place = match of.run {
        None => place,
        Some(run) => format!("{run}: {place}"),
    };
    ContextRow {
        place,
        scenario: of.name.clone(),
        rate,
        p99,
        cpu: of_watch(cpu),
        zookeeper: of_watch(zookeeper),
    }
}

/// The column that shows a figure of a load: its rate, or a statistic of the latency that matters most.
fn column(of: &compare::Scenario, figure: &compare::Figure) -> Option<AgainstColumn> {
    let family = figure.family?;
    if family == Family::Rate {
        return Some(AgainstColumn::Rate);
    }
    let main =
        Family::LATENCIES.into_iter().find(|known| of.figures.iter().any(|f| f.family == Some(*known)));
    match figure.name.rsplit_once('.')?.1 {
        "p50" if main == Some(family) => Some(AgainstColumn::P50),
        "p99" if main == Some(family) => Some(AgainstColumn::P99),
        _ => None,
    }
}

/// The latest run beside the one before it.
fn against(language: Language, comparison: &compare::Comparison) -> Vec<AgainstRow> {
    let mut rows = Vec::new();
    for scenario in &comparison.scenarios {
        let name = format!("{}.{} {}", scenario.after.step, scenario.after.attempt, scenario.after.action);
        if !scenario.comparable {
            let differs: Vec<String> =
                scenario.differs.iter().map(|d| d.said().in_language(language).into_owned()).collect();
            rows.push(AgainstRow {
                scenario: name,
                figure: String::new(),
                column: None,
                before: String::new(),
                after: String::new(),
                change: String::new(),
                found: compare::Finding::NotCompared,
                finding: language.fill(Word::NotComparable, &[("why", &language.list(&differs))]),
            });
            continue;
        }
        for figure in &scenario.figures {
            let Some(column) = column(scenario, figure) else { continue };
            let shown = |value: Option<f64>| {
                value.map_or_else(
                    || language.word(Word::NotMeasured).to_owned(),
                    |v| language.value(&crate::record::Value::number(v, figure.unit)),
                )
            };
            let percent =
                |v: f64| format!("{}{}", if v > 0.0 { "+" } else { "" }, language.number_with(v, 1));
            let change = figure.change_percent.map_or_else(String::new, |range| {
                format!(
                    "{} % [{}]",
                    percent(range.estimate),
                    language.list(&[percent(range.low), percent(range.high)])
                )
            });
            let why = figure.why.as_ref().map(|why| why.in_language(language).into_owned());
            let finding = language.word(match figure.finding {
                compare::Finding::Higher => Word::Higher,
                compare::Finding::Lower => Word::Lower,
                compare::Finding::NoDetectableDifference => Word::NoDifference,
                compare::Finding::NotCompared => Word::NotCompared,
                compare::Finding::NotMeasured => Word::NotMeasured,
            });
            rows.push(AgainstRow {
                scenario: name.clone(),
                figure: figure.name.clone(),
                column: Some(column),
                before: shown(figure.before),
                after: shown(figure.after),
                change,
                found: figure.finding,
                // Where nothing can be told of a difference, why.
                finding: match (why, figure.change_percent.is_some()) {
                    (Some(why), false) => language.fill(Word::NotComparable, &[("why", &why)]),
                    _ => finding.to_owned(),
                },
            });
        }
    }
    rows
}
