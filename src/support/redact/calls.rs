//! Secrets in programs: arguments of a call whose first one, or whose name, is that of a secret; defaults of variables.

use super::{
    arguments,
    clear::is_clear,
    keys::{is_field, is_secret_key},
    prose,
    text::{in_name, is_quote, line_within, past_blanks, past_gap, past_quotes, past_wrapping, value},
};
use memchr::memmem;
use std::ops::Range;

/// The secret that a program gives beside the name at `start..end`.
pub(super) fn find(text: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
    let secret = behind(text, start, end)
        .or_else(|| called(text, start, end))
        .or_else(|| default(text, start, end))?;
    let shown = String::from_utf8_lossy(&text[secret.clone()]);
    (is_clear(&shown) && !is_field(&shown)).then_some(secret)
}

/// A text in quotes that begins there, within what makes a value of it or not: `new String("x")`.
pub(super) fn quoted(text: &[u8], at: usize) -> Option<Range<usize>> {
    let slashes = text.get(at..)?.iter().take_while(|b| **b == b'\\').count();
    let begin = if slashes == 0 { past_wrapping(text, at) } else { at };
    let made = String::from_utf8_lossy(text.get(at..begin)?);
    let is_text = is_quote(*text.get(begin + slashes)?) && !prose::reads(made.trim_end_matches('('));
    is_text.then(|| value(text, begin, false))?
}

/// `put("ssl.key.password", "x")`, `set(Config.PASSWORD, "x")`, `"password" to "x"`.
fn behind(text: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
    let slashes = text[..start.saturating_sub(1)].iter().rev().take(8).take_while(|b| **b == b'\\').count();
    let quote = text[..start].last().copied().filter(|b| is_quote(*b));
    let (before, behind) = match quote {
        Some(quote) if text.get(end + slashes) == Some(&quote) => (start - 1 - slashes, end + slashes + 1),
        Some(_) => return None,
        None => (start, end),
    };
    let separator = past_blanks(text, behind);
    let arrow = [&b"to "[..], b"-> "].into_iter().find(|word| text[separator..].starts_with(word));
    let next = match (arrow, text.get(separator)) {
        (Some(arrow), _) if quote.is_some() => separator + arrow.len(),
        (_, Some(b',')) => separator + 1,
        _ => return None,
    };
    let given = past_gap(text, next);
    let named = [&b"default="[..], b"default: ", b"fallback="]
        .into_iter()
        .find(|name| text[given..].starts_with(name));
    let secret = quoted(text, given + named.map_or(0, <[u8]>::len))?;
    let near = &text[before.saturating_sub(512)..before];
    let opener = near.trim_ascii_end().last();
    let as_pairs = || {
        let line = near.rsplit(|b| *b == b';').next().unwrap_or_default();
        [&b"of("[..], b"Of(", b"Map("].iter().any(|call| memmem::find(line, call).is_some())
    };
    let given = match opener {
        Some(b'(') => true,
        Some(b',') => quote.is_some() && as_pairs(),
        _ => arrow.is_some(),
    };
    given.then_some(secret)
}

/// `withPassword("x")`, `Secret::new("x")`, and not `getPassword("x")`.
fn called(text: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
    let mut at = end;
    let mut name = String::from_utf8_lossy(&text[start..end]).into_owned();
    if text[at..].starts_with(b"::") {
        let length = text[at + 2..].iter().take(64).take_while(|b| in_name(b)).count();
        name += &String::from_utf8_lossy(&text[at..at + 2 + length]);
        at += 2 + length;
    }
    if text.get(at) != Some(&b'(') || prose::reads(&name) {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    let of_log_in = lower.ends_with("credential") || lower.ends_with("credentials");
    let Some(first) = quoted(text, past_gap(text, at + 1)) else {
        // `setPassword(user, "x")`, and not `createSecret(namespace, "x")`
        let last = lower.rsplit(['.', ':']).next().unwrap_or_default();
        let sets = ["set", "with", "change", "update"].iter().any(|verb| last.starts_with(verb));
        let given = arguments::of_call(text, at + 1);
        let class = name.rsplit(['.', ':']).next().is_some_and(|last| last.starts_with(char::is_uppercase));
        let known = of_log_in && class || sets && is_secret_key(last);
        return if known && given.len() < 5 { given.into_iter().skip(1).flatten().last() } else { None };
    };
    // `new PSCredential("ana", secure)`, `new ClientSecretCredential("tenant", "id", "x")`
    if of_log_in {
        let given = arguments::of_call(text, at + 1);
        return given.last().cloned().flatten().filter(|secret| given.len() < 2 || *secret != first);
    }
    // `setPassword("ana", "x")`
    let next = past_blanks(text, first.end + 1);
    let second = (text.get(next) == Some(&b',')).then(|| quoted(text, past_gap(text, next + 1))).flatten();
    let secret = second.unwrap_or(first);
    // `password("Enter it: ")`
    let shown = text[secret.clone()].trim_ascii_end();
    let asks = shown.contains(&b' ') && shown.last().is_some_and(|b| b":?>".contains(b));
    (!asks).then_some(secret)
}

/// `variable "db_password" { default = "x" }` of Terraform.
fn default(text: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
    let before = text[..start].strip_suffix(b"\"").unwrap_or(&text[..start]).trim_ascii_end();
    if !before.ends_with(b"variable") && !before.ends_with(b"output") {
        return None;
    }
    let open = past_blanks(text, past_quotes(text, end));
    if text.get(open) != Some(&b'{') {
        return None;
    }
    let near = &text[open..text.len().min(open + 1024)];
    let near = &near[..memmem::find(near, b"\n}").unwrap_or(near.len())];
    let words = [&b"default"[..], b"value"];
    let found =
        words.iter().flat_map(|word| memmem::find_iter(near, word).map(move |at| (at, at + word.len())));
    let mut given = found.filter_map(|(at, behind)| {
        let equals = past_blanks(near, behind);
        let own = !in_name(&near[at - 1]) && near.get(equals) == Some(&b'=');
        own.then(|| quoted(text, past_blanks(text, open + equals + 1))).flatten()
    });
    given.next().filter(|secret| secret.end <= line_within(text, secret.start, 1024))
}
