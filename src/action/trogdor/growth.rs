//! [`Growth`]: how fast a sum of offsets grows, from samples. Trogdor tells no times, so this is how they are had.

use crate::record::{Said, messages};
use std::time::{Duration, Instant};

/// The shortest time over which a rate is told.
const SHORTEST: Duration = Duration::from_secs(2);

/// What the cluster tells, with its time since `begun`: it is of some moment between the question and the answer.
pub(in crate::action) async fn timed<T>(
    begun: Instant,
    ask: impl Future<Output = Option<T>>,
) -> Option<(Duration, T)> {
    let asked = Instant::now();
    let told = ask.await?;
    Some((asked.duration_since(begun) + asked.elapsed() / 2, told))
}

/// Samples of a sum that only grows, in constant memory.
#[derive(Debug, Clone, Default)]
pub(in crate::action) struct Growth {
    base: u64,
    /// The first sample in which it had grown.
    first: Option<(Duration, u64)>,
    /// The latest sample in which it had grown, and the one of that kind before it.
    last: Option<(Duration, u64)>,
    before_last: Option<(Duration, u64)>,
}

impl Growth {
    /// From that sum on.
    pub(in crate::action) fn from(base: u64) -> Self {
        Self { base, ..Self::default() }
    }

    /// Takes a sample, seen at that time since the start of all.
    pub(in crate::action) fn see(&mut self, at: Duration, sum: u64) {
        if sum > self.last.map_or(self.base, |(_, before)| before) {
            self.first = self.first.or(Some((at, sum)));
            self.before_last = self.last;
            self.last = Some((at, sum));
        }
    }

    /// By how much it has grown.
    pub(in crate::action) fn total(&self) -> u64 {
        self.last.map_or(0, |(_, sum)| sum.saturating_sub(self.base))
    }

    /// When it grew last.
    pub(in crate::action) fn last_at(&self) -> Option<Duration> {
        self.last.map(|(at, _)| at)
    }

    /// From the first to the last sample in which it had grown.
    pub(in crate::action) fn length(&self) -> Option<Duration> {
        Some(self.last?.0.saturating_sub(self.first?.0)).filter(|length| !length.is_zero())
    }

    /// How much a second between the first sample in which it had grown and the last but one: at both it was in full
    /// course, whereas it began and ended somewhere between two samples. `None` where that is shorter than 2 s.
    #[expect(clippy::cast_precision_loss, reason = "shown to a few digits")]
    pub(in crate::action) fn per_second(&self) -> Option<f64> {
        let ((begun, low), (ended, high)) = (self.first?, self.before_last?);
        let length = ended.saturating_sub(begun);
        (length >= SHORTEST).then(|| high.saturating_sub(low) as f64 / length.as_secs_f64())
    }
}

/// Why there is no rate.
pub(in crate::action) fn too_short() -> Said {
    grew_too_shortly(SHORTEST)
}

messages! {
    area "growth";
    grew_too_shortly(least) => "the offsets grew for less than {least} between the first sample and the last but one" / "les offsets ont crû pendant moins de {least} entre le premier relevé et l'avant-dernier";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_growth_has_its_rate_wherever_it_begins_and_ends_between_samples() {
        for offset in [0_u64, 130, 370, 499] {
            let mut growth = Growth::from(77);
            for sample in 0..=30_u64 {
                let ms = sample * 500;
                // 1000 a second from 1 s + offset on, for 10 s.
                let records = ms.saturating_sub(1000 + offset).min(10_000);
                growth.see(Duration::from_millis(ms), 77 + records);
            }
            assert_eq!(growth.total(), 10_000);
            assert!((growth.per_second().unwrap() - 1000.0).abs() < 1e-9, "{offset}: {growth:?}");
            let length = growth.length().unwrap().as_secs_f64();
            assert!((9.5..=10.5).contains(&length), "{offset}: {length}");
        }
    }

    #[test]
    fn a_stall_counts_and_a_short_growth_has_no_rate() {
        let mut stalled = Growth::from(0);
        for (s, sum) in [(1, 1000), (2, 2000), (3, 2000), (4, 2000), (5, 3000), (6, 3500)] {
            stalled.see(Duration::from_secs(s), sum);
        }
        assert_eq!(stalled.per_second(), Some(500.0));
        assert_eq!(stalled.last_at(), Some(Duration::from_secs(6)));
        let mut short = Growth::from(0);
        short.see(Duration::from_secs(1), 10_000);
        assert_eq!((short.per_second(), short.length(), short.total()), (None, None, 10_000));
        assert_eq!(Growth::from(5).total(), 0);
    }
}
