//! Security, risks, what comes next, and what people decided.

use super::sentences::{begun, of_run, places, statement};
use crate::report::{
    document::{Block, Cell, Inline, Table, capital, column, head, numbers, paragraph, prose, row},
    language::Word,
    model::{ReportModel, RiskRow},
};

/// How many rows the body has of risks and of next steps; the annexes have every criterion and note.
const MOST: usize = 14;

pub(super) fn security(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    if model.security_rows.is_empty() {
        return vec![paragraph(language.word(Word::NoSecurity))];
    }
    let rows = model.security_rows.iter().map(|s| {
        let mut found = prose(&begun(&s.found, &s.evidence));
        found.extend(places(&s.evidence));
        row([
            Cell::from(capital(&s.domain)),
            Cell::prose(&capital(&s.fact)),
            Cell::from(found),
            Cell::from(capital(&s.left)),
        ])
    });
    vec![Block::Table(Table {
        caption: head(language, Word::SecuritySection),
        columns: vec![
            column(head(language, Word::Domain), 3),
            column(head(language, Word::FactAndSource), 5),
            column(head(language, Word::FoundWithEvidence), 10),
            column(head(language, Word::LeftToDo), 4),
        ],
        rows: rows.collect(),
        wide: false,
    })]
}

pub(super) fn risks(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    if model.risks.is_empty() {
        return vec![paragraph(language.word(Word::NoRiskSeen))];
    }
    let told = |of: &RiskRow| {
        let mut item = vec![Inline::Strong(of.title.clone()), Inline::Text(language.colon().to_owned())];
        item.extend(statement(&of.statement));
        item
    };
    let mut items: Vec<_> = model.risks.iter().take(MOST).map(told).collect();
    items.extend(further(model, model.risks.len()).map(|text| vec![Inline::Text(text)]));
    vec![Block::List(items)]
}

fn further(model: &ReportModel, all: usize) -> Option<String> {
    let count = model.language.count(all.saturating_sub(MOST));
    (all > MOST).then(|| capital(&model.language.fill(Word::FurtherInAnnexes, &[("count", &count)])))
}

pub(super) fn next(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    if model.next_steps.is_empty() {
        return vec![paragraph(language.word(Word::NothingOpen))];
    }
    let rows = model.next_steps.iter().take(MOST).enumerate().map(|(at, step)| {
        let mut reason = prose(&capital(&step.reason));
        reason.extend(places(&step.evidence));
        row([
            Cell::from((at + 1).to_string()),
            Cell::prose(&begun(&step.action, &step.evidence)),
            Cell::from(reason),
        ])
    });
    let mut blocks = vec![Block::Table(Table {
        caption: head(language, Word::NextSection),
        columns: vec![
            numbers(head(language, Word::Number), 1),
            column(head(language, Word::Action), 10),
            column(head(language, Word::Reason), 10),
        ],
        rows: rows.collect(),
        wide: false,
    })];
    blocks.extend(further(model, model.next_steps.len()).map(paragraph));
    blocks
}

pub(super) fn decisions(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    if model.decisions.is_empty() {
        return Vec::new();
    }
    let rows = model.decisions.iter().map(|d| {
        row([
            Cell::from(&d.at),
            Cell::or_dash(d.step.map(|step| of_run(d.run, step.to_string()))),
            Cell::from(&d.what),
            Cell::from(&d.by),
            Cell::prose(&d.reason),
            Cell::or_dash(d.until.as_ref()),
            Cell::references([&d.evidence]),
        ])
    });
    vec![Block::Table(Table {
        caption: head(language, Word::DecisionsSection),
        columns: vec![
            column(head(language, Word::When), 4),
            numbers(head(language, Word::Step), 2),
            column(head(language, Word::Decision), 5),
            column(head(language, Word::By), 4),
            column(head(language, Word::Reason), 8),
            column(head(language, Word::Until), 4),
            column(head(language, Word::Evidence), 3),
        ],
        rows: rows.collect(),
        wide: false,
    })]
}
