//! What stands below the title: what the report is of, what it could not use, how its figures are to be read.

use crate::report::{
    charts::Tone,
    document::{Block, Cell, Inline, Table, column, head, prose, row},
    language::Word,
    model::ReportModel,
};

pub(super) fn cover(model: &ReportModel) -> Vec<Block> {
    let (language, of) = (model.language, &model.header);
    let text = |text: String| Cell::from(text);
    let production = match of.production {
        true => format!(" ({})", language.word(Word::Production)),
        false => String::new(),
    };
    let mut profile = vec![Inline::Text(of.profile.clone())];
    if !of.profile_note.is_empty() {
        profile.push(Inline::Text(language.colon().to_owned()));
        profile.push(Inline::Strong(of.profile_note.clone()));
    }
    let span = [&of.started, &of.ended, &of.duration].map(|part| part.as_deref().unwrap_or("–"));
    let mut rows = vec![(Word::Campaign, text(of.campaign.clone()))];
    if of.run.is_empty() {
        rows.push((Word::Run, text(language.word(Word::NoRun).to_owned())));
    } else {
        rows.extend([
            (Word::Run, Cell::code(&of.run)),
            (Word::State, text(of.state.clone())),
            (Word::Environment, text(format!("{}{production}", of.environment))),
            (Word::Profile, Cell::from(profile)),
        ]);
        rows.extend(of.selection.as_ref().map(|selection| (Word::Selection, Cell::code(selection))));
        rows.extend([
            (Word::Operator, text(of.operators.join(", "))),
            (Word::TimeSpan, text(format!("{} → {} ({})", span[0], span[1], span[2]))),
            (Word::Resumed, text(of.resumed.to_string())),
            (Word::JournalRecords, text(of.records.clone())),
            (Word::Versions, text(of.versions.join(", "))),
        ]);
    }
    rows.extend([(Word::TimeZone, text(of.time_zone.clone())), (Word::Made, text(of.made.clone()))]);
    let rows = rows.into_iter().map(|(word, cell)| row([Cell::from(head(language, word)), cell]));
    let mut blocks = vec![Block::Table(Table {
        caption: head(language, Word::AboutReport),
        columns: vec![column("", 2), column("", 5)],
        rows: rows.collect(),
        wide: false,
    })];
    let remark = |remark: &String| Block::Callout(Tone::Warn, prose(remark));
    blocks.extend(model.remarks.iter().map(remark));
    let explained = [Word::EvidenceExplained, Word::MbExplained].map(|word| language.word(word));
    blocks.push(Block::Paragraph(vec![Inline::Text(explained.join(" "))]));
    blocks
}
