//! French typography: what may not stand apart from the sign or the unit behind it is kept with it.

use super::{
    charts::Picture,
    document::{Block, Document, Inline, Table},
    language::Language,
};

/// A blank that does not break, and a narrow one.
const WIDE: char = '\u{a0}';
const NARROW: char = '\u{202f}';
/// Units that stay with their number.
const UNITS: [&str; 17] = [
    "%", "ms", "s", "min", "h", "j", "o", "Kio", "Mio", "Gio", "Tio", "MB/s", "enr./s", "B", "KiB", "MiB",
    "GiB",
];

/// Sets a French document; others stay as they are.
pub(super) fn set(document: &mut Document) {
    if document.meta.language != Language::Fr {
        return;
    }
    blocks(&mut document.cover);
    for section in &mut document.sections {
        section.title = french(&section.title);
        blocks(&mut section.blocks);
    }
}

fn blocks(all: &mut [Block]) {
    for block in all {
        match block {
            Block::Callout(_, content) | Block::Paragraph(content) => inlines(content),
            Block::Heading(heading) => heading.text = french(&heading.text),
            Block::List(items) | Block::Notes(items) => items.iter_mut().for_each(|item| inlines(item)),
            Block::Mermaid(mermaid) => mermaid.caption = french(&mermaid.caption),
            Block::Picture(of) => picture(of),
            Block::Pictures(all) => all.iter_mut().for_each(picture),
            Block::Table(of) => table(of),
            Block::Code(_) | Block::PageBreak => {}
        }
    }
}

fn picture(of: &mut Picture) {
    of.caption = french(&of.caption);
    of.description = french(&of.description);
}

fn table(of: &mut Table) {
    of.caption = french(&of.caption);
    of.columns.iter_mut().for_each(|column| column.head = french(&column.head));
    of.rows.iter_mut().flat_map(|row| &mut row.cells).for_each(|cell| inlines(&mut cell.content));
}

fn inlines(content: &mut [Inline]) {
    for piece in content {
        match piece {
            Inline::Emphasis(text) | Inline::Strong(text) | Inline::Text(text) | Inline::Verdict(text, _) => {
                *text = french(text);
            }
            Inline::Code(_)
            | Inline::Figure(_)
            | Inline::Link { .. }
            | Inline::Mark(_)
            | Inline::Reference(_) => {}
        }
    }
}

/// The text with blanks that do not break before `: ; ! ? % »` and units, and behind `«`.
fn french(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len() + 8);
    for (at, c) in chars.iter().enumerate() {
        if *c != ' ' {
            out.push(*c);
            continue;
        }
        let before = at.checked_sub(1).map(|at| chars[at]);
        let next = chars.get(at + 1);
        let ends = |at: usize| chars.get(at).is_none_or(|c| c.is_whitespace());
        out.push(match next {
            Some(':' | '»') if ends(at + 2) || *next.unwrap_or(&' ') == '»' => WIDE,
            Some(';' | '!' | '?') => NARROW,
            _ if before == Some('«') => WIDE,
            _ if before.is_some_and(|c| c.is_ascii_digit()) && unit(&chars[at + 1..]) => WIDE,
            _ => ' ',
        });
    }
    out
}

/// Whether the text begins with a unit.
fn unit(rest: &[char]) -> bool {
    let end = rest.iter().position(|c| c.is_whitespace() || ",;)".contains(*c)).unwrap_or(rest.len());
    let word: String = rest[..end.min(8)].iter().collect();
    UNITS.contains(&word.trim_end_matches('.')) || UNITS.contains(&word.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_that_do_not_break_stand_where_french_wants_them() {
        assert_eq!(french("Risque : 3 % ; vraiment ?"), "Risque\u{a0}: 3\u{a0}%\u{202f}; vraiment\u{202f}?");
        assert_eq!(french("« 512000 by »"), "«\u{a0}512000 by\u{a0}»");
        assert_eq!(french("de 2 min 27 s, 14 ms."), "de 2\u{a0}min 27\u{a0}s, 14\u{a0}ms.");
        assert_eq!(french("10:20 et a :b"), "10:20 et a :b");
    }
}
