//! Tables: a column whose head is the name of a secret, and a cell beside a cell that is one. CSV with commas, semicolons or
//! tabulators, and tables of Markdown and of programs, with bars.

use super::{
    clear,
    keys::{self, is_secret_key},
    text::{REACH, is_quote, line_within},
};
use std::ops::Range;

/// A longer line is no head of a table.
const LONGEST: usize = 1 << 10;

/// The secrets that a table has below the name that stands at `start..end`, or beside it.
pub(super) fn find(text: &[u8], start: usize, end: usize) -> Vec<Range<usize>> {
    let from = start.saturating_sub(LONGEST);
    let line =
        text[from..start].iter().rposition(|b| matches!(b, b'\n' | b'\r')).map_or(from, |at| from + at + 1);
    let Some((mark, loose)) = delimiter(text, line, start, end) else { return Vec::new() };
    let stop = line_within(text, start, LONGEST);
    let head = cells(text, line..stop, mark);
    let secret = |cell: &Range<usize>| text.get(cell.clone()).is_some_and(is_name);
    // One name of the line looks for all of them.
    let Some(first) = head.iter().position(secret) else { return Vec::new() };
    if !(head[first].start <= start && end <= head[first].end) || head.len() < 2 {
        return Vec::new();
    }
    let begins = line == 0 || cells(text, above(text, line), mark).len() != head.len();
    let ruled = mark == b'|' && is_rule(text, stop);
    let others =
        || head.iter().enumerate().filter(|(at, _)| *at != first).map(|(_, cell)| &text[cell.clone()]);
    // `password;x`: no head of a table says what a password is.
    let rows = cells(text, next_line(text, stop), mark).len() == head.len();
    let words = |cell: &Range<usize>| text[cell.clone()].contains(&b' ');
    let sentence = loose && head.iter().any(words);
    let is_head = ruled || begins && rows && !sentence && others().all(|cell| is_column(cell, head.len()));
    if is_head {
        let cells = head.iter().map(|cell| &text[cell.clone()]).enumerate();
        let columns: Vec<(usize, &[u8])> = cells.filter(|(_, cell)| is_name(cell)).collect();
        return below(text, stop, mark, head.len(), &columns);
    }
    // A line of a list is none of a table: `orders,user-token,payments`.
    let lone = begins && !rows;
    let quoted = text.get(end).is_some_and(|b| is_quote(*b));
    let listed = loose || matches!(mark, b',' | b';') && first > 0 || mark == b',' && !quoted && lone;
    if listed {
        return Vec::new();
    }
    // `| password | string | the password of the user |`
    let words = |cell: &Range<usize>| text[cell.clone()].split(u8::is_ascii_whitespace).count();
    let rest = &head[first + 1..];
    let value = match rest.first().is_some_and(|cell| is_type(&text[cell.clone()])) {
        true => rest[1..].iter().find(|cell| is_mixed(&text[(*cell).clone()])),
        false => rest.first(),
    };
    let name = &text[head[first].clone()];
    let number = |cell: &Range<usize>| head.len() > 2 && text[cell.clone()].iter().all(u8::is_ascii_digit);
    let is_value = |cell: &&Range<usize>| {
        is_cell(text, name, cell)
            && words(cell) <= 2
            && !secret(cell)
            && !number(cell)
            && !is_heading(&text[(*cell).clone()])
    };
    value.filter(is_value).into_iter().cloned().collect()
}

/// The line below the one that ends there.
fn next_line(text: &[u8], end: usize) -> Range<usize> {
    let start = (end + if text[end..].starts_with(b"\r\n") { 2 } else { 1 }).min(text.len());
    start..line_within(text, start, 4 * LONGEST)
}

/// What parts the cells of the line where the name is one, and whether it may be a comma of a sentence.
fn delimiter(text: &[u8], line: usize, start: usize, end: usize) -> Option<(u8, bool)> {
    let before = text[line..start].iter().rev().find(|b| !is_quote(**b) && **b != b' ');
    let behind = text[end..].iter().take(64).find(|b| !is_quote(**b) && **b != b' ');
    let is_mark = |b: &&u8| b";,\t|".contains(b);
    let ends = behind.is_none_or(|b| matches!(b, b'\n' | b'\r'));
    let mark = *behind.filter(is_mark).or_else(|| before.filter(is_mark).filter(|_| ends))?;
    let quoted = |at: Option<&u8>| at.is_some_and(|b| is_quote(*b));
    // A blank beside a comma is of a sentence.
    let gap = |b: Option<&u8>| b == Some(&b' ');
    let outer = start - usize::from(quoted(text[..start].last()));
    let loose = mark == b',' && (gap(text.get(end)) || gap(text[..outer].last()));
    let whole = quoted(text[..start].last()) == quoted(text.get(end));
    (whole && before.is_none_or(|b| *b == mark)).then_some((mark, loose))
}

/// The cells of a line, without the blanks and quotes around them.
fn cells(text: &[u8], line: Range<usize>, mark: u8) -> Vec<Range<usize>> {
    let mut cells = Vec::new();
    let (mut at, mut begin) = (line.start, line.start);
    let mut quote = None;
    while at <= line.end {
        let byte = (at < line.end).then(|| text[at]);
        match byte {
            Some(b'"') if quote.is_some() => quote = None,
            Some(b'"') if text[begin..at].trim_ascii().is_empty() => quote = Some(b'"'),
            Some(b) if b != mark || quote.is_some() => {}
            _ => {
                cells.push(inner(text, begin..at));
                begin = at + 1;
            }
        }
        at += 1;
    }
    // `| a | b |`
    if mark == b'|' && cells.len() > 2 {
        let edges = (cells[0].is_empty(), cells[cells.len() - 1].is_empty());
        if edges.1 {
            cells.pop();
        }
        if edges.0 {
            cells.remove(0);
        }
    }
    cells
}

fn inner(text: &[u8], mut cell: Range<usize>) -> Range<usize> {
    let is_edge = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'`' | b'*' | b'\'');
    while cell.start < cell.end && is_edge(&text[cell.start]) {
        cell.start += 1;
    }
    while cell.start < cell.end && is_edge(&text[cell.end - 1]) {
        cell.end -= 1;
    }
    cell
}

/// The line above.
fn above(text: &[u8], line: usize) -> Range<usize> {
    let end = line - 1;
    let from = end.saturating_sub(LONGEST);
    let start = text[from..end].iter().rposition(|b| *b == b'\n').map_or(from, |at| from + at + 1);
    start..end
}

/// Whether the line below the one that ends there parts the head of a table from its rows.
fn is_rule(text: &[u8], end: usize) -> bool {
    let next = (end + 1).min(text.len());
    let line = text[next..line_within(text, next, LONGEST)].trim_ascii();
    line.len() > 2 && line.iter().all(|b| b" -=:|+".contains(b)) && line.contains(&b'-')
}

/// Whether a cell is the name of a secret.
fn is_name(cell: &[u8]) -> bool {
    let name = cell.strip_prefix(b"--").unwrap_or(cell);
    let Ok(name) = std::str::from_utf8(name) else { return false };
    name.len() <= 64 && (is_secret_key(name) || name.eq_ignore_ascii_case("mot de passe"))
}

/// Whether a cell says of which type a setting is.
fn is_type(cell: &[u8]) -> bool {
    const TYPES: [&str; 8] = ["password", "string", "str", "text", "int", "boolean", "list", "secret"];
    TYPES.iter().any(|name| cell.eq_ignore_ascii_case(name.as_bytes()))
}

/// Whether a cell may be the head of a column: a short name. One alone beside that of a secret is a usual one.
fn is_column(cell: &[u8], count: usize) -> bool {
    let Ok(name) = std::str::from_utf8(cell) else { return false };
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ');
    let named = name.chars().all(is_part) && name.starts_with(char::is_alphabetic) && name.len() <= 40;
    named && name.split(' ').count() <= 3 && (count > 2 || keys::is_field(name))
}

/// Whether a cell is the usual head of a column that says something of what stands beside it: a table may be cut off below.
fn is_heading(cell: &[u8]) -> bool {
    const HEADINGS: [&str; 54] = [
        "action",
        "actions",
        "allowed",
        "commentaire",
        "comments",
        "date",
        "default",
        "défaut",
        "default value",
        "details",
        "détails",
        "durée",
        "duration",
        "effect",
        "état",
        "example",
        "exemple",
        "expiration",
        "explanation",
        "frequency",
        "fréquence",
        "key",
        "lag",
        "longueur",
        "meaning",
        "nom",
        "nombre",
        "notes",
        "number",
        "occurrences",
        "origin",
        "origine",
        "priority",
        "purpose",
        "quantity",
        "reason",
        "remark",
        "remarque",
        "remarques",
        "responsible",
        "role",
        "rôle",
        "règle",
        "rule",
        "rules",
        "sens",
        "signification",
        "state",
        "statut",
        "taille",
        "total",
        "unit",
        "usage",
        "use",
    ];
    std::str::from_utf8(cell).is_ok_and(|cell| {
        let lower = cell.to_lowercase();
        keys::is_field(cell) || HEADINGS.contains(&lower.as_str())
    })
}

/// What stands in those columns of the rows below.
fn below(text: &[u8], head: usize, mark: u8, count: usize, columns: &[(usize, &[u8])]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = head;
    while at < text.len().min(head + REACH) {
        let line = next_line(text, at);
        let row = &text[line.clone()];
        at = line.end;
        if !row.is_empty() && mark == b'|' && row.iter().all(|b| b" -=:|+".contains(b)) {
            continue;
        }
        let row = cells(text, line, mark);
        // Another table begins with a head of its own; a cell may be such a word too.
        let is_head = |(column, name): &(usize, &[u8])| {
            let cell = &text[row[*column].clone()];
            cell.eq_ignore_ascii_case(name) || is_name(cell) && mark == b'|' && is_rule(text, at)
        };
        if row.len() != count || columns.iter().any(is_head) {
            break;
        }
        let named = columns.iter().map(|(column, name)| (row[*column].clone(), name));
        let is_secret = |(cell, name): &(Range<usize>, &&[u8])| {
            is_cell(text, name, cell) && (!is_loose(name) || clear::is_odd(&text[cell.clone()]))
        };
        found.extend(named.filter(is_secret).map(|(cell, _)| cell));
    }
    found
}

/// Whether a cell may be a secret by that name. One with hyphens may be a topic, or a group: of those only what has the
/// letters of a secret.
fn is_cell(text: &[u8], name: &[u8], cell: &Range<usize>) -> bool {
    let bytes = &text[cell.clone()];
    let shown = String::from_utf8_lossy(bytes);
    let is_topic = name.strip_prefix(b"--").unwrap_or(name).contains(&b'-');
    let counts = bytes.iter().all(u8::is_ascii_digit) && (bytes.len() < 4 || name.ends_with(b"tokens"));
    let dashes = bytes.iter().all(|b| b"-=: +".contains(b));
    clear::is_clear(&shown) && !dashes && !counts && (!is_topic || is_mixed(bytes) && bytes.len() > 4)
}

/// Whether a column of that name may have names of secrets, of tokens in a text, or numbers of them.
fn is_loose(name: &[u8]) -> bool {
    [&b"token"[..], b"tokens", b"secret", b"secrets"].iter().any(|word| name.eq_ignore_ascii_case(word))
}

/// Whether a text has letters and digits.
fn is_mixed(text: &[u8]) -> bool {
    text.iter().any(u8::is_ascii_digit) && text.iter().any(u8::is_ascii_alphabetic)
}
