//! Shapes of secrets: what stands behind a name of one, in a header, in an address, between the lines of a key.

use super::{
    addresses, arguments, blocks,
    clear::is_clear,
    commands, directives, expect,
    keys::{BEFORE_KEY, is_pin_code},
    logins,
    named::{self, named, short},
    sql,
    text::{
        Finder, One, REACH, closing, in_name, is_quote, line_end, past_blanks, past_gap, past_quotes, value,
        word_end,
    },
    tokens::{self, token_at},
};
use aho_corasick::{AhoCorasick, Input, MatchKind};
use base64::{Engine, engine::general_purpose::STANDARD};
use memchr::{memchr, memmem};
use std::{ops::Range, sync::LazyLock};

/// What every shape has a part of, and where the secret is then.
const TRACES: &[(&str, One)] = &[
    (" -u", user_of_curl),
    ("\"-u", user_of_curl),
    ("'-u", user_of_curl),
    ("-----begin ", private_key),
    ("-user", user_of_curl),
    ("auth(", log_in),
    ("auth=(", log_in),
    ("authorization", authorization),
    ("basic ", basic),
    ("bearer ", bearer),
    ("cookie", cookie),
    ("pass:", of_openssl),
    ("pin", pin),
    ("rediscli_auth=", argument),
    (".send(", expect::sent),
    (".sendline(", expect::sent),
    ("send ", expect::sent),
    ("sshpass=", argument),
    ("user_", user_of_a_broker),
];

/// Names of one word, and of several that are written in one way.
const NAMES: &[&str] = &[
    "-pass",
    "-pw",
    "_pass",
    "app-key",
    "app.key",
    "app_key",
    "appkey",
    "application_key",
    "credential",
    "jaas",
    "clé api",
    "clé d'api",
    "jeton",
    "masterauth",
    "requirepass",
    "senha",
    "wachtwoord",
    "contrasena",
    "contraseña",
    "kennwort",
    "keypass",
    "hmac",
    "mdp",
    "clef api",
    "clef d'api",
    "cle api",
    "cle_api",
    "clé d'accès",
    "clé privée",
    "clé secrète",
    "code d'accès",
    "mot de passe",
    "mot-de-passe",
    "mot_de_passe",
    "motdepasse",
    "authtok",
    "bindpw",
    "rootpw",
    "passcode",
    "passkey",
    "passphrase",
    "phrase de passe",
    "phrase secrète",
    "psk",
    "passw",
    "pwd",
    "secret",
    "storepass",
    "token",
];

/// What begins a text, where a blank would stand before it elsewhere.
const FIRST: &[(&[u8], One)] = &[(b"-u", user_of_curl), (b"s.", tokens::of_vault)];

/// Names of two words, which are written in many ways.
const PAIRS: &[(&str, &str)] = &[
    ("access", "key"),
    ("account", "key"),
    ("api", "key"),
    ("client", "key"),
    ("encryption", "key"),
    ("erlang", "cookie"),
    ("integration", "key"),
    ("key", "pem"),
    ("keystore", "key"),
    ("master", "key"),
    ("pass", "phrase"),
    ("private", "key"),
    ("redis", "auth"),
    ("routing", "key"),
    ("service", "key"),
    ("shared", "key"),
    ("signature", "key"),
    ("signing", "key"),
    ("sonar", "login"),
    ("storage", "key"),
    ("user", "info"),
];

/// What says that a document of Kubernetes is a Secret.
const KINDS: &[&str] = &[
    "kind: secret",
    "kind: \"secret",
    "kind\":\"secret",
    "kind\": \"secret",
    "kind\\\":\\\"secret",
    "kind\\\": \\\"secret",
];

struct Search {
    automaton: AhoCorasick,
    finders: Vec<Finder>,
}

static SEARCH: LazyLock<Search> = LazyLock::new(|| {
    let between = ["", ".", "_", "-", " "];
    let of_keys = BEFORE_KEY.iter().map(|before| (*before, "key"));
    let pairs =
        PAIRS.iter().copied().chain(of_keys).flat_map(move |(a, b)| between.map(|c| format!("{a}{c}{b}")));
    let names =
        NAMES.iter().map(|name| (*name).to_owned()).chain(pairs).map(|name| (name, Finder::Named(named)));
    let words = TRACES.iter().map(|(trace, finder)| ((*trace).to_owned(), Finder::One(*finder)));
    let short = named::traces().map(|trace| (trace, Finder::One(short)));
    let data = [("stringdata".to_owned(), Finder::Named(blocks::of_texts))];
    let kinds = KINDS.iter().map(|kind| ((*kind).to_owned(), Finder::Named(blocks::of_kubernetes)));
    let all = words
        .chain(names)
        .chain(short)
        .chain(kinds)
        .chain(data)
        .chain(tokens::traces())
        .chain(commands::traces());
    let all = all
        .chain(addresses::traces())
        .chain(sql::traces())
        .chain(directives::traces())
        .chain(arguments::traces())
        .chain(logins::traces())
        .chain(expect::traces());
    let (traces, finders): (Vec<String>, Vec<Finder>) = all.unzip();
    let automaton = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        // More of it in tables than by default: there are many traces.
        .dense_depth(5)
        .build(traces)
        .expect("the traces are constants that a test builds");
    Search { automaton, finders }
});

/// Whether a text may have a shape in it. A no is certain.
pub(super) fn is_possible(text: &[u8]) -> bool {
    SEARCH.automaton.is_match(text) || FIRST.iter().any(|(begin, _)| text.starts_with(begin))
}

/// Where secrets stand by their shapes.
pub(super) fn find(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (begin, find) in FIRST.iter().filter(|(begin, _)| text.starts_with(begin)) {
        found.extend(find(text, 0..begin.len()));
    }
    let (mut at, mut block) = (0, 0);
    while let Some(trace) = SEARCH.automaton.find(Input::new(text).range(at..)) {
        at = trace.end();
        // What is masked is looked at once.
        let is_done = |latest: &Range<usize>| latest.contains(&trace.start());
        if found.iter().rev().take(2).any(is_done) {
            continue;
        }
        match SEARCH.finders[trace.pattern().as_usize()] {
            Finder::One(find) => found.extend(find(text, trace.range())),
            Finder::Named(find) => {
                let (secrets, scanned) = find(text, trace.range(), trace.start() < block);
                block = block.max(scanned);
                found.extend(secrets);
            }
            Finder::All(find) => {
                let secrets = find(text, trace.range());
                // Another trace may begin within what is no name of a program: `httpSecret`.
                if secrets.is_empty() {
                    at = trace.start() + 1;
                }
                found.extend(secrets);
            }
        }
    }
    found.retain(|secret| !secret.is_empty());
    found
}

/// `Authorization: Basic …`, `"authorization": "Bearer …"`.
fn authorization(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let at = past_blanks(text, past_quotes(text, trace.end));
    if !matches!(text.get(at), Some(b':' | b'=')) {
        return None;
    }
    let at = past_blanks(text, at + 1);
    let at = past_quotes(text, at);
    let scheme = text[at..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
    let token = past_blanks(text, at + scheme);
    let known = scheme > 0 && token > at + scheme;
    let start = if known { token } else { at };
    let end = match text[at..at + scheme].to_ascii_lowercase().as_slice() {
        b"digest" | b"hmac" | b"aws4-hmac-sha256" => line_end(text, start),
        _ => word_end(text, start),
    };
    let shown = String::from_utf8_lossy(&text[start..end]);
    let prose = shown.bytes().all(|b| b.is_ascii_lowercase() || b == b'.');
    let common = ["basic", "bearer", "token", "apikey", "negotiate", "ntlm", "digest"];
    let named = known && common.iter().any(|c| text[at..at + scheme].eq_ignore_ascii_case(c.as_bytes()));
    (is_clear(&shown) && (named || (!prose && shown.len() >= 6))).then_some(start..end)
}

/// `Bearer …` by itself.
fn bearer(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let token = token_at(text, past_blanks(text, trace.end));
    let digits = text[token.clone()].iter().filter(|b| b.is_ascii_digit()).count();
    (token.len() >= 8 && digits > 0 || token.len() >= 20).then_some(token)
}

/// `Basic …` by itself, where user and password are behind it.
fn basic(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let token = token_at(text, past_blanks(text, trace.end));
    let login = STANDARD.decode(&text[token.clone()]).ok()?;
    login.contains(&b':').then_some(token)
}

/// `Cookie: …`, `Set-Cookie: …`: as good as a password.
fn cookie(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let at = past_blanks(text, past_quotes(text, trace.end));
    if text.get(at) != Some(&b':') {
        return None;
    }
    let text = &text[..text.len().min(at + REACH / 16)];
    let rest = value(text, at + 1, true)?;
    // In an argument of curl, the header is in quotes and not its value.
    let end = rest.start + text[rest.clone()].iter().position(|b| is_quote(*b)).unwrap_or(rest.len());
    let has_value = memchr(b'=', &text[rest.start..end]).is_some();
    has_value.then_some(rest.start..end)
}

/// `-u user:password`, `--user …`, `--proxy-user …`, also as words of a list; `-u 1000:1000` says whose the files are.
fn user_of_curl(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let long = text[trace.clone()].ends_with(b"user") || text[trace.clone()].ends_with(b"USER");
    if long && !text[..trace.end].ends_with(b"--user") && !text[..trace.end].ends_with(b"--proxy-user") {
        return None;
    }
    let mut at = trace.end;
    let behind = text.get(at);
    // In a list without quotes (`[curl, -u, ana:x]`) a comma stands there.
    if (long && behind == Some(&b'=')) || behind == Some(&b',') {
        at += 1;
    } else if matches!(behind, Some(b'\n' | b'\r')) {
        // `- -u` and `- ana:x`, the words of a list of YAML.
        at = past_gap(text, at);
        at += text[at..].strip_prefix(b"- ").map(|_| 2)?;
    } else if is_quote(*text.get(at)?) {
        at = past_blanks(text, at + 1);
        if text.get(at) != Some(&b',') {
            return None;
        }
        at += 1;
    } else if long && !text[at].is_ascii_whitespace() {
        return None;
    }
    if is_of_owners(text, trace.start) {
        return None;
    }
    let login = value(text, at, false)?;
    let colon = memchr(b':', &text[login.clone()])?;
    let (user, password) =
        (&text[login.start..login.start + colon], &text[login.start + colon + 1..login.end]);
    let owner = user.iter().chain(password).all(u8::is_ascii_digit);
    let secret = !owner
        && !user.is_empty()
        && user.iter().all(|b| !b.is_ascii_whitespace())
        && !password.starts_with(b"//")
        && is_clear(&String::from_utf8_lossy(password));
    secret.then(|| login.start + colon + 1..login.end)
}

/// `PIN: 1234`, `"pin": 4711`, `--pin 1234`, `the PIN is 1234`.
fn pin(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let starts = text[..trace.start].last().is_none_or(|b| !b.is_ascii_alphanumeric());
    let code = text[trace.end..].iter().take(5).copied().collect::<Vec<u8>>().to_ascii_lowercase();
    let code = if code.starts_with(b"code") { 4 } else { 5 * usize::from(&code[..] == b" code") };
    let end = trace.end + code;
    let separator = past_blanks(text, past_quotes(text, end));
    let rest = text.get(separator..)?;
    let is_option = text[..trace.start].ends_with(b"-") && separator > end;
    let (length, is_said) = match rest {
        [b'>', ..] if text[..trace.start].ends_with(b"<") => (1, false),
        [b'0'..=b'9', ..] if is_option => (0, false),
        [b':' | b'=', ..] => (1, false),
        [b'i', b's', b' ', ..] => (3, true),
        [b'e', b's', b't', b' ', ..] => (4, true),
        _ => return None,
    };
    if !starts || is_said && separator == end {
        return None;
    }
    let start = past_blanks(text, past_quotes(text, past_blanks(text, separator + length)));
    let digits = text[start..].iter().take(16).take_while(|b| b.is_ascii_digit()).count();
    let shown = std::str::from_utf8(&text[start..start + digits]).ok()?;
    let behind = text.get(start + digits..)?;
    let goes_on = behind.first().is_some_and(|b| b.is_ascii_alphanumeric() || b"-:%_".contains(b))
        || matches!(behind, [b'/', next, ..] if next.is_ascii_digit())
        || matches!(behind, [b'.' | b',', next, ..] if next.is_ascii_digit());
    (is_pin_code(shown) && !goes_on).then_some(start..start + digits)
}

/// The argument behind it.
fn argument(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let secret = value(text, trace.end, false)?;
    is_clear(&String::from_utf8_lossy(&text[secret.clone()])).then_some(secret)
}

/// The second argument of `basic_auth("ana", "x")`, or of a pair.
fn log_in(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let quoted = |at: usize| {
        let at = past_gap(text, at);
        let some = if text[at..].starts_with(b"Some(") { at + 5 } else { at };
        is_quote(*text.get(some)?).then(|| value(text, some, false))?
    };
    let user = quoted(trace.end)?;
    let next = past_gap(text, past_quotes(text, user.end));
    let secret = quoted(next + 1).filter(|_| text.get(next) == Some(&b','))?;
    is_clear(&String::from_utf8_lossy(&text[secret.clone()])).then_some(secret)
}

/// Whether the command that a `-u` belongs to means an owner, or nothing like it, by that.
fn is_of_owners(text: &[u8], at: usize) -> bool {
    const OTHERS: [&[u8]; 21] = [
        b"chown",
        b"date",
        b"diff",
        b"docker",
        b"docker-compose",
        b"du",
        b"exec",
        b"id",
        b"install",
        b"kubectl",
        b"nerdctl",
        b"podman",
        b"ps",
        b"rsync",
        b"run",
        b"sort",
        b"su",
        b"sudo",
        b"systemctl",
        b"uniq",
        b"unshare",
    ];
    let near = &text[at.saturating_sub(512)..at];
    let command = near.rsplit(|b| matches!(b, b'\n' | b'|' | b';')).next().unwrap_or_default();
    let words = command.split(|b| !in_name(b) || *b == b'.');
    let mut known = words.filter(|word| OTHERS.contains(word) || [&b"curl"[..], b"wget"].contains(word));
    known.next_back().is_some_and(|word| OTHERS.contains(&word))
}

/// `-passin pass:…`; else it is a name.
fn of_openssl(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let near = &text[trace.start.saturating_sub(16)..trace.start];
    if memmem::find(near, b"-pass").is_none() {
        return short(text, trace);
    }
    // `"pass:a b"`
    let quote = text[..trace.start].last().copied().filter(|b| is_quote(*b));
    let closed = quote.and_then(|quote| closing(text, trace.end, quote, 0));
    let inner = text.get(trace.end).filter(|b| is_quote(**b)).and_then(|_| value(text, trace.end, false));
    let secret = inner.unwrap_or_else(|| trace.end..closed.unwrap_or_else(|| word_end(text, trace.end)));
    is_clear(&String::from_utf8_lossy(&text[secret.clone()])).then_some(secret)
}

/// The private keys in a text, without their first and last lines.
pub(super) fn private_keys(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let begin = b"-----BEGIN ";
    memmem::find_iter(text, begin).filter_map(|at| private_key(text, at..at + begin.len()))
}

/// The lines of a private key, between the first and the last.
fn private_key(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let text = &text[..text.len().min(trace.end + REACH)];
    let label = memmem::find(&text[trace.end..text.len().min(trace.end + 48)], b"-----")?;
    memmem::find(&text[trace.end..trace.end + label], b"PRIVATE KEY")?;
    let mut start = trace.end + label + 5;
    let rest = &text[start..];
    // The lines of an encrypted one that say how.
    let headed = memmem::find(&rest[..rest.len().min(64)], b"Proc-Type").is_some();
    let is_part = |b: &&u8| {
        b.is_ascii_alphanumeric()
            || b.is_ascii_whitespace()
            || matches!(b, b'+' | b'/' | b'=' | b'\\')
            || headed && matches!(b, b'-' | b':' | b',')
    };
    let length = memmem::find(rest, b"-----").filter(|at| rest[*at..].starts_with(b"-----END"));
    let mut end = start + length.unwrap_or_else(|| rest.iter().take_while(is_part).count());
    while start < end && text[start].is_ascii_whitespace() {
        start += 1;
    }
    while start < end && text[end - 1].is_ascii_whitespace() {
        end -= 1;
    }
    Some(start..end)
}

/// `user_NAME="…"` of a broker's `PlainLoginModule`, in quotes of any kind or none.
fn user_of_a_broker(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let is_part = |b: &&u8| !b.is_ascii_whitespace() && !is_quote(**b) && !b"=;,(){}\\".contains(b);
    let name = text[trace.end..].iter().take(128).take_while(is_part).count();
    let at = past_blanks(text, trace.end + name);
    if text.get(at) != Some(&b'=') || name == 0 {
        return None;
    }
    let from = trace.start.saturating_sub(REACH / 16);
    let module = from + memmem::rfind(&text[from..trace.start], b"LoginModule")?;
    let secret = value(text, at + 1, false).filter(|_| !has_ended(&text[module..trace.start]))?;
    let quoted = text[..secret.start].last().is_some_and(|b| is_quote(*b) || *b == b';');
    let marks = text[secret.clone()].iter().rev().take_while(|b| **b == b';' && !quoted).count();
    let secret = secret.start..secret.end - marks;
    is_clear(&String::from_utf8_lossy(&text[secret.clone()])).then_some(secret)
}

/// Whether the options of a log-in module end there: with a semicolon that is not in quotes.
fn has_ended(mut options: &[u8]) -> bool {
    let mut quoted = false;
    while let [first, rest @ ..] = options {
        let written = [&b"&quot;"[..], b"&#34;"].into_iter().find(|quote| options.starts_with(quote));
        quoted ^= *first == b'"' || written.is_some();
        let ends = rest.first().is_none_or(|b| b.is_ascii_whitespace() || b"}\"'\\".contains(b));
        if *first == b';' && !quoted && ends {
            return true;
        }
        options = &options[written.map_or(1, <[u8]>::len)..];
    }
    false
}
