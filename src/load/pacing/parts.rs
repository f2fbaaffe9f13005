//! [`Shape`]: the intended times within one part of a schedule, in whole numbers.
//!
//! Every shape answers two questions that must agree: when record `index` of it is due (rounded down), and how many
//! are due before a time. Records are counted from 0 and times from the start of the part.

/// How records are spread over a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `records` at once in every `nanos`.
    Burst { records: u128, nanos: u128 },
    /// One record in every `nanos / records` nanoseconds.
    Even { records: u128, nanos: u128 },
    /// None.
    Pause,
    /// A rate that changes evenly.
    Ramp(Ramp),
}

/// From one rate to another, both in millionths of a record per second, over so many microseconds.
///
/// After `t` microseconds `from × t + (to − from) × t² / (2 × over)` millionths of a millionth of a record are due:
/// the area below the rate. Both sides of every comparison are multiplied by `2 × over`, so nothing is rounded. The
/// bounds of [`Ramp::new`] keep the products within 127 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ramp {
    from: i128,
    to: i128,
    over_us: i128,
}

const MICROS_PER_SECOND: u128 = 1_000_000;
/// The fastest end of a ramp: a hundred million records per second, far beyond any client.
const FASTEST: u128 = 100_000_000 * MICROS_PER_SECOND;
/// A rate in millionths of a record per second, times a time in microseconds, is this many for one record.
const ONE_RECORD: i128 = 1_000_000_000_000;

impl Shape {
    pub(super) fn at(self, index: u64) -> u64 {
        let index = u128::from(index);
        clamp(match self {
            Self::Burst { records, nanos } => index / records * nanos,
            Self::Even { records, nanos } => index * nanos / records,
            Self::Pause => u128::MAX,
            Self::Ramp(ramp) => ramp.at_us(index) * 1000,
        })
    }

    pub(super) fn before(self, nanos: u64) -> u64 {
        let time = u128::from(nanos);
        clamp(match self {
            Self::Burst { records, nanos } => time.div_ceil(nanos) * records,
            Self::Even { records, nanos } => (time * records).div_ceil(nanos),
            Self::Pause => 0,
            Self::Ramp(ramp) => ramp.before_us(time.div_ceil(1000)),
        })
    }
}

impl Ramp {
    /// Rates as records in nanoseconds. They are kept to a millionth of a record per second.
    pub(super) fn new(from: (u128, u128), to: (u128, u128), over_us: u64) -> Self {
        let micro = |(records, nanos): (u128, u128)| {
            (records.saturating_mul(1_000_000_000 * MICROS_PER_SECOND) / nanos).min(FASTEST)
        };
        let signed = |value: u128| i128::try_from(value).unwrap_or(i128::MAX);
        Self { from: signed(micro(from)), to: signed(micro(to)), over_us: i128::from(over_us) }
    }

    /// What is due after `t` microseconds, in units of one `self.unit()`th of a record.
    fn due(self, t: i128) -> i128 {
        (2 * self.over_us * self.from + (self.to - self.from) * t) * t
    }

    fn unit(self) -> i128 {
        2 * self.over_us * ONE_RECORD
    }

    fn before_us(self, t: u128) -> u128 {
        let due = self.due(i128::try_from(t).unwrap_or(i128::MAX).min(self.over_us));
        due.unsigned_abs().div_ceil(self.unit().unsigned_abs())
    }

    /// The last microsecond at which no more than `index` records are due: a guess in floating point, made exact.
    fn at_us(self, index: u128) -> u128 {
        let wanted = i128::try_from(index).ok().and_then(|index| index.checked_mul(self.unit()));
        let Some(wanted) = wanted.filter(|wanted| *wanted < self.due(self.over_us)) else {
            return self.over_us.unsigned_abs();
        };
        let mut t = self.guess(index).clamp(0, self.over_us);
        while self.due(t) > wanted {
            t -= 1;
        }
        while t < self.over_us && self.due(t + 1) <= wanted {
            t += 1;
        }
        t.unsigned_abs()
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "a guess, made exact by the caller"
    )]
    fn guess(self, index: u128) -> i128 {
        let per_us = |rate: i128| rate as f64 / ONE_RECORD as f64;
        let (from, index) = (per_us(self.from), index as f64);
        let growth = per_us(self.to - self.from) / self.over_us as f64;
        let root = (from * from + 2.0 * growth * index).max(0.0).sqrt();
        if from + root > 0.0 { (2.0 * index / (from + root)) as i128 } else { 0 }
    }
}

/// Times past 584 years and counts past 2^64 are the end of every schedule.
fn clamp(value: u128) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_record_is_due_when_its_time_has_come_and_not_before(
            from in 0u128..200_000, to in 1u128..200_000, over_us in 1_000u64..100_000_000, share in 0u64..1000,
        ) {
            let per_s = |records| (records, 1_000_000_000);
            let ramp = Shape::Ramp(Ramp::new(per_s(from), per_s(to), over_us));
            let in_all = ramp.before(over_us * 1000);
            prop_assert_eq!(u128::from(in_all), ((from + to) * u128::from(over_us)).div_ceil(2_000_000));
            let index = in_all * share / 1000;
            prop_assume!(index < in_all);
            let at = ramp.at(index);
            prop_assert!(at < over_us * 1000, "{at}");
            prop_assert!(ramp.before(at) <= index && ramp.before(at + 1) > index, "{at}");
            prop_assert!(index == 0 || ramp.at(index - 1) <= at);
        }
    }

    #[test]
    fn a_ramp_has_its_records_where_the_area_below_it_says() {
        // From 0 to 1000/s in 10 s: 5000 in all, a quarter of them in the first half.
        let ramp = Shape::Ramp(Ramp::new((0, 1), (1000, 1_000_000_000), 10_000_000));
        assert_eq!(ramp.before(10_000_000_000), 5000);
        assert_eq!(ramp.before(5_000_000_000), 1250);
        assert_eq!(ramp.at(1250), 5_000_000_000);
        assert_eq!(ramp.at(0), 0);
        // Down again, the other three quarters come first.
        let down = Shape::Ramp(Ramp::new((1000, 1_000_000_000), (0, 1), 10_000_000));
        assert_eq!(down.before(5_000_000_000), 3750);
        assert_eq!(down.at(3750), 5_000_000_000);
    }

    #[test]
    fn the_largest_ramp_does_not_overflow() {
        let week = 7 * 86_400 * 1_000_000;
        let ramp = Ramp::new((u128::from(u64::MAX), 1), (u128::from(u64::MAX), 1), week);
        assert_eq!(Shape::Ramp(ramp).before(u64::MAX), 100_000_000 * 7 * 86_400);
        assert_eq!(ramp.at_us(100_000_000), 1_000_000);
        assert_eq!(ramp.at_us(u128::from(u64::MAX)), u128::from(week));
    }
}
