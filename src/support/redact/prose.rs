//! What stands behind the name of a secret and is none: words of a sentence, a measure, a type or an expression of a program.

use super::{
    keys::is_secret_key,
    text::{in_name, is_quote, line_within, past_blanks},
};
use memchr::memchr;
use std::ops::Range;

/// First words of sentences that say where a secret is, or how it comes to be.
const FIRST: &[&str] = &[
    "already",
    "an",
    "ask",
    "asked",
    "at",
    "auprès",
    "by",
    "cf",
    "check",
    "chez",
    "contact",
    "consult",
    "dans",
    "de",
    "each",
    "demander",
    "déjà",
    "du",
    "en",
    "for",
    "from",
    "generated",
    "given",
    "in",
    "it",
    "kept",
    "la",
    "le",
    "les",
    "managed",
    "must",
    "my",
    "non",
    "not",
    "of",
    "on",
    "one",
    "our",
    "par",
    "per",
    "pour",
    "prompt",
    "prompted",
    "provided",
    "read",
    "refer",
    "same",
    "saved",
    "see",
    "set",
    "should",
    "siehe",
    "stored",
    "sur",
    "taken",
    "that",
    "the",
    "this",
    "to",
    "too",
    "trop",
    "un",
    "under",
    "une",
    "use",
    "used",
    "using",
    "via",
    "voir",
    "with",
    "your",
    "à",
];

/// Whether a word in small letters begins such a sentence.
pub(super) fn is_first(word: &str) -> bool {
    FIRST.contains(&word)
}

/// Whether an unquoted value behind a colon is the first word of a sentence or of a measure: `voir Vault`, `2048 bits`.
pub(super) fn is_told(text: &[u8], name: &str, value: &Range<usize>) -> bool {
    const UNITS: &[&str] = &[
        "bit",
        "bits",
        "byte",
        "bytes",
        "caractères",
        "char",
        "characters",
        "chars",
        "days",
        "hours",
        "jours",
        "lettres",
        "letters",
        "minutes",
        "octets",
        "seconds",
    ];
    const ALGORITHMS: [&str; 8] = ["aes", "dsa", "ec", "ecdsa", "ed25519", "rsa", "sha256", "x25519"];
    /// Kinds of tokens.
    const KINDS: [&str; 5] = ["bearer", "jwt", "oauth", "oauth2", "opaque"];
    if text[..value.start].last().is_some_and(|b| is_quote(*b) || *b == b';') {
        return false;
    }
    let line = String::from_utf8_lossy(&text[value.start..line_within(text, value.start, 160)]).into_owned();
    let mut words = line.split_whitespace().map(|word| word.trim_matches(['.', ',', ';', ':', '(', ')']));
    let first = words.next().unwrap_or_default().to_lowercase();
    let lower = name.to_ascii_lowercase();
    let of_key = lower.ends_with("key") || lower.starts_with("clé");
    if of_key && ALGORITHMS.contains(&first.as_str())
        || lower.ends_with("token") && KINDS.contains(&first.as_str())
    {
        return true;
    }
    if is_safe(&line) || is_spoken(text, &lower, value, &line) {
        return true;
    }
    let Some(second) = words.next().filter(|word| !word.is_empty()) else { return false };
    let number = !first.is_empty() && first.bytes().all(|b| b.is_ascii_digit());
    let is_word = second.starts_with(char::is_alphabetic) && !second.contains(['=', ':']);
    is_word && FIRST.contains(&first.as_str()) || number && UNITS.contains(&second.to_lowercase().as_str())
}

/// Whether a line says in which safe a secret is: `Vault`, `coffre-fort`.
fn is_safe(line: &str) -> bool {
    const SAFES: [&str; 10] = [
        "1Password",
        "Bitwarden",
        "KeePass",
        "KeePassXC",
        "Keepass",
        "LastPass",
        "Passbolt",
        "Vault",
        "coffre",
        "coffre-fort",
    ];
    SAFES.contains(&line.trim().trim_end_matches('.'))
}

/// Whether a sentence speaks of something that has another meaning too, a secret, a token: with an article before it and
/// words alone behind it, or behind a failure, of which it gives the reason.
fn is_spoken(text: &[u8], name: &str, value: &Range<usize>, line: &str) -> bool {
    const ARTICLES: [&str; 20] = [
        "a", "ce", "de", "du", "each", "every", "its", "le", "leur", "mon", "notre", "of", "one", "our",
        "son", "that", "the", "this", "un", "your",
    ];
    const FAILURES: [&str; 14] = [
        "cannot",
        "could not",
        "denied",
        "error",
        "exception",
        "fail",
        "impossible",
        "invalid",
        "unable",
        "échec",
        "échoué",
        // Of parsers.
        "expected",
        "next",
        "syntax",
    ];
    // `the tokens: wait`
    let plural = name.strip_suffix('s');
    let name = plural.unwrap_or(name);
    if !["jeton", "secret", "token"].contains(&name) {
        return false;
    }
    let begin = text[..value.start].iter().rev().take(160).position(|b| *b == b'\n').unwrap_or(160);
    let before =
        String::from_utf8_lossy(&text[value.start.saturating_sub(begin)..value.start]).to_lowercase();
    let Some(before) = before.rfind(name).map(|at| &before[..at]) else { return false };
    let last = before.split_whitespace().next_back().unwrap_or_default();
    let is_word = |word: &str| word.chars().all(|c| c.is_lowercase() || matches!(c, '\'' | '’' | '-'));
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default().trim_end_matches([',', '.', ';']);
    if first.is_empty() || !is_word(first) {
        return false;
    }
    let mut next = || {
        words.next().is_some_and(|word| word.starts_with(char::is_alphabetic) && !word.contains(['=', ':']))
    };
    let (second, third) = (next(), next());
    // A secret may be said again where it is refused; a token that is one has more than small letters.
    let is_token = name != "secret";
    let several = ["ces", "des", "les", "leurs", "nos", "our", "the", "their", "these", "your"];
    plural.is_some() && several.contains(&last) && before.ends_with(' ') && (second || line.trim() == first)
        || ARTICLES.contains(&last) && before.ends_with(' ') && second
        || FAILURES.iter().any(|word| before.contains(word)) && (second || is_token)
        || is_token && second && third
}

/// Whether a remark in round brackets begins there, of several words or numbers: `(2048 bit)`, `(known after apply)`.
pub(super) fn is_remark(text: &[u8], at: usize) -> bool {
    let near = &text[at..line_within(text, at, 96)];
    let Some(inner) = near.strip_prefix(b"(") else { return false };
    let Some(close) = memchr(b')', inner) else { return false };
    let words = || inner[..close].split(|b| matches!(b, b' ' | b',')).filter(|word| !word.is_empty());
    let is_word = |word: &[u8]| {
        word.iter().all(u8::is_ascii_lowercase) || word.iter().all(|b| b.is_ascii_digit() || *b == b'-')
    };
    words().count() > 1 && words().all(is_word)
}

/// What a type of a program leaves of a value: `password: String`, `password: str = "x"`.
pub(super) enum Typed {
    /// It is none.
    No,
    /// There is nothing else.
    Alone,
    /// The value is behind it.
    Before(usize),
}

/// Whether a type stands there, behind a name and a colon.
pub(super) fn typed(text: &[u8], at: usize) -> Typed {
    const TYPES: &[&str] = &[
        "Annotated",
        "Any",
        "Arc",
        "Box",
        "Bytes",
        "CharSequence",
        "ClassVar",
        "Cow",
        "Final",
        "List",
        "Mapping",
        "Maybe",
        "Nullable",
        "Option",
        "Optional",
        "Rc",
        "SecretBox",
        "SecretStr",
        "SecretString",
        "Sequence",
        "Str",
        "String",
        "Text",
        "Union",
        "Vec",
        "bool",
        "boolean",
        "bytes",
        "bytearray",
        "char",
        "number",
        "str",
        "string",
        "varchar",
    ];
    let line = &text[..line_within(text, at, 160)];
    let past = |mut at: usize, marks: &[u8]| {
        while line.get(at).is_some_and(|b| marks.contains(b)) {
            at += 1;
        }
        at
    };
    let mut at = past(past_blanks(line, at), b"&*?");
    if line.get(at) == Some(&b'\'') {
        // `&'a str`
        let length = line[at + 1..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        if line.get(at + 1 + length) != Some(&b' ') {
            return Typed::No;
        }
        at += length + 2;
    }
    if line[at..].starts_with(b"mut ") {
        at += 4;
    }
    let length =
        line[at..].iter().take_while(|b| in_name(b) || **b == b':' && line.get(at) != Some(b)).count();
    let path = String::from_utf8_lossy(&line[at..at + length]).into_owned();
    let base = path.rsplit(['.', ':']).next().unwrap_or_default();
    if !TYPES.contains(&base) {
        return Typed::No;
    }
    at += length;
    if let Some(close) = line.get(at).and_then(|open| closed_by(*open)) {
        let Some(end) = line[at..].iter().rposition(|b| *b == close) else { return Typed::No };
        at += end + 1;
    }
    at = past(at, b"?!&*");
    let mut end = past_blanks(line, at);
    // `str | None`
    while line.get(end) == Some(&b'|') {
        end = past_blanks(line, end + 1);
        end += line[end..].iter().take_while(|b| in_name(b)).count();
        end = past_blanks(line, end);
    }
    match &line[end..] {
        [b'=', b' ' | b'"' | b'\'', ..] => Typed::Before(end + 1),
        [] | [b',' | b';' | b')' | b'}' | b'{' | b'>' | b'/' | b'#', ..] | [b'-', b'>', ..] => Typed::Alone,
        _ => Typed::No,
    }
}

fn closed_by(open: u8) -> Option<u8> {
    match open {
        b'<' => Some(b'>'),
        b'[' => Some(b']'),
        b'(' => Some(b')'),
        _ => None,
    }
}

/// Whether the last word of a name in a program is of those that only read: `getPassword("x")`, `config.get("x")`.
pub(super) fn reads(name: &str) -> bool {
    const VERBS: [&str; 24] = [
        "ask", "check", "contains", "delete", "env", "environ", "fetch", "find", "get", "getenv", "getpass",
        "has", "input", "is", "list", "load", "lookup", "param", "prompt", "read", "remove", "require",
        "resolve", "var",
    ];
    let last = name.rsplit(['.', ':', '>']).next().unwrap_or_default();
    let first = last.find(|c: char| c.is_ascii_uppercase() || c == '_').filter(|at| *at > 0);
    let first = &last[..first.unwrap_or(last.len())];
    VERBS.iter().any(|verb| first.eq_ignore_ascii_case(verb) || last.eq_ignore_ascii_case(verb))
}

/// Whether what begins at `at` is an expression that reads one from somewhere: `config.get("password")`, `os.environ["X"]`,
/// `var.db_password`, and `password` in `this.password = password;`.
pub(super) fn is_expression(text: &[u8], name: &str, at: usize) -> bool {
    const ROOTS: [&str; 22] = [
        "args", "cfg", "conf", "config", "context", "ctx", "data", "env", "input", "local", "module",
        "options", "opts", "os", "params", "process", "props", "req", "request", "self", "settings", "this",
    ];
    let at = past_blanks(text, at);
    let near = &text[at..line_within(text, at, 256)];
    if is_call(near) {
        return true;
    }
    let is_part = |b: &&u8| b.is_ascii_alphanumeric() || b"_.:>-$?".contains(b);
    let length = near.iter().take_while(is_part).count();
    let path = String::from_utf8_lossy(&near[..length]).into_owned();
    let opens = near.get(length + 1).is_some_and(|b| is_quote(*b));
    let own = path.trim_end_matches([';', ',']);
    match near.get(length) {
        Some(b'(') if opens => reads(&path),
        Some(b'[') if opens => length > 0,
        behind => {
            let ends = behind.is_none_or(|b| b.is_ascii_whitespace() || b",;)}]".contains(b));
            let of_object = own.split_once('.').is_some_and(|(root, rest)| {
                let last = rest.rsplit('.').next().unwrap_or_default();
                (ROOTS.contains(&root) || root == "var") && is_secret_key(last)
            });
            let itself = ["this.", "self.", "this->"]
                .iter()
                .any(|root| name.strip_prefix(root).is_some_and(|rest| rest.eq_ignore_ascii_case(own)));
            ends && (of_object || itself)
        }
    }
}

/// Whether an expression of a program begins a line that asks for a value and has none itself: `await f()`, `jwt.sign(claims)`,
/// `tokens[0]`.
fn is_call(line: &[u8]) -> bool {
    const BEFORE: [&[u8]; 5] = [b"await ", b"yield ", b"new ", b"try ", b"match "];
    let mut rest = line.strip_prefix(b"&").unwrap_or(line);
    let mut marked = false;
    while let Some(inner) = BEFORE.iter().find_map(|word| rest.strip_prefix(*word)) {
        (rest, marked) = (inner, true);
    }
    let is_part = |b: &&u8| b.is_ascii_alphanumeric() || b"_.:$?!".contains(b);
    let length = rest.iter().take_while(is_part).count();
    let path = &rest[..length];
    let parted = path.iter().any(|b| matches!(b, b'.' | b'_' | b':'));
    let named = path.first().is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'$'))
        && (marked || parted || !path.iter().any(u8::is_ascii_digit));
    let close = match rest.get(length) {
        _ if !named => return false,
        Some(b'(') => b')',
        Some(b'[') if length > 1 => b']',
        behind => {
            return marked
                && behind.is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b';' | b',' | b'<'));
        }
    };
    // One that is given a text may be given the secret.
    let (mut depth, mut place, mut asked) = (0_usize, length, false);
    while let Some(b) = rest.get(place) {
        match b {
            b'(' | b'[' => depth += 1,
            b')' | b']' if depth > 1 => depth -= 1,
            b if *b == close => {
                let behind = rest.get(place + 1);
                // `x[a]` may be a password; an index is a number or a name.
                let index = close == b')' || rest[length + 1..place].iter().all(in_name);
                return index && behind.is_none_or(|b| b.is_ascii_whitespace() || b",;.)?[]{}|&".contains(b));
            }
            // The name of what is read: `of(getenv("PASSWORD"))`.
            b if is_quote(*b) => {
                let called = rest[..place].strip_suffix(b"(").unwrap_or_default();
                let name = called.iter().rev().take_while(is_part).count();
                let path = String::from_utf8_lossy(&called[called.len() - name..]);
                // Behind it may be what is taken in its place, which is looked for by the name.
                asked |= reads(&path);
                let known = asked && (!called.is_empty() || rest[..place].ends_with(b", "));
                let Some(end) = memchr(*b, &rest[place + 1..]).filter(|_| known) else { return false };
                place += end + 1;
            }
            _ => {}
        }
        place += 1;
    }
    // It goes on in the next line.
    depth > 0 && marked
}
