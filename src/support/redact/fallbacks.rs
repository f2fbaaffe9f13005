//! What a program gives where it finds no secret elsewhere, or in place of an older one: `getenv("PASSWORD") || "x"`,
//! `password = a ? "x" : "y"`, `"old" -> "new"`.

use super::{
    calls::quoted,
    clear::is_clear,
    keys::is_field,
    prose,
    text::{in_name, is_quote, line_within, past_blanks, past_gap, past_quotes, value},
};
use std::ops::Range;

/// So much of an expression is looked at.
const LONGEST: usize = 256;

/// Whether a text in quotes may be the secret.
fn is_secret(text: &[u8], secret: &Range<usize>) -> bool {
    let shown = String::from_utf8_lossy(&text[secret.clone()]);
    is_clear(&shown) && !is_field(&shown)
}

/// The text in quotes behind a name that ends at `end`, as what is taken where there is none of that name.
pub(super) fn find(text: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
    const OPERATORS: [&[u8]; 8] = [b"||", b"??", b"?:", b"//", b"or ", b"else ", b"| default", b"|default"];
    const METHODS: [&[u8]; 9] = [
        b".unwrap_or(",
        b".unwrap_or_else(",
        b".or_else(",
        b".orElse(",
        b".orElseGet(",
        b".getOrElse(",
        b".get_or_insert(",
        b".or(",
        b".ifBlank",
    ];
    let name = past_quotes(text, end);
    let closers = text[name..].iter().take(8).take_while(|b| b")]}?!".contains(b)).count();
    let asked = text[name..name + closers].contains(&b')') && name > end && is_asked(text, start);
    // A mark of the operator is none that closes.
    let marks = text[name..name + closers].iter().rev().take_while(|b| **b == b'?').count();
    let at = past_blanks(text, name + closers - marks);
    let rest = &text[at..line_within(text, at, LONGEST)];
    let operator =
        OPERATORS.iter().find(|operator| rest.starts_with(operator)).map(|operator| operator.len());
    let method = || METHODS.iter().find(|method| rest.starts_with(method)).map(|method| method.len());
    // `the token or `x``, in a sentence; of a program something closes, or it is a field.
    let loose = rest.starts_with(b"or ") || rest.starts_with(b"else ");
    let field = text[..end].iter().rev().take(64).take_while(|b| in_name(b)).any(|b| *b == b'.');
    if loose && closers == 0 && !field && name == end {
        return None;
    }
    let next = match operator.or_else(method) {
        Some(length) => at + length,
        // `ENV.fetch("PASSWORD") { "x" }`
        None if asked && rest.starts_with(b"{ ") => at + 1,
        // `Or(getenv("PASSWORD"), "x")`
        None if asked && closers == 1 && rest.starts_with(b", ") => at + 2,
        // `a ? getenv("PASSWORD") : "x"`
        None if asked && rest.starts_with(b": ") => at + 2,
        None => return None,
    };
    let mut next = past_gap(text, next);
    // `unwrap_or_else(|_| "x")`, `orElseGet(() -> "x")`, `default("x")`
    for opening in [&b"("[..], b"|_| ", b"|| ", b") -> ", b") => ", b"{ "] {
        if text[next..].starts_with(opening) {
            next = past_gap(text, next + opening.len());
        }
    }
    let ticks = loose && text.get(next) == Some(&b'`');
    quoted(text, next).filter(|secret| !ticks && is_secret(text, secret))
}

/// Whether the name in quotes that begins at `start` is what a call reads: `getenv("PASSWORD")`.
fn is_asked(text: &[u8], start: usize) -> bool {
    const CHECKS: [&str; 5] = ["check", "contains", "find", "has", "is"];
    let before =
        text[start.saturating_sub(64)..start].strip_suffix(b"\"").or(text[..start].strip_suffix(b"'"));
    let Some(before) = before.and_then(|before| before.strip_suffix(b"(")) else { return false };
    let length = before.iter().rev().take(60).take_while(|b| in_name(b) || **b == b':').count();
    let path = String::from_utf8_lossy(&before[before.len() - length..]);
    let last = path.rsplit(['.', ':']).next().unwrap_or_default();
    prose::reads(&path) && !CHECKS.iter().any(|check| last.starts_with(check))
}

/// Both texts of `a ? "x" : "y"`, where it is the value that begins at `at`.
pub(super) fn choice(text: &[u8], at: usize) -> Option<Vec<Range<usize>>> {
    let start = past_blanks(text, at);
    let line = &text[start..line_within(text, start, LONGEST)];
    let mark = line.windows(3).position(|mark| mark == b" ? ")?;
    let plain = |b: &u8| in_name(b) || b" ()!=<>&|[]$".contains(b);
    if mark == 0 || !line[..mark].iter().all(plain) {
        return None;
    }
    let first = quoted(text, past_gap(text, start + mark + 3))?;
    let colon = past_blanks(text, first.end + 1);
    let other = (text.get(colon) == Some(&b':')).then(|| quoted(text, past_gap(text, colon + 1))).flatten();
    Some([Some(first), other].into_iter().flatten().filter(|secret| is_secret(text, secret)).collect())
}

/// The value that comes in place of one, or the other that may be taken: `"x" -> "y"`, `"x" if a else "y"`.
pub(super) fn next(text: &[u8], before: &Range<usize>) -> Option<Range<usize>> {
    let quote = text.get(before.end).copied().filter(|b| is_quote(*b));
    let at = past_blanks(text, before.end + usize::from(quote.is_some()));
    let rest = &text[at..line_within(text, at, LONGEST)];
    if quote.is_some() && rest.starts_with(b"if ") {
        let other = at + rest.windows(6).position(|word| word == b" else ")? + 6;
        return quoted(text, other).filter(|secret| is_secret(text, secret));
    }
    let arrow = ["->", "=>", "→"].into_iter().find(|arrow| rest.starts_with(arrow.as_bytes()))?;
    let start = past_blanks(text, at + arrow.len());
    if prose::is_remark(text, start) || start == at + arrow.len() {
        return None;
    }
    value(text, start, false).filter(|secret| is_secret(text, secret))
}
