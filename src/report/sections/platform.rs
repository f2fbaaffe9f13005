//! What the watches saw, which configuration was kept, and what was done to the platform.

use super::sentences::of_run;
use crate::report::{
    charts::Tone,
    document::{Block, Cell, Inline, Table, capital, column, head, numbers, row},
    language::Word,
    model::ReportModel,
};

/// What is missing, was corrected and is left of dashboards and monitoring.
pub(super) fn monitoring(model: &ReportModel) -> Block {
    let language = model.language;
    let told = |text: &str| if text.is_empty() { Cell::from("–") } else { Cell::prose(&capital(text)) };
    let rows = model
        .monitoring_rows
        .iter()
        .map(|m| row([told(&m.missing), told(&m.corrected), told(&m.left), Cell::references(&m.evidence)]));
    Block::Table(Table {
        caption: head(language, Word::DashboardsTitle),
        columns: vec![
            column(head(language, Word::FoundMissing), 8),
            column(head(language, Word::Corrected), 8),
            column(head(language, Word::LeftToDo), 8),
            column(head(language, Word::Source), 3),
        ],
        rows: rows.collect(),
        wide: false,
    })
}

pub(super) fn watches(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    if model.watches.is_empty() {
        return Vec::new();
    }
    let rows = model.watches.iter().map(|w| {
        row([
            Cell::from(of_run(w.run, format!("{}.{}", w.step, w.attempt))),
            Cell::from(format!("{} ({})", w.watch, w.kind)),
            Cell::from(&w.output),
            Cell::figure(w.min.as_ref()),
            Cell::figure(w.avg.as_ref()),
            Cell::figure(w.max.as_ref()),
            Cell::figure(w.samples.as_ref()),
            Cell::figure(w.missed.as_ref()),
            Cell::prose(&language.list(&w.remarks)),
            Cell::references(&w.evidence),
        ])
    });
    vec![Block::Table(Table {
        caption: head(language, Word::WatchesSection),
        columns: vec![
            numbers(head(language, Word::Step), 3),
            column(head(language, Word::Watch), 7),
            column(head(language, Word::Output), 6),
            numbers(head(language, Word::Minimum), 4),
            numbers(head(language, Word::Average), 4),
            numbers(head(language, Word::Maximum), 4),
            numbers(head(language, Word::Samples), 5),
            numbers(head(language, Word::Missed), 4),
            column(head(language, Word::Remarks), 9),
            column(head(language, Word::Evidence), 4),
        ],
        rows: rows.collect(),
        wide: true,
    })]
}

pub(super) fn snapshots(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    if model.snapshots.is_empty() {
        return Vec::new();
    }
    let rows = model.snapshots.iter().map(|s| {
        row([Cell::from(&s.at), Cell::references(&s.evidence), Cell::prose(&language.list(&s.remarks))])
    });
    vec![Block::Table(Table {
        caption: head(language, Word::SnapshotsSection),
        columns: vec![
            column(head(language, Word::When), 4),
            column(head(language, Word::Evidence), 4),
            column(head(language, Word::Remarks), 8),
        ],
        rows: rows.collect(),
        wide: false,
    })]
}

pub(super) fn faults(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    if model.faults.is_empty() {
        return Vec::new();
    }
    let rows = model.faults.iter().map(|f| {
        let undo = match f.stands {
            true => Cell { content: vec![Inline::Verdict(f.undo.clone(), Tone::Bad)], tone: Some(Tone::Bad) },
            false => Cell::from(&f.undo),
        };
        row([
            Cell::from(of_run(f.run, format!("{}.{}", f.step, f.attempt))),
            Cell::from(&f.action),
            Cell::prose(&f.description),
            Cell::from(&f.started),
            Cell::or_dash(f.ended.as_ref()),
            undo,
            Cell::references(&f.evidence),
        ])
    });
    vec![Block::Table(Table {
        caption: head(language, Word::FaultsSection),
        columns: vec![
            numbers(head(language, Word::Step), 2),
            column(head(language, Word::Action), 4),
            column(head(language, Word::Description), 9),
            column(head(language, Word::Started), 5),
            column(head(language, Word::Ended), 5),
            column(head(language, Word::Undo), 6),
            column(head(language, Word::Evidence), 3),
        ],
        rows: rows.collect(),
        wide: true,
    })]
}
