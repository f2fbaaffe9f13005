//! What earlier looks tell of a partition: [`Memory`]. It finds partitions that stand still, and lag that records copied
//! twice would hide.

use super::look::{Sight, SourcePartition};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// The times that count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    /// How long nothing may be copied while the source grows.
    pub(super) stalled_after: Duration,
}

/// What is known of every partition from earlier looks.
#[derive(Debug, Default)]
pub(super) struct Memory {
    partitions: BTreeMap<(String, i32), Known>,
    looks: u64,
}

#[derive(Debug)]
struct Known {
    /// The copy's position when it last moved.
    position: Option<i64>,
    /// End of the source at that moment.
    end: i64,
    /// Since when the source is beyond that end.
    grown_since: Option<Instant>,
    /// The most records by which the copy was ahead of the source.
    ahead: i64,
}

/// One partition, with what follows from it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) seen: SourcePartition,
    /// The next offset of the source to be copied, as far as the method tells; none where nothing was copied.
    pub(super) position: Option<i64>,
    /// Records that are not copied.
    pub(super) lag: i64,
    /// Records by which the copy is ahead, this look or an earlier one.
    pub(super) ahead: i64,
    /// Records that the source deleted before they were committed.
    pub(super) deleted: Option<i64>,
    /// How far both methods are apart.
    pub(super) apart: Option<i64>,
    /// For how long nothing was copied while the source grew; none with the first look.
    pub(super) still: Option<Duration>,
    pub(super) stalled: bool,
}

impl Memory {
    /// Takes a look in and says what follows from it.
    pub(super) fn take(&mut self, sight: &Sight, now: Instant, times: &Times) -> Vec<Line> {
        self.looks += 1;
        let first = self.looks == 1;
        sight.partitions.iter().map(|seen| self.line(sight, seen, now, times, first)).collect()
    }

    fn line(
        &mut self,
        sight: &Sight,
        seen: &SourcePartition,
        now: Instant,
        times: &Times,
        first: bool,
    ) -> Line {
        let raw_position = if sight.by_connect { seen.committed } else { seen.copy_end };
        let behind = |position: Option<i64>| match position {
            // What was deleted before it was copied can be copied no more.
            None => seen.end - seen.begin,
            Some(at) if sight.by_connect => seen.end - at.max(seen.begin),
            Some(at) => seen.end - at,
        };
        let raw = behind(raw_position);
        let known = self.partitions.entry((seen.topic.clone(), seen.partition)).or_insert(Known {
            position: raw_position,
            end: seen.end,
            grown_since: None,
            ahead: 0,
        });
        if known.position != raw_position {
            (known.position, known.end, known.grown_since) = (raw_position, seen.end, None);
        }
        known.ahead = known.ahead.max(-raw);
        // Offsets of a connector are the source's own: being ahead hides nothing there.
        let lag = if sight.by_connect { raw.max(0) } else { raw + known.ahead };
        if lag > 0 && seen.end > known.end {
            known.grown_since.get_or_insert(now);
        } else {
            known.grown_since = None;
        }
        let still = known.grown_since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        let repeats = if sight.by_connect { 0 } else { known.ahead };
        let by_copy = seen.copy_end.map_or(seen.end - seen.begin, |at| seen.end - at + repeats);
        let by_committed = seen.committed.map_or(seen.end - seen.begin, |at| seen.end - at.max(seen.begin));
        Line {
            seen: seen.clone(),
            position: raw_position.map(|_| seen.end - lag),
            lag,
            ahead: known.ahead,
            deleted: sight.has_committed.then(|| seen.committed.map_or(0, |at| (seen.begin - at).max(0))),
            apart: sight.has_committed.then(|| (by_copy - by_committed).abs()),
            still: (!first).then_some(still),
            stalled: !first && known.grown_since.is_some() && still >= times.stalled_after,
        }
    }
}
