//! [`Material`]: what the sections are made from.

use crate::report::{charts::Pictures, language::Word, model::ReportModel};

/// The model, its pictures, and the annexes that a section may refer to.
pub(super) struct Material<'a> {
    pub(super) model: &'a ReportModel,
    pub(super) pictures: &'a Pictures,
    /// Name and title of each annex, in their order.
    pub(super) annexes: Vec<(&'static str, Word)>,
}

impl Material<'_> {
    /// `Annex B: actions with their exact parameters`.
    pub(super) fn annex(&self, name: &str) -> String {
        let language = self.model.language;
        let found = ('A'..='Z').zip(&self.annexes).find(|(_, annex)| annex.0 == name);
        let (letter, title) = found.map_or(('?', ""), |(letter, annex)| (letter, language.word(annex.1)));
        language.fill(Word::AnnexNamed, &[("letter", &letter.to_string()), ("title", title)])
    }
}
