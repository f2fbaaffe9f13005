//! Shapes of secrets: what stands behind a name of one, in a header, in an address, between the lines of a key.

use super::keys::{is_clear, is_secret_key};
use aho_corasick::{AhoCorasick, MatchKind};
use base64::{Engine, engine::general_purpose::STANDARD};
use memchr::{memchr, memmem};
use std::{ops::Range, sync::LazyLock};

/// How far a key in PEM, a token or an address is followed, so that a text full of their beginnings takes no time.
const REACH: usize = 64 << 10;

type Finder = fn(&[u8], Range<usize>) -> Option<Range<usize>>;

/// What every shape has a part of, and where the secret is then.
const TRACES: &[(&str, Finder)] = &[
    (" -u", user_of_curl),
    ("\"-u", user_of_curl),
    ("'-u", user_of_curl),
    ("-----begin ", private_key),
    ("-user", user_of_curl),
    ("://", address),
    ("_pass", named),
    ("authorization", authorization),
    ("basic ", basic),
    ("bearer ", bearer),
    ("cookie", cookie),
    ("credential", named),
    ("eyj", web_token),
    ("jaas", named),
    ("keypass", named),
    ("mdp", named),
    ("mot de passe", named),
    ("motdepasse", named),
    ("pass:", of_openssl),
    ("passphrase", named),
    ("passw", named),
    ("pwd", named),
    ("redis-cli -a", argument),
    ("secret", named),
    ("sshpass -p", argument),
    ("storepass", named),
    ("token", named),
    ("user_", user_of_a_broker),
];

/// How tokens of services begin that name themselves: GitHub, GitLab, Slack, Docker Hub, npm, Vault, Stripe.
const MARKED: &[&str] = &[
    "dckr_pat_",
    "ghp_",
    "gho_",
    "ghr_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "hvs.",
    "npm_",
    "sk_live_",
    "xoxa-",
    "xoxb-",
    "xoxp-",
    "xoxr-",
    "xoxs-",
];

/// Names of two words, which are written in many ways.
const PAIRS: &[(&str, &str)] = &[
    ("access", "key"),
    ("account", "key"),
    ("api", "key"),
    ("client", "key"),
    ("encryption", "key"),
    ("key", "pem"),
    ("keystore", "key"),
    ("master", "key"),
    ("private", "key"),
    ("shared", "key"),
    ("signature", "key"),
    ("signing", "key"),
    ("storage", "key"),
    ("user", "info"),
];

struct Search {
    automaton: AhoCorasick,
    finders: Vec<Finder>,
}

static SEARCH: LazyLock<Search> = LazyLock::new(|| {
    let between = ["", ".", "_", "-", " "];
    let pairs = PAIRS.iter().flat_map(|(a, b)| between.map(|c| (format!("{a}{c}{b}"), named as Finder)));
    let words = TRACES.iter().map(|(trace, finder)| ((*trace).to_owned(), *finder));
    let marked = MARKED.iter().map(|mark| ((*mark).to_owned(), marked as Finder));
    let (traces, finders): (Vec<String>, Vec<Finder>) = words.chain(pairs).chain(marked).unzip();
    let automaton = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(traces)
        .expect("the traces are constants that a test builds");
    Search { automaton, finders }
});

/// Whether a text may have a shape in it. A no is certain.
pub(super) fn is_possible(text: &[u8]) -> bool {
    SEARCH.automaton.is_match(text) || text.starts_with(b"-u")
}

/// Where secrets stand by their shapes.
pub(super) fn find(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if text.starts_with(b"-u") {
        found.extend(user_of_curl(text, 0..2));
    }
    let mut done = 0;
    for trace in SEARCH.automaton.find_iter(text) {
        // What is masked is looked at once.
        if trace.start() < done {
            continue;
        }
        let finder = SEARCH.finders[trace.pattern().as_usize()];
        if let Some(secret) = finder(text, trace.range()).filter(|range| !range.is_empty()) {
            done = secret.end;
            found.push(secret);
        }
    }
    found
}

fn in_name(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// Past blanks, also those that French has before a colon.
fn past_blanks(text: &[u8], mut at: usize) -> usize {
    loop {
        at += match text.get(at..).unwrap_or_default() {
            [b' ' | b'\t', ..] => 1,
            [0xC2, 0xA0, ..] => 2,
            [0xE2, 0x80, 0xAF, ..] => 3,
            _ => return at,
        };
    }
}

/// Past the quotes, escaped or not, that end a name.
fn past_quotes(text: &[u8], at: usize) -> usize {
    let quotes = text[at..].iter().take(8).take_while(|b| is_quote(**b) || matches!(b, b'\\' | b']')).count();
    at + quotes
}

fn line_end(text: &[u8], at: usize) -> usize {
    let rest = &text[at..];
    at + rest.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(rest.len())
}

/// The secret is what the name before it says: `password=…`, `"api.key": "…"`, `--token …`, `<secret>…</secret>`.
fn named(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let before = text[..trace.start].iter().rev().take(128).take_while(|b| in_name(b)).count();
    let behind = text[trace.end..].iter().take(128).take_while(|b| in_name(b)).count();
    let (start, end) = (trace.start - before, trace.end + behind);
    let whole = std::str::from_utf8(&text[start..end]).ok()?;
    let name = whole.trim_matches(['-', '.']);
    let in_words = name.eq_ignore_ascii_case("mot de passe");
    if !is_secret_key(name) && !in_words {
        return None;
    }
    let end = start + whole.trim_end_matches(['-', '.']).len();
    // `/etc/passwd: no such file`
    if text[..start].ends_with(b"/") && text.get(end) != Some(&b'=') {
        return None;
    }
    let at = behind_name(text, start, end, whole.starts_with('-'))?;
    let lower = name.to_ascii_lowercase();
    let jaas = lower.contains("jaas");
    let in_file = name.contains('.')
        && !whole.starts_with('-')
        && start.checked_sub(1).is_none_or(|at| text[at] == b'\n')
        && text.get(end) == Some(&b'=');
    let value = value(text, at, jaas || in_file)?;
    let shown = String::from_utf8_lossy(&text[value.clone()]);
    // A number of tokens, of passwords changed.
    let counts = shown.len() < if lower.contains("token") { 6 } else { 4 };
    let secret = is_clear(&shown)
        && !(counts && shown.bytes().all(|b| b.is_ascii_digit()))
        && !(lower.ends_with("pwd") && shown.starts_with('/'))
        && (!lower.ends_with("info") || shown.contains(':'));
    secret.then_some(value)
}

/// Where the value begins of a name that stands at `start..end`.
fn behind_name(text: &[u8], start: usize, end: usize, is_option: bool) -> Option<usize> {
    let quoted = past_quotes(text, end);
    let mut at = past_blanks(text, quoted);
    let rest = &text[at..];
    match rest {
        // `Secret::new` is a name in a program.
        [b':', b':', ..] | [b':', b'/', b'/', ..] => return None,
        [b'=' | b':', more @ ..] => {
            let more = more.iter().take(2).take_while(|b| matches!(b, b'=' | b'>')).count();
            return Some(at + 1 + more);
        }
        [b'>', ..] if matches!(text.get(start.wrapping_sub(1)), Some(b'<' | b':')) || quoted > end => {
            return Some(at + 1);
        }
        _ => {}
    }
    // `{"name": "x.password", "value": "…"}`, also over lines, and `name="x.password" value="…"`.
    let value = rest
        .iter()
        .take(64)
        .take_while(|b| b.is_ascii_whitespace() || matches!(b, b',' | b'\\' | b'"' | b'\''));
    let value_at = at + value.count();
    if let Some(b"value") = text.get(value_at..value_at + 5) {
        let separator = past_blanks(text, past_quotes(text, value_at + 5));
        if matches!(text.get(separator), Some(b':' | b'=')) {
            return Some(separator + 1);
        }
    }
    // `--password x`, and `["--password", "x"]`.
    if is_option && at > end {
        if text.get(at) == Some(&b',') {
            at = past_blanks(text, at + 1);
        }
        let next = &text[at..];
        let word: Vec<u8> = next.iter().take(12).take_while(|b| b.is_ascii_alphabetic()).copied().collect();
        const PROSE: [&[u8]; 20] = [
            b"and", b"as", b"can", b"et", b"flag", b"for", b"from", b"in", b"is", b"may", b"must", b"needs",
            b"on", b"option", b"or", b"ou", b"should", b"to", b"was", b"with",
        ];
        let ends = next.get(word.len()).is_none_or(|b| !in_name(b));
        return (!(next.starts_with(b"-") || ends && PROSE.contains(&word.as_slice()))).then_some(at);
    }
    // `the password is hunter2`
    let verb = [&b"is "[..], b"was ", b"est ", "était ".as_bytes()]
        .into_iter()
        .find(|verb| rest.starts_with(verb))?;
    at = past_blanks(text, at + verb.len());
    let word: Vec<u8> = text[at..].iter().take_while(|b| !b.is_ascii_whitespace()).copied().collect();
    let mixed = word.iter().any(u8::is_ascii_digit) && word.iter().any(u8::is_ascii_alphabetic);
    mixed.then_some(at)
}

/// The value that begins at `at`, past blanks: what is in quotes, else a word, or the rest of the line.
fn value(text: &[u8], at: usize, whole_line: bool) -> Option<Range<usize>> {
    let at = past_blanks(text, at);
    // An element of XML.
    if text[..at].ends_with(b">") && !text[..at].ends_with(b"=>") {
        return Some(at..at + memchr(b'<', &text[at..line_end(text, at)])?);
    }
    let slashes = text.get(at..)?.iter().take_while(|b| **b == b'\\').count();
    let quote = text.get(at + slashes).copied().filter(|b| is_quote(*b));
    if let Some(quote) = quote {
        let start = at + slashes + 1;
        if let Some(end) = closing(text, start, quote, slashes) {
            return Some(start..end);
        }
        return Some(start..line_end(text, start));
    }
    if text[at..].starts_with(b"-----BEGIN") || text[at..].starts_with(b"{") || text[at..].starts_with(b"[") {
        return None;
    }
    if whole_line {
        return Some(at..line_end(text, at));
    }
    // A block of YAML.
    let end = text.len().min(at + 4);
    let end = at + text[at..end].iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(0);
    if [&b"|"[..], b">", b"|-", b">-"].contains(&text[at..end].trim_ascii_end()) {
        let next = text[end..].iter().position(|b| !b.is_ascii_whitespace()).map(|n| end + n)?;
        return Some(next..line_end(text, next));
    }
    Some(at..word_end(text, at))
}

/// Where the quote closes: one with as many backslashes as the first. On one line, a key in PEM apart.
fn closing(text: &[u8], start: usize, quote: u8, slashes: usize) -> Option<usize> {
    let limit = match text[start..].starts_with(b"-----BEGIN") {
        true => text.len().min(start + REACH),
        false => line_end(text, start),
    };
    let mut from = start;
    while let Some(found) = memchr(quote, &text[from..limit]) {
        let at = from + found;
        let before = text[start..at].iter().rev().take_while(|b| **b == b'\\').count();
        if (slashes == 0 && before % 2 == 0) || (slashes > 0 && before <= slashes) {
            return Some(at - if slashes == 0 { 0 } else { before });
        }
        from = at + 1;
    }
    None
}

/// Where a word ends that is not in quotes: what may belong to a secret does, unless something else begins behind it.
fn word_end(text: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(byte) = text.get(at) {
        let next = text.get(at + 1);
        let at_end = next.is_none_or(|b| b.is_ascii_whitespace() || is_quote(*b) || *b == b'\\');
        let ends = match byte {
            b'\\' if next.is_some_and(|b| is_quote(*b)) => true,
            b'\\' if matches!(next, Some(b' ' | b'\\')) => {
                at += 2;
                continue;
            }
            b if b.is_ascii_whitespace() || is_quote(*b) => true,
            b'<' => next == Some(&b'/'),
            b',' | b';' | b'&' => {
                let name = text[at + 1..].iter().take_while(|b| in_name(b)).count();
                at_end
                    || next == Some(byte)
                    || (name > 0 && matches!(text.get(at + 1 + name), Some(b'=' | b':')))
            }
            b')' | b'}' | b']' => {
                at_end || next.is_some_and(|b| matches!(b, b',' | b';' | b')' | b'}' | b']'))
            }
            _ => false,
        };
        if ends {
            break;
        }
        at += 1;
    }
    at.min(text.len())
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

fn token_at(text: &[u8], start: usize) -> Range<usize> {
    let is_part =
        |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'~' | b'+' | b'/' | b'=' | b'-');
    start..start + text[start..].iter().take(REACH / 4).take_while(is_part).count()
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

/// `scheme://user:password@host`.
fn address(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let rest = &text[trace.end..text.len().min(trace.end + REACH / 16)];
    let stops = |b: &u8| b.is_ascii_whitespace() || is_quote(*b) || matches!(b, b'<' | b'>' | b'\\');
    let token = &rest[..rest.iter().position(stops).unwrap_or(rest.len())];
    let authority =
        &token[..token.iter().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(token.len())];
    let colon = memchr(b':', authority);
    let behind_user = match (authority.iter().rposition(|b| *b == b'@'), colon) {
        (Some(at), _) => at,
        // A password with a slash that should have been escaped; a port is none.
        (None, Some(colon))
            if !authority[colon + 1..].iter().all(u8::is_ascii_digit) && !authority.starts_with(b"[") =>
        {
            memchr(b'@', token)?
        }
        _ => return None,
    };
    let start = match memchr(b':', &token[..behind_user]) {
        Some(colon) => colon + 1,
        // A token in place of a user.
        None if behind_user >= 20 => 0,
        None => return None,
    };
    let secret = trace.end + start..trace.end + behind_user;
    is_clear(&String::from_utf8_lossy(&text[secret.clone()])).then_some(secret)
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
    } else if is_quote(*text.get(at)?) {
        at = past_blanks(text, at + 1);
        if text.get(at) != Some(&b',') {
            return None;
        }
        at += 1;
    } else if long && !text[at].is_ascii_whitespace() {
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

/// The argument behind it.
fn argument(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    value(text, trace.end, false)
}

/// `-passin pass:…`.
fn of_openssl(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let before = text[..trace.start].last()?;
    let own = before.is_ascii_whitespace() || is_quote(*before);
    (own && !text.get(trace.end)?.is_ascii_whitespace()).then(|| trace.end..word_end(text, trace.end))
}

/// A JSON web token.
fn web_token(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let inside = text[..trace.start].last().is_some_and(|b| in_name(b) || matches!(b, b'+' | b'/'));
    if inside || !text[trace.start..].starts_with(b"eyJ") {
        return None;
    }
    let token = token_at(text, trace.start);
    let dots = text[token.clone()].iter().filter(|b| **b == b'.').count();
    (token.len() >= 30 && dots >= 2).then_some(token)
}

/// A token that begins as those of a service do.
fn marked(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    if text[..trace.start].last().is_some_and(in_name) {
        return None;
    }
    let token = token_at(text, trace.start);
    let digits = text[token.clone()].iter().any(u8::is_ascii_digit);
    (digits && token.len() >= trace.len() + 16).then_some(token)
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
    let is_part = |b: &&u8| {
        b.is_ascii_alphanumeric() || b.is_ascii_whitespace() || matches!(b, b'+' | b'/' | b'=' | b'\\')
    };
    let rest = &text[start..];
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

/// `user_NAME="…"` of a broker's `PlainLoginModule`.
fn user_of_a_broker(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let name = text[trace.end..].iter().take(128).take_while(|b| in_name(b)).count();
    let at = past_blanks(text, trace.end + name);
    if text.get(at) != Some(&b'=') || !is_quote(*text.get(at + 1)?) {
        return None;
    }
    memmem::find(&text[trace.start.saturating_sub(REACH / 16)..trace.start], b"LoginModule")?;
    value(text, at + 1, false)
}
