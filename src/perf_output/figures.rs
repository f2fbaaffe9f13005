//! The two lines of figures that a producer prints: a window every five seconds, and the total.
//!
//! `ProducerPerformance` prints `%d records sent, %.1f records/sec (%.2f MB/sec), %.1f ms avg latency, %.1f ms max
//! latency.`; the total has more decimals and goes on with `, %d ms 50th, %d ms 95th, %d ms 99th, %d ms 99.9th.`; with
//! `--warmup-records` a second total says `steady state records sent`.

use super::text;
use crate::record::Window;

/// What a line came to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Parsed<T> {
    /// All of it, and where it ends.
    Whole(T, usize),
    /// It fits so far, and something is missing at its end.
    Cut,
    /// It is something else.
    No,
}

/// A line of figures.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Figures {
    Window(Window),
    Total(Total),
}

/// The total of a producer. An average of no record is `NaN`, which is `None` here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Total {
    pub records: u64,
    pub steady: bool,
    pub records_per_s: f64,
    pub mb_per_s: f64,
    pub avg_ms: Option<f64>,
    pub max_ms: Option<f64>,
    /// 50th, 95th, 99th and 99.9th percentile.
    pub percentiles: [f64; 4],
}

/// A window in the tool's own form, whole, and nothing behind it: the way that nearly all lines go.
pub(super) fn window(line: &[u8], number: u64) -> Option<Window> {
    let mut at = Fast { line, at: 0 };
    let records = at.whole()?;
    let records_per_s = at.behind(b" records sent, ")?.decimal()?;
    let mb_per_s = at.behind(b" records/sec (")?.decimal()?;
    let avg_ms = at.behind(b" MB/sec), ")?.decimal()?;
    let max_ms = at.behind(b" ms avg latency, ")?.decimal()?;
    let end = at.behind(b" ms max latency.")?;
    (end.at == line.len() || line[end.at..] == *b"\r").then_some(Window {
        line: number,
        records,
        records_per_s,
        mb_per_s,
        avg_ms: Some(avg_ms),
        max_ms: Some(max_ms),
    })
}

struct Fast<'l> {
    line: &'l [u8],
    at: usize,
}

impl Fast<'_> {
    fn behind(&mut self, text: &[u8]) -> Option<&mut Self> {
        if !self.line[self.at..].starts_with(text) {
            return None;
        }
        self.at += text.len();
        Some(self)
    }

    fn whole(&mut self) -> Option<u64> {
        let start = self.at;
        let mut value = 0_u64;
        while let Some(digit) = self.line.get(self.at).filter(|b| b.is_ascii_digit()) {
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        (1..=15).contains(&(self.at - start)).then_some(value)
    }

    fn decimal(&mut self) -> Option<f64> {
        const TENTHS: [f64; 7] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6];
        let start = self.at;
        let mut value = self.whole()?;
        let digits = self.at - start;
        let mut places = 0;
        if matches!(self.line.get(self.at), Some(b'.' | b',')) {
            self.at += 1;
            while let Some(digit) = self.line.get(self.at).filter(|b| b.is_ascii_digit()) {
                value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
                places += 1;
                self.at += 1;
            }
        }
        // Fifteen digits and a power of ten are exact in a double, and so is their quotient to its last bit.
        (digits + places <= 15).then_some(value as f64 / TENTHS.get(places)?)
    }
}

/// A window or a total as it may come out of a paste: blanks of any number, grouped digits, cut at its end.
pub(super) fn figures(line: &str, number: u64) -> Parsed<Figures> {
    let mut at = Slow { line, at: 0, cut: false };
    match read(&mut at, number) {
        Some(figures) => Parsed::Whole(figures, at.at),
        None if at.cut => Parsed::Cut,
        None => Parsed::No,
    }
}

/// Figures wherever they stand in a line, and where they begin and end. What is before them is of no account: a time, a
/// container's name, the mark of a list, a cell of a table.
pub(super) fn find(line: &str, number: u64) -> Option<(usize, Parsed<Figures>)> {
    let mut cut = None;
    for start in starts(line) {
        match figures(&line[start..], number) {
            Parsed::Whole(found, end) => return Some((start, Parsed::Whole(found, start + end))),
            Parsed::Cut => cut = cut.or(Some(start)),
            Parsed::No => {}
        }
    }
    cut.map(|start| (start, Parsed::Cut))
}

/// Where the numbers begin that stand before `records sent,`.
pub(super) fn starts(line: &str) -> impl Iterator<Item = usize> {
    line.match_indices(" records").filter_map(|(at, word)| {
        let behind = line[at + word.len()..].trim_start_matches(' ');
        let before = line[..at].trim_end();
        let before = before.strip_suffix("state").map_or(before, |b| b.trim_end());
        let before = before.strip_suffix("steady").map_or(before, |b| b.trim_end());
        behind.starts_with("sent,").then(|| number_start(before)).flatten()
    })
}

/// Where the number begins that a text ends with, its groups of three digits included.
fn number_start(text: &str) -> Option<usize> {
    let digits = |text: &str| text.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let mut start = digits(text);
    let marked = text[..start].strip_suffix([',', '.']).is_some_and(|b| digits(b) < b.len());
    if start == text.len() || marked {
        return None;
    }
    let (mut found, mut length) = (start, text.len() - start);
    while length == 3 {
        let Some(rest) = text[..start].strip_suffix(' ') else { break };
        start = digits(rest);
        length = rest.len() - start;
        if !(1..=3).contains(&length) {
            break;
        }
        // The end of a time or of a name is no group.
        let inside = |c: char| c.is_alphanumeric() || matches!(c, ':' | '.' | ',' | '-' | '/' | '_');
        if !text[..start].ends_with(inside) {
            found = start;
        }
    }
    Some(found)
}

/// Figures whose last character is missing. A total that was cut before its percentiles is no window: it has more
/// decimals.
pub(super) fn without_end(text: &str, number: u64) -> Option<Figures> {
    let whole = format!("{text}.");
    let places = text.split(" records/sec").next()?.rsplit_once(['.', ',']).map_or(0, |(_, p)| p.len());
    match figures(&whole, number) {
        Parsed::Whole(Figures::Window(_), _) if places > 2 => None,
        Parsed::Whole(found, end) if end == whole.len() => Some(found),
        _ => None,
    }
}

fn read(at: &mut Slow<'_>, number: u64) -> Option<Figures> {
    let records = at.until(" ", text::whole)?;
    let steady = at.try_word("steady");
    if steady {
        at.word("state")?;
    }
    at.word("records")?;
    at.word("sent,")?;
    let records_per_s = at.until(" records/sec", text::number)?;
    at.word("(")?;
    let mb_per_s = at.until(" MB/sec", text::number)?;
    at.word("),")?;
    let latency = |text: &str| if text == "NaN" { Some(None) } else { text::number(text).map(Some) };
    let avg_ms = at.until(" ms avg", latency)?;
    at.word("latency,")?;
    let max_ms = at.until(" ms max", latency)?;
    at.word("latency")?;
    if at.try_word(".") || at.ended(&[',']) {
        let line = number;
        return Some(Figures::Window(Window { line, records, records_per_s, mb_per_s, avg_ms, max_ms }));
    }
    at.word(",")?;
    let mut percentiles = [0.0; 4];
    for (value, name) in percentiles.iter_mut().zip([" ms 50th", " ms 95th", " ms 99th", " ms 99.9th"]) {
        *value = at.until(name, text::number)?;
        match name {
            " ms 99.9th" if at.ended(&[]) => {}
            " ms 99.9th" => at.word(".")?,
            _ => at.word(",")?,
        }
    }
    Some(Figures::Total(Total { records, steady, records_per_s, mb_per_s, avg_ms, max_ms, percentiles }))
}

/// Reads words with any number of blanks between them, and knows when the line ended too early.
struct Slow<'l> {
    line: &'l str,
    at: usize,
    cut: bool,
}

impl Slow<'_> {
    fn rest(&self) -> &str {
        self.line[self.at..].trim_start_matches(' ')
    }

    /// Whether something else follows in place of a full stop: the mark of a cell or of a quotation.
    fn ended(&self, but: &[char]) -> bool {
        self.rest().starts_with(|c: char| !c.is_alphanumeric() && c != '.' && !but.contains(&c))
    }

    /// Passes over a word, or tells that the line ends within it.
    fn word(&mut self, word: &str) -> Option<()> {
        if self.try_word(word) {
            return Some(());
        }
        self.cut = word.starts_with(self.rest());
        None
    }

    fn try_word(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.at = self.line.len() - self.rest().len() + word.len();
        }
        found
    }

    /// Reads a value up to `end`, whose first blank may be several.
    fn until<T>(&mut self, end: &str, value: impl Fn(&str) -> Option<T>) -> Option<T> {
        let start = self.line.len() - self.rest().len();
        let rest = &self.line[start..];
        // The value is digits, their marks and blanks between groups.
        let length = rest
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '-')))
            .map_or(rest.len(), |length| if rest.starts_with("NaN") { 3 } else { length });
        let found = rest[..length].trim_end_matches(' ');
        if start + length == self.line.len() {
            // Nothing behind the digits yet: more of them may come.
            self.cut = found.is_empty() || value(found).is_some() || found.ends_with(['.', ',']);
            return None;
        }
        let read = value(found)?;
        self.at = start + found.len();
        match end.trim_start() {
            "" => Some(read),
            word => word.split(' ').try_for_each(|word| self.word(word)).map(|()| read),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: &str =
        "3058 records sent, 611.2 records/sec (29.85 MB/sec), 1110.3 ms avg latency, 4277.0 ms max latency.";
    const TOTAL: &str = "45000 records sent, 997.561516 records/sec (0.97 MB/sec), 1594.73 ms avg latency, \
        22512.00 ms max latency, 41 ms 50th, 17506 ms 95th, 21412 ms 99th, 22422 ms 99.9th.";

    #[test]
    fn both_ways_read_the_same() {
        let fast = window(WINDOW.as_bytes(), 7).unwrap();
        assert_eq!(figures(WINDOW, 7), Parsed::Whole(Figures::Window(fast), WINDOW.len()));
        assert_eq!((fast.line, fast.records, fast.max_ms), (7, 3058, Some(4277.0)));
        assert_eq!(window(WINDOW.replace('.', ",").replace("latency,", "latency.").as_bytes(), 7), None);
        assert_eq!(window(TOTAL.as_bytes(), 1), None);
    }

    #[test]
    fn a_line_cut_anywhere_may_go_on() {
        for whole in [WINDOW, TOTAL] {
            for cut in 1..whole.len() {
                assert_eq!(figures(&whole[..cut], 1), Parsed::Cut, "{}", &whole[..cut]);
            }
        }
    }

    #[test]
    fn figures_are_found_behind_anything() {
        let whole = |line: &str| match find(line, 1) {
            Some((_, Parsed::Whole(found, _))) => found,
            other => panic!("{line}: {other:?}"),
        };
        let (window, total) = (whole(WINDOW), whole(TOTAL));
        for lead in [
            "[2024-02-22 17:44:31,260] ",
            "2024-02-22T17:44:31.260Z ",
            "17:44:31 ",
            "kafka-perf-1  | ",
            "- ",
            "* ",
            "12. ",
            "| run 1 | ",
            "> ",
            "> > ",
            "\"",
            "`",
            "Result: ",
            "perf.log:12:",
            "{\"log\":\"",
            "<td>",
            "(1) ",
            "^C",
            "\t",
        ] {
            for end in ["", " |", "`", "\"", "</td>", "\\n\",\"stream\":\"stdout\"}", "  "] {
                assert_eq!(whole(&format!("{lead}{WINDOW}{end}")), window, "{lead} {end}");
                assert_eq!(whole(&format!("{lead}{TOTAL}{end}")), total, "{lead} {end}");
            }
        }
        let cell = |text: &str| whole(&format!("| {} |", text.strip_suffix('.').unwrap()));
        assert_eq!((cell(WINDOW), cell(TOTAL)), (window.clone(), total.clone()));
        assert_eq!(without_end(WINDOW.strip_suffix('.').unwrap(), 1), Some(window));
        assert_eq!(without_end(TOTAL.strip_suffix('.').unwrap(), 1), Some(total));
        assert_eq!(
            without_end(TOTAL.split(", 41 ms").next().unwrap(), 1),
            None,
            "the percentiles are missing"
        );
    }

    #[test]
    fn a_number_is_taken_with_its_own_groups_only() {
        for (text, expected) in [
            ("1 800 000", Some("1 800 000")),
            ("17:44:31 500", Some("500")),
            ("17:44:31 500 000", Some("500 000")),
            ("[260] 4999", Some("4999")),
            ("pod-1 500", Some("500")),
            ("| 12 | 500", Some("500")),
            ("1,800,000", None),
            ("none", None),
        ] {
            assert_eq!(number_start(text).map(|at| &text[at..]), expected, "{text}");
        }
    }

    #[test]
    fn every_form_of_the_total_is_read() {
        let total = |text: &str| match figures(text, 1) {
            Parsed::Whole(Figures::Total(total), _) => total,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(total(TOTAL).percentiles, [41.0, 17506.0, 21412.0, 22422.0]);
        let comma = "45 000 records sent, 997,561516 records/sec (0,97 MB/sec), 1594,73 ms avg latency, \
            22512,00 ms max latency, 41 ms 50th, 17506 ms 95th, 21412 ms 99th, 22422 ms 99.9th.";
        assert_eq!(total(comma), total(TOTAL));
        let nothing = TOTAL.replace("1594.73", "NaN");
        assert_eq!(total(&nothing).avg_ms, None);
        assert!(total(&TOTAL.replace("45000 records", "45000 steady state records")).steady);
        for not in ["500000 records were sent", "1 records sent, many", "x", "12 ms", "1,2,3 records sent, 1"]
        {
            assert_eq!(figures(not, 1), Parsed::No, "{not}");
        }
    }
}
