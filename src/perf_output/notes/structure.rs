//! What a line is before its words are read: its depth and mark, what a log, a mail, a chat or a table puts before its
//! text, and the words of titles, headings and mails.

use super::{
    cues::{list, table},
    words::{Words, plain},
};
use crate::record::event::NoteKind;

/// A part of the day that a heading names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Period {
    /// Until noon.
    Morning,
    /// Around noon.
    Noon,
    /// Until the evening.
    Afternoon,
    /// After the afternoon; headings say `evening` or `soir`.
    Evening,
    /// After the evening; headings say `night`, `overnight` or `nuit`.
    Night,
}

const PERIODS: &[(Period, &[&str])] = &[
    (Period::Afternoon, &["apres midi", "apres-midi", "aprem", "afternoon", "pm"]),
    (Period::Morning, &["matin", "matinee", "morning", "am"]),
    (Period::Noon, &["midi", "noon", "lunch"]),
    (Period::Evening, &["soir", "soiree", "evening"]),
    (Period::Night, &["nuit", "night", "overnight"]),
];

/// A line without what stands before its text.
#[derive(Debug)]
pub(super) struct Shape<'a> {
    /// How deep it is set in: its mark counts for more than the blanks before it.
    pub(super) depth: usize,
    /// What it says.
    pub(super) said: &'a str,
    /// Whether it has a mark or a number of a list, or a clock, before it.
    pub(super) is_item: bool,
    /// Whether it is marked as a heading.
    pub(super) is_heading: bool,
}

/// What a line is by its marks.
pub(super) fn shape(indent: usize, text: &str) -> Shape<'_> {
    let mut said = text.trim_start_matches(['>', ' ']).trim();
    let hashes = said.len() - said.trim_start_matches('#').len();
    let mut is_heading = hashes > 0 && said[hashes..].starts_with(' ');
    if is_heading {
        said = said[hashes..].trim();
    }
    if said.len() > 4
        && (said.starts_with("**") && said.ends_with("**") || said.starts_with("__") && said.ends_with("__"))
    {
        (is_heading, said) = (true, said[2..said.len() - 2].trim());
    }
    // `*Decisions*`: a heading as mails and chats mark it.
    let starred = said.strip_prefix('*').and_then(|said| said.strip_suffix('*'));
    if let Some(inner) = starred.filter(|inner| {
        inner.starts_with(char::is_alphanumeric)
            && !inner.contains('*')
            && inner.split_whitespace().count() <= 4
    }) {
        (is_heading, said) = (true, inner);
    }
    let (mut rank, mut is_item) = (0, false);
    let mut chars = said.chars();
    let (first, second) = (chars.next(), chars.next());
    let is_apart = second.is_none_or(char::is_whitespace);
    let mark = match first {
        Some('-' | '*' | '•' | '–' | '—' | '·' | '►' | '➢' | '✓' | '→' | '✔' | '●') if is_apart => {
            1
        }
        Some('o' | '◦' | '+' | '‣' | '▪' | '○') if is_apart => 2,
        Some('§' | '■' | '▫') if is_apart => 3,
        // A dash that is typed without a blank.
        Some('-' | '•' | '→') if second.is_some_and(char::is_alphabetic) => 1,
        _ => 0,
    };
    if mark > 0 {
        (rank, is_item) = (mark, true);
        said = said[first.map_or(0, char::len_utf8)..].trim_start();
    } else if let Some((levels, rest)) = numbered(said) {
        (rank, is_item) = (levels, true);
        said = rest;
    }
    for mark in ["[ ] ", "[x] ", "[X] ", "☐ ", "☑ ", "[] ", "✅ ", "❌ ", "⚠️ ", "⚠ "] {
        if let Some(rest) = said.strip_prefix(mark) {
            (is_item, said) = (true, rest);
        }
    }
    let (clocked, rest) = unclocked(said);
    is_item |= clocked;
    Shape { depth: rank * 100 + indent.min(99), said: rest.trim(), is_item, is_heading }
}

/// A number or letter of a list, how many levels it has, and what stands behind it.
fn numbered(text: &str) -> Option<(usize, &str)> {
    let (first, rest) = text.split_once(char::is_whitespace)?;
    let ends = first.ends_with(['.', ')']) || first.contains('.') && first.len() >= 3;
    let bare = first.trim_end_matches(['.', ')']).trim_start_matches('(');
    let mut parts = bare.split('.');
    let digits =
        parts.all(|part| !part.is_empty() && part.len() <= 2 && part.bytes().all(|b| b.is_ascii_digit()));
    // `M1`, `R2`: what people number measures and risks with.
    let code = bare.len() <= 3
        && bare.starts_with(|c: char| c.is_ascii_uppercase())
        && bare.len() > 1
        && bare[1..].bytes().all(|b| b.is_ascii_digit());
    let letter = bare.len() == 1 && bare.bytes().all(|b| b.is_ascii_alphabetic()) && first.ends_with(')');
    let counts = |c: char| c.is_ascii_digit() && (letter || first.ends_with(')'));
    let word = rest
        .trim_start()
        .starts_with(|c: char| c.is_alphabetic() || counts(c) || matches!(c, '[' | '`' | '"' | '*' | '('));
    ((ends && (digits || letter) || code) && word && !bare.is_empty())
        .then(|| (if letter { 4 } else { bare.split('.').count() }, rest.trim_start()))
}

/// Whether a time of the day or a name stands before the text as in a log or a chat, and the text without them.
fn unclocked(text: &str) -> (bool, &str) {
    let (mut at, mut rest) = (false, text);
    let open = rest.trim_start_matches(['[', '(']);
    let end = open
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | 'h' | 'H' | '~' | '.')))
        .unwrap_or(open.len());
    let clock = &open[..end];
    let is_clock = (3..=8).contains(&clock.len())
        && clock.starts_with(|c: char| c.is_ascii_digit() || c == '~')
        && clock.contains(['h', 'H', ':'])
        && !open[end..].starts_with(char::is_alphanumeric);
    if is_clock {
        at = true;
        rest = open[end..].trim_start_matches([']', ')', ' ', '-', '–', '—', '|', ':', ',', '>']);
        // From one time to another.
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            let (again, behind) = unclocked(rest);
            rest = if again { behind } else { rest };
        }
    }
    // Who said it in a chat: one or two names.
    if at
        && let Some((who, said)) = rest.split_once(": ").or_else(|| rest.split_once(" : "))
        && who.split_whitespace().count() <= 2
        && who.starts_with(char::is_uppercase)
        && who.chars().all(|c| c.is_alphabetic() || " .-'".contains(c))
        && sort_of(&plain(who), false).is_none()
        && super::reading_as::strongly(&Words::of(&format!("{who}: x"))).is_none()
    {
        rest = said;
    }
    (at, rest)
}

/// Whether the line is a title, or the words of a mail around its content.
pub(super) fn is_frame(said: &str, at: usize) -> bool {
    let text = plain(said);
    let words = text.split_whitespace().count();
    let rule = !text.is_empty() && text.chars().all(|c| "-=_*~#|:+ .".contains(c));
    let quoted = text.starts_with("le ") && (text.ends_with("a ecrit :") || text.ends_with("ecrit:"))
        || text.starts_with("on ") && text.ends_with("wrote:");
    let first_word = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).count();
    let dated = text.len() < 60
        && words <= 8
        && (list("days").contains(&first_word) && (numbers >= 1 || words == 1)
            || at == 0 && numbers >= 2 && (text.matches(['/', '-']).count() >= 2 || text.contains("20")));
    let greets = words <= 5
        && list("greetings").iter().any(|word| {
            text.strip_prefix(word).is_some_and(|rest| {
                rest.chars().all(|c| ",.!: ".contains(c))
                    || word.len() > 3 && words <= 4 && rest.starts_with([' ', ','])
                    || matches!(*word, "hi" | "hey" | "br" | "cdt")
                        && rest.starts_with([' ', ','])
                        && words <= 3
            })
        });
    let chats = list("small-talk").contains(&text.trim_end_matches(['.', '!', ' ', ')', '(', ':', ',']))
        || text.starts_with(':') && text.ends_with(':') && words == 1;
    // A channel, or a fence.
    let tag = words == 1 && (text.starts_with('#') || text.starts_with("```"));
    let address = words <= 4 && text.contains('@') && text.contains('.') && !text.contains(':');
    rule || quoted
        || dated
        || greets
        || chats
        || tag
        || address
        || list("frames").iter().any(|frame| text.starts_with(frame) && words <= 14)
}

/// Whether the line is a name below a mail: a word or two with capitals, and nothing of the platform.
pub(super) fn is_name(said: &str) -> bool {
    let text = said.trim_end_matches(['.', ',']);
    let words: Vec<&str> = text.split_whitespace().collect();
    (1..=3).contains(&words.len())
        && words.iter().all(|word| {
            word.starts_with(char::is_uppercase)
                && word.chars().all(|c| c.is_alphabetic() || "-'.".contains(c))
                && (word.chars().skip(1).all(|c| !c.is_uppercase()) || word.contains(['-', '.']))
        })
}

/// What a heading says of the lines below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heading {
    /// The sort of note that they are, and the word that says so.
    pub(super) sort: Option<(NoteKind, &'static str)>,
    /// The part of the day.
    pub(super) period: Option<Period>,
}

/// What the line says as a heading; none where it is none.
///
/// `leads`: whether the next line is set in deeper, or is an item where this one is none.
pub(super) fn heading(shape: &Shape<'_>, leads: bool) -> Option<Heading> {
    let text = plain(shape.said);
    let text = text.trim_matches(['*', '_', ' ', '=']);
    let ends = text.ends_with(':');
    let bare = text.trim_end_matches([':', '.', ' ', '-']).trim_start_matches(|c: char| !c.is_alphanumeric());
    let bare = numbered(bare).map_or(bare, |(_, rest)| rest);
    let words = bare.split_whitespace().count();
    if words == 0 || words > 7 || bare.contains(": ") || bare.contains(['?', '=']) {
        return None;
    }
    let marked = shape.is_heading || ends;
    let is_item = shape.is_item && !(leads && words <= 5);
    // A detail is no heading unless it says so.
    if is_item && !marked && !shape.depth.is_multiple_of(100) {
        return None;
    }
    let period = PERIODS.iter().find(|(_, names)| names.iter().any(|name| named(bare, name, marked)));
    let sort = sort_of(bare, marked).filter(|_| words <= 5);
    let part = || list("parts").iter().any(|name| named(bare, name, marked)) && words <= 4;
    if has_verb(bare) && !shape.is_heading {
        return None;
    }
    match (period, sort) {
        (Some((period, _)), sort) => Some(Heading { sort: sort.filter(|_| marked), period: Some(*period) }),
        (None, Some(sort)) if marked || !is_item => Some(Heading { sort: Some(sort), period: None }),
        // A day, a week, a round.
        _ if is_date(bare, words) => Some(Heading { sort: None, period: None }),
        _ if shape.is_heading
            || part() && !is_item
            || (leads || words <= 3 && !shape.is_item) && leads_only(bare, words) =>
        {
            Some(Heading { sort: sort_within(bare), period: None })
        }
        // A few words with a colon at their end lead to what stands below them.
        _ if ends && words <= 5 && !is_item => Some(Heading { sort: sort_within(bare), period: None }),
        _ => None,
    }
}

/// Whether the line is a date or the number of a day, and nothing else.
fn is_date(bare: &str, words: usize) -> bool {
    const COUNTED: &[&str] =
        &["day", "jour", "semaine", "week", "wk", "j-", "j+", "s", "week of", "semaine du", "update", "maj"];
    let digits = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_digit())
            && text.chars().all(|c| c.is_ascii_digit() || "/.- ".contains(c))
    };
    let day = bare.contains(['/', '.', '-']) && digits(bare) && bare.len() >= 4;
    day || words <= 4
        && COUNTED.iter().any(|of| {
            bare.strip_prefix(of).is_some_and(|rest| {
                let rest = rest.trim_start();
                rest.starts_with(|c: char| c.is_ascii_digit()) && (words <= 2 || of.contains(' '))
            })
        })
}

/// The sort that a word of a heading says, wherever it stands there.
fn sort_within(bare: &str) -> Option<(NoteKind, &'static str)> {
    let words = Words::of(bare);
    let named =
        table("headings").iter().flat_map(|(kind, names)| names.iter().map(move |name| (*kind, *name)));
    let named = named.filter_map(|(kind, name)| {
        let sought = super::words::bare(name);
        Some((words.find(sought.trim())?, kind, name))
    });
    let first = named.min_by_key(|(at, ..)| *at).map(|(_, kind, name)| (kind, name));
    first.or_else(|| super::reading_as::object(&words))
}

fn named(bare: &str, name: &str, marked: bool) -> bool {
    bare.strip_prefix(name).is_some_and(|rest| {
        rest.is_empty() || marked && rest.starts_with([' ', '/', '(', '-', ',', ';']) || rest == "s"
    }) || marked
        && ["ce ", "this ", "cet ", "cette ", "fin de ", "debut d'", "in the "]
            .iter()
            .any(|l| bare.strip_prefix(l).is_some_and(|rest| rest == name))
}

fn sort_of(bare: &str, marked: bool) -> Option<(NoteKind, &'static str)> {
    const ENDS: &[&str] = &[
        "",
        "s",
        "s etapes",
        "es etapes",
        "es",
        "e",
        "s steps",
        " steps",
        " items",
        " d'action",
        "s d'action",
        "tions",
        "tion",
        " du jour",
        " of the day",
        "s du jour",
        "ations",
        "ee",
        "ees",
        "e etape",
        "e",
        "ed",
        "ite",
        "ilite",
        "ility",
    ];
    let bare =
        list("tails").iter().find_map(|tail| bare.strip_suffix(tail)?.strip_suffix(' ')).unwrap_or(bare);
    let bare = list("leaders").iter().find_map(|lead| bare.strip_prefix(lead)).unwrap_or(bare);
    let inner = list("leads").iter().find_map(|lead| bare.strip_prefix(lead)).unwrap_or(bare);
    [bare, inner].iter().find_map(|text| {
        table("headings").iter().find_map(|(kind, names)| {
            names
                .iter()
                .find(|name| text.strip_prefix(**name).is_some_and(|rest| marked || ENDS.contains(&rest)))
                .map(|name| (*kind, *name))
        })
    })
}

/// Whether a few words above a list say nothing that the list does not: no number but that of a test, no verb.
fn leads_only(bare: &str, words: usize) -> bool {
    let numbered = words <= 9
        && list("numbered").iter().any(|name| {
            bare.strip_prefix(name)
                .is_some_and(|rest| rest.trim_start().starts_with(|c: char| c.is_ascii_digit()))
        });
    let told = Words::of(bare);
    numbered
        || words <= 7 && !bare.contains(|c: char| c.is_ascii_digit()) && super::reading_as::is_silent(&told)
}

/// Words that make a line tell of something, and no heading.
fn has_verb(text: &str) -> bool {
    text.split(|c: char| !(c.is_alphanumeric() || c == '\'')).any(|word| list("verbs").contains(&word))
}

/// The cells of a row of a table.
pub(super) fn cells(text: &str) -> Option<Vec<&str>> {
    let text = text.trim();
    let bars = text.matches('|').count();
    if !(text.starts_with('|') && bars >= 3 || bars >= 2) {
        return None;
    }
    Some(text.trim_matches('|').split('|').map(str::trim).collect())
}

/// The sort that each column of a table has by its head; none where the row is no head.
pub(super) fn columns(cells: &[&str]) -> Option<Vec<Option<(NoteKind, &'static str)>>> {
    let of = |cell: &&str| {
        let cell = plain(cell);
        let cell = cell.trim_matches(['*', '_', ' ', ':']);
        (sort_of(cell, false), list("others").contains(&cell))
    };
    let found: Vec<_> = cells.iter().map(of).collect();
    let known = found.iter().filter(|(sort, other)| sort.is_some() || *other).count();
    (known * 2 > cells.len() && known >= 2).then(|| found.into_iter().map(|(sort, _)| sort).collect())
}
