//! [`Outcome`]: what came of reading with a group.

use super::{
    clock::Clock,
    fetches::Total,
    member::{Read, Shared, Tally},
    rebalances::{self, Change, Summary},
    spec::Spec,
};
use crate::{load::latency::Latency, support::text};
use std::{collections::BTreeMap, time::Duration};

/// What ended the reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It was told to stop.
    Cancelled,
    /// It read as many records, or for as long, as it was to.
    Finished,
    /// No record came for the idle time-out.
    Idle,
    /// The cluster says no.
    Refused(String),
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// Bytes of the values.
    pub bytes: u64,
    /// Every change of a member's partitions.
    pub changes: Vec<Change>,
    /// The clock that stamped the records.
    pub clock: Clock,
    /// From the first assignment to the last record.
    pub elapsed: Duration,
    /// End-to-end latency of the records that are younger than the assignment.
    pub end_to_end: Latency,
    /// What ended it.
    pub ended: Ended,
    /// Errors by kind, of all members.
    pub errors: BTreeMap<String, u64>,
    /// The clients' statistics of fetching, of all members.
    pub fetches: Total,
    /// From the first assignment to the first record.
    pub first_after: Duration,
    /// From the subscription to the first assignment, where there was one.
    pub join: Option<Duration>,
    /// Records behind the ends of the partitions that the group had at the end, or why that cannot be told.
    pub lag: Result<u64, String>,
    /// The members, in their order.
    pub members: Vec<Read>,
    /// Records older than the assignment.
    pub old: u64,
    /// Partitions of the topic.
    pub partitions: usize,
    /// What the changes come to.
    pub rebalances: Summary,
    /// Records read.
    pub records: u64,
}

impl Outcome {
    pub(super) fn of(
        spec: &Spec,
        partitions: usize,
        ended: Ended,
        shared: &Shared,
        total: Tally,
        changes: Vec<Change>,
        members: Vec<Read>,
    ) -> Self {
        let assigned = shared.rebalances.first();
        let after = |at: Option<Duration>| {
            at.zip(assigned).map_or(Duration::ZERO, |(at, assigned)| at.saturating_sub(assigned))
        };
        let mut errors: BTreeMap<String, u64> = BTreeMap::new();
        let mut fetches = Total::default();
        for member in &members {
            fetches.merge(&member.fetches);
            for (kind, times) in &member.errors {
                *errors.entry(kind.clone()).or_default() += times;
            }
        }
        let end = shared.last().unwrap_or_default().max(spec.duration.unwrap_or_default());
        Self {
            bytes: total.bytes,
            rebalances: rebalances::summarize(&changes, partitions, end),
            changes,
            clock: total.clock,
            elapsed: after(shared.last()),
            end_to_end: total.end_to_end,
            lag: lag(&ended, &members),
            ended,
            errors,
            fetches,
            first_after: after(shared.first()),
            join: assigned,
            members,
            old: total.old,
            partitions,
            records: total.records,
        }
    }

    /// What a reader must know beside the figures.
    pub fn remarks(&self, asked: Option<u64>, idle_timeout: Duration) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.ended == Ended::Idle {
            let of = asked.map_or_else(String::new, |asked| format!(" of {asked}"));
            remarks.push(format!(
                "it ended after {}{of} records because none came for {}",
                self.records,
                text::duration(idle_timeout)
            ));
        }
        if self.members.len() > self.partitions {
            remarks.push(format!(
                "{} for {}: a partition has one member of a group, so the others have nothing to read",
                text::plural(self.members.len(), "member"),
                text::plural(self.partitions, "partition")
            ));
        }
        if self.first_after > Duration::from_secs(1) {
            remarks.push(format!(
                "the first record came {} after the assignment; the throughput contains that wait",
                text::duration(self.first_after)
            ));
        }
        if self.join.is_some() && self.rebalances.ready.is_none() && self.ended != Ended::Cancelled {
            remarks.push(format!(
                "not every one of the topic's {} had a member here; another program may be in the group",
                text::plural(self.partitions, "partition")
            ));
        }
        if self.rebalances.rebalances > 0 || self.rebalances.lost > 0 {
            remarks.push(format!(
                "the group was rebalanced while it read, {} for one member; `rebalances.csv` has when and what",
                match self.rebalances.rebalances {
                    1 => "once".to_owned(),
                    times => format!("{times} times"),
                }
            ));
        }
        if !self.end_to_end.is_empty()
            && let Some(whose) = self.clock.stamped_by()
        {
            remarks.push(format!(
                "end-to-end latency is this machine's clock, as the client hands a record over, minus the record's \
                 timestamp, which has whole milliseconds and is of {whose}; where the clocks of two machines differ, so \
                 does the latency"
            ));
        }
        let trip = Duration::from_micros(self.fetches.round_trip.min_us);
        remarks.extend(self.clock.remark((!trip.is_zero()).then_some(trip)));
        if self.old > 0 {
            remarks.push(format!(
                "{} records are older than the group's assignment: they count for throughput and not for latency",
                self.old
            ));
        }
        if self.clock.negative > 0 {
            remarks.push(format!(
                "{} records bear a time later than this machine's clock and are not in the latency: set the clocks",
                self.clock.negative
            ));
        }
        if self.fetches.throttled_ms > 0 {
            remarks.push(format!(
                "brokers asked the client to wait up to {} ms: a quota limits it, and the throughput is the quota's",
                self.fetches.throttled_ms
            ));
        }
        if !self.errors.is_empty() {
            let said: Vec<_> = self.errors.iter().map(|(kind, n)| format!("{kind} {n} times")).collect();
            remarks.push(format!("the client reported {}", said.join(", ")));
        }
        remarks
    }
}

/// The sum over the partitions that the group had at the end.
fn lag(ended: &Ended, members: &[Read]) -> Result<u64, String> {
    if !matches!(ended, Ended::Finished | Ended::Idle) {
        return Err("it was ended before the brokers could be asked".to_owned());
    }
    let known: Vec<_> = members.iter().flat_map(|m| m.lag.values()).collect();
    if known.is_empty() {
        return Err("the group had no partition at the end".to_owned());
    }
    match known.iter().filter(|lag| lag.is_none()).count() {
        0 => Ok(known.into_iter().flatten().sum()),
        unknown => Err(format!(
            "of {} it cannot be told how far the group is: the broker did not answer, or nothing was read of it",
            text::plural(unknown, "partition")
        )),
    }
}
