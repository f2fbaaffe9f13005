//! What became different on the platform between two looks at it, and why, where somebody noted it.

use super::{
    input::{Input, PlatformChange},
    notes::{author, notes_of_campaign},
};
use crate::{
    compare::{Differing, What},
    report::{
        language::{Language, Word, reasons},
        model::{ChangeRow, Statement},
    },
};

/// Every change that the snapshots show.
pub(in crate::report) fn changes(input: &Input<'_>) -> Vec<ChangeRow> {
    input.changes.iter().map(|change| row(input, change)).collect()
}

fn row(input: &Input<'_>, change: &PlatformChange) -> ChangeRow {
    let language = input.language;
    let side = |side: &Option<String>| {
        side.as_ref().map_or_else(|| language.word(Word::Nothing).to_owned(), |s| reasons::named(language, s))
    };
    let seen =
        |(run, at): &(String, jiff::Timestamp)| format!("{} ({run})", language.moment(*at, &input.zone));
    ChangeRow {
        what: sort(language, change.differing.what).to_owned(),
        name: reasons::named(language, &change.differing.name),
        before: side(&change.differing.before),
        after: side(&change.differing.after),
        seen_before: seen(&change.before),
        seen_after: seen(&change.after),
        why: why(input, &change.differing.name),
    }
}

/// The sort of thing that differs.
fn sort(language: Language, what: What) -> &'static str {
    language.word(match what {
        What::Broker => Word::Broker,
        What::Client => Word::Client,
        What::Connection => Word::Connection,
        What::Connector => Word::Connector,
        What::Environment => Word::Environment,
        What::Load => Word::Load,
        What::Plan => Word::PlanText,
        What::Profile => Word::Profile,
        What::Program => Word::Program,
        What::Topic => Word::Topic,
        What::Variable => Word::Variable,
    })
}

/// What differs between two runs, in a line.
pub(in crate::report) fn differing(language: Language, of: &Differing) -> String {
    let side = |side: &Option<String>| {
        let known = side.as_ref().map(|s| reasons::named(language, s));
        known.unwrap_or_else(|| language.word(Word::Nothing).to_owned())
    };
    let colon = language.colon();
    let (what, name) = (sort(language, of.what), reasons::named(language, &of.name));
    format!("{what}{colon}{name}{colon}{} → {}", side(&of.before), side(&of.after))
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
        text: note.text.clone(),
        author: Some(author(input, at, note)),
        evidence: vec![reference],
        figures: Vec::new(),
    })
    .collect()
}
