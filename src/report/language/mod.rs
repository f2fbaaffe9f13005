//! The words of reports in each [`Language`].

mod words;

pub use crate::record::Language;
use crate::record::{
    Said,
    said::template::{Filling, filled},
};
pub(super) use words::Word;

impl Language {
    /// The word or sentence of that key.
    pub fn word(self, key: Word) -> &'static str {
        words::get(self, key)
    }

    /// The sentence in this language. Those of journals from before there were messages stay as they were recorded.
    pub(in crate::report) fn say(self, said: &Said) -> String {
        said.in_language(self).into_owned()
    }

    /// The sentence of that key with its `{name}` places filled.
    pub fn fill(self, key: Word, places: &[(&str, &str)]) -> String {
        filled(self.word(key), |name| {
            let (_, value) = places.iter().find(|(known, _)| *known == name)?;
            Some(Filling { text: (*value).into(), is_one: self.is_one(value) })
        })
    }

    /// Whether what is counted by a written number stands in the singular: in French whatever is below two.
    fn is_one(self, number: &str) -> bool {
        match self {
            Self::En => number == "1",
            Self::Fr => {
                let whole = number.split([',', '\u{202f}']).next().unwrap_or_default();
                ["0", "1"].contains(&whole) && !number.contains('\u{202f}')
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_has_the_form_of_its_number() {
        let told = |language: Language, count: &str| language.fill(Word::CountedSteps, &[("count", count)]);
        assert_eq!(
            ["0", "1", "2"].map(|n| told(Language::Fr, n)),
            ["0 étape", "1 étape", "2 étapes"].map(str::to_owned)
        );
        assert_eq!(["0", "1"].map(|n| told(Language::En, n)), ["0 steps", "1 step"].map(str::to_owned));
        assert_eq!(told(Language::Fr, "1\u{202f}000"), "1\u{202f}000 étapes");
    }

    #[test]
    fn a_value_with_braces_is_left_alone() {
        let filled = Language::En.fill(Word::Kept, &[("action", "{from} {x}"), ("from", "2")]);
        assert!(filled.contains("{from} {x}"), "{filled}");
    }
}
