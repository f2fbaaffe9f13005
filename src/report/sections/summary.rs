//! The summary: what must be known first, then what was done, what came of it, risks and priorities.

use super::sentences::statement;
use crate::report::{
    charts::Tone,
    document::{Block, Inline, Inlines},
    model::ReportModel,
};

/// Puts a sentence behind another one.
fn follow(item: &mut Inlines, mut told: Inlines) {
    match told.first_mut() {
        Some(Inline::Text(text)) => text.insert(0, ' '),
        _ => item.push(Inline::Text(" ".to_owned())),
    }
    item.extend(told);
}

pub(super) fn summary(model: &ReportModel) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut items: Vec<Inlines> = Vec::new();
    let mut lead = "";
    for line in &model.summary {
        let told = statement(&line.statement);
        if line.title.is_empty() {
            blocks.push(Block::Callout(Tone::Warn, told));
            continue;
        }
        match items.last_mut().filter(|_| lead == line.lead) {
            Some(item) => {
                follow(item, told);
            }
            None => {
                let mut item = vec![Inline::Strong(line.title.clone())];
                follow(&mut item, told);
                items.push(item);
            }
        }
        lead = line.lead;
    }
    blocks.push(Block::List(items));
    blocks
}
