//! [`Pacing`]: when each record should be sent, as a value; and [`Schedule`], the intended times that follow from it.
//!
//! The schedule is fixed when the load starts: intended times do not move. After a stall the records that are due
//! are sent as fast as the client takes them, and their latency from the intended time shows how long they waited.
//! That is what corrects coordinated omission: a generator that slows down together with the system under test
//! would measure only the moments in which the system was well.

use crate::support::text;
use serde::{Deserialize, Deserializer, de};
use std::{fmt, str::FromStr};

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// How fast records are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pacing {
    /// So many bytes of record values in a time; the record size turns it into a rate of records.
    BytesRate(Frequency),
    /// So many records in a time.
    Rate(Frequency),
    /// As fast as the client takes them.
    Unlimited,
}

/// `units` in every `nanos` nanoseconds, both whole, so that no rate drifts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frequency {
    units: u64,
    nanos: u64,
}

/// Intended times in nanoseconds since the start. `None` inside means no intention: as soon as it can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule(Option<Step>);

/// One record in every `nanos / records` nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    records: u128,
    nanos: u128,
}

/// A rate that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a rate; write it as `1000/s`, `10 MB/s` or `unlimited`")]
pub struct NotARate(String);

impl Pacing {
    /// The schedule for records of `record_size` bytes.
    pub fn schedule(self, record_size: u64) -> Schedule {
        Schedule(match self {
            Self::BytesRate(bytes) => Some(Step {
                records: u128::from(bytes.units),
                nanos: u128::from(bytes.nanos) * u128::from(record_size.max(1)),
            }),
            Self::Rate(rate) => Some(Step { records: u128::from(rate.units), nanos: u128::from(rate.nanos) }),
            Self::Unlimited => None,
        })
    }
}

impl Schedule {
    /// When record `index` (the first is 0) should be sent, in nanoseconds since the start; `None`: at once.
    pub fn at(self, index: u64) -> Option<u64> {
        self.0.map(|step| clamp(u128::from(index) * step.nanos / step.records))
    }

    /// How many records should have been sent when `nanos` nanoseconds have passed; `None` where nothing is asked.
    pub fn due(self, nanos: u64) -> Option<u64> {
        self.0.map(|step| clamp(u128::from(nanos) * step.records / step.nanos + 1))
    }

    /// How many records are intended before `nanos` nanoseconds have passed.
    pub fn records_within(self, nanos: u64) -> Option<u64> {
        self.0.map(|step| clamp((u128::from(nanos) * step.records).div_ceil(step.nanos)))
    }

    /// The asked rate in records per second.
    #[expect(clippy::cast_precision_loss, reason = "a rate is shown and compared to a few digits")]
    pub fn records_per_s(self) -> Option<f64> {
        self.0.map(|step| step.records as f64 * 1e9 / step.nanos as f64)
    }
}

/// Times past 584 years and counts past 2^64 are the end of the schedule.
fn clamp(value: u128) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

impl FromStr for Pacing {
    type Err = NotARate;

    fn from_str(text: &str) -> Result<Self, NotARate> {
        let fault = || NotARate(text.to_owned());
        let trimmed = text.trim();
        if trimmed.eq_ignore_ascii_case("unlimited") {
            return Ok(Self::Unlimited);
        }
        let (amount, time) = trimmed.rsplit_once('/').ok_or_else(fault)?;
        let nanos = match time.trim() {
            "s" | "sec" | "second" => NANOS_PER_SECOND,
            "m" | "min" | "minute" => 60 * NANOS_PER_SECOND,
            "h" | "hour" => 3600 * NANOS_PER_SECOND,
            _ => return Err(fault()),
        };
        let amount = amount.trim().trim_end_matches("records").trim_end_matches("record").trim_end();
        let pacing = if amount.ends_with(|c: char| c.is_ascii_alphabetic()) {
            Self::BytesRate(Frequency { units: text::parse_bytes(amount).map_err(|_| fault())?, nanos })
        } else {
            Self::Rate(decimal(amount, nanos).ok_or_else(fault)?)
        };
        match pacing {
            Self::Rate(f) | Self::BytesRate(f) if f.units == 0 => Err(fault()),
            pacing => Ok(pacing),
        }
    }
}

/// `12.5` per second is 125 in ten seconds: whole numbers, so that the schedule does not drift.
fn decimal(amount: &str, mut nanos: u64) -> Option<Frequency> {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    let digits = format!("{whole}{fraction}").replace('_', "");
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    for _ in 0..fraction.len() {
        nanos = nanos.checked_mul(10)?;
    }
    Some(Frequency { units: digits.parse().ok()?, nanos })
}

impl<'de> Deserialize<'de> for Pacing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl fmt::Display for Pacing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BytesRate(rate) => {
                write!(f, "{}{}", text::bytes(rate.units), per(rate.nanos))
            }
            Self::Rate(rate) => write!(f, "{} records{}", rate.units, per(rate.nanos)),
            Self::Unlimited => f.write_str("unlimited rate"),
        }
    }
}

fn per(nanos: u64) -> String {
    match nanos / NANOS_PER_SECOND {
        1 => "/s".to_owned(),
        60 => "/min".to_owned(),
        3600 => "/h".to_owned(),
        seconds => format!(" every {seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn schedule(text: &str, record_size: u64) -> Schedule {
        text.parse::<Pacing>().unwrap().schedule(record_size)
    }

    #[test]
    fn a_rate_is_read_as_people_write_it() {
        assert_eq!(schedule("1000/s", 1).records_per_s(), Some(1000.0));
        assert_eq!(schedule("1_000 records/s", 1).records_per_s(), Some(1000.0));
        assert_eq!(schedule("0.5/s", 1).at(1), Some(2 * NANOS_PER_SECOND));
        assert_eq!(schedule("90 / min", 1).records_per_s(), Some(1.5));
        assert_eq!(schedule("10 MB/s", 1024).records_per_s(), Some(10240.0));
        assert_eq!(schedule("unlimited", 1024).at(7), None);
        for bad in ["", "fast", "0/s", "0 MB/s", "-1/s", "1000", "1000/fortnight", "1e3/s", "/s", "ten/s"] {
            let error = bad.parse::<Pacing>().unwrap_err().to_string();
            assert!(error.contains("`1000/s`"), "{bad}: {error}");
        }
    }

    #[test]
    fn three_a_second_does_not_drift_in_a_year() {
        let thirds = schedule("3/s", 1);
        let year = 3 * 365 * 86_400;
        assert_eq!(thirds.at(year), Some(365 * 86_400 * NANOS_PER_SECOND));
        assert_eq!(thirds.at(1), Some(333_333_333));
        assert_eq!(thirds.at(2), Some(666_666_666));
    }

    #[test]
    fn a_length_holds_as_many_records_as_the_rate_says() {
        assert_eq!(schedule("1000/s", 1).records_within(3 * NANOS_PER_SECOND), Some(3000));
        assert_eq!(schedule("3/s", 1).records_within(NANOS_PER_SECOND), Some(3));
        assert_eq!(schedule("1000/s", 1).records_within(0), Some(0));
        assert_eq!(schedule("unlimited", 1).records_within(5), None);
    }

    #[test]
    fn it_reads_back_as_a_person_writes_it() {
        for (text, shown) in
            [("1000/s", "1000 records/s"), ("10 MB/s", "10.0 MiB/s"), ("0.5/s", "5 records every 10 s")]
        {
            assert_eq!(text.parse::<Pacing>().unwrap().to_string(), shown);
        }
    }

    proptest! {
        #[test]
        fn intended_times_rise_and_agree_with_what_is_due(units in 1u64..10_000_000, index in 0u64..1 << 40) {
            let schedule = Pacing::Rate(Frequency { units, nanos: NANOS_PER_SECOND }).schedule(1);
            let at = schedule.at(index).unwrap();
            prop_assert!(schedule.at(index + 1).unwrap() >= at);
            // Rounding down loses less than a nanosecond, hence at most the records of one nanosecond.
            prop_assert!(schedule.due(at + 1).unwrap() > index);
        }
    }
}
