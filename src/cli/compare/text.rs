//! A comparison for a person at a terminal.

use crate::{
    cli::output::LANGUAGE,
    compare::{Comparison, Differing, Figure, Finding, Place, Range, RunSide, Scenario},
    record::Unit,
    report::{self, WIDTH, grid},
    support,
};
use anstyle::Style;
use jiff::tz::TimeZone;
use std::fmt::Write;

/// So many things that differ are shown; a snapshot has thousands of settings.
const MOST: usize = 40;

/// Styled, without a line over [`WIDTH`] columns.
pub(super) fn text(comparison: &Comparison) -> String {
    let mut out = run("before", &comparison.before) + &run("after", &comparison.after);
    heading(&mut out, "What else differed");
    let differs: Vec<&Differing> = comparison.differs.iter().collect();
    out.push_str(&list(&differs));
    if differs.is_empty() {
        out.push_str("  nothing that was kept\n");
    }
    for unknown in &comparison.unknown {
        out.push_str(&report::wrap(&format!("not known: {unknown}"), WIDTH, 2));
    }
    for scenario in &comparison.scenarios {
        one(&mut out, scenario);
    }
    if comparison.scenarios.is_empty() {
        out.push_str("\nno load is in both of them\n");
    }
    for (whose, places) in [("before", &comparison.only_before), ("after", &comparison.only_after)] {
        let names: Vec<String> = places.iter().map(place).collect();
        if !names.is_empty() {
            out.push('\n');
            out.push_str(&report::wrap(&format!("only {whose}: {}", names.join(", ")), WIDTH, 0));
        }
    }
    if comparison.scenarios.iter().flat_map(|s| &s.figures).any(|f| f.change.is_some()) {
        out.push('\n');
        out.push_str(&report::wrap(
            "The intervals are of 95 % and come from the noise within the two loads. \"Not detectable\" is a difference \
             whose interval holds zero: no detectable difference. Runs of one platform may differ by more than the noise \
             within them: repeat a run before you trust a small difference.",
            WIDTH,
            0,
        ));
    }
    out
}

fn run(label: &str, side: &RunSide) -> String {
    let parts = [side.environment.as_deref(), side.profile.as_deref()];
    let of: Vec<&str> = parts.into_iter().flatten().collect();
    let started =
        side.started.map(|at| at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string());
    let line = format!("{label:<7} {}  {}  {}", side.run, of.join(" · "), started.unwrap_or_default());
    format!("{}\n", support::text::cut(line.trim_end(), WIDTH))
}

fn heading(out: &mut String, title: &str) {
    let bold = Style::new().bold();
    let _ = writeln!(out, "\n{bold}{}{bold:#}", support::text::cut(title, WIDTH));
}

fn list(differs: &[&Differing]) -> String {
    let mut out = String::new();
    for one in differs.iter().take(MOST) {
        out.push_str(&report::wrap(&one.to_string(), WIDTH, 2));
    }
    if differs.len() > MOST {
        let _ = writeln!(out, "  and {} more; --json has them all", differs.len() - MOST);
    }
    out
}

/// `3.1 nominal`.
fn place(place: &Place) -> String {
    format!("{}.{} {}", place.step, place.attempt, place.action)
}

fn one(out: &mut String, scenario: &Scenario) {
    let (before, after) = (place(&scenario.before), place(&scenario.after));
    let names = if before == after { after } else { format!("{before} → {after}") };
    heading(out, &format!("{names} ({})", scenario.after.kind));
    let (forbidding, other): (Vec<&Differing>, Vec<&Differing>) =
        scenario.differs.iter().partition(|d| d.forbids());
    if !scenario.comparable {
        out.push_str(&report::wrap("not comparable, because load or client differ:", WIDTH, 2));
        out.push_str(&list(&forbidding));
    }
    out.push_str(&list(&other));
    if scenario.stretch.iter().all(|n| *n > 0) {
        let ([a, b], [x, y]) = (scenario.windows, scenario.stretch);
        let line = format!("{a} and {b} windows of one second, drawn in stretches of {x} and {y}");
        out.push_str(&report::wrap(&line, WIDTH, 2));
    }
    for remark in &scenario.remarks {
        out.push_str(&report::wrap(remark, WIDTH, 2));
    }
    let rows: Vec<Vec<String>> = scenario.figures.iter().map(|f| row(f, scenario.comparable)).collect();
    let heads = ["  figure", "before", "after", "change", "95 % interval"];
    let heads = if scenario.comparable { &heads[..] } else { &heads[..3] };
    out.push_str(&grid(heads, &rows, WIDTH));
    let mut reasons: Vec<String> = Vec::new();
    for figure in scenario.figures.iter().filter(|f| scenario.comparable || f.finding == Finding::NotMeasured)
    {
        if let Some(why) = &figure.why
            && !reasons.iter().any(|r| r.ends_with(why.as_str()))
        {
            reasons.push(format!("{}: {why}", label(&figure.name)));
        }
    }
    reasons.iter().for_each(|why| out.push_str(&report::wrap(why, WIDTH, 2)));
}

fn row(figure: &Figure, comparable: bool) -> Vec<String> {
    let decimals = decimals(figure);
    let value = |value: Option<f64>| match value {
        Some(value) => LANGUAGE.number_with(value, decimals),
        None => "–".to_owned(),
    };
    let unit = match figure.unit {
        Unit::Count | Unit::None | Unit::RecordsPerSecond | Unit::MbPerSecond => String::new(),
        unit => format!(", {}", unit.symbol()),
    };
    let mut cells =
        vec![format!("  {}{unit}", label(&figure.name)), value(figure.before), value(figure.after)];
    if comparable {
        let (range, unit) = match (figure.change_percent, figure.change) {
            (Some(percent), _) => (Some((percent, 1)), " %".to_owned()),
            (None, Some(change)) => (Some((change, decimals)), format!(" {}", figure.unit.symbol())),
            (None, None) => (None, String::new()),
        };
        let signed = |value: f64, decimals: usize| {
            let text = LANGUAGE.number_with(value, decimals);
            if text.starts_with('-') { text } else { format!("+{text}") }
        };
        cells.push(match (figure.finding, range) {
            (Finding::Higher | Finding::Lower, Some((range, decimals))) => {
                signed(range.estimate, decimals) + unit.trim_end()
            }
            (Finding::NoDetectableDifference, _) => "not detectable".to_owned(),
            (Finding::NotMeasured, _) => "not measured".to_owned(),
            _ => "not compared".to_owned(),
        });
        cells.push(range.map_or_else(String::new, |(Range { low, high, .. }, decimals)| {
            format!("{} to {}{}", signed(low, decimals), signed(high, decimals), unit.trim_end())
        }));
    }
    cells
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

/// `latency p99` for `latency_ms.p99`.
fn label(output: &str) -> String {
    match output.split_once('.') {
        Some(("throughput", "records_per_s")) => "records/s".to_owned(),
        Some(("throughput", "mb_per_s")) => "MB/s".to_owned(),
        Some(("end_to_end_ms", figure)) => format!("end-to-end {figure}"),
        Some((output, figure)) => {
            format!("{} {figure}", output.strip_suffix("_ms").unwrap_or(output).replace('_', " "))
        }
        None => output.replace('_', " "),
    }
}
