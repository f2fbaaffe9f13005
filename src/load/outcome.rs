//! [`Outcome`]: what came of a producing load, and the account that is kept while it runs.

use super::{
    bits::Bits,
    client::{self, Voice, error_counts},
    delivery::{Failure, Share, Tally, micros},
    latency::Latency,
    producer::spec::{CATCH_UP_PACE, STALL},
    raw::Client,
    sender::{Plan, Sent, Shared},
    statistics::Statistics,
    window::Window,
};
use crate::record::{Said, messages};
use std::{
    collections::BTreeMap,
    io,
    time::{Duration, SystemTime},
};

/// Why a load ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendEnd {
    /// The caller asked for the end.
    Cancelled,
    /// Everything was sent and answered.
    Finished,
    /// The cluster refused the first record.
    Refused(String),
    /// No record was delivered any more for longer than `delivery.timeout.ms`.
    Unreachable(Said),
}

/// The result of a load: counts, latencies and what limited it.
#[derive(Debug)]
pub struct Outcome {
    /// Of each client whose records are stamped its token, and the numbers of the records that the cluster acknowledged,
    /// warm-up included; of transactions those that were committed.
    pub acknowledged: Vec<(u64, Bits)>,
    /// Transactions that were aborted.
    pub aborted: u64,
    /// Records asked for, warm-up not counted; where the rate and the number are free, those that were tried.
    pub asked: u64,
    /// Records that were asked for in a second, where a rate was asked for: on average over the load.
    pub asked_per_s: Option<f64>,
    /// The most records that were due and not answered at one moment.
    pub backlog_max: u64,
    /// How long the client's queue was full, warm-up not counted.
    pub blocked: Duration,
    /// What each broker answered, by id, warm-up included; -1 where none did.
    pub brokers: BTreeMap<i32, Share>,
    /// Bytes of the delivered values.
    pub bytes: u64,
    /// Whether records that a stall made late were sent as fast as the client took them.
    pub catch_up: bool,
    /// What the client said about its connections: kind and how often.
    pub client_errors: BTreeMap<String, u64>,
    /// What commits took, where there were transactions.
    pub commits: Latency,
    /// Number of records that were delivered.
    pub delivered: u64,
    /// From the first intended time after the warm-up to the last delivery, at least the schedule's length.
    pub elapsed: Duration,
    /// Whether everything was sent and answered, or what stopped it.
    pub ended: SendEnd,
    /// Number of records that failed.
    pub failed: u64,
    /// Failed records by kind, warm-up included.
    pub failures: BTreeMap<String, Failure>,
    /// Latency from the intended send time.
    pub intended: Latency,
    /// How late the generator itself was, its queue being free.
    pub lag: Latency,
    /// What each partition got, by number, warm-up included.
    pub partitions: Vec<Share>,
    /// Latency from the send call.
    pub send: Latency,
    /// Wall-clock time of the start.
    pub started: SystemTime,
    /// What the clients' library said of itself.
    pub statistics: Statistics,
    /// How late records were sent at most, for whatever reason.
    pub stalled: Duration,
    /// Records that were never answered.
    pub unanswered: u64,
    /// Records that were due before the end of the load's time and could not be sent in it; of a load that was told to
    /// stop, those that were due when it sent its last record.
    pub unsent: u64,
    /// Records of the warm-up delivered, and failed.
    pub warm_up: (u64, u64),
}

impl Outcome {
    /// Delivered records per second.
    #[expect(clippy::cast_precision_loss, reason = "shown to a few digits")]
    pub fn records_per_s(&self) -> f64 {
        self.delivered as f64 / self.elapsed.as_secs_f64()
    }

    /// What a reader must know beside the figures.
    pub fn remarks(&self) -> Vec<Said> {
        let mut remarks = Vec::new();
        match self.asked_per_s {
            None => remarks.push(unlimited()),
            Some(asked) if self.records_per_s() < asked * 0.99 => {
                remarks.push(not_achieved(asked, self.records_per_s()));
            }
            Some(_) => {}
        }
        if self.asked_per_s.is_some() && !self.blocked.is_zero() {
            remarks.push(queue_full(self.blocked));
        }
        if self.asked_per_s.is_some() && self.stalled > STALL {
            let overdue = if self.catch_up { caught_up() } else { caught_up_slowly(CATCH_UP_PACE) };
            remarks.push(late(self.stalled, overdue));
        }
        if self.unsent > 0 {
            remarks.push(unsent(self.unsent, self.asked));
        }
        if let Some(lag) = self.lag.summary().filter(|lag| lag.p99 > LATE_MS) {
            remarks.push(generator_late(lag.p99, lag.max));
        }
        match self.intended.over_bound() {
            0 => {}
            over => remarks.push(over_an_hour(over)),
        }
        if self.aborted > 0 {
            remarks.push(aborted(self.aborted));
        }
        if let Some(throttled) = self.statistics.throttle.max().filter(|ms| *ms > 0.0) {
            remarks.push(throttled_sending(throttled));
        }
        for Failure { records, first, last, says } in self.failures.values() {
            remarks.push(failed(records, *first, *last, says));
        }
        if self.unanswered > 0 {
            remarks.push(unanswered(self.unanswered));
        }
        if !self.client_errors.is_empty() {
            remarks.push(client::reported(error_counts(&self.client_errors)));
        }
        if let SendEnd::Unreachable(cause) = &self.ended {
            remarks.push(ended_early(cause));
        }
        match self.warm_up.0 + self.warm_up.1 {
            0 => {}
            records => remarks.push(warmed_up(records)),
        }
        remarks
    }
}

messages! {
    area "load";
    aborted(count) => "{count} {count|transaction was|transactions were} aborted" / "{count} {count|transaction a été annulée|transactions ont été annulées}";
    caught_up() => "overdue records were sent as fast as the client took them" / "les enregistrements en retard ont été envoyés aussi vite que le client les a pris";
    caught_up_slowly(times) => "overdue records were sent at {times} times the asked rate at most" / "les enregistrements en retard ont été envoyés à au plus {times} fois le débit demandé";
    ended_early(cause) => "ended early: no record was delivered for longer than `delivery.timeout.ms`: {cause}" / "terminé avant l'heure : aucun enregistrement n'a été livré pendant plus de `delivery.timeout.ms` : {cause}";
    failed(records, from, to, cause) => "{records} {records|record|records} failed, from {from} to {to} after the start: {cause}" / "{records} {records|enregistrement|enregistrements} en échec, de {from} à {to} après le début : {cause}";
    generator_late(most, longest) => "the load generator itself was late, with its queue free: 1 % of the records by {most} ms or more, one by {longest} ms; this machine is too busy or too slow for the rate, and the latencies include it" / "le générateur de charge lui-même était en retard, sa file étant libre : 1 % des enregistrements de {most} ms ou plus, l'un de {longest} ms ; cette machine est trop occupée ou trop lente pour ce débit, et les latences le comprennent";
    late(most, overdue) => "records were sent up to {most} later than intended, which is in their latency; {overdue}" / "des enregistrements ont été envoyés jusqu'à {most} après l'instant prévu, ce qui est dans leur latence ; {overdue}";
    not_achieved(asked, achieved) => "asked for {asked} records/s and achieved {achieved}" / "{asked} enr./s demandés, {achieved} obtenus";
    over_an_hour(count) => "{count} {count|latency was|latencies were} over one hour; percentiles count {count|it|them} as one hour" / "{count} {count|latence dépassait une heure ; les percentiles la|latences dépassaient une heure ; les percentiles les} comptent pour une heure";
    queue_full(length) => "the client's queue was full for {length} in all: the cluster, or this client's settings, did not take the records as fast as they were due" / "la file du client a été pleine pendant {length} en tout : le cluster, ou les réglages de ce client, n'ont pas pris les enregistrements au rythme prévu";
    throttled_sending(ms) => "brokers asked the client to wait up to {ms} ms: a quota limits it, and the rate and the latencies are the quota's" / "les brokers ont demandé au client d'attendre jusqu'à {ms} ms : un quota le limite, et le débit et les latences sont ceux du quota";
    unanswered(records) => "{records} {records|record was|records were} never answered" / "{records} {records|enregistrement est resté|enregistrements sont restés} sans réponse";
    unlimited() => "the rate was unlimited: the latencies are mostly queueing in the client; judge latency at a capped rate only" / "le débit était illimité : les latences sont surtout de l'attente dans le client ; ne juger la latence qu'à débit plafonné";
    unsent(records, asked) => "{records} of {asked} records were not sent before the end of the load: what they waited is in no latency, so the percentiles are lower than they would be with them" / "{records} enregistrements sur {asked} n'ont pas été envoyés avant la fin de la charge : leur attente n'est dans aucune latence, et les percentiles sont plus bas qu'avec eux";
    warmed_up(records) => "{records} {records|record|records} of warm-up before it {records|is|are} in no rate and no latency" / "{records} {records|enregistrement|enregistrements} de préchauffage, avant, ne {records|compte|comptent} dans aucun débit ni aucune latence";
}

/// A generator that is later than this blurs the latencies that it measures.
const LATE_MS: f64 = 10.0;

/// What only the end tells.
pub(super) struct Facts {
    pub(super) ended: SendEnd,
    pub(super) sent: Sent,
    pub(super) started: SystemTime,
}

/// The running account of all clients.
pub(super) struct Books<'p> {
    pub(super) window_start: Duration,
    clients: &'p [Client],
    voice: &'p Voice,
    plan: &'p Plan,
    window: Tally,
    total: Tally,
    statistics: Statistics,
    /// What was said since the last window.
    said: Vec<String>,
    blocked_us: u64,
    asked: u64,
    queued: u64,
    backlog: u64,
    backlog_max: u64,
}

impl<'p> Books<'p> {
    pub(super) fn new(plan: &'p Plan, clients: &'p [Client], voice: &'p Voice) -> Self {
        Self {
            window_start: Duration::ZERO,
            clients,
            voice,
            plan,
            window: Tally::default(),
            total: Tally::default(),
            statistics: Statistics::default(),
            said: Vec::new(),
            blocked_us: 0,
            asked: 0,
            queued: 0,
            backlog: 0,
            backlog_max: 0,
        }
    }

    /// Records that were given to the clients and are not answered, as [`Books::look`] saw it.
    pub(super) fn queued(&self) -> u64 {
        self.queued
    }

    /// Takes queue and backlog of this moment.
    pub(super) fn look(&mut self, shared: &Shared) {
        let window: u64 = self.clients.iter().map(|c| c.deliveries().answers().window.answered()).sum();
        let now_us = shared.now_us();
        let answered = self.total.answered() + window;
        self.queued = shared.tried().saturating_sub(answered);
        self.backlog = self.plan.due(now_us).map_or(self.queued, |due| due.saturating_sub(answered));
        if now_us >= shared.measured_from_us() {
            self.backlog_max = self.backlog_max.max(self.backlog);
        }
    }

    pub(super) fn close_window(
        &mut self,
        shared: &Shared,
        sink: &mut dyn FnMut(&Window<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.look(shared);
        self.window.clear();
        self.said.clear();
        for (number, client) in (0..).zip(self.clients) {
            client.deliveries().take_window(&mut self.window);
            let said = std::mem::take(&mut client.deliveries().answers().statistics);
            said.iter().for_each(|json| self.statistics.take(number, json.as_bytes()));
            self.said.extend(said);
        }
        let now_us = shared.now_us();
        let now = Duration::from_micros(now_us);
        self.total.add(&self.window);
        let blocked_us = shared.blocked_us();
        let asked = self.plan.due(now_us);
        let window = Window {
            start: self.window_start,
            length: now.saturating_sub(self.window_start),
            asked: asked.map(|asked| asked - self.asked),
            delivered: self.window.delivered,
            bytes: self.window.bytes,
            failed: self.window.failed + self.window.warm_up_failed,
            warm_up: self.window.warm_up_delivered,
            queued: self.queued,
            in_flight: self.statistics.in_flight(),
            backlog: self.backlog,
            blocked: Duration::from_micros(blocked_us - self.blocked_us),
            intended: &self.window.intended,
            send: &self.window.send,
            answered: self.total.answered(),
            total: self.plan.total,
            statistics: &self.said,
        };
        (self.blocked_us, self.window_start, self.asked) = (blocked_us, now, asked.unwrap_or(0));
        sink(&window)
    }

    pub(super) fn outcome(self, shared: &Shared, facts: Facts) -> Outcome {
        let plan = self.plan;
        let tried = shared.tried().saturating_sub(plan.warm_up);
        let asked = plan.total.map_or(tried, |total| total - plan.warm_up);
        let from_us = shared.measured_from_us();
        // The last record has its slot of the schedule too, or ten records a second would be done in 0.9 s.
        let slots_end_us = plan.at_us(asked.saturating_add(plan.warm_up));
        let sent_until_us = match slots_end_us {
            Some(end) if tried >= asked => end,
            _ => shared.sent_until_us(),
        };
        let mut until_us = sent_until_us;
        let mut acknowledged = Vec::new();
        let mut failures: BTreeMap<String, Failure> = BTreeMap::new();
        let mut partitions: Vec<Share> = Vec::new();
        let mut brokers: BTreeMap<i32, Share> = BTreeMap::new();
        for client in self.clients {
            let mut answers = client.deliveries().answers();
            acknowledged.extend(answers.promised.take().map(|promised| (promised.token, promised.kept)));
            until_us = until_us.max(answers.last_delivery.map_or(0, micros));
            for (kind, failure) in &answers.failures {
                failures
                    .entry(kind.clone())
                    .and_modify(|f| f.add(failure))
                    .or_insert_with(|| failure.clone());
            }
            partitions.resize(answers.partitions.len(), Share::default());
            partitions.iter_mut().zip(&answers.partitions).for_each(|(sum, share)| sum.add(*share));
            answers.brokers.iter().for_each(|(id, share)| brokers.entry(*id).or_default().add(*share));
        }
        let asked_over = slots_end_us.map(|end| Duration::from_micros(end.saturating_sub(from_us)));
        let blocked_us = shared.blocked_us() - facts.sent.blocked_in_warm_up_us;
        let unsent = match facts.ended {
            _ if plan.schedule.is_unlimited() => 0,
            SendEnd::Finished => asked.saturating_sub(tried),
            // What was to come after the stop was not due yet.
            SendEnd::Cancelled | SendEnd::Refused(_) | SendEnd::Unreachable(_) => {
                let due = plan.due(shared.sent_until_us()).unwrap_or(0).saturating_sub(plan.warm_up);
                due.min(asked).saturating_sub(tried)
            }
        };
        Outcome {
            acknowledged,
            aborted: facts.sent.aborted,
            asked,
            asked_per_s: plan.schedule.records_per_s().or_else(|| per_s(asked, asked_over?)),
            backlog_max: self.backlog_max,
            blocked: Duration::from_micros(blocked_us),
            brokers,
            bytes: self.total.bytes,
            catch_up: plan.catch_up,
            client_errors: self.voice.counts(),
            commits: facts.sent.commits,
            delivered: self.total.delivered,
            elapsed: Duration::from_micros(until_us.saturating_sub(from_us)),
            ended: facts.ended,
            failed: self.total.failed,
            failures,
            unanswered: self.queued,
            intended: self.total.intended,
            lag: facts.sent.lag,
            partitions,
            send: self.total.send,
            stalled: Duration::from_micros(facts.sent.late_us),
            started: facts.started,
            statistics: self.statistics,
            unsent,
            warm_up: (self.total.warm_up_delivered, self.total.warm_up_failed),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown and compared to a few digits")]
fn per_s(records: u64, time: Duration) -> Option<f64> {
    (!time.is_zero()).then(|| records as f64 / time.as_secs_f64())
}
