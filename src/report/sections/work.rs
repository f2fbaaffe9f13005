//! What was done in the time of the report: by the plan, by hand, and what came to no end.

use super::{
    findings,
    sentences::{nothing, of_run, statements},
};
use crate::{
    report::{
        document::{
            Block, Cell, Inline, Table, capital as head_of, column, head, heading, numbers, prose, row,
        },
        language::Word,
        model::{ReportModel, WorkRow},
    },
    support::text::cut,
};

/// Columns of an action's parameters that are shown: the list of what an audit expects is in the journal, which the row
/// leads to.
const PARAMETERS: usize = 600;

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
    if model.work.is_empty() && model.imports.is_empty() {
        blocks.push(nothing(language));
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
    let decisions = findings::decisions(model);
    match decisions.is_empty() {
        true => blocks.push(nothing(language)),
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

/// A row an action; checks that follow each other are one.
fn table(model: &ReportModel, caption: String, of: &[WorkRow]) -> Block {
    let language = model.language;
    let mut rows = Vec::new();
    let mut rest = of;
    while let [first, ..] = rest {
        let place = |w: &WorkRow| (w.run, w.step, w.attempt);
        let together = rest.iter().take_while(|w| w.is_check && place(w) == place(first)).count().max(1);
        let (these, others) = rest.split_at(together);
        rest = others;
        let (what, meanwhile) = match these {
            [one] => {
                let mut what = vec![Inline::Strong(one.name.clone()), Inline::Text(" · ".to_owned())];
                what.extend(prose(&one.what));
                (what, one.meanwhile.join("; "))
            }
            several => {
                let count = language.count(several.len());
                let mut what = vec![Inline::Text(
                    head_of(&language.fill(Word::Checks, &[("count", &count)])) + language.colon(),
                )];
                let names: Vec<&str> = several.iter().map(|w| w.name.as_str()).collect();
                what.push(Inline::Text(names.join(", ")));
                (what, connectors(several))
            }
        };
        let evidence = match these {
            [one] => one.evidence.clone(),
            several => {
                let ends = [several.first(), several.last()].into_iter().flatten();
                let first = ends.clone().next().and_then(|w| w.evidence.first());
                let last = ends.last().and_then(|w| w.evidence.last());
                first.into_iter().chain(last).cloned().collect()
            }
        };
        rows.push(row([
            Cell::from(of_run(first.run, format!("{}.{}", first.step, first.attempt))),
            Cell::from(&first.at),
            Cell::from(what),
            Cell::from(meanwhile),
            Cell::prose(&first.result),
            Cell::references(&evidence),
        ]));
    }
    Block::Table(Table {
        caption,
        columns: vec![
            column(head(language, Word::Step), 3),
            column(head(language, Word::TimeOfDay), 4),
            column(head(language, Word::Description), 14),
            column(head(language, Word::Meanwhile), 7),
            column(head(language, Word::Result), 4),
            column(head(language, Word::Evidence), 3),
        ],
        rows,
        wide: false,
    })
}

/// What the last of several checks says of connectors: they were there during all of them.
fn connectors(of: &[WorkRow]) -> String {
    let mut common: Vec<&str> =
        of.first().map(|w| w.meanwhile.iter().map(String::as_str).collect()).unwrap_or_default();
    common.retain(|text| of.iter().all(|w| w.meanwhile.iter().any(|other| other == text)));
    common.join("; ")
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
