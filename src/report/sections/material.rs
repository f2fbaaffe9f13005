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
    /// `Annex B: actions with their exact parameters`; none where the report is made without annexes.
    pub(super) fn annex(&self, name: &str) -> Option<String> {
        let language = self.model.language;
        let (letter, annex) = ('A'..='Z').zip(&self.annexes).find(|(_, annex)| annex.0 == name)?;
        let places = [("letter", letter.to_string()), ("title", language.word(annex.1).to_owned())];
        let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
        Some(language.fill(Word::AnnexNamed, &places))
    }

    /// A sentence, and behind it in which annex there is more.
    pub(super) fn with_annex(&self, sentence: String, name: &str) -> String {
        match self.annex(name) {
            Some(annex) => {
                [&sentence, " ", &self.model.language.fill(Word::SeeAnnex, &[("annex", &annex)])].concat()
            }
            None => sentence,
        }
    }
}
