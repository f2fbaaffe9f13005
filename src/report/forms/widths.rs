//! Widths of a table's columns: by their weights, and none narrower than its longest word.

use crate::report::document::{Cell, Inline, Table};

/// A twentieth of a point, at the size of a table's text in Word; a share of the whole elsewhere.
type Width = u32;

/// The size of a table's text.
const SIZE: u32 = 160;
/// How wide a letter of a fixed width is, and one of a bold text beside that of a plain one, in hundredths.
const CODE: u32 = 60;
const BOLD: u32 = 112;
/// What stands beside the text of a cell.
const BESIDE: Width = 190;

/// The width of each column; together at most `room`.
pub(super) fn widths(table: &Table, room: Width) -> Vec<Width> {
    let weights: u32 = table.columns.iter().map(|c| c.weight.max(1)).sum::<u32>().max(1);
    let wanted: Vec<Width> = table.columns.iter().map(|c| room * c.weight.max(1) / weights).collect();
    let mut least: Vec<Width> = (0..table.columns.len()).map(|at| longest(table, at)).collect();
    // Where there is no room for every word, those of the widest columns are broken, and of no other.
    let most = bound(&least, room);
    least.iter_mut().for_each(|width| *width = (*width).min(most));
    // What the narrow ones get is taken from the others, by what those can spare.
    let missing: Width = wanted.iter().zip(&least).map(|(want, least)| least.saturating_sub(*want)).sum();
    let spare: Width = wanted.iter().zip(&least).map(|(want, least)| want.saturating_sub(*least)).sum();
    let fit = |(want, least): (&Width, &Width)| match want < least {
        true => *least,
        false => {
            let taken = u64::from(want - least) * u64::from(missing.min(spare)) / u64::from(spare.max(1));
            want - u32::try_from(taken).unwrap_or(0)
        }
    };
    wanted.iter().zip(&least).map(fit).collect()
}

/// The most that a column may have, so that all of them have room.
fn bound(least: &[Width], room: Width) -> Width {
    let mut sorted = least.to_vec();
    sorted.sort_unstable();
    let mut left = room;
    for (at, width) in sorted.iter().enumerate() {
        let each = left / u32::try_from(sorted.len() - at).unwrap_or(1).max(1);
        if *width > each {
            return each;
        }
        left -= width;
    }
    Width::MAX
}

/// The width of the longest word of a column, in its head or a cell.
fn longest(table: &Table, at: usize) -> Width {
    let head = Cell::from(vec![Inline::Strong(table.columns[at].head.clone())]);
    let cells = table.rows.iter().filter_map(|row| row.cells.get(at));
    cells.chain([&head]).map(word).max().unwrap_or(0) + BESIDE
}

/// The width of the longest word of a cell. Pieces without a blank between them are one word; what a line may be broken
/// behind ends a word.
fn word(cell: &Cell) -> Width {
    let (mut most, mut now) = (0, 0);
    for piece in &cell.content {
        let label;
        let (text, each): (&str, fn(char) -> u32) = match piece {
            Inline::Code(text) => (text, |_| CODE),
            Inline::Emphasis(text) | Inline::Link { text, .. } | Inline::Text(text) => (text, letter),
            Inline::Strong(text) | Inline::Verdict(text, _) => (text, |c| letter(c) * BOLD / 100),
            Inline::Figure(figure) => (&figure.text, letter),
            Inline::Mark(number) => {
                label = number.to_string();
                (&label, |c| letter(c) * 2 / 3)
            }
            Inline::Reference(reference) => {
                label = reference.label();
                (&label, letter)
            }
        };
        for c in text.chars() {
            if matches!(c, ' ' | '\n' | '\u{200b}') {
                now = 0;
                continue;
            }
            now += each(c);
            most = most.max(now);
            if matches!(c, '-' | '/') {
                now = 0;
            }
        }
    }
    (most * SIZE).div_ceil(100)
}

/// About how wide a letter is, in hundredths of its size: of Arial, or of DejaVu Sans, which stands for it where it is not
/// installed and is wider.
fn letter(c: char) -> u32 {
    match c {
        'i' | 'j' | 'l' | '\'' => 28,
        'f' | 't' | '.' | ',' | ':' | ';' | '!' | '/' | '|' | 'I' | '[' | ']' | '\u{a0}' | '\u{202f}'
        | '\u{2019}' => 39,
        'r' | '-' | '(' | ')' | '"' => 42,
        '_' => 56,
        'm' | 'M' | '%' | '—' | '…' | 'W' | '→' | '↔' => 100,
        'w' | 'G' | 'O' | 'Q' | 'C' | 'D' | 'H' | 'N' | 'R' | 'U' => 82,
        c if c.is_uppercase() => 71,
        c if c.is_ascii() || c.is_alphabetic() => 64,
        _ => 100,
    }
}

/// The columns that are narrower than their longest word.
#[cfg(test)]
pub(in crate::report) fn broken(table: &Table, room: Width) -> Vec<usize> {
    let found = widths(table, room);
    (0..found.len()).filter(|at| found[*at] < longest(table, *at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::{Cell, column, row};

    #[test]
    fn no_column_is_narrower_than_its_longest_word() {
        let table = Table {
            columns: vec![column("a", 1), column("b", 20), column("c", 20)],
            rows: vec![row([Cell::from("avertissement"), Cell::from("x"), Cell::from("y")])],
            ..Table::default()
        };
        let found = widths(&table, 9000);
        assert!(found[0] >= 13 * 70 && found.iter().sum::<u32>() <= 9000, "{found:?}");
        assert!(found[1].abs_diff(found[2]) <= 1);
    }

    #[test]
    fn what_has_no_room_is_made_to_fit() {
        let cells = || (0..12).map(|_| Cell::from("x".repeat(60)));
        let columns = (0..12).map(|_| column("", 1)).collect();
        let table = Table { columns, rows: vec![row(cells())], ..Table::default() };
        assert!(widths(&table, 9000).iter().sum::<u32>() <= 9000);
    }

    #[test]
    fn only_the_widest_column_has_its_words_broken() {
        let cells = [Cell::from("avertissement"), Cell::code("x".repeat(400)), Cell::from("non\u{a0}mesuré")];
        let whole = [0, 2].map(|at: usize| word(&cells[at]) + BESIDE);
        let columns = vec![column("a", 1), column("b", 40), column("c", 1)];
        let table = Table { columns, rows: vec![row(cells)], ..Table::default() };
        let found = widths(&table, 9000);
        assert!(found[0] >= whole[0] && found[2] >= whole[1], "{found:?}, {whole:?}");
        assert!(found.iter().sum::<u32>() <= 9000);
    }

    #[test]
    fn pieces_without_a_blank_between_them_are_one_word() {
        let pieces =
            vec![Inline::Text("dé".to_owned()), Inline::Strong("placés".to_owned()), Inline::Mark(1)];
        assert!(word(&Cell::from(pieces)) > word(&Cell::from("déplacés")));
    }
}
