//! [`Clock`]: what the records' timestamps tell about the clock that stamped them, as seen from this machine's.
//!
//! A record arrives after it was stamped. So arrival minus timestamp is never less than the distance of the two clocks,
//! and the least difference of all records bounds it: this machine's clock is ahead by that much at most. A negative
//! difference proves that it is behind. Whole milliseconds, cut down, make the difference larger, never smaller, and
//! keep the bound true. There is no bound on the other side without knowing how long the fastest record took.

use crate::record::{Arg, Said, messages};
use rdkafka::Timestamp;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Counts of timestamps by kind, and the distance of the clocks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Clock {
    /// Records stamped by their producer (`CreateTime`).
    pub create_time: u64,
    /// Records stamped by the broker as it appended them (`LogAppendTime`).
    pub log_append_time: u64,
    /// Records without a timestamp.
    pub unstamped: u64,
    /// Records that bear a time later than this machine's clock at their arrival.
    pub negative: u64,
    /// The least difference of arrival and timestamp in microseconds, over the records that came while they were waited
    /// for.
    pub least_us: Option<i64>,
}

impl Clock {
    /// Counts the timestamp; in milliseconds since 1970, where there is one.
    pub(super) fn count(&mut self, timestamp: Timestamp) -> Option<i64> {
        match timestamp {
            Timestamp::CreateTime(ms) => {
                self.create_time += 1;
                Some(ms)
            }
            Timestamp::LogAppendTime(ms) => {
                self.log_append_time += 1;
                Some(ms)
            }
            Timestamp::NotAvailable => {
                self.unstamped += 1;
                None
            }
        }
    }

    /// Takes the difference of a record that was waited for; its latency, where it is one.
    pub(super) fn difference(&mut self, micros: i64) -> Option<u64> {
        self.least_us = Some(self.least_us.map_or(micros, |least| least.min(micros)));
        let latency = u64::try_from(micros).ok();
        self.negative += u64::from(latency.is_none());
        latency
    }

    /// Takes over what another counted.
    pub(super) fn add(&mut self, other: &Self) {
        self.create_time += other.create_time;
        self.log_append_time += other.log_append_time;
        self.unstamped += other.unstamped;
        self.negative += other.negative;
        self.least_us = match (self.least_us, other.least_us) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }

    /// Whose clock it was, and what the timestamps are called; `None` where no record had one.
    pub fn stamped_by(&self) -> Option<Said> {
        match (self.create_time, self.log_append_time) {
            (0, 0) => None,
            (_, 0) => Some(of_the_producer()),
            (0, _) => Some(of_the_broker()),
            (_, _) => Some(of_both()),
        }
    }

    /// The distance of the clocks in words, with method and bound. `round_trip` is the shortest that the client saw.
    pub(super) fn remark(&self, round_trip: Option<Duration>) -> Option<Said> {
        let (least, whose) = (self.least_us?, self.stamped_by()?);
        #[expect(clippy::cast_precision_loss, reason = "shown to a few digits")]
        let ms = |us: i64| Arg::decimals(us as f64 / 1e3, 1);
        let bound = match least {
            0.. => ahead(ms(least)),
            _ => behind(ms(-least)),
        };
        let bound = match round_trip {
            None => bound,
            Some(trip) => {
                let trip_us = i64::try_from(trip.as_micros()).unwrap_or(i64::MAX / 4);
                // A whole millisecond was cut off the timestamp, at most.
                let (from, to) = (least - trip_us - 1000, least);
                guessed(bound, ms(from), ms(to), Arg::decimals(trip.as_secs_f64() * 1e3, 3))
            }
        };
        Some(distance(whose, bound))
    }
}

messages! {
    area "load clock";
    ahead(ms) => "at most {ms} ms ahead of it" / "au plus en avance de {ms} ms";
    behind(ms) => "behind it by {ms} ms or more" / "en retard de {ms} ms ou plus";
    distance(clock, bound) => "the records bear the time of {clock}; by the least difference of arrival and timestamp this machine's clock is {bound}; no figure is corrected for it" / "les enregistrements portent l'heure de {clock} ; d'après le plus petit écart entre arrivée et horodatage, l'horloge de cette machine est {bound} ; aucune valeur n'en est corrigée";
    guessed(bound, from, to, trip) => "{bound}; from {from} ms to {to} ms ahead, if the fastest record came within the shortest round trip ({trip} ms)" / "{bound} ; en avance de {from} ms à {to} ms, si l'enregistrement le plus rapide est venu dans le plus court aller-retour ({trip} ms)";
    of_both() => "the producer's clock for some records (CreateTime) and the broker's for others (LogAppendTime)" / "l'horloge du producteur pour certains enregistrements (CreateTime) et celle du broker pour d'autres (LogAppendTime)";
    of_the_broker() => "the broker's clock (LogAppendTime)" / "l'horloge du broker (LogAppendTime)";
    of_the_producer() => "the producer's clock (CreateTime)" / "l'horloge du producteur (CreateTime)";
}

/// The wall clock in microseconds since 1970.
pub(in crate::load) fn now_us() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_micros()).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_difference_bounds_the_distance_of_the_clocks() {
        let mut clock = Clock::default();
        assert_eq!(clock.remark(None), None);
        assert_eq!(clock.count(Timestamp::LogAppendTime(5)), Some(5));
        assert_eq!(clock.difference(7000), Some(7000));
        assert_eq!(clock.difference(2500), Some(2500));
        let said = clock.remark(Some(Duration::from_micros(500))).unwrap();
        assert!(
            said.contains("broker's clock (LogAppendTime)") && said.contains("at most 2.5 ms ahead"),
            "{said}"
        );
        assert!(said.contains("from 1.0 ms to 2.5 ms ahead"), "{said}");
    }

    #[test]
    fn a_negative_difference_is_counted_and_is_no_latency() {
        let (mut clock, mut other) = (Clock::default(), Clock::default());
        clock.count(Timestamp::CreateTime(1));
        assert_eq!(clock.difference(900), Some(900));
        other.count(Timestamp::CreateTime(1));
        other.count(Timestamp::NotAvailable);
        assert_eq!(other.difference(-40_000), None);
        clock.add(&other);
        assert_eq!((clock.create_time, clock.unstamped, clock.negative), (2, 1, 1));
        let said = clock.remark(None).unwrap();
        assert!(said.contains("behind it by 40.0 ms or more") && !said.contains("round trip"), "{said}");
    }
}
