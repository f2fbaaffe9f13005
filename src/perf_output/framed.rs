//! What a tool printed, found in a line that has something else before it or behind it.

use super::{
    chatter::{self, Chatter},
    command, consumer,
    figures::{self, Parsed},
    latency::{self, Latencies},
    metrics, text,
};

/// Whether a line is something of its own, and no part of a broken one.
pub(super) fn is_own(text: &str) -> bool {
    is_output(text) || command::typed(text).is_some() || is_bulleted(text) || unframed(text).is_some()
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
