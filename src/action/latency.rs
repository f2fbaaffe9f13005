//! A latency as outputs of a kind and as evidence: its six figures with their names, units and meanings, written once.

use super::{Output, output};
use crate::{
    load::latency::Latency,
    record::{Evidence, Family, STATISTICS, Said, Unit, Value},
};

/// One of the six outputs of a latency.
pub(super) const fn figure(name: &'static str, family: Family, meaning: &'static str) -> Output {
    output(name, Unit::Milliseconds, meaning).of(family)
}

/// The outputs of a latency of that name and family; `what` follows "mean" and "95th percentile of the".
macro_rules! latency_outputs {
    ($name:literal, $family:ident, $what:literal) => {
        latency_outputs!(@ $name, $family,
            ".avg" "Mean " $what, ".max" "Longest " $what, ".p50" "Median " $what,
            ".p95" "95th percentile of the " $what, ".p99" "99th percentile of the " $what,
            ".p999" "99.9th percentile of the " $what)
    };
    (@ $name:literal, $family:ident, $($stat:literal $of:literal $what:literal),+) => {
        &[$($crate::action::latency::figure(
            concat!($name, $stat),
            $crate::record::Family::$family,
            concat!($of, $what, "."),
        )),+]
    };
}
pub(super) use latency_outputs;

/// Several tables of outputs as one.
macro_rules! outputs {
    ($($part:expr),+ $(,)?) => {{
        const PARTS: &[&[$crate::action::Output]] = &[$($part),+];
        const ALL: [$crate::action::Output; $crate::action::latency::count(PARTS)] =
            $crate::action::latency::joined(PARTS);
        &ALL
    }};
}
pub(super) use outputs;

/// How many outputs the tables have.
pub(super) const fn count(parts: &[&[Output]]) -> usize {
    let (mut part, mut all) = (0, 0);
    while part < parts.len() {
        all += parts[part].len();
        part += 1;
    }
    all
}

/// The outputs of the tables, one behind the other.
pub(super) const fn joined<const N: usize>(parts: &[&[Output]]) -> [Output; N] {
    let mut all = [parts[0][0]; N];
    let (mut part, mut at) = (0, 0);
    while part < parts.len() {
        let mut own = 0;
        while own < parts[part].len() {
            all[at] = parts[part][own];
            (at, own) = (at + 1, own + 1);
        }
        part += 1;
    }
    all
}

/// Adds the figures of a latency, or why there are none.
pub(super) fn put(evidence: &mut Evidence, name: &str, latency: &Latency, artifact: &str, otherwise: &Said) {
    let figures =
        latency.summary().map_or([None; 6], |s| [s.avg, s.max, s.p50, s.p95, s.p99, s.p999].map(Some));
    put_values(evidence, name, artifact, figures.map(|figure| milliseconds(figure, otherwise)));
}

/// Adds values in the order of [`STATISTICS`].
pub(super) fn put_values(evidence: &mut Evidence, name: &str, artifact: &str, values: [Value; 6]) {
    for (figure, value) in STATISTICS.iter().zip(values) {
        evidence.put_from(format!("{name}.{figure}").as_str(), value, artifact);
    }
}

/// Adds why a latency has no figures, where nothing could have any.
pub(super) fn put_missing(evidence: &mut Evidence, name: &str, why: &Said) {
    for figure in STATISTICS {
        evidence.put(format!("{name}.{figure}").as_str(), Value::missing(why));
    }
}

/// The figure, or why there is none.
pub(super) fn milliseconds(figure: Option<f64>, otherwise: &Said) -> Value {
    figure.map_or_else(|| Value::missing(otherwise), |ms| Value::number(ms, Unit::Milliseconds))
}

/// The figures as a part of an artifact.
pub(super) fn json(latency: &Latency) -> Option<serde_json::Value> {
    latency.summary().map(|s| {
        serde_json::json!({
            "records": latency.len(), "avg_ms": s.avg, "p50_ms": s.p50, "p95_ms": s.p95, "p99_ms": s.p99,
            "p999_ms": s.p999, "max_ms": s.max,
        })
    })
}
