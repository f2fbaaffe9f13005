//! What the sections say alike: statements, places, and that there is nothing.

use crate::report::{
    document::{self, Block, Inline, Inlines},
    language::{Language, Word},
    model::{Figure, Reference, ReportModel, Statement},
};

/// How many places a sentence names; the annexes have them all.
const PLACES: usize = 4;

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

/// Which of the sections of risks and of next steps has something; that there is nothing, where neither has.
pub(super) fn see_risks(model: &ReportModel) -> String {
    let language = model.language;
    let section = |number: &str| language.fill(Word::SeeSection, &[("number", number)]);
    match (model.risks.is_empty(), model.next_steps.is_empty()) {
        (false, false) => language.word(Word::SeeRisks).to_owned(),
        (false, true) => section("8"),
        (true, false) => section("9"),
        (true, true) => language.word(Word::None).to_owned(),
    }
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
    let text = match statement.author {
        Some(_) => statement.text.clone(),
        None => begun(&statement.text, &statement.evidence),
    };
    let mut line = document::prose(&text);
    // The place in an imported file says whose it is.
    let is_imported = statement.evidence.first().is_some_and(|of| of.id.starts_with('I'));
    if let Some(author) = statement.author.as_ref().filter(|author| !is_imported && !author.is_empty()) {
        line.push(Inline::Text(format!(" ({author})")));
    }
    line.extend(places(&statement.evidence));
    line
}

/// A sentence with a capital at its beginning. A note begins as it was written: its first word may be a command or a name.
pub(super) fn begun(text: &str, evidence: &[Reference]) -> String {
    match evidence.iter().any(|of| of.id.starts_with('N')) {
        true => text.to_owned(),
        false => document::capital(text),
    }
}

/// The places that something rests on, behind a blank.
pub(super) fn places(of: &[Reference]) -> Inlines {
    let mut line = Vec::new();
    for reference in of.iter().take(PLACES) {
        line.push(Inline::Text(" ".to_owned()));
        line.push(Inline::Reference(reference.clone()));
    }
    line
}

/// Remarks below a table, each once, and the cells that lead to them.
#[derive(Default)]
pub(super) struct Notes(Vec<String>);

impl Notes {
    /// The number of a remark.
    pub(super) fn mark(&mut self, text: &str) -> Inline {
        let at = self.0.iter().position(|known| known == text).unwrap_or_else(|| {
            self.0.push(text.to_owned());
            self.0.len() - 1
        });
        Inline::Mark(at + 1)
    }

    /// A figure as a cell; of one that is missing a short word, and why below the table.
    pub(super) fn figure(&mut self, language: Language, figure: Option<&Figure>) -> Inlines {
        let Some(figure) = figure else { return vec![Inline::Text("–".to_owned())] };
        if !figure.exact.is_null() {
            return vec![Inline::Figure(figure.clone())];
        }
        let short = language.word(Word::NotMeasured).to_owned();
        if figure.text == short {
            return vec![Inline::Text(short)];
        }
        // What the word says already is no reason.
        let reason = figure.text.trim_start_matches(&short).trim_start_matches([':', ' ', '(', '\u{a0}']);
        let mark = self.mark(reason.trim_end_matches(')'));
        vec![Inline::Text(short), mark]
    }

    /// The remarks, where there are any.
    pub(super) fn blocks(self) -> Option<Block> {
        let notes = self.0.iter().map(|text| document::prose(&document::capital(text)));
        (!self.0.is_empty()).then(|| Block::Notes(notes.collect()))
    }
}
