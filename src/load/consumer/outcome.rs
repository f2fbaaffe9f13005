//! [`Outcome`]: what came of reading with a group.

use super::{
    clock::Clock,
    fetches::Total,
    member::{Read, Shared, Tally},
    rebalances::{self, Change, Summary},
    spec::Spec,
};
use crate::{
    load::{
        client::{self, error_counts},
        latency::Latency,
    },
    record::{Said, messages},
};
use std::{collections::BTreeMap, time::Duration};

/// What ended the reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadEnd {
    /// The caller asked for the end.
    Cancelled,
    /// It read as many records, or for as long, as it was to.
    Finished,
    /// No record came for the idle time-out.
    Idle,
    /// The cluster refused the reading.
    Refused(String),
}

/// The result of reading: counts, latencies and what limited it.
#[derive(Debug)]
pub struct Outcome {
    /// Bytes of the values of the records read.
    pub bytes: u64,
    /// Every change of a member's partitions.
    pub changes: Vec<Change>,
    /// The clock that stamped the records.
    pub clock: Clock,
    /// From the first assignment to the last record.
    pub elapsed: Duration,
    /// End-to-end latency of the records that are younger than the assignment.
    pub end_to_end: Latency,
    /// Whether it read as much as it was to, or what stopped it.
    pub ended: ReadEnd,
    /// Errors by kind, of all members.
    pub errors: BTreeMap<String, u64>,
    /// The clients' statistics of fetching, of all members.
    pub fetches: Total,
    /// From the first assignment to the first record.
    pub first_after: Duration,
    /// From the subscription to the first assignment, where there was one.
    pub join: Option<Duration>,
    /// Records behind the ends of the partitions that the group had at the end, or why that cannot be told.
    pub lag: Result<u64, Said>,
    /// The members, in their order.
    pub members: Vec<Read>,
    /// Records older than the assignment.
    pub old: u64,
    /// Partitions of the topic.
    pub partitions: usize,
    /// What the changes come to.
    pub rebalances: Summary,
    /// Number of records read.
    pub records: u64,
}

impl Outcome {
    pub(super) fn of(
        spec: &Spec,
        partitions: usize,
        ended: ReadEnd,
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
    pub fn remarks(&self, asked: Option<u64>, idle_timeout: Duration) -> Vec<Said> {
        let mut remarks = Vec::new();
        if self.ended == ReadEnd::Idle {
            remarks.push(match asked {
                Some(asked) => idle_early(self.records, asked, idle_timeout),
                None => idle(self.records, idle_timeout),
            });
        }
        if self.members.len() > self.partitions {
            remarks.push(members_idle(self.members.len(), self.partitions));
        }
        if self.first_after > Duration::from_secs(1) {
            remarks.push(waited_for_first(self.first_after));
        }
        if self.join.is_some() && self.rebalances.ready.is_none() && self.ended != ReadEnd::Cancelled {
            remarks.push(partitions_elsewhere(self.partitions));
        }
        if self.rebalances.rebalances > 0 || self.rebalances.lost > 0 {
            remarks.push(rebalanced(self.rebalances.rebalances));
        }
        if !self.end_to_end.is_empty()
            && let Some(whose) = self.clock.stamped_by()
        {
            remarks.push(end_to_end_latency(whose));
        }
        let trip = Duration::from_micros(self.fetches.round_trip.min_us);
        remarks.extend(self.clock.remark((!trip.is_zero()).then_some(trip)));
        if self.old > 0 {
            remarks.push(older(self.old));
        }
        if self.clock.negative > 0 {
            remarks.push(from_the_future(self.clock.negative));
        }
        if self.fetches.throttled_ms > 0 {
            remarks.push(throttled_reading(self.fetches.throttled_ms));
        }
        if !self.errors.is_empty() {
            remarks.push(client::reported(error_counts(&self.errors)));
        }
        remarks
    }
}

/// The sum over the partitions that the group had at the end.
fn lag(ended: &ReadEnd, members: &[Read]) -> Result<u64, Said> {
    if !matches!(ended, ReadEnd::Finished | ReadEnd::Idle) {
        return Err(lag_not_asked());
    }
    let known: Vec<_> = members.iter().flat_map(|m| m.lag.values()).collect();
    if known.is_empty() {
        return Err(no_partition_left());
    }
    match known.iter().filter(|lag| lag.is_none()).count() {
        0 => Ok(known.into_iter().flatten().sum()),
        unknown => Err(lag_unknown(unknown)),
    }
}

messages! {
    area "load consumer";
    end_to_end_latency(clock) => "end-to-end latency is this machine's clock, as the client hands a record over, minus the record's timestamp, which has whole milliseconds and is of {clock}; where the clocks of two machines differ, so does the latency" / "la latence de bout en bout est l'horloge de cette machine, quand le client remet l'enregistrement, moins son horodatage, qui est en millisecondes entières et vient de {clock} ; si les horloges de deux machines diffèrent, la latence aussi";
    from_the_future(records) => "{records} {records|record bears|records bear} a time later than this machine's clock and {records|is|are} not in the latency. hint: synchronize the clocks" / "{records} {records|enregistrement porte|enregistrements portent} une heure postérieure à l'horloge de cette machine et {records|n'est|ne sont} pas dans la latence ; synchroniser les horloges";
    idle(records, length) => "it ended after {records} {records|record|records} because none came for {length}" / "terminé après {records} {records|enregistrement|enregistrements}, car aucun n'est arrivé pendant {length}";
    idle_early(records, asked, length) => "it ended after {records} of {asked} records because none came for {length}" / "terminé après {records} enregistrements sur {asked}, car aucun n'est arrivé pendant {length}";
    lag_not_asked() => "it was stopped before the brokers could be asked" / "arrêté avant que les brokers puissent être interrogés";
    lag_unknown(partitions) => "the lag of {partitions} {partitions|partition|partitions} is unknown: the broker did not answer, or nothing was read of {partitions|it|them}" / "le retard sur {partitions} {partitions|partition|partitions} est inconnu : le broker n'a pas répondu, ou rien n'en a été lu";
    members_idle(members, partitions) => "{members} {members|member|members} for {partitions} {partitions|partition|partitions}: a partition has one member of a group, so the others have nothing to read" / "{members} {members|membre|membres} pour {partitions} {partitions|partition|partitions} : une partition a un seul membre d'un groupe, les autres n'ont rien à lire";
    no_partition_left() => "the group had no partition at the end" / "le groupe n'avait aucune partition à la fin";
    older(records) => "{records} {records|record is|records are} older than the group's assignment: {records|it counts|they count} for throughput and not for latency" / "{records} {records|enregistrement est plus ancien|enregistrements sont plus anciens} que l'affectation du groupe : {records|il compte|ils comptent} pour le débit et non pour la latence";
    partitions_elsewhere(partitions) => "not every one of the topic's {partitions} {partitions|partition|partitions} had a member here; another program may be in the group" / "les {partitions} {partitions|partition|partitions} du topic n'avaient pas toutes un membre ici ; un autre programme est peut-être dans le groupe";
    rebalanced(times) => "the group was rebalanced while it read, {times} {times|time|times} for one member; `rebalances.csv` lists every change" / "le groupe a été rééquilibré pendant la lecture, {times} fois pour un membre ; `rebalances.csv` donne chaque changement";
    throttled_reading(ms) => "brokers asked the client to wait up to {ms} ms: a quota limits it, and the throughput is the quota's" / "les brokers ont demandé au client d'attendre jusqu'à {ms} ms : un quota le limite, et le débit est celui du quota";
    waited_for_first(length) => "the first record came {length} after the assignment; the throughput includes that wait" / "le premier enregistrement est arrivé {length} après l'affectation ; le débit comprend cette attente";
}
