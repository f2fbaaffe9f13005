//! Small texts for people: durations, sizes, lists, plurals; and reading durations and sizes back.

use std::{borrow::Cow, path::Path, time::Duration};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A duration with its two greatest units: `450 ms`, `12 s`, `3 min 20 s`, `24 h`.
pub fn duration(d: Duration) -> String {
    let (days, hours, minutes, seconds) =
        (d.as_secs() / 86_400, d.as_secs() / 3600, d.as_secs() / 60 % 60, d.as_secs() % 60);
    let two = |a: u64, unit_a: &str, b: u64, unit_b: &str| {
        if b == 0 { format!("{a} {unit_a}") } else { format!("{a} {unit_a} {b} {unit_b}") }
    };
    match d {
        d if d < Duration::from_secs(1) => format!("{} ms", d.as_millis()),
        d if d < Duration::from_secs(10) => format!("{:.1} s", d.as_secs_f64()).replace(".0 s", " s"),
        d if d < Duration::from_secs(60) => format!("{seconds} s"),
        d if d < Duration::from_secs(3600) => two(minutes, "min", seconds, "s"),
        _ if days >= 2 => two(days, "d", hours % 24, "h"),
        _ => two(hours, "h", minutes, "min"),
    }
}

/// A text that is not a duration; `record::faults` has its sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotADuration {
    /// A number of seconds that is negative or too large.
    OutOfRange(String),
    /// Anything else.
    Unreadable(String),
}

/// A text that is not a size in bytes; `record::faults` has its sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotASize {
    /// More bytes than a size can have.
    TooLarge(String),
    /// Anything else.
    Unreadable(String),
}

/// Reads `500ms`, `30s`, `2m`, `1h 30m`, `PT24H`, or a bare number of seconds.
pub fn parse_duration(text: &str) -> Result<Duration, NotADuration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).map_err(|_| NotADuration::OutOfRange(text.to_owned()));
    }
    let length = text.parse::<jiff::SignedDuration>().ok().and_then(|d| Duration::try_from(d).ok());
    length.ok_or_else(|| NotADuration::Unreadable(text.to_owned()))
}

/// Reads a size in bytes: `1024`, `1024 B`, `64 KiB`, `1 MiB`, `1 MB`. KB and MB count by 1024, as Kafka's tools do.
pub fn parse_bytes(text: &str) -> Result<u64, NotASize> {
    let text = text.trim();
    let unreadable = || NotASize::Unreadable(text.to_owned());
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" | "bytes" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        _ => return Err(unreadable()),
    };
    let number = number.replace('_', "");
    if let Ok(whole) = number.parse::<u64>() {
        return whole.checked_mul(factor).ok_or_else(|| NotASize::TooLarge(text.to_owned()));
    }
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked below 2^53"
    )]
    number
        .parse::<f64>()
        .ok()
        .map(|n| n * factor as f64)
        .filter(|n| *n >= 0.0 && *n < 9e15)
        .map(|n| n as u64)
        .ok_or_else(unreadable)
}

/// A size with its unit: `512 B`, `1.5 KiB`, `31 MiB`.
pub fn bytes(n: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown to two digits")]
    let value = n as f64;
    match n {
        n if n < 1 << 10 => format!("{n} B"),
        n if n < 1 << 20 => format!("{:.1} KiB", value / 1024.0),
        n if n < 1 << 30 => format!("{:.1} MiB", value / 1_048_576.0),
        _ => format!("{:.1} GiB", value / 1_073_741_824.0),
    }
}

/// `1 step`, `2 steps`.
pub fn plural(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

/// The known word nearest to a misspelt one, near enough to be offered.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Nobody misspells a word of that length, and to compare it takes its length times that of every other.
    if word.len() > 200 {
        return None;
    }
    let most = |k: &str| 1 + k.len().max(word.len()) / 4;
    // The difference in length alone is too much for most of many.
    let comparable = |k: &&str| !k.is_ascii() || !word.is_ascii() || k.len().abs_diff(word.len()) <= most(k);
    known
        .into_iter()
        .filter(comparable)
        .map(|k| (strsim::damerau_levenshtein(word, k), k))
        .filter(|(distance, k)| *distance <= most(k))
        .min()
        .map(|(_, k)| k)
}

/// `text` without the numbers that the standard library puts behind what the system said (`(os error 2)`).
pub fn without_error_numbers(text: &str) -> String {
    let mut parts = text.split(" (os error ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |shown, part| match part.split_once(')') {
        Some((number, rest)) if number.bytes().all(|b| b.is_ascii_digit()) => shown + rest,
        _ => shown + " (os error " + part,
    })
}

/// `text` on one line: line ends are blanks, and what steers a terminal is left out.
pub fn one_line(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '\n' | '\r' | '\t' => Some(' '),
            // Marks that turn the direction of writing round would move what stands behind them.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
            c if c.is_control() => None,
            c => Some(c),
        })
        .collect()
}

/// A name that others gave, such as that of a file, as it can be shown: what steers a terminal or breaks the line is written
/// as in a program (`\\n`, `\\u{1b}`).
pub fn name(text: &str) -> Cow<'_, str> {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
    };
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let shown = |c: char| if steers(c) { c.escape_default().to_string() } else { c.to_string() };
    Cow::Owned(text.chars().map(shown).collect())
}

/// A path as it can be shown, as [`name`] shows a name.
pub fn path(path: &Path) -> String {
    name(&path.to_string_lossy()).into_owned()
}

/// `text` cut to `width` columns, the last one `…` when something was cut.
pub fn cut(text: &str, width: usize) -> String {
    let text = one_line(text);
    if text.width() <= width {
        return text;
    }
    let mut used = 0;
    let mut kept = String::new();
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used >= width {
            break;
        }
        kept.push(c);
    }
    kept + "…"
}

/// A cell of a CSV file, as RFC 4180 says.
pub fn csv_cell(text: &str) -> Cow<'_, str> {
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")).into(),
        false => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_said_stays_without_its_number() {
        assert_eq!(
            without_error_numbers("a: no file (os error 2); b: busy (os error 16)"),
            "a: no file; b: busy"
        );
        assert_eq!(without_error_numbers("as it is (os error x) there"), "as it is (os error x) there");
    }

    #[test]
    fn durations_read_both_ways() {
        for (text, seconds) in
            [("500ms", 0.5), ("30s", 30.0), ("2m", 120.0), ("1h 30m", 5400.0), ("PT24H", 86400.0), ("5", 5.0)]
        {
            assert_eq!(parse_duration(text).unwrap().as_secs_f64(), seconds, "{text}");
        }
        assert!(parse_duration("soon").unwrap_err().to_string().contains("2m"));
        assert!(parse_duration("-3s").is_err());
        assert_eq!(duration(Duration::from_secs(200)), "3 min 20 s");
        assert_eq!(duration(Duration::from_secs(86_400)), "24 h");
        assert_eq!(duration(Duration::from_millis(2500)), "2.5 s");
    }

    #[test]
    fn sizes_read_both_ways() {
        for (text, n) in
            [("1024 B", 1024), ("64 KiB", 65_536), ("1.5 MiB", 1_572_864), ("51200", 51_200), ("1_000", 1000)]
        {
            assert_eq!(parse_bytes(text).unwrap(), n, "{text}");
        }
        assert!(parse_bytes("1 potato").is_err());
    }

    #[test]
    fn a_misspelt_word_finds_its_neighbour() {
        assert_eq!(did_you_mean("recrods", ["records", "rate"]), Some("records"));
        assert_eq!(did_you_mean("zebra", ["records", "rate"]), None);
    }
}
