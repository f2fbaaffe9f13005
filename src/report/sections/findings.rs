//! What people decided.

use super::sentences::of_run;
use crate::report::{
    document::{Block, Cell, Table, column, head, numbers, row},
    language::Word,
    model::ReportModel,
};

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
