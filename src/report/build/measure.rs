//! Figures as the body of a report shows them: as precise as a reader needs, the exact value behind them.

use crate::{
    record::{Family, Unit, Value, decimals_of_pair, usual_decimals},
    report::{
        language::{Language, Word},
        model::{Figure, Labelled, LoadSort, MetricRow, Reference, Scenario},
    },
};

/// The least part of a rate asked for that counts as held.
pub(in crate::report) const HELD: f64 = 0.99;
/// The output that says how much of the rate asked for was achieved: of the records sent, wherever they are counted too
/// where they arrive.
pub(super) const ACHIEVED_RATIO: &str = "achieved_ratio";
/// The rate of the records sent, where the throughput is that of the records that arrived.
const SENT_RATE: &str = "sent.records_per_s";
/// Loads that are shorter than this, in seconds, say nothing of a platform.
pub(super) const SHORT: f64 = 60.0;
/// What a producer's `batch.size` is where nobody gives it.
const BATCH_SIZE: f64 = 16384.0;

/// How far below or above the rate asked for a rate may be that counts as reached.
pub(in crate::report) fn tolerance(language: Language) -> String {
    language.with_unit(&language.number_with(100.0 * (1.0 - HELD), 0), Unit::Percent)
}

/// The same figure with the decimals that a reader needs.
pub(in crate::report) fn brief(language: Language, figure: &Figure) -> Figure {
    let Some(exact) = figure.exact.as_f64() else {
        return figure.clone();
    };
    with_decimals(language, figure, exact, decimals_of(figure, exact))
}

/// The decimals that a reader needs, and as many more as criteria need to be seen on their side.
fn decimals_of(figure: &Figure, exact: f64) -> usize {
    let least = brief_decimals(exact);
    let is_true = |decimals: &usize| {
        let shown = rounded(exact, *decimals);
        figure.limits.iter().all(|limit| shown.partial_cmp(limit) == exact.partial_cmp(limit))
    };
    (least..=17).find(is_true).unwrap_or(least)
}

fn brief_decimals(exact: f64) -> usize {
    let most = match exact.abs() {
        a if a >= 100.0 => 0,
        a if a >= 10.0 => 1,
        _ => 2,
    };
    most.min(usual_decimals(exact))
}

fn with_decimals(language: Language, figure: &Figure, exact: f64, decimals: usize) -> Figure {
    let number = language.number_with(exact, decimals);
    let text = figure.unit.map_or_else(|| number.clone(), |unit| language.with_unit(&number, unit));
    Figure { text, ..figure.clone() }
}

/// A figure beside the one that it is compared with: their order shows, however the other one is rounded.
pub(in crate::report) fn beside(language: Language, figure: &Figure, other: &Figure) -> Figure {
    let (Some(a), Some(b)) = (figure.exact.as_f64(), other.exact.as_f64()) else {
        return figure.clone();
    };
    let (first, second) = (decimals_of(figure, a), decimals_of(other, b));
    let (shown, order) = (rounded(a, first), a.partial_cmp(&b));
    match shown.partial_cmp(&rounded(b, second)) == order && shown.partial_cmp(&b) == order {
        true => brief(language, figure),
        false => with_decimals(language, figure, a, decimals_of_pair(a, b).0.max(first)),
    }
}

/// The number as so many decimals show it.
fn rounded(exact: f64, decimals: usize) -> f64 {
    format!("{exact:.decimals$}").parse().unwrap_or(exact)
}

/// How much of a rate was achieved, in percent; a hundred is all of it and nothing less, and what is shown of a rate that was
/// not held is below what counts as held. It is on the same side of each of `asked`, which are shares, as it is exactly.
fn percent(language: Language, ratio: f64, asked: &[(f64, bool)], evidence: Option<Reference>) -> Figure {
    let exact = 100.0 * ratio;
    let bounds: Vec<f64> =
        [1.0, HELD].into_iter().chain(asked.iter().map(|(bound, _)| *bound)).map(|b| 100.0 * b).collect();
    // Near the whole, a percent is coarse.
    let least = usize::from((90.0..100.0).contains(&exact) && exact.fract() != 0.0);
    let decimals = (least..9).find(|decimals| {
        let shown = rounded(exact, *decimals);
        bounds.iter().all(|bound| shown.partial_cmp(bound) == exact.partial_cmp(bound))
    });
    let text = language.with_unit(&language.number_with(exact, decimals.unwrap_or(9)), Unit::Percent);
    Figure::new(&Value::number(exact, Unit::Percent), text, evidence)
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

    /// Its rate: that of the records sent where a rate was asked for and they are counted again on arrival.
    pub(in crate::report) fn rate(&self) -> Option<&Figure> {
        self.reached(Unit::RecordsPerSecond)
    }

    /// The rate at which its records arrived, where that is another figure than the rate at which they were sent.
    pub(in crate::report) fn arrivals(&self) -> Option<&Figure> {
        self.figure(SENT_RATE).and_then(|_| self.figure("throughput.records_per_s"))
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
        self.letter.as_ref().unwrap_or(&self.title)
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

    /// How long it was, where that is too short.
    pub(in crate::report) fn short_time(&self, language: Language) -> Option<String> {
        let seconds = language.number_with(self.seconds.filter(|_| self.is_short())?, 0);
        Some(language.fill(Word::ShortHere, &[("seconds", &seconds)]))
    }

    /// How a sentence calls it, with its length where that is too short to say much.
    pub(in crate::report) fn short_with_time(&self, language: Language) -> String {
        let time = self.short_time(language).map(|time| format!(", {time}"));
        [self.short(), &time.unwrap_or_default()].concat()
    }

    /// That its figures contradict each other, and how often; none where they do not.
    pub(in crate::report) fn contradictory(&self, language: Language) -> Option<String> {
        let count = language.count(self.contradictions.len());
        let told = || language.fill(Word::TotalContradictory, &[("count", &count)]);
        (!self.contradictions.is_empty()).then(told)
    }

    /// Whether it was faster than it was asked to be.
    pub(in crate::report) fn is_above(&self) -> bool {
        let share = self.achieved.as_ref().and_then(|f| f.exact.as_f64());
        share.is_some_and(|percent| percent > 100.0 * (2.0 - HELD))
    }

    /// Whether it counts and brought figures.
    pub(in crate::report) fn counts(&self) -> bool {
        !self.superseded && (self.rate().is_some() || self.p99().is_some())
    }

    /// What follows from its figures: how much of its rate it achieved, and how long it was.
    pub(super) fn complete(mut self, language: Language) -> Self {
        let target = self.target.as_ref().and_then(|f| f.exact.as_f64()).filter(|target| *target > 0.0);
        // What contradicts itself is judged by nothing.
        let target = target.filter(|_| self.contradictions.is_empty());
        let judged = self.figure(ACHIEVED_RATIO);
        let (judged, evidence) =
            (judged.and_then(|f| f.exact.as_f64()), judged.and_then(|f| f.evidence.clone()));
        if let Some(target) = target {
            // What criteria judge decides; work done by hand has no such output.
            let by_rate = || match self.is_arrival || self.attempt > 0 {
                true => None,
                false => self.rate().and_then(|f| Some((f.exact.as_f64()? / target, f.evidence.clone()))),
            };
            if let Some((ratio, evidence)) = judged.map(|ratio| (ratio, evidence)).or_else(by_rate) {
                let kept = self.asked_ratio.iter().all(|(asked, held)| *held || ratio >= *asked);
                self.held = Some(ratio >= HELD && kept);
                self.achieved = Some(percent(language, ratio, &self.asked_ratio, evidence.clone()));
                if self.is_arrival {
                    let sent = given(language, ratio * target, Unit::RecordsPerSecond, evidence);
                    self.put_sent(language, sent);
                }
            }
        }
        let achieved = self.rate().cloned();
        self.seconds = self.figure("duration_s").and_then(|f| f.exact.as_f64()).or_else(|| {
            let sent = self.figure("records_sent")?.exact.as_f64()?;
            Some(sent / achieved?.exact.as_f64().filter(|rate| *rate > 0.0)?)
        });
        self.record_bytes = self.record_size.as_deref().and_then(bytes);
        self.record_size = self.record_bytes.map(|n| language.size(n)).or(self.record_size);
        self
    }
}

impl Scenario {
    /// Puts the rate of the records sent before that of the arrivals.
    fn put_sent(&mut self, language: Language, figure: Figure) {
        let at = self.figures.iter().position(|f| f.name == "throughput.records_per_s");
        let label = language.word(Word::AchievedRate).to_owned();
        let sent = Labelled { name: SENT_RATE.to_owned(), family: Some(Family::Rate), label, figure };
        self.figures.insert(at.unwrap_or(self.figures.len()), sent);
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
        let shown = |a: f64, b: f64| percent(Language::Fr, a / b, &[], None).text;
        assert_eq!(shown(622.26, 1000.0), "62\u{202f}%");
        assert_eq!(shown(1000.0, 1000.0), "100\u{202f}%");
        assert_eq!(shown(999.4, 1000.0), "99,9\u{202f}%");
        assert_eq!(shown(989.8, 1000.0), "98,98\u{202f}%", "99 % would have been held");
        assert_eq!(shown(974.8, 1000.0), "97,5\u{202f}%");
        let beside = percent(Language::Fr, 0.9748, &[(0.975, false)], None).text;
        assert_eq!(beside, "97,48\u{202f}%", "97,5 % would have held");
    }

    #[test]
    fn a_figure_never_shows_on_the_other_side_of_the_one_beside_it() {
        let ms = |exact: f64| figure(exact, Unit::Milliseconds);
        for (a, b) in [(99.96, 100.0), (100.4, 100.0), (99.6, 100.2), (9.996, 10.0), (1234.4, 1234.2)] {
            let shown = |text: &str| text.replace('\u{202f}', "").replace(',', ".").replace("ms", "");
            let text = beside(Language::Fr, &ms(a), &ms(b)).text;
            let shown: f64 = shown(&text).parse().unwrap();
            assert_eq!(shown.partial_cmp(&b), a.partial_cmp(&b), "{a} beside {b}: {text}");
        }
    }
}
