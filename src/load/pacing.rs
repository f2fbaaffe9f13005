//! [`Pacing`]: how fast records are sent, as a value; [`schedule`] makes intended times of it.
//!
//! In a step it is a text (`1000/s`, `10 MB/s`, `unlimited`) or a map with one key (`ramp`, `steps`, `burst`).

use crate::{
    record::{Arg, Said, Speaks, display_by_said, messages, refused},
    support::text,
};
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor},
};
use std::{error::Error, fmt, str::FromStr, time::Duration};

mod parts;
pub mod schedule;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// The longest ramp, step or pause between bursts.
pub const LONGEST: Duration = Duration::from_secs(7 * 86_400);

/// How fast records are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pacing {
    /// So many records at once, again and again.
    Burst {
        /// Records of one burst.
        records: u64,
        /// From one burst to the next.
        every: Duration,
    },
    /// A rate that changes evenly. What is sent after `over` is sent at `to`.
    Ramp {
        /// The rate at the start; it may be 0.
        from: Rate,
        /// The rate at the end.
        to: Rate,
        /// How long the change takes.
        over: Duration,
    },
    /// The same rate all the time.
    Rate(Rate),
    /// One rate after another. What is sent after the last one is sent at its rate.
    Steps(Vec<Stage>),
    /// As fast as the client takes them.
    Unlimited,
}

/// One rate of [`Pacing::Steps`] and how long it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The rate; 0 is a pause.
    #[serde(deserialize_with = "rate_or_pause")]
    pub rate: Rate,
    /// How long the stage lasts.
    #[serde(rename = "for", deserialize_with = "length")]
    pub length: Duration,
}

/// `units` in every `nanos` nanoseconds, both whole, so that no rate drifts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    of: Of,
    units: u64,
    nanos: u64,
}

/// What a rate counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    /// Bytes of record values; the record size turns them into records.
    Bytes,
    Records,
}

/// A pacing that cannot be read.
#[derive(Debug)]
pub struct NotARate(String);

impl Speaks for NotARate {
    fn said(&self) -> Said {
        not_a_rate(&self.0)
    }
}

impl Error for NotARate {}

impl Pacing {
    /// Whether a rate of it counts bytes, so that it depends on the size of the records.
    pub fn counts_bytes(&self) -> bool {
        let bytes = |rate: &Rate| rate.of == Of::Bytes;
        match self {
            Self::Burst { .. } | Self::Unlimited => false,
            Self::Ramp { from, to, .. } => bytes(from) || bytes(to),
            Self::Rate(rate) => bytes(rate),
            Self::Steps(stages) => stages.iter().any(|stage| bytes(&stage.rate)),
        }
    }
}

impl Rate {
    /// So many records per second.
    pub fn records_per_s(records: u64) -> Self {
        Self { of: Of::Records, units: records, nanos: NANOS_PER_SECOND }
    }

    /// Records and the nanoseconds in which so many are due, for records of `record_size` bytes.
    fn records_in_nanos(self, record_size: u64) -> (u128, u128) {
        let size = match self.of {
            Of::Bytes => record_size.max(1),
            Of::Records => 1,
        };
        (u128::from(self.units), u128::from(self.nanos) * u128::from(size))
    }

    /// Reads a rate, 0 included.
    fn parse(text: &str) -> Option<Self> {
        let (amount, time) = text.trim().rsplit_once('/')?;
        let nanos = match time.trim() {
            "s" | "sec" | "second" => NANOS_PER_SECOND,
            "m" | "min" | "minute" => 60 * NANOS_PER_SECOND,
            "h" | "hour" => 3600 * NANOS_PER_SECOND,
            _ => return None,
        };
        let amount = amount.trim().trim_end_matches("records").trim_end_matches("record").trim_end();
        if amount.ends_with(|c: char| c.is_ascii_alphabetic()) {
            Some(Self { of: Of::Bytes, units: text::parse_bytes(amount).ok()?, nanos })
        } else {
            decimal(amount, nanos)
        }
    }
}

/// `12.5` per second is 125 in ten seconds: whole numbers, so that the schedule does not drift.
fn decimal(amount: &str, mut nanos: u64) -> Option<Rate> {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    let digits = format!("{whole}{fraction}").replace('_', "");
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    for _ in 0..fraction.len() {
        nanos = nanos.checked_mul(10)?;
    }
    Some(Rate { of: Of::Records, units: digits.parse().ok()?, nanos })
}

impl FromStr for Rate {
    type Err = NotARate;

    fn from_str(text: &str) -> Result<Self, NotARate> {
        Self::parse(text).filter(|rate| rate.units > 0).ok_or_else(|| NotARate(text.to_owned()))
    }
}

impl FromStr for Pacing {
    type Err = NotARate;

    fn from_str(text: &str) -> Result<Self, NotARate> {
        match text.trim().eq_ignore_ascii_case("unlimited") {
            true => Ok(Self::Unlimited),
            false => text.parse().map(Self::Rate),
        }
    }
}

/// As `1000/s` or `10 MB/s`; 0 where there may be none.
fn rate_or_pause<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Rate, D::Error> {
    let text = String::deserialize(deserializer)?;
    Rate::parse(&text).ok_or_else(|| {
        refused(match text.trim().eq_ignore_ascii_case("unlimited") {
            true => unlimited_unsupported(),
            false => not_a_rate(&text),
        })
    })
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        rate(deserializer)
    }
}

fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Rate, D::Error> {
    rate_or_pause(deserializer).and_then(|rate| match rate.units {
        0 => Err(refused(rate_is_zero())),
        _ => Ok(rate),
    })
}

/// A length of at most [`LONGEST`], in whole microseconds.
fn length<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    /// A number of seconds may be written without quotes.
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Seconds(f64),
        Text(String),
    }
    let text = match Written::deserialize(deserializer)? {
        Written::Seconds(seconds) => seconds.to_string(),
        Written::Text(text) => text,
    };
    let length = text::parse_duration(&text).map_err(refused)?;
    if length < Duration::from_micros(1) || length > LONGEST {
        return Err(refused(length_out_of_range(text, LONGEST)));
    }
    Ok(Duration::from_micros(u64::try_from(length.as_micros()).unwrap_or(u64::MAX)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ramp {
    #[serde(deserialize_with = "rate_or_pause")]
    from: Rate,
    #[serde(deserialize_with = "rate")]
    to: Rate,
    #[serde(deserialize_with = "length")]
    over: Duration,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Burst {
    records: std::num::NonZeroU64,
    #[serde(deserialize_with = "length")]
    every: Duration,
}

struct PacingVisitor;

impl<'de> Visitor<'de> for PacingVisitor {
    type Value = Pacing;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a rate such as `1000/s`, `10 MB/s` or `unlimited`, or a map: \
             `{ramp: {from: 100/s, to: 1000/s, over: 60s}}`, `{steps: [{rate: 1000/s, for: 30s}]}` or \
             `{burst: {records: 500, every: 1s}}`",
        )
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Pacing, E> {
        text.parse().map_err(|fault: NotARate| refused(fault))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pacing, A::Error> {
        const FORMS: &[&str] = &["burst", "ramp", "steps"];
        let form = map.next_key::<String>()?.ok_or_else(|| de::Error::invalid_length(0, &self))?;
        let pacing = match form.as_str() {
            "burst" => {
                let burst: Burst = map.next_value()?;
                Pacing::Burst { records: burst.records.get(), every: burst.every }
            }
            "ramp" => {
                let ramp: Ramp = map.next_value()?;
                Pacing::Ramp { from: ramp.from, to: ramp.to, over: ramp.over }
            }
            "steps" => {
                let stages: Vec<Stage> = map.next_value()?;
                if stages.last().is_none_or(|last| last.rate.units == 0) {
                    return Err(refused(steps_end_at_zero()));
                }
                Pacing::Steps(stages)
            }
            other => {
                return Err(refused(match (other, text::did_you_mean(other, FORMS.iter().copied())) {
                    ("search", _) => unknown_search(other),
                    (_, Some(near)) => unknown_near(other, near),
                    (_, None) => unknown(other),
                }));
            }
        };
        match map.next_key::<String>()? {
            None => Ok(pacing),
            Some(second) => Err(refused(two_forms(form, second))),
        }
    }
}

impl<'de> Deserialize<'de> for Pacing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PacingVisitor)
    }
}

impl Speaks for Rate {
    fn said(&self) -> Said {
        let amount = match self.of {
            Of::Bytes => Arg::bytes(self.units),
            Of::Records => records(self.units).into(),
        };
        match self.nanos / NANOS_PER_SECOND {
            1 => per_s(amount),
            60 => per_min(amount),
            3600 => per_h(amount),
            seconds => per_seconds(amount, seconds),
        }
    }
}

impl Speaks for Stage {
    fn said(&self) -> Said {
        match self.rate.units {
            0 => paused(self.length),
            _ => held(&self.rate, self.length),
        }
    }
}

impl Speaks for Pacing {
    fn said(&self) -> Said {
        match self {
            Self::Burst { records, every } => bursts(records, *every),
            Self::Ramp { from, to, over } => ramp(from, to, *over),
            Self::Rate(rate) => rate.said(),
            Self::Steps(stages) => stages.iter().map(Speaks::said).reduce(then).unwrap_or_default(),
            Self::Unlimited => unlimited_rate(),
        }
    }
}

display_by_said!(NotARate, Pacing, Rate);

// Settings of a load that is on record have these texts, and comparisons hold them against each other.
messages! {
    area "pacing";
    bursts(records, every) => "{records} records at once every {every}" / "{records} enregistrements d'un coup toutes les {every}";
    held(rate, length) => "{rate} for {length}" / "{rate} pendant {length}";
    length_out_of_range(text, longest) => "`{text}` is not from one microsecond to {longest}" / "`{text}` n'est pas compris entre une microseconde et {longest}";
    not_a_rate(text) => "`{text}` is not a rate; write it as `1000/s`, `10 MB/s` or `unlimited`" / "`{text}` n'est pas un débit ; l'écrire comme `1000/s`, `10 MB/s` ou `unlimited`";
    paused(length) => "nothing for {length}" / "rien pendant {length}";
    per_h(amount) => "{amount}/h" / "{amount}/h";
    per_min(amount) => "{amount}/min" / "{amount}/min";
    per_s(amount) => "{amount}/s" / "{amount}/s";
    per_seconds(amount, seconds) => "{amount} every {seconds} s" / "{amount} toutes les {seconds} s";
    ramp(from, to, over) => "from {from} to {to} over {over}" / "un débit croissant de {from} à {to} en {over}";
    rate_is_zero() => "the rate must be above 0 here" / "le débit doit être supérieur à 0 ici";
    records(count) => "{count} records" / "{count} enr.";
    steps_end_at_zero() => "`steps` must end with a rate above 0" / "`steps` doit finir par un débit supérieur à 0";
    then(before, stage) => "{before}, then {stage}" / "{before}, puis {stage}";
    two_forms(one, other) => "a pacing is one of `{one}` and `{other}`, not both" / "une cadence est soit `{one}`, soit `{other}`, pas les deux";
    unknown(form) => "unknown pacing `{form}`; use a rate, `ramp`, `steps` or `burst`" / "cadence `{form}` inconnue ; indiquer un débit, `ramp`, `steps` ou `burst`";
    unknown_near(form, near) => "unknown pacing `{form}`; use a rate, `ramp`, `steps` or `burst`; did you mean `{near}`?" / "cadence `{form}` inconnue ; indiquer un débit, `ramp`, `steps` ou `burst` ; peut-être `{near}` ?";
    unknown_search(form) => "unknown pacing `{form}`; use a rate, `ramp`, `steps` or `burst`; the highest rate that holds is found by the action `capacity`" / "cadence `{form}` inconnue ; indiquer un débit, `ramp`, `steps` ou `burst` ; le débit maximal tenu se cherche avec l'action `capacity`";
    unlimited_rate() => "unlimited rate" / "débit illimité";
    unlimited_unsupported() => "`unlimited` is not supported here: its number of records is unknown" / "`unlimited` n'est pas possible ici : le nombre d'enregistrements serait inconnu";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> Result<Pacing, String> {
        serde_yaml::from_str::<Pacing>(yaml).map_err(|e| e.to_string())
    }

    #[test]
    fn a_pacing_is_read_as_people_write_it_and_shown_in_words() {
        for (yaml, shown) in [
            ("1000/s", "1000 records/s"),
            ("10 MB/s", "10.0 MiB/s"),
            ("0.5/s", "5 records every 10 s"),
            ("90 / min", "90 records/min"),
            ("unlimited", "unlimited rate"),
            (
                "{ramp: {from: 100/s, to: 10000/s, over: 60s}}",
                "from 100 records/s to 10000 records/s over 1 min",
            ),
            ("{ramp: {from: 0/s, to: 1 MB/s, over: 90}}", "from 0 records/s to 1.0 MiB/s over 1 min 30 s"),
            (
                "{steps: [{rate: 1000/s, for: 30s}, {rate: 0/s, for: 5s}, {rate: 10 MB/s, for: 1m}]}",
                "1000 records/s for 30 s, then nothing for 5 s, then 10.0 MiB/s for 1 min",
            ),
            ("{burst: {records: 500, every: 1s}}", "500 records at once every 1 s"),
        ] {
            assert_eq!(read(yaml).unwrap_or_else(|e| panic!("{yaml}: {e}")).to_string(), shown);
        }
    }

    #[test]
    fn a_mistake_is_said_with_what_to_write() {
        for bad in ["\"\"", "fast", "0/s", "0 MB/s", "-1/s", "1000/fortnight", "1e3/s", "/s", "ten/s"] {
            let error = read(bad).unwrap_err();
            assert!(error.contains("`1000/s`"), "{bad}: {error}");
        }
        for (bad, expected) in [
            ("1000", "`1000/s`"),
            ("{}", "`{burst: {records: 500, every: 1s}}`"),
            ("{rmap: {from: 1/s, to: 2/s, over: 1s}}", "did you mean `ramp`?"),
            ("{search: {from: 1/s}}", "the action `capacity`"),
            ("{ramp: {from: 1/s, to: 0/s, over: 1s}}", "above 0"),
            ("{ramp: {from: 1/s, to: unlimited, over: 1s}}", "not supported here"),
            ("{ramp: {from: 1/s, to: 2/s}}", "over"),
            ("{ramp: {from: 1/s, to: 2/s, over: 0s}}", "one microsecond"),
            ("{ramp: {from: 1/s, to: 2/s, over: 60d}}", "not"),
            ("{steps: []}", "end with a rate above 0"),
            ("{steps: [{rate: 1/s, for: 1s}, {rate: 0/s, for: 1s}]}", "end with a rate above 0"),
            ("{steps: [{rate: 1/s, for: 1s, of: 2}]}", "of"),
            ("{burst: {records: 0, every: 1s}}", "0"),
            ("{burst: {records: 1, every: 1s}, steps: []}", "not both"),
        ] {
            let error = read(bad).unwrap_err();
            assert!(error.contains(expected), "{bad}: {error}");
        }
    }
}
