//! Annexes: facts about the platform, and every artifact.

use crate::report::{
    ReportModel,
    document::{Block, Cell, Inline, Row, Table, Tone, column, head, numbers, paragraph, row},
    model::EvidenceRow,
    words::Word,
};

pub(super) fn facts(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    if model.facts.is_empty() && model.not_supplied.is_empty() {
        return vec![paragraph(language.word(Word::NoFacts))];
    }
    let supplied = model
        .facts
        .iter()
        .map(|f| row([Cell::from(&f.label), Cell::from(&f.value), Cell::or_dash(f.source.as_ref())]));
    let missing = model.not_supplied.iter().map(|f| {
        let value = Cell::from(vec![Inline::Emphasis(f.value.clone())]);
        row([Cell::from(&f.label), value, Cell::or_dash(f.source.as_ref())])
    });
    vec![Block::Table(Table {
        caption: head(language, Word::FactsSection),
        columns: vec![
            column(head(language, Word::Fact), 6),
            column(head(language, Word::Value), 6),
            column(head(language, Word::Source), 5),
        ],
        rows: supplied.chain(missing).collect(),
        wide: false,
    })]
}

/// What left the artifact; that it is not what was stored any more comes first.
fn description(of: &EvidenceRow) -> Cell {
    match &of.altered {
        None => Cell::prose(&of.description),
        Some(why) => Cell {
            content: vec![
                Inline::Verdict(why.clone(), Tone::Bad),
                Inline::Text(format!(" · {}", of.description)),
            ],
            tone: Some(Tone::Bad),
        },
    }
}

pub(super) fn evidence(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    if model.evidence.is_empty() {
        return Vec::new();
    }
    let rows = model.evidence.iter().map(|e| Row {
        anchor: Some(e.id.clone()),
        cells: vec![
            Cell::from(&e.id),
            Cell::code(&e.path),
            Cell::code(&e.sha256),
            Cell::from(&e.size),
            description(e),
            Cell::from(&e.window),
        ],
    });
    vec![Block::Table(Table {
        caption: head(language, Word::EvidenceSection),
        columns: vec![
            column(head(language, Word::Name), 2),
            column(head(language, Word::Artifact), 7),
            column("SHA-256", 9),
            numbers(head(language, Word::Size), 3),
            column(head(language, Word::Description), 7),
            column(head(language, Word::Window), 5),
        ],
        rows: rows.collect(),
        wide: true,
    })]
}

pub(super) fn records(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    if model.records.is_empty() {
        return Vec::new();
    }
    let rows = model.records.iter().map(|r| Row {
        anchor: Some(r.id.clone()),
        cells: vec![
            Cell::from(&r.id),
            Cell::from(&r.at),
            Cell::code(&r.event),
            Cell::from(&r.about),
            Cell::from(&r.by),
        ],
    });
    vec![Block::Table(Table {
        caption: head(language, Word::RecordsSection),
        columns: vec![
            column(head(language, Word::Name), 2),
            column(head(language, Word::When), 4),
            column(head(language, Word::Event), 5),
            column(head(language, Word::StepAndAction), 5),
            column(head(language, Word::By), 4),
        ],
        rows: rows.collect(),
        wide: false,
    })]
}
