//! The table of `--print-metrics`: `GROUP:NAME:{TAG=VALUE, …}   : VALUE`, one metric a line, which a narrow terminal breaks.

use super::{figures::Parsed, text};
use serde_json::Value;

/// Whether a line is the head of the table.
pub(super) fn is_head(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    words.next() == Some("Metric")
        && words.next() == Some("Name")
        && matches!(words.next(), None | Some("Value"))
}

/// A metric's name and its value as printed.
pub(super) fn row(line: &str) -> Parsed<(String, String)> {
    let Some((group, rest)) = line.split_once(':') else {
        return cut_if(is_group(line) && line.contains("-metrics"));
    };
    if !is_group(group) {
        return Parsed::No;
    }
    let Some((name, rest)) = rest.split_once(':') else {
        return cut_if(is_name(rest) && (group.ends_with("-metrics") || group == "app-info"));
    };
    if !is_name(name) || name.is_empty() || !(rest.is_empty() || rest.starts_with('{')) {
        return Parsed::No;
    }
    // The tags may hold anything; the value stands behind the last ` : `.
    let Some((tags, value)) = rest.rsplit_once('}') else { return Parsed::Cut };
    let value = value.trim_start();
    let Some(value) = value.strip_prefix(':') else { return cut_if(value.is_empty()) };
    let value = value.trim();
    if value.is_empty() {
        return Parsed::Cut;
    }
    Parsed::Whole((format!("{group}:{name}:{tags}}}"), value.to_owned()), line.len())
}

fn cut_if<T>(cut: bool) -> Parsed<T> {
    if cut { Parsed::Cut } else { Parsed::No }
}

fn is_group(text: &str) -> bool {
    text.len() > 4
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.contains('-')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_name(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// Puts the two parts of a broken row together: blanks stand behind commas and around the value alone.
pub(super) fn join(first: &str, next: &str) -> String {
    let blank = first.ends_with([',', '}']) || first.ends_with(" :") || first.ends_with("}:");
    format!("{first}{}{next}", if blank { " " } else { "" })
}

/// The whole value, where `next` is the rest of one that was broken: doubles have three decimals.
pub(super) fn value_goes_on(value: &str, next: &str) -> Option<String> {
    let joined = format!("{value}{next}");
    let places = |text: &str| text.rsplit_once(['.', ',']).map(|(_, places)| places.len());
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'-'));
    let number = digits(value)
        && digits(next)
        && places(value).is_none_or(|n| n < 3)
        && places(&joined) == Some(3)
        && text::number(&joined).is_some();
    let hexadecimal = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
    // A commit.
    let commit = value.bytes().any(|b| b.is_ascii_alphabetic()) && hexadecimal(value) && hexadecimal(next);
    (number || commit).then_some(joined)
}

/// A number where it is one, else the text.
pub(super) fn value(printed: &str) -> Value {
    match text::number(printed) {
        Some(number) if number.is_finite() => match printed.parse::<i64>() {
            Ok(whole) => whole.into(),
            Err(_) => number.into(),
        },
        _ => printed.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [&str; 4] = [
        "producer-metrics:batch-size-avg:{client-id=perf-producer-client}      : 6734.127",
        "producer-metrics:connections:{client-id=p, cipher=TLS_AES, protocol=TLSv1.3} : 3",
        "app-info:commit-id:{client-id=perf-producer-client}     : 79a8f2b5f44f9d5a",
        "producer-topic-metrics:byte-rate:{client-id=p, topic=a.b}: NaN",
    ];

    #[test]
    fn rows_are_read_whole_and_in_two_parts() {
        for line in ROWS {
            let Parsed::Whole((name, printed), _) = row(line) else { panic!("{line}") };
            assert!(name.ends_with('}') && line.ends_with(&printed), "{name} {printed}");
            let value_at = line.len() - printed.len();
            for cut in 8..value_at {
                let (a, b) = (line[..cut].trim(), line[cut..].trim());
                if !a.contains("-metrics") && a != "app-info:commit-id:" && !a.contains('{') {
                    continue;
                }
                assert_eq!(row(a), Parsed::Cut, "{a}");
                let Parsed::Whole((joined, again), _) = row(&join(a, b)) else { panic!("{a} | {b}") };
                assert_eq!((joined, again), (name.clone(), printed.clone()), "{a} | {b}");
            }
        }
    }

    #[test]
    fn a_broken_value_is_known_by_its_decimals() {
        assert_eq!(value_goes_on("33554", "432.000").as_deref(), Some("33554432.000"));
        assert_eq!(value_goes_on("0.0", "00").as_deref(), Some("0.000"));
        assert_eq!(value_goes_on("79a8f2", "b5f4").as_deref(), Some("79a8f2b5f4"));
        assert_eq!(value_goes_on("0.000", "12"), None);
        assert_eq!(value_goes_on("3", "4"), None);
        assert_eq!(value_goes_on("0.0", "later"), None);
        assert_eq!(value("3"), 3);
        assert_eq!(value("3,500"), 3.5);
        assert_eq!(value("NaN"), "NaN");
        assert!(is_head("Metric Name                 Value") && !is_head("Metric Names"));
    }

    #[test]
    fn prose_is_no_metric() {
        for line in
            ["mm2-connect: repaired", "re-run: {1}", "http://a-b:80/{x} : 1", "Suite du bench", "a-b:c:d"]
        {
            assert_eq!(row(line), Parsed::No, "{line}");
        }
    }
}
