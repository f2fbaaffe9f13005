//! Charts of text: figures over time as columns, percentiles as bars. No line is over 80 columns.

use crate::report::{Language, WIDTH};
use std::fmt::Write;

/// Rows of a chart over time.
const ROWS: usize = 6;
/// Columns in front of a chart: its scale.
const SCALE: usize = 12;
/// Eighths of a cell, from below.
const COLUMNS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Eighths of a cell, from the left.
const BARS: [char; 9] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];

/// A number for a scale: as many digits as tell it apart.
pub(super) fn number(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 100.0 || v == 0.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 0.1 => 2,
        _ => 3,
    };
    Language::En.number_with(value, decimals)
}

/// Values over time, each with its second and how many seconds it is for, in columns from zero to the greatest. Several
/// windows that share a column are one by `join`.
pub(super) fn over_time(
    values: &[(f64, f64, Option<f64>)],
    join: impl Fn(&[(f64, f64)]) -> f64,
) -> Option<String> {
    let end = values.iter().map(|(start, length, _)| start + length).fold(0.0, f64::max);
    if values.len() < 3 || end <= 0.0 {
        return None;
    }
    let room = WIDTH - SCALE - 1;
    let single = room.min(values.len());
    // Few windows are several columns wide each.
    let each = (room / single).min(4);
    let columns: Vec<Option<f64>> = (0..single)
        .map(|column| at(values, column, single, end, &join))
        .flat_map(|value| std::iter::repeat_n(value, each))
        .collect();
    let wide = columns.len();
    let most = columns.iter().flatten().copied().fold(0.0, f64::max);
    if most <= 0.0 {
        return None;
    }
    let mut out = String::new();
    for row in (0..ROWS).rev() {
        let scale = match row {
            row if row == ROWS - 1 => number(most),
            0 => "0".to_owned(),
            _ => String::new(),
        };
        let cells: String = columns.iter().map(|value| cell(*value, most, row)).collect();
        let _ = writeln!(out, "{scale:>width$} │{}", cells.trim_end(), width = SCALE - 2);
    }
    let seconds = format!("{} s", number(end));
    let gap = wide.saturating_sub(seconds.chars().count() + 3).max(1);
    let _ = writeln!(out, "{:>width$} └{}", "", "─".repeat(wide), width = SCALE - 2);
    let _ = writeln!(out, "{:>width$}0 s{}{seconds}", "", " ".repeat(gap), width = SCALE);
    Some(out)
}

/// The value of one column.
fn at(
    values: &[(f64, f64, Option<f64>)],
    column: usize,
    wide: usize,
    end: f64,
    join: &impl Fn(&[(f64, f64)]) -> f64,
) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "some dozen columns")]
    let (from, to) = (column as f64 / wide as f64 * end, (column + 1) as f64 / wide as f64 * end);
    let inside: Vec<(f64, f64)> = values
        .iter()
        .filter(|(start, length, _)| {
            let middle = start + length / 2.0;
            from <= middle && middle < to
        })
        .filter_map(|(_, length, value)| Some((*length, (*value)?)))
        .collect();
    (!inside.is_empty()).then(|| join(&inside))
}

/// What of a column stands in one row.
fn cell(value: Option<f64>, most: f64, row: usize) -> char {
    let Some(value) = value else { return ' ' };
    #[expect(clippy::cast_precision_loss, reason = "a few rows")]
    let eighths = (value / most * ROWS as f64 - row as f64) * 8.0;
    // What is not nothing shows as something.
    let least = if row == 0 && value > 0.0 { 1 } else { 0 };
    COLUMNS[eighth(eighths).max(least)]
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 8")]
fn eighth(eighths: f64) -> usize {
    eighths.round().clamp(0.0, 8.0) as usize
}

/// One bar below the other, each with its label and its value.
pub(super) fn bars(values: &[(&str, f64)]) -> String {
    let most = values.iter().map(|(_, value)| *value).fold(0.0, f64::max);
    let wide = WIDTH - SCALE - 12;
    let mut out = String::new();
    for (label, value) in values {
        #[expect(clippy::cast_precision_loss, reason = "some dozen columns")]
        let long = if most > 0.0 { value / most * wide as f64 } else { 0.0 };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some dozen columns")]
        let whole = long.floor() as usize;
        let mut bar = "█".repeat(whole);
        let rest = BARS[eighth((long - long.floor()) * 8.0)];
        bar.push(if whole == 0 && rest == ' ' && *value > 0.0 { '▏' } else { rest });
        let _ = writeln!(out, "  {label:<6}{:>12}  {}", number(*value), bar.trim_end());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    fn mean(values: &[(f64, f64)]) -> f64 {
        values.iter().map(|v| v.1).sum::<f64>() / values.len() as f64
    }

    #[test]
    fn a_rate_that_grows_is_a_stair() {
        let values: Vec<_> = (0..6).map(|i| (f64::from(i), 1.0, Some(f64::from(i + 1) * 100.0))).collect();
        let chart = over_time(&values, mean).unwrap();
        assert_eq!(
            chart,
            [
                "       600 │                    ████",
                "           │                ████████",
                "           │            ████████████",
                "           │        ████████████████",
                "           │    ████████████████████",
                "         0 │████████████████████████",
                "           └────────────────────────",
                "            0 s               6.00 s\n",
            ]
            .join("\n")
        );
    }

    #[test]
    fn long_loads_fit_and_short_ones_have_none() {
        let values: Vec<_> = (0..5000)
            .map(|i| (f64::from(i), 1.0, (i % 7 != 0).then_some(123_456.0 + f64::from(i))))
            .collect();
        let chart = over_time(&values, mean).unwrap();
        assert!(chart.lines().all(|line| line.width() <= WIDTH), "{chart}");
        assert!(chart.contains("5,000 s"), "{chart}");
        assert_eq!(over_time(&values[..2], mean), None);
        assert_eq!(over_time(&[(0.0, 1.0, None); 9], mean), None);
    }

    #[test]
    fn the_longest_bar_is_the_greatest_value_and_none_vanishes() {
        let shown = bars(&[("P50", 0.001), ("P99", 50.0), ("max", 100.0)]);
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines.iter().all(|line| line.width() <= WIDTH), "{shown}");
        assert!(lines[0].ends_with('▏') && lines[0].contains("0.001"), "{shown}");
        assert_eq!(lines[1].matches('█').count() * 2, lines[2].matches('█').count());
        assert!(!bars(&[("P50", 0.0)]).contains('▏'));
    }
}
