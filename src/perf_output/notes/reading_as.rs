//! Which sort of note a line that a person wrote is, where its own words say so.
//!
//! A line that says two sorts is the more careful one: what is supposed, to be done or feared never stands as observed.

use super::{
    cues::{list, not_where, table},
    words::{Words, bare},
};
use crate::record::event::NoteKind;

/// The sort that a line reads as, and the words that say so, in lower case and without accents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadsAs {
    /// The kind of note that the words say.
    pub kind: NoteKind,
    /// Label, phrase or word that decided the sort; `?` for a question.
    pub words: String,
}

impl ReadsAs {
    pub(super) fn new(kind: NoteKind, words: &str) -> Self {
        Self { kind, words: words.trim().to_owned() }
    }
}

/// The sort that the words of a line say: what it calls itself, what it is told with, and then single words in it.
pub fn reads_as(line: &str) -> Option<ReadsAs> {
    let words = Words::of(line);
    strongly(&words).or_else(|| weakly(&words))
}

/// What a line says against the heading above it: a label, a question, a phrase.
pub(super) fn strongly(words: &Words) -> Option<ReadsAs> {
    if let Some(label) = labelled(&words.plain) {
        return Some(label);
    }
    let said = |kind: NoteKind, phrases: &[&'static str]| {
        let place = |phrase: &&'static str| Some((words.find(phrase)?, kind, *phrase));
        let is_not = |phrase: &str| not_where(phrase).iter().any(|not| words.find(not).is_some());
        phrases.iter().filter(|phrase| !is_not(phrase)).filter_map(place).min()
    };
    if let Some((_, kind, phrase)) = said(NoteKind::Action, list("requests")) {
        return Some(ReadsAs::new(kind, phrase));
    }
    let ends = words.plain.trim_end_matches([' ', '!', ')', '"', '*', '|']);
    if ends.ends_with('?') || ends.contains("? ") {
        return Some(ReadsAs::new(NoteKind::Hypothesis, "?"));
    }
    // What is made of an observation comes before it, wherever they stand.
    let first = |of: &dyn Fn(NoteKind) -> bool| {
        table("phrases")
            .iter()
            .filter(|(kind, _)| of(*kind))
            .filter_map(|(kind, phrases)| said(*kind, phrases))
            .min_by_key(|(at, ..)| *at)
    };
    let found =
        first(&|kind| kind != NoteKind::Observation).or_else(|| first(&|kind| kind == NoteKind::Observation));
    found.map(|(_, kind, phrase)| ReadsAs::new(kind, phrase))
}

/// What a line calls itself: `Risque : …`, `[TODO] …`; `plain` is the line as [`Words::plain`] has it.
pub(super) fn labelled(plain: &str) -> Option<ReadsAs> {
    let plain = plain.trim_start_matches(|c: char| !c.is_alphanumeric());
    table("labels").iter().find_map(|(kind, labels)| {
        let label = labels.iter().find(|label| {
            plain.strip_prefix(**label).is_some_and(|rest| {
                let rest = rest.strip_prefix("(s)").unwrap_or(rest);
                let rest = rest.trim_start_matches('*');
                rest.trim_start().starts_with([':', '–', '—', ']', ')', '|', '='])
                    || rest.starts_with(" - ")
                    || rest.starts_with(" -> ")
                    // What people write in capitals before a task needs no colon.
                    || **label == "todo" && rest.starts_with(' ') && rest.trim().split(' ').count() >= 2
            })
        })?;
        Some(ReadsAs::new(*kind, label))
    })
}

/// Whether the words by which a line was sorted name problems: those of a heading or of a label.
pub fn is_trouble(words: &str) -> bool {
    ["anomal", "bug", "incident", "issue", "pb", "problem"].iter().any(|trouble| words.starts_with(trouble))
}

/// Whether the words tell of nothing that was seen, done or is to be done.
pub(super) fn is_silent(words: &Words) -> bool {
    strongly(words).is_none()
        && task(words).is_none()
        && done(words).is_none()
        && !list("seen").iter().any(|seen| words.find(seen).is_some())
}

/// What single words say.
pub(super) fn weakly(words: &Words) -> Option<ReadsAs> {
    if let Some(task) = task(words) {
        return Some(ReadsAs::new(NoteKind::Action, &task));
    }
    if let Some((kind, object)) = object(words) {
        return Some(ReadsAs::new(kind, object));
    }
    let run = || list("run-about").iter().find(|of| words.find(of).is_some());
    if list("run-begins").iter().any(|start| words.begins(start))
        && let Some(of) = run()
    {
        return Some(ReadsAs::new(NoteKind::Observation, of));
    }
    if let Some(seen) = list("seen").iter().find(|seen| words.find(seen).is_some()) {
        return Some(ReadsAs::new(NoteKind::Observation, seen));
    }
    done(words).or_else(|| fact(words)).map(|word| ReadsAs::new(NoteKind::Observation, &word))
}

/// What makes a line a fact where nothing else is said of it: a number, or a part of the platform, among some words.
fn fact(words: &Words) -> Option<String> {
    let number = || words.bare.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let part = || list("platform").iter().find(|part| words.find(part).is_some()).copied();
    (words.count() >= 3).then(|| part().and_then(|_| number())).flatten().map(str::to_owned)
}

/// What the line is about, where that is security or monitoring: the first one that it names.
pub(super) fn object(words: &Words) -> Option<(NoteKind, &'static str)> {
    let objects = table("objects").iter().flat_map(|(kind, objects)| {
        objects.iter().filter_map(|object| Some((words.find(object)?, *kind, *object)))
    });
    objects.min_by_key(|(at, ..)| *at).map(|(_, kind, object)| (kind, object))
}

/// What the task is told with: an order, an infinitive at the beginning or behind `à`.
fn task(words: &Words) -> Option<String> {
    if let Some(order) = list("orders").iter().find(|order| words.begins(order)) {
        let rest = words.bare.trim_start()[order.trim_end().len()..].trim_start();
        // A noun that is written like the order: `test 2`, `plan d'action`, `update of …`.
        let noun =
            ["de ", "d ", "du ", "of ", "was ", "is ", "to be ", "ok ", "ko ", "done ", "in progress "]
                .iter()
                .any(|behind| rest.starts_with(behind));
        if !noun && !rest.starts_with(|c: char| c.is_ascii_digit()) {
            return Some((*order).trim().to_owned());
        }
    }
    // Who it is for stands before it: `LP : recenser les clients`, or what: `le passer à 5`, `les prévenir`.
    let behind = words.plain.split_once(':').filter(|(who, _)| who.split_whitespace().count() <= 2);
    let behind = behind.map(|(_, rest)| bare(rest));
    let pronoun = ["le ", "la ", "les ", "l ", "leur ", "lui ", "y "].iter().find(|p| words.begins(p));
    let rest = behind.or_else(|| pronoun.map(|p| words.bare[p.len()..].to_owned()));
    if let Some(first) = rest.as_deref().and_then(|rest| rest.split_whitespace().next())
        && is_infinitive(first)
    {
        return Some(first.to_owned());
    }
    // Somebody is to do it: `Suresh to sample a day of traffic`.
    let mut told = words.bare.split_whitespace().skip(1);
    if words.is_named && told.next() == Some("to") && told.next().is_some_and(|w| w.len() > 2) {
        return Some("to".to_owned());
    }
    let mut before = "";
    for (at, word) in words.bare.split_whitespace().enumerate() {
        let in_place = at == 0 || before == "a" && at > 0 || matches!(before, "de" | "d") && at == 1;
        if in_place && is_infinitive(word) && (at > 0 || !words.first.ends_with('é')) {
            return Some(if at == 0 { word.to_owned() } else { format!("{before} {word}") });
        }
        before = word;
    }
    None
}

fn is_infinitive(word: &str) -> bool {
    list("infinitives").iter().any(|known| known.trim_end() == word)
        || word.len() >= 5 && word.ends_with("er") && !list("no-infinitives").contains(&word)
}

/// What tells that something was done: a participle or the name of a deed at the beginning.
fn done(words: &Words) -> Option<String> {
    let first = words.bare.split_whitespace().next()?;
    let accented = ["é", "ée", "és", "ées"].iter().any(|end| words.first.ends_with(end));
    let part = list("platform").iter().any(|part| words.begins(part));
    let deed = words.count() >= 2
        && !part
        && (first.len() >= 6 && ["tion", "age", "ment", "ation"].iter().any(|end| first.ends_with(end))
            || first.len() >= 5 && first.ends_with("ed"));
    (accented || deed).then(|| first.to_owned())
}

/// Whether a line tells that a load was run.
pub(super) fn tells_of_a_run(words: &Words) -> bool {
    list("run-begins").iter().any(|start| words.begins(start))
        && list("run-about").iter().any(|of| words.find(of).is_some())
}
