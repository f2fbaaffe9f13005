//! The words by which notes are read: [`table`] and [`list`] of `cues.txt`.

use crate::record::event::NoteKind;
use std::{collections::BTreeMap, sync::LazyLock};

/// Words by the sort of note that they say.
pub(super) type Table = Vec<(NoteKind, Vec<&'static str>)>;

/// The file, read once.
static CUES: LazyLock<Cues> = LazyLock::new(|| Cues::read(include_str!("cues.txt")));

#[derive(Default)]
struct Cues {
    tables: BTreeMap<&'static str, Table>,
    lists: BTreeMap<&'static str, Vec<&'static str>>,
}

/// The words of that name, by the sort of note.
pub(super) fn table(name: &str) -> &'static [(NoteKind, Vec<&'static str>)] {
    CUES.tables.get(name).map_or(&[], Vec::as_slice)
}

/// The words of that name.
pub(super) fn list(name: &str) -> &'static [&'static str] {
    CUES.lists.get(name).map_or(&[], Vec::as_slice)
}

/// Where a phrase says no sort: those that stand in the line then, for each phrase.
pub(super) fn not_where(phrase: &str) -> &'static [&'static str] {
    static NAMES: LazyLock<BTreeMap<String, &'static [&'static str]>> = LazyLock::new(|| {
        let names = CUES.lists.iter().filter_map(|(name, words)| Some((name.strip_prefix("not ")?, words)));
        names.map(|(name, words)| (whole(name).to_owned(), words.as_slice())).collect()
    });
    NAMES.get(phrase).copied().unwrap_or_default()
}

impl Cues {
    fn read(text: &'static str) -> Self {
        let mut cues = Self::default();
        for section in text.split("\n[").skip(1) {
            let Some((name, words)) = section.split_once("]\n") else { continue };
            let lines = words.lines().filter(|line| !line.starts_with('#'));
            let words = lines.flat_map(|line| line.split(" | ")).filter(|word| !word.is_empty()).map(whole);
            let kind = name.split_once(' ').and_then(|(table, kind)| {
                Some((table, NoteKind::ALL.into_iter().find(|known| known.word() == kind)?))
            });
            match kind {
                Some((table, kind)) => cues.tables.entry(table).or_default().push((kind, words.collect())),
                None => drop(cues.lists.insert(name, words.collect())),
            }
        }
        cues
    }
}

/// A word as it is looked for: with a blank at its end where it is whole words.
fn whole(word: &'static str) -> &'static str {
    match word.strip_suffix('_') {
        Some(word) => format!("{word} ").leak(),
        None => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_that_is_asked_for_is_in_the_file() {
        for name in ["labels", "phrases", "objects", "headings"] {
            assert!(table(name).len() >= 2, "{name}");
        }
        for name in [
            "run-begins",
            "run-about",
            "orders",
            "infinitives",
            "no-infinitives",
            "seen",
            "requests",
            "platform",
            "parts",
            "frames",
            "greetings",
            "small-talk",
            "days",
            "leads",
            "tails",
            "leaders",
            "numbered",
            "verbs",
            "others",
        ] {
            assert!(!list(name).is_empty(), "{name}");
        }
        assert_eq!(not_where("faut "), ["par defaut ", "default "]);
        assert!(list("seen").contains(&"ok "));
    }
}
