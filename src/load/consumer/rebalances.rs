//! `Rebalances`: what partitions the members of one group were given and had taken away, and when.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// What happened to partitions of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// It was given them.
    Assigned,
    /// They were taken from it without its doing: the group had given it up.
    Lost,
    /// It gave them up for a rebalance.
    Revoked,
}

/// One change of a member's partitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When, since the subscription.
    pub at: Duration,
    /// Number of the group's member whose partitions changed, from 1.
    pub member: usize,
    /// Whether partitions were assigned, revoked or lost.
    pub what: What,
    /// The partitions concerned, in order.
    pub partitions: Vec<i32>,
    /// How many partitions the member has after it.
    pub holds: usize,
}

/// The changes of a whole group in their order.
#[derive(Debug)]
pub(super) struct Rebalances {
    start: Instant,
    log: Mutex<Log>,
}

#[derive(Debug, Default)]
struct Log {
    changes: Vec<Change>,
    held: BTreeMap<usize, BTreeSet<i32>>,
    closed: bool,
}

impl Rebalances {
    /// Times are counted from `start`.
    pub(super) fn since(start: Instant) -> Self {
        Self { start, log: Mutex::default() }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a change; how many partitions the member has after it.
    pub(super) fn note(&self, member: usize, what: What, mut partitions: Vec<i32>) -> usize {
        partitions.sort_unstable();
        let mut log = self.log();
        // Taken inside the lock, so that the times are in the order of the list.
        let at = self.start.elapsed();
        let held = log.held.entry(member).or_default();
        match what {
            What::Assigned => held.extend(&partitions),
            What::Lost | What::Revoked => held.retain(|p| !partitions.contains(p)),
        }
        let holds = held.len();
        if log.closed {
            return holds;
        }
        log.changes.push(Change { at, member, what, partitions, holds });
        holds
    }

    /// When a member was first given a partition, since the subscription.
    pub(super) fn first(&self) -> Option<Duration> {
        let log = self.log();
        log.changes.iter().find(|c| c.what == What::Assigned && !c.partitions.is_empty()).map(|c| c.at)
    }

    /// Ends the recording: members that leave at the end pass partitions on, which is no rebalance of the load.
    pub(super) fn close(&self) -> Vec<Change> {
        let mut log = self.log();
        log.closed = true;
        log.changes.clone()
    }
}

/// What the changes come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The most times that one member was given its partitions again, the first time not counted.
    pub rebalances: u64,
    /// Partitions that were lost, each as often as it was.
    pub lost: u64,
    /// The longest time that one partition, once assigned, had no member; `None` where none was ever assigned.
    pub unassigned: Option<Duration>,
    /// Until every one of the topic's partitions had had a member for the first time.
    pub ready: Option<Duration>,
    /// Members that had a partition at any time.
    pub active: usize,
}

/// Sums up the changes of a reading of `partitions` partitions that ended at `end`.
pub fn summarize(changes: &[Change], partitions: usize, end: Duration) -> Summary {
    let mut assignments: BTreeMap<usize, u64> = BTreeMap::new();
    let mut without: BTreeMap<i32, Option<Duration>> = BTreeMap::new();
    let (mut lost, mut longest, mut ready) = (0, None::<Duration>, None);
    let mut active = BTreeSet::new();
    for change in changes {
        for partition in &change.partitions {
            active.insert(change.member);
            let since = without.entry(*partition).or_default();
            match (change.what, *since) {
                (What::Assigned, gone) => {
                    let gap = gone.map_or(Duration::ZERO, |gone| change.at.saturating_sub(gone));
                    longest = longest.max(Some(gap));
                    *since = None;
                }
                // Another member may have it already: the group gives on what a member lost before that one knows.
                (What::Lost | What::Revoked, None) => *since = Some(change.at),
                (What::Lost | What::Revoked, Some(_)) => {}
            }
        }
        if change.what == What::Assigned {
            *assignments.entry(change.member).or_default() += 1;
        } else if change.what == What::Lost {
            lost += change.partitions.len() as u64;
        }
        if without.len() >= partitions && partitions > 0 {
            ready = ready.or(Some(change.at));
        }
    }
    for gone in without.into_values().flatten() {
        longest = longest.max(Some(end.saturating_sub(gone)));
    }
    Summary {
        rebalances: assignments.values().max().map_or(0, |most| most - 1),
        lost,
        unassigned: longest,
        ready,
        active: active.len(),
    }
}

/// Writes the changes as CSV, a line each.
pub fn write_csv(out: &mut impl Write, changes: &[Change]) -> io::Result<()> {
    writeln!(out, "at_s,member,what,partitions,holds")?;
    for change in changes {
        let what = match change.what {
            What::Assigned => "assigned",
            What::Lost => "lost",
            What::Revoked => "revoked",
        };
        let partitions: Vec<_> = change.partitions.iter().map(ToString::to_string).collect();
        let (at, member, holds) = (change.at.as_secs_f64(), change.member, change.holds);
        writeln!(out, "{at:.3},{member},{what},{},{holds}", partitions.join(" "))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use What::{Assigned, Lost, Revoked};

    fn change(ms: u64, member: usize, what: What, partitions: &[i32]) -> Change {
        Change { at: Duration::from_millis(ms), member, what, partitions: partitions.to_vec(), holds: 0 }
    }

    #[test]
    fn a_group_that_forms_once_has_no_rebalance() {
        let changes = [change(100, 1, Assigned, &[0, 1]), change(105, 2, Assigned, &[2])];
        let found = summarize(&changes, 3, Duration::from_secs(9));
        let ms = Duration::from_millis;
        assert_eq!((found.rebalances, found.lost, found.active), (0, 0, 2));
        assert_eq!((found.unassigned, found.ready), (Some(ms(0)), Some(ms(105))));
    }

    #[test]
    fn the_time_without_a_member_is_that_of_a_partition() {
        let changes = [
            change(100, 1, Assigned, &[0, 1, 2]),
            change(1000, 1, Revoked, &[0, 1, 2]),
            change(1300, 1, Assigned, &[0, 1]),
            change(1350, 2, Assigned, &[2]),
            change(5000, 2, Lost, &[2]),
            change(5600, 1, Revoked, &[0, 1]),
            change(5700, 1, Assigned, &[0, 1]),
        ];
        let found = summarize(&changes, 3, Duration::from_secs(6));
        assert_eq!((found.rebalances, found.lost), (2, 1));
        assert_eq!(found.unassigned, Some(Duration::from_secs(1)), "2 had none from 5 s to the end");
        let early = summarize(&changes[..4], 4, Duration::from_millis(1400));
        assert_eq!((early.unassigned, early.ready), (Some(Duration::from_millis(350)), None));
        assert_eq!(summarize(&[], 3, Duration::from_secs(6)).unassigned, None);
    }

    #[test]
    fn nothing_is_recorded_of_the_leaving() {
        let log = Rebalances::since(Instant::now());
        log.note(1, Assigned, vec![]);
        assert_eq!(log.first(), None, "it was given nothing");
        log.note(2, Assigned, vec![1, 0]);
        assert!(log.first().is_some());
        let changes = log.close();
        log.note(2, Revoked, vec![0, 1]);
        assert_eq!(log.close(), changes);
        assert_eq!((changes[1].holds, &changes[1].partitions[..]), (2, &[0, 1][..]));
        let mut csv = Vec::new();
        write_csv(&mut csv, &changes).unwrap();
        let csv = String::from_utf8(csv).unwrap();
        assert!(csv.lines().nth(2).unwrap().ends_with(",2,assigned,0 1,2"), "{csv}");
    }
}
