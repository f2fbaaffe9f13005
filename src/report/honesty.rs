//! What is checked before a report is handed in: every figure leads to evidence and shows the value that is there, no
//! shown figure contradicts its verdict, and no step is missing.

use super::{
    document::{Block, Cell, Document, Inline},
    language::Language,
    model::{CriterionRow, Figure, ReportModel, Statement},
};
use crate::record::Unit;
use regex::Regex;
use serde::Serialize;
use std::collections::BTreeSet;

/// Where one shown figure comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Traced {
    /// The section that shows it.
    pub section: String,
    /// The figure as the report shows it.
    pub text: String,
    /// The exact value behind it.
    pub exact: f64,
    /// Name of its evidence in the report; none where it is worked out from the figures beside it.
    pub evidence: Option<String>,
    /// The folder below `artifacts`.
    pub folder: Option<String>,
    /// Path of the artifact below `folder`; `None` where the evidence is a record, or there is none.
    pub artifact: Option<String>,
    /// SHA-256 of the artifact as stored, in hexadecimal; `None` where no stored artifact is the evidence.
    pub sha256: Option<String>,
    /// The record of the journal, where there is no artifact.
    pub record: Option<u64>,
}

/// Every figure of a report, and what is wrong with it, in sentences.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Honesty {
    /// Each figure at each place that shows it.
    pub figures: Vec<Traced>,
    /// What must not be in a report.
    pub problems: Vec<String>,
}

/// Checks a report; `document` is that of `model`.
pub fn check(model: &ReportModel, document: &Document) -> Honesty {
    let mut found = Honesty::default();
    let known: BTreeSet<&str> = model
        .evidence
        .iter()
        .map(|e| e.id.as_str())
        .chain(model.records.iter().map(|r| r.id.as_str()))
        .chain(model.objectives.iter().map(|o| o.id.as_str()))
        .chain(model.lines.iter().map(|line| line.id.as_str()))
        .collect();
    for section in &document.sections {
        for figure in figures(&section.blocks) {
            of_figure(model.language, section.name, figure, &known, &mut found);
        }
    }
    for step in &model.criteria {
        for row in &step.rows {
            found
                .problems
                .extend(contradiction(model.language, row).map(|why| format!("step {}: {why}", step.step)));
        }
    }
    let sentences = sentences(model);
    for (name, statement) in &sentences {
        for figure in statement.figures.iter().filter(|f| f.exact.is_number()) {
            of_figure(model.language, name, figure, &known, &mut found);
        }
    }
    let shown: BTreeSet<&str> = found.figures.iter().map(|f| f.text.as_str()).collect();
    let unproved: Vec<String> = sentences.iter().flat_map(|(_, s)| unproved(s, &shown)).collect();
    found.problems.extend(unproved);
    if let Some(run) = model.runs.last().filter(|run| run.steps != model.plan.len()) {
        found.problems.push(format!("{} of {} steps are shown", model.plan.len(), run.steps));
    }
    found
}

/// Every sentence of the report's own, with the section that it is of.
fn sentences(model: &ReportModel) -> Vec<(&'static str, &Statement)> {
    let periods =
        model.periods.iter().flat_map(|p| [&p.observed, &p.to_validate, &p.actions, &p.decisions]).flatten();
    let lists: [(&'static str, Vec<&Statement>); 8] = [
        ("summary", model.summary.iter().map(|line| &line.statement).collect()),
        ("work", periods.collect()),
        ("monitoring", model.monitoring.iter().collect()),
        ("analysis", model.analysis.comparisons.iter().flat_map(|c| &c.conclusions).collect()),
        ("risks", model.risks.iter().map(|risk| &risk.statement).collect()),
        ("observed", model.observed.iter().collect()),
        ("to_validate", model.to_validate.iter().collect()),
        ("actions", model.actions.iter().collect()),
    ];
    lists.into_iter().flat_map(|(name, list)| list.into_iter().map(move |s| (name, s))).collect()
}

/// Every figure of the blocks.
fn figures(blocks: &[Block]) -> Vec<&Figure> {
    fn of<'b>(content: &'b [Inline], out: &mut Vec<&'b Figure>) {
        out.extend(content.iter().filter_map(|inline| match inline {
            Inline::Figure(figure) => Some(figure),
            _ => None,
        }));
    }
    let mut out = Vec::new();
    for block in blocks {
        match block {
            Block::Callout(_, content) | Block::Paragraph(content) => of(content, &mut out),
            Block::List(items) | Block::Notes(items) => items.iter().for_each(|item| of(item, &mut out)),
            Block::Table(table) => {
                let cells = table.rows.iter().flat_map(|row| &row.cells);
                cells.for_each(|cell: &Cell| of(&cell.content, &mut out));
            }
            _ => {}
        }
    }
    out
}

fn of_figure(
    language: Language,
    section: &str,
    figure: &Figure,
    known: &BTreeSet<&str>,
    found: &mut Honesty,
) {
    let Some(exact) = figure.exact.as_f64() else { return };
    // A factor is worked out from the two figures beside it, which have their own evidence.
    let derived = figure.unit == Some(Unit::Ratio) && figure.text.starts_with('×');
    let evidence = figure.evidence.as_ref();
    match evidence {
        None if !derived => found.problems.push(format!("{section}: {} has no evidence", figure.text)),
        Some(place) if !known.contains(place.id.as_str()) => {
            found
                .problems
                .push(format!("{section}: {} leads to {}, which is not there", figure.text, place.id));
        }
        _ => {}
    }
    if !shows(language, &figure.text, exact) {
        found.problems.push(format!("{section}: {} is shown for {exact}", figure.text));
    }
    found.figures.push(Traced {
        section: section.to_owned(),
        text: figure.text.clone(),
        exact,
        evidence: evidence.map(|e| e.id.clone()),
        folder: evidence.map(|e| e.folder.clone()),
        artifact: evidence.and_then(|e| e.artifact.clone()),
        sha256: evidence.and_then(|e| e.sha256.clone()),
        record: evidence.and_then(|e| e.record),
    });
}

/// The number that a text begins with, and how many decimals it has.
fn number(language: Language, text: &str) -> Option<(f64, usize)> {
    let (thousands, point) = match language {
        Language::En => (',', '.'),
        Language::Fr => ('\u{202f}', ','),
    };
    let text = text.trim_start_matches('×');
    let end = text
        .char_indices()
        .find(|(at, c)| {
            let after = text[at + c.len_utf8()..].chars().next();
            let within = c.is_ascii_digit() || (*c == '-' && *at == 0) || *c == point;
            // The blank before a unit is the one that sets thousands apart.
            !(within || (*c == thousands && after.is_some_and(|c| c.is_ascii_digit())))
        })
        .map_or(text.len(), |(at, _)| at);
    let plain: String =
        text[..end].chars().filter(|c| *c != thousands).map(|c| if c == point { '.' } else { c }).collect();
    let decimals = plain.split_once('.').map_or(0, |(_, part)| part.len());
    Some((plain.parse().ok()?, decimals))
}

/// Whether the text is that value at the precision that it shows.
fn shows(language: Language, text: &str, exact: f64) -> bool {
    let Some((shown, decimals)) = number(language, text) else { return false };
    let half = 0.5 * 10f64.powi(-i32::try_from(decimals).unwrap_or(0));
    (shown - exact).abs() <= half * (1.0 + 1e-9) + exact.abs() * 1e-12
}

/// Why the two shown sides of a criterion say something else than its verdict; none where they do not.
fn contradiction(language: Language, row: &CriterionRow) -> Option<String> {
    let (observed, limit) = (row.observed.as_ref()?, row.limit.as_ref()?);
    let (a, b) = (number(language, &observed.text)?.0, number(language, &limit.text)?.0);
    observed.exact.as_f64().and(limit.exact.as_f64())?;
    // Only one comparison can be read from the row; of `a < b && c < d` the sides are those of one of them.
    let operators = ["<=", ">=", "==", "!=", "<", ">"];
    let mut rest = row.text.clone();
    let mut there = Vec::new();
    for operator in operators {
        if let Some(at) = rest.find(operator) {
            there.push(operator);
            rest.replace_range(at..at + operator.len(), "");
        }
    }
    let [operator] = there[..] else { return None };
    if row.text.contains("&&") || row.text.contains("||") || row.text.contains('!') && operator != "!=" {
        return None;
    }
    let holds = match operator {
        "<=" => a <= b,
        ">=" => a >= b,
        "==" => (a - b).abs() < f64::EPSILON,
        "!=" => (a - b).abs() >= f64::EPSILON,
        "<" => a < b,
        _ => a > b,
    };
    let verdict = row.verdict_code?;
    let said = match verdict {
        "pass" => true,
        "fail" | "warn" => false,
        _ => return None,
    };
    (holds != said)
        .then(|| format!("`{}` is shown as {} and {}, and is {verdict}", row.text, observed.text, limit.text))
}

/// Measured values in a sentence of the report's own that no figure shows.
fn unproved(statement: &Statement, shown: &BTreeSet<&str>) -> Vec<String> {
    // What a person wrote is theirs, and has their name.
    if statement.author.is_some() {
        return Vec::new();
    }
    let Ok(pattern) = Regex::new("-?\\d[\\d\u{202f},.]*[\u{202f} ](?:ms|MB/s|records/s|enr\\./s)") else {
        return Vec::new();
    };
    let values = pattern.find_iter(&statement.text).map(|m| m.as_str());
    values
        .filter(|value| statement.evidence.is_empty() || !shown.contains(value))
        .map(|value| format!("`{}`: {value} is in no figure of the report", statement.text))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Severity, Value};

    #[test]
    fn a_text_is_its_value_at_the_precision_that_it_shows() {
        for (language, text, exact, is) in [
            (Language::Fr, "1\u{202f}050,68\u{202f}ms", 1050.68, true),
            (Language::Fr, "1\u{202f}050,68\u{202f}ms", 1050.6849, true),
            (Language::Fr, "1\u{202f}050,68\u{202f}ms", 1050.69, false),
            (Language::En, "1,050.68 ms", 1050.68, true),
            (Language::En, "100 ms", 99.6, true),
            (Language::En, "100 ms", 99.4, false),
            (Language::En, "-0.5", -0.5, true),
            (Language::En, "not measured", 0.0, false),
        ] {
            assert_eq!(shows(language, text, exact), is, "{text} for {exact}");
        }
    }

    #[test]
    fn a_figure_that_says_something_else_than_the_verdict_is_found() {
        let figure = |text: &str, exact: f64| {
            Some(Figure::new(&Value::number(exact, Unit::None), text.to_owned(), None))
        };
        let row = |observed: &str, text: &str, verdict: &'static str| CriterionRow {
            text: text.to_owned(),
            severity: String::new(),
            severity_code: Severity::Critical,
            must: false,
            observed: figure(observed, 99.999),
            limit: figure("100 ms", 100.0),
            verdict: String::new(),
            verdict_code: Some(verdict),
            reason: String::new(),
            evidence: None,
        };
        assert_eq!(contradiction(Language::En, &row("99.999 ms", "a < b", "pass")), None);
        assert!(contradiction(Language::En, &row("100 ms", "a < b", "pass")).is_some(), "rounded too much");
        assert!(contradiction(Language::En, &row("99.999 ms", "a < b", "fail")).is_some());
        assert_eq!(contradiction(Language::En, &row("100 ms", "a <= b", "pass")), None);
        assert_eq!(contradiction(Language::En, &row("100 ms", "a < b && c < d", "pass")), None);
        assert_eq!(contradiction(Language::En, &row("100 ms", "a < b", "inconclusive")), None);
    }
}
