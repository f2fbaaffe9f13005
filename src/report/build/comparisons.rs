//! The comparisons that readers ask for: capped against uncapped, by record size, by producer setting. Every parameter that
//! differs is named; of loads that differ in one, the effect is told; of loads of seconds, no factor.

use super::{measure::brief, notes::said};
use crate::{
    compare::bootstrap,
    record::{Unit, Value},
    report::{
        language::{Language, Word},
        model::{ComparedLoad, Comparison, Figure, Reference, Scenario, Statement},
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// How many loads a table has.
const MOST: usize = 9;
/// How many differences of settings are told.
const TOLD: usize = 8;

/// The comparisons for which there are loads.
pub(super) fn comparisons(language: Language, scenarios: &[Scenario]) -> Vec<Comparison> {
    let all: Vec<&Scenario> = scenarios
        .iter()
        .filter(|s| s.is_load() && s.counts() && is_comparable(s) && !s.is_replicated)
        .collect();
    [capped(language, &all), by_size(language, &all), by_setting(language, &all)]
        .into_iter()
        .flatten()
        .collect()
}

/// Whether a load may stand beside another one at all.
pub(super) fn is_comparable(of: &Scenario) -> bool {
    of.failure.is_none() && !of.disturbed && !of.superseded && of.contradictions.is_empty()
}

/// The one parameter in which two loads differ, where both are long enough to tell its effect.
pub(super) fn only_difference(first: &Scenario, second: &Scenario) -> Option<String> {
    if first.is_short() || second.is_short() {
        return None;
    }
    let mut differ = differing(first, second).into_iter();
    differ.next().filter(|_| differ.next().is_none())
}

/// The parameters in which two loads differ, those that follow from the comparison itself left out.
fn differing(first: &Scenario, second: &Scenario) -> Vec<String> {
    let names: BTreeSet<&String> = first.basis.keys().chain(second.basis.keys()).collect();
    let differ = names.into_iter().filter(|name| value(first, name) != value(second, name));
    let mut differ: Vec<String> = differ.cloned().collect();
    // Of topics that a campaign made the settings are its own; of others nothing is known.
    if (first.attempt == 0 || second.attempt == 0) && first.topic != second.topic {
        differ.push("topic".to_owned());
    }
    differ
}

/// A parameter of a load; that of a client's default is none.
fn value(of: &Scenario, name: &str) -> Option<String> {
    let given = of.basis.get(name)?;
    let is_default = matches!(
        (name, given.as_str()),
        ("acks", "all" | "-1") | ("linger.ms", "0") | ("batch.size", "16384") | ("compression.type", "none")
    );
    (!is_default).then(|| given.clone())
}

fn same_kind(a: &Scenario, b: &Scenario) -> bool {
    a.kind == b.kind && a.client == b.client
}

/// For each load without a cap, the capped one that is most like it.
fn capped(language: Language, all: &[&Scenario]) -> Option<Comparison> {
    let mut pairs: Vec<(&Scenario, &Scenario)> = Vec::new();
    for free in all.iter().filter(|s| s.is_uncapped()) {
        let like = |s: &&&Scenario| same_kind(s, free) && !s.is_uncapped();
        let nearest = all
            .iter()
            .filter(like)
            .min_by_key(|s| (differing(s, free).len(), s.step.abs_diff(free.step), s.run != free.run));
        pairs.extend(nearest.map(|s| (*s, *free)));
    }
    // A pair that is alike but for its cap says more than one that is not.
    let alike = |(a, b): &(&Scenario, &Scenario)| differing(a, b).len() <= 2;
    if pairs.iter().any(alike) {
        pairs.retain(alike);
    }
    table(language, "capped", Word::CappedUncapped, &pairs)
}

/// Loads of different sizes: of each size one, of one step and one tool where there are several.
fn by_size(language: Language, all: &[&Scenario]) -> Option<Comparison> {
    let capped: Vec<&&Scenario> =
        all.iter().filter(|s| !s.is_uncapped() && s.record_bytes.is_some()).collect();
    let mut best: Vec<&Scenario> = Vec::new();
    // Loads of two tools differ in more than a size.
    let place = |s: &Scenario| (s.run, s.step, s.kind.clone(), s.client.clone());
    let places: BTreeSet<_> = capped.iter().map(|s| place(s)).collect();
    for of in places {
        let mut by_size: BTreeMap<u64, &Scenario> = BTreeMap::new();
        for s in capped.iter().filter(|s| place(s) == of) {
            let longest = |s: &Scenario| s.seconds.unwrap_or(0.0);
            let size = s.record_bytes.unwrap_or(0);
            if by_size.get(&size).is_none_or(|known| longest(s) > longest(known)) {
                by_size.insert(size, s);
            }
        }
        if by_size.len() > best.len() {
            best = by_size.into_values().collect();
        }
    }
    if best.len() < 2 {
        return None;
    }
    let first = best[0];
    let pairs: Vec<(&Scenario, &Scenario)> = best[1..].iter().map(|s| (first, *s)).collect();
    table(language, "size", Word::RecordSize, &pairs)
}

/// Loads of one size and one rate that differ in settings, each beside the first of its step.
fn by_setting(language: Language, all: &[&Scenario]) -> Option<Comparison> {
    let mut groups: Vec<Vec<&Scenario>> = Vec::new();
    for s in all {
        let key = |s: &Scenario| (s.run, s.step, s.record_bytes, value(s, "rate"));
        match groups.iter_mut().find(|group| same_kind(group[0], s) && key(group[0]) == key(s)) {
            Some(group) => group.push(s),
            None => groups.push(vec![s]),
        }
    }
    let mut pairs: Vec<(&Scenario, &Scenario)> = Vec::new();
    for group in groups {
        let others = group[1..].iter().filter(|s| !differing(group[0], s).is_empty());
        pairs.extend(others.map(|s| (group[0], *s)));
    }
    pairs.truncate(TOLD);
    table(language, "setting", Word::ProducerSetting, &pairs)
}

/// Loads beside each other and what each pair says.
fn table(
    language: Language,
    what: &'static str,
    title: Word,
    pairs: &[(&Scenario, &Scenario)],
) -> Option<Comparison> {
    if pairs.is_empty() {
        return None;
    }
    let mut loads: Vec<&Scenario> = Vec::new();
    let mut parameters: Vec<String> = Vec::new();
    for (first, second) in pairs {
        for load in [first, second] {
            if !loads.iter().any(|known| known.name == load.name) {
                loads.push(load);
            }
        }
        for parameter in differing(first, second) {
            if !parameters.contains(&parameter) {
                parameters.push(parameter);
            }
        }
    }
    loads.truncate(MOST);
    let row = |s: &&Scenario| ComparedLoad {
        title: s.short().to_owned(),
        values: parameters.iter().map(|name| shown(language, s, name)).collect(),
        figures: [s.rate(), s.volume(), s.latency(2), s.p99(), s.latency(1)]
            .map(|f| f.map_or_else(|| Figure::missing(language), |f| brief(language, f)))
            .into(),
    };
    let mut conclusions: Vec<Statement> = Vec::new();
    // What holds of every pair alike is told once.
    let shorts: Vec<_> = pairs.iter().filter(|(a, b)| a.is_short() || b.is_short()).collect();
    let several: Vec<_> = pairs
        .iter()
        .filter(|(a, b)| !(a.is_short() || b.is_short()))
        .filter(|(a, b)| differing(a, b).len() > 1)
        .collect();
    for (first, second) in pairs {
        if let Some(one) = only_difference(first, second) {
            conclusions.push(effect(language, first, second, &one));
        }
    }
    if !several.is_empty() {
        let names: BTreeSet<String> = several.iter().flat_map(|(a, b)| differing(a, b)).collect();
        let names: Vec<String> = names.iter().map(|name| label(language, name)).collect();
        let text = language.fill(Word::OperatingPoints, &[("settings", &names.join(", "))]);
        conclusions.push(said(text, places(&several)));
    }
    if !shorts.is_empty() {
        let mut names: Vec<String> = Vec::new();
        for of in shorts.iter().flat_map(|(a, b)| [a, b]) {
            let name = of.short_time(language).map(|time| format!("{} ({time})", of.short()));
            names.extend(name.filter(|name| !names.contains(name)));
        }
        // Where one of a pair is long, the other one is named.
        let text = match shorts.iter().all(|(a, b)| a.is_short() && b.is_short()) {
            true => language.word(Word::LoadsOfSeconds).to_owned(),
            false => language.fill(Word::LoadsTooShort, &[("names", &names.join(", "))]),
        };
        conclusions.push(said(text, places(&shorts)));
    }
    Some(Comparison {
        what,
        title: language.word(title).to_owned(),
        loads: loads.iter().map(row).collect(),
        parameters: parameters.iter().map(|name| label(language, name)).collect(),
        conclusions,
    })
}

fn places(pairs: &[&(&Scenario, &Scenario)]) -> Vec<Reference> {
    let mut all: Vec<Reference> = pairs.iter().flat_map(|(a, b)| [a, b]).filter_map(|s| s.place()).collect();
    all.sort();
    all.dedup();
    all.truncate(4);
    all
}

/// How a parameter is called.
fn label(language: Language, name: &str) -> String {
    match name {
        "rate" => language.word(Word::TargetRate).to_owned(),
        "record_size" => language.word(Word::RecordSize).to_owned(),
        name => name.to_owned(),
    }
}

/// The value of a parameter; the client's default where none is given.
fn shown(language: Language, of: &Scenario, name: &str) -> String {
    match name {
        "rate" => of
            .target
            .as_ref()
            .map_or_else(|| language.word(Word::Unlimited).to_owned(), |target| brief(language, target).text),
        "topic" => of.topic.clone().unwrap_or_else(|| "–".to_owned()),
        "record_size" => of.record_size.clone().unwrap_or_else(|| "–".to_owned()),
        name => of.basis.get(name).cloned().unwrap_or_else(|| language.word(Word::ByDefault).to_owned()),
    }
}

/// Where the factor of the rate would lie in 95 of 100 repetitions, by the noise within both loads; none where there are too
/// few stretches of them.
fn interval(language: Language, first: &Scenario, second: &Scenario) -> Option<String> {
    // Stretches of a load that counts arrivals are of those, and its rate is not.
    if [first, second].iter().any(|of| of.arrivals().is_some()) {
        return None;
    }
    let drawn = |of: &Scenario, seed: u64| {
        let (records, lengths): (Vec<f64>, Vec<f64>) = of.stretches.iter().copied().unzip();
        let rates: Vec<f64> = of.stretches.iter().map(|(records, length)| records / length).collect();
        let draw = bootstrap::Draw::new(rates.len(), bootstrap::block_length(&rates), seed).ok()?;
        draw.ratio(&draw.by_cell(&records), &draw.by_cell(&lengths))
    };
    let percent = bootstrap::difference(&drawn(first, 1)?, &drawn(second, 2)?)?.percent?;
    let factor = |percent: f64| language.number_with(1.0 + percent / 100.0, 2);
    let places = [("low", factor(percent.low)), ("high", factor(percent.high))];
    let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
    Some(language.fill(Word::FactorBetween, &places))
}

/// The effect of one parameter: how many times rate, volume and latencies are what they were.
fn effect(language: Language, first: &Scenario, second: &Scenario, parameter: &str) -> Statement {
    let mut told = Vec::new();
    let mut figures = Vec::new();
    let sides = [
        (Word::AchievedRate, first.rate(), second.rate()),
        (Word::Throughput, first.volume(), second.volume()),
        (Word::P50, first.latency(2), second.latency(2)),
        (Word::P99, first.p99(), second.p99()),
    ];
    for (word, before, after) in sides {
        let (Some(before), Some(after)) = (before, after) else { continue };
        let (Some(a), Some(b)) = (before.exact.as_f64(), after.exact.as_f64()) else { continue };
        if a <= 0.0 {
            continue;
        }
        let exact = b / a;
        let factor = format!("×{}", language.number_with(exact, if exact < 10.0 { 2 } else { 1 }));
        let (before, after) = (brief(language, before), brief(language, after));
        let noise = match word {
            Word::AchievedRate => interval(language, first, second).unwrap_or_default(),
            _ => String::new(),
        };
        told.push(format!("{} {} → {} ({factor}{noise})", language.word(word), before.text, after.text));
        figures.extend([before, after]);
        figures.push(Figure::new(&Value::number(exact, Unit::Ratio), factor, None));
    }
    let text = language.fill(
        Word::EffectOf,
        &[
            ("parameter", &label(language, parameter)),
            ("before", &shown(language, first, parameter)),
            ("after", &shown(language, second, parameter)),
            ("first", first.short()),
            ("second", second.short()),
            ("told", &told.join(", ")),
        ],
    );
    let evidence = places(&[&(first, second)]);
    Statement { figures, ..said(text, evidence) }
}
