//! What became different on the platform between two looks at it, and why, where somebody noted it.

use super::{
    input::{Input, PlatformChange},
    notes::{author, notes_of_campaign},
};
use crate::{
    record::{Said, Speaks},
    report::{
        language::Word,
        model::{ChangeRow, Statement},
    },
};

/// Every change that the snapshots show.
pub(in crate::report) fn changes(input: &Input<'_>) -> Vec<ChangeRow> {
    input.changes.iter().map(|change| row(input, change)).collect()
}

fn row(input: &Input<'_>, change: &PlatformChange) -> ChangeRow {
    let language = input.language;
    let side = |side: &Option<Said>| {
        side.as_ref()
            .map_or_else(|| language.word(Word::Nothing).to_owned(), |s| s.in_language(language).into_owned())
    };
    let seen =
        |(run, at): &(String, jiff::Timestamp)| format!("{} ({run})", language.moment(*at, &input.zone));
    ChangeRow {
        what: change.differing.what.said().in_language(language).into_owned(),
        name: change.differing.name.in_language(language).into_owned(),
        before: side(&change.differing.before),
        after: side(&change.differing.after),
        seen_before: seen(&change.before),
        seen_after: seen(&change.after),
        why: why(input, &change.differing.name),
    }
}

/// What people noted about the thing: those notes whose `about` its name begins with, as a setting's does.
fn why(input: &Input<'_>, name: &str) -> Vec<Statement> {
    let names = |about: &str| {
        let about = about.trim();
        !about.is_empty()
            && name.strip_prefix(about).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    let of =
        notes_of_campaign(input).into_iter().filter(|(_, note, _)| note.about.as_deref().is_some_and(names));
    of.map(|(at, note, reference)| Statement {
        text: input.language.say(&note.text),
        author: Some(author(input, at, note)),
        evidence: vec![reference],
        figures: Vec::new(),
    })
    .collect()
}
