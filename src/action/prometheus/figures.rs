//! What the samples of an answer come to: a figure, or why there is none. An answer that has a hole, that is old, or
//! that may be wrong is no figure, because what it does not show could be what the criterion asks about.

use crate::{
    clients::prometheus::{Answer, Instant, Point, Series},
    record::{Evidence, Unit, Value},
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
            return Value::missing(format!("the query gives the text `{text}`"));
        }
        Instant::Scalar(point) => point,
        Instant::Vector(series) => match the_one(series) {
            Err(missing) => return missing,
            Ok(Series { points, .. }) => match points.as_slice() {
                [point] => point,
                points => {
                    let samples = text::plural(points.len(), "sample");
                    return Value::missing(format!("{samples} where a query for now has one"));
                }
            },
        },
    };
    // Where the clocks agree, it is evaluated while the answer is waited for.
    let (at, value) = (point.0, point.1);
    match (at - asked, at - now) {
        (before, _) if before < -CLOCK => apart(-before, "behind", "or a cache answered"),
        (_, after) if after > CLOCK => apart(after, "ahead of", "so that nobody can say how old it is"),
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
        let side = if skew > 0.0 { "ahead of" } else { "behind" };
        return all(evidence, &apart(skew.abs(), side, "so that its range is another one"));
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

fn all(evidence: &mut Evidence, missing: &Value) {
    for name in ["value", "min", "max", "avg"] {
        evidence.put(name, missing.clone());
    }
}

/// Why nothing in the answer can be relied on.
fn doubt<T>(answer: &Answer<T>) -> Option<Value> {
    let warning = answer.warnings.first()?;
    Some(Value::missing(format!(
        "Prometheus warns that the answer may be wrong or lack something: {warning}"
    )))
}

/// Samples that no server gives for that window.
fn misplaced(points: &[Point], window: Window) -> Option<Value> {
    let step = window.step.as_secs_f64();
    let begin = window.end - window.range.as_secs_f64();
    if points.windows(2).any(|pair| pair[1].0 <= pair[0].0) {
        return Some(Value::missing("its samples are not in the order of time".to_owned()));
    }
    // A server may move the grid back to whole steps.
    let (first, last) = (points.first()?.0, points.last()?.0);
    if last > window.end + 1.0 {
        let ahead = seconds(last - window.end);
        return Some(Value::missing(format!("a sample is {ahead} in the future")));
    }
    (first < begin - step - 1.0).then(|| Value::missing("a sample is from before the range".to_owned()))
}

/// A counter that fell.
fn reset(points: &[Point]) -> Option<Value> {
    let fallen = points.windows(2).find(|pair| pair[1].1 < pair[0].1)?;
    Some(begun_again(fallen[0].1, fallen[1].1))
}

/// A counter that went from one figure down to another.
pub(super) fn begun_again(from: f64, to: f64) -> Value {
    let (from, to) = (bare(from), bare(to));
    Value::missing(format!(
        "the counter fell from {from} to {to}: what it counts began again and earlier counts are lost; ask for \
         `increase(…)` or `rate(…)`"
    ))
}

/// The last sample, where it is not of the last step: the target could not be scraped any more.
fn stale(points: &[Point], window: Window) -> Option<Value> {
    let age = window.end - points.last()?.0;
    // Times of the request and of samples are rounded to milliseconds.
    (age + 0.005 > window.step.as_secs_f64()).then(|| {
        Value::missing(format!("stale: the last sample is {} older than the end of the range", seconds(age)))
    })
}

/// Where the range has no figure: no sample, or one that is no number.
fn hole(points: &[Point], window: Window) -> Option<String> {
    let step = window.step.as_secs_f64();
    let begin = window.end - window.range.as_secs_f64();
    let nan = points.iter().filter(|p| p.1.is_nan()).count();
    let infinite = points.iter().filter(|p| p.1.is_infinite()).count();
    let all = points.len();
    if nan == all {
        return Some(format!("all {all} samples are NaN"));
    }
    if nan > 0 {
        return Some(format!("{nan} of {all} samples are NaN"));
    }
    if infinite > 0 {
        return Some(format!("{infinite} of {all} samples are infinite"));
    }
    // The grid may begin just before the first scrape, and half a step is more than clocks are rounded by.
    let first = points.first()?.0 - begin;
    if first > 1.5 * step {
        return Some(format!("the first {} of the range have no sample", seconds(first)));
    }
    if let Some(pair) = points.windows(2).find(|pair| pair[1].0 - pair[0].0 > 1.5 * step) {
        let (from, to) = (seconds(pair[0].0 - begin), seconds(pair[1].0 - begin));
        return Some(format!("no sample from {from} to {to} of the range"));
    }
    match stale(points, window)? {
        Value::Missing(reason) => Some(reason.into()),
        _ => None,
    }
}

/// The one series that was meant.
pub(super) fn the_one(series: &[Series]) -> Result<&Series, Value> {
    match series {
        [] => Err(no_data()),
        [one] if one.histograms => Err(Value::missing(
            "a native histogram is no number; ask for `histogram_quantile(…)` or `histogram_count(…)`"
                .to_owned(),
        )),
        [one] => Ok(one),
        several => {
            let shown: Vec<String> = several.iter().take(3).map(labels).collect();
            let more = if several.len() > 3 { ", …" } else { "" };
            let (n, shown) = (several.len(), shown.join(", "));
            Err(Value::missing(format!("{n} series where one was meant: {shown}{more}; aggregate them")))
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

fn apart(by: f64, side: &str, and: &str) -> Value {
    let by = seconds(by);
    Value::missing(format!("the clock of Prometheus is {by} {side} this machine's, {and}"))
}

fn no_data() -> Value {
    Value::missing("no series: the metric does not exist, or its newest sample is stale".to_owned())
}

fn bare(value: f64) -> Value {
    Value::number(value, Unit::None)
}

fn seconds(s: f64) -> String {
    text::duration(Duration::try_from_secs_f64(s.round()).unwrap_or(Duration::MAX))
}
