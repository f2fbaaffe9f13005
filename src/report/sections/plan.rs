//! The plan step by step, every attempt, and every criterion.

use crate::report::{
    ReportModel,
    document::{Block, Cell, Inline, Mermaid, Table, Tone, column, head, heading, numbers, row},
    model::{CriterionRow, PlanRow, StepCriteria},
    words::Word,
};

pub(super) fn plan(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    let mut blocks = vec![Block::Mermaid(Mermaid {
        source: model.diagram.clone(),
        caption: head(language, Word::PlanDiagram),
        description: described(model),
    })];
    blocks.push(steps(model));
    blocks.extend(model.pictures.timeline.clone().map(Block::Picture));
    blocks.push(heading(2, head(language, Word::Objectives), "objectives"));
    blocks.push(Block::Table(Table {
        caption: head(language, Word::Objectives),
        columns: vec![numbers(head(language, Word::Step), 1), column(head(language, Word::Objective), 12)],
        rows: model
            .plan
            .iter()
            .map(|p| {
                row([
                    Cell::from(p.step.to_string()),
                    Cell::or_dash(Some(&p.objective).filter(|o| !o.is_empty())),
                ])
            })
            .collect(),
        wide: false,
    }));
    blocks.push(heading(2, head(language, Word::Artifacts), "artifacts"));
    blocks.push(artifacts(model));
    blocks.push(heading(2, head(language, Word::AttemptsSection), "attempts"));
    blocks.push(attempts(model));
    blocks
}

/// The diagram in words: every step with its state.
fn described(model: &ReportModel) -> String {
    let steps: Vec<String> =
        model.plan.iter().map(|p| format!("{} {} ({})", p.step, p.title, p.state)).collect();
    steps.join(" → ")
}

fn steps(model: &ReportModel) -> Block {
    let language = model.language;
    let cells = |p: &PlanRow| {
        row([
            Cell::from(p.step.to_string()),
            Cell::from(&p.title),
            Cell::or_dash(p.estimate.as_ref()),
            Cell::or_dash(p.actual.as_ref()),
            Cell::verdict(&p.state, p.state_code),
            Cell::from(format!("{} / {}", p.passed, p.criteria)),
            Cell::from(p.attempts.to_string()),
            Cell::prose(&p.reason),
        ])
    };
    Block::Table(Table {
        caption: head(language, Word::Plan),
        columns: vec![
            numbers(head(language, Word::Step), 3),
            column(head(language, Word::Title), 9),
            column(head(language, Word::Estimate), 4),
            column(head(language, Word::Actual), 4),
            column(head(language, Word::State), 5),
            column(head(language, Word::Criteria), 4),
            numbers(head(language, Word::Attempts), 4),
            column(head(language, Word::Reason), 12),
        ],
        rows: model.plan.iter().map(cells).collect(),
        wide: true,
    })
}

fn artifacts(model: &ReportModel) -> Block {
    let language = model.language;
    let mut rows = Vec::new();
    for step in &model.plan {
        for artifact in &step.artifacts {
            let (word, tone) = match artifact.evidence {
                Some(_) => (Word::Present, None),
                None => (Word::Missing, Some(Tone::Bad)),
            };
            let word = head(language, word);
            let there = match tone {
                None => Cell::from(word),
                Some(tone) => Cell { content: vec![Inline::Verdict(word, tone)], tone: Some(tone) },
            };
            rows.push(row([
                Cell::from(step.step.to_string()),
                Cell::code(&artifact.name),
                there,
                Cell::references(&artifact.evidence),
            ]));
        }
    }
    if rows.is_empty() {
        return super::nothing(language);
    }
    Block::Table(Table {
        caption: head(language, Word::Artifacts),
        columns: vec![
            numbers(head(language, Word::Step), 2),
            column(head(language, Word::Expected), 9),
            column(head(language, Word::Result), 4),
            column(head(language, Word::Evidence), 3),
        ],
        rows,
        wide: false,
    })
}

fn attempts(model: &ReportModel) -> Block {
    let language = model.language;
    if model.attempts.is_empty() {
        return super::nothing(language);
    }
    let rows = model.attempts.iter().map(|a| {
        row([
            Cell::from(super::of_run(a.run, a.step.to_string())),
            Cell::from(a.attempt.to_string()),
            Cell::from(&a.started),
            Cell::or_dash(a.ended.as_ref()),
            Cell::or_dash(a.duration.as_ref()),
            Cell::verdict(&a.verdict, a.verdict_code),
            Cell::prose(&a.reason),
            Cell::prose(&a.remarks.join("; ")),
            Cell::references(&a.evidence),
        ])
    });
    Block::Table(Table {
        caption: head(language, Word::AttemptsSection),
        columns: vec![
            numbers(head(language, Word::Step), 3),
            numbers(head(language, Word::Attempt), 4),
            column(head(language, Word::Started), 6),
            column(head(language, Word::Ended), 6),
            column(head(language, Word::Duration), 4),
            column(head(language, Word::Verdict), 5),
            column(head(language, Word::Reason), 9),
            column(head(language, Word::Remarks), 9),
            column(head(language, Word::Evidence), 3),
        ],
        rows: rows.collect(),
        wide: true,
    })
}

/// What became of the steps since the time began.
pub(super) fn since(model: &ReportModel) -> Block {
    let language = model.language;
    let rows = model.since.iter().map(|s| {
        row([
            Cell::from(s.step.to_string()),
            Cell::from(&s.title),
            Cell::verdict(&s.before, s.before_code),
            Cell::verdict(&s.after, s.after_code),
        ])
    });
    Block::Table(Table {
        caption: head(language, Word::SinceTitle),
        columns: vec![
            numbers(head(language, Word::Step), 2),
            column(head(language, Word::Title), 9),
            column(head(language, Word::Before), 4),
            column(head(language, Word::After), 4),
        ],
        rows: rows.collect(),
        wide: false,
    })
}

pub(super) fn criteria(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    let mut blocks = Vec::new();
    for step in &model.criteria {
        let title = title(model, step);
        blocks.push(heading(3, &title, format!("criteria-{}-{}", step.run.unwrap_or(1), step.step)));
        blocks.push(Block::Table(Table {
            caption: title,
            columns: vec![
                column(head(language, Word::Criterion), 10),
                numbers(head(language, Word::ObservedValue), 4),
                numbers(head(language, Word::Limit), 4),
                column(head(language, Word::Severity), 4),
                column(head(language, Word::Verdict), 5),
                column(head(language, Word::Reason), 7),
                column(head(language, Word::Evidence), 3),
            ],
            rows: step.rows.iter().map(|c| criterion(model, c)).collect(),
            wide: false,
        }));
    }
    blocks
}

fn title(model: &ReportModel, step: &StepCriteria) -> String {
    let attempt = step.attempt.map(|attempt| format!(" ({} {attempt})", model.language.word(Word::Attempt)));
    format!(
        "{} · {}{}",
        super::of_run(step.run, step.step.to_string()),
        step.title,
        attempt.unwrap_or_default()
    )
}

fn criterion(model: &ReportModel, of: &CriterionRow) -> crate::report::document::Row {
    let must = match of.must {
        true => format!(", {}", model.language.word(Word::MustHold)),
        false => String::new(),
    };
    row([
        Cell::code(&of.text),
        Cell::figure(of.observed.as_ref()),
        Cell::figure(of.limit.as_ref()),
        Cell::from(format!("{}{must}", of.severity)),
        Cell::verdict(&of.verdict, of.verdict_code.unwrap_or_default()),
        Cell::prose(&of.reason),
        Cell::references(&of.evidence),
    ])
}
