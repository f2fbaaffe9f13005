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
mod work;

use super::{
    charts::Pictures,
    document::{self, Block, Document, Mermaid, Meta, Section, head, heading},
    language::{Language, Word},
    model::{ReportModel, Statement},
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

/// Every section in its order. One without any block says that there is nothing.
const SECTIONS: &[Chapter] = &[
    section("summary", Word::Summary, |m| statements(&m.model.summary)),
    section("work", Word::WorkSection, |m| work::work(m.model)),
    section("monitoring", Word::MonitoringSection, monitoring),
    section("plan", Word::Plan, plan_and_criteria),
    section("scenarios", Word::ScenariosSection, scenarios::scenarios),
    section("analysis", Word::AnalysisSection, |m| analysis::analysis(m.model)),
    section("security", Word::SecuritySection, |m| noted(m.model.language, &m.model.security)),
    section("to_validate", Word::ToValidate, |m| to_validate(m.model)),
    section("actions", Word::Actions, |m| statements(&m.model.actions)),
    section("diagrams", Word::DiagramsSection, |m| diagrams(m.model)),
    annex("facts", Word::FactsSection, |m| annex::facts(m.model)),
    annex("parameters", Word::ActionsSection, |m| work::actions(m.model)),
    annex("criteria", Word::CriteriaSection, |m| plan::criteria(m.model)),
    annex("watches", Word::WatchesSection, |m| platform::watches(m.model)),
    annex("evidence", Word::EvidenceSection, annex::evidence),
    annex("records", Word::RecordsSection, |m| annex::records(m.model)),
    annex("glossary", Word::GlossarySection, |m| annex::glossary(m.model)),
];

/// What people noted about dashboards, and what the watches saw.
fn monitoring(material: &Material<'_>) -> Vec<Block> {
    let model = material.model;
    let language = model.language;
    let mut blocks = vec![heading(2, head(language, Word::DashboardsTitle), "dashboards")];
    blocks.extend(noted(language, &model.dashboards));
    let watches: BTreeSet<_> = model.watches.iter().map(|w| (w.run, w.step, w.attempt, &w.watch)).collect();
    let count = language.count(watches.len());
    let places = [("count", count.as_str()), ("annex", &material.annex("watches"))];
    blocks.push(document::paragraph(language.fill(Word::WatchesElsewhere, &places)));
    blocks.extend(material.pictures.lag.iter().cloned().map(Block::Picture));
    blocks
}

/// What people noted; that nothing was supplied where there is nothing.
fn noted(language: Language, list: &[Statement]) -> Vec<Block> {
    match list.is_empty() {
        true => vec![document::paragraph(language.word(Word::NothingNoted))],
        false => statements(list),
    }
}

fn plan_and_criteria(material: &Material<'_>) -> Vec<Block> {
    let model = material.model;
    let language = model.language;
    if model.plan.is_empty() {
        return vec![document::paragraph(language.word(Word::NoPlan))];
    }
    let mut blocks = plan::plan(material);
    if !model.since.is_empty() {
        blocks.push(heading(2, head(language, Word::SinceTitle), "since"));
        blocks.push(plan::since(model));
    }
    blocks.push(heading(2, head(language, Word::CriteriaToSee), "criteria-to-see"));
    blocks.extend(plan::criteria_to_see(material));
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
    /// The document of a report and its pictures.
    pub fn of(model: &ReportModel, pictures: &Pictures) -> Self {
        let language = model.language;
        let annexes = SECTIONS.iter().filter(|chapter| !chapter.numbered);
        let material = Material {
            model,
            pictures,
            annexes: annexes.map(|chapter| (chapter.name, chapter.title)).collect(),
        };
        let mut number = 0;
        let sections = SECTIONS.iter().map(|chapter| {
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
                    false => material.annex(chapter.name),
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
