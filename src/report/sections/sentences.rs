//! What the sections say alike: statements, places, and that there is nothing.

use crate::report::{
    document::{self, Block, Inline, Inlines},
    language::{Language, Word},
    model::Statement,
};

/// A place in a run, with the run's number before it where the report is of several: `2: 3.1`.
pub(super) fn of_run(run: Option<usize>, place: String) -> String {
    match run {
        None => place,
        Some(run) => format!("{run}: {place}"),
    }
}

/// What a section says that has nothing to say.
pub(super) fn nothing(language: Language) -> Block {
    document::paragraph(language.word(Word::None))
}

/// Sentences with who said them and what they rest on; nothing for none.
pub(super) fn statements(list: &[Statement]) -> Vec<Block> {
    if list.is_empty() {
        return Vec::new();
    }
    vec![Block::List(list.iter().map(statement).collect())]
}

/// One sentence.
pub(super) fn statement(statement: &Statement) -> Inlines {
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
