//! Lines of configuration in which a blank parts the name of a secret from it: Java's properties, LDAP, routers, proxies.

use super::{
    clear::{is_clear, is_odd, is_prose},
    keys::is_secret_key,
    sentences::is_method,
    text::{Finder, One, in_name, is_quote, line_within},
};
use std::ops::Range;

/// A longer line is none of a configuration.
const LONGEST: usize = 256;

/// Names that stand for nothing else: whatever is behind them is the secret.
const NAMES: &[&str] = &["auth_pass", "bindpw", "rootbindpw", "rootpw"];

const TRACES: &[(&str, One)] = &[
    ("auth-pass ", behind_owner),
    ("authentication-key ", behind),
    ("com2sec ", last),
    ("com2sec6 ", last),
    ("community ", community),
    ("controlrole ", role),
    ("monitorrole ", role),
    ("isakmp key ", behind),
    ("key-string ", behind),
    ("pre-shared-key ", behind),
    ("digest-key ", behind),
    ("-server key ", behind),
    ("stats auth ", log_in),
    (" on >", of_redis),
];

/// What the shapes look for, and where the secret is then.
pub(super) fn traces() -> impl Iterator<Item = (String, Finder)> {
    TRACES.iter().map(|(trace, find)| ((*trace).to_owned(), Finder::One(*find)))
}

/// The line before `at`, up to its begin, without what marks it as an item or a change. `None` where it is too long.
fn before(text: &[u8], at: usize) -> Option<&[u8]> {
    let from = at.saturating_sub(LONGEST);
    let begin = text[from..at].iter().rposition(|b| *b == b'\n').map(|place| from + place + 1);
    let line = &text[begin.or((from == 0).then_some(0))?..at];
    let marks = line.iter().take_while(|b| b.is_ascii_whitespace() || b"-+>~|`#".contains(b)).count();
    Some(&line[marks..])
}

/// The words behind `at` in its line, or in the quotes that the line is in.
fn words(text: &[u8], at: usize) -> Vec<Range<usize>> {
    let line = &text[at..line_within(text, at, LONGEST)];
    let mut start = at;
    let mut words = Vec::new();
    for word in line.split(|b| b.is_ascii_whitespace()) {
        if !word.is_empty() {
            words.push(start..start + word.len());
        }
        start += word.len() + 1;
    }
    words
}

/// A word without the quotes around it, or the one that closes the whole line.
fn inner(text: &[u8], word: &Range<usize>) -> Range<usize> {
    let open = usize::from(is_quote(text[word.start]));
    let close = usize::from(word.len() > 1 && is_quote(text[word.end - 1]));
    word.start + open..(word.end - close).max(word.start + open)
}

/// The secret behind a name of which the words of the line are known.
fn secret(text: &[u8], word: &Range<usize>) -> Option<Range<usize>> {
    let secret = inner(text, word);
    let shown = &text[secret.clone()];
    // `ssl.key.password sensitive=true`
    let setting = shown.iter().take_while(|b| b.is_ascii_lowercase()).count();
    let other = setting > 0 && shown.get(setting) == Some(&b'=') && shown.len() > setting + 1;
    let address = shown.windows(3).any(|part| part == b"://");
    (!other && !address && !is_prose(shown) && is_clear(&String::from_utf8_lossy(shown))).then_some(secret)
}

/// The secret of a line that begins with its name at `start..end`, or says with it whose it is.
pub(super) fn find(text: &[u8], name: &str, start: usize, end: usize) -> Option<Range<usize>> {
    if !text.get(end).is_some_and(|b| matches!(b, b' ' | b'\t')) {
        return None;
    }
    let before = before(text, start)?;
    let words = words(text, end);
    let shown = |at: usize| words.get(at).map(|word| &text[inner(text, word)]);
    // `secret 5 x`, `password 7 x`, `secret level 15 5 x`
    let is_kind = |at: usize| shown(at).is_some_and(|word| matches!(word, [b'0'..=b'9']));
    let may_kind = ["password", "secret"].contains(&name);
    let level = if shown(0) == Some(b"level") { 2 } else { 0 };
    let (at, kind) = if may_kind && is_kind(level) && words.len() > level + 1 {
        (level + 1, true)
    } else {
        (level, false)
    };
    let value = words.get(at)?;
    let shown_value = &text[inner(text, value)];
    let odd = is_odd(shown_value);
    let mixed = shown_value.iter().any(u8::is_ascii_digit) && !shown_value.ends_with(b";");
    let last = words.len() == at + 1;
    let dotted = || {
        let mut parts = name.rsplit('.');
        let last = parts.next().unwrap_or_default();
        let pair = format!("{}.{last}", parts.next().unwrap_or_default());
        name.contains('.') && (is_secret_key(last) || is_secret_key(&pair))
    };
    let in_parts = name.contains(['_', '-']) || name.chars().skip(1).any(char::is_uppercase);
    let given = if before.is_empty() {
        last && (dotted() || kind && odd || NAMES.iter().any(|own| name.eq_ignore_ascii_case(own)))
            || in_parts && odd && mixed && (last || words.len() == 2)
    } else {
        let line: Vec<&[u8]> =
            before.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
        match line.as_slice() {
            [b"enable"] => last && (kind || odd),
            [b"neighbor", _] | [b"username", _] | [b"username", _, b"privilege", _] => last,
            [b"user", _] | [b"set", .., _] => last && (kind || odd),
            _ => dotted() && odd && last && !is_method(&text[value.clone()]),
        }
    };
    if given { secret(text, value) } else { None }
}

/// `tacacs-server key 7 x`, `crypto isakmp key x address h`, `pre-shared-key ascii-text x`.
fn behind(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    const FORMS: [&[u8]; 5] = [b"ascii-text", b"hexadecimal", b"local", b"md5", b"remote"];
    let words = words(text, trace.end);
    let is_form = |word: &&Range<usize>| {
        let shown = &text[(*word).clone()];
        matches!(shown, [b'0'..=b'9']) || FORMS.contains(&shown)
    };
    let skipped = words.iter().take_while(is_form).count();
    let value = words.get(skipped)?;
    let last = words.len() == skipped + 1 || text[words[skipped + 1].clone()] == *b"address";
    if last { secret(text, value) } else { None }
}

/// `snmp-server community x RO`, `rocommunity x`: all but the usual ones, which everybody knows.
fn community(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let before = before(text, trace.start)?;
    let words = words(text, trace.end);
    let known = [&b"snmp-server "[..], b"ro", b"rw", b"trap"].contains(&before)
        // `--community x`
        || text[..trace.start].ends_with(b"--");
    let value = words.first().filter(|_| known)?;
    let usual = [&b"public"[..], b"private", b"string", b"default"].contains(&&text[value.clone()]);
    if usual { None } else { secret(text, value) }
}

/// `com2sec notConfigUser default x`, of SNMP.
fn last(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let words = words(text, trace.end);
    let value = words.last().filter(|_| words.len() >= 3)?;
    if [&b"public"[..], b"private"].contains(&&text[value.clone()]) { None } else { secret(text, value) }
}

/// `controlRole x`, of JMX; the file beside it has what a role may do.
fn role(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    before(text, trace.start).filter(|before| before.is_empty())?;
    let words = words(text, trace.end);
    let value = words.first().filter(|_| words.len() == 1)?;
    if [&b"readonly"[..], b"readwrite"].contains(&&text[value.clone()]) { None } else { secret(text, value) }
}

/// `sentinel auth-pass mymaster x`.
fn behind_owner(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let words = words(text, trace.end);
    if words.len() == 2 { secret(text, &words[1]) } else { None }
}

/// `stats auth admin:x`.
fn log_in(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let word = words(text, trace.end).into_iter().next()?;
    let colon = text[word.clone()].iter().position(|b| *b == b':')?;
    secret(text, &(word.start + colon + 1..word.end)).filter(|secret| !secret.is_empty())
}

/// `user ana on >x ~* +@all`.
fn of_redis(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let user = before(text, trace.start)?;
    let user = user.strip_prefix(b"user ")?;
    let length = text[trace.end..].iter().take(LONGEST).take_while(|b| !b.is_ascii_whitespace()).count();
    (user.iter().all(in_name) && length > 0).then_some(trace.end..trace.end + length)
}
