//! Statements of SQL that give a user a password. `PASSWORD 'x'` is a name and its value.

use super::{
    clear::is_clear,
    expect,
    text::{Finder, in_name, is_quote, line_within, past_blanks, value, word_end},
};
use memchr::{memchr, memmem};
use std::ops::Range;

/// How much of a statement is looked at before and behind.
const NEAR: usize = 160;

/// What the shapes look for, and where the secrets are then.
pub(super) fn traces() -> impl Iterator<Item = (String, Finder)> {
    let traces = [
        ("conn ", Finder::One(connect)),
        ("connect ", Finder::One(connect)),
        ("identified ", Finder::All(identified)),
        ("set password ", Finder::All(of_password)),
    ];
    traces.into_iter().map(|(trace, finder)| (trace.to_owned(), finder))
}

/// `IDENTIFIED BY 'x'`, `IDENTIFIED WITH plugin BY 'x'`, `ALTER USER u IDENTIFIED BY x REPLACE y`.
fn identified(text: &[u8], trace: Range<usize>) -> Vec<Range<usize>> {
    let rest = &text[trace.end..line_within(text, trace.end, NEAR / 2)];
    let Some(by) = rest.windows(3).position(|word| word.eq_ignore_ascii_case(b"by ")) else {
        return Vec::new();
    };
    let at = past_blanks(text, trace.end + by + 3);
    let quoted = text.get(at).is_some_and(|b| is_quote(*b));
    let first = value(text, at, false).filter(|_| quoted).or_else(|| unquoted(text, trace.start, at));
    let Some(first) = first else { return Vec::new() };
    let next = past_blanks(text, first.end + usize::from(quoted));
    let replaced = text.get(next..next + 8).is_some_and(|word| word.eq_ignore_ascii_case(b"replace "));
    let old = replaced.then(|| value(text, next + 8, false)).flatten();
    [Some(first), old].into_iter().flatten().collect()
}

/// A password without quotes, where a statement stands there and no sentence: `a user identified by its name`.
fn unquoted(text: &[u8], before: usize, at: usize) -> Option<Range<usize>> {
    const CLAUSES: [&str; 18] = [
        "account",
        "and",
        "container",
        "default",
        "environment",
        "externally",
        "failed_login_attempts",
        "from",
        "password",
        "profile",
        "quota",
        "replace",
        "require",
        "retain",
        "temporary",
        "using",
        "with",
        "identified",
    ];
    let words = |part: &[u8]| -> Vec<String> {
        let part = String::from_utf8_lossy(part).to_ascii_lowercase();
        part.split_whitespace().map(str::to_owned).collect()
    };
    let near = &text[before.saturating_sub(NEAR)..before];
    let statement = words(near.rsplit(|b| *b == b';').next().unwrap_or_default());
    let made = statement.windows(2).any(|pair| {
        ["create", "alter"].contains(&pair[0].as_str())
            && ["user", "role", "login", "database", "public", "shared"].contains(&pair[1].as_str())
    });
    let secret = at..word_end(text, at);
    let behind = words(&text[secret.end..line_within(text, secret.end, NEAR)]);
    let goes_on = behind.first().is_none_or(|word| {
        let name = word.len() - word.trim_start_matches(|c: char| c.is_ascii() && in_name(&(c as u8))).len();
        name == 0 || CLAUSES.contains(&&word[..name])
    });
    let shown = String::from_utf8_lossy(&text[secret.clone()]);
    let is_word = ["values", "password", "its", "the", "an", "their"]
        .iter()
        .any(|word| shown.eq_ignore_ascii_case(word));
    let stated =
        made || text[before..].starts_with(b"IDENTIFIED ") || statement.iter().any(|word| word == "grant");
    (stated && goes_on && !is_word && is_clear(&shown)).then_some(secret)
}

/// What is set as a password, in SQL or in a script of `expect`.
fn of_password(text: &[u8], trace: Range<usize>) -> Vec<Range<usize>> {
    set_password(text, trace.clone()).map_or_else(|| expect::assigned(text, trace), |secret| vec![secret])
}

/// `SET PASSWORD FOR u = 'x'`, `SET PASSWORD FOR u = PASSWORD('x')`, `SET PASSWORD TO 'x'`.
fn set_password(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let rest = text[trace.end..line_within(text, trace.end, NEAR)].to_ascii_lowercase();
    let begin = [&b"for "[..], b"=", b"to '"].iter().any(|begin| rest.starts_with(begin));
    let mark = memchr(b'=', &rest).or_else(|| Some(memmem::find(&rest, b"to '")? + 2)).filter(|_| begin)?;
    let secret = value(text, trace.end + mark + 1, false)?;
    is_clear(&String::from_utf8_lossy(&text[secret.clone()])).then_some(secret)
}

/// `connect scott/tiger@db`, `CONN sys/x AS SYSDBA` in a script of Oracle: a line of its own.
fn connect(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let near = &text[trace.start.saturating_sub(16)..trace.start];
    let line = near.rsplit(|b| *b == b'\n').next()?.trim_ascii();
    let begins = matches!(line, b"" | b"\"" | b"'" | b"SQL>") || line.ends_with(b";");
    let login = past_blanks(text, trace.end)..word_end(text, trace.end);
    let word = text.get(login.clone()).filter(|_| begins)?;
    let slash = memchr(b'/', word).filter(|at| *at > 0 && word[..*at].iter().all(in_name))?;
    let host = memchr(b'@', &word[slash..]).map(|at| slash + at);
    let behind = text[login.end..line_within(text, login.end, NEAR)].trim_ascii_start().to_ascii_lowercase();
    let secret = login.start + slash + 1..login.start + host.unwrap_or(word.len());
    (host.is_some() || behind.starts_with(b"as sys")).then_some(secret)
}
