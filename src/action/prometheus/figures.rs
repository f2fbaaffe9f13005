//! What the samples of an answer come to: a figure, or why there is none. An answer that has a hole, that is old, or
//! that may be wrong is no figure, because what it does not show could be what the criterion asks about.

use crate::{
    clients::prometheus::{Answer, Instant, Point, Series},
    record::{Evidence, Said, Unit, Value, messages},
    support::text,
};
use std::time::Duration;

/// How far the clocks of Prometheus and of this machine may be apart, and how old an answer may be, in seconds.
pub(super) const CLOCK: f64 = 30.0;

/// The window of a range query: its end in seconds since 1970, its length and the distance between two samples.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub(super) end: f64,
    pub(super) range: Duration,
    pub(super) step: Duration,
}

/// The figure of an instant query, asked for between `asked` and `now`, in seconds since 1970.
pub(super) fn instant(answer: &Answer<Instant>, asked: f64, now: f64) -> Value {
    if let Some(doubt) = doubt(answer) {
        return doubt;
    }
    let point = match &answer.result {
        Instant::Text(text) => {
            let text = text::cut(text, 80);
            return Value::unusable(a_text(text));
        }
        Instant::Scalar(point) => point,
        Instant::Vector(series) => match the_one(series) {
            Err(missing) => return missing,
            Ok(Series { points, .. }) => match points.as_slice() {
                [point] => point,
                points => return Value::unusable(several_samples(points.len())),
            },
        },
    };
    // Where the clocks agree, it is evaluated while the answer is waited for.
    let (at, value) = (point.0, point.1);
    match (at - asked, at - now) {
        (before, _) if before < -CLOCK => Value::unusable(clock_behind(rounded(-before), or_a_cache())),
        (_, after) if after > CLOCK => Value::unusable(clock_ahead(rounded(after), age_unknown())),
        _ => bare(value),
    }
}

/// Last, least, greatest and mean figure of a range query.
pub(super) fn range(evidence: &mut Evidence, answer: &Answer<Vec<Series>>, window: Window, counter: bool) {
    let one = match doubt(answer).map_or_else(|| the_one(&answer.result), Err) {
        Ok(one) => one,
        Err(missing) => return all(evidence, &missing),
    };
    if let Some(skew) = answer.clock().map(|clock| clock - window.end).filter(|skew| skew.abs() > CLOCK) {
        let by = rounded(skew.abs());
        let apart = match skew > 0.0 {
            true => clock_ahead(by, other_range()),
            false => clock_behind(by, other_range()),
        };
        return all(evidence, &Value::unusable(apart));
    }
    let points = &one.points;
    if let Some(missing) = misplaced(points, window).or_else(|| if counter { reset(points) } else { None }) {
        return all(evidence, &missing);
    }
    let values: Vec<f64> = points.iter().map(|p| p.1).collect();
    let fold = |fold: fn(f64, f64) -> f64| values.iter().copied().reduce(fold).map_or_else(no_data, bare);
    #[expect(clippy::cast_precision_loss, reason = "11,000 at most")]
    let mean = match fold(|a, b| a + b) {
        Value::Number(sum, unit) => Value::number(sum / values.len() as f64, unit),
        missing => missing,
    };
    let last = stale(points, window).or(values.last().copied().map(bare)).unwrap_or_else(no_data);
    let hole = hole(points, window).map(Value::missing);
    let over_all = |figure: Value| hole.clone().unwrap_or(figure);
    evidence
        .put("value", last)
        .put("min", over_all(fold(f64::min)))
        .put("max", over_all(fold(f64::max)))
        .put("avg", over_all(mean));
}

pub(super) fn all(evidence: &mut Evidence, missing: &Value) {
    for name in ["value", "min", "max", "avg"] {
        evidence.put(name, missing.clone());
    }
}

/// Why nothing in the answer can be relied on.
pub(super) fn doubt<T>(answer: &Answer<T>) -> Option<Value> {
    let warning = answer.warnings.first()?;
    Some(Value::unusable(doubtful(warning)))
}

/// Samples that no server gives for that window.
fn misplaced(points: &[Point], window: Window) -> Option<Value> {
    let step = window.step.as_secs_f64();
    let begin = window.end - window.range.as_secs_f64();
    if points.windows(2).any(|pair| pair[1].0 <= pair[0].0) {
        return Some(Value::unusable(out_of_order()));
    }
    // A server may move the grid back to whole steps.
    let (first, last) = (points.first()?.0, points.last()?.0);
    if last > window.end + 1.0 {
        return Some(Value::unusable(in_the_future(rounded(last - window.end))));
    }
    (first < begin - step - 1.0).then(|| Value::unusable(before_the_range()))
}

/// A counter that fell.
fn reset(points: &[Point]) -> Option<Value> {
    let fallen = points.windows(2).find(|pair| pair[1].1 < pair[0].1)?;
    Some(begun_again(fallen[0].1, fallen[1].1))
}

/// A counter that went from one figure down to another.
pub(super) fn begun_again(from: f64, to: f64) -> Value {
    Value::unusable(fell(bare(from), bare(to)))
}

/// The last sample, where it is not of the last step: the target could not be scraped any more.
fn stale(points: &[Point], window: Window) -> Option<Value> {
    let age = window.end - points.last()?.0;
    // Times of the request and of samples are rounded to milliseconds.
    (age + 0.005 > window.step.as_secs_f64()).then(|| Value::missing(too_old(rounded(age))))
}

/// Where the range has no figure: no sample, or one that is no number.
fn hole(points: &[Point], window: Window) -> Option<Said> {
    let step = window.step.as_secs_f64();
    let begin = window.end - window.range.as_secs_f64();
    let nan = points.iter().filter(|p| p.1.is_nan()).count();
    let infinite = points.iter().filter(|p| p.1.is_infinite()).count();
    let all = points.len();
    if nan == all {
        return Some(all_nan(all));
    }
    if nan > 0 {
        return Some(some_nan(nan, all));
    }
    if infinite > 0 {
        return Some(some_infinite(infinite, all));
    }
    // The grid may begin just before the first scrape, and half a step is more than clocks are rounded by.
    let first = points.first()?.0 - begin;
    if first > 1.5 * step {
        return Some(late_start(rounded(first)));
    }
    if let Some(pair) = points.windows(2).find(|pair| pair[1].0 - pair[0].0 > 1.5 * step) {
        return Some(gap(rounded(pair[0].0 - begin), rounded(pair[1].0 - begin)));
    }
    match stale(points, window)? {
        Value::Missing(reason) => Some(reason),
        _ => None,
    }
}

/// The one series that was meant.
pub(super) fn the_one(series: &[Series]) -> Result<&Series, Value> {
    match series {
        [] => Err(no_data()),
        [one] if one.histograms => Err(Value::unusable(a_histogram())),
        [one] => Ok(one),
        several => {
            let shown: Vec<String> = several.iter().take(3).map(labels).collect();
            let more = if several.len() > 3 { ", …" } else { "" };
            Err(Value::unusable(several_series(several.len(), shown.join(", ") + more)))
        }
    }
}

fn labels(series: &Series) -> String {
    let labels: Vec<String> = series
        .metric
        .iter()
        .filter(|(name, _)| *name != "__name__")
        .map(|(name, value)| format!("{name}=\"{value}\""))
        .collect();
    text::cut(&format!("{{{}}}", labels.join(",")), 100)
}

fn no_data() -> Value {
    Value::missing(no_series())
}

fn bare(value: f64) -> Value {
    Value::number(value, Unit::None)
}

fn rounded(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.round()).unwrap_or(Duration::MAX)
}

messages! {
    area "prometheus-figure";
    a_histogram() => "a native histogram is not a number; ask for `histogram_quantile(…)` or `histogram_count(…)`" / "un histogramme natif n'est pas un nombre ; demander `histogram_quantile(…)` ou `histogram_count(…)`";
    a_text(text) => "the query gives the text `{text}`" / "la requête donne le texte `{text}`";
    age_unknown() => "so its age is unknown" / "si bien que son âge est inconnu";
    all_nan(samples) => "all {samples} samples are NaN" / "les {samples} échantillons sont NaN";
    before_the_range() => "a sample is from before the range" / "un échantillon est antérieur à la plage";
    clock_ahead(by, and) => "the clock of Prometheus is {by} ahead of this machine's, {and}" / "l'horloge de Prometheus avance de {by} sur celle de cette machine, {and}";
    clock_behind(by, and) => "the clock of Prometheus is {by} behind this machine's, {and}" / "l'horloge de Prometheus retarde de {by} sur celle de cette machine, {and}";
    doubtful(warning) => "Prometheus warns that the answer may be wrong or lack something: {warning}" / "Prometheus avertit que la réponse peut être fausse ou incomplète : {warning}";
    fell(before, after) => "the counter fell from {before} to {after}: what it counts began again and earlier counts are lost; ask for `increase(…)` or `rate(…)`" / "le compteur est tombé de {before} à {after} : ce qu'il compte a recommencé et les comptes d'avant sont perdus ; demander `increase(…)` ou `rate(…)`";
    gap(begin, end) => "no sample from {begin} to {end} of the range" / "aucun échantillon de {begin} à {end} de la plage";
    in_the_future(by) => "a sample is {by} in the future" / "un échantillon est {by} dans le futur";
    late_start(length) => "the first {length} of the range have no sample" / "les {length} du début de la plage n'ont pas d'échantillon";
    no_series() => "no series: the metric does not exist, or its newest sample is stale" / "aucune série : la métrique n'existe pas, ou son dernier échantillon est périmé";
    or_a_cache() => "or a cache answered" / "ou un cache a répondu";
    other_range() => "so that its range is another one" / "si bien que sa plage est une autre";
    out_of_order() => "its samples are not in the order of time" / "ses échantillons ne sont pas dans l'ordre du temps";
    several_samples(samples) => "{samples} {samples|sample|samples} where a query for now has one" / "{samples} {samples|échantillon|échantillons} là où une requête de l'instant en a un";
    several_series(number, shown) => "{number} series where one was meant: {shown}; aggregate them" / "{number} séries là où une seule était voulue : {shown} ; les agréger";
    some_infinite(infinite, samples) => "{infinite} of {samples} samples are infinite" / "{infinite} échantillons sur {samples} sont infinis";
    some_nan(nan, samples) => "{nan} of {samples} samples are NaN" / "{nan} échantillons sur {samples} sont NaN";
    too_old(age) => "stale: the last sample is {age} older than the end of the range" / "périmé : le dernier échantillon précède de {age} la fin de la plage";
}
