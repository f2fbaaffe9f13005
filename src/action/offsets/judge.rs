//! What a group's offsets on both clusters mean for a consumer that goes on at the target. Pure.

use crate::load::positions::{Place, ReadRecord};
use std::cmp::Ordering;

/// A group and a partition that it has an offset of on the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) group: String,
    /// The topic's name on the source.
    pub(super) topic: String,
    pub(super) partition: i32,
    /// The committed offset on the source: of the next record to read.
    pub(super) committed: i64,
    /// First offset and end on the source.
    pub(super) source: (i64, i64),
    /// First offset and end on the target; none where the topic is not there.
    pub(super) target: Option<(i64, i64)>,
    /// Source and target offset of the newest checkpoint.
    pub(super) checkpoint: Option<(i64, i64)>,
    /// The committed offset on the target.
    pub(super) there: Option<i64>,
    /// Whether the group has members on the target: MirrorMaker 2 then writes no offsets.
    pub(super) active: bool,
    /// What the offset syncs tell of the partition.
    pub(super) syncs: Syncs,
    /// The record that it would read next on the source.
    pub(super) source_record: Option<ReadRecord>,
    /// The record that it would read next on the target.
    pub(super) target_record: Option<ReadRecord>,
    /// Where the next record to read lies on the target.
    pub(super) place: Option<Place>,
}

/// What the offset syncs tell of one partition and one offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syncs {
    /// The topic of the syncs is on neither cluster, or could not be read.
    Unavailable,
    /// It has none of the partition.
    None,
    /// The first one is behind the group's offset.
    Later(i64),
    /// The nearest one before or at the group's offset: offset on the source.
    Nearest(i64),
}

/// Why a row is as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    /// Nothing is wrong.
    Exact,
    /// The topic is not on the target.
    NoTopic,
    /// There is no topic with offset syncs.
    NoSyncs,
    /// No offset sync of this partition was written yet.
    NoSyncYet,
    /// The group stands before the first offset sync that is left.
    SyncsLater,
    /// Offset syncs are there, and no checkpoint of this group and partition.
    NoCheckpoint,
    /// The group has members on the target, so its translated offset is not written.
    Active,
    /// The group's offset on the target is beyond what the newest checkpoint says: somebody else committed it.
    BeyondCheckpoint,
    /// The group was put back on the source; MirrorMaker 2 never puts it back on the target.
    Rewound,
    /// The translation itself points behind the record.
    Translation,
    /// The offset is beyond the end of the target's partition.
    BeyondEnd,
    /// The newest checkpoint was made of an earlier offset.
    CheckpointBehind,
    /// The nearest offset sync is before the group's offset (`offset.lag.max`).
    OffsetLag,
    /// The offset on the target was not brought to the newest checkpoint yet.
    CommitBehind,
    /// The record could not be found on the target.
    NotFound,
    /// Several records are equal in everything.
    Equal,
}

impl Reason {
    /// The word for it in tables.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::NoTopic => "topic-not-on-target",
            Self::NoSyncs => "no-offset-syncs",
            Self::NoSyncYet => "no-offset-sync-yet",
            Self::SyncsLater => "before-first-offset-sync",
            Self::NoCheckpoint => "no-checkpoint",
            Self::Active => "active-on-target",
            Self::BeyondCheckpoint => "beyond-checkpoint",
            Self::Rewound => "rewound-on-source",
            Self::Translation => "translated-too-far",
            Self::BeyondEnd => "beyond-end",
            Self::CheckpointBehind => "checkpoint-behind",
            Self::OffsetLag => "offset-sync-behind",
            Self::CommitBehind => "commit-behind-checkpoint",
            Self::NotFound => "record-not-found",
            Self::Equal => "equal-records",
        }
    }
}

/// What would happen to one group at one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It has no offset on the target: `auto.offset.reset` decides.
    Untranslated,
    /// It cannot be told.
    Unknown,
    /// It goes on, and this many records are missed or read again; at most one of the two is not 0.
    GoesOn {
        /// Offsets of the target between the first record that was not read and the place where it goes on.
        skip: u64,
        /// Offsets of the target between the place where it goes on and the first record that was not read.
        repeat: u64,
    },
}

impl Row {
    /// Where the group would go on: at its committed offset, or else at the checkpoint's.
    pub(super) fn start(&self) -> Option<i64> {
        self.there.or(self.checkpoint.map(|(_, downstream)| downstream))
    }

    /// How the committed offset on the target compares with the newest checkpoint; `None` if one of them is missing.
    pub(super) fn against_checkpoint(&self) -> Option<Ordering> {
        Some(self.there?.cmp(&self.checkpoint?.1))
    }

    /// Whether there is anything that could be translated.
    pub(super) fn is_empty(&self) -> bool {
        self.source.0 >= self.source.1
    }

    /// Whether the place where it would go on is beyond the end of the target's partition.
    pub(super) fn beyond_end(&self) -> bool {
        self.target.zip(self.start()).is_some_and(|((_, end), start)| start > end)
    }

    /// What would happen.
    pub(super) fn verdict(&self) -> Verdict {
        let (Some(start), Some((begin, _))) = (self.start(), self.target) else {
            return Verdict::Untranslated;
        };
        // What was deleted there is not read: it begins with the first record that is left.
        let start = start.max(begin);
        let distance = |more: i64, less: i64| u64::try_from(more.saturating_sub(less)).unwrap_or(0);
        let goes_on = |first: i64, last: i64| Verdict::GoesOn {
            skip: distance(start, last),
            repeat: distance(first, start),
        };
        match self.place {
            Some(Place::Copied { first, last, certain }) if certain || start <= first || start > last => {
                goes_on(first, last)
            }
            Some(Place::NotYet(end)) => goes_on(end, end),
            Some(Place::Copied { .. } | Place::Unknown(_)) | None => Verdict::Unknown,
        }
    }

    /// Why it is so.
    pub(super) fn reason(&self) -> Reason {
        let checkpoint_behind = self.checkpoint.is_some_and(|(upstream, _)| upstream < self.committed);
        match self.verdict() {
            _ if self.target.is_none() => Reason::NoTopic,
            Verdict::Untranslated => match self.syncs {
                Syncs::Unavailable => Reason::NoSyncs,
                Syncs::None => Reason::NoSyncYet,
                Syncs::Later(_) => Reason::SyncsLater,
                Syncs::Nearest(_) => Reason::NoCheckpoint,
            },
            Verdict::Unknown if matches!(self.place, Some(Place::Copied { .. })) => Reason::Equal,
            Verdict::Unknown => Reason::NotFound,
            _ if self.beyond_end() => Reason::BeyondEnd,
            Verdict::GoesOn { skip: 0, repeat: 0 } => Reason::Exact,
            _ if self.checkpoint.is_none() && !self.active => match self.syncs {
                Syncs::Unavailable => Reason::NoSyncs,
                Syncs::None => Reason::NoSyncYet,
                Syncs::Later(_) | Syncs::Nearest(_) => Reason::NoCheckpoint,
            },
            Verdict::GoesOn { skip: 0, .. } => match (self.there, self.checkpoint) {
                (Some(there), Some((_, downstream))) if there < downstream && self.active => Reason::Active,
                (Some(there), Some((_, downstream))) if there < downstream => Reason::CommitBehind,
                _ if checkpoint_behind && self.sync_distance() == Some(0) => Reason::CheckpointBehind,
                (None, _) if self.active => Reason::Active,
                _ => Reason::OffsetLag,
            },
            Verdict::GoesOn { .. } => match (self.there, self.checkpoint) {
                (Some(there), Some((_, downstream))) if there > downstream => Reason::BeyondCheckpoint,
                (_, Some((upstream, _))) if upstream > self.committed => Reason::Rewound,
                _ => Reason::Translation,
            },
        }
    }

    /// Records from the nearest offset sync to the group's offset.
    fn sync_distance(&self) -> Option<i64> {
        match self.syncs {
            Syncs::Nearest(upstream) => Some(self.committed - upstream),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::positions::Why;
    use proptest::prelude::*;

    fn row(there: Option<i64>, checkpoint: Option<(i64, i64)>, place: Place) -> Row {
        Row {
            group: "g".into(),
            topic: "t".into(),
            partition: 0,
            committed: 500,
            source: (0, 1000),
            target: Some((0, 1000)),
            checkpoint,
            there,
            active: false,
            syncs: Syncs::Nearest(450),
            source_record: None,
            target_record: None,
            place: Some(place),
        }
    }

    fn at(offset: i64) -> Place {
        Place::Copied { first: offset, last: offset, certain: true }
    }

    fn told(row: &Row) -> (Verdict, &'static str) {
        (row.verdict(), row.reason().word())
    }

    fn goes_on(skip: u64, repeat: u64) -> Verdict {
        Verdict::GoesOn { skip, repeat }
    }

    #[test]
    fn what_is_skipped_or_repeated_is_counted_with_its_reason() {
        let checkpoint = Some((500, 451));
        assert_eq!(told(&row(Some(500), Some((500, 500)), at(500))), (goes_on(0, 0), "exact"));
        assert_eq!(told(&row(Some(451), checkpoint, at(500))), (goes_on(0, 49), "offset-sync-behind"));
        assert_eq!(told(&row(Some(400), checkpoint, at(500))), (goes_on(0, 100), "commit-behind-checkpoint"));
        assert_eq!(told(&row(Some(600), checkpoint, at(500))), (goes_on(100, 0), "beyond-checkpoint"));
        assert_eq!(told(&row(Some(600), Some((600, 600)), at(500))), (goes_on(100, 0), "rewound-on-source"));
        assert_eq!(told(&row(Some(600), Some((500, 600)), at(500))), (goes_on(100, 0), "translated-too-far"));
        assert_eq!(told(&row(Some(1100), checkpoint, at(1000))), (goes_on(100, 0), "beyond-end"));
        assert_eq!(
            told(&row(Some(900), checkpoint, Place::NotYet(1000))),
            (goes_on(0, 100), "offset-sync-behind")
        );
        assert_eq!(told(&row(Some(600), None, at(500))), (goes_on(100, 0), "no-checkpoint"));
        assert_eq!(told(&row(Some(400), None, at(500))), (goes_on(0, 100), "no-checkpoint"));
        let active = Row { active: true, ..row(Some(400), checkpoint, at(500)) };
        assert_eq!(told(&active), (goes_on(0, 100), "active-on-target"));
    }

    #[test]
    fn a_place_that_is_not_known_is_never_no_skip() {
        let unknown = row(Some(500), None, Place::Unknown(Why::NotFound));
        assert_eq!(told(&unknown), (Verdict::Unknown, "record-not-found"));
        let equal = |start| row(Some(start), None, Place::Copied { first: 495, last: 505, certain: false });
        assert_eq!(told(&equal(500)), (Verdict::Unknown, "equal-records"));
        assert_eq!(equal(495).verdict(), goes_on(0, 0));
        assert_eq!(equal(506).verdict(), goes_on(1, 0));
        // The same record copied twice: it comes again before the second copy, and after it, it does not.
        let twice = |start| row(Some(start), None, Place::Copied { first: 495, last: 505, certain: true });
        assert_eq!(twice(500).verdict(), goes_on(0, 0));
        assert_eq!(twice(507).verdict(), goes_on(2, 0));
    }

    #[test]
    fn without_an_offset_the_syncs_say_why() {
        let none = |syncs| Row { syncs, ..row(None, None, at(500)) };
        for (syncs, word) in [
            (Syncs::Unavailable, "no-offset-syncs"),
            (Syncs::None, "no-offset-sync-yet"),
            (Syncs::Later(700), "before-first-offset-sync"),
            (Syncs::Nearest(400), "no-checkpoint"),
        ] {
            assert_eq!(told(&none(syncs)), (Verdict::Untranslated, word));
        }
        let gone = Row { target: None, ..row(Some(5), None, at(5)) };
        assert_eq!(told(&gone), (Verdict::Untranslated, "topic-not-on-target"));
    }

    proptest! {
        /// Against the model: a consumer that reads the target's log from the start, record by record.
        #[test]
        fn a_consumer_that_goes_on_misses_as_many_as_are_counted(next in 0_i64..60, start in 0_i64..60) {
            let Verdict::GoesOn { skip, repeat } = row(Some(start), None, at(next)).verdict() else {
                return Err(TestCaseError::fail("known"));
            };
            let read: Vec<i64> = (start..60).collect();
            let missed = (next..60).filter(|record| !read.contains(record)).count();
            let again = read.iter().filter(|record| **record < next).count();
            prop_assert_eq!((skip, repeat), (missed as u64, again as u64));
        }
    }
}
