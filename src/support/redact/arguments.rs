//! Arguments of calls that log in, which no name says to be a secret: `getConnection(url, "ana", "x")`.

use super::{
    clear::is_clear,
    keys::is_field,
    text::{Finder, One, closing, is_quote, line_within, past_blanks, past_gap},
};
use memchr::memmem;
use std::ops::Range;

/// A call is no longer.
const LONGEST: usize = 512;

const TRACES: &[(&str, One)] = &[
    ("getconnection(", last_of_three),
    ("mysqli(", third),
    ("mysqli_connect(", third),
    ("mysqldb.connect(", third),
    ("pymysql.connect(", third),
    ("psycopg2.connect(", third),
    ("pdo(", third),
    ("oracle.connect(", second),
    ("oracledb.connect(", second),
    (".login(", second),
    ("networkcredential(", second),
    ("passwordtoken(", second),
    ("convertto-securestring", of_powershell),
];

/// What the shapes look for, and where the secret is then.
pub(super) fn traces() -> impl Iterator<Item = (String, Finder)> {
    TRACES.iter().map(|(trace, find)| ((*trace).to_owned(), Finder::One(*find)))
}

/// The arguments of the call whose bracket is before `at`: where each one is that is a text in quotes, without them.
pub(super) fn of_call(text: &[u8], at: usize) -> Vec<Option<Range<usize>>> {
    let limit = text.len().min(at + LONGEST);
    let (mut arguments, mut depth, mut own) = (Vec::new(), 0_usize, None);
    let mut place = past_gap(text, at);
    let mut begins = true;
    while place < limit {
        let b = text[place];
        let slashes = text[place..limit].iter().take_while(|b| **b == b'\\').count();
        if let Some(quote) = text.get(place + slashes).copied().filter(|b| is_quote(*b)) {
            let start = place + slashes + 1;
            let Some(end) = closing(&text[..limit], start, quote, slashes) else { return arguments };
            if begins && depth == 0 {
                own = Some(start..end);
            }
            (place, begins) = (end + slashes + 1, false);
            continue;
        }
        match b {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' if depth > 0 => depth -= 1,
            b')' => {
                arguments.push(own);
                return arguments;
            }
            b',' if depth == 0 => {
                arguments.push(own.take());
                (place, begins) = (past_gap(text, place + 1), true);
                continue;
            }
            _ => {}
        }
        // What is joined to something else is no text alone.
        begins = begins && matches!(b, b'b' | b'f' | b'r' | b'u' | b'N') || b == b'(' && depth == 0;
        place += 1;
    }
    arguments
}

fn secret(text: &[u8], argument: Option<&Option<Range<usize>>>) -> Option<Range<usize>> {
    let secret = argument?.clone()?;
    let shown = String::from_utf8_lossy(&text[secret.clone()]);
    (is_clear(&shown) && !is_field(&shown) && !shown.contains("://")).then_some(secret)
}

/// `getConnection(url, "ana", "x")`, `getConnection("ana", "x")`.
fn last_of_three(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let arguments = of_call(text, trace.end);
    let known = matches!(arguments.len(), 2 | 3);
    secret(text, arguments.last().filter(|_| known))
}

fn second(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    secret(text, of_call(text, trace.end).get(1))
}

fn third(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    secret(text, of_call(text, trace.end).get(2))
}

/// `ConvertTo-SecureString "x" -AsPlainText`, `'x' | ConvertTo-SecureString -AsPlainText`.
fn of_powershell(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let end = line_within(text, trace.end, LONGEST);
    let line = text[trace.end..end].to_ascii_lowercase();
    memmem::find(&line, b"-asplaintext")?;
    let from = trace.start.saturating_sub(LONGEST);
    let before = text[from..trace.start].trim_ascii_end();
    if let Some(piped) = before.strip_suffix(b"|").map(<[u8]>::trim_ascii_end) {
        let quote = piped.last().copied().filter(|b| is_quote(*b))?;
        let inner = &piped[..piped.len() - 1];
        let open = inner.iter().rposition(|b| *b == quote)?;
        return secret(text, Some(&Some(from + open + 1..from + inner.len())));
    }
    let mut at = past_blanks(text, trace.end);
    while at < end {
        if is_quote(text[at]) {
            let close = closing(&text[..end], at + 1, text[at], 0)?;
            return secret(text, Some(&Some(at + 1..close)));
        }
        let length = text[at..end].iter().take_while(|b| !b.is_ascii_whitespace()).count();
        if !text[at..].starts_with(b"-") {
            let variable = matches!(text[at], b'$' | b'(' | b'|' | b')');
            return if variable { None } else { secret(text, Some(&Some(at..at + length))) };
        }
        at = past_blanks(text, at + length);
    }
    None
}
