//! Figures as the body of a report shows them: as precise as a reader needs, the exact value behind them.

use crate::{
    record::{Family, Unit, Value, decimals_of_pair, usual_decimals},
    report::{
        language::{Language, Word},
        model::{Figure, LoadSort, MetricRow, Reference, Scenario},
    },
};

/// The least part of a rate asked for that counts as held.
const HELD: f64 = 0.99;
/// Loads that are shorter than this, in seconds, say nothing of a platform.
pub(super) const SHORT: f64 = 60.0;
/// What a producer's `batch.size` is where nobody gives it.
const BATCH_SIZE: f64 = 16384.0;

/// The same figure with the decimals that a reader needs.
pub(in crate::report) fn brief(language: Language, figure: &Figure) -> Figure {
    let Some(exact) = figure.exact.as_f64() else {
        return figure.clone();
    };
    let decimals = match exact.abs() {
        a if a >= 100.0 => 0,
        a if a >= 10.0 => 1,
        _ => 2,
    };
    with_decimals(language, figure, exact, decimals.min(usual_decimals(exact)))
}

fn with_decimals(language: Language, figure: &Figure, exact: f64, decimals: usize) -> Figure {
    let number = language.number_with(exact, decimals);
    let text = figure.unit.map_or_else(|| number.clone(), |unit| language.with_unit(&number, unit));
    Figure { text, ..figure.clone() }
}

/// A figure beside the one that it is compared with: their order shows.
pub(in crate::report) fn beside(language: Language, figure: &Figure, other: &Figure) -> Figure {
    let (Some(a), Some(b)) = (figure.exact.as_f64(), other.exact.as_f64()) else {
        return figure.clone();
    };
    let short = brief(language, figure);
    let shown = |text: &str| text.to_owned();
    match shown(&short.text) == shown(&brief(language, other).text) && (a - b).abs() > f64::EPSILON {
        true => with_decimals(language, figure, a, decimals_of_pair(a, b).0),
        false => short,
    }
}

/// How much of a rate was achieved, in percent; a hundred is all of it and nothing less, and what is shown of a rate that was
/// not held is below what counts as held.
pub(in crate::report) fn share(language: Language, achieved: &Figure, target: &Figure) -> Option<Figure> {
    let (a, b) = (achieved.exact.as_f64()?, target.exact.as_f64().filter(|b| *b > 0.0)?);
    let exact = 100.0 * a / b;
    let decimals = (0..4).find(|decimals| {
        let tens = 10_f64.powi(i32::try_from(*decimals).unwrap_or(0));
        let shown = (exact * tens).round() / tens;
        [100.0, 100.0 * HELD].into_iter().all(|bound| exact >= bound || shown < bound)
    });
    let text = language.with_unit(&language.number_with(exact, decimals.unwrap_or(4)), Unit::Percent);
    Some(Figure { text, exact: exact.into(), unit: Some(Unit::Percent), evidence: achieved.evidence.clone() })
}

/// A number that a report was given, as a figure.
pub(in crate::report) fn given(
    language: Language,
    number: f64,
    unit: Unit,
    evidence: Option<Reference>,
) -> Figure {
    let value = Value::number(number, unit);
    Figure::new(&value, language.value(&value), evidence)
}

/// A rate as parameters have it: `1000/s`.
pub(super) fn rate(text: &str) -> Option<f64> {
    text.trim().trim_end_matches("/s").trim().replace('_', "").parse().ok().filter(|rate: &f64| *rate > 0.0)
}

/// Bytes of a size as parameters have it: `1 KiB`.
pub(super) fn bytes(text: &str) -> Option<u64> {
    crate::support::text::parse_bytes(text.trim()).ok()
}

impl Scenario {
    /// The output of that name.
    pub(in crate::report) fn figure(&self, name: &str) -> Option<&Figure> {
        let found = self.figures.iter().find(|f| f.name == name).map(|f| &f.figure);
        found.filter(|figure| figure.exact.is_number())
    }

    /// A statistic of its first latency by its place in the row.
    pub(in crate::report) fn latency(&self, at: usize) -> Option<&Figure> {
        self.latencies.first()?.figures.get(at).filter(|figure| figure.exact.is_number())
    }

    /// What was reached, in that unit: the figure of the load, or the limit that a search found.
    pub(in crate::report) fn reached(&self, unit: Unit) -> Option<&Figure> {
        let family = match self.sort {
            LoadSort::Limit => Family::Capacity,
            _ => Family::of_unit(unit),
        };
        let found = self.figures.iter().find(|f| f.family == Some(family) && f.figure.unit == Some(unit));
        found.map(|f| &f.figure)
    }

    /// Its rate.
    pub(in crate::report) fn rate(&self) -> Option<&Figure> {
        self.reached(Unit::RecordsPerSecond)
    }

    /// Its volume.
    pub(in crate::report) fn volume(&self) -> Option<&Figure> {
        self.reached(Unit::MbPerSecond)
    }

    /// Its P99.
    pub(in crate::report) fn p99(&self) -> Option<&Figure> {
        self.latency(4)
    }

    /// The P99 that the objective of a producer is about: not the time to the arrival on another cluster.
    pub(in crate::report) fn p99_of_producer(&self) -> Option<&Figure> {
        self.p99().filter(|_| !self.is_replicated)
    }

    /// Whether it sends.
    pub(in crate::report) fn is_load(&self) -> bool {
        self.sort == LoadSort::Sends
    }

    /// How a sentence calls it: of work done by hand its letter.
    pub(in crate::report) fn short(&self) -> &str {
        match self.attempt {
            0 => self.title.split_once(" – ").map_or(self.title.as_str(), |(letter, _)| letter),
            _ => &self.title,
        }
    }

    /// Where its sheet or its figures are.
    pub(in crate::report) fn place(&self) -> Option<Reference> {
        let figure = self.rate().or_else(|| self.p99())?;
        let evidence = figure.evidence.clone()?;
        Some(match self.attempt {
            0 => Reference { id: self.name.clone(), ..evidence },
            _ => evidence,
        })
    }

    /// Whether it was without a cap.
    pub(in crate::report) fn is_uncapped(&self) -> bool {
        self.is_load() && self.basis.get("rate").is_some_and(|rate| rate == "unlimited")
    }

    /// Whether it was too short to say anything of a platform.
    pub(in crate::report) fn is_short(&self) -> bool {
        self.seconds.is_some_and(|seconds| seconds < SHORT)
    }

    /// Whether it counts and brought figures.
    pub(in crate::report) fn counts(&self) -> bool {
        !self.superseded && (self.rate().is_some() || self.p99().is_some())
    }

    /// What follows from its figures: how much of its rate it achieved, and how long it was.
    pub(super) fn complete(mut self, language: Language) -> Self {
        let achieved = self.rate().cloned();
        if let (Some(rate), Some(target)) = (&achieved, &self.target) {
            self.achieved = share(language, rate, target);
            self.held =
                self.achieved.as_ref().and_then(|f| f.exact.as_f64()).map(|percent| percent >= 100.0 * HELD);
        }
        self.seconds = self.figure("duration_s").and_then(|f| f.exact.as_f64()).or_else(|| {
            let sent = self.figure("records_sent")?.exact.as_f64()?;
            Some(sent / achieved?.exact.as_f64().filter(|rate| *rate > 0.0)?)
        });
        self.record_bytes = self.record_size.as_deref().and_then(bytes);
        self.record_size = self.record_bytes.map(|n| language.size(n)).or(self.record_size);
        self
    }
}

/// The figures of a client that say how it worked, by what they are called here. The names are Kafka's own where a tool
/// printed them, those of the outputs otherwise.
#[derive(Debug, Default)]
pub(super) struct Client {
    pub(super) batch_bytes: Option<(String, Figure)>,
    pub(super) queue_ms: Option<(String, Figure)>,
    pub(super) request_ms: Option<(String, Figure)>,
    pub(super) retries: Option<(String, Figure)>,
    pub(super) buffer_wait: Option<(String, Figure)>,
    pub(super) compression: Option<(String, Figure)>,
    pub(super) throttled_ms: Option<(String, Figure)>,
    /// `compression.type`, where somebody gave it.
    pub(super) compression_type: Option<String>,
    /// `batch.size`, and whether somebody gave it.
    pub(super) batch_size: Option<f64>,
    /// The slowest and the fastest broker: name and average time of a request.
    pub(super) nodes: Vec<(String, Figure)>,
}

impl Client {
    /// The rows of a sheet, with what each says.
    pub(super) fn rows(self, language: Language, average: Option<&Figure>) -> Vec<MetricRow> {
        let mut rows = Vec::new();
        let mut put = |(name, figure): (String, Figure), meaning: String| {
            let figure = brief(language, &figure);
            rows.push(MetricRow { name, figure, meaning });
        };
        let number = |of: &Option<(String, Figure)>| of.as_ref().and_then(|(_, f)| f.exact.as_f64());
        let fill = |key: Word, places: &[(&str, &str)]| language.fill(key, places);
        if let (Some(of), Some(exact)) = (self.batch_bytes.clone(), number(&self.batch_bytes)) {
            let size = self.batch_size.unwrap_or(BATCH_SIZE);
            let (percent, shown) =
                (language.number_with(100.0 * exact / size, 0), language.number_with(size, 0));
            let key = match (exact / size < 0.5, exact > size * 1.01) {
                (true, _) => Word::BatchesLow,
                (_, true) => Word::BatchesOver,
                _ => Word::BatchesFull,
            };
            let given = if self.batch_size.is_none() { language.word(Word::BatchSizeAssumed) } else { "" };
            put(of, fill(key, &[("percent", &percent), ("size", &shown)]) + given);
        }
        if let (Some(of), Some(exact)) = (self.queue_ms.clone(), number(&self.queue_ms)) {
            let average = average.and_then(|f| f.exact.as_f64()).filter(|average| *average > 0.0);
            // The client's statistics have the warm-up in them: a part that is more than the whole says nothing of it.
            let key = match average {
                Some(average) if exact > average => Word::QueueWithWarmUp,
                Some(average) if exact > average / 2.0 => Word::QueueMost,
                _ => Word::QueueLittle,
            };
            put(of, fill(key, &[]));
        }
        if let Some(of) = self.request_ms {
            put(of, fill(Word::RequestTime, &[]));
        }
        if let (Some(of), Some(exact)) = (self.retries.clone(), number(&self.retries)) {
            put(of, fill(if exact > 0.0 { Word::Retried } else { Word::NotRetried }, &[]));
        }
        if let (Some(of), Some(exact)) = (self.buffer_wait.clone(), number(&self.buffer_wait)) {
            put(of, fill(if exact > 0.0 { Word::BufferFull } else { Word::BufferNeverFull }, &[]));
        }
        if let (Some(of), Some(exact)) = (self.compression.clone(), number(&self.compression)) {
            let percent = language.number_with(100.0 * exact, 0);
            let is_asked = self.compression_type.as_deref().is_some_and(|kind| kind != "none");
            let key = match (exact < 0.995, is_asked) {
                (true, _) => Word::Compressed,
                (false, true) => Word::NoGain,
                (false, false) => Word::NotCompressed,
            };
            put(of, fill(key, &[("percent", &percent)]));
        }
        if let Some(of) = self.throttled_ms.filter(|(_, f)| f.exact.as_f64().is_some_and(|n| n > 0.0)) {
            put(of, fill(Word::Throttled, &[]));
        }
        let exact = |(_, figure): &(String, Figure)| figure.exact.as_f64().unwrap_or(0.0);
        let slowest = self.nodes.iter().max_by(|a, b| exact(a).total_cmp(&exact(b)));
        let fastest = self.nodes.iter().min_by(|a, b| exact(a).total_cmp(&exact(b)));
        if let (Some(slow), Some(fast)) = (slowest, fastest)
            && exact(slow) > 1.5 * exact(fast)
        {
            let shown = brief(language, &fast.1).text;
            let meaning = fill(Word::SlowNode, &[("node", &fast.0), ("fastest", &shown)]);
            put((format!("request-latency-avg ({})", slow.0), slow.1.clone()), meaning);
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(number: f64, unit: Unit) -> Figure {
        given(Language::Fr, number, unit, None)
    }

    #[test]
    fn a_figure_is_as_precise_as_a_reader_needs() {
        for (number, unit, text) in [
            (622.255_077, Unit::RecordsPerSecond, "622\u{202f}enr./s"),
            (30.38, Unit::MbPerSecond, "30,4\u{202f}MB/s"),
            (0.98, Unit::MbPerSecond, "0,98\u{202f}MB/s"),
            (1235.0, Unit::Milliseconds, "1\u{202f}235\u{202f}ms"),
        ] {
            assert_eq!(brief(Language::Fr, &figure(number, unit)).text, text);
        }
        let (rate, target) =
            (figure(999.985, Unit::RecordsPerSecond), figure(1000.0, Unit::RecordsPerSecond));
        assert_ne!(beside(Language::Fr, &rate, &target).text, target.text, "what is less shows as less");
    }

    #[test]
    fn a_share_of_a_rate_is_a_hundred_where_all_was_achieved() {
        let shown = |a: f64, b: f64| {
            let unit = Unit::RecordsPerSecond;
            share(Language::Fr, &figure(a, unit), &figure(b, unit)).unwrap().text
        };
        assert_eq!(shown(622.26, 1000.0), "62\u{202f}%");
        assert_eq!(shown(1000.0, 1000.0), "100\u{202f}%");
        assert_eq!(shown(999.4, 1000.0), "99,9\u{202f}%");
        assert_eq!(shown(989.8, 1000.0), "98,98\u{202f}%", "99 % would have been held");
    }
}
