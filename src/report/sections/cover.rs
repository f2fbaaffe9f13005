//! What stands below the title: the day, who wrote it, its version, who may read it, what it could not use.

use crate::report::{
    charts::Tone,
    document::{Block, Cell, Table, column, head, prose, row},
    language::Word,
    model::ReportModel,
};

pub(super) fn cover(model: &ReportModel) -> Vec<Block> {
    let (language, of) = (model.language, &model.cover);
    let mut rows = Vec::new();
    let mut put = |word: Word, text: String| {
        if !text.is_empty() {
            rows.push(row([Cell::from(head(language, word)), Cell::from(text)]));
        }
    };
    put(Word::Campaign, model.header.campaign.clone());
    let runs: Vec<String> = model
        .runs
        .iter()
        .map(|run| {
            let header = &run.header;
            let production = match header.production {
                true => format!(" ({})", language.word(Word::Production)),
                false => String::new(),
            };
            format!("{}{production}, {}, {}", header.environment, header.profile, header.state)
        })
        .collect();
    put(if runs.len() == 1 { Word::Run } else { Word::Runs }, language.list(&runs));
    put(Word::Authors, of.authors.join(", "));
    put(Word::Version, of.version.clone());
    put(Word::Classification, of.classification.clone().unwrap_or_default());
    put(Word::Made, format!("{} ({})", model.header.made, model.header.time_zone));
    let mut blocks = vec![Block::Table(Table {
        caption: head(language, Word::AboutReport),
        columns: vec![column("", 2), column("", 6)],
        rows,
        wide: false,
    })];
    blocks.extend(model.remarks.iter().map(|remark| Block::Callout(Tone::Warn, prose(remark))));
    blocks
}
