//! [`Clock`]: the time as a record has it, which no setting of the machine's clock can turn back or stretch.

use jiff::{SignedDuration, Timestamp};
use rustix::time::{ClockId, clock_gettime};

/// The time of the machine when it was made, and what has passed since, sleep of the machine included. Times taken from
/// it are as far apart as what happened was.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    at: Timestamp,
    since: SignedDuration,
}

impl Clock {
    /// The machine's time now, or `not_before` where the machine is behind it.
    pub fn not_before(not_before: Option<Timestamp>) -> Self {
        let now = Timestamp::now();
        Self { at: not_before.map_or(now, |earliest| now.max(earliest)), since: passed() }
    }

    /// Returns the time: that of the start, plus what has passed since.
    pub fn now(&self) -> Timestamp {
        self.at.checked_add(passed() - self.since).unwrap_or(self.at)
    }
}

/// What has passed since the machine was started.
fn passed() -> SignedDuration {
    let time = clock_gettime(ClockId::Boottime);
    SignedDuration::new(time.tv_sec, i32::try_from(time.tv_nsec).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_on_from_the_last_record_where_the_machine_is_behind_it() {
        let ahead = Timestamp::now() + SignedDuration::from_hours(240);
        let clock = Clock::not_before(Some(ahead));
        let first = clock.now();
        std::thread::sleep(std::time::Duration::from_millis(5));
        let passed = clock.now().duration_since(first);
        assert!(first >= ahead && passed >= SignedDuration::from_millis(5));
        let now = Clock::not_before(Some(Timestamp::UNIX_EPOCH)).now();
        assert!(now.duration_since(Timestamp::now()).abs() < SignedDuration::from_secs(1));
    }
}
