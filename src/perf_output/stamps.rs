//! What stands before what somebody typed and around it: [`stamp`], the time as logs, `ts`, syslog and prompts write it;
//! [`unmarked`], without the marks of Markdown and HTML.

use regex::Regex;
use std::sync::LazyLock;

/// How many of the first words are a time, and whether it is one of those that the name of a machine follows (syslog).
pub(super) fn stamp(words: &[&str]) -> (usize, bool) {
    static CLOCK: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"^(\d{1,2}:\d{2}(:\d{2}([.,:]\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?|\d{1,2}h\d{2}(m?\d{2}s?)?)$",
        )
        .expect("the pattern is a constant")
    });
    static DAY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(\d{4}[-/.]\d{2}[-/.]\d{2}|\d{2}[-/.]\d{2}[-/.]\d{2,4})$")
            .expect("the pattern is a constant")
    });
    static BOTH: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"^(\d{4}-\d{2}-\d{2}[T_]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?|\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2})$",
        )
        .expect("the pattern is a constant")
    });
    const MONTHS: &str = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec";
    const WEEKDAYS: &str = "Mon Tue Wed Thu Fri Sat Sun";
    let bare: Vec<&str> = words.iter().map(|word| word.trim_matches(['[', ']', '(', ')'])).collect();
    let bare: Vec<&str> = bare.iter().map(|word| word.strip_suffix(',').unwrap_or(word)).collect();
    let word = |at: usize| bare.get(at).copied().unwrap_or_default();
    let among = |word: &str, words: &str| words.split(' ').any(|other| other == word);
    let is_day_of_month = |word: &str| matches!(word.parse::<u8>(), Ok(1..=31));
    let is_year = |word: &str| word.len() == 4 && word.parse::<u16>().is_ok();
    // UTC, CET, +0100.
    let is_zone = |word: &str| {
        (2..=5).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase())
            || word.len() >= 5
                && word.starts_with(['+', '-'])
                && word[1..].bytes().all(|b| b.is_ascii_digit() || b == b':')
    };
    let weekday = usize::from(among(word(0), WEEKDAYS));
    let (mut count, syslog) = match () {
        () if BOTH.is_match(word(0)) => (1, false),
        () if DAY.is_match(word(0)) && CLOCK.is_match(word(1)) => (2, false),
        () if among(word(weekday), MONTHS)
            && is_day_of_month(word(weekday + 1))
            && CLOCK.is_match(word(weekday + 2)) =>
        {
            (weekday + 3, weekday == 0)
        }
        () if CLOCK.is_match(word(0)) => (1, false),
        () => return (0, false),
    };
    count += usize::from(is_zone(word(count)));
    count += usize::from(weekday == 1 && is_year(word(count)));
    (count.min(words.len()), syslog)
}

/// A word without the marks of Markdown and HTML around it.
pub(super) fn unmarked(word: &str) -> &str {
    let mut word = word.trim_matches(['*', '_', '`']);
    while let Some((_, rest)) = word.strip_prefix('<').and_then(|tag| tag.split_once('>')) {
        word = rest;
    }
    if word.ends_with('>')
        && let Some(tag) = word.find("</")
    {
        word = &word[..tag];
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_known_in_the_forms_that_programs_write() {
        for (text, rest, syslog) in [
            ("2024-02-22 17:44:31,260 $", "$", false),
            ("2024-02-22 17:44:31.260123 +0100 x", "x", false),
            ("[2024-02-22 17:44:31,260] $", "$", false),
            ("2024-02-22T17:44:31Z x", "x", false),
            ("[2024-02-22T17:44:31.123+01:00] +", "+", false),
            ("22/02/2024 17:44:31 x", "x", false),
            ("[22/Feb/2024:17:44:31 +0100] x", "x", false),
            ("Feb 22 17:44:31 bench x", "bench x", true),
            ("Thu Feb 22 17:44:31 CET 2024 $", "$", false),
            ("17:44:31.260 UTC x", "x", false),
            ("17:44 x", "x", false),
            ("22 February x", "22 February x", false),
            ("May be x", "May be x", false),
            ("2024-02-22 x", "2024-02-22 x", false),
        ] {
            let words: Vec<&str> = text.split(' ').collect();
            let (count, of_syslog) = stamp(&words);
            assert_eq!((words[count..].join(" ").as_str(), of_syslog), (rest, syslog), "{text}");
        }
    }
}
