//! What a tool printed, found in a line that has something else before it or behind it.

use super::{
    chatter::{self, Chatter},
    command::{self, Typed},
    consumer,
    figures::{self, Parsed},
    latency::{self, Latencies},
    metrics, text,
};

/// Whether a line is something of its own, and no part of a broken one.
pub(super) fn is_own(text: &str) -> bool {
    is_output(text)
        || command::typed(text).is_some()
        || is_bulleted(text)
        || unframed(text).is_some()
        || cells(text, None).is_some()
}

fn is_bulleted(text: &str) -> bool {
    ["- ", "* ", "• ", "o "].iter().any(|bullet| text.starts_with(bullet))
}

/// What a tool printed, of a line in which something else stands before it or behind it. `- at noon (local)` is a
/// person's.
pub(super) fn unframed(text: &str) -> Option<&str> {
    let bare = text::bare(text);
    if bare.len() < text.len()
        && is_output(bare)
        && !(is_bulleted(text) && chatter::chatter(bare) == Some(Chatter::Frame))
    {
        return Some(bare);
    }
    let leads = HEADERS.iter().chain(&["Avg latency: ", "Percentiles: 50th = "]);
    let at = leads.filter_map(|lead| text.find(lead)).chain(consumer::row_at(text)).min()?;
    let rest = text[at..].trim_end_matches([' ', '|', '`', '"']);
    (rest.len() < text.len() && is_output(rest)).then_some(rest)
}

/// What a consumer's header begins with.
const HEADERS: [&str; 3] = ["start.time, end.time", "start.time,end.time", "time, threadId"];

/// Whether a line is what a tool prints, from its start on.
fn is_output(text: &str) -> bool {
    figures::find(text, 0).is_some_and(|(start, found)| start == 0 || found != Parsed::Cut)
        || chatter::chatter(text)
            .is_some_and(|c| !matches!(c, Chatter::Warning | Chatter::Log) || chatter::day(text).is_some())
        || metrics::is_head(text)
        || matches!(metrics::row(text), Parsed::Whole(..))
        || matches!(consumer::row(text, None), Parsed::Whole(..))
        || matches!(consumer::header(text), Parsed::Whole(..))
        || matches!(latency::latency(text), Some(Latencies::Average(_) | Latencies::Percentiles(_)))
}

/// A command without the end of code, or of bold words, whose beginning stands right before it (`typed` ends
/// `line`), and what stands behind that; `None` where there is no such beginning.
pub(super) fn code<'l>(line: &str, typed: &'l str) -> (&'l str, Option<&'l str>) {
    let before = line[..line.len() - typed.len()].trim_end();
    for (start, end) in [("`", "`"), ("<code>", "</code>"), ("<pre>", "</pre>")] {
        let within = if before.ends_with(start) { Some(typed) } else { typed.strip_prefix(start) };
        if let Some((command, behind)) = within.and_then(|within| within.split_once(end)) {
            let marks = [' ', '`', '*', '_', '|', ':', '.', ',', ';'];
            let behind = behind.trim_matches(marks);
            let is_tags = behind.starts_with('<') && behind.ends_with('>');
            return (command.trim(), Some(if is_tags { "" } else { behind }));
        }
    }
    (typed, None)
}

/// What a tool printed and the command that printed it, of a row of a table where the command is the later cell.
pub(super) fn reversed(text: &str) -> Option<(&str, &str)> {
    const NAMES: [&str; 3] = ["perf-test", "e2e-latency", "org.apache.kafka."];
    let is_named = |text: &str| NAMES.iter().any(|name| text.contains(name));
    if !text.contains('|') || !is_named(text) {
        return None;
    }
    let is_command = |cell: &str| matches!(command::typed(cell), Some(Typed::Tool(_)));
    let mut cells = text.match_indices('|').rev().map(|(at, _)| (text[..at].trim(), text[at + 1..].trim()));
    let (before, command) = cells.find(|(_, cell)| is_command(cell))?;
    let leads = [" records sent", "Avg latency: ", "Percentiles: 50th = "];
    let has_output = leads.iter().any(|lead| before.contains(lead))
        || consumer::row_at(before).is_some()
        || self::cells(before, None).is_some();
    (has_output && !is_named(before)).then_some((before, command))
}

/// A header or row of a consumer whose columns are cells of a table or stand apart by semicolons or blanks, as the tool
/// writes it. Cells of other columns may stand before and behind them.
pub(super) fn cells(text: &str, header: Option<consumer::Header>) -> Option<String> {
    let is_header = text.contains("data.consumed.in.MB");
    let cells: Vec<String> =
        if let Some(mark) = ['|', ';'].into_iter().find(|mark| text.matches(*mark).count() > 3) {
            let bare = |cell: &str| cell.trim_matches([' ', '*', '_', '`']).to_owned();
            text.split(mark).map(bare).collect()
        } else if text.starts_with(|c: char| c.is_ascii_digit()) && !text.contains(", ") {
            // A date and a time are one cell.
            let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
            let is_day = |word: &str| word.len() == 10 && word.parse::<jiff::civil::Date>().is_ok();
            let mut joined: Vec<String> = Vec::new();
            for (at, word) in words.iter().enumerate() {
                match joined.last_mut() {
                    Some(day) if at > 0 && is_day(words[at - 1]) => *day = format!("{day} {word}"),
                    _ => joined.push((*word).to_owned()),
                }
            }
            joined
        } else {
            return None;
        };
    let first = cells.iter().position(|cell| match is_header {
        true => ["start.time", "time"].contains(&cell.as_str()),
        false => consumer::is_time(cell),
    })?;
    let mut lengths = (first + 3..=cells.len().min(first + 2 + consumer::COLUMNS.len())).rev();
    lengths.find_map(|end| {
        let line = cells[first..end].join(", ");
        let is_whole = match is_header {
            true => matches!(consumer::header(&line), Parsed::Whole(..)),
            false => matches!(consumer::row(&line, header), Parsed::Whole(..)),
        };
        is_whole.then_some(line)
    })
}

/// The command, and the output of its tool that stands on the same line: a line feed was lost.
pub(super) fn without_output(text: &str) -> (&str, &str) {
    let leads = [
        " Metric Name ",
        " Option --",
        " Picked up JAVA_",
        " SLF4J",
        " WARNING: ",
        " Warning: ",
        " Avg latency: ",
    ];
    let log = text.find(" [").filter(|at| chatter::day(&text[at + 1..]).is_some());
    let at = leads.iter().chain(&HEADERS).filter_map(|lead| text.find(lead)).chain(log);
    let at = at.chain(consumer::row_at(text)).chain(figures::starts(text)).min();
    match at {
        Some(at) => (text[..at].trim_end(), text[at..].trim_start()),
        None => (text, ""),
    }
}
