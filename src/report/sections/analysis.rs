//! The factual analysis: what was seen, loads beside each other, the run before, the platform, what changed on it.

use super::statements;
use crate::report::{
    ReportModel,
    document::{Block, Cell, Inline, Table, column, head, heading, numbers, paragraph, row},
    model::PairRow,
    words::Word,
};

pub(super) fn analysis(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    let mut blocks = vec![heading(2, head(language, Word::Observed), "observed")];
    let mut put = |of: Vec<Block>| match of.is_empty() {
        true => blocks.push(super::nothing(language)),
        false => blocks.extend(of),
    };
    put(statements(&model.observed));
    put(vec![heading(2, head(language, Word::PairsTitle), "pairs")]);
    put(pairs(model));
    put(vec![heading(2, head(language, Word::AgainstTitle), "against")]);
    put(against(model));
    put(vec![heading(2, head(language, Word::ContextTitle), "context")]);
    put(context(model));
    put(vec![heading(2, head(language, Word::ChangesTitle), "changes")]);
    put(changes(model));
    put(vec![heading(2, head(language, Word::FaultsSection), "faults")]);
    put(super::platform::faults(model));
    if !model.analysis.explanations.is_empty() {
        put(vec![
            heading(2, head(language, Word::ExplanationsTitle), "explanations"),
            paragraph(language.word(Word::ExplanationsExplained)),
            Block::List(
                model
                    .analysis
                    .explanations
                    .iter()
                    .map(|e| {
                        vec![
                            Inline::Text(format!("{} (", e.text)),
                            Inline::Link {
                                text: language.word(Word::Source).to_owned(),
                                url: e.source.clone(),
                            },
                            Inline::Text(")".to_owned()),
                        ]
                    })
                    .collect(),
            ),
        ]);
    }
    blocks
}

fn pairs(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    let mut blocks: Vec<Block> = model.analysis.pairs.iter().map(|of| pair(model, of)).collect();
    if !blocks.is_empty() {
        blocks.insert(0, paragraph(language.word(Word::PairsExplained)));
    }
    if model.analysis.further > 0 {
        let count = language.count(model.analysis.further);
        blocks.push(paragraph(language.fill(Word::FurtherPairs, &[("count", &count)])));
    }
    blocks
}

fn pair(model: &ReportModel, of: &PairRow) -> Block {
    let language = model.language;
    let rows = of.figures.iter().map(|f| {
        row([
            Cell::from(crate::report::document::capital(&f.label)),
            Cell::figure(Some(&f.before)),
            Cell::figure(Some(&f.after)),
            Cell::figure(f.factor.as_ref()),
            Cell::references(&crate::report::trace::places([&f.before, &f.after])),
        ])
    });
    let topic = match of.other_topic {
        true => format!(" ({})", language.word(Word::OtherTopic)),
        false => String::new(),
    };
    let colon = language.colon();
    Block::Table(Table {
        caption: format!(
            "{}{colon}{}, {} → {}{topic}",
            crate::report::document::capital(&of.what),
            of.parameter,
            of.before,
            of.after
        ),
        columns: vec![
            column(head(language, Word::Figure), 5),
            numbers(format!("{} ({})", of.first, of.before), 5),
            numbers(format!("{} ({})", of.second, of.after), 5),
            numbers(head(language, Word::Factor), 3),
            column(head(language, Word::Evidence), 3),
        ],
        rows: rows.collect(),
        wide: false,
    })
}

fn against(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    let analysis = &model.analysis;
    let Some(run) = &analysis.against_run else {
        return vec![paragraph(language.word(Word::NoRunBefore))];
    };
    let mut blocks = vec![paragraph(language.fill(Word::AgainstRun, &[("run", run)]))];
    let plain = |text: &String| vec![Inline::Text(text.clone())];
    if !analysis.differs.is_empty() {
        blocks.push(paragraph(language.word(Word::AlsoDiffered)));
        blocks.push(Block::List(analysis.differs.iter().map(plain).collect()));
    }
    if !analysis.unknown.is_empty() {
        blocks.push(Block::List(analysis.unknown.iter().map(plain).collect()));
    }
    let rows = analysis.against.iter().map(|a| {
        row([
            Cell::from(&a.scenario),
            Cell::from(&a.figure),
            Cell::from(&a.before),
            Cell::from(&a.after),
            Cell::from(&a.change),
            Cell::from(&a.finding),
        ])
    });
    blocks.push(Block::Table(Table {
        caption: head(language, Word::AgainstTitle),
        columns: vec![
            column(head(language, Word::Scenario), 6),
            column(head(language, Word::Figure), 6),
            numbers(head(language, Word::Before), 4),
            numbers(head(language, Word::After), 4),
            numbers(head(language, Word::Difference), 6),
            column(head(language, Word::Result), 6),
        ],
        rows: rows.collect(),
        wide: false,
    }));
    blocks
}

fn context(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    if model.analysis.context.is_empty() {
        return Vec::new();
    }
    let rows = model.analysis.context.iter().map(|c| {
        let places = [&c.rate, &c.p99, &c.cpu, &c.zookeeper].into_iter().filter_map(|f| f.evidence.as_ref());
        let mut evidence: Vec<_> = places.collect();
        evidence.sort();
        evidence.dedup();
        row([
            Cell::from(&c.scenario),
            Cell::figure(Some(&c.rate)),
            Cell::figure(Some(&c.p99)),
            Cell::figure(Some(&c.cpu)),
            Cell::figure(Some(&c.zookeeper)),
            Cell::references(evidence),
        ])
    });
    vec![Block::Table(Table {
        caption: head(language, Word::ContextTitle),
        columns: vec![
            column(head(language, Word::Scenario), 7),
            numbers(head(language, Word::AchievedRate), 5),
            numbers("P99", 4),
            numbers(head(language, Word::BrokerCpu), 5),
            numbers(head(language, Word::ZookeeperLatency), 5),
            column(head(language, Word::Evidence), 3),
        ],
        rows: rows.collect(),
        wide: false,
    })]
}

fn changes(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    let mut blocks = Vec::new();
    if !model.changes.is_empty() {
        let rows = model.changes.iter().map(|c| {
            let why = match c.why.is_empty() {
                true => Cell::from(language.word(Word::NotSupplied)),
                false => {
                    let mut content = Vec::new();
                    for statement in &c.why {
                        content.extend(super::statement(statement));
                        content.push(Inline::Text(" ".to_owned()));
                    }
                    Cell::from(content)
                }
            };
            row([
                Cell::from(format!("{}{}{}", c.what, language.colon(), c.name)),
                Cell::code(&c.before),
                Cell::code(&c.after),
                Cell::from(format!("{} → {}", c.seen_before, c.seen_after)),
                why,
            ])
        });
        blocks.push(Block::Table(Table {
            caption: head(language, Word::ChangesTitle),
            columns: vec![
                column(head(language, Word::Parameter), 8),
                column(head(language, Word::Before), 4),
                column(head(language, Word::After), 4),
                column(head(language, Word::When), 8),
                column(head(language, Word::Reason), 8),
            ],
            rows: rows.collect(),
            wide: true,
        }));
    }
    blocks.extend(super::platform::snapshots(model));
    blocks
}
