//! Text in columns of a terminal: cells and wrapped lines that never exceed their width, whatever the text holds.

use crate::support::text::{cut, one_line};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// `text` cut or filled to exactly `width` columns.
pub(super) fn cell(text: &str, width: usize) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

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
