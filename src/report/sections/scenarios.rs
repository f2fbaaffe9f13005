//! Performance by scenario: all of them in one table, then a short sheet of those that say most; in the annex each with
//! its settings, figures, latencies and remarks.

use super::{
    material::Material,
    sentences::{Notes, of_run, statements},
};
use crate::report::{
    charts::Picture,
    document::{
        Block, Cell, Column, Inline, Inlines, Row, Table, capital, column, head, heading, numbers, paragraph,
        prose, row,
    },
    language::{Language, Word},
    measure::{beside, brief, tolerance},
    model::{Figure, ReportModel, Scenario},
};

/// Rows of the table, and sheets of work done by hand and of runs, that the body has; the annex has all.
const ROWS: usize = 60;
const BY_HAND: usize = 10;
const OF_RUNS: usize = 6;

pub(super) fn scenarios(material: &Material<'_>) -> Vec<Block> {
    let model = material.model;
    let language = model.language;
    let shown: Vec<(usize, &Scenario)> =
        model.scenarios.iter().enumerate().filter(|(_, s)| !s.superseded).collect();
    if shown.is_empty() {
        return vec![paragraph(language.word(Word::NoResults))];
    }
    let mut blocks = overview(model, &shown[..shown.len().min(ROWS)]);
    if shown.len() > ROWS
        && let Some(annex) = material.annex("sheets")
    {
        let count = language.count(shown.len() - ROWS);
        let places = [("count", count.as_str()), ("annex", &annex)];
        blocks.push(paragraph(language.fill(Word::FurtherScenarios, &places)));
    }
    if !model.failover.is_empty() {
        blocks.push(heading(2, head(language, Word::FailoverTitle), "failover"));
        blocks.extend(statements(&model.failover));
    }

    let drawn = |at: usize| material.pictures.scenarios.get(at).and_then(Option::as_ref);
    let by_hand = shown.iter().filter(|(_, s)| s.attempt == 0).take(BY_HAND);
    let loads = || shown.iter().filter(|(_, s)| s.attempt > 0 && s.is_load() && s.counts());
    // Where nothing is drawn, the first ones say as much as others.
    let is_any_drawn = loads().any(|(at, _)| drawn(*at).is_some());
    let most = if is_any_drawn { OF_RUNS } else { OF_RUNS / 2 };
    let mut of_runs: Vec<&(usize, &Scenario)> =
        loads().filter(|(at, _)| !is_any_drawn || drawn(*at).is_some()).collect();
    // Those with a fault and those that did not achieve their rate say more than others.
    of_runs.sort_by_key(|(_, s)| !(s.disturbed || s.held == Some(false)));
    of_runs.truncate(most);
    of_runs.sort_by_key(|(at, _)| *at);
    let chosen: Vec<&(usize, &Scenario)> = by_hand.chain(of_runs).collect();
    if !chosen.is_empty() {
        blocks.push(heading(2, head(language, Word::SheetsTitle), "sheets-in-short"));
    }
    let mut pictures: Vec<Picture> = Vec::new();
    for (n, (at, scenario)) in chosen.iter().enumerate() {
        blocks.push(heading(3, scenario.title.clone(), format!("sheet-{}", at + 1)));
        blocks.extend(sheet(model, scenario));
        pictures.extend(drawn(*at).cloned());
        // Two have room beside each other.
        if pictures.len() == 2 || n + 1 == chosen.len() && !pictures.is_empty() {
            blocks.push(Block::Pictures(std::mem::take(&mut pictures)));
        }
    }
    if model.scenarios.len() > chosen.len()
        && let Some(annex) = material.annex("sheets")
    {
        let word = if chosen.is_empty() { Word::SheetsAll } else { Word::SheetsFurther };
        blocks.push(paragraph(language.fill(word, &[("annex", &annex)])));
    }
    blocks
}

/// A figure without its unit, which stands in the head.
fn bare(language: Language, figure: &Figure, other: Option<&Figure>) -> Figure {
    let short = other.map_or_else(|| brief(language, figure), |other| beside(language, figure, other));
    let unit = short.unit.map(|unit| language.with_unit("", unit)).unwrap_or_default();
    let text = short.text.strip_suffix(&unit).unwrap_or(&short.text).trim().to_owned();
    Figure { text, ..short }
}

fn overview(model: &ReportModel, shown: &[(usize, &Scenario)]) -> Vec<Block> {
    let language = model.language;
    let mut notes = Notes::default();
    let mut columns = vec![
        column(head(language, Word::Scenario), 11),
        numbers(head(language, Word::Size), 3),
        numbers(head(language, Word::TargetShort), 3),
        numbers(head(language, Word::AchievedShort), 5),
        numbers("MB/s", 3),
    ];
    let names = [language.word(Word::AverageShort), "P50", "P95", "P99", "P99.9", "max"];
    columns.extend(names.map(|name| numbers(name.to_owned(), 3)));
    let order = [0, 2, 3, 4, 5, 1];
    let missing = |figure: Option<&Figure>, other: Option<&Figure>, notes: &mut Notes| -> Inlines {
        match figure {
            Some(figure) if !figure.exact.is_null() => {
                vec![Inline::Figure(bare(language, figure, other))]
            }
            // A cell of a wide table holds no more than a dash; why stands below.
            Some(figure) if figure.text != language.word(Word::NotMeasured) => {
                let mark = notes.mark(&figure.text);
                vec![Inline::Text("–".to_owned()), mark]
            }
            _ => vec![Inline::Text("–".to_owned())],
        }
    };
    let rows: Vec<Row> =
        shown
            .iter()
            .map(|(_, s)| {
                let mut title = vec![Inline::Text(s.title.clone())];
                for (at, remark) in remarks(model, s).iter().enumerate() {
                    if at > 0 {
                        title.push(Inline::Text(",".to_owned()));
                    }
                    title.push(notes.mark(remark));
                }
                let target: Inlines = match &s.target {
                    Some(target) => vec![Inline::Figure(bare(language, target, None))],
                    None if s.is_load() => vec![Inline::Text("∞".to_owned())],
                    None => vec![Inline::Text("–".to_owned())],
                };
                let mut achieved = missing(s.rate(), s.target.as_ref(), &mut notes);
                if let Some(share) = s.achieved.as_ref().filter(|_| s.held == Some(false) || s.is_above()) {
                    achieved.push(Inline::Text(" (".to_owned()));
                    achieved.push(Inline::Figure(share.clone()));
                    achieved.push(Inline::Text(")".to_owned()));
                }
                let size = s.record_size.clone().unwrap_or_else(|| "–".to_owned());
                let mut cells = vec![
                    Cell::from(title),
                    Cell::from(size),
                    Cell::from(target),
                    Cell::from(achieved),
                    Cell::from(missing(s.volume(), None, &mut notes)),
                ];
                let latencies = s.latencies.first();
                cells.extend(order.map(|at| {
                    Cell::from(missing(latencies.and_then(|l| l.figures.get(at)), None, &mut notes))
                }));
                row(cells)
            })
            .collect();
    let caption = format!("{} ({})", head(language, Word::ScenariosSection), language.word(Word::Units));
    let mut blocks = vec![Block::Table(Table { caption, columns, rows, wide: false })];
    blocks.extend(notes.blocks());
    blocks
}

/// What a reader must know of a row.
fn remarks(model: &ReportModel, of: &Scenario) -> Vec<String> {
    let language = model.language;
    let mut found: Vec<String> = of.contradictory(language).into_iter().collect();
    if of.held == Some(false) {
        found.push(language.word(Word::NotHeldShort).to_owned());
    }
    if of.is_above() {
        found.push(language.fill(Word::AboveRateShort, &[("tolerance", &tolerance(language))]));
    }
    if of.arrivals().is_some() {
        found.push(language.word(Word::ArrivalsApart).to_owned());
    }
    if of.is_short() && of.is_load() {
        found.push(language.word(Word::ShortLoad).to_owned());
    }
    if of.disturbed {
        found.push(language.word(Word::Disturbed).to_owned());
    }
    found.extend(of.failure.clone());
    found
}

/// A scenario in a few lines: what was run, what came of it, what the client tells.
fn sheet(model: &ReportModel, of: &Scenario) -> Vec<Block> {
    let language = model.language;
    let mut blocks = Vec::new();
    match &of.command {
        Some(command) => blocks.push(Block::Paragraph(vec![Inline::Code(command.clone())])),
        None => blocks.extend(asked(model, of)),
    }
    blocks.push(Block::Paragraph(line(language, of)));
    if !of.metrics.is_empty() {
        match of.attempt {
            0 => blocks.push(client(model, of)),
            _ => {
                let mut told =
                    vec![Inline::Text(format!("{}{}", language.word(Word::ClientTold), language.colon()))];
                for (at, metric) in of.metrics.iter().enumerate() {
                    told.push(Inline::Text(if at > 0 {
                        language.semicolon().to_owned()
                    } else {
                        String::new()
                    }));
                    told.push(Inline::Code(metric.name.clone()));
                    told.push(Inline::Text(" ".to_owned()));
                    told.push(Inline::Figure(metric.figure.clone()));
                    told.push(Inline::Text(format!(" ({})", metric.meaning)));
                }
                blocks.push(Block::Paragraph(told));
            }
        }
    }
    blocks
}

/// The figures in one line.
fn line(language: Language, of: &Scenario) -> Inlines {
    let mut out: Inlines = Vec::new();
    let mut put = |label: &str, figure: Option<Figure>| {
        let Some(figure) = figure else { return };
        let between = if out.is_empty() { String::new() } else { ", ".to_owned() };
        out.push(Inline::Text(format!("{between}{label} ")));
        out.push(Inline::Figure(figure));
    };
    let short = |figure: Option<&Figure>| figure.map(|figure| brief(language, figure));
    let rate = match (of.rate(), &of.target) {
        (Some(rate), Some(target)) => Some(beside(language, rate, target)),
        (rate, _) => short(rate),
    };
    put(&head(language, Word::AchievedRate), rate);
    if let Some(share) = of.achieved.clone().filter(|_| of.held == Some(false) || of.is_above()) {
        out.push(Inline::Text(" (".to_owned()));
        out.push(Inline::Figure(share));
        out.push(Inline::Text(format!(" {})", language.word(Word::Share))));
    }
    let mut put = |label: &str, figure: Option<Figure>| {
        let Some(figure) = figure else { return };
        let between = if out.is_empty() { String::new() } else { ", ".to_owned() };
        out.push(Inline::Text(format!("{between}{label} ")));
        out.push(Inline::Figure(figure));
    };
    put(language.word(Word::ArrivalRate), short(of.arrivals()));
    let volume = if of.is_arrival { Word::ArrivalVolume } else { Word::Throughput };
    put(language.word(volume), short(of.volume()));
    put(language.word(Word::Average), short(of.latency(0)));
    for (at, name) in [(2, "P50"), (3, "P95"), (4, "P99"), (5, "P99.9")] {
        put(name, short(of.latency(at)));
    }
    put(language.word(Word::Maximum), short(of.latency(1)));
    if out.is_empty() {
        let why = of.failure.clone().unwrap_or_else(|| language.word(Word::NotMeasured).to_owned());
        out.push(Inline::Text(capital(&why)));
    }
    out.push(Inline::Text(".".to_owned()));
    out
}

/// What the client tells of its work.
fn client(model: &ReportModel, of: &Scenario) -> Block {
    let language = model.language;
    let rows = of.metrics.iter().map(|metric| {
        row([
            Cell::code(&metric.name),
            Cell::figure(Some(&metric.figure)),
            Cell::from(capital(&metric.meaning)),
        ])
    });
    Block::Table(Table {
        caption: format!("{}{}{}", of.title, language.colon(), language.word(Word::ClientTold)),
        columns: vec![
            column(head(language, Word::Figure), 6),
            numbers(head(language, Word::Value), 3),
            column(head(language, Word::Meaning), 12),
        ],
        rows: rows.collect(),
        wide: false,
    })
}

/// Every scenario in full.
pub(super) fn sheets(model: &ReportModel) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (index, scenario) in model.scenarios.iter().enumerate() {
        let anchor = match scenario.attempt {
            0 => scenario.name.clone(),
            _ => format!("scenario-{}", index + 1),
        };
        let place =
            of_run(scenario.run, format!("{}.{} {}", scenario.step, scenario.attempt, scenario.action));
        let title = if scenario.attempt == 0 { scenario.title.clone() } else { place };
        blocks.push(heading(2, format!("{title} ({})", scenario.kind), anchor));
        if scenario.superseded {
            let superseded = model.language.word(Word::Superseded);
            blocks.push(Block::Paragraph(vec![Inline::Emphasis(capital(superseded))]));
        }
        blocks.extend(details(model, scenario));
    }
    blocks
}

/// `3.2 nominal (produce)`.
fn title(of: &Scenario) -> String {
    format!("{} ({})", of.name, of.kind)
}

/// The six statistics as heads.
fn statistics(model: &ReportModel) -> Vec<Column> {
    let language = model.language;
    let words = [Word::Average, Word::Maximum].map(|word| head(language, word));
    let names = words.into_iter().chain(["P50", "P95", "P99", "P99.9"].map(str::to_owned));
    names.map(|name| numbers(name, 5)).collect()
}

/// A figure of which only that it is missing is said; why stands elsewhere.
fn short(model: &ReportModel, figure: Option<&Figure>) -> Cell {
    match figure {
        Some(figure) if figure.exact.is_null() => Cell::figure(Some(&Figure {
            text: model.language.word(Word::NotMeasured).to_owned(),
            ..figure.clone()
        })),
        figure => Cell::figure(figure),
    }
}

fn details(model: &ReportModel, of: &Scenario) -> Vec<Block> {
    let language = model.language;
    let what = match &of.command {
        Some(command) => vec![Inline::Code(command.clone())],
        None => prose(&capital(&of.description)),
    };
    let mut blocks = vec![Block::Paragraph(what)];
    blocks.extend(asked(model, of));
    blocks.extend(figures(model, of));
    if !of.latencies.is_empty() {
        blocks.push(latencies(model, of));
        let remarks: Vec<Inlines> = of
            .latencies
            .iter()
            .flat_map(|l| l.remarks.iter().map(move |remark| (l, remark)))
            .map(|(l, remark)| prose(&format!("{}{}{remark}", capital(&l.label), language.colon())))
            .collect();
        if !remarks.is_empty() {
            blocks.push(Block::List(remarks));
        }
    }
    if !of.metrics.is_empty() {
        blocks.push(client(model, of));
    }
    if let Some(failure) = &of.failure {
        blocks.push(Block::Paragraph(vec![Inline::Strong(failure.clone())]));
    }
    if !of.remarks.is_empty() {
        blocks.push(paragraph(format!("{}{}", head(language, Word::Remarks), language.colon().trim_end())));
        blocks.push(Block::List(of.remarks.iter().map(|r| prose(&capital(r))).collect()));
    }
    blocks
}

/// How the load was asked for, in a line.
fn asked(model: &ReportModel, of: &Scenario) -> Option<Block> {
    let language = model.language;
    let named = |word: Word, text: Option<&String>| {
        Some(format!("{}{}`{}`", head(language, word), language.colon(), text?))
    };
    let settings = (!of.settings.is_empty()).then(|| of.settings.join(", "));
    let parts = [
        named(Word::Topic, of.topic.as_ref()),
        named(Word::Client, of.client.as_ref()),
        named(Word::RecordSize, of.record_size.as_ref()),
        named(Word::TargetRate, of.target_rate.as_ref()),
        named(Word::Settings, settings.as_ref()),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| Block::Paragraph(prose(&parts.join(" · "))))
}

/// What it came to: two figures a row.
fn figures(model: &ReportModel, of: &Scenario) -> Option<Block> {
    let language = model.language;
    let rows: Vec<Row> = of
        .figures
        .chunks(2)
        .map(|pair| {
            let mut cells = Vec::new();
            for figure in pair {
                cells.push(Cell::from(capital(&figure.label)));
                cells.push(Cell::figure(Some(&figure.figure)));
                cells.push(Cell::references(&figure.figure.evidence));
            }
            cells.resize_with(6, || Cell::from(""));
            row(cells)
        })
        .collect();
    let columns = || {
        [
            column(head(language, Word::Figure), 5),
            numbers(head(language, Word::Value), 5),
            column(head(language, Word::Evidence), 2),
        ]
    };
    (!rows.is_empty()).then(|| {
        Block::Table(Table {
            caption: format!("{}{}{}", title(of), language.colon(), language.word(Word::Figures)),
            columns: columns().into_iter().chain(columns()).collect(),
            rows,
            wide: false,
        })
    })
}

fn latencies(model: &ReportModel, of: &Scenario) -> Block {
    let language = model.language;
    let mut columns = vec![column(head(language, Word::PointOfView), 7)];
    columns.extend(statistics(model));
    columns.push(column(head(language, Word::Evidence), 4));
    let rows = of.latencies.iter().map(|l| {
        let mut cells = vec![Cell::from(capital(&l.label))];
        cells.extend(l.figures.iter().map(|figure| short(model, Some(figure))));
        cells.push(Cell::references(&l.evidence));
        row(cells)
    });
    Block::Table(Table {
        caption: format!("{}{}{}", title(of), language.colon(), language.word(Word::Latencies)),
        columns,
        rows: rows.collect(),
        wide: false,
    })
}
