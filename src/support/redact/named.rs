//! Names of secrets and what stands behind them, or before: properties, options, JSON, XML, and a few words of prose.

use super::{
    blocks, calls, clear, commands, directives, fallbacks, fields,
    keys::{self, is_secret_key},
    lines, logins,
    prose::{self, Typed},
    sentences, tables,
    text::{
        Found, in_name, is_key, is_quote, line_end, line_within, past_blanks, past_borders, past_quotes,
        value, without_borders,
    },
};
use memchr::memmem;
use std::ops::Range;

/// Names that are words of other things too, and what stands behind them where they are names.
const SHORT: [&str; 9] = [
    "auth",
    "community",
    "community-string",
    "community_string",
    "communitystring",
    "cred",
    "creds",
    "pass",
    "pw",
];
const SEPARATORS: [&str; 13] =
    ["=", ":", " =", " :", ">", "\":", "\" :", "\" =", "':", "' =", "\\\":", "&quot;:", "&#34;:"];

/// The value of a short name is no longer.
const LONGEST_SHORT: usize = 1 << 10;

/// What the shapes look for of them: `pass` by itself is a verdict.
pub(super) fn traces() -> impl Iterator<Item = String> {
    let own = |separator: &&str| *separator != ":";
    let traces = SHORT.iter().flat_map(|name| SEPARATORS.iter().map(move |mark| (*name, mark)));
    // `pass:` may be openssl's.
    traces
        .filter(move |(name, mark)| *name != "pass" || own(mark))
        .map(|(name, mark)| format!("{name}{mark}"))
        .chain(["pass admin ", "pass root "].map(str::to_owned))
}

/// The secret behind a short name, of which the trace has the separator too.
pub(super) fn short(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let length = text[trace.clone()].iter().take_while(|b| in_name(b)).count();
    let text = &text[..text.len().min(trace.end + LONGEST_SHORT)];
    named(text, trace.start..trace.start + length, true).0.pop()
}

/// The secrets are what the name before them says: `password=…`, `"api.key": "…"`, `--token …`, `<secret>…</secret>`, and
/// what stands below it, beside it or in a column under it. In a block that was looked at, no other is looked for.
pub(super) fn named(text: &[u8], trace: Range<usize>, in_block: bool) -> Found {
    let Some(name) = Name::around(text, &trace) else { return (Vec::new(), trace.end) };
    let at = behind_name(text, name.start, name.end, name.is_option);
    let place = match at {
        Some(at) if at > name.end && text[at - 1] == b':' => match prose::typed(text, at) {
            Typed::No => Some(at),
            Typed::Before(at) => Some(at),
            Typed::Alone => return (Vec::new(), trace.end),
        },
        at => at,
    };
    if place.is_some_and(|at| past_blanks(text, at) > at && prose::is_remark(text, past_blanks(text, at))) {
        return (Vec::new(), trace.end);
    }
    if let Some(secret) = place.filter(|_| name.certain).and_then(|at| braced(text, name.name, at)) {
        return (vec![secret], trace.end);
    }
    if let Some(choice) = place.filter(|_| name.certain).and_then(|at| fallbacks::choice(text, at)) {
        return (choice, trace.end);
    }
    let block = || match place {
        Some(at) => block(text, &name, at),
        None => blocks::section(text, name.start, name.end),
    };
    if name.certain
        && !in_block
        && let Some(found) = block()
        && (found.0.is_empty() || !commands::is_searched(text, name.start))
    {
        return found;
    }
    let one = name.value(text, place);
    if at.is_some() || one.is_some() || !name.certain {
        let next =
            one.as_ref().and_then(|one| fallbacks::next(text, one).or_else(|| sentences::pair(text, one)));
        return (one.into_iter().chain(next).collect(), trace.end);
    }
    let beside = calls::find(text, name.start, name.end)
        .or_else(|| fallbacks::find(text, name.start, name.end))
        .or_else(|| directives::find(text, name.name, name.start, name.end));
    let cells = || tables::find(text, name.start, name.end);
    (beside.map_or_else(cells, |secret| vec![secret]), trace.end)
}

/// A value in braces, as strings of connections have it: `PWD={a;b};`, and a list of Helm's: `passwords={a,b}`.
fn braced(text: &[u8], name: &str, at: usize) -> Option<Range<usize>> {
    let inner = text[at..line_within(text, at, 256)].strip_prefix(b"{").filter(|_| text[at - 1] == b'=')?;
    let end = inner.iter().position(|b| *b == b'}')?;
    let closes = inner.get(end + 1).is_none_or(|b| is_quote(*b) || matches!(b, b';' | b'\n' | b'\r'));
    let secret = &inner[..end];
    let list = name.to_ascii_lowercase().ends_with('s');
    let plain = !secret.iter().any(|b| is_quote(*b) || b" {=:$".contains(b) || *b == b',' && !list);
    (closes && plain && clear::is_clear(&String::from_utf8_lossy(secret))).then_some(at + 1..at + 1 + end)
}

/// The secrets of the block that is the value of a name.
fn block(text: &[u8], name: &Name<'_>, at: usize) -> Option<Found> {
    let begin = past_blanks(text, at);
    if begin == line_end(text, begin) && !text[..at].ends_with(b">") {
        // Of YAML, and of JSON whose bracket is on the next line.
        let next = begin + text[begin..].iter().take(64).take_while(|b| b.is_ascii_whitespace()).count();
        let bracket = matches!(text.get(next), Some(b'{' | b'['));
        if text.get(next) == Some(&b'"') && !is_key(text, next + 1) {
            return None;
        }
        return match text[..at].last() {
            Some(b':' | b'=') if bracket => blocks::bracketed(text, next, name.name),
            Some(b':') => blocks::indented(text, begin, name.name).filter(|_| !name.refers()),
            _ => None,
        };
    }
    if text[..at].ends_with(b">") && !text[..at].ends_with(b"=>") {
        return blocks::elements(text, at, name.name);
    }
    // `token => { … }` is a function.
    let function = text[..at].ends_with(b"=>") && !text.get(name.end).is_some_and(|b| is_quote(*b));
    blocks::bracketed(text, begin, name.name).filter(|_| !function)
}

/// A name, and where it stands.
struct Name<'t> {
    name: &'t str,
    start: usize,
    end: usize,
    /// Whether it begins with a dash.
    is_option: bool,
    /// Whether its value is a secret whatever it is.
    certain: bool,
}

impl<'t> Name<'t> {
    /// The name of which a part stands there, where it is one of a secret.
    fn around(text: &'t [u8], trace: &Range<usize>) -> Option<Self> {
        let before = text[..trace.start].iter().rev().take(128).take_while(|b| in_name(b)).count();
        let behind = text[trace.end..].iter().take(128).take_while(|b| in_name(b)).count();
        let mut start = trace.start - before;
        // `%26token`: an escape of an address ends before it.
        let escaped =
            text[..start].ends_with(b"%") && text[start..].iter().take(2).all(u8::is_ascii_hexdigit);
        if escaped && before > 1 {
            start += 2;
        }
        let whole = std::str::from_utf8(&text[start..trace.end + behind]).ok()?;
        let name = whole.trim_matches(['-', '.']);
        // `-Ppwd=x`, `-Dpass=x`: a property.
        let property = ["-P", "-D"].iter().find_map(|begin| whole.strip_prefix(begin));
        let is_property = |name: &&str| name.starts_with(|c: char| c.is_ascii_lowercase());
        let name = property.filter(is_property).filter(|_| !keys::may_name(name)).unwrap_or(name);
        const IN_WORDS: [&str; 16] = [
            "cle api",
            "cle_api",
            "clef api",
            "clef d'api",
            "clé api",
            "clé d'accès",
            "clé d'api",
            "clé privée",
            "clé secrète",
            "code d'accès",
            "jeton",
            "mot de passe",
            "mot-de-passe",
            "mot_de_passe",
            "phrase de passe",
            "phrase secrète",
        ];
        let in_words = IN_WORDS.iter().any(|words| name.eq_ignore_ascii_case(words));
        // `Server=x;Uid=sa;Pwd=y`; a folder is told below.
        let in_list = name.eq_ignore_ascii_case("pwd") && text[..start].ends_with(b";");
        // `--pass x`, `--db-pass x`: by itself it is a verdict.
        let is_given = whole.starts_with("--") && keys::is_password(name);
        let certain = is_secret_key(name) || in_words || in_list || is_given;
        if !certain && !keys::may_name(name) {
            return None;
        }
        let end = start + whole.trim_end_matches(['-', '.']).len();
        // `/etc/passwd: no such file`
        let logins = [&b"user/"[..], b"login/", b"username/", b"utilisateur/", b"identifiant/"];
        // `cmdkey /pass:x`
        let of_windows = text[..start].ends_with(b" /") && text.get(end) == Some(&b':');
        let in_path = text[..start].ends_with(b"/")
            && !of_windows
            && text.get(end) != Some(&b'=')
            && !logins.iter().any(|login| text[..start].ends_with(login));
        (!in_path).then_some(Self { name, start, end, is_option: whole.starts_with('-'), certain })
    }

    /// Whether what stands below says where the secret is: `secretKeyRef:`.
    fn refers(&self) -> bool {
        keys::describes(self.name)
    }

    /// The value that begins at `at`, or stands elsewhere, where it is a secret.
    fn value(&self, text: &[u8], at: Option<usize>) -> Option<Range<usize>> {
        let &Self { name, start, end, certain, .. } = self;
        let lower = name.to_ascii_lowercase();
        let jaas = lower.contains("jaas");
        let in_file = name.contains('.')
            && !self.is_option
            && start.checked_sub(1).is_none_or(|at| text[at] == b'\n')
            && text.get(end) == Some(&b'=');
        let value = match at {
            Some(at) if is_escaped(&text[..at]) => in_address(text, at),
            Some(at) => value(text, at, jaas || in_file)?,
            None => fields::value_before(text, start).or_else(|| fields::value_beside(text, start, end))?,
        };
        let first = String::from_utf8_lossy(&text[value.clone()]);
        let goes_on = certain && !in_file && !jaas && !self.is_option;
        let stated = first != "a" && !clear::is_clear(&first);
        let longer = at.filter(|_| goes_on && !stated).and_then(|at| lines::end(text, at, &value));
        let value = value.start..longer.unwrap_or(value.end);
        let shown = String::from_utf8_lossy(&text[value.clone()]);
        // A number of tokens, of passwords changed.
        let plural = lower.ends_with("tokens");
        let token = lower.ends_with("token") && (shown.len() < 6 || !ends_there(text, value.end));
        let counts = shown.len() < 4 || plural || token;
        // `client.key=/etc/ssl/client.key`, `--secret id=npmrc,src=.npmrc`
        let path = shown.starts_with('/')
            && [".key", ".pem", ".crt", ".p12", ".jks", ".txt", ".json"]
                .iter()
                .any(|end| shown.ends_with(end));
        // `user-token:0:12345`, a topic with its partition and an offset.
        let is_offset = name.contains('-')
            && shown.contains(':')
            && shown.bytes().all(|b| b.is_ascii_digit() || b == b':');
        let is_count = is_offset || counts && shown.bytes().all(|b| b.is_ascii_digit());
        let is_host = at.is_some_and(|at| at == value.start && is_host(name, end, at, &shown));
        // `password=`cat f``
        let is_command = text[..value.start].ends_with(b"=`") && shown.contains(' ');
        let is_folder = lower.ends_with("pwd") && shown.starts_with('/');
        let is_no_login = lower.ends_with("info") && !shown.contains(':');
        // `-pass pass:x` of openssl, which is looked for by itself.
        let is_prefixed = self.is_option && !certain && shown.starts_with("pass:");
        let other = is_prefixed
            || path
            || is_count
            || is_host
            || is_command
            || is_folder
            || is_no_login
            || shown.starts_with("id=");
        let secret = if certain {
            clear::is_clear(&shown) && !keys::is_resource(name, &shown)
        } else {
            keys::is_secret(name, &shown)
        };
        let told = match at {
            Some(at) if certain => !in_file && self.is_told(text, at, &value),
            Some(at) => is_other(text, start..end, at, &value),
            None => false,
        };
        (secret && !told && !other && !is_pattern(text, start, shown.as_bytes())).then_some(value)
    }

    /// Whether the value is a word of a sentence, an expression of a program, or the name of a secret of Kubernetes.
    fn is_told(&self, text: &[u8], at: usize, value: &Range<usize>) -> bool {
        let colon = text[..at].ends_with(b":");
        let shown = String::from_utf8_lossy(&text[value.clone()]);
        colon && prose::is_told(text, self.name, value)
            || prose::is_expression(text, self.name, at)
            || keys::is_resource(self.name, &shown)
            || colon
                && keys::names_resource(self.name)
                && keys::is_label(&shown)
                && in_manifest(text, self.start)
    }
}

/// Whether what separates a name and its value is escaped as in an address: `password%3Dx`.
fn is_escaped(before: &[u8]) -> bool {
    before.len().checked_sub(2).is_some_and(|at| {
        before[at..].eq_ignore_ascii_case(b"3d") || before[at..].eq_ignore_ascii_case(b"3a")
    }) && (before[..before.len() - 2].ends_with(b"%") || before[..before.len() - 2].ends_with(b"%25"))
}

/// A value in an address that is itself a part of an address, up to the next one.
fn in_address(text: &[u8], at: usize) -> Range<usize> {
    let blank = |at: usize| [&b"%20"[..], b"%22", b"%27"].iter().any(|escape| text[at..].starts_with(escape));
    let start = if blank(at) { at + 3 } else { at };
    let rest = &text[start..text.len().min(start + LONGEST_SHORT)];
    let ends = |place: &usize| {
        let rest = &rest[*place..];
        let mark = rest[0].is_ascii_whitespace() || is_quote(rest[0]) || b"&<>\\".contains(&rest[0]);
        let escapes = [&b"%26"[..], b"%20", b"%22", b"%27", b"%3B", b"%3b", b"%0A", b"%2526"];
        mark || escapes.iter().any(|escape| rest.starts_with(escape))
    };
    start..start + (0..rest.len()).find(ends).unwrap_or(rest.len())
}

/// Whether a name is that of a host, behind which its port stands: `broker-secret-1.example:9093`.
fn is_host(name: &str, end: usize, at: usize, value: &str) -> bool {
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    let goes_on = value[digits..].starts_with(|c: char| !"/,;)]?#".contains(c));
    let last = name.rsplit(['.', '-']).next().unwrap_or_default();
    let own = ["info", "key", "pass", "pw", "pwd"].contains(&last) || is_secret_key(last);
    at == end + 1 && (2..=5).contains(&digits) && !goes_on && name.contains(['.', '-']) && !own
}

/// Whether nothing goes on behind a value in its line.
fn ends_there(text: &[u8], end: usize) -> bool {
    let rest = text[end..line_within(text, end, 32)].trim_ascii_start();
    rest.first().is_none_or(|b| is_quote(*b) || b",;&)]}<|#\\".contains(b))
}

/// Whether a manifest of Kubernetes has what stands there.
fn in_manifest(text: &[u8], at: usize) -> bool {
    let near = &text[at.saturating_sub(4096)..at];
    [&b"apiVersion: "[..], b"\nkind: "].iter().any(|line| memmem::find(near, line).is_some())
}

/// Whether what stands behind a short name is no secret: `pass=12 fail=1`, `PASS: a test`, `first pass: all of them`.
fn is_other(text: &[u8], name: Range<usize>, at: usize, value: &Range<usize>) -> bool {
    const BEFORE: [&str; 13] = [
        "each", "first", "gc", "if", "last", "next", "one", "per", "second", "single", "the", "third", "this",
    ];
    let lower = |range: Range<usize>| String::from_utf8_lossy(&text[range]).to_ascii_lowercase();
    let before = lower(name.start.saturating_sub(64)..name.start);
    let behind = lower(value.end..line_within(text, value.end, 64));
    let shown = &text[value.clone()];
    // `user: ana pass: x`
    let of_login =
        ["user", "login", "uid"].iter().filter_map(|word| before.rsplit_once(word)).any(|(_, rest)| {
            let mark =
                rest.trim_start_matches(|c: char| c.is_alphanumeric() || matches!(c, '"' | '\'' | ' '));
            mark.starts_with([':', '='])
        });
    let quoted = text[..value.start].last().is_some_and(|b| is_quote(*b) || *b == b';');
    let equals = text[..at].ends_with(b"=") || text[..at].ends_with(b">");
    if shown.iter().all(u8::is_ascii_digit) {
        let counted = ["fail", "skip", "warn", "total"];
        let tally = counted.iter().any(|word| before.contains(word) || behind.contains(word));
        return !of_login && (tally || shown.len() < 4 || !(quoted || equals));
    }
    // `jvm_gc_seconds_sum{pass="final"}`, a label of a metric.
    let label = || {
        let set = before.rsplit_once('{').map_or("", |(metric, _)| metric);
        let of_metric =
            before.contains('{') && set.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        quoted && equals && of_metric && shown.iter().all(u8::is_ascii_alphabetic)
    };
    // `attempt 1: pass: the criterion`, `Verdict::Pass => "held"`
    let said = before.ends_with(": ") || before.ends_with("::");
    let arm = text[..at].ends_with(b"=>") && text[name.end..].trim_ascii_start().starts_with(b"=");
    let last = before.trim_end().rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    // `self.pw = pw`, `pw = pw + c`
    let own = text[name.clone()].ends_with(shown) || behind.trim_start().starts_with(['+', '[', '%']);
    let asked = || prose::is_expression(text, &String::from_utf8_lossy(&text[name.clone()]), at);
    if said || arm || own || label() || asked() || shown.contains(&b'\n') || BEFORE.contains(&last) {
        return true;
    }
    // `PASS: TestOrders` is a line of a test.
    !(of_login || quoted || equals) && (text[name].ends_with(b"PASS") || goes_on(shown, &behind))
}

/// Whether a word is the first of a sentence, by what stands behind it, and has not the letters of a password.
fn goes_on(word: &[u8], behind: &str) -> bool {
    let has = |of: fn(&u8) -> bool| word.iter().any(of);
    let marked = has(u8::is_ascii_uppercase) || word.iter().any(|b| b"!#$&*+?^~@".contains(b));
    let odd = word.len() >= 6 && marked && has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase);
    let rest = behind.trim_start();
    let next = rest.trim_start_matches([',', ';']).trim_start();
    let name = next.bytes().take_while(in_name).count();
    let named = name > 0 && next[name..].trim_start().starts_with([':', '=']);
    let listed = rest.starts_with([',', ';']) && !word.iter().all(u8::is_ascii_lowercase);
    let ends = rest.is_empty() || rest.starts_with(['}', ')', '"', '\'', '|', '#']);
    !(odd || named || listed || ends)
}

/// Whether a value belongs to what is looked for: `grep 'password=' "app.log"`. One may be looked for itself.
fn is_pattern(text: &[u8], name: usize, value: &[u8]) -> bool {
    let has = |of: fn(&u8) -> bool| value.iter().any(of);
    let mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
    let is_value = mixed && value.iter().all(u8::is_ascii_alphanumeric);
    !is_value && commands::is_searched(text, name)
}

/// Where the value begins of a name that stands at `start..end`.
fn behind_name(text: &[u8], start: usize, end: usize, is_option: bool) -> Option<usize> {
    // `passwords[0]=x`
    let index = text[end..]
        .strip_prefix(b"[")
        .map_or(0, |rest| rest.iter().take_while(|b| b.is_ascii_digit()).count());
    let indexed = index > 0 && text.get(end + 1 + index) == Some(&b']');
    let quoted = past_quotes(text, end + if indexed { index + 2 } else { 0 });
    let mut at = past_blanks(text, quoted);
    let rest = &text[at..];
    match rest {
        [b'%', b'3', b'D' | b'd' | b'A' | b'a', ..] if at == end => return Some(at + 3),
        [b'%', b'2', b'5', b'3', b'D' | b'd', ..] if at == end => return Some(at + 5),
        // `Secret::new` is a name in a program.
        // `userPassword:: …` of LDIF is Base64.
        [b':', b':', b' ', ..] => return Some(at + 2),
        [b':', b':', ..] | [b':', b'/', b'/', ..] => return None,
        // `-storepass:env NAME`
        [b':', b'e', b'n', b'v', b' ', ..] | [b':', b'f', b'i', b'l', b'e', b' ', ..] if is_option => {
            return None;
        }
        [b'=' | b':', more @ ..] => {
            let more = more.iter().take(2).take_while(|b| matches!(b, b'=' | b'>')).count();
            return Some(at + 1 + more);
        }
        [b'>', ..] if matches!(text.get(start.wrapping_sub(1)), Some(b'<' | b':')) || quoted > end => {
            return Some(at + 1);
        }
        // `&lt;password&gt;x&lt;/password&gt;`
        [b'&', b'g', b't', b';', ..] if text[..start].ends_with(b"&lt;") || quoted > end => {
            return Some(at + 4);
        }
        // `<password type="clear">x</password>`
        _ if at > quoted && is_element(text, start) => {
            let close = rest.iter().take(256).position(|b| matches!(b, b'<' | b'>'))?;
            return (rest[close] == b'>' && !rest[..close].ends_with(b"/")).then_some(at + close + 1);
        }
        _ => {}
    }
    // `{"name": "x.password", "value": "…"}`, also over lines, and `name="x.password" value="…"`.
    let value_at = past_borders(text, at);
    // `env[0].name=DB_PASSWORD,env[0].value=x`
    let path =
        text[value_at..].iter().take(64).take_while(|b| in_name(b) || matches!(b, b'[' | b']')).count();
    let field = &text[value_at..value_at + path];
    if fields::is_value_field(field) && fields::is_named(text, start, end) {
        let separator = past_blanks(text, past_quotes(text, value_at + path));
        if matches!(text.get(separator), Some(b':' | b'=')) {
            return Some(separator + 1);
        }
    }
    // `--password x`, and `["--password", "x"]`.
    if is_option && matches!(text.get(at), None | Some(b'\n' | b'\r')) {
        return next_line(text, start, at);
    }
    // `- --password # of the database`
    if is_option && at > quoted && text[at] == b'#' {
        return next_line(text, start, line_within(text, at, 512));
    }
    let in_list = at == end && text.get(at) == Some(&b',') && is_in_brackets(text, start);
    if is_option && (at > end || in_list) && text[at] != b'|' {
        if text.get(at) == Some(&b',') {
            at += 1;
            at = past_remarks(text, at);
            // Another list.
            if in_list && matches!(text.get(at), Some(b'[' | b'{')) {
                return None;
            }
        }
        // The command goes on in the next line, as other shells write it.
        if let [b'^' | b'`', b'\n', ..] = &text[at..] {
            at = past_blanks(text, at + 2);
        }
        let next = &text[at..];
        let word: Vec<u8> = next.iter().take(12).take_while(|b| b.is_ascii_alphabetic()).copied().collect();
        // `--password PASSWORD` of a help text.
        let whole = &next[..next.iter().take_while(|b| !b.is_ascii_whitespace()).count()];
        let marks = whole.iter().rev().take_while(|b| b"])}|".contains(b)).count();
        let whole = &whole[..whole.len() - marks];
        let upper = whole.iter().all(|b| b.is_ascii_uppercase() || *b == b'_');
        let own = text[start..end].to_ascii_uppercase();
        if upper && (memmem::find(&own, whole).is_some() || whole.starts_with(b"PASS")) {
            return None;
        }
        let ends = next.get(word.len()).is_none_or(|b| !in_name(b));
        // `--password  the password to use`
        let behind = next[word.len()..].trim_ascii_start();
        let described = next.get(word.len()) == Some(&b' ')
            && prose::is_first(&String::from_utf8_lossy(&word))
            && behind.first().is_some_and(u8::is_ascii_alphabetic);
        // `--with-token <<< x`, `--password | …`
        let mark = next.first().is_some_and(|b| b"-|&;".contains(b)) || next.starts_with(b"<<");
        return (!(mark || described || ends && clear::is_prose(&word))).then_some(at);
    }
    // `<name>x.password</name> … <value>y</value>`, `<key>password</key><string>y</string>`
    if rest.starts_with(b"</") {
        let near = &rest[..rest.len().min(512)];
        let near = &near[..memmem::find(near, b"</property>").unwrap_or(near.len())];
        let tags = [&b"<value>"[..], b"<string>", b"-value>"];
        // The next cell of a table, or the text of a term.
        let cell = [&b"</td>"[..], b"</th>", b"</dt>"].iter().find_map(|close| {
            let next = near.strip_prefix(*close)?.trim_ascii_start();
            let tag = [&b"<td>"[..], b"<dd>"].into_iter().find(|tag| next.starts_with(tag))?;
            Some(at + near.len() - next.len() + tag.len())
        });
        if cell.is_some() {
            return cell;
        }
        return tags.iter().find_map(|tag| Some(at + memmem::find(near, tag)? + tag.len()));
    }
    // `machine x login y password z` of a `.netrc`, `WITH PASSWORD 'z'`, `aws configure set x.password z`, `ENV PASSWORD z`.
    let name = text[start..end].to_ascii_lowercase();
    let before = &text[start.saturating_sub(256)..start];
    let in_quotes = matches!(rest.first(), Some(b'\'' | b'"'))
        && memmem::find(&name, b"pass").is_some()
        // `getent passwd 'ana'`
        && name != b"passwd";
    let of_redis = matches!(name.as_slice(), b"requirepass" | b"masterauth")
        && before.last().is_none_or(|b| *b == b'\n');
    let is_set = of_redis
        || [
            &b"configure set "[..],
            b"config set ",
            b"CONFIG SET ",
            b"ENV ",
            b"ARG ",
            b"setenv ",
            b"setx ",
            b"set -x ",
            b"set -gx ",
        ]
        .iter()
        .any(|words| before.ends_with(words));
    if at > end && (in_quotes || is_set || in_netrc(before)) {
        return Some(at);
    }
    let of_login = name.ends_with(b"credential") || name.ends_with(b"credentials");
    let log_in = || logins::behind(text, at, false).filter(|_| of_login && at > end);
    sentences::value_at(text, start, end, at).or_else(|| log_in().map(|secret| secret.start))
}

/// Past blanks and line breaks, and the remarks of YAML between them.
fn past_remarks(text: &[u8], mut at: usize) -> usize {
    for _ in 0..8 {
        at += text[at..].iter().take(64).take_while(|b| b.is_ascii_whitespace()).count();
        let is_remark = text.get(at) == Some(&b'#') && text[at - 1].is_ascii_whitespace();
        if !is_remark {
            break;
        }
        at = line_within(text, at, 512);
    }
    at
}

/// The value of an option in the line below, where each has its own: `- --password` and `- x`.
fn next_line(text: &[u8], start: usize, end: usize) -> Option<usize> {
    let from = start.saturating_sub(128);
    let line = text[from..start].iter().rposition(|b| *b == b'\n').map_or(from, |at| from + at + 1);
    let before = without_borders(&text[line..start]);
    let item = before.trim_ascii() == b"-";
    let next = end + text[end..].iter().take(3).take_while(|b| matches!(b, b'\n' | b'\r')).count();
    let at = past_blanks(text, if item { past_remarks(text, end) } else { next });
    let listed = text[at..].starts_with(b"- ");
    let rest = &text[at..line_within(text, at, 512)];
    let alone = !rest.starts_with(b"-") && !rest.is_empty() && !rest.trim_ascii().contains(&b' ');
    match before.trim_ascii() {
        b"-" if listed => Some(at + 2).filter(|at| !text[past_quotes(text, *at)..].starts_with(b"-")),
        b"" if !listed && alone => Some(at),
        _ => None,
    }
}

/// Whether a list in brackets goes on there.
fn is_in_brackets(text: &[u8], at: usize) -> bool {
    let near = &text[at.saturating_sub(512)..at];
    near.iter().rev().find(|b| matches!(b, b'[' | b']')) == Some(&b'[')
}

/// Whether a name begins an element of XML, behind a prefix or not.
fn is_element(text: &[u8], start: usize) -> bool {
    let before = &text[start.saturating_sub(64)..start];
    let prefix = before.strip_suffix(b":").map(|before| {
        let length = before.iter().rev().take_while(|b| in_name(b)).count();
        &before[..before.len() - length]
    });
    prefix.unwrap_or(before).ends_with(b"<")
}

/// Whether the entry of a `.netrc` goes on there: the machine, then what else is known of it.
fn in_netrc(before: &[u8]) -> bool {
    let words: Vec<&[u8]> =
        before.rsplit(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).take(6).collect();
    let keys =
        |at: usize| words.get(at).is_some_and(|word| [&b"login"[..], b"account", b"machine"].contains(word));
    keys(1) && words.iter().any(|word| [&b"machine"[..], b"default"].contains(word))
}
