//! Scripts of editors of streams that write a secret into a text: `sed 's/password=.*/password=x/'`.

use super::{
    clear::is_clear,
    keys::is_secret_key,
    text::{Finder, command_end, in_name, is_quote},
};
use memchr::memmem;
use std::ops::Range;

/// What the shapes look for, and where the secrets are then.
pub(super) fn traces() -> impl Iterator<Item = (String, Finder)> {
    ["sed ", "perl "].into_iter().map(|trace| (trace.to_owned(), Finder::All(find)))
}

/// The secrets in the commands `s` and `c` of a script.
fn find(text: &[u8], trace: Range<usize>) -> Vec<Range<usize>> {
    let begins = text[..trace.start]
        .last()
        .is_none_or(|b| b.is_ascii_whitespace() || is_quote(*b) || b"/[($;|&,>".contains(b));
    let end = command_end(text, trace.end);
    let (mut found, mut at) = (Vec::new(), trace.end);
    while begins && at < end {
        // A second program has its own script.
        let rest = &text[at..end];
        let Some(next) = rest.iter().position(|b| b"sc|".contains(b)) else { break };
        at += next;
        let alone = text[..at].last().is_none_or(|b| !in_name(b) && *b != b'\\');
        let command = text[at];
        // Another one has a script of its own.
        if alone && text[at..].starts_with(&text[trace.clone()]) {
            break;
        }
        at += 1;
        if command == b'|' && text[..at - 1].ends_with(b" ") {
            break;
        }
        if !alone || command == b'|' {
            continue;
        }
        match (command, text.get(at)) {
            (b's', Some(mark)) if mark.is_ascii_punctuation() && !b"\\-_.='\"".contains(mark) => {
                let Some(first) = part(&text[..end], at + 1, *mark) else { continue };
                let Some(second) = part(&text[..end], first.end + 1, *mark) else { continue };
                at = second.end;
                found.extend(written(text, &first, &second));
            }
            // `/password/c\password=x`
            (b'c', Some(b'\\' | b' ')) => {
                let length = text[at..end].iter().position(|b| is_quote(*b)).unwrap_or(end - at);
                let line = at + 1..(at + length).max(at + 1);
                found.extend(value(text, &line).and_then(|value| secret(text, value)));
                at = line.end;
            }
            _ => {}
        }
    }
    found
}

/// What stands up to the next mark that is not escaped.
fn part(text: &[u8], start: usize, mark: u8) -> Option<Range<usize>> {
    let mut at = start;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => at += 2,
            b if *b == mark => return Some(start..at),
            _ => at += 1,
        }
    }
    None
}

/// The secret in what is written in place of a pattern: the value of a name, or all of it where the pattern finds one.
fn written(text: &[u8], pattern: &Range<usize>, new: &Range<usize>) -> Option<Range<usize>> {
    if let Some(value) = value(text, new) {
        return secret(text, value);
    }
    let shown = &text[pattern.clone()];
    let upper = shown.iter().any(u8::is_ascii_uppercase) && !shown.iter().any(u8::is_ascii_lowercase);
    let finds = upper || shown.iter().any(|b| b":=@{}<>%$*".contains(b)) || shown.starts_with(b"__");
    let named = shown.split(|b| !in_name(b)).any(is_name);
    if !finds || !named {
        return None;
    }
    // `\1x`, `${1}x`
    let mut start = new.start;
    while matches!(text.get(start..start + 2), Some([b'\\' | b'$', b'0'..=b'9'])) && start < new.end {
        start += 2;
    }
    secret(text, start..new.end)
}

/// What stands behind the name of a secret: `password: x`, `"password": "x"`.
fn value(text: &[u8], part: &Range<usize>) -> Option<Range<usize>> {
    let inner = &text[part.clone()];
    let mark = inner.iter().position(|b| matches!(b, b'=' | b':'))?;
    let name = inner[..mark].rsplit(|b| !in_name(b)).find(|word| !word.is_empty())?;
    is_name(name).then_some(part.start + mark + 1..part.end)
}

fn is_name(word: &[u8]) -> bool {
    std::str::from_utf8(word).is_ok_and(|word| is_secret_key(word.trim_matches(['_', '.', '-'])))
}

/// What is written, where it may be a secret: no variable, no part of what was found, no word that says it is hidden.
fn secret(text: &[u8], part: Range<usize>) -> Option<Range<usize>> {
    let edge = |b: &u8| b.is_ascii_whitespace() || is_quote(*b) || *b == b'\\';
    let inner = &text[part.clone()];
    let start = part.start + inner.iter().take_while(|b| edge(b)).count();
    let end = part.end - inner.iter().rev().take_while(|b| edge(b)).count();
    let shown = text.get(start..end.max(start))?;
    let upper = shown.iter().all(|b| b.is_ascii_uppercase() || b"_*<>[]".contains(b));
    let taken = memmem::find(shown, b"$").is_some_and(|at| at == 0)
        || shown.windows(2).any(|pair| pair[0] == b'\\' && pair[1].is_ascii_digit());
    let other = shown.len() < 3 || upper || taken || shown.contains(&b'&');
    (!other && is_clear(&String::from_utf8_lossy(shown))).then_some(start..end)
}
