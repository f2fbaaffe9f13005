//! The factual analysis: what was seen, loads beside each other, the run before, the platform, what changed on it.

use super::{
    platform,
    sentences::{Notes, see_risks, statement, statements},
};
use crate::report::{
    document::{
        Block, Cell, Column, Inline, Row, Table, capital, column, head, heading, numbers, paragraph, row,
    },
    language::Word,
    model::{AgainstColumn, AgainstRow, Comparison, ContextRow, Figure, PairRow, ReportModel, places},
};

/// What the loads say beside each other, and what the platform did meanwhile; then hypotheses.
pub(super) fn analysis(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    let mut blocks = vec![heading(2, head(language, Word::Observed), "analysis-observed")];
    for comparison in &model.analysis.comparisons {
        blocks.push(heading(3, capital(&comparison.title), format!("compared-{}", comparison.what)));
        blocks.push(compared(model, comparison));
        blocks.extend(statements(&comparison.conclusions));
    }
    let loads = || model.scenarios.iter().filter(|s| s.is_load() && s.counts());
    if loads().next().is_some() && !loads().any(crate::report::model::Scenario::is_uncapped) {
        blocks.push(paragraph(language.word(Word::NoUncapped)));
    }
    if model.analysis.comparisons.is_empty() {
        blocks.push(paragraph(language.word(Word::NothingCompared)));
    }
    if model.analysis.against_run.is_some() {
        blocks.push(heading(3, head(language, Word::AgainstTitle), "against"));
        blocks.extend(against(model));
    }
    blocks.push(heading(3, head(language, Word::ContextTitle), "context"));
    blocks.extend(context(model));
    blocks.push(heading(2, head(language, Word::ToValidate), "analysis-to-validate"));
    // What was noted by hand; lines of imported files stand in the part of the day that they are of.
    let feared: Vec<_> = model.risks.iter().flat_map(|risk| &risk.statement.evidence).collect();
    let noted: Vec<_> = model
        .to_validate
        .iter()
        .filter(|s| {
            s.author.is_some() && s.evidence.iter().all(|of| !of.id.contains(':') && !feared.contains(&of))
        })
        .take(8)
        .cloned()
        .collect();
    match noted.is_empty() {
        true => {
            let in_the_work = model.periods.iter().any(|period| !period.to_validate.is_empty());
            let word = if in_the_work { Word::SeeWork } else { Word::NoHypothesis };
            blocks.push(paragraph(language.word(word)));
        }
        false => blocks.extend(statements(&noted)),
    }
    blocks.push(heading(2, head(language, Word::Actions), "analysis-actions"));
    blocks.push(paragraph(see_risks(model)));
    if !model.analysis.explanations.is_empty() {
        blocks.push(heading(2, head(language, Word::ExplanationsTitle), "explanations"));
        blocks.push(paragraph(language.word(Word::ExplanationsExplained)));
        let facts = model.analysis.explanations.iter().map(|e| {
            vec![
                Inline::Text(format!("{} (", e.text)),
                Inline::Link { text: language.word(Word::Source).to_owned(), url: e.source.clone() },
                Inline::Text(")".to_owned()),
            ]
        });
        blocks.push(Block::List(facts.take(3).collect()));
    }
    blocks
}

/// Loads beside each other, with every parameter in which they differ.
fn compared(model: &ReportModel, of: &Comparison) -> Block {
    let language = model.language;
    let mut columns = vec![column(head(language, Word::Scenario), 4)];
    // Many parameters stand together in one column.
    let together = of.parameters.len() > 3;
    match together {
        true => columns.push(column(head(language, Word::Settings), 9)),
        false => columns.extend(of.parameters.iter().map(|name| column(name.clone(), 3))),
    }
    let names = [language.word(Word::PerSecond), "MB/s", "P50 (ms)", "P99 (ms)", "max (ms)"];
    columns.extend(names.map(|name| numbers(name.to_owned(), 3)));
    let bare = |figure: &Figure| match figure.exact.is_null() {
        true => Cell::from("–"),
        false => {
            let unit = figure.unit.map(|unit| language.with_unit("", unit)).unwrap_or_default();
            let text = figure.text.strip_suffix(&unit).unwrap_or(&figure.text).trim().to_owned();
            Cell::figure(Some(&Figure { text, ..figure.clone() }))
        }
    };
    let rows = of.loads.iter().map(|load| {
        let mut cells = vec![Cell::from(&load.title)];
        match together {
            true => {
                let told =
                    of.parameters.iter().zip(&load.values).map(|(name, value)| format!("{name} {value}"));
                cells.push(Cell::from(told.collect::<Vec<_>>().join(", ")));
            }
            false => cells.extend(load.values.iter().map(Cell::from)),
        }
        cells.extend(load.figures.iter().map(bare));
        row(cells)
    });
    Block::Table(Table { caption: capital(&of.title), columns, rows: rows.collect(), wide: false })
}

/// Every pair of loads that differ in one parameter.
pub(super) fn in_full(model: &ReportModel) -> Vec<Block> {
    let mut blocks = pairs(model);
    if model.analysis.against_run.is_none() {
        blocks.extend(against(model));
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
    } else if model.scenarios.len() > 1 {
        blocks.push(paragraph(language.word(Word::NoPairs)));
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
            // Of a load that counts arrivals it is their rate.
            numbers(head(language, Word::Rate), 6),
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
    let figure = |column: AgainstColumn| {
        let found = of.iter().find(|a| a.column == Some(column));
        found.map_or_else(|| "–".to_owned(), |a| format!("{} → {}", a.before, a.after))
    };
    let label = |column: AgainstColumn| match column {
        AgainstColumn::Rate => language.word(Word::Rate),
        AgainstColumn::P50 => "P50",
        AgainstColumn::P99 => "P99",
    };
    let mut told: Vec<String> = Vec::new();
    for a in of {
        let text = match a.column {
            Some(column) if !a.change.is_empty() => {
                format!("{}{}{} ({})", label(column), language.colon(), a.change, a.finding)
            }
            // Why nothing is compared is said once.
            _ => a.finding.clone(),
        };
        if !told.contains(&text) {
            told.push(text);
        }
    }
    row([
        Cell::from(of.first().map(|a| a.scenario.clone()).unwrap_or_default()),
        Cell::from(figure(AgainstColumn::Rate)),
        Cell::from(figure(AgainstColumn::P50)),
        Cell::from(figure(AgainstColumn::P99)),
        Cell::from(language.list(&told)),
    ])
}

/// What the platform did during the loads, a row a step; that it was not measured, where it was not.
fn context(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    let measured = |c: &&ContextRow| c.cpu.exact.is_number() || c.zookeeper.exact.is_number();
    if model.analysis.context.iter().filter(measured).count() == 0 {
        return vec![paragraph(language.word(Word::NotMeasuredMeanwhile))];
    }
    let mut notes = Notes::default();
    let mut rows: Vec<Row> = Vec::new();
    let mut last: Option<&ContextRow> = None;
    for of in &model.analysis.context {
        // What a watch saw of a step is the same for all of its loads.
        if last.is_some_and(|last| last.place == of.place) {
            continue;
        }
        last = Some(of);
        let mut evidence: Vec<_> =
            [&of.cpu, &of.zookeeper].into_iter().filter_map(|f| f.evidence.as_ref()).collect();
        evidence.dedup();
        let brief = |figure: &Figure| crate::report::measure::brief(language, figure);
        rows.push(row([
            Cell::from(capital(&of.place)),
            Cell::from(notes.figure(language, Some(&brief(&of.cpu)))),
            Cell::from(notes.figure(language, Some(&brief(&of.zookeeper)))),
            Cell::references(evidence),
        ]));
    }
    let mut blocks = vec![Block::Table(Table {
        caption: head(language, Word::ContextTitle),
        columns: vec![
            column(head(language, Word::Step), 9),
            numbers(head(language, Word::BrokerCpu), 5),
            numbers(head(language, Word::ZookeeperLatency), 5),
            column(head(language, Word::Evidence), 4),
        ],
        rows,
        wide: false,
    })];
    blocks.extend(notes.blocks());
    blocks
}

pub(super) fn changes(model: &ReportModel) -> Vec<Block> {
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
