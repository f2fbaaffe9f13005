//! [`shown`]: what was typed, as it can be shown: an argument may hold line ends and what steers a terminal.

use crate::support::text;

/// `text` with every such argument of this process, and every such value of its own variables, as [`text::name`] has it.
pub(super) fn shown(text: &str) -> String {
    let arguments = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    let own = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        name.as_encoded_bytes().starts_with(b"JALON_").then(|| value.to_string_lossy().into_owned())
    };
    with_names(text, arguments.chain(std::env::vars_os().filter_map(own)))
}

fn with_names(text: &str, words: impl Iterator<Item = String>) -> String {
    let mut shown = text.to_owned();
    for word in words {
        // `--option=value` is told without its option, `-Cvalue` too.
        let value = word.split_once('=').map_or("", |(_, value)| value);
        let behind = word.strip_prefix("-C").unwrap_or_default();
        for typed in [word.as_str(), value, behind].into_iter().filter(|typed| typed.trim().len() > 1) {
            let name = text::name(typed);
            if name != typed {
                shown = shown.replace(typed, &name);
            }
        }
    }
    // What else steers a terminal is nobody's word; colours are.
    let mut clean = String::with_capacity(shown.len());
    let mut rest = shown.chars().peekable();
    while let Some(c) = rest.next() {
        let is_colour = c == '\u{1b}' && rest.peek() == Some(&'[') && is_colour(rest.clone());
        match c {
            '\n' | '\t' => clean.push(c),
            c if is_colour => clean.push(c),
            c => clean.push_str(&text::name(c.encode_utf8(&mut [0; 4]))),
        }
    }
    clean
}

/// Whether what follows an escape sets a colour: `[1;31m`.
fn is_colour(behind: impl Iterator<Item = char>) -> bool {
    behind.skip(1).find(|c| !(c.is_ascii_digit() || *c == ';')) == Some('m')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_breaks_no_line_and_steers_no_terminal() {
        let words = ["-C", "a\nb", "--env=x\u{1b}[2J", "--run", "\n"].map(str::to_owned);
        let shown = with_names(
            "\u{1b}[31merror:\u{1b}[0m cannot read a\nb/plan\nhint: not `x\u{1b}[2J`, \u{202e}nor\u{7}",
            words.into_iter(),
        );
        assert_eq!(
            shown,
            "\u{1b}[31merror:\u{1b}[0m cannot read a\\nb/plan\nhint: not `x\\u{1b}[2J`, \\u{202e}nor\\u{7}"
        );
    }
}
