//! Tokens that say by themselves that they are ones: those of services by their prefix, and JSON web tokens.

use super::text::{Finder, One, REACH, in_name};
use std::ops::Range;

/// How tokens of services begin that name themselves: GitHub, GitLab, Slack, Docker Hub, Grafana, npm, Vault, Stripe …
const MARKED: &[&str] = &[
    "AIza",
    "AKIA",
    "ASIA",
    "ATATT3",
    "GOCSPX-",
    "SG.",
    "dapi",
    "dckr_oat_",
    "dckr_pat_",
    "dop_v1_",
    "ghp_",
    "gho_",
    "ghr_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glc_",
    "gldt-",
    "glpat-",
    "glptt-",
    "glrt-",
    "glsa_",
    "hf_",
    "hvb.",
    "hvs.",
    "npm_",
    "pypi-",
    "rk_live_",
    "shpat_",
    "sk-",
    "sk-ant-",
    "sk-proj-",
    "sk_live_",
    "sk_test_",
    "sqp_",
    "squ_",
    "whsec_",
    "xapp-",
    "xoxa-",
    "xoxb-",
    "xoxp-",
    "xoxr-",
    "xoxs-",
    "ya29.",
];

/// What the shapes look for, and where the secret is then.
pub(super) fn traces() -> impl Iterator<Item = (String, Finder)> {
    let marked = MARKED.iter().map(|mark| ((*mark).to_owned(), Finder::One(marked)));
    const BEFORE: [&str; 7] = [" ", "\"", "'", "`", "=", ":", "\n"];
    let of_vault = BEFORE.iter().map(|mark| (format!("{mark}s."), Finder::One(of_vault)));
    let others = [("age-secret-key-1", web_token as One), ("eyj", web_token)];
    marked.chain(of_vault).chain(others.map(|(trace, find)| (trace.to_owned(), Finder::One(find))))
}

/// A token of older Vaults: `s.` and 24 letters and digits at random, and the name of a space.
pub(super) fn of_vault(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let start = trace.end - 2;
    let token = token_at(text, start);
    let mut parts = text[trace.end..token.end].split(|b| *b == b'.');
    let random = parts.next()?;
    let has = |of: fn(&u8) -> bool| random.iter().any(of);
    let mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    let whole = random.len() == 24 && random.iter().all(u8::is_ascii_alphanumeric);
    (text[start] == b's' && whole && mixed && parts.all(|space| space.len() <= 5)).then_some(token)
}

/// The letters that a token may have, from there on.
pub(super) fn token_at(text: &[u8], start: usize) -> Range<usize> {
    let is_part =
        |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'~' | b'+' | b'/' | b'=' | b'-');
    start..start + text[start..].iter().take(REACH / 4).take_while(is_part).count()
}

/// A token that begins as those of a service do: random letters behind a prefix in exactly that case, and not the name of
/// something.
fn marked(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let prefix = &text[trace.clone()];
    if text[..trace.start].last().is_some_and(in_name) || !MARKED.iter().any(|mark| mark.as_bytes() == prefix)
    {
        return None;
    }
    let token = token_at(text, trace.start);
    let random = &text[trace.end..token.end];
    let has = |of: fn(&u8) -> bool| random.iter().any(of);
    let mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    // The name of a key of Amazon's, which is half of a log-in.
    let of_amazon = prefix.ends_with(b"IA")
        && random.len() == 16
        && random.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if prefix == b"sk-" && (random.len() < 32 || !random.iter().all(u8::is_ascii_alphanumeric)) {
        return None;
    }
    let hex = random.len() >= 32 && random.iter().all(u8::is_ascii_hexdigit) && has(u8::is_ascii_digit);
    (of_amazon || random.len() >= 16 && (mixed || hex) && !prefix.ends_with(b"IA")).then_some(token)
}

/// A JSON web token, or the key of `age`.
fn web_token(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let inside = text[..trace.start].last().is_some_and(|b| in_name(b) || matches!(b, b'+' | b'/'));
    if text[trace.clone()].eq_ignore_ascii_case(b"age-secret-key-1") {
        let token = token_at(text, trace.start);
        return (!inside && token.len() > 40).then_some(token);
    }
    if inside || !text[trace.start..].starts_with(b"eyJ") {
        return None;
    }
    let token = token_at(text, trace.start);
    let dots = text[token.clone()].iter().filter(|b| **b == b'.').count();
    (token.len() >= 30 && dots >= 2).then_some(token)
}
