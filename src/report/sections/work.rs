//! What was done in the time of the report: by the plan, by hand, and what came to no end.

use super::sentences::{nothing, of_run, see_risks, statements};
use crate::{
    report::{
        document::{Block, Cell, Inline, Row, Table, capital, column, head, heading, numbers, prose, row},
        language::Word,
        model::ReportModel,
    },
    support::text::cut,
};

/// Columns of an action's parameters that are shown: the list of what an audit expects is in the journal, which the row
/// leads to.
const PARAMETERS: usize = 600;

/// The parts of the day, each with what was observed, is to be validated, and follows.
pub(super) fn periods(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    let mut blocks = Vec::new();
    for (at, period) in model.periods.iter().enumerate() {
        blocks.push(heading(2, capital(&period.title), format!("work-{at}")));
        let parts = [
            (Word::Observed, "observed", &period.observed),
            (Word::ToValidate, "to-validate", &period.to_validate),
            (Word::Actions, "actions", &period.actions),
        ];
        for (word, name, list) in parts {
            let title = vec![Inline::Strong(head(language, word))];
            match list.as_slice() {
                [] => {
                    let told = match word {
                        Word::Observed => language.word(Word::None).to_owned(),
                        _ => see_risks(model),
                    };
                    let mut line = title;
                    line.push(Inline::Text(format!("{}{told}", language.colon())));
                    blocks.push(Block::Paragraph(line));
                }
                list => {
                    blocks.push(heading(3, head(language, word), format!("work-{at}-{name}")));
                    blocks.extend(statements(list));
                }
            }
        }
        if !period.decisions.is_empty() {
            blocks.push(heading(3, head(language, Word::Decisions), format!("work-{at}-decisions")));
            blocks.extend(statements(&period.decisions));
        }
    }
    if !model.unfinished.is_empty() && model.unfinished.iter().any(|s| !s.evidence.is_empty()) {
        blocks.push(heading(2, head(language, Word::Unfinished), "work-unfinished"));
        let open: Vec<_> =
            model.unfinished.iter().filter(|s| !s.evidence.is_empty()).take(8).cloned().collect();
        blocks.extend(statements(&open));
    }
    if blocks.is_empty() {
        blocks.push(nothing(language));
    }
    blocks
}

pub(super) fn runs(model: &ReportModel) -> Block {
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

/// Every action with its exact parameters, its time and what looked on.
pub(super) fn actions(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    if model.work.is_empty() && model.imports.is_empty() {
        return Vec::new();
    }
    let rows = model.work.iter().map(|w| {
        let mut what = vec![Inline::Strong(w.name.clone()), Inline::Text(format!(" ({}) · ", w.kind))];
        what.extend(prose(&w.what));
        let ended = w.ended.as_ref().map(|at| at.rsplit(' ').next().unwrap_or(at)).unwrap_or_default();
        row([
            Cell::from(of_run(w.run, format!("{}.{}", w.step, w.attempt))),
            Cell::from(format!("{} → {ended}", w.started)),
            Cell::from(what),
            match w.parameters.is_empty() {
                true => Cell::from("–"),
                false => Cell::code(cut(&w.parameters.join(", "), PARAMETERS)),
            },
            Cell::references(&w.evidence),
        ])
    });
    vec![Block::Table(Table {
        caption: head(language, Word::ActionsSection),
        columns: vec![
            column(head(language, Word::Step), 2),
            column(head(language, Word::Window), 5),
            column(head(language, Word::Description), 11),
            column(head(language, Word::Parameter), 15),
            column(head(language, Word::Evidence), 3),
        ],
        rows: rows.collect(),
        wide: true,
    })]
}

/// Work done by hand, and every line that people wrote beside it.
pub(super) fn imports(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    if model.imports.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![files(model)];
    if !model.lines.is_empty() {
        let rows = model.lines.iter().map(|line| Row {
            anchor: Some(line.id.clone()),
            cells: vec![
                Cell::from(&line.id),
                Cell::from(&line.text),
                Cell::from(&line.kind),
                Cell::from(&line.rule),
            ],
        });
        blocks.push(Block::Table(Table {
            caption: head(language, Word::NoteLines),
            columns: vec![
                column(head(language, Word::Line), 2),
                column(head(language, Word::Noted), 12),
                column(head(language, Word::Kind), 4),
                column(head(language, Word::Rule), 6),
            ],
            rows: rows.collect(),
            wide: false,
        }));
    }
    blocks
}

fn files(model: &ReportModel) -> Block {
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
