//! Whether consumers could go on at the target: drills, translated offsets, equal clusters, heartbeats.

use super::{
    day::Day,
    measure::{brief, given},
    monitoring::{Check, checks_of},
    notes::said,
};
use crate::{
    record::{Family, Unit},
    report::{
        language::Word,
        model::{Figure, Statement, places},
    },
};

/// What a sentence says of a check: the name of its place in the sentence, and the output.
pub(in crate::report) type Outputs = &'static [(&'static str, &'static str)];

/// The checks in the order of the report, each with its sentence.
pub(in crate::report) const TOLD: [(Family, Word, Outputs); 4] = [
    (
        Family::Drills,
        Word::FailoverDrilled,
        &[
            ("drills", "drills"),
            ("skipped", "skipped_records"),
            ("share", "skip_share_upper"),
            ("repeated", "repeated_records.max"),
            ("rpo", "rpo_records.max"),
            ("rpo_s", "rpo_s.max"),
            ("rto", "rto_s.max"),
            ("back_skipped", "fail_back.skipped_records"),
            ("back_repeated", "fail_back.repeated_records"),
        ],
    ),
    (
        Family::Untranslated,
        Word::OffsetsTranslated,
        &[
            ("groups", "groups"),
            ("partitions", "partitions"),
            ("skip", "would_skip_records"),
            ("repeat", "would_repeat_records"),
            ("without", "partitions_without_translation"),
            ("unjudged", "partitions_not_judged"),
        ],
    ),
    (
        Family::Differences,
        Word::ClustersCompared,
        &[
            ("topics", "topics"),
            ("missing", "topics_missing"),
            ("partitions", "partitions_differ"),
            ("configs", "configs_differ"),
            ("acls", "acls_missing"),
            ("groups", "groups_not_covered"),
            ("all", "groups"),
        ],
    ),
    (Family::HeartbeatAge, Word::HeartbeatsSeen, &[("age", "newest_age_s"), ("gap", "max_gap_s")]),
];

/// A sentence for each check, with its step.
pub(super) fn told(day: &Day<'_, '_>) -> Vec<Statement> {
    let each = TOLD.iter().flat_map(|(family, word, outputs)| {
        checks_of(day, *family).into_iter().map(move |check| sentence(day, &check, *word, outputs))
    });
    each.collect()
}

/// The drills in one sentence; where there were none, what the groups would skip in the worst check.
pub(super) fn in_short(day: &Day<'_, '_>) -> Option<Statement> {
    let (drills, groups) = (checks_of(day, Family::Drills), checks_of(day, Family::Untranslated));
    let numbers = |checks: &[Check<'_, '_>], output: &str| -> Vec<Figure> {
        checks.iter().map(|check| check.figure(output)).filter(|f| f.exact.is_number()).collect()
    };
    let missing = || Figure::missing(day.language);
    let worst = |checks: &[Check<'_, '_>], output: &str| {
        let of = numbers(checks, output).into_iter();
        let worst =
            of.max_by(|a, b| a.exact.as_f64().unwrap_or(0.0).total_cmp(&b.exact.as_f64().unwrap_or(0.0)));
        worst.map_or_else(missing, |figure| brief(day.language, &figure))
    };
    if drills.is_empty() {
        groups.first()?;
        let figures = [("skip", "would_skip_records"), ("repeat", "would_repeat_records")];
        let figures = figures.map(|(name, output)| (name, worst(&groups, output)));
        return Some(filled(day, Word::OffsetsInShort, &[], figures.into()));
    }
    // Each drill has records of its own: what they skipped adds up.
    let each = numbers(&drills, "skipped_records");
    let skipped = match each.as_slice() {
        [] => missing(),
        [one] => brief(day.language, one),
        all => given(day.language, all.iter().filter_map(|f| f.exact.as_f64()).sum(), Unit::Count, None),
    };
    let figures = vec![
        ("skipped", skipped),
        ("rpo", worst(&drills, "rpo_s.max")),
        ("rto", worst(&drills, "rto_s.max")),
    ];
    let mut told = filled(day, Word::FailoverInShort, &[], figures);
    told.evidence.extend(places(&each));
    told.evidence.sort();
    told.evidence.dedup();
    Some(told)
}

fn sentence(day: &Day<'_, '_>, check: &Check<'_, '_>, word: Word, outputs: Outputs) -> Statement {
    let of = |(name, output): &(&'static str, &str)| {
        let figure = check.figure(output);
        // A share of cases is told in percent.
        let figure = match (figure.unit, figure.exact.as_f64()) {
            (Some(Unit::Ratio), Some(share)) => {
                given(day.language, 100.0 * share, Unit::Percent, figure.evidence)
            }
            _ => figure,
        };
        (*name, brief(day.language, &figure))
    };
    let told = filled(day, word, &[("place", &check.title())], outputs.iter().map(of).collect());
    match told.evidence.is_empty() {
        true => Statement { evidence: check.place().into_iter().collect(), ..told },
        false => told,
    }
}

fn filled(day: &Day<'_, '_>, word: Word, texts: &[(&str, &str)], figures: Vec<(&str, Figure)>) -> Statement {
    // Why there is none is in the annex.
    let shown = |figure: &'_ Figure| match figure.exact.is_number() {
        true => figure.text.clone(),
        false => day.language.word(Word::NotMeasured).to_owned(),
    };
    let shown: Vec<(&str, String)> = figures.iter().map(|(name, figure)| (*name, shown(figure))).collect();
    let mut named = texts.to_vec();
    named.extend(shown.iter().map(|(name, text)| (*name, text.as_str())));
    let text = day.language.fill(word, &named);
    let figures: Vec<Figure> =
        figures.into_iter().map(|(_, figure)| figure).filter(|f| f.exact.is_number()).collect();
    Statement { evidence: places(&figures), figures: figures.clone(), ..said(text, None) }
}
