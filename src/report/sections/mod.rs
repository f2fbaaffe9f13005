//! The sections of the report, one function each: from the model to blocks of a [`Document`].
//!
//! A new section is a function and its line in [`SECTIONS`]; its number follows from its place.

mod analysis;
mod annex;
mod cover;
mod findings;
mod material;
mod plan;
mod platform;
mod scenarios;
mod sentences;
mod summary;
mod work;

use super::typography;
use super::{
    charts::Pictures,
    document::{self, Block, Document, Mermaid, Meta, Section, head, heading},
    language::Word,
    model::ReportModel,
};
use material::Material;
use sentences::{nothing, statements};
use std::collections::BTreeSet;

/// One section.
struct Chapter {
    /// Name, as a template arranges it, and its anchor.
    name: &'static str,
    title: Word,
    /// Annexes have none: their titles have a letter.
    numbered: bool,
    build: fn(&Material<'_>) -> Vec<Block>,
}

const fn section(name: &'static str, title: Word, build: fn(&Material<'_>) -> Vec<Block>) -> Chapter {
    Chapter { name, title, numbered: true, build }
}

const fn annex(name: &'static str, title: Word, build: fn(&Material<'_>) -> Vec<Block>) -> Chapter {
    Chapter { name, title, numbered: false, build }
}

/// Every section in its order, the annexes last. One without any block says that there is nothing.
const SECTIONS: &[Chapter] = &[
    section("summary", Word::Summary, |m| summary::summary(m.model)),
    section("work", Word::WorkSection, |m| work::periods(m.model)),
    section("monitoring", Word::MonitoringSection, monitoring),
    section("plan", Word::Plan, plan::plan),
    section("scenarios", Word::ScenariosSection, scenarios::scenarios),
    section("analysis", Word::AnalysisSection, |m| analysis::analysis(m.model)),
    section("security", Word::SecuritySection, |m| findings::security(m.model)),
    section("risks", Word::RisksSection, |m| findings::risks(m.model)),
    section("next", Word::NextSection, |m| findings::next(m.model)),
    section("diagrams", Word::DiagramsSection, diagrams),
    annex("facts", Word::FactsSection, |m| annex::facts(m.model)),
    annex("steps", Word::StepsSection, |m| plan::steps_in_full(m.model)),
    annex("criteria", Word::CriteriaSection, |m| plan::criteria(m.model)),
    annex("sheets", Word::SheetsSection, |m| scenarios::sheets(m.model)),
    annex("comparisons", Word::ComparisonsSection, |m| analysis::in_full(m.model)),
    annex("observed", Word::ObservedSection, |m| statements(&m.model.observed)),
    annex("to_validate", Word::ToValidateSection, |m| to_validate(m.model)),
    annex("actions", Word::ToDoSection, |m| statements(&m.model.actions)),
    annex("changes", Word::ChangesSection, |m| changes(m.model)),
    annex("parameters", Word::ActionsSection, |m| work::actions(m.model)),
    annex("watches", Word::WatchesSection, |m| platform::watches(m.model)),
    annex("imports", Word::ImportsSection, |m| work::imports(m.model)),
    annex("evidence", Word::EvidenceSection, annex::evidence),
    annex("records", Word::RecordsSection, |m| annex::records(m.model)),
    annex("glossary", Word::GlossarySection, |m| annex::glossary(m.model)),
];

/// Dashboards and monitoring: what the checks saw, what is missing, corrected and left, and how far replication was
/// behind.
fn monitoring(material: &Material<'_>) -> Vec<Block> {
    let model = material.model;
    let language = model.language;
    let mut blocks = statements(&model.monitoring);
    match model.monitoring_rows.is_empty() {
        true => blocks.push(document::paragraph(language.word(Word::NoMonitoring))),
        false => blocks.push(platform::monitoring(model)),
    }
    let watches: BTreeSet<_> = model.watches.iter().map(|w| (w.run, w.step, w.attempt, &w.watch)).collect();
    if !watches.is_empty() {
        let count = language.count(watches.len());
        let told = language.fill(Word::WatchesCounted, &[("count", &count)]);
        blocks.push(document::paragraph(material.with_annex(told, "watches")));
    }
    // The one that was furthest behind says most; each has its figures in the annex.
    let lag: Vec<_> = material.pictures.lag.iter().take(2).cloned().collect();
    if !lag.is_empty() {
        blocks.push(Block::Pictures(lag));
    }
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

/// What became different on the platform, what was done to it, what people decided.
fn changes(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    let mut blocks = Vec::new();
    for (title, anchor, of) in [
        (Word::ChangesTitle, "platform-changes", analysis::changes(model)),
        (Word::FaultsSection, "faults", platform::faults(model)),
        (Word::DecisionsSection, "decisions", findings::decisions(model)),
    ] {
        blocks.push(heading(2, head(language, title), anchor));
        match of.is_empty() {
            true => blocks.push(nothing(language)),
            false => blocks.extend(of),
        }
    }
    blocks
}

fn diagrams(material: &Material<'_>) -> Vec<Block> {
    let model = material.model;
    let mut blocks: Vec<Block> = model
        .diagrams
        .iter()
        .map(|d| {
            Block::Mermaid(Mermaid {
                source: d.source.clone(),
                caption: document::capital(&d.caption),
                description: d.description.clone(),
            })
        })
        .collect();
    if model.diagrams.len() < 2 {
        blocks.push(document::paragraph(model.language.word(Word::ArchitectureNotSupplied)));
    }
    blocks.extend(plan::diagram(model));
    blocks
}

impl Document {
    /// The document of a report and its pictures.
    pub fn of(model: &ReportModel, pictures: &Pictures) -> Self {
        Self::made(model, pictures, |_| true)
    }

    /// The same without annexes: no sentence leads to one.
    pub fn without_annexes(model: &ReportModel, pictures: &Pictures) -> Self {
        Self::made(model, pictures, |chapter| chapter.numbered)
    }

    fn made(model: &ReportModel, pictures: &Pictures, is_in: fn(&Chapter) -> bool) -> Self {
        let language = model.language;
        let chapters = || SECTIONS.iter().filter(|chapter| is_in(chapter));
        let annexes = chapters().filter(|chapter| !chapter.numbered);
        let material = Material {
            model,
            pictures,
            annexes: annexes.map(|chapter| (chapter.name, chapter.title)).collect(),
        };
        let mut number = 0;
        let sections = chapters().map(|chapter| {
            let mut blocks = (chapter.build)(&material);
            if blocks.is_empty() {
                blocks.push(nothing(language));
            }
            number += usize::from(chapter.numbered);
            Section {
                name: chapter.name,
                number: chapter.numbered.then_some(number),
                title: match chapter.numbered {
                    true => language.word(chapter.title).to_owned(),
                    false => material.annex(chapter.name).unwrap_or_default(),
                },
                blocks,
            }
        });
        let mut document = Self {
            elsewhere: None,
            meta: Meta {
                title: model.title.clone(),
                subtitle: match model.from == model.day {
                    true => language.fill(Word::DailyReport, &[("day", &model.day_shown)]),
                    false => format!("{} {}", document::head(language, Word::ReportOf), model.day_shown),
                },
                campaign: model.header.campaign.clone(),
                day: model.day.clone(),
                language,
                authors: model.cover.authors.clone(),
                made: model.made,
                generator: format!("jalon {}", env!("CARGO_PKG_VERSION")),
            },
            cover: cover::cover(model),
            sections: sections.collect(),
        };
        typography::set(&mut document);
        document
    }
}
