//! Performance by scenario: all of them in one table, then each with its settings, figures, latencies and remarks.

use super::material::Material;
use crate::report::{
    document::{
        Block, Cell, Column, Inline, Inlines, Row, Table, capital, column, head, heading, numbers, paragraph,
        prose, row,
    },
    language::Word,
    model::{Figure, ReportModel, Scenario},
};

pub(super) fn scenarios(material: &Material<'_>) -> Vec<Block> {
    let model = material.model;
    let language = model.language;
    if model.scenarios.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![overview(model), paragraph(language.word(Word::OverviewExplained))];
    if model.scenarios.iter().any(|s| s.superseded) {
        blocks.push(paragraph(language.word(Word::SheetsLeft)));
    }
    blocks.extend(material.pictures.overview.iter().cloned().map(Block::Picture));
    blocks.push(heading(2, head(language, Word::SheetsTitle), "sheets"));
    for (index, scenario) in model.scenarios.iter().enumerate().filter(|(_, s)| !s.superseded) {
        blocks.push(heading(3, title(scenario), format!("scenario-{}", index + 1)));
        blocks.extend(details(model, scenario));
        let drawn = material.pictures.scenarios.get(index).cloned().flatten();
        blocks.extend(drawn.map(Block::Picture));
    }
    blocks
}

/// `3.2 nominal (produce)`.
fn title(of: &Scenario) -> String {
    format!("{} ({})", of.name, of.kind)
}

/// The six statistics as heads.
fn statistics(model: &ReportModel) -> Vec<Column> {
    let language = model.language;
    let words = [Word::Average, Word::Maximum].map(|word| head(language, word));
    let names = words.into_iter().chain(["P50", "P95", "P99", "P99.9"].map(str::to_owned));
    names.map(|name| numbers(name, 5)).collect()
}

/// A figure of which only that it is missing is said; why stands elsewhere.
fn short(model: &ReportModel, figure: Option<&Figure>) -> Cell {
    match figure {
        Some(figure) if figure.exact.is_null() => Cell::figure(Some(&Figure {
            text: model.language.word(Word::NotMeasured).to_owned(),
            ..figure.clone()
        })),
        figure => Cell::figure(figure),
    }
}

fn overview(model: &ReportModel) -> Block {
    let language = model.language;
    let mut columns = vec![
        column(head(language, Word::Scenario), 8),
        column(head(language, Word::Topic), 6),
        column(head(language, Word::Size), 4),
        numbers(head(language, Word::TargetRate), 4),
        numbers(head(language, Word::AchievedRate), 7),
        numbers(head(language, Word::Throughput), 6),
    ];
    columns.extend(statistics(model));
    // A column of nothing is none.
    let failures = model.scenarios.iter().any(|s| s.failure.is_some());
    if failures {
        columns.push(column(head(language, Word::Remarks), 6));
    }
    let cells = |s: &Scenario| {
        let named = |name: &str| s.figures.iter().find(|f| f.name == name).map(|f| &f.figure);
        let mut cells = vec![
            Cell::from(title(s)),
            Cell::or_dash(s.topic.as_ref()),
            Cell::or_dash(s.record_size.as_ref()),
            Cell::or_dash(s.target_rate.as_ref()),
            short(model, named("throughput.records_per_s")),
            short(model, named("throughput.mb_per_s")),
        ];
        let latencies = s.latencies.first();
        cells.extend((0..6).map(|at| short(model, latencies.and_then(|l| l.figures.get(at)))));
        if failures {
            cells.push(Cell::prose(s.failure.as_deref().unwrap_or_default()));
        }
        row(cells)
    };
    Block::Table(Table {
        caption: head(language, Word::ScenariosSection),
        columns,
        rows: model.scenarios.iter().map(cells).collect(),
        wide: true,
    })
}

fn details(model: &ReportModel, of: &Scenario) -> Vec<Block> {
    let language = model.language;
    let mut blocks = vec![Block::Paragraph(prose(&capital(&of.description)))];
    blocks.extend(asked(model, of));
    blocks.extend(figures(model, of));
    if !of.latencies.is_empty() {
        blocks.push(latencies(model, of));
        let remarks: Vec<Inlines> = of
            .latencies
            .iter()
            .flat_map(|l| l.remarks.iter().map(move |remark| (l, remark)))
            .map(|(l, remark)| prose(&format!("{}{}{remark}", capital(&l.label), language.colon())))
            .collect();
        if !remarks.is_empty() {
            blocks.push(Block::List(remarks));
        }
    }
    if let Some(failure) = &of.failure {
        blocks.push(Block::Paragraph(vec![Inline::Strong(failure.clone())]));
    }
    if !of.remarks.is_empty() {
        blocks.push(paragraph(format!("{}{}", head(language, Word::Remarks), language.colon().trim_end())));
        blocks.push(Block::List(of.remarks.iter().map(|r| prose(&capital(r))).collect()));
    }
    blocks
}

/// How the load was asked for, in a line.
fn asked(model: &ReportModel, of: &Scenario) -> Option<Block> {
    let language = model.language;
    let named = |word: Word, text: Option<&String>| {
        Some(format!("{}{}`{}`", head(language, word), language.colon(), text?))
    };
    let settings = (!of.settings.is_empty()).then(|| of.settings.join(", "));
    let parts = [
        named(Word::Topic, of.topic.as_ref()),
        named(Word::Client, of.client.as_ref()),
        named(Word::RecordSize, of.record_size.as_ref()),
        named(Word::TargetRate, of.target_rate.as_ref()),
        named(Word::Settings, settings.as_ref()),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| Block::Paragraph(prose(&parts.join(" · "))))
}

/// What it came to: two figures a row.
fn figures(model: &ReportModel, of: &Scenario) -> Option<Block> {
    let language = model.language;
    let rows: Vec<Row> = of
        .figures
        .chunks(2)
        .map(|pair| {
            let mut cells = Vec::new();
            for figure in pair {
                cells.push(Cell::from(capital(&figure.label)));
                cells.push(Cell::figure(Some(&figure.figure)));
                cells.push(Cell::references(&figure.figure.evidence));
            }
            cells.resize_with(6, || Cell::from(""));
            row(cells)
        })
        .collect();
    let columns = || {
        [
            column(head(language, Word::Figure), 5),
            numbers(head(language, Word::Value), 5),
            column(head(language, Word::Evidence), 2),
        ]
    };
    (!rows.is_empty()).then(|| {
        Block::Table(Table {
            caption: format!("{}{}{}", title(of), language.colon(), language.word(Word::Figures)),
            columns: columns().into_iter().chain(columns()).collect(),
            rows,
            wide: false,
        })
    })
}

fn latencies(model: &ReportModel, of: &Scenario) -> Block {
    let language = model.language;
    let mut columns = vec![column(head(language, Word::PointOfView), 7)];
    columns.extend(statistics(model));
    columns.push(column(head(language, Word::Evidence), 4));
    let rows = of.latencies.iter().map(|l| {
        let mut cells = vec![Cell::from(capital(&l.label))];
        cells.extend(l.figures.iter().map(|figure| short(model, Some(figure))));
        cells.push(Cell::references(&l.evidence));
        row(cells)
    });
    Block::Table(Table {
        caption: format!("{}{}{}", title(of), language.colon(), language.word(Word::Latencies)),
        columns,
        rows: rows.collect(),
        wide: false,
    })
}
