//! The sections of the report, one function each: from the model to blocks of a [`Document`].
//!
//! A new section is a function and its line in [`SECTIONS`]; its number follows from its place.

mod analysis;
mod annex;
mod cover;
mod findings;
mod plan;
mod platform;
mod scenarios;
mod work;

use super::{
    document::{self, Block, Document, Inline, Inlines, Mermaid, Meta, Section, head, heading},
    language::{Language, Word},
    model::{ReportModel, Statement},
};
use std::collections::BTreeSet;

/// One section.
struct Chapter {
    /// Name, as a template arranges it, and its anchor.
    name: &'static str,
    title: Word,
    /// Annexes have none: their titles have a letter.
    numbered: bool,
    build: fn(&ReportModel) -> Vec<Block>,
}

const fn section(name: &'static str, title: Word, build: fn(&ReportModel) -> Vec<Block>) -> Chapter {
    Chapter { name, title, numbered: true, build }
}

const fn annex(name: &'static str, title: Word, build: fn(&ReportModel) -> Vec<Block>) -> Chapter {
    Chapter { name, title, numbered: false, build }
}

/// Every section in its order. One without any block says that there is nothing.
const SECTIONS: &[Chapter] = &[
    section("summary", Word::Summary, |r| statements(&r.summary)),
    section("work", Word::WorkSection, work::work),
    section("monitoring", Word::MonitoringSection, monitoring),
    section("plan", Word::Plan, plan_and_criteria),
    section("scenarios", Word::ScenariosSection, scenarios::scenarios),
    section("analysis", Word::AnalysisSection, analysis::analysis),
    section("security", Word::SecuritySection, |r| noted(r.language, &r.security)),
    section("to_validate", Word::ToValidate, to_validate),
    section("actions", Word::Actions, |r| statements(&r.actions)),
    section("diagrams", Word::DiagramsSection, diagrams),
    annex("facts", Word::FactsSection, annex::facts),
    annex("parameters", Word::ActionsSection, work::actions),
    annex("criteria", Word::CriteriaSection, plan::criteria),
    annex("watches", Word::WatchesSection, platform::watches),
    annex("evidence", Word::EvidenceSection, annex::evidence),
    annex("records", Word::RecordsSection, annex::records),
    annex("glossary", Word::GlossarySection, annex::glossary),
];

/// What people noted about dashboards, and what the watches saw.
fn monitoring(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    let mut blocks = vec![heading(2, head(language, Word::DashboardsTitle), "dashboards")];
    blocks.extend(noted(language, &model.dashboards));
    let watches: BTreeSet<_> = model.watches.iter().map(|w| (w.run, w.step, w.attempt, &w.watch)).collect();
    let count = language.count(watches.len());
    let places = [("count", count.as_str()), ("annex", &annex_named(language, "watches"))];
    blocks.push(document::paragraph(language.fill(Word::WatchesElsewhere, &places)));
    blocks.extend(model.pictures.lag.iter().cloned().map(Block::Picture));
    blocks
}

/// `Annex B: actions with their exact parameters`.
fn annex_named(language: Language, name: &str) -> String {
    let annexes = SECTIONS.iter().filter(|chapter| !chapter.numbered);
    let found = ('A'..='Z').zip(annexes).find(|(_, chapter)| chapter.name == name);
    let (letter, title) = found.map_or(('?', ""), |(letter, chapter)| (letter, language.word(chapter.title)));
    language.fill(Word::AnnexNamed, &[("letter", &letter.to_string()), ("title", title)])
}

/// What people noted; that nothing was supplied where there is nothing.
fn noted(language: Language, list: &[Statement]) -> Vec<Block> {
    match list.is_empty() {
        true => vec![document::paragraph(language.word(Word::NothingNoted))],
        false => statements(list),
    }
}

fn plan_and_criteria(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    if model.plan.is_empty() {
        return vec![document::paragraph(language.word(Word::NoPlan))];
    }
    let mut blocks = plan::plan(model);
    if !model.since.is_empty() {
        blocks.push(heading(2, head(language, Word::SinceTitle), "since"));
        blocks.push(plan::since(model));
    }
    blocks.push(heading(2, head(language, Word::CriteriaToSee), "criteria-to-see"));
    blocks.extend(plan::criteria_to_see(model));
    blocks
}

/// What is supposed or could not be judged, and lines that nobody has classified.
fn to_validate(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    let mut blocks = statements(&model.to_validate);
    if !model.unclassified.is_empty() {
        blocks.push(heading(2, head(language, Word::UnclassifiedTitle), "unclassified"));
        blocks.push(document::paragraph(language.word(Word::UnclassifiedExplained)));
        blocks.extend(statements(&model.unclassified));
    }
    blocks
}

fn diagrams(model: &ReportModel) -> Vec<Block> {
    let drawn = model.diagrams.iter().map(|d| {
        Block::Mermaid(Mermaid {
            source: d.source.clone(),
            caption: document::capital(&d.caption),
            description: d.description.clone(),
        })
    });
    drawn.collect()
}

impl Document {
    /// The document of a report.
    pub fn of(model: &ReportModel) -> Self {
        let language = model.language;
        let mut number = 0;
        let sections = SECTIONS.iter().map(|chapter| {
            let mut blocks = (chapter.build)(model);
            if blocks.is_empty() {
                blocks.push(nothing(language));
            }
            number += usize::from(chapter.numbered);
            Section {
                name: chapter.name,
                number: chapter.numbered.then_some(number),
                title: match chapter.numbered {
                    true => language.word(chapter.title).to_owned(),
                    false => annex_named(language, chapter.name),
                },
                blocks,
            }
        });
        Self {
            meta: Meta {
                title: model.title.clone(),
                subtitle: format!("{} {}", document::head(language, Word::ReportOf), model.day_shown),
                campaign: model.header.campaign.clone(),
                day: model.day.clone(),
                language,
                authors: model.header.operators.clone(),
                made: model.made,
                generator: format!("jalon {}", env!("CARGO_PKG_VERSION")),
            },
            cover: cover::cover(model),
            sections: sections.collect(),
        }
    }
}

/// A place in a run, with the run's number before it where the report is of several: `2: 3.1`.
fn of_run(run: Option<usize>, place: String) -> String {
    match run {
        None => place,
        Some(run) => format!("{run}: {place}"),
    }
}

/// What a section says that has nothing to say.
fn nothing(language: Language) -> Block {
    document::paragraph(language.word(Word::None))
}

/// Sentences with who said them and what they rest on; nothing for none.
fn statements(list: &[Statement]) -> Vec<Block> {
    if list.is_empty() {
        return Vec::new();
    }
    vec![Block::List(list.iter().map(statement).collect())]
}

/// One sentence.
fn statement(statement: &Statement) -> Inlines {
    let mut line = document::prose(&document::capital(&statement.text));
    if let Some(author) = &statement.author {
        line.push(Inline::Text(format!(" ({author})")));
    }
    if !statement.evidence.is_empty() {
        line.push(Inline::Text(" (".to_owned()));
        line.extend(document::links(&statement.evidence));
        line.push(Inline::Text(")".to_owned()));
    }
    line
}
