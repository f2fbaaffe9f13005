//! A comparison for a person at a terminal.

use crate::{
    compare::{Comparison, Differing, Figure, Finding, Place, Range, RunSide, Scenario},
    record::{Arg, Family, Language, Said, Speaks, Unit, messages},
    report::{self, WIDTH, grid},
    support,
};
use anstyle::Style;
use jiff::tz::TimeZone;
use std::fmt::Write;

/// So many things that differ are shown; a snapshot has thousands of settings.
const MOST: usize = 40;

messages! {
    area "compare text";
    after() => "after" / "après";
    before() => "before" / "avant";
    change_head() => "change" / "écart";
    figure_head() => "figure" / "grandeur";
    figure_with_unit(name, unit) => "{name}, {unit}" / "{name}, {unit}";
    figure_without(name, why) => "{name}: {why}" / "{name} : {why}";
    from_to(low, high) => "{low} to {high}" / "{low} à {high}";
    intervals() => "The intervals are of 95 % and come from the noise within the two loads. \"Not detectable\" is a difference whose interval holds zero: no detectable difference. Runs of one platform may differ by more than the noise within them: repeat a run before you trust a small difference." / "Les intervalles sont à 95 % et viennent du bruit à l'intérieur des deux charges. « Non décelable » : l'intervalle de l'écart contient zéro. Deux exécutions d'une même plateforme peuvent différer de plus que ce bruit : répéter une exécution avant de se fier à un petit écart.";
    interval_head() => "95 % interval" / "intervalle à 95 %";
    latency(statistic) => "latency {statistic}" / "latence {statistic}";
    latency_from_send(statistic) => "send latency {statistic}" / "latence d'envoi {statistic}";
    latency_from_timestamp(statistic) => "end-to-end {statistic}" / "de bout en bout {statistic}";
    latency_of_commit(statistic) => "commit latency {statistic}" / "latence de commit {statistic}";
    latency_of_replication(statistic) => "replication latency {statistic}" / "latence de réplication {statistic}";
    latency_until_acknowledged(statistic) => "ack latency {statistic}" / "latence d'acquittement {statistic}";
    more(number) => "and {number} more; --json has them all" / "et {number} de plus ; --json les a tous";
    no_common_load() => "no load is in both of them" / "aucune charge n'est dans les deux";
    not_comparable() => "not comparable, because load or client differ:" / "non comparables, car la charge ou le client diffèrent :";
    not_compared() => "not compared" / "non comparé";
    not_detectable() => "not detectable" / "non décelable";
    not_known(what) => "not known: {what}" / "inconnu : {what}";
    not_measured() => "not measured" / "non mesuré";
    nothing_kept() => "nothing that was kept" / "rien de ce qui a été gardé";
    only_after(loads) => "only after: {loads}" / "seulement après : {loads}";
    only_before(loads) => "only before: {loads}" / "seulement avant : {loads}";
    rate() => "records/s" / "records/s";
    what_differed() => "What else differed" / "Ce qui différait aussi";
    windows(before, after, first, second) => "{before} and {after} windows of one second, drawn in stretches of {first} and {second}" / "{before} et {after} fenêtres d'une seconde, tirées par suites de {first} et {second}";
}

/// Writes a comparison in one language.
struct Writer {
    language: Language,
    out: String,
}

/// Styled, without a line over [`WIDTH`] columns.
pub(super) fn text(comparison: &Comparison, language: Language) -> String {
    let mut writer = Writer { language, out: String::new() };
    writer.run(&before(), &comparison.before);
    writer.run(&after(), &comparison.after);
    writer.heading(&writer.word(&what_differed()));
    let differs: Vec<&Differing> = comparison.differs.iter().collect();
    writer.list(&differs);
    if differs.is_empty() {
        writer.lines(&nothing_kept(), 2);
    }
    for unknown in &comparison.unknown {
        writer.lines(&not_known(unknown.clone()), 2);
    }
    for scenario in &comparison.scenarios {
        writer.scenario(scenario);
    }
    if comparison.scenarios.is_empty() {
        writer.apart(&no_common_load());
    }
    let names = |places: &[Place]| Arg::list(places.iter().map(place));
    if !comparison.only_before.is_empty() {
        writer.apart(&only_before(names(&comparison.only_before)));
    }
    if !comparison.only_after.is_empty() {
        writer.apart(&only_after(names(&comparison.only_after)));
    }
    if comparison.scenarios.iter().flat_map(|s| &s.figures).any(|f| f.change.is_some()) {
        writer.apart(&intervals());
    }
    writer.out
}

impl Writer {
    fn word(&self, said: &Said) -> String {
        said.in_language(self.language).into_owned()
    }

    /// A sentence in lines that fit; `indent` is of the lines after the first too.
    fn lines(&mut self, said: &Said, indent: usize) {
        let text = report::wrap(&said.in_language(self.language), WIDTH, indent);
        self.out.push_str(&text);
    }

    /// A sentence with an empty line before it.
    fn apart(&mut self, said: &Said) {
        self.out.push('\n');
        self.lines(said, 0);
    }

    fn heading(&mut self, title: &str) {
        let bold = Style::new().bold();
        let _ = writeln!(self.out, "\n{bold}{}{bold:#}", support::text::cut(title, WIDTH));
    }

    fn run(&mut self, label: &Said, side: &RunSide) {
        let parts = [side.environment.as_deref(), side.profile.as_deref()];
        let of: Vec<&str> = parts.into_iter().flatten().collect();
        let started = side.started.map(|at| self.language.minute(at, &TimeZone::system()));
        let label = label.in_language(self.language);
        let line = format!("{label:<7} {}  {}  {}", side.run, of.join(" · "), started.unwrap_or_default());
        let _ = writeln!(self.out, "{}", support::text::cut(line.trim_end(), WIDTH));
    }

    fn list(&mut self, differs: &[&Differing]) {
        for one in differs.iter().take(MOST) {
            self.lines(&one.said(), 2);
        }
        if differs.len() > MOST {
            self.lines(&more(differs.len() - MOST), 2);
        }
    }

    fn scenario(&mut self, scenario: &Scenario) {
        let (before, after) = (place(&scenario.before), place(&scenario.after));
        let names = if before == after { after } else { format!("{before} → {after}") };
        self.heading(&format!("{names} ({})", scenario.after.kind));
        let (forbidding, other): (Vec<&Differing>, Vec<&Differing>) =
            scenario.differs.iter().partition(|d| d.forbids());
        if !scenario.comparable {
            self.lines(&not_comparable(), 2);
            self.list(&forbidding);
        }
        self.list(&other);
        if scenario.stretch.iter().all(|n| *n > 0) {
            let ([a, b], [x, y]) = (scenario.windows, scenario.stretch);
            self.lines(&windows(a, b, x, y), 2);
        }
        for remark in &scenario.remarks {
            self.lines(remark, 2);
        }
        self.figures(scenario);
    }

    /// The table, and why some of it is missing, each reason once.
    fn figures(&mut self, scenario: &Scenario) {
        let rows: Vec<Vec<String>> =
            scenario.figures.iter().map(|f| self.row(f, scenario.comparable)).collect();
        let heads = [figure_head(), before(), after(), change_head(), interval_head()];
        let mut heads: Vec<String> = heads.iter().map(|head| self.word(head)).collect();
        heads[0].insert_str(0, "  ");
        let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
        let heads = if scenario.comparable { &heads[..] } else { &heads[..3] };
        self.out.push_str(&grid(heads, &rows, WIDTH));
        let mut told: Vec<&Said> = Vec::new();
        for figure in
            scenario.figures.iter().filter(|f| scenario.comparable || f.finding == Finding::NotMeasured)
        {
            if let Some(why) = figure.why.as_ref().filter(|why| !told.contains(why)) {
                told.push(why);
                self.lines(&figure_without(label(figure), why.clone()), 2);
            }
        }
    }

    fn row(&self, figure: &Figure, comparable: bool) -> Vec<String> {
        let decimals = decimals(figure);
        let value = |value: Option<f64>| match value {
            Some(value) => self.language.number_with(value, decimals),
            None => "–".to_owned(),
        };
        let name = match figure.unit {
            Unit::Count | Unit::None | Unit::RecordsPerSecond | Unit::MbPerSecond => label(figure),
            unit => figure_with_unit(label(figure), unit.symbol()),
        };
        let name = self.word(&name);
        let mut cells = vec![format!("  {name}"), value(figure.before), value(figure.after)];
        if comparable {
            let (range, unit) = match (figure.change_percent, figure.change) {
                (Some(percent), _) => (Some((percent, 1)), " %".to_owned()),
                (None, Some(change)) => (Some((change, decimals)), format!(" {}", figure.unit.symbol())),
                (None, None) => (None, String::new()),
            };
            cells.push(match (figure.finding, range) {
                (Finding::Higher | Finding::Lower, Some((range, decimals))) => {
                    self.signed(range.estimate, decimals) + unit.trim_end()
                }
                (Finding::NoDetectableDifference, _) => self.word(&not_detectable()),
                (Finding::NotMeasured, _) => self.word(&not_measured()),
                _ => self.word(&not_compared()),
            });
            cells.push(range.map_or_else(String::new, |(Range { low, high, .. }, decimals)| {
                let ends = from_to(self.signed(low, decimals), self.signed(high, decimals));
                self.word(&ends) + unit.trim_end()
            }));
        }
        cells
    }

    fn signed(&self, value: f64, decimals: usize) -> String {
        let text = self.language.number_with(value, decimals);
        if text.starts_with('-') { text } else { format!("+{text}") }
    }
}

/// `3.1 nominal`.
fn place(place: &Place) -> String {
    format!("{}.{} {}", place.step, place.attempt, place.action)
}

/// Decimals with which a difference that was found can be seen in the two values.
fn decimals(figure: &Figure) -> usize {
    let sizes = [figure.before, figure.after].into_iter().flatten().map(f64::abs);
    match sizes.fold(0.0, f64::max) {
        _ if figure.unit == Unit::Count => 0,
        size if size >= 1000.0 => 1,
        size if size >= 10.0 => 2,
        _ => 3,
    }
}

/// `latency p99`, `latence p99`.
fn label(figure: &Figure) -> Said {
    let statistic = match figure.name.rsplit_once('.') {
        Some((_, "p999")) => "p99.9",
        Some((_, statistic)) => statistic,
        None => "",
    };
    match figure.family {
        Some(Family::Rate) => rate(),
        Some(Family::Throughput) => Said::verbatim(Unit::MbPerSecond.symbol()),
        Some(Family::LatencyFromIntended) => latency(statistic),
        Some(Family::LatencyFromSend) => latency_from_send(statistic),
        Some(Family::LatencyFromTimestamp) => latency_from_timestamp(statistic),
        Some(Family::LatencyOfCommit) => latency_of_commit(statistic),
        Some(Family::LatencyOfReplication) => latency_of_replication(statistic),
        Some(Family::LatencyUntilAcknowledged) => latency_until_acknowledged(statistic),
        _ => Said::verbatim(figure.name.replace('_', " ")),
    }
}
