//! [`Outcome`]: what came of a producing load, and the account that is kept while it runs.

use super::{
    delivery::{Deliveries, Failure, Tally, micros},
    latency::Latency,
    pacing::Schedule,
    producer::{Shared, Spec},
    window::Window,
};
use crate::{record::plain_number, support::text};
use rdkafka::producer::{BaseProducer, Producer};
use std::{
    collections::BTreeMap,
    io,
    sync::atomic::Ordering::Relaxed,
    time::{Duration, SystemTime},
};

/// What ended a load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It was told to stop.
    Cancelled,
    /// Everything was sent and answered.
    Finished,
    /// The cluster refused the first record.
    Refused(String),
    /// No record was delivered any more for longer than `delivery.timeout.ms`.
    Unreachable(String),
}

/// What came of a load.
#[derive(Debug)]
pub struct Outcome {
    /// Records asked for, warm-up not counted; where the rate and the number are free, those that were tried.
    pub asked: u64,
    /// Records that were asked for in a second, where a rate was asked for.
    pub asked_per_s: Option<f64>,
    /// The most records that were due and not answered at one moment.
    pub backlog_max: u64,
    /// How long the client's queue was full, warm-up not counted.
    pub blocked: Duration,
    /// Bytes of the delivered values.
    pub bytes: u64,
    /// What the client said about its connections: kind and how often.
    pub client_errors: BTreeMap<String, u64>,
    /// Records delivered.
    pub delivered: u64,
    /// From the first intended time after the warm-up to the last delivery, at least the schedule's length.
    pub elapsed: Duration,
    /// What ended it.
    pub ended: Ended,
    /// Records that failed.
    pub failed: u64,
    /// Failed records by kind, warm-up included.
    pub failures: BTreeMap<String, Failure>,
    /// Latency from the intended send time.
    pub intended: Latency,
    /// How late the generator itself was, its queue being free.
    pub lag: Latency,
    /// Latency from the send call.
    pub send: Latency,
    /// When it started.
    pub started: SystemTime,
    /// Records that were never answered.
    pub unanswered: u64,
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
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        match self.asked_per_s {
            None => remarks.push(
                "the rate was unlimited: the latencies are queueing in the client for the most part; judge latency \
                 at a capped rate only"
                    .to_owned(),
            ),
            Some(asked) if self.records_per_s() < asked * 0.99 => remarks.push(format!(
                "asked for {} records/s and achieved {}",
                plain_number(asked),
                plain_number(self.records_per_s())
            )),
            Some(_) => {}
        }
        if self.asked_per_s.is_some() && !self.blocked.is_zero() {
            remarks.push(format!(
                "the client's queue was full for {} in all: the cluster, or this client's settings, did not take the \
                 records as fast as they were due",
                text::duration(self.blocked)
            ));
        }
        if let Some(lag) = self.lag.summary().filter(|lag| lag.p99 > LATE_MS) {
            remarks.push(format!(
                "the generator itself was late, its queue being free: 1 % of the records by {} ms or more, one by {} \
                 ms; this machine is too busy or too slow for the rate, and the latencies contain it",
                plain_number(lag.p99),
                plain_number(lag.max)
            ));
        }
        let over = self.intended.over_bound();
        if over > 0 {
            remarks.push(format!("{over} latencies were over one hour; percentiles take them for one hour"));
        }
        for failure in self.failures.values() {
            remarks.push(format!(
                "{} failed, from {} to {} after the start: {}",
                text::plural(usize::try_from(failure.records).unwrap_or(usize::MAX), "record"),
                text::duration(failure.first),
                text::duration(failure.last),
                failure.says
            ));
        }
        if self.unanswered > 0 {
            remarks.push(format!("{} records were never answered", self.unanswered));
        }
        if !self.client_errors.is_empty() {
            let said: Vec<_> =
                self.client_errors.iter().map(|(kind, n)| format!("{kind} {n} times")).collect();
            remarks.push(format!("the client reported {}", said.join(", ")));
        }
        if let Ended::Unreachable(cause) = &self.ended {
            remarks.push(format!(
                "it was ended early: no record was delivered any more for longer than `delivery.timeout.ms`: {cause}"
            ));
        }
        if self.warm_up.0 + self.warm_up.1 > 0 {
            remarks.push(format!(
                "{} records of warm-up before it are in no figure",
                self.warm_up.0 + self.warm_up.1
            ));
        }
        remarks
    }
}

/// A generator that is later than this blurs the latencies that it measures.
const LATE_MS: f64 = 10.0;

/// What only the end tells.
pub(super) struct Facts {
    pub(super) ended: Ended,
    pub(super) lag: Latency,
    pub(super) queued: u64,
    pub(super) started: SystemTime,
}

/// The deliveries' thread's running account.
pub(super) struct Books {
    pub(super) window_start: Duration,
    window: Tally,
    total: Tally,
    blocked_us: u64,
    backlog: u64,
    backlog_max: u64,
    schedule: Schedule,
    planned: Option<u64>,
}

impl Books {
    pub(super) fn new(spec: &Spec, schedule: Schedule) -> Self {
        Self {
            window_start: Duration::ZERO,
            window: Tally::default(),
            total: Tally::default(),
            blocked_us: 0,
            backlog: 0,
            backlog_max: 0,
            schedule,
            planned: planned(spec, schedule).map(|records| records.saturating_add(spec.warm_up)),
        }
    }

    /// Takes the backlog of this moment.
    pub(super) fn look(
        &mut self,
        now: Duration,
        queued: u64,
        producer: &BaseProducer<Deliveries>,
        shared: &Shared,
    ) {
        let answered = self.total.answered() + producer.client().context().answers().window.answered();
        let nanos = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        let due = self.schedule.due(nanos).map(|due| due.min(self.planned.unwrap_or(u64::MAX)));
        let tried = shared.tried.load(Relaxed);
        self.backlog = due.unwrap_or(tried).saturating_sub(answered).max(queued);
        if micros(now) >= shared.measured_from_us.load(Relaxed) {
            self.backlog_max = self.backlog_max.max(self.backlog);
        }
    }

    pub(super) fn close_window(
        &mut self,
        now: Duration,
        queued: u64,
        producer: &BaseProducer<Deliveries>,
        shared: &Shared,
        sink: &mut dyn FnMut(&Window<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        producer.client().context().take_window(&mut self.window);
        self.total.add(&self.window);
        let blocked_us = shared.blocked_us.load(Relaxed);
        let window = Window {
            start: self.window_start,
            length: now.saturating_sub(self.window_start),
            delivered: self.window.delivered,
            bytes: self.window.bytes,
            failed: self.window.failed + self.window.warm_up_failed,
            warm_up: self.window.warm_up_delivered,
            queued,
            backlog: self.backlog,
            blocked: Duration::from_micros(blocked_us - self.blocked_us),
            intended: &self.window.intended,
            send: &self.window.send,
            answered: self.total.answered(),
            total: self.planned,
        };
        (self.blocked_us, self.window_start) = (blocked_us, now);
        sink(&window)
    }

    pub(super) fn outcome(
        self,
        spec: &Spec,
        schedule: Schedule,
        producer: &BaseProducer<Deliveries>,
        shared: &Shared,
        facts: Facts,
    ) -> Outcome {
        let context = producer.client().context();
        let answers = context.answers();
        let tried = shared.tried.load(Relaxed).saturating_sub(spec.warm_up);
        let asked = planned(spec, schedule).unwrap_or(tried);
        let from_us = shared.measured_from_us.load(Relaxed);
        let sent_until_us = match schedule.at(asked.saturating_add(spec.warm_up)) {
            // The last record has its slot of the schedule too, or ten records a second would be done in 0.9 s.
            Some(end) if tried >= asked => end / 1000,
            _ => shared.sent_until_us.load(Relaxed),
        };
        let until_us = answers.last_delivery.map_or(0, micros).max(sent_until_us);
        Outcome {
            asked,
            asked_per_s: schedule.records_per_s(),
            backlog_max: self.backlog_max,
            blocked: Duration::from_micros(
                shared.blocked_us.load(Relaxed) - shared.blocked_before_us.load(Relaxed),
            ),
            bytes: self.total.bytes,
            client_errors: context.voice.counts(),
            delivered: self.total.delivered,
            elapsed: Duration::from_micros(until_us.saturating_sub(from_us)),
            ended: facts.ended,
            failed: self.total.failed,
            failures: answers.failures.clone(),
            intended: self.total.intended,
            lag: facts.lag,
            send: self.total.send,
            started: facts.started,
            unanswered: facts.queued,
            warm_up: (self.total.warm_up_delivered, self.total.warm_up_failed),
        }
    }
}

/// How many records the limits and the schedule make, warm-up not counted; `None` where only the clock ends it.
fn planned(spec: &Spec, schedule: Schedule) -> Option<u64> {
    let within = spec.duration.map(|duration| {
        // From the intended time of the first measured record, which need not be a whole nanosecond after another.
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        schedule.records_within(nanos)
    });
    match (spec.records, within) {
        (records, None) => records,
        (Some(records), Some(Some(within))) => Some(records.min(within)),
        (None, Some(within)) => within,
        (Some(_), Some(None)) => None,
    }
}
