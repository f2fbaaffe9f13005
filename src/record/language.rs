//! [`Language`]: the languages of reports and of the program's sentences, and how numbers, times and durations are
//! written in each.

use super::{decimals::usual_decimals, unit::Unit};
use crate::support::text;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, time::Duration};

/// A language of reports and messages.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// English.
    En,
    /// French.
    Fr,
}

/// There is no report in that language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown language `{0}`; languages: en, fr")]
pub struct UnknownLanguage(String);

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(code: &str) -> Result<Self, UnknownLanguage> {
        Self::ALL.into_iter().find(|l| l.code() == code).ok_or_else(|| UnknownLanguage(code.to_owned()))
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::En, Self::Fr];

    /// Its code, as in `report-2025-12-18.fr.md`.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
        }
    }

    /// What stands between a name and what is said of it.
    pub fn colon(self) -> &'static str {
        match self {
            Self::En => ": ",
            Self::Fr => " : ",
        }
    }

    /// What stands between two sentences in one line.
    pub fn semicolon(self) -> &'static str {
        match self {
            Self::En => "; ",
            Self::Fr => " ; ",
        }
    }

    /// Things that hold commas themselves, one after the other: `a; b`, `a ; b`.
    pub fn list(self, things: &[impl AsRef<str>]) -> String {
        things.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(self.semicolon())
    }

    /// A number with `decimals` decimals and its thousands apart: `1 050,68` with U+202F, or `1,050.68`.
    pub fn number_with(self, value: f64, decimals: usize) -> String {
        let (thousands, point) = match self {
            Self::En => (',', '.'),
            Self::Fr => ('\u{202f}', ','),
        };
        let plain = format!("{:.decimals$}", value.abs());
        let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
        let is_zero = plain.chars().all(|c| matches!(c, '0' | '.'));
        let mut shown = String::new();
        if value < 0.0 && !is_zero {
            shown.push('-');
        }
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                shown.push(thousands);
            }
            shown.push(digit);
        }
        if !part.is_empty() {
            shown.push(point);
            shown.push_str(part);
        }
        shown
    }

    /// A number with its usual decimals: none when whole, else two or more.
    pub fn number(self, value: f64) -> String {
        self.number_with(value, usual_decimals(value))
    }

    /// A whole number of things.
    pub fn count(self, value: usize) -> String {
        #[expect(clippy::cast_precision_loss, reason = "counts of a report stay below 2^53")]
        self.number_with(value as f64, 0)
    }

    /// A written number with its unit.
    pub fn with_unit(self, number: &str, unit: Unit) -> String {
        let symbol = match unit {
            Unit::Bytes if self == Self::Fr => "o",
            Unit::RecordsPerSecond if self == Self::Fr => "enr./s",
            unit => unit.symbol(),
        };
        match (symbol, self) {
            ("", _) => number.to_owned(),
            (symbol, Self::En) => format!("{number} {symbol}"),
            (symbol, Self::Fr) => format!("{number}\u{202f}{symbol}"),
        }
    }

    /// A size with its unit: `1.5 KiB`, `1,5 Kio`.
    pub fn size(self, bytes: u64) -> String {
        let english = text::bytes(bytes);
        match self {
            Self::En => english,
            Self::Fr => {
                english.replace('.', ",").replace("iB", "io").replace(" B", " o").replace(' ', "\u{202f}")
            }
        }
    }

    /// A duration with its two greatest units: `3 min 20 s`.
    pub fn duration(self, duration: Duration) -> String {
        let shown = text::duration(duration);
        match self {
            Self::En => shown,
            Self::Fr => shown.replace('.', ",").replace(" d", " j"),
        }
    }

    /// The time between two moments, `0 ms` when the clock went back.
    pub fn between(self, from: Timestamp, to: Timestamp) -> String {
        self.duration(Duration::try_from(to.duration_since(from)).unwrap_or_default())
    }

    /// A day: `2025-12-18`, or `18/12/2025`.
    pub fn day(self, day: Date) -> String {
        day.strftime(match self {
            Self::En => "%Y-%m-%d",
            Self::Fr => "%d/%m/%Y",
        })
        .to_string()
    }

    /// A day, or the first and the last of several.
    pub fn days(self, from: Date, to: Date) -> String {
        match (from == to, self) {
            (true, _) => self.day(to),
            (false, Self::En) => format!("{} to {}", self.day(from), self.day(to)),
            (false, Self::Fr) => format!("{} au {}", self.day(from), self.day(to)),
        }
    }

    /// A moment in `zone`, to the minute.
    pub fn minute(self, at: Timestamp, zone: &TimeZone) -> String {
        let at = at.to_zoned(zone.clone());
        format!("{} {}", self.day(at.date()), at.strftime("%H:%M"))
    }

    /// A moment in `zone`, to the second.
    pub fn moment(self, at: Timestamp, zone: &TimeZone) -> String {
        let at = at.to_zoned(zone.clone());
        format!("{} {}", self.day(at.date()), at.strftime("%H:%M:%S"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_language() {
        assert_eq!(Language::Fr.number(1050.68), "1\u{202f}050,68");
        assert_eq!(Language::En.number(1050.68), "1,050.68");
        assert_eq!(Language::Fr.number(1_800_000.0), "1\u{202f}800\u{202f}000");
        assert_eq!(Language::En.number(-0.000_000_000_01), "0.000000000");
        assert_eq!(Language::En.number(-12_345.5), "-12,345.5");
        assert_eq!(Language::Fr.number(0.5), "0,5");
    }

    #[test]
    fn durations_follow_the_language() {
        assert_eq!(Language::Fr.duration(Duration::from_millis(2500)), "2,5 s");
        assert_eq!(Language::Fr.duration(Duration::from_secs(3 * 86_400)), "3 j");
    }
}
