//! Text in columns of a terminal: cells and wrapped lines that never exceed their width, whatever the text holds.

use crate::support::text::{cut, one_line};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// `text` cut or filled to exactly `width` columns.
pub(in crate::report) fn cell(text: &str, width: usize) -> String {
    let shown = cut(text, width);
    let missing = width.saturating_sub(shown.width());
    shown + &" ".repeat(missing)
}

/// `text` in lines of at most `width` columns, each with `indent` blanks before it; a long word is broken.
pub fn wrap(text: &str, width: usize, indent: usize) -> String {
    let room = width.saturating_sub(indent).max(8);
    let mut lines = vec![String::new()];
    for word in one_line(text).split(' ').filter(|w| !w.is_empty()) {
        let mut word = word.to_owned();
        loop {
            let line = lines.last_mut().expect("there is always a line");
            let gap = usize::from(!line.is_empty());
            if line.width() + gap + word.width() <= room {
                line.push_str(if gap == 1 { " " } else { "" });
                line.push_str(&word);
                break;
            }
            if !line.is_empty() {
                lines.push(String::new());
                continue;
            }
            let mut used = 0;
            let at = word
                .char_indices()
                .find(|(_, c)| {
                    used += c.width().unwrap_or(0);
                    used > room
                })
                .map_or(word.len(), |(at, _)| at);
            let rest = word.split_off(at);
            *line = std::mem::replace(&mut word, rest);
            lines.push(String::new());
        }
    }
    let lead = " ".repeat(indent);
    lines.iter().filter(|l| !l.is_empty()).map(|l| format!("{lead}{l}\n")).collect()
}

/// Rows below their heads in columns, two blanks apart, of at most `width` columns in all. What does not fit is cut in
/// the widest column first; the first column keeps its width for as long as it can.
pub fn grid(heads: &[&str], rows: &[Vec<String>], width: usize) -> String {
    let mut widths: Vec<usize> = heads.iter().map(|head| head.width()).collect();
    for row in rows {
        for (wide, text) in widths.iter_mut().zip(row) {
            *wide = (*wide).max(one_line(text).width());
        }
    }
    let gaps = 2 * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > width {
        let others = widths.iter().enumerate().skip(1).filter(|(_, wide)| **wide > 6);
        let widest = others.max_by_key(|(_, wide)| **wide).map_or(0, |(at, _)| at);
        match widths.get_mut(widest) {
            Some(wide) if *wide > 1 => *wide -= 1,
            _ => break,
        }
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let shown: Vec<String> = cells.zip(&widths).map(|(text, wide)| cell(text, *wide)).collect();
        format!("{}\n", shown.join("  ").trim_end())
    };
    let mut out = line(&mut heads.iter().copied());
    rows.iter().for_each(|row| out.push_str(&line(&mut row.iter().map(String::as_str))));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_fits_and_keeps_its_first_column() {
        let rows = vec![vec!["20251218-091500-lab".to_owned(), "x".repeat(90), "漢字".repeat(20)]];
        let shown = grid(&["run", "reason", "title"], &rows, 80);
        assert!(shown.lines().all(|line| line.width() <= 80), "{shown}");
        assert!(shown.contains("20251218-091500-lab  x"), "{shown}");
    }

    #[test]
    fn no_line_is_too_wide() {
        for text in ["a".repeat(300), "漢字 ".repeat(90), "🚀".repeat(100), "one two ".repeat(40)] {
            for line in wrap(&text, 80, 6).lines().chain([cut(&text, 80).as_str(), cell(&text, 20).as_str()])
            {
                assert!(line.width() <= 80, "{line}");
            }
            assert_eq!(cell(&text, 20).width(), 20);
            let kept: String = wrap(&text, 80, 6).split_whitespace().collect();
            assert_eq!(kept, text.split_whitespace().collect::<String>(), "nothing is lost");
        }
    }

    #[test]
    fn a_text_cannot_steer_the_terminal() {
        assert_eq!(one_line("a\u{1b}[2Jb\nc\u{202e}d"), "a[2Jb cd");
    }
}
