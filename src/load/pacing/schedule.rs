//! [`Schedule`]: the intended time of every record, which follows from a [`Pacing`] and the size of the records.
//!
//! The schedule is fixed when the load starts: intended times do not move, whatever the system under test does. That
//! is what corrects coordinated omission. How records that are late are sent is the sender's business
//! ([`crate::load::producer`]); from when they are late is written here.

use super::{
    Pacing, Rate,
    parts::{Ramp, Shape},
};
use std::{sync::Arc, time::Duration};

/// Intended times in nanoseconds since the start. Clones share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// One behind the other; the last one never ends. None: no intention, as soon as it can be sent.
    parts: Arc<[Part]>,
    /// When the pacing ends by itself: after its ramp, or its last step.
    end: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    start: u64,
    first: u64,
    shape: Shape,
}

impl Pacing {
    /// The schedule for records of `record_size` bytes.
    ///
    /// The first `warm_up` records belong to no measurement. Where the pacing has a shape (ramp, steps), they are sent
    /// before it at the rate that it begins with (a ramp from 0: at half its end), so that the whole shape is measured.
    pub fn schedule(&self, record_size: u64, warm_up: u64) -> Schedule {
        let even = |rate: Rate| {
            let (records, nanos) = rate.records_in_nanos(record_size);
            if records == 0 { Shape::Pause } else { Shape::Even { records, nanos } }
        };
        let shapes: Vec<(Shape, Duration)> = match self {
            Self::Burst { records, every } => {
                let shape = Shape::Burst { records: u128::from(*records), nanos: every.as_nanos() };
                return Schedule::endless(shape);
            }
            Self::Rate(rate) => return Schedule::endless(even(*rate)),
            Self::Unlimited => return Schedule { parts: Arc::new([]), end: None },
            Self::Ramp { from, to, over } => {
                let [first, last] = [from, to].map(|rate| rate.records_in_nanos(record_size));
                let over_us = u64::try_from(over.as_micros()).unwrap_or(u64::MAX);
                let before = match first.0 {
                    0 => Shape::Even { records: last.0, nanos: last.1 * 2 },
                    _ => even(*from),
                };
                let ramp = Shape::Ramp(Ramp::new(first, last, over_us));
                vec![(before, Duration::ZERO), (ramp, *over), (even(*to), Duration::ZERO)]
            }
            Self::Steps(stages) => {
                let shapes = stages.iter().map(|stage| (even(stage.rate), stage.length));
                let first = shapes.clone().find(|(shape, _)| *shape != Shape::Pause);
                let last = shapes.clone().next_back();
                let around = |shape: Option<(Shape, _)>| shape.map(|(shape, _)| (shape, Duration::ZERO));
                around(first).into_iter().chain(shapes).chain(around(last)).collect()
            }
        };
        Schedule::of(&shapes, warm_up)
    }
}

impl Schedule {
    fn endless(shape: Shape) -> Self {
        Self { parts: Arc::new([Part { start: 0, first: 0, shape }]), end: None }
    }

    /// The first shape lasts for the warm-up, the last one for ever, and the others as long as they say.
    fn of(shapes: &[(Shape, Duration)], warm_up: u64) -> Self {
        let mut parts = Vec::with_capacity(shapes.len());
        let (mut start, mut first) = (0_u64, 0_u64);
        for (at, (shape, length)) in shapes.iter().enumerate() {
            if at > 0 || warm_up > 0 {
                parts.push(Part { start, first, shape: *shape });
            }
            if at == 0 {
                (start, first) = (shape.at(warm_up), warm_up);
            } else if at + 1 < shapes.len() {
                let nanos = u64::try_from(length.as_nanos()).unwrap_or(u64::MAX);
                first = first.saturating_add(shape.before(nanos));
                start = start.saturating_add(nanos);
            }
        }
        Self { parts: parts.into(), end: Some(start) }
    }

    /// Whether nothing is intended: every record as soon as it can be sent.
    pub fn is_unlimited(&self) -> bool {
        self.parts.is_empty()
    }

    /// When record `index` (the first is 0) should be sent, in nanoseconds since the start; `None`: at once.
    pub fn at(&self, index: u64) -> Option<u64> {
        let part = &self.parts[..self.parts.partition_point(|part| part.first <= index)];
        part.last().map(|part| part.start.saturating_add(part.shape.at(index - part.first)))
    }

    /// How many records are intended before `nanos` nanoseconds have passed; `None` where nothing is asked.
    pub fn before(&self, nanos: u64) -> Option<u64> {
        let begun = &self.parts[..self.parts.partition_point(|part| part.start < nanos)];
        match begun.last() {
            Some(part) => Some(part.first.saturating_add(part.shape.before(nanos - part.start))),
            None => (!self.is_unlimited()).then_some(0),
        }
    }

    /// When the pacing ends by itself, in nanoseconds since the start: after its ramp or its last step.
    pub fn end(&self) -> Option<u64> {
        self.end
    }

    /// The asked rate in records per second, where it is the same all the time.
    #[expect(clippy::cast_precision_loss, reason = "a rate is shown and compared to a few digits")]
    pub fn records_per_s(&self) -> Option<f64> {
        match *self.parts {
            [Part { shape: Shape::Burst { records, nanos } | Shape::Even { records, nanos }, .. }] => {
                Some(records as f64 * 1e9 / nanos as f64)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: u64 = 1_000_000_000;

    fn schedule(yaml: &str, record_size: u64) -> Schedule {
        serde_yaml::from_str::<Pacing>(yaml).unwrap().schedule(record_size, 0)
    }

    #[test]
    fn a_rate_is_what_it_says() {
        assert_eq!(schedule("1000/s", 1).records_per_s(), Some(1000.0));
        assert_eq!(schedule("1_000 records/s", 1).records_per_s(), Some(1000.0));
        assert_eq!(schedule("0.5/s", 1).at(1), Some(2 * SECOND));
        assert_eq!(schedule("90 / min", 1).records_per_s(), Some(1.5));
        assert_eq!(schedule("10 MB/s", 1024).records_per_s(), Some(10240.0));
        assert_eq!(schedule("unlimited", 1024).at(7), None);
        assert_eq!(schedule("unlimited", 1).before(5), None);
    }

    #[test]
    fn three_a_second_does_not_drift_in_a_year() {
        let thirds = schedule("3/s", 1);
        assert_eq!(thirds.at(3 * 365 * 86_400), Some(365 * 86_400 * SECOND));
        assert_eq!((thirds.at(1), thirds.at(2)), (Some(333_333_333), Some(666_666_666)));
    }

    #[test]
    fn a_length_holds_as_many_records_as_the_rate_says() {
        assert_eq!(schedule("1000/s", 1).before(3 * SECOND), Some(3000));
        assert_eq!(schedule("3/s", 1).before(SECOND), Some(3));
        assert_eq!(schedule("1000/s", 1).before(0), Some(0));
    }

    #[test]
    fn steps_follow_each_other_and_the_last_one_goes_on() {
        let steps =
            schedule("{steps: [{rate: 10/s, for: 1s}, {rate: 0/s, for: 2s}, {rate: 100/s, for: 1s}]}", 1);
        assert_eq!(steps.end(), Some(4 * SECOND));
        assert_eq!(steps.at(9), Some(900_000_000));
        assert_eq!(steps.at(10), Some(3 * SECOND), "after the pause");
        assert_eq!(steps.before(2 * SECOND), Some(10));
        assert_eq!(steps.before(4 * SECOND), Some(110));
        assert_eq!(steps.at(110), Some(4 * SECOND));
        assert_eq!(steps.at(210), Some(5 * SECOND));
        assert_eq!(steps.records_per_s(), None);
    }

    #[test]
    fn bursts_come_at_once() {
        let bursts = schedule("{burst: {records: 500, every: 1s}}", 1);
        assert_eq!((bursts.at(0), bursts.at(499), bursts.at(500)), (Some(0), Some(0), Some(SECOND)));
        assert_eq!(
            (bursts.before(1), bursts.before(SECOND), bursts.before(SECOND + 1)),
            (Some(500), Some(500), Some(1000))
        );
        assert_eq!(bursts.records_per_s(), Some(500.0));
    }

    #[test]
    fn a_warm_up_comes_before_the_shape_and_within_a_rate() {
        let with = |yaml: &str, warm_up| serde_yaml::from_str::<Pacing>(yaml).unwrap().schedule(1, warm_up);
        let steps = with("{steps: [{rate: 10/s, for: 1s}, {rate: 100/s, for: 1s}]}", 20);
        assert_eq!(
            (steps.at(20), steps.at(30), steps.end()),
            (Some(2 * SECOND), Some(3 * SECOND), Some(4 * SECOND))
        );
        let ramp = with("{ramp: {from: 0/s, to: 100/s, over: 10s}}", 50);
        assert_eq!(
            (ramp.at(50), ramp.at(550), ramp.end()),
            (Some(SECOND), Some(11 * SECOND), Some(11 * SECOND))
        );
        assert_eq!(ramp.before(11 * SECOND), Some(550));
        assert_eq!(with("10/s", 20).at(20), Some(2 * SECOND));
    }

    fn pacings() -> impl Strategy<Value = Pacing> {
        let rate = || (1u64..5_000_000).prop_map(Rate::records_per_s);
        let length = || (1u64..20_000_000).prop_map(Duration::from_micros);
        let stage = (0u64..100_000, length())
            .prop_map(|(rate, length)| super::super::Stage { rate: Rate::records_per_s(rate), length });
        prop_oneof![
            rate().prop_map(Pacing::Rate),
            (1u64..10_000, length()).prop_map(|(records, every)| Pacing::Burst { records, every }),
            (0u64..1_000_000, rate(), length()).prop_map(|(from, to, over)| Pacing::Ramp {
                from: Rate::records_per_s(from),
                to,
                over
            }),
            (proptest::collection::vec(stage, 0..5), rate(), length()).prop_map(
                |(mut stages, rate, length)| {
                    stages.push(super::super::Stage { rate, length });
                    Pacing::Steps(stages)
                }
            ),
        ]
    }

    proptest! {
        #[test]
        fn intended_times_never_go_back_and_counts_agree(
            pacing in pacings(), warm_up in 0u64..1000, index in 0u64..2_000_000, size in 1u64..10_000,
        ) {
            let schedule = pacing.schedule(size, warm_up);
            let at = schedule.at(index).unwrap();
            prop_assert!(schedule.at(index + 1).unwrap() >= at);
            // Those before it are due before it, and it is due a nanosecond later.
            prop_assert!(schedule.before(at).unwrap() <= index, "{at}");
            prop_assert!(schedule.before(at + 1).unwrap() > index, "{at}");
            if let Some(end) = schedule.end() {
                let within = schedule.before(end).unwrap();
                prop_assert!(within == 0 || schedule.at(within - 1).unwrap() < end);
                prop_assert!(schedule.at(within).unwrap() >= end);
            }
        }
    }
}
