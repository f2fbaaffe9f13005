//! The plan step by step, every attempt, and every criterion.

use super::{
    material::Material,
    sentences::{nothing, of_run},
};
use crate::report::{
    charts::Tone,
    document::{self, Block, Cell, Inline, Mermaid, Row, Table, column, head, heading, numbers, row},
    language::Word,
    model::{CriterionRow, PlanRow, ReportModel, StepCriteria},
};

/// The plan in one table and a sentence; that nothing of it was carried out, where that is so.
pub(super) fn plan(material: &Material<'_>) -> Vec<Block> {
    let model = material.model;
    let language = model.language;
    if model.plan.is_empty() {
        return vec![document::paragraph(language.word(Word::NoPlan))];
    }
    if model.plan.iter().all(|step| step.attempts == 0 && matches!(step.state_code, "ready" | "locked")) {
        let places = [("count", language.count(model.plan.len()))];
        let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
        return vec![document::paragraph(language.fill(Word::PlanNotBegun, &places))];
    }
    let mut blocks = vec![steps(model)];
    if !model.since.is_empty() {
        blocks.push(heading(2, head(language, Word::SinceTitle), "since"));
        blocks.push(since(model));
    }
    blocks.extend(material.pictures.timeline.clone().map(Block::Picture));
    let told = language.word(Word::PlanDone).to_owned();
    blocks.push(document::paragraph(material.with_annex(told, "steps")));
    blocks
}

/// The plan as a diagram, where it is known.
pub(super) fn diagram(model: &ReportModel) -> Option<Block> {
    let drawn = Block::Mermaid(Mermaid {
        source: model.diagram.clone(),
        caption: head(model.language, Word::PlanDiagram),
        description: described(model),
    });
    (!model.diagram.is_empty()).then_some(drawn)
}

/// Every attempt, and the artifacts that the steps must leave.
pub(super) fn steps_in_full(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    let mut blocks = Vec::new();
    if model.runs.len() > 1 {
        blocks.push(heading(2, head(language, Word::Runs), "runs"));
        blocks.push(super::work::runs(model));
    }
    if !model.unfinished.is_empty() {
        blocks.push(heading(2, head(language, Word::Unfinished), "unfinished"));
        blocks.extend(super::statements(&model.unfinished));
    }
    blocks.push(heading(2, head(language, Word::AttemptsSection), "attempts"));
    blocks.push(attempts(model));
    blocks.push(heading(2, head(language, Word::Artifacts), "artifacts"));
    blocks.push(artifacts(model));
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
        let mut title = vec![Inline::Strong(p.title.clone())];
        if !p.objective.is_empty() {
            title.push(Inline::Text(format!("{}{}", language.colon(), p.objective)));
        }
        row([
            Cell::from(p.step.to_string()),
            Cell::from(title),
            Cell::or_dash(p.estimate.as_ref()),
            Cell::or_dash(p.actual.as_ref()),
            Cell::verdict(&p.state, p.state_code),
            // Of a step that never ran nothing was judged.
            Cell::or_dash((p.attempts > 0).then(|| format!("{} / {}", p.passed, p.criteria))),
        ])
    };
    Block::Table(Table {
        caption: head(language, Word::Plan),
        columns: vec![
            numbers(head(language, Word::Number), 1),
            column(head(language, Word::StepAndObjective), 16),
            column(head(language, Word::Estimate), 4),
            column(head(language, Word::Actual), 4),
            column(head(language, Word::State), 4),
            column(head(language, Word::Criteria), 3),
        ],
        rows: model.plan.iter().map(cells).collect(),
        wide: false,
    })
}

/// A row a step: how many of its artifacts are there, and each by name; one that is missing stands out.
fn artifacts(model: &ReportModel) -> Block {
    let language = model.language;
    let with = model.plan.iter().filter(|step| !step.artifacts.is_empty());
    let rows: Vec<_> = with
        .map(|step| {
            let present = step.artifacts.iter().filter(|a| a.evidence.is_some()).count();
            let mut names = Vec::new();
            for artifact in &step.artifacts {
                if !names.is_empty() {
                    names.push(Inline::Text(", ".to_owned()));
                }
                names.push(Inline::Code(artifact.name.clone()));
                names.push(Inline::Text(" ".to_owned()));
                names.push(match &artifact.evidence {
                    Some(place) => Inline::Reference(place.clone()),
                    None => Inline::Verdict(language.word(Word::Missing).to_owned(), Tone::Bad),
                });
            }
            row([
                Cell::from(step.step.to_string()),
                Cell::from(format!("{present} / {}", step.artifacts.len())),
                Cell::from(names),
            ])
        })
        .collect();
    if rows.is_empty() {
        return nothing(language);
    }
    Block::Table(Table {
        caption: head(language, Word::Artifacts),
        columns: vec![
            numbers(head(language, Word::Step), 2),
            column(head(language, Word::Present), 3),
            column(head(language, Word::Expected), 18),
        ],
        rows,
        wide: false,
    })
}

fn attempts(model: &ReportModel) -> Block {
    let language = model.language;
    if model.attempts.is_empty() {
        return nothing(language);
    }
    let rows = model.attempts.iter().map(|a| {
        let ended = a.ended.as_ref().map(|at| at.rsplit(' ').next().unwrap_or(at));
        row([
            Cell::from(of_run(a.run, format!("{}.{}", a.step, a.attempt))),
            Cell::from(format!("{} → {}", a.started, ended.unwrap_or("–"))),
            Cell::or_dash(a.duration.as_ref()),
            Cell::verdict(&a.verdict, a.verdict_code),
            Cell::prose(&a.reason),
            Cell::references(&a.evidence),
        ])
    });
    Block::Table(Table {
        caption: head(language, Word::AttemptsSection),
        columns: vec![
            column(head(language, Word::Step), 4),
            column(head(language, Word::Window), 9),
            column(head(language, Word::Duration), 5),
            column(head(language, Word::Verdict), 7),
            column(head(language, Word::Reason), 15),
            column(head(language, Word::Evidence), 4),
        ],
        rows: rows.collect(),
        wide: false,
    })
}

/// What became of the steps since the time began.
fn since(model: &ReportModel) -> Block {
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

/// Every criterion, step by step.
pub(super) fn criteria(model: &ReportModel) -> Vec<Block> {
    match model.criteria.is_empty() {
        true => Vec::new(),
        false => vec![criteria_table(model, Word::CriteriaSection, each_criterion(model).collect())],
    }
}

fn each_criterion(model: &ReportModel) -> impl Iterator<Item = (&StepCriteria, &CriterionRow)> {
    model.criteria.iter().flat_map(|step| step.rows.iter().map(move |criterion| (step, criterion)))
}

fn criteria_table(model: &ReportModel, caption: Word, of: Vec<(&StepCriteria, &CriterionRow)>) -> Block {
    let language = model.language;
    let rows = of.into_iter().map(|(step, criterion)| {
        let attempt = step.attempt.map(|attempt| format!(".{attempt}")).unwrap_or_default();
        self::criterion(model, of_run(step.run, format!("{}{attempt}", step.step)), criterion)
    });
    Block::Table(Table {
        caption: head(language, caption),
        columns: vec![
            column(head(language, Word::Step), 3),
            column(head(language, Word::Criterion), 16),
            numbers(head(language, Word::ObservedValue), 4),
            numbers(head(language, Word::Limit), 4),
            column(head(language, Word::Severity), 5),
            column(head(language, Word::Verdict), 6),
            column(head(language, Word::Reason), 9),
            column(head(language, Word::Evidence), 3),
        ],
        rows: rows.collect(),
        wide: true,
    })
}

fn criterion(model: &ReportModel, place: String, of: &CriterionRow) -> Row {
    let must = match of.must {
        true => format!(", {}", model.language.word(Word::MustHold)),
        false => String::new(),
    };
    row([
        Cell::from(place),
        Cell::code(&of.text),
        Cell::figure(of.observed.as_ref()),
        Cell::figure(of.limit.as_ref()),
        Cell::from(format!("{}{must}", of.severity)),
        Cell::verdict(&of.verdict, of.verdict_code.unwrap_or_default()),
        Cell::prose(&of.reason),
        Cell::references(&of.evidence),
    ])
}
