//! The sections of the report, one function each: from the model to blocks of a [`Document`].
//!
//! A new section is a function and its line in [`SECTIONS`]; its number follows from its place.

mod annex;
mod cover;
mod findings;
mod plan;
mod platform;
mod scenarios;

use super::{
    Language, ReportModel,
    document::{self, Block, Document, Inline, Inlines, Meta, Section},
    model::Statement,
    words::Word,
};

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
    section("plan", Word::Plan, plan::plan),
    section("unfinished", Word::Unfinished, |r| statements(&r.unfinished)),
    section("criteria", Word::CriteriaSection, plan::criteria),
    section("scenarios", Word::ScenariosSection, scenarios::scenarios),
    section("watches", Word::WatchesSection, platform::watches),
    section("snapshots", Word::SnapshotsSection, platform::snapshots),
    section("faults", Word::FaultsSection, platform::faults),
    section("decisions", Word::DecisionsSection, findings::decisions),
    section("observed", Word::Observed, |r| statements(&r.observed)),
    section("to_validate", Word::ToValidate, |r| statements(&r.to_validate)),
    section("actions", Word::Actions, |r| statements(&r.actions)),
    annex("facts", Word::FactsSection, annex::facts),
    annex("evidence", Word::EvidenceSection, annex::evidence),
    annex("records", Word::RecordsSection, annex::records),
];

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
                title: language.word(chapter.title).to_owned(),
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
