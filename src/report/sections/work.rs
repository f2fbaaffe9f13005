//! What was done in the time of the report: by the plan, by hand, and what came to no end.

use super::statements;
use crate::report::{
    ReportModel,
    document::{Block, Cell, Inline, Table, column, head, heading, numbers, row},
    model::WorkRow,
    words::Word,
};

pub(super) fn work(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    let mut blocks = Vec::new();
    if model.runs.len() > 1 {
        blocks.push(heading(2, head(language, Word::Runs), "runs"));
        blocks.push(runs(model));
    }
    let mut at = 0;
    while at < model.work.len() {
        let period = &model.work[at].period;
        let count = model.work[at..].iter().take_while(|w| w.period == *period).count();
        let title = crate::report::document::capital(period);
        blocks.push(heading(2, &title, format!("work-{at}")));
        blocks.push(table(model, title, &model.work[at..at + count]));
        at += count;
    }
    if model.work.is_empty() {
        blocks.push(super::nothing(language));
    }
    if !model.imports.is_empty() {
        blocks.push(heading(2, head(language, Word::ImportsTitle), "imports"));
        blocks.push(imports(model));
    }
    if !model.unfinished.is_empty() {
        blocks.push(heading(2, head(language, Word::Unfinished), "unfinished"));
        blocks.extend(statements(&model.unfinished));
    }
    blocks.push(heading(2, head(language, Word::DecisionsSection), "decisions"));
    let decisions = super::findings::decisions(model);
    match decisions.is_empty() {
        true => blocks.push(super::nothing(language)),
        false => blocks.extend(decisions),
    }
    blocks
}

fn runs(model: &ReportModel) -> Block {
    let language = model.language;
    let rows = model.runs.iter().map(|r| {
        let state = match r.superseded {
            true => format!("{} ({})", r.header.state, language.word(Word::Superseded)),
            false => r.header.state.clone(),
        };
        row([
            Cell::or_dash(r.number.map(|n| n.to_string())),
            Cell::code(&r.header.run),
            Cell::from(&r.header.environment),
            Cell::from(&r.header.profile),
            Cell::or_dash(r.header.started.as_ref()),
            Cell::from(format!("{} / {}", r.passed, r.steps)),
            Cell::from(state),
        ])
    });
    Block::Table(Table {
        caption: head(language, Word::Runs),
        columns: vec![
            numbers(head(language, Word::Number), 2),
            column(head(language, Word::Run), 7),
            column(head(language, Word::Environment), 4),
            column(head(language, Word::Profile), 4),
            column(head(language, Word::Started), 6),
            column(head(language, Word::StepsPassed), 4),
            column(head(language, Word::State), 6),
        ],
        rows: rows.collect(),
        wide: false,
    })
}

fn table(model: &ReportModel, caption: String, of: &[WorkRow]) -> Block {
    let language = model.language;
    let cells = |w: &WorkRow| {
        let place = super::of_run(w.run, format!("{}.{}", w.step, w.attempt));
        let mut what = vec![Inline::Strong(w.name.clone()), Inline::Text(format!(" · {}", w.what))];
        if !w.parameters.is_empty() {
            what.push(Inline::Text(" · ".to_owned()));
            what.push(Inline::Code(w.parameters.join(", ")));
        }
        row([
            Cell::from(place),
            Cell::from(&w.started),
            Cell::from(what),
            Cell::from(w.meanwhile.join("; ")),
            Cell::from(&w.result),
            Cell::references(&w.evidence),
        ])
    };
    Block::Table(Table {
        caption,
        columns: vec![
            column(head(language, Word::Step), 2),
            column(head(language, Word::Started), 4),
            column(head(language, Word::Description), 14),
            column(head(language, Word::Meanwhile), 7),
            column(head(language, Word::Result), 5),
            column(head(language, Word::Evidence), 3),
        ],
        rows: of.iter().map(cells).collect(),
        wide: true,
    })
}

fn imports(model: &ReportModel) -> Block {
    let language = model.language;
    let rows = model.imports.iter().map(|i| {
        let by = match &i.problem {
            None => Cell::from(&i.by),
            Some(why) => Cell::from(vec![Inline::Strong(why.clone())]),
        };
        row([
            Cell::from(&i.id),
            Cell::code(&i.file),
            Cell::from(&i.day),
            Cell::or_dash(i.step.map(|s| s.to_string())),
            Cell::from(i.scenarios.to_string()),
            Cell::from(&i.notes),
            Cell::from(&i.not_understood),
            by,
        ])
    });
    Block::Table(Table {
        caption: head(language, Word::ImportsTitle),
        columns: vec![
            column(head(language, Word::Name), 2),
            column(head(language, Word::File), 6),
            column(head(language, Word::Day), 4),
            numbers(head(language, Word::Step), 2),
            numbers(head(language, Word::Scenarios), 3),
            numbers(head(language, Word::NoteLines), 3),
            numbers(head(language, Word::NotUnderstoodLines), 4),
            column(head(language, Word::By), 7),
        ],
        rows: rows.collect(),
        wide: false,
    })
}
