//! Sentences and notes that say a secret: `password for user ana: x`, `le mdp de admin c'est x`, `mot de passe de ana → x`.

use super::{
    clear::{is_odd, is_status},
    keys::{describes, is_secret_key},
    prose::is_first,
    text::{in_name, is_quote, line_within, past_blanks},
};
use memchr::memchr;
use std::ops::Range;

/// So much of a line is looked at.
const LONGEST: usize = 160;

/// Words between the name of a secret and whose it is.
const OF: [&str; 15] = [
    "du ", "de ", "des ", "d'", "d’", "pour ", "for ", "of ", "to ", "on ", "sur ", "für ", "von ", "is:",
    "est :",
];

/// Accounts that everybody has.
pub(super) const ACCOUNTS: &[&str] = &[
    "admin",
    "administrateur",
    "administrator",
    "dba",
    "elastic",
    "grafana",
    "guest",
    "jenkins",
    "kafka",
    "operator",
    "oracle",
    "postgres",
    "root",
    "sa",
    "service",
    "sys",
    "system",
    "test",
    "user",
    "utilisateur",
];

/// Where the value begins that a sentence gives the name of a secret at `start..end`; `at` is where the text goes on.
pub(super) fn value_at(text: &[u8], start: usize, end: usize, at: usize) -> Option<usize> {
    if at <= end {
        return None;
    }
    let name = String::from_utf8_lossy(&text[start..end]).to_ascii_lowercase();
    past_owner(text, start, at, &name)
        .or_else(|| past_account(text, at, &name))
        .or_else(|| past_verb(text, start, at, &name))
        .or_else(|| beside(text, at, &name))
}

/// A mark that parts a name from its value in a sentence, and how long it is.
fn mark_at(line: &[u8], at: usize) -> Option<usize> {
    let rest = &line[at..];
    let parted = at == 0 || line[at - 1] == b' ';
    let arrow = ["→", "->", "=>"].iter().find(|arrow| parted && rest.starts_with(arrow.as_bytes()));
    let length = match (arrow, rest) {
        (Some(arrow), _) => arrow.len(),
        (None, [b':' | b'=', ..]) => 1,
        _ => return None,
    };
    matches!(rest.get(length), Some(b' ' | b'\t')).then_some(length)
}

/// Where the value begins behind a mark; an arrow ends as an element of XML does.
fn behind(text: &[u8], mark: usize, length: usize) -> usize {
    if length > 1 { past_blanks(text, mark + length) } else { mark + length }
}

/// The word that a value begins with, and whether nothing is behind it in the line.
fn word(value: &[u8]) -> (&[u8], bool) {
    let word = &value[..value.iter().position(u8::is_ascii_whitespace).unwrap_or(value.len())];
    (word, word.len() == value.len())
}

fn is_mixed(word: &[u8]) -> bool {
    word.iter().any(u8::is_ascii_digit) && word.iter().any(u8::is_ascii_alphabetic)
}

/// Whether a value is one word in quotes.
fn is_quoted(value: &[u8]) -> bool {
    if ["« ", "«\u{a0}", "“"].iter().any(|quote| value.starts_with(quote.as_bytes())) {
        return true;
    }
    let Some(quote) = value.first().copied().filter(|b| is_quote(*b)) else { return false };
    let inner = &value[1..];
    let Some(end) = memchr(quote, inner).filter(|end| *end > 0) else { return false };
    !inner[..end].contains(&b' ') && !is_status(&String::from_utf8_lossy(&inner[..end]))
}

/// Where the words end that stand between a name and its colon: `password for user ana: `, `password (ana): `,
/// `password is: `, `mot de passe → `.
fn past_owner(text: &[u8], start: usize, at: usize, name: &str) -> Option<usize> {
    let line = &text[at..line_within(text, at, LONGEST)];
    let near = String::from_utf8_lossy(line).to_ascii_lowercase();
    let close = match line.first() {
        Some(b'(') => Some(b')'),
        Some(b'[') => Some(b']'),
        _ => None,
    };
    let direct = mark_at(line, 0).filter(|length| *length > 1);
    if close.is_none() && direct.is_none() && !OF.iter().any(|word| near.starts_with(word)) {
        return None;
    }
    let from = close.map_or(Some(0), |close| memchr(close, line))?;
    // `password (type: string): `
    if close.is_some() && memchr(b':', &line[..from]).is_some() {
        return None;
    }
    let (mark, length) = (from..line.len()).find_map(|at| Some((at, mark_at(line, at)?)))?;
    let between = &line[from..mark];
    let words = between.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count();
    let parts = between.iter().any(|b| b",;=|{}[<>".contains(b)) || mark > 100;
    let value = line[mark + length..].trim_ascii();
    let (word, alone) = word(value);
    // `mot de passe → Vault`, `user → password → login`
    let told = || {
        let before = &text[start.saturating_sub(16)..start];
        let begins = before.iter().rposition(|b| *b == b'\n').map_or(before, |at| &before[at + 1..]);
        let shown = String::from_utf8_lossy(word);
        let other = ["hash", "keepass", "vault"].iter().any(|word| shown.eq_ignore_ascii_case(word));
        let named = other || describes(&shown) || is_secret_key(&shown) || is_status(&shown);
        !begins.iter().all(|b| b.is_ascii_whitespace() || b"-*>#".contains(b))
            || named
            || name.contains("token")
    };
    // `The secret of throughput: batching`
    let spoken = || {
        let before = text[start.saturating_sub(8)..start].to_ascii_lowercase();
        let article = [&b"the "[..], b"le ", b"du ", b"un ", b"a "].iter().any(|word| before.ends_with(word));
        article
            && ["jeton", "secret", "token"].contains(&name)
            && word.iter().all(|b| b.is_ascii_lowercase() || !b.is_ascii())
    };
    let alone = alone && !(direct.is_some() && told()) && !spoken() || is_mixed(word) || is_quoted(value);
    (words <= 8 && !parts && !value.is_empty() && alone).then(|| behind(text, at + mark, length))
}

/// Past the account that a name has behind it: `mdp admin : x`, `pwd root = x`, `mot de passe root x1`.
fn past_account(text: &[u8], at: usize, name: &str) -> Option<usize> {
    const OTHERS: [&str; 28] = [
        "and",
        "authentication",
        "bucket",
        "engine",
        "et",
        "faible",
        "field",
        "fort",
        "hash",
        "hint",
        "input",
        "management",
        "or",
        "ou",
        "oublié",
        "oubliée",
        "perdu",
        "policy",
        "prompt",
        "protection",
        "refresh",
        "rotation",
        "rules",
        "strength",
        "store",
        "test",
        "validation",
        "verification",
    ];
    let line = &text[at..line_within(text, at, LONGEST)];
    let is_part = |b: &&u8| in_name(b) || **b == b'@' || !b.is_ascii();
    let length = line.iter().take_while(is_part).count();
    let owner = String::from_utf8_lossy(&line[..length]).to_lowercase();
    let about =
        describes(&owner) || OTHERS.contains(&owner.as_str()) || is_status(&owner) || is_first(&owner);
    if length == 0 || about || is_secret_key(&owner) || owner.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let next = past_blanks(line, length);
    let known = ACCOUNTS.contains(&owner.as_str());
    let short = ["mdp", "mot de passe", "passwort", "pwd"].contains(&name);
    let Some(mark) = mark_at(line, next) else {
        let (word, _) = word(&line[next..]);
        return (known && next > length && is_password(word, name)).then_some(at + next);
    };
    let value = line[next + mark..].trim_ascii();
    let (word, alone) = word(value);
    let odd = is_plain(word) && is_mixed(word) && is_odd(word) && !is_method(word) && word.len() >= 6;
    let given = alone && (known || short) || odd || is_quoted(value);
    (given && !value.is_empty()).then(|| behind(text, at + next, mark))
}

/// Past the verb of a sentence, with the words for whose the secret is before it: `is x1`, `du keystore est x1`, `was set to x1`,
/// `c'est x1`.
fn past_verb(text: &[u8], start: usize, at: usize, name: &str) -> Option<usize> {
    const VERBS: [&str; 18] = [
        "is", "was", "be", "est", "était", "sera", "c'est", "c’est", "ist", "es", "becomes", "demeure",
        "devient", "remains", "reste", "vaut", "to", "en",
    ];
    // Words around a verb; those with a mark count as one only behind another of them.
    const AROUND: [&str; 30] = [
        "a",
        "ahora",
        "again",
        "been",
        "changed",
        "changé",
        "désormais",
        "en",
        "equal",
        "équivaut",
        "has",
        "have",
        "jetzt",
        "maintenant",
        "mis",
        "must",
        "now",
        "once",
        "par",
        "pour",
        "reset",
        "rotated",
        "set",
        "should",
        "still",
        "toujours",
        "updated",
        "will",
        "été",
        ":",
    ];
    const CHANGES: [&str; 8] = ["changed", "changé", "mis", "reset", "rotated", "set", "updated", "équivaut"];
    let line = &text[at..line_within(text, at, LONGEST)];
    let mut words = Vec::new();
    let mut begin = 0;
    for part in line.split(|b| b.is_ascii_whitespace()) {
        if !part.is_empty() {
            words.push(begin..begin + part.len());
        }
        begin += part.len() + 1;
    }
    let shown =
        |at: usize| words.get(at).map_or("", |word| std::str::from_utf8(&line[word.clone()]).unwrap_or(""));
    let is_verb = |at: usize| {
        let word = shown(at);
        let change = at.checked_sub(1).map(&shown).is_some_and(|before| CHANGES.contains(&before));
        VERBS.contains(&word) && (!["to", "en"].contains(&word) || change || at == 0 && is_set(text, start))
    };
    let is_around = |at: usize| is_verb(at) || AROUND.contains(&shown(at));
    let mut next = 0;
    if !is_around(0) {
        // Whose it is.
        let near = String::from_utf8_lossy(line);
        let own = OF.iter().any(|word| near.starts_with(word));
        let known = ACCOUNTS.contains(&shown(0)) && is_verb(1);
        next = (0..words.len().min(8)).find(|at| is_verb(*at)).filter(|_| own || known)?;
        if words[..next].iter().any(|word| line[word.clone()].iter().any(|b| matches!(b, b':' | b'='))) {
            return None;
        }
    }
    let mut stated = false;
    while is_around(next) {
        stated |= is_verb(next);
        next += 1;
    }
    let value = &line[words.get(next)?.start..];
    let (word, _) = word(value);
    // `the token is `args[0]`` names something.
    let ticks = value.starts_with(b"`");
    let code = ticks && (!of_people(name) || word.iter().any(|b| b"[]().".contains(b)));
    let given = stated && (is_mixed(word) && !is_method(word) && !ticks || is_quoted(value) && !code);
    given.then(|| at + words[next].start)
}

/// Whether something is set to what is behind a name: `set the password to x1`.
fn is_set(text: &[u8], start: usize) -> bool {
    let near = text[start.saturating_sub(32)..start].to_ascii_lowercase();
    let mut words = near.split(|b| !b.is_ascii_alphabetic());
    words.any(|word| [&b"set"[..], b"change", b"changed", b"reset", b"update", b"updated"].contains(&word))
}

/// The value next to a name: `with password x1`, `avec le mot de passe « x »`.
fn beside(text: &[u8], at: usize, name: &str) -> Option<usize> {
    // `Password - x1`
    let dash = ["- ", "– ", "— "].into_iter().find(|dash| text[at..].starts_with(dash.as_bytes()));
    let at = at + dash.map_or(0, str::len);
    let line = &text[at..line_within(text, at, LONGEST)];
    let in_quotes = ["«", "“"].iter().any(|quote| line.starts_with(quote.as_bytes()));
    let (word, _) = word(line);
    (in_quotes || is_password(word, name)).then_some(at)
}

/// Whether a word has the letters of a password, and is no name of something, as it may stand behind that name.
fn is_password(word: &[u8], name: &str) -> bool {
    let end = word.iter().rposition(|b| !b",.;:)]}\"'`".contains(b)).map_or(0, |at| at + 1);
    let word = &word[..end];
    let has = |of: fn(&u8) -> bool| word.iter().any(of);
    let cased = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    let named = std::str::from_utf8(word).is_ok_and(is_secret_key);
    let long = if of_people(name) { word.len() >= 6 } else { word.len() >= 20 || word.len() >= 8 && cased };
    is_plain(word) && !named && long && is_mixed(word) && is_odd(word) && !is_method(word)
}

/// Whether a word has no marks of an expression or of a list.
fn is_plain(word: &[u8]) -> bool {
    word.iter().all(|b| b.is_ascii_graphic() && !is_quote(*b) && !b"()[]{}<>=,;|\\/:".contains(b))
}

/// Whether a name is that of what people know by heart.
fn of_people(name: &str) -> bool {
    ["contrase", "mdp", "pass", "pwd", "wort"].iter().any(|part| name.contains(part))
}

/// Whether a word is the name of a method or a version: `sha256`, `base64`, `OAuth2`, `v1beta1`.
pub(super) fn is_method(word: &[u8]) -> bool {
    const METHODS: &[&str] = &[
        "aes", "argon", "base", "bcrypt", "blake", "ed", "hs", "http", "ipv", "java", "k", "md", "oauth",
        "pbkdf", "python", "rfc", "rs", "saml", "sha", "ssl", "sslv", "tls", "tlsv", "utf", "v",
    ];
    let shown = String::from_utf8_lossy(word).to_ascii_lowercase();
    let stem = shown.trim_end_matches(|c: char| c.is_ascii_digit() || ".,;:-_".contains(c));
    let stem = stem.split(|c: char| c.is_ascii_digit() || c == '-').next().unwrap_or_default();
    METHODS.contains(&stem) && shown.len() <= 12
}

/// The range of what is said beside a value in the same note: `ana / x`.
pub(super) fn pair(text: &[u8], before: &Range<usize>) -> Option<Range<usize>> {
    let at = past_blanks(text, before.end);
    let rest = text[at..line_within(text, at, LONGEST)].strip_prefix(b"/ ").filter(|_| at > before.end)?;
    let (word, alone) = word(rest.trim_ascii());
    let start = past_blanks(text, at + 1);
    (alone && !is_first(&String::from_utf8_lossy(word)) || is_odd(word)).then_some(start..start + word.len())
}
