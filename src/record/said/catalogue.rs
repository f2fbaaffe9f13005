//! The catalogue: every message with its English and its French template. `messages!` puts one in from wherever it is
//! declared; the linker gathers them, so that a kind with its own messages is one file.

use crate::record::Language;
use std::{collections::BTreeMap, sync::LazyLock};

/// One message in both languages.
#[derive(Debug)]
pub struct Entry {
    /// Name of the message, `area.name`.
    pub id: &'static str,
    /// The English template: `{name}` is a place, `{name|one|many}` the form of a word that the number there asks for.
    pub en: &'static str,
    /// The French template, with the same places.
    pub fr: &'static str,
    /// The names of its places.
    pub args: &'static [&'static str],
}

impl Entry {
    /// The template in `language`.
    pub(super) fn of(&self, language: Language) -> &'static str {
        match language {
            Language::En => self.en,
            Language::Fr => self.fr,
        }
    }
}

/// Every entry that `messages!` declares.
#[doc(hidden)]
#[linkme::distributed_slice]
#[allow(unsafe_code, clippy::allow_attributes, reason = "the linker gathers it in a section of its own")]
pub static CATALOGUE: [Entry];

static BY_ID: LazyLock<BTreeMap<&'static str, &'static Entry>> =
    LazyLock::new(|| CATALOGUE.iter().map(|e| (e.id, e)).collect());

/// The message of that name.
pub(super) fn find(id: &str) -> Option<&'static Entry> {
    BY_ID.get(id).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The places of a template, and those that only choose a form of a word.
    fn places(template: &str) -> (BTreeSet<&str>, BTreeSet<&str>) {
        let places = template.split('{').skip(1).filter_map(|p| p.split_once('}')).map(|(place, _)| place);
        let (forms, plain): (Vec<_>, Vec<_>) = places.partition(|place| place.contains('|'));
        (plain.into_iter().collect(), forms.into_iter().filter_map(|f| f.split('|').next()).collect())
    }

    #[test]
    fn every_message_is_whole_in_both_languages() {
        let mut seen = BTreeSet::new();
        for entry in CATALOGUE {
            assert!(seen.insert(entry.id), "{} is declared twice", entry.id);
            for template in [entry.en, entry.fr] {
                assert!(!template.trim().is_empty(), "{}", entry.id);
                assert_eq!(template.matches('{').count(), template.matches('}').count(), "{template}");
                let (plain, forms) = places(template);
                for name in plain.iter().chain(&forms) {
                    assert!(entry.args.contains(name), "{}: {name}", entry.id);
                }
                for arg in entry.args {
                    assert!(plain.contains(arg) || forms.contains(arg), "{}: {arg} in {template}", entry.id);
                }
            }
        }
        assert!(seen.len() > 5, "the linker left the catalogue out: {seen:?}");
    }

    #[test]
    fn no_french_message_has_an_english_word() {
        const ENGLISH: [&str; 31] = [
            "after", "and", "any", "are", "be", "been", "before", "by", "cannot", "does", "each", "every",
            "from", "has", "have", "is", "its", "not", "of", "only", "than", "that", "the", "there", "they",
            "this", "to", "was", "were", "which", "with",
        ];
        let mut wrong = Vec::new();
        for entry in CATALOGUE {
            // Code and places apart.
            let prose: Vec<&str> = entry.fr.split('`').step_by(2).collect();
            let prose: Vec<&str> = prose.iter().flat_map(|text| text.split(['{', '}']).step_by(2)).collect();
            let mut words =
                prose.iter().flat_map(|text| text.split(|c: char| !(c.is_alphanumeric() || c == '-')));
            if let Some(word) = words.find(|word| ENGLISH.contains(&word.to_lowercase().as_str())) {
                wrong.push(format!("{}: {word} in {}", entry.id, entry.fr));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
