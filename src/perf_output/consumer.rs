//! What `ConsumerPerformance` prints: a header and one row, or with `--show-detailed-stats` a row every five seconds.

use super::{figures::Parsed, text};
use jiff::civil::DateTime;

/// Columns behind the two of the time; older versions have the first four.
pub(super) const COLUMNS: [&str; 8] = [
    "data.consumed.in.MB",
    "MB.sec",
    "data.consumed.in.nMsg",
    "nMsg.sec",
    "rebalance.time.ms",
    "fetch.time.ms",
    "fetch.MB.sec",
    "fetch.nMsg.sec",
];

/// What the header says of the rows below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub detailed: bool,
    pub columns: usize,
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// Start, or the time of a detailed row; `None` where the date has a form of its own (`--date-format`).
    pub start: Option<DateTime>,
    /// End; a detailed row has none.
    pub end: Option<DateTime>,
    pub detailed: bool,
    /// In the order of [`COLUMNS`].
    pub values: Vec<f64>,
}

impl Row {
    /// From start to end, in seconds.
    pub(super) fn seconds(&self) -> Option<f64> {
        let span = self.start?.until(self.end?).ok()?;
        span.total((jiff::Unit::Second, jiff::SpanRelativeTo::days_are_24_hours())).ok()
    }

    /// Whether its times of rebalance and fetching cannot be: some versions count the joining from 1970. The first one
    /// of several rows may hold a joining that began before it.
    pub(super) fn is_impossible(&self) -> bool {
        let [Some(rebalance), Some(fetch)] = [4, 5].map(|i| self.values.get(i).copied()) else {
            return false;
        };
        let absurd = rebalance.abs() > 1e10 || fetch.abs() > 1e10;
        let longer = self.seconds().is_some_and(|seconds| rebalance > seconds.max(0.0) * 1000.0 + 2.0);
        absurd || rebalance < 0.0 || !self.detailed && (longer || fetch < -2.0)
    }
}

/// A header, whole or cut.
pub(super) fn header(line: &str) -> Parsed<Header> {
    for (lead, detailed) in [("start.time, end.time", false), ("time, threadId", true)] {
        let whole = [lead, &COLUMNS.join(", ")].join(", ");
        let short = [lead, &COLUMNS[..4].join(", ")].join(", ");
        let tight = |text: &str| text.replace(' ', "");
        // The row may have come to the line of its header.
        let end = row_at(line).unwrap_or(line.len());
        let (given, whole, short) = (tight(&line[..end]), tight(&whole), tight(&short));
        if given == whole {
            return Parsed::Whole(Header { detailed, columns: 8 }, end);
        }
        if given == short {
            return Parsed::Whole(Header { detailed, columns: 4 }, end);
        }
        if end == line.len() && given.len() > 6 && whole.starts_with(&given) {
            return Parsed::Cut;
        }
    }
    Parsed::No
}

/// A row, whole or cut. Without a header, its own form tells which it is.
pub(super) fn row(line: &str, header: Option<Header>) -> Parsed<Row> {
    // A decimal comma has no blank behind it.
    let parts: Vec<&str> = line.split(", ").map(|part| part.trim().trim_end_matches(',')).collect();
    let Some(start) = parts.first().copied() else { return Parsed::No };
    let (first, known) = (time(start), header.is_some());
    if first.is_none() && (!known || !start.contains(|c: char| c.is_ascii_digit())) {
        let cut = parts.len() == 1 && !known && start.len() >= 10 && is_date(start);
        return if cut { Parsed::Cut } else { Parsed::No };
    }
    let second = parts.get(1).copied().unwrap_or("");
    let detailed = match header {
        Some(header) => header.detailed,
        None => !second.is_empty() && second.bytes().all(|b| b.is_ascii_digit()),
    };
    let wanted = header.map_or(8, |h| h.columns);
    let end = time(second);
    if parts.len() < 2 || (!detailed && end.is_none() && parts.len() == 2) {
        return if first.is_some() { Parsed::Cut } else { Parsed::No };
    }
    if !detailed && end.is_none() && !known {
        return Parsed::No;
    }
    let figures = &parts[2..];
    if figures.len() > COLUMNS.len() {
        return Parsed::No;
    }
    let mut values = Vec::with_capacity(figures.len());
    for (i, figure) in figures.iter().enumerate() {
        match text::number(figure).or_else(|| special(figure)) {
            Some(value) => values.push(value),
            None if i + 1 == figures.len() && figure.bytes().all(|b| b.is_ascii_digit() || b == b'.') => {
                return Parsed::Cut;
            }
            None => return Parsed::No,
        }
    }
    // Every fourth column is printed with four decimals; fewer are a sign that the line goes on.
    let finished = figures.last().is_some_and(|last| {
        special(last).is_some() || last.rsplit_once(['.', ',']).is_some_and(|(_, places)| places.len() == 4)
    });
    match (values.len() == wanted || values.len() == COLUMNS.len()) && finished {
        true => Parsed::Whole(Row { start: first, end, detailed, values }, line.len()),
        false => Parsed::Cut,
    }
}

/// A row whose last character, the fourth decimal of its last value, is missing.
pub(super) fn row_without_end(line: &str, header: Option<Header>) -> Option<Row> {
    match row(&format!("{line}0"), header) {
        Parsed::Whole(row, _) => Some(row),
        _ => None,
    }
}

/// Where a row begins that other text stands before: at its first time.
pub(super) fn row_at(line: &str) -> Option<usize> {
    line.match_indices(", ").find_map(|(end, _)| {
        let start = end.checked_sub(23)?;
        line.get(start..end).and_then(time).map(|_| start)
    })
}

/// Java's words for what is no number.
fn special(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" | "∞" => Some(f64::INFINITY),
        _ => None,
    }
}

fn is_date(text: &str) -> bool {
    text.len() >= 10 && text.get(..10).is_some_and(|day| day.parse::<jiff::civil::Date>().is_ok())
}

/// Whether a text is a time as the tool writes it.
pub(super) fn is_time(text: &str) -> bool {
    time(text).is_some()
}

/// `2026-11-23 06:30:53:093`: a colon before the milliseconds.
fn time(text: &str) -> Option<DateTime> {
    if text.len() != 23 || !is_date(text) || !text.is_ascii() {
        return None;
    }
    format!("{}.{}", &text[..19], &text[20..]).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, \
        rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec";
    const ROW: &str = "2026-03-02 09:10:53:093, 2026-03-02 09:10:54:472, 195.7813, 141.9734, 200480, 145380.7107, \
        365, 1014, 193.0782, 197712.0316";

    #[test]
    fn a_row_is_read_with_and_without_its_header() {
        let Parsed::Whole(known, _) = header(HEADER) else { panic!() };
        assert_eq!(known, Header { detailed: false, columns: 8 });
        for header in [None, Some(known)] {
            let Parsed::Whole(row, _) = row(ROW, header) else { panic!("{:?}", row(ROW, header)) };
            assert_eq!(row.values[2], 200_480.0);
            assert_eq!((row.end.unwrap() - row.start.unwrap()).get_milliseconds(), 379);
            let comma = ROW.replace('.', ",");
            let Parsed::Whole(comma, _) = super::row(&comma, header) else { panic!("{comma}") };
            assert_eq!(comma.values, row.values);
        }
    }

    #[test]
    fn the_last_decimal_may_be_missing() {
        let short = row_without_end(ROW.strip_suffix('6').unwrap(), None).unwrap();
        assert_eq!((short.values.len(), short.values[7]), (8, 197_712.031));
        assert_eq!(row_without_end(&ROW[..ROW.len() - 2], None), None);
    }

    #[test]
    fn a_row_cut_anywhere_may_go_on() {
        let Parsed::Whole(known, _) = header(HEADER) else { panic!() };
        for cut in 23..ROW.len() {
            assert_eq!(row(&ROW[..cut], Some(known)), Parsed::Cut, "{}", &ROW[..cut]);
        }
        for cut in 12..HEADER.len() {
            if !HEADER[..cut].ends_with("nMsg.sec") {
                assert_eq!(header(&HEADER[..cut]), Parsed::Cut, "{}", &HEADER[..cut]);
            }
        }
    }

    #[test]
    fn times_that_cannot_be_are_told_from_those_that_can() {
        let impossible = |line: &str| {
            let Parsed::Whole(row, _) = row(line, None) else { panic!("{line}") };
            row.is_impossible()
        };
        assert!(!impossible(ROW));
        assert!(impossible(&ROW.replace("365, 1014", "1610208351476, -1610208350097")));
        assert!(impossible(&ROW.replace("365, 1014", "2365, -986")));
        let detailed = "2026-03-02 09:10:58:000, 0, 98.1396, 19.6279, 100495, 20099.0000, 868, 4132, 23.7511, 24321.1520";
        assert!(!impossible(detailed));
        assert!(
            !impossible(&detailed.replace("868, 4132", "5120, -120")),
            "it may have begun before the row"
        );
        assert!(impossible(&detailed.replace("868, 4132", "1610208351476, -1610208346476")));
    }

    #[test]
    fn detailed_rows_are_known_by_their_thread() {
        let line = "2026-03-02 09:10:58:000, 0, 98.1396, 19.6279, 100495, 20099.0000, 868, 4132, 23.7511, 24321.1520";
        let Parsed::Whole(row, _) = row(line, None) else { panic!() };
        assert!(row.detailed && row.end.is_none());
        assert_eq!(super::row("12, 13, 14", None), Parsed::No);
        assert_eq!(super::row("on 2026-03-02, we saw 12, 13, 14", None), Parsed::No);
    }
}
