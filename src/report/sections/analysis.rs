//! The factual analysis: what was seen, loads beside each other, the run before, the platform, what changed on it.

use super::{
    platform,
    sentences::{nothing, statement, statements},
};
use crate::report::{
    document::{
        Block, Cell, Column, Inline, Row, Table, capital, column, head, heading, numbers, paragraph, row,
    },
    language::Word,
    model::{AgainstRow, PairRow, ReportModel, places},
};

pub(super) fn analysis(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    let mut blocks = vec![heading(2, head(language, Word::Observed), "observed")];
    let mut put = |of: Vec<Block>| match of.is_empty() {
        true => blocks.push(nothing(language)),
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
    put(platform::faults(model));
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
    let all = &model.analysis.pairs;
    let mut blocks = Vec::new();
    if !all.is_empty() {
        blocks.push(paragraph(language.word(Word::PairsExplained)));
        blocks.push(Block::Table(Table {
            caption: head(language, Word::PairsTitle),
            columns: pair_columns(model),
            rows: all.iter().map(|of| pair(model, of)).collect(),
            wide: true,
        }));
    }
    if model.analysis.further > 0 {
        let count = language.count(model.analysis.further);
        blocks.push(paragraph(language.fill(Word::FurtherPairs, &[("count", &count)])));
    }
    blocks
}

/// The figures of a pair that are shown, as the model labels them; the others are in the tables of the two loads.
fn pair_figures(model: &ReportModel) -> [String; 6] {
    let word = |word: Word| model.language.word(word).to_owned();
    [
        word(Word::AchievedRate),
        word(Word::Throughput),
        word(Word::Average),
        "P50".to_owned(),
        "P99".to_owned(),
        word(Word::Maximum),
    ]
}

fn pair_columns(model: &ReportModel) -> Vec<Column> {
    let mut columns = vec![
        column(head(model.language, Word::Parameter), 6),
        column(head(model.language, Word::Scenarios), 7),
    ];
    columns.extend(pair_figures(model).map(|label| numbers(capital(&label), 6)));
    columns.push(column(head(model.language, Word::Evidence), 4));
    columns
}

fn pair(model: &ReportModel, of: &PairRow) -> Row {
    let language = model.language;
    let topic = match of.other_topic {
        true => format!(" ({})", language.word(Word::OtherTopic)),
        false => String::new(),
    };
    let mut cells = vec![
        Cell::from(vec![
            Inline::Strong(of.parameter.clone()),
            Inline::Text(format!("{}{} → {}", language.colon(), of.before, of.after)),
        ]),
        Cell::from(format!("{} → {}{topic}", of.first, of.second)),
    ];
    cells.extend(pair_figures(model).iter().map(|label| {
        let Some(figure) = of.figures.iter().find(|f| f.label == *label) else { return Cell::from("–") };
        let mut content = vec![
            Inline::Figure(figure.before.clone()),
            Inline::Text(" → ".to_owned()),
            Inline::Figure(figure.after.clone()),
        ];
        if let Some(factor) = &figure.factor {
            content.push(Inline::Text(" ".to_owned()));
            content.push(Inline::Figure(factor.clone()));
        }
        Cell::from(content)
    }));
    let shown = of.figures.iter().flat_map(|f| [&f.before, &f.after]);
    cells.push(Cell::references(&places(shown)));
    row(cells)
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
    let mut rows = Vec::new();
    let mut rest = analysis.against.as_slice();
    while let [first, ..] = rest {
        let (of_one, others) =
            rest.split_at(rest.iter().take_while(|a| a.scenario == first.scenario).count());
        rest = others;
        rows.push(beside(model, of_one));
    }
    blocks.push(Block::Table(Table {
        caption: head(language, Word::AgainstTitle),
        columns: vec![
            column(head(language, Word::Scenario), 6),
            numbers(head(language, Word::AchievedRate), 6),
            numbers("P50", 6),
            numbers("P99", 6),
            column(head(language, Word::Difference), 11),
        ],
        rows,
        wide: false,
    }));
    blocks
}

/// One load of both runs: its figures before and after, and what is told of their differences.
fn beside(model: &ReportModel, of: &[AgainstRow]) -> Row {
    let language = model.language;
    let figure = |names: [&str; 2]| {
        let found = of.iter().find(|a| !a.figure.is_empty() && names.contains(&a.figure.as_str()));
        found.map_or_else(|| "–".to_owned(), |a| format!("{} → {}", a.before, a.after))
    };
    let label = |name: &str| match name {
        "throughput.records_per_s" => language.word(Word::AchievedRate).to_owned(),
        name => name.rsplit_once('.').map_or(name, |(_, stat)| stat).to_uppercase(),
    };
    let mut told: Vec<String> = Vec::new();
    for a in of {
        let text = match (a.figure.is_empty(), a.change.is_empty()) {
            // Why nothing is compared is said once.
            (true, _) | (_, true) => a.finding.clone(),
            _ => format!("{}{}{} ({})", label(&a.figure), language.colon(), a.change, a.finding),
        };
        if !told.contains(&text) {
            told.push(text);
        }
    }
    row([
        Cell::from(of.first().map(|a| a.scenario.clone()).unwrap_or_default()),
        Cell::from(figure(["throughput.records_per_s", ""])),
        Cell::from(figure(["latency_ms.p50", "end_to_end_ms.p50"])),
        Cell::from(figure(["latency_ms.p99", "end_to_end_ms.p99"])),
        Cell::from(told.join("; ")),
    ])
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
                    for said in &c.why {
                        content.extend(statement(said));
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
    blocks.extend(platform::snapshots(model));
    blocks
}
