//! Notes that give a user and a password with a slash between them: `login admin / x`, `identifiants : ana/x`.

use super::{
    clear::{is_clear, is_odd, is_status},
    keys::is_field,
    prose::is_first,
    sentences::{ACCOUNTS, is_method},
    text::{Finder, One, in_name, is_quote, line_within},
};
use memchr::memmem;
use std::ops::Range;

/// A longer line is none of a note.
const LONGEST: usize = 128;

const TRACES: &[(&str, One)] = &[
    ("cred ", given),
    ("creds ", given),
    ("identifiant", said),
    ("log in", said),
    ("log-in", said),
    ("login", said),
    ("pass ", spoken_pass),
    ("@", before_host),
    (" / ", parted),
];

/// What the shapes look for, and where the secret is then.
pub(super) fn traces() -> impl Iterator<Item = (String, Finder)> {
    TRACES.iter().map(|(trace, find)| ((*trace).to_owned(), Finder::One(*find)))
}

/// Whether a word may be a user: `ana`, `DOM\ana`, `ana@example`.
fn is_user(word: &[u8]) -> bool {
    let is_part = |b: &u8| in_name(b) || matches!(b, b'@' | b'\\') || !b.is_ascii();
    let shown = String::from_utf8_lossy(word);
    word.first().is_some_and(|b| b.is_ascii_alphabetic())
        && word.iter().all(is_part)
        && !is_status(&shown)
        && !is_first(&shown)
}

/// Whether a word has the letters of a password, and is no name of a method.
fn is_password(word: &[u8]) -> bool {
    is_odd(word) && !is_method(word)
}

/// The password that a word has at its begin, without the mark that ends a sentence.
fn secret(text: &[u8], word: Range<usize>) -> Option<Range<usize>> {
    let marks = text[word.clone()].iter().rev().take_while(|b| b",.;:)]\"'`".contains(b)).count();
    let secret = word.start..word.end - marks;
    let shown = String::from_utf8_lossy(&text[secret.clone()]);
    let number = shown.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    (!number && is_clear(&shown) && !is_first(&shown)).then_some(secret)
}

/// `creds ana:x`.
fn given(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let begins = text[..trace.start].last().is_none_or(|b| !in_name(b));
    behind(text, trace.end, false).filter(|_| begins)
}

/// The password of a user that stands behind a word for a log-in: `creds ana:x`, `identifiants : ana/x1`. Where the word may
/// have another meaning, it must look like one.
pub(super) fn behind(text: &[u8], at: usize, strict: bool) -> Option<Range<usize>> {
    const LINKS: [&[u8]; 10] = [b":", b"=", b"are", b"as", b"avec", b"est", b"is", b"sont", b"with", b"->"];
    let line = &text[at..line_within(text, at, LONGEST)];
    let mut start = at;
    for word in line.split(|b| b.is_ascii_whitespace()).take(6) {
        let place = start..start + word.len();
        start += word.len() + 1;
        if word.is_empty() || LINKS.contains(&word) {
            continue;
        }
        let mark = word.iter().position(|b| matches!(b, b':' | b'/'))?;
        let (user, password) = (&word[..mark], &word[mark + 1..]);
        let odd = strict || word[mark] == b'/';
        let other = password.starts_with(b"/") || is_field(&String::from_utf8_lossy(password));
        let secret = secret(text, place.start + mark + 1..place.end)?;
        let known = !odd || is_password(&text[secret.clone()]);
        return (is_user(user) && known && !other && secret.len() > 3).then_some(secret);
    }
    None
}

/// `login admin / x`, `login : ana/x1`: what stands behind the word for a log-in.
fn said(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    const LINKS: [&[u8]; 9] = [b":", b"=", b"as", b"avec", b"comme", b"en", b"is", b"with", b"est"];
    if text[..trace.start].last().is_some_and(in_name) {
        return None;
    }
    let plural = usize::from(text.get(trace.end) == Some(&b's'));
    let begin = trace.end + plural;
    let line = &text[begin..line_within(text, begin, LONGEST)];
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut start = begin;
    for word in line.split(|b| b.is_ascii_whitespace()).take(8) {
        // `login: ana`
        let colons = word.iter().take_while(|b| matches!(b, b':' | b'=')).count();
        for part in [start..start + colons, start + colons..start + word.len()] {
            if !part.is_empty() {
                words.push(part);
            }
        }
        start += word.len() + 1;
    }
    if !line.first().is_some_and(|b| b.is_ascii_whitespace() || matches!(b, b':' | b'=')) {
        return None;
    }
    let shown = |at: usize| words.get(at).map_or(&b""[..], |word| &text[word.clone()]);
    let linked = |at: usize| {
        at.checked_sub(1).is_some_and(|at| LINKS.contains(&shown(at)) || shown(at).ends_with(b":"))
    };
    for at in 0..words.len().min(5) {
        if shown(at + 1) == b"/" && is_user(shown(at)) {
            let word = words.get(at + 2)?;
            let last = words.len() == at + 3;
            let known = linked(at) || at == 0 && ACCOUNTS.contains(&&*String::from_utf8_lossy(shown(at)));
            return secret(text, word.clone()).filter(|secret| {
                last && known && !is_method(&text[secret.clone()]) || is_password(&text[secret.clone()])
            });
        }
        let slash = shown(at).iter().position(|b| *b == b'/');
        if let Some(slash) = slash.filter(|slash| linked(at) && is_user(&shown(at)[..*slash])) {
            let word = words[at].start + slash + 1..words[at].end;
            return secret(text, word).filter(|secret| is_password(&text[secret.clone()]));
        }
    }
    // `login : ana:x1`
    let is_plural = plural > 0 && text[trace].starts_with(b"i");
    behind(text, begin, !is_plural)
}

/// `pass x1`, `ana pass x1`: alone in its line, or behind a user, and with a word that looks like a password. The same word is a
/// verdict, a turn and a verb.
fn spoken_pass(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    /// What is counted with a number behind it.
    const COUNTED: [&[u8]; 16] = [
        b"attempt",
        b"broker",
        b"case",
        b"check",
        b"criterion",
        b"gate",
        b"level",
        b"part",
        b"phase",
        b"round",
        b"run",
        b"stage",
        b"step",
        b"test",
        b"try",
        b"v",
    ];
    let before = &text[trace.start.saturating_sub(64)..trace.start];
    let from = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let lead = before[from..].trim_ascii();
    let begins = before.last().is_none_or(|b| !in_name(b) && *b != b'/');
    if !begins || text[trace.clone()].iter().all(|b| !b.is_ascii_lowercase()) {
        return None;
    }
    let end = line_within(text, trace.end, LONGEST);
    let length = text[trace.end..end].iter().take_while(|b| !b.is_ascii_whitespace()).count();
    let secret = secret(text, trace.end..trace.end + length)?;
    let word = &text[secret.clone()];
    let letters = word.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let counted = COUNTED.iter().any(|name| word[..letters].eq_ignore_ascii_case(name));
    let plain = word.iter().all(|b| b.is_ascii_alphanumeric() || b"!#$&*+?^~@%-_.".contains(b));
    let alone = text[trace.end + length..end].trim_ascii().is_empty();
    let marked = lead.iter().all(|b| b"-*>#$|\"'`([".contains(b) || b.is_ascii_whitespace());
    // `user ana pass x1`, `ana / pass x1`
    let user = lead.rsplit(|b| b.is_ascii_whitespace()).find(|word| word.iter().any(u8::is_ascii_alphabetic));
    let of_user = user.is_some_and(is_user) && lead.split(|b| b.is_ascii_whitespace()).count() <= 3;
    let known = word.len() >= 6 && is_password(word) && plain && !counted;
    (known && (alone && (marked || of_user))).then_some(secret)
}

/// `ana:x@host`, as an address has it, without the scheme before it.
fn before_host(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    /// What stands before an address of a person, a version or a digest.
    const LABELS: [&str; 24] = [
        "acct", "author", "bcc", "by", "cc", "contact", "email", "from", "git", "id", "image", "jid", "mail",
        "mailto", "name", "npm", "operator", "owner", "par", "sip", "sips", "to", "who", "xmpp",
    ];
    let from = trace.start.saturating_sub(LONGEST);
    let stops = |b: &u8| b.is_ascii_whitespace() || is_quote(*b) || b"<>()[]{},;=|@".contains(b);
    let begin = text[from..trace.start].iter().rposition(stops).map_or(from, |at| from + at + 1);
    let token = &text[begin..trace.start];
    let colon = token.iter().position(|b| *b == b':')?;
    let (user, password) = (&token[..colon], &token[colon + 1..]);
    let host: Vec<u8> = text[trace.end..].iter().take(LONGEST).take_while(|b| in_name(b)).copied().collect();
    let behind = text.get(trace.end + host.len()).copied().unwrap_or(b'\n');
    let is_host =
        host.first().is_some_and(u8::is_ascii_alphabetic) || host.iter().filter(|b| **b == b'.').count() == 3;
    let shown = String::from_utf8_lossy(user).to_ascii_lowercase();
    let of_other = host.starts_with(b"sha256") || password.iter().any(|b| b"/:".contains(b));
    let number = password.iter().all(|b| b.is_ascii_digit() || b"._-".contains(b));
    // `name:ana@host.example` says where to write to.
    let known =
        is_user(user) && !LABELS.contains(&shown.as_str()) && !of_other && !number && password.len() >= 4;
    let ends = behind.is_ascii_whitespace() || is_quote(behind) || b":/,;)]>.".contains(&behind);
    let secret = begin + colon + 1..trace.start;
    let clear = is_clear(&String::from_utf8_lossy(password)) && !is_first(&String::from_utf8_lossy(password));
    (known && is_host && ends && clear && text[from..begin].last() != Some(&b'@')).then_some(secret)
}

/// `compte ana / x1`: in a line that has a word for a log-in, and a password that looks like one.
fn parted(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    /// Words that name a log-in, and those that may have another meaning.
    const NAMING: [&str; 8] =
        ["cred", "identifiant", "log in", "log-in", "login", "mdp", "mot de passe", "password"];
    const OTHERS: [&str; 7] = ["account", "accès", "auth", "compte", "connect", "connexion", "user"];
    let before = text[..trace.start].iter().rev().take(64).take_while(|b| !b.is_ascii_whitespace()).count();
    let end = trace.end + text[trace.end..].iter().take(64).take_while(|b| !b.is_ascii_whitespace()).count();
    let secret = secret(text, trace.end..end)?;
    let word = &text[secret.clone()];
    let user = trace.start - before..trace.start;
    let odd = is_password(word) && word.len() >= 5 && !word.contains(&b'/');
    if !odd || !is_user(&text[user.clone()]) {
        return None;
    }
    // `user guide / chapter3`
    let has = |of: fn(&u8) -> bool| word.iter().any(of);
    let marked = word.iter().any(|b| b"!#$&*+?^~@%".contains(b));
    let strong =
        has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit) || marked;
    // `Log4j / Log4j2`
    let same = word.len() >= user.len() && word[..user.len()].eq_ignore_ascii_case(&text[user.clone()]);
    let last = text[user.start.saturating_sub(24)..user.start].trim_ascii_end();
    let linked = [&b":"[..], b" avec", b" with", b" as", b"compte", b"account", b"connexion"];
    let from = trace.start.saturating_sub(LONGEST);
    let begin = text[from..trace.start].iter().rposition(|b| *b == b'\n').map_or(from, |at| from + at + 1);
    let line = String::from_utf8_lossy(&text[begin..line_within(text, end, LONGEST)]).to_lowercase();
    let has_one =
        |words: &[&str]| words.iter().any(|word| memmem::find(line.as_bytes(), word.as_bytes()).is_some());
    let linked = linked.iter().any(|link| last.ends_with(link));
    let named =
        has_one(&NAMING) && (strong || linked || word.len() >= 6) || has_one(&OTHERS) && (strong || linked);
    (named && !same).then_some(secret)
}
