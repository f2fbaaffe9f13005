//! Makes `weights.txt` from the notes in `tests/notes/learnt`: logistic regression over the features of `learnt.rs`.

use super::{
    learnt::{self, Bounds, SORTS, Sort, features, lines, shares},
    outline::by_rules,
    placed::Placed,
};
use crate::record::{Reading, event::NoteKind};
use std::{collections::BTreeMap, fmt::Write as _, path::Path};

/// Rounds through all lines.
const ROUNDS: usize = 12;
/// The first step of a weight; it shrinks as the weight is moved (AdaGrad).
const STEP: f64 = 0.1;
/// How strongly weights are drawn to 0.
const DRAW: f64 = 0.006;
/// Lines that a feature must stand in.
const SEEN: usize = 3;
/// The least weight that is kept.
const LEAST: f64 = 0.12;

/// Notes of a day with the sort of each line, as a colleague said it.
pub(super) struct Sorted {
    pub(super) reading: Reading,
    pub(super) placed: Vec<Placed>,
    /// What may be said of each line, the best first; nothing where anything may be.
    pub(super) labels: Vec<Vec<String>>,
}

/// Every day of a folder below `tests/notes`, sorted by name.
pub(super) fn days(folder: &str) -> Vec<Sorted> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "tsv"));
    files.sort();
    let day = |file: std::path::PathBuf| {
        let text = std::fs::read_to_string(file).unwrap();
        let (labels, lines): (Vec<&str>, Vec<&str>) =
            text.lines().filter_map(|line| line.split_once('\t')).unzip();
        let (reading, _) = super::super::read(lines.join("\n").as_bytes(), None).unwrap();
        let of = |line: &crate::record::Line| labels[usize::try_from(line.line).unwrap() - 1];
        let may = |label: &str| match label {
            "any" => Vec::new(),
            label => label.split('|').map(str::to_owned).collect(),
        };
        let labels = reading.notes.iter().map(|line| may(of(line))).collect();
        Sorted { placed: by_rules(&reading), reading, labels }
    };
    files.into_iter().map(day).collect()
}

fn sort(label: &str) -> Option<Sort> {
    match label {
        "str" => Some(Sort::Structure),
        label => NoteKind::ALL.into_iter().find(|kind| kind.word().starts_with(label)).map(Sort::Note),
    }
}

/// The features of each line, by number, with its sort.
#[derive(Default)]
struct Samples {
    numbers: BTreeMap<String, usize>,
    samples: Vec<(Vec<usize>, usize)>,
}

impl Samples {
    fn of(days: &[&Sorted]) -> Self {
        let mut all = Self::default();
        for day in days {
            let lines = lines(&day.reading, &day.placed);
            let sorts: Vec<Option<Sort>> =
                day.labels.iter().map(|of| of.first().and_then(|label| sort(label))).collect();
            let before: Vec<Sort> =
                sorts.iter().map(|sort| sort.unwrap_or(Sort::Note(NoteKind::Observation))).collect();
            for (at, sort) in sorts.iter().enumerate() {
                let Some(sort) = sort else { continue };
                let mut found = Vec::new();
                features(&lines, at, &before[..at], &mut |feature| {
                    let next = all.numbers.len();
                    found.push(*all.numbers.entry(feature.to_owned()).or_insert(next));
                });
                found.sort_unstable();
                found.dedup();
                all.samples.push((found, sort.index()));
            }
        }
        let mut seen = vec![0; all.numbers.len()];
        all.samples.iter().flat_map(|(found, _)| found).for_each(|feature| seen[*feature] += 1);
        all.samples.iter_mut().for_each(|(found, _)| found.retain(|feature| seen[*feature] >= SEEN));
        all
    }
}

/// The file that `learnt.rs` reads.
fn weights(days: &[&Sorted]) -> String {
    let all = Samples::of(days);
    let mut weights = vec![[0.0_f64; SORTS]; all.numbers.len()];
    let mut moved = vec![[1e-6_f64; SORTS]; all.numbers.len()];
    // Every round in another order, which is the same each time.
    let mut order: Vec<usize> = (0..all.samples.len()).collect();
    let mut chance = 1_u64;
    for _ in 0..ROUNDS {
        for at in (1..order.len()).rev() {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            order.swap(at, usize::try_from(chance >> 33).unwrap() % (at + 1));
        }
        for sample in &order {
            let (found, sort) = &all.samples[*sample];
            let mut sums = [0.0; SORTS];
            for feature in found {
                sums.iter_mut().zip(weights[*feature]).for_each(|(sum, weight)| *sum += weight);
            }
            let shares = shares(sums);
            for of in 0..SORTS {
                let miss = shares[of] - f64::from(u8::from(of == *sort));
                for feature in found {
                    let slope = miss + DRAW * weights[*feature][of];
                    moved[*feature][of] += slope * slope;
                    weights[*feature][of] -= STEP * slope / moved[*feature][of].sqrt();
                }
            }
        }
    }
    let mut names: Vec<(&String, &usize)> = all.numbers.iter().collect();
    names.sort();
    let mut text = String::new();
    for (name, at) in names {
        if weights[*at].iter().any(|weight| weight.abs() >= LEAST) {
            let hundredths: Vec<String> =
                weights[*at].iter().map(|weight| format!("{:.0}", weight * 100.0)).collect();
            writeln!(text, "{name}\t{}", hundredths.join(" ").replace("-0", "0")).unwrap();
        }
    }
    text
}

/// How many lines of days are right and how many wrong, as shares.
pub(super) fn shares_of<'d>(
    days: impl IntoIterator<Item = &'d Sorted>,
    place: impl Fn(&Sorted) -> Vec<Placed>,
) -> (f64, f64) {
    let (mut all, mut right, mut wrong) = (0.0, 0.0, 0.0);
    for day in days {
        for (labels, placed) in day.labels.iter().zip(place(day)) {
            let told = match (placed.is_structure(), &placed.reads_as) {
                (true, _) => "str",
                (false, Some(reads_as)) => &reads_as.kind.word()[..3],
                (false, None) => "open",
            };
            if labels.is_empty() {
                continue;
            }
            all += 1.0;
            match labels.iter().any(|label| label == told) {
                true => right += 1.0,
                false if told != "open" => wrong += 1.0,
                false => {}
            }
        }
    }
    (right / all, wrong / all)
}

#[test]
#[ignore = "writes weights.txt from the notes in tests/notes/learnt, and says how much of it is right"]
fn writes_the_weights() {
    let days = days("tests/notes/learnt");
    // Each fifth of the days is placed by what the others teach.
    let parts: Vec<_> = (0..5)
        .map(|part| {
            let (own, others): (Vec<_>, Vec<_>) = days.iter().enumerate().partition(|(at, _)| at % 5 == part);
            let others: Vec<&Sorted> = others.into_iter().map(|(_, day)| day).collect();
            let weights = learnt::weights(weights(&others).leak());
            (own.into_iter().map(|(_, day)| day).collect::<Vec<_>>(), weights)
        })
        .collect();
    for (sure, keep) in
        [(0.5, 0.2), (0.5, 0.25), (0.6, 0.2), (0.6, 0.25), (0.6, 0.3), (0.7, 0.25), (0.7, 0.3)]
    {
        let placed = |weights: &learnt::Weights, day: &Sorted| {
            let mut placed = day.placed.clone();
            learnt::weigh_by(weights, Bounds { sure, keep }, &day.reading, &mut placed);
            placed
        };
        let each =
            parts.iter().map(|(own, weights)| shares_of(own.iter().copied(), |day| placed(weights, day)));
        let (right, wrong) =
            each.fold((0.0, 0.0), |(r, w), (right, wrong)| (r + right / 5.0, w + wrong / 5.0));
        let open = 1.0 - right - wrong;
        eprintln!("sure from {sure}, kept from {keep}: {right:.3} right, {wrong:.3} wrong, {open:.3} open");
    }
    let text = weights(&days.iter().collect::<Vec<_>>());
    eprintln!("{} features, {} bytes", text.lines().count(), text.len());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/perf_output/notes/weights.txt");
    std::fs::write(file, text).unwrap();
}
