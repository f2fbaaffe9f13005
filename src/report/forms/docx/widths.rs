//! Widths of a table's columns: by their weights, and none narrower than its longest word.

use super::page::Twips;
use crate::report::document::{Inline, Table};

/// About how wide a letter of a table's text, of its heads and of its code is.
const LETTER: u32 = 100;
const BOLD: u32 = 116;
const CODE: u32 = 100;
/// What stands beside the text of a cell.
const BESIDE: u32 = 170;

/// The width of each column; together at most `room`.
pub(super) fn widths(table: &Table, room: Twips) -> Vec<Twips> {
    let weights: u32 = table.columns.iter().map(|c| c.weight.max(1)).sum::<u32>().max(1);
    let wanted: Vec<Twips> = table.columns.iter().map(|c| room * c.weight.max(1) / weights).collect();
    // Where there is no room for every word, the longest ones are broken: no column takes more than a third.
    let least: Vec<Twips> = (0..table.columns.len()).map(|at| longest(table, at).min(room / 3)).collect();
    let needed: Twips = least.iter().sum();
    if needed >= room {
        return least.iter().map(|width| width * room / needed.max(1)).collect();
    }
    // What the narrow ones get is taken from the others, by what those can spare.
    let missing: Twips = wanted.iter().zip(&least).map(|(want, least)| least.saturating_sub(*want)).sum();
    let spare: Twips = wanted.iter().zip(&least).map(|(want, least)| want.saturating_sub(*least)).sum();
    let fit = |(want, least): (&Twips, &Twips)| match want < least {
        true => *least,
        false => {
            let taken = u64::from(want - least) * u64::from(missing.min(spare)) / u64::from(spare.max(1));
            want - u32::try_from(taken).unwrap_or(0)
        }
    };
    wanted.iter().zip(&least).map(fit).collect()
}

/// The width of the longest word of a column, in its head or a cell.
fn longest(table: &Table, at: usize) -> Twips {
    let head = word(&table.columns[at].head) * BOLD;
    let cells = table.rows.iter().filter_map(|row| row.cells.get(at)).flat_map(|cell| &cell.content);
    let cell = |piece: &Inline| match piece {
        Inline::Code(text) => word(text) * CODE,
        Inline::Emphasis(text) | Inline::Link { text, .. } | Inline::Text(text) => word(text) * LETTER,
        Inline::Strong(text) | Inline::Verdict(text, _) => word(text) * BOLD,
        Inline::Figure(figure) => word(&figure.text) * LETTER,
        Inline::Mark(_) => LETTER,
        Inline::Reference(reference) => (count(&reference.id) + 2) * LETTER,
    };
    cells.map(cell).fold(head, u32::max) + BESIDE
}

fn count(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX / 200).min(200)
}

/// Letters of the longest word. What a line may be broken behind ends a word.
fn word(text: &str) -> u32 {
    text.split([' ', '\n', '\u{200b}'])
        .flat_map(|word| word.split_inclusive(['-', '/']))
        .map(count)
        .max()
        .unwrap_or(0)
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
        assert!(found[0] >= 13 * LETTER && found.iter().sum::<u32>() <= 9000, "{found:?}");
        assert!(found[1].abs_diff(found[2]) <= 1);
    }

    #[test]
    fn what_has_no_room_is_made_to_fit() {
        let cells = || (0..12).map(|_| Cell::from("x".repeat(60)));
        let columns = (0..12).map(|_| column("", 1)).collect();
        let table = Table { columns, rows: vec![row(cells())], ..Table::default() };
        assert!(widths(&table, 9000).iter().sum::<u32>() <= 9000);
    }
}
