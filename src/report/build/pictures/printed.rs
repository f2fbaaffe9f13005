//! What Kafka's own tool printed while it ran, of work done by hand.

use super::axes::{FEWEST, axis, with_unit};
use crate::{
    record::{self, Window},
    report::{
        build::{input::Input, places},
        charts::{Chart, Line, Panel, Picture, Scale, Series},
        document::head,
        language::Word,
        model::Scenario,
    },
};

/// Points of a picture at most.
const POINTS: usize = 250;

/// Some windows as one point.
struct Point {
    /// Number of its first window.
    number: f64,
    rate: f64,
    /// The highest average and the highest maximum of its windows.
    avg_ms: Option<f64>,
    max_ms: Option<f64>,
}

/// Rate and latency by window. Lines may be missing between two, so that their number is all that is known of the time.
pub(in crate::report) fn picture(input: &Input<'_>, of: &Scenario) -> Option<Picture> {
    let language = input.language;
    let (at, import, scenario) = found(input, of)?;
    if scenario.windows.len() < FEWEST {
        return None;
    }
    let points = points(&scenario.windows);
    let line = |word: Word, value: fn(&Point) -> Option<f64>| Line {
        name: language.word(word).to_owned(),
        points: points.iter().map(|p| (p.number, value(p))).collect(),
    };
    let rate = with_unit(language, Word::AchievedRate, language.word(Word::RecordsPerSecond));
    let mut panels =
        vec![Panel { y: axis(rate, Scale::Linear), lines: vec![line(Word::AchievedRate, |p| Some(p.rate))] }];
    let latencies: Vec<Line> = [line(Word::Maximum, |p| p.max_ms), line(Word::Average, |p| p.avg_ms)]
        .into_iter()
        .filter(|l| l.points.iter().any(|p| p.1.is_some()))
        .collect();
    if !latencies.is_empty() {
        let y = axis(with_unit(language, Word::Latency, "ms"), Scale::Log);
        panels.push(Panel { y, lines: latencies });
    }
    let low = points.iter().map(|p| p.rate).fold(f64::INFINITY, f64::min);
    let high = points.iter().map(|p| p.rate).fold(0.0, f64::max);
    let places = [
        ("count", language.count(scenario.windows.len())),
        ("low", language.number_with(low, 0)),
        ("high", language.number_with(high, 0)),
    ];
    let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
    Some(Picture {
        description: language.fill(Word::PrintedTold, &places),
        chart: Chart::Series(Series {
            x: axis(head(language, Word::PrintedWindow), Scale::Linear),
            by_window: true,
            panels,
            shades: Vec::new(),
        }),
        caption: format!("{}{}{}", of.name, language.colon(), language.word(Word::PrintedPicture)),
        evidence: vec![places::reference(at, import)],
    })
}

/// The run of a tool that a scenario tells of.
fn found<'i>(
    input: &'i Input<'_>,
    of: &Scenario,
) -> Option<(usize, &'i crate::report::build::input::ImportInput, &'i record::Scenario)> {
    input.imports.iter().enumerate().find_map(|(at, import)| {
        let scenarios = &import.reading.as_ref().ok()?.scenarios;
        let named = scenarios.iter().zip(1..).find(|(_, n)| format!("I{}.{n}", at + 1) == of.name)?;
        Some((at, import, named.0))
    })
}

fn points(windows: &[Window]) -> Vec<Point> {
    let each = windows.len().div_ceil(POINTS);
    let highest =
        |of: &[Window], value: fn(&Window) -> Option<f64>| of.iter().filter_map(value).reduce(f64::max);
    let point = |(at, of): (usize, &[Window])| {
        #[expect(clippy::cast_precision_loss, reason = "they are few")]
        let (number, count) = ((at * each + 1) as f64, of.len() as f64);
        Point {
            number,
            rate: of.iter().map(|w| w.records_per_s).sum::<f64>() / count,
            avg_ms: highest(of, |w| w.avg_ms),
            max_ms: highest(of, |w| w.max_ms),
        }
    };
    windows.chunks(each).enumerate().map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_windows_are_few_points_that_keep_the_highest_latency() {
        let window = |n: u32| Window {
            records_per_s: f64::from(n),
            max_ms: Some(if n == 700 { 9.0 } else { 1.0 }),
            ..Window::default()
        };
        let few: Vec<Window> = (1..=20).map(window).collect();
        assert_eq!(points(&few).len(), 20);
        assert!((points(&few)[4].number - 5.0).abs() < 1e-9);
        let many: Vec<Window> = (1..=1000).map(window).collect();
        let thinned = points(&many);
        assert_eq!(thinned.len(), POINTS);
        assert!((thinned[0].rate - 2.5).abs() < 1e-9, "the average of four");
        assert_eq!(thinned.iter().filter(|p| p.max_ms == Some(9.0)).count(), 1);
    }
}
