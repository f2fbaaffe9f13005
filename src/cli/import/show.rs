//! What an import read, and what is on record, in 80 columns.

use crate::{
    record::{Line, Reading, Scenario},
    report::{WIDTH, grid, wrap},
    store::imports::Imported,
    support::text,
};

/// How many lines of a sort are shown; the JSON has them all.
const SHOWN: usize = 40;

/// Scenarios, notes, and lines not understood.
pub(super) fn reading(reading: &Reading) -> String {
    let mut shown = match reading.scenarios.is_empty() {
        true => "no output of a performance tool in it\n".to_owned(),
        false => scenarios(&reading.scenarios),
    };
    let notes = reading.notes_in_all();
    if notes > 0 {
        shown.push_str(&format!("\nnotes ({notes})\n"));
        shown.push_str(&lines(&reading.notes, notes));
    }
    let not_understood = reading.not_understood_in_all();
    match not_understood {
        0 => shown.push_str("\nevery line was understood\n"),
        n => shown.push_str(&format!("\nnot understood ({n})\n{}", lines(&reading.not_understood, n))),
    }
    shown
}

fn scenarios(scenarios: &[Scenario]) -> String {
    let number =
        |value: Option<f64>, places: usize| value.map_or("–".to_owned(), |v| format!("{v:.places$}"));
    let rows: Vec<Vec<String>> = scenarios
        .iter()
        .zip(1..)
        .map(|(s, n)| {
            vec![
                format!("{n}"),
                s.records.map_or("–".to_owned(), |n| n.to_string()),
                number(s.achieved_records_per_s, 1),
                number(s.avg_ms, 1),
                number(s.max_ms, 0),
                number(s.p50_ms, 0),
                number(s.p95_ms, 0),
                number(s.p99_ms, 0),
                number(s.p999_ms, 0),
            ]
        })
        .collect();
    let heads = ["", "records", "rec/s", "avg", "max", "P50", "P95", "P99", "P99.9"];
    let mut shown = grid(&heads, &rows, WIDTH);
    if scenarios.iter().any(|s| s.avg_ms.is_some()) {
        shown.push_str(&wrap(
            "Latencies in ms, as the tool measures them: from the send call, so that the wait before it is in none; \
             percentiles are whole milliseconds of a sample. – is what the source does not say.",
            WIDTH,
            0,
        ));
    }
    for (scenario, n) in scenarios.iter().zip(1..) {
        let lines = match (scenario.lines.first, scenario.lines.last) {
            (first, last) if first == last => format!("line {first}"),
            (first, last) => format!("lines {first} to {last}"),
        };
        shown.push('\n');
        shown.push_str(&wrap(&format!("{n}  {} ({lines})", scenario.name), WIDTH, 0));
        let kept = [
            (scenario.windows.len(), "window"),
            (scenario.metrics.len(), "metric"),
            (scenario.properties.len(), "property"),
        ];
        let kept: Vec<String> = kept
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, word)| match *word {
                "property" if *n > 1 => format!("{n} properties"),
                word => text::plural(*n, word),
            })
            .collect();
        if !kept.is_empty() {
            shown.push_str(&wrap(&kept.join(", "), WIDTH, 2));
        }
        for warning in &scenario.warnings {
            shown.push_str(&wrap(&format!("! {warning}"), WIDTH, 2));
        }
    }
    shown
}

fn lines(lines: &[Line], in_all: u64) -> String {
    let mut shown = String::new();
    for line in lines.iter().take(SHOWN) {
        let lead = format!("  {:>5}  ", line.line);
        shown.push_str(&format!("{lead}{}\n", text::cut(&line.text, WIDTH - lead.len())));
    }
    if in_all > SHOWN as u64 {
        shown.push_str(&format!("  and {} more; `--json` has them\n", in_all - SHOWN as u64));
    }
    shown
}

/// Everything that was imported.
pub(super) fn list(imports: &[Imported]) -> String {
    if imports.is_empty() {
        return "nothing was imported yet; `jalon import FILE --day YYYY-MM-DD` does it\n".to_owned();
    }
    let rows: Vec<Vec<String>> = imports
        .iter()
        .map(|i| {
            vec![
                i.import.id.clone(),
                i.import.step.map_or("–".to_owned(), |step| step.to_string()),
                i.import.file.clone(),
                i.import.scenarios.len().to_string(),
                i.import.notes.to_string(),
                match &i.withdrawn {
                    Some((_, withdrawal)) => format!("withdrawn: {}", withdrawal.reason),
                    None => String::new(),
                },
            ]
        })
        .collect();
    grid(&["import", "step", "file", "scenarios", "notes", ""], &rows, WIDTH)
}
