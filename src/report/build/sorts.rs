//! What the summary says of loads by their sort: without a cap, of an unknown rate, from end to end, those that read, and
//! those whose figures contradict each other.

use super::{
    day::Day,
    measure::{beside, brief},
    notes::said,
};
use crate::report::{
    language::Word,
    model::{Figure, LoadSort, Reference, Scenario, Statement, places},
};

/// How many places a sentence names.
const PLACES: usize = 2;

/// A number to sort by; nothing counts as zero.
pub(super) fn number(figure: Option<&Figure>) -> f64 {
    figure.and_then(|f| f.exact.as_f64()).unwrap_or(0.0)
}

/// Distinct places of figures, at most a few.
pub(super) fn evidence(figures: &[Figure]) -> Vec<Reference> {
    let mut all = places(figures);
    all.truncate(PLACES);
    all
}

/// What was measured of each sort of load, the capped ones and the checks of copies left out.
pub(super) fn told(day: &Day<'_, '_>) -> Vec<Statement> {
    let of = |is: &dyn Fn(&&Scenario) -> bool| day.counted().filter(|s| is(s)).collect::<Vec<_>>();
    let uncapped = of(&|s| s.is_uncapped());
    let free = of(&|s| s.is_uncapped() || s.sort == LoadSort::Limit);
    let unknown = of(&|s| s.is_load() && s.held.is_none() && s.target.is_none() && !s.is_uncapped());
    let timed = of(&|s| s.sort != LoadSort::Copies && s.rate().is_none() && !s.is_uncapped());
    let reads = of(&|s| s.sort == LoadSort::Reads && number(s.rate()) > 0.0);
    let mut lines = Vec::new();
    lines.extend(highest(day, &free, Word::FreeLoads));
    lines.extend(latencies(day, &uncapped, (Word::FreeLatencies, Word::FreeLatenciesSeen)));
    let sent: Vec<&Scenario> = unknown.into_iter().filter(|s| s.rate().is_some()).collect();
    lines.extend(highest(day, &sent, Word::RateUnknown));
    lines.extend(latencies(day, &sent, (Word::LatenciesJudged, Word::LatenciesSeen)));
    // The objective of a producer is about no time from end to end.
    lines.extend(slowest(day, &timed));
    lines.extend(highest(day, &reads, Word::Readings));
    lines.extend(day.contradictory().map(|s| contradictory(day, s)));
    lines
}

/// The highest rate of scenarios, with the name of the one that reached it.
fn highest(day: &Day<'_, '_>, of: &[&Scenario], key: Word) -> Option<Statement> {
    let language = day.language;
    let of = of.iter().filter(|s| s.rate().is_some());
    let best = of.max_by(|a, b| number(a.rate()).total_cmp(&number(b.rate())))?;
    let rate = brief(language, best.rate()?);
    let text = language.fill(key, &[("rate", &rate.text), ("name", best.short())]);
    let figures = vec![rate];
    let evidence = evidence(&figures);
    Some(Statement { figures, ..said(text, evidence) })
}

/// The highest P99 of loads, and for how many it is below the objective, in one of two sentences: with an objective, and
/// without.
pub(super) fn latencies(
    day: &Day<'_, '_>,
    of: &[&Scenario],
    (judged, seen): (Word, Word),
) -> Option<Statement> {
    let language = day.language;
    let with: Vec<(&Scenario, &Figure)> =
        of.iter().filter_map(|s| Some((*s, s.p99_of_producer()?))).collect();
    let (worst, p99) = with.iter().max_by(|a, b| number(Some(a.1)).total_cmp(&number(Some(b.1))))?;
    let limit = day.objectives.p99();
    let high = limit.map_or_else(|| brief(language, p99), |limit| beside(language, p99, limit));
    let below = |limit: &Figure| with.iter().filter(|of| number(Some(of.1)) < number(Some(limit))).count();
    let places = [
        ("high", high.text.clone()),
        ("name", name(day, worst)),
        ("count", language.count(with.len())),
        ("below", limit.map(|limit| language.count(below(limit))).unwrap_or_default()),
        ("limit", limit.map(|limit| limit.text.clone()).unwrap_or_default()),
    ];
    let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
    let key = if limit.is_some() { judged } else { seen };
    let figures: Vec<Figure> = [high].into_iter().chain(limit.cloned()).collect();
    let evidence = evidence(&figures);
    Some(Statement { figures, ..said(language.fill(key, &places), evidence) })
}

/// Its name, with its length where that is short and no other sentence says so.
fn name(day: &Day<'_, '_>, of: &Scenario) -> String {
    match of.attempt > 0 && super::next::is_short(day) {
        true => of.short().to_owned(),
        false => of.short_with_time(day.language),
    }
}

/// The highest P99 of scenarios that have no rate.
fn slowest(day: &Day<'_, '_>, of: &[&Scenario]) -> Option<Statement> {
    let language = day.language;
    let worst = of.iter().max_by(|a, b| number(a.p99()).total_cmp(&number(b.p99())))?;
    let high = brief(language, worst.p99()?);
    let text = language.fill(Word::TimedAtMost, &[("high", &high.text), ("name", worst.short())]);
    let figures = vec![high];
    let evidence = evidence(&figures);
    Some(Statement { figures, ..said(text, evidence) })
}

/// That a total is judged by nobody.
fn contradictory(day: &Day<'_, '_>, of: &Scenario) -> Statement {
    let told = of.contradictory(day.language).unwrap_or_default();
    said(format!("{}{}{told}.", of.short(), day.language.colon()), of.place())
}
