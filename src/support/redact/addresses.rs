//! Addresses that let in whoever has them: with a password, a signature, or a path that nobody should know; and lines
//! that give a log-in where an address would.

use super::{
    clear::is_clear,
    text::{Finder, One, REACH, in_name, is_quote, line_within},
};
use memchr::{memchr, memmem, memrchr};
use std::ops::Range;

/// Places of webhooks: what stands behind is the secret.
const WEBHOOKS: [&str; 17] = [
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    "events.pagerduty.com/integration/",
    "hc-ping.com/",
    "hooks.slack.com/services/",
    "hooks.slack.com/triggers/",
    "hooks.slack.com/workflows/",
    "hooks.zapier.com/hooks/catch/",
    "maker.ifttt.com/trigger/",
    "office.com/webhookb2/",
    "open.feishu.cn/open-apis/bot/v2/hook/",
    "open.larksuite.com/open-apis/bot/v2/hook/",
    "outlook.office.com/webhook/",
    "outlook.office365.com/webhook/",
    "webexapis.com/v1/webhooks/incoming/",
    "webhook.office.com/webhook/",
    "webhook.site/",
];

/// Services that take the key of a webhook as a parameter.
const BY_KEY: [&str; 2] = ["chat.googleapis.com/", "qyapi.weixin.qq.com/"];

const OTHERS: &[(&str, One)] = &[
    (")/", data_source),
    ("/bot", telegram),
    ("/hooks/", hook),
    ("/webhooks/", numbered_hook),
    ("://", address),
    (":oci:", of_oracle),
    (":oci8:", of_oracle),
    (":thin:", of_oracle),
    (":*:", pgpass),
    (":15432:", pgpass),
    (":25432:", pgpass),
    (":26257:", pgpass),
    (":5432:", pgpass),
    (":5433:", pgpass),
    (":5434:", pgpass),
    (":5435:", pgpass),
    (":5439:", pgpass),
    (":55432:", pgpass),
    (":6432:", pgpass),
    (":6543:", pgpass),
    ("@/", data_source),
    (" auth:", acl),
    ("digest\"", digest),
    ("digest'", digest),
    ("digest:", digest),
    ("sig=", signature),
    ("signature=", signature),
];

/// What the shapes look for, and where the secret is then.
pub(super) fn traces() -> impl Iterator<Item = (String, Finder)> {
    // Some write a slash in JSON as an escape.
    let webhooks = WEBHOOKS.iter().flat_map(|trace| [(*trace).to_owned(), trace.replace('/', "\\/")]);
    let webhooks = webhooks.map(|trace| (trace, Finder::One(webhook)));
    let by_key = BY_KEY.iter().map(|trace| ((*trace).to_owned(), Finder::One(key_of_webhook)));
    let others = OTHERS.iter().map(|(trace, find)| ((*trace).to_owned(), Finder::One(*find)));
    webhooks.chain(by_key).chain(others)
}

/// `scheme://user:password@host`.
fn address(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let rest = &text[trace.end..text.len().min(trace.end + REACH / 16)];
    let stops = |b: &u8| b.is_ascii_whitespace() || is_quote(*b) || matches!(b, b'<' | b'>' | b'\\');
    let token = &rest[..rest.iter().position(stops).unwrap_or(rest.len())];
    // `jdbc:sqlserver://h:1433;password=x`
    let settings = token.windows(2).position(|pair| pair[0] == b';' && pair[1].is_ascii_alphabetic());
    let names = settings.filter(|at| {
        let name = token[at + 1..].iter().take_while(|b| in_name(b)).count();
        token.get(at + 1 + name) == Some(&b'=')
    });
    let token = &token[..names.unwrap_or(token.len())];
    let authority =
        &token[..token.iter().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(token.len())];
    let colon = memchr(b':', authority);
    let behind_user = match (authority.iter().rposition(|b| *b == b'@'), colon) {
        (Some(at), _) => at + goes_on(token, at, authority.len()),
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

/// How much further a password goes that has an `@` and what should have been escaped behind it: `ana:a@b/c@host.example`.
fn goes_on(token: &[u8], at: usize, end: usize) -> usize {
    let host = &token[at + 1..end];
    let whole = host.iter().any(|b| matches!(b, b'.' | b':')) || host == b"localhost";
    let Some(last) = memrchr(b'@', &token[end..]).map(|last| end + last).filter(|_| !whole) else { return 0 };
    let behind = &token[last + 1..];
    let length = behind.iter().take_while(|b| in_name(b) || **b == b':').count();
    let named = behind[..length].iter().any(|b| matches!(b, b'.' | b':'));
    if named && !token[at..last].contains(&b'=') && !token[at..last].ends_with(b"/") { last - at } else { 0 }
}

/// `jdbc:oracle:thin:ana/x@host:1521:sid`.
fn of_oracle(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let user = text[trace.end..].iter().take(128).take_while(|b| in_name(b) || **b == b'$').count();
    let start = trace.end + user + 1;
    if user == 0 || text.get(start - 1) != Some(&b'/') {
        return None;
    }
    if let Some(quote) = text.get(start).copied().filter(|b| is_quote(*b)) {
        let end = start + 1 + memchr(quote, &text[start + 1..line_within(text, start, 256)])?;
        return Some(start + 1..end);
    }
    let stops = |b: &u8| b.is_ascii_whitespace() || is_quote(*b) || b"<>?\\".contains(b);
    let rest = &text[start..line_within(text, start, 256)];
    let token = &rest[..rest.iter().position(stops).unwrap_or(rest.len())];
    let secret = start..start + memrchr(b'@', token)?;
    is_clear(&String::from_utf8_lossy(&text[secret.clone()])).then_some(secret)
}

/// The signature of an address that lets in whoever has it: `?sv=…&sig=…`.
fn signature(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let name = text[..trace.start].iter().rev().take(32).take_while(|b| in_name(b)).count();
    text[..trace.start - name].last().filter(|before| b"?&;".contains(before))?;
    let is_part =
        |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'%' | b'+' | b'/' | b'=' | b'-' | b'_' | b'.');
    let secret = trace.end..trace.end + text[trace.end..].iter().take(REACH / 16).take_while(is_part).count();
    (secret.len() >= 16).then_some(secret)
}

/// What goes on of the path of an address.
fn path(text: &[u8], start: usize) -> Range<usize> {
    let near = &text[start..text.len().min(start + REACH / 16)];
    let is_part = |(at, b): (usize, &u8)| match b {
        b'\\' => near.get(at + 1) == Some(&b'/'),
        b => b.is_ascii_alphanumeric() || b"/-_.~%@:+=".contains(b),
    };
    let length = near.iter().enumerate().take_while(|(at, b)| is_part((*at, b))).count();
    // The mark that ends a sentence.
    let marks = near[..length].iter().rev().take_while(|b| matches!(b, b'.' | b':')).count();
    start..start + length - marks
}

/// `https://hooks.slack.com/services/…`.
fn webhook(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let secret = path(text, trace.end);
    (secret.len() >= 6 && is_clear(&String::from_utf8_lossy(&text[secret.clone()]))).then_some(secret)
}

/// `https://chat.googleapis.com/v1/spaces/x/messages?key=…`; a token is known by its name.
fn key_of_webhook(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let parameters = path(text, trace.end).end;
    let near = &text[parameters..line_within(text, parameters, 512)];
    let key = memmem::find(near, b"key=")
        .filter(|at| at.checked_sub(1).is_some_and(|at| b"?&;".contains(&near[at])))?;
    webhook(text, trace.start..parameters + key + 4)
}

/// `https://mattermost/hooks/…`: 26 letters and digits; `https://rocket.chat/hooks/id/token`.
fn hook(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let begin = text[trace.end..].iter().take(REACH / 16).take_while(|b| b.is_ascii_alphanumeric()).count();
    if begin < 17 {
        return None;
    }
    let secret = path(text, trace.end);
    let mut parts = text[secret.clone()].split(|b| *b == b'/');
    let first = parts.next()?;
    let own = first.len() == 26 && first.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let random = |part: &[u8]| part.len() >= 17 && part.iter().all(u8::is_ascii_alphanumeric);
    (own || random(first) && parts.next().is_some_and(random)).then_some(secret)
}

/// `/api/v10/webhooks/ID/TOKEN`, as Discord's.
fn numbered_hook(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let secret = path(text, trace.end);
    let slash = memchr(b'/', &text[secret.clone()])?;
    let number = text[secret.start..secret.start + slash].iter().all(u8::is_ascii_digit);
    let long = slash >= 15 && secret.len() >= slash + 20 || is_of(text, &trace, b"discord");
    (number && long && secret.len() > slash + 1).then_some(secret)
}

/// `https://api.telegram.org/bot123456:TOKEN/…`: the method that is called may be seen.
fn telegram(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let bot = path(text, trace.end);
    let length = memchr(b'/', &text[bot.clone()]).unwrap_or(bot.len());
    let secret = bot.start..bot.start + length;
    let number = text[secret.clone()].iter().take_while(|b| b.is_ascii_digit()).count();
    let parted = matches!(text[secret.start + number..secret.end], [b':' | b'%', ..]);
    let long = number >= 6 && length >= number + 20 || is_of(text, &trace, b"telegram");
    (number > 0 && parted && long).then_some(secret)
}

/// Whether an address is one of that service.
fn is_of(text: &[u8], trace: &Range<usize>, service: &[u8]) -> bool {
    memmem::find(&text[trace.start.saturating_sub(48)..trace.start], service).is_some()
}

/// Where the word begins that ends at `end`, in quotes or not.
fn word_start(text: &[u8], end: usize) -> usize {
    let is_part = |b: &&u8| !b.is_ascii_whitespace() && !is_quote(**b);
    end - text[..end].iter().rev().take(512).take_while(is_part).count()
}

/// `user:password@tcp(host:3306)/db`, `user:password@/db`, as drivers of Go take it.
fn data_source(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let start = word_start(text, trace.start);
    let word = &text[start..trace.start];
    let at = match text[trace.start] {
        b'@' => word.len(),
        _ => {
            let protocol = &word[..memrchr(b'(', word)?];
            let is_part = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'_');
            let name = protocol.iter().rev().take_while(is_part).count();
            protocol[..protocol.len() - name].strip_suffix(b"@")?.len()
        }
    };
    let colon = memchr(b':', &word[..at])?;
    let is_user = colon > 0 && word[..colon].iter().all(|b| in_name(b) || b"=%+".contains(b));
    let secret = start + colon + 1..start + at;
    let is_address = text[secret.clone()].starts_with(b"//") || word.starts_with(b"jdbc:");
    (is_user && !is_address && is_clear(&String::from_utf8_lossy(&text[secret.clone()]))).then_some(secret)
}

/// A line of `.pgpass`: `host:5432:db:user:password`.
fn pgpass(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let start = word_start(text, trace.end);
    let line = &text[start..line_within(text, trace.end, 1024)];
    let mut fields = line.splitn(5, |b| *b == b':');
    let (host, port, database, user) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let rest = fields.next()?;
    let is_word = |field: &[u8]| {
        let is_part = |b: &u8| in_name(b) || b"*/#$@+".contains(b);
        !field.is_empty() && field.iter().all(is_part) && !field.iter().all(u8::is_ascii_digit)
    };
    // `arn:*:s3:…` is none.
    let any_port = port == b"*" && (matches!(host, b"*" | b"localhost") || host.contains(&b'.'));
    let has_port = any_port || !port.is_empty() && port.iter().all(u8::is_ascii_digit);
    if !has_port || ![host, database, user].into_iter().all(is_word) {
        return None;
    }
    // A password may have blanks where the line is that of the file.
    let whole = start.checked_sub(1).is_none_or(|at| text[at] == b'\n');
    let ends = |b: &u8| is_quote(*b) || *b == b'\\' || b.is_ascii_whitespace() && !whole;
    let length = rest.iter().position(ends).unwrap_or(rest.len());
    let begin = start + line.len() - rest.len();
    is_clear(&String::from_utf8_lossy(&rest[..length])).then_some(begin..begin + length)
}

/// `digest:user:password`, `("digest", "user:password")`, as ZooKeeper takes it; what its ACLs have is a hash.
fn digest(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    if text[..trace.start].last().is_some_and(in_name) {
        return None;
    }
    let mut start = trace.end;
    if !text[trace].ends_with(b":") {
        let comma = text.get(start..)?.strip_prefix(b",")?.trim_ascii_start();
        let quoted = comma.first().is_some_and(|b| is_quote(*b));
        start = text.len() - comma.len() + usize::from(quoted);
    }
    let is_part = |b: &&u8| !b.is_ascii_whitespace() && !is_quote(**b) && !b",;)]}\\".contains(b);
    let word = &text[start..][..text[start..].iter().take(256).take_while(is_part).count()];
    let colon = memchr(b':', word)?;
    let (user, password) = (&word[..colon], &word[colon + 1..]);
    let lower = user.to_ascii_lowercase();
    let of_content = [&b"sha"[..], b"md5", b"blake"].iter().any(|hash| lower.starts_with(hash));
    let in_acl = password.contains(&b':') || password.len() == 28 && password.ends_with(b"=");
    let is_login = !user.is_empty() && user.iter().all(in_name) && !user.iter().all(u8::is_ascii_digit);
    let secret = start + colon + 1..start + word.len();
    (is_login && !of_content && !in_acl && is_clear(&String::from_utf8_lossy(password))).then_some(secret)
}

/// `setAcl /x auth:user:password:cdrwa`.
fn acl(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let word = &text[trace.end..]
        [..text[trace.end..].iter().take(256).take_while(|b| !b.is_ascii_whitespace()).count()];
    let mut parts = word.splitn(3, |b| *b == b':');
    let (user, password, rights) = (parts.next()?, parts.next()?, parts.next()?);
    let is_acl = !rights.is_empty() && rights.iter().all(|b| b"cdrwa".contains(b));
    let secret = trace.end + user.len() + 1..trace.end + user.len() + 1 + password.len();
    (is_acl && !user.is_empty()).then_some(secret)
}
